"""What can be expected of a finding's recommendations, and the order that follows from it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from imgclass.diagnosis.diagnosis import Finding, Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.experience import Experience, expect, situation_of
from imgclass.diagnosis.wall_time import predicted_seconds

# Answers to a cause, after which a gain is judged anew: these keep their place.
ANSWERS_TO_CAUSES = (
    "restore_usual",
    "measure_rate",
    "train_as_usual",
    "lower_learning_rate",
    "leave_float16",
    "unfreeze",
    "usual_size",
    "weigh_classes_for_usual_epochs",
    "augment_more_for_usual_epochs",
    "augment_without_mirroring_for_usual_epochs",
)


def with_outlook(finding: Finding, evidence: Evidence, rows: Sequence[Experience]) -> Finding:
    """Return the finding with what its recommendations may bring, the largest gain first.

    Those of which nothing is known stand between gains and losses, in their own order. The
    sentences of advice follow their recommendations.

    Args:
        finding: What a rule found.
        evidence: What it was found in.
        rows: The table of experience.
    """
    known = [_completed(each, evidence, rows) for each in finding.recommendations]
    ordered = tuple(_by_gain(known))
    sentences = iter([each.sentence for each in ordered])
    said = {each.sentence for each in ordered}
    advice = tuple(next(sentences, text) if text in said else text for text in finding.advice)
    return replace(finding, advice=advice, recommendations=ordered)


def _completed(
    recommendation: Recommendation, evidence: Evidence, rows: Sequence[Experience]
) -> Recommendation:
    """Return a recommendation with expected gain and time, unless its rule gave them."""
    expected, seconds = recommendation.expected, recommendation.seconds
    if expected is None and recommendation.lever:
        expected = expect(situation_of(evidence), recommendation.lever, rows)
    if seconds is None:
        seconds = predicted_seconds(evidence, recommendation.experiment)
    return replace(recommendation, expected=expected, seconds=seconds)


def _by_gain(recommendations: Iterable[Recommendation]) -> Iterator[Recommendation]:
    """Yield the recommendations, those that may move sorted among their places."""
    every = list(recommendations)
    levers = sorted(
        (each for each in every if each.lever not in ANSWERS_TO_CAUSES),
        key=lambda each: -each.expected.gain if each.expected else 0.0,
    )
    moved = iter(levers)
    for each in every:
        yield each if each.lever in ANSWERS_TO_CAUSES else next(moved)
