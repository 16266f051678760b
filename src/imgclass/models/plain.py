"""A model as plain Keras: float32, not compiled, rebuilt from its own configuration."""

from collections.abc import Iterator
from typing import Any

import keras

from imgclass.errors import PluginError

# The dtype policies that compute in half precision, as layers' configurations name them.
HALF = ("bfloat16", "float16", "mixed_bfloat16", "mixed_float16")


def plain_copy(model: keras.Model) -> keras.Model:
    """Return an uncompiled float32 copy of a functional or sequential model.

    It is built from the configuration that a file would hold: a model that cannot be loaded from a
    file cannot be copied either. A `PluginError` then names the layer.
    """
    if fault := find_unloadable(model):
        raise PluginError(fault)
    copy = type(model).from_config(in_float32(model.get_config()))
    copy.set_weights(model.get_weights())
    return copy


def find_unloadable(model: keras.Model) -> str:
    """Say which layer could not be loaded from a file, and what to do; empty if all could."""
    for layer in model.layers:
        name, kind = layer.name, type(layer)
        if isinstance(layer, keras.layers.Lambda):
            return (
                f"The layer {name!r} is a Lambda: another process could not load its Python "
                f"function. Write a layer class and register it "
                f"(@keras.saving.register_keras_serializable)."
            )
        if not _is_keras(kind) and keras.saving.get_registered_name(kind) == kind.__name__:
            return (
                f"The layer {name!r} is of the class {kind.__qualname__}, which Keras could not "
                f"find when loading. Register it (@keras.saving.register_keras_serializable)."
            )
        try:
            keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        except Exception as error:  # noqa: BLE001 - a layer's own code may raise what it likes
            return (
                f"The layer {name!r} of the class {kind.__qualname__} cannot be rebuilt from "
                f"its get_config ({_first_line(error)}). Let get_config return every argument of "
                f"__init__, and register the functions that the layer is given."
            )
    return ""


def modules_of(model: keras.Model) -> tuple[str, ...]:
    """Return the modules of layers and functions that are not Keras's own, sorted."""
    found = set(_modules(keras.saving.serialize_keras_object(model)))
    return tuple(sorted(found - {"", "builtins", "__main__"}))


def _modules(config: Any) -> Iterator[str]:
    if isinstance(config, list | tuple):
        for item in config:
            yield from _modules(item)
    if not isinstance(config, dict):
        return
    module, name = config.get("module"), config.get("config")
    if config.get("class_name") == "function" and isinstance(name, str):
        yield getattr(keras.saving.get_registered_object(name), "__module__", "")
    elif isinstance(module, str) and module.partition(".")[0] != "keras":
        yield module
    for item in config.values():
        yield from _modules(item)


def _is_keras(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "keras"


def in_float32(config: Any) -> Any:
    """Return a configuration of layers with every half-precision policy replaced."""
    if isinstance(config, dict):
        return {
            key: "float32" if _is_half(key, item) else in_float32(item)
            for key, item in config.items()
        }
    if isinstance(config, list | tuple):
        return type(config)(map(in_float32, config))
    return config


def _is_half(key: str, item: Any) -> bool:
    if key != "dtype":
        return False
    name = item.get("config", {}).get("name") if isinstance(item, dict) else item
    return isinstance(name, str) and name in HALF


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text[:200]}".rstrip(".: ")
