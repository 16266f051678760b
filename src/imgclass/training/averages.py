"""Averages of the weights that an optimizer may keep, and the optimizers that wrap others."""

from collections.abc import Iterable
from typing import Any


def has_averages(optimizers: Iterable[Any]) -> bool:
    """Return whether an optimizer keeps averages of the weights (`use_ema=True`)."""
    return any(getattr(optimizer, "use_ema", False) for optimizer in singles(optimizers))


def singles(optimizers: Iterable[Any]) -> Iterable[Any]:
    """Give the optimizers that those which wrap others consist of."""
    for optimizer in optimizers:
        inner = getattr(optimizer, "inner_optimizer", None)
        parts = [inner] if inner is not None else getattr(optimizer, "optimizers", None)
        yield from singles(parts) if parts else (optimizer,)
