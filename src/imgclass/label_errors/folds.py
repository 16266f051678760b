"""Folds: parts of a data set, each of which is judged by a model that learned from the others."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import Sample, Split
from imgclass.data.splitting.split import digest
from imgclass.errors import UsageError

FEWEST_FOLDS, USUAL_FOLDS = 2, 4


def folds_of(samples: Sequence[Sample], folds: int, *, seed: int = 0) -> tuple[int, ...]:
    """Return each image's fold, from 0: every class is spread evenly over the folds.

    Copies of a file, and images of one group, come into one fold, so that no model has seen the
    image that it judges.

    Raises:
        UsageError: There are fewer than two folds, or a class has only one image, which no model
            could learn before judging it.

    Example:
        >>> cats = [Sample(f"{i}.png", "cat", "train", str(i), 8, 8, "") for i in range(4)]
        >>> sorted(folds_of(cats, 2))
        [0, 0, 1, 1]
    """
    if folds < FEWEST_FOLDS:
        raise UsageError(f"Expected folds >= {FEWEST_FOLDS}; received {folds}.")
    together = defaultdict(list)
    for index, sample in enumerate(samples):
        together[sample.group or sample.sha256].append(index)
    of_class = defaultdict(list)
    for members in together.values():
        of_class[samples[members[0]].label].append(members)
    if single := [name for name, units in sorted(of_class.items()) if len(units) == 1]:
        raise UsageError(
            f"Expected two different images or more of each class, so that one can be judged by a "
            f"model that learned the other; of {listing(single)} there is one. Add images, or take "
            f"these folders out."
        )
    placed, turn = [0] * len(samples), 0
    for _, units in sorted(of_class.items()):
        units.sort(key=lambda members: _order(samples[members[0]], seed))
        for members in units:
            for index in members:
                placed[index] = turn % folds
            turn += 1
    return tuple(placed)


def fold_folder(folder: ImageFolder, placed: Sequence[int], fold: int) -> ImageFolder:
    """Return the data set with one fold as val and all others as train, test images included."""
    splits: tuple[Split, Split] = ("train", "val")
    samples = tuple(
        replace(sample, split=splits[number == fold])
        for sample, number in zip(folder.manifest.samples, placed, strict=True)
    )
    return replace(folder, manifest=replace(folder.manifest, samples=samples))


def _order(sample: Sample, seed: int) -> bytes:
    return digest((sample.path, sample.label), seed)
