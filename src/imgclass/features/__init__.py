"""The features of a frozen network, computed once, so that only the rest of it is trained."""

from imgclass.features.part import Part, learning_part, scoring_part

__all__ = ["Part", "learning_part", "scoring_part"]
