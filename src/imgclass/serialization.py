"""Frozen dataclasses to plain JSON values and back, strictly: an unknown key or wrong type is named."""

import dataclasses
import json
import os
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return `value` as dicts, lists, strings, numbers, booleans and None.

    Example:
        >>> from imgclass import ModelSpec
        >>> to_plain(ModelSpec(image_size=(32, 48)))["image_size"]
        [32, 48]
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


def from_plain(kind: type[T], plain: Any, *, at: str = "") -> T:
    """Build a `kind` from what `to_plain` gave.

    Args:
        kind: A dataclass, or any annotation that its fields use.
        plain: Dicts, lists, strings, numbers, booleans and None.
        at: Where in the document `plain` stands; messages begin with it.

    Raises:
        ValueError: A key is unknown or missing, or a value has the wrong type.
    """
    return _build(kind, plain, at or getattr(kind, "__name__", str(kind)))  # type: ignore[no-any-return]


def read_json(kind: type[T], path: str | os.PathLike[str]) -> T:
    """Read a `kind` from the JSON file `path`.

    Raises:
        ValueError: The file is no JSON, or does not fit `kind`; the message names the file.
    """
    try:
        return from_plain(kind, json.loads(Path(path).read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error


def dump_json(value: Any) -> str:
    """Return `value` as indented JSON text that ends in a newline."""
    return json.dumps(to_plain(value), indent=2, ensure_ascii=False) + "\n"


def _build(kind: Any, plain: Any, at: str) -> Any:  # noqa: PLR0911
    if kind is Any:
        return plain
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, plain, at)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _build_union(arguments, plain, at)
    if origin is Literal:
        _expect(plain in arguments, at, f"one of {', '.join(map(repr, arguments))}", plain)
        return plain
    if origin is tuple:
        _expect(isinstance(plain, list | tuple), at, "a list", plain)
        if arguments[-1] is Ellipsis:
            arguments = (arguments[0],) * len(plain)
        _expect(len(plain) == len(arguments), at, f"{len(arguments)} items", plain)
        pairs = zip(arguments, plain, strict=True)
        return tuple(_build(kind, item, f"{at}[{i}]") for i, (kind, item) in enumerate(pairs))
    if origin in (dict, Mapping):
        _expect(isinstance(plain, Mapping), at, "an object", plain)
        return {key: _build(arguments[1], item, f"{at}.{key}") for key, item in plain.items()}
    if kind is float:
        _expect(isinstance(plain, int | float) and not isinstance(plain, bool), at, "a number", plain)
        return float(plain)
    if kind is None or kind is type(None):
        _expect(plain is None, at, "null", plain)
        return None
    _expect(type(plain) is kind, at, f"a value of type {kind.__name__}", plain)
    return plain


def _build_dataclass(kind: Any, plain: Any, at: str) -> Any:
    _expect(isinstance(plain, Mapping), at, "an object", plain)
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := sorted(set(plain) - set(fields)):
        raise ValueError(f"{at}: expected the keys {', '.join(fields)}; received {unknown[0]!r}.")
    required = {
        name
        for name, field in fields.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    if missing := sorted(required - set(plain)):
        raise ValueError(f"{at}: the key {missing[0]!r} is missing.")
    return kind(**{name: _build(hints[name], item, f"{at}.{name}") for name, item in plain.items()})


def _build_union(arguments: tuple[Any, ...], plain: Any, at: str) -> Any:
    problems = []
    for kind in arguments:
        try:
            return _build(kind, plain, at)
        except ValueError as error:
            problems.append(str(error))
    raise ValueError(problems[0])


def _expect(fits: bool, at: str, expected: str, received: Any) -> None:  # noqa: FBT001
    if not fits:
        raise ValueError(f"{at}: expected {expected}; received {received!r}.")
