"""Which columns of a table of labels hold the ids, the labels, the groups and the splits."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from imgclass.data.faults import listing
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.one_hot import is_mark
from imgclass.errors import LabelsError

ID_NAMES = frozenset({"id", "path", "isic_id"}) | {
    subject + ending
    for subject in ("image", "img", "file")
    for ending in ("", "s", "id", "_id", "name", "_name", "path", "_path")
}
LABEL_NAMES = frozenset({"category", "target", "species"}) | {
    subject + ending
    for subject in ("label", "class")
    for ending in ("", "s", "name", "_name", "_label")
}
# Of published data sets; looked for only if no column has one of the names above.
RARE_LABEL_NAMES = frozenset({"diagnosis", "dx", "breed", "variety", "category_name", "y"})
SPLIT_NAMES = frozenset({"split", "set", "subset", "fold", "partition"})
PAIR = 2  # columns: whichever is not known is the other one
FOLDER_NAMES = frozenset({"folder", "dir", "directory", "subfolder", "subdir"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The positions of columns; several columns of labels are one for each class (one-hot).

    The name of a file is in `ids`, that of its folder in `folder`, if the table has both.
    """

    ids: int
    labels: tuple[int, ...]
    groups: int | None = None
    splits: int | None = None
    folder: int | None = None


def choose_columns(
    header: Sequence[str], layout: Layout | None = None, first: Sequence[str] = ()
) -> Columns:
    """Return the columns that are named, and find the others by their usual names, in any case.

    If only one column is left for the ids or for the labels, it is that; if all that are left hold
    0 and 1 in the `first` row, they are one for each class.

    Example:
        >>> choose_columns(["Image_ID", "breed"])
        Columns(ids=0, labels=(1,), groups=None, splits=None, folder=None)
        >>> choose_columns(["image", "MEL", "NV"], first=["a", "0", "1"]).labels
        (1, 2)
    """
    layout = layout or Layout()
    if not header:
        raise LabelsError("expected a header and rows of ids and labels; received 0 rows")
    named = layout.label_columns
    ids = _candidates(header, layout.id_column, ID_NAMES)
    labels = _label_candidates(header, named)
    unused = layout.split_column == ""
    splits = [] if unused else _candidates(header, layout.split_column, SPLIT_NAMES)
    folders = [at for at, name in enumerate(header) if name.casefold() in FOLDER_NAMES]
    if len(ids) == 1 and not labels and named is None:
        others = {*splits, *folders} if len(header) > PAIR else set()
        labels = _left_for_labels(header, layout, first, {*ids, *others})
    elif len(labels) == 1 and not ids and layout.id_column is None and len(header) == PAIR:
        ids = [1 - labels[0]]
    groups = _candidates(header, layout.group_column, frozenset())
    problems = [
        *_problems("id", header, ids, layout.id_column),
        *_label_problems(header, labels, named, first),
    ]
    if not problems and ids[0] in labels:
        problems.append("one column cannot hold both the ids and the labels")
    if layout.group_column is not None:
        problems += _problems("group", header, groups, layout.group_column)
    if layout.split_column:
        problems += _problems("split", header, splits, layout.split_column)
    if problems:
        raise LabelsError(
            f"{'; '.join(problems)}; the columns are {listing(header)}{_row(header, first, layout)}"
        )
    taken = {ids[0], *labels}
    return Columns(
        ids=ids[0],
        labels=tuple(labels),
        groups=groups[0] if layout.group_column is not None else None,
        splits=_only(splits, taken),
        folder=_only(folders, taken),
    )


def _only(found: Sequence[int], taken: Container[int]) -> int | None:
    return found[0] if len(found) == 1 and found[0] not in taken else None


def _left_for_labels(
    header: Sequence[str], layout: Layout, first: Sequence[str], taken: Container[int]
) -> list[int]:
    """Return the one column that is left for the labels, or the columns of a one-hot table."""
    left = [
        at
        for at, name in enumerate(header)
        if at not in taken and (name or len(header) == PAIR) and name != layout.group_column
    ]
    is_one_hot = len(left) > 1 and first and all(is_mark(first[at]) for at in left)
    return left if len(left) == 1 or is_one_hot else []


def _candidates(header: Sequence[str], named: str | None, usual: frozenset[str]) -> list[int]:
    if named is not None:
        return [at for at, name in enumerate(header) if name == named]
    return [at for at, name in enumerate(header) if name.casefold() in usual]


def _label_candidates(header: Sequence[str], named: tuple[str, ...] | None) -> list[int]:
    if named is not None:
        return [at for at, name in enumerate(header) if name in named]
    usual = _candidates(header, None, LABEL_NAMES)
    return usual or _candidates(header, None, RARE_LABEL_NAMES)


def _label_problems(
    header: Sequence[str],
    found: Sequence[int],
    named: tuple[str, ...] | None,
    first: Sequence[str],
) -> list[str]:
    if named is not None and len(named) > 1:
        columns = [(name, _candidates(header, name, frozenset())) for name in named]
        return [said for name, at in columns for said in _problems("label", header, at, name)]
    is_one_hot = len(found) > 1 and first and all(is_mark(first[at]) for at in found)
    usual = LABEL_NAMES | RARE_LABEL_NAMES
    if is_one_hot and not any(header[at].casefold() in usual for at in found):
        return []
    return _problems("label", header, found, named[0] if named else None)


def _row(header: Sequence[str], first: Sequence[str], layout: Layout) -> str:
    """Show the first row, and say what to do if the header is one, too."""
    shown = f"; the first row is {listing(first)}" if first else ""
    usual = ID_NAMES | LABEL_NAMES | RARE_LABEL_NAMES
    if layout.header and not any(name.casefold() in usual for name in header):
        shown += "; if the names are no names but the first row: header=False (--no-header)"
    return shown


def _problems(
    kind: str, header: Sequence[str], found: Sequence[int], named: str | None
) -> list[str]:
    option = f"{kind}_column (--{kind}-column)"
    if len(found) == 1:
        name = header[found[0]]
        spaced = named is None and name != name.strip()
        problem = f"the column {name!r} begins or ends with a space: name it so with {option}"
        return [problem] if spaced else []
    if found and named is not None:
        return [f"the column {named!r} occurs {len(found)} times"]
    if found:
        names = listing([header[at] for at in found])
        return [f"any of {names} could hold the {kind}s: name one with {option}"]
    if named is None:
        several = ", or the columns of all classes" if kind == "label" else ""
        return [f"no column clearly holds the {kind}s: name it{several} with {option}"]
    similar = [name for name in header if name.strip().casefold() == named.strip().casefold()]
    hint = f", but {listing(similar)}, which is not the same" if similar else ""
    return [f"there is no column {named!r}{hint}: correct {option}"]
