"""A data set before it is used: its images by class and split, their kinds, what is ignored."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from imgclass.cli.output import table
from imgclass.data.dataset.record import DATASET, LEFT_OUT
from imgclass.data.faults import Faults
from imgclass.formatting import count, cut_apart

if TYPE_CHECKING:
    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.data.dataset.summary import ImageSummary
    from imgclass.data.manifest import Manifest

FIRST_CLASSES = 20  # more would push the rest off a screen
LONGEST_NAME = 40  # characters


def data_text(folder: "ImageFolder") -> str:
    """Return what a data set holds: images by class and split, their kinds, and what is ignored."""
    from imgclass.data.dataset.summary import summarize

    lines = [*summary_lines(summarize(folder.manifest)), *_found(folder)]
    return "\n\n".join((split_table(folder.manifest), "\n".join(lines)))


def data_payload(folder: "ImageFolder") -> dict[str, Any]:
    """Return the facts of `data_text` for `--json`; sizes are `[height, width]` in pixels."""
    from imgclass.data.dataset.summary import summarize

    found, manifest = summarize(folder.manifest), folder.manifest
    left_out = folder.left_out
    return {
        "root": str(folder.root),
        "counts": {split: manifest.class_counts(split) for split in manifest.counts},
        **summary_payload(found),
        "quarantined": [asdict(item) for item in left_out.quarantined],
        "notices": list(left_out.notices),
    }


def summary_payload(found: "ImageSummary") -> dict[str, Any]:
    """Return sizes, `[height, width]` in pixels, and formats for `--json`."""
    sizes = {"smallest": found.smallest, "median": found.median, "largest": found.largest}
    return {"sizes": sizes, "formats": dict(found.formats)}


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


def summary_lines(found: "ImageSummary") -> Iterator[str]:
    """Yield a line of the sizes of images, and one of their formats."""
    if found.smallest is None or found.median is None or found.largest is None:
        yield "sizes    unknown"
    elif found.smallest == found.largest:
        yield f"sizes    {_size(found.median)}"
    else:
        yield (
            f"sizes    {_size(found.smallest)} to {_size(found.largest)}, "
            f"median {_size(found.median)}"
        )
    yield f"formats  {', '.join(f'{number:,} {name}' for name, number in found.formats.items())}"


def _size(size: tuple[int, int]) -> str:
    """Return `(height, width)` in the order that people use."""
    return f"{size[1]:,} x {size[0]:,}"


def _found(folder: "ImageFolder") -> Iterator[str]:
    """Yield what was found beside the images; of an organized data set, where that stands."""
    left_out = folder.left_out
    if (folder.root / DATASET).is_file():  # organize said the rest
        if number := len(left_out.quarantined) + len(left_out.repeated):
            yield f"{count(number, 'image')} left out by organize: see {LEFT_OUT}"
        return
    yield from left_out.notices
    if left_out.quarantined:
        faults = Faults(f"{item.source}: {item.reason}" for item in left_out.quarantined)
        images = count(len(left_out.quarantined), "image")
        yield f"Left out: {images} that cannot be used.\n{faults}"
