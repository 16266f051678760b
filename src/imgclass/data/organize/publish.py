"""Bringing what was staged to its place: a new data set at once, an update file by file."""

import os
from pathlib import Path

from imgclass.data.dataset.organized import read_record
from imgclass.data.dataset.record import DATASET, LEFT_OUT, MANIFEST
from imgclass.data.manifest import read_manifest
from imgclass.data.organize.move import remove_sources
from imgclass.data.organize.workspace import Workspace

ADDED = "added.csv"
"""The manifest of the images that an update adds, in the same folder."""


def publish(space: Workspace) -> None:
    """Write the staged data set to the disk, then rename it to its place.

    A directory replaces only an empty one: nothing that has appeared there is overwritten.
    """
    space.files.sync_all(space.tree)
    space.files.rename(space.tree, space.root)
    space.files.sync_directory(space.parent)


def publish_update(space: Workspace) -> None:
    """Decide on the staged update, which is completed from then on, and carry it out."""
    space.files.sync_all(space.tree)
    space.files.rename(space.tree, space.pending)
    space.files.sync_directory(space.stage)
    _merge(space)


def finish_update(space: Workspace) -> None:
    """Carry out an update that was decided and then interrupted, if there is one."""
    if space.files.status(space.pending) is not None:
        with space.locked() as locked:
            _merge(locked)


def _merge(space: Workspace) -> None:
    """Bring a decided update into the data set; after an interruption it is simply repeated.

    Images come first, each to a free name, then the records, the manifest last. A move removes the
    sources at the end.
    """
    files, root, pending = space.files, space.root, space.pending
    for path in files.walk(pending, directories=True):
        inside = os.path.relpath(path, pending)
        if inside in {MANIFEST, DATASET, LEFT_OUT, ADDED}:
            continue
        target = f"{root}/{inside}"
        if files.is_directory(path):
            files.make_directory(target)
        else:
            files.rename(path, target)
    files.sync_all(root)
    for name in (LEFT_OUT, DATASET, MANIFEST):
        if files.status(f"{pending}/{name}") is not None:
            files.replace(f"{pending}/{name}", f"{root}/{name}")
    files.sync_directory(root)
    # Without the list, an earlier run had removed all sources and was clearing up.
    moved = read_record(Path(root)).moved_from is not None
    if moved and files.status(f"{pending}/{ADDED}") is not None:
        remove_sources(space, read_manifest(f"{pending}/{ADDED}").samples)
