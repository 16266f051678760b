"""What lies in a data set and is not used, a sentence for each reason."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

from imgclass.formatting import count, cut
from imgclass.images.extras import EXTRAS, Extra, missing_extra
from imgclass.images.folder_contents import OUTSIDE
from imgclass.images.formats import split_extension

FILE = "a regular file"
SHOWN = 3  # names, and kinds of files
LONGEST = 60  # characters of a name

# Pictures of kinds that people have and imgclass does not read: drawings, raw data of cameras,
# layers of an editor, videos, and codecs that Pillow does not read without further libraries.
UNREAD_PICTURES = frozenset(  # in lower case
    "svg eps ai pdf psd xcf ico icns tga dds exr hdr jp2 j2k jpx jxl jxr bpg pcx xpm "  # noqa: SIM905
    "cr2 cr3 nef arw dng raf orf rw2 pef srw nii mha nrrd mp4 mov avi mkv webm".split()
)

Reason = Literal["picture", "loose", "outside", "odd", "other"]


def describe_ignored(others: Mapping[str, str], *, hidden: int = 0) -> Iterator[str]:
    """Yield a sentence for each reason why files are ignored, with their number and kinds.

    Args:
        others: The kind of each entry that is no image in a class folder, by its path: `FILE`,
            `OUTSIDE`, or one of `ImageFiles.others`.
        hidden: Number of hidden and system files.

    Example:
        >>> for sentence in describe_ignored({"cat/1.svg": FILE, "cat/a.txt": FILE}, hidden=2):
        ...     print(sentence)
        1 .svg file is ignored; convert it to JPEG or PNG to use it.
        1 other file is ignored: 1 .txt.
        2 hidden or system files are ignored.
    """
    groups: defaultdict[Extra | Reason, list[str]] = defaultdict(list)
    for path, kind in others.items():
        groups[_reason(path, kind)].append(path)
    for extra in EXTRAS.values():
        if paths := groups[extra]:
            yield _sentence(
                f"{_kinds(paths)} file", paths, f"; {extra.command} reads {_them(paths)}"
            )
    if paths := groups["picture"]:
        them = _them(paths)
        advice = f"; convert {them} to JPEG or PNG to use {them}"
        yield _sentence(f"{_kinds(paths)} file", paths, advice)
    for reason, noun in _NOUNS.items():
        if paths := groups[reason]:
            yield _sentence(count(len(paths), *noun), paths, f": {_shown(reason, paths, others)}")
    if hidden:
        verb = "is" if hidden == 1 else "are"
        yield f"{count(hidden, 'hidden or system file')} {verb} ignored."


_NOUNS: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        "loose": ("image outside of class folders", "images outside of class folders"),
        "outside": (
            "link to a folder outside of the data set",
            "links to folders outside of the data set",
        ),
        "odd": ("entry that is no file", "entries that are no files"),
        "other": ("other file", "other files"),
    }
)


def _reason(path: str, kind: str) -> Extra | Reason:
    if extra := missing_extra(path):
        return extra
    if kind == OUTSIDE:
        return "outside"
    if kind != FILE:
        return "odd"
    if split_extension(path)[1]:
        return "loose"
    return "picture" if _ending(path) in UNREAD_PICTURES else "other"


def _sentence(what: str, paths: Sequence[str], more: str) -> str:
    plural = "s" if len(paths) > 1 and what.endswith(" file") else ""
    return f"{what}{plural} {'is' if len(paths) == 1 else 'are'} ignored{more}."


def _shown(reason: Reason, paths: Sequence[str], others: Mapping[str, str]) -> str:
    if reason == "other":
        return _kinds(paths)
    kinds = [f" ({others[path]})" if reason == "odd" else "" for path in paths]
    names = [repr(cut(path, LONGEST)) + kind for path, kind in zip(paths, kinds, strict=True)]
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _kinds(paths: Sequence[str]) -> str:
    """Return how many files have which ending, most first: `3 .txt, 1 .json`."""
    kinds = Counter(f".{_ending(path)}" if _ending(path) else "without ending" for path in paths)
    ordered = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{number:,} {cut(kind, LONGEST)}" for kind, number in ordered[:SHOWN]]
    more = sum(number for _, number in ordered[SHOWN:])
    return ", ".join([*shown, f"{more:,} of other kinds"] if more else shown)


def _them(paths: Sequence[str]) -> str:
    return "it" if len(paths) == 1 else "them"


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix[1:].lower()
