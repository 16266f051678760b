"""Lever: a function that changes one thing of an experiment, or finds that it is at its end."""

from collections.abc import Callable

from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.experiment import Experiment
from imgclass.training.history import History

Lever = Callable[[Experiment, History], Recommendation | None]


def name_of(lever: Lever) -> str:
    """Return the name under which a lever's trainings are kept in the table of experience."""
    return getattr(lever, "__name__", "")
