from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.evaluation import Evaluation, Score, prediction_table
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.models.spec import ModelSpec
from imgclass.run import Run
from imgclass.run.record import RunRecord
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


def simulated_predictions(
    split: Split, class_names: Sequence[str], *, each: int, accuracy: float, seed: int
) -> pd.DataFrame:
    """As many images of every class, each class confused mostly with its neighbour."""
    random = np.random.default_rng(seed)
    rows = []
    for index, label in enumerate(class_names):
        for number in range(each):
            is_right = random.random() < accuracy
            step = 1 if random.random() < 0.6 else int(random.integers(1, max(2, len(class_names))))
            predicted = label if is_right else class_names[(index + step) % len(class_names)]
            probability = float(random.beta(8, 2) if is_right else random.beta(4, 3))
            remainder = probability if predicted == label else (1 - probability) * random.random()
            path = f"{split}/{label}/{index * each + number + 1}.png"
            rows.append((path, split, label, predicted, probability, remainder))
    return prediction_table(*zip(*rows, strict=True))


def score_of(predictions: pd.DataFrame, class_names: Sequence[str], *, loss: float) -> Score:
    position = {name: i for i, name in enumerate(class_names)}
    confusion = np.zeros((len(class_names), len(class_names)), dtype=int)
    for label, predicted in zip(predictions["label"], predictions["predicted"], strict=True):
        confusion[position[label], position[predicted]] += 1
    return Score(tuple(class_names), tuple(tuple(map(int, row)) for row in confusion), loss)


def simulated_history(epochs: int) -> History:
    passes = tuple(
        Epoch(
            loss=0.55 + 1.6 * exp(-0.35 * i),
            accuracy=0.90 - 0.55 * exp(-0.35 * i),
            val_loss=0.82 + 1.1 * exp(-0.4 * i) + 0.02 * (i % 3),
            val_accuracy=0.81 - 0.40 * exp(-0.4 * i) - 0.01 * (i % 3),
            learning_rate=1e-3 * (1 - i / epochs),
            seconds=31.4,
        )
        for i in range(epochs)
    )
    best = min(range(epochs), key=lambda i: passes[i].val_loss)
    return History(passes, best_epoch=best, stopped_early=False, seconds=31.4 * epochs + 4.2)


def high_variance(experiment: Experiment, train: Score, val: Score, history: History) -> Diagnosis:
    evidence = Evidence(experiment, history, train, val)
    gap = evidence.variance
    dropout = replace(
        experiment,
        spec=replace(experiment.spec, dropout=0.3, l2=5e-4),
        augmentation=PRESETS["medium"],
    )
    patient = replace(
        experiment,
        training=replace(experiment.training, epochs=24, patience=5),
        augmentation=Augmentation(rotation_range=5),
    )
    return Diagnosis(
        target_accuracy=0.95,
        tolerance=0.02,
        findings=(
            Finding(
                name="high_variance",
                severity=max(0.0, gap.value),
                explanation=f"Train accuracy is {train.accuracy:.1%}, val accuracy is "
                f"{val.accuracy:.1%}: the model has learned its images better than their classes.",
                advice=(
                    "Add dropout of 0.3 before the classifier and an L2 penalty of 5e-4.",
                    "Augment more strongly: rotation, zoom and shifts of 10 %.",
                    "Add training images, first of the classes that are confused most.",
                ),
                gap=gap,
                recommendations=(
                    Recommendation(
                        changes=("dropout 0 to 0.3", "L2 0 to 0.0005", "augment light to medium"),
                        reason="Each of the three makes it harder to remember single images.",
                        experiment=dropout,
                    ),
                ),
            ),
            Finding(
                name="still_improving",
                severity=0.01,
                explanation="The val loss was still falling at the end, by 0.012 an epoch.",
                advice=("Train for 24 epochs and stop when it no longer falls.",),
                recommendations=(
                    Recommendation(
                        changes=(
                            "epochs 12 to 24",
                            "patience none to 5",
                            "rotation 0 to 5 degrees",
                        ),
                        reason="The last epochs still brought 0.4 points each.",
                        experiment=patient,
                    ),
                ),
            ),
        ),
    )


RunMaker = Callable[..., Run]


def simulated_run(
    root: Path,
    *,
    class_names: Sequence[str] = CLASSES,
    each: Mapping[Split, int] | None = None,
    accuracy: tuple[float, float, float] = (0.948, 0.806, 0.801),
    epochs: int = 12,
    diagnosis: Diagnosis | None = None,
) -> Run:
    """A run whose figures agree with one another; `each` gives the images of a class by split."""
    each = {"train": 60, "val": 25, "test": 25} if each is None else each
    tables = {
        split: simulated_predictions(
            split, class_names, each=number, accuracy=accuracy[i], seed=i + 1
        )
        for i, (split, number) in enumerate(each.items())
    }
    scores = {
        split: score_of(table, class_names, loss=1.1 - accuracy[i])
        for i, (split, table) in enumerate(tables.items())
    }
    predictions = pd.concat(tables.values(), ignore_index=True)
    experiment = Experiment(
        spec=ModelSpec(image_size=(32, 32), depth=3, width=64),
        training=TrainingConfig(epochs=epochs, batch_size=256, learning_rate=2e-3),
    )
    history = simulated_history(epochs)
    return Run(
        path=root / "cnn-first",
        record=RunRecord(
            format=2,
            id="f1",
            status="finished",
            stage="done",
            data=str(root / "animals"),
            class_names=tuple(class_names),
            environment={
                "imgclass": "0.1.0", "python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1",
                "processor": "x86-64, 2 cores, avx512_bf16", "precision": "mixed_bfloat16",
                "seed": "0",
            },
        ),
        experiment=experiment,
        manifest=Manifest(
            tuple(class_names),
            tuple(
                Sample(path, label, split, path.rjust(64), 32, 32, Path(path).name)
                for path, split, label in predictions[["path", "split", "label"]].itertuples(
                    index=False
                )
            ),
        ),
        history=history,
        kept_evaluation=Evaluation(
            train=scores["train"],
            val=scores["val"],
            test=scores.get("test"),
            predictions=predictions,
        ),
        kept_diagnosis=diagnosis
        or high_variance(experiment, scores["train"], scores["val"], history),
    )  # fmt: skip


def write_images(run: Run, *, size: tuple[int, int] = (16, 16)) -> None:
    """Write the image of every val prediction of a run, a plain colour each."""
    for number, path in enumerate(run.evaluation.predictions.query("split == 'val'")["path"]):
        file = run.data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (number % 256, 128, 255 - number % 256)).save(file)


@pytest.fixture(scope="session", name="simulated_run")
def simulated_run_fixture() -> RunMaker:
    return simulated_run


@pytest.fixture(name="write_images")
def write_images_fixture() -> Callable[..., None]:
    return write_images


@pytest.fixture
def make_run(tmp_path) -> RunMaker:
    def make(**options: object) -> Run:
        return simulated_run(tmp_path, **options)

    return make


@pytest.fixture
def run(make_run) -> Run:
    """Ten classes, three splits, no images on disk."""
    return make_run()
