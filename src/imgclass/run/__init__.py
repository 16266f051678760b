"""A run: a directory that is claimed at the start and filled as things happen, and its value."""

from imgclass.run.listing import RunList, RunSummary, runs
from imgclass.run.run import Run

__all__ = ["Run", "RunList", "RunSummary", "runs"]
