"""From one changed field to a Recommendation that says what changed."""

from dataclasses import fields, replace
from typing import Any

from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.training.keras_object import KerasObject


def recommend(before: Experiment, reason: str, after: Experiment) -> Recommendation:
    """Recommend an experiment, and say what changed."""
    return Recommendation(describe_changes(before, after), reason, after)


def with_setting(before: Experiment, name: str, value: Any) -> Experiment:
    """Return an experiment with one setting changed, whatever part of it has that."""
    for part in ("spec", "training"):
        if name in {field.name for field in fields(getattr(before, part))}:
            return replace(before, **{part: replace(getattr(before, part), **{name: value})})
    return replace(before, **{name: value})


def with_spec(before: Experiment, reason: str, **changes: Any) -> Recommendation:
    """Recommend an experiment with these fields of its spec changed."""
    return recommend(before, reason, replace(before, spec=replace(before.spec, **changes)))


def with_training(before: Experiment, reason: str, **changes: Any) -> Recommendation:
    """Recommend an experiment with these fields of its training recipe changed."""
    return recommend(before, reason, replace(before, training=replace(before.training, **changes)))


def with_augmentation(
    before: Experiment, reason: str, augmentation: Augmentation
) -> Recommendation:
    """Recommend an experiment with another augmentation."""
    return recommend(before, reason, replace(before, augmentation=augmentation))


def augmentation_of(experiment: Experiment) -> Augmentation:
    """Return the augmentation; of an experiment that leaves it open, the usual one."""
    return experiment.augmentation or PRESETS["light"]


def describe_changes(before: Experiment, after: Experiment) -> tuple[str, ...]:
    """Return a phrase such as `depth 3 to 4` for each thing that differs."""
    before, after = (replace(each, augmentation=augmentation_of(each)) for each in (before, after))
    changes = after.changes_from(before)
    presets = _preset_name(augmentation_of(before)), _preset_name(augmentation_of(after))
    if all(presets) and presets[0] != presets[1]:
        changes = {k: v for k, v in changes.items() if not k.startswith("augmentation.")}
        changes["augmentation"] = presets
    return tuple(_phrase(name.rpartition(".")[2], *pair) for name, pair in changes.items())


def _preset_name(augmentation: Augmentation) -> str | None:
    mirrored = replace(augmentation, horizontal_flip=True)
    names = {preset: name for name, preset in PRESETS.items()}
    if augmentation in names:
        return names[augmentation]
    return f"{names[mirrored]} without mirroring" if mirrored in names else None


def _phrase(name: str, old: Any, new: Any) -> str:
    return f"{name} to {_text(new)}" if old is None else f"{name} {_text(old)} to {_text(new)}"


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, KerasObject):
        return (
            f"{value.title} at rate {value.learning_rate:g}" if value.learning_rate else value.title
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
