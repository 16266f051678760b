"""The custom CNN: a few stages of convolutions, small enough to train on two cores."""

from typing import Any

import keras
from keras import layers

from imgclass.models.head import classify
from imgclass.models.spec import ArchitectureInfo, ModelSpec, described

# Filters of each stage, in those of the first; later stages have as many as the last. The first
# sees the most pixels, and more filters cost it more time than they bring in accuracy.
FILTERS = (1, 3, 4)

DEPTH, WIDTH = 3, 32

INFO = ArchitectureInfo(
    summary="Custom CNN: stages of two 3x3 convolutions, batch normalisation, ReLU.",
    depth=DEPTH,
    width=WIDTH,
    optimizer="muon",
)


@described(INFO)
def cnn(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build `spec.depth` stages, each halving the image; of 1, 3, 4, 4, ... times `width` filters.

    A stage is convolution, max pooling, batch normalisation, ReLU, convolution, batch
    normalisation, ReLU. Pooling early is cheaper: the later layers see a smaller image. The order
    is that of airbench (Jordan, *94% on CIFAR-10 in 3.29 Seconds on a Single GPU*, 2024).

    Args:
        spec: The knobs; `depth` is the number of stages, `width` the filters of the first.
        num_classes: Number of classes, at least 2.

    Returns:
        An uncompiled model from raw RGB 0-255 to probabilities.

    Example:
        >>> model = cnn(ModelSpec(image_size=(8, 8), depth=2, width=8), 10)
        >>> model.input_shape, model.output_shape
        ((None, 8, 8, 3), (None, 10))
    """
    depth, width = spec.stages(DEPTH), spec.width or WIDTH
    inputs = layers.Input(spec.input_shape(), name="image")
    # Natural images have a mean near 128 and a standard deviation near 64.
    features = layers.Rescaling(1 / 64, offset=-2.0, name="preprocess")(inputs)
    for stage in range(depth):
        filters = width * FILTERS[min(stage, len(FILTERS) - 1)]
        features = _stage(features, filters, l2=spec.l2, name=f"stage{stage + 1}")
    return classify(inputs, features, spec=spec, num_classes=num_classes)


def _stage(features: Any, filters: int, *, l2: float, name: str) -> Any:
    for step in (1, 2):
        features = layers.Conv2D(
            filters,
            3,
            padding="same",
            use_bias=False,
            # Filters of norm 1: Muon's rate is the angle by which a step turns them.
            kernel_initializer="lecun_normal",
            kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
            name=f"{name}_conv{step}",
        )(features)
        if step == 1 and min(features.shape[1:3]) > 1:
            features = layers.MaxPooling2D(2, name=f"{name}_pool")(features)
        features = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm{step}")(features)
        features = layers.Activation("relu", name=f"{name}_act{step}")(features)
    return features
