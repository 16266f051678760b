"""Splits that a table gives in a column of its own, in the words of the field or by numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from imgclass.data.faults import listing
from imgclass.data.labels.layout import Layout
from imgclass.data.manifest import Split
from imgclass.data.split_names import renamed, split_of
from imgclass.errors import LabelsError


@dataclass(frozen=True, slots=True)
class GivenSplits:
    """Which split each value of a column means; empty if no column gives the splits."""

    by_value: Mapping[str, Split] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def read_splits(values: Collection[str], column: str, layout: Layout) -> GivenSplits:
    """Return which splits the values of a column mean.

    A column that was found by its name, and whose values are not understood, is not used; if the
    user named it, that is a LabelsError.

    Example:
        >>> read_splits({"Training", "Valid"}, "set", Layout()).by_value
        {'Training': 'train', 'Valid': 'val'}
        >>> folds = Layout(split_column="fold", val_values=["0"], test_values=["1"])
        >>> read_splits({"0", "1", "2"}, "fold", folds).by_value
        {'0': 'val', '1': 'test', '2': 'train'}
    """
    ordered = sorted(values)
    if layout.val_values or layout.test_values:
        splits = _chosen(ordered, column, layout)
    else:
        splits = {value: split for value in ordered if (split := split_of(value)) is not None}
    is_understood = len(splits) == len(ordered) and "train" in splits.values()
    if is_understood and len(set(splits.values())) > 1:
        said = f"The column {column!r} gives the split of each image"
        how = "".join(f"; {words}" for words in renamed(splits))
        return GivenSplits(splits, (f"{said}{how}.",))
    shown = listing(ordered)
    if layout.split_column:
        raise LabelsError(
            f"expected train and val or test in the column {column!r}; received {shown}; say which "
            "values are val and which are test, all others are train: val_values, test_values "
            "(--val-values, --test-values)"
        )
    if is_understood:
        return GivenSplits(notices=(f"The column {column!r} has only {shown}; it is not used.",))
    example = f"--split-column {column!r} --val-values {ordered[0]!r}"
    if len(ordered) > 2:  # noqa: PLR2004 - one for val, one for test, one for train
        example += f" --test-values {ordered[1]!r}"
    notice = f"The column {column!r} does not decide the splits; its values are {shown}."
    return GivenSplits(notices=(f"{notice} This would use it: {example}.",))


def _chosen(values: Collection[str], column: str, layout: Layout) -> dict[str, Split]:
    if absent := {*layout.val_values, *layout.test_values} - {*values}:
        raise LabelsError(
            f"expected val_values and test_values (--val-values, --test-values) that occur in the "
            f"column {column!r}; {listing(sorted(absent))} do not; it has {listing(sorted(values))}"
        )
    splits: dict[str, Split] = dict.fromkeys(values, "train")
    splits |= dict.fromkeys(layout.val_values, "val")
    return splits | dict.fromkeys(layout.test_values, "test")
