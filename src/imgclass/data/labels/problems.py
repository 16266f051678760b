"""What to tell a user about rows and files: problems stop the work, notices do not."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from imgclass.data.faults import Faults, listing
from imgclass.data.labels.combined_labels import combination_notices
from imgclass.data.labels.id_readings import Reading
from imgclass.data.labels.image_index import ImageIndex, Rule
from imgclass.data.labels.matching import Matching
from imgclass.data.labels.other_files import OtherFiles
from imgclass.images.folder_contents import ImageFiles
from imgclass.images.formats import split_extension

MAX_CLASSES = 10_000  # a column with more distinct values holds ids or captions, not labels

_HOW: Mapping[Rule | Reading, str] = MappingProxyType(
    {"backslash": "\\ read as /", "folder": "a path that passes through the folder of images"}
)


def find_problems(
    matching: Matching,
    found: ImageFiles,
    *,
    strict: bool,
    allow_missing: bool,
    ignore_unlabelled: bool,
) -> tuple[str, ...]:
    """Return what makes a matching unusable, a paragraph each, with what to do."""
    problems = [
        _paragraph(matching.faults, "Contradictions", "Correct the table of labels or the folder.")
    ]
    if strict:
        repeated = (f"{row.at}: {row.id!r}, {row.label!r}" for row in matching.repeated)
        problems.append(_paragraph(Faults(repeated), "Repeated rows", "Remove them."))
    if not allow_missing:
        problems.append(
            _paragraph(
                Faults(_missing(matching, found)),
                "Rows without an image",
                f"{_tried(matching, found)}Add the images, or leave such rows out: allow_missing "
                "(--allow-missing).",
            )
        )
    if not ignore_unlabelled:
        problems.append(
            _paragraph(
                Faults(map(repr, matching.unlabelled)),
                "Images without a row",
                "Add the rows, or leave such images out: ignore_unlabelled (--ignore-unlabelled).",
            )
        )
    return tuple(filter(None, problems)) or tuple(filter(None, [_class_problem(matching)]))


def find_notices(matching: Matching, found: ImageFiles) -> tuple[str, ...]:
    """Return what a user should know about a usable matching, one sentence each."""
    notices = []
    for rule, images in sorted(matching.loose.items()):
        notices.append(
            f"Ids matched by {_HOW.get(rule, rule)}: {len(images):,}, such as {images[0].id!r} "
            f"with {images[0].source!r}."
        )
    used = {image.source for image in matching.images}
    plain = [file for file in found.files if file not in used and not split_extension(file)[1]]
    if plain:
        notices.append(f"Files without an image's extension: {len(plain):,}, {listing(plain)}.")
    if found.others:
        others = [f"{path} ({kind})" for path, kind in found.others.items()]
        notices.append(f"Entries left alone: {len(others):,}, {listing(others)}.")
    if found.hidden:
        notices.append(f"Hidden entries left out: {found.hidden:,}.")
    labels = {image.label for image in matching.images}
    if spaced := sorted(label for label in labels if label.strip() != label):
        notices.append(f"Labels kept with a space at an end: {len(spaced):,}, {listing(spaced)}.")
    return (*notices, *combination_notices(labels))


def _paragraph(faults: Faults, what: str, remedy: str) -> str:
    return f"{what}: {len(faults):,}\n{faults}\n  {remedy}" if faults else ""


def _missing(matching: Matching, found: ImageFiles) -> Iterator[str]:
    others = ImageIndex(tuple(found.others))
    unreadable = OtherFiles(found.files)
    for row in matching.missing:
        entries = others.find(row.id).files
        reason = unreadable.what_is_there(row.id)
        if entries:
            reason = f"{entries[0]!r} is {found.others[entries[0]]}"
        yield f"{row.at}: {row.id!r}{reason and f' ({reason})'}"


def _tried(matching: Matching, found: ImageFiles) -> str:
    """Say how ids are read, and show files of the folder, if no row has an image."""
    if matching.images or not matching.unlabelled:
        return ""
    return (
        "An id is tried as a path in the folder, with or without extension, as a number, and as "
        f"the name of a file in a subfolder. The folder has {len(found.files):,} files, such as "
        f"{matching.unlabelled[0]!r}. "
    )


def _class_problem(matching: Matching) -> str:
    counts = Counter(image.label for image in matching.images)
    if not counts:
        return f"Expected rows with images; received 0, and {len(matching.missing):,} without."
    label, number = counts.most_common(1)[0]
    if len(counts) == 1:
        return f"Expected at least 2 classes; all {number:,} images are labelled {label!r}."
    if len(counts) > MAX_CLASSES:
        return (
            f"Expected at most {MAX_CLASSES:,} classes; received {len(counts):,}, the largest "
            f"{label!r} with {number:,} images; name the column: label_column (--label-column)."
        )
    return ""
