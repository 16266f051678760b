"""The trainings of one step: the start, the short fits of its ideas, and the chosen one, whole."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from imgclass.diagnosis.experience import add_experience, experience_of
from imgclass.errors import MachineError
from imgclass.experiment import Experiment
from imgclass.formatting import cut
from imgclass.improvement.ideas import shortened, winner
from imgclass.improvement.lineage import Idea, Step
from imgclass.improvement.training import FAILURES, Outcome, Trainer, Training
from imgclass.run import Run, compare

LONGEST_NOTE = 300  # characters

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class StepRunner:
    """Carries out what is next of a step.

    Attributes:
        root: The improvement's folder.
        trainer: Makes the runs.
        tell: Is called with a sentence when something begins or is decided.
        seconds: Wall time that is left.
    """

    root: Path
    trainer: Trainer
    tell: Tell
    seconds: float

    def started(self, step: Step, experiment: Experiment) -> Step:
        """Return the step of the start with its score."""
        run = self._trained(step.run, experiment, None)
        return _scored(replace(step, verdict="start"), run)

    def tried_shortly(self, step: Step, parent: Run) -> Step:
        """Return the step after one more short fit, or with the winner of them chosen."""
        untried = [idea for idea in step.ideas if idea.short_accuracy is None]
        if untried:
            # A cluster tries all at the same time; here one after the other is written down.
            together = untried if self.trainer.at_once > 1 else untried[:1]
            tried = {idea.short_run: idea for idea in self._short_fits(together, parent)}
            failed = {idea.short_run for idea in together} - tried.keys()
            ideas = tuple(
                tried.get(idea.short_run, idea)
                for idea in step.ideas
                if idea.short_run not in failed
            )
            # If all failed, the first is carried out, and its failure noted.
            return replace(step, ideas=ideas) if ideas else replace(step, is_chosen=True)
        first = winner(tuple(Run.load(self.root / idea.short_run) for idea in step.ideas))
        chosen = step.ideas[first]
        others = (idea for idea in step.ideas if idea is not chosen)
        return replace(step, ideas=(chosen, *others), is_chosen=True)

    def _short_fits(self, ideas: Sequence[Idea], parent: Run) -> Iterator[Idea]:
        """Yield the ideas with what a quarter of their epochs gave; without those that fail."""
        self.tell(f"Trying on a quarter of the epochs: {'; '.join(map(_words, ideas))}.")
        shorts = {}
        for idea in ideas:
            short = shortened(idea.recommendation.experiment)
            assert short is not None, "short fits are begun with enough epochs only"
            shorts[idea.short_run] = short
        for idea, outcome in zip(ideas, self._outcomes(shorts, parent), strict=True):
            if outcome.run is None:
                self.tell(f"Failed: {outcome.failure}")
            else:
                accuracy = outcome.run.evaluation.val.accuracy
                yield replace(idea, short_accuracy=accuracy, short_seconds=outcome.seconds)

    def carried_out(self, step: Step, parent: Run) -> Step:
        """Return the step with its verdict."""
        assert step.idea is not None
        self.tell(f"Trying: {_words(step.idea)}.")
        try:
            run = self._trained(step.run, step.idea.recommendation.experiment, parent)
        except FAILURES as error:
            self.tell(f"Failed: {error}")
            return replace(step, verdict="failed", note=cut(str(error), LONGEST_NOTE))
        observed = compare(parent, run)
        is_better = observed.is_significant and observed.difference > 0
        self.tell(f"{'Kept' if is_better else 'Rejected'}: {observed}.")
        if step.idea.recommendation.lever:
            lever, source = step.idea.recommendation.lever, run.record.fingerprint
            with suppress(MachineError):  # a home that cannot be written to is no reason to end
                add_experience(experience_of(parent, run, lever, source=source))
        step = replace(step, verdict="kept" if is_better else "rejected", observed=observed)
        return _scored(step, run)

    def _trained(self, name: str, experiment: Experiment, parent: Run | None) -> Run:
        (outcome,) = self._outcomes({name: experiment}, parent)
        return outcome.require_run()

    def _outcomes(
        self, experiments: Mapping[str, Experiment], parent: Run | None
    ) -> tuple[Outcome, ...]:
        """Return what comes of trainings, each in a run directory of this name."""
        before, ends = parent.path if parent else None, time.time() + self.seconds
        return self.trainer(
            [
                Training(self.root / name, experiment, before, ends)
                for name, experiment in experiments.items()
            ]
        )


def _scored(step: Step, run: Run) -> Step:
    val = run.evaluation.val
    return replace(step, val_accuracy=val.accuracy, val_interval=val.interval)


def _words(idea: Idea) -> str:
    """Return an idea in words: the finding, what changes, and what is expected."""
    recommendation = idea.recommendation
    return f"{', '.join(recommendation.changes)} (against {idea.finding})"
