"""What a data set will hold: which image goes into which split, and what is left out."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from imgclass.data.dataset.duplicates import (
    describe,
    describe_conflicts,
    duplicates_among,
    find_repeated,
    joined_groups,
    named_pairs,
)
from imgclass.data.dataset.record import LeftOut, Quarantined
from imgclass.data.dataset.scan import Scan, require_readable
from imgclass.data.dataset.stored_images import storage_notices
from imgclass.data.inspection import Inspection
from imgclass.data.labels.labels import Labels
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.data.options import Options
from imgclass.data.splitting.given import assign_images
from imgclass.data.splitting.groups import compile_pattern, group_of
from imgclass.data.splitting.split import Assignment

PathOf = Callable[[LabelledImage, Split], str]
"""Gives an image its path in the data set, such as `train/cat/12.jpg`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which images the data set will hold, and the path of each.

    Attributes:
        manifest: Every image that can be used, with its class, split and path.
        left_out: Everything that was found and will not be in it.
    """

    manifest: Manifest
    left_out: LeftOut

    @property
    def counts(self) -> dict[Split, int]:
        """Number of images in each split."""
        return self.manifest.counts


@dataclass(frozen=True, slots=True)
class Draft:
    """A split of images that have not been read yet, and their paths in the data set."""

    assignment: Assignment
    paths: tuple[str, ...]


def draft_plan(
    rows: Sequence[LabelledImage],
    options: Options,
    path_of: PathOf,
    groups: Sequence[Hashable | None] | None = None,
) -> Draft:
    """Split images as if every one were sound; groups, by default the user's, stay together.

    Images whose split is given keep it.
    """
    groups = find_groups(rows, options) if groups is None else groups
    images = [(row.source, row.label) for row in rows]
    assignment = assign_images(images, [row.split for row in rows], options.rule, groups)
    return Draft(assignment, tuple(map(path_of, rows, assignment.splits)))


def make_plan(labels: Labels, scan: Scan, options: Options, draft: Draft, path_of: PathOf) -> Plan:
    """Plan a data set of `labels.rows`, which `scan` read.

    Their `draft` is kept if every image is sound and shows a picture of its own.
    """
    rows, found, quarantined = sound_images(labels.rows, scan)
    groups = find_groups(rows, options)
    duplicates = duplicates_among([one.sha256 for one in found], scan.sound_fingerprints, options)
    repeated = find_repeated(duplicates, rows, options)
    kept = [index for index in range(len(rows)) if index not in repeated]
    if quarantined or duplicates.groups:
        kept_together = options.keeps_pictures_together
        joined = joined_groups(groups, duplicates) if kept_together else groups
        kept_rows = [rows[index] for index in kept]
        draft = draft_plan(kept_rows, options, path_of, [joined[index] for index in kept])
    samples = tuple(
        make_sample(rows[index], found[index], split, path, groups[index])
        for index, split, path in zip(kept, draft.assignment.splits, draft.paths, strict=True)
    )
    splits: list[Split | None] = [None] * len(rows)
    for index, split in zip(kept, draft.assignment.splits, strict=True):
        splits[index] = split
    pairs = named_pairs(duplicates, rows)
    left_out = LeftOut(
        quarantined=quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(
            *labels.notices,
            *draft.assignment.notices,
            *describe(duplicates, splits, options),
            *describe_conflicts(pairs),
            *storage_notices(found),
        ),
        repeated=tuple(repeated.values()),
        duplicates=pairs,
    )
    class_names = tuple(sorted({sample.label for sample in samples}))
    return Plan(Manifest(class_names, samples), left_out)


def sound_images(
    rows: Sequence[LabelledImage], scan: Scan
) -> tuple[list[LabelledImage], list[Inspection], tuple[Quarantined, ...]]:
    """Return the images without a fault, their inspections, and the other images."""
    require_readable((row.source for row in rows), scan.inspections)
    pairs = list(zip(rows, scan.inspections, strict=True))
    sound = [pair for pair in pairs if not pair[1].fault]
    quarantined = tuple(
        Quarantined(row.source, row.label, found.fault) for row, found in pairs if found.fault
    )
    return [row for row, _ in sound], [found for _, found in sound], quarantined


def make_sample(
    row: LabelledImage, found: Inspection, split: Split, path: str, group: str | None
) -> Sample:
    """Return the manifest's row of a sound image."""
    size = found.width, found.height
    return Sample(path, row.label, split, found.sha256, *size, row.source, group or "")


def find_groups(rows: Sequence[LabelledImage], options: Options) -> list[str | None]:
    """Return the user's group of each image."""
    if options.group_pattern is not None:
        pattern = compile_pattern(options.group_pattern)
        return [group_of(row.source, pattern) for row in rows]
    return [row.group if options.group_column is not None else None for row in rows]
