"""Values as text for people: names, percentages, intervals, durations."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from imgclass.statistics import Interval

UNDEFINED = "n/a"

# Control, bidirectional, separator and other invisible characters, and lone surrogates, which no
# encoding can write; but not U+200C and U+200D, which Persian and Indic words and emoji need.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Return `text` with every invisible or reordering character written as its escape.

    Example:
        >>> visible("cat\u202egpj.exe")
        'cat\\u202egpj.exe'
    """
    return _INVISIBLE.sub(lambda match: ascii(match[0])[1:-1], text)


def cut(text: str, length: int) -> str:
    """Return `text` in at most `length` characters; the middle of a longer one is left out.

    The beginning tells classes apart, the end numbered files.

    Example:
        >>> cut("train/aeroplane/000123.jpg", 17)
        'train/ae…0123.jpg'
    """
    shown = visible(text)
    if len(shown) <= length:
        return shown
    tail = length // 2
    return f"{shown[: length - tail - 1]}…{shown[-tail:]}"


def shown_value(value: Any, length: int = 120) -> str:
    """Return a value as Python writes it, in at most `length` characters."""
    # Before repr, which is slow on a long value.
    if isinstance(value, str):
        value = _ends(value, length)
    elif isinstance(value, list) and len(value) > 2 * length:
        value = value[:length] + value[-length:]
    try:
        return cut(repr(value), length)
    except (ValueError, RecursionError):  # too many digits for Python, or too deeply nested
        return f"a value of type {type(value).__name__} that is too large to show"


def shortened(message: str, *, line: int = 1000, lines: int = 60) -> str:
    """Return a message with long lines and many lines cut, and control characters escaped."""
    parts = message.split("\n", lines)
    shown = [cut(_ends(part, line), line) for part in parts[:lines]]
    return "\n".join([*shown, "…"] if len(parts) > lines else shown)


def _ends(text: str, length: int) -> str:
    return text if len(text) <= 2 * length else text[:length] + text[-length:]


@lru_cache(maxsize=16)  # every cell of a table asks for the same names
def cut_apart(names: tuple[str, ...], length: int) -> Mapping[str, str]:
    """Return each name in at most `length` (6 or more) characters, no two of them alike.

    Names are cut as by `cut`. Those that look alike also show the part that differs; those that
    still look alike are numbered.

    Example:
        >>> names = ("summer_birds_0001_seen_from_left", "summer_birds_0002_seen_from_left", "cat")
        >>> list(cut_apart(names, 18).values())
        ['summer…01_se…_left', 'summer…02_se…_left', 'cat']
    """
    cuts = {name: cut(name, length) for name in names}
    for alike in _alike(cuts):
        cuts |= _told_apart(alike, length)
    taken: set[str] = set()
    for name in cuts:
        number = 1
        while cuts[name] in taken:
            number += 1
            mark = f"~{number}"
            cuts[name] = cut(name, length - len(mark)) + mark
        taken.add(cuts[name])
    return MappingProxyType(cuts)


def _alike(cuts: Mapping[str, str]) -> Iterable[list[str]]:
    """Return the groups of names that look the same."""
    groups = defaultdict(list)
    for name, text in cuts.items():
        groups[text].append(name)
    return [names for names in groups.values() if len(names) > 1]


def _told_apart(names: list[str], length: int, places: tuple[int, ...] = ()) -> dict[str, str]:
    """Return names cut so that the places where they differ are shown."""
    texts = {name: visible(name) for name in names}
    places = (*places, _first_difference(min(texts.values()), max(texts.values())))
    cuts = {name: _cut_around(text, places, length) for name, text in texts.items()}
    if len(places) < (length - 3) // 2:  # more places would leave no characters for the name
        for alike in _alike(cuts):
            cuts |= _told_apart(alike, length, places)
    return cuts


def _first_difference(a: str, b: str) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))


def _cut_around(text: str, places: tuple[int, ...], length: int) -> str:
    """Return the beginning of a text, the surroundings of `places` in it, and its end."""
    if len(text) <= length:
        return text
    part, rest = divmod(length - len(places) - 1, len(places) + 2)
    starts = (*(place - part // 3 for place in places), len(text) - part)
    kept = {*range(part + rest), *(i for start in starts for i in range(start, start + part))}
    shown, last = "", -1
    for i in sorted(kept.intersection(range(len(text)))):
        shown += f"{'…' if i > last + 1 else ''}{text[i]}"
        last = i
    return shown


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in 0-1 as a percentage; `n/a` if there is none.

    Example:
        >>> percent(0.8234), percent(None), percent(1.0, 0)
        ('82.3 %', 'n/a', '100 %')
    """
    if share is None or not math.isfinite(share):
        return UNDEFINED
    return f"{100 * share:.{digits}f} %"


def percent_range(interval: Interval) -> str:
    """Return an interval of shares in 0-1 as percentages.

    Example:
        >>> percent_range((0.7839, 0.8152))
        '78.4 to 81.5 %'
    """
    low, high = interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points.

    Example:
        >>> points(0.142), points(-0.02)
        ('14.2', '-2.0')
    """
    return f"{100 * difference:.1f}"


def figure(value: float, digits: int = 3) -> str:
    """Return a number such as a loss; `n/a` if it is not finite.

    Example:
        >>> figure(0.61234), figure(float("nan")), figure(0.0005)
        ('0.612', 'n/a', '0.0005')
    """
    if not math.isfinite(value):
        return UNDEFINED
    return f"{value:.{digits}f}" if abs(value) >= 10**-digits or not value else f"{value:.1g}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "image"), count(45000, "image"), count(10, "class", "classes")
        ('1 image', '45,000 images', '10 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def title_case(name: str) -> str:
    """Return the name of a rule's verdict as a heading.

    Example:
        >>> title_case("high_variance")
        'High variance'
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def duration(seconds: float) -> str:
    """Return a wall time as text.

    Example:
        >>> duration(0.84), duration(75), duration(7260)
        ('0.8 s', '1 min 15 s', '2 h 1 min')
    """
    if not math.isfinite(seconds):
        return UNDEFINED
    minutes, rest = divmod(round(seconds, 1), 60)
    if not minutes:
        return f"{rest:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def setting(value: Any) -> str:
    """Return the value of an experiment's field as text."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(setting, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
