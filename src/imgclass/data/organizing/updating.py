"""Adding images to a data set that is there: nothing that it holds is moved, changed or removed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from imgclass.data.dataset.organized import read_left_out, read_record
from imgclass.data.dataset.record import (
    MANIFEST,
    DatasetRecord,
    LeftOut,
    Quarantined,
    file_sha256,
    make_record,
)
from imgclass.data.faults import listing
from imgclass.data.labels.reading import LabelledImage, Labels
from imgclass.data.manifest import Manifest, Sample, Split, read_manifest
from imgclass.data.organizing import building, merging, moving
from imgclass.data.organizing.bringing import bring, look_at
from imgclass.data.organizing.course import Request
from imgclass.data.organizing.difference import describe_options
from imgclass.data.organizing.planning import Plan, find_groups, make_samples, part, sample_path
from imgclass.data.organizing.work import Work
from imgclass.data.splitting.split import later_split
from imgclass.data.workers.steps import Steps
from imgclass.errors import UnsafeError


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
    """

    added: tuple[Sample, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    notices: tuple[str, ...] = ()


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
    splits, notices = _later_splits(new, old, known, record)
    with building.workplace(work) as locked:
        if _read(root) != (record, manifest):
            raise UnsafeError(f"Another run changed {str(root)!r} just now. Run again.")
        places = list(map(sample_path, new, splits))
        building.probe(locked, new[0].source, request.options.transfer)
        inspections = bring(locked, new, places, request.options)
        if request.moved_from is not None:
            moving.require_single_names(new, inspections)
        usable, found, quarantined = part(new, inspections)
        chosen = dict(
            zip((row.source for row in new), zip(splits, places, strict=True), strict=True)
        )
        added = make_samples(
            usable,
            found,
            [chosen[row.source][0] for row in usable],
            [chosen[row.source][1] for row in usable],
        )
        changes = Changes(added, removed, changed, quarantined, notices)
        if added:
            _carry_out(locked, request, labels, changes, (record, manifest))
    return changes


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
    left_out = LeftOut(
        quarantined=changes.quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(*read_left_out(Path(work.place.root)).notices, *changes.notices),
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
    usable, found, faulty = part(rows, look_at(work, rows, "off"))
    for item in faulty:
        yield f"{item.source}: {item.reason}"
    for row, inspection in zip(usable, found, strict=True):
        if inspection.sha256 != known[row.source].sha256:
            yield f"{row.source}: the bytes are others"


def _later_splits(
    new: Sequence[LabelledImage],
    old: Sequence[LabelledImage],
    known: Mapping[str, Sample],
    record: DatasetRecord,
) -> tuple[list[Split], tuple[str, ...]]:
    """Return the splits of new images: that of their group where it has one, or by their hash."""
    place = partial(later_split, seed=record.options.seed, thresholds=record.thresholds)
    groups = find_groups(new, record.options)
    if groups is None:
        return [place((row.source, row.label)) for row in new], ()
    taken: dict[str, Split] = {}
    straddling = set()
    listed = {row.source for row in old}
    gone = [_without_row(sample) for source, sample in known.items() if source not in listed]
    here = [*old, *gone]
    for row, group in zip(here, find_groups(here, record.options) or (), strict=True):
        split = known[row.source].split
        if group is not None and taken.setdefault(group, split) != split:
            straddling.add(group)
    splits: list[Split] = []
    for row, group in zip(new, groups, strict=True):
        if group is None:
            splits.append(place((row.source, row.label)))
        else:
            splits.append(taken.setdefault(group, place((group, ""))))
    notices = []
    if straddling:
        notices.append(f"Groups lie in several splits already: {listing(sorted(straddling))}.")
    if gone and record.options.group_column is not None:
        notices.append(
            f"Images of the data set that the CSV no longer names: {len(gone):,}. Their groups are "
            "not known any more, and a new image of one may lie in another split."
        )
    return splits, tuple(notices)


def _without_row(sample: Sample) -> LabelledImage:
    """Return an image of the data set as a row that the CSV no longer has."""
    return LabelledImage(sample.source, sample.label, sample.source, 0)
