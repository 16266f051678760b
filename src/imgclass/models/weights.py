"""Pretrained backbones: their weights loaded, their layers frozen or regularized."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from imgclass.errors import WeightsError
from imgclass.models.preflight import require_harmless_weights
from imgclass.models.spec import ModelSpec

# Regularizers of a layer, and names of their kernels.
KERNELS = {
    "kernel_regularizer": ("kernel",),
    "depthwise_regularizer": ("depthwise_kernel", "kernel"),
    "pointwise_regularizer": ("pointwise_kernel",),
}


def load_backbone(build: Callable[..., Any], tensor: Any, *, spec: ModelSpec) -> Any:
    """Apply a network of `keras.applications` without its top to preprocessed images.

    Its layers become part of the tensor's graph, one by one. The result is feature maps
    `(batch, height, width, channels)`. Of `spec`, `weights`, `trainable` and `l2` are used.
    """
    weights = spec.weights
    if weights not in (None, "imagenet"):
        if not Path(weights).is_file():
            raise WeightsError(
                f"Expected weights 'imagenet', the path of a weights file, or None; received "
                f"{weights!r}, and there is no such file."
            )
        require_harmless_weights(Path(weights))
    try:
        with warnings.catch_warnings():
            # MobileNet warns that its weights are from images of 224 x 224; they fit every size.
            warnings.filterwarnings("ignore", message="`input_shape` is undefined")
            backbone = build(include_top=False, weights=weights, input_tensor=tensor)
    except Exception as error:
        # A bare Exception if a download fails, ValueError or OSError if a file does not fit.
        raise WeightsError(_advice(build.__name__, weights, error)) from error
    backbone = _flattened(backbone)
    is_trained = spec.trainable is not False
    for layer in backbone.layers:
        layer.trainable = is_trained
        if is_trained and spec.l2:
            _regularize(layer, keras.regularizers.L2(spec.l2))
    return backbone.output


def _flattened(model: Any) -> Any:
    """Copy a model with its inner models replaced by their layers."""
    if not any(isinstance(layer, keras.Sequential) for layer in model.layers):
        return model

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(layer, keras.Sequential):
            return layer(*arguments, **options)
        (features,) = arguments
        for inner in layer.layers:
            # A copy, as a layer's `output` would be that of its call inside the Sequential.
            features = type(inner).from_config(inner.get_config())(features)
        return features

    flat = keras.models.clone_model(model, input_tensors=model.input, call_function=call)
    for layer in model.layers:
        for part in layer.layers if isinstance(layer, keras.Sequential) else [layer]:
            flat.get_layer(part.name).set_weights(part.get_weights())
    return flat


def _regularize(layer: Any, penalty: Any) -> None:
    """Set a built layer's penalty on the layer, which saves it, and on its variable."""
    for regularizer, names in KERNELS.items():
        if hasattr(layer, regularizer):
            setattr(layer, regularizer, penalty)
            kernel = next(name for name in names if hasattr(layer, name))
            getattr(layer, kernel).regularizer = penalty


def _advice(name: str, weights: str | None, error: Exception) -> str:
    if weights != "imagenet":
        return f"The weights file {weights} does not fit {name} without its top: {error}"
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    return (
        f"The ImageNet weights of {name} are not in {folder} and could not be fetched ({error}). "
        f"Put the file of that address into {folder}, give the path of a weights file "
        f"(--weights PATH), or train from a random start (leave --weights out)."
    )
