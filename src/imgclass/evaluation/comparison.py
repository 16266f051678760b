"""Two models on the same images: how many each got right alone, and whether that is luck."""

from dataclasses import dataclass

import pandas as pd

from imgclass.data.manifest import Split
from imgclass.errors import UsageError
from imgclass.formatting import count
from imgclass.statistics import Interval, mcnemar_p_value, paired_difference_interval

LUCK = 0.05  # the usual level of significance
SMALLEST_SHOWN = 0.001


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Two models on the same images, by McNemar's test.

    Images that both got right or both got wrong say nothing about which is better. The intervals of
    the two accuracies ignore that the images are the same, so they may overlap although one model
    is certainly better.

    Attributes:
        both_right: Number of images that both models classified correctly.
        better: Number that only the second classified correctly.
        worse: Number that only the first classified correctly.
        both_wrong: Number that neither classified correctly.
        split: Which images these are.
        left_out: Images of the split that only one of the two was scored on.

    Raises:
        UsageError: There are no images.

    Example:
        >>> comparison = Comparison(both_right=1910, better=60, worse=30, both_wrong=500)
        >>> comparison
        <Comparison: 60 val images better, 30 worse of 2,500: +1.2 points, p = 0.002, more than ...>
        >>> round(comparison.p_value, 4), comparison.difference, comparison.is_significant
        (0.0022, 0.012, True)
    """

    both_right: int
    better: int
    worse: int
    both_wrong: int
    split: Split = "val"
    left_out: int = 0

    def __post_init__(self) -> None:
        if self.n < 1:
            raise UsageError(
                f"Expected two models scored on the same {self.split} images; they have none in "
                f"common. Compare runs of one data set."
            )

    @property
    def n(self) -> int:
        """Number of images that both models were scored on."""
        return self.both_right + self.better + self.worse + self.both_wrong

    @property
    def difference(self) -> float:
        """Accuracy of the second model minus that of the first, in -1 to 1."""
        return (self.better - self.worse) / self.n

    @property
    def interval(self) -> Interval:
        """95 % interval of the difference (Agresti and Min, 2005)."""
        return paired_difference_interval(self.better, self.worse, self.n)

    @property
    def p_value(self) -> float:
        """Probability of so large a difference between equally good models (McNemar, 1947)."""
        return mcnemar_p_value(self.better, self.worse)

    @property
    def is_significant(self) -> bool:
        """Whether the difference is more than luck: p below 0.05."""
        return self.p_value < LUCK

    def __str__(self) -> str:
        p = f"{self.p_value:.3f}"
        shown = f"p = {p}" if self.p_value >= SMALLEST_SHOWN else f"p < {SMALLEST_SHOWN}"
        verdict = "more than luck" if self.is_significant else "may be luck"
        return (
            f"{count(self.better, f'{self.split} image')} better, {self.worse:,} worse of "
            f"{self.n:,}: {100 * self.difference:+.1f} points, {shown}, {verdict}"
        )

    def __repr__(self) -> str:
        return f"<Comparison: {self}>"


def compare_predictions(
    first: pd.DataFrame, second: pd.DataFrame, *, split: Split = "val"
) -> Comparison:
    """Compare two tables like `Evaluation.predictions` on the images with the same label in both.

    Images are matched by the column `image` if both tables have it, else by `path`.
    """
    key = "image" if "image" in first and "image" in second else "path"
    sides = []
    for table in (first, second):
        rows = table[table["split"] == split]
        right = pd.DataFrame(
            {key: rows[key], "label": rows["label"], "right": rows["label"] == rows["predicted"]}
        )
        sides.append(right.drop_duplicates(key, keep=False))
    pairs = sides[0].merge(sides[1], on=[key, "label"])
    before, after = pairs["right_x"].astype(bool), pairs["right_y"].astype(bool)
    images = max(int((table["split"] == split).sum()) for table in (first, second))
    return Comparison(
        both_right=int((before & after).sum()),
        better=int((~before & after).sum()),
        worse=int((before & ~after).sum()),
        both_wrong=int((~before & ~after).sum()),
        split=split,
        left_out=images - len(pairs),
    )
