"""Single classes: one that is most of the images, starved ones, two that are confused."""

from itertools import combinations

from imgclass.diagnosis.causes import blocking_cause, is_open
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.epochs import usual_epochs
from imgclass.diagnosis.evidence import Evidence, MeasuredAccuracy
from imgclass.diagnosis.imbalance import (
    balanced_accuracy,
    majority_gap,
    majority_share,
    starved,
)
from imgclass.diagnosis.interpretation import in_words, stake
from imgclass.diagnosis.levers import Lever, advise, for_usual_epochs, sample_evenly, weigh_classes
from imgclass.diagnosis.rules.gaps import over_regularised
from imgclass.diagnosis.rules.optimisation import still_improving
from imgclass.evaluation import Score
from imgclass.formatting import count
from imgclass.statistics import wilson_interval

# A pair of classes stands out if so many mistakes, and this share of all, are between its two.
FEWEST_CLASSES, MOST_MISTAKES, SHARE_OF_MISTAKES = 3, 10, 0.25
# The largest class of train has so many times the images of the mean one: weights may help.
UNEVEN = 1.2
SHOWN = 5


def majority_baseline(evidence: Evidence) -> Finding | None:
    """The accuracy may be that of always naming the largest class."""
    val, gap = evidence.val, majority_gap(evidence)
    if gap is None or not isinstance(val, Score) or blocking_cause(evidence):
        return None
    if starved(evidence) or still_improving(evidence) or over_regularised(evidence):
        return None  # they say why
    share, (balanced, (low, high)) = majority_share(val), balanced_accuracy(val)
    sizes = [sum(row) for row in val.confusion]
    largest = val.class_names[sizes.index(max(sizes))]
    if share < evidence.target_accuracy - evidence.tolerance:
        judged = "the network is not certainly better than that"
    else:
        judged = f"the target of {evidence.target_accuracy:g} can be reached without looking"
    sentences, tries = advise(_even_out(evidence) if _is_uneven(evidence.train) else (), evidence)
    return Finding(
        name="majority_baseline",
        severity=stake(gap.value),
        explanation=(
            f"The val accuracy is {in_words(val)}. Always naming the class {largest} scores "
            f"{share:.3f}: {judged}. The balanced accuracy, the mean over the classes, is "
            f"{balanced:.3f} ({low:.3f} to {high:.3f})."
        ),
        advice=(
            *sentences,
            "Judge by the balanced accuracy and the recall of each class, not by the accuracy.",
            "Gather more images of the classes that are rarely found.",
        ),
        gap=gap,
        recommendations=tries,
    )


def _is_uneven(train: Score | MeasuredAccuracy | None) -> bool:
    if not isinstance(train, Score):
        return True  # val is all that is known
    return majority_share(train) >= UNEVEN / len(train.class_names)


def _even_out(evidence: Evidence) -> tuple[Lever, ...]:
    """Return the levers against classes of unequal size: after few epochs, with more of them."""
    usual = usual_epochs(evidence)
    longer = () if usual is None else (for_usual_epochs(weigh_classes, usual),)
    return (*longer, weigh_classes, sample_evenly)


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
    sentences, tries = advise(_even_out(evidence), evidence)
    return Finding(
        name="starved_classes",
        severity=stake(lost),
        explanation=(
            f"{count(len(rare), 'class', 'classes')} with few training images "
            f"{'is' if len(rare) == 1 else 'are'} hardly ever found: {found} of the val images. "
            f"The val accuracy of {val.accuracy:.3f} hides that; always naming the largest class "
            f"scores {majority_share(val):.3f}."
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
    stands_out = max(SHARE_OF_MISTAKES, 2 / len(pairs))  # twice what an even spread would give
    if most < MOST_MISTAKES or wilson_interval(most, wrong)[0] < stands_out:
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
