"""A run: a directory that is filled while an experiment is run, and its value."""

from imgclass.run.comparison import compare
from imgclass.run.run import Run
from imgclass.run.summaries import RunList, RunSummary, runs

__all__ = ["Run", "RunList", "RunSummary", "compare", "runs"]
