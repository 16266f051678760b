"""Whether val is good enough, and whether there are images enough to say so."""

from imgclass.diagnosis.causes import blocking_cause, is_open
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.interpretation import has_reached, in_words, stake
from imgclass.formatting import count
from imgclass.statistics import images_to_settle

# Nobody gathers more val images than this.
MOST_VAL_IMAGES = 1_000_000
WIDEST = 0.1  # half of an interval; a wider one decides nothing

COMPARE = (
    "Compare two runs image by image, with imgclass.compare(run_a, run_b): on the same val images "
    "a smaller difference can be told from luck."
)
MORE = "imgclass organize with a larger --val, or gather more"


def within_noise(evidence: Evidence) -> Finding | None:
    """The val images are too few to tell on which side of the tolerance a gap lies."""
    train, val, shortfall = evidence.train, evidence.val, evidence.shortfall
    if val is None or val.n is None or shortfall is None or blocking_cause(evidence):
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
        severity=stake(gap.value - tolerance),
        explanation=f"The val accuracy is {in_words(val)}: too few to tell whether {question}.",
        advice=(
            f"Measure on about {needed:,} val images ({MORE}); that many would settle it."
            if needed is not None and needed <= MOST_VAL_IMAGES
            else "Take it as it is: no number of val images that can be had would settle it.",
            COMPARE,
        ),
        gap=gap,
    )


def good_enough(evidence: Evidence) -> Finding | None:
    """Val is at the target, or above it, within the tolerance."""
    val = evidence.val
    if val is None or blocking_cause(evidence) or not has_reached(evidence):
        return None
    if _is_wide(evidence) and within_noise(evidence):
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


def few_val_images(evidence: Evidence) -> Finding | None:
    """The val images are so few that their accuracy says little of any other images."""
    val = evidence.val
    if val is None or val.n is None or blocking_cause(evidence):
        return None
    if not _is_wide(evidence) or within_noise(evidence):
        return None
    low, high = val.interval
    return Finding(
        name="few_val_images",
        severity=0.0,
        explanation=(
            f"There are only {count(int(val.n), 'val image')}: with other ones the accuracy might "
            f"be anything from {low:.3f} to {high:.3f}."
        ),
        advice=(f"Take more of the images for val ({MORE}), or train on several splits.",),
    )


def _is_wide(evidence: Evidence) -> bool:
    low, high = evidence.val.interval if evidence.val else (0.0, 0.0)
    return (high - low) / 2 > WIDEST
