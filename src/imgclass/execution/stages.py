"""The stages after preparation: train, score, diagnose. Each writes what it made at once."""

from typing import Any

from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.errors import DivergedError, InterruptedRunError
from imgclass.evaluation import Evaluation, evaluate
from imgclass.execution.job import Job
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
    """Resize the model; whatever ends that early, the directory has what there is.

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
    from imgclass.training.checkpoints.compatibility import CHANGEABLE

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
