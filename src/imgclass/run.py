"""A run: the whole outcome of one experiment as one value, and its directory on disk."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from imgclass.data.manifest import Manifest, read_manifest, write_manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.errors import DatasetError, MachineError, RunError
from imgclass.evaluation import PREDICTION_COLUMNS, Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.serialization import dump_json, read_json
from imgclass.serving.loading import load_model
from imgclass.serving.prediction import ImageLike, Prediction, predict
from imgclass.training.history import History

FORMAT = 1
MODEL_FILE = "model.keras"


@dataclass(frozen=True, slots=True)
class Run:
    """One experiment's whole outcome.

    Attributes:
        path: The run's directory.
        data: Root of the data set that it was trained on.
        experiment: What was run, with every default filled in.
        manifest: Which images, classes and splits.
        history: What happened, epoch by epoch.
        evaluation: Clean scores on every split, and every prediction.
        diagnosis: What they say, and the next experiment.
        environment: Versions, processor and precision, as they were.

    Example:
        >>> Run.load("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """

    path: Path
    data: Path
    experiment: Experiment
    manifest: Manifest
    history: History
    evaluation: Evaluation
    diagnosis: Diagnosis
    environment: Mapping[str, str]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the model's outputs."""
        return self.manifest.class_names

    @property
    def model(self) -> Any:
        """The trained `keras.Model`, read on first use."""
        return load_model(self.path / MODEL_FILE)

    def predict(self, images: ImageLike | Iterable[ImageLike]) -> list[Prediction]:
        """Return one prediction an image, in order.

        Args:
            images: Paths, uint8 RGB arrays `(height, width, 3)`, PIL images, or one of these.
        """
        size = self.experiment.spec.image_size
        assert size is not None, "a run's experiment has every default filled in"
        return predict(
            self.model,
            images,
            class_names=self.class_names,
            image_size=size,
            fit=self.experiment.fit,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Run":
        """Read the run that `run_experiment` left in the directory `path`.

        Raises:
            RunError: There is no run, or a file of it is missing or damaged; the message names it.
        """
        return load_run(path)


@dataclass(frozen=True, slots=True)
class _Header:
    """What `run.json` holds: what no other file of the directory says."""

    format: int
    data: str
    class_names: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Scores:
    """What `evaluation.json` holds; the predictions lie beside it as a table."""

    train: Score
    val: Score
    test: Score | None


def save_run(run: Run, model: Any) -> None:
    """Write `run` and its model into `run.path`, which is whole or is not there.

    The model is kept without its optimizer, and left without it.

    Raises:
        RunError: `run.path` exists.
        MachineError: The directory cannot be written.
    """
    require_new(run.path)
    partial = run.path.with_name(f".{run.path.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        _write(run, partial)
        # A kept model predicts; without its optimizer the file is smaller, and Keras alone
        # can read it, whatever the model was trained with.
        model.optimizer, model.compiled = None, False
        model.save(partial / MODEL_FILE)
        partial.rename(run.path)
    except OSError as error:
        raise MachineError(f"The run {run.path} could not be written: {error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def require_new(path: Path) -> None:
    """Refuse a run directory that exists, so that no run is ever overwritten.

    Raises:
        RunError: It exists.
    """
    if path.exists() or path.is_symlink():
        raise RunError(f"Expected a new run directory; {path} exists. Choose another (--run-dir).")


def load_run(path: str | os.PathLike[str]) -> Run:
    """Read the run in the directory `path`; see `Run.load`."""
    root = Path(path)
    if not (root / "run.json").is_file():
        raise RunError(
            f"Expected a run directory, as `imgclass train` makes it; {root} has no run.json."
        )
    try:
        header = read_json(_Header, root / "run.json")
        if header.format != FORMAT:
            raise RunError(f"Expected run format {FORMAT}; {root} has {header.format}.")
        scores = read_json(_Scores, root / "evaluation.json")
        return Run(
            path=root,
            data=Path(header.data),
            experiment=read_json(Experiment, root / "experiment.json"),
            manifest=read_manifest(root / "manifest.csv", class_names=header.class_names),
            history=read_json(History, root / "history.json"),
            evaluation=Evaluation(
                scores.train, scores.val, scores.test, _read_predictions(root / "predictions.csv")
            ),
            diagnosis=read_json(Diagnosis, root / "diagnosis.json"),
            environment=header.environment,
        )
    except (OSError, ValueError, DatasetError) as error:
        raise RunError(f"The run {root} is incomplete or damaged: {error}") from error


def _write(run: Run, root: Path) -> None:
    header = _Header(FORMAT, os.fspath(run.data), run.class_names, dict(run.environment))
    scores = _Scores(run.evaluation.train, run.evaluation.val, run.evaluation.test)
    documents = {
        "run.json": header,
        "experiment.json": run.experiment,
        "history.json": run.history,
        "evaluation.json": scores,
        "diagnosis.json": run.diagnosis,
    }
    for name, value in documents.items():
        (root / name).write_text(dump_json(value), encoding="utf-8")
    with (root / "manifest.csv").open(
        "w", encoding="utf-8", errors="surrogateescape", newline=""
    ) as file:
        write_manifest(file, run.manifest.samples)
    run.evaluation.predictions.to_csv(
        root / "predictions.csv", index=False, errors="surrogateescape"
    )


def _read_predictions(path: Path) -> pd.DataFrame:
    # Labels are text whatever they look like: pandas would read NA as missing and 01 as 1.
    text = dict.fromkeys(("path", "split", "label", "predicted"), str)
    try:
        table = pd.read_csv(
            path, dtype=text, keep_default_na=False, encoding_errors="surrogateescape"
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if missing := set(PREDICTION_COLUMNS) - set(table.columns):
        raise ValueError(f"{path}: the columns {', '.join(sorted(missing))} are missing.")
    return table
