"""How the evidence is read: was anything learned, is the target reached, which gap is to blame."""

from math import isfinite, isnan, log

from imgclass.diagnosis.evidence import Evidence, Gap, MeasuredAccuracy
from imgclass.diagnosis.imbalance import majority_gap, starved
from imgclass.evaluation import Score
from imgclass.training.history import Epoch

# Guessing among C classes costs ln C; a loss less than this share lower shows no learning.
LEARNED = 0.02
PREDOMINANT = 0.8  # share of one class
# A training that ends with this share of its best val accuracy, or less, has collapsed.
COLLAPSED = 0.5


def failures(evidence: Evidence) -> tuple[str, ...]:
    """Return a sentence for each sign that nothing was learned."""
    signs = [
        f"The loss was {epoch.loss} on train and {epoch.val_loss} on val in epoch {number}."
        for number, epoch in enumerate(evidence.history.epochs, start=1)
        if not all(map(isfinite, _losses(epoch)))
    ][:1]
    if collapse := _collapse(evidence):
        signs.append(collapse)
    train = evidence.train
    if not isinstance(train, Score):
        return tuple(signs)
    if not isfinite(train.loss):
        signs.append(f"The final loss on the train images is {train.loss}.")
    if sum(map(any, train.confusion)) == 1:
        return tuple(signs)  # of one class only, every guess is right
    chance = log(len(train.class_names))
    if isfinite(train.loss) and train.loss >= (1 - LEARNED) * chance:
        signs.append(
            f"The final loss on the train images is {train.loss:.3f}; guessing among "
            f"{len(train.class_names)} classes costs {chance:.3f}."
        )
    columns = zip(*train.confusion, strict=True)
    predicted = [name for name, n in zip(train.class_names, columns, strict=True) if any(n)]
    is_even = max(map(sum, train.confusion)) < PREDOMINANT * train.n
    if len(predicted) == 1 and is_even:  # otherwise its own share is what is learned first
        signs.append(f"Every train image is predicted as {predicted[0]!r}.")
    return tuple(signs)


def has_diverged(evidence: Evidence) -> bool:
    """Return whether the final loss, or that of any epoch, is not finite."""
    losses = [loss for epoch in evidence.history.epochs for loss in _losses(epoch)]
    if evidence.train is not None and evidence.train.loss is not None:
        losses.append(evidence.train.loss)
    return not all(map(isfinite, losses))


def has_reached(evidence: Evidence) -> bool:
    """Return whether val is at the target, for certain or without train contradicting it.

    A network scores best on what it learned from: if train certainly misses the target, val was
    lucky. No target is reached while a class is hardly ever found, or by the largest class alone.
    """
    gap, bias, tolerance = evidence.shortfall, evidence.bias, evidence.tolerance
    if gap is None or starved(evidence) or majority_gap(evidence):
        return False
    is_certain = gap.interval[1] <= tolerance
    is_contradicted = bias is not None and bias.is_above(tolerance)
    return is_certain or (gap.value <= tolerance and not is_contradicted)


def is_to_blame(gap: Gap, other: Gap | None, evidence: Evidence) -> bool:
    """Return whether `gap`, either bias or variance (`other`), keeps val from the target.

    It does if its whole interval is above the tolerance; or if val certainly misses the target,
    neither gap is certain by itself, and this is the larger.
    """
    shortfall, tolerance = evidence.shortfall, evidence.tolerance
    has_third = evidence.mismatch is not None  # which may be the larger one
    if gap.is_above(tolerance) or shortfall is None or other is None or has_third:
        return gap.is_above(tolerance)
    return (
        shortfall.is_above(tolerance) and not other.is_above(tolerance) and gap.value >= other.value
    )


def in_words(score: Score | MeasuredAccuracy) -> str:
    """Return an accuracy, with its interval and number of images if known.

    Example:
        >>> in_words(MeasuredAccuracy(0.8, n=2500)), in_words(MeasuredAccuracy(0.8))
        ('0.800 (0.784 to 0.815, 2,500 images)', '0.800')
    """
    if score.n is None:
        return f"{score.accuracy:.3f}"
    low, high = score.interval
    return f"{score.accuracy:.3f} ({low:.3f} to {high:.3f}, {score.n:,} images)"


def stake(points: float) -> float:
    """Return a difference of accuracies as a severity, in 0-1."""
    return min(1.0, max(0.0, points))


def _collapse(evidence: Evidence) -> str:
    """Return a sentence if training lost most of what it had learned, and val misses the target."""
    shortfall, epochs = evidence.shortfall, evidence.history.epochs
    accuracies = [epoch.val_accuracy for epoch in epochs if 0 <= epoch.val_accuracy <= 1]
    if not accuracies or (shortfall is not None and shortfall.value <= evidence.tolerance):
        return ""
    peak, last = max(accuracies), accuracies[-1]
    if last > COLLAPSED * peak or peak - last < 2 * evidence.tolerance:
        return ""
    return (
        f"The val accuracy fell from {peak:.3f} in epoch {accuracies.index(peak) + 1} to "
        f"{last:.3f} in the last one."
    )


def _losses(epoch: Epoch) -> tuple[float, ...]:
    """Return the measured losses; without validation there is no val loss."""
    has_validation = not (isnan(epoch.val_loss) and isnan(epoch.val_accuracy))
    return (epoch.loss, epoch.val_loss) if has_validation else (epoch.loss,)
