"""Named arrays as one file in the safetensors format: a header in JSON, then plain numbers.

Source: https://huggingface.co/docs/safetensors. Such a file cannot contain code, and any reader of
the format opens it.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.io.strict_json import parse_json

Arrays = Mapping[str, npt.NDArray[Any]]

LARGEST_HEADER = 16 * 2**20  # bytes: 100,000 arrays with long names
_LENGTH = 8  # bytes of the header's length, which precedes it
_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}
_TYPES = {short: np.dtype(name).newbyteorder("<") for name, short in _NAMES.items()}


def can_be_kept(array: npt.NDArray[Any]) -> bool:
    """Return whether the format has a name for the array's data type."""
    return array.dtype.name in _NAMES


def tensor_bytes(arrays: Arrays) -> Iterator[bytes | memoryview]:
    """Yield the parts of a file with `arrays`, which are not copied."""
    header, at = {}, 0
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in plain.items():
        end = at + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype.name],
            "shape": list(arrays[name].shape),  # ascontiguousarray adds a dimension to scalars
            "data_offsets": [at, end],
        }
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % _LENGTH)  # aligns the numbers
    yield len(text).to_bytes(_LENGTH, "little") + text
    for array in plain.values():
        if array.nbytes:
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            yield little.reshape(-1).view(np.uint8).data


def read_tensors(data: memoryview) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file as read-only views; a ValueError says what is damaged."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or not 0 < length <= min(len(data) - _LENGTH, LARGEST_HEADER):
        raise ValueError(f"expected a header within the file; it declares one of {length:,} bytes")
    body = data[_LENGTH + length :].toreadonly()
    try:
        text = bytes(data[_LENGTH : _LENGTH + length]).decode()
        header = parse_json(text, limit=LARGEST_HEADER)
        entries = {str(name): _entry(entry) for name, entry in header.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"its header is damaged: {error}") from error
    arrays, at = {}, 0
    for name, (kind, shape, begin, end) in entries.items():
        if begin != at or end > len(body) or end - begin != math.prod(shape) * kind.itemsize:
            raise ValueError(f"the array {name[:100]!r} declares other bytes than the file has")
        arrays[name] = np.frombuffer(body[begin:end], kind).reshape(shape)
        at = end
    if at != len(body):
        raise ValueError(f"it has {len(body) - at:,} bytes that belong to no array")
    return arrays


def _entry(entry: Any) -> tuple[np.dtype[Any], tuple[int, ...], int, int]:
    shape, (begin, end) = entry["shape"], entry["data_offsets"]
    numbers = (*shape, begin, end)
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("expected whole numbers of 0 or more as shape and offsets")
    return _TYPES[entry["dtype"]], tuple(shape), begin, end
