"""How a model is trained: one frozen value with the defaults of a good first run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from imgclass.errors import UsageError
from imgclass.models.spec import OPTIMIZERS, Optimizer
from imgclass.training.contradictions import LABEL_SMOOTHING, require_consistent
from imgclass.training.keras_object import KerasObject, Kind, keras_object
from imgclass.training.names import LOSSES, METRICS
from imgclass.validation import (
    Check,
    check_fields,
    checked,
    either,
    number,
    one_of,
    optional,
    text,
    whole,
)

Schedule = Literal["one_cycle", "constant"]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]

_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "epochs": optional(whole(1)),
        "batch_size": optional(whole(1)),
        "learning_rate": optional(number(above=0)),
        "schedule": one_of(get_args(Schedule)),
        "weight_decay": number(at_least=0),
        "label_smoothing": number(at_least=0, below=1),
        "patience": optional(whole(1)),
        "head_epochs": whole(0),
        "unfreeze": optional(either(text("the beginning of a layer's name"), whole(1))),
        "fine_tune_rate": optional(number(above=0)),
        "precision": one_of(get_args(Precision)),
        "seed": whole(0),
    }
)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The training recipe.

    Attributes:
        epochs: Passes over the training images; None chooses from their number, so that a first
            result takes minutes.
        batch_size: Images a step; None chooses one from the number of training images.
        optimizer: `adam` (AdamW), `sgd` (Nesterov momentum 0.9), `muon` (orthogonal steps for
            kernels of convolutions), or another of `keras.optimizers` by its name in lower case;
            or a Keras optimizer object, which keeps its own learning rate; None takes the
            architecture's.
        learning_rate: Peak of the schedule; None takes the optimizer's usual one.
        schedule: `one_cycle` (linear up to the peak, then down to zero) or `constant`.
        weight_decay: Decoupled weight decay, 0 or more.
        loss: A name of `keras.losses`, a Keras loss, or a registered function of targets and
            probabilities, both of shape `(batch, classes)`; None takes the cross-entropy, with
            `label_smoothing`.
        label_smoothing: Share of the target spread over all classes, in 0-1 (1 excluded).
        metrics: What is measured beside the accuracy and the cross-entropy: names of
            `keras.metrics`, Keras metrics or registered functions. Each makes one number.
        patience: Epochs without a better val accuracy before training stops; None never stops it.
        head_epochs: The first of `epochs`, in which a backbone is frozen and only the head learns;
            0 trains all at once.
        unfreeze: From where up the backbone learns after them: the beginning of a layer's name,
            such as `block5`, or how many of its last layers with weights; None takes all of it.
        fine_tune_rate: Peak of the schedule after them; None takes a tenth of `learning_rate`.
        precision: `auto` takes bfloat16 where the processor or card computes in it.
        seed: Decides initial weights, order, augmentation and dropout; 0 or more.

    Objects of Keras are kept as `KerasObject`, a value that says how to build them again; what an
    optimizer has counted so far is not in it.

    Raises:
        UsageError: A value has another type or is outside its range, contradicts another, or
            cannot be built again.

    Example:
        >>> TrainingConfig(epochs=3).seed
        0
        >>> TrainingConfig(schedule="constnat")
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected schedule to be one of one_cycle, constant; received
        schedule='constnat'. Did you mean 'constant'?
    """

    epochs: int | None = None
    batch_size: int | None = None
    optimizer: Optimizer | KerasObject | Any | None = None
    learning_rate: float | None = None
    schedule: Schedule = "one_cycle"
    weight_decay: float = 0.0
    loss: str | KerasObject | Any | None = None
    label_smoothing: float = LABEL_SMOOTHING
    metrics: Sequence[str | KerasObject | Any] = ()
    patience: int | None = None
    head_epochs: int = 0
    unfreeze: str | int | None = None
    fine_tune_rate: float | None = None
    precision: Precision = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        check_fields(self, _CHECKS)
        metrics = self.metrics if isinstance(self.metrics, list | tuple) else (self.metrics,)
        objects = {
            "optimizer": _name_or_object("optimizer", self.optimizer, OPTIMIZERS, "optimizer"),
            "loss": _name_or_object("loss", self.loss, LOSSES, "loss"),
            "metrics": tuple(_metric(metric) for metric in metrics),
        }
        for name, value in objects.items():
            object.__setattr__(self, name, value)
        require_consistent(self)


def _name_or_object(setting: str, value: Any, names: tuple[str, ...], kind: Kind) -> Any:
    """Return a known name, or an object of Keras as a value; None stays None."""
    if value is None or isinstance(value, str):
        return checked(setting, value, optional(one_of(names)))
    return keras_object(setting, value, kind=kind)


def _metric(value: Any) -> Any:
    if value is None:
        raise UsageError("Expected metrics to be names or Keras metrics; received None.")
    return _name_or_object("metrics", value, METRICS, "metric")
