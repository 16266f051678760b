"""From evidence to the next experiment, by pure functions."""

from imgclass.diagnosis.diagnoser import Diagnoser, diagnose, diagnoser_rules
from imgclass.diagnosis.diagnosis import Diagnosis, Finding, Recommendation, Rule
from imgclass.diagnosis.evidence import Evidence, Gap, MeasuredAccuracy
from imgclass.diagnosis.expectation import Expectation

__all__ = [
    "Diagnoser",
    "Diagnosis",
    "Evidence",
    "Expectation",
    "Finding",
    "Gap",
    "MeasuredAccuracy",
    "Recommendation",
    "Rule",
    "diagnose",
    "diagnoser_rules",
]
