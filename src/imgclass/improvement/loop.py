"""improve: diagnose, try, keep or reject, until the target, the time or the ideas end."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.diagnosis.experience import add_experience, experience_of
from imgclass.diagnosis.interpretation import has_reached
from imgclass.errors import InterruptedRunError, MachineError, PluginError, TrainingError
from imgclass.execution.budget import Budget
from imgclass.experiment import Experiment
from imgclass.formatting import cut, duration
from imgclass.improvement.folder import Source, held, open_improvement
from imgclass.improvement.html import write_improvement
from imgclass.improvement.ideas import shortened, winner
from imgclass.improvement.improvement import Improvement
from imgclass.improvement.lineage import Idea, Lineage, Step, read_lineage, write_lineage
from imgclass.improvement.step_plan import plan_step
from imgclass.improvement.training import trained
from imgclass.report import write_report
from imgclass.run import Run, compare

HALF_AN_HOUR = 1800.0
CLOSING = 5.0  # seconds that are kept back for scoring and pages
LONGEST_NOTE = 300  # characters
# What may be wrong with one idea and not with the next.
FAILURES = (TrainingError, PluginError, MachineError)

Tell = Callable[[str], object]


def improve(
    source: Source,
    experiment: Experiment | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    budget: Budget | float = HALF_AN_HOUR,
    rounds: int | None = None,
    target_accuracy: float | None = None,
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
        tell: Is called with a sentence when something begins or is decided.
        progress: Whether the trainings show their progress on standard error.

    Raises:
        UsageError: `out` or `experiment` is given beside something that has its own.
        RunError: `out` exists, or the run was not diagnosed.
        InterruptedRunError: Ctrl-C. The same folder, given as `source`, is continued.
        ImgclassError: As for `run_experiment`, for the first training.

    Example:
        >>> improve("no/folder")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected ...
    """
    given = budget if isinstance(budget, Budget) else Budget(budget)
    root, folder = open_improvement(source, experiment, out=out, target_accuracy=target_accuracy)
    with held(root):
        loop = _Loop(root, folder, given, tell=tell or (lambda _: None), progress=progress)
        try:
            loop.go_on(read_lineage(root), rounds=rounds)
        except (InterruptedRunError, KeyboardInterrupt) as error:
            error.add_note(f"Go on with the improvement: imgclass improve {root}")
            raise
    return Improvement.load(root)


class _Loop:
    """One process's part of an improvement; the lineage is written after everything that ends."""

    def __init__(
        self, root: Path, folder: ImageFolder, budget: Budget, *, tell: Tell, progress: bool
    ) -> None:
        self._root, self._folder = root, folder
        self._budget, self._tell, self._progress = budget, tell, progress
        self._before = 0.0

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
        planned = plan_step(self._best(lineage), lineage, self._folder, seconds=self._left)
        if isinstance(planned, Step):
            return lineage.with_step(planned)
        return replace(lineage, ended=planned)

    def _advanced(self, lineage: Lineage) -> Lineage:
        """Return the lineage after the next training of its open step."""
        step, began = lineage.open or Step("00", is_chosen=True), time.monotonic()
        if not step.parent:
            self._tell("Training the start.")
            after = self._started(step, lineage)
        elif not step.is_chosen:
            after = self._tried_shortly(step, lineage)
        else:
            after = self._carried_out(step, lineage)
        return lineage.with_step(
            replace(after, seconds=round(step.seconds + time.monotonic() - began, 3))
        )

    def _started(self, step: Step, lineage: Lineage) -> Step:
        run = self._trained(step.run, lineage.experiment, None, lineage)
        write_report(run)
        return _scored(replace(step, verdict="start"), run)

    def _tried_shortly(self, step: Step, lineage: Lineage) -> Step:
        """Return the step after one more short fit, or with the winner of them chosen."""
        parent = self._best(lineage)
        for place, idea in enumerate(step.ideas):
            if idea.short_accuracy is None:
                before, after = step.ideas[:place], step.ideas[place + 1 :]
                tried = self._short_fit(idea, parent, lineage)
                ideas = (*before, *((tried,) if tried else ()), *after)
                # If all failed, the first is carried out, and its failure noted.
                return replace(step, ideas=ideas) if ideas else replace(step, is_chosen=True)
        first = winner(tuple(Run.load(self._root / idea.short_run) for idea in step.ideas))
        chosen = step.ideas[first]
        others = tuple(idea for idea in step.ideas if idea is not chosen)
        return replace(step, ideas=(chosen, *others), is_chosen=True)

    def _short_fit(self, idea: Idea, parent: Run, lineage: Lineage) -> Idea | None:
        """Return an idea with what a quarter of its epochs gave; None if that failed."""
        experiment = shortened(idea.recommendation.experiment)
        assert experiment is not None, "short fits are begun with enough epochs only"
        self._tell(f"Trying on a quarter of the epochs: {_words(idea)}.")
        began = time.monotonic()
        try:
            run = self._trained(idea.short_run, experiment, parent, lineage)
        except InterruptedRunError:
            raise
        except FAILURES as error:
            self._tell(f"Failed: {error}")
            return None
        seconds = round(time.monotonic() - began, 3)
        return replace(idea, short_accuracy=run.evaluation.val.accuracy, short_seconds=seconds)

    def _carried_out(self, step: Step, lineage: Lineage) -> Step:
        """Return the step with its verdict."""
        assert step.idea is not None
        parent = self._best(lineage)
        self._tell(f"Trying: {_words(step.idea)}.")
        try:
            run = self._trained(step.run, step.idea.recommendation.experiment, parent, lineage)
        except InterruptedRunError:
            raise
        except FAILURES as error:
            self._tell(f"Failed: {error}")
            return replace(step, verdict="failed", note=cut(str(error), LONGEST_NOTE))
        observed = compare(parent, run)
        is_better = observed.is_significant and observed.difference > 0
        self._tell(f"{'Kept' if is_better else 'Rejected'}: {observed}.")
        write_report(run, parent=parent)
        if step.idea.recommendation.lever:
            lever, source = step.idea.recommendation.lever, run.record.fingerprint
            with suppress(MachineError):  # a home that cannot be written to is no reason to end
                add_experience(experience_of(parent, run, lever, source=source))
        step = replace(step, verdict="kept" if is_better else "rejected", observed=observed)
        return _scored(step, run)

    def _trained(
        self, name: str, experiment: Experiment, parent: Run | None, lineage: Lineage
    ) -> Run:
        return trained(
            self._root / name,
            self._folder,
            experiment,
            parent=parent,
            seconds=max(self._left, 1.0),
            diagnoser=Diagnoser(lineage.target_accuracy),
            progress=self._progress,
        )

    def _best(self, lineage: Lineage) -> Run:
        assert lineage.best is not None, "nothing is tried before the start has ended"
        return Run.load(self._root / lineage.best.run)


def _scored(step: Step, run: Run) -> Step:
    val = run.evaluation.val
    return replace(step, val_accuracy=val.accuracy, val_interval=val.interval)


def _words(idea: Idea) -> str:
    """Return an idea in words: the finding, what changes, and what is expected."""
    recommendation = idea.recommendation
    return f"{', '.join(recommendation.changes)} (against {idea.finding})"
