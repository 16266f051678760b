"""run_experiment: train, score and diagnose one experiment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from imgclass.choices import choose_architecture
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import DivergedError, InterruptedRunError, MachineError, TerminatedError
from imgclass.execution.budget import Budget
from imgclass.execution.explanation import explain_end
from imgclass.execution.job import Job
from imgclass.execution.planning import RunPlan, plan_run, require_open_epochs
from imgclass.execution.preparation import prepare
from imgclass.execution.small_sample import try_small_sample
from imgclass.execution.stages import diagnose, score, train
from imgclass.experiment import Experiment
from imgclass.models import architectures
from imgclass.models.reload_check import reload_check
from imgclass.run.claim import claimed
from imgclass.run.directory import RunDirectory
from imgclass.run.outcome import ending_of, kept_note
from imgclass.run.run import Run
from imgclass.training.backend import require_backend


def run_experiment(
    folder: ImageFolder | str | os.PathLike[str],
    experiment: Experiment | None = None,
    *,
    run_dir: str | os.PathLike[str] | None = None,
    diagnoser: Diagnoser | None = None,
    callbacks: Any = (),
    parent: Run | None = None,
    budget: Budget | float | None = None,
    progress: bool = True,
) -> Run:
    """Train, evaluate and diagnose one experiment, and keep everything in a run directory.

    The directory exists from the start, and after each epoch has the history and the best model so
    far. If training ends early, it keeps what there is, and the error says what.

    Args:
        folder: A data set that the organizer made, or any folder that `ImageFolder.open` takes.
        experiment: What to run; the defaults if not given.
        run_dir: A new directory; `runs/<architecture>-<number>` if not given.
        diagnoser: Has the target accuracy; the default one if not given.
        callbacks: One `keras.callbacks.Callback` of your own, or several.
        parent: The run that recommended this experiment; its id is kept.
        budget: Seconds that all of it may take, counted from this call, or a `Budget` that counts
            from elsewhere. A few steps are measured; then the epochs are chosen and, for a
            pretrained network, how many of its layers learn, the size of the images and the
            augmentation. What `experiment` says stays. If the run is resumed, it has all the time
            that its epochs take.
        progress: Whether to show progress on standard error.

    Raises:
        DatasetError: The folder cannot be trained on, or an image in it became unreadable.
        UnknownNameError: The architecture is not in the registry.
        PluginError: The architecture's package is broken, or its model breaks the contract or
            cannot be loaded by another process.
        UsageError: There are epochs beside the budget, or it is too small.
        RunError: `run_dir` exists.
        TrainingError: Training could not give a usable model.
        InterruptedRunError: Ctrl-C; the model so far is scored and kept.
        MachineError: Disk or memory is full, or Keras's backend failed.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from imgclass import DatasetOrganizer, ModelSpec, TrainingConfig
        >>> from imgclass.data.digits import write_digits
        >>> quick = Experiment(spec=ModelSpec(depth=1), training=TrainingConfig(epochs=1))
        >>> with TemporaryDirectory() as out:  # doctest: +KERAS
        ...     labels, images = write_digits(f"{out}/source")
        ...     folder = DatasetOrganizer().organize(labels, images, f"{out}/data")
        ...     run = run_experiment(folder, quick, run_dir=f"{out}/run", progress=False)
        ...     digit = run.predict(images / "1.png")
        >>> run.evaluation.test.n, len(digit[0].top)  # doctest: +KERAS
        (180, 10)
    """
    budget = Budget(budget) if isinstance(budget, int | float) else budget
    folder = folder if isinstance(folder, ImageFolder) else ImageFolder.open(folder)
    experiment = experiment or Experiment()
    if budget is not None:
        require_open_epochs(experiment)
    architecture = choose_architecture(experiment.architecture, folder.manifest)
    origin = architectures.origin(architecture)
    require_backend()

    with claimed(
        Path(run_dir) if run_dir is not None else None,
        experiment=replace(experiment, architecture=architecture),
        folder=folder,
        origin=origin,
        parent=parent.record.id if parent else "",
    ) as directory:
        _make(
            directory,
            folder,
            experiment,
            diagnoser or Diagnoser(),
            budget=budget,
            callbacks=callbacks,
            progress=progress,
        )
    return Run.load(directory.path)


def _make(
    directory: RunDirectory,
    folder: ImageFolder,
    experiment: Experiment,
    diagnoser: Diagnoser,
    *,
    budget: Budget | None,
    callbacks: Any,
    progress: bool,
) -> None:
    with closed_by_errors(directory), reload_check() as check:
        plan = None
        if budget is not None:
            plan = plan_run(folder, experiment, budget, progress=progress)
            experiment = plan.experiment
        job, model = prepare(directory, folder, experiment, check=check, progress=progress)
        if plan is None:
            finish(job, model, diagnoser, callbacks=callbacks, progress=progress)
        else:
            _finish_in_time(job, model, diagnoser, plan, callbacks=callbacks, progress=progress)


def _finish_in_time(
    job: Job, model: Any, diagnoser: Diagnoser, plan: RunPlan, *, callbacks: Any, progress: bool
) -> None:
    """Finish a planned job by its deadline; note what was planned, and whether it was late."""
    from imgclass.training.deadline import EndInTime
    from imgclass.training.user_callbacks import as_callbacks

    directory, ending = job.directory, EndInTime(plan.deadline)
    directory.update(budget=plan.budget, choices=(*directory.record.choices, *plan.sentences))
    callbacks = (*as_callbacks(callbacks), ending)
    finish(job, model, diagnoser, callbacks=callbacks, progress=progress)
    if ending.is_late:
        late = explain_end(len(directory.epochs), job.experiment)
        directory.update(choices=(*directory.record.choices, late))
        if progress:
            Console(stderr=True).print(late, highlight=False, soft_wrap=True)


def finish(job: Job, model: Any, diagnoser: Diagnoser, *, progress: bool, **options: Any) -> None:
    """Train, score and diagnose a prepared job, with the options of `train`."""
    try:
        train(job, model, progress=progress, **options)
    except (InterruptedRunError, DivergedError) as error:
        # After SIGTERM there is little time.
        if not isinstance(error, TerminatedError):
            score(job)
            diagnose(job, diagnoser)
        raise
    del model
    score(job)
    job.directory.begin("diagnosing")
    try_small_sample(job, progress=progress)
    diagnose(job, diagnoser)
    job.directory.end("finished")


@contextmanager
def closed_by_errors(directory: RunDirectory) -> Iterator[None]:
    """Record how a running run ended early, and add to its error what is kept."""
    try:
        yield
    except BaseException as error:
        if directory.record.status != "running":
            raise
        with suppress(MachineError):  # the disk may be what failed
            directory.end(*ending_of(error), advice=getattr(error, "advice", {}))
        error.add_note(kept_note(directory))
        raise
