"""Levers: each changes one thing of an experiment by one step, or returns None at its end.

One at a time, so that the next run says whether it helped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from types import MappingProxyType

from imgclass.diagnosis.changes import (
    augmentation_of,
    recommend,
    with_augmentation,
    with_setting,
    with_spec,
    with_training,
)
from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.excess import Excess
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
from imgclass.flows import PRESETS
from imgclass.training.history import History
from imgclass.training.keras_object import KerasObject

Lever = Callable[[Experiment, History], Recommendation | None]

# One stage or layer, or twice the width: the steps within published families (VGG-11 to 19,
# Wide ResNet 16-2 to 16-8).
DEEPEST = 5
WIDEST = 1024
TWICE = 2
USUAL_DEPTH, USUAL_WIDTH = 3, 32  # of `cnn`

# The long schedules on CIFAR-10: 164 (He et al., *Deep Residual Learning*, 2015) and 200
# (Zagoruyko and Komodakis, *Wide Residual Networks*, 2016).
MOST_EPOCHS = 200

# Rates are searched by factors of ten; below the lowest a network hardly moves (Bengio, *Practical
# Recommendations for Gradient-Based Training of Deep Architectures*, 2012).
RATE_STEP = 10
LOWEST_RATE = 1e-6

# With less, an experiment lacks the regularizer.
USUAL_AUGMENTATION = PRESETS["medium"]
USUAL_DROPOUT = 0.2
USUAL_L2 = 1e-4


def advise(
    levers: Iterable[Lever], evidence: Evidence
) -> tuple[tuple[str, ...], tuple[Recommendation, ...]]:
    """Return the levers' advice, each once: sentences and experiments.

    If the experiment is unknown there are only sentences, and they name no values.
    """
    distinct = tuple(dict.fromkeys(levers))
    if evidence.experiment is None:
        return tuple(IN_WORDS[lever] for lever in distinct if lever in IN_WORDS), ()
    tries = (lever(evidence.experiment, evidence.history) for lever in distinct)
    offered = tuple(recommendation for recommendation in tries if recommendation)
    return tuple(f"Try {', '.join(r.changes)}. {r.reason}" for r in offered), offered


def regularize(experiment: Experiment | None) -> tuple[Lever, ...]:
    """Return the levers against variance: lacking regularizers first, then by promise."""
    if experiment is None:
        return augment_more, drop_more, penalize_more
    is_lacking = {
        augment_more: is_weaker(augmentation_of(experiment), USUAL_AUGMENTATION),
        drop_more: experiment.spec.dropout < USUAL_DROPOUT,
        penalize_more: experiment.spec.l2 < USUAL_L2,
    }
    return tuple(sorted(is_lacking, key=lambda lever: not is_lacking[lever]))


def is_small(experiment: Experiment | None) -> bool:
    """Return whether a network without a backbone has fewer stages or filters than is usual."""
    if experiment is None or experiment.spec.head_units:
        return False
    depth, width = experiment.spec.depth, experiment.spec.width
    return (depth or USUAL_DEPTH) < USUAL_DEPTH or (width or USUAL_WIDTH) < USUAL_WIDTH


def deepen(experiment: Experiment, _: History) -> Recommendation | None:
    """Add a stage of convolutions, or a layer to the head."""
    spec = experiment.spec
    reason = "A deeper network can fit what this one could not."
    if units := spec.head_units:
        if len(units) >= DEEPEST:
            return None
        deeper = (min(TWICE * units[0], max(WIDEST, units[0])), *units)
        # The layer before the dropout moves on by one.
        after = spec.dropout_after and spec.dropout_after + 1
        return with_spec(experiment, reason, head_units=deeper, dropout_after=after)
    # Each stage halves the image, until one pixel is left.
    deepest = min(DEEPEST, min(spec.image_size or (2**DEEPEST,)).bit_length() - 1)
    if spec.depth is None or spec.depth >= deepest:
        return None
    return with_spec(experiment, reason, depth=spec.depth + 1)


def widen(experiment: Experiment, _: History) -> Recommendation | None:
    """Double the filters of every stage, or the units of every layer of the head."""
    spec = experiment.spec
    reason = "A wider network has more features to tell the classes apart by."
    if units := spec.head_units:
        if TWICE * max(units) > WIDEST:
            return None
        return with_spec(experiment, reason, head_units=tuple(TWICE * n for n in units))
    if spec.width is None or TWICE * spec.width > WIDEST:
        return None
    return with_spec(experiment, reason, width=TWICE * spec.width)


def unfreeze(experiment: Experiment, _: History) -> Recommendation | None:
    """Let the backbone learn."""
    if experiment.spec.trainable is not False:
        return None
    reason = "A frozen backbone sees these images with the features of others; let it adapt."
    return with_spec(experiment, reason, trainable=True)


def train_longer(experiment: Experiment, history: History) -> Recommendation | None:
    """Double the epochs and the schedule, unless patience ended the training."""
    epochs = experiment.training.epochs or len(history.epochs)
    if history.stopped_early or not 0 < epochs < MOST_EPOCHS:
        return None
    reason = "More steps at every learning rate. Train from the start: the schedule stretches, too."
    return with_training(experiment, reason, epochs=min(TWICE * epochs, MOST_EPOCHS))


def anneal(experiment: Experiment, _: History) -> Recommendation | None:
    """Let the learning rate come down in the end."""
    if experiment.training.schedule == "one_cycle":
        return None
    # Li, Yumer and Ramanan, *Budgeted Training*, 2020: at any number of epochs.
    reason = "Small steps at the end settle where large ones wander."
    return with_training(experiment, reason, schedule="one_cycle")


def train_as_usual(epochs: int) -> Lever:
    """Return the lever that trains for the usual number of epochs."""

    def lever(experiment: Experiment, _: History) -> Recommendation | None:
        reason = f"So many images usually take {epochs} epochs. Nothing else can be judged before."
        return with_training(experiment, reason, epochs=epochs)

    return lever


def restore_usual(excesses: Sequence[Excess]) -> Lever:
    """Return the lever that takes all these regularizers back to their usual strength."""

    def lever(experiment: Experiment, _: History) -> Recommendation | None:
        reason = "A network that cannot fit its training images needs none of this."
        after = experiment
        for excess in excesses:
            after = with_setting(after, excess.setting, excess.usual)
        return recommend(experiment, reason, after)

    return lever


def weigh_classes(experiment: Experiment, _: History) -> Recommendation | None:
    """Let all classes count the same in the loss."""
    if experiment.training.class_weights or experiment.training.sampling == "balanced":
        return None
    reason = "With weights, a rare class counts as much as a frequent one."
    return with_training(experiment, reason, class_weights="balanced")


def sample_evenly(experiment: Experiment, _: History) -> Recommendation | None:
    """Show every class equally often."""
    if experiment.training.class_weights or experiment.training.sampling == "balanced":
        return None
    reason = "Shown equally often, a rare class is not drowned by the others."
    return with_training(experiment, reason, sampling="balanced")


def measure_rate(experiment: Experiment, _: History) -> Recommendation | None:
    """Let a range test find the learning rate, in one step instead of several guesses."""
    training = experiment.training
    if training.find_rate or isinstance(training.optimizer, KerasObject):
        return None
    # Smith, *Cyclical Learning Rates for Training Neural Networks*, 2017.
    reason = "The rate is measured before the training, by a few steps at growing rates."
    return with_training(experiment, reason, find_rate=True, learning_rate=None)


def lower_learning_rate(experiment: Experiment, history: History) -> Recommendation | None:
    """Divide the learning rate by ten."""
    rate = _learning_rate(experiment, history)
    if rate is None or rate / RATE_STEP < LOWEST_RATE:
        return None
    reason = "Too large a step overshoots and diverges; it is the most frequent cause of this."
    return _with_rate(experiment, reason, rate / RATE_STEP)


def leave_float16(experiment: Experiment, _: History) -> Recommendation | None:
    """Compute in float32 where float16 may have overflowed."""
    if experiment.training.precision != "mixed_float16":
        return None
    reason = "float16 ends at 65,504; a larger value becomes infinite."
    return with_training(experiment, reason, precision="float32")


def augment_more(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next stronger augmentation."""
    stronger = stronger_augmentation(augmentation_of(experiment))
    if stronger is None:
        return None
    reason = "Changed copies act as more images. Keep to changes that leave the class as it is."
    return with_augmentation(experiment, reason, stronger)


