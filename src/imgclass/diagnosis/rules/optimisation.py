"""What may be the matter with the training: it failed, was cut off, or evaluates otherwise."""

from imgclass.diagnosis.causes import (
    blocking_cause,
    excesses,
    is_narrow,
    is_open,
    is_out_of_reach,
    mode_gap,
    rate_ratio,
)
from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.epochs import has_barely_begun, missing_epochs
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.interpretation import failures, has_diverged, stake
from imgclass.diagnosis.levers import (
    Lever,
    advise,
    anneal,
    leave_float16,
    lower_learning_rate,
    measure_rate,
    train_as_usual,
    train_longer,
    unfreeze,
)
from imgclass.diagnosis.trend import read_trend
from imgclass.formatting import count

LEARN_BY_HEART = "Check that the network can learn 100 images by heart; if not, look for a mistake."


def optimisation_failure(evidence: Evidence) -> Finding | None:
    """Training did not learn: it diverged, collapsed, or was no better than guessing."""
    if blocking_cause(evidence) != "optimisation_failure":
        return None
    ratio = rate_ratio(evidence)
    signs = [*failures(evidence)]
    if ratio is not None:
        far = f"{ratio:.3g} times" if ratio > 1 else f"1/{1 / ratio:.3g} of"
        signs.append(f"The learning rate is {far} the optimizer's usual one.")
    if sample := evidence.small_sample:
        signs.append(
            f"Trained on {sample.n} images alone, the network gets {sample.accuracy:.0%} of them "
            f"right: look for the mistake in the network."
        )
    levers: tuple[Lever, ...] = (measure_rate, lower_learning_rate, leave_float16)
    if not has_diverged(evidence):
        levers = (measure_rate, leave_float16, unfreeze, train_longer)
    sentences, tries = advise(levers, evidence)
    return Finding(
        name="optimisation_failure",
        severity=1.0,
        explanation=f"{' '.join(signs)} Until this is solved, no accuracy says anything.",
        advice=(
            *sentences[:1],
            "Check that images and labels belong together: look at a few of each class.",
            *([] if sample else [LEARN_BY_HEART]),
            *sentences[1:],
        ),
        recommendations=tries,
    )


def still_improving(evidence: Evidence) -> Finding | None:
    """Training ended before it had learned what it can."""
    if not is_open(evidence) or evidence.history.stopped_early:
        return None
    if excesses(evidence) or is_out_of_reach(evidence):
        return None
    trend, bias, shortfall = read_trend(evidence), evidence.bias, evidence.shortfall
    whole = stake(shortfall.value) if shortfall else 1.0
    usual = missing_epochs(evidence)
    if usual is not None and (has_barely_begun(evidence) or not is_narrow(evidence)):
        assert evidence.experiment is not None
        assert evidence.train is not None
        done = evidence.experiment.training.epochs or len(evidence.history.epochs)
        sentences, tries = advise((train_as_usual(usual), train_longer), evidence)
        return Finding(
            name="still_improving",
            severity=whole,
            explanation=(
                f"The training had {count(done, 'epoch')}; for {evidence.train.n:,} images "
                f"{usual} are usual{_to_learn(evidence)}."
            ),
            advice=sentences,
            recommendations=tries,
        )
    # A rate that comes down improves every training in its last epochs.
    if trend is None or not trend.is_improving or trend.is_annealed:
        return None
    levers: tuple[Lever, ...] = (train_longer,)
    if trend.is_annealed is None:
        judged = (
            "The learning rates are not known: if they were constant, the training was cut off; if "
            "they came down, that improves every training, and the rise proves little."
        )
    else:
        judged = "The learning rate had not come down yet: the training was cut off, not finished."
        levers = (train_longer, anneal)
    sentences, tries = advise(levers, evidence)
    # Whether more epochs win all of it is not known before they are trained.
    is_low = bias is None or bias.is_above(evidence.tolerance)
    return Finding(
        name="still_improving",
        severity=whole if is_low else stake(trend.rise.value),
        explanation=(
            f"Over the last {trend.epochs} epochs the val accuracy went from {trend.first:.3f} to "
            f"{trend.last:.3f} and the val loss changed by {-trend.loss_fall:+.0%}. {judged}"
        ),
        advice=sentences,
        recommendations=tries,
    )


def _to_learn(evidence: Evidence) -> str:
    train, bias = evidence.train, evidence.bias
    if train is None or bias is None or not bias.is_above(evidence.tolerance):
        return ""
    return f", and the train accuracy of {train.accuracy:.3f} says that there was more to learn"


def mode_defect(evidence: Evidence) -> Finding | None:
    """The model computes something else in evaluation than in training."""
    gap, train = mode_gap(evidence), evidence.train
    if blocking_cause(evidence) != "mode_defect" or gap is None or train is None:
        return None
    printed = train.accuracy + gap.value
    return Finding(
        name="mode_defect",
        severity=1.0,
        explanation=(
            f"During training the accuracy was {printed:.3f}, with dropout and augmentation on; a "
            f"clean pass over the same images scores {train.accuracy:.3f}. It should score more."
        ),
        advice=(
            "Give both the same preprocessing, best as layers of the model.",
            "Look at batch normalisation: after few steps its averages are far from the batches'.",
            "Larger batches or more epochs bring the averages closer; a momentum of 0.9 does, too.",
        ),
    )
