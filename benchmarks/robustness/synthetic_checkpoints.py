"""Checkpoints that no training wrote: each says its number, and so does every array in it."""

from pathlib import Path

import numpy as np

from imgclass.training.checkpoints.folder import Checkpoint, CheckpointFolder
from imgclass.training.checkpoints.state import Place, Setting, TrainingState
from imgclass.training.config import TrainingConfig

SETTING = Setting(
    data={"classes": "ant, bee"}, model={"layers": "aa11"}, versions={"keras": "3"}, machine={}
)


def write_numbered(folder: CheckpointFolder, number: int, *, numbers: int) -> Path:
    """Write the checkpoint `number`, counted from 1; every third lies within an epoch.

    Args:
        folder: Where.
        number: Which.
        numbers: How many float32 numbers it has.
    """
    is_within = number % 3 == 0
    state = TrainingState(
        config=TrainingConfig(epochs=1_000),
        setting=SETTING,
        place=Place(
            epoch=number, batch=7 if is_within else 0, phase=1, phase_start=0, phase_end=1_000
        ),
        planned_epochs=1_000,
    )
    values = np.full(numbers, number, np.float32)
    half = numbers // 2
    return folder.write(state, {"model/0": values[:half], "optimizer/0": values[half:]})


def number_of(checkpoint: Checkpoint) -> int | None:
    """Return which checkpoint it is; None where its parts are of several."""
    number = checkpoint.state.place.epoch
    is_whole = all(bool((array == number).all()) for array in checkpoint.arrays.values())
    return number if is_whole else None
