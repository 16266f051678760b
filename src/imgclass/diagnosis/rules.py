"""The built-in rules: one small pure function a verdict.

Bias and variance are read as in Ng, *Machine Learning Yearning* (2018), chapters 20 to 27: what the
train accuracy lacks of the target is avoidable bias, what the val accuracy lacks of the train
accuracy is variance, and the two add up to what val lacks of the target.

How the verdicts exclude each other:

- After `optimisation_failure` none of the figures means anything, and every other rule is silent.
- Where val is at the target it is `good_enough`, and no rule looks for a gap any more.
- Otherwise a gap that lies above the tolerance with its whole interval is `high_bias` or
  `high_variance`, or both. Where val certainly misses the target and yet neither gap is certain by
  itself, the larger one answers for it.
- `within_noise` says what the val images are too few to tell. It stands alone where val may as well
  be at the target, and beside another verdict where it limits that one.

So every evidence ends in at least one finding.
"""

from imgclass.diagnosis.advice import (
    Lever,
    anneal,
    augment_less,
    deepen,
    drop_less,
    leave_float16,
    lower_learning_rate,
    penalize_less,
    pull,
    raise_learning_rate,
    regularize,
    train_longer,
    unfreeze,
    widen,
)
from imgclass.diagnosis.diagnosis import Finding, Recommendation
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.interpretation import (
    failures,
    has_diverged,
    has_reached,
    is_open,
    is_to_blame,
)
from imgclass.diagnosis.trend import read_trend
from imgclass.evaluation import Score
from imgclass.statistics import images_to_settle

# More val images than this are no advice.
MOST_VAL_IMAGES = 1_000_000


def optimisation_failure(evidence: Evidence) -> Finding | None:
    """Training did not learn: a loss that is no number, or no better than guessing."""
    signs = failures(evidence)
    if not signs:
        return None
    levers: tuple[Lever, ...] = (lower_learning_rate, leave_float16)
    if not has_diverged(evidence):
        levers = (raise_learning_rate, *levers, drop_less, penalize_less, unfreeze, train_longer)
    tries = pull(levers, evidence)
    return Finding(
        name="optimisation_failure",
        severity=1.0,
        explanation=f"{' '.join(signs)} Until this is mended, no accuracy says anything.",
        advice=(
            *_sentences(tries[:1]),
            "Check that images and labels belong together: look at a few of each class.",
            "Check that the network can learn 100 images by heart; if not, look for a mistake.",
            *_sentences(tries[1:]),
        ),
        recommendations=tries,
    )


def still_improving(evidence: Evidence) -> Finding | None:
    """Val was still getting better, beyond noise, when the epochs ran out."""
    if not is_open(evidence) or evidence.history.stopped_early:
        return None
    trend = read_trend(evidence)
    if trend is None or not trend.is_improving:
        return None
    if trend.is_annealed and not evidence.bias.is_above(evidence.tolerance):
        return None
    seen = (
        f"Over the last {trend.epochs} epochs the val accuracy went from {trend.first:.3f} to "
        f"{trend.last:.3f} and the val loss changed by {-trend.loss_fall:+.0%}."
    )
    if trend.is_annealed:
        judged = (
            f"The learning rate had come down by then, and while it does every training improves: "
            f"the rise alone proves nothing. But the train accuracy, too, is still "
            f"{evidence.bias.value:.3f} below the target, so there was more to learn."
        )
        tries = pull((train_longer,), evidence)
        most = evidence.bias.value  # most of the rise is the schedule's
    else:
        judged = "The learning rate had not come down yet: the training was cut off, not finished."
        tries = pull((train_longer, anneal), evidence)
        most = evidence.shortfall.value
    return Finding(
        name="still_improving",
        severity=_stake(min(trend.rise.value, most)),
        explanation=f"{seen} {judged}",
        advice=_sentences(tries),
        recommendations=tries,
    )


