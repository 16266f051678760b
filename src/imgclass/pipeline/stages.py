"""The stages of a run: prepare, train, judge. Each writes what it made as soon as it has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from imgclass import models
from imgclass.data.folder import ImageFolder
from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.errors import DivergedError, InterruptedRunError
from imgclass.evaluation import Evaluation, evaluate
from imgclass.experiment import Experiment
from imgclass.flows import median_image_size
from imgclass.models import ArchitectureInfo, architectures
from imgclass.models.metadata import ModelMetadata
from imgclass.run.directory import RunDirectory
from imgclass.run.record import Resumption
from imgclass.training.history import Epoch, History

if TYPE_CHECKING:
    from imgclass.flows import Flows
    from imgclass.models.reload_check import ReloadCheck

UNTRAINED = ".untrained.keras"


@dataclass(slots=True)
class Job:
    """What the stages of one run hand on.

    Attributes:
        directory: Where everything is kept.
        experiment: With every default filled in.
        flows: The batches.
        plain: The model as it is kept and scored: float32, not compiled.
        metadata: What its file says of itself; None where it is not written again.
        best_epoch: Position in the history of the weights that `plain` has; None at first.
        resumption: What is another where the run goes on; None where nothing is.
    """

    directory: RunDirectory
    experiment: Experiment
    flows: "Flows"
    plain: Any
    metadata: ModelMetadata | None = None
    best_epoch: int | None = None
    resumption: Resumption | None = None

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Bring the directory to where the training goes on; the Trainer calls this."""
        data = str(self.flows.root.absolute())
        noted = self.resumption and replace(self.resumption, after=len(epochs))
        self.directory.go_on(self.experiment, data=data, resumption=noted)
        # In this order, whatever ends the process between, the history has the model's epoch.
        self.directory.forget_scores()
        if best is not None:
            self.keep(best, best_epoch)
        self.best_epoch = best_epoch
        self.directory.update(best_epoch=best_epoch)
        self.directory.rewind(epochs)

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Keep an epoch, and the model where it is the best so far; the Trainer calls this."""
        # In this order, whatever ends the process between, the history has the model's epoch.
        self.directory.keep_epoch(epoch)
        if best is not None:
            self.best_epoch = len(self.directory.epochs) - 1
            self.keep(best, self.best_epoch)
        self.directory.update(best_epoch=self.best_epoch)

    def keep(self, model: Any, epoch: int | None) -> None:
        """Write the weights of the model in training as a plain model.

        Args:
            model: The model in training.
            epoch: Position in the history of its weights; None where they are of no whole epoch.
        """
        assert self.metadata is not None
        self.plain.set_weights(model.get_weights())
        self.directory.keep_model(self.plain, replace(self.metadata, epoch=epoch))

    def has_kept(self, model: Any) -> bool:
        """Return whether the weights of the model in training are those that are kept."""
        return self.best_epoch is not None and all(
            map(np.array_equal, self.plain.get_weights(), model.get_weights())
        )


def prepare(
    directory: RunDirectory,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    check: "ReloadCheck",
) -> tuple[Job, Any]:
    """Fill in what was left open, build the model, and prove that it can be loaded again.

    Returns:
        The job, and the model to train.
    """
    from imgclass.training.quiet import load_keras_quietly

    load_keras_quietly()
    from imgclass.training.environment import describe_environment

    info = architectures.describe(experiment.architecture).info
    experiment = _complete(experiment, info, folder)
    directory.keep_experiment(experiment, folder.manifest)
    directory.update(environment=describe_environment(experiment.training.precision))
    model, plain, metadata = _built(experiment, folder.class_names)
    untrained = directory.path / UNTRAINED
    directory.keep_model(plain, metadata, name=UNTRAINED)
    check.begin(untrained, plain)
    flows = open_experiment_flows(folder, experiment)
    check.require_same(plain)
    directory.require_room(copies_of=untrained.stat().st_size)
    directory.remove(UNTRAINED)
    return Job(directory, experiment, flows, plain, metadata), model


def prepare_again(
    directory: RunDirectory,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    resumption: Resumption | None,
) -> tuple[Job, Any]:
    """Build the model of a run whose training goes on; nothing is written.

    Args:
        directory: The run's.
        folder: Its data set.
        experiment: With every default filled in.
        resumption: What of it is another than before; None where nothing is.

    Returns:
        The job, and the model to train.
    """
    from imgclass.training.quiet import load_keras_quietly

    load_keras_quietly()
    precision = directory.record.environment.get("precision", experiment.training.precision)
    model, plain, metadata = _built(experiment, folder.class_names, precision=precision)
    flows = open_experiment_flows(folder, experiment)
    return Job(directory, experiment, flows, plain, metadata, resumption=resumption), model


def train(
    job: Job,
    model: Any,
    *,
    callbacks: Any,
    progress: bool,
    is_resumed: bool = False,
    other_versions: bool = False,
) -> History:
    """Fit the model; whatever ends that early, the directory has what there is.

    In the end the record says that training is over.

    Args:
        job: What was prepared.
        model: The model to train.
        callbacks: The user's own.
        progress: Whether to show progress.
        is_resumed: Whether to go on from the newest checkpoint.
        other_versions: Whether to go on with packages of other versions.

    Raises:
        InterruptedRunError: Ctrl-C; the weights are kept, also those of an unfinished first epoch.
        DivergedError: The loss is not finite; the last good weights are kept.
    """
    from imgclass.training import Trainer
    from imgclass.training.checkpoints.continuing import CHANGEABLE

    directory = job.directory
    if not is_resumed:  # the Trainer may refuse to go on, and the run is left as it is
        directory.begin("training")
    trainer = Trainer(job.experiment.training, callbacks=callbacks, progress=progress)
    try:
        if is_resumed:
            history = trainer.resume(
                model,
                job.flows,
                checkpoints=directory.checkpoints,
                changed=CHANGEABLE,  # what may differ, the experiment of the run says
                other_versions=other_versions,
                watch=job,
            )
        else:
            history = trainer.fit(model, job.flows, checkpoints=directory.checkpoints, watch=job)
    except (InterruptedRunError, DivergedError) as error:
        if isinstance(error, DivergedError):
            directory.keep_epoch(error.epoch)
        if job.best_epoch is None:
            job.keep(model, None)
        raise
    # A callback of the user's may have put other weights in the place of the best.
    if not job.has_kept(model):
        job.keep(model, history.best_epoch)
    directory.begin(
        "evaluating",
        best_epoch=history.best_epoch,
        stopped_early=history.stopped_early,
        seconds=history.seconds,
    )
    return history


def score(job: Job) -> Evaluation:
    """Score the kept model on every split, and keep the scores."""
    evaluation = evaluate(job.plain, job.flows, tta=job.experiment.tta)
    job.directory.keep_evaluation(evaluation)
    return evaluation


def diagnose(job: Job, evaluation: Evaluation, diagnoser: Diagnoser) -> None:
    """Say what the scores mean, and keep it."""
    evidence = Evidence(job.experiment, job.directory.history, evaluation.train, evaluation.val)
    job.directory.keep_diagnosis(diagnoser.diagnose(evidence))


def open_experiment_flows(folder: ImageFolder, experiment: Experiment) -> "Flows":
    """Open the flows that an experiment asks for."""
    from imgclass.flows import open_flows

    training = experiment.training
    assert training.batch_size is not None, "every default is filled in"
    return open_flows(
        folder,
        image_size=experiment.spec.image_size,
        batch_size=training.batch_size,
        augmentation=experiment.augmentation,
        pipeline=experiment.pipeline,
        fit=experiment.fit,
        seed=training.seed,
    )


def _built(
    experiment: Experiment, class_names: tuple[str, ...], *, precision: str = ""
) -> tuple[Any, Any, ModelMetadata]:
    """Build the model to train, the plain one to keep, and what its file says of it."""
    from imgclass.models.building import build_model
    from imgclass.models.plain import plain_copy
    from imgclass.models.saved import describe_model
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
        fit=experiment.fit,
        tta=experiment.tta,
        architecture=experiment.architecture,
        origin=architectures.origin(experiment.architecture),
    )
    return model, plain, metadata


def _complete(experiment: Experiment, info: ArchitectureInfo, folder: ImageFolder) -> Experiment:
    """Fill in what the experiment leaves to the architecture and to the data."""
    from imgclass.training import recipe

    spec = models.filled_in(experiment.spec, info)
    return replace(
        experiment,
        spec=replace(spec, image_size=spec.image_size or median_image_size(folder.manifest)),
        training=recipe.filled_in(
            experiment.training, num_images=folder.counts["train"], optimizer=info.optimizer
        ),
    )
