"""Reading every image once: facts in a list, fingerprints in one array."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imgclass.data.faults import Faults
from imgclass.data.inspection import Inspection, Inspector, inspect
from imgclass.errors import MachineError

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint, Prints

Runner = Callable[..., Iterator[Any]]
"""Yields the result of a job for each of some arguments, as `run_jobs` does."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What reading some images gave; inspections are without fingerprints."""

    inspections: Sequence[Inspection]
    prints: "Prints | None" = None

    @property
    def sound_fingerprints(self) -> "Fingerprint | None":
        """The fingerprints of the images without a fault."""
        if self.prints is None:
            return None
        sound = [index for index, found in enumerate(self.inspections) if not found.fault]
        all_sound = len(sound) == len(self.inspections)
        return self.prints.array if all_sound else self.prints.array[sound]


def scan(run: Runner, inspector: Inspector, sources: Sequence[str]) -> Scan:
    """Inspect the files of `inspector.images`; nothing is written."""
    prints = fingerprint_table(inspector, len(sources))
    pairs = [(source, None) for source in sources]
    return Scan(list(inspections(run, inspector, pairs, range(len(pairs)), prints)), prints)


def fingerprint_table(inspector: Inspector, count: int) -> "Prints | None":
    """Return an empty table for `count` fingerprints; None if none are taken."""
    if not inspector.fingerprints:
        return None
    from imgclass.data.duplicates.fingerprints import Prints  # NumPy

    return Prints(count)


def inspections(
    run: Runner,
    inspector: Inspector,
    pairs: Sequence[tuple[str, str | None]],
    indices: Iterable[int],
    prints: "Prints | None",
) -> Iterator[Inspection]:
    """Yield the inspection of each file, and put its fingerprint into its row of the table."""
    results: Iterator[Sequence[Any]] = run(inspect, pairs, common=inspector)
    for index, values in zip(indices, results, strict=True):
        found = Inspection(*values)
        if prints is not None:
            prints.keep(index, found.fingerprint)
            found = found._replace(fingerprint="")
        yield found


def require_readable(sources: Iterable[str], inspected: Iterable[Inspection]) -> None:
    """Stop if the machine did not let images be read; the message names them."""
    refused = Faults()
    for source, found in zip(sources, inspected, strict=True):
        if found.refusal:
            refused.add(f"{source!r}: {found.refusal}")
    if refused:
        raise MachineError(
            f"Expected to read every image; {len(refused)} could not be read. Make them readable, "
            f"or leave them out, and run again:\n{refused}"
        )
