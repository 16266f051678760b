"""A training of two seconds, for processes that are forked off after Keras was imported."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.robustness.homes import organize, write_home
from benchmarks.warm_up import warm_up
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.execution import experiments
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.io.fs import Call, FileSystem, direct
from imgclass.models.spec import ModelSpec
from imgclass.run import directory
from imgclass.training.config import TrainingConfig

SETTING = (
    "images of 8 x 8 pixels; the processes share one import of Keras and leave out the check "
    "that another process can load the model"
)


def write_data(home: Path) -> ImageFolder:
    """Write 24 images and organize them."""
    return organize(write_home(home), DatasetOrganizer())


def tiny(epochs: int) -> Experiment:
    """Return an experiment of 300 weights, and of an optimizer that is ready to go at once."""
    return Experiment(
        spec=ModelSpec(image_size=(8, 8), depth=1, width=4),
        training=TrainingConfig(
            epochs=epochs, batch_size=8, precision="float32", optimizer="sgd", learning_rate=0.1
        ),
        augmentation=PRESETS["none"],
    )


def train(data: Path, place: Path, *, epochs: int, call: Call = direct, at: float = 0.0) -> Path:
    """Train in a process of its own, which works in the folder `place`; return the run directory.

    Args:
        data: The data set.
        place: Where `runs` lies, or will lie.
        epochs: How many.
        call: Makes each system call that writes.
        at: When to begin, on the system's monotonic clock.
    """
    os.chdir(place)
    folder = ImageFolder.open(data)
    time.sleep(max(0.0, at - time.monotonic()))
    with (
        patch.object(experiments, "reload_check", no_other_process),
        patch("imgclass.training.small_sample.learn_by_heart", knows_nothing),
        patch("imgclass.execution.mistake_maps._maps", shows_nothing),
        patch.object(directory, "FILES", FileSystem(call=call)),
    ):
        return experiments.run_experiment(folder, tiny(epochs), progress=False).path


def knows_nothing(*_: object, **__: object) -> int:
    """Stand for the training on a few images alone, which follows one that taught nothing."""
    return 0


def shows_nothing(*_: object) -> tuple[()]:
    """Stand for what computes the heat maps of mistakes."""
    return ()


@contextmanager
def fresh_place(scratch: Path) -> Iterator[Path]:
    """Yield an empty folder to train in, which is gone afterwards."""
    place = scratch / "place"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


def import_keras() -> None:
    """Import Keras and what trains, without the notes of TensorFlow, and compute nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    names = ("models.builder", "models.plain", "serving.classifier", "training.trainer")
    with quiet():
        warm_up([f"imgclass.{name}" for name in names])


@contextmanager
def quiet() -> Iterator[None]:
    """Lead standard error nowhere, also that of children and of C++."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class _NoCheck:
    """Takes the place of the process that loads the untrained model."""

    def begin(self, path: Path, model: Any) -> None:
        """Do nothing."""

    def require_same(self, model: Any) -> None:
        """Do nothing."""


@contextmanager
def no_other_process() -> Iterator[_NoCheck]:
    """Yield what takes the place of `reload_check`, and checks nothing."""
    yield _NoCheck()
