"""A file of weights that PyTorch saved (`torch.save` of a state dictionary), read without PyTorch.

Both forms are read: a zip archive, and the older one of pickles followed by numbers.
"""

import math
import os
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from imgclass.io.regular_file import open_regular
from imgclass.models.preflight.checks import refusing
from imgclass.models.preflight.refusal import Refused, shown
from imgclass.models.torch_pickle import Storage, Tensor, read_pickle

# Returns the bytes of a storage.
Read = Callable[[Storage], bytes | memoryview]
Arrays = Mapping[str, npt.NDArray[Any]]

SUFFIXES = (".pth", ".pt")
LARGEST = 2**31  # bytes; it is read into memory
REMEDY = (
    "If you trust whoever made it, load it with PyTorch, and save the tensors alone: "
    "torch.save(model.state_dict(), path)."
)
# The old form opens with two pickles of these numbers (torch/serialization.py).
MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
COUNT_BYTES = 8  # before the numbers of each storage


def read_torch_file(path: Path) -> Arrays:
    """Return the arrays of a state dictionary by name, read-only, as PyTorch lays them out.

    Nothing in the file is run or imported, and no more memory is taken than the file is large.

    Args:
        path: A file that `torch.save(model.state_dict(), path)` wrote.

    Raises:
        ModelFileError: It cannot be opened, is damaged, or has anything but tensors; the message
            says what.
    """
    with refusing(path, remedy=REMEDY), open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST:
            raise Refused(f"It has {size:,} bytes; at most {LARGEST:,} are read.")
        try:
            tensors, read = _open_zip(file, size) if zipfile.is_zipfile(file) else _open_old(file)
            return {name: _array(name, tensor, read) for name, tensor in tensors.items()}
        except (Refused, OSError):
            raise
        except Exception as error:  # zipfile raises many kinds on damaged files
            raise Refused("it is damaged, or no file of weights that PyTorch saved.") from error


def _open_zip(file: IO[bytes], size: int) -> tuple[Mapping[str, Tensor], Read]:
    archive = zipfile.ZipFile(file)
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise Refused("it has compressed members; PyTorch writes none.")
    if sum(member.file_size for member in members) > size:
        raise Refused("its members declare more bytes than it has.")
    root = members[0].filename.partition("/")[0]
    tensors = _tensors(read_pickle(BytesIO(archive.read(f"{root}/data.pkl"))))
    return tensors, lambda storage: archive.read(f"{root}/data/{storage.key}")


def _open_old(file: IO[bytes]) -> tuple[Mapping[str, Tensor], Read]:
    file.seek(0)
    whole = memoryview(file.read())
    # BytesIO reads no further than its end, whatever length a pickle declares.
    pickles = BytesIO(whole)
    if read_pickle(pickles) != MAGIC or read_pickle(pickles) != PROTOCOL:
        raise Refused("it does not begin as PyTorch's files of weights do.")
    if read_pickle(pickles).get("little_endian") is not True:
        raise Refused("it comes from a big-endian machine.")
    tensors = _tensors(read_pickle(pickles))
    widths = {t.storage.key: np.dtype(t.storage.dtype).itemsize for t in tensors.values()}
    position, places = 0, {}
    keys, position = read_pickle(pickles), pickles.tell()
    for key in keys:
        start = position + COUNT_BYTES
        position = start + widths[key] * int.from_bytes(whole[position:start], "little")
        places[key] = whole[start:position]
    return tensors, lambda storage: places[storage.key]


def _tensors(found: Any) -> Mapping[str, Tensor]:
    if not isinstance(found, dict):
        raise Refused("it has no dictionary of tensors by name.")
    for name, value in found.items():
        if not isinstance(value, Tensor):
            raise Refused(f"its entry {shown(name)} is no tensor.")
    return found


def _array(name: str, tensor: Tensor, read: Read) -> npt.NDArray[Any]:
    storage, numbers = tensor.storage, np.frombuffer(read(tensor.storage), tensor.storage.dtype)
    if len(numbers) != storage.count:
        raise Refused(
            f"its tensor {shown(name)} declares {storage.count:,} numbers; {len(numbers):,} are "
            f"there."
        )
    # Within the storage, and no number is repeated without end by a stride of 0.
    last = tensor.offset + sum(
        (side - 1) * stride for side, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    count = math.prod(tensor.shape)
    if not 0 < count <= storage.count or last >= storage.count:
        raise Refused(f"its tensor {shown(name)} has more numbers than are there, or none.")
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :],
        tensor.shape,
        [stride * numbers.itemsize for stride in tensor.strides],
        writeable=False,
    )
