"""Class directories to batches of raw RGB 0-255."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgclass.flows.augment.augmentation import PRESETS, Augmentation, Preset, preset_or_own
    from imgclass.flows.flow import Batch, Flow, Flows
    from imgclass.flows.image_size import median_image_size
    from imgclass.flows.pipelines import open_flows

# Resolved on first use, so that reading an Augmentation loads neither Keras nor a decoder.
_MODULES = {
    "PRESETS": "augment.augmentation",
    "Augmentation": "augment.augmentation",
    "Preset": "augment.augmentation",
    "preset_or_own": "augment.augmentation",
    "Batch": "flow",
    "Flow": "flow",
    "Flows": "flow",
    "median_image_size": "image_size",
    "open_flows": "pipelines",
}

__all__ = [
    "PRESETS",
    "Augmentation",
    "Batch",
    "Flow",
    "Flows",
    "Preset",
    "median_image_size",
    "open_flows",
    "preset_or_own",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
