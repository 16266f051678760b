"""Markdown from values: tables, lists, and names from outside that cannot become markup."""

import re
from collections.abc import Iterable, Sequence

from imgclass.formatting import cut

LONGEST_NAME, LONGEST_SENTENCE = 60, 1000  # characters

# What begins markup, HTML, a link, a mention or an emoji; `www.` is a link by itself.
_MARKUP = re.compile(r"[\\`*_\[\]<>#+!|~&$@^]|:(?=\S)|(?<=www)\.", re.IGNORECASE)


def plain(text: str, length: int = LONGEST_NAME) -> str:
    r"""Return a text from outside so that Markdown shows it as it is, cut to a length.

    Example:
        >>> print(plain("a_b|<b>"))
        a\_b\|\<b\>
    """
    return _MARKUP.sub(lambda match: "\\" + match[0], cut(text, length))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all but the first column are aligned to the right.

    Args:
        headings: Of the columns, as Markdown.
        rows: Their cells, as Markdown; `plain` makes it of a name.

    Example:
        >>> print(table(("class", "images"), [("cat", "12")]))
        | class | images |
        |:--|--:|
        | cat | 12 |
    """
    rule = "|".join((":--", *["--:"] * (len(headings) - 1)))
    lines = (f"| {' | '.join(row)} |" for row in (headings, *rows))
    first, *others = lines
    return "\n".join((first, f"|{rule}|", *others))


def bullets(sentences: Iterable[str]) -> str:
    """Return a list of Markdown sentences."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def section(title: str, *parts: str) -> str:
    """Return a section; empty parts are left out."""
    return "\n\n".join((f"## {title}", *filter(None, parts)))
