"""The trainings of the loop: what one is, what came of it, and making one that ends in time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import ImgclassError, MachineError, PluginError, TrainingError
from imgclass.execution.once import run_once
from imgclass.experiment import Experiment
from imgclass.run import Run

# What may be wrong with one idea and not with the next.
FAILURES = (TrainingError, PluginError, MachineError)
SHORTEST = 1.0  # seconds that a training has at least


@dataclass(frozen=True, slots=True)
class Training:
    """One training that the loop asks for.

    Attributes:
        path: The run's directory, absolute.
        experiment: What to run.
        parent: The directory of the run that it changes; None for the first.
        ends: When its steps have to end, on the clock of `time.time`, in seconds. It is the clock
            of the day, since another machine may train.
    """

    path: Path
    experiment: Experiment
    parent: Path | None
    ends: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training.

    Attributes:
        run: The finished run; None if it failed.
        failure: Why it failed; None if it did not.
        seconds: Wall time.
        continued_after: Whole epochs of an earlier process that it went on from; None if it began
            anew.
    """

    run: Run | None
    failure: ImgclassError | None
    seconds: float
    continued_after: int | None = None

    def require_run(self) -> Run:
        """Return the run.

        Raises:
            ImgclassError: The training failed.
        """
        if self.failure is not None:
            raise self.failure
        assert self.run is not None, "what did not fail has a run"
        return self.run


class Trainer(Protocol):
    """Where trainings are made: in this process, or on a cluster."""

    @property
    def at_once(self) -> int:
        """How many are made at the same time."""

    def __call__(self, trainings: Sequence[Training]) -> tuple[Outcome, ...]:
        """Return what came of each training, in order."""


@dataclass(frozen=True, slots=True)
class Here:
    """Trains in this process, one after the other.

    Attributes:
        folder: The data set.
        diagnoser: Has the target.
        progress: Whether to show progress on standard error.
    """

    folder: ImageFolder
    diagnoser: Diagnoser
    progress: bool

    @property
    def at_once(self) -> int:
        """How many are made at the same time."""
        return 1

    def __call__(self, trainings: Sequence[Training]) -> tuple[Outcome, ...]:
        """Return what came of each training, in order."""
        return tuple(map(self._outcome, trainings))

    def _outcome(self, training: Training) -> Outcome:
        began, run, failure = time.monotonic(), None, None
        try:
            run = trained(training, self.folder, diagnoser=self.diagnoser, progress=self.progress)
        except FAILURES as error:
            failure = error
        return Outcome(run, failure, round(time.monotonic() - began, 3))


def trained(
    training: Training, folder: ImageFolder, *, diagnoser: Diagnoser, progress: bool
) -> Run:
    """Return the run of a training: as it is if it is finished, else continued, or made anew.

    Args:
        training: What to train. Its learning rate comes down by its end.
        folder: The data set.
        diagnoser: Has the target.
        progress: Whether to show progress on standard error.
    """
    from imgclass.training.deadline import Deadline, EndInTime

    seconds = max(training.ends - time.time(), SHORTEST)
    head_epochs = training.experiment.training.head_epochs
    return run_once(
        training.path,
        folder,
        training.experiment,
        parent=Run.load(training.parent) if training.parent else None,
        diagnoser=diagnoser,
        callbacks=EndInTime(Deadline(time.monotonic() + seconds, head_epochs)),
        progress=progress,
    )