def augment_less(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next weaker augmentation that still moves the image."""
    weaker = weaker_augmentation(augmentation_of(experiment))
    if weaker is None:
        return None
    return with_augmentation(experiment, "Images that vary less are easier to fit.", weaker)


def drop_more(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next stronger dropout."""
    stronger = rung_above(DROPOUTS, experiment.spec.dropout)
    if stronger is None:
        return None
    reason = "Dropout keeps units from relying on each other's quirks."
    return with_spec(experiment, reason, dropout=stronger)


def drop_less(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next weaker dropout."""
    weaker = rung_below(DROPOUTS, experiment.spec.dropout)
    if weaker is None:
        return None
    return with_spec(experiment, "Dropout takes capacity that is needed here.", dropout=weaker)


def penalize_more(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next stronger L2 penalty; none beside weight decay, which does the same."""
    stronger = rung_above(L2S, experiment.spec.l2)
    if stronger is None or experiment.training.weight_decay > 0:
        return None
    return with_spec(experiment, "Small weights make a smooth function.", l2=stronger)


def penalize_less(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next weaker L2 penalty."""
    weaker = rung_below(L2S, experiment.spec.l2)
    if weaker is None:
        return None
    return with_spec(experiment, "The penalty keeps weights small that are needed here.", l2=weaker)


# The same advice where no value is known.
IN_WORDS: Mapping[Lever, str] = MappingProxyType(
    {
        deepen: "Make the network deeper by one stage or one layer.",
        widen: "Make the network wider: double its filters or units.",
        unfreeze: "If a pretrained backbone is frozen, let it learn.",
        train_longer: "Train for twice as many epochs.",
        measure_rate: "Measure which learning rate suits the model (imgclass train --find-rate).",
        weigh_classes: "Weigh the classes in the loss, so that rare ones count as much.",
        sample_evenly: "Show every class equally often.",
        anneal: "Let the learning rate come down to zero by the last epoch.",
        lower_learning_rate: "Lower the learning rate by a factor of ten.",
        leave_float16: "If it computes in float16, compute in float32.",
        augment_more: "Raise the augmentation by one step: stronger shifts, zoom and rotation.",
        augment_less: "Lower the augmentation by one step.",
        drop_more: "Raise the dropout by one step: to 0.2, then 0.35, then 0.5.",
        drop_less: "Lower the dropout by one step.",
        penalize_more: "Raise the L2 penalty by one step: to 1e-4, then 5e-4, then 1e-3.",
        penalize_less: "Lower the L2 penalty by one step.",
    }
)


def _learning_rate(experiment: Experiment, history: History) -> float | None:
    """Return the peak learning rate, from the recipe or else from the history."""
    training = experiment.training
    asked = training.learning_rate
    if isinstance(training.optimizer, KerasObject):
        asked = training.optimizer.learning_rate
    if asked:
        return asked
    seen = (epoch.learning_rate for epoch in history.epochs)
    return max((rate for rate in seen if isfinite(rate) and rate > 0), default=None)


def _with_rate(experiment: Experiment, reason: str, rate: float) -> Recommendation:
    """Recommend another learning rate; a user's own optimizer holds it itself."""
    rounded, optimizer = float(f"{rate:.3g}"), experiment.training.optimizer
    if isinstance(optimizer, KerasObject):
        return with_training(experiment, reason, optimizer=optimizer.at_rate(rounded))
    return with_training(experiment, reason, learning_rate=rounded)
