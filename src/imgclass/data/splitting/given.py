"""Splits that others have made are kept; if they made no val, it is split off train."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Split
from imgclass.data.splitting.split import Assignment, SplitRule, split_images
from imgclass.errors import LabelsError, UsageError
from imgclass.formatting import count

NO_TEST = "There is no test split: the scores on val are the final ones."


def assign_images(
    images: Sequence[tuple[str, str]],
    given: Sequence[Split | None],
    rule: SplitRule,
    groups: Sequence[Hashable | None] | None = None,
) -> Assignment:
    """Assign every image, an id and a class, to the split that is given for it, or split all.

    If none is given for any image, this is `split_images`. If some are, but val for none, the
    images of train are split into train and val, groups together; test stays as it is.

    Example:
        >>> images = [(str(number), "cat" if number % 2 else "dog") for number in range(40)]
        >>> given = ["test" if number < 8 else "train" for number in range(40)]
        >>> found = assign_images(images, given, SplitRule(val=0.25))
        >>> [found.splits.count(split) for split in ("train", "val", "test")]
        [24, 8, 8]
        >>> found.notices
        ('val is split off train: 25 %.',)
    """
    if not any(given):
        return split_images(images, rule, groups)
    splits: list[Split] = [split or "train" for split in given]
    found = _class_names(images, splits)
    _require_in_train(found)
    notices: list[str] = []
    if not found["val"]:
        notices += _split_off_val(images, splits, rule, groups)
    notices += _absent(_class_names(images, splits))
    return Assignment(tuple(splits), tuple(notices))


def _class_names(
    images: Sequence[tuple[str, str]], splits: Sequence[Split]
) -> Mapping[Split, set[str]]:
    found: dict[Split, set[str]] = {split: set() for split in SPLITS}
    for (_, label), split in zip(images, splits, strict=True):
        found[split].add(label)
    return found


def _require_in_train(found: Mapping[Split, set[str]]) -> None:
    strange = {split: sorted(found[split] - found["train"]) for split in SPLITS}
    problems = [f"{listing(names)} in {split} only" for split, names in strange.items() if names]
    if problems:
        raise LabelsError(
            f"Expected every class to have images in train; received {'; '.join(problems)}. "
            "Correct the splits, or leave them unused: split_column='' (--split-column '')."
        )


def _split_off_val(
    images: Sequence[tuple[str, str]],
    splits: list[Split],
    rule: SplitRule,
    groups: Sequence[Hashable | None] | None,
) -> Iterator[str]:
    """Put images of train into val; images of one group stay together among those of train."""
    if not rule.val:
        raise UsageError(
            "Expected val (--val) above 0, since the images have no val split of their own; "
            f"received {rule.val}."
        )
    indices = [index for index, split in enumerate(splits) if split == "train"]
    made = split_images(
        [images[index] for index in indices],
        SplitRule(val=rule.val, test=0, seed=rule.seed),
        None if groups is None else [groups[index] for index in indices],
    )
    for index, split in zip(indices, made.splits, strict=True):
        splits[index] = split
    size = f"{100 * rule.val:.3g} %" if isinstance(rule.val, float) else count(rule.val, "image")
    yield f"val is split off train: {size}."
    yield from made.notices


def _absent(found: Mapping[Split, set[str]]) -> Iterator[str]:
    if not found["test"]:
        yield NO_TEST
    for split in ("val", "test"):
        absent = sorted(found["train"] - found[split])
        if found[split] and absent:
            yield f"{split} has no image of {listing(absent)}."
