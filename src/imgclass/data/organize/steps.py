"""The steps from labels to a data set, in their order; each is in a module of its own."""

from collections.abc import Callable, Container
from functools import partial
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.dataset.plan import Plan, draft_plan, make_plan
from imgclass.data.dataset.record import make_record
from imgclass.data.dataset.scan import scan
from imgclass.data.inspection import Inspector
from imgclass.data.labels.labels import Labels
from imgclass.data.options import Options
from imgclass.data.organize.file_names import sample_path
from imgclass.data.organize.move import remove_sources, require_single_names
from imgclass.data.organize.publish import publish
from imgclass.data.organize.resume import resume
from imgclass.data.organize.stage import arrange, require_links, stage_images, write_records
from imgclass.data.organize.workspace import Workspace
from imgclass.errors import UnsafeError

ReadLabels = Callable[..., Labels]
"""Returns the labels; `known` are the files that a data set holds already."""


def plan(space: Workspace, options: Options, read_labels: ReadLabels) -> Plan:
    """Read every image and plan a data set; nothing is written."""
    labels = read_labels()
    draft = draft_plan(labels.rows, options, sample_path)
    space.steps.total = len(labels.rows)
    check, compares = options.check_images, options.compares_pictures
    inspector = Inspector(space.images, check=check, fingerprints=compares)
    scanned = scan(space.run, inspector, [row.source for row in labels.rows])
    return make_plan(labels, scanned, options, draft, sample_path)


def organize(
    space: Workspace,
    root: Path,
    options: Options,
    read_labels: ReadLabels,
    possible_hashes: Callable[[], Container[str]],
) -> ImageFolder:
    """Make the data set at `root`, or find that it is there already.

    `possible_hashes` are those of the labels, for images that were moved and match no more.
    """
    moves = options.transfer == "move"
    if space.is_organized():
        resume(space, possible_hashes, options, partial(plan, space, options, read_labels))
        return ImageFolder.open(root)
    labels = read_labels()
    rows = labels.rows
    # As if every image were sound and a picture of its own: impossible sizes are refused before
    # anything is written.
    draft = draft_plan(rows, options, sample_path)
    with space.locked() as locked:
        if locked.is_organized():
            raise UnsafeError(f"Another run made {space.root!r} just now. Run again.")
        require_links(locked, rows[0].source, options.transfer)
        space.steps.total = len(rows) * (2 if moves else 1)
        scanned = stage_images(locked, rows, draft.paths, options)
        if moves:
            require_single_names(rows, scanned.inspections)
        made = make_plan(labels, scanned, options, draft, sample_path)
        samples, left_out = made.manifest.samples, made.left_out
        arrange(locked, rows, draft.paths, samples, left_out.repeated)
        record = make_record(
            made.manifest,
            options,
            labels_sha256=labels.sha256,
            moved_from=space.images if moves else None,
        )
        write_records(locked, samples, left_out, record)
        publish(locked)
        if moves:
            remove_sources(locked, samples)
    return ImageFolder(root, made.manifest, left_out)
