"""An entry point's object, or the error that names its package, the cause and the remedy."""

from dataclasses import dataclass
from typing import Any

import importlib_metadata
from importlib_metadata import EntryPoint

from imgclass.distributions import (
    BUILT_IN,
    distribution_of,
    missing_requirements,
    name_and_version,
)
from imgclass.errors import PluginError

LOCAL = "this process"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a name comes from.

    Attributes:
        distribution: The installed package, or `this process` for what `register` brought.
        version: The package's version; empty for what `register` brought.
        target: `module:attribute`.
    """

    distribution: str
    version: str
    target: str

    def __str__(self) -> str:
        """Return `distribution version (module:attribute)`."""
        return f"{self.distribution} {self.version}".rstrip() + f" ({self.target})"


def origin_of(entry_point: EntryPoint) -> Origin:
    """Return where an entry point comes from."""
    return Origin(*name_and_version(entry_point.dist), entry_point.value)


def load(entry_point: EntryPoint, *, kind: str) -> object:
    """Import what an entry point names.

    Args:
        entry_point: The entry point.
        kind: What its object is called in messages, such as `architecture`.

    Returns:
        The object, or a `PluginError` for the caller to keep and raise whenever it is asked for.

    Example:
        >>> broken = EntryPoint(name="net", value="no_such_module:net", group="example")
        >>> print(load(broken, kind="architecture").fault)  # doctest: +ELLIPSIS
        The architecture 'net' of unknown (no_such_module:net) could not be imported: ...
    """
    try:
        return entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as cause:  # noqa: BLE001 - a package may exit or raise what it likes
        error = PluginError(
            f"The {kind} {entry_point.name!r} of {origin_of(entry_point)} could not be imported: "
            f"{type(cause).__name__}: {cause}.",
            remedy=_remedy(cause, entry_point),
        )
        error.__cause__ = cause
        return error


def _remedy(cause: BaseException, entry_point: EntryPoint) -> str:
    distribution = distribution_of(entry_point)
    if isinstance(cause, ImportError):
        module = cause.name or ""
        if isinstance(cause, ModuleNotFoundError) and _is_part(entry_point.module, of=module):
            return (
                f"Its metadata is there and its code is not: install {distribution} again, or "
                f"remove what is left of it (pip uninstall {distribution})."
            )
        if _is_part(module, of="imgclass"):
            return (
                f"It was written for another version of imgclass: upgrade {distribution}, or "
                f"install the version of {BUILT_IN} that it asks for."
            )
        missing = missing_requirements(_installed(distribution))
        if missing:
            wanted = " ".join(f"'{requirement}'" for requirement in missing)
            return f"Install what it needs: pip install {wanted}."
    return f"Repair, upgrade or uninstall {distribution}."


def _is_part(module: str, *, of: str) -> bool:
    return f"{module}.".startswith(f"{of}.")


def _installed(distribution: str) -> Any:
    return next(iter(importlib_metadata.distributions(name=distribution)), None)
