"""The split of a new image: that of its group or its picture, or else that of its hash."""

from collections.abc import Iterator, Sequence
from functools import partial

from imgclass.data.dataset.record import DatasetRecord
from imgclass.data.duplicates.groups import components
from imgclass.data.duplicates.pairs import Duplicates
from imgclass.data.faults import listing
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import SPLITS, Sample, Split
from imgclass.data.splitting.split import Assignment, later_split


def place_new(
    old: Sequence[Sample],
    new: Sequence[LabelledImage],
    groups: Sequence[str | None],
    duplicates: Duplicates,
    record: DatasetRecord,
    *,
    val_is_given: bool = False,
) -> Assignment:
    """Return the splits of new images; no image of the data set changes its split.

    `groups` are the user's, the old images first; `duplicates` the pairs with a new image. A split
    that is given for a new image is kept; if val is given for none, images of train may go there.
    """
    count, images = len(old), list[Sample | LabelledImage]([*old, *new])
    by_hash = partial(later_split, seed=record.options.seed, thresholds=record.thresholds)
    off_train = partial(later_split, seed=record.options.seed, thresholds=_off_train(record))
    splits = [(off_train if row.split else by_hash)((row.source, row.label)) for row in new]
    bridging = []
    for together in _kept_together(count, groups, duplicates, record):
        taken = {old[index].split for index in together if index < count}
        names = sorted({name for index in together if (name := groups[index]) is not None})
        first = min((images[index].source, images[index].label) for index in together)
        split = (
            min(taken, key=SPLITS.index) if taken else by_hash((names[0], "") if names else first)
        )
        for index in together:
            if index >= count:
                splits[index - count] = split
                if len(taken) > 1:
                    bridging.append(images[index].source)
    for index, row in enumerate(new):
        if row.split is not None and (row.split != "train" or val_is_given):
            splits[index] = row.split
        elif row.split is not None:
            splits[index] = "val" if splits[index] == "val" else "train"
    return Assignment(tuple(splits), tuple(_notices(old, groups, bridging)))


def _off_train(record: DatasetRecord) -> tuple[float, float]:
    """Return the thresholds for images of train, if val was split off train."""
    test, val = record.thresholds
    return 0.0, (val - test) / (1 - test) if test < 1 else 0.0


def _kept_together(
    count: int, groups: Sequence[str | None], duplicates: Duplicates, record: DatasetRecord
) -> tuple[tuple[int, ...], ...]:
    """Return the sets of images that new ones, from index `count` on, hold together."""
    first: dict[str, int] = {}
    links = []
    for index, group in enumerate(groups):
        if group is not None:
            known = first.setdefault(group, index)
            if index >= count:
                links.append((known, index))
    if record.options.keeps_pictures_together:
        links += [(pair.a, pair.b) for pair in duplicates.pairs]
    return components(links)


def _notices(
    old: Sequence[Sample], groups: Sequence[str | None], bridging: Sequence[str]
) -> Iterator[str]:
    taken: dict[str, Split] = {}
    straddling = {
        group
        for sample, group in zip(old, groups, strict=False)
        if group is not None and taken.setdefault(group, sample.split) != sample.split
    }
    if straddling:
        yield f"Groups that already lie in several splits: {listing(sorted(straddling))}."
    if bridging:
        yield (
            "New images that belong with images of several splits; each is in one of these splits, "
            f"and images like it are in another: {listing(bridging)}."
        )
