"""Levers: from the experiment that was run to the next one, or None where there is none to pull.

Each changes one thing by one step, so that the next run says whether that thing helped.
"""

from collections.abc import Callable, Iterable
from math import isfinite

from imgclass.diagnosis.changes import with_augmentation, with_spec, with_training
from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.ladders import (
    DROPOUTS,
    L2S,
    is_weaker,
    rung_above,
    rung_below,
    stronger_augmentation,
    weaker_augmentation,
)
from imgclass.experiment import Experiment
from imgclass.flows.augmentation import PRESETS
from imgclass.training.keras_object import KerasObject

Lever = Callable[[Evidence], Recommendation | None]

# A network grows by one stage or layer, or to twice its width: the steps between the published
# members of a family (VGG-11 to 19, Wide ResNet 16-2 to 16-8).
DEEPEST = 5
WIDEST = 1024
TWICE = 2

# As long as the long schedules on small images (He et al., *Deep Residual Learning*, 2015: 164
# epochs on CIFAR-10; Zagoruyko and Komodakis, *Wide Residual Networks*, 2016: 200).
MOST_EPOCHS = 200

# Learning rates are searched by factors of ten; below this one a network hardly moves (Bengio,
# *Practical Recommendations for Gradient-Based Training of Deep Architectures*, 2012).
RATE_STEP = 10
LOWEST_RATE = 1e-6

# Below these a regularizer counts as lacking.
USUAL_AUGMENTATION = PRESETS["medium"]
USUAL_DROPOUT = 0.2
USUAL_L2 = 1e-4


def pull(levers: Iterable[Lever], evidence: Evidence) -> tuple[Recommendation, ...]:
    """Return what the levers recommend, in their order, each once."""
    offered = (lever(evidence) for lever in dict.fromkeys(levers))
    return tuple(recommendation for recommendation in offered if recommendation)


def deepen(evidence: Evidence) -> Recommendation | None:
    """Add a stage of convolutions, or a layer to the head."""
    spec = evidence.experiment.spec
    reason = "A deeper network can fit what this one could not."
    if units := spec.head_units:
        if len(units) >= DEEPEST:
            return None
        deeper = (min(TWICE * units[0], max(WIDEST, units[0])), *units)
        # The layer that the dropout follows is one further on.
        after = spec.dropout_after and spec.dropout_after + 1
        return with_spec(evidence, reason, head_units=deeper, dropout_after=after)
    # Each stage halves the image: there are only so many before a pixel is left.
    deepest = min(DEEPEST, min(spec.image_size or (2**DEEPEST,)).bit_length() - 1)
    if spec.depth is None or spec.depth >= deepest:
        return None
    return with_spec(evidence, reason, depth=spec.depth + 1)


def widen(evidence: Evidence) -> Recommendation | None:
    """Double the filters of every stage, or the units of every layer of the head."""
    spec = evidence.experiment.spec
    reason = "A wider network has more features to tell the classes apart by."
    if units := spec.head_units:
        if TWICE * max(units) > WIDEST:
            return None
        return with_spec(evidence, reason, head_units=tuple(TWICE * n for n in units))
    if spec.width is None or TWICE * spec.width > WIDEST:
        return None
    return with_spec(evidence, reason, width=TWICE * spec.width)


def unfreeze(evidence: Evidence) -> Recommendation | None:
    """Let the backbone learn."""
    if evidence.experiment.spec.trainable:
        return None
    reason = "A frozen backbone sees these images with the features of others; let it adapt."
    return with_spec(evidence, reason, trainable=True)


def train_longer(evidence: Evidence) -> Recommendation | None:
    """Double the epochs, and with them the schedule; not where patience ended the training."""
    epochs = evidence.experiment.training.epochs or len(evidence.history.epochs)
    if evidence.history.stopped_early or epochs >= MOST_EPOCHS:
        return None
    reason = (
        "More steps at every learning rate: start anew, since the schedule stretches with them."
    )
    return with_training(evidence, reason, epochs=min(TWICE * epochs, MOST_EPOCHS))


def anneal(evidence: Evidence) -> Recommendation | None:
    """Let the learning rate come down in the end."""
    if evidence.experiment.training.schedule == "one_cycle":
        return None
    # Li, Yumer and Ramanan, *Budgeted Training*, 2020: at any number of epochs.
    reason = "Small steps at the end settle where large ones wander."
    return with_training(evidence, reason, schedule="one_cycle")


