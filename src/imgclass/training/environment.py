"""The environment of a run: versions, processor, precision. Describing it never fails."""

import platform
from collections.abc import Callable, Mapping

import importlib_metadata
import keras

from imgclass.training.hardware import choose_precision, describe_processor

UNKNOWN = "unknown"
PACKAGES = ("imgclass-keras", "keras", "numpy", "pandas", "pillow", "scipy")
# The packages that a backend may come from.
BACKENDS: Mapping[str, tuple[str, ...]] = {
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos"),
    "jax": ("jax",),
    "torch": ("torch",),
}


def describe_environment(precision: str) -> dict[str, str]:
    """Return versions, processor and precision by name; `unknown` for what cannot be found out."""
    facts: dict[str, Callable[[], str]] = {
        "python": platform.python_version,
        **{name: _version_of(name) for name in PACKAGES},
        "backend": _backend,
        "platform": platform.platform,
        "processor": describe_processor,
        "precision": lambda: choose_precision(precision),
    }
    return {name: _value(fact) for name, fact in facts.items()}


def _value(fact: Callable[[], str]) -> str:
    try:
        return fact() or UNKNOWN
    except Exception:  # noqa: BLE001 - describing a run must not end it
        return UNKNOWN


def _version_of(package: str) -> Callable[[], str]:
    return lambda: str(importlib_metadata.version(package))


def _backend() -> str:
    """Return Keras's backend with the version of its package."""
    name = str(keras.config.backend())
    for package in BACKENDS.get(name, ()):
        try:
            return f"{package} {importlib_metadata.version(package)}"
        except importlib_metadata.PackageNotFoundError:
            continue
    return name
