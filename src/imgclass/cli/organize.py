"""The verb `organize`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from imgclass.cli.options import Json, MaxPixels, share_of
from imgclass.cli.organize_places import places_of, say_where_it_is_unpacked
from imgclass.cli.organize_text import (
    changes_payload,
    changes_text,
    data_set_payload,
    data_set_text,
)
from imgclass.cli.output import emit, progress_bar, visible_lines
from imgclass.errors import UsageError

QUARANTINED = 4


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
    payload = data_set_payload(manifest, left_out, out, place) | changes_payload(changes)
    text = f"{data_set_text(manifest, left_out, place)}{changes_text(changes)}"
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
