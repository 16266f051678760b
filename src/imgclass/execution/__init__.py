"""The main job: a data set and an experiment go in, a run comes out."""

from imgclass.execution.completion import diagnose_run, evaluate_run
from imgclass.execution.experiments import run_experiment
from imgclass.execution.resumption import resume_run

__all__ = ["diagnose_run", "evaluate_run", "resume_run", "run_experiment"]
