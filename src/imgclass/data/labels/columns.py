"""The delimiter of a CSV of labels, and what its columns hold."""

from collections.abc import Sequence

from imgclass.data.faults import listing
from imgclass.errors import LabelsError, UsageError

DELIMITERS = (",", ";", "\t")

ID_NAMES = frozenset({"id", "path"}) | {
    subject + ending
    for subject in ("image", "img", "file")
    for ending in ("", "s", "id", "_id", "name", "_name", "path", "_path")
}
LABEL_NAMES = frozenset({"category", "target", "species"}) | {
    subject + ending
    for subject in ("label", "class")
    for ending in ("", "s", "name", "_name", "_label")
}


def choose_delimiter(header: str, delimiter: str | None) -> str:
    """Return the given delimiter, or the only one of comma, semicolon and tab in the header."""
    if delimiter is not None:
        character = "\t" if delimiter == r"\t" else delimiter
        if len(character) != 1 or character in '"\r\n':
            raise UsageError(
                f"Expected delimiter (--delimiter) to be one character such as , or ; or \\t; "
                f"received {delimiter!r}."
            )
        return character
    found = [candidate for candidate in DELIMITERS if candidate in header]
    if len(found) != 1:
        count = "several" if found else "none"
        raise LabelsError(
            f"expected exactly one of comma, semicolon and tab in the header; received {count} in "
            f"{header.strip()[:200]!r}; say which with delimiter (--delimiter)"
        )
    return found[0]


def choose_columns(
    header: Sequence[str],
    *,
    id_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
) -> tuple[int, int, int | None]:
    """Return the positions of the columns of ids, labels and groups, if there are groups.

    Without a name, a column is found by its usual names, in any case; of two columns, if one is
    found, the other one is the other.

    Example:
        >>> choose_columns(["Image_ID", "breed"])
        (0, 1, None)
    """
    if not header:
        raise LabelsError("expected a header and rows of ids and labels; received 0 rows")
    ids = _candidates(header, id_column, ID_NAMES)
    labels = _candidates(header, label_column, LABEL_NAMES)
    if len(header) == len(("id", "label")):
        if len(ids) == 1 and not labels and label_column is None:
            labels = [1 - ids[0]]
        if len(labels) == 1 and not ids and id_column is None:
            ids = [1 - labels[0]]
    problems = [
        *_problems("id", header, ids, id_column),
        *_problems("label", header, labels, label_column),
    ]
    if not problems and ids == labels:
        problems.append("one column cannot hold both the ids and the labels")
    groups: list[int | None] = [None]
    if group_column is not None:
        groups = [*(named := _candidates(header, group_column, frozenset()))]
        problems += _problems("group", header, named, group_column)
    if problems:
        raise LabelsError(f"{'; '.join(problems)}; the columns are {listing(header)}")
    return ids[0], labels[0], groups[0]


def _candidates(header: Sequence[str], named: str | None, usual: frozenset[str]) -> list[int]:
    if named is not None:
        return [at for at, name in enumerate(header) if name == named]
    return [at for at, name in enumerate(header) if name.casefold() in usual]


def _problems(kind: str, header: Sequence[str], found: list[int], named: str | None) -> list[str]:
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
        return [f"no column clearly holds the {kind}s: name it with {option}"]
    similar = [name for name in header if name.strip().casefold() == named.strip().casefold()]
    hint = f", but {listing(similar)}, which is not the same" if similar else ""
    return [f"there is no column {named!r}{hint}: correct {option}"]
