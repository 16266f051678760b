"""What to try next: the recommendations of the best run's diagnosis that were not tried yet."""

from dataclasses import replace
from math import ceil

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis.changes import recommend
from imgclass.evaluation import compare_predictions
from imgclass.experiment import Experiment
from imgclass.improvement.lineage import Idea, Lineage
from imgclass.run import Run

MOST = 3  # ideas of a diagnosis that are tried against each other
SHORT = 0.25  # of the epochs
# Shorter trainings are too short to tell ideas apart by a part of them.
FEWEST_EPOCHS = 4


def find_ideas(best: Run, lineage: Lineage, usual: Experiment) -> tuple[Idea, ...]:
    """Return what is worth trying after `best`, most promising first; empty if nothing is left.

    Args:
        best: The run to improve.
        lineage: What was tried; no change is tried twice.
        usual: The experiment that the defaults make of the data. A start far from it gets there
            in one step instead of one for each setting.
    """
    # In the order of the diagnosis, which puts changes last that lost val in similar runs.
    ideas: dict[tuple[str, ...], Idea] = {}
    for recommendation in best.diagnosis.recommendations:
        if recommendation.changes not in lineage.tried:
            finding = next(
                f for f in best.diagnosis.findings if recommendation in f.recommendations
            )
            ideas.setdefault(recommendation.changes, Idea(finding.name, recommendation))
    first = tuple(ideas.values())[:MOST]
    back = recommend(best.experiment, "What such data usually take, all at once.", usual)
    if len(back.changes) > 1 and back.changes not in lineage.tried | {
        idea.recommendation.changes for idea in first
    }:
        cause = best.diagnosis.verdict.name
        return (*first, Idea(cause, back))
    return first


def usual_experiment(experiment: Experiment, folder: ImageFolder) -> Experiment:
    """Return what the defaults make of the data, computed and fed as `experiment` is."""
    usual = Experiment(
        experiment.architecture,
        pipeline=experiment.pipeline,
        resize=experiment.resize,
        tta=experiment.tta,
    ).resolve(folder)
    same = {name: getattr(experiment.training, name) for name in ("seed", "precision")}
    return replace(usual, training=replace(usual.training, **same))


def shortened(experiment: Experiment) -> Experiment | None:
    """Return the experiment with a quarter of its epochs; None if it has too few to divide.

    The learning rate comes down within them, as in the whole. The epochs in which only the head
    learns stay.
    """
    training = experiment.training
    epochs = (training.epochs or 0) - training.head_epochs
    if epochs < FEWEST_EPOCHS:
        return None
    few = training.head_epochs + ceil(SHORT * epochs)
    return replace(experiment, training=replace(training, epochs=few))


def winner(runs: tuple[Run, ...]) -> int:
    """Return the place of the run to go on with: the first, unless another is surely better.

    The order of the ideas says what is known before; a short fit overrules it only by a paired
    test on the val images, since what helps in the end (such as more augmentation) often slows
    the beginning.
    """
    best = 0
    for place in range(1, len(runs)):
        comparison = compare_predictions(
            runs[best].evaluation.predictions, runs[place].evaluation.predictions
        )
        if comparison.is_significant and comparison.difference > 0:
            best = place
    return best
