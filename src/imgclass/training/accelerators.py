"""The graphics cards and TPUs that Keras's backend computes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import keras

# Ampere, NVIDIA's first generation that computes in bfloat16.
BFLOAT16_COMPUTE_CAPABILITY = 8


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A graphics card or a TPU, by its maker's name; `has_bfloat16` is False if not known."""

    kind: Literal["gpu", "tpu"]
    name: str
    has_bfloat16: bool


def find_accelerators() -> tuple[Accelerator, ...]:
    """Return the cards or TPUs that the backend computes on, preferred first; () on a processor."""
    return _FINDERS.get(keras.config.backend(), tuple)()


def _of_tensorflow() -> tuple[Accelerator, ...]:
    import tensorflow as tf

    details = map(tf.config.experimental.get_device_details, tf.config.get_visible_devices("GPU"))
    return tuple(
        _gpu(facts.get("device_name"), facts.get("compute_capability")) for facts in details
    )


def _of_jax() -> tuple[Accelerator, ...]:
    import jax

    found = []
    for device in jax.devices():
        if device.platform == "tpu":
            found.append(Accelerator("tpu", device.device_kind, has_bfloat16=True))
        elif device.platform != "cpu":
            capability = getattr(device, "compute_capability", None)
            found.append(_gpu(device.device_kind, capability))
    return tuple(found)


def _of_torch() -> tuple[Accelerator, ...]:
    import torch

    # KERAS_TORCH_DEVICE may choose the processor although there is a card.
    kind = keras.ops.zeros(1).device.type
    if kind == "cuda":
        return tuple(
            _gpu(torch.cuda.get_device_name(card), torch.cuda.get_device_capability(card))
            for card in range(torch.cuda.device_count())
        )
    return () if kind == "cpu" else (_gpu(f"GPU ({kind})", None),)


def _gpu(name: str | None, capability: Any) -> Accelerator:
    """Return a card by a compute capability such as `(9, 0)` or `"9.0"`; None is unknown."""
    words = capability.split(".") if isinstance(capability, str) else capability or ("",)
    major = str(words[0])
    has_bfloat16 = major.isdecimal() and int(major) >= BFLOAT16_COMPUTE_CAPABILITY
    return Accelerator("gpu", name or "GPU", has_bfloat16=has_bfloat16)


_FINDERS: Mapping[str, Callable[[], tuple[Accelerator, ...]]] = MappingProxyType(
    {"tensorflow": _of_tensorflow, "jax": _of_jax, "torch": _of_torch}
)
