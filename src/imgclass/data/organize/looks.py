"""What looking at every image gave: facts in a list, fingerprints in one array."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgclass.data.faults import Faults
from imgclass.data.inspection import Inspection
from imgclass.errors import MachineError

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprint_table import Prints
    from imgclass.data.duplicates.fingerprints import Fingerprint


def require_readable(sources: Iterable[str], inspections: Iterable[Inspection]) -> None:
    """Refuse to go on where the machine did not let images be read.

    Raises:
        MachineError: So it was; the message names them.
    """
    refused = Faults()
    for source, found in zip(sources, inspections, strict=True):
        if found.refusal:
            refused.add(f"{source!r}: {found.refusal}")
    if refused:
        raise MachineError(
            f"Expected to read every image; {len(refused)} could not be read, so nothing was "
            f"organized. Make them readable, or take their rows out, and run again:\n{refused}"
        )


@dataclass(frozen=True, slots=True)
class Looks:
    """What looking at some images gave.

    Attributes:
        inspections: Of each, without its fingerprint.
        prints: The fingerprints; None where they were not asked for.
    """

    inspections: Sequence[Inspection]
    prints: "Prints | None" = None

    @property
    def prints_of_sound(self) -> "Fingerprint | None":
        """The fingerprints of the images without a fault."""
        if self.prints is None:
            return None
        sound = [index for index, found in enumerate(self.inspections) if not found.fault]
        everyone = len(sound) == len(self.inspections)
        return self.prints.array if everyone else self.prints.array[sound]
