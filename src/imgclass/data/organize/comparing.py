"""Comparing files with what a manifest says of them, before anything is trusted or removed."""

import hashlib
import os
import stat

from imgclass.data.options import Transfer
from imgclass.io.fs import FileSystem


def is_same(files: FileSystem, path: str, sha256: str) -> bool:
    """Return whether a file's bytes, as the disk has them, have the hash `sha256`."""
    data, _ = files.read(path, fresh=True)
    return hashlib.sha256(data).hexdigest() == sha256


def is_whole(files: FileSystem, target: str, transfer: Transfer, source: str, sha256: str) -> bool:
    """Return whether `target` is the copy of, or link to, a source whose bytes have a hash."""
    status = files.status(target)
    if status is None:
        return False
    if transfer == "symlink":
        return stat.S_ISLNK(status.st_mode) and files.link_target(target) == source
    original = files.status(source)
    shared = original is not None and os.path.samestat(status, original)
    if transfer == "hardlink":
        return shared
    # What an interrupted run with another transfer left is no copy, though its bytes are right.
    return stat.S_ISREG(status.st_mode) and not shared and is_same(files, target, sha256)


def remove_source(files: FileSystem, source: str, copy: str, sha256: str) -> str:
    """Remove `source` if it and `copy` have the hash `sha256`; otherwise return why not.

    That it is gone already is well: an earlier run removed it.
    """
    if files.status(source) is None:
        return ""
    if not is_same(files, source, sha256):
        return "it has changed"
    if not is_same(files, copy, sha256):
        return "its copy has changed"
    files.unlink(source)
    return ""


def put_back(files: FileSystem, copy: str, stage: str, target: str, sha256: str) -> str:
    """Write `copy` to `stage`, from where it can be renamed to `target`; or return why not.

    That the same bytes are at `target` already is well: an earlier run brought them there.
    """
    if files.status(target) is not None:
        return "" if is_same(files, target, sha256) else "another file is there"
    data, status = files.read(copy)
    if hashlib.sha256(data).hexdigest() != sha256:
        return "it has changed in the data set"
    files.write_new(stage, data, like=status)
    return ""
