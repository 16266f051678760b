"""A data set as text: how many images of each class are in each split, and what was left out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imgclass.cli.output import table
from imgclass.data.dataset.record import DATASET
from imgclass.data.faults import Faults
from imgclass.formatting import count, cut_apart

if TYPE_CHECKING:
    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.data.manifest import Manifest

FIRST_CLASSES = 20  # more would push the rest off a screen
LONGEST_NAME = 40  # characters


def data_text(folder: "ImageFolder") -> str:
    """Return the table of the splits, and, unless `organize` said it already, what was found."""
    is_organized = (folder.root / DATASET).is_file()
    return "\n\n".join((split_table(folder.manifest), *(() if is_organized else _found(folder))))


def split_table(manifest: "Manifest") -> str:
    """Return the number of images of each class in each split, as a table with totals.

    It has the first `FIRST_CLASSES` classes, and says how many more there are.
    """
    names = manifest.class_names
    splits = [split for split, images in manifest.counts.items() if images]
    counts = {split: manifest.class_counts(split) for split in splits}
    shown = cut_apart(names[:FIRST_CLASSES], LONGEST_NAME)
    rows = [("class", *splits, "all")]
    rows += [_row(text, [counts[split][name] for split in splits]) for name, text in shown.items()]
    if more := len(names) - len(shown):
        rest = names[FIRST_CLASSES:]
        sums = [sum(counts[split][name] for name in rest) for split in splits]
        rows.append(_row(f"and {count(more, 'more class', 'more classes')}", sums))
    rows.append(_row("all", [manifest.counts[split] for split in splits]))
    return table(rows)


def _row(name: str, images: list[int]) -> tuple[str, ...]:
    return name, *(f"{number:,}" for number in (*images, sum(images)))


def _found(folder: "ImageFolder") -> Iterator[str]:
    left_out = folder.left_out
    yield from left_out.notices
    if left_out.quarantined:
        faults = Faults(f"{item.source}: {item.reason}" for item in left_out.quarantined)
        number = count(len(left_out.quarantined), "image")
        yield f"Left out: {number} that cannot be used.\n{faults}"
