"""The head of every built-in architecture: pooling, dense layers, dropout, softmax."""

from dataclasses import replace
from typing import Any

import keras
from keras import layers

from imgclass.errors import UsageError
from imgclass.models.spec import ModelSpec


def with_head_units(spec: ModelSpec, *, depth: int, width: int) -> ModelSpec:
    """Return the spec with `head_units`, from its depth and width if it does not say them.

    Each dense layer has half as many units as the one before.

    Args:
        spec: The knobs.
        depth: How many dense layers, if the spec leaves it open.
        width: The units of the first, likewise.
    """
    if spec.head_units:
        return spec
    depth, width = depth if spec.depth is None else spec.depth, spec.width or width
    return replace(spec, head_units=tuple(max(1, width // 2**i) for i in range(depth)))


def classify(inputs: Any, features: Any, *, spec: ModelSpec, num_classes: int) -> keras.Model:
    """Return the model from `inputs` to probabilities, with the head on top of `features`.

    `features` are maps `(batch, height, width, channels)`. Of `spec`, `pooling`, `head_units`,
    `dropout`, `dropout_after` and `l2` are used.
    """
    head_units = spec.head_units or ()
    dropout_after = spec.dropout_after or len(head_units)
    if dropout_after > len(head_units):
        raise UsageError(
            f"Expected dropout_after to be one of the head's {len(head_units)} dense layers, "
            f"counted from 1; received {dropout_after}. Leave it out to have dropout before the "
            f"classifier."
        )
    penalty = keras.regularizers.L2(spec.l2) if spec.l2 else None
    pool = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}[spec.pooling]
    features = pool(name="pool")(features)
    head: list[Any] = [
        layers.Dense(units, activation="relu", kernel_regularizer=penalty, name=f"head{position}")
        for position, units in enumerate(head_units, start=1)
    ]
    if spec.dropout:
        head.insert(dropout_after, layers.Dropout(spec.dropout, name="dropout"))
    for layer in head:
        features = layer(features)
    logits = layers.Dense(num_classes, kernel_regularizer=penalty, name="logits")(features)
    # float32 under every precision: bfloat16 would give probabilities of two or three digits.
    probabilities = layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    return keras.Model(inputs, probabilities)
