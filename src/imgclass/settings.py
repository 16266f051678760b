"""Settings: fields of frozen dataclasses with what they may be and the option that sets them.

The check of a value, the command line, and the command in a report are made from the one field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from imgclass.errors import UsageError
from imgclass.formatting import shown_value
from imgclass.validation import Check, checked

_KEY = "imgclass.setting"

FORMERLY = "formerly"
"""Metadata: the name of a field in older files."""


@dataclass(frozen=True, slots=True)
class Option:
    """The command-line option of one field.

    Attributes:
        help: The sentence in the help of the command line.
        name: Such as `--depth`; two names for a flag, as in `--tta/--no-tta`.
        metavar: The word for the value in the help; None takes its type.
    """

    check: Check
    default: Any
    help: str
    name: str
    metavar: str | None

    def read(self, text: str) -> Any:
        """Return the value of an option's text; the dataclass checks whether it is allowed."""
        try:
            return self.check.parse(text)
        except (ValueError, OverflowError):
            expected = self.check.expected.removesuffix(", or None")
            raise UsageError(
                f"Expected {self.name} to be {expected}; received {shown_value(text)}."
            ) from None

    def words(self, value: Any) -> tuple[str, ...] | None:
        """Return the words of a command line that set `value`, such as `--depth 3`, or None."""
        if self.check.kind is bool:
            return (self.name.split("/")[0 if value else 1],)
        text = self.check.text(value)
        return None if text is None else (self.name, text)


def setting(
    default: Any,
    check: Check,
    *,
    help: str = "",  # noqa: A002 - typer's word for it
    option: str = "",
    metavar: str | None = None,
    formerly: str = "",
) -> Any:
    """Return a dataclass field that is a setting, which `check_settings` checks.

    Without `help` it has no option; without `option` that is named like the field. `formerly` is
    the field's name in older files.
    """
    known = Option(check, default, help, option, metavar)
    return field(
        default=default, metadata={_KEY: known} | ({FORMERLY: formerly} if formerly else {})
    )


def check_settings(value: Any) -> None:
    """Check every setting of a frozen dataclass in its `__post_init__`, and store clean values."""
    for part in fields(value):
        if (known := part.metadata.get(_KEY)) is not None:
            clean = checked(part.name, getattr(value, part.name), known.check)
            object.__setattr__(value, part.name, clean)


def options_of(kind: type) -> dict[str, Option]:
    """Return the options of a dataclass and of the dataclasses in it, by dotted field name.

    Example:
        >>> from imgclass.experiment import Experiment
        >>> [*options_of(Experiment)][:3]
        ['architecture', 'spec.image_size', 'spec.depth']
    """
    found: dict[str, Option] = {}
    for part in fields(kind):
        known = part.metadata.get(_KEY)
        if known is not None and known.help:
            found[part.name] = replace(known, name=known.name or f"--{part.name.replace('_', '-')}")
        elif is_dataclass(part.default):
            inner = options_of(type(part.default))
            found |= {f"{part.name}.{name}": option for name, option in inner.items()}
    return found


def changed(value: Any, settings: Mapping[str, Any]) -> Any:
    """Return a frozen dataclass with settings changed, by dotted name (`spec.depth`).

    All change at once, so only the result has to be consistent.
    """
    changes: dict[str, Any] = {}
    for part in dict.fromkeys(name.partition(".")[0] for name in settings):
        prefix = f"{part}."
        inner = {n.removeprefix(prefix): v for n, v in settings.items() if n.startswith(prefix)}
        changes[part] = changed(getattr(value, part), inner) if inner else settings[part]
    return replace(value, **changes)
