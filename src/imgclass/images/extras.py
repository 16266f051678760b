"""The formats that only an extra package reads, and what to do if it is not installed."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import NamedTuple

from imgclass.errors import ImageError
from imgclass.images.formats import FORMAT_OF, split_extension


class Extra(NamedTuple):
    """An extra of the package: its name for pip, and the module that it brings."""

    name: str
    module: str

    @property
    def command(self) -> str:
        """What installs it, such as `pip install 'imgclass-keras[heif]'`."""
        return f"pip install 'imgclass-keras[{self.name}]'"


EXTRAS: Mapping[str, Extra] = MappingProxyType(
    {"HEIF": Extra("heif", "pi_heif"), "DICOM": Extra("dicom", "pydicom")}
)


def missing_extra(path: str) -> Extra | None:
    """Return the extra that a file of this name needs and that is not installed.

    Example:
        >>> missing_extra("cats/1.jpg") is None
        True
    """
    extra = EXTRAS.get(FORMAT_OF.get(split_extension(path)[1], ""))
    return None if extra is None or is_installed(extra) else extra


def unread_kind(path: str, extra: Extra) -> str:
    """Return what a file is that cannot be read without an extra, as part of a sentence.

    Example:
        >>> unread_kind("1.heic", EXTRAS["HEIF"])
        "a HEIF image, which needs an extra package: pip install 'imgclass-keras[heif]'"
    """
    kind = FORMAT_OF[split_extension(path)[1]]
    return f"a {kind} image, which needs an extra package: {extra.command}"


def require_extra(image_format: str) -> None:
    """Require the package that reads a format, one of `EXTRAS`."""
    extra = EXTRAS[image_format]
    if not is_installed(extra):
        raise ImageError(f"{image_format} images need an extra package: {extra.command}")


def is_installed(extra: Extra) -> bool:
    """Return whether an extra's module can be imported."""
    return _is_found(extra.module)


@cache
def _is_found(module: str) -> bool:
    return find_spec(module) is not None
