"""What a diagnosis says: findings, and the next experiment as a value that can be run."""

from dataclasses import dataclass
from typing import Protocol

from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.errors import UsageError
from imgclass.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change worth trying.

    Attributes:
        changes: What differs from the experiment that was run, a short phrase each
            (`depth 3 to 4`), in the order of the experiment's fields.
        reason: Why it should help, in one sentence.
        experiment: The next experiment, whole.

    Example:
        >>> from imgclass.models.spec import ModelSpec
        >>> deeper = Experiment(spec=ModelSpec(depth=4))
        >>> Recommendation(("depth 3 to 4",), "It has room to learn more.", deeper).changes
        ('depth 3 to 4',)
    """

    changes: tuple[str, ...]
    reason: str
    experiment: Experiment


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict of one rule.

    Attributes:
        name: The rule's verdict, such as `high_variance`.
        severity: Orders findings, 0-1: the accuracy at stake, as a share; 1 where none of the
            figures can be trusted before this is mended.
        explanation: What was seen, with its figures, in one or two sentences.
        advice: What to do about it, most promising first, a sentence each.
        gap: The gap that was judged; None where the verdict rests on none.
        recommendations: Experiments that would check the advice, most promising first.

    Raises:
        UsageError: The severity is outside 0-1.

    Example:
        >>> Finding("blurred", 0.1, "Half of the images are blurred.", ("Look at them.",)).gap
    """

    name: str
    severity: float
    explanation: str
    advice: tuple[str, ...]
    gap: Gap | None = None
    recommendations: tuple[Recommendation, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.severity <= 1:
            raise UsageError(f"Expected 0 <= severity <= 1; received severity={self.severity}.")


class Rule(Protocol):
    """A pure function from evidence to a verdict, or None where it does not apply."""

    def __call__(self, evidence: Evidence, /) -> Finding | None:
        """Judge the evidence."""
        ...


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, most pressing first.

    Attributes:
        target_accuracy: What was held to be good enough, in 0-1.
        tolerance: Gaps up to this were passed over, in 0-1.
        findings: At least one.

    Raises:
        UsageError: There are no findings.

    Example:
        >>> finding = Finding("good_enough", 0.0, "The val accuracy reaches the target.", ())
        >>> Diagnosis(0.95, 0.02, (finding,)).verdict.name
        'good_enough'
    """

    target_accuracy: float
    tolerance: float
    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if not self.findings:
            raise UsageError("Expected at least one finding; received none.")

    @property
    def verdict(self) -> Finding:
        """The most pressing finding."""
        return self.findings[0]

    @property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """Every experiment that a finding recommends, once each, most promising first."""
        distinct: dict[Experiment, Recommendation] = {}
        for finding in self.findings:
            for recommendation in finding.recommendations:
                distinct.setdefault(recommendation.experiment, recommendation)
        return tuple(distinct.values())

    @property
    def recommendation(self) -> Recommendation | None:
        """The next experiment to run; None where nothing needs to be tried."""
        return next(iter(self.recommendations), None)