def high_bias(evidence: Evidence) -> Finding | None:
    """The network does not fit even the images that it learned from."""
    gap, other = evidence.bias, evidence.variance
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    # Less regularization buys train accuracy with variance: not where that is too high already.
    loosen = () if other.is_above(evidence.tolerance) else (drop_less, penalize_less, augment_less)
    first = (unfreeze, train_longer) if _is_cut_off(evidence) else (unfreeze,)
    tries = pull((*first, deepen, widen, train_longer, *loosen), evidence)
    return Finding(
        name="high_bias",
        severity=_stake(gap.value),
        explanation=(
            f"The train accuracy is {_measured(evidence.train)}, {gap.value:.3f} below the target "
            f"of {evidence.target_accuracy:g}.{_doubt(gap, evidence)}"
        ),
        advice=(
            *_sentences(tries),
            "Try a larger architecture, or one with pretrained weights.",
            "Look at the train images that it gets wrong: false labels put a target out of reach.",
        ),
        gap=gap,
        recommendations=tries,
    )


def high_variance(evidence: Evidence) -> Finding | None:
    """The network fits the images that it learned from far better than new ones."""
    gap, other = evidence.variance, evidence.bias
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    tries = pull(regularize(evidence.experiment), evidence)
    return Finding(
        name="high_variance",
        severity=_stake(gap.value),
        explanation=(
            f"The val accuracy is {_measured(evidence.val)}, {gap.value:.3f} below the train "
            f"accuracy of {evidence.train.accuracy:.3f}.{_doubt(gap, evidence)}"
        ),
        advice=(
            *_sentences(tries),
            f"Gather more than {evidence.train.n:,} training images; nothing helps as surely.",
        ),
        gap=gap,
        recommendations=tries,
    )


def within_noise(evidence: Evidence) -> Finding | None:
    """The val images are too few to tell on which side of the tolerance a gap lies."""
    if failures(evidence):
        return None
    tolerance, val = evidence.tolerance, evidence.val
    if evidence.shortfall.is_undecided(tolerance):
        gap, threshold = evidence.shortfall, evidence.target_accuracy - tolerance
        question = f"it reaches the target of {evidence.target_accuracy:g} within {tolerance:g}"
    elif is_open(evidence) and evidence.variance.is_undecided(tolerance):
        gap, threshold = evidence.variance, evidence.train.accuracy - tolerance
        question = f"it is more than {tolerance:g} below train's {evidence.train.accuracy:.3f}"
    else:
        return None
    needed = images_to_settle(val.accuracy, threshold)
    if needed is not None and needed <= val.n:
        return None  # the train images are what is too few
    return Finding(
        name="within_noise",
        severity=_stake(gap.value - tolerance),
        explanation=(f"The val accuracy is {_measured(val)}: too few to tell whether {question}."),
        advice=(
            f"Measure on about {needed:,} val images (organize with a larger --val, or gather "
            f"more); that many would settle it."
            if needed is not None and needed <= MOST_VAL_IMAGES
            else "Take it as it is: no number of val images that can be had would settle it.",
            "Hold runs for equal whose val accuracies lie within each other's intervals.",
        ),
        gap=gap,
    )


def good_enough(evidence: Evidence) -> Finding | None:
    """Val is at the target, or above it, within the tolerance."""
    if failures(evidence) or not has_reached(evidence):
        return None
    advice = ["Score the test split once, and report that."]
    larger = max(evidence.bias.value, evidence.variance.value)
    if larger > evidence.tolerance:
        advice.append("To go on, set a higher target: the diagnosis will say what is in the way.")
    return Finding(
        name="good_enough",
        severity=0.0,
        explanation=(
            f"The val accuracy is {_measured(evidence.val)}; the target of "
            f"{evidence.target_accuracy:g} is reached within {evidence.tolerance:g}."
        ),
        advice=tuple(advice),
        gap=evidence.shortfall,
    )


def _is_cut_off(evidence: Evidence) -> bool:
    trend = read_trend(evidence)
    return bool(trend and not trend.is_annealed and still_improving(evidence))


def _doubt(gap: Gap, evidence: Evidence) -> str:
    if gap.is_above(evidence.tolerance):
        return ""
    return (
        f" Val certainly misses the target of {evidence.target_accuracy:g}; neither bias nor "
        f"variance is certain by itself, and this is the larger."
    )


def _stake(points: float) -> float:
    return min(1.0, max(0.0, points))


def _measured(score: Score) -> str:
    low, high = score.interval
    return f"{score.accuracy:.3f} ({low:.3f} to {high:.3f}, {score.n:,} images)"


def _sentences(tries: tuple[Recommendation, ...]) -> tuple[str, ...]:
    return tuple(f"Try {', '.join(r.changes)}. {r.reason}" for r in tries)
