"""`probabilities.npz`: exactly the expected arrays are read, so that any file may be opened."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from imgclass.data.manifest import Split
from imgclass.io.regular_file import open_regular
from imgclass.run.field_rules import ROUNDING

Probabilities = npt.NDArray[np.float32]
Shape = tuple[int, int]

FLOAT = np.dtype("<f4")
# Bytes besides the numbers: NumPy's header has 128, the zip archive's less than 300.
SLACK = 1024
# The last bytes of a zip archive without a comment. The 20 before them may announce a longer form,
# with any number of members.
_END, _LONG = 22, 20
_END_MARK, _LONG_MARK = b"PK\5\6", b"PK\6\7"
_COUNT = slice(10, 12)


def read_probabilities(path: Path, shapes: Mapping[Split, Shape]) -> dict[Split, Probabilities]:
    """Read the arrays of exactly these splits, of shape `(images, classes)`.

    What the file declares is checked before an array is read: no more is read than a good file
    contains, and nothing is unpickled.
    """
    with open_regular(path, links=False) as file:
        try:
            _require_modest(file, shapes)
            with zipfile.ZipFile(file) as archive:
                members = _members(archive)
                return {split: _read(archive, members, split, shapes[split]) for split in shapes}
        except OSError:
            raise
        except Exception as error:  # zipfile and NumPy raise many kinds on damaged files
            raise ValueError(f"{path}: {error}") from error


def _require_modest(file: IO[bytes], shapes: Mapping[Split, Shape]) -> None:
    """Refuse too many bytes or members, before zipfile lists them."""
    size = os.fstat(file.fileno()).st_size
    most = sum(_array_bytes(shape) for shape in shapes.values()) + SLACK * (1 + len(shapes))
    if size > most:
        raise ValueError(f"expected at most {most:,} bytes for its images; received {size:,}.")
    file.seek(max(0, size - _END - _LONG))
    tail = file.read(_END + _LONG)
    end, before = tail[-_END:], tail[:-_END]
    if not end.startswith(_END_MARK) or before.startswith(_LONG_MARK):
        raise ValueError("expected a zip archive, as NumPy writes it.")
    if (count := int.from_bytes(end[_COUNT], "little")) > len(shapes):
        raise ValueError(f"expected {len(shapes)} arrays; received {count:,}.")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name; imgclass never writes compressed or encrypted ones."""
    found = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        is_plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1
        if not is_plain or name in found:
            raise ValueError(f"expected each array once, not compressed; received {name!r}.")
        found[name] = member
    return found


def _read(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], split: Split, shape: Shape
) -> Probabilities:
    if split not in members:
        raise ValueError(f"the array {split} is missing.")
    if members[split].file_size > _array_bytes(shape) + SLACK:
        raise ValueError(f"expected {split} of shape {shape}; it declares more bytes.")
    with archive.open(members[split]) as member:
        _require_header(member, split, shape)
        content = member.read(_array_bytes(shape) + 1)
    if len(content) != _array_bytes(shape):
        raise ValueError(f"expected {split} of shape {shape}; it has {len(content):,} bytes.")
    rows = np.frombuffer(content, FLOAT).reshape(shape)
    fits = (rows >= 0) & (rows <= 1 + ROUNDING)
    if not fits.all():
        row, column = np.argwhere(~fits)[0]
        raise ValueError(
            f"{split}[{row}, {column}]: expected a probability in 0-1; received "
            f"{rows[row, column]:g}."
        )
    return rows


def _require_header(member: IO[bytes], split: Split, shape: Shape) -> None:
    version = np.lib.format.read_magic(member)
    if version != (1, 0):
        raise ValueError(f"expected {split} in NumPy's format 1.0; received {version}.")
    found = np.lib.format.read_array_header_1_0(member)
    if found != (shape, False, FLOAT):
        raise ValueError(
            f"expected {split} of shape {shape}, {FLOAT.name}; received {found[0]}, {found[2]}."
        )


def _array_bytes(shape: Shape) -> int:
    return shape[0] * shape[1] * FLOAT.itemsize
