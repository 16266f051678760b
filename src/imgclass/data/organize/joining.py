"""Which split a new image comes to: that of its group or its picture, or that of its hash."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from imgclass.data.dataset.record import DatasetRecord, PicturePair, Repeated
from imgclass.data.duplicates.groups import components
from imgclass.data.faults import listing
from imgclass.data.inspection import Way
from imgclass.data.labels.labels import LabelledImage
from imgclass.data.manifest import SPLITS, Sample, Split
from imgclass.data.organize.bringing import look
from imgclass.data.organize.looks import Looks, require_readable
from imgclass.data.organize.pictures import (
    Pictures,
    describe_conflicts,
    find_pictures,
    named,
    repeats,
)
from imgclass.data.organize.work import Work
from imgclass.data.splitting.split import later_split

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint


@dataclass(frozen=True, slots=True)
class Joining:
    """Where new images go.

    Attributes:
        splits: Of each image.
        repeated: Those of them that are left out, by their index.
        pairs: Pairs of one picture, at least one of the two new.
        notices: What a user should know.
    """

    splits: tuple[Split, ...]
    repeated: Mapping[int, Repeated]
    pairs: tuple[PicturePair, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """The images of a data set, and the new ones that come to it.

    Attributes:
        old: The data set's images.
        new: Those that come.
        groups: The user's group of each, the old ones first; None for an image on its own.
    """

    old: Sequence[Sample]
    new: Sequence[LabelledImage]
    groups: Sequence[str | None]

    @property
    def images(self) -> list[Sample | LabelledImage]:
        """All of them, the old ones first."""
        return [*self.old, *self.new]


def find_company(work: Work, company: Company, looks: Looks, record: DatasetRecord) -> Pictures:
    """Return the pictures that new images share with others.

    The images of the data set are decoded again for it: what was known of them is not kept.

    Args:
        work: Where.
        company: The images, the new ones sound.
        looks: What looking at all that are new gave.
        record: How the data set was organized.
    """
    old, options = company.old, record.options
    prints: Fingerprint | None = None
    if options.compares_pictures:
        import numpy as np

        linked = options.transfer == "symlink"
        way = Way(work.place.images if linked else work.place.root, "", "copy", "full", True)
        sources = [sample.source if linked else sample.path for sample in old]
        work.steps.total += len(old)
        seen, come = look(work, way, sources), looks.prints_of_sound
        require_readable(sources, seen.inspections)
        assert seen.prints is not None
        assert come is not None
        prints = np.concatenate([seen.prints.array, come])
    new = [found for found in looks.inspections if not found.fault]
    hashes = [*(sample.sha256 for sample in old), *(found.sha256 for found in new)]
    found = find_pictures(hashes, prints, options)
    pairs = tuple(pair for pair in found.pairs if pair.b >= len(old))
    return Pictures(pairs, components((pair.a, pair.b) for pair in pairs))


def join(company: Company, pictures: Pictures, record: DatasetRecord) -> Joining:
    """Place new images, none of the old ones being moved.

    Args:
        company: The images.
        pictures: Those that new ones share with others.
        record: How the data set was organized.
    """
    options, images, count = record.options, company.images, len(company.old)
    left = repeats(pictures, images) if options.duplicates == "drop" else {}
    together = _together(company, pictures if options.keeps_pictures_together else Pictures())
    place = partial(later_split, seed=options.seed, thresholds=record.thresholds)
    splits = [place((row.source, row.label)) for row in company.new]
    bridging = []
    for group in together:
        found = {company.old[index].split for index in group if index < count}
        names = sorted({name for index in group if (name := company.groups[index]) is not None})
        first = min((images[index].source, images[index].label) for index in group)
        split = min(found, key=SPLITS.index) if found else place((names[0], "") if names else first)
        come = [index - count for index in group if index >= count]
        for index in come:
            splits[index] = split
        if len(found) > 1:
            bridging += [company.new[index].source for index in come]
    pairs = named(pictures, images)
    return Joining(
        splits=tuple(splits),
        repeated={
            index - count: Repeated(images[index].source, images[index].label, images[first].source)
            for index, first in left.items()
        },
        pairs=pairs,
        notices=(*_notices(company, bridging), *describe_conflicts(pairs)),
    )


def _together(company: Company, pictures: Pictures) -> tuple[tuple[int, ...], ...]:
    """Return the sets of images of which one is new; old ones are in a set through new ones only.

    A group of one new image is a set of its own.
    """
    first: dict[str, int] = {}
    links = []
    for index, group in enumerate(company.groups):
        if group is not None:
            known = first.setdefault(group, index)
            if index >= len(company.old):
                links.append((known, index))
    return components([*links, *((pair.a, pair.b) for pair in pictures.pairs)])


def _notices(company: Company, bridging: Sequence[str]) -> Iterator[str]:
    taken: dict[str, Split] = {}
    straddling = {
        group
        for sample, group in zip(company.old, company.groups, strict=False)
        if group is not None and taken.setdefault(group, sample.split) != sample.split
    }
    if straddling:
        yield f"Groups lie in several splits already: {listing(sorted(straddling))}."
    if bridging:
        yield (
            "New images that belong with images of several splits, so that they are in one of "
            f"them and their like in another: {listing(bridging)}."
        )
