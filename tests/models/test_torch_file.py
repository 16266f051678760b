import builtins
import os
import pickle
import random
import struct
import zipfile
from collections import OrderedDict
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import ModelFileError
from imgclass.models.torch_file import MAGIC, PROTOCOL, read_torch_file

PAIR = np.arange(6, dtype="<f4").reshape(2, 3)
FORMS = ("zip", "old")


class Named:
    """Pickled as a name and its call, such as `torch._utils._rebuild_tensor_v2(...)`."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments


class Storage:
    """Pickled as a persistent id, as PyTorch does."""

    def __init__(self, key, count, kind="FloatStorage", tag="storage"):
        self.key, self.count, self.kind, self.tag = key, count, kind, tag


class Pickler(pickle._Pickler):
    """Writes what PyTorch writes, without PyTorch."""

    dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012 - as in the class above it

    def persistent_id(self, value):
        if isinstance(value, Storage):
            kind = Named(f"torch.{value.kind}")
            return (value.tag, kind, value.key, "cpu", value.count, None)
        return None

    def save_named(self, value):
        if value.arguments:
            self.save(Named(value.name))
            self.save(value.arguments)
            self.write(pickle.REDUCE)
        else:
            module, _, attribute = value.name.rpartition(".")
            self.write(f"c{module}\n{attribute}\n".encode())

    dispatch[Named] = save_named


def tensor(*, key="0", count=6, offset=0, shape=(2, 3), strides=(3, 1), storage=None):
    storage = storage or Storage(key, count)
    name = "torch._utils._rebuild_tensor_v2"
    return Named(name, storage, offset, shape, strides, False, OrderedDict())


def pickled(value):
    file = BytesIO()
    Pickler(file, 2).dump(value)
    return file.getvalue()


def old_form(state, data=PAIR, *, magic=MAGIC, little_endian=True):
    parts = (magic, PROTOCOL, {"little_endian": little_endian}, state, ["0"])
    return b"".join(map(pickled, parts)) + struct.pack("<q", data.size) + data.tobytes()


def zip_form(state, data=PAIR, *, compression=zipfile.ZIP_STORED):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("net/data.pkl", state if isinstance(state, bytes) else pickled(state))
        archive.writestr("net/data/0", data.tobytes())
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "net.pth"
        path.write_bytes(content)
        return read_torch_file(path)

    return read


@pytest.fixture(params=FORMS)
def written(request):
    """The content of a file in each of the forms."""
    return zip_form if request.param == "zip" else old_form


def test_arrays_come_back_by_name_in_order(read, written):
    arrays = read(written(OrderedDict(b=tensor(), a=tensor(offset=3, shape=(3,), strides=(1,)))))
    assert list(arrays) == ["b", "a"]
    np.testing.assert_array_equal(arrays["b"], PAIR)
    np.testing.assert_array_equal(arrays["a"], PAIR[1])


def test_a_transposed_tensor_keeps_its_meaning(read, written):
    arrays = read(written({"t": tensor(shape=(3, 2), strides=(1, 3))}))
    np.testing.assert_array_equal(arrays["t"], PAIR.T)


def test_counts_of_batches_are_whole_numbers_without_axes(read, written):
    count = Storage("0", 1, kind="LongStorage")
    state = {"num_batches_tracked": tensor(storage=count, shape=(), strides=())}
    assert read(written(state, np.array(7, "<i8")))["num_batches_tracked"] == 7


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_pytorch_saves_is_read(form, protocol, tmp_path):
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    net = net.to(memory_format=torch.channels_last)
    path = tmp_path / "net.pth"
    is_zip = form == "zip"
    torch.save(
        net.state_dict(), path, _use_new_zipfile_serialization=is_zip, pickle_protocol=protocol
    )
    arrays = read_torch_file(path)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(arrays[name], value.numpy())
        assert arrays[name].dtype == value.numpy().dtype


class Hostile:
    """Calls a function while it is unpickled."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


