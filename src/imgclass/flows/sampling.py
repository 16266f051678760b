"""The images that an epoch shows, and their order: a function of the seed and the epoch alone."""

import numpy as np
import numpy.typing as npt

from imgclass.flows.names import Sampling

_BALANCED = 5  # what its random numbers are told apart by


def epoch_order(n: int, *, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """Return the numbers below `n`, shuffled by a seed and an epoch."""
    return np.random.default_rng((seed, epoch, 0)).permutation(n)


def draw_images(
    labels: npt.NDArray[np.int64], *, sampling: Sampling, seed: int, epoch: int
) -> npt.NDArray[np.int64]:
    """Return the rows `(n,)` of the images that an epoch shows, not yet shuffled.

    Args:
        labels: Class indices `(n,)`.
        sampling: `shuffled` takes every image once. `balanced` takes as many images, of every class
            equally often: an image of a small class comes several times, and in a large class
            others have their turn in the next epoch. No image comes once more before all of its
            class have come.
        seed: 0 or more.
        epoch: Counted from 0.

    Example:
        >>> rows = draw_images(np.array([0, 0, 0, 1]), sampling="balanced", seed=0, epoch=0)
        >>> np.bincount(rows // 3)
        array([2, 2])
    """
    if sampling == "shuffled":
        return np.arange(len(labels))
    by_class = np.argsort(labels, kind="stable")
    classes = np.split(by_class, np.flatnonzero(np.diff(labels[by_class])) + 1)
    parts = [
        _part_of_class(
            rows,
            # Over the classes the parts add up to n exactly (Hermite's identity).
            first=(epoch * len(labels) + place) // len(classes),
            last=((epoch + 1) * len(labels) + place) // len(classes),
            seed=(seed, place),
        )
        for place, rows in enumerate(classes)
    ]
    return np.concatenate(parts)


def _part_of_class(
    rows: npt.NDArray[np.int64], *, first: int, last: int, seed: tuple[int, int]
) -> npt.NDArray[np.int64]:
    """Return places `first` to `last` of an endless sequence: the rows, shuffled anew each pass."""
    n = len(rows)

    def shuffled(number: int) -> npt.NDArray[np.int64]:
        return np.random.default_rng((*seed, number, _BALANCED)).permutation(rows)

    (start, skipped), (end, begun) = divmod(first, n), divmod(last, n)
    if start == end:
        return shuffled(start)[skipped:begun]
    # The order within whole passes does not matter, since the epoch is shuffled.
    whole = np.tile(rows, end - start - 1)
    return np.concatenate((shuffled(start)[skipped:], whole, shuffled(end)[:begun]))
