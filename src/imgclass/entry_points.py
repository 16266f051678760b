"""Entry points: read from every installed package, and imported one by one.

A package with broken metadata is left out alone; the error of one that cannot be imported names
the package, the cause and the remedy.
"""

import re
from dataclasses import dataclass
from typing import Any

import importlib_metadata
from importlib_metadata import EntryPoint

from imgclass.distributions import (
    BUILT_IN,
    canonical,
    find_distribution,
    missing_requirements,
    name_and_version,
)
from imgclass.errors import PluginError

LOCAL = "this process"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a name comes from.

    Attributes:
        distribution: The installed package, or `this process` for a name added by `register`.
        version: The package's version; empty for a name added by `register`.
        target: `module:attribute`.
    """

    distribution: str
    version: str
    target: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".rstrip() + f" ({self.target})"


@dataclass(frozen=True, slots=True)
class MetadataFault:
    """A package that was left out (its folder's name if it has no other), why, and what to do."""

    distribution: str
    version: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"Left out {self.distribution} {self.version}: {self.cause}. {self.remedy}"


def read_entry_points(group: str) -> tuple[tuple[EntryPoint, ...], tuple[MetadataFault, ...]]:
    """Return the entry points of `group` in all packages, and the packages that were left out.

    One malformed file makes `importlib_metadata.entry_points` fail for all packages. Here only its
    package is left out, and so are a package without a name and a second copy of a package.
    """
    offered: list[EntryPoint] = []
    faults: list[MetadataFault] = []
    seen: dict[str, str] = {}
    for distribution in importlib_metadata.distributions():
        place = str(getattr(distribution, "_path", distribution))
        try:
            if f"[{group}]" not in (distribution.read_text("entry_points.txt") or ""):
                continue
            name, version = name_and_version(distribution)
            found = tuple(distribution.entry_points.select(group=group))
        except Exception as error:  # noqa: BLE001 - a file may hold anything
            faults.append(_unreadable(distribution, place, error))
            continue
        if name not in seen:
            seen[name] = place
            offered += found
            continue
        cause = f"it is installed twice; {seen[name]} is used"
        remedy = f"Run pip uninstall {name} until it is gone, then install it once; or delete "
        faults.append(MetadataFault(name, version, cause, f"{remedy}{place}."))
    return tuple(offered), tuple(faults)


def origin_of(entry_point: EntryPoint) -> Origin:
    """Return where an entry point comes from."""
    return Origin(*name_and_version(entry_point.dist), entry_point.value)


def load(entry_point: EntryPoint, *, kind: str) -> object:
    """Import what an entry point names; return a PluginError, to keep and to raise, if that fails.

    Example:
        >>> broken = EntryPoint(name="net", value="no_such_module:net", group="example")
        >>> print(load(broken, kind="architecture").fault)  # doctest: +ELLIPSIS
        The architecture 'net' of unknown (no_such_module:net) could not be imported: ...
    """
    try:
        return entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as cause:  # noqa: BLE001 - a package may raise anything, or exit
        error = PluginError(
            f"The {kind} {entry_point.name!r} of {origin_of(entry_point)} could not be imported: "
            f"{type(cause).__name__}: {cause}.",
            remedy=_remedy(cause, entry_point),
        )
        error.__cause__ = cause
        return error


def _remedy(cause: BaseException, entry_point: EntryPoint) -> str:
    name = origin_of(entry_point).distribution
    module = (cause.name or "") if isinstance(cause, ImportError) else ""
    if module and isinstance(cause, ModuleNotFoundError) and _has(module, entry_point.module):
        return (
            f"Its metadata is there and its code is not: install {name} again, or remove the rest "
            f"of it (pip uninstall {name})."
        )
    if _has("imgclass", module):
        return (
            f"It was written for another version of imgclass: upgrade {name}, or install the "
            f"version of {BUILT_IN} that it needs."
        )
    missing = (
        missing_requirements(find_distribution(name)) if isinstance(cause, ImportError) else ()
    )
    if missing:
        return f"Install what it needs: pip install {' '.join(map(repr, missing))}."
    return f"Repair, upgrade or uninstall {name}."


def _has(package: str, module: str) -> bool:
    """Return whether `module` is `package` or a part of it."""
    return f"{module}.".startswith(f"{package}.")


def _unreadable(distribution: Any, place: str, error: Exception) -> MetadataFault:
    try:
        name, version = name_and_version(distribution)
        part = "entry_points.txt"
    except Exception:  # noqa: BLE001 - the metadata may be what cannot be read
        stem = re.split(r"[\\/]", place)[-1].rpartition(".")[0]
        name, _, version = stem.partition("-")
        name, part = canonical(name or place), "METADATA"
    cause = f"its {part} cannot be read ({type(error).__name__}: {error})"
    remedy = f"Install it again, or delete the rest of it: {place}."
    return MetadataFault(name, version, cause, remedy)
