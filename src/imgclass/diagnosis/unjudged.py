"""What a diagnosis could not judge for lack of knowledge."""

from collections.abc import Sequence

from imgclass.diagnosis.diagnosis import Finding
from imgclass.diagnosis.evidence import Evidence, MeasuredAccuracy
from imgclass.diagnosis.interpretation import in_words
from imgclass.diagnosis.sources import printed_accuracy

SCORE_TRAIN = (
    "Score the training images with the final weights, without augmentation, and give the accuracy "
    "as train=."
)


def unjudged(evidence: Evidence) -> tuple[str, ...]:
    r"""Return a sentence for each open question, with what would answer it.

    Example:
        >>> print(*unjudged(Evidence(val=MeasuredAccuracy(0.8, n=500))), sep="\n")
        Bias and variance apart: the train accuracy of a clean pass is not known (give train=).
        Single classes: of val only the accuracy is known, not the prediction for each image.
        Whether training was still improving: there is no history.
        Which setting to change to what: the experiment is not known, so advice is in words.
    """
    return tuple(
        sentence
        for question in (_gaps, _intervals, _classes, _trend, _settings)
        if (sentence := question(evidence))
    )


def inconclusive(evidence: Evidence, rules: Sequence[str]) -> Finding:
    """Return the finding if no rule found anything; `rules` names those applied."""
    val, shortfall = evidence.val, evidence.shortfall
    if val and shortfall and not evidence.train and shortfall.value > evidence.tolerance:
        explanation = (
            f"The val accuracy is {in_words(val)}, {shortfall.value:.3f} below the target of "
            f"{evidence.target_accuracy:g}. Without the train accuracy, bias and variance cannot "
            f"be told apart."
        )
        advice = [SCORE_TRAIN]
        if (printed := printed_accuracy(evidence)) is not None:
            bias, variance = evidence.target_accuracy - printed, printed - val.accuracy
            larger = "variance" if variance > bias else "bias"
            advice.append(
                f"If that confirms the {printed:.3f} that fit printed, the larger part is {larger}."
            )
    elif val is None:
        explanation = "The val accuracy is not known, and nothing else that is known is a problem."
        advice = ["Score images that the model did not learn from, and give the accuracy as val=."]
    else:
        explanation = f"No rule found anything; applied were {', '.join(rules) or 'none'}."
        advice = ["Apply the built-in rules, too."]
    return Finding("inconclusive", 0.0, explanation, tuple(advice))


def _gaps(evidence: Evidence) -> str:
    if evidence.val is None:
        return "Variance, and whether the target is reached: the val accuracy is not known."
    if evidence.train is not None:
        return ""
    printed = printed_accuracy(evidence)
    if printed is None:
        return (
            "Bias and variance apart: the train accuracy of a clean pass is not known "
            "(give train=)."
        )
    return (
        f"Bias and variance apart: the train accuracy of the history, {printed:.3f}, is a running "
        f"average with dropout and augmentation on. Give that of a clean pass as train=."
    )


def _intervals(evidence: Evidence) -> str:
    splits = [split for split, score in _bare(evidence).items() if score.n is None]
    if not splits:
        return ""
    remedy = " and ".join(f"n_{split}=" for split in splits)
    return (
        f"How certain the {' and '.join(splits)} accuracy is: the number of images is not known, "
        f"so there is no interval (give {remedy})."
    )


def _classes(evidence: Evidence) -> str:
    splits = _bare(evidence)
    if not splits:
        return ""
    return (
        f"Single classes: of {' and '.join(splits)} only the accuracy is known, not the prediction "
        f"for each image."
    )


def _trend(evidence: Evidence) -> str:
    if evidence.history.epochs:
        return ""
    return "Whether training was still improving: there is no history."


def _settings(evidence: Evidence) -> str:
    if evidence.experiment is not None:
        return ""
    return "Which setting to change to what: the experiment is not known, so advice is in words."


def _bare(evidence: Evidence) -> dict[str, MeasuredAccuracy]:
    """Return the splits of which only the accuracy is known."""
    scores = {"train": evidence.train, "val": evidence.val}
    return {name: score for name, score in scores.items() if isinstance(score, MeasuredAccuracy)}
