"""Finding the one file that an id means: by path, by name, and only then by number or subfolder."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from imgclass.data.formats import split_extension

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
        self._built: dict[Rule, Mapping[str, Sequence[str]]] = {}

    def find(self, image_id: str) -> Match:
        """Return what `image_id` can mean."""
        path = image_id.removeprefix("./")
        if path in self._paths:
            return Match("path", (path,))
        stem, extension = split_extension(path)
        for rule, key in _RULES.items():
            wanted = key(stem) if rule == "number" else stem
            candidates = self._index(rule).get(wanted, ())
            files = tuple(f for f in candidates if extension in ("", split_extension(f)[1]))
            if files:
                return Match(rule, files)
        return Match("path", ())

    def _index(self, rule: Rule) -> Mapping[str, Sequence[str]]:
        # Built when first needed: most data sets are found by path or name alone.
        if rule not in self._built:
            index = defaultdict(list)
            for file in self._files:
                stem, extension = split_extension(file)
                if extension:
                    index[_RULES[rule](stem)].append(file)
            self._built[rule] = index
        return self._built[rule]


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
