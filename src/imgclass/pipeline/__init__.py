"""The main job, top to bottom: a data set and an experiment go in, a run comes out."""

from imgclass.pipeline.experiments import run_experiment
from imgclass.pipeline.makeup import diagnose_run, evaluate_run
from imgclass.pipeline.resuming import resume_run

__all__ = ["diagnose_run", "evaluate_run", "resume_run", "run_experiment"]
