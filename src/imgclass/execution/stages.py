"""The stages after preparation: train, score, diagnose. Each writes its result at once."""

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
    """Train the model; if training ends early, the directory keeps what there is.

    Afterwards the record says that training is over.

    Args:
        job: The prepared job.
        model: The model to train.
        callbacks: The user's callbacks.
        progress: Whether to show progress.
        is_resumed: Whether to continue from the newest checkpoint.
        other_versions: Whether to continue with packages of other versions.

    Raises:
        InterruptedRunError: Ctrl-C; the weights are kept, even those of an unfinished first epoch.
        DivergedError: The loss is not finite; the last good weights are kept.
    """
    from imgclass.training import Trainer
    from imgclass.training.checkpoints.compatibility import CHANGEABLE

    directory = job.directory
    if not is_resumed:  # the Trainer may refuse to continue; then the run stays as it is
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
        if job.best_epoch is None:
            job.keep(model, None)
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


def score(job: Job) -> Evaluation:
    """Score the kept model on every split, and keep the scores."""
    evaluation = evaluate(job.plain, job.flows, tta=job.experiment.tta)
    job.directory.keep_evaluation(evaluation)
    return evaluation


def diagnose(job: Job, evaluation: Evaluation, diagnoser: Diagnoser) -> None:
    """Diagnose the scores, and keep the diagnosis."""
    evidence = Evidence(job.experiment, job.directory.history, evaluation.train, evaluation.val)
    job.directory.keep_diagnosis(diagnoser.diagnose(evidence))
