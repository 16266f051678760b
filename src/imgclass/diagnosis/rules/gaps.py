"""Bias and variance, why there is one, and what else can hold val down."""

from imgclass.diagnosis.causes import (
    blocking_cause,
    excesses,
    is_narrow,
    is_open,
    is_out_of_reach,
    may_mirror,
)
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.epochs import usual_epochs
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.interpretation import failures, in_words, is_to_blame, stake
from imgclass.diagnosis.levers import (
    advise,
    augment_less,
    deepen,
    drop_less,
    is_small,
    penalize_less,
    regularize,
    restore_usual,
    train_longer,
    unfreeze,
    usual_size,
    widen,
)
from imgclass.diagnosis.rules.optimisation import still_improving
from imgclass.statistics import newcombe_interval


def over_regularised(evidence: Evidence) -> Finding | None:
    """A regularizer beyond common use keeps the network from fitting its training images."""
    found, bias = excesses(evidence), evidence.bias
    if not found or blocking_cause(evidence) not in ("", "over_regularised"):
        return None
    if evidence.train is None or bias is None:
        return None
    sentences, tries = advise((restore_usual(found),), evidence)
    return Finding(
        name="over_regularised",
        severity=1.0 if failures(evidence) else stake(bias.value),
        explanation=(
            f"The train accuracy is {in_words(evidence.train)}, {bias.value:.3f} below the target "
            f"of {evidence.target_accuracy:g}, and {' and '.join(e.words for e in found)} keeps a "
            f"network from fitting any images."
        ),
        advice=sentences,
        gap=bias,
        recommendations=tries,
    )


def high_bias(evidence: Evidence) -> Finding | None:
    """The network does not fit even the images that it learned from."""
    train, gap, other = evidence.train, evidence.bias, evidence.variance
    if train is None or gap is None:
        return None
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    if excesses(evidence) or still_improving(evidence) or is_out_of_reach(evidence):
        return None
    # Less regularization raises variance, too.
    is_varying = other is not None and other.is_above(evidence.tolerance)
    loosen = () if is_varying else (drop_less, penalize_less, augment_less)
    larger = (widen, deepen) if is_small(evidence.experiment) else ()
    usual = (usual_size,) if is_narrow(evidence) else ()
    levers = (unfreeze, *usual, *loosen, *larger, train_longer, deepen, widen)
    sentences, tries = advise(levers, evidence)
    return Finding(
        name="high_bias",
        severity=stake(gap.value),
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
    train, gap, other = evidence.train, evidence.variance, evidence.bias
    unseen, name = evidence.train_dev or evidence.val, "train-dev" if evidence.train_dev else "val"
    if train is None or unseen is None or gap is None:
        return None
    if not is_open(evidence) or not is_to_blame(gap, other, evidence):
        return None
    levers = regularize(
        evidence.experiment, usual_epochs=usual_epochs(evidence), mirror=may_mirror(evidence)
    )
    sentences, tries = advise(levers, evidence)
    more = f"more than {train.n:,}" if train.n else "more"
    return Finding(
        name="high_variance",
        severity=stake(gap.value),
        explanation=(
            f"The {name} accuracy is {in_words(unseen)}, {gap.value:.3f} below the train "
            f"accuracy of {train.accuracy:.3f}.{_doubt(gap, evidence)}"
        ),
        advice=(*sentences, f"Gather {more} training images; nothing helps as surely."),
        gap=gap,
        recommendations=tries,
    )


def mismatch(evidence: Evidence) -> Finding | None:
    """The val images are of another kind than the training images."""
    gap, val, train_dev = evidence.mismatch, evidence.val, evidence.train_dev
    if gap is None or val is None or train_dev is None:
        return None
    if not is_open(evidence) or not gap.is_above(evidence.tolerance):
        return None
    return Finding(
        name="mismatch",
        severity=stake(gap.value),
        explanation=(
            f"The val accuracy is {in_words(val)}, {gap.value:.3f} below the "
            f"{train_dev.accuracy:.3f} on train-dev images, which are like those of train and were "
            f"not learned either. So the val images are of another kind."
        ),
        advice=(
            "Look at the val images that it gets wrong: what sets them apart from train?",
            "Camera, light, background and size are frequent answers.",
            "Gather training images of that kind, or make train ones like them by augmentation.",
        ),
        gap=gap,
    )


def val_overfit(evidence: Evidence) -> Finding | None:
    """Choosing by val has made its accuracy better than that of new images."""
    val, test = evidence.val, evidence.test
    if val is None or test is None or blocking_cause(evidence):
        return None
    shares, intervals = (val.accuracy, test.accuracy), (val.interval, test.interval)
    gap = Gap(shares[0] - shares[1], newcombe_interval(shares, intervals))
    if not gap.is_above(evidence.tolerance):
        return None
    return Finding(
        name="val_overfit",
        severity=stake(gap.value),
        explanation=(
            f"The test accuracy is {in_words(test)}, {gap.value:.3f} below the val accuracy of "
            f"{val.accuracy:.3f}: settings were chosen for these val images, or the test images "
            f"are of another kind."
        ),
        advice=(
            "Take new val images, or organize with another seed, before choosing any further.",
            "Report the test accuracy, and choose nothing by it.",
        ),
        gap=gap,
    )


def _doubt(gap: Gap, evidence: Evidence) -> str:
    if gap.is_above(evidence.tolerance):
        return ""
    return (
        f" Val certainly misses the target of {evidence.target_accuracy:g}; neither bias nor "
        f"variance is certain by itself, and this is the larger."
    )
