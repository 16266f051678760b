"""Plain characters where the encoding has few."""

import codecs
import sys

_NAME = "imgclass.plain"  # of the error handler
_PLAIN = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u201c\u201d", '"'),
}


def print_plainly() -> None:
    """Make standard output and standard error replace characters that they cannot write.

    The locale, the terminal or `PYTHONIOENCODING` may ask for cp1252 or ascii; UTF-8 is left alone.
    """
    codecs.register_error(_NAME, plain)
    for stream in (sys.stdout, sys.stderr):
        encoding, reconfigure = (
            getattr(stream, "encoding", None),
            getattr(stream, "reconfigure", None),
        )
        if encoding and reconfigure and codecs.lookup(encoding).name != "utf-8":
            reconfigure(errors=_NAME)


def plain(error: UnicodeError) -> tuple[str, int]:
    r"""Return the replacement of characters that cannot be encoded, and the position after them.

    Example:
        >>> plain(UnicodeEncodeError("ascii", "a\u2026\u732b", 1, 3, ""))
        ('...\\u732b', 3)
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c) or ascii(c)[1:-1] for c in characters), error.end
