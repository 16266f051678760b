"""What a diagnosis says: findings, and the next experiment as a value that can be run."""

from dataclasses import dataclass
from typing import Protocol

from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change worth trying.

    Attributes:
        changes: What differs from the experiment that was run, a short phrase each
            (`depth 3 to 4`), most important first.
        reason: Why it should help, in one sentence.
        experiment: The next experiment, whole.
    """

    changes: tuple[str, ...]
    reason: str
    experiment: Experiment


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict of one rule.

    Attributes:
        name: The rule's verdict, such as `high_variance`.
        severity: Orders findings, 0-1; in accuracy points where there is a gap.
        explanation: What was seen, with its figures, in one or two sentences.
        advice: What to do about it, most promising first, a sentence each.
        gap: The gap that was judged; None where the verdict rests on none.
        recommendations: Experiments that would check the advice, most promising first.
    """

    name: str
    severity: float
    explanation: str
    advice: tuple[str, ...]
    gap: Gap | None = None
    recommendations: tuple[Recommendation, ...] = ()


class Rule(Protocol):
    """A pure function from evidence to a verdict, or None where it does not apply."""

    def __call__(self, evidence: Evidence) -> Finding | None:
        """Judge the evidence."""
        ...


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, most pressing first.

    Attributes:
        target_accuracy: What was held to be good enough, in 0-1.
        tolerance: Gaps up to this were passed over, in 0-1.
        findings: At least one.
    """

    target_accuracy: float
    tolerance: float
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Finding:
        """The most pressing finding."""
        return self.findings[0]

    @property
    def recommendation(self) -> Recommendation | None:
        """The next experiment to run; None where nothing needs to be tried."""
        for finding in self.findings:
            if finding.recommendations:
                return finding.recommendations[0]
        return None
