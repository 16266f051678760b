"""One look at one image file: its hash, size and soundness, and on the way its copy or link."""

import errno
import hashlib
import os
from typing import NamedTuple

from imgclass.data.decode import DEFAULT_LIMITS, decode_image, inspect_image
from imgclass.data.fs import FileSystem, NotRegularError, TooLargeError
from imgclass.data.headers import plain_size
from imgclass.data.options import Check, Transfer
from imgclass.errors import ImageError

# What a source may have become since it was listed: the file's own matter, not the machine's.
_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR}


class Errand(NamedTuple):
    """What is to be done with one file; a tuple, as it is what goes to a worker process.

    Attributes:
        path: The file.
        target: Where its copy or link will be; None for nowhere.
        transfer: How it comes there; to move is to copy first, with time and permissions.
        check: `off` reads bytes only, `header` the size in pixels, `full` decodes every pixel.
    """

    path: str
    target: str | None
    transfer: Transfer
    check: Check


class Inspection(NamedTuple):
    """What one reading of a file gave; a tuple, as it is what comes from a worker process.

    Attributes:
        sha256: Hash of its bytes; empty where it could not be read.
        width: In pixels, as displayed; 0 where it is not known.
        height: In pixels, as displayed; 0 where it is not known.
        fault: Why it is no usable image; empty where it is one.
        refusal: Why the machine did not let it be read; empty where it did.
        stamp: Device, inode, size and time of change: they tell which file it was, and which state.
    """

    sha256: str = ""
    width: int = 0
    height: int = 0
    fault: str = ""
    refusal: str = ""
    stamp: tuple[int, ...] = ()


def inspect_file(errand: Errand, files: FileSystem) -> Inspection:
    """Read a file once: hash it, check it, and bring it to its target unless it has a fault.

    Raises:
        OSError: The copy or link could not be made.
    """
    try:
        data, status = _read(errand.path, files)
        width, height = _size(data, errand)
        _bring(data, status, errand, files)
    except ImageError as error:
        return Inspection(fault=str(error))
    except _RefusedError as error:
        return Inspection(refusal=str(error))
    digest = hashlib.sha256(data).hexdigest()
    return Inspection(digest, width, height, stamp=file_stamp(status))


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


def _size(data: bytes, errand: Errand) -> tuple[int, int]:
    name = os.path.basename(errand.path)  # noqa: PTH119  # for every image, and this is faster
    if errand.check == "off":
        return 0, 0
    if errand.check == "header":
        if (size := plain_size(data)) is not None:
            return size
        facts = inspect_image(data, name=name)
        return facts.width, facts.height
    height, width = decode_image(data, name=name).shape[:2]
    return width, height


def _bring(data: bytes, status: os.stat_result, errand: Errand, files: FileSystem) -> None:
    """Make the copy or link, certainly that of the bytes that were read."""
    if errand.target is None:
        return
    if errand.transfer == "symlink":
        files.symlink(errand.path, errand.target)
    elif errand.transfer == "hardlink":
        files.link(errand.path, errand.target)
        linked = files.status(errand.target)
        if linked is None or file_stamp(linked) != file_stamp(status):
            files.unlink(errand.target)
            raise ImageError("it changed while it was linked")
    else:
        files.write_new(errand.target, data, like=status if errand.transfer == "move" else None)
