"""Faults in many rows or files: all are counted, the first twenty shown."""

from collections.abc import Collection, Iterable
from itertools import islice

SHOWN = 20


class Faults:
    """Counts faults and keeps the first `SHOWN` texts, so that memory stays small.

    Example:
        >>> faults = Faults()
        >>> for line in range(2, 24):
        ...     faults.add(f"line {line}: the id is empty")
        >>> print(faults)
          line 2: the id is empty
          ...
          and 2 more
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._shown: list[str] = []
        self._count = 0
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Count one fault, described by `text`."""
        self._count += 1
        if len(self._shown) < SHOWN:
            self._shown.append(text)

    def __len__(self) -> int:
        return self._count

    def __str__(self) -> str:
        more = self._count - len(self._shown)
        lines = [*self._shown, f"and {more:,} more"] if more else self._shown
        return "\n".join(f"  {line}" for line in lines)


def listing(names: Collection[str]) -> str:
    r"""Return the first `SHOWN` names in one line, and how many more there are.

    Quoting keeps control characters in names away from the terminal.

    Example:
        >>> print(listing(["1.jpg", "\x1b[31m.jpg"]))
        '1.jpg', '\x1b[31m.jpg'
    """
    more = len(names) - SHOWN
    text = ", ".join(repr(name) for name in islice(names, SHOWN))
    return f"{text} and {more:,} more" if more > 0 else text
