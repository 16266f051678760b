import os

import numpy as np
import pytest

from imgclass.io.fs import FileSystem

CONTENT = b"one two three"


@pytest.mark.parametrize(
    "data",
    [
        CONTENT,
        bytearray(CONTENT),
        memoryview(CONTENT),
        [b"one ", memoryview(b"two "), b"", np.frombuffer(b"three", np.uint8)],
        (piece for piece in (b"one two", b" three")),
    ],
    ids=["bytes", "bytearray", "memoryview", "several", "generator"],
)
def test_a_new_file_has_the_bytes_in_one_piece_or_several(tmp_path, data):
    FileSystem().write_new(str(tmp_path / "new"), data)
    assert (tmp_path / "new").read_bytes() == CONTENT


def test_pieces_that_the_system_takes_in_parts_are_written_whole(tmp_path):
    def slowly(function, *arguments):
        if function is os.write:
            descriptor, data = arguments
            return os.write(descriptor, data[:2])
        return function(*arguments)

    FileSystem(call=slowly).write_new(str(tmp_path / "new"), [b"one ", b"two ", b"three"])
    assert (tmp_path / "new").read_bytes() == CONTENT


def test_an_existing_file_is_not_written(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        FileSystem().write_new(str(tmp_path / "mine"), [CONTENT])
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_piece_that_cannot_be_made_closes_the_file(tmp_path):
    calls = []

    def noted(function, *arguments):
        calls.append(function)
        return function(*arguments)

    def broken():
        yield b"one"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        FileSystem(call=noted).write_new(str(tmp_path / "new"), broken())
    assert calls[-1] is os.close
