"""Installed packages: their names, their versions, and what they need that is missing."""

import re
from functools import cache
from typing import Any

import importlib_metadata

BUILT_IN = "imgclass-keras"


def canonical(distribution: str) -> str:
    """Return a distribution's name in the form in which package indexes compare names.

    Example:
        >>> canonical("My_Nets.extra")
        'my-nets-extra'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def name_and_version(distribution: Any) -> tuple[str, str]:
    """Return a distribution's canonical name and its version; `("unknown", "")` for None."""
    return ("unknown", "") if distribution is None else _name_and_version(distribution)


@cache  # importlib_metadata parses the file again for every question
def _name_and_version(distribution: Any) -> tuple[str, str]:
    metadata = distribution.metadata
    return canonical(metadata["Name"]), metadata["Version"]


def own_version() -> str:
    """Return the installed version of imgclass; empty where its metadata is missing."""
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
    """Return those requirements of a distribution that are not installed, as it words them."""
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
