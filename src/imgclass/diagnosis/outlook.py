"""What can be expected of a finding's recommendations."""

from dataclasses import replace

from imgclass.diagnosis.diagnosis import Finding, Recommendation
from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.wall_time import predicted_seconds


def with_outlook(finding: Finding, evidence: Evidence) -> Finding:
    """Return the finding with what its recommendations will take, where that is known."""
    return replace(
        finding,
        recommendations=tuple(_completed(each, evidence) for each in finding.recommendations),
    )


def _completed(recommendation: Recommendation, evidence: Evidence) -> Recommendation:
    if recommendation.seconds is not None:
        return recommendation
    return replace(recommendation, seconds=predicted_seconds(evidence, recommendation.experiment))
