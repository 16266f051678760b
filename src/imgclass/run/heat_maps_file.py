"""`heat_maps.json`: where a network saw what it took the surest mistakes of val for."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.io.untrusted_files import exists
from imgclass.serialization import read_json

FILE, FORMAT = "heat_maps.json", 1
MOST = 24  # maps of a run: as many mistakes as the report shows large
LARGEST_SIDE = 32  # cells; ours have at most 14
LARGEST_FILE = 2**20  # bytes; ours have less than a tenth
STRONGEST = 255


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How much each part of an image spoke for the wrong class, against the right one.

    Attributes:
        path: Of the image, relative to the data set's folder.
        label: Its class.
        predicted: The class that it was taken for.
        rows: Cells of equal size from the top, each from the left: 0 is nothing, 255 the most.

    Raises:
        ValueError: The rows are no grid of such numbers.

    Example:
        >>> HeatMap("val/cat/1.png", "cat", "dog", ((0, 255), (10, 20))).rows[0]
        (0, 255)
    """

    path: str
    label: str
    predicted: str
    rows: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        sides = {len(self.rows), *map(len, self.rows)}
        if len(set(map(len, self.rows))) != 1 or not 0 < min(sides) <= max(sides) <= LARGEST_SIDE:
            raise ValueError(f"expected rows of one length, at most {LARGEST_SIDE} of each.")
        if not all(0 <= cell <= STRONGEST for row in self.rows for cell in row):
            raise ValueError(f"expected whole numbers from 0 to {STRONGEST}.")


@dataclass(frozen=True, slots=True)
class HeatMaps:
    """The file.

    Attributes:
        format: Of the file.
        maps: One for each mistake that was looked at.
    """

    format: int
    maps: tuple[HeatMap, ...]


def read_heat_maps(run: Path) -> tuple[HeatMap, ...]:
    """Return the maps of the run in a directory; none if there are none, or they are damaged.

    They explain a report, and nothing rests on them.
    """
    if not exists(run / FILE):
        return ()
    try:
        found = read_json(HeatMaps, run / FILE, limit=LARGEST_FILE)
    except (OSError, ValueError):
        return ()
    return found.maps[:MOST] if found.format == FORMAT else ()
