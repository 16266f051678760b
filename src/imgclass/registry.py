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

    Iteration, `in` and `len` read package metadata and import nothing; `registry[name]` imports one
    package. `distribution:name` chooses one distribution if several offer the name.

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
        distribution, entry_point = self._find(name)
        key = f"{distribution}:{entry_point.name}"
        if key not in self._loaded:
            self._loaded[key] = load(entry_point, kind=self.kind)
        if isinstance(error := self._loaded[key], PluginError):
            raise error
        return cast("T", self._loaded[key])

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._local, *filter(self._offering, self._offers)}))

    def __len__(self) -> int:
        return sum(1 for _ in self)

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
        return tuple(map(origin_of, self._offering(name).values()))

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
        return origin_of(self._find(name)[1])

    def info(self, name: str) -> Info:
        """Return what `registry[name]` says about itself; nothing is built."""
        return self._info(self[name])

    @overload
    def register(self, name: str) -> Callable[[Item], Item]: ...

    @overload
    def register(self, name: str, item: T) -> T: ...

    def register(self, name: str, item: Any = None) -> Any:
        """Add or replace an object while this process runs, by a call or as a decorator.

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
        if self._offering(name):
            raise UsageError(
                f"Expected a new name for this {self.kind}; {name!r} is offered by "
                f"{self.origin(name)}. Choose another name."
            )
        self._local[name] = item
        return item

    @cached_property
    def _offers(self) -> Mapping[str, Mapping[str, EntryPoint]]:
        """Entry points by name and by distribution, imgclass's own first."""
        order = sorted(
            self._read(self.group), key=lambda e: (not _is_built_in(e), str(origin_of(e)))
        )
        offers: dict[str, dict[str, EntryPoint]] = {}
        for entry_point in order:
            by_distribution = offers.setdefault(entry_point.name, {})
            by_distribution[origin_of(entry_point).distribution] = entry_point
        return offers

    def _offering(self, name: str, *, disabled: bool = False) -> dict[str, EntryPoint]:
        """Return the entry points of `name` or `distribution:name`, by distribution."""
        distribution, _, plain = name.rpartition(":")
        return {
            offering: entry_point
            for offering, entry_point in self._offers.get(plain, {}).items()
            if canonical(distribution) in ("", offering) and _is_disabled(offering) == disabled
        }

    def _find(self, name: str) -> tuple[str, EntryPoint]:
        """Return the one distribution that `name` means, and its entry point."""
        offers = self._offering(name)
        if not offers:
            raise UnknownNameError(self._miss(name))
        claimants = " and ".join(f"{distribution}:{name}" for distribution in offers)
        if len(offers) > 1 and BUILT_IN not in offers:
            raise PluginError(
                f"Expected one {self.kind} named {name!r}; several packages offer it.",
                remedy=f"Ask for {claimants}, or uninstall all but one.",
            )
        if len(offers) > 1:
            warnings.warn(
                f"{name!r} is the {self.kind} of {BUILT_IN}; other packages offer the name too. "
                f"Ask for one of {claimants} to choose.",
                PluginWarning,
                stacklevel=3,
            )
        return next(iter(offers.items()))

    def _miss(self, name: str) -> str:
        near = get_close_matches(name, self, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        distribution = name.rpartition(":")[0]
        if disabled := "".join([*self._offering(name, disabled=True)][:1]):
            remedy = f"{disabled} offers it, and is turned off by {DISABLE_PLUGINS}."
        elif distribution:
            remedy = f"Install or upgrade {canonical(distribution)} if it should offer it."
        else:
            remedy = (
                "A package that offers more names is found once it is installed (again, if its "
                "entry points changed); your own code adds a name with register(name, builder)."
            )
        return (
            f"Expected a known {self.kind}; received {name!r}.{hint} There are: "
            f"{', '.join(self) or 'none'}. {remedy}"
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
