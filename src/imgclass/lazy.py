"""Names of a package that are imported on first use (PEP 562)."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str], *, before: Callable[[], object] = lambda: None
) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package whose public names lie in its modules.

    Args:
        package: The package's `__name__`.
        homes: For each name, the module in the package that has it.
        before: Called before a module is imported.

    Example:
        >>> get = lazy_names("imgclass", {"Sample": "data.manifest"})
        >>> get("Sample").__name__
        'Sample'
        >>> get("Colour")
        Traceback (most recent call last):
        AttributeError: module 'imgclass' has no attribute 'Colour'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        before()
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)  # this function is not asked again
        return value

    return get
