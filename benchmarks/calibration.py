"""How well rows of experience predict each other: each is predicted by those of other data."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from imgclass.diagnosis import Expectation
from imgclass.diagnosis.experience import Experience, expect
from imgclass.diagnosis.experience.expect import NEIGHBOURS

TRIED = (10, 15, 20, 25, 30, 40, 60)
FEW = 5  # rows of a lever of which no share is printed


@dataclass(frozen=True, slots=True)
class Prediction:
    """A row, and what was expected of it without the rows of its data.

    Attributes:
        row: What was seen.
        expected: By similar situations.
        usual: The median gain of its lever, in whatever situation.
    """

    row: Experience
    expected: Expectation | None
    usual: float

    @property
    def is_inside(self) -> bool:
        """Whether the gain lay in the interval."""
        assert self.expected is not None
        low, high = self.expected.interval
        return low <= self.row.gain <= high


def predictions(rows: Sequence[Experience], *, neighbours: int) -> Iterator[Prediction]:
    """Yield each row with what the rows of all other sources say of it."""
    sources = dict.fromkeys(row.source for row in rows)
    for source in sources:
        others = [row for row in rows if row.source != source]
        for row in rows:
            if row.source == source:
                expected = expect(row.situation, row.lever, others, neighbours=neighbours)
                gains = [other.gain for other in others if other.lever == row.lever]
                yield Prediction(row, expected, median(gains) if gains else 0.0)


def print_calibration(rows: Sequence[Experience]) -> None:
    """Print how many rows there are, and how often outcomes lay in the 80 % interval."""
    sources = {row.source for row in rows}
    kinds = sorted({source.partition(" ")[2] for source in sources})
    print(f"{len(rows):,} rows of {len(sources)} situations: {', '.join(kinds)}")
    for neighbours in TRIED:
        known = [p for p in predictions(rows, neighbours=neighbours) if p.expected]
        if known:
            print(f"{neighbours:3} neighbours: {summary(known, len(rows))}")
    known = [p for p in predictions(rows, neighbours=NEIGHBOURS) if p.expected]
    print(choice_summary(known))
    print(limit_summary(rows))
    for lever in sorted({row.lever for row in rows}):
        those = [p for p in known if p.row.lever == lever]
        if len(those) > FEW:
            print(f"{lever:24} {summary(those, sum(row.lever == lever for row in rows))}")


def choice_summary(known: Sequence[Prediction]) -> str:
    """Return what the change with the largest expected gain brought, against the others."""
    groups = defaultdict(list)
    for p in known:
        groups[p.row.source, p.row.situation].append(p)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return "no training had several levers pulled"
    chosen = [max(group, key=lambda p: p.expected.gain).row.gain for group in several]
    usual = [max(group, key=lambda p: p.usual).row.gain for group in several]
    mean = [fmean(p.row.gain for p in group) for group in several]
    best = [max(p.row.gain for p in group) for group in several]
    means = (f"{100 * fmean(gains):+.1f}" for gains in (chosen, usual, mean, best))
    return (
        "of {} trainings with several changes, the one of the largest expected gain brought {} "
        "points on average, that of the largest median {}, one drawn at random {}, the best {}"
    ).format(len(several), *means)


def limit_summary(rows: Sequence[Experience]) -> str:
    """Return how far a gain is from what the same change brought to the same data otherwise.

    Nobody knows more before a training than that; what is left is chance and the other settings.
    """
    groups = defaultdict(list)
    for row in rows:
        groups[row.source, row.lever].append(row.gain)
    several = [gains for gains in groups.values() if len(gains) > 1]
    errors = [
        abs(gain - median(gains[:i] + gains[i + 1 :]))
        for gains in several
        for i, gain in enumerate(gains)
    ]
    if not errors:
        return "no change was tried twice on the same data"
    return (
        f"of {len(errors)} rows whose change was tried on the same data more than once, the median "
        f"of the other rows was wrong by {100 * fmean(errors):.2f} points"
    )


def summary(known: Sequence[Prediction], rows: int) -> str:
    """Return shares and means of some predictions in one line."""
    inside = fmean(p.is_inside for p in known)
    widths = fmean(p.expected.interval[1] - p.expected.interval[0] for p in known if p.expected)
    error = fmean(abs(p.row.gain - p.expected.gain) for p in known if p.expected)
    usual = fmean(abs(p.row.gain - p.usual) for p in known)
    return (
        f"{len(known)} of {rows} expected; {inside:.0%} in the interval of {100 * widths:.1f} "
        f"points; wrong by {100 * error:.2f} points, by the lever's median {100 * usual:.2f}; "
        f"median gain {100 * median(p.row.gain for p in known):+.1f}"
    )
