"""Class directories to batches of raw RGB 0-255."""

from typing import TYPE_CHECKING

from imgclass.lazy import lazy_names

if TYPE_CHECKING:
    from imgclass.flows.augmentation import PRESETS, Augmentation
    from imgclass.flows.flow import Batch, Flow, Flows
    from imgclass.flows.opening import open_flows
    from imgclass.flows.sizing import median_image_size

# Imported on first use, so that an Augmentation loads neither Keras nor a decoder.
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

__getattr__ = lazy_names(__name__, _HOMES)
