"""How a model is trained: one frozen value with the defaults of a good first run."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from imgclass.errors import UsageError
from imgclass.models.spec import Optimizer


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The training recipe.

    Attributes:
        epochs: Passes over the training images; None chooses from their number, so that a first
            result takes minutes.
        batch_size: Images a step; None chooses one from the number of training images.
        optimizer: `adam` (AdamW), `sgd` (Nesterov momentum 0.9) or `muon` (orthogonal steps for
            kernels of convolutions); None takes the architecture's.
        learning_rate: Peak of the schedule; None takes the optimizer's usual one.
        schedule: `one_cycle` (linear up to the peak, then down to zero) or `constant`.
        weight_decay: Decoupled weight decay, 0 or more.
        label_smoothing: Share of the target spread over all classes, in 0-1 (1 excluded).
        patience: Epochs without a better val accuracy before training stops; None never stops it.
        head_epochs: The first of `epochs`, in which a backbone is frozen and only the head learns;
            0 trains all at once.
        unfreeze: From where up the backbone learns after them: the beginning of a layer's name,
            such as `block5`, or how many of its last layers with weights; None takes all of it.
        fine_tune_rate: Peak of the schedule after them; None takes a tenth of `learning_rate`.
        precision: `auto` takes bfloat16 where the processor or card computes in it.
        seed: Decides initial weights, order, augmentation and dropout.

    Example:
        >>> TrainingConfig(epochs=3).seed
        0
    """

    epochs: int | None = None
    batch_size: int | None = None
    optimizer: Optimizer | None = None
    learning_rate: float | None = None
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    weight_decay: float = 0.0
    label_smoothing: float = 0.1
    patience: int | None = None
    head_epochs: int = 0
    unfreeze: str | int | None = None
    fine_tune_rate: float | None = None
    precision: Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs is not None and self.epochs < 1:
            raise UsageError(f"Expected epochs >= 1; received epochs={self.epochs}.")
        if self.batch_size is not None and self.batch_size < 1:
            raise UsageError(f"Expected batch_size >= 1; received batch_size={self.batch_size}.")
        if self.learning_rate is not None and not 0 < self.learning_rate < inf:
            raise UsageError(f"Expected a finite learning_rate > 0; received {self.learning_rate}.")
        if not 0 <= self.label_smoothing < 1:
            raise UsageError(f"Expected 0 <= label_smoothing < 1; received {self.label_smoothing}.")
        if not 0 <= self.weight_decay < inf:
            raise UsageError(f"Expected weight_decay >= 0; received {self.weight_decay}.")
        if self.patience is not None and self.patience < 1:
            raise UsageError(f"Expected patience >= 1; received patience={self.patience}.")
        self._require_phases()

    def _require_phases(self) -> None:
        if not 0 <= self.head_epochs < (self.epochs or inf):
            raise UsageError(
                f"Expected 0 <= head_epochs < epochs={self.epochs}, of which they are the first; "
                f"received head_epochs={self.head_epochs}."
            )
        rate = self.fine_tune_rate
        if rate is not None and not 0 < rate < inf:
            raise UsageError(f"Expected a finite fine_tune_rate > 0; received {rate}.")
        if self.unfreeze == "" or (isinstance(self.unfreeze, int) and self.unfreeze < 1):
            raise UsageError(
                f"Expected unfreeze as the beginning of a layer's name or a number >= 1; received "
                f"unfreeze={self.unfreeze!r}."
            )
        if not self.head_epochs and (self.unfreeze is not None or rate is not None):
            raise UsageError(
                f"Expected head_epochs >= 1 (--head-epochs) beside unfreeze and fine_tune_rate, "
                f"which say what follows them; received unfreeze={self.unfreeze!r}, "
                f"fine_tune_rate={rate} and head_epochs=0."
            )