TOUCHED = "touched"
HOSTILE = {
    "system": Hostile(os.system, f"touch {TOUCHED}"),
    "eval": Hostile(builtins.eval, f"open({TOUCHED!r}, 'w')"),
    "open": Hostile(builtins.open, TOUCHED, "w"),
    "nested": OrderedDict(weight=[(Hostile(os.system, f"touch {TOUCHED}"),)]),
    "getattr": Hostile(builtins.getattr, os, "system"),
    "path": Path(TOUCHED),
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "getattr"])
def test_a_pickle_that_names_anything_else_is_refused_and_nothing_runs(
    name, protocol, read, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError, match=r"Its pickle (names|has the instruction)"):
        read(zip_form(pickle.dumps(HOSTILE[name], protocol)))
    assert not Path(TOUCHED).exists()


@pytest.mark.parametrize(("name", "said"), [("os.system", "os"), ("builtins.eval", "builtins")])
def test_the_error_says_what_the_pickle_names(name, said, read, written):
    with pytest.raises(ModelFileError, match=rf"names '{said}\.\w+'; only tensors are read"):
        read(written({"weight": Named(name, "1")}))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"weight": Named("torch.FloatStorage", "1")}, "calls 'torch.FloatStorage'"),
        ({"weight": Named("collections.OrderedDict", [])}, "calls 'collections.OrderedDict'"),
        ({"weight": tensor(storage=Storage("0", 6, tag="module"))}, "an object of its own"),
        ({"weight": tensor(storage=Storage("0", 6, kind="OrderedDict"))}, "torch.OrderedDict"),
        ({"epoch": 3, "weight": tensor()}, "entry 'epoch' is no tensor"),
        ({1: tensor()}, "has 1 where a name is expected"),
        ([tensor()], "no dictionary of tensors"),
        ({"weight": tensor(shape=(10**9, 10**9), strides=(0, 0))}, "more numbers than are there"),
        ({"weight": tensor(shape=(7,), strides=(1,))}, "more numbers than are there"),
        ({"weight": tensor(offset=1)}, "more numbers than are there"),
        ({"weight": tensor(strides=(-3, 1))}, "has -3 where a count is expected"),
        ({"weight": tensor(strides=(4, 1))}, "more numbers than are there"),
        ({"weight": tensor(shape=(2, 3, 1))}, "damaged"),
        ({"weight": tensor(shape=(1,) * 100, strides=(1,) * 100)}, "damaged"),
        ({"weight": tensor(count=10**12)}, "declares 1,000,000,000,000 numbers; 6 are there"),
        ({"weight": tensor(key="1")}, "damaged"),
    ],
)
def test_anything_but_tensors_within_the_file_is_refused(state, said, read, written):
    with pytest.raises(ModelFileError, match=said):
        read(written(state))


def test_a_text_longer_than_the_file_takes_no_memory(read):
    with pytest.raises(ModelFileError, match="damaged"):
        read(zip_form(b"\x80\x02X\xff\xff\xff\xffabc."))  # declares 4 GB


def test_a_place_far_out_in_the_memo_takes_no_memory(read):
    # `pickle.load` would reserve 64 GB for it.
    assert read(zip_form(b"\x80\x02}r\xff\xff\xff\xff.")) == {}


def test_compressed_members_are_refused(read):
    with pytest.raises(ModelFileError, match="compressed"):
        read(zip_form({"weight": tensor()}, compression=zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"no weights", "damaged"),
        (old_form({}, magic=1), "does not begin"),
        (old_form({}, little_endian=False), "big-endian"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(content, said, read):
    with pytest.raises(ModelFileError, match=said):
        read(content)


def test_a_damaged_file_is_read_or_refused(read, written):
    whole = written({"a": tensor(), "b": tensor(offset=3, shape=(3,), strides=(1,))})
    chance = random.Random(0)
    for attempt in range(400):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if attempt % 4 == 0 else whole)
        for _ in range(attempt % 4):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            arrays = read(bytes(damaged))
        except ModelFileError:
            continue
        assert sum(array.nbytes for array in arrays.values()) < 10 * len(whole)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="directory"):
        read_torch_file(tmp_path)
