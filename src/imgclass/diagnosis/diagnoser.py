"""Diagnoser: run the rules, and order what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Rule
from imgclass.diagnosis.evidence import TARGET_ACCURACY, TOLERANCE, Evidence, require_goal
from imgclass.errors import PluginError
from imgclass.registry import Registry
from imgclass.serialization import from_plain, to_plain

diagnoser_rules = Registry[Rule]("imgclass.diagnoser_rules", kind="diagnoser rule")
"""The rules by name: the built-in ones, and those that installed packages or your code add."""


@dataclass(frozen=True, slots=True)
class Diagnoser:
    """Says what keeps a run from its target, and what to run next.

    A rule that fails is named in a finding `broken_rule`, and the others' findings stand.

    Attributes:
        target_accuracy: What would be good enough, in 0-1 (0 excluded).
        tolerance: Gaps up to this are not worth an experiment, in 0-1 (1 excluded).
        rules: The rules by name; every registered one when not given.

    Raises:
        UsageError: The target or the tolerance is out of range.

    Example:
        >>> from imgclass import Experiment
        >>> from imgclass.evaluation import Score
        >>> from imgclass.training.history import Epoch, History
        >>> history = History((Epoch(0.6, 0.8, 0.7, 0.8, 1e-3, 9.0),), 0, False, 9.0)
        >>> names = ("cat", "dog")
        >>> train = Score(class_names=names, confusion=((950, 50), (50, 950)), loss=0.2)
        >>> val = Score(class_names=names, confusion=((160, 40), (40, 160)), loss=0.5)
        >>> evidence = Evidence(Experiment(), history, train=train, val=val)
        >>> diagnosis = Diagnoser(target_accuracy=0.9).diagnose(evidence)
        >>> diagnosis.verdict.name, diagnosis.recommendation.changes
        ('high_variance', ('augmentation light to medium',))
    """

    target_accuracy: float = TARGET_ACCURACY
    tolerance: float = TOLERANCE
    rules: Mapping[str, Rule] | None = None

    def __post_init__(self) -> None:
        require_goal(self.target_accuracy, self.tolerance)

    def diagnose(self, evidence: Evidence) -> Diagnosis:
        """Hold the evidence against this diagnoser's target and tolerance.

        Args:
            evidence: A run's experiment, history and clean scores.
        """
        held = replace(evidence, target_accuracy=self.target_accuracy, tolerance=self.tolerance)
        rules: Mapping[str, Rule] = diagnoser_rules if self.rules is None else self.rules
        found = [_apply(rules, name, held) for name in rules]
        findings = sorted((f for f in found if f), key=lambda finding: -finding.severity)
        return Diagnosis(
            target_accuracy=self.target_accuracy,
            tolerance=self.tolerance,
            findings=tuple(findings) or (_inconclusive(tuple(rules)),),
        )


def _apply(rules: Mapping[str, Rule], name: str, evidence: Evidence) -> Finding | None:
    try:
        verdict = rules[name](evidence)
        # Through its plain form, so that whatever a rule made can be kept and read again.
        return None if verdict is None else from_plain(Finding, to_plain(verdict))
    except PluginError as error:
        return _broken(name, str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a rule may raise what it likes
        return _broken(name, f"{type(error).__name__}: {error}")


def _broken(name: str, cause: str) -> Finding:
    return Finding(
        name="broken_rule",
        severity=0.0,
        explanation=f"The rule {name!r} gave no verdict: {cause}",
        advice=(f"Upgrade or uninstall the package that brought {name!r}, or tell its authors.",),
    )


def _inconclusive(names: tuple[str, ...]) -> Finding:
    return Finding(
        name="inconclusive",
        severity=0.0,
        explanation=f"No rule had anything to say; asked were {', '.join(names) or 'none'}.",
        advice=("Ask the built-in rules, too.",),
    )
