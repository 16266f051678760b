"""The verb `organize`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from imgclass.cli.data_text import summary_lines
from imgclass.cli.options import Json, MaxPixels, share_of
from imgclass.cli.organize_places import places_of, say_where_it_is_unpacked
from imgclass.cli.output import emit, progress_bar, table, visible_lines
from imgclass.data.faults import Faults
from imgclass.errors import UsageError
from imgclass.formatting import count

if TYPE_CHECKING:
    from imgclass.data.dataset.record import LeftOut
    from imgclass.data.manifest import Manifest
    from imgclass.data.organize.update import Changes

QUARANTINED = 4
MOST_CLASSES, FIRST_CLASSES = 30, 20  # more would push the rest off a screen


def organize(  # noqa: PLR0913 - typer makes an option of each parameter
    first: Annotated[
        Path | None,
        typer.Argument(metavar="[LABELS]", help="A table of ids and labels: CSV, JSONL, Parquet."),
    ] = None,
    second: Annotated[
        Path | None, typer.Argument(metavar="IMAGES", help="The folder of images, a zip or a tar.")
    ] = None,
    third: Annotated[Path | None, typer.Argument(metavar="[OUT]", help="As --out.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="A new folder for the data set.")] = None,
    val: Annotated[str, typer.Option(metavar="X|N", help="A fraction or a count.")] = "0.1",
    test: Annotated[str, typer.Option(metavar="X|N", help="A fraction or a count.")] = "0.1",
    seed: Annotated[int, typer.Option(help="Another seed is another split.")] = 0,
    transfer: Annotated[
        Literal["copy", "hardlink", "symlink", "move"], typer.Option(help="How files get there.")
    ] = "copy",
    id_column: Annotated[str | None, typer.Option(help="The table's column of ids.")] = None,
    label_column: Annotated[
        list[str] | None,
        typer.Option(help="That of labels; given more often, those of all classes (0 or 1)."),
    ] = None,
    group_column: Annotated[
        str | None, typer.Option(help="The column that says which images share a split.")
    ] = None,
    group_pattern: Annotated[
        str | None, typer.Option(help="A regular expression that finds it in an image's name.")
    ] = None,
    split_column: Annotated[
        str | None, typer.Option(help="The column of splits; '' to leave it unused.")
    ] = None,
    val_values: Annotated[
        list[str] | None, typer.Option(help="A value of it that means val; may be repeated.")
    ] = None,
    test_values: Annotated[
        list[str] | None, typer.Option(help="A value of it that means test; may be repeated.")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="What separates a CSV's fields.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a text file.")] = "utf-8",
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first line is a row; columns are 1, 2, ...")
    ] = False,
    check_images: Annotated[
        Literal["full", "header", "off"], typer.Option(help="How closely images are looked at.")
    ] = "full",
    duplicates: Annotated[
        Literal["group", "drop", "report", "off"],
        typer.Option(help="Images of one picture: one split, or no repeats, or only named."),
    ] = "group",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse repeated rows.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Leave out rows without an image.")
    ] = False,
    ignore_unlabelled: Annotated[
        bool, typer.Option("--ignore-unlabelled", help="Leave out images without a row or a label.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Add what is new to the data set that OUT is.")
    ] = False,
    undo: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Alone: move OUT's images back to where they were."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, write nothing.")] = False,
    max_pixels: MaxPixels = None,
    json: Json = False,
) -> None:
    """Make class directories of labels and a folder of images.

    They are OUT/{train,val,test}/CLASS/, with a manifest of every image; nothing is overwritten.
    Without LABELS, the folder has them: in metadata.csv, in one table, or as a folder for each
    class.
    """
    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.data.organize.organizer import DatasetOrganizer

    del max_pixels  # its callback has done the work
    words = [word for word in (first, second, third) if word is not None]
    if undo is not None:
        _undo(undo, alone=not words and out is None, as_json=json)
        return
    labels, images, out = places_of(words, out, dry_run=dry_run)
    if update and dry_run:
        raise UsageError("Expected --update or --dry-run; received both.")
    organizer = DatasetOrganizer(
        val=share_of(val, option="--val"),
        test=share_of(test, option="--test"),
        seed=seed,
        transfer=transfer,
        check_images=check_images,
        duplicates=duplicates,
        id_column=id_column,
        label_column=label_column[0] if label_column and len(label_column) == 1 else label_column,
        group_column=group_column,
        group_pattern=group_pattern,
        split_column=split_column,
        val_values=val_values or (),
        test_values=test_values or (),
        delimiter=delimiter,
        encoding=encoding,
        header=not no_header,
        strict=strict,
        allow_missing=allow_missing,
        ignore_unlabelled=ignore_unlabelled,
    )
    say_where_it_is_unpacked(images, out)
    changes = None
    bar, progress = progress_bar("organizing")
    with bar:
        if dry_run or out is None:
            plan = organizer.plan(labels, images, progress=progress)
            manifest, left_out, place = plan.manifest, plan.left_out, None
        else:
            if update:
                changes = organizer.update(labels, images, out, progress=progress)
                folder = ImageFolder.open(out)
            else:
                folder = organizer.organize(labels, images, out, progress=progress)
            manifest, left_out, place = folder.manifest, folder.left_out, folder.root
    quarantined = left_out.quarantined if changes is None else changes.quarantined
    repeated = left_out.repeated if changes is None else changes.repeated
    left_out = replace(left_out, quarantined=quarantined, repeated=repeated)
    payload = _payload(manifest, left_out, out, place) | _changes(changes)
    text = f"{_text(manifest, left_out, place)}{_changes_text(changes)}"
    emit(payload, visible_lines(text), as_json=json)
    if quarantined:
        raise typer.Exit(QUARANTINED)


def _undo(out: Path, *, alone: bool, as_json: bool) -> None:
    from imgclass.data.organize.move import undo

    if not alone:
        raise UsageError("Expected --undo OUT alone; received other arguments, too.")
    bar, progress = progress_bar("moving back")
    with bar:
        images = undo(out, progress=progress)
    where = f"in {images}" if images else "back where they were"
    text = f"All images are {where} again; {out} is gone."
    emit({"root": str(out), "images": images and str(images)}, visible_lines(text), as_json=as_json)


def _changes(changes: "Changes | None") -> dict[str, Any]:
    if changes is None:
        return {}
    return {
        "added": [sample.path for sample in changes.added],
        "removed": list(changes.removed),
        "changed": list(changes.changed),
    }


def _changes_text(changes: "Changes | None") -> str:
    if changes is None:
        return ""
    lines = [f"\n\nadded: {len(changes.added):,} images", *changes.notices]
    for what, items in (
        ("gone from the labels or the folder, kept in the data set", changes.removed),
        ("changed, kept as the data set has them", changes.changed),
    ):
        lines += _listed(what, items, verb="reported")
    return "\n\n".join(lines)


def _payload(
    manifest: "Manifest", left_out: "LeftOut", out: Path | None, place: Path | None
) -> dict[str, Any]:
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


def _text(manifest: "Manifest", left_out: "LeftOut", place: Path | None) -> str:
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
