"""Problems of a data set as a whole: its classes, labels, and files that do not belong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from imgclass.audit.tree import Tree
from imgclass.data.duplicates.pairs import DuplicatePair
from imgclass.data.faults import listing
from imgclass.images.extras import missing_extra
from imgclass.images.ignored_files import FILE, describe_ignored

TINY = 20  # training images; a val split of a tenth would have two
IMBALANCE = 10.0  # times; above, accuracy says little about the small classes

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "label_conflict": "Duplicates with different labels",
        "missing_class": "Classes missing from a split",
        "tiny_class": "Tiny classes",
        "imbalance": "Imbalanced classes",
        "stranger": "Files that are not images of a class",
        "missing_extra": "Images that need an extra package",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of the data set as a whole.

    Attributes:
        name: A key of `PROBLEMS`.
        count: Number of pairs, classes or files concerned.
        message: What was found and what to do.
    """

    name: str
    count: int
    message: str

    @property
    def title(self) -> str:
        """The name that people read."""
        return PROBLEMS[self.name]


def find_problems(tree: Tree, conflicts: Sequence[DuplicatePair]) -> tuple[Problem, ...]:
    """Return the problems; `conflicts` are duplicates with different labels."""
    counts = class_counts(tree)
    return tuple(
        problem
        for found in (
            _conflicting(conflicts),
            _missing(counts),
            _tiny(counts),
            _imbalanced(counts),
            _strange(tree),
            _needing_extras(tree),
        )
        for problem in found
    )


def class_counts(tree: Tree) -> dict[str, dict[str, int]]:
    """Return the number of images of each class, by split: train, val, test; classes are sorted."""
    counted = Counter((entry.split, entry.label) for entry in tree.entries)
    labels = sorted({label for _, label in counted})
    order = [s for s in ("train", "val", "test", "") if any(split == s for split, _ in counted)]
    return {split: {label: counted[split, label] for label in labels} for split in order}


def _conflicting(conflicts: Sequence[DuplicatePair]) -> Iterator[Problem]:
    if conflicts:
        yield Problem(
            "label_conflict",
            len(conflicts),
            "They look like one picture and have two labels: an error, or two things that look "
            "alike. Look at the pairs, then correct the label or remove the image.",
        )


def _missing(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    texts = [
        f"{split} has no image of {listing(absent)}"
        for split, numbers in counts.items()
        if (absent := [label for label, number in numbers.items() if not number])
    ]
    if texts:
        missing = sum(not n for numbers in counts.values() for n in numbers.values())
        yield Problem("missing_class", missing, "; ".join(texts) + ".")


def _tiny(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    numbers = _learned_from(counts)
    if tiny := [f"{label} ({n})" for label, n in numbers.items() if 0 < n < TINY]:
        text = (
            f"Fewer than {TINY} images to learn from: {listing(tiny)}. Find more, or join classes."
        )
        yield Problem("tiny_class", len(tiny), text)


def _imbalanced(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    numbers = {label: n for label, n in _learned_from(counts).items() if n}
    most, least = max(numbers, key=numbers.__getitem__), min(numbers, key=numbers.__getitem__)
    if numbers[most] >= IMBALANCE * numbers[least]:
        yield Problem(
            "imbalance",
            sum(numbers[most] >= IMBALANCE * n for n in numbers.values()),
            f"{most!r} has {numbers[most]:,} images and {least!r} has {numbers[least]:,}. Read "
            "recall class by class: accuracy hides the small classes.",
        )


def _strange(tree: Tree) -> Iterator[Problem]:
    readable = {path: kind for path, kind in tree.strangers.items() if missing_extra(path) is None}
    if readable:
        said = " ".join(describe_ignored(readable, hidden=tree.hidden))
        yield Problem("stranger", len(readable), said)


def _needing_extras(tree: Tree) -> Iterator[Problem]:
    unread = {path: FILE for path in tree.strangers if missing_extra(path) is not None}
    if unread:
        yield Problem("missing_extra", len(unread), " ".join(describe_ignored(unread)))


def _learned_from(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    """Return the counts of the training images; of all without splits."""
    return counts.get("train") or next(iter(counts.values()))
