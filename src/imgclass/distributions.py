"""What installed packages offer in an entry-point group, read so that none can spoil the others."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import importlib_metadata
from importlib_metadata import EntryPoint

BUILT_IN = "imgclass-keras"


@dataclass(frozen=True, slots=True)
class MetadataFault:
    """A package whose metadata cannot be used, and was left out.

    Attributes:
        distribution: The package's name, or its folder's where the metadata has none.
        version: The package's version; empty where the metadata has none.
        cause: What is wrong.
        remedy: What the user can do.
    """

    distribution: str
    version: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        """Return one line for a warning."""
        return f"Left out {self.distribution} {self.version}: {self.cause}. {self.remedy}"


def read_entry_points(group: str) -> tuple[tuple[EntryPoint, ...], tuple[MetadataFault, ...]]:
    """Return what each installed package offers in `group`, and the packages that were left out.

    `importlib_metadata.entry_points` fails as a whole where one file is malformed. Here a package
    with such a file, one without a name, and the second copy of a package are left out alone.

    Example:
        >>> offered, faults = read_entry_points("imgclass.architectures")
        >>> "cnn" in {entry_point.name for entry_point in offered}
        True
    """
    offered: list[EntryPoint] = []
    faults: list[MetadataFault] = []
    seen: dict[str, str] = {}
    for distribution in importlib_metadata.distributions():
        place = str(getattr(distribution, "_path", distribution))
        try:
            text = distribution.read_text("entry_points.txt") or ""
            if f"[{group}]" not in text:
                continue
            name, version = name_and_version(distribution)
            found = tuple(distribution.entry_points.select(group=group))
        except Exception as error:  # noqa: BLE001 - a file may hold anything
            faults.append(_unreadable(distribution, place, error))
            continue
        if name in seen:
            faults.append(_repeated(name, version, seen[name], place))
            continue
        seen[name] = place
        offered += found
    return tuple(offered), tuple(faults)


def canonical(distribution: str) -> str:
    """Return a distribution's name as package indexes compare names.

    Example:
        >>> canonical("My_Nets.extra")
        'my-nets-extra'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def distribution_of(entry_point: EntryPoint) -> str:
    """Return the canonical name of the package that offers an entry point."""
    return name_and_version(entry_point.dist)[0]


def name_and_version(distribution: Any) -> tuple[str, str]:
    """Return the canonical name and the version of a package; `unknown` and nothing for None."""
    return ("unknown", "") if distribution is None else _name_and_version(distribution)


# Kept, since `importlib_metadata` parses the file again for every question.
@cache
def _name_and_version(distribution: Any) -> tuple[str, str]:
    metadata = distribution.metadata
    return canonical(metadata["Name"]), metadata["Version"]


def own_version() -> str:
    """Return the installed version of imgclass; empty where its metadata is missing."""
    try:
        return importlib_metadata.version(BUILT_IN)
    except importlib_metadata.PackageNotFoundError:
        return ""


def is_installed(distribution: str) -> bool:
    """Return whether a package's metadata is there."""
    return any(importlib_metadata.distributions(name=distribution))


def missing_requirements(distribution: Any) -> tuple[str, ...]:
    """Return the requirements of a package that are not installed at all, as it words them."""
    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for line in getattr(distribution, "requires", None) or ():
        try:
            requirement = Requirement(line)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and not is_installed(requirement.name):
                missing.append(f"{requirement.name}{requirement.specifier}")
        except InvalidRequirement:
            continue
    return tuple(missing)


def _unreadable(distribution: Any, place: str, error: Exception) -> MetadataFault:
    name, version = _folder_words(place)
    try:
        name, version = name_and_version(distribution)
        part = "entry_points.txt"
    except Exception:  # noqa: BLE001 - the same file may be unreadable in any way
        part = "METADATA"
    return MetadataFault(
        name,
        version,
        f"its {part} cannot be read ({type(error).__name__}: {error})",
        f"Install it again, or delete what is left of it: {place}.",
    )


def _repeated(name: str, version: str, first: str, place: str) -> MetadataFault:
    return MetadataFault(
        name,
        version,
        f"it is installed twice; {first} is used",
        f"Uninstall it until it is gone (pip uninstall {name}), then install it once; "
        f"or delete {place}.",
    )


def _folder_words(place: str) -> tuple[str, str]:
    stem = re.split(r"[\\/]", place)[-1].rpartition(".")[0]
    name, _, version = stem.partition("-")
    return canonical(name or place), version
