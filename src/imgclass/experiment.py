"""An experiment: everything that decides what is trained and how, as one value that can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

from imgclass.flows.augmentation import PRESETS, Augmentation, preset_or_own
from imgclass.images.resizing import Resize
from imgclass.models.spec import ModelSpec
from imgclass.serialization import FORMERLY
from imgclass.training.config import TrainingConfig
from imgclass.validation import Check, check_fields, flag, instance, one_of, text

Pipeline = Literal["cached", "generator"]

# The fields that are values with fields of their own.
GROUPS = (ModelSpec, TrainingConfig, Augmentation)

_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "architecture": text("the name of an architecture"),
        "spec": instance(ModelSpec, "a ModelSpec"),
        "training": instance(TrainingConfig, "a TrainingConfig"),
        "augmentation": instance(Augmentation, f"an Augmentation or one of {', '.join(PRESETS)}"),
        "pipeline": one_of(get_args(Pipeline)),
        "resize": one_of(get_args(Resize)),
        "tta": flag(),
    }
)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Architecture, its knobs, the training recipe, augmentation, and how images are fed.

    Attributes:
        architecture: A name in the registry of architectures.
        spec: The architecture's knobs.
        training: The training recipe.
        augmentation: Random changes to the training images; the name of a preset, such as
            `medium`, becomes its Augmentation.
        pipeline: `cached` decodes once and augments by batch; `generator` is Keras's own.
        resize: What happens to the aspect ratio: `stretch`, `crop` or `pad`.
        tta: Test-time augmentation: predictions average over an image and its mirror image, and
            are scored beside the plain ones. It costs twice the time of a prediction.

    Raises:
        UsageError: A value has another type, or is none of the names that fit.

    Example:
        >>> from dataclasses import replace
        >>> first = Experiment()
        >>> replace(first, spec=replace(first.spec, dropout=0.3)).changes_from(first)
        {'spec.dropout': (0.0, 0.3)}
    """

    architecture: str = "cnn"
    spec: ModelSpec = field(default_factory=ModelSpec)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    augmentation: Augmentation = PRESETS["light"]
    pipeline: Pipeline = "cached"
    resize: Resize = field(default="stretch", metadata={FORMERLY: "fit"})
    tta: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "augmentation", preset_or_own(self.augmentation))
        check_fields(self, _CHECKS)

    def changes_from(self, other: "Experiment") -> dict[str, tuple[Any, Any]]:
        """Return `{field: (value in other, value here)}` for each field that differs."""
        here, there = _flat(self), _flat(other)
        return {name: (there[name], here[name]) for name in here if here[name] != there[name]}


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return every field by its dotted name, in the fields' order."""
    flat: dict[str, Any] = {}
    for part in fields(value):
        item = getattr(value, part.name)
        name = f"{prefix}{part.name}"
        flat |= _flat(item, f"{name}.") if isinstance(item, GROUPS) else {name: item}
    return flat
