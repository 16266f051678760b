"""What a run is made with: versions, processor, precision. Describing it never fails."""

import platform
from collections.abc import Callable, Mapping

import importlib_metadata
import keras

from imgclass.training.hardware import choose_precision, describe_processor

UNKNOWN = "unknown"
PACKAGES = ("imgclass-keras", "keras", "numpy", "pandas", "pillow", "scipy")
# TensorFlow comes under other names, too, and Keras computes with others.
BACKENDS: Mapping[str, tuple[str, ...]] = {
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos"),
    "jax": ("jax",),
    "torch": ("torch",),
}


def describe_environment(precision: str) -> dict[str, str]:
    """Return versions, processor and precision by name; `unknown` what the machine does not say.

    Args:
        precision: As asked for; `auto` is what suits the machine.
    """
    facts: dict[str, Callable[[], str]] = {
        "python": platform.python_version,
        **{name: _version_of(name) for name in PACKAGES},
        "backend": _backend,
        "platform": platform.platform,
        "processor": describe_processor,
        "precision": lambda: choose_precision(precision),
    }
    return {name: _said(fact) for name, fact in facts.items()}


def _said(fact: Callable[[], str]) -> str:
    try:
        return fact() or UNKNOWN
    except Exception:  # noqa: BLE001 - a run must not be lost to what describes it
        return UNKNOWN


def _version_of(package: str) -> Callable[[], str]:
    return lambda: str(importlib_metadata.version(package))


def _backend() -> str:
    """Return Keras's backend with the version of the package that it is installed as."""
    name = str(keras.config.backend())
    for package in BACKENDS.get(name, ()):
        try:
            return f"{package} {importlib_metadata.version(package)}"
        except importlib_metadata.PackageNotFoundError:
            continue
    return name
