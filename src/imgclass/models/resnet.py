"""Residual networks for small images: the CIFAR form of He et al., and wide ones.

Both have three stages; the second and the third halve the image and double the filters.
"""

from typing import Any

import keras
from keras import layers

from imgclass.models.head import classify
from imgclass.models.spec import ArchitectureInfo, ModelSpec, described

STAGES = 3
DEPTH, WIDTH = 3, 16
WIDE_DEPTH, WIDE_WIDTH = 2, 64
MINIMUM_SIZE = 8  # halved twice, 8 x 8 still has four pixels to pool


@described(
    ArchitectureInfo(
        summary="Residual network for small images: depth n is ResNet-(6n+2), so 3 is ResNet-20.",
        depth=DEPTH,
        width=WIDTH,
        minimum_size=MINIMUM_SIZE,
        optimizer="sgd",
    )
)
def resnet(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build the ResNet of CIFAR-10 (He et al., *Deep Residual Learning*, 2015, section 4.2).

    Args:
        spec: The knobs; `depth` is the blocks of each stage, which makes 6 `depth` + 2 layers with
            weights (3 is ResNet-20, 9 is ResNet-56); `width` is the filters of the first stage.
        num_classes: Number of classes, at least 2.

    Raises:
        UsageError: Images are smaller than 8 x 8.

    Example:
        >>> model = resnet(ModelSpec(image_size=(8, 8), depth=1, width=4), 10)
        >>> len([layer for layer in model.layers if "_conv" in layer.name]) + 2
        8
    """
    depth, width = spec.stages(DEPTH), spec.width or WIDTH
    inputs, features = _stem(spec, width)
    for stage in range(STAGES):
        for block in range(depth):
            features = _basic_block(
                features,
                width * 2**stage,
                halve=stage > 0 and block == 0,
                l2=spec.l2,
                name=f"stage{stage + 1}_block{block + 1}",
            )
    return classify(inputs, features, spec=spec, num_classes=num_classes)


@described(
    ArchitectureInfo(
        summary="Wide residual network: depth n and width 16k are WRN-(6n+4)-k; default WRN-16-4.",
        depth=WIDE_DEPTH,
        width=WIDE_WIDTH,
        minimum_size=MINIMUM_SIZE,
        optimizer="sgd",
    )
)
def wide_resnet(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build a wide ResNet (Zagoruyko and Komodakis, *Wide Residual Networks*, 2016).

    Batch normalisation and ReLU come before each convolution. Dropout is before the classifier, as
    in every architecture here, and not within the blocks.

    Args:
        spec: The knobs; `depth` n is the blocks of each stage, which makes WRN-(6n+4) (2 is WRN-16,
            4 is WRN-28); `width` is the filters of the first stage, 16 times the paper's widening
            factor k (64 is k = 4, 160 is k = 10).
        num_classes: Number of classes, at least 2.

    Raises:
        UsageError: Images are smaller than 8 x 8.

    Example:
        >>> model = wide_resnet(ModelSpec(image_size=(8, 8), depth=1, width=4), 10)
        >>> len([layer for layer in model.layers if "_conv" in layer.name])
        6
    """
    depth, width = spec.stages(WIDE_DEPTH), spec.width or WIDE_WIDTH
    inputs, features = _stem(spec, STEM_FILTERS, normalize=False)
    for stage in range(STAGES):
        for block in range(depth):
            features = _wide_block(
                features,
                width * 2**stage,
                halve=stage > 0 and block == 0,
                l2=spec.l2,
                name=f"stage{stage + 1}_block{block + 1}",
            )
    features = _normalized(features, name="final")
    return classify(inputs, features, spec=spec, num_classes=num_classes)


STEM_FILTERS = 16  # of the first convolution, which wide networks do not widen


def _stem(spec: ModelSpec, filters: int, *, normalize: bool = True) -> tuple[Any, Any]:
    """Return the input, and the features after the first convolution."""
    inputs = layers.Input(spec.input_shape(minimum=MINIMUM_SIZE), name="image")
    # Natural images have a mean near 128 and a standard deviation near 64.
    features = layers.Rescaling(1 / 64, offset=-2.0, name="preprocess")(inputs)
    features = _convolution(features, filters, l2=spec.l2, name="stem")
    return inputs, _normalized(features, name="stem") if normalize else features


def _basic_block(features: Any, filters: int, *, halve: bool, l2: float, name: str) -> Any:
    strides = 2 if halve else 1
    shortcut = features
    if halve:
        # The paper's option A, without weights: every other pixel, and zeros for new channels.
        shortcut = layers.MaxPooling2D(1, strides=2, padding="same", name=f"{name}_skip")(shortcut)
        missing = filters - shortcut.shape[-1]
        shortcut = keras.ops.pad(shortcut, ((0, 0), (0, 0), (0, 0), (0, missing)))
    features = _convolution(features, filters, strides=strides, l2=l2, name=f"{name}_conv1")
    features = _normalized(features, name=f"{name}_1")
    features = _convolution(features, filters, l2=l2, name=f"{name}_conv2")
    features = layers.BatchNormalization(momentum=0.9, name=f"{name}_2_norm")(features)
    features = layers.Add(name=f"{name}_add")([features, shortcut])
    return layers.Activation("relu", name=f"{name}_out")(features)


def _wide_block(features: Any, filters: int, *, halve: bool, l2: float, name: str) -> Any:
    strides = 2 if halve else 1
    shortcut, features = features, _normalized(features, name=f"{name}_1")
    if features.shape[-1] != filters:
        # The shortcut's convolution takes normalized features, as in the authors' code.
        shortcut = _convolution(
            features, filters, size=1, strides=strides, l2=l2, name=f"{name}_skip"
        )
    features = _convolution(features, filters, strides=strides, l2=l2, name=f"{name}_conv1")
    features = _normalized(features, name=f"{name}_2")
    features = _convolution(features, filters, l2=l2, name=f"{name}_conv2")
    return layers.Add(name=f"{name}_add")([features, shortcut])


def _convolution(
    features: Any, filters: int, *, l2: float, name: str, size: int = 3, strides: int = 1
) -> Any:
    return layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
        name=name,
    )(features)


def _normalized(features: Any, *, name: str) -> Any:
    features = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(features)
    return layers.Activation("relu", name=f"{name}_act")(features)
