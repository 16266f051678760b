"""Plan a run within a budget: measure, choose what fits, and say why."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import UsageError
from imgclass.execution.budget import Budget
from imgclass.execution.explanation import explain_budget
from imgclass.execution.learning_rate import with_rate_to_find
from imgclass.execution.price import Costs, Way, choose
from imgclass.execution.trial import measure_costs
from imgclass.execution.ways import (
    guessed,
    is_open,
    list_ways,
    may_train_backbone,
    with_last_stages,
)
from imgclass.experiment import Experiment

if TYPE_CHECKING:
    from imgclass.training.deadline import Deadline

# Of the time that is left, for the plan; the rest is for a machine that gets slower.
SHARE = 0.95
ROUNDED = 5  # seconds of a suggested budget


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run within a budget.

    Attributes:
        budget: Seconds of the whole run.
        experiment: With chosen epochs.
        deadline: When its steps have to end.
        sentences: What was chosen, and why.
    """

    budget: float
    experiment: Experiment
    deadline: "Deadline"
    sentences: tuple[str, ...]


def require_open_epochs(experiment: Experiment) -> None:
    """Refuse a budget beside epochs, by an error that names both."""
    epochs = experiment.training.epochs
    if epochs is not None:
        raise UsageError(
            f"Expected a budget (--budget), which chooses the epochs, or epochs (--epochs); "
            f"received both, with epochs={epochs}. Leave one out."
        )


def plan_run(
    folder: ImageFolder, asked: Experiment, budget: Budget, *, progress: bool = False
) -> RunPlan:
    """Return the experiment that makes the best of a budget; what `asked` says stays.

    Args:
        folder: The data set.
        asked: With open epochs.
        budget: Of the whole run.
        progress: Whether to say on standard error what was chosen.

    Raises:
        UsageError: `asked` has epochs, or the budget is too small; the message says what would do.
    """
    require_open_epochs(asked)
    from imgclass.training.backend import load_keras_quietly

    load_keras_quietly()
    from imgclass.training.accelerators import find_accelerators
    from imgclass.training.deadline import Deadline

    has_card = bool(find_accelerators())
    resolved = with_rate_to_find(asked).resolve(folder)
    measured = resolved
    if may_train_backbone(asked, resolved, folder.manifest):
        fine = with_last_stages(asked, resolved, has_card=has_card)
        sized = replace(fine, spec=replace(fine.spec, image_size=resolved.spec.image_size))
        measured = replace(sized, augmentation=asked.augmentation or resolved.augmentation)
    epochs = measured.training.head_epochs + 1
    measured = replace(measured, training=replace(measured.training, epochs=epochs))

    def ways(costs: Costs) -> list[Way]:
        return [*list_ways(asked, resolved, costs, folder.manifest, has_card=has_card)]

    def has_time(costs: Costs) -> bool:
        """Return whether, as a guess, time suffices to measure the last stages and train them."""
        if not is_open(asked, resolved):
            return True
        rest = guessed(costs.speeds[0])
        likely = choose(
            ways(replace(costs, speeds=(*costs.speeds, rest))), budget.left - rest.start
        )
        return likely is not None and likely[0].experiment.training.head_epochs > 0

    costs = measure_costs(folder, measured.resolve(folder), goes_on=has_time)
    found = ways(costs)
    chosen = choose(found, SHARE * budget.left)
    spent = budget.seconds - budget.left
    if chosen is None:
        least = spent + min(way.least for way in found) / SHARE
        raise UsageError(
            f"Expected a budget (--budget) of at least about {_rounded_up(least)} s for these "
            f"{len(folder.manifest.samples):,} images on this machine; received "
            f"{budget.seconds:g} s. Give more time, or fewer images."
        )
    way, epochs = chosen
    experiment = way.with_epochs(epochs)
    sentences = explain_budget(
        experiment.resolve(folder),
        budget=budget.seconds,
        expected=min(budget.seconds, spent + way.seconds(epochs)),
        is_most=epochs == way.most,
        could_train_more=may_train_backbone(asked, resolved, folder.manifest),
    )
    if progress:
        Console(stderr=True).print(*sentences, sep="\n", highlight=False, soft_wrap=True)
    deadline = Deadline(budget.ends - way.closing, head_epochs=experiment.training.head_epochs)
    return RunPlan(budget.seconds, experiment, deadline, sentences)


def _rounded_up(seconds: float) -> int:
    return math.ceil(seconds / ROUNDED) * ROUNDED
