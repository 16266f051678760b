"""Class directories to batches of raw RGB 0-255."""

from typing import TYPE_CHECKING

from imgclass.lazy import lazy_names

if TYPE_CHECKING:
    from imgclass.flows.augment.augmentation import Augmentation
    from imgclass.flows.augment.presets import PRESETS, Preset, preset_or_own
    from imgclass.flows.flow import Batch, Flow, Flows
    from imgclass.flows.image_size import median_image_size
    from imgclass.flows.names import Pipeline, Sampling
    from imgclass.flows.pipelines import open_flows

# Imported on first use, so that an Augmentation loads neither Keras nor a decoder.
_HOMES = {
    "PRESETS": "augment.presets",
    "Augmentation": "augment.augmentation",
    "Preset": "augment.presets",
    "preset_or_own": "augment.presets",
    "Batch": "flow",
    "Flow": "flow",
    "Flows": "flow",
    "median_image_size": "image_size",
    "Pipeline": "names",
    "Sampling": "names",
    "open_flows": "pipelines",
}

__all__ = [
    "PRESETS",
    "Augmentation",
    "Batch",
    "Flow",
    "Flows",
    "Pipeline",
    "Preset",
    "Sampling",
    "median_image_size",
    "open_flows",
    "preset_or_own",
]

__getattr__ = lazy_names(__name__, _HOMES)
