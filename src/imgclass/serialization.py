"""Frozen dataclasses to plain JSON values and back; errors name the field that is wrong."""

import dataclasses
import json
import math
import os
import types
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from imgclass.formatting import shown_value
from imgclass.io.field_limits import require_modest, short_key
from imgclass.io.strict_json import parse_json
from imgclass.io.untrusted_files import read_text
from imgclass.settings import FORMERLY

T = TypeVar("T")

# Bytes of a JSON file: 10,000 class names of 255 letters take a third of them.
LARGEST = 8 * 2**20
LONGEST_TEXT = 100_000  # characters, as in the settings of one's own optimizer
LARGEST_WHOLE = 2**63  # integers of NumPy and of other readers have 64 bits

# JSON cannot write these; the names are those of Protocol Buffers' JSON.
NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def to_plain(value: Any) -> Any:
    """Return `value` as dicts, lists, strings, finite numbers, booleans and None.

    Every JSON reader accepts these: numbers that are not finite become `"NaN"`, `"Infinity"` or
    `"-Infinity"`. It is a TypeError if JSON cannot hold a part of `value`.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Real):
        return _plain_number(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"Expected a value that JSON can hold; received {value!r}.")


def from_plain(kind: type[T], plain: Any, *, at: str = "") -> T:
    """Build a `kind`, a dataclass or an annotation of its fields, from the output of `to_plain`.

    It is a ValueError if a key is unknown or missing, or a value has the wrong type or range. The
    message begins with the place (`at`) and shows at most 120 characters of the value.

    Example:
        >>> from imgclass.models.spec import ModelSpec
        >>> from_plain(ModelSpec, {"image_size": [32, 48]}).image_size
        (32, 48)
        >>> from_plain(ModelSpec, {"dropout": "much"})
        Traceback (most recent call last):
        ValueError: ModelSpec.dropout: expected a number; received 'much'.
    """
    built: T = _build(kind, plain, at or getattr(kind, "__name__", str(kind)))
    return built


def read_json(
    kind: type[T],
    path: str | os.PathLike[str],
    *,
    limit: int = LARGEST,
    links: bool = False,
    finite: bool = True,
    longest: int = LONGEST_TEXT,
) -> T:
    """Read a `kind` from the JSON file `path`, which may come from a stranger.

    It may have `limit` bytes and texts of `longest` characters. A file that is not JSON, does not
    match `kind` or has numbers that are not finite (with `finite`) is a ValueError that names it;
    one that is missing, unreadable, not a regular file, a link (unless `links`) or too large is an
    OSError.
    """
    text = read_text(path, limit=limit, links=links)
    try:
        built = from_plain(kind, parse_json(text, limit=limit))
        require_modest(built, kind.__name__, finite=finite, longest=longest)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error
    return built


def dump_json(value: Any) -> str:
    """Return `value` as indented JSON text that ends in a newline and encodes as UTF-8.

    Text stays readable in every language; bytes of file names that are not UTF-8 are escaped.
    """
    text = json.dumps(to_plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate's backslash escape is also its escape in a JSON string.
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _plain_number(number: Real) -> int | float | str:
    """Return a number of Python or NumPy as Python's own, or as a name of `NON_FINITE`."""
    if isinstance(number, Integral):
        return int(number)
    if math.isfinite(number):
        return float(number)
    return "NaN" if math.isnan(number) else "Infinity" if float(number) > 0 else "-Infinity"


def _build(kind: Any, plain: Any, at: str) -> Any:
    origin = get_origin(kind) or kind
    if origin is Any:
        return plain
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, plain, at)
    builder = _BUILDERS.get(origin)
    if builder is not None:
        return builder(get_args(kind), plain, at)
    _expect(at, f"a value of type {kind.__name__}", plain, fits=type(plain) is kind)
    if kind is int:
        _expect(at, "a whole number of 64 bits", plain, fits=abs(plain) < LARGEST_WHOLE)
    return plain


