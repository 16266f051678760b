"""What a diagnosis says: findings, and the next experiment as a value that can be run."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Protocol

from imgclass.diagnosis.evidence import Evidence, Gap
from imgclass.diagnosis.expectation import Expectation
from imgclass.errors import UsageError
from imgclass.experiment import Experiment
from imgclass.formatting import cut, duration, title_case
from imgclass.validation import is_number

LONGEST = 1000  # characters shown of a sentence; a rule or a file may hold any text
LONGEST_NAME = 60
MINUTE = 59.5  # seconds that are rounded to one


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One change worth trying.

    Attributes:
        changes: What differs from the experiment that was run, a phrase each (`depth 3 to 4`).
        reason: Why it should help, in one sentence.
        experiment: The next experiment, whole.
        lever: The name of the change, such as `deepen`; empty for one that has none.
        expected: What it brought in similar runs; None if no similar run is known.
        seconds: About what its training takes on this machine; None if that is not known.
        falsifier: What would show it wrong, in one sentence; empty if nobody said.

    Raises:
        UsageError: `seconds` is negative or no number.

    Example:
        >>> from imgclass.models.spec import ModelSpec
        >>> deeper = Experiment(spec=ModelSpec(depth=4))
        >>> step = Recommendation(("depth 3 to 4",), "It has room to learn more.", deeper, "deepen")
        >>> step.sentence
        'Try depth 3 to 4. It has room to learn more.'
        >>> step.outlook
        'No similar run is known.'
    """

    changes: tuple[str, ...]
    reason: str
    experiment: Experiment
    lever: str = ""
    expected: Expectation | None = None
    seconds: float | None = None
    falsifier: str = ""

    def __post_init__(self) -> None:
        if self.seconds is not None and not (is_number(self.seconds) and self.seconds >= 0):
            raise UsageError(f"Expected seconds >= 0; received seconds={self.seconds!r}.")

    @property
    def sentence(self) -> str:
        """The change and its reason, as advice."""
        return f"Try {', '.join(self.changes)}. {self.reason}"

    @property
    def outlook(self) -> str:
        """What it may bring, how long it takes, what would show it wrong; empty if nobody said."""
        if not (self.lever or self.expected or self.falsifier):
            return ""
        known = f"{self.expected}" if self.expected else "no similar run is known"
        takes = f"; about {_about(self.seconds)} here" if self.seconds is not None else ""
        return f"{known[0].upper()}{known[1:]}{takes}. {self.falsifier}".rstrip()


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict of one rule.

    Attributes:
        name: The verdict, such as `high_variance`.
        severity: Orders findings, 0-1: the accuracy at stake; 1 if no figure can be trusted yet.
        explanation: What was seen, with its figures, in one or two sentences.
        advice: What to do, most promising first, a sentence each.
        gap: The gap that was judged; None if the verdict rests on none.
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
    """A pure function from evidence to a verdict, or None if it does not apply."""

    def __call__(self, evidence: Evidence, /) -> Finding | None:
        """Judge the evidence."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """Findings, most pressing first; `print` shows all of it, a notebook shows it as a page.

    Attributes:
        target_accuracy: The accuracy that was good enough, in 0-1.
        tolerance: Smaller gaps were passed over, in 0-1.
        findings: At least one.
        not_judged: What could not be judged for lack of knowledge, a sentence each.

    Raises:
        UsageError: There are no findings.

    Example:
        >>> finding = Finding("good_enough", 0.0, "The val accuracy reaches the target.", ())
        >>> diagnosis = Diagnosis(0.95, 0.02, (finding,))
        >>> diagnosis
        <Diagnosis: good_enough>
        >>> print(diagnosis)
        Good enough
        The val accuracy reaches the target.
    """

    target_accuracy: float
    tolerance: float
    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.findings:
            raise UsageError("Expected at least one finding; received none.")

    @property
    def verdict(self) -> Finding:
        """The most pressing finding."""
        return self.findings[0]

    @property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """Every recommended experiment, once each, most promising first.

        Those of a more pressing finding come first; what lowered val in similar runs comes last.
        """
        distinct: dict[Experiment, Recommendation] = {}
        for finding in self.findings:
            for recommendation in finding.recommendations:
                distinct.setdefault(recommendation.experiment, recommendation)
        return tuple(sorted(distinct.values(), key=_is_losing))

    @property
    def recommendation(self) -> Recommendation | None:
        """The next experiment to run; None if nothing needs to be tried."""
        return next(iter(self.recommendations), None)

    def __repr__(self) -> str:
        names = ", ".join(cut(finding.name, LONGEST_NAME) for finding in self.findings[:5])
        step = self.recommendation
        try_next = f"; next: {cut(', '.join(step.changes), LONGEST_NAME)}" if step else ""
        return f"<Diagnosis: {names}{try_next}>"

    def __str__(self) -> str:
        parts = (
            "\n".join(filter(None, (title, text, *(f"- {sentence}" for sentence in sentences))))
            for title, text, sentences in self._parts()
        )
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return "".join(
            f"<h4>{escape(title)}</h4><p>{escape(text)}</p>"
            f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>"
            for title, text, sentences in self._parts()
        )

    def _parts(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield title, explanation and sentences of each finding and of what was not judged."""
        for finding in self.findings:
            title = cut(title_case(finding.name), LONGEST_NAME)
            yield title, cut(finding.explanation, LONGEST), _cut_each(finding.advice)
        if self.not_judged:
            yield "Not judged", "", _cut_each(self.not_judged)


def _is_losing(recommendation: Recommendation) -> bool:
    return recommendation.expected is not None and recommendation.expected.gain < 0


def _about(seconds: float) -> str:
    """Return an estimated wall time as text; parts of a second are not known."""
    return f"{max(1, round(seconds))} s" if seconds < MINUTE else duration(seconds)


def _cut_each(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cut(sentence, LONGEST) for sentence in sentences)
