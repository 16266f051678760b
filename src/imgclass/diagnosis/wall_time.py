"""What a training will take on this machine, judged by one that was made on it."""

from math import isfinite
from statistics import median

from imgclass.diagnosis.evidence import Evidence
from imgclass.experiment import Experiment

# A layer of twice the width does four times the arithmetic, but narrow ones wait for memory.
# A guess between the two.
BY_WIDTH = 1.5


def predicted_seconds(evidence: Evidence, after: Experiment) -> float | None:
    """Return about how many seconds the training of `after` takes.

    The seconds of an epoch grow with depth, width and number of pixels. What was spent beside the
    epochs stays if it is compiling, and grows likewise if it is mostly the features of a frozen
    network.

    Args:
        evidence: Of a training on the same machine.
        after: What will be trained.

    Returns:
        None if the history has no times, or if more of a network learns than before: how much of
        it was frozen, and whether its features were kept, decides how much slower that is.
    """
    before, history = evidence.experiment, evidence.history
    if before is None or not history.epochs or not isfinite(history.seconds):
        return None
    if (before.spec.trainable, before.training.head_epochs) != (
        after.spec.trainable,
        after.training.head_epochs,
    ):
        return None
    seconds = [epoch.seconds for epoch in history.epochs if isfinite(epoch.seconds)]
    if not seconds:
        return None
    slowdown = _slowdown(before, after)
    beside = max(0.0, history.seconds - sum(seconds))
    if before.spec.trainable is False:
        beside *= slowdown
    return beside + _epochs(evidence, after) * median(seconds) * slowdown


def _epochs(evidence: Evidence, after: Experiment) -> float:
    """Return the epochs until the end; patience, if it ended this training, ends the next, too."""
    done = len(evidence.history.epochs)
    asked = evidence.experiment and evidence.experiment.training.epochs
    return done * (after.training.epochs or done) / (asked or done)


def _slowdown(before: Experiment, after: Experiment) -> float:
    """Return how many times as long an epoch takes."""
    ratio = 1.0
    for old, new, power in (
        (before.spec.width, after.spec.width, BY_WIDTH),
        (before.spec.depth, after.spec.depth, 1.0),
        (_pixels(before), _pixels(after), 1.0),
    ):
        if old and new:
            ratio *= (new / old) ** power
    return ratio


def _pixels(experiment: Experiment) -> int:
    height, width = experiment.spec.image_size or (0, 0)
    return height * width