def lower_learning_rate(evidence: Evidence) -> Recommendation | None:
    """Divide the learning rate by ten."""
    rate = _learning_rate(evidence)
    if rate is None or rate / RATE_STEP < LOWEST_RATE:
        return None
    reason = "Too large a step overshoots and diverges; it is the most frequent cause of this."
    return _with_rate(evidence, reason, rate / RATE_STEP)


def raise_learning_rate(evidence: Evidence) -> Recommendation | None:
    """Multiply by ten a learning rate that is too small for a network to move."""
    rate = _learning_rate(evidence)
    if rate is None or rate >= RATE_STEP * LOWEST_RATE:
        return None
    reason = "At so small a rate the weights hardly leave where they started."
    return _with_rate(evidence, reason, rate * RATE_STEP)


def leave_float16(evidence: Evidence) -> Recommendation | None:
    """Compute in float32 where float16 may have overflowed."""
    if evidence.experiment.training.precision != "mixed_float16":
        return None
    reason = "float16 ends at 65,504, and what exceeds it is no number any more."
    return with_training(evidence, reason, precision="float32")


def augment_more(evidence: Evidence) -> Recommendation | None:
    """Take the next stronger augmentation; one that mirrors nothing is left so."""
    stronger = stronger_augmentation(evidence.experiment.augmentation)
    if stronger is None:
        return None
    reason = "Changed copies act as more images. Keep to changes that leave the class as it is."
    return with_augmentation(evidence, reason, stronger)


def augment_less(evidence: Evidence) -> Recommendation | None:
    """Take the next weaker augmentation, down to the lightest that moves the image."""
    weaker = weaker_augmentation(evidence.experiment.augmentation)
    if weaker is None:
        return None
    return with_augmentation(evidence, "Images that vary less are easier to fit.", weaker)


def drop_more(evidence: Evidence) -> Recommendation | None:
    """Take the next stronger dropout."""
    stronger = rung_above(DROPOUTS, evidence.experiment.spec.dropout)
    if stronger is None:
        return None
    reason = "Dropout keeps units from relying on each other's quirks."
    return with_spec(evidence, reason, dropout=stronger)


def drop_less(evidence: Evidence) -> Recommendation | None:
    """Take the next weaker dropout."""
    weaker = rung_below(DROPOUTS, evidence.experiment.spec.dropout)
    if weaker is None:
        return None
    return with_spec(evidence, "Dropout takes capacity that is missed here.", dropout=weaker)


def penalize_more(evidence: Evidence) -> Recommendation | None:
    """Take the next stronger L2 penalty; not beside weight decay, which does the same work."""
    experiment = evidence.experiment
    stronger = rung_above(L2S, experiment.spec.l2)
    if stronger is None or experiment.training.weight_decay > 0:
        return None
    return with_spec(evidence, "Small weights make a smooth function.", l2=stronger)


def penalize_less(evidence: Evidence) -> Recommendation | None:
    """Take the next weaker L2 penalty."""
    weaker = rung_below(L2S, evidence.experiment.spec.l2)
    if weaker is None:
        return None
    return with_spec(evidence, "The penalty holds weights back that are needed here.", l2=weaker)


def regularize(experiment: Experiment) -> tuple[Lever, ...]:
    """Return the levers against variance: those that are lacking first, then by promise."""
    is_lacking = {
        augment_more: is_weaker(experiment.augmentation, USUAL_AUGMENTATION),
        drop_more: experiment.spec.dropout < USUAL_DROPOUT,
        penalize_more: experiment.spec.l2 < USUAL_L2,
    }
    return tuple(sorted(is_lacking, key=lambda lever: not is_lacking[lever]))


def _learning_rate(evidence: Evidence) -> float | None:
    """Return the peak learning rate: as it was asked for, or as the history shows it."""
    training = evidence.experiment.training
    asked = training.learning_rate
    if isinstance(training.optimizer, KerasObject):
        asked = training.optimizer.learning_rate
    if asked:
        return asked
    seen = (epoch.learning_rate for epoch in evidence.history.epochs)
    return max((rate for rate in seen if isfinite(rate) and rate > 0), default=None)


def _with_rate(evidence: Evidence, reason: str, rate: float) -> Recommendation:
    """Recommend another learning rate, which an optimizer of the user's own has inside."""
    rounded, optimizer = float(f"{rate:.3g}"), evidence.experiment.training.optimizer
    if isinstance(optimizer, KerasObject):
        return with_training(evidence, reason, optimizer=optimizer.at_rate(rounded))
    return with_training(evidence, reason, learning_rate=rounded)
