"""What a high accuracy hides where some classes have far more images than others."""

from math import sqrt
from statistics import NormalDist

from imgclass.diagnosis.evidence import Evidence, Gap, is_wide
from imgclass.evaluation import ClassScore, Score
from imgclass.statistics import Interval, wilson_interval

# A class is starved if it has less than half of the mean class's training images, and its recall is
# at most half of the accuracy.
FEW, HARDLY = 0.5, 0.5


def majority_share(score: Score) -> float:
    """Return the share of the largest class: the accuracy of always naming it."""
    return max(map(sum, score.confusion)) / score.n


def balanced_accuracy(score: Score) -> tuple[float, Interval]:
    """Return the mean recall of the classes that have images, in 0-1, and its 95 % interval.

    The interval is put together from the Wilson intervals of the recalls (Zou and Donner,
    *Construction of confidence limits about effect measures: a general approach*, 2008).

    Example:
        >>> share, (low, high) = balanced_accuracy(Score(("a", "b"), ((90, 0), (6, 4)), 0.3))
        >>> round(share, 3), round(low, 3), round(high, 3)
        (0.7, 0.582, 0.844)
    """
    rows = [(row[i], sum(row)) for i, row in enumerate(score.confusion) if any(row)]
    recalls = [hits / n for hits, n in rows]
    ends = [wilson_interval(hits, n) for hits, n in rows]
    mean = sum(recalls) / len(rows)
    below, above = (
        sqrt(sum((recall - end[side]) ** 2 for recall, end in zip(recalls, ends, strict=True)))
        for side in (0, 1)
    )
    return mean, (max(0.0, mean - below / len(rows)), min(1.0, mean + above / len(rows)))


def majority_gap(evidence: Evidence) -> Gap | None:
    """Return target minus balanced accuracy on val if the accuracy may be the largest class's.

    It may be if always naming that class would reach the target, or if the accuracy is not
    certainly above what that scores. None if it is not, or if the balanced accuracy may be at the
    target.
    """
    val = evidence.val
    if not isinstance(val, Score) or sum(map(any, val.confusion)) == 1:
        return None
    share, target, tolerance = majority_share(val), evidence.target_accuracy, evidence.tolerance
    is_no_better = val.accuracy <= share or (val.interval[0] <= share and not is_wide(val))
    if not is_no_better and share < target - tolerance:
        return None
    balanced, (low, high) = balanced_accuracy(val)
    gap = Gap(target - balanced, (target - high, target - low))
    return gap if gap.is_above(tolerance) else None


def starved(evidence: Evidence) -> tuple[ClassScore, ...]:
    """Return the classes with few training images that are hardly ever found, the worst first."""
    train, val = evidence.train, evidence.val
    if not isinstance(train, Score) or not isinstance(val, Score):
        return ()
    if train.class_names != val.class_names:
        return ()
    mean, z = train.n / len(train.class_names), _quantile(len(train.class_names))
    rare = [
        each
        for row, each in zip(train.confusion, val.per_class, strict=True)
        if sum(row) < FEW * mean
        and each.recall is not None
        and each.recall <= HARDLY * val.accuracy
        and wilson_interval(each.recall * each.n, each.n, z=z)[1] < val.accuracy
    ]
    return tuple(sorted(rare, key=lambda each: each.recall or 0.0))


def _quantile(classes: int) -> float:
    """Return the normal quantile by which one of so many classes is judged (Bonferroni)."""
    return NormalDist().inv_cdf(1 - 0.025 / classes)
