"""Run: one experiment's outcome, read from its directory in any state."""

import html
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imgclass.data.manifest import Manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.diagnosis.evidence import Evidence, MeasuredAccuracy
from imgclass.diagnosis.sources import evidence_of
from imgclass.errors import RunError
from imgclass.evaluation import Evaluation
from imgclass.experiment import Experiment
from imgclass.formatting import count, cut
from imgclass.io.untrusted_files import exists
from imgclass.run.directory import CHECKPOINTS, MODEL
from imgclass.run.loader import read_run
from imgclass.run.record import RunRecord, Status
from imgclass.serving.classifier import Classifier
from imgclass.serving.inputs import Images
from imgclass.serving.prediction import Prediction, Predictions
from imgclass.training.history import History

SHOWN_NAME, SHOWN_REASON = 60, 300  # characters


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """One experiment's outcome, in whatever state its directory is. Runs are equal by their record.

    Attributes:
        path: The run's directory, absolute.
        record: What identifies the run, and how far it came.
        experiment: What was run; every default is filled in once training has begun.
        manifest: Which images, classes and splits.
        history: What happened, epoch by epoch, so far.
        kept_evaluation: Clean scores and every prediction; None if not scored yet.
        kept_diagnosis: What they say, and the next experiment; None if not diagnosed yet.
        trust: Whether its model is loaded without checking it; a model file may run any code.

    Example:
        >>> Run.load("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """

    path: Path = field(compare=False)
    record: RunRecord
    experiment: Experiment = field(compare=False)
    manifest: Manifest = field(compare=False)
    history: History = field(compare=False)
    kept_evaluation: Evaluation | None = field(compare=False, default=None)
    kept_diagnosis: Diagnosis | None = field(compare=False, default=None)
    trust: bool = field(compare=False, default=False)

    @property
    def status(self) -> Status:
        """`running`, `interrupted`, `failed` or `finished`."""
        return self.record.status

    @property
    def data(self) -> Path:
        """Folder of the data set that the run was trained on."""
        return Path(self.record.data)

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions, processor and precision, as they were."""
        return self.record.environment

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the model's outputs."""
        return self.record.class_names

    @property
    def evaluation(self) -> Evaluation:
        """Clean scores on every split, and every prediction.

        Raises:
            RunError: The run was not scored; the message says how far it came and how to go on.
        """
        if self.kept_evaluation is None:
            raise RunError(self._lacking("It has no scores.", verb="evaluate"))
        return self.kept_evaluation

    @property
    def diagnosis(self) -> Diagnosis:
        """What the scores say, and the next experiment.

        Raises:
            RunError: The run has no diagnosis; the message says how far it came and how to go on.
        """
        if self.kept_diagnosis is None:
            verb = "evaluate" if self.kept_evaluation is None else "diagnose"
            raise RunError(self._lacking("It has no diagnosis.", verb=verb))
        return self.kept_diagnosis

    @property
    def small_sample(self) -> MeasuredAccuracy | None:
        """What the network learned of a few images alone; None if that was not tried."""
        if self.record.small_sample is None:
            return None
        correct, n = self.record.small_sample
        return MeasuredAccuracy(correct / n, n)

    @property
    def evidence(self) -> Evidence:
        """What a Diagnoser reads of the run; a RunError if it was not scored."""
        if self.kept_evaluation is None:
            raise RunError(self._lacking("It has no scores.", verb="evaluate"))
        return evidence_of(self)

    @property
    def standing(self) -> str:
        """How far the run came, in one sentence."""
        done, planned = len(self.history.epochs), self.experiment.training.epochs
        of = f" of {planned}" if planned else ""
        how = {
            "running": "is still running",
            "interrupted": "was interrupted",
            "failed": "failed",
            "finished": "is finished",
        }[self.status]
        stage = "" if self.record.stage == "done" else f" while {self.record.stage}"
        epochs = f"after epoch {done}{of}" if done else "before its first epoch ended"
        return f"The run {self.path.name} {how}{stage}, {epochs}."

    @property
    def classifier(self) -> Classifier:
        """Its model, with the classes and the image size, ready to predict.

        Raises:
            RunError: Nothing was trained yet.
        """
        size, file = self.experiment.spec.image_size, self.path / "model.keras"
        if size is None or not exists(file):
            raise RunError(self._lacking(f"It has no model: there is no file {file}."))
        is_old = self.record.format == 1
        return Classifier(
            file,
            self.class_names,
            size,
            self.experiment.resize,
            # The model of 0.1.0 averages by itself, and its file names the optimizer.
            tta=self.experiment.tta and not is_old,
            modules=("imgclass.training.muon",) if is_old else (),
            trust=self.trust,
        )

    @property
    def model(self) -> Any:
        """The trained `keras.Model`: plain Keras, float32, not compiled; read on first use."""
        return self.classifier.model

    def predict(self, images: Images, *, top: int = 3) -> Predictions:
        """Return one prediction an image, in order, as `Classifier.predict` does.

        Args:
            images: A path, a folder, a PIL image, an array, or a list, a pandas column or a data
                set of these.
            top: How many classes the result's table shows for each image.

        Raises:
            ImageError: The only image given cannot be read.
            RunError: Nothing was trained yet, or the model cannot be loaded.
        """
        return self.classifier.predict(images, top=top)

    def predict_each(self, images: Images) -> Iterator[Prediction]:
        """Yield one prediction an image, in order: `predict` for more images than fit in memory.

        Args:
            images: As in `predict`; an iterator is read as predictions are asked for.

        Raises:
            RunError: Nothing was trained yet, or the model cannot be loaded.
        """
        return self.classifier.predict_each(images)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, trust: bool = False) -> "Run":
        """Read the run in the directory `path`, finished or not.

        Args:
            path: The directory.
            trust: Whether its model is loaded without checking it; a model file may run any code.

        Raises:
            RunError: There is no run, or a file of it is missing or damaged; the message names it.
        """
        root = Path(path).absolute()
        found = read_run(root)
        return cls(
            root,
            found.record,
            found.experiment,
            found.manifest,
            found.history,
            found.evaluation,
            found.diagnosis,
            trust,
        )

    def __repr__(self) -> str:
        return f"<Run {cut(self.path.name, SHOWN_NAME)}: {', '.join(self._facts().values())}>"

    def _repr_html_(self) -> str:
        facts = {"run": cut(self.path.name, SHOWN_NAME)} | self._facts()
        if self.kept_diagnosis is not None and (step := self.kept_diagnosis.recommendation):
            facts["next step"] = cut("; ".join(step.changes), SHOWN_REASON)
        if self.record.reason:
            facts["reason"] = cut(self.record.reason, SHOWN_REASON)
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(fact)}</td></tr>"
            for name, fact in facts.items()
        )
        return f"<table>{rows}</table>"

    def _lacking(self, what: str, *, verb: str = "") -> str:
        """Say how far the run came, what it lacks, and what to do."""
        if self.status == "running":
            remedy = "Wait until it has ended."
        else:
            remedies = []
            if exists(self.path / CHECKPOINTS):
                remedies.append(f"Go on: imgclass train --resume {self.path}.")
            if verb and exists(self.path / MODEL):
                step = "Score" if verb == "evaluate" else "Diagnose"
                remedies.append(f"{step} it: imgclass {verb} {self.path}.")
            remedy = " ".join(remedies) or "Train again."
        reason = cut(self.record.reason, SHOWN_REASON)
        return " ".join(filter(None, (self.standing, reason, what, remedy)))

    def _facts(self) -> dict[str, str]:
        facts = {
            "architecture": cut(self.experiment.architecture, SHOWN_NAME),
            "status": self.status,
            "epochs": count(len(self.history.epochs), "epoch"),
        }
        if self.kept_evaluation is not None:
            for split, score in self.kept_evaluation.scores.items():
                facts[split] = f"{split} {score}"
        if self.kept_diagnosis is not None:
            facts["verdict"] = cut(self.kept_diagnosis.verdict.name, SHOWN_NAME)
        return facts
