"""The next step: which ideas fit the time that is left, and whether short fits are worth while."""

from dataclasses import replace

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis.changes import describe_changes
from imgclass.formatting import duration
from imgclass.improvement.cost import fitted_into, lasting, run_seconds
from imgclass.improvement.ideas import find_ideas, shortened, usual_experiment
from imgclass.improvement.lineage import Idea, Lineage, Step
from imgclass.run import Run

# Seconds of a whole fit below which it is carried out at once.
SHORTEST = 30.0


def plan_step(
    best: Run, lineage: Lineage, folder: ImageFolder, *, seconds: float, at_once: int = 1
) -> Step | str:
    """Return the next step, or why there is none.

    Args:
        best: The run to improve.
        lineage: What was tried.
        folder: The data set.
        seconds: Wall time that is left for it.
        at_once: How many trainings are made at the same time.
    """
    assert lineage.best is not None, "nothing is planned before the start has ended"
    ideas = find_ideas(best, lineage, usual_experiment(best.experiment, folder))
    if not ideas:
        return "nothing is left that is worth trying."
    fitting = tuple(
        fitted for idea in ideas if (fitted := _fitted(idea, best, lineage, seconds=seconds))
    )
    if not fitting:
        return f"no idea can be tried in the {duration(max(0.0, seconds))} that are left."
    step = Step(f"{len(lineage.steps):02}", parent=lineage.best.run, ideas=fitting)
    known = tuple(_as_tried_before(idea, lineage) for idea in fitting)
    if not _pays(known, best, seconds=seconds, at_once=at_once):
        return replace(step, is_chosen=True)
    named = (
        idea if idea.short_run else replace(idea, short_run=f"{step.run}-short-{place}")
        for place, idea in enumerate(known, start=1)
    )
    return replace(step, ideas=tuple(named))


def _as_tried_before(idea: Idea, lineage: Lineage) -> Idea:
    """Return an idea with the short fit that an earlier step made of the same experiment."""
    for old in (old for step in lineage.steps for old in step.ideas):
        is_same = old.recommendation.experiment == idea.recommendation.experiment
        if is_same and old.short_accuracy is not None:
            return replace(
                idea,
                short_run=old.short_run,
                short_accuracy=old.short_accuracy,
                short_seconds=old.short_seconds,
            )
    return idea


def _fitted(idea: Idea, best: Run, lineage: Lineage, *, seconds: float) -> Idea | None:
    """Return an idea with as many epochs as fit the time; None if too few do."""
    after = fitted_into(seconds, best, idea.recommendation.experiment)
    if after is None:
        return None
    if after is idea.recommendation.experiment:
        return idea
    changes = describe_changes(best.experiment, after)
    if not changes or changes in lineage.tried:
        return None
    # With fewer epochs it is another change than the one that experience speaks of.
    cut = replace(idea.recommendation, changes=changes, experiment=after, lever="", expected=None)
    return replace(idea, recommendation=cut)


def _pays(ideas: tuple[Idea, ...], best: Run, *, seconds: float, at_once: int) -> bool:
    """Return whether there is time to try ideas shortly before one is carried out.

    Those that were tried before take none.
    """
    wholes = [run_seconds(best, idea.recommendation.experiment) for idea in ideas]
    untried = [idea for idea in ideas if idea.short_accuracy is None]
    shorts = [shortened(idea.recommendation.experiment) for idea in untried]
    times = [None if short is None else run_seconds(best, short) for short in shorts]
    if len(ideas) == 1 or None in wholes or None in times:
        return False
    whole = max(filter(None, wholes))
    return whole >= SHORTEST and whole + lasting(filter(None, times), at_once) <= seconds
