"""The stages after preparation: train, score, diagnose; each writes its result at once."""

from typing import Any

from imgclass.diagnosis import Diagnoser
from imgclass.errors import DivergedError, ImgclassError, InterruptedRunError, MachineError
from imgclass.evaluation import evaluate
from imgclass.execution.job import Job
from imgclass.execution.mistake_maps import keep_heat_maps
from imgclass.run.run import Run
from imgclass.training.history import History


def train(
    job: Job,
    model: Any,
    *,
    callbacks: Any,
    progress: bool,
    is_resumed: bool = False,
    other_versions: bool = False,
) -> History:
    """Train the model, from the newest checkpoint if `is_resumed`.

    After Ctrl-C the weights are kept, even those of an unfinished first epoch; after a loss that is
    not finite, the last good ones.
    """
    from imgclass.training import Trainer
    from imgclass.training.checkpoints.compatibility import CHANGEABLE

    directory = job.directory
    if not is_resumed:  # if the Trainer refuses to continue, the run stays as it is
        directory.begin("training")
    trainer = Trainer(job.experiment.training, callbacks=callbacks, progress=progress)
    try:
        if is_resumed:
            history = trainer.resume(
                model,
                job.flows,
                checkpoints=directory.checkpoints,
                changed=CHANGEABLE,  # the run's experiment was checked before
                other_versions=other_versions,
                watch=job,
            )
        else:
            history = trainer.fit(model, job.flows, checkpoints=directory.checkpoints, watch=job)
    except (InterruptedRunError, DivergedError) as error:
        if isinstance(error, DivergedError):
            directory.keep_epoch(error.epoch)
        job.keep_unsaved(model)
        raise
    except ImgclassError as error:
        if job.unsaved is not None and not isinstance(error, MachineError):  # such as a full disk
            job.keep_unsaved(model)
        raise
    # A user's callback may have replaced the best weights.
    if not job.has_kept(model):
        job.keep(model, history.best_epoch)
    directory.begin(
        "evaluating",
        best_epoch=history.best_epoch,
        stopped_early=history.stopped_early,
        seconds=history.seconds,
    )
    return history


def score(job: Job) -> None:
    """Score the kept model on every split, and look at what it gets wrong."""
    evaluation = evaluate(job.plain, job.flows, tta=job.experiment.tta)
    job.directory.keep_evaluation(evaluation)
    keep_heat_maps(job, evaluation)


def diagnose(job: Job, diagnoser: Diagnoser) -> None:
    """Diagnose what the run's directory holds."""
    evidence = Run.load(job.directory.path).evidence
    job.directory.keep_diagnosis(diagnoser.diagnose(evidence))
