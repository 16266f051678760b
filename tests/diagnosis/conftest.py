from collections.abc import Callable
from dataclasses import replace

import pytest

from imgclass.diagnosis import Evidence
from imgclass.diagnosis.experience import Experience, Situation
from imgclass.evaluation import Score
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History

CLASS_NAMES = tuple("abcdefghij")


@pytest.fixture(scope="session")
def make_score() -> Callable[..., Score]:
    """Give a score of ten classes, its mistakes always the next class."""

    def make(accuracy: float, n: int, *, loss: float = 0.5) -> Score:
        correct, classes = round(accuracy * n), len(CLASS_NAMES)
        confusion = [[0] * classes for _ in CLASS_NAMES]
        for i in range(classes):
            share = range(i, n, classes)
            hits = len(range(i, correct, classes))
            confusion[i][i] = hits
            confusion[i][(i + 1) % classes] = len(share) - hits
        return Score(CLASS_NAMES, tuple(map(tuple, confusion)), loss)

    return make


@pytest.fixture(scope="session")
def make_history() -> Callable[..., History]:
    """Give a history with these val accuracies; the loss follows them unless given."""

    def make(
        val_accuracy: tuple[float, ...],
        *,
        val_loss: tuple[float, ...] | None = None,
        learning_rates: tuple[float, ...] | None = None,
        stopped_early: bool = False,
        last_phase: int = 0,
    ) -> History:
        losses = val_loss or tuple(2.0 - accuracy for accuracy in val_accuracy)
        rates = learning_rates or (1e-3,) * len(val_accuracy)
        epochs = tuple(
            Epoch(loss, accuracy, loss, accuracy, rate, 1.0, phase=1 if i < last_phase else 2)
            for i, (accuracy, loss, rate) in enumerate(
                zip(val_accuracy, losses, rates, strict=True)
            )
        )
        return History(epochs, len(epochs) - 1, stopped_early, float(len(epochs)))

    return make


@pytest.fixture(scope="session")
def make_evidence(
    make_score: Callable[..., Score], make_history: Callable[..., History]
) -> Callable[..., Evidence]:
    """Give evidence with these accuracies, from a filled-in experiment and a flat history."""

    def make(
        train: float,
        val: float,
        *,
        n_train: int = 45_000,
        n_val: int = 2_500,
        train_loss: float = 0.5,
        history: History | None = None,
        experiment: Experiment | None = None,
        target: float = 0.95,
        tolerance: float = 0.02,
    ) -> Evidence:
        standard = Experiment(
            spec=ModelSpec(image_size=(32, 32), depth=3, width=64),
            training=TrainingConfig(epochs=10, learning_rate=1e-3, batch_size=256),
        )
        return Evidence(
            experiment or standard,
            history or make_history((val,) * 10),
            train=make_score(train, n_train, loss=train_loss),
            val=make_score(val, n_val),
            target_accuracy=target,
            tolerance=tolerance,
        )

    return make


@pytest.fixture(scope="session")
def evidence_of(make_evidence: Callable[..., Evidence]) -> Callable[..., Evidence]:
    """Give evidence of an experiment whose spec and training differ in these fields."""

    def make(
        *, spec: dict | None = None, training: dict | None = None, **fields: object
    ) -> Evidence:
        before = make_evidence(0.7, 0.7).experiment
        experiment = replace(
            before,
            spec=replace(before.spec, **(spec or {})),
            training=replace(before.training, **(training or {})),
            **fields,
        )
        return make_evidence(0.7, 0.7, experiment=experiment)

    return make


@pytest.fixture(scope="session")
def make_row() -> Callable[..., Experience]:
    """Give a row of experience on 1,000 val images, in a situation with these numbers."""

    def make(gain: float, *, lever: str = "deepen", source: str = "", **numbers: float):
        right = round(1000 * abs(gain))
        standard = Situation(
            n_train=1000,
            n_val=1000,
            classes=10,
            pixels=1024,
            pretrained=False,
            depth=3,
            width=64,
            epochs=10,
            dropout=0.0,
            l2=0.0,
            augmentation=0.2,
            train=0.7,
            val=0.7,
            rise=0.0,
        )
        better, worse = (right, 0) if gain >= 0 else (0, right)
        situation = replace(standard, **numbers)
        return Experience(lever, source, better, worse, 1000, 2.0, situation)

    return make
