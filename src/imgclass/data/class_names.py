"""Class labels as directory names: exact, reversible, and the same on every file system."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from imgclass.errors import LabelsError

COLLISION = "case, outer spaces or dots, or in how accents are encoded"
MAX_NAME_BYTES = 255  # of one directory name on ext4, NTFS and APFS

# Separators, what Windows forbids, the escape itself; a first dot hides a file, Windows removes a
# last dot or space, a first space is overlooked.
_ESCAPED = re.compile(r'[%/\\:*?"<>|]|^[. ]|[. ]\Z')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)


def class_directory(label: str) -> str:
    """Return the directory name of a class; forbidden characters are escaped as in URLs.

    Example:
        >>> class_directory("Quercus robur"), class_directory("AC/DC"), class_directory("..")
        ('Quercus robur', 'AC%2FDC', '%2E%2E')
    """
    if not label.strip():
        raise LabelsError("the label is empty")
    if _CONTROL.search(label):
        raise LabelsError(f"the label {label!r} has a control character or line break")
    if label.partition(".")[0].strip().casefold() in _DEVICES:
        raise LabelsError(f"the label {label!r} is a device name that Windows reserves")
    escaped = _ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", label)
    try:
        size = len(escaped.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError as error:
        raise LabelsError(f"the label {label!r} is not valid Unicode") from error
    if size > MAX_NAME_BYTES:
        shown = f"{label[:40]!r}..."
        raise LabelsError(f"the label {shown} takes {size} bytes; {MAX_NAME_BYTES} are possible")
    return escaped


def class_label(directory: str) -> str:
    """Return the label whose `class_directory` is `directory`."""
    return unquote(directory, errors="strict")


def class_collisions(lines: Mapping[str, int]) -> Iterator[str]:
    """Yield labels that would share a directory on some file system, or look like one class.

    `lines` has the line on which each label first occurs.

    Example:
        >>> list(class_collisions({"Cat": 2, "dog": 3, "cat": 4}))
        ["'Cat' (line 2) and 'cat' (line 4) differ only in case..."]
    """
    for other, label in colliding_labels(lines):
        yield (
            f"{other!r} (line {lines[other]}) and {label!r} (line {lines[label]}) differ only in "
            f"{COLLISION}"
        )


def colliding_labels(labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of labels that some file system takes for one name."""
    first: dict[str, str] = {}
    for label in labels:
        other = first.setdefault(_folded(label), label)
        if other != label:
            yield other, label


def _folded(label: str) -> str:
    folded = unicodedata.normalize("NFC", label).casefold()
    return unicodedata.normalize("NFC", folded).strip(" .")
