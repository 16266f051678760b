"""The reason for refusing a file, to which `refusing` adds the file and what to do."""

from typing import Any

from imgclass.formatting import cut

SHOWN = 80  # characters of a value in a message
FEW = 8  # entries of a list in a message


class Refused(Exception):  # noqa: N818 - it never leaves this package
    """A file breaks a rule; the message names the place in it and the rule."""


def shown(value: Any) -> str:
    r"""Return a value from a file for a message: short, without control characters.

    Example:
        >>> shown("\x1b[31mred"), shown(3), shown([1] * 10**6)
        ("'\\x1b[31mred'", '3', 'a list of 1,000,000')
    """
    if isinstance(value, str):
        return "'" + cut(value[: 2 * SHOWN], SHOWN) + "'"
    if isinstance(value, dict):
        name, module = value.get("class_name"), value.get("module")
        if name == "function" and isinstance(value.get("config"), str):
            name = value["config"]
        if isinstance(name, str):
            return f"{shown(name)} of {shown(module)}"
        return f"an object of {len(value):,} entries"
    if isinstance(value, list):
        if len(value) > FEW:
            return f"a list of {len(value):,}"
        return cut(f"[{', '.join(map(shown, value))}]", SHOWN)
    return cut(repr(value), SHOWN)
