"""What pretrained networks expect of an image, as layers: each from raw RGB 0-255.

They are what the `preprocess_input` of the network's module in `keras.applications` does. Layers
compute in float32 under every precision: 0-255 less a mean needs more than bfloat16's eight bits.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from imgclass.models.spec import ModelSpec

Preprocessing = Callable[[Any, ModelSpec], Any]

# The mean colour of ImageNet in BGR order, 0-255, and mean and deviation in RGB order, 0-1.
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def less_mean_bgr(image: Any, spec: ModelSpec) -> Any:
    """RGB to BGR, mean removed: as Caffe had it, where VGG and ResNet were trained."""
    del spec
    return _rescaled(keras.ops.flip(image, axis=-1), offset=[-mean for mean in IMAGENET_MEAN_BGR])


def around_zero(image: Any, spec: ModelSpec) -> Any:
    """From 0-255 to -1 to 1."""
    del spec
    return _rescaled(image, scale=1 / 127.5, offset=-1.0)


def standardized(image: Any, spec: ModelSpec) -> Any:
    """Each channel less ImageNet's mean, divided by its deviation."""
    del spec
    return _rescaled(
        image,
        scale=[1 / (255 * deviation) for deviation in IMAGENET_DEVIATION],
        offset=[-m / d for m, d in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)],
    )


def as_it_is(image: Any, spec: ModelSpec) -> Any:
    """Raw: the network has layers of its own for this, and they are kept."""
    del spec
    return image


def for_efficientnet(image: Any, spec: ModelSpec) -> Any:
    """Raw, since the network normalizes by itself; corrected where weights are from a file.

    Keras's network divides by the root of the deviation, which is stored as a variance in the
    weights, and with `weights="imagenet"` alone it divides by that root again (tensorflow issue
    49930). Without the same here, one file would give two models, by name and by path.
    """
    if spec.weights in (None, "imagenet"):
        return image
    roots = [deviation**0.5 for deviation in IMAGENET_DEVIATION]
    return _rescaled(
        image,
        scale=[1 / root for root in roots],
        offset=[255 * m * (1 - 1 / root) for m, root in zip(IMAGENET_MEAN, roots, strict=True)],
    )


def _rescaled(image: Any, *, scale: Any = 1.0, offset: Any = 0.0) -> Any:
    return layers.Rescaling(scale, offset=offset, dtype="float32", name="preprocess")(image)
