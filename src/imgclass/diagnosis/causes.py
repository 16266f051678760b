"""What is looked for before bias and variance: causes that make every gap mean something else.

Each is a pure reading of the evidence. `blocking_cause` asks them in the order in which they
explain each other: a loss that is not a number explains everything after it, classes in another
order explain a low val accuracy, and so on.
"""

from collections.abc import Callable

import numpy as np

from imgclass.diagnosis.doubted_labels import doubted_labels, explains_bias
from imgclass.diagnosis.epochs import has_barely_begun, missing_epochs
from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.excess import Excess
from imgclass.diagnosis.imbalance import majority_share
from imgclass.diagnosis.interpretation import failures, has_diverged, has_reached
from imgclass.diagnosis.ladders import DROPOUTS, L2S, is_excessive
from imgclass.diagnosis.levers.size import USUAL_WIDTH, is_small
from imgclass.diagnosis.sources import printed_accuracy
from imgclass.evaluation import Score
from imgclass.flows import PRESETS
from imgclass.statistics import newcombe_interval, wilson_interval
from imgclass.training.defaults import (
    ADAM_RATE,
    MUON_RATE,
    SGD_BATCH,
    SGD_RATE,
)

# Accuracy points that no usual training shows.
MUCH = 0.1
# With fewer val images for each class, some order of the classes fits by luck.
FEWEST_OF_CLASS = 10
# Learning rates so many times above or below the usual one are not a matter of taste.
ODD_RATE = 20
LEARNED_BY_HEART = 0.9  # of a small sample that was trained alone
# With fewer training images for each class, a network may learn nothing that holds for others
# although there is something.
FEWEST_TO_LEARN = 20
MOST_SMOOTHING = 0.3
USUAL_SMOOTHING = 0.1


def blocking_cause(evidence: Evidence) -> str:
    """Return the name of the first cause because of which no gap can be judged; empty for none."""
    return next((name for name, is_so in _BLOCKING if is_so(evidence)), "")


def is_open(evidence: Evidence) -> bool:
    """Return whether gaps can be judged, and the target is not reached."""
    return not blocking_cause(evidence) and not has_reached(evidence)


def reordered_accuracy(evidence: Evidence) -> float | None:
    """Return the val accuracy if val's classes are put into another order; None if none fits.

    A plain Keras flow numbers the classes of each folder anew, so one that is missing from val
    moves all that follow. Luck is excluded: the new order must win back half of the gap.
    """
    train, val, variance = evidence.train, evidence.val, evidence.variance
    if not isinstance(train, Score) or not isinstance(val, Score) or variance is None:
        return None
    if variance.value < 2 * MUCH or val.n < FEWEST_OF_CLASS * len(val.class_names):
        return None
    from scipy.optimize import linear_sum_assignment  # takes half a second

    confusion = np.array(val.confusion)
    correct = int(confusion[linear_sum_assignment(confusion, maximize=True)].sum())
    is_better = wilson_interval(correct, val.n)[0] > val.interval[1]
    wins_back = correct / val.n - val.accuracy >= variance.value / 2
    return correct / val.n if is_better and wins_back else None


def has_no_signal(evidence: Evidence) -> bool:
    """Return whether the network learns the training images, and nothing that holds for others.

    Or, if it learned nothing: whether it can learn a small sample by heart at a usual rate, so
    that the training is sound and the labels have nothing to do with the images.
    """
    train, val = evidence.train, evidence.val
    if not isinstance(train, Score) or not isinstance(val, Score) or has_barely_begun(evidence):
        return False
    if failures(evidence):
        sample = evidence.small_sample
        return (
            sample is not None
            and sample.accuracy >= LEARNED_BY_HEART
            and not has_diverged(evidence)
            and rate_ratio(evidence) is None
        )
    if sum(map(any, val.confusion)) == 1 or train.n < FEWEST_TO_LEARN * len(train.class_names):
        return False
    chance = majority_share(val)
    has_learned = train.interval[0] > majority_share(train) + MUCH
    half_way = chance + (train.accuracy - chance) / 2
    return has_learned and val.interval[0] <= chance and val.interval[1] < half_way


def wants_small_sample(evidence: Evidence) -> bool:
    """Return whether only training on a small sample can say why nothing was learned."""
    return (
        evidence.small_sample is None
        and bool(failures(evidence))
        and blocking_cause(evidence) == "optimisation_failure"
        and not has_diverged(evidence)
        and rate_ratio(evidence) is None
    )


