"""Single classes and images: starved and confused classes, wrong labels, too sure probabilities."""

from collections import Counter
from itertools import combinations
from math import log
from typing import TYPE_CHECKING

from imgclass.data.manifest import Split
from imgclass.diagnosis.causes import blocking_cause, is_open
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.interpretation import in_words, stake, starved
from imgclass.diagnosis.levers import advise, sample_evenly, weigh_classes
from imgclass.evaluation import PREDICTION_COLUMNS, Score
from imgclass.formatting import count
from imgclass.statistics import wilson_interval

if TYPE_CHECKING:
    import pandas as pd

# A pair of classes stands out if so many mistakes, and this share of all, are between its two.
FEWEST_CLASSES, MOST_MISTAKES, SHARE_OF_MISTAKES = 3, 10, 0.25
# Wrong labels: at least so many, this share of the train images at 95 % confidence, and spread over
# the classes rather than between some that look alike (1 is evenly, by entropy).
FEWEST_LABELS, LEAST_LABELS, SPREAD = 10, 0.02, 0.8
SHOWN = 5
TOO_SURE = 0.05


def starved_classes(evidence: Evidence) -> Finding | None:
    """Classes with few training images are hardly ever found."""
    val, rare = evidence.val, starved(evidence)
    if not rare or not isinstance(val, Score) or blocking_cause(evidence):
        return None
    lost = sum(val.accuracy - (each.recall or 0.0) for each in rare) / len(val.class_names)
    found = ", ".join(
        f"{each.class_name} ({round((each.recall or 0) * each.n)} of {each.n})"
        for each in rare[:SHOWN]
    )
    sentences, tries = advise((weigh_classes, sample_evenly), evidence)
    return Finding(
        name="starved_classes",
        severity=stake(lost),
        explanation=(
            f"{count(len(rare), 'class', 'classes')} with few training images "
            f"{'is' if len(rare) == 1 else 'are'} hardly ever found: {found} of the val images. "
            f"The val accuracy of {val.accuracy:.3f} hides that."
        ),
        advice=(*sentences, "Gather more images of these classes."),
        recommendations=tries,
    )


def confused_classes(evidence: Evidence) -> Finding | None:
    """A large share of all mistakes is between two classes."""
    val = evidence.val
    if not isinstance(val, Score) or len(val.class_names) < FEWEST_CLASSES or not is_open(evidence):
        return None
    pairs = {
        (a, b): val.confusion[a][b] + val.confusion[b][a]
        for a, b in combinations(range(len(val.class_names)), 2)
    }
    wrong = val.n - val.correct
    pair, most = max(pairs.items(), key=lambda item: item[1])
    if most < MOST_MISTAKES or wilson_interval(most, wrong)[0] < SHARE_OF_MISTAKES:
        return None
    first, second = (val.class_names[i] for i in pair)
    return Finding(
        name="confused_classes",
        severity=stake(most / val.n / 2),  # the better of two models confuses some, too
        explanation=(
            f"{most:,} of {wrong:,} mistakes on val ({most / wrong:.0%}) are between {first} and "
            f"{second}."
        ),
        advice=(
            "Look at these images: by which rule does a person tell the two apart?",
            "Check that the labels follow that rule.",
            "Gather images of these two classes, or larger ones, if the difference is a detail.",
        ),
    )


def label_errors(evidence: Evidence) -> Finding | None:
    """The network, trained on these labels, still contradicts many of them with confidence."""
    train = _predictions(evidence, "train")
    if train is None or blocking_cause(evidence):
        return None
    doubted = doubted_labels(train)
    if len(doubted) < FEWEST_LABELS or wilson_interval(len(doubted), len(train))[0] < LEAST_LABELS:
        return None
    if _spread(doubted, classes=train["label"].nunique()) < SPREAD:
        return None
    share, files = len(doubted) / len(train), ", ".join(map(str, doubted["path"][:SHOWN]))
    return Finding(
        name="label_errors",
        severity=stake(share),
        explanation=(
            f"Of {len(doubted):,} train images ({share:.1%}) the network is sure that they are of "
            f"another class, although it learned their labels; the mistakes are spread over all "
            f"classes. The surest: {files}."
        ),
        advice=(
            "Look at these images, and correct the labels that are wrong.",
            "Until then train for fewer epochs: wrong labels are learned last.",
        ),
    )


def doubted_labels(predictions: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows whose label is probably wrong, the surest first.

    Such an image is predicted as another class at least as surely as the images of that class are
    on average (Northcutt et al., *Confident Learning*, 2021).
    """
    usual = predictions.groupby("label")["label_probability"].mean()
    sure = predictions["probability"] >= predictions["predicted"].map(usual)
    doubted = predictions[(predictions["predicted"] != predictions["label"]) & sure]
    return doubted.sort_values("label_probability", kind="stable")


def miscalibrated(evidence: Evidence) -> Finding | None:
    """Probabilities are too high, or too low, for how often they are right."""
    val, rows = evidence.val, _predictions(evidence, "val")
    if rows is None or val is None or blocking_cause(evidence):
        return None
    mean = float(rows["probability"].mean())
    low, high = val.interval
    gap = Gap(mean - val.accuracy, (mean - high, mean - low))
    flipped = Gap(-gap.value, (-gap.interval[1], -gap.interval[0]))
    if not gap.is_above(TOO_SURE) and not flipped.is_above(TOO_SURE):
        return None
    how = "surer than it is right" if gap.value > 0 else "right more often than it is sure"
    return Finding(
        name="miscalibrated",
        severity=0.0,
        explanation=(
            f"The network is {how}: its val probabilities are {mean:.3f} on average, and its "
            f"accuracy is {in_words(val)}."
        ),
        advice=(
            "Do not read its probabilities as such. Classes and their order are not affected.",
            "Label smoothing, fewer epochs and more images make a network less sure.",
        ),
        gap=gap,
    )


def _predictions(evidence: Evidence, split: Split) -> "pd.DataFrame | None":
    """Return a split's predictions; None if they are unknown."""
    table = evidence.predictions
    if table is None or not set(PREDICTION_COLUMNS).issubset(table.columns):
        return None
    rows = table[table["split"] == split]
    return None if rows.empty else rows


def _spread(doubted: "pd.DataFrame", *, classes: int) -> float:
    """Return how evenly rows are spread over pairs of label and prediction: 1 is evenly."""
    pairs = Counter(zip(doubted["label"], doubted["predicted"], strict=True))
    possible = min(classes * (classes - 1), len(doubted))
    if possible <= 1:
        return 0.0
    shares = [number / len(doubted) for number in pairs.values()]
    return -sum(share * log(share) for share in shares) / log(possible)
