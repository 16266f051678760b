"""A confusion matrix for readers: rows of cells, pairs, or a plot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from imgclass.evaluation.score import Score
from imgclass.formatting import cut_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 100  # classes; a larger matrix is neither read nor quickly shown
ROOMY, NUMBERED = 14, 30  # classes; in larger matrices the counts do not fit
SHORT = 2  # characters
LONGEST_LABEL = 18  # characters
DARK_CELL = 0.6  # share from which a number is written in white


class Cell(NamedTuple):
    """Images of one class predicted as one class: their number, and share of the class in 0-1."""

    images: int
    share: float


class Pair(NamedTuple):
    """Two classes; images of the first were predicted as the second."""

    label: str
    predicted: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Matrix:
    """The part of a confusion matrix that is shown; rows are true classes, columns predicted ones.

    Attributes:
        total: Number of classes before the matrix was cut.
    """

    class_names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @property
    def is_numbered(self) -> bool:
        """Whether the counts fit into the cells."""
        return len(self.class_names) <= NUMBERED

    @property
    def has_short_names(self) -> bool:
        """Whether the columns' names fit over their cells without being turned."""
        return self.is_numbered and all(len(name) <= SHORT for name in self.class_names)

    @property
    def density(self) -> str:
        """The style sheet's classes for how large the cells can be."""
        if not self.is_numbered:
            return "dense"
        return "numbered" if len(self.class_names) <= ROOMY else "numbered crowded"


def shown_matrix(score: Score, *, largest: int = LARGEST) -> Matrix:
    """Return the matrix; of more than `largest` classes, those with most mistakes."""
    kept = sorted(_by_mistakes(score)[:largest])
    return Matrix(
        class_names=tuple(score.class_names[i] for i in kept),
        rows=tuple(tuple(_cell(score.confusion[i], j) for j in kept) for i in kept),
        total=len(score.class_names),
    )


def most_confused(score: Score, *, most: int) -> tuple[Pair, ...]:
    """Return the pairs of classes that were confused most often, in one direction each."""
    names = score.class_names
    pairs = [
        Pair(names[i], names[j], _cell(row, j))
        for i, row in enumerate(score.confusion)
        for j, count in enumerate(row)
        if count and i != j
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.cell.images)[:most])


def draw(score: Score, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a matrix of at most 30 classes, coloured by shares of the true class."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(layout="constrained").add_subplot()
    matrix = shown_matrix(score, largest=NUMBERED)
    shown = cut_apart(matrix.class_names, LONGEST_LABEL)
    places, labels = range(len(shown)), list(shown.values())
    ax.imshow([[cell.share for cell in row] for row in matrix.rows], cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(matrix.rows):
        for j, cell in enumerate(row):
            if cell.images:
                colour = "white" if cell.share > DARK_CELL else "black"
                ax.text(j, i, f"{cell.images:,}", ha="center", va="center", color=colour, size=8)
    turn = 0 if matrix.has_short_names else 90
    # A dollar sign in a name is no formula.
    ax.set_xticks(places, labels, rotation=turn, parse_math=False)
    ax.set_yticks(places, labels, parse_math=False)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    if matrix.total > len(shown):
        ax.set_title(f"the {len(shown)} of {matrix.total:,} classes with the most mistakes")
    return ax


def _by_mistakes(score: Score) -> list[int]:
    """Return the classes' positions, most mistakes (missed or wrongly predicted) first."""
    columns = tuple(map(sum, zip(*score.confusion, strict=True)))
    mistakes = [sum(row) + columns[i] - 2 * row[i] for i, row in enumerate(score.confusion)]
    return sorted(range(len(mistakes)), key=lambda i: -mistakes[i])


def _cell(row: tuple[int, ...], column: int) -> Cell:
    return Cell(row[column], row[column] / sum(row) if row[column] else 0.0)
