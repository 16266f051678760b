"""Prepare a training: resolve the experiment, build the model, open the flows."""

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.execution.explanation import explain
from imgclass.execution.job import UNTRAINED, Job
from imgclass.execution.learning_rate import find_rate, with_rate_to_find
from imgclass.experiment import Experiment
from imgclass.models import architectures
from imgclass.models.metadata import ModelMetadata
from imgclass.run.directory import RunDirectory
from imgclass.run.record import Resumption

if TYPE_CHECKING:
    from imgclass.flows import Flows
    from imgclass.models.reload_check import ReloadCheck


def prepare(
    directory: RunDirectory,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    check: "ReloadCheck",
    progress: bool = False,
) -> tuple[Job, Any]:
    """Return a job and the model to train, while another process tries to load the model.

    With `progress`, the choices that were left open are said on standard error.
    """
    from imgclass.training.backend import chosen_backend, load_keras_quietly

    console = Console(stderr=True, quiet=not progress, highlight=False, soft_wrap=True)
    if "keras" not in sys.modules:
        # Read from a cold disk, this took more than a minute.
        console.print(f"Loading Keras with {chosen_backend().name}.")
    load_keras_quietly()
    from imgclass.training.environment import describe_environment
    from imgclass.training.hardware import warn_of_precision

    asked, experiment = experiment, with_rate_to_find(experiment).resolve(folder)
    precision = experiment.training.precision
    choices = (*explain(asked, experiment, folder.manifest), *warn_of_precision(precision))
    console.print(*choices, sep="\n")
    directory.keep_experiment(experiment, folder.manifest)
    directory.update(
        environment=describe_environment(precision),
        choices=choices,
        data_notices=folder.left_out.notices,
    )
    model, plain, metadata = _built(experiment, folder.class_names)
    untrained = directory.path / UNTRAINED
    directory.keep_model(plain, metadata, name=UNTRAINED)
    check.begin(untrained, plain)
    directory.require_room(copies_of=untrained.stat().st_size)
    flows = open_experiment_flows(folder, experiment)
    job = Job(directory, experiment, flows, plain, metadata, check=check)
    find_rate(job, model, folder.manifest, progress=progress)
    return job, model


def prepare_again(
    directory: RunDirectory,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    resumption: Resumption | None,
) -> tuple[Job, Any]:
    """Return the job and the model of a resolved experiment that is continued; write nothing."""
    from imgclass.training.backend import load_keras_quietly

    load_keras_quietly()
    precision = directory.record.environment.get("precision", experiment.training.precision)
    model, plain, metadata = _built(experiment, folder.class_names, precision=precision)
    flows = open_experiment_flows(folder, experiment)
    return Job(directory, experiment, flows, plain, metadata, resumption=resumption), model


def open_experiment_flows(folder: ImageFolder, experiment: Experiment) -> "Flows":
    """Open the flows that an experiment asks for."""
    from imgclass.flows import open_flows

    training = experiment.training
    assert training.batch_size is not None, "the experiment is resolved"
    assert experiment.augmentation is not None
    # A frozen backbone sees each unchanged image once; then its features are there.
    sees_once = (
        experiment.pipeline == "cached"
        and not experiment.spec.trainable
        and experiment.augmentation.is_identity
        and not experiment.tta
    )
    return open_flows(
        folder,
        image_size=experiment.spec.image_size,
        batch_size=training.batch_size,
        augmentation=experiment.augmentation,
        pipeline="streamed" if sees_once else experiment.pipeline,
        resize=experiment.resize,
        sampling=training.sampling,
        seed=training.seed,
    )


def _built(
    experiment: Experiment, class_names: tuple[str, ...], *, precision: str = ""
) -> tuple[Any, Any, ModelMetadata]:
    """Return the model to train, the plain one to keep, and the metadata of its file."""
    from imgclass.models.builder import build_model
    from imgclass.models.model_file import describe_model
    from imgclass.models.plain import plain_copy
    from imgclass.training.hardware import building

    training, spec = experiment.training, experiment.spec
    assert spec.image_size is not None
    with building(precision=precision or training.precision, seed=training.seed):
        model = build_model(experiment.architecture, spec, num_classes=len(class_names))
    with building(precision="float32", seed=training.seed):
        plain = plain_copy(model)
    metadata = describe_model(
        plain,
        class_names=class_names,
        image_size=spec.image_size,
        resize=experiment.resize,
        tta=experiment.tta,
        architecture=experiment.architecture,
        origin=architectures.origin(experiment.architecture),
    )
    return model, plain, metadata
