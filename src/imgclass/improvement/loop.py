"""improve: diagnose, try, keep or reject, until the target, the time or the ideas end."""

import os
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.diagnosis.interpretation import has_reached
from imgclass.errors import InterruptedRunError
from imgclass.execution.budget import Budget
from imgclass.experiment import Experiment
from imgclass.formatting import duration
from imgclass.improvement.ancestors import ancestors
from imgclass.improvement.cluster import connected
from imgclass.improvement.folder import Source, held, open_improvement
from imgclass.improvement.html import write_improvement
from imgclass.improvement.improvement import Improvement
from imgclass.improvement.lineage import Lineage, Step, read_lineage, write_lineage
from imgclass.improvement.step_plan import plan_step
from imgclass.improvement.step_runner import StepRunner, Tell
from imgclass.improvement.trainers import trainer_of
from imgclass.improvement.training import Trainer
from imgclass.report import write_report
from imgclass.report.beside import Beside
from imgclass.run import Run

HALF_AN_HOUR = 1800.0
CLOSING = 5.0  # seconds that are kept back for scoring and pages


def improve(
    source: Source,
    experiment: Experiment | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    budget: Budget | float = HALF_AN_HOUR,
    rounds: int | None = None,
    target_accuracy: float | None = None,
    cluster: str | None = None,
    tell: Tell | None = None,
    progress: bool = True,
) -> Improvement:
    """Improve a model step by step; a change stays only if a paired test on val says that it helps.

    Each step diagnoses the best run so far, tries its most promising recommendations on a quarter
    of their epochs, carries out the winner whole, and compares it with the best run on the same val
    images (McNemar, p < 0.05). Everything is kept in a folder, from which a later call goes on.

    Args:
        source: A data set to train on, a run to start from, or the folder of an improvement, which
            is continued.
        experiment: The first one, for a data set; the defaults if not given.
        out: A new folder; `improvements/<name>-<number>` if not given.
        budget: Seconds of all steps together, those before a continuation included.
        rounds: The most changes to try; as many as the time allows if not given.
        target_accuracy: Val accuracy at which nothing more is tried, in 0-1; 0.95 if not given.
        cluster: The address of a Ray cluster that trains: `auto`, `HOST:PORT`, `ray://HOST:PORT`,
            or `local` to start one on this machine. Its nodes share the folder, and the data set,
            at the same paths. This process trains if not given.
        tell: Is called with a sentence when something begins or is decided.
        progress: Whether the trainings show their progress on standard error.

    Raises:
        UsageError: `out` or `experiment` is given beside something that has its own.
        RunError: `out` exists, or the run was not diagnosed.
        MachineError: There is no such cluster, or a node of it cannot train.
        InterruptedRunError: Ctrl-C, or the cluster ended. The same folder, given as `source`, is
            continued.
        ImgclassError: As for `run_experiment`, for the first training.

    Example:
        >>> improve("no/folder")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected ...
    """
    given = budget if isinstance(budget, Budget) else Budget(budget)
    with connected(cluster) if cluster is not None else nullcontext():
        root, folder = open_improvement(
            source, experiment, out=out, target_accuracy=target_accuracy
        )
        with held(root):
            lineage, said = read_lineage(root), tell or (lambda _: None)
            trainer = trainer_of(
                root,
                folder,
                Diagnoser(lineage.target_accuracy),
                needed=[root / lineage.steps[0].run] if lineage.best else (),
                has_cluster=cluster is not None,
                tell=said,
                progress=progress,
            )
            loop = _Loop(root, folder, given, trainer=trainer, tell=said)
            try:
                loop.go_on(lineage, rounds=rounds)
            except (InterruptedRunError, KeyboardInterrupt) as error:
                again = f"imgclass improve {root}" + (f" --cluster {cluster}" if cluster else "")
                error.add_note(f"Go on with the improvement: {again}")
                raise
    return Improvement.load(root)


class _Loop:
    """One process's part of an improvement; the lineage is written after everything that ends."""

    def __init__(
        self,
        root: Path,
        folder: ImageFolder,
        budget: Budget,
        *,
        trainer: Trainer,
        tell: Tell,
    ) -> None:
        self._root, self._folder = root, folder
        self._budget, self._tell, self._trainer = budget, tell, trainer
        self._before = 0.0
        self._run: Run | None = None  # the last one that was read

    def go_on(self, lineage: Lineage, *, rounds: int | None) -> None:
        """Try one thing after the other until there is a reason to end."""
        self._before = lineage.seconds
        lineage = replace(lineage, ended="")
        while not lineage.ended:
            try:
                if lineage.open is None and lineage.steps:
                    ended = self._reason_to_end(lineage, rounds)
                    lineage = replace(lineage, ended=ended) if ended else self._with_ideas(lineage)
                else:
                    lineage = self._advanced(lineage)
            finally:  # the time counts also if it was interrupted
                lineage = replace(lineage, seconds=round(self._used, 3))
                write_lineage(lineage, self._root)
            write_improvement(lineage, self._root)
        self._tell(f"Ended: {lineage.ended}")

    @property
    def _used(self) -> float:
        return self._before + self._budget.seconds - self._budget.left

    @property
    def _left(self) -> float:
        return self._budget.left - self._before - CLOSING

    def _reason_to_end(self, lineage: Lineage, rounds: int | None) -> str:
        if has_reached(
            replace(self._best(lineage).evidence, target_accuracy=lineage.target_accuracy)
        ):
            return f"val reached the target of {lineage.target_accuracy:g}."
        if rounds is not None and lineage.rounds >= rounds:
            return f"{rounds} changes were tried."
        if self._left <= 0:
            return f"the time of {duration(self._budget.seconds)} is used up."
        return ""

    def _with_ideas(self, lineage: Lineage) -> Lineage:
        """Return the lineage with a step of everything that is worth trying and fits the time."""
        best, at_once = self._best(lineage), self._trainer.at_once
        planned = plan_step(best, lineage, self._folder, seconds=self._left, at_once=at_once)
        if isinstance(planned, Step):
            return lineage.with_step(planned)
        return replace(lineage, ended=planned)

    def _advanced(self, lineage: Lineage) -> Lineage:
        """Return the lineage after the next training of its open step."""
        step, began = lineage.open or Step("00", is_chosen=True), time.monotonic()
        runner = StepRunner(self._root, self._trainer, self._tell, seconds=self._left)
        if not step.parent:
            self._tell("Training the start.")
            after = runner.started(step, lineage.experiment)
        elif not step.is_chosen:
            after = runner.tried_shortly(step, self._best(lineage))
        else:
            after = runner.carried_out(step, self._best(lineage))
        after = replace(after, seconds=round(step.seconds + time.monotonic() - began, 3))
        lineage = lineage.with_step(after)
        if after.val_accuracy is not None:
            self._report(after, lineage)
        return lineage

    def _report(self, step: Step, lineage: Lineage) -> None:
        """Write the report of a step's run, with the runs that led to it."""
        parent = self._read(step.parent) if step.parent else None
        known = Beside(lineage=ancestors(lineage, step.run))
        write_report(Run.load(self._root / step.run), parent=parent, beside=known)

    def _best(self, lineage: Lineage) -> Run:
        assert lineage.best is not None, "nothing is tried before the start has ended"
        return self._read(lineage.best.run)

    def _read(self, name: str) -> Run:
        path = self._root / name
        if self._run is None or self._run.path != path:
            self._run = Run.load(path)
        return self._run
