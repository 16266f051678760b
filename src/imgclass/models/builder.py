"""Build the model of an architecture and check that it keeps the contract."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from imgclass.entry_points import Origin
from imgclass.errors import ImgclassError, PluginError
from imgclass.models import architectures
from imgclass.models.spec import ModelSpec

# The sum of a softmax in bfloat16, which has eight bits, may be this far from 1.
SUM_TOLERANCE = 0.02


def build_model(name: str, spec: ModelSpec, *, num_classes: int) -> keras.Model:
    """Return the model of an architecture, checked before it is trained.

    A `PluginError` says that its package fails to import or to build, or that it built no model
    from raw RGB `(height, width, 3)` to `num_classes` probabilities.
    """
    builder, origin = architectures[name], architectures.origin(name)
    try:
        model = builder(spec, num_classes)
    except ImgclassError:
        raise
    except Exception as error:
        raise _broken(name, origin, f"could not build {spec}: {_words(error)}") from error
    fault = find_fault(model, spec, num_classes=num_classes)
    if fault:
        raise _broken(name, origin, fault)
    return model


def find_fault(model: Any, spec: ModelSpec, *, num_classes: int) -> str:
    """Return what is wrong with a built model, as the end of a sentence; empty if nothing is.

    An image of noise passes through the model: shapes do not tell probabilities from logits.
    """
    if not isinstance(model, keras.Model):
        return f"returned {_kind(model)}; expected a keras.Model"
    if getattr(model, "inputs", None) is None:
        return _inputs_fault(model)
    shape = (*spec.input_shape(), num_classes)
    faults: tuple[Callable[[], str], ...] = (
        lambda: _shape_fault("takes", model.input_shape, (None, *shape[:3])),
        lambda: _shape_fault("gives", model.output_shape, (None, num_classes)),
        lambda: _output_fault(model, shape[:3]),
    )
    return next((text for text in (fault() for fault in faults) if text), "")


def _inputs_fault(model: keras.Model) -> str:
    if isinstance(model, keras.Sequential):
        return (
            "returned a keras.Sequential that does not know the shape of its images; expected "
            "layers.Input(spec.input_shape()) as its first item"
        )
    return (
        f"returned {_kind(model)}, which has no inputs and outputs, as a subclass of keras.Model "
        f"that only defines call(); expected keras.Model(inputs, outputs) that begins with "
        f"layers.Input(spec.input_shape())"
    )


def _shape_fault(verb: str, received: Any, expected: tuple[int | None, ...]) -> str:
    fits = (
        isinstance(received, tuple)
        and len(received) == len(expected)
        and all(r is None or e is None or r == e for r, e in zip(received, expected, strict=True))
    )
    return "" if fits else f"{verb} the shape {received}; expected {expected}"


def _output_fault(model: keras.Model, shape: tuple[int, ...]) -> str:
    noise = np.random.default_rng(0).uniform(0, 255, (1, *shape)).astype("float32")
    try:
        output = model(noise, training=False)
    except Exception as error:  # noqa: BLE001 - layers may raise what they like
        return f"fails on an image of raw RGB 0-255: {_words(error)}"
    if keras.backend.standardize_dtype(output.dtype) != "float32":
        dtype = keras.backend.standardize_dtype(output.dtype)
        return f"gives {dtype}; expected float32 (dtype='float32' in the last layer)"
    values = keras.ops.convert_to_numpy(output)
    if not np.isfinite(values).all():
        return "gives values that are not finite; expected probabilities"
    if values.min() < 0 or abs(values.sum() - 1) > SUM_TOLERANCE:
        return (
            f"gives values from {values.min():.3g} that sum to {values.sum():.3g}; expected "
            f"probabilities that sum to 1 (end in a softmax)"
        )
    return ""


def _broken(name: str, origin: Origin, fault: str) -> PluginError:
    return PluginError(
        f"The architecture {name!r} of {origin} {fault}.",
        remedy=(
            f"Try other options, repair or upgrade {origin.distribution}, or choose another "
            f"architecture; its authors can check it with imgclass.testing.check_architecture."
        ),
    )


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__module__}.{type(value).__qualname__}"


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(".")
