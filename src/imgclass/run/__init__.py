"""A run: a directory that is claimed at the start and filled as things happen, and its value."""

from imgclass.run.run import Run
from imgclass.run.summaries import RunList, RunSummary, runs

__all__ = ["Run", "RunList", "RunSummary", "runs"]
