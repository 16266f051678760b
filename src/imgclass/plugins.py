"""Registry[T]: names to objects over one entry-point group, each imported only when asked for."""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Generic, TypeVar

import importlib_metadata
from importlib_metadata import EntryPoint

from imgclass.errors import PluginError, UnknownNameError, UsageError

T = TypeVar("T")

BUILT_IN = "imgclass-keras"
LOCAL = "this process"
DISABLE_PLUGINS = "IMGCLASS_DISABLE_PLUGINS"


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


class Registry(Generic[T]):
    """Objects by name: what installed packages offer as entry points, and what code registers.

    Names are read from package metadata, so that listing imports nothing and one broken package
    breaks nothing but itself. `distribution:name` names the entry of one distribution, whatever
    others claim the same name.

    Args:
        group: The entry-point group.
        kind: What an object is called in messages, such as `architecture`.
        entry_points: Gives the entry points of a group; the installed ones when not given.

    Example:
        >>> shapes = Registry[str]("example.shapes", kind="shape", entry_points=lambda group: ())
        >>> shapes.register("round", "a circle")
        'a circle'
        >>> shapes.names()
        ('round',)
    """

    def __init__(
        self,
        group: str,
        *,
        kind: str,
        entry_points: Callable[[str], Iterable[EntryPoint]] | None = None,
    ) -> None:
        self.group = group
        self.kind = kind
        self._read = entry_points or _installed
        self._local: dict[str, T] = {}
        self._loaded: dict[str, T | PluginError] = {}

    def names(self) -> tuple[str, ...]:
        """Return every name that `get` takes, sorted, without importing anything."""
        return tuple(sorted({*self._local, *self._claims}))

    def claims(self, name: str) -> tuple[Origin, ...]:
        """Return every origin that claims `name`, without importing any."""
        if name in self._local:
            return (self.origin(name),)
        return tuple(map(_origin, self._claims.get(name, ())))

    def origin(self, name: str) -> Origin:
        """Return where `name` comes from, without importing it.

        Raises:
            UnknownNameError: There is no such name.
            PluginError: Several distributions claim it.
        """
        if name in self._local:
            return Origin(LOCAL, "", _target(self._local[name]))
        return _origin(self._find(name))

    def get(self, name: str) -> T:
        """Return the object called `name`, importing it if this is its first use.

        Raises:
            UnknownNameError: There is no such name; the message lists those there are.
            PluginError: Several distributions claim it, or its package could not be imported.
        """
        if name in self._local:
            return self._local[name]
        entry_point = self._find(name)
        key = f"{_distribution(entry_point)}:{entry_point.name}"
        if key not in self._loaded:
            self._loaded[key] = self._load(entry_point)
        loaded = self._loaded[key]
        if isinstance(loaded, PluginError):
            raise loaded
        return loaded

    def register(self, name: str, item: T) -> T:
        """Add an object for as long as this process lives; registering a name again replaces it.

        Returns:
            `item`, so that the call also serves as the last line of a notebook cell.

        Raises:
            UsageError: An installed distribution already offers `name`.
        """
        if not re.fullmatch(r"[\w.-]+", name):
            raise UsageError(
                f"Expected a name of letters, digits, '_', '-' and '.'; received {name!r}."
            )
        if name in self._claims:
            raise UsageError(
                f"Expected a new name for this {self.kind}; {name!r} is offered by "
                f"{self.origin(name)}. Choose another name."
            )
        self._local[name] = item
        return item

    @cached_property
    def _claims(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        """Entry points by name; those of imgclass itself come first."""
        claims: dict[str, list[EntryPoint]] = {}
        only_built_in = os.environ.get(DISABLE_PLUGINS, "") not in ("", "0")
        for entry_point in self._read(self.group):
            if not only_built_in or _distribution(entry_point) == BUILT_IN:
                claims.setdefault(entry_point.name, []).append(entry_point)
        return {
            name: tuple(
                sorted(found, key=lambda e: (_distribution(e) != BUILT_IN, str(_origin(e))))
            )
            for name, found in claims.items()
        }

    def _find(self, name: str) -> EntryPoint:
        distribution, _, plain = name.rpartition(":")
        claims = self._claims.get(plain, ())
        if distribution:
            claims = tuple(e for e in claims if _distribution(e) == _canonical(distribution))
        if not claims:
            raise UnknownNameError(self._miss(name))
        if len(claims) == 1:
            return claims[0]
        claimants = " and ".join(f"{_distribution(e)}:{plain}" for e in claims)
        if _distribution(claims[0]) == BUILT_IN:
            warnings.warn(
                f"{plain!r} is the {self.kind} of {BUILT_IN}; other packages claim the name too. "
                f"Ask for one of {claimants} to say which is meant.",
                stacklevel=3,
            )
            return claims[0]
        raise PluginError(
            f"Expected one {self.kind} named {plain!r}; several packages offer it. "
            f"Ask for {claimants}, or uninstall all but one."
        )

    def _load(self, entry_point: EntryPoint) -> T | PluginError:
        try:
            return entry_point.load()  # type: ignore[no-any-return]
        except KeyboardInterrupt:
            raise
        except BaseException as cause:  # noqa: BLE001 - a package may exit or raise what it likes
            origin = _origin(entry_point)
            error = PluginError(
                f"The {self.kind} {entry_point.name!r} of {origin} could not be imported: "
                f"{type(cause).__name__}: {cause}. "
                f"Repair, upgrade or uninstall {origin.distribution}."
            )
            error.__cause__ = cause
            return error

    def _miss(self, name: str) -> str:
        names = self.names()
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(names) or "none"
        return (
            f"Expected a known {self.kind}; received {name!r}.{hint} There are: {listed}. "
            f"A package that offers more is found as soon as it is installed; "
            f"your own code adds one with register(name, builder)."
        )


def _installed(group: str) -> Iterable[EntryPoint]:
    return importlib_metadata.entry_points(group=group)


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _distribution(entry_point: EntryPoint) -> str:
    return _canonical(entry_point.dist.name) if entry_point.dist else "unknown"


def _origin(entry_point: EntryPoint) -> Origin:
    version = entry_point.dist.version if entry_point.dist else ""
    return Origin(_distribution(entry_point), version, entry_point.value)


def _target(item: object) -> str:
    return f"{getattr(item, '__module__', '?')}:{getattr(item, '__qualname__', repr(item))}"
