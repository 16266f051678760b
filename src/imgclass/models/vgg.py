"""VGG16 and VGG19: each backbone with the preprocessing that belongs to it, under one head."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
from keras import layers

from imgclass.models.head import classify
from imgclass.models.spec import ArchitectureInfo, ModelSpec, described
from imgclass.models.weights import load_backbone

# The mean colour of ImageNet in BGR order, as the networks were trained by their authors
# (Simonyan and Zisserman, *Very Deep Convolutional Networks*, 2014).
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)

DEPTH, WIDTH = 2, 256


def _info(name: str) -> ArchitectureInfo:
    return ArchitectureInfo(
        summary=f"{name} under a head of dense layers (depth counts them, width is the first's).",
        depth=DEPTH,
        width=WIDTH,
        minimum_size=32,
        pretrained=True,
    )


@described(_info("VGG16"))
def vgg16(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build VGG16 without its top under `spec.depth` dense layers.

    Args:
        spec: The knobs; `depth` counts dense layers, `width` the units of the first, each
            following one has half as many; `head_units` gives them one by one instead.
        num_classes: Number of classes, at least 2.

    Raises:
        WeightsError: `spec.weights` is neither here nor to be fetched.
        UsageError: Images are smaller than 32 x 32.

    Example:
        >>> model = vgg16(ModelSpec(image_size=(32, 32), head_units=(64,)), 10)
        >>> len([layer for layer in model.layers if "conv" in layer.name])
        13
    """
    return _vgg(keras.applications.VGG16, vgg16.info, spec, num_classes)  # type: ignore[attr-defined]


@described(_info("VGG19"))
def vgg19(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build VGG19 without its top under `spec.depth` dense layers; see `vgg16`.

    Example:
        >>> model = vgg19(ModelSpec(image_size=(32, 32), head_units=(64,)), 10)
        >>> len([layer for layer in model.layers if "conv" in layer.name])
        16
    """
    return _vgg(keras.applications.VGG19, vgg19.info, spec, num_classes)  # type: ignore[attr-defined]


def _vgg(
    backbone: Callable[..., Any], info: ArchitectureInfo, spec: ModelSpec, num_classes: int
) -> keras.Model:
    inputs = layers.Input(spec.input_shape(minimum=info.minimum_size), name="image")
    # What keras.applications.vgg16.preprocess_input does, as layers: RGB to BGR, mean removed.
    # In float32 under every precision: 0-255 less a mean needs more than bfloat16's eight bits.
    bgr = keras.ops.flip(inputs, axis=-1)
    offset = tuple(-mean for mean in IMAGENET_MEAN_BGR)
    centred = layers.Rescaling(1.0, offset=offset, dtype="float32", name="preprocess")(bgr)
    features = load_backbone(backbone, centred, spec=spec)
    depth, width = spec.depth or DEPTH, spec.width or WIDTH
    units = spec.head_units or tuple(max(1, width // 2**i) for i in range(depth))
    spec = replace(spec, head_units=units)
    return classify(inputs, features, spec=spec, num_classes=num_classes)
