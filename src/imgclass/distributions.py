"""Installed packages: their names, versions, and missing requirements."""

import re
from functools import cache
from typing import Any

import importlib_metadata

BUILT_IN = "imgclass-keras"


def canonical(distribution: str) -> str:
    """Return a distribution's name as package indexes compare names.

    Example:
        >>> canonical("My_Nets.extra")
        'my-nets-extra'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def name_and_version(distribution: Any) -> tuple[str, str]:
    """Return the canonical name and the version; `("unknown", "")` for None."""
    return ("unknown", "") if distribution is None else _name_and_version(distribution)


@cache  # importlib_metadata parses the file anew each time
def _name_and_version(distribution: Any) -> tuple[str, str]:
    metadata = distribution.metadata
    return canonical(metadata["Name"]), metadata["Version"]


def own_version() -> str:
    """Return the installed version of imgclass; empty without metadata."""
    try:
        return importlib_metadata.version(BUILT_IN)
    except importlib_metadata.PackageNotFoundError:
        return ""


def find_distribution(name: str) -> Any:
    """Return the installed distribution called `name`, or None."""
    return next(iter(importlib_metadata.distributions(name=name)), None)


def is_installed(distribution: str) -> bool:
    """Return whether a distribution of this name is installed."""
    return find_distribution(distribution) is not None


def missing_requirements(distribution: Any) -> tuple[str, ...]:
    """Return the requirements that are not installed, as the distribution words them."""
    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for line in getattr(distribution, "requires", None) or ():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and not is_installed(requirement.name):
            missing.append(f"{requirement.name}{requirement.specifier}")
    return tuple(missing)
