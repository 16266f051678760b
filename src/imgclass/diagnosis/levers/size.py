"""The size of a network: deeper, wider, or more of it learning."""

from imgclass.diagnosis.changes import with_spec
from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.experiment import Experiment
from imgclass.training.history import History

# One stage or layer, or twice the width: the steps within published families (VGG-11 to 19,
# Wide ResNet 16-2 to 16-8).
DEEPEST = 5
WIDEST = 1024
TWICE = 2
USUAL_DEPTH, USUAL_WIDTH = 3, 32  # of `cnn`


def is_small(experiment: Experiment | None) -> bool:
    """Return whether a network without a backbone has fewer stages or filters than is usual."""
    if experiment is None or experiment.spec.head_units:
        return False
    depth, width = experiment.spec.depth, experiment.spec.width
    return (depth or USUAL_DEPTH) < USUAL_DEPTH or (width or USUAL_WIDTH) < USUAL_WIDTH


def usual_size(experiment: Experiment, _: History) -> Recommendation | None:
    """Give a network without a backbone the stages and filters that are usual, in one step."""
    spec = experiment.spec
    if not is_small(experiment) or spec.depth is None or spec.width is None:
        return None
    depth = max(spec.depth, min(USUAL_DEPTH, _deepest(experiment)))
    reason = "With fewer filters than classes, a network has too few features to tell them apart."
    return with_spec(experiment, reason, depth=depth, width=max(spec.width, USUAL_WIDTH))


def deepen(experiment: Experiment, _: History) -> Recommendation | None:
    """Add a stage of convolutions, or a layer to the head."""
    spec = experiment.spec
    reason = "A deeper network can fit what this one could not."
    if units := spec.head_units:
        if len(units) >= DEEPEST:
            return None
        deeper = (min(TWICE * units[0], max(WIDEST, units[0])), *units)
        # The layer before the dropout moves on by one.
        after = spec.dropout_after and spec.dropout_after + 1
        return with_spec(experiment, reason, head_units=deeper, dropout_after=after)
    if spec.depth is None or spec.depth >= _deepest(experiment):
        return None
    return with_spec(experiment, reason, depth=spec.depth + 1)


def widen(experiment: Experiment, _: History) -> Recommendation | None:
    """Double the filters of every stage, or the units of every layer of the head."""
    spec = experiment.spec
    reason = "A wider network has more features to tell the classes apart by."
    if units := spec.head_units:
        if TWICE * max(units) > WIDEST:
            return None
        return with_spec(experiment, reason, head_units=tuple(TWICE * n for n in units))
    if spec.width is None or TWICE * spec.width > WIDEST:
        return None
    return with_spec(experiment, reason, width=TWICE * spec.width)


def unfreeze(experiment: Experiment, _: History) -> Recommendation | None:
    """Let the backbone learn."""
    if experiment.spec.trainable is not False:
        return None
    reason = "A frozen backbone sees these images with the features of others; let it adapt."
    return with_spec(experiment, reason, trainable=True)


def _deepest(experiment: Experiment) -> int:
    """Return the most stages: each halves the image, until one pixel is left."""
    return min(DEEPEST, min(experiment.spec.image_size or (2**DEEPEST,)).bit_length() - 1)
