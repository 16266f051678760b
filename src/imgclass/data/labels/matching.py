"""Matching rows of labels with files, and what remains of both."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgclass.data.faults import Faults, listing
from imgclass.data.labels.image_index import ImageIndex, Rule
from imgclass.data.labels.rows import LabelRow
from imgclass.images.formats import split_extension


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image file and its label, exactly as in the CSV, and the line where its row begins.

    `source` is relative to the folder of images, with `/`.
    """

    id: str
    label: str
    source: str
    line: int
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """Every row and every image file, each in exactly one place.

    `missing` rows match no file, `faults` several, or they contradict an earlier row; `unlabelled`
    files have no row. Images in `loose` match only by number or by their name in a subfolder.
    """

    images: tuple[LabelledImage, ...]
    missing: tuple[LabelRow, ...]
    repeated: tuple[LabelRow, ...]
    faults: Faults
    unlabelled: tuple[str, ...]
    loose: dict[Rule, list[LabelledImage]]


def match_rows(rows: Sequence[LabelRow], files: Sequence[str]) -> Matching:
    """Match rows with files, relative to the folder of images."""
    index = ImageIndex(files)
    images: list[LabelledImage] = []
    missing: list[LabelRow] = []
    repeated: list[LabelRow] = []
    faults = Faults()
    loose: dict[Rule, list[LabelledImage]] = {"number": [], "subfolder": []}
    ambiguous: set[str] = set()
    first: dict[str, LabelRow] = {}
    for row in rows:
        match = index.find(row.id)
        if len(match.files) > 1:
            faults.add(f"line {row.line}: {row.id!r} could mean any of {listing(match.files)}")
            ambiguous.update(match.files)
            continue
        source = match.files[0] if match.files else None
        earlier = first.setdefault(source or row.id, row)
        if earlier is not row:
            if fault := _contradiction(earlier, row):
                faults.add(fault)
            else:
                repeated.append(row)
        elif source is None:
            missing.append(row)
        else:
            images.append(LabelledImage(row.id, row.label, source, row.line, row.group))
            if match.rule in loose:
                loose[match.rule].append(images[-1])
    return Matching(
        images=tuple(images),
        missing=tuple(missing),
        repeated=tuple(repeated),
        faults=faults,
        unlabelled=tuple(
            file
            for file in files
            if file not in first and file not in ambiguous and split_extension(file)[1]
        ),
        loose=loose,
    )


def _contradiction(earlier: LabelRow, row: LabelRow) -> str | None:
    lines = f"lines {earlier.line} and {row.line}"
    if earlier.id != row.id:
        return f"{lines}: the ids {earlier.id!r} and {row.id!r} mean the same file"
    if earlier.label != row.label:
        return f"{lines}: {row.id!r} is labelled {earlier.label!r} and {row.label!r}"
    if earlier.group != row.group:
        return f"{lines}: {row.id!r} is in the groups {earlier.group!r} and {row.group!r}"
    return None
