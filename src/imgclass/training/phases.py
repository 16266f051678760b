"""The phases of a training: one, or first the head's and then the backbone's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from imgclass.data.faults import listing
from imgclass.errors import UsageError
from imgclass.training.config import TrainingConfig
from imgclass.training.recipe import fine_tuning_rate

# Axes of feature maps: batch, height, width, channels.
RANK_OF_FEATURE_MAPS = 4


@dataclass(frozen=True, slots=True)
class Phase:
    """Some epochs with one learning rate, and the layers of the backbone that learn in them.

    Attributes:
        learning_rate: Peak of the schedule; None leaves an optimizer object its own.
        frozen: Layers that do not learn; batch normalisation among them is in inference mode.
    """

    epochs: int
    learning_rate: float | None
    learning: tuple[Any, ...] = ()
    frozen: tuple[Any, ...] = ()

    def begin(self) -> None:
        """Set which layers learn, once the model is compiled."""
        for layers, learns in ((self.learning, True), (self.frozen, False)):
            for layer in layers:
                layer.trainable = learns


def plan_phases(model: keras.Model, config: TrainingConfig) -> tuple[Phase, ...]:
    """Return the phases that `config` asks for: one, or the head's and then the backbone's.

    The backbone ends with the model's last feature maps; the head follows. Only layers of the
    backbone that can learn are frozen and unfrozen; its batch normalisation stays frozen.
    """
    assert config.epochs is not None
    if not config.head_epochs:
        return (Phase(config.epochs, config.learning_rate),)
    backbone = _backbone_of(model)
    able = tuple(layer for layer in backbone if layer.trainable_weights)
    if not able:
        raise UsageError(
            "Expected a model with a backbone that can learn after its head; received one that has "
            "none, or whose backbone is frozen for good. Train it in one phase (no --head-epochs), "
            "or let the backbone learn (no --frozen)."
        )
    # The statistics of small batches would undo what the backbone has learned (Chollet, *Transfer
    # learning & fine-tuning*, keras.io, 2020).
    candidates = tuple(
        layer for layer in able if not isinstance(layer, keras.layers.BatchNormalization)
    )
    learning = _unfrozen(backbone, candidates, config.unfreeze)
    frozen = tuple(layer for layer in able if layer not in learning)
    return (
        Phase(config.head_epochs, config.learning_rate, frozen=able),
        Phase(config.epochs - config.head_epochs, fine_tuning_rate(config), learning, frozen),
    )


def rates_of(config: TrainingConfig, phases: Sequence[Phase]) -> list[tuple[str, float | None]]:
    """Return, per phase, the field of `config` that sets its learning rate, and the rate.

    Example:
        >>> mine = TrainingConfig(epochs=5, head_epochs=2, learning_rate=1e-3)
        >>> rates_of(mine, (Phase(2, 1e-3), Phase(3, 1e-4)))
        [('learning_rate', 0.001), ('fine_tune_rate', 0.0001)]
    """
    later = "fine_tune_rate" if config.head_epochs else "learning_rate"
    names = ["learning_rate", *[later] * (len(phases) - 1)]
    return [
        ("optimizer" if phase.learning_rate is None else name, phase.learning_rate)
        for name, phase in zip(names, phases, strict=True)
    ]


def _backbone_of(model: keras.Model) -> Sequence[Any]:
    """Return the layers up to the last feature maps, lowest first."""
    ends = [
        position
        for position, layer in enumerate(model.layers, start=1)
        if len(getattr(layer.output, "shape", ())) == RANK_OF_FEATURE_MAPS
    ]
    backbone: Sequence[Any] = model.layers[: max(ends, default=0)]
    return backbone


def _unfrozen(
    backbone: Sequence[Any], able: tuple[Any, ...], unfreeze: str | int | None
) -> tuple[Any, ...]:
    """Return the layers that `unfreeze` names, of those `able` to learn."""
    if unfreeze is None:
        return able
    if isinstance(unfreeze, int) and unfreeze <= len(able):
        return able[-unfreeze:]
    if isinstance(unfreeze, str):
        names = [layer.name for layer in backbone]
        start = next((i for i, name in enumerate(names) if name.startswith(unfreeze)), len(names))
        if found := tuple(layer for layer in backbone[start:] if layer in able):
            return found
    raise UsageError(
        f"Expected unfreeze (--unfreeze) as the beginning of a layer's name, or the number of the "
        f"last layers, of the {len(able)} layers with weights; received {unfreeze!r}. From the "
        f"top, these are: "
        f"{listing([layer.name for layer in reversed(able)])}."
    )
