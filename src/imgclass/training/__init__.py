"""A model and flows to a trained model and a History.

`Trainer` is resolved on first use, since it imports Keras; the values beside it do not.
"""

from typing import TYPE_CHECKING, Any

from imgclass.training.backend import require_backend
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History
from imgclass.training.watch import Watch

if TYPE_CHECKING:
    from imgclass.training.trainer import Trainer

__all__ = ["Epoch", "History", "Trainer", "TrainingConfig", "Watch"]


def __getattr__(name: str) -> Any:
    if name == "Trainer":
        require_backend()
        from imgclass.training.trainer import Trainer

        return Trainer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
