"""Labels that are probably wrong: a network that learned them contradicts them all the same."""

from collections import Counter
from math import log
from typing import TYPE_CHECKING

from imgclass.data.manifest import Split
from imgclass.diagnosis.evidence import Evidence
from imgclass.evaluation import MOST_PREFERENCE, PREDICTION_COLUMNS, label_preference
from imgclass.statistics import wilson_interval

if TYPE_CHECKING:
    import pandas as pd

# Wrong labels: at least so many, this share of the train images at 95 % confidence, and spread over
# the classes rather than between some that look alike (1 is evenly, by entropy).
FEWEST_LABELS, LEAST_LABELS, SPREAD = 10, 0.02, 0.8
SURE = 0.5  # of another class: more than of all the rest together


def predictions_of(evidence: Evidence, split: Split) -> "pd.DataFrame | None":
    """Return a split's predictions; None if they are unknown."""
    table = evidence.predictions
    if table is None or not set(PREDICTION_COLUMNS).issubset(table.columns):
        return None
    rows = table[table["split"] == split]
    return None if rows.empty else rows


def doubted_labels(evidence: Evidence) -> "pd.DataFrame | None":
    """Return the train images whose labels are probably wrong, the surest first; None for few.

    Such an image is predicted as another class at least as surely as the images of that class are
    on average (Northcutt et al., *Confident Learning*, 2021). Images of classes that look alike
    are, too, so the doubts have to be spread over all pairs of classes. And a network that has
    learned too little takes the label for the second likeliest class, which it would not do with a
    label that is wrong.
    """
    rows = predictions_of(evidence, "train")
    if rows is None:
        return None
    usual = rows.groupby("label")["label_probability"].mean()
    is_sure = rows["probability"] >= rows["predicted"].map(usual).clip(lower=SURE)
    doubted = rows[(rows["predicted"] != rows["label"]) & is_sure]
    if len(doubted) < FEWEST_LABELS or wilson_interval(len(doubted), len(rows))[0] < LEAST_LABELS:
        return None
    classes = rows["label"].nunique()
    preference = label_preference(
        doubted["probability"].to_numpy(), doubted["label_probability"].to_numpy(), classes=classes
    )
    if preference > MOST_PREFERENCE or _spread(doubted, classes=classes) < SPREAD:
        return None
    return doubted.sort_values("label_probability", kind="stable")


def explains_bias(doubted: "pd.DataFrame | None", evidence: Evidence) -> bool:
    """Return whether wrong labels are at least half of what train lacks."""
    bias, train = evidence.bias, predictions_of(evidence, "train")
    if doubted is None or bias is None or train is None:
        return False
    return bias.is_above(evidence.tolerance) and len(doubted) / len(train) >= bias.value / 2


def _spread(doubted: "pd.DataFrame", *, classes: int) -> float:
    """Return how evenly rows are spread over pairs of label and prediction: 1 is evenly."""
    pairs = Counter(zip(doubted["label"], doubted["predicted"], strict=True))
    possible = min(classes * (classes - 1), len(doubted))
    shares = [number / len(doubted) for number in pairs.values()]
    return -sum(share * log(share) for share in shares) / log(possible) if possible > 1 else 0.0
