"""The Diagnoser: it applies the rules and orders what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from typing_extensions import Unpack

from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Rule
from imgclass.diagnosis.evidence import TARGET_ACCURACY, TOLERANCE, Evidence, require_goal
from imgclass.diagnosis.experience import Experience, known_experience
from imgclass.diagnosis.outlook import with_outlook
from imgclass.diagnosis.sources import Known, evidence_of
from imgclass.diagnosis.unjudged import inconclusive, unjudged
from imgclass.errors import PluginError
from imgclass.registry import Registry
from imgclass.serialization import from_plain, to_plain

diagnoser_rules = Registry[Rule]("imgclass.diagnoser_rules", kind="diagnoser rule")
"""The rules by name: built in, or added by installed packages or your code."""


def diagnose(
    source: object = None,
    *,
    target_accuracy: float = TARGET_ACCURACY,
    tolerance: float = TOLERANCE,
    **known: Unpack[Known],
) -> Diagnosis:
    """Say what keeps a model from its target, from whatever is known about it.

    Args:
        source: A `Run`, an `Evaluation`, a `History` of ours or of Keras, or `Evidence`.
        target_accuracy: What would be good enough, in 0-1 (0 excluded).
        tolerance: Smaller gaps are not worth an experiment, in 0-1 (1 excluded).
        known: What else is known, as in `Known`: the accuracies `train` (of a clean pass), `val`,
            `train_dev`, `test` and `history_train` (what `fit` printed), in 0-1, and the numbers
            of images `n_train` and `n_val`, without which there are no intervals.

    Raises:
        UsageError: Nothing that can be diagnosed was given, or a number is out of range.

    Example:
        >>> diagnosis = diagnose(train=0.948, val=0.806, n_val=2500)
        >>> diagnosis.verdict.name
        'high_variance'
        >>> diagnosis.verdict.explanation
        'The val accuracy is 0.806 (0.790 to 0.821, 2,500 images), 0.142 below the train ...'
    """
    return Diagnoser(target_accuracy, tolerance).diagnose(evidence_of(source, **known))


@dataclass(frozen=True, slots=True)
class Diagnoser:
    """Says what keeps a model from its target, and what to run next.

    A rule that fails becomes a finding `broken_rule`; the findings of the others stand.

    Attributes:
        target_accuracy: What would be good enough, in 0-1 (0 excluded).
        tolerance: Smaller gaps are not worth an experiment, in 0-1 (1 excluded).
        rules: The rules by name; every registered one if not given.
        experience: What changes brought in earlier trainings, by which gains are expected; what
            comes with imgclass and your own trainings if not given.

    Raises:
        UsageError: The target or the tolerance is out of range.

    Example:
        >>> from imgclass import Experiment
        >>> from imgclass.evaluation import Score
        >>> names = ("cat", "dog")
        >>> train = Score(class_names=names, confusion=((950, 50), (50, 950)), loss=0.2)
        >>> val = Score(class_names=names, confusion=((160, 40), (40, 160)), loss=0.5)
        >>> evidence = Evidence(Experiment(), train=train, val=val)
        >>> diagnosis = Diagnoser(target_accuracy=0.9).diagnose(evidence)
        >>> diagnosis.verdict.name, diagnosis.recommendation.changes
        ('high_variance', ('augmentation light to medium',))
    """

    target_accuracy: float = TARGET_ACCURACY
    tolerance: float = TOLERANCE
    rules: Mapping[str, Rule] | None = None
    experience: Sequence[Experience] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require_goal(self.target_accuracy, self.tolerance)

    def diagnose(self, evidence: object) -> Diagnosis:
        """Judge the evidence by this diagnoser's target and tolerance.

        Args:
            evidence: `Evidence`, a `Run`, an `Evaluation`, or a `History` of ours or of Keras.

        Raises:
            UsageError: It cannot be diagnosed.
        """
        known = replace(
            evidence_of(evidence), target_accuracy=self.target_accuracy, tolerance=self.tolerance
        )
        rules: Mapping[str, Rule] = diagnoser_rules if self.rules is None else self.rules
        rows = known_experience() if self.experience is None else self.experience
        findings, not_judged = [], [*unjudged(known)]
        for name in rules:
            try:
                finding = _apply(rules, name, known)
            except PluginError as error:
                finding = _broken(name, str(error))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a rule may raise anything
                if not known.is_complete and isinstance(error, AttributeError | TypeError):
                    not_judged.append(f"What the rule {name!r} looks at: it needs more than this.")
                    continue
                finding = _broken(name, f"{type(error).__name__}: {error}")
            if finding is not None:
                findings.append(with_outlook(finding, known, rows))
        return Diagnosis(
            target_accuracy=self.target_accuracy,
            tolerance=self.tolerance,
            findings=tuple(sorted(findings, key=lambda finding: -finding.severity))
            or (inconclusive(known, tuple(rules)),),
            not_judged=tuple(not_judged),
        )


def _apply(rules: Mapping[str, Rule], name: str, evidence: Evidence) -> Finding | None:
    finding: object = rules[name](evidence)
    # Through its plain form, so that it can surely be saved and read again.
    return None if finding is None else from_plain(Finding, to_plain(finding))


def _broken(name: str, cause: str) -> Finding:
    return Finding(
        name="broken_rule",
        severity=0.0,
        explanation=f"The rule {name!r} gave no verdict: {cause}",
        advice=(f"Upgrade or uninstall the package that brought {name!r}, or tell its authors.",),
    )
