"""Whether a training had the epochs that so many images usually take."""

from imgclass.diagnosis.evidence import Evidence
from imgclass.diagnosis.interpretation import has_reached
from imgclass.training.defaults import FEWEST_EPOCHS, choose_epochs


def usual_epochs(evidence: Evidence) -> int | None:
    """Return the usual epochs for so many images, if not half of them were trained.

    None if there were enough, or if patience ended the training.
    """
    experiment, train, history = evidence.experiment, evidence.train, evidence.history
    if experiment is None or history.stopped_early or train is None or train.n is None:
        return None
    done = experiment.training.epochs or len(history.epochs)
    usual = choose_epochs(int(train.n))
    return usual if 0 < 2 * done <= usual else None


def missing_epochs(evidence: Evidence) -> int | None:
    """Return the usual epochs, if not half of them were trained and train has need of more.

    It has none if it is at the target, and there were as many epochs as any training takes.
    """
    usual, bias = usual_epochs(evidence), evidence.bias
    if usual is None or evidence.experiment is None:
        return None
    done = evidence.experiment.training.epochs or len(evidence.history.epochs)
    has_bias = bias is not None and bias.is_above(evidence.tolerance)
    is_needed = has_bias or (done < FEWEST_EPOCHS and not has_reached(evidence))
    return usual if is_needed else None


def has_barely_begun(evidence: Evidence) -> bool:
    """Return whether there were fewer epochs than any training takes, and train wants more."""
    return missing_epochs(evidence) is not None and len(evidence.history.epochs) < FEWEST_EPOCHS
