"""The loop: diagnose, try the most promising change, keep it only if a paired test says so."""

from imgclass.improvement.improvement import Improvement
from imgclass.improvement.loop import improve
from imgclass.improvement.study import run_experiments

__all__ = ["Improvement", "improve", "run_experiments"]
