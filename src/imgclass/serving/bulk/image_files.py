"""The image files that paths, folders and patterns name."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from imgclass.errors import MachineError, UsageError
from imgclass.images.formats import split_extension
from imgclass.io.untrusted_files import exists
from imgclass.serving.inputs import folder_images

_WILD = re.compile(r"[*?\[]")
ANY_DEPTH = "**"


def image_files(names: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the paths of the files that are named, each once, in the order of the names.

    A folder stands for the images in it and its subfolders, sorted. A pattern such as
    `photos/*.jpg` or `photos/**/left_*` stands for the images, and for the folders of images, that
    match it; `**` is any number of folders. A name that exists is never taken as a pattern. Nothing
    is opened; a file that is named without a pattern need not even exist.

    Args:
        names: Files, folders and patterns.

    Raises:
        UsageError: A folder or a pattern has no images.
        MachineError: A folder cannot be read.

    Example:
        >>> image_files(["b.jpg", "a.jpg", "b.jpg"])
        ['b.jpg', 'a.jpg']
    """
    # Strings, since a million of them take a fifth of the memory of a million paths.
    return list(dict.fromkeys(str(file) for name in names for file in _files(Path(name))))


def _files(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return folder_images(path)
    if exists(path) or not _WILD.search(str(path)):
        return (path,)
    return _matching_images(path)


def _matching_images(pattern: Path) -> Iterator[Path]:
    fixed = next(at for at, part in enumerate(pattern.parts) if _WILD.search(part))
    root = Path(*pattern.parts[:fixed])
    found = matches = 0
    for match in _matches(root, pattern.parts[fixed:]):
        matches += 1
        for image in _images_of(match):
            found += 1
            yield image
    if not found:
        what = (
            f"none of the {matches:,} files that match has an ending such as .jpg or .png"
            if matches
            else "no file matches"
        )
        raise UsageError(f"Expected images that match {str(pattern)!r}; {what}.")


def _images_of(match: Path) -> Iterable[Path]:
    if not match.is_dir():
        return (match,) if split_extension(match.name)[1] else ()
    with suppress(UsageError):  # other matches may have images
        return folder_images(match)
    return ()


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Yield what matches a pattern below a folder, sorted; hidden entries only if asked for."""
    part, rest = parts[0], parts[1:]
    entries = _entries(folder)
    if part == ANY_DEPTH:
        # `photos/**` is every file at any depth, as `photos/**/*` is.
        yield from _matches(folder, rest or ("*",))
        for entry in entries:
            # Links are not followed here: they may lead back to a folder above.
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from _matches(folder / entry.name, parts)
        return
    for entry in entries:
        if entry.name.startswith(".") and not part.startswith("."):
            continue
        if fnmatch(entry.name, part):
            if not rest:
                yield folder / entry.name
            elif entry.is_dir():
                yield from _matches(folder / entry.name, rest)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise MachineError(f"Expected to read the folder {str(folder)!r}: {error}.") from error
