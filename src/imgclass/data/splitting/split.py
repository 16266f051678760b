"""Splitting images: stratified, exact, and a function of seed, class and image only.

The images of a class are ordered by a hash of seed, class and id, and cut by counts, so that the
order of a listing, the platform and the version of Python do not matter. A class of one image goes
to train, of two to train and val; three or more are in every split that is asked for.
"""

import hashlib
import heapq
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Split
from imgclass.data.splitting.apportionment import apportion
from imgclass.data.splitting.groups import Shares, place_groups
from imgclass.errors import LabelsError, UsageError

MIN_CLASSES = 2
SALT = b"imgclass-split-1\0"  # a changed rule needs another salt


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How large val and test are, in 0-1 (float) or a count (int), and the seed."""

    val: float = 0.1
    test: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        sizes = {"val": self.val, "test": self.test}
        for name, size in sizes.items():
            if type(size) not in {int, float} or not size >= 0:
                raise UsageError(
                    f"Expected {name} as a fraction in 0-1 or a count; received {size!r}."
                )
        if type(self.seed) is not int:
            raise UsageError(f"Expected seed to be a whole number; received {self.seed!r}.")
        fractions = [size for size in sizes.values() if type(size) is float]
        if not sum(fractions) < 1 or not any(sizes.values()):
            raise UsageError(
                f"Expected 0 < val + test < 1, or counts; received val={self.val}, "
                f"test={self.test}."
            )

    def counts(self, total: int) -> tuple[int, int]:
        """Return the images asked for in val and in test, of `total` images."""
        val, test = (
            size if isinstance(size, int) else int(size * total + 0.5)
            for size in (self.val, self.test)
        )
        return val, test


@dataclass(frozen=True, slots=True)
class Assignment:
    """The split of each image, in the order given, and what a user should know."""

    splits: tuple[Split, ...]
    notices: tuple[str, ...]


def split_images(
    images: Sequence[tuple[str, str]],
    rule: SplitRule,
    groups: Sequence[Hashable | None] | None = None,
) -> Assignment:
    """Assign every image, an id and a class, to a split, each class in proportion to its size.

    The images of a group share a split; single ones, of group None, then fill the counts, exactly
    if there are enough.
    """
    sizes = dict(sorted(Counter(label for _, label in images).items()))
    if len(sizes) < MIN_CLASSES:
        raise LabelsError(
            f"Expected images of at least {MIN_CLASSES} classes; received {len(sizes)}: "
            f"{listing(list(sizes)) or 'no image at all'}. Is it the right label column?"
        )
    wanted, notices = _shares(sizes, rule)
    placed = {} if groups is None else place_groups(images, groups, wanted=wanted, seed=rule.seed)
    open_ = {split: Counter(wanted[split]) for split in SPLITS}
    single: dict[str, list[int]] = {label: [] for label in sizes}
    for index, (_, label) in enumerate(images):
        if index in placed:
            open_[placed[index]][label] -= 1
        else:
            single[label].append(index)
    splits: list[Split] = [placed.get(index, "train") for index in range(len(images))]
    for label, indices in single.items():
        test, val = _fill(len(indices), max(open_["test"][label], 0), max(open_["val"][label], 0))
        first = heapq.nsmallest(
            test + val, indices, key=lambda index: digest(images[index], rule.seed)
        )
        for rank, index in enumerate(first):
            splits[index] = "test" if rank < test else "val"
    return Assignment(tuple(splits), (*notices, *_shortfall(images, splits, wanted)))


def later_split(image: tuple[str, str], *, seed: int, thresholds: tuple[float, float]) -> Split:
    """Return the split of an image, an id and a class, that is added to a data set later.

    A hash in 0-1 below the first threshold means test, below the second val.
    """
    position = int.from_bytes(digest(image, seed)[:8], "big") / 2**64
    if position < thresholds[0]:
        return "test"
    return "val" if position < thresholds[1] else "train"


def digest(image: tuple[str, str], seed: int) -> bytes:
    """Return the 32 bytes by which the images of a class are ordered.

    Ids are taken in Unicode's NFC form, since macOS may list names in NFD.
    """
    name, label = image
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    message = f"{seed}\0{label}\0{name}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(SALT + message).digest()


def _shares(
    sizes: Mapping[str, int], rule: SplitRule
) -> tuple[dict[Split, dict[str, int]], tuple[str, ...]]:
    """Return how many images of each class each split should have, and notices."""
    in_val, in_test = bool(rule.val), bool(rule.test)
    least_val = {c: int(in_val and n > 1) for c, n in sizes.items()}
    least_test = {c: int(in_test and n > 1 + in_val) for c, n in sizes.items()}
    most_val = {c: n - 1 - least_test[c] for c, n in sizes.items()}
    wanted_val, wanted_test = rule.counts(sum(sizes.values()))
    val_total = _feasible("val", wanted_val, rule.val, least_val, most_val)
    val = apportion(val_total, sizes, lowest=least_val, highest=most_val)
    most_test = {c: n - 1 - val[c] for c, n in sizes.items()}
    test_total = _feasible("test", wanted_test, rule.test, least_test, most_test)
    test = apportion(test_total, sizes, lowest=least_test, highest=most_test)
    train = {c: n - val[c] - test[c] for c, n in sizes.items()}
    notices = [
        f"{name} has {total} images instead of {wanted}, so that every class is in it and in train."
        for name, total, wanted in (
            ("val", val_total, wanted_val),
            ("test", test_total, wanted_test),
        )
        if total != wanted
    ]
    if small := [f"{c} ({n})" for c, n in sizes.items() if n < 1 + in_val + in_test]:
        notices.append(
            f"{len(small)} of {len(sizes)} classes have too few images to be in every split: "
            f"{listing(small)}."
        )
    return {"train": train, "val": val, "test": test}, tuple(notices)


def _fill(singles: int, test: int, val: int) -> tuple[int, int]:
    """Return how many single images fill the places that groups left in test and in val."""
    if test + val <= singles:
        return test, val
    to_test = singles * test // (test + val)
    return to_test, singles - to_test


def _shortfall(
    images: Sequence[tuple[str, str]], splits: Sequence[Split], wanted: Shares
) -> Iterator[str]:
    """Yield a notice for each split that lacks what it should have because of groups."""
    found = {split: Counter[str]() for split in SPLITS}
    for (_, label), split in zip(images, splits, strict=True):
        found[split][label] += 1
    for split in SPLITS:
        has, should = found[split].total(), sum(wanted[split].values())
        if has != should:
            yield f"{split} has {has} images instead of {should}, since groups stay together."
        absent = [c for c, count in wanted[split].items() if count and not found[split][c]]
        if absent:
            yield f"{split} has no image of {listing(absent)}, whose groups are elsewhere."


def _feasible(
    name: str, wanted: int, asked: float, least: Mapping[str, int], most: Mapping[str, int]
) -> int:
    """Return a possible size of a split: a count is kept or refused, a fraction adjusted."""
    lowest, highest = sum(least.values()), sum(most.values())
    if isinstance(asked, int) and not lowest <= wanted <= highest:
        raise UsageError(
            f"Expected {name} between {lowest} and {highest} images, so that every class is in it "
            f"and in train; received {name}={asked}."
        )
    return min(max(wanted, lowest), highest)
