"""The built-in rules: one small pure function for each verdict.

Bias and variance are read as in Ng, *Machine Learning Yearning* (2018), chapters 20 to 27: the
avoidable bias is target minus train accuracy, the variance is train minus val accuracy.

How the verdicts exclude each other:

- After `optimisation_failure` no figure means anything, and every other rule returns None.
- If val is at the target the verdict is `good_enough`, and no rule looks for a gap.
- Otherwise a gap whose whole interval lies above the tolerance is `high_bias` or `high_variance`,
  or both. If val certainly misses the target but neither gap is certain by itself, the larger one
  is named.
- `within_noise` says that the val images are too few to decide a question. It is the only verdict
  if val may be at the target, and a second one if it makes another less certain.

So complete evidence gives at least one finding. A rule that lacks a part it needs returns None.
"""

from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.interpretation import (
    failures,
    has_diverged,
    has_reached,
    in_words,
    is_open,
    is_to_blame,
)
from imgclass.diagnosis.levers import (
    Lever,
    advise,
    anneal,
    augment_less,
    deepen,
    drop_less,
    leave_float16,
    lower_learning_rate,
    penalize_less,
    raise_learning_rate,
    regularize,
    train_longer,
    unfreeze,
    widen,
)
from imgclass.diagnosis.trend import read_trend
from imgclass.statistics import images_to_settle

# Nobody gathers more val images than this.
MOST_VAL_IMAGES = 1_000_000

COMPARE = (
    "Compare two runs image by image, with imgclass.compare(run_a, run_b): on the same val images "
    "a smaller difference can be told from luck."
)


def optimisation_failure(evidence: Evidence) -> Finding | None:
    """Training did not learn: a loss that is not finite, or no better than guessing."""
    signs = failures(evidence)
    if not signs:
        return None
    levers: tuple[Lever, ...] = (lower_learning_rate, leave_float16)
    if not has_diverged(evidence):
        levers = (raise_learning_rate, *levers, drop_less, penalize_less, unfreeze, train_longer)
    sentences, tries = advise(levers, evidence)
    return Finding(
        name="optimisation_failure",
        severity=1.0,
        explanation=f"{' '.join(signs)} Until this is solved, no accuracy says anything.",
        advice=(
            *sentences[:1],
            "Check that images and labels belong together: look at a few of each class.",
            "Check that the network can learn 100 images by heart; if not, look for a mistake.",
            *sentences[1:],
        ),
        recommendations=tries,
    )


def still_improving(evidence: Evidence) -> Finding | None:
    """Val was still getting better, beyond noise, when the epochs ran out."""
    if not is_open(evidence) or evidence.history.stopped_early:
        return None
    trend, bias = read_trend(evidence), evidence.bias
    if trend is None or not trend.is_improving:
        return None
    levers: tuple[Lever, ...] = (train_longer,)
    most = evidence.shortfall.value if evidence.shortfall else 1.0
    if trend.is_annealed:
        if bias is None or not bias.is_above(evidence.tolerance):
            return None
        judged = (
            f"The learning rate had come down by then, which improves every training: the rise "
            f"alone proves nothing. But the train accuracy, too, is still {bias.value:.3f} below "
            f"the target, so there was more to learn."
        )
        most = bias.value  # most of the rise is the schedule's
    elif trend.is_annealed is None:
        judged = (
            "The learning rates are not known: if they were constant, the training was cut off; if "
            "they came down, that improves every training, and the rise proves little."
        )
    else:
        judged = "The learning rate had not come down yet: the training was cut off, not finished."
        levers = (train_longer, anneal)
    sentences, tries = advise(levers, evidence)
    return Finding(
        name="still_improving",
        severity=_stake(min(trend.rise.value, most)),
        explanation=(
            f"Over the last {trend.epochs} epochs the val accuracy went from {trend.first:.3f} to "
            f"{trend.last:.3f} and the val loss changed by {-trend.loss_fall:+.0%}. {judged}"
        ),
        advice=sentences,
        recommendations=tries,
    )


