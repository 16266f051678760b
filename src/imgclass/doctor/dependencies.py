"""The installed versions of the packages that imgclass needs, and the required ones."""

from collections.abc import Iterable
from dataclasses import dataclass

import importlib_metadata
from packaging.requirements import Requirement

from imgclass.distributions import BUILT_IN


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that imgclass needs.

    Attributes:
        expected: The versions that imgclass works with, such as `>=3.15.1`.
        installed: The installed version; None if there is none.
        remedy: What to do; empty if the version is as expected.
    """

    name: str
    expected: str
    installed: str | None
    remedy: str = ""


def check_dependencies(requirements: Iterable[str] | None = None) -> tuple[Dependency, ...]:
    """Compare installed versions with requirements (imgclass's if not given), without extras."""
    wanted = importlib_metadata.requires(BUILT_IN) if requirements is None else requirements
    parsed = map(Requirement, wanted or ())
    return tuple(
        _compare(requirement)
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    )


def _compare(requirement: Requirement) -> Dependency:
    expected = str(requirement.specifier)
    try:
        installed = importlib_metadata.version(requirement.name)
    except importlib_metadata.PackageNotFoundError:
        installed = None
    if installed is not None and requirement.specifier.contains(installed, prereleases=True):
        return Dependency(requirement.name, expected, installed)
    remedy = f"pip install '{requirement.name}{expected}'"
    return Dependency(requirement.name, expected, installed, remedy)
