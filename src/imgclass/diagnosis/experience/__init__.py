"""Experience: what changes brought in measured trainings, and what they may bring here."""

from imgclass.diagnosis.experience.expect import expect
from imgclass.diagnosis.experience.row import Experience, experience_of
from imgclass.diagnosis.experience.situation import Situation, situation_of
from imgclass.diagnosis.experience.table import (
    ExperienceWarning,
    add_experience,
    known_experience,
    own_table,
)

__all__ = [
    "Experience",
    "ExperienceWarning",
    "Situation",
    "add_experience",
    "expect",
    "experience_of",
    "known_experience",
    "own_table",
    "situation_of",
]
