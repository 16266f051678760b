"""The loop: diagnose, try the most promising change, keep it only if a paired test says so."""

from imgclass.improvement.improvement import Improvement
from imgclass.improvement.loop import improve

__all__ = ["Improvement", "improve"]
