"""The regularizers: augmentation, dropout and the L2 penalty, one step up or down."""

from collections.abc import Sequence
from dataclasses import replace

from imgclass.diagnosis.changes import (
    augmentation_of,
    recommend,
    with_augmentation,
    with_setting,
    with_spec,
)
from imgclass.diagnosis.diagnosis import Recommendation
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
from imgclass.diagnosis.levers.lever import Lever
from imgclass.diagnosis.levers.pace import for_usual_epochs, train_longer
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.training.history import History

# With less, an experiment lacks the regularizer.
USUAL_AUGMENTATION = PRESETS["medium"]
USUAL_DROPOUT = 0.2
USUAL_L2 = 1e-4


def regularize(
    experiment: Experiment | None, *, usual_epochs: int | None = None, mirror: bool = True
) -> tuple[Lever, ...]:
    """Return the levers against variance: lacking regularizers first, then by promise.

    The experience of similar runs, where there is any, overrules this order.

    Args:
        experiment: What was trained, if that is known.
        usual_epochs: The usual number of epochs, if it had far fewer: regularizers slow a training
            down, so the first advice is to train for these, too.
        mirror: Whether mirror images keep their class, as far as is known.
    """
    if experiment is None:
        return augment_more, drop_more, penalize_more
    current = augmentation_of(experiment)
    is_free = stronger_augmentation(current) == stronger_augmentation(current, mirror=mirror)
    augment = augment_more if is_free else augment_without_mirroring
    is_lacking = {
        augment: is_weaker(current, USUAL_AUGMENTATION),
        drop_more: experiment.spec.dropout < USUAL_DROPOUT,
        penalize_more: experiment.spec.l2 < USUAL_L2,
    }
    one_thing = tuple(sorted(is_lacking, key=lambda lever: not is_lacking[lever]))
    if usual_epochs is not None:
        return (for_usual_epochs(augment, usual_epochs), *one_thing)
    return (*one_thing, augment_more_for_longer) if is_free else one_thing


def restore_usual(excesses: Sequence[Excess]) -> Lever:
    """Return the lever that takes all these regularizers back to their usual strength."""

    def lever(experiment: Experiment, _: History) -> Recommendation | None:
        reason = "A network that cannot fit its training images needs none of this."
        after = experiment
        for excess in excesses:
            after = with_setting(after, excess.setting, excess.usual)
        return recommend(experiment, reason, after)

    lever.__name__ = restore_usual.__name__
    return lever


def augment_more(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next stronger augmentation."""
    stronger = stronger_augmentation(augmentation_of(experiment))
    if stronger is None:
        return None
    reason = "Changed copies act as more images. Keep to changes that leave the class as it is."
    return with_augmentation(experiment, reason, stronger)


def augment_without_mirroring(experiment: Experiment, _: History) -> Recommendation | None:
    """Take the next stronger augmentation, and do not begin to mirror images."""
    stronger = stronger_augmentation(augmentation_of(experiment), mirror=False)
    if stronger is None:
        return None
    reason = "Changed copies act as more images. Mirrored ones would not: they are not recognised."
    return with_augmentation(experiment, reason, stronger)


def augment_more_for_longer(experiment: Experiment, history: History) -> Recommendation | None:
    """Take the next stronger augmentation, and twice the epochs to learn from it."""
    stronger, longer = augment_more(experiment, history), train_longer(experiment, history)
    if stronger is None or longer is None:
        return None
    after = replace(longer.experiment, augmentation=stronger.experiment.augmentation)
    reason = "Images that vary more need more passes until a network has seen enough of them."
    return recommend(experiment, reason, after)


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
