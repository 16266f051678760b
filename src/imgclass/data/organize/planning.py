"""What organizing will do, as a value: labels and inspections in, a manifest and its lefts out."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from imgclass.data.class_names import class_directory
from imgclass.data.dataset.record import LeftOut, Quarantined, Repeated
from imgclass.data.inspection import Inspection
from imgclass.data.labels.labels import LabelledImage, Labels
from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.data.options import Options
from imgclass.data.organize.file_names import file_name
from imgclass.data.organize.looks import Looks, require_readable
from imgclass.data.organize.pictures import (
    describe,
    describe_conflicts,
    find_pictures,
    joined,
    named,
    repeats,
)
from imgclass.data.splitting.groups import compile_pattern, group_of
from imgclass.data.splitting.split import Assignment, split_images

_directory = lru_cache(maxsize=10_000)(class_directory)  # asked for every image


@dataclass(frozen=True, slots=True)
class Plan:
    """Which images will be organized, and where each will lie.

    Attributes:
        manifest: Every image that can be used, with its class, split and place.
        left_out: Everything that was found and will not be organized.
    """

    manifest: Manifest
    left_out: LeftOut

    @property
    def counts(self) -> dict[Split, int]:
        """Number of images in each split."""
        return self.manifest.counts


@dataclass(frozen=True, slots=True)
class Draft:
    """A split of images, and the place of each in the data set.

    Attributes:
        assignment: The split.
        places: Such as `train/cat/12.jpg`.
    """

    assignment: Assignment
    places: tuple[str, ...]


def draft_dataset(
    rows: Sequence[LabelledImage], options: Options, groups: Sequence[Hashable | None] | None = None
) -> Draft:
    """Split images, groups kept together, as if each were sound.

    Args:
        rows: The images.
        options: How to organize.
        groups: Of the images; the user's when not given.
    """
    images = [(row.source, row.label) for row in rows]
    groups = find_groups(rows, options) if groups is None else groups
    assignment = split_images(images, options.rule, groups)
    places = map(sample_path, rows, assignment.splits)
    return Draft(assignment, tuple(places))


def plan_dataset(labels: Labels, looks: Looks, options: Options, draft: Draft) -> Plan:
    """Plan a data set.

    Args:
        labels: The images and their classes.
        looks: What looking at each of `labels.rows` gave.
        options: How to organize.
        draft: That of all of `labels.rows`, which stands if every image is sound and a picture of
            its own.

    Raises:
        MachineError: A file could not be read, so nothing can be planned.
        LabelsError: Too few classes have a usable image.
        UsageError: A split of the size asked for is not possible.
    """
    usable, found, quarantined = part(labels.rows, looks.inspections)
    pictures = find_pictures([one.sha256 for one in found], looks.prints_of_sound, options)
    dropped = repeats(pictures, usable) if options.duplicates == "drop" else {}
    kept = [index for index in range(len(usable)) if index not in dropped]
    rows = [usable[index] for index in kept]
    user_groups = find_groups(usable, options)
    if quarantined or pictures.groups:
        together = joined(user_groups, pictures) if options.keeps_pictures_together else user_groups
        draft = draft_dataset(rows, options, [together[index] for index in kept])
    samples = make_samples(
        rows,
        [found[index] for index in kept],
        draft.assignment.splits,
        draft.places,
        [user_groups[index] for index in kept],
    )
    splits = {sample.source: sample.split for sample in samples}
    pairs = named(pictures, usable)
    left_out = LeftOut(
        quarantined=quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(
            *labels.notices,
            *draft.assignment.notices,
            *describe(pictures, [splits.get(row.source) for row in usable], options),
            *describe_conflicts(pairs),
        ),
        repeated=tuple(
            Repeated(usable[index].source, usable[index].label, usable[first].source)
            for index, first in dropped.items()
        ),
        duplicates=pairs,
    )
    class_names = tuple(sorted({sample.label for sample in samples}))
    return Plan(Manifest(class_names, samples), left_out)


def part(
    rows: Sequence[LabelledImage], inspections: Sequence[Inspection]
) -> tuple[list[LabelledImage], list[Inspection], tuple[Quarantined, ...]]:
    """Return the sound images, what was found of them, and the others.

    Raises:
        MachineError: A file could not be read, so that neither is known of it.
    """
    require_readable((row.source for row in rows), inspections)
    quarantined = [
        Quarantined(row.source, row.label, found.fault)
        for row, found in zip(rows, inspections, strict=True)
        if found.fault
    ]
    if not quarantined:
        return list(rows), list(inspections), ()
    sound = [pair for pair in zip(rows, inspections, strict=True) if not pair[1].fault]
    return [row for row, _ in sound], [found for _, found in sound], tuple(quarantined)


def make_samples(
    rows: Sequence[LabelledImage],
    inspections: Sequence[Inspection],
    splits: Sequence[Split],
    places: Sequence[str],
    groups: Sequence[str | None],
) -> tuple[Sample, ...]:
    """Return the manifest's rows of sound images."""
    return tuple(
        Sample(
            place,
            row.label,
            split,
            found.sha256,
            found.width,
            found.height,
            row.source,
            group or "",
        )
        for row, found, split, place, group in zip(
            rows, inspections, splits, places, groups, strict=True
        )
    )


def find_groups(rows: Sequence[LabelledImage], options: Options) -> list[str | None]:
    """Return the group of each image; None where it has none, or none were asked for."""
    if options.group_pattern is not None:
        pattern = compile_pattern(options.group_pattern)
        return [group_of(row.source, pattern) for row in rows]
    return [row.group if options.group_column is not None else None for row in rows]


def sample_path(row: LabelledImage, split: Split) -> str:
    """Return where an image lies in the data set: `train/cat/12.jpg`."""
    return f"{split}/{_directory(row.label)}/{file_name(row.source)}"
