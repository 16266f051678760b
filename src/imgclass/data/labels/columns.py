"""Which delimiter a CSV of labels uses, and which of its columns hold the ids and the labels."""

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
    r"""Return the delimiter of a CSV, given its first line and what the user said.

    Raises:
        UsageError: `delimiter` is not one character that can separate fields.
        LabelsError: None was given, and not exactly one of comma, semicolon and tab is in `header`.

    Example:
        >>> choose_delimiter("id;label\n", None)
        ';'
    """
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
    header: Sequence[str], *, id_column: str | None, label_column: str | None
) -> tuple[int, int]:
    """Return the positions of the id and the label column.

    A column that was not named is found by its usual names, whatever their case; of two columns,
    the other one is found when one is.

    Raises:
        LabelsError: A column is missing or ambiguous.

    Example:
        >>> choose_columns(["Image_ID", "breed"], id_column=None, label_column=None)
        (0, 1)
    """
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
    if problems:
        raise LabelsError(f"{'; '.join(problems)}; the columns are {listing(header)}")
    return ids[0], labels[0]


def choose_column(header: Sequence[str], name: str, *, kind: str) -> int:
    """Return the position of a column that was named.

    Raises:
        LabelsError: There is none of that name, or several.

    Example:
        >>> choose_column(["id", "label", "patient"], "patient", kind="group")
        2
    """
    found = _candidates(header, name, frozenset())
    if problems := _problems(kind, header, found, name):
        raise LabelsError(f"{problems[0]}; the columns are {listing(header)}")
    return found[0]


def _candidates(header: Sequence[str], named: str | None, usual: frozenset[str]) -> list[int]:
    if named is not None:
        return [at for at, name in enumerate(header) if name == named]
    return [at for at, name in enumerate(header) if name.casefold() in usual]


def _problems(kind: str, header: Sequence[str], found: list[int], named: str | None) -> list[str]:
    option = f"{kind}_column (--{kind}-column)"
    if len(found) == 1:
        name = header[found[0]]
        spaced = named is None and name != name.strip()
        return [f"the column {name!r} has outer spaces: name it so with {option}"] if spaced else []
    if found and named is not None:
        return [f"the column {named!r} stands there {len(found)} times"]
    if found:
        names = listing([header[at] for at in found])
        return [f"any of {names} could hold the {kind}s: name one with {option}"]
    if named is None:
        return [f"no column is clearly that of the {kind}s: name it with {option}"]
    similar = [name for name in header if name.strip().casefold() == named.strip().casefold()]
    hint = f", but {listing(similar)}, which is not the same" if similar else ""
    return [f"there is no column {named!r}{hint}: correct {option}"]
