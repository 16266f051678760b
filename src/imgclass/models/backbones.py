"""The networks of `keras.applications` as architectures, one line each, all with the same head.

Each model contains its network's preprocessing as layers, so that the two always go together.
`depth` is the number of dense layers in the head, and may be 0. `width` is the units of the first;
each further one has half as many. `head_units` sets the units of each layer instead.

Example:
    >>> model = mobilenetv2(ModelSpec(image_size=(32, 32), head_units=(64,)), 10)
    >>> model.input_shape, model.output_shape
    ((None, 32, 32, 3), (None, 10))
    >>> xception.info.minimum_size
    71
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from imgclass.models.head import classify, with_head_units
from imgclass.models.preprocessing import (
    Preprocessing,
    correct_efficientnet,
    leave_raw,
    scale_around_zero,
    standardize,
    subtract_mean_bgr,
)
from imgclass.models.spec import Architecture, ArchitectureInfo, ModelSpec, described
from imgclass.models.weights import load_backbone

DEPTH, WIDTH = 2, 256

# keras.applications asks for it: these networks halve the image five times.
MINIMUM_SIZE = 32


def backbone(
    name: str, preprocessing: Preprocessing, *, minimum_size: int = MINIMUM_SIZE
) -> Architecture:
    """Return a `keras.applications` network with our head in place of its top.

    Args:
        name: The function in `keras.applications`.
        preprocessing: Layers from the raw image to what the network was trained on.
        minimum_size: The smallest side of an image, in pixels.
    """
    info = ArchitectureInfo(
        summary=f"{name} with a head of dense layers: depth of them, the first of width units.",
        depth=DEPTH,
        width=WIDTH,
        minimum_size=minimum_size,
        pretrained=True,
    )

    @described(info)
    def build(spec: ModelSpec, num_classes: int) -> keras.Model:
        inputs = layers.Input(spec.input_shape(minimum=minimum_size), name="image")
        network: Callable[..., Any] = getattr(keras.applications, name)
        features = load_backbone(network, preprocessing(inputs, spec), spec=spec)
        spec = with_head_units(spec, depth=DEPTH, width=WIDTH)
        return classify(inputs, features, spec=spec, num_classes=num_classes)

    build.__name__ = build.__qualname__ = name.lower()
    build.__doc__ = f"Build {name} without its top under `spec.depth` dense layers."
    return build


# Simonyan and Zisserman, *Very Deep Convolutional Networks*, 2014.
vgg16 = backbone("VGG16", subtract_mean_bgr)
vgg19 = backbone("VGG19", subtract_mean_bgr)
# He et al., *Deep Residual Learning*, 2015; *Identity Mappings in Deep Residual Networks*, 2016.
resnet50 = backbone("ResNet50", subtract_mean_bgr)
resnet101 = backbone("ResNet101", subtract_mean_bgr)
resnet50v2 = backbone("ResNet50V2", scale_around_zero)
# Sandler et al., *MobileNetV2*, 2018; Howard et al., *Searching for MobileNetV3*, 2019.
mobilenetv2 = backbone("MobileNetV2", scale_around_zero)
mobilenetv3small = backbone("MobileNetV3Small", leave_raw)
mobilenetv3large = backbone("MobileNetV3Large", leave_raw)
# Tan and Le, *EfficientNet*, 2019; *EfficientNetV2*, 2021.
efficientnetb0 = backbone("EfficientNetB0", correct_efficientnet)
efficientnetv2b0 = backbone("EfficientNetV2B0", leave_raw)
# Liu et al., *A ConvNet for the 2020s*, 2022.
convnexttiny = backbone("ConvNeXtTiny", leave_raw)
# Huang et al., *Densely Connected Convolutional Networks*, 2016.
densenet121 = backbone("DenseNet121", standardize)
# Chollet, *Xception*, 2016; Szegedy et al., *Rethinking the Inception Architecture*, 2015.
xception = backbone("Xception", scale_around_zero, minimum_size=71)
inceptionv3 = backbone("InceptionV3", scale_around_zero, minimum_size=75)
# Zoph et al., *Learning Transferable Architectures*, 2017.
nasnetmobile = backbone("NASNetMobile", scale_around_zero)
