"""Damaged model files: case number k is always the same one, so that any one can be looked at."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.robustness.mutation import MUTATIONS

Rng = np.random.Generator
Spot = tuple[Any, Any]  # a dict or list, and a key or position in it

NUMBERS = (0, -1, 1, 7, 2**31, 2**53 + 1, 2**63, 10**40, -(10**18), 0.5, 1e308)
CONSTANTS = (None, True, False, "", "NaN", "\x00", float("nan"), float("inf"), [], {}, [None], [[]])
NAMES = (
    *("Lambda", "TFSMLayer", "Functional", "Sequential", "Model", "Layer", "Dense", "Conv2D"),
    *("StringLookup", "TimeDistributed", "InputLayer", "DTypePolicy", "function", "__lambda__"),
    *("__numpy__", "__tensor__", "__keras_tensor__", "__typespec__", "__slice__", "load_model"),
    *("keras", "keras.layers", "keras.src.models.functional", "keras.saving", "keras.utils"),
    *("keras_hub.layers", "os", "builtins", "subprocess", "keras.initializers", "image", ".."),
)
NAMING = ("class_name", "module", "registered_name", "name", "dtype", "activation")
MOST = 3  # changes of one file


def damaged_config(number: int, good: bytes) -> bytes:
    """Return the configuration of case `number`.

    Example:
        >>> damaged_config(3, b'{"units": 2}') == damaged_config(3, b'{"units": 2}')
        True
    """
    rng = np.random.default_rng(number)
    plain = json.loads(good)
    chosen = [CHANGES[rng.integers(len(CHANGES))] for _ in range(rng.integers(1, MOST + 1))]
    for change in chosen:
        if spots := list(_spots(plain)):
            change(spots, rng)
    text = json.dumps(plain).encode()
    if rng.random() < 0.1:  # noqa: PLR2004  # the rest is more telling: text is soon no JSON
        text = _damaged_bytes(text, rng)
    return _with_key_twice(text, rng) if rng.random() < 0.1 else text  # noqa: PLR2004


def damaged_weights(number: int, good: bytes) -> bytes:
    """Return the HDF5 file of case `number`."""
    return _damaged_bytes(good, np.random.default_rng(number))


def _damaged_bytes(good: bytes, rng: Rng) -> bytes:
    data = bytearray(good)
    for _ in range(int(rng.integers(1, MOST + 1))):
        if rng.random() < 0.5 and data:  # noqa: PLR2004  # sizes and addresses stand at multiples of 8
            _replace_size(data, rng)
        else:
            MUTATIONS[rng.integers(len(MUTATIONS))](data, rng, [good])
    return bytes(data)


def _replace_size(data: bytearray, rng: Rng) -> None:
    """Give another value to what may be a size or address, where the file is not empty there."""
    places = [at for at in range(0, len(data) - 8, 8) if data[at : at + 8] not in (b"", bytes(8))]
    if places:
        at = places[rng.integers(len(places))]
        now = int.from_bytes(data[at : at + 8], "little")
        values = (0, 1, now + 8, now * 2, now ^ 1, 2**31, 2**32 + now, 2**63, 2**64 - 1, len(data))
        value = values[rng.integers(len(values))] % 2**64
        data[at : at + 8] = value.to_bytes(8, "little")


def _spots(plain: Any) -> Iterator[Spot]:
    """Yield every place in a configuration that has a value."""
    waiting = [plain]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            for key in holder if isinstance(holder, dict) else range(len(holder)):
                yield holder, key
                waiting.append(holder[key])


def _change_number(spots: list[Spot], rng: Rng) -> None:
    _set(spots, rng, lambda value: type(value) in (int, float), NUMBERS)


def _change_value(spots: list[Spot], rng: Rng) -> None:
    _set(spots, rng, lambda value: not isinstance(value, dict), (*NUMBERS, *CONSTANTS, *NAMES))


def _change_name(spots: list[Spot], rng: Rng) -> None:
    names = [(holder, key) for holder, key in spots if key in NAMING]
    _set(names, rng, lambda _: True, NAMES)


def _delete(spots: list[Spot], rng: Rng) -> None:
    holder, key = spots[rng.integers(len(spots))]
    del holder[key]


def _swap(spots: list[Spot], rng: Rng) -> None:
    (one, at), (other, there) = (spots[rng.integers(len(spots))] for _ in range(2))
    kept = json.dumps(one[at])  # a copy: what holds itself is no JSON
    one[at] = json.loads(json.dumps(other[there]))
    if not isinstance(one[at], dict | list):
        other[there] = json.loads(kept)


def _double(spots: list[Spot], rng: Rng) -> None:
    lists = [(holder, key) for holder, key in spots if isinstance(holder, list)]
    if lists:
        holder, key = lists[rng.integers(len(lists))]
        holder[key:key] = [json.loads(json.dumps(holder[key]))] * int(rng.choice((1, 3, 50)))


def _add(spots: list[Spot], rng: Rng) -> None:
    holders = [holder for holder, _ in spots if isinstance(holder, dict)]
    if holders:
        holder = holders[rng.integers(len(holders))]
        strange = {"module": "keras.layers", "class_name": NAMES[rng.integers(len(NAMES))]}
        holder[NAMES[rng.integers(len(NAMES))]] = strange | {"config": {}}


def _set(spots: list[Spot], rng: Rng, fits: Callable[[Any], bool], values: tuple[Any, ...]) -> None:
    fitting = [(holder, key) for holder, key in spots if fits(holder[key])]
    if fitting:
        holder, key = fitting[rng.integers(len(fitting))]
        holder[key] = values[rng.integers(len(values))]


def _with_key_twice(text: bytes, rng: Rng) -> bytes:
    """Give an object a key a second time: readers differ in which one they take."""
    key = NAMING[rng.integers(len(NAMING))].encode()
    places = text.split(b'"' + key + b'": ')
    if len(places) == 1:
        return text
    at = int(rng.integers(1, len(places)))
    name = json.dumps(NAMES[rng.integers(len(NAMES))]).encode()
    marker = b'"' + key + b'": '
    return marker.join(places[:at]) + marker + name + b", " + marker + marker.join(places[at:])


CHANGES = (_change_number, _change_value, _change_name, _delete, _swap, _double, _add)
