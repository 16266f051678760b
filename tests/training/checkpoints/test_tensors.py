import json
import struct

import numpy as np
import pytest

from imgclass.training.checkpoints.tensors import (
    LARGEST_HEADER,
    can_be_kept,
    read_tensors,
    tensor_bytes,
)

# The names of types in the format (https://huggingface.co/docs/safetensors) and in NumPy.
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "?",
}


def written(arrays):
    return b"".join(tensor_bytes(arrays))


def read_by_the_book(data):
    """Read a file by the description of the format, without the library's code."""
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = np.array(memoryview(body[begin:end]).cast("B"), np.uint8)
        arrays[name] = flat.view(TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def file_of(header, body=b""):
    """Return a file with this header, right or wrong."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return memoryview(len(text).to_bytes(8, "little") + text + body)


def entry(shape=(2,), offsets=(0, 8), kind="F32"):
    return {"dtype": kind, "shape": list(shape), "data_offsets": list(offsets)}


def require_equal(arrays, others):
    assert list(arrays) == list(others)
    for name, array in arrays.items():
        assert (others[name].dtype, others[name].shape) == (array.dtype, array.shape)
        assert others[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("reader", [read_by_the_book, lambda data: read_tensors(memoryview(data))])
@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_type_comes_back_bit_for_bit(kind, reader):
    rng = np.random.default_rng(0)
    size = np.dtype(kind).itemsize
    high = 2 if kind == "?" else 256  # any bytes: also what is not a number
    array = rng.integers(0, high, (3, 5 * size), np.uint8).view(kind)
    require_equal({"w": array}, reader(written({"w": array})))


@pytest.mark.parametrize("reader", [read_by_the_book, lambda data: read_tensors(memoryview(data))])
@pytest.mark.parametrize("shape", [(), (1,), (0,), (0, 3), (3, 0, 2), (2, 3, 4)])
def test_every_shape_comes_back(shape, reader):
    arrays = {"a": np.full(shape, 7, np.float32), "b": np.ones(2, np.int64)}
    require_equal(arrays, reader(written(arrays)))


def test_a_file_without_arrays_is_read():
    assert read_tensors(memoryview(written({}))) == {}


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a[::2],
        lambda a: a.T,
        np.asfortranarray,
        lambda a: a.astype(">f4"),
        lambda a: np.broadcast_to(a[0], a.shape),
    ],
    ids=["stepped", "transposed", "fortran", "big-endian", "broadcast"],
)
def test_an_array_may_have_any_memory_layout(make):
    array = make(np.arange(12, dtype=np.float32).reshape(4, 3))
    again = read_tensors(memoryview(written({"w": array})))["w"]
    np.testing.assert_array_equal(again, array)
    assert again.dtype == np.float32


def test_names_of_every_language_come_back():
    names = ["", "a/b", "größe", "层/0", 'a "quoted" one', "x" * 1000]
    arrays = {name: np.array([i], np.int8) for i, name in enumerate(names)}
    require_equal(arrays, read_tensors(memoryview(written(arrays))))


def test_the_numbers_begin_at_a_multiple_of_eight_bytes():
    for name in ("a", "ab", "abc", "abcdefgh"):
        (length,) = struct.unpack("<Q", written({name: np.ones(1, np.float32)})[:8])
        assert length % 8 == 0


def test_arrays_are_written_without_being_copied():
    array = np.zeros(4, np.float32)
    _, part = tensor_bytes({"w": array})
    array[0] = 1
    assert np.frombuffer(part, np.float32)[0] == 1


def test_what_is_read_cannot_be_changed_by_mistake():
    array = read_tensors(memoryview(bytearray(written({"w": np.ones(2)}))))["w"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


@pytest.mark.parametrize(
    ("array", "can"),
    [
        (np.ones(1, bool), True),
        (np.ones((), np.float16), True),
        (np.ones(1, complex), False),
        (np.array(["text"]), False),
        (np.array([None]), False),
        (np.array([b"bytes"]), False),
        (np.array(["2026-11-27"], "datetime64[D]"), False),
    ],
)
def test_only_plain_numbers_can_be_kept(array, can):
    assert can_be_kept(array) is can


# Damage: every way in which the header can contradict the file.

DAMAGED = {
    "nothing": (memoryview(b""), "a header within the file"),
    "less than a length": (memoryview(b"\x01\0\0"), "a header within the file"),
    "no header": (memoryview(bytes(8)), "a header within the file"),
    "a header longer than the file": (
        memoryview((2**63).to_bytes(8, "little") + b"{}"),
        "a header within the file",
    ),
    "no JSON": (file_of(b"{'w': 1}"), "header is damaged"),
    "no UTF-8": (file_of(b'{"\xff": 1}'), "header is damaged"),
    "a list": (file_of([]), "header is damaged"),
    "a number for an entry": (file_of({"w": 3}), "header is damaged"),
    "an entry without a type": (file_of({"w": {"shape": []}}), "header is damaged"),
    "a type that there is not": (file_of({"w": entry(kind="F31")}, bytes(8)), "damaged: 'F31'"),
    "a type that is no text": (file_of({"w": entry(kind=["F32"])}, bytes(8)), "damaged"),
    "a shape below zero": (file_of({"w": entry([-2])}, bytes(8)), "whole numbers of 0 or more"),
    "a broken shape": (file_of({"w": entry([2.0])}, bytes(8)), "whole numbers of 0 or more"),
    "a shape of truths": (file_of({"w": entry([True, 2])}, bytes(8)), "whole numbers"),
    "three offsets": (file_of({"w": entry(offsets=[0, 4, 8])}, bytes(8)), "header is damaged"),
    "more than there is": (file_of({"w": entry()}, bytes(7)), "'w' declares other bytes"),
    "a larger shape than its bytes": (file_of({"w": entry([3])}, bytes(8)), "'w' declares other"),
    "a smaller shape": (file_of({"w": entry([1])}, bytes(8)), "'w' declares other bytes"),
    "a gap": (file_of({"w": entry(offsets=[4, 12])}, bytes(12)), "'w' declares other bytes"),
    "an overlap": (file_of({"v": entry(), "w": entry()}, bytes(8)), "'w' declares other bytes"),
    "an end before its beginning": (file_of({"w": entry([0], [0, -4])}), "whole numbers"),
    "bytes too many": (file_of({"w": entry()}, bytes(9)), "1 bytes that belong to no array"),
    "nesting without end": (file_of(b"[" * 100_000), "header is damaged"),
    "a number of 5,000 digits": (
        file_of(b'{"w":{"dtype":"F32","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,8]}}'),
        "header is damaged",
    ),
    "a length beside none": (file_of({"w": entry([0, 10**30], [0, 0])}), "dimension"),
    "a hundred dimensions": (file_of({"w": entry([1] * 100, [0, 4])}, bytes(4)), "dimension"),
}


@pytest.mark.parametrize(("data", "says"), DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_declares_more_than_it_has_is_refused(data, says):
    with pytest.raises(ValueError, match=says):
        read_tensors(data)


def test_a_header_larger_than_any_training_needs_is_not_read():
    data = memoryview(bytearray(8 + LARGEST_HEADER + 1))
    data[:8] = (LARGEST_HEADER + 1).to_bytes(8, "little")
    with pytest.raises(ValueError, match="a header within the file"):
        read_tensors(data)


def test_a_file_cut_at_any_byte_is_refused():
    whole = written({"a": np.ones((2, 3), np.float32), "b": np.ones(3, bool)})
    for length in range(len(whole)):
        with pytest.raises(ValueError, match=r"."):
            read_tensors(memoryview(whole)[:length])


def test_every_flipped_bit_of_the_header_gives_an_error_or_other_arrays():
    arrays = {"a": np.ones((2, 3), np.float32), "b": np.ones(3, bool)}
    whole = written(arrays)
    (length,) = struct.unpack("<Q", whole[:8])
    for bit in range(8 * (8 + length)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            found = read_tensors(memoryview(flipped))
        except ValueError:
            continue
        assert sum(array.nbytes for array in found.values()) == len(whole) - 8 - length
