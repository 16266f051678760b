"""The search for the learning rate that comes before a training, where one is asked for."""

from dataclasses import replace
from typing import Any

from rich.console import Console

from imgclass.choices import AUTO
from imgclass.data.manifest import Manifest
from imgclass.execution.job import Job
from imgclass.experiment import Experiment
from imgclass.models import ArchitectureInfo, architectures
from imgclass.run.directory import LEARNING_RATE
from imgclass.training.keras_object import KerasObject


def with_rate_to_find(experiment: Experiment) -> Experiment:
    """Ask for the search if the rate is open and the architecture says nothing about itself.

    It would do so by `described`. A plugin without that may need any learning rate.
    """
    training, name = experiment.training, experiment.architecture
    is_open = training.find_rate is None and training.learning_rate is None
    has_own_rate = isinstance(training.optimizer, KerasObject)
    if not is_open or has_own_rate or name == AUTO or _is_described(name):
        return experiment
    return replace(experiment, training=replace(training, find_rate=True))


def find_rate(job: Job, model: Any, manifest: Manifest, *, progress: bool) -> None:
    """Find the learning rate if the job's experiment asks for it, and keep it and its picture."""
    training = job.experiment.training
    if not training.find_rate:
        return
    from imgclass.training import Trainer
    from imgclass.training.rate_finder import with_rate

    test = Trainer(training, progress=progress).find_learning_rate(model, job.flows)
    job.experiment = replace(job.experiment, training=with_rate(training, test.suggestion))
    job.directory.keep_experiment(job.experiment, manifest)
    job.directory.keep_picture(LEARNING_RATE, test.picture())
    sentence = (
        f"Learning rate {test.suggestion:g}: a tenth of that at which the loss was lowest in "
        f"{len(test.rates)} steps at ever higher rates ({LEARNING_RATE})."
    )
    job.directory.update(choices=(*job.directory.record.choices, sentence))
    if progress:
        Console(stderr=True).print(sentence, highlight=False, soft_wrap=True)


def _is_described(name: str) -> bool:
    return isinstance(getattr(architectures[name], "info", None), ArchitectureInfo)
