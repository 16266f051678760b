"""What else an id can mean than what it says: another system's path, a path through the folder."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

Reading = Literal["backslash", "folder", "number"]

_LEAVES = re.compile(r"~|(.*/)?\.\.(/|$)", re.DOTALL)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")
_WHOLE = re.compile(r"((?:.*/)?\d+)[.,]0+")  # 2.0, as pandas writes a column with gaps


def leads_out(image_id: str) -> bool:
    r"""Return whether an id leads out of any folder, by `..` or to somebody's home.

    Example:
        >>> [leads_out(image_id) for image_id in ("a/../../b", r"..\b", "~/b", "a..b", "/a/b")]
        [True, True, True, False, False]
    """
    if ".." not in image_id and not image_id.startswith("~"):
        return False  # quick, for millions of ids
    return bool(_LEAVES.match(image_id.replace("\\", "/")))


def is_absolute(image_id: str) -> bool:
    r"""Return whether an id begins at the root of a file system, on this system or another.

    Example:
        >>> [is_absolute(image_id) for image_id in ("/data/1.png", r"C:\1.png", r"cats\1.png")]
        [True, True, False]
    """
    return bool(_ABSOLUTE.match(image_id.replace("\\", "/")))


def other_readings(image_id: str, folder: str) -> Iterator[tuple[Reading, str]]:
    r"""Yield what an id can mean if no file is called so, likeliest first.

    `folder` is the folder of images. An id may pass through it, absolute or from a folder above, as
    long as the names are the folder's.

    Example:
        >>> list(other_readings(r"cats\1.png", "/data/photos"))
        [('backslash', 'cats/1.png')]
        >>> list(other_readings("data/photos/cats/1", "/data/photos"))
        [('folder', 'cats/1')]
        >>> list(other_readings("2.0", "/data/photos"))
        [('number', '2')]
    """
    path = image_id.replace("\\", "/")
    if path != image_id and not is_absolute(path):
        yield "backslash", path.removeprefix("./")
    for inside in _inside(path.removeprefix("./"), folder):
        yield "folder", inside
    if whole := _WHOLE.fullmatch(path):
        yield "number", whole[1]


def _inside(path: str, folder: str) -> Iterator[str]:
    """Yield what follows the folder's name in a path; the shortest remainder comes first."""
    parts, above = path.split("/"), PurePath(folder).parts
    if not above:
        return
    for at in range(len(parts) - 2, -1, -1):
        same_name = parts[at] == above[-1]
        if same_name and (is_absolute(path) or tuple(parts[: at + 1]) == above[-(at + 1) :]):
            yield "/".join(parts[at + 1 :])
