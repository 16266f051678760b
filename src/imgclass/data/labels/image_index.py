"""Finding the file that an id means: by path, by name, then by number or subfolder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from imgclass.images.formats import split_extension

Rule = Literal["path", "name", "number", "subfolder"]


@dataclass(frozen=True, slots=True)
class Match:
    """The files that an id can mean, one, none, or too many, and the rule that found them.

    `path`: the id is the file's path. `name`: without its extension, or with one in another case.
    `number`: likewise, but for leading zeros. `subfolder`: the name of a file in a subfolder.
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
        self._by_rule: dict[Rule, dict[str, str | list[str]]] = {}

    def find(self, image_id: str) -> Match:
        """Return what `image_id` can mean."""
        path = image_id.removeprefix("./")
        if path in self._paths:
            return Match("path", (path,))
        stem, extension = split_extension(path)
        for rule in _KEYS:
            found = self._candidates(rule).get(_number(stem) if rule == "number" else stem, [])
            files = [found] if isinstance(found, str) else found
            if extension:
                files = [file for file in files if split_extension(file)[1] == extension]
            if files:
                return Match(rule, tuple(files))
        return Match("path", ())

    def _candidates(self, rule: Rule) -> dict[str, str | list[str]]:
        """Return the image files by their key for a rule; most keys have one file.

        Built when first needed: most data sets are found by path or name alone.
        """
        if rule not in self._by_rule:
            files: dict[str, str | list[str]] = {}
            for file in self._files:
                stem, extension = split_extension(file)
                if extension:
                    first = files.setdefault(key := _KEYS[rule](stem), file)
                    if isinstance(first, list):
                        first.append(file)
                    elif first is not file:
                        files[key] = [first, file]
            self._by_rule[rule] = files
        return self._by_rule[rule]


def _number(stem: str) -> str:
    folder, slash, name = stem.rpartition("/")
    if name.isascii() and name.isdecimal():
        return folder + slash + (name.lstrip("0") or "0")
    return stem


_KEYS: Mapping[Rule, Callable[[str], str]] = {
    "name": lambda stem: stem,
    "number": _number,
    "subfolder": lambda stem: stem.rpartition("/")[2],
}
