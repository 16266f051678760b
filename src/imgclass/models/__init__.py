"""A spec and a class count to a `keras.Model`."""

from imgclass.models.packaged_weights import weights_at_hand
from imgclass.models.spec import (
    Architecture,
    ArchitectureInfo,
    ModelSpec,
    described,
    info_of,
)
from imgclass.registry import Registry

__all__ = [
    "Architecture",
    "ArchitectureInfo",
    "ModelSpec",
    "architectures",
    "described",
    "info_of",
    "weights_at_hand",
]

architectures: Registry[Architecture, ArchitectureInfo] = Registry(
    "imgclass.architectures", kind="architecture", info=info_of
)
