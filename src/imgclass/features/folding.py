"""Batch normalisation folded into the convolutions before it, for a network that only predicts."""

from typing import Any

import keras
import numpy as np

from imgclass.models.plain import in_float32

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def folded(model: keras.Model) -> keras.Model:
    """Return a float32 model that computes what `model` does in inference, in fewer operations.

    A normalisation with fixed statistics multiplies each channel by a number and adds another: the
    convolution whose only use it is can do both. What is left is computed as before.
    """
    pairs = _pairs(model)
    folds = {convolution.name for convolution, _ in pairs}
    normalisations = {normalisation.name for _, normalisation in pairs}

    def clone(layer: Any) -> Any:
        config = in_float32(layer.get_config())
        return type(layer).from_config(
            config | {"use_bias": True} if layer.name in folds else config
        )

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if layer.name in normalisations else layer(*arguments, **options)

    copy = keras.models.clone_model(model, clone_function=clone, call_function=call)
    by_convolution = {convolution.name: normalisation for convolution, normalisation in pairs}
    for layer in model.layers:
        if layer.name in by_convolution:
            copy.get_layer(layer.name).set_weights(_folded(layer, by_convolution[layer.name]))
        elif layer.weights and layer.name not in normalisations:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


def _pairs(model: keras.Model) -> list[tuple[Any, Any]]:
    """Return the convolutions whose output a batch normalisation alone uses, with that."""
    users: dict[int, list[Any]] = {}
    for operation in model.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            for tensor in keras.tree.flatten(operation.input):
                users.setdefault(id(tensor), []).append(operation)
    outputs = {id(tensor) for tensor in model.outputs}
    found = []
    for layer in model.layers:
        if not isinstance(layer, CONVOLUTIONS) or id(layer.output) in outputs:
            continue
        after = users.get(id(layer.output), [])
        if len(after) == 1 and isinstance(after[0], keras.layers.BatchNormalization):
            is_linear = layer.activation is keras.activations.linear
            if is_linear and after[0].axis in {-1, len(layer.output.shape) - 1}:
                found.append((layer, after[0]))
    return found


def _folded(convolution: Any, normalisation: Any) -> list[Any]:
    """Return the kernel and the bias of a convolution with its normalisation."""
    number = keras.ops.convert_to_numpy
    mean, variance = number(normalisation.moving_mean), number(normalisation.moving_variance)
    scale = 1.0 / np.sqrt(variance + normalisation.epsilon)
    if normalisation.scale:
        scale = scale * number(normalisation.gamma)
    shift = -mean * scale
    if normalisation.center:
        shift = shift + number(normalisation.beta)
    kernel = number(convolution.kernel)
    if isinstance(convolution, keras.layers.DepthwiseConv2D):
        wide = scale.reshape(kernel.shape[2:])  # channels and multipliers
    else:
        wide = scale
    bias = number(convolution.bias) * scale if convolution.use_bias else 0.0
    return [kernel * wide, bias + shift]
