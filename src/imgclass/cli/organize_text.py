"""What `imgclass organize` says of a data set, as text and as values for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgclass.cli.data_text import summary_lines
from imgclass.cli.output import table
from imgclass.data.faults import Faults
from imgclass.formatting import count

if TYPE_CHECKING:
    from imgclass.data.dataset.record import LeftOut
    from imgclass.data.manifest import Manifest
    from imgclass.data.organize.update import Changes

MOST_CLASSES, FIRST_CLASSES = 30, 20  # more would push the rest off a screen


def changes_payload(changes: "Changes | None") -> dict[str, Any]:
    """Return what an update found, for the JSON object; nothing if there was none."""
    if changes is None:
        return {}
    return {
        "added": [sample.path for sample in changes.added],
        "removed": list(changes.removed),
        "changed": list(changes.changed),
    }


def changes_text(changes: "Changes | None") -> str:
    """Return what an update found, as text; nothing if there was none."""
    if changes is None:
        return ""
    lines = [f"\n\nadded: {len(changes.added):,} images", *changes.notices]
    for what, items in (
        ("gone from the labels or the folder, kept in the data set", changes.removed),
        ("changed, kept as the data set has them", changes.changed),
    ):
        lines += _listed(what, items, verb="reported")
    return "\n\n".join(lines)


def data_set_payload(
    manifest: "Manifest", left_out: "LeftOut", out: Path | None, place: Path | None
) -> dict[str, Any]:
    """Return a data set and what was left out, for the JSON object."""
    return {
        "root": out and str(out),
        "class_names": list(manifest.class_names),
        "counts": manifest.counts,
        "rows_without_image": list(left_out.rows_without_image),
        "images_without_row": list(left_out.images_without_row),
        "quarantined": [asdict(item) for item in left_out.quarantined],
        "repeated": [asdict(item) for item in left_out.repeated],
        "duplicates": [asdict(pair) for pair in left_out.duplicates],
        "notices": list(left_out.notices),
        "manifest": place and str(place / "manifest.csv"),
    }


def manifest_text(manifest: "Manifest", place: Path | None = None) -> str:
    """Return the number of images of each class in each split, as a table.

    Of more than `MOST_CLASSES` it shows the first `FIRST_CLASSES`, and says where the others are.
    `place` is None for a data set that was not written.
    """
    names = manifest.class_names
    shown = names if len(names) <= MOST_CLASSES else names[:FIRST_CLASSES]
    counts = {split: manifest.class_counts(split) for split in manifest.counts}
    rows = [("class", *counts)]
    rows += [(name, *(f"{c[name]:,}" for c in counts.values())) for name in shown]
    rows.append(("all", *(f"{n:,}" for n in manifest.counts.values())))
    if len(shown) == len(names):
        return table(rows)
    sizes = {name: sum(c[name] for c in counts.values()) for name in names}
    smallest = min(names, key=lambda name: sizes[name])
    where = "manifest.csv" if place is None else place / "manifest.csv"
    more = (
        f"and {len(names) - len(shown):,} more classes; the smallest of all {len(names):,} is "
        f"{smallest} with {count(sizes[smallest], 'image')}. "
        f"{'A run without --dry-run writes' if place is None else 'All are in'} {where}"
    )
    return f"{table(rows)}\n{more}"


def data_set_text(manifest: "Manifest", left_out: "LeftOut", place: Path | None) -> str:
    """Return a data set and what was left out, as text; `place` is None if it was not written."""
    from imgclass.data.dataset.summary import summarize

    repeated = [f"{item.source}: the same as {item.kept}" for item in left_out.repeated]
    reasons = [f"{q.source}: {q.reason}" for q in left_out.quarantined]
    return "\n\n".join(
        (
            manifest_text(manifest, place),
            "\n".join(summary_lines(summarize(manifest))),
            *left_out.notices,
            *_listed("rows without an image", left_out.rows_without_image),
            *_listed("images without a row", left_out.images_without_row),
            *_listed("images that cannot be used, left where they are", reasons),
            *_listed("images whose bytes others have, left where they are", repeated),
            _closing(place),
        )
    )


def _listed(what: str, items: Sequence[str], *, verb: str = "left out") -> Iterator[str]:
    if items:
        faults = Faults()
        for item in items:
            faults.add(item)
        yield f"{verb}: {len(items):,} {what}\n{faults}"


def _closing(place: Path | None) -> str:
    if place is None:
        return "Nothing was written (--dry-run)."
    return (
        f"data set  {place}\nmanifest  {place / 'manifest.csv'}\nnext      imgclass train {place}"
    )
