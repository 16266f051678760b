"""Building a data set in a hidden folder beside its place, so that it is never seen half done."""

import io
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING

from imgclass.data.class_names import class_directory
from imgclass.data.dataset.record import (
    DATASET,
    LEFT_OUT,
    MANIFEST,
    DatasetRecord,
    LeftOut,
    Repeated,
)
from imgclass.data.dataset.scan import (
    Scan,
    fingerprint_table,
    inspections,
    require_readable,
)
from imgclass.data.inspection import Inspector
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import SPLITS, Sample, write_manifest
from imgclass.data.options import Options, Transfer
from imgclass.data.organize.journal import finished_images, open_journal
from imgclass.data.organize.workspace import Workspace
from imgclass.errors import MachineError
from imgclass.serialization import dump_json

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Prints


def require_links(space: Workspace, source: str, transfer: Transfer) -> None:
    """Link one image and remove the link: a file system without links is found at once."""
    if transfer not in {"hardlink", "symlink"}:
        return
    files, probe = space.files, f"{space.stage}/probe"
    files.unlink(probe)
    try:
        link = files.symlink if transfer == "symlink" else files.link
        link(f"{space.images}/{source}", probe)
    except OSError as error:
        raise MachineError(
            f"Expected to make a {transfer} from {space.images} to {space.parent}; received: "
            f"{error}. Put the data set on the same disk, or copy (--transfer copy)."
        ) from error
    files.unlink(probe)


def stage_images(
    space: Workspace, rows: Sequence[LabelledImage], paths: Sequence[str], options: Options
) -> Scan:
    """Inspect images, and make the copy or link of each sound one at its path in the tree.

    What an interrupted run has done is not done again.
    """
    check, compares = options.check_images, options.compares_pictures
    inspector = Inspector(space.images, space.tree, options.transfer, check, compares)
    pairs = [(row.source, path) for row, path in zip(rows, paths, strict=True)]
    prints = fingerprint_table(inspector, len(rows))
    found = finished_images(space, inspector, pairs)
    if prints is not None and found:
        # With fingerprints the journal would be as long as small images are.
        linked = options.transfer == "symlink"
        folder = space.images if linked else space.tree
        copies = [pairs[index][0 if linked else 1] for index in found]
        add_fingerprints(space, folder, copies, list(found), prints)
    class_names = {row.label for row in rows}
    _make_tree(space, class_names, keep={f"{space.tree}/{paths[index]}" for index in found})
    left = [index for index in range(len(rows)) if index not in found]
    with open_journal(space, check) as note:
        results = inspections(space.run, inspector, [pairs[index] for index in left], left, prints)
        for index, inspection in zip(left, results, strict=True):
            found[index] = inspection
            note(rows[index].source, inspection)
    return Scan([found[index] for index in range(len(rows))], prints)


def add_fingerprints(
    space: Workspace, folder: str, paths: Sequence[str], indices: Sequence[int], prints: "Prints"
) -> None:
    """Read sound images again, and put their fingerprints into rows of the table."""
    space.steps.total += len(paths)
    pairs = [(path, None) for path in paths]
    inspector = Inspector(folder, fingerprints=True)
    require_readable(paths, inspections(space.run, inspector, pairs, indices, prints))


def arrange(
    space: Workspace,
    rows: Sequence[LabelledImage],
    paths: Sequence[str],
    samples: Sequence[Sample],
    repeated: Iterable[Repeated],
) -> None:
    """Move images, staged as if all were sound and distinct, to the paths that the plan gives them.

    Images that repeat others are removed, and the directories of classes without a sound image.
    """
    files, tree = space.files, space.tree
    staged = {row.source: path for row, path in zip(rows, paths, strict=True)}
    for item in repeated:
        files.unlink(f"{tree}/{staged[item.source]}")
    for sample in samples:
        if (path := staged[sample.source]) != sample.path:
            files.rename(f"{tree}/{path}", f"{tree}/{sample.path}")
    for name in sorted({row.label for row in rows} - {sample.label for sample in samples}):
        for split in SPLITS:
            files.remove_tree(f"{tree}/{split}/{class_directory(name)}")


def write_records(
    space: Workspace, samples: Sequence[Sample], left_out: LeftOut, record: DatasetRecord
) -> None:
    """Write the manifest, `dataset.json` and `left_out.json` into the tree."""
    write_samples(space, MANIFEST, samples)
    _write(space, LEFT_OUT, dump_json(left_out))
    _write(space, DATASET, dump_json(record))


def write_samples(space: Workspace, name: str, samples: Sequence[Sample]) -> None:
    """Write a manifest into the tree."""
    text = io.StringIO()
    write_manifest(text, samples)
    _write(space, name, text.getvalue())


def _write(space: Workspace, name: str, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    space.files.write_new(f"{space.tree}/{name}", data, sync=True)


def _make_tree(space: Workspace, class_names: Iterable[str], *, keep: Container[str]) -> None:
    """Make a directory for every class in every split, and clear what an interrupted run left.

    Only copies and links are removed, never an original; those in `keep` stay.
    """
    files, tree = space.files, space.tree
    if files.status(tree) is not None:
        files.remove_tree(tree, keep=keep)
    files.make_directory(tree)
    directories = [class_directory(name) for name in sorted(class_names)]
    for split in SPLITS:
        files.make_directory(f"{tree}/{split}")
        for directory in directories:
            files.make_directory(f"{tree}/{split}/{directory}")
