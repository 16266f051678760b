"""Settings: fields of frozen dataclasses that know what they may be and which option sets them.

What is said once beside a field is used everywhere: where the value is checked, on the command
line, in the command that a report shows, and in its list of settings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from imgclass.errors import UsageError
from imgclass.formatting import shown_value
from imgclass.validation import Check, check_fields

_KEY = "imgclass.setting"

FORMERLY = "formerly"
"""Metadata of a field that older files call by another name: that name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known about one field.

    Attributes:
        check: What it may be.
        default: Its value if nobody sets it.
        help: What the command line says about it; empty if it has no option.
        option: The option, such as `--depth`; two for a field that is true or false, as in
            `--tta/--no-tta`.
        metavar: What stands for the value in the help; None takes the type.
    """

    check: Check
    default: Any
    help: str
    option: str
    metavar: str | None

    def read(self, text: str) -> Any:
        """Return the value of an option's text; the dataclass checks whether it is allowed.

        Raises:
            UsageError: The text is not of the right kind.

        Example:
            >>> from imgclass.experiment import Experiment
            >>> settings_of(Experiment)["spec.image_size"].read("32,48")
            (32, 48)
        """
        try:
            return self.check.parse(text)
        except (ValueError, OverflowError):
            expected = self.check.expected.removesuffix(", or None")
            raise UsageError(
                f"Expected {self.option} to be {expected}; received {shown_value(text)}."
            ) from None

    def words(self, value: Any) -> tuple[str, ...] | None:
        """Return the words of a command line that set `value`; None if there are none.

        Example:
            >>> from imgclass.experiment import Experiment
            >>> settings_of(Experiment)["spec.image_size"].words((32, 32))
            ('--image-size', '32')
            >>> settings_of(Experiment)["tta"].words(True)
            ('--tta',)
        """
        if self.check.kind is bool:
            return (self.option.split("/")[0 if value else 1],)
        text = self.check.text(value)
        return None if text is None else (self.option, text)


def setting(
    default: Any,
    check: Check,
    *,
    help: str = "",  # noqa: A002 - typer's word for it
    option: str = "",
    metavar: str | None = None,
    formerly: str = "",
) -> Any:
    """Return a dataclass field with what is known about it.

    Args:
        default: Its default.
        check: What it may be; `check_settings` applies it.
        help: What the command line says about it; without it the field has no option.
        option: Its option, if that is not the field's name.
        metavar: What stands for the value in the help.
        formerly: The field's name in older files.
    """
    metadata: dict[str, Any] = {_KEY: (check, help, option, metavar)}
    return field(default=default, metadata=metadata | ({FORMERLY: formerly} if formerly else {}))


def check_settings(value: Any) -> None:
    """Check every setting of a frozen dataclass; for its `__post_init__`.

    Raises:
        UsageError: A field has a value that is not allowed.
    """
    check_fields(value, {f.name: f.metadata[_KEY][0] for f in fields(value) if _KEY in f.metadata})


def settings_of(kind: type) -> dict[str, Setting]:
    """Return the settings of a dataclass and of the dataclasses in it, by dotted name.

    Fields without an option are left out.

    Example:
        >>> from imgclass.experiment import Experiment
        >>> [*settings_of(Experiment)][:3]
        ['architecture', 'spec.image_size', 'spec.depth']
    """
    return dict(_settings(kind))


def _settings(kind: type) -> Iterator[tuple[str, Setting]]:
    for part in fields(kind):
        check, about, option, metavar = part.metadata.get(_KEY, (None, "", "", None))
        if about:
            option = option or f"--{part.name.replace('_', '-')}"
            yield part.name, Setting(check, part.default, about, option, metavar)
        elif is_dataclass(part.default):
            for name, inner in _settings(type(part.default)):
                yield f"{part.name}.{name}", inner


def changed(value: Any, settings: Mapping[str, Any]) -> Any:
    """Return a frozen dataclass with other values of some settings, by dotted name.

    Settings of one part are changed at once, so that only the outcome has to make sense.

    Example:
        >>> from imgclass.experiment import Experiment
        >>> changed(Experiment(), {"spec.depth": 4, "tta": True}).spec.depth
        4
    """
    own: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for name, item in settings.items():
        part, _, rest = name.partition(".")
        if rest:
            parts.setdefault(part, {})[rest] = item
        else:
            own[part] = item
    own |= {name: changed(getattr(value, name), inner) for name, inner in parts.items()}
    return replace(value, **own)
