"""The trainings of a curve one after another: how far it is, and what an error leaves."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from imgclass.formatting import count, duration
from imgclass.run.run import Run


@dataclass(slots=True)
class Steps:
    """Takes the trainings of a curve, and says before each which it is and how long all will take.

    Attributes:
        path: The curve's folder.
        total: Number of trainings.
        console: Where to say it.
        done: What each finished training took, in seconds, in this process or an earlier one.
    """

    path: Path
    total: int
    console: Console
    done: list[float] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def take(self, images: int, make: Callable[[], Run]) -> Run:
        """Return the run of the next training; to an error it adds what is kept."""
        self.console.print(self._line(images))
        try:
            run = make()
        except BaseException as error:
            # Notes about the one run would say how to continue that alone.
            getattr(error, "__notes__", []).clear()
            error.add_note(
                f"Kept in {self.path}: {len(self.done)} of {count(self.total, 'training')}. "
                f"Give the same command again: it goes on from there."
            )
            raise
        self.add(run)
        return run

    def add(self, run: Run) -> None:
        """Count a finished training, and say what it scored."""
        self.done.append(sum(run.record.stage_seconds.values()) or run.history.seconds)
        self.console.print(f"  val accuracy {run.evaluation.val}")

    def _line(self, images: int) -> str:
        number = len(self.done) + 1
        line = f"Training {number} of {self.total}: {count(images, 'image')}."
        if not self.done:
            return line
        # All have as many steps, so all take about as long.
        left = (self.total - len(self.done)) * sum(self.done) / len(self.done)
        so_far = time.monotonic() - self._began
        return f"{line} {duration(so_far)} so far, about {duration(left)} left."
