"""Registry: a Mapping of names to objects that packages offer; each is imported on first use."""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Generic, cast, overload

from importlib_metadata import EntryPoint
from typing_extensions import TypeVar

from imgclass.distributions import BUILT_IN, canonical
from imgclass.entry_points import LOCAL, Origin, load, origin_of, read_entry_points
from imgclass.errors import PluginError, PluginWarning, UnknownNameError, UsageError

T = TypeVar("T")
Info = TypeVar("Info", default=None)
Item = TypeVar("Item")

DISABLE_PLUGINS = "IMGCLASS_DISABLE_PLUGINS"
ALL = "all"


class Registry(Mapping[str, T], Generic[T, Info]):
    """Objects by name: the entry points of installed packages, and what your code registers.

    Names are read from package metadata. Iteration, `in` and `len` import nothing; `registry[name]`
    and `registry.get(name)` import one package. A package that cannot be imported fails alone.
    `distribution:name` names the entry of one distribution if several offer the name.

    Args:
        group: The entry-point group.
        kind: What an object is called in messages, such as `architecture`.
        info: Returns what an object says about itself, for `registry.info(name)`.
        entry_points: Returns the entry points of a group; the installed ones if not given.

    The environment variable `IMGCLASS_DISABLE_PLUGINS` turns plugins off: all of them (`1` or
    `all`), or those of a comma-separated list of packages.

    Raises:
        UnknownNameError: `registry[name]` with an unknown name; the message lists the known ones.
        PluginError: `registry[name]` where several distributions offer the name, or the package
            cannot be imported.

    Example:
        >>> shapes = Registry[str]("example.shapes", kind="shape", entry_points=lambda group: ())
        >>> shapes.register("round", "a circle")
        'a circle'
        >>> list(shapes), "round" in shapes, shapes["round"], shapes.get("square")
        (['round'], True, 'a circle', None)
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

    def __getitem__(self, name: str) -> T:
        if name in self._local:
            return self._local[name]
        entry_point = self._find(name)
        key = _qualified(entry_point)
        if key not in self._loaded:
            self._loaded[key] = load(entry_point, kind=self.kind)
        loaded = self._loaded[key]
        if isinstance(loaded, PluginError):
            raise loaded
        return cast("T", loaded)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._local, *self._offers}))

    def __len__(self) -> int:
        return len({*self._local, *self._offers})

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.claims(name))

    # A Mapping compares all of its values, which would import every plugin.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        lines = [f"  {name}: {' and '.join(map(str, self.claims(name)))}" for name in self]
        return "\n".join([f"<Registry {self.group!r} with {len(lines)} names>", *lines])

    def claims(self, name: str) -> tuple[Origin, ...]:
        """Return every origin that offers `name`; nothing is imported."""
        if name in self._local:
            return (self.origin(name),)
        return tuple(map(origin_of, self._offering(name)))

    def origin(self, name: str) -> Origin:
        """Return where `name` comes from; nothing is imported.

        Raises:
            UnknownNameError: There is no such name.
            PluginError: Several distributions offer it.
        """
        if name in self._local:
            item: Any = self._local[name]
            attribute = getattr(item, "__qualname__", repr(item))
            return Origin(LOCAL, "", f"{getattr(item, '__module__', '?')}:{attribute}")
        return origin_of(self._find(name))

    def info(self, name: str) -> Info:
        """Return what `registry[name]` says about itself; nothing is built."""
        return self._info(self[name])

    @overload
    def register(self, name: str) -> Callable[[Item], Item]: ...

    @overload
    def register(self, name: str, item: T) -> T: ...

    def register(self, name: str, item: Any = None) -> Any:
        """Add an object for as long as this process runs, by a call or as a decorator.

        Registering a name again replaces its object.

        Returns:
            `item`; without `item`, a decorator that registers what stands below it.

        Raises:
            UsageError: The name has other characters, or an installed distribution offers it.

        Example:
            >>> tests = Registry[object]("example.tests", kind="test", entry_points=lambda _: ())
            >>> @tests.register("is_even")
            ... def is_even(number: int) -> bool:
            ...     return number % 2 == 0
            >>> tests["is_even"](4), str(tests.origin("is_even"))
            (True, 'this process (imgclass.registry:is_even)')
        """
        if item is None:
            return lambda decorated: self.register(name, decorated)
        if not re.fullmatch(r"[\w.-]+", name):
            raise UsageError(
                f"Expected a name of letters, digits, '_', '-' and '.'; received {name!r}."
            )
        if name in self._offers:
            raise UsageError(
                f"Expected a new name for this {self.kind}; {name!r} is offered by "
                f"{self.origin(name)}. Choose another name."
            )
        self._local[name] = item
        return item

    @cached_property
    def _all_offers(self) -> tuple[EntryPoint, ...]:
        return tuple(self._read(self.group))

    @cached_property
    def _offers(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        """Entry points by name, without the disabled ones; those of imgclass come first."""
        offers: dict[str, tuple[EntryPoint, ...]] = {}
        order = sorted(self._all_offers, key=lambda e: (not _is_built_in(e), str(origin_of(e))))
        for entry_point in order:
            if not _is_disabled(origin_of(entry_point).distribution):
                offers[entry_point.name] = (*offers.get(entry_point.name, ()), entry_point)
        return offers

    def _offering(self, name: str) -> tuple[EntryPoint, ...]:
        """Return the entry points of `name` or of `distribution:name`."""
        distribution, _, plain = name.rpartition(":")
        wanted = canonical(distribution)
        found = self._offers.get(plain, ())
        return tuple(e for e in found if wanted in ("", origin_of(e).distribution))

    def _find(self, name: str) -> EntryPoint:
        offers = self._offering(name)
        if not offers:
            raise UnknownNameError(self._miss(name))
        if len(offers) == 1:
            return offers[0]
        claimants = " and ".join(map(_qualified, offers))
        if _is_built_in(offers[0]):
            warnings.warn(
                f"{name!r} is the {self.kind} of {BUILT_IN}; other packages offer the name too. "
                f"Ask for one of {claimants} to choose.",
                PluginWarning,
                stacklevel=3,
            )
            return offers[0]
        raise PluginError(
            f"Expected one {self.kind} named {name!r}; several packages offer it.",
            remedy=f"Ask for {claimants}, or uninstall all but one.",
        )

    def _miss(self, name: str) -> str:
        near = get_close_matches(name, self, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return (
            f"Expected a known {self.kind}; received {name!r}.{hint} There are: "
            f"{', '.join(self) or 'none'}. {self._where_else(name)}"
        )

    def _where_else(self, name: str) -> str:
        """Return which package would bring a name, as far as that can be known."""
        distribution, _, plain = name.rpartition(":")
        wanted = canonical(distribution)
        for entry_point in self._all_offers:
            offering = origin_of(entry_point).distribution
            if entry_point.name == plain and wanted in ("", offering):
                return f"{offering} offers it, and is turned off by {DISABLE_PLUGINS}."
        if distribution:
            return f"Install or upgrade {wanted} if it should offer {plain!r}."
        return (
            "A package that offers more names is found once it is installed (again, if its entry "
            "points changed); your own code adds a name with register(name, builder)."
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


def _is_built_in(entry_point: EntryPoint) -> bool:
    return origin_of(entry_point).distribution == BUILT_IN


def _qualified(entry_point: EntryPoint) -> str:
    return f"{origin_of(entry_point).distribution}:{entry_point.name}"