def mode_gap(evidence: Evidence) -> Gap | None:
    """Return how far a clean pass falls behind what `fit` printed; None if that is usual.

    With dropout and augmentation on, `fit` prints less than a clean pass scores. Far more means
    that the model computes something else in evaluation (keras issue 10014).
    """
    printed, train, experiment = printed_accuracy(evidence), evidence.train, evidence.experiment
    if printed is None or train is None:
        return None
    if experiment and (experiment.training.ema or experiment.training.sampling == "balanced"):
        return None  # other weights, or other images
    shares = printed, train.accuracy
    low, high = newcombe_interval(shares, ((printed, printed), train.interval))
    gap = Gap(shares[0] - shares[1], (low, high))
    return gap if gap.is_above(MUCH) else None


def excesses(evidence: Evidence) -> tuple[Excess, ...]:
    """Return the regularizers that are stronger than any in common use, if train is held back."""
    experiment, bias = evidence.experiment, evidence.bias
    if experiment is None or has_diverged(evidence) or has_reached(evidence):
        return ()
    if not failures(evidence) and (bias is None or not bias.is_above(evidence.tolerance)):
        return ()
    spec, smoothing = experiment.spec, experiment.training.label_smoothing
    found = []
    if spec.dropout > DROPOUTS[-1]:
        found.append(Excess("dropout", f"dropout of {spec.dropout:g}", DROPOUTS[1]))
    if spec.l2 > L2S[-1]:
        found.append(Excess("l2", f"an L2 penalty of {spec.l2:g}", L2S[1]))
    if experiment.augmentation is not None and is_excessive(experiment.augmentation):
        found.append(Excess("augmentation", "augmentation this strong", PRESETS["light"]))
    if smoothing is not None and smoothing > MOST_SMOOTHING:
        words = f"label smoothing of {smoothing:g}"
        found.append(Excess("label_smoothing", words, USUAL_SMOOTHING))
    return tuple(found)


def rate_ratio(evidence: Evidence) -> float | None:
    """Return the learning rate as a multiple of the optimizer's usual one, if far from 1."""
    experiment = evidence.experiment
    if experiment is None:
        return None
    training = experiment.training
    usual = {
        "adam": ADAM_RATE,
        "sgd": SGD_RATE * (training.batch_size or SGD_BATCH) / SGD_BATCH,
        "muon": MUON_RATE,
    }
    optimizer, rate = training.optimizer, training.learning_rate
    if rate is None or not isinstance(optimizer, str) or optimizer not in usual:
        return None
    ratio = rate / usual[optimizer]
    return None if 1 / ODD_RATE < ratio < ODD_RATE else ratio


def is_narrow(evidence: Evidence) -> bool:
    """Return whether a network is smaller than usual, with fewer filters than classes."""
    experiment, val = evidence.experiment, evidence.val
    if experiment is None or not is_small(experiment) or not isinstance(val, Score):
        return False
    return (experiment.spec.width or USUAL_WIDTH) < len(val.class_names)


def is_out_of_reach(evidence: Evidence) -> bool:
    """Return whether wrong labels, or images of one colour, are at least half of what train lacks.

    No change of the network or of the training makes up for these.
    """
    bias, constant = evidence.bias, evidence.constant.get("train")
    if bias is None or not bias.is_above(evidence.tolerance):
        return False
    is_unseen = constant is not None and constant.lost >= bias.value / 2
    return is_unseen or explains_bias(doubted_labels(evidence), evidence)


def may_mirror(evidence: Evidence) -> bool:
    """Return whether mirror images keep their class, as far as is known."""
    seen = evidence.mirror_images
    return seen is None or seen.lost < MUCH


def _is_reordered(evidence: Evidence) -> bool:
    return reordered_accuracy(evidence) is not None


def _fails_by_excess(evidence: Evidence) -> bool:
    return bool(failures(evidence) and excesses(evidence))


def _has_failed(evidence: Evidence) -> bool:
    return bool(failures(evidence)) and not has_barely_begun(evidence)


def is_badly_paced(evidence: Evidence) -> bool:
    """Return whether train misses the target at a learning rate that is far from the usual one."""
    bias = evidence.bias
    is_missed = bias is not None and bias.is_above(evidence.tolerance)
    return is_missed and not has_reached(evidence) and rate_ratio(evidence) is not None


def _is_defect(evidence: Evidence) -> bool:
    # After few steps the averages of batch normalisation are far behind in every model.
    is_early = missing_epochs(evidence) is not None
    return mode_gap(evidence) is not None and not is_early and not has_reached(evidence)


_BLOCKING: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("optimisation_failure", has_diverged),
    ("class_order", _is_reordered),
    ("over_regularised", _fails_by_excess),
    ("no_signal", has_no_signal),
    ("optimisation_failure", is_badly_paced),
    ("mode_defect", _is_defect),
    ("optimisation_failure", _has_failed),
)
