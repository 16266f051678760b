"""Reading an image file once for its hash, size and soundness, and copying or linking it."""

import errno
import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from imgclass.data.options import Check, Transfer
from imgclass.errors import ImageError
from imgclass.images.headers import plain_size
from imgclass.images.limits import usual_limits
from imgclass.io.fs import FileSystem, NotRegularError, TooLargeError

if TYPE_CHECKING:
    from imgclass.images.decoding import ImageFacts

# The source is gone or was replaced since it was listed; any other error is the machine's.
_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR}

# Pixels of the shorter side of a reduced picture, 8 for a cell of its fingerprint. Of 397
# photographs it moved none further than 0.0013 from the fingerprint of the whole picture, where
# near-duplicates are those within 0.055; with 64 pixels 0.0064, in 0.9 of the time.
REDUCED = 128


class Inspection(NamedTuple):
    """What reading a file once gave; a tuple, since worker processes return it.

    Attributes:
        sha256: Of its bytes; empty if it could not be read.
        width: In pixels, as displayed; 0 if unknown.
        height: Likewise.
        fault: Why it is not a usable image, if it is not.
        refusal: Why the machine did not let it be read, if so.
        stamp: Device, inode, size and modification time: the file and its state.
        fingerprint: 768 bytes in Base64; empty if not wanted, or for a very small picture.
        depth: Bits of a sample.
        has_pages: Whether it holds several pictures, of which the first counts.
    """

    sha256: str = ""
    width: int = 0
    height: int = 0
    fault: str = ""
    refusal: str = ""
    stamp: tuple[int, ...] = ()
    fingerprint: str = ""
    depth: int = 8
    has_pages: bool = False


class Inspector(NamedTuple):
    """Inspects the files of a folder alike; a tuple, since workers receive it.

    Copies or links go to `tree`; a move begins as a copy that keeps time and permissions. The check
    `off` reads the bytes only, `header` the size in pixels too, `full` decodes all, which
    fingerprints need. With `reduced`, a large JPEG is decoded at a fraction of its size, faster and
    finely enough for a fingerprint.
    """

    images: str
    tree: str = ""
    transfer: Transfer = "copy"
    check: Check = "full"
    fingerprints: bool = False
    reduced: bool = False

    def inspect(self, source: str, target: str | None, files: FileSystem) -> Inspection:
        """Read a file once: hash it, check it, and copy or link it unless it has a fault.

        `source` is relative to `images`, `target`, if any, to `tree`.
        """
        path = f"{self.images}/{source}"
        try:
            data, status = _read(path, files)
            seen = self._check(data, source)
            if target is not None:
                self._transfer(data, status, path, f"{self.tree}/{target}", files)
        except ImageError as error:
            return Inspection(fault=str(error))
        except _RefusedError as error:
            return Inspection(refusal=str(error))
        return seen._replace(sha256=hashlib.sha256(data).hexdigest(), stamp=file_stamp(status))

    def _check(self, data: bytes, name: str) -> Inspection:
        """Return what an image's bytes say, without the hash."""
        if self.check == "off":
            return Inspection()
        size = plain_size(data)
        if self.check == "header" and size is not None:
            return Inspection(width=size[0], height=size[1])
        from imgclass.images.decoding import decode_picture, inspect_image  # NumPy, Pillow: 0.25 s

        if not self.fingerprints:
            return _seen(inspect_image(data, name=name, pixels=self.check == "full"))
        from imgclass.data.duplicates.fingerprints import encoded_fingerprint

        seen = (
            _seen(inspect_image(data, name=name))
            if size is None
            else Inspection(width=size[0], height=size[1])
        )
        is_large = self.reduced and min(seen.width, seen.height) >= 2 * REDUCED
        picture = decode_picture(data, name=name, least=REDUCED if is_large else None)
        return seen._replace(fingerprint=encoded_fingerprint(picture))

    def _transfer(
        self, data: bytes, status: os.stat_result, path: str, target: str, files: FileSystem
    ) -> None:
        """Make the copy or link; a file that changed since it was read is not linked."""
        if self.transfer == "symlink":
            files.symlink(path, target)
        elif self.transfer == "hardlink":
            files.link(path, target)
            linked = files.status(target)
            if linked is None or file_stamp(linked) != file_stamp(status):
                files.unlink(target)
                raise ImageError("it changed while it was linked")
        else:
            files.write_new(target, data, like=status if self.transfer == "move" else None)


def _seen(facts: "ImageFacts") -> Inspection:
    return Inspection(
        width=facts.width, height=facts.height, depth=facts.depth, has_pages=facts.has_pages
    )


def inspect(files: FileSystem, *values: Any) -> Inspection:
    """Inspect one file as a job: the fields of an `Inspector`, the source, the target."""
    *inspector, source, target = values
    return Inspector(*inspector).inspect(source, target, files)


def file_stamp(status: os.stat_result) -> tuple[int, ...]:
    """Return what identifies a file and its state."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _RefusedError(Exception):
    """The machine did not let a source be read."""


def _read(path: str, files: FileSystem) -> tuple[bytes, os.stat_result]:
    try:
        data, status = files.read(path, limit=usual_limits().file_bytes)
    except (NotRegularError, TooLargeError) as error:
        raise ImageError(str(error)) from error
    except OSError as error:
        if error.errno in _GONE:
            raise ImageError(f"it is no longer a regular file: {error.strerror}") from error
        raise _RefusedError(error) from error
    if len(data) != status.st_size:
        raise ImageError("it changed while it was read")
    return data, status
