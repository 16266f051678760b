"""The option `--no-plugins`, and warnings about plugins as lines."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from imgclass.cli.output import note
from imgclass.distributions import BUILT_IN, canonical
from imgclass.entry_points import origin_of, read_entry_points
from imgclass.errors import CheckpointWarning, PluginWarning, UsageError
from imgclass.registry import ALL, DISABLE_PLUGINS

OWN = (PluginWarning, CheckpointWarning)
GROUPS = ("imgclass.architectures", "imgclass.diagnoser_rules")


def leave_out(text: str | None) -> None:
    """Turn off the plugins of packages (`a,b` or `all`), in child processes, too."""
    if not text:
        return
    known = sorted({*_packages(), ALL} - {BUILT_IN})
    for word in text.split(","):
        if canonical(word.strip()) not in known:
            near = get_close_matches(canonical(word.strip()), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UsageError(
                f"Expected --no-plugins PACKAGE,... of packages that offer plugins; received "
                f"{word.strip()!r}.{hint} There are: {', '.join(known)}."
            )
    os.environ[DISABLE_PLUGINS] = ",".join(filter(None, (os.environ.get(DISABLE_PLUGINS), text)))


NoPlugins = Annotated[
    str | None,
    typer.Option(
        metavar="PACKAGE,...|all",
        callback=leave_out,
        help="Turn off the plugins of these packages.",
    ),
]


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print imgclass's own warnings once each, as lines; others as usual."""
    with warnings.catch_warnings():
        warnings.showwarning = _noting(warnings.showwarning)
        yield


def _noting(usual: Callable[..., None]) -> Callable[..., None]:
    said: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
        if not issubclass(category, OWN):
            usual(message, category, *place)
        elif str(message) not in said:
            note(f"imgclass: {message}")
            said.add(str(message))

    return show


def _packages() -> Iterator[str]:
    for group in GROUPS:
        offered, faults = read_entry_points(group)
        yield from (origin_of(entry_point).distribution for entry_point in offered)
        yield from (fault.distribution for fault in faults)
