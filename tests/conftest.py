import signal
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from imgclass.data.manifest import Manifest, Sample
from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.evaluation import Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.run import Run
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History


@pytest.fixture(autouse=True)
def _interruptible():
    """Let Ctrl-C work in tests also where the checks run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def small_run(tmp_path) -> Run:
    """A run of high variance over two awkwardly named classes, without a model."""
    names = ("01", "NA")
    samples = tuple(
        Sample(f"{split}/{label}/{i}.png", label, split, f"{i:064x}", 8, 8, f"{i}.png")
        for i, (split, label) in enumerate((s, n) for s in ("train", "val", "test") for n in names)
    )
    train = Score(names, ((990, 10), (10, 990)), 0.05)
    val = Score(names, ((160, 40), (40, 160)), 0.6)
    predictions = pd.DataFrame(
        {
            "path": [sample.path for sample in samples],
            "split": [sample.split for sample in samples],
            "label": [sample.label for sample in samples],
            "predicted": ["NA"] * len(samples),
            "probability": [0.75] * len(samples),
            "label_probability": [0.25, 0.75] * (len(samples) // 2),
        }
    )
    experiment = Experiment(
        spec=ModelSpec(image_size=(8, 8), depth=2, width=8),
        training=TrainingConfig(epochs=1, optimizer="sgd", batch_size=32, learning_rate=0.1),
    )
    history = History((Epoch(0.1, 0.98, 0.6, 0.8, 0.0, 1.5),), 0, stopped_early=False, seconds=2.0)
    return Run(
        path=tmp_path / "run",
        data=Path("data"),
        experiment=experiment,
        manifest=Manifest(names, samples),
        history=history,
        evaluation=Evaluation(train, val, replace(val, loss=0.7), predictions),
        diagnosis=Diagnoser().diagnose(Evidence(experiment, history, train, val)),
        environment={"keras": "3.15.1", "processor": "two cores"},
    )


@pytest.fixture
def paper_model():
    """Something with a `save` that writes a file: what a run needs of a model."""

    class Paper:
        @staticmethod
        def save(path):
            Path(path).write_bytes(b"weights")

    return Paper()
