"""Adding images to a data set: nothing that it holds is moved, changed or removed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from imgclass.data.dataset.duplicates import (
    MOST_NAMED,
    describe_conflicts,
    duplicates_among,
    find_repeated,
    named_pairs,
)
from imgclass.data.dataset.organized import read_dataset, read_left_out
from imgclass.data.dataset.plan import find_groups, make_sample, sound_images
from imgclass.data.dataset.record import (
    DatasetRecord,
    LeftOut,
    PicturePair,
    Quarantined,
    Repeated,
    make_record,
)
from imgclass.data.dataset.scan import Scan, scan
from imgclass.data.duplicates.groups import components
from imgclass.data.duplicates.pairs import Duplicates
from imgclass.data.inspection import Inspector
from imgclass.data.labels.labels import Labels
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Manifest, Sample
from imgclass.data.options import Options
from imgclass.data.organize.file_names import sample_path
from imgclass.data.organize.move import require_single_names
from imgclass.data.organize.placement import place_new
from imgclass.data.organize.publish import ADDED, finish_update, publish_update
from imgclass.data.organize.resume import option_differences
from imgclass.data.organize.stage import (
    add_fingerprints,
    arrange,
    require_links,
    stage_images,
    write_records,
    write_samples,
)
from imgclass.data.organize.workspace import Workspace
from imgclass.data.splitting.split import Assignment
from imgclass.errors import UnsafeError


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update found.

    Only new images are added. The data set may hold the only copy of an image, and a model may have
    been trained on it, so everything else is reported and stays as it is.

    Attributes:
        added: The images that were added.
        removed: Sources that the labels or the folder no longer have; their images stay.
        changed: Sources whose label or bytes are no longer those of the data set, and what changed.
        quarantined: New images that cannot be used.
        notices: What else a user should know, one sentence each.
        repeated: New images left out because others have their bytes.
        duplicates: Pairs that are one picture, at least one of the two new.
    """

    added: tuple[Sample, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    notices: tuple[str, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    duplicates: tuple[PicturePair, ...] = ()


def update(space: Workspace, options: Options, read_labels: Callable[..., Labels]) -> Changes:
    """Add what is new; `read_labels` takes `known`, the files that the data set holds."""
    finish_update(space)
    root = Path(space.root)
    record, manifest = read_dataset(root)
    if differences := tuple(option_differences(record.options, options)):
        raise UnsafeError(
            f"Expected the options by which {space.root!r} was organized; received others: "
            f"{'; '.join(differences)}. Nothing was changed."
        )
    known = {sample.source: sample for sample in manifest.samples}
    labels = read_labels(known=frozenset(known))
    old = [row for row in labels.rows if row.source in known]
    new = [row for row in labels.rows if row.source not in known]
    here = [row for row in old if space.files.status(f"{space.images}/{row.source}")]
    space.steps.total += len(here) + len(new)
    changed = (*_relabelled(old, known), *_rewritten(space, here, known))
    present = {row.source for row in (old if options.transfer == "move" else here)}
    removed = tuple(source for source in known if source not in present)
    if not new:
        return Changes(removed=removed, changed=changed)
    with space.locked() as locked:
        if read_dataset(root) != (record, manifest):
            raise UnsafeError(f"Another run changed {space.root!r} just now. Run again.")
        val_is_given = any(row.split == "val" for row in labels.rows)
        place = partial(place_new, record=record, val_is_given=val_is_given)
        changes = _stage_new(locked, old, new, record, manifest, place=place)
        if changes.added:
            record = replace(record, labels_sha256=labels.sha256)
            _write_records(locked, labels, changes, record, manifest)
            publish_update(locked)
    return replace(changes, removed=removed, changed=changed)


def _relabelled(rows: Sequence[LabelledImage], known: Mapping[str, Sample]) -> Iterator[str]:
    for row in rows:
        before = known[row.source].label
        if row.label != before:
            yield f"{row.source}: the label was {before!r} and is {row.label!r}"


def _rewritten(
    space: Workspace, rows: Sequence[LabelledImage], known: Mapping[str, Sample]
) -> Iterator[str]:
    found = scan(space.run, Inspector(space.images, check="off"), [row.source for row in rows])
    sound, inspections, faulty = sound_images(rows, found)
    for item in faulty:
        yield f"{item.source}: {item.reason}"
    for row, inspection in zip(sound, inspections, strict=True):
        if inspection.sha256 != known[row.source].sha256:
            yield f"{row.source}: the bytes have changed"


def _stage_new(
    space: Workspace,
    old_rows: Sequence[LabelledImage],
    new: Sequence[LabelledImage],
    record: DatasetRecord,
    manifest: Manifest,
    *,
    place: Callable[..., Assignment],
) -> Changes:
    """Stage new images, and decide on the split of each."""
    old, options = manifest.samples, record.options
    # The groups of the CSV count before those of the data set.
    listed = dict(
        zip((row.source for row in old_rows), find_groups(old_rows, options), strict=True)
    )
    old_groups = [listed.get(sample.source, sample.group or None) for sample in old]
    # At first as if each were a picture of its own; corrected when all have been read.
    new_groups = find_groups(new, options)
    draft = place(old, new, [*old_groups, *new_groups], Duplicates())
    paths = list(map(sample_path, new, draft.splits))
    require_links(space, new[0].source, options.transfer)
    staged = stage_images(space, new, paths, options)
    if options.transfer == "move":
        require_single_names(new, staged.inspections)
    rows, found, quarantined = sound_images(new, staged)
    duplicates = _find_duplicates(space, manifest, staged, options)
    groups = [*old_groups, *find_groups(rows, options)]
    placed = place(old, rows, groups, duplicates)
    images: list[Sample | LabelledImage] = [*old, *rows]
    repeated = find_repeated(duplicates, images, options)
    added = tuple(
        make_sample(row, inspection, split, sample_path(row, split), groups[index])
        for index, (row, inspection, split) in enumerate(
            zip(rows, found, placed.splits, strict=True), start=len(old)
        )
        if index not in repeated
    )
    arrange(space, new, paths, added, repeated.values())
    pairs = named_pairs(duplicates, images)
    return Changes(
        added=added,
        quarantined=quarantined,
        notices=(*placed.notices, *describe_conflicts(pairs)),
        repeated=tuple(repeated.values()),
        duplicates=pairs,
    )


def _find_duplicates(
    space: Workspace, manifest: Manifest, staged: Scan, options: Options
) -> Duplicates:
    """Return the pairs with at least one new image, the data set's images before them.

    Their fingerprints are not kept, so the data set's images are read again.
    """
    old, fingerprints = manifest.samples, staged.sound_fingerprints
    if fingerprints is not None:
        import numpy as np

        from imgclass.data.duplicates.fingerprints import Prints

        prints = Prints(len(old))
        linked = options.transfer == "symlink"
        folder = space.images if linked else space.root
        paths = [sample.source if linked else sample.path for sample in old]
        add_fingerprints(space, folder, paths, range(len(old)), prints)
        fingerprints = np.concatenate([prints.array, fingerprints])
    new_hashes = [found.sha256 for found in staged.inspections if not found.fault]
    hashes = [*(sample.sha256 for sample in old), *new_hashes]
    found = duplicates_among(hashes, fingerprints, options)
    pairs = tuple(pair for pair in found.pairs if pair.b >= len(old))
    return Duplicates(pairs, components((pair.a, pair.b) for pair in pairs))


def _write_records(
    space: Workspace, labels: Labels, changes: Changes, record: DatasetRecord, manifest: Manifest
) -> None:
    """Write the records of the data set as it will be, and the list of what is added."""
    class_names = {*manifest.class_names, *(sample.label for sample in changes.added)}
    after = Manifest(tuple(sorted(class_names)), (*manifest.samples, *changes.added))
    before = read_left_out(Path(space.root))
    left_out = LeftOut(
        quarantined=changes.quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(*before.notices, *changes.notices),
        repeated=changes.repeated,
        duplicates=(*before.duplicates, *changes.duplicates)[:MOST_NAMED],
    )
    new_record = make_record(
        after,
        record.options,
        labels_sha256=record.labels_sha256,
        moved_from=record.moved_from,
        thresholds=record.thresholds,
    )
    write_records(space, after.samples, left_out, new_record)
    write_samples(space, ADDED, changes.added)
