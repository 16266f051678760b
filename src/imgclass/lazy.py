"""Names of a package that are imported on first use (PEP 562)."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str], *, before: Callable[[], object] = lambda: None
) -> Callable[[str], Any]:
    """Return a package's `__getattr__`: it imports a name from its module (`homes`) on first use.

    `before` is called before each import.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        before()
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)  # not asked again
        return value

    return get
