"""The folder of an export: made beside its place and renamed, so that it is whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgclass.errors import UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.serving.export.formats import TARGETS
from imgclass.serving.export.signature import LABELS, SIGNATURE

OWN = {LABELS, SIGNATURE, *(target.file for target in TARGETS.values())}

# Writes all files of exports; tests replace it by one that fails.
FILES = FileSystem()


def require_free(folder: Path, *, force: bool) -> None:
    """Refuse a folder that is there, unless it is an earlier export and may be replaced.

    Raises:
        UnsafeError: It is there, and `force` is false or it has other files, too.
    """
    if not exists(folder):
        return
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else {folder.name}
    if others := sorted(names - OWN):
        raise UnsafeError(
            f"Expected a new folder for the export, or an earlier export; received {folder}, which "
            f"has {others[0]!r}. Choose another (--out)."
        )
    if not force:
        raise UnsafeError(
            f"Expected a new folder for the export; {folder} is there already. Choose another "
            f"(--out), or replace it (--force)."
        )


@contextmanager
def new_folder(beside: Path) -> Iterator[Path]:
    """Make a hidden folder beside the place of an export; what is left of it is removed."""
    part = beside.with_name(f".{beside.name}.{os.getpid()}.part")
    with machine_errors(beside):
        FILES.make_directories(str(beside.parent))
        _remove(part)
        FILES.make_directory(str(part))
    try:
        yield part
    finally:
        with machine_errors(beside):
            _remove(part)


def write_text(path: Path, text: str) -> None:
    """Write a new file."""
    with machine_errors(path):
        FILES.write_new(str(path), text.encode("utf-8", "surrogateescape"))


def publish(part: Path, folder: Path, *, force: bool) -> None:
    """Rename a finished folder to its place; an earlier export there is removed if it may be.

    Raises:
        UnsafeError: Something is there now that may not be replaced.
        MachineError: It cannot be renamed.
    """
    require_free(folder, force=force)
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    with machine_errors(folder):
        FILES.sync_all(str(part))
        _remove(old)
        if exists(folder):
            FILES.rename(str(folder), str(old))
        FILES.rename(str(part), str(folder))
        FILES.sync_directory(str(folder.parent))
        _remove(old)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size


def _remove(folder: Path) -> None:
    if exists(folder):
        FILES.remove_tree(str(folder))
