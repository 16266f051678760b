import random
import struct
from contextlib import suppress

import h5py
import numpy as np
import pytest

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.hdf5 import require_plain_weights
from imgclass.models.preflight.refusal import Refused


def read(path):
    with path.open("rb") as file:
        return require_plain_weights(file, Span(0, path.stat().st_size))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.h5"


def test_what_keras_writes_is_read(make, path):
    held = read(make.weights(path, np.zeros((3, 4), "f4"), np.zeros((), "i8"), np.zeros(0, "f2")))
    assert (held.datasets, held.values) == (3, 13)


def test_attributes_of_both_forms_are_read(path):
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"a", b"bc"])
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["number"] = 3
        file.create_group("a")["kernel:0"] = np.zeros(3, "f4")
    assert read(path).values == 3


def test_a_thousand_groups_are_read(path):
    with h5py.File(path, "w") as file:
        for number in range(1_000):
            file.create_group(f"layers/dense_{number}/vars")["0"] = np.zeros(1, "f4")
    assert read(path).values == 1_000


def external(file):
    file.create_dataset("x", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    file.create_virtual_dataset("x", layout)


def soft_link(file):
    file["x"] = h5py.SoftLink("/layers")


def external_link(file):
    file["x"] = h5py.ExternalLink("other.h5", "x")


def hard_link(file):
    file["layers/again"] = file["layers"]


def chunked(file):
    file.create_dataset("x", (4,), "f4", chunks=(2,))


def compressed(file):
    file.create_dataset("x", (4,), "f4", compression="gzip")


def unlimited(file):
    file.create_dataset("x", (4,), "f4", maxshape=(None,))


def never_written(file):
    file.create_dataset("x", (2**29,), "f4")


def texts(file):
    file.create_dataset("x", (2,), h5py.string_dtype())


def fields(file):
    file.create_dataset("x", (2,), [("a", "f4"), ("b", "i4")])


def references(file):
    file.create_dataset("x", (2,), h5py.ref_dtype)


def a_type(file):
    file["x"] = np.dtype("f4")


def deep(file):
    file.create_group("/".join("g" * 200))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (external, "another file"),
        (virtual, "virtual|another form|compact"),
        (soft_link, "link"),
        (external_link, "link"),
        (hard_link, "linked twice|reached twice"),
        (chunked, "chunked"),
        (compressed, "filter"),
        (unlimited, "chunked"),
        (never_written, "declares 2,147,483,648 bytes"),
        (texts, "texts of variable length"),
        (fields, "datatype"),
        (references, "datatype"),
        (a_type, "neither a group nor a dataset|stored elsewhere"),
        (deep, "nested deeper"),
    ],
)
def test_what_keras_does_not_write_is_refused(make, path, edit, says):
    make.weights(path, np.zeros(8, "f4"))
    with h5py.File(path, "a") as file:
        edit(file)
    with pytest.raises(Refused, match=says):
        read(path)


@pytest.mark.parametrize("version", ["v108", "latest"])
def test_files_of_the_new_form_are_refused(path, version):
    with h5py.File(path, "w", libver=version) as file:
        file["x"] = np.zeros(3)
    with pytest.raises(Refused, match="superblock"):
        read(path)


def test_a_file_after_other_bytes_is_refused(path):
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = np.zeros(3)
    with pytest.raises(Refused, match="no HDF5 file"):
        read(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(make, path, share):
    data = make.weights(path, np.zeros(100, "f4")).read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Refused, match=r"cut off|behind its end"):
        read(path)


def test_two_datasets_at_one_place_are_refused(make, path):
    data = bytearray(make.weights(path, np.zeros(100, "f4"), np.zeros(100, "f4")).read_bytes())
    with h5py.File(path) as file:
        first, second = (file[f"layers/dense_{n}/vars/0"].id.get_offset() for n in (0, 1))
    at = data.index(struct.pack("<QQ", second, 400))
    data[at : at + 8] = struct.pack("<Q", first)
    path.write_bytes(data)
    with pytest.raises(Refused, match="overlaps"):
        read(path)


def test_more_than_twenty_thousand_objects_are_refused(path):
    with h5py.File(path, "w") as file:
        for number in range(20_001):
            file.create_group(str(number))
    with pytest.raises(Refused, match="20,000 objects"):
        read(path)


def test_every_changed_byte_ends_in_an_answer(make, path):
    data = make.weights(path, np.zeros(3, "f4"), np.zeros(2, "f4")).read_bytes()
    rng = random.Random(0)
    for _ in range(500):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(data))] = rng.choice((0, 1, 255, rng.randrange(256)))
        path.write_bytes(changed)
        with suppress(Refused):
            read(path)
