"""Removing one image that has been moved, once it is certain that it has arrived."""

import hashlib

from imgclass.data.fs import FileSystem


def remove_source(files: FileSystem, source: str, copy: str, sha256: str) -> str:
    """Remove `source` if it and `copy` have the hash `sha256`; otherwise return why not.

    That it is gone already is well: an earlier run removed it.
    """
    if files.status(source) is None:
        return ""
    for path, name in ((source, "it"), (copy, "its copy")):
        data, _ = files.read(path, fresh=True)
        if hashlib.sha256(data).hexdigest() != sha256:
            return f"{name} has changed"
    files.unlink(source)
    return ""
