"""The longest part of a model in which nothing trains, and the rest of the model after it."""

import inspect
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import keras
import numpy as np

NOT_COMPUTED = ("dtype", "trainable", "name")  # of a layer's settings: they change no feature


def cuts(model: keras.Model) -> Iterator[Any]:
    """Yield the layers through whose one output everything after them passes, last first.

    Nothing learns or is random up to such a layer, and at least one layer up to it has weights: its
    output is a function of the image alone. Only a functional model that uses each layer once has
    such layers.
    """
    found = []
    open_tensors: dict[int, int] = {}  # id of a tensor: uses that are to come
    has_weights = False
    try:
        operations = list(model.operations)
        uses = _uses(operations, model.outputs)
        for operation in operations:
            if not _is_constant(operation):
                break
            has_weights |= bool(getattr(operation, "weights", ()))
            for tensor in _tensors(operation, "input"):
                open_tensors[id(tensor)] -= 1
            outputs = _tensors(operation, "output")
            open_tensors |= {id(tensor): uses[id(tensor)] for tensor in outputs}
            is_open = [key for key, count in open_tensors.items() if count > 0]
            is_layer = isinstance(operation, keras.layers.Layer)
            if has_weights and is_layer and is_open == [id(outputs[0])]:
                found.append(operation)
    except (AttributeError, KeyError, ValueError):  # not functional, or a layer is used twice
        return
    yield from reversed(found)


def until(model: keras.Model, cut: Any) -> keras.Model:
    """Return the model from the images to a layer's output; it shares the layers."""
    return keras.Model(model.input, cut.output)


def after(model: keras.Model, cut: Any) -> keras.Model:
    """Return the model from a layer's output to the probabilities; it shares the layers."""
    return keras.Model(cut.output, model.outputs[0])


def digest(prefix: keras.Model) -> str:
    """Return a digest of what a prefix computes: its layers' settings and weights."""
    found = sha256()
    for operation in prefix.operations:
        config = operation.get_config() if isinstance(operation, keras.layers.Layer) else {}
        kept = {key: value for key, value in config.items() if key not in NOT_COMPUTED}
        described = json.dumps(kept, sort_keys=True, default=str)
        found.update(f"{type(operation).__name__} {described}".encode())
    for weight in prefix.get_weights():
        found.update(np.ascontiguousarray(weight).data)
    return found.hexdigest()


def _is_constant(operation: Any) -> bool:
    """Return whether an operation computes the same in every step of a training."""
    if not isinstance(operation, keras.layers.Layer):
        return True
    if operation.trainable_weights:
        return False
    if isinstance(operation, keras.layers.BatchNormalization):
        return not operation.trainable
    # Dropout and layers like it, frozen or not.
    return "training" not in inspect.signature(operation.call).parameters


def _uses(operations: list[Any], outputs: list[Any]) -> dict[int, int]:
    """Return how often each tensor is used, by its id; an output of the model is used, too."""
    uses: dict[int, int] = {}
    for operation in operations:
        uses |= {id(tensor): 0 for tensor in _tensors(operation, "output")}
    for tensor in (*(t for o in operations for t in _tensors(o, "input")), *outputs):
        uses[id(tensor)] += 1
    return uses


def _tensors(operation: Any, side: str) -> list[Any]:
    if isinstance(operation, keras.layers.InputLayer) and side == "input":
        return []
    tensors: list[Any] = keras.tree.flatten(getattr(operation, side))
    return tensors
