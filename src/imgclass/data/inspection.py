"""One look at one image file: its hash, size and soundness, and on the way its copy."""

import errno
import hashlib
from dataclasses import dataclass
from typing import Literal

from imgclass.data.decode import DEFAULT_LIMITS, decode_image, inspect_image
from imgclass.data.fs import FileSystem, NotRegularError, TooLargeError
from imgclass.errors import ImageError

Check = Literal["off", "header", "full"]

# What a source may have become since it was listed: the file's own matter, not the machine's.
_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one reading of a file gave.

    Attributes:
        sha256: Hash of its bytes; empty where it could not be read.
        width: In pixels, as displayed; 0 where it is not known.
        height: In pixels, as displayed; 0 where it is not known.
        fault: Why it is no usable image; empty where it is one.
        refusal: Why the machine did not let it be read; empty where it did.
        device: Of the file, with `inode`: two sources of one file are told by them.
        inode: Likewise.
    """

    sha256: str = ""
    width: int = 0
    height: int = 0
    fault: str = ""
    refusal: str = ""
    device: int = 0
    inode: int = 0


def inspect_file(path: str, copy: str | None, *, check: Check, files: FileSystem) -> Inspection:
    """Read a file once; hash it, check it, and write the same bytes to `copy`.

    Args:
        path: The file.
        copy: Where to write it, unless it has a fault; None for nowhere.
        check: `off` reads bytes only, `header` the size in pixels, `full` decodes every pixel.
        files: The file system.

    Raises:
        OSError: The copy could not be written, or the machine failed.
    """
    try:
        data, status = files.read(path, limit=DEFAULT_LIMITS.file_bytes)
    except (NotRegularError, TooLargeError) as error:
        return Inspection(fault=str(error))
    except OSError as error:
        if error.errno in _GONE:
            return Inspection(fault=f"it is gone or no regular file any more: {error.strerror}")
        return Inspection(refusal=str(error))
    if len(data) != status.st_size:
        return Inspection(fault="it changed while it was read")
    try:
        width, height = _size(data, path, check)
    except ImageError as error:
        return Inspection(fault=str(error))
    if copy is not None:
        files.write_new(copy, data)
    digest = hashlib.sha256(data).hexdigest()
    return Inspection(digest, width, height, "", "", status.st_dev, status.st_ino)


def _size(data: bytes, name: str, check: Check) -> tuple[int, int]:
    if check == "off":
        return 0, 0
    if check == "header":
        facts = inspect_image(data, name=name)
        return facts.width, facts.height
    height, width = decode_image(data, name=name).shape[:2]
    return width, height
