"""The head that every built-in architecture ends in: pooling, dense layers, dropout, softmax."""

from typing import Any

import keras
from keras import layers

from imgclass.models.spec import ModelSpec


def classify(inputs: Any, features: Any, *, spec: ModelSpec, num_classes: int) -> keras.Model:
    """Return the model from `inputs` to the probabilities that follow from `features`.

    Args:
        inputs: The model's input tensor.
        features: Feature maps of shape `(batch, height, width, channels)`.
        spec: `pooling`, `head_units`, `dropout` and `l2` are read.
        num_classes: Number of classes.
    """
    penalty = keras.regularizers.L2(spec.l2) if spec.l2 else None
    pool = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}[spec.pooling]
    features = pool(name="pool")(features)
    for position, units in enumerate(spec.head_units or (), start=1):
        features = layers.Dense(
            units, activation="relu", kernel_regularizer=penalty, name=f"head{position}"
        )(features)
    if spec.dropout:
        features = layers.Dropout(spec.dropout, name="dropout")(features)
    logits = layers.Dense(num_classes, kernel_regularizer=penalty, name="logits")(features)
    # float32 under every precision: a softmax in bfloat16 has probabilities of two or three digits.
    probabilities = layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    return keras.Model(inputs, probabilities)
