"""A small network of depthwise separable convolutions, registered by an entry point."""

from typing import Any

import keras
from keras import layers

from imgclass import ArchitectureInfo, ModelSpec, described

DEPTH, WIDTH = 3, 32


@keras.saving.register_keras_serializable("imgclass_separable")
class SquaredRelu(layers.Layer):
    """ReLU, squared (So et al., *Primer*, 2021): a layer of one's own, which saved models name."""

    def call(self, inputs: Any) -> Any:
        """Return the square of what is above zero."""
        return keras.ops.square(keras.ops.relu(inputs))


@described(
    ArchitectureInfo(
        "Depthwise separable convolutions (Chollet, *Xception*, 2017), few weights.",
        depth=DEPTH,
        width=WIDTH,
    )
)
def separable(spec: ModelSpec, num_classes: int) -> keras.Model:
    """Build `spec.depth` separable convolutions, each on images half as large as the last."""
    depth, width = spec.depth or DEPTH, spec.width or WIDTH
    penalty = keras.regularizers.L2(spec.l2) if spec.l2 else None
    inputs = layers.Input(spec.input_shape(), name="image")
    features = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    for stage in range(depth):
        features = layers.SeparableConv2D(
            width * 2**stage,
            3,
            strides=2 if min(features.shape[1:3]) > 1 else 1,
            padding="same",
            use_bias=False,
            depthwise_regularizer=penalty,
            pointwise_regularizer=penalty,
        )(features)
        features = layers.BatchNormalization(momentum=0.9)(features)
        features = SquaredRelu()(features)
    features = layers.GlobalAveragePooling2D()(features)
    if spec.dropout:
        features = layers.Dropout(spec.dropout)(features)
    logits = layers.Dense(num_classes, kernel_regularizer=penalty)(features)
    return keras.Model(inputs, layers.Activation("softmax", dtype="float32")(logits))
