"""What a whole run will take on this machine, and how many epochs fit the time that is left."""

from collections.abc import Iterable
from dataclasses import replace
from heapq import heapreplace
from math import floor

from imgclass.diagnosis.wall_time import predicted_seconds
from imgclass.experiment import Experiment
from imgclass.run import Run

# Of the parent's epochs; a training that is cut shorter says nothing about the change.
LEAST_SHARE = 0.5


def run_seconds(run: Run, experiment: Experiment) -> float | None:
    """Return what a run of `experiment` takes from its start to its diagnosis, in seconds.

    It is None if that cannot be told from `run`, which was made on this machine.
    """
    fitting = predicted_seconds(run.evidence, experiment)
    return None if fitting is None else _beside(run) + fitting


def fitted_into(seconds: float, run: Run, experiment: Experiment) -> Experiment | None:
    """Return the experiment with as many epochs as the time allows, at most its own.

    None if these are too few to judge it by. If its time cannot be told, it stays as it is.
    """
    epochs = experiment.training.epochs or len(run.history.epochs)
    whole, longer = (
        run_seconds(run, _with_epochs(experiment, each)) for each in (epochs, 2 * epochs)
    )
    if whole is None or longer is None or whole <= seconds:
        return experiment
    share = 1 - (whole - seconds) / (longer - whole) if longer > whole else 0.0
    fitting = floor(epochs * share)
    if fitting < max(1, LEAST_SHARE * len(run.history.epochs)):
        return None
    return _with_epochs(experiment, fitting)


def lasting(trainings: Iterable[float], at_once: int) -> float:
    """Return how long trainings last of which so many are made at the same time, in seconds.

    Args:
        trainings: Seconds of each, in the order in which they begin.
        at_once: How many have room.

    Example:
        >>> lasting([3.0, 2.0, 2.0], at_once=1), lasting([3.0, 2.0, 2.0], at_once=2)
        (7.0, 4.0)
    """
    ends = [0.0] * at_once
    for seconds in trainings:
        heapreplace(ends, ends[0] + seconds)
    return max(ends)


def _with_epochs(experiment: Experiment, epochs: int) -> Experiment:
    return replace(experiment, training=replace(experiment.training, epochs=epochs))


def _beside(run: Run) -> float:
    """Return the seconds of everything but fitting."""
    return max(0.0, sum(run.record.stage_seconds.values()) - run.history.seconds)
