"""Comparing files with what a manifest says, byte by byte, before they are trusted."""

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import Sample
from imgclass.data.options import Transfer
from imgclass.errors import DatasetError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import open_regular

READERS = 8  # threads: reading waits for the disk, and hashing lets others run


def require_unchanged(folder: ImageFolder) -> None:
    """Refuse a data set in which an image has changed or cannot be read."""
    samples = folder.manifest.samples
    with ThreadPoolExecutor(READERS) as readers:
        faults = readers.map(lambda sample: _fault(folder.root, sample), samples, chunksize=64)
        changed = [fault for fault in faults if fault]
    if changed:
        raise DatasetError(
            f"Expected the images of {folder.root} unchanged; {listing(changed)}. Restore them, or "
            f"train anew."
        )


def is_same(files: FileSystem, path: str, sha256: str) -> bool:
    """Return whether a file's bytes, read from the disk, have the hash `sha256`."""
    data, _ = files.read(path, fresh=True)
    return hashlib.sha256(data).hexdigest() == sha256


def is_whole(files: FileSystem, target: str, source: str, transfer: Transfer, sha256: str) -> bool:
    """Return whether `target` is a copy of, or link to, `source`, whose bytes have a hash."""
    status = files.status(target)
    if status is None:
        return False
    if transfer == "symlink":
        return stat.S_ISLNK(status.st_mode) and files.link_target(target) == source
    original = files.status(source)
    shared = original is not None and os.path.samestat(status, original)
    if transfer == "hardlink":
        return shared
    # A hard link that an interrupted run made is not a copy, though its bytes are right.
    return stat.S_ISREG(status.st_mode) and not shared and is_same(files, target, sha256)


def _fault(root: Path, sample: Sample) -> str:
    try:
        with open_regular(root / sample.path) as file:
            is_equal = hashlib.file_digest(file, "sha256").hexdigest() == sample.sha256
    except OSError as error:
        return f"{sample.path} cannot be read ({error.strerror or error})"
    return "" if is_equal else f"{sample.path} has other bytes"
