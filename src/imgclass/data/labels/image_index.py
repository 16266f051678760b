"""Finding the one file that an id means: by path, by name, and only then by number or subfolder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from imgclass.images.formats import split_extension

Rule = Literal["path", "name", "number", "subfolder"]


@dataclass(frozen=True, slots=True)
class Match:
    """The files that an id can mean, and the rule that found them: one, none, or too many.

    Attributes:
        rule: `path`: the id is the file's path. `name`: it is, but for the extension or the case
            of its letters. `number`: it is, but for leading zeros. `subfolder`: it is the name of
            a file in a subfolder.
        files: Paths of the candidates, in order.
    """

    rule: Rule
    files: tuple[str, ...]


class ImageIndex:
    """Finds files by id; the first rule that finds any decides.

    Example:
        >>> index = ImageIndex(("001.png", "2.jpg", "2.png", "cats/7.jpg"))
        >>> index.find("1")
        Match(rule='number', files=('001.png',))
        >>> index.find("2").files
        ('2.jpg', '2.png')
        >>> index.find("7").rule
        'subfolder'
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._paths = frozenset(files)
        self._built: dict[Rule, _Keyed] = {}

    def find(self, image_id: str) -> Match:
        """Return what `image_id` can mean."""
        path = image_id.removeprefix("./")
        if path in self._paths:
            return Match("path", (path,))
        stem, extension = split_extension(path)
        for rule, key in _RULES.items():
            files = self._keyed(rule).files(key(stem) if rule == "number" else stem)
            if extension:
                files = tuple(file for file in files if split_extension(file)[1] == extension)
            if files:
                return Match(rule, files)
        return Match("path", ())

    def _keyed(self, rule: Rule) -> "_Keyed":
        # Built when first needed: most data sets are found by path or name alone.
        if rule not in self._built:
            self._built[rule] = _Keyed(self._files, _RULES[rule])
        return self._built[rule]


class _Keyed:
    """Image files by a key of their path without extension; most keys have one file."""

    def __init__(self, files: Sequence[str], key: Callable[[str], str]) -> None:
        self._first: dict[str, str] = {}
        self._several: dict[str, list[str]] = {}
        for file in files:
            stem, extension = split_extension(file)
            if extension:
                name = key(stem)
                first = self._first.setdefault(name, file)
                if first is not file:
                    self._several.setdefault(name, [first]).append(file)

    def files(self, name: str) -> tuple[str, ...]:
        if name in self._several:
            return tuple(self._several[name])
        return (self._first[name],) if name in self._first else ()


def _name(stem: str) -> str:
    return stem


def _number(stem: str) -> str:
    folder, slash, name = stem.rpartition("/")
    if name.isascii() and name.isdecimal():
        return folder + slash + (name.lstrip("0") or "0")
    return stem


def _last_part(stem: str) -> str:
    return stem.rpartition("/")[2]


_RULES: Mapping[Rule, Callable[[str], str]] = {
    "name": _name,
    "number": _number,
    "subfolder": _last_part,
}
