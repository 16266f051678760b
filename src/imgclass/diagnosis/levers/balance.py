"""Classes of unequal size: weighed in the loss, or shown equally often."""

from imgclass.diagnosis.changes import with_training
from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.experiment import Experiment
from imgclass.training.history import History


def weigh_classes(experiment: Experiment, _: History) -> Recommendation | None:
    """Let all classes count the same in the loss."""
    if experiment.training.class_weights or experiment.training.sampling == "balanced":
        return None
    reason = "With weights, a rare class counts as much as a frequent one."
    return with_training(experiment, reason, class_weights="balanced")


def sample_evenly(experiment: Experiment, _: History) -> Recommendation | None:
    """Show every class equally often."""
    if experiment.training.class_weights or experiment.training.sampling == "balanced":
        return None
    reason = "Shown equally often, a rare class is not drowned by the others."
    return with_training(experiment, reason, sampling="balanced")
