"""TrainingConfig: how a model is trained, with the defaults of a good first run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from imgclass.checks import either, number, one_of, optional, text, whole
from imgclass.flows import Sampling
from imgclass.models.spec import OPTIMIZERS, Optimizer
from imgclass.settings import check_settings, setting
from imgclass.training.contradictions import LABEL_SMOOTHING, require_consistent
from imgclass.training.defaults import choose_batch_size, choose_epochs, usual_rate
from imgclass.training.keras_object import KerasObject, Kind, keras_object
from imgclass.training.names import LOSSES, METRICS
from imgclass.validation import Check, checked

Schedule = Literal["one_cycle", "constant"]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]


def _name_or_object(setting: str, names: tuple[str, ...], kind: Kind) -> Check:
    """Expect a known name, or a Keras object, which becomes a value."""
    named = one_of(names)

    def clean(value: Any) -> Any:
        if value is None or isinstance(value, str):
            return named.clean(value)
        return keras_object(setting, value, kind=kind)

    return replace(named, clean=clean)


_METRIC = _name_or_object("metrics", METRICS, "metric")


def _metrics(value: Any) -> tuple[Any, ...]:
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(checked("metrics", item, _METRIC) for item in items)


_SEVERAL_METRICS = Check(
    "names or metrics of Keras",
    _metrics,
    parse=lambda names: tuple(name.strip() for name in names.split(",")),
)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The training recipe.

    Attributes:
        epochs: Passes over the training images; None chooses from their number, for a first result
            in minutes.
        batch_size: Images per step; None chooses from the number of training images.
        optimizer: `adam` (AdamW), `sgd` (Nesterov momentum 0.9), `muon` (orthogonal steps for
            kernels of convolutions) or another of `keras.optimizers` in lower case; or a Keras
            optimizer, which keeps its own learning rate; None takes the architecture's.
        learning_rate: Peak of the schedule; None takes the optimizer's usual one.
        schedule: `one_cycle` (linear up to the peak, then down to zero) or `constant`.
        weight_decay: Decoupled weight decay, 0 or more.
        loss: A name of `keras.losses`, a Keras loss, or a registered function of targets and
            probabilities, both of shape `(batch, classes)`; None takes the cross-entropy, with
            `label_smoothing`.
        label_smoothing: Share of the target spread over all classes, in 0-1 (1 excluded).
        metrics: Measured beside accuracy and cross-entropy: names of `keras.metrics`, Keras metrics
            or registered functions, of one number each.
        patience: Epochs without a better val accuracy after which training stops; None is no limit.
        head_epochs: First of the `epochs`, in which a backbone is frozen and only the head learns;
            0 trains everything from the start.
        unfreeze: Layers of the backbone that learn after them: from the first whose name begins so,
            such as `block5`, or this many last layers with weights; None takes all.
        fine_tune_rate: Peak of the schedule after them; None takes a tenth of `learning_rate`.
        sampling: `shuffled` shows every training image once an epoch; `balanced` shows as many
            images, of every class equally often.
        precision: `auto` takes bfloat16 if the processor or card computes in it.
        seed: Decides initial weights, order, augmentation and dropout; 0 or more.

    Keras objects are kept as `KerasObject`, a value to build them from, without an optimizer's
    state.

    Raises:
        UsageError: A value is of the wrong type or out of range, contradicts another, or is an
            object that cannot be built again.

    Example:
        >>> TrainingConfig(epochs=3).seed
        0
        >>> TrainingConfig(schedule="constnat")
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected schedule to be one of one_cycle, constant; received
        schedule='constnat'. Did you mean 'constant'?
    """

    epochs: int | None = setting(None, optional(whole(1)), help="Passes over the training images.")
    batch_size: int | None = setting(None, optional(whole(1)), help="Images per step.")
    optimizer: Optimizer | KerasObject | Any | None = setting(
        None,
        optional(_name_or_object("optimizer", OPTIMIZERS, "optimizer")),
        help=f"One of {', '.join(OPTIMIZERS)}.",
        metavar="NAME",
    )
    learning_rate: float | None = setting(
        None, optional(number(above=0)), help="Peak of the learning rate schedule."
    )
    schedule: Schedule = setting(
        "one_cycle", one_of(get_args(Schedule)), help="Learning rate schedule."
    )
    weight_decay: float = setting(0.0, number(at_least=0), help="Decoupled weight decay.")
    loss: str | KerasObject | Any | None = setting(
        None,
        optional(_name_or_object("loss", LOSSES, "loss")),
        help="A name of keras.losses; cross-entropy by default.",
        metavar="NAME",
    )
    label_smoothing: float = setting(
        LABEL_SMOOTHING,
        number(at_least=0, below=1),
        help="Share of the target that is spread over all classes.",
    )
    metrics: Sequence[str | KerasObject | Any] = setting(
        (), _SEVERAL_METRICS, help="Further metrics: names of keras.metrics.", metavar="NAME,..."
    )
    patience: int | None = setting(
        None, optional(whole(1)), help="Stop after this many epochs without a better val accuracy."
    )
    head_epochs: int = setting(
        0, whole(0), help="First epochs, in which only the head is trained.", metavar="N"
    )
    unfreeze: str | int | None = setting(
        None,
        optional(either(whole(1), text("the beginning of a layer's name"))),
        help="Backbone layers to train after that: from this one on, or the last N.",
        metavar="LAYER|N",
    )
    fine_tune_rate: float | None = setting(
        None,
        optional(number(above=0)),
        help="Peak of the schedule after the head's epochs.",
        metavar="X",
    )
    sampling: Sampling = setting(
        "shuffled",
        one_of(get_args(Sampling)),
        help="Images of an epoch: each once, or every class equally often.",
    )
    precision: Precision = setting(
        "auto", one_of(get_args(Precision)), help="Arithmetic; auto suits the machine."
    )
    seed: int = setting(0, whole(0), help="Seed of everything random.")

    def __post_init__(self) -> None:
        check_settings(self)
        require_consistent(self)

    def resolve(self, *, num_images: int, optimizer: Optimizer = "adam") -> "TrainingConfig":
        """Return the recipe with all that it leaves open chosen.

        The learning rate of an optimizer object is its own, and stays None here.

        Args:
            num_images: Training images.
            optimizer: The one that trains the architecture best.

        Example:
            >>> full = TrainingConfig().resolve(num_images=45_000, optimizer="sgd")
            >>> full.epochs, full.optimizer, full.batch_size, full.learning_rate
            (8, 'sgd', 256, 0.2)
        """
        chosen = self.optimizer or optimizer
        batch_size = self.batch_size or choose_batch_size(num_images)
        rate = self.learning_rate
        if rate is None and isinstance(chosen, str):
            rate = usual_rate(chosen, batch_size)
        return replace(
            self,
            epochs=self.epochs or choose_epochs(num_images),
            optimizer=chosen,
            batch_size=batch_size,
            learning_rate=rate,
        )
