"""One run of a leaderboard, and one that is not on it."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.evaluation import Comparison
from imgclass.formatting import cut, duration
from imgclass.statistics import Interval

FIRST = 1  # the rank of the best run, and of those that are not told apart from it
LONGEST = 60  # characters of a name
SMALLEST_SHOWN = 0.001  # p-value
UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class RankedRun:
    """One run of a leaderboard.

    Attributes:
        path: Its directory.
        name: The directory's name, with folders before it where another run has the same name.
        rank: 1 for the best run and for those that are not told apart from it.
        accuracy: On the images of the board's split, in 0-1.
        interval: Its 95 % Wilson interval.
        n: Number of these images.
        val_accuracy: In 0-1, whatever the board's split is.
        comparison: With the best run, on the images that both were scored on: `worse` counts those
            that only the best run got right. None for the best run itself.
        p_value: Of the comparison, corrected for the number of runs; None for the best run.
        architecture: What was trained.
        seconds: Wall time of fitting.
        epochs: Number of epochs.
        train_images: Number of training images.
        parameters: Numbers in the model's weights; None if they are not known.

    Example:
        >>> run = RankedRun(Path("runs/cnn-1"), "cnn-1", 1, 0.9, (0.88, 0.92), 1000, 0.9)
        >>> run.is_first, run.against_best
        (True, 'best')
    """

    path: Path
    name: str
    rank: int
    accuracy: float
    interval: Interval
    n: int
    val_accuracy: float
    comparison: Comparison | None = None
    p_value: float | None = None
    architecture: str = ""
    seconds: float = 0.0
    epochs: int = 0
    train_images: int = 0
    parameters: int | None = None

    @property
    def is_first(self) -> bool:
        """Whether it is the best run, or not told apart from it."""
        return self.rank == FIRST

    @property
    def against_best(self) -> str:
        """Its accuracy minus that of the best run, in points, with the 95 % interval."""
        if self.comparison is None:
            return "best"
        low, high = (100 * end for end in self.comparison.interval)
        some = f", on {self.comparison.n:,} images" * bool(self.comparison.left_out)
        return f"{100 * self.comparison.difference:+.1f} ({low:+.1f} to {high:+.1f}{some})"

    @property
    def cost(self) -> dict[str, str]:
        """What the run took, by what it is called in a table."""
        return {
            "fitting": duration(self.seconds) if self.seconds else UNKNOWN,
            "epochs": f"{self.epochs:,}",
            "train images": f"{self.train_images:,}",
            "parameters": UNKNOWN if self.parameters is None else f"{self.parameters:,}",
        }

    @property
    def shown_p(self) -> str:
        """The corrected p-value as text."""
        if self.p_value is None:
            return UNKNOWN
        return f"{self.p_value:.3f}" if self.p_value >= SMALLEST_SHOWN else f"< {SMALLEST_SHOWN}"


@dataclass(frozen=True, slots=True)
class LeftOutRun:
    """A run that is not on the board, and why."""

    path: Path
    reason: str

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name

    def __str__(self) -> str:
        return f"Left out: {cut(self.name, LONGEST)}. {cut(self.reason, 10 * LONGEST)}"
