from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from imgclass.training.checkpoints.state import Place, Setting, TrainingState
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch

EPOCH = Epoch(0.9, 0.5, 1.0, 0.6, 0.001, 2.0, objective=1.0, val_objective=1.1)


@pytest.fixture
def make_state():
    """The state of a training of four epochs; keywords change it or its place."""

    def make(epoch=0, batch=0, *, is_over=False, **changes):
        state = TrainingState(
            config=TrainingConfig(epochs=4, optimizer="adam", batch_size=8, learning_rate=0.01),
            setting=Setting(
                data={"classes": "dark, light", "batch size": "8", "first training batch": "aa"},
                model={"weights": "6 arrays, 158 numbers"},
                versions={"keras": "3.15.1", "numpy": "2.4.1"},
                machine={"processor": "two cores"},
            ),
            place=Place(epoch, 1, 0, 4, batch=batch, is_phase_over=is_over, is_over=is_over),
            planned_epochs=4,
            epochs=(EPOCH,) * epoch,
            best_epoch=epoch - 1 if epoch else None,
            best_score=(0.6, -1.0) if epoch else (-inf, -inf),
        )
        return replace(state, **changes)

    return make


@pytest.fixture
def arrays():
    """Some arrays of a checkpoint."""
    return {
        "model/0": np.arange(6, dtype=np.float32).reshape(2, 3),
        "model/1": np.array([nan, inf, -0.0]),
        "optimizer/0": np.array(7, np.int64),
    }
