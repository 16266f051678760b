"""The settings of an experiment in groups, each with its default."""

from dataclasses import fields, replace
from typing import Any, NamedTuple

from imgclass.experiment import GROUPS, Experiment
from imgclass.flows import PRESETS


class Setting(NamedTuple):
    """One field of an experiment."""

    name: str
    value: Any
    default: Any

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the default."""
        return bool(self.value != self.default)


class Group(NamedTuple):
    """Settings that belong together."""

    title: str
    settings: tuple[Setting, ...]


def grouped_settings(experiment: Experiment) -> tuple[Group, ...]:
    """Return every field of an experiment."""
    usual = PRESETS["light"]
    standard = Experiment(augmentation=usual)
    experiment = replace(experiment, augmentation=experiment.augmentation or usual)
    parts = {"Model": "spec", "Training": "training", "Augmentation": "augmentation"}
    return (
        Group("Experiment", _settings(experiment, standard)),
        *(
            Group(title, _settings(getattr(experiment, part), getattr(standard, part)))
            for title, part in parts.items()
        ),
    )


def _settings(value: Any, standard: Any) -> tuple[Setting, ...]:
    """Return the fields of one value that are not groups."""
    names = [f.name for f in fields(value) if not isinstance(getattr(value, f.name), GROUPS)]
    return tuple(Setting(name, getattr(value, name), getattr(standard, name)) for name in names)
