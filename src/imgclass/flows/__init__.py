"""Class directories to batches of raw RGB 0-255."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgclass.flows.augmentation import PRESETS, Augmentation
    from imgclass.flows.flow import Batch, Flow, Flows
    from imgclass.flows.opening import open_flows
    from imgclass.flows.sizing import median_image_size

# Resolved on first use, so that reading an Augmentation loads neither Keras nor a decoder.
_HOMES = {
    "PRESETS": "augmentation",
    "Augmentation": "augmentation",
    "Batch": "flow",
    "Flow": "flow",
    "Flows": "flow",
    "median_image_size": "sizing",
    "open_flows": "opening",
}

__all__ = [
    "PRESETS",
    "Augmentation",
    "Batch",
    "Flow",
    "Flows",
    "median_image_size",
    "open_flows",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
