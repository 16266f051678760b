"""The state from which a training is resumed; refused if something differs."""

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace

from imgclass.errors import CheckpointError, CheckpointWarning
from imgclass.formatting import cut
from imgclass.training.checkpoints.folder import Checkpoint
from imgclass.training.checkpoints.state import Setting, TrainingState
from imgclass.training.config import TrainingConfig
from imgclass.training.keras_object import KerasObject

# Fields of the recipe that may change on purpose: the arrays do not depend on them.
CHANGEABLE = (
    "learning_rate",
    "fine_tune_rate",
    "optimizer",
    "batch_size",
    "weight_decay",
    "label_smoothing",
    "patience",
)
LONGEST = 100  # characters of a value in a message
OF_A_BATCH = {"batch size", "first training batch", "first validation batch"}


def state_to_resume(
    state: TrainingState,
    config: TrainingConfig,
    setting: Setting,
    *,
    changed: Collection[str] = (),
    other_versions: bool = False,
) -> TrainingState:
    """Return the state to resume from, with the recipe and the setting of now.

    A finished training given more epochs continues at the same rate if that is constant, otherwise
    in a new phase. Only `changed` fields may differ, and versions if allowed.
    """
    before = state.setting
    is_same_batch = state.config.batch_size == config.batch_size
    free = () if is_same_batch or "batch_size" not in changed else OF_A_BATCH
    _require_same("data", before.data, setting.data, free)
    _require_same("model", before.model, setting.model)
    _require_same("callbacks", before.callbacks, setting.callbacks)
    if not other_versions:
        remedy = (
            "Install those versions, or continue with these (--other-versions), which may change "
            "the last digits."
        )
        _require_same("versions", before.versions, setting.versions, remedy=remedy)
    _require_config(state.config, config, changed)
    state = replace(state, config=config, setting=setting)
    assert config.epochs is not None
    return _with_epochs(state, config.epochs, before=_epochs_of(state))


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Say what differs, by name.

    Example:
        >>> differences({"keras": "3.15.1"}, {"keras": "3.16.0"})
        ('keras was 3.15.1 and is 3.16.0',)
    """
    names = sorted(before.keys() | now.keys())
    return tuple(
        f"{name} was {_value(before, name)} and is {_value(now, name)}"
        for name in names
        if before.get(name) != now.get(name)
    )


def warn_of_differences(before: Checkpoint, setting: Setting) -> None:
    """Warn of newer, unusable checkpoints, and of another machine."""
    messages = [
        f"A checkpoint could not be used, and is left as it is: {what}." for what in before.damaged
    ] + [
        f"The training began on another machine: {what}. Last digits may differ."
        for what in differences(before.state.setting.machine, setting.machine)
    ]
    for message in messages:
        warnings.warn(message, CheckpointWarning, stacklevel=3)


def _epochs_of(state: TrainingState) -> int:
    return state.added[-1][1] if state.added else state.planned_epochs


def _require_same(
    what: str,
    before: Mapping[str, str],
    now: Mapping[str, str],
    free: Iterable[str] = (),
    *,
    remedy: str = "Use the same as before, or start a new training.",
) -> None:
    left_out = set(free)
    pairs = [{k: v for k, v in each.items() if k not in left_out} for each in (before, now)]
    if found := differences(*pairs):
        raise CheckpointError(
            f"Expected the {what} that the training began with; {'; '.join(found)}. {remedy}"
        )


def _require_config(before: TrainingConfig, now: TrainingConfig, changed: Collection[str]) -> None:
    for field in fields(now):
        name, old, new = field.name, getattr(before, field.name), getattr(now, field.name)
        if old == new or name == "epochs" or (name in changed and name in CHANGEABLE):
            continue
        raise CheckpointError(
            f"Expected {name}={old!r}, with which the training began; received {name}={new!r}. "
            f"Use the same as before, or start a new training."
        )


def _with_epochs(state: TrainingState, epochs: int, *, before: int) -> TrainingState:
    place = state.place
    if epochs == before:
        return state
    if not place.is_over:
        raise CheckpointError(
            f"Expected epochs={before}, for which the training began; received epochs={epochs}. "
            f"Let it finish first, then give it more epochs."
        )
    if epochs <= place.epoch:
        raise CheckpointError(
            f"Expected more epochs than the {place.epoch} that are over; received epochs={epochs}."
        )
    waited = 0 if _has_stalled(state) else state.waited
    place = replace(place, is_over=False)
    if _has_schedule(state.config):
        added = (*state.added, (place.epoch, epochs))
        return replace(state, place=replace(place, is_phase_over=True), added=added)
    if state.added:
        added = (*state.added[:-1], (state.added[-1][0], epochs))
        state = replace(state, added=added)
    else:
        state = replace(state, planned_epochs=epochs)
    place = replace(place, is_phase_over=False, phase_end=epochs)
    return replace(state, place=place, waited=waited)


def _has_stalled(state: TrainingState) -> bool:
    return state.config.patience is not None and state.waited >= state.config.patience


def _has_schedule(config: TrainingConfig) -> bool:
    """Return whether the recipe has a schedule that ends with the planned epochs."""
    return config.schedule != "constant" and not isinstance(config.optimizer, KerasObject)


def _value(values: Mapping[str, str], name: str) -> str:
    return cut(values[name], LONGEST) if name in values else "none"
