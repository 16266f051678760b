"""Bringing what an update has decided to add into the data set, file by file, to be continued."""

import os
from pathlib import Path

from imgclass.data.dataset.organized import read_record
from imgclass.data.dataset.record import DATASET, LEFT_OUT, MANIFEST
from imgclass.data.manifest import read_manifest
from imgclass.data.organize import building, moving
from imgclass.data.organize.work import Work

ADDED = "added.csv"
"""The manifest of what is added, beside the files themselves."""


def decide(work: Work) -> None:
    """Make the tree that was built the update that will be carried out, whatever happens."""
    files, place = work.files, work.place
    files.sync_all(place.tree)
    files.rename(place.tree, place.pending)
    files.sync_directory(place.work)


def merge(work: Work) -> None:
    """Bring a decided update into the data set; going on is the same as beginning.

    Images come first, each to a name that is free; then the records replace those that are there,
    the manifest last. For a move the sources are removed at the end.
    """
    files, place = work.files, work.place
    root, pending = place.root, place.pending
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
    # Where the list is gone, an earlier run had removed them all and was clearing up.
    moved = read_record(Path(root)).moved_from is not None
    if moved and files.status(f"{pending}/{ADDED}") is not None:
        moving.remove_sources(work, read_manifest(f"{pending}/{ADDED}"))


def finish_update(work: Work) -> bool:
    """Carry out an update that was decided and interrupted; return whether there was one."""
    if work.files.status(work.place.pending) is None:
        return False
    with building.workplace(work) as locked:
        merge(locked)
    return True
