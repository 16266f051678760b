import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imgclass.data.manifest import Manifest, Sample
from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.evaluation import Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.run import Run
from imgclass.run.directory import RunDirectory
from imgclass.run.record import RunRecord
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History


@pytest.fixture(autouse=True)
def _interruptible():
    """Let Ctrl-C work in tests also where the checks run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def small_run(made_run, tmp_path) -> Run:
    """A run of high variance over two awkwardly named classes, without a model."""
    return replace(made_run, path=tmp_path / "run")


@pytest.fixture(scope="session")
def made_run() -> Run:
    """The run of `small_run`, made once."""
    names = ("01", "NA")
    train = Score(names, ((990, 10), (10, 990)), 0.05)
    val = Score(names, ((160, 40), (40, 160)), 0.6)
    rows = [
        (f"{split}/{label}/{i}-{guess}.png", split, label, guess)
        for split, score in (("train", train), ("val", val), ("test", val))
        for label, counts in zip(names, score.confusion, strict=True)
        for guess, n in zip(names, counts, strict=True)
        for i in range(n)
    ]
    samples = tuple(
        Sample(path, label, split, f"{i:064x}", 8, 8, f"{i}.png")
        for i, (path, split, label, _) in enumerate(rows)
    )
    predictions = pd.DataFrame(rows, columns=["path", "split", "label", "predicted"])
    predictions["probability"] = 0.75
    predictions["label_probability"] = np.where(
        predictions["label"] == predictions["predicted"], 0.75, 0.25
    )
    experiment = Experiment(
        "cnn",
        spec=ModelSpec(image_size=(8, 8), depth=2, width=8),
        training=TrainingConfig(epochs=1, optimizer="sgd", batch_size=32, learning_rate=0.1),
    )
    epoch = Epoch(0.1, 0.98, 0.6, 0.8, 0.0, 1.5, objective=0.2, val_objective=0.7)
    history = History((epoch,), 0, stopped_early=False, seconds=2.0)
    return Run(
        path=Path("run"),
        record=RunRecord(
            format=2,
            id="5e1f",
            status="finished",
            stage="done",
            data=str(Path("data").absolute()),
            class_names=names,
            started="2026-11-27T10:00:00+00:00",
            environment={"keras": "3.15.1", "processor": "two cores"},
            best_epoch=0,
            seconds=2.0,
        ),
        experiment=experiment,
        manifest=Manifest(names, samples),
        history=history,
        kept_evaluation=Evaluation(
            train,
            val,
            replace(val, loss=0.7),
            predictions,
            {split: np.full((n, 2), 0.5, np.float32) for split, n in (("val", 400), ("test", 400))},
        ),
        kept_diagnosis=Diagnoser().diagnose(Evidence(experiment, history, train, val)),
    )


@pytest.fixture(scope="session")
def keep_run():
    """Write the directory of a run that was put together by hand; its model is no model."""

    def keep(run: Run) -> Path:
        run.path.mkdir()
        directory = RunDirectory(run.path, run.record)
        directory.update()
        directory.keep_experiment(run.experiment, run.manifest)
        for epoch in run.history.epochs:
            directory.keep_epoch(epoch)
        if run.kept_evaluation is not None:
            directory.keep_evaluation(run.kept_evaluation)
        if run.kept_diagnosis is not None:
            directory.keep_diagnosis(run.kept_diagnosis)
        (run.path / "model.keras").write_bytes(b"no model")
        return run.path

    return keep


class InThisProcess:
    """Loads the untrained model here: another process takes seconds, and has tests of its own."""

    def begin(self, path, _):
        self.path = path

    def require_same(self, model):
        import keras

        assert keras.saving.load_model(self.path).count_params() == model.count_params()


@pytest.fixture
def no_other_process(monkeypatch):
    """Spare a test the process that every training starts, to see whether its model loads."""

    @contextmanager
    def reload_check():
        yield InThisProcess()

    monkeypatch.setattr("imgclass.execution.experiments.reload_check", reload_check)


@pytest.fixture
def folder(tmp_path):
    """A class-directory tree of two classes told apart by brightness, made by hand."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 24), ("val", 8), ("test", 8)):
        for i in range(n):
            path = tmp_path / "data" / split / ("dark", "light")[i % 2] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (i % 2)
            Image.fromarray(pixels.astype("uint8")).save(path)
    return tmp_path / "data"