def _build_dataclass(kind: Any, plain: Any, at: str) -> Any:
    _expect(at, "an object", plain, fits=isinstance(plain, Mapping))
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    renamed = {old: f.name for f in fields.values() if (old := f.metadata.get(FORMERLY))}
    plain = {renamed.get(name, name): item for name, item in plain.items()}
    if unknown := sorted(set(plain) - set(fields)):
        raise ValueError(
            f"{at}: expected the keys {', '.join(fields)}; received {shown_value(unknown[0])}."
        )
    required = {
        name
        for name, field in fields.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    if missing := sorted(required - set(plain)):
        raise ValueError(f"{at}: the key {missing[0]!r} is missing.")
    values = {name: _build(hints[name], item, f"{at}.{name}") for name, item in plain.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{at}: {error}") from error


def _build_union(kinds: tuple[Any, ...], plain: Any, at: str) -> Any:
    kinds = tuple(kind for kind in kinds if kind is not types.NoneType or plain is None)
    for kind in kinds[:-1]:
        try:
            return _build(kind, plain, at)
        except ValueError:
            continue
    return _build(kinds[-1], plain, at)


def _build_literal(choices: tuple[Any, ...], plain: Any, at: str) -> Any:
    _expect(at, f"one of {', '.join(map(repr, choices))}", plain, fits=plain in choices)
    return plain


def _build_tuple(kinds: tuple[Any, ...], plain: Any, at: str) -> Any:
    _expect(at, "a list", plain, fits=isinstance(plain, list | tuple))
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(plain)
    _expect(at, f"{len(kinds)} items", plain, fits=len(plain) == len(kinds))
    if kinds and kinds[0] is int and _are_whole(kinds, plain):
        return tuple(plain)  # fast: the confusion matrix of 1,000 classes has a million
    pairs = zip(kinds, plain, strict=True)
    return tuple(_build(kind, item, f"{at}[{i}]") for i, (kind, item) in enumerate(pairs))


def _build_mapping(kinds: tuple[Any, ...], plain: Any, at: str) -> Any:
    _expect(at, "an object", plain, fits=isinstance(plain, Mapping))
    return {key: _build(kinds[1], item, f"{at}.{short_key(key)}") for key, item in plain.items()}


def _build_float(_: tuple[Any, ...], plain: Any, at: str) -> float:
    if isinstance(plain, str) and plain in NON_FINITE:
        return NON_FINITE[plain]
    is_number = isinstance(plain, int | float) and not isinstance(plain, bool)
    _expect(at, "a number", plain, fits=is_number)
    try:
        return float(plain)
    except OverflowError as error:  # a whole number of more than 308 digits
        raise ValueError(f"{at}: expected a number; received {shown_value(plain)}.") from error


def _are_whole(kinds: Sequence[Any], items: Sequence[Any]) -> bool:
    """Return whether all items should be whole numbers of 64 bits, and are."""
    return (
        all(kind is int for kind in kinds)
        and all(type(item) is int for item in items)
        and min(items) > -LARGEST_WHOLE
        and max(items) < LARGEST_WHOLE
    )


def _build_path(_: tuple[Any, ...], plain: Any, at: str) -> Path:
    _expect(at, "a path", plain, fits=isinstance(plain, str))
    return Path(plain)


_BUILDERS: Mapping[Any, Any] = {
    Union: _build_union,
    types.UnionType: _build_union,
    Literal: _build_literal,
    tuple: _build_tuple,
    Sequence: lambda kinds, plain, at: _build_tuple((*kinds, Ellipsis), plain, at),
    dict: _build_mapping,
    Mapping: _build_mapping,
    float: _build_float,
    Path: _build_path,
}


def _expect(at: str, expected: str, received: Any, *, fits: bool) -> None:
    if not fits:
        raise ValueError(f"{at}: expected {expected}; received {shown_value(received)}.")
