"""A model and flows to a trained model and a History; the first use of `Trainer` imports Keras."""

from typing import TYPE_CHECKING

from imgclass.lazy import lazy_names
from imgclass.training.backend import require_backend
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History
from imgclass.training.watch import Watch

if TYPE_CHECKING:
    from imgclass.training.trainer import Trainer

__all__ = ["Epoch", "History", "Trainer", "TrainingConfig", "Watch"]

__getattr__ = lazy_names(__name__, {"Trainer": "trainer"}, before=require_backend)
