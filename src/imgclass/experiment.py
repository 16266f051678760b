"""An experiment: everything that decides what is trained and how, as one value that can be kept."""

from dataclasses import dataclass
from typing import Any, Literal

from imgclass.data.fitting import Fit
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

    Example:
        >>> from dataclasses import replace
        >>> first = Experiment()
        >>> replace(first, spec=replace(first.spec, dropout=0.3)).changes_from(first)
        {'spec.dropout': (0.0, 0.3)}
    """

    architecture: str = "cnn"
    spec: ModelSpec = ModelSpec()
    training: TrainingConfig = TrainingConfig()
    augmentation: Augmentation = PRESETS["light"]
    pipeline: Pipeline = "cached"
    fit: Fit = "stretch"

    def changes_from(self, other: "Experiment") -> dict[str, tuple[Any, Any]]:
        """Return `{field: (value in other, value here)}` for each field that differs."""
        here, there = _flat(self), _flat(other)
        return {name: (there[name], here[name]) for name in here if here[name] != there[name]}


def _flat(experiment: Experiment) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name in Experiment.__dataclass_fields__:
        value = getattr(experiment, name)
        for part in getattr(value, "__dataclass_fields__", ()):
            flat[f"{name}.{part}"] = getattr(value, part)
        if not hasattr(value, "__dataclass_fields__"):
            flat[name] = value
    return flat
