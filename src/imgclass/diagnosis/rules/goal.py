"""Whether val is good enough, and whether there are images enough to say so."""

from imgclass.diagnosis.causes import blocking_cause, is_open
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence, MeasuredAccuracy, is_wide
from imgclass.diagnosis.interpretation import has_reached, in_words, stake
from imgclass.evaluation import Score
from imgclass.formatting import count
from imgclass.statistics import images_to_settle

# Nobody gathers more val images than this.
MOST_VAL_IMAGES = 1_000_000
USUAL_WIDTH = 0.05  # half of an interval that is narrow enough for most decisions
MOST_OF_TRAIN = 0.25  # of the training images; train would miss more than that
MOST_FOLDS = 10  # as usual in cross-validation; each costs a training
SHOWN = 5

COMPARE = (
    "Compare two runs image by image, with imgclass.compare(run_a, run_b): on the same val images "
    "a smaller difference can be told from luck."
)


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
            f"{_measure_on(needed, evidence)} That many would settle it."
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
    if is_wide(val) and within_noise(evidence):
        return None
    if _absent(evidence) and len(_present(val)) == 1:
        return None  # a network that always names this class is right
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
    """The val accuracy says little of other images: val has few, or lacks whole classes."""
    val, absent = evidence.val, _absent(evidence)
    if val is None or val.n is None or blocking_cause(evidence):
        return None
    seen, advice = [], []
    if is_wide(val) and not within_noise(evidence):
        low, high = val.interval
        seen.append(
            f"There are only {count(int(val.n), 'val image')}: with other ones the accuracy might "
            f"be anything from {low:.3f} to {high:.3f}."
        )
        needed = images_to_settle(*_apart((low + high) / 2)) or 1
        advice.append(
            f"{_measure_on(needed, evidence)} That many would give the accuracy to about "
            f"{100 * USUAL_WIDTH:g} points either way."
        )
    if absent:
        present, some = _present(val), ", ".join(absent[:SHOWN])
        seen.append(
            f"All {int(val.n):,} val images are of the class {present[0]}: nothing is known of the "
            f"other classes."
            if len(present) == 1
            else f"{count(len(absent), 'class has', 'classes have')} no val image: {some}"
            f"{', ...' if len(absent) > SHOWN else '.'}"
        )
        advice.append("Give every class some val images; imgclass organize does.")
    if not seen:
        return None
    return Finding("few_val_images", 0.0, " ".join(seen), tuple(advice))


def _measure_on(needed: int, evidence: Evidence) -> str:
    """Say how many val images would do, how many more these are, and how to get them."""
    train, n = evidence.train, int(evidence.val.n or 0) if evidence.val else 0
    further = max(1, needed - n)
    begin = f"Measure on about {needed:,} val images, {further:,} more than now"
    if train is None or train.n is None or further <= MOST_OF_TRAIN * train.n:
        return f"{begin}: imgclass organize with a larger --val, or gather more."
    total = int(train.n) + n
    if needed <= total:
        return (
            f"{begin}. Train would lack them, so cross-validate: imgclass label-errors with "
            f"--folds {min(MOST_FOLDS, -(-total // n))} scores every image by a network that did "
            f"not learn it."
        )
    return f"{begin}: gather them, since there are {total:,} images in train and val together."


def _apart(accuracy: float) -> tuple[float, float]:
    """Return an accuracy, and the one that it shall be told from, nearer to a half."""
    return accuracy, accuracy - USUAL_WIDTH if accuracy > 1 / 2 else accuracy + USUAL_WIDTH


def _absent(evidence: Evidence) -> tuple[str, ...]:
    """Return the classes that have train images and no val image."""
    if not isinstance(evidence.val, Score):
        return ()
    present = _present(evidence.val)
    return tuple(name for name in _present(evidence.train) if name not in present)


def _present(score: Score | MeasuredAccuracy | None) -> tuple[str, ...]:
    """Return the classes that have images, as far as known."""
    if not isinstance(score, Score):
        return ()
    return tuple(n for n, row in zip(score.class_names, score.confusion, strict=True) if any(row))
