"""Registry[T]: names to objects over one entry-point group, each imported only when asked for."""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Generic, cast

from importlib_metadata import EntryPoint
from typing_extensions import TypeVar

from imgclass.distributions import BUILT_IN, canonical, distribution_of, read_entry_points
from imgclass.entry_points import LOCAL, Origin, load, origin_of
from imgclass.errors import PluginError, PluginWarning, UnknownNameError, UsageError

T = TypeVar("T")
Info = TypeVar("Info", default=None)

DISABLE_PLUGINS = "IMGCLASS_DISABLE_PLUGINS"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Description(Generic[Info]):
    """What is known of a name once its package has been imported; nothing has been built.

    Attributes:
        name: The name.
        origin: Where it comes from.
        info: What the object says of itself.
    """

    name: str
    origin: Origin
    info: Info


class Registry(Generic[T, Info]):
    """Objects by name: what installed packages offer as entry points, and what code registers.

    Names are read from package metadata, so that listing imports nothing and one broken package
    breaks nothing but itself. `distribution:name` names the entry of one distribution, whatever
    others claim the same name.

    Args:
        group: The entry-point group.
        kind: What an object is called in messages, such as `architecture`.
        info: Gives what an object says of itself, for `describe`.
        entry_points: Gives the entry points of a group; the installed ones when not given.

    The environment variable `IMGCLASS_DISABLE_PLUGINS` leaves plugins out: `1` or `all` leaves out
    all of them, a list of packages between commas those.

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
        info: Callable[[T], Info] | None = None,
        entry_points: Callable[[str], Iterable[EntryPoint]] | None = None,
    ) -> None:
        self.group = group
        self.kind = kind
        self._info = info or cast("Callable[[T], Info]", lambda _: None)
        self._read = entry_points or _installed
        self._local: dict[str, T] = {}
        self._loaded: dict[str, object] = {}

    def names(self) -> tuple[str, ...]:
        """Return every name that `get` takes, sorted, without importing anything."""
        return tuple(sorted({*self._local, *self._claims}))

    def claims(self, name: str) -> tuple[Origin, ...]:
        """Return every origin that claims `name`, without importing any."""
        if name in self._local:
            return (self.origin(name),)
        return tuple(map(origin_of, self._claims.get(name, ())))

    def origin(self, name: str) -> Origin:
        """Return where `name` comes from, without importing it.

        Raises:
            UnknownNameError: There is no such name.
            PluginError: Several distributions claim it.
        """
        if name in self._local:
            return Origin(LOCAL, "", _target(self._local[name]))
        return origin_of(self._find(name))

    def get(self, name: str) -> T:
        """Return the object called `name`, importing it if this is its first use.

        Raises:
            UnknownNameError: There is no such name; the message lists those there are.
            PluginError: Several distributions claim it, or its package could not be imported.
        """
        if name in self._local:
            return self._local[name]
        entry_point = self._find(name)
        key = f"{distribution_of(entry_point)}:{entry_point.name}"
        if key not in self._loaded:
            self._loaded[key] = load(entry_point, kind=self.kind)
        loaded = self._loaded[key]
        if isinstance(loaded, PluginError):
            raise loaded
        return cast("T", loaded)

    def describe(self, name: str) -> Description[Info]:
        """Return what is known of `name`: its package is imported, and nothing is built.

        Raises:
            UnknownNameError: There is no such name.
            PluginError: Several distributions claim it, or its package could not be imported.
        """
        item = self.get(name)
        return Description(name, self.origin(name), self._info(item))

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
    def _offered(self) -> tuple[EntryPoint, ...]:
        return tuple(self._read(self.group))

    @cached_property
    def _claims(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        """Entry points by name; those of imgclass itself come first."""
        claims: dict[str, list[EntryPoint]] = {}
        for entry_point in self._offered:
            if not _is_disabled(distribution_of(entry_point)):
                claims.setdefault(entry_point.name, []).append(entry_point)
        return {
            name: tuple(
                sorted(found, key=lambda e: (distribution_of(e) != BUILT_IN, str(origin_of(e))))
            )
            for name, found in claims.items()
        }

    def _find(self, name: str) -> EntryPoint:
        distribution, _, plain = name.rpartition(":")
        claims = self._claims.get(plain, ())
        if distribution:
            claims = tuple(e for e in claims if distribution_of(e) == canonical(distribution))
        if not claims:
            raise UnknownNameError(self._miss(name))
        if len(claims) == 1:
            return claims[0]
        claimants = " and ".join(f"{distribution_of(e)}:{plain}" for e in claims)
        if distribution_of(claims[0]) == BUILT_IN:
            warnings.warn(
                f"{plain!r} is the {self.kind} of {BUILT_IN}; other packages claim the name too. "
                f"Ask for one of {claimants} to say which is meant.",
                PluginWarning,
                stacklevel=3,
            )
            return claims[0]
        raise PluginError(
            f"Expected one {self.kind} named {plain!r}; several packages offer it.",
            remedy=f"Ask for {claimants}, or uninstall all but one.",
        )

    def _miss(self, name: str) -> str:
        names = self.names()
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(names) or "none"
        return (
            f"Expected a known {self.kind}; received {name!r}.{hint} There are: {listed}. "
            f"{self._where_else(name)}"
        )

    def _where_else(self, name: str) -> str:
        """Say which package would bring a name, where that can be known."""
        distribution, _, plain = name.rpartition(":")
        wanted = canonical(distribution)
        for entry_point in self._offered:
            offering = distribution_of(entry_point)
            if entry_point.name == plain and wanted in ("", offering):
                return f"{offering} offers it, and {DISABLE_PLUGINS} leaves {offering} out."
        if distribution:
            return f"Install or upgrade {wanted} if it should offer {plain!r}."
        return (
            "A package that offers more is found as soon as it is installed, and again installed "
            "after its entry points change; your own code adds one with register(name, builder)."
        )


def _installed(group: str) -> Iterable[EntryPoint]:
    offered, faults = read_entry_points(group)
    for fault in faults:
        if not _is_disabled(fault.distribution):
            warnings.warn(str(fault), PluginWarning, stacklevel=2)
    return offered


def _is_disabled(distribution: str) -> bool:
    words = os.environ.get(DISABLE_PLUGINS, "").split(",")
    disabled = {canonical(word.strip()) for word in words}
    return distribution != BUILT_IN and not disabled.isdisjoint({distribution, "1", ALL})


def _target(item: object) -> str:
    return f"{getattr(item, '__module__', '?')}:{getattr(item, '__qualname__', repr(item))}"
