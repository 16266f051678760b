"""What the trials are made on: small homes with images and labels, and what lies in a folder."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.io.fs import FileSystem

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def write_home(home: Path, number: int = 24) -> Path:
    """Write `number` sound images of two classes and their labels, some in a subfolder."""
    images = home / "images"
    (images / "more").mkdir(parents=True)
    rows = ["id,label"]
    for i in range(number):
        name = f"more/{i}.ppm" if i % 5 == 0 else f"{i}.ppm"
        (images / name).write_bytes(ppm(i))
        rows.append(f"{name},{('ant', 'bee')[i % 2]}")
    (home / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return home


def ppm(number: int) -> bytes:
    """Return an image of 2 x 2 pixels, another one for every number."""
    return b"P6 2 2 255 " + number.to_bytes(12, "big")


def organize(home: Path, organizer: DatasetOrganizer) -> ImageFolder:
    """Organize a home."""
    return organizer.organize(home / "labels.csv", home / "images", home / "data")


def listing(folder: Path) -> dict[str, str]:
    """Return every path below a folder with the kind of thing it is and what it holds."""
    return {
        path.relative_to(folder).as_posix(): _description(path)
        for path in sorted(folder.rglob("*"))
    }


def stamps(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return what tells whether any file below a folder was touched."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[path.relative_to(folder).as_posix()] = (
            status.st_ino,
            status.st_mode,
            status.st_mtime_ns,
            status.st_size if content else None,
            hashlib.sha256(content).hexdigest(),
        )
    return found


class CallLog:
    """Makes file-system calls, and remembers them.

    Attributes:
        calls: Names and arguments, in order.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Make one call."""
        self.calls.append((function.__name__, arguments))
        return function(*arguments)

    @property
    def files(self) -> FileSystem:
        """The file system that is logged."""
        return FileSystem(call=self)

    def changes(self) -> list[tuple[str, str]]:
        """Return the calls that change something, and what they change."""
        found = []
        for name, arguments in self.calls:
            opened_for_writing = name == "open" and int(str(arguments[1])) & WRITING
            if opened_for_writing or name in {"mkdir", "rmdir", "unlink"}:
                found.append((name, str(arguments[0])))
            elif name in {"link", "symlink"}:
                found.append((name, str(arguments[1])))
            elif name in {"rename", "replace"}:
                found += [(name, str(path)) for path in arguments]
        return found


def _description(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link to {path.readlink()}"
    if stat.S_ISREG(status.st_mode):
        return f"file {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return f"kind {stat.S_IFMT(status.st_mode):o}"
