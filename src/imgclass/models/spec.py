"""ModelSpec: the knobs of an architecture; and what an architecture is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, get_args

from imgclass.checks import flag, number, one_of, optional, pixels, several, text, whole
from imgclass.errors import UsageError
from imgclass.images.limits import require_modest_size
from imgclass.settings import check_settings, setting

Knob = Literal["depth", "width", "dropout", "l2"]
# adam is AdamW, sgd has Nesterov's momentum, muon is our own; the others are of keras.optimizers.
Optimizer = Literal[
    "adam",
    "sgd",
    "muon",
    "adadelta",
    "adafactor",
    "adagrad",
    "adamax",
    "adamw",
    "ftrl",
    "lamb",
    "lion",
    "nadam",
    "rmsprop",
    "schedulefreeadamw",
]
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
Pooling = Literal["avg", "max"]
# Words for `weights`; anything else is the path of a file.
IMAGENET, RANDOM = "imagenet", "random"
KNOBS: tuple[Knob, ...] = ("depth", "width", "dropout", "l2")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The knobs of an architecture; None leaves a choice to the data or to the architecture.

    Attributes:
        image_size: `(height, width)` in pixels, or one number for both; None takes the median of
            the data, at most 224.
        depth: Convolution stages of a CNN, at least 1; dense layers of a head over a backbone,
            which may be 0.
        width: Filters of the first stage, units of the head's first layer.
        dropout: Rate before the classifier, in 0-1 (1 excluded).
        dropout_after: The dense layer of the head, counted from 1, that dropout follows instead.
        l2: L2 penalty on the trained kernels, 0 or more.
        weights: `imagenet`, the path of a weights file, or `random`. None takes ImageNet weights
            from an installed package if the architecture has one, and starts at random otherwise.
        trainable: Whether a backbone is trained; its head always is. None freezes it if it is
            pretrained, unless a phase of the training lets it learn.
        pooling: How feature maps become a vector, `avg` or `max`.
        head_units: Units of each dense layer of a head; overrides `depth` and `width`.

    Raises:
        UsageError: A value has another type, or is outside its range; an image size may have
            16,777,216 pixels.

    Example:
        >>> ModelSpec(image_size=32, depth=3).image_size
        (32, 32)
    """

    image_size: tuple[int, int] | None = setting(
        None,
        optional(pixels()),
        help="In pixels; by default the median of the data, at most 224 or 288.",
        metavar="N|H,W",
    )
    depth: int | None = setting(
        None, optional(whole(0)), help="Convolution stages, or dense layers of a head."
    )
    width: int | None = setting(
        None, optional(whole(1)), help="Filters of the first stage, or units of the first layer."
    )
    dropout: float = setting(
        0.0, number(at_least=0, below=1), help="Dropout before the classifier."
    )
    dropout_after: int | None = setting(
        None,
        optional(whole(1)),
        help="Put the dropout after this dense layer of the head, counted from 1.",
        metavar="N",
    )
    l2: float = setting(0.0, number(at_least=0), help="L2 penalty on the kernels.")
    weights: str | None = setting(
        None,
        optional(text("'imagenet', 'random' or the path of a weights file")),
        help="'imagenet', 'random' or a weights file.",
    )
    trainable: bool | None = setting(
        None,
        optional(flag()),
        help="Whether the backbone is trained.",
        option="--trainable/--frozen",
    )
    pooling: Pooling = setting(
        "avg", one_of(get_args(Pooling)), help="Global pooling of the last feature maps."
    )
    head_units: tuple[int, ...] | None = setting(
        None,
        optional(several(whole(1), "a list of whole numbers >= 1")),
        help="Units of each dense layer of the head.",
        metavar="N,N,...",
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.image_size is not None:
            require_modest_size(self.image_size)

    def input_shape(self, *, minimum: int = 1) -> tuple[int, int, int]:
        """Return `(height, width, 3)`.

        Raises:
            UsageError: The image size is None, or a side is below `minimum` pixels.
        """
        if self.image_size is None or min(self.image_size) < minimum:
            raise UsageError(
                f"Expected image_size=(height, width), both at least {minimum} for this "
                f"architecture; received image_size={self.image_size}. Give a larger one "
                f"(--image-size {max(minimum, 32)}): images are resized to it."
            )
        return (*self.image_size, 3)

    def stages(self, default: int) -> int:
        """Return the depth of a network that needs one; `default` if it is open.

        Raises:
            UsageError: The depth is 0.
        """
        if self.depth == 0:
            raise UsageError(
                f"Expected depth >= 1 for this architecture; received depth=0, which is for heads "
                f"over a backbone. Give 1 or more, or leave it out for {default}."
            )
        return self.depth or default


class Architecture(Protocol):
    """A callable that builds an uncompiled `keras.Model`.

    The model takes raw RGB 0-255 of shape `(batch, *spec.image_size, 3)` and gives `num_classes`
    float32 probabilities. Preprocessing is layers inside the model, and the graph is flat.

    Example:
        >>> from imgclass import architectures
        >>> build = architectures["cnn"]  # doctest: +KERAS
        >>> build(ModelSpec(image_size=(8, 8)), 10).output_shape  # doctest: +KERAS
        (None, 10)
    """

    def __call__(self, spec: ModelSpec, num_classes: int) -> Any:
        """Build the model."""
        ...


@dataclass(frozen=True, slots=True)
class ArchitectureInfo:
    """What an architecture says about itself.

    Attributes:
        summary: One sentence.
        depth: What `spec.depth=None` means; None if the architecture has no such knob.
        width: What `spec.width=None` means; None if it has no such knob at its default depth.
        minimum_size: The smallest side of an image, in pixels.
        pretrained: Whether `weights="imagenet"` exists for it.
        weights_package: The import name of the package that has these weights; empty if Keras
            downloads them.
        optimizer: The optimizer that trains it best from a random start.
        knobs: The fields of `ModelSpec` that change it.

    Example:
        >>> ArchitectureInfo("Two dense layers.", depth=2, width=64, minimum_size=8).pretrained
        False
    """

    summary: str
    depth: int | None = None
    width: int | None = None
    minimum_size: int = 1
    pretrained: bool = False
    weights_package: str = ""
    optimizer: Optimizer = "adam"
    knobs: tuple[Knob, ...] = KNOBS


Builder = TypeVar("Builder", bound=Callable[..., Any])


def described(info: ArchitectureInfo) -> Callable[[Builder], Builder]:
    """Attach `info` to an architecture: its sentence, and the defaults of its knobs.

    Example:
        >>> @described(ArchitectureInfo("Two dense layers.", depth=2, width=64))
        ... def perceptron(spec: ModelSpec, num_classes: int): ...
        >>> perceptron.info.depth
        2
    """

    def attach(builder: Builder) -> Builder:
        builder.info = info  # type: ignore[attr-defined]  # a function takes any attribute
        return builder

    return attach


def info_of(builder: Callable[..., Any]) -> ArchitectureInfo:
    """Return what an architecture says about itself; without `described`, its docstring's line.

    Example:
        >>> def plain(spec: ModelSpec, num_classes: int):
        ...     "Two dense layers."
        >>> info_of(plain).summary
        'Two dense layers.'
    """
    info = getattr(builder, "info", None)
    if isinstance(info, ArchitectureInfo):
        return info
    return ArchitectureInfo((builder.__doc__ or "").strip().partition("\n")[0])
