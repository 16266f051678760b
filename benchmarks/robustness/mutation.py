"""Damaged image files: case number k is always the same bytes, so that any one can be looked at."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

Mutation = Callable[[bytearray, np.random.Generator, Sequence[bytes]], None]

HEADER = 64  # bytes in which sizes and kinds stand
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
RANDOM_SHARE = 20  # one case in so many is random bytes after a signature


def damaged(number: int, seeds: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the name and bytes of case `number`.

    Example:
        >>> damaged(7, {"x": b"12345678"}) == damaged(7, {"x": b"12345678"})
        True
    """
    rng = np.random.default_rng(number)
    names, files = list(seeds), list(seeds.values())
    chosen = int(rng.integers(len(names)))
    if number % RANDOM_SHARE == 0:
        signature = files[chosen][: rng.integers(0, 13)]
        return f"random bytes like {names[chosen]}", signature + rng.bytes(rng.integers(0, 2000))
    data = bytearray(files[chosen])
    for _ in range(int(rng.integers(1, 4))):
        MUTATIONS[rng.integers(len(MUTATIONS))](data, rng, files)
    return names[chosen], bytes(data)


def _flip(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    for at in rng.integers(len(data), size=rng.integers(1, 9)) if data else ():
        data[at] ^= 1 << int(rng.integers(8))


def _overwrite(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    for at in rng.integers(len(data), size=rng.integers(1, 33)) if data else ():
        data[at] = rng.integers(256)


def _truncate(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    del data[rng.integers(len(data) + 1) :]


def _insert(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    at = rng.integers(len(data) + 1)
    data[at:at] = rng.bytes(rng.integers(1, 64))


def _remove(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    at = rng.integers(len(data) + 1)
    del data[at : at + rng.integers(1, 64)]


def _splice(data: bytearray, rng: np.random.Generator, files: Sequence[bytes]) -> None:
    other = files[rng.integers(len(files))]
    data[rng.integers(len(data) + 1) :] = other[rng.integers(len(other)) :]


def _edit_header(data: bytearray, rng: np.random.Generator, _files: Sequence[bytes]) -> None:
    size = int(rng.choice((1, 2, 4)))
    value = EXTREMES[rng.integers(len(EXTREMES))] % 256**size
    at = int(rng.integers(min(len(data), HEADER) + 1))
    data[at : at + size] = value.to_bytes(size, ("big", "little")[rng.integers(2)])


MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _overwrite,
    _truncate,
    _insert,
    _remove,
    _splice,
    _edit_header,
)
