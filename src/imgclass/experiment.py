"""An experiment: everything that decides what is trained and how, as one value that can be kept."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from imgclass.data.images.fitting import Fit
from imgclass.flows.augmentation import PRESETS, Augmentation
from imgclass.models.spec import ModelSpec
from imgclass.training.config import TrainingConfig

Pipeline = Literal["cached", "generator"]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Architecture, its knobs, the training recipe, augmentation, and how images are fed.

    Attributes:
        architecture: A name in the registry of architectures.
        spec: The architecture's knobs.
        training: The training recipe.
        augmentation: Random changes to the training images.
        pipeline: `cached` decodes once and augments by batch; `generator` is Keras's own.
        fit: What happens to the aspect ratio: `stretch`, `crop` or `pad`.
        tta: Test-time augmentation: where training images are mirrored, a prediction is the mean
            over an image and its mirror image. It costs twice the time of a prediction.

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
    fit: Fit = "stretch"
    tta: bool = True

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
        flat |= _flat(item, f"{name}.") if is_dataclass(item) else {name: item}
    return flat
