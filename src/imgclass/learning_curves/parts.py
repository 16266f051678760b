"""Parts of the training images: each holds the smaller ones, and every class in proportion."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Manifest, Sample
from imgclass.data.splitting.split import digest
from imgclass.errors import UsageError
from imgclass.formatting import count

PARTS = (0.125, 0.25, 0.5, 1.0)
_WHOLE = 1.0


def part_sizes(parts: Sequence[float], manifest: Manifest) -> tuple[int, ...]:
    """Return the number of training images of each part, the smallest first, the whole last.

    Args:
        parts: Shares of the training images, above 0 and at most 1.
        manifest: Of the whole data set.

    Raises:
        UsageError: A part is out of range, or has not an image of each class.

    Example:
        >>> cats = [Sample(f"{i}.png", "cat", "train", "", 8, 8, "") for i in range(50)]
        >>> dogs = [Sample(f"{i}.png", "dog", "train", "", 8, 8, "") for i in range(50, 100)]
        >>> part_sizes((0.5, 0.125), Manifest(("cat", "dog"), (*cats, *dogs)))
        (12, 50, 100)
    """
    whole = manifest.counts["train"]
    fewest = len({sample.label for sample in manifest.of("train")})
    for part in parts:
        if not 0 < part <= 1:
            raise UsageError(
                f"Expected parts as shares of the training images, above 0 and at most 1; received "
                f"{part:g}. Give such as 0.125,0.25,0.5."
            )
        if round(part * whole) < fewest:
            raise UsageError(
                f"Expected parts with an image of each class, so {fewest / whole:.2g} or more of "
                f"these {count(whole, 'training image')}; received {part:g}. Leave it out."
            )
    return tuple(sorted({round(part * whole) for part in (*parts, _WHOLE)}))


def part_of(folder: ImageFolder, size: int, *, seed: int) -> ImageFolder:
    """Return a data set with only `size` of the training images, all val images and no test split.

    A smaller part of the same seed is a part of a larger one. The images of a class come in the
    order of a hash of seed, class and path, and the classes in turn, by the share of their images
    that is in.
    """
    inside = {sample.path for sample in nested_order(folder.manifest.of("train"), seed)[:size]}
    samples = tuple(
        sample
        for sample in folder.manifest.samples
        if sample.split == "val" or sample.path in inside
    )
    return replace(folder, manifest=replace(folder.manifest, samples=samples))


def nested_order(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """Return samples in an order of which every beginning has the classes in proportion.

    The first of each class come before all others.

    Example:
        >>> labels = ["cat"] * 4 + ["dog"] * 2
        >>> few = [Sample(f"{i}.png", y, "train", "", 8, 8, "") for i, y in enumerate(labels)]
        >>> [sample.label for sample in nested_order(few, seed=0)]
        ['cat', 'dog', 'cat', 'cat', 'dog', 'cat']
    """
    classes = defaultdict(list)
    for sample in samples:
        classes[sample.label].append(sample)
    placed = []
    for label, members in sorted(classes.items()):
        members.sort(key=lambda sample: digest((sample.path, sample.label), seed))
        for rank, sample in enumerate(members):
            placed.append(((rank + 0.5) / len(members) if rank else 0.0, label, sample))
    placed.sort(key=lambda place: place[:2])
    return [sample for *_, sample in placed]
