"""Evidence to a next experiment; pure."""

from imgclass.diagnosis.diagnoser import Diagnoser, diagnoser_rules
from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Recommendation, Rule
from imgclass.diagnosis.evidence import Evidence, Gap

__all__ = [
    "Diagnoser",
    "Diagnosis",
    "Evidence",
    "Finding",
    "Gap",
    "Recommendation",
    "Rule",
    "diagnoser_rules",
]
