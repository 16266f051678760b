"""How a model is trained: one frozen value with the defaults of a good first run."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from imgclass.errors import UsageError


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The training recipe.

    Attributes:
        epochs: Passes over the training images.
        batch_size: Images a step; None chooses one from the number of training images.
        optimizer: `adam` (AdamW) or `sgd` (Nesterov momentum 0.9); None takes the architecture's.
        learning_rate: Peak of the schedule; None takes the optimizer's usual one.
        schedule: `one_cycle` (linear up to the peak, then down to zero) or `constant`.
        weight_decay: Decoupled weight decay, 0 or more.
        label_smoothing: Share of the target spread over all classes, in 0-1 (1 excluded).
        patience: Epochs without a better val accuracy before training stops; None never stops it.
        precision: `auto` takes bfloat16 where the processor or card computes in it.
        seed: Decides initial weights, order, augmentation and dropout.

    Example:
        >>> TrainingConfig(epochs=3).seed
        0
    """

    epochs: int = 10
    batch_size: int | None = None
    optimizer: Literal["adam", "sgd"] | None = None
    learning_rate: float | None = None
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    weight_decay: float = 0.0
    label_smoothing: float = 0.1
    patience: int | None = None
    precision: Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1:
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
