"""From one changed field to a Recommendation that says what changed."""

from dataclasses import replace
from typing import Any

from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.experiment import Experiment
from imgclass.flows.augmentation import PRESETS, Augmentation
from imgclass.training.keras_object import KerasObject


def with_spec(evidence: Evidence, reason: str, **changes: Any) -> Recommendation:
    """Recommend the experiment that was run with these fields of its spec changed."""
    before = evidence.experiment
    return _recommend(before, reason, replace(before, spec=replace(before.spec, **changes)))


def with_training(evidence: Evidence, reason: str, **changes: Any) -> Recommendation:
    """Recommend the experiment that was run with these fields of its training recipe changed."""
    before = evidence.experiment
    return _recommend(before, reason, replace(before, training=replace(before.training, **changes)))


def with_augmentation(
    evidence: Evidence, reason: str, augmentation: Augmentation
) -> Recommendation:
    """Recommend the experiment that was run with another augmentation."""
    before = evidence.experiment
    return _recommend(before, reason, replace(before, augmentation=augmentation))


def describe_changes(before: Experiment, after: Experiment) -> tuple[str, ...]:
    """Return a phrase for each thing that differs.

    Example:
        >>> first = Experiment()
        >>> describe_changes(first, replace(first, augmentation=PRESETS["medium"]))
        ('augmentation light to medium',)
    """
    changes = after.changes_from(before)
    presets = _preset_name(before.augmentation), _preset_name(after.augmentation)
    if all(presets) and presets[0] != presets[1]:
        changes = {k: v for k, v in changes.items() if not k.startswith("augmentation.")}
        changes["augmentation"] = presets
    return tuple(
        f"{name.rpartition('.')[2]} {_text(old)} to {_text(new)}"
        for name, (old, new) in changes.items()
    )


def _recommend(before: Experiment, reason: str, after: Experiment) -> Recommendation:
    return Recommendation(describe_changes(before, after), reason, after)


def _preset_name(augmentation: Augmentation) -> str | None:
    return next((name for name, preset in PRESETS.items() if preset == augmentation), None)


def _text(value: Any) -> str:
    if isinstance(value, KerasObject):
        return (
            f"{value.title} at rate {value.learning_rate:g}" if value.learning_rate else value.title
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
