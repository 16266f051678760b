"""Matching rows of labels with files, and what remains of both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from imgclass.data.faults import Faults, listing
from imgclass.data.labels.id_readings import Reading, is_absolute, leads_out, other_readings
from imgclass.data.labels.image_index import ImageIndex, Match, Rule
from imgclass.data.labels.rows import LabelRow
from imgclass.data.manifest import Split
from imgclass.images.formats import split_extension


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image file and its label, exactly as in the table, and the line where its row begins.

    `source` is relative to the folder of images, with `/`. `split` is None unless the user gave it.
    `class_folder` is the folder of the class, with a last `/`, if the label is the name of a
    folder; else it is empty.
    """

    id: str
    label: str
    source: str
    line: int
    group: str | None = None
    split: Split | None = None
    class_folder: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """Every row and every image file, each in exactly one place.

    `missing` rows match no file, `faults` several, or they contradict an earlier row; the ids of
    `unsafe` ones lead out of the folder; `unlabelled` files have no row. Images in `loose` match in
    another way than by their path or name.
    """

    images: tuple[LabelledImage, ...]
    missing: tuple[LabelRow, ...]
    repeated: tuple[LabelRow, ...]
    faults: Faults
    unsafe: Faults
    unlabelled: tuple[str, ...]
    loose: Mapping[Rule | Reading, Sequence[LabelledImage]] = field(default_factory=dict)


def match_rows(
    rows: Sequence[LabelRow],
    files: Sequence[str],
    *,
    folder: str = "",
    splits: Mapping[str, Split] | None = None,
) -> Matching:
    """Match rows with files, relative to the folder of images; `splits` says what values mean."""
    index = ImageIndex(files)
    images: list[LabelledImage] = []
    missing: list[LabelRow] = []
    repeated: list[LabelRow] = []
    faults, unsafe = Faults(), Faults()
    loose: dict[Rule | Reading, list[LabelledImage]] = {}
    ambiguous: set[str] = set()
    first: dict[str, LabelRow] = {}
    for row in rows:
        how, match = _find(row, index, folder)
        if not match.files and (leads_out(row.id) or is_absolute(row.id)):
            unsafe.add(f"{row.at}: the id {row.id!r} could lead out of the folder of images")
            continue
        if len(match.files) > 1:
            faults.add(f"{row.at}: {row.id!r} could mean any of {listing(match.files)}")
            ambiguous.update(match.files)
            continue
        source = match.files[0] if match.files else None
        earlier = first.setdefault(source or _key(row), row)
        if earlier is not row:
            if fault := _contradiction(earlier, row):
                faults.add(fault)
            else:
                repeated.append(row)
        elif source is None:
            missing.append(row)
        else:
            split = splits.get(row.split or "") if splits else None
            images.append(LabelledImage(row.id, row.label, source, row.line, row.group, split))
            if how not in {"path", "name"}:
                loose.setdefault(how, []).append(images[-1])
    return Matching(
        images=tuple(images),
        missing=tuple(missing),
        repeated=tuple(repeated),
        faults=faults,
        unsafe=unsafe,
        unlabelled=tuple(
            file
            for file in files
            if file not in first and file not in ambiguous and split_extension(file)[1]
        ),
        loose=loose,
    )


def _find(row: LabelRow, index: ImageIndex, folder: str) -> tuple[Rule | Reading, Match]:
    """Return the files that a row can mean, and how they were found."""
    found = Match("path", ())
    if row.folder is None and not leads_out(row.id):  # as nearly all rows
        found = index.find(row.id)
        if found.files:
            return found.rule, found
    for image_id in _ids(row):
        if leads_out(image_id):
            return "path", Match("path", ())
        found = index.find(image_id)
        if found.files:
            return found.rule, found
        for reading, path in other_readings(image_id, folder):
            other = index.find(path)
            if other.files:
                return reading, other
    return found.rule, found


def _ids(row: LabelRow) -> Iterator[str]:
    if row.folder:
        yield f"{row.folder.rstrip('/')}/{row.id}"
    yield row.id


def _key(row: LabelRow) -> str:
    return next(_ids(row))


def _contradiction(earlier: LabelRow, row: LabelRow) -> str | None:
    lines = f"{row.unit}s {earlier.line} and {row.line}"
    if _key(earlier) != _key(row):
        return f"{lines}: the ids {_key(earlier)!r} and {_key(row)!r} mean the same file"
    if earlier.label != row.label:
        return f"{lines}: {row.id!r} is labelled {earlier.label!r} and {row.label!r}"
    if earlier.group != row.group:
        return f"{lines}: {row.id!r} is in the groups {earlier.group!r} and {row.group!r}"
    if earlier.split != row.split:
        return f"{lines}: {row.id!r} is in the splits {earlier.split!r} and {row.split!r}"
    return None