def high_bias(evidence: Evidence) -> Finding | None:
    """The network does not fit even the images that it learned from."""
    train, gap, other = evidence.train, evidence.bias, evidence.variance
    if train is None or gap is None:
        return None
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    # Less regularization raises variance, too.
    is_varying = other is not None and other.is_above(evidence.tolerance)
    loosen = () if is_varying else (drop_less, penalize_less, augment_less)
    first = (unfreeze, train_longer) if _is_cut_off(evidence) else (unfreeze,)
    sentences, tries = advise((*first, deepen, widen, train_longer, *loosen), evidence)
    return Finding(
        name="high_bias",
        severity=_stake(gap.value),
        explanation=(
            f"The train accuracy is {in_words(train)}, {gap.value:.3f} below the target "
            f"of {evidence.target_accuracy:g}.{_doubt(gap, evidence)}"
        ),
        advice=(
            *sentences,
            "Try a larger architecture, or one with pretrained weights.",
            "Look at the train images that it gets wrong: false labels put a target out of reach.",
        ),
        gap=gap,
        recommendations=tries,
    )


def high_variance(evidence: Evidence) -> Finding | None:
    """The network fits the images that it learned from far better than new ones."""
    train, val, gap, other = evidence.train, evidence.val, evidence.variance, evidence.bias
    if train is None or val is None or gap is None:
        return None
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    sentences, tries = advise(regularize(evidence.experiment), evidence)
    more = f"more than {train.n:,}" if train.n else "more"
    return Finding(
        name="high_variance",
        severity=_stake(gap.value),
        explanation=(
            f"The val accuracy is {in_words(val)}, {gap.value:.3f} below the train "
            f"accuracy of {train.accuracy:.3f}.{_doubt(gap, evidence)}"
        ),
        advice=(*sentences, f"Gather {more} training images; nothing helps as surely."),
        gap=gap,
        recommendations=tries,
    )


def within_noise(evidence: Evidence) -> Finding | None:
    """The val images are too few to tell on which side of the tolerance a gap lies."""
    train, val, shortfall = evidence.train, evidence.val, evidence.shortfall
    if val is None or val.n is None or shortfall is None or failures(evidence):
        return None
    tolerance, variance = evidence.tolerance, evidence.variance
    if shortfall.is_undecided(tolerance):
        gap, threshold = shortfall, evidence.target_accuracy - tolerance
        question = f"it reaches the target of {evidence.target_accuracy:g} within {tolerance:g}"
    elif train and variance and is_open(evidence) and variance.is_undecided(tolerance):
        gap, threshold = variance, train.accuracy - tolerance
        question = f"it is more than {tolerance:g} below train's {train.accuracy:.3f}"
    else:
        return None
    needed = images_to_settle(val.accuracy, threshold)
    if needed is not None and needed <= val.n:
        return None  # the train images are too few, not these
    return Finding(
        name="within_noise",
        severity=_stake(gap.value - tolerance),
        explanation=f"The val accuracy is {in_words(val)}: too few to tell whether {question}.",
        advice=(
            f"Measure on about {needed:,} val images (organize with a larger --val, or gather "
            f"more); that many would settle it."
            if needed is not None and needed <= MOST_VAL_IMAGES
            else "Take it as it is: no number of val images that can be had would settle it.",
            COMPARE,
        ),
        gap=gap,
    )


def good_enough(evidence: Evidence) -> Finding | None:
    """Val is at the target, or above it, within the tolerance."""
    val = evidence.val
    if val is None or failures(evidence) or not has_reached(evidence):
        return None
    advice = ["Score a test split once, and report that."]
    gaps = (evidence.bias, evidence.variance)
    if any(gap is not None and gap.value > evidence.tolerance for gap in gaps):
        advice.append("To improve further, set a higher target and diagnose again.")
    return Finding(
        name="good_enough",
        severity=0.0,
        explanation=(
            f"The val accuracy is {in_words(val)}; the target of "
            f"{evidence.target_accuracy:g} is reached within {evidence.tolerance:g}."
        ),
        advice=tuple(advice),
        gap=evidence.shortfall,
    )


def _is_cut_off(evidence: Evidence) -> bool:
    trend = read_trend(evidence)
    return bool(trend and trend.is_annealed is False and still_improving(evidence))


def _doubt(gap: Gap, evidence: Evidence) -> str:
    if gap.is_above(evidence.tolerance):
        return ""
    return (
        f" Val certainly misses the target of {evidence.target_accuracy:g}; neither bias nor "
        f"variance is certain by itself, and this is the larger."
    )


def _stake(points: float) -> float:
    return min(1.0, max(0.0, points))
