"""One look at one image file: its hash, size and soundness, and on the way its copy or link."""

import errno
import hashlib
import os
from typing import Any, NamedTuple

from imgclass.data.options import Check, Transfer
from imgclass.errors import ImageError
from imgclass.images.headers import plain_size
from imgclass.images.limits import DEFAULT_LIMITS
from imgclass.io.fs import FileSystem, NotRegularError, TooLargeError

# What a source may have become since it was listed: the file's own matter, not the machine's.
_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR}


class Way(NamedTuple):
    """What is to be done with files; a tuple, as it goes to worker processes.

    Attributes:
        images: The folder from which they come.
        tree: The folder in which their copies or links will be.
        transfer: How they come there; to move is to copy first, with time and permissions.
        check: `off` reads bytes only, `header` the size in pixels, `full` decodes every pixel.
        compares: Whether its fingerprint is wanted, too; only where `check` is `full`.
    """

    images: str
    tree: str
    transfer: Transfer
    check: Check
    compares: bool = False


class Errand(NamedTuple):
    """One file with which it is to be done.

    Attributes:
        source: The file, relative to `Way.images`.
        place: Where its copy or link will be, relative to `Way.tree`; None for nowhere.
    """

    source: str
    place: str | None


class Inspection(NamedTuple):
    """What one reading of a file gave; a tuple, as it is what comes from a worker process.

    Attributes:
        sha256: Hash of its bytes; empty where it could not be read.
        width: In pixels, as displayed; 0 where it is not known.
        height: In pixels, as displayed; 0 where it is not known.
        fault: Why it is no usable image; empty where it is one.
        refusal: Why the machine did not let it be read; empty where it did.
        stamp: Device, inode, size and time of change: they tell which file it was, and which state.
        fingerprint: What tells the picture from others, 768 bytes in Base64; empty where it was not
            asked for, or the picture is too small for one.
    """

    sha256: str = ""
    width: int = 0
    height: int = 0
    fault: str = ""
    refusal: str = ""
    stamp: tuple[int, ...] = ()
    fingerprint: str = ""


def inspect_file(way: Way, errand: Errand, files: FileSystem) -> Inspection:
    """Read a file once: hash it, check it, and bring it to its place unless it has a fault.

    Raises:
        OSError: The copy or link could not be made.
    """
    path = f"{way.images}/{errand.source}"
    try:
        data, status = _read(path, files)
        width, height, fingerprint = _look(data, errand.source, way)
        if errand.place is not None:
            _bring(data, status, (path, f"{way.tree}/{errand.place}"), way.transfer, files)
    except ImageError as error:
        return Inspection(fault=str(error))
    except _RefusedError as error:
        return Inspection(refusal=str(error))
    digest = hashlib.sha256(data).hexdigest()
    stamp = file_stamp(status)
    return Inspection(digest, width, height, stamp=stamp, fingerprint=fingerprint)


def inspect(files: FileSystem, *words: Any) -> Inspection:
    """Do `inspect_file` as a job: the words are those of a `Way`, then of an `Errand`."""
    return inspect_file(Way(*words[:5]), Errand(*words[5:]), files)


def file_stamp(status: os.stat_result) -> tuple[int, ...]:
    """Return what tells a file, in the state in which it is, from others."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _RefusedError(Exception):
    """The machine did not let a source be read."""


def _read(path: str, files: FileSystem) -> tuple[bytes, os.stat_result]:
    try:
        data, status = files.read(path, limit=DEFAULT_LIMITS.file_bytes)
    except (NotRegularError, TooLargeError) as error:
        raise ImageError(str(error)) from error
    except OSError as error:
        if error.errno in _GONE:
            raise ImageError(f"it is no regular file any more: {error.strerror}") from error
        raise _RefusedError(error) from error
    if len(data) != status.st_size:
        raise ImageError("it changed while it was read")
    return data, status


def _look(data: bytes, name: str, way: Way) -> tuple[int, int, str]:
    """Return the width, the height and the fingerprint of an image, as closely as is wanted."""
    if way.check == "off":
        return 0, 0, ""
    if way.check == "header" and (size := plain_size(data)) is not None:
        return *size, ""
    from imgclass.images.decoding import decode_picture, inspect_image  # NumPy, Pillow: 0.25 s

    if not way.compares:
        facts = inspect_image(data, name=name, pixels=way.check == "full")
        return facts.width, facts.height, ""
    from imgclass.data.duplicates.fingerprints import encoded_fingerprint

    picture = decode_picture(data, name=name)
    return *picture.size, encoded_fingerprint(picture)


def _bring(
    data: bytes,
    status: os.stat_result,
    paths: tuple[str, str],
    transfer: Transfer,
    files: FileSystem,
) -> None:
    """Make the copy or link, certainly that of the bytes that were read."""
    source, target = paths
    if transfer == "symlink":
        files.symlink(source, target)
    elif transfer == "hardlink":
        files.link(source, target)
        linked = files.status(target)
        if linked is None or file_stamp(linked) != file_stamp(status):
            files.unlink(target)
            raise ImageError("it changed while it was linked")
    else:
        files.write_new(target, data, like=status if transfer == "move" else None)
