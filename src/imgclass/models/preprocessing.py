"""The preprocessing of pretrained networks, as layers that take raw RGB 0-255.

They do what the network's `preprocess_input` in `keras.applications` does, in float32 under every
precision: bfloat16 has eight bits, too few for 0-255 minus a mean.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from imgclass.models.spec import IMAGENET, RANDOM, ModelSpec

Preprocessing = Callable[[Any, ModelSpec], Any]

IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)  # in 0-255; the others are RGB in 0-1
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def subtract_mean_bgr(image: Any, spec: ModelSpec) -> Any:
    """RGB to BGR, less ImageNet's mean: VGG and ResNet were trained in Caffe, which did so."""
    del spec
    return _rescaled(keras.ops.flip(image, axis=-1), offset=[-mean for mean in IMAGENET_MEAN_BGR])


def scale_around_zero(image: Any, spec: ModelSpec) -> Any:
    """Scale 0-255 to -1 to 1."""
    del spec
    return _rescaled(image, scale=1 / 127.5, offset=-1.0)


def standardize(image: Any, spec: ModelSpec) -> Any:
    """Subtract ImageNet's mean from each channel and divide by its deviation."""
    del spec
    return _rescaled(
        image,
        scale=[1 / (255 * deviation) for deviation in IMAGENET_DEVIATION],
        offset=[-m / d for m, d in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)],
    )


def leave_raw(image: Any, spec: ModelSpec) -> Any:
    """Change nothing: the network preprocesses by itself."""
    del spec
    return image


def correct_efficientnet(image: Any, spec: ModelSpec) -> Any:
    """Divide by the root of ImageNet's deviation if the weights come from a file.

    With `weights="imagenet"` Keras adds this to the network's own preprocessing layers (tensorflow
    issue 49930), with the path of a file it does not. Adding it here makes the same weights the
    same model.
    """
    if spec.weights in (None, IMAGENET, RANDOM):
        return image
    roots = [deviation**0.5 for deviation in IMAGENET_DEVIATION]
    return _rescaled(
        image,
        scale=[1 / root for root in roots],
        offset=[255 * m * (1 - 1 / root) for m, root in zip(IMAGENET_MEAN, roots, strict=True)],
    )


def _rescaled(image: Any, *, scale: Any = 1.0, offset: Any = 0.0) -> Any:
    return layers.Rescaling(scale, offset=offset, dtype="float32", name="preprocess")(image)
