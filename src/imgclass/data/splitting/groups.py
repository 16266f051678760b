"""Keeping groups in one split: a patient, a scene, a burst, copies of one picture."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import UsageError

Shares = Mapping[Split, Mapping[str, int]]
"""Number of images of each class, by split."""

_NO_ROOM = Fraction(-(2**62))


def place_groups(
    images: Sequence[tuple[str, str]],
    groups: Sequence[Hashable | None],
    *,
    wanted: Shares,
    seed: int,
) -> dict[int, Split]:
    """Give each group of two or more images one split, by position; splits fill at the same pace.

    The largest group comes first, equal ones in the order of a hash. A group goes to the emptiest
    split in which it fits, counting half of it as placed: for groups of one size that is Webster's
    method of apportionment. So single images can fill the rest exactly. A group that fits nowhere
    goes to a split that would otherwise lack a class, or else to the emptiest.
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        if group is not None:
            members[group].append(index)
    together = [indices for indices in members.values() if len(indices) > 1]
    together.sort(key=lambda indices: (-len(indices), _digest(images, indices, seed)))
    in_groups = {index for indices in together for index in indices}
    singles = Counter(label for i, (_, label) in enumerate(images) if i not in in_groups)
    open_ = {split: dict(wanted[split]) for split in SPLITS}
    placed: dict[int, Split] = {}
    for indices in together:
        sizes = Counter(images[index][1] for index in indices)
        fitting = [
            split
            for split in SPLITS
            if all(size <= open_[split][label] for label, size in sizes.items())
        ]
        starving = [
            split
            for split in SPLITS
            if any(open_[split][c] == wanted[split][c] > 0 and not singles[c] for c in sizes)
        ]
        room = {
            split: _room(sizes, open_[split], wanted[split])
            for split in fitting or starving or SPLITS
        }
        split = max(room, key=room.__getitem__)
        for label, size in sizes.items():
            open_[split][label] -= size
        placed.update(dict.fromkeys(indices, split))
    return placed


def group_of(source: str, pattern: re.Pattern[str]) -> str | None:
    """Return the group that a pattern finds: its first bracket, or all that it matches."""
    found = pattern.search(source)
    if found is None:
        return None
    return found[1] if pattern.groups else found[0]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern, or raise a UsageError."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(
            f"Expected group_pattern (--group-pattern) to be a regular expression; received "
            f"{pattern!r}: {error}."
        ) from error


def _room(
    sizes: Mapping[str, int], open_: Mapping[str, int], wanted: Mapping[str, int]
) -> Fraction:
    """Return the open share of a split's fullest class, with half of a group placed in it."""
    return min(
        (
            Fraction(2 * open_[label] - size, 2 * wanted[label])
            for label, size in sizes.items()
            if wanted[label]
        ),
        default=_NO_ROOM,
    )


def _digest(images: Sequence[tuple[str, str]], indices: Sequence[int], seed: int) -> bytes:
    names = sorted(images[index][0] for index in indices)
    message = "\0".join((str(seed), *names)).encode("utf-8", "surrogateescape")
    return hashlib.sha256(message).digest()
