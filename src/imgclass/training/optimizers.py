"""What Keras optimizers wrap, whether they average, and whose class they are."""

import weakref
from collections.abc import Iterable
from typing import Any

import keras

PACKAGE = "imgclass"


def single_optimizers(optimizers: Iterable[Any]) -> Iterable[Any]:
    """Yield the optimizers, each wrapper replaced by what it wraps."""
    for optimizer in optimizers:
        inner = getattr(optimizer, "inner_optimizer", None)
        wrapped = [inner] if inner is not None else getattr(optimizer, "optimizers", None)
        yield from single_optimizers(wrapped) if wrapped else (optimizer,)


def has_averages(optimizers: Iterable[Any]) -> bool:
    """Return whether one averages the weights (`use_ema=True`)."""
    return any(getattr(each, "use_ema", False) for each in single_optimizers(optimizers))


def is_of_imgclass(part: Any) -> bool:
    """Return whether an optimizer, or the one it wraps, or a loss is of a class of imgclass.

    Example:
        >>> from imgclass.training.muon import Muon
        >>> is_of_imgclass(Muon()), is_of_imgclass(keras.optimizers.SGD())
        (True, False)
        >>> is_of_imgclass(keras.optimizers.LossScaleOptimizer(Muon()))
        True
    """
    inner = getattr(part, "inner_optimizer", part)
    return type(inner).__module__.startswith(f"{PACKAGE}.")


def leave_own_optimizer_out_of_files(model: keras.Model) -> None:
    """Make `model` save no compile settings if its optimizer or loss is of a class of imgclass.

    A file that names such a class loads only where imgclass is imported; without compile settings
    it loads anywhere, uncompiled.
    """
    if not _names_imgclass(model):
        return
    reference = weakref.ref(model)  # a strong one would keep the model in memory

    def get_compile_config() -> dict[str, Any]:
        model = reference()
        if model is None or _names_imgclass(model):
            return {}
        settings: dict[str, Any] = type(model).get_compile_config(model)
        return settings

    # Keras would track and save an attribute.
    vars(model)["get_compile_config"] = get_compile_config


def _names_imgclass(model: keras.Model) -> bool:
    return is_of_imgclass(model.optimizer) or is_of_imgclass(model.loss)
