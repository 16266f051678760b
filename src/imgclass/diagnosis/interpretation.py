"""How the evidence is read: was anything learned, is the target reached, which gap is to blame."""

from math import isfinite, log

from imgclass.diagnosis.evidence import Evidence, Gap

# Guessing every class with equal probability costs ln C. A network that is not below it by more
# than this share has learned nothing that is worth the name.
LEARNED = 0.02


def failures(evidence: Evidence) -> tuple[str, ...]:
    """Return each sign that nothing was learned, as a sentence."""
    train = evidence.train
    signs = [
        f"The loss was {epoch.loss} on train and {epoch.val_loss} on val in epoch {number}."
        for number, epoch in enumerate(evidence.history.epochs, start=1)
        if not (isfinite(epoch.loss) and isfinite(epoch.val_loss))
    ][:1]
    if not isfinite(train.loss):
        signs.append(f"The final loss on the train images is {train.loss}.")
    if sum(map(any, train.confusion)) == 1:
        return tuple(signs)  # one class is all there is: to guess it is to be right
    chance = log(len(train.class_names))
    if isfinite(train.loss) and train.loss >= (1 - LEARNED) * chance:
        signs.append(
            f"The final loss on the train images is {train.loss:.3f}; guessing among "
            f"{len(train.class_names)} classes costs {chance:.3f}."
        )
    columns = zip(*train.confusion, strict=True)
    predicted = [name for name, n in zip(train.class_names, columns, strict=True) if any(n)]
    if len(predicted) == 1:
        signs.append(f"Every train image is predicted as {predicted[0]!r}.")
    return tuple(signs)


def has_diverged(evidence: Evidence) -> bool:
    """Return whether a loss, of any epoch or the final one, is not finite."""
    epochs = evidence.history.epochs
    losses = (loss for epoch in epochs for loss in (epoch.loss, epoch.val_loss))
    return not all(map(isfinite, (evidence.train.loss, *losses)))


def has_reached(evidence: Evidence) -> bool:
    """Return whether val is at the target, certainly or without train contradicting it.

    What a network scores on new images it scores at least on those it learned from: where val
    may be at the target and train certainly is not, val was lucky.
    """
    gap, tolerance = evidence.shortfall, evidence.tolerance
    is_certain = gap.interval[1] <= tolerance
    return is_certain or (gap.value <= tolerance and not evidence.bias.is_above(tolerance))


def is_open(evidence: Evidence) -> bool:
    """Return whether there is a gap to look for: something was learned, and not enough."""
    return not failures(evidence) and not has_reached(evidence)


def is_to_blame(gap: Gap, other: Gap, evidence: Evidence) -> bool:
    """Return whether `gap`, of bias and variance the one, is what keeps val from the target.

    It is where its whole interval is above the tolerance; and where val certainly misses the
    target, neither gap is certain by itself, and this is the larger.
    """
    tolerance = evidence.tolerance
    return gap.is_above(tolerance) or (
        evidence.shortfall.is_above(tolerance)
        and not other.is_above(tolerance)
        and gap.value >= other.value
    )
