"""What organizing will do, as a value: labels and inspections in, a manifest and its lefts out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from imgclass.data.class_names import class_directory
from imgclass.data.dataset.record import LeftOut, Quarantined
from imgclass.data.faults import Faults
from imgclass.data.inspection import Inspection
from imgclass.data.labels.reading import LabelledImage, Labels
from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.data.options import Options
from imgclass.data.organizing.file_names import file_name
from imgclass.data.splitting.groups import compile_pattern, group_of
from imgclass.data.splitting.split import Assignment, split_images
from imgclass.errors import MachineError

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


def draft_dataset(rows: Sequence[LabelledImage], options: Options) -> Draft:
    """Split images, groups kept together, as if each were sound."""
    images = [(row.source, row.label) for row in rows]
    assignment = split_images(images, options.rule, find_groups(rows, options))
    places = map(sample_path, rows, assignment.splits)
    return Draft(assignment, tuple(places))


def plan_dataset(
    labels: Labels, inspections: Sequence[Inspection], options: Options, draft: Draft
) -> Plan:
    """Plan a data set.

    Args:
        labels: The images and their classes.
        inspections: What reading each of `labels.rows` gave.
        options: How to organize.
        draft: That of all of `labels.rows`, which stands if every image is sound.

    Raises:
        MachineError: A file could not be read, so nothing can be planned.
        LabelsError: Too few classes have a usable image.
        UsageError: A split of the size asked for is not possible.
    """
    usable, found, quarantined = part(labels.rows, inspections)
    if quarantined:
        draft = draft_dataset(usable, options)
    samples = make_samples(usable, found, draft.assignment.splits, draft.places)
    left_out = LeftOut(
        quarantined=quarantined,
        rows_without_image=tuple(row.id for row in labels.rows_without_image),
        images_without_row=labels.images_without_row,
        notices=(*labels.notices, *draft.assignment.notices),
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
    refused = Faults()
    quarantined = []
    for row, found in zip(rows, inspections, strict=True):
        if found.refusal:
            refused.add(f"{row.source!r}: {found.refusal}")
        elif found.fault:
            quarantined.append(Quarantined(row.source, row.label, found.fault))
    if refused:
        raise MachineError(
            f"Expected to read every image; {len(refused)} could not be read, so nothing was "
            f"organized. Make them readable, or take their rows out, and run again:\n{refused}"
        )
    if not quarantined:
        return list(rows), list(inspections), ()
    sound = [pair for pair in zip(rows, inspections, strict=True) if not pair[1].fault]
    return [row for row, _ in sound], [found for _, found in sound], tuple(quarantined)


def make_samples(
    rows: Sequence[LabelledImage],
    inspections: Sequence[Inspection],
    splits: Sequence[Split],
    places: Sequence[str],
) -> tuple[Sample, ...]:
    """Return the manifest's rows of sound images."""
    return tuple(
        Sample(place, row.label, split, found.sha256, found.width, found.height, row.source)
        for row, found, split, place in zip(rows, inspections, splits, places, strict=True)
    )


def find_groups(rows: Sequence[LabelledImage], options: Options) -> list[str | None] | None:
    """Return the group of each image, or None where no groups were asked for."""
    if options.group_pattern is not None:
        pattern = compile_pattern(options.group_pattern)
        return [group_of(row.source, pattern) for row in rows]
    if options.group_column is not None:
        return [row.group for row in rows]
    return None


def sample_path(row: LabelledImage, split: Split) -> str:
    """Return where an image lies in the data set: `train/cat/12.jpg`."""
    return f"{split}/{_directory(row.label)}/{file_name(row.source)}"
