"""Adding images to a data set that is there: nothing that it holds is moved, changed or removed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from imgclass.data.dataset.organized import read_left_out, read_record
from imgclass.data.dataset.record import (
    MANIFEST,
    DatasetRecord,
    LeftOut,
    PicturePair,
    Quarantined,
    Repeated,
    file_sha256,
    make_record,
)
from imgclass.data.inspection import Way
from imgclass.data.labels.labels import LabelledImage, Labels
from imgclass.data.manifest import Manifest, Sample, read_manifest
from imgclass.data.organize import building, merging, moving
from imgclass.data.organize.bringing import bring, look
from imgclass.data.organize.course import Request
from imgclass.data.organize.difference import describe_options
from imgclass.data.organize.joining import Company, find_company, join
from imgclass.data.organize.pictures import MOST_NAMED, Pictures
from imgclass.data.organize.planning import Plan, find_groups, make_samples, part, sample_path
from imgclass.data.organize.work import Work
from imgclass.errors import UnsafeError
from imgclass.io.workers.progress import Steps


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update found.

    Only what is new is taken over. What a data set holds may be the only copy there is, and a model
    may have been trained on it, so the rest is reported and stays as it is.

    Attributes:
        added: The images that came into the data set.
        removed: Sources that the CSV or the folder no longer has; their images stay.
        changed: Sources with another label or other bytes than the data set has, and which.
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


def update(request: Request, steps: Steps) -> Changes:
    """Add what is new.

    Raises:
        UnsafeError: The options are not those by which the data set was organized, or another run
            changed it meanwhile.
        LabelsError: The CSV, or its match with the folder, is not usable as it is.
    """
    work = Work(request.place, request.files, steps)
    merging.finish_update(work)
    root = Path(request.place.root)
    record, manifest = _read(root)
    if differences := tuple(describe_options(record.options, request.options)):
        raise UnsafeError(
            f"Expected the options by which {str(root)!r} was organized; received others: "
            f"{'; '.join(differences)}. Nothing was changed."
        )
    known = {sample.source: sample for sample in manifest.samples}
    labels = request.read_labels(known=frozenset(known))
    old = [row for row in labels.rows if row.source in known]
    new = [row for row in labels.rows if row.source not in known]
    here = [row for row in old if request.files.status(f"{request.place.images}/{row.source}")]
    steps.total += len(here) + len(new)
    changed = (*_relabelled(old, known), *_rewritten(work, here, known))
    present = {row.source for row in (here if request.moved_from is None else old)}
    removed = tuple(source for source in known if source not in present)
    if not new:
        return Changes(removed=removed, changed=changed)
    with building.workplace(work) as locked:
        if _read(root) != (record, manifest):
            raise UnsafeError(f"Another run changed {str(root)!r} just now. Run again.")
        changes = replace(
            _bring_new(locked, request, (old, new), (record, manifest)),
            removed=removed,
            changed=changed,
        )
        if changes.added:
            _carry_out(locked, request, labels, changes, (record, manifest))
    return changes


def _bring_new(
    work: Work,
    request: Request,
    rows: tuple[Sequence[LabelledImage], Sequence[LabelledImage]],
    before: tuple[DatasetRecord, Manifest],
) -> Changes:
    """Bring new images into the tree that is being built, and decide on the place of each.

    Args:
        work: Where.
        request: What was asked for.
        rows: Those of images that are in the data set, and those of new ones.
        before: The data set.
    """
    (old, new), (record, manifest) = rows, before
    # As if each were a picture of its own; once they have been looked at, places are put right.
    drafted = join(_company(manifest.samples, old, new, record), Pictures(), record).splits
    places = {row.source: sample_path(row, split) for row, split in zip(new, drafted, strict=True)}
    building.probe(work, new[0].source, request.options.transfer)
    looks = bring(work, new, list(places.values()), request.options)
    if request.moved_from is not None:
        moving.require_single_names(new, looks.inspections)
    usable, found, quarantined = part(new, looks.inspections)
    company = _company(manifest.samples, old, usable, record)
    joining = join(company, find_company(work, company, looks, record), record)
    kept = [index for index in range(len(usable)) if index not in joining.repeated]
    come, splits = [usable[index] for index in kept], [joining.splits[index] for index in kept]
    added = make_samples(
        come,
        [found[index] for index in kept],
        splits,
        list(map(sample_path, come, splits)),
        [company.groups[len(company.old) + index] for index in kept],
    )
    repeated = tuple(joining.repeated.values())
    building.arrange(work, places, added, repeated)
    return Changes(
        added=added,
        quarantined=quarantined,
        notices=joining.notices,
        repeated=repeated,
        duplicates=joining.pairs,
    )


def _carry_out(
    work: Work,
    request: Request,
    labels: Labels,
    changes: Changes,
    before: tuple[DatasetRecord, Manifest],
) -> None:
    record, manifest = before
    class_names = tuple(sorted({*manifest.class_names, *(s.label for s in changes.added)}))
    after = Manifest(class_names, (*manifest.samples, *changes.added))
    earlier = read_left_out(Path(work.place.root))
    left_out = LeftOut(
        quarantined=changes.quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(*earlier.notices, *changes.notices),
        repeated=changes.repeated,
        duplicates=(*earlier.duplicates, *changes.duplicates)[:MOST_NAMED],
    )
    new_record = make_record(
        after,
        record.options,
        labels_sha256=file_sha256(request.labels),
        moved_from=record.moved_from,
        thresholds=record.thresholds,
    )
    building.write_records(work, Plan(after, left_out), new_record)
    added = building.manifest_bytes(Manifest(class_names, changes.added))
    work.files.write_new(f"{work.place.tree}/{merging.ADDED}", added, sync=True)
    merging.decide(work)
    merging.merge(work)


def _read(root: Path) -> tuple[DatasetRecord, Manifest]:
    record = read_record(root)
    return record, read_manifest(root / MANIFEST, record.class_names)


def _relabelled(rows: Sequence[LabelledImage], known: Mapping[str, Sample]) -> Iterator[str]:
    for row in rows:
        before = known[row.source].label
        if row.label != before:
            yield f"{row.source}: the label was {before!r} and is {row.label!r}"


def _rewritten(
    work: Work, rows: Sequence[LabelledImage], known: Mapping[str, Sample]
) -> Iterator[str]:
    way = Way(work.place.images, "", "copy", "off")
    looks = look(work, way, [row.source for row in rows])
    usable, found, faulty = part(rows, looks.inspections)
    for item in faulty:
        yield f"{item.source}: {item.reason}"
    for row, inspection in zip(usable, found, strict=True):
        if inspection.sha256 != known[row.source].sha256:
            yield f"{row.source}: the bytes are others"


def _company(
    samples: Sequence[Sample],
    old: Sequence[LabelledImage],
    new: Sequence[LabelledImage],
    record: DatasetRecord,
) -> Company:
    """Return all images with their groups: as the CSV has them, or else as the data set has."""
    listed = {row.source: group for row, group in _grouped(old, record)}
    groups = [listed.get(sample.source, sample.group or None) for sample in samples]
    return Company(samples, new, [*groups, *(group for _, group in _grouped(new, record))])


def _grouped(
    rows: Sequence[LabelledImage], record: DatasetRecord
) -> Iterator[tuple[LabelledImage, str | None]]:
    return zip(rows, find_groups(rows, record.options), strict=True)
