"""Weights that point elsewhere, or declare more than they hold: HDF5 has many ways for both."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from benchmarks.robustness.strange_models import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Attack,
    Pickled,
    Place,
)

Replace = Callable[[Any, str, Any], None]  # in a group, by name, what was there
PLANES = 2**14  # of 32 x 1024 float32: 2 GiB


def external_storage(place: Place) -> Path:
    """CVE-2026-1669: the numbers of a weight are the bytes of a file outside."""

    def replace(group: Any, name: str, old: Any) -> None:
        stored = [(str(place.secret), 0, old.nbytes)]
        group.create_dataset(name, old.shape, old.dtype, external=stored)

    return place.write(weights=_edited(place, replace))


def virtual_dataset(place: Place) -> Path:
    """CVE-2026-12480: a weight is a view of one in a file outside."""

    def replace(group: Any, name: str, old: Any) -> None:
        layout = h5py.VirtualLayout(old.shape, old.dtype)
        layout[...] = h5py.VirtualSource(_outside(place), "secret", old.shape)
        group.create_virtual_dataset(name, layout)

    return place.write(weights=_edited(place, replace))


def virtual_dataset_of_its_own(place: Place) -> Path:
    """The same, of a weight in the file itself."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.file.create_dataset("source", data=old)
        layout = h5py.VirtualLayout(old.shape, old.dtype)
        layout[...] = h5py.VirtualSource(".", "source", old.shape)
        group.create_virtual_dataset(name, layout)

    return place.write(weights=_edited(place, replace, libver="latest"))


def external_link(place: Place) -> Path:
    """A weight is a link to one in a file outside."""

    def replace(group: Any, name: str, old: Any) -> None:
        del old
        group[name] = h5py.ExternalLink(_outside(place), "secret")

    return place.write(weights=_edited(place, replace))


def external_link_of_a_group(place: Place) -> Path:
    """All layers are a link to a file outside."""

    def edit(file: Any) -> None:
        del file["layers"]
        file["layers"] = h5py.ExternalLink(_outside(place), "/")

    return place.write(weights=_written(place, edit))


def soft_link(place: Place) -> Path:
    """A weight is a link to another name in the same file."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.file.create_dataset("source", data=old)
        group[name] = h5py.SoftLink("/source")

    return place.write(weights=_edited(place, replace))


def hard_links_in_a_circle(place: Place) -> Path:
    """A group that is in itself."""

    def edit(file: Any) -> None:
        file["layers"]["again"] = file["layers"]

    return place.write(weights=_written(place, edit))


def two_gibibytes_declared(place: Place) -> Path:
    """CVE-2026-0897: a weight that declares 2 GiB and holds nothing."""
    return place.write(weights=_edited(place, _declaring(PLANES)))


def thirty_two_gibibytes_declared(place: Place) -> Path:
    """CVE-2026-12570: the same with 32 GiB."""
    return place.write(weights=_edited(place, _declaring(16 * PLANES)))


def two_gibibytes_in_chunks(place: Place) -> Path:
    """The same as chunks, none of which is written."""
    return place.write(weights=_edited(place, _declaring(PLANES, chunks=(1, 32, 1024))))


def compressed_weights(place: Place) -> Path:
    """A weight of 64 MiB of zeros, compressed to some kilobytes."""

    def replace(group: Any, name: str, old: Any) -> None:
        data = np.zeros((2**14, 2**10), old.dtype)
        group.create_dataset(name, data=data, compression="gzip", compression_opts=9)

    return place.write(weights=_edited(place, replace))


def a_hundred_thousand_groups(place: Place) -> Path:
    """So many groups that walking through them takes long."""

    def edit(file: Any) -> None:
        for number in range(100_000):
            file.create_group(f"group_{number}")

    return place.write(weights=_written(place, edit))


def groups_in_groups(place: Place) -> Path:
    """Groups that are nested 20,000 deep."""

    def edit(file: Any) -> None:
        group = file
        for _ in range(20_000):
            group = group.create_group("g")

    return place.write(weights=_written(place, edit))


def text_instead_of_numbers(place: Place) -> Path:
    """A weight of texts of any length, which lie in a heap of their own."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.create_dataset(name, old.shape, h5py.string_dtype())

    return place.write(weights=_edited(place, replace))


def references_instead_of_numbers(place: Place) -> Path:
    """A weight of references to objects."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.create_dataset(name, old.shape, h5py.ref_dtype)

    return place.write(weights=_edited(place, replace))


def fields_instead_of_numbers(place: Place) -> Path:
    """A weight of records."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.create_dataset(name, old.shape, np.dtype([("a", "f4"), ("b", "i8")]))

    return place.write(weights=_edited(place, replace))


def a_file_of_another_version(place: Place) -> Path:
    """The layout that newer HDF5 writes, which has more kinds of parts."""

    def replace(group: Any, name: str, old: Any) -> None:
        group.create_dataset(name, data=old)

    return place.write(weights=_edited(place, replace, libver="latest"))


def bytes_before_the_file(place: Place) -> Path:
    """HDF5 that begins after 512 other bytes, which HDF5 looks for and others do not."""
    return place.write(weights=bytes(512) + place.member(WEIGHTS))


def a_weight_that_lies_past_the_end(place: Place) -> Path:
    """Half of the file."""
    whole = place.member(WEIGHTS)
    return place.write(weights=whole[: len(whole) // 2])


def two_tables_of_a_group(place: Place) -> Path:
    """A group of which its parent notes another table of members than the group itself does."""
    data = bytearray(place.member(WEIGHTS))
    at = data.index(b"SNOD") + 8  # the first entry of a table
    kept, table = struct.unpack_from("<I4xQ", data, at + 16)
    if kept != 1:
        raise ValueError("Expected an entry that notes a table.")
    struct.pack_into("<Q", data, at + 24, table + 8)
    return place.write(weights=bytes(data))


def no_weights_at_all(place: Place) -> Path:
    """An HDF5 file with nothing in it."""
    data = io.BytesIO()
    with h5py.File(data, "w"):
        pass
    return place.write(weights=data.getvalue())


def weights_that_are_text(place: Place) -> Path:
    """No HDF5 at all."""
    return place.write(weights=b"weights " * 5_000)


def pickled_weights(place: Place) -> Path:
    """Weights as NumPy's archive, which may hold pickled objects."""
    data = io.BytesIO()
    np.savez(data, a=np.array([Pickled(place.code)], dtype=object))
    with zipfile.ZipFile(place.model, "w") as archive:
        for name in (METADATA, CONFIG):
            archive.writestr(name, place.member(name))
        archive.writestr("model.weights.npz", data.getvalue())
    return place.model


def weights_that_name_other_files(place: Place) -> Path:
    """Weights of several parts, which Keras finds by a table of names."""
    path = place.folder / "strange.weights.json"
    table = {"metadata": {"total_size": 1}, "weight_map": {"/layers/conv2d/vars": _outside(place)}}
    path.write_text(json.dumps(table), "utf-8")
    return path


def _declaring(planes: int, **options: Any) -> Replace:
    def replace(group: Any, name: str, old: Any) -> None:
        del old
        group.create_dataset(name, (planes, 32, 1024), "f4", **options)

    return replace


def _edited(place: Place, replace: Replace, **options: Any) -> bytes:
    """Return the good weights, with the first one replaced."""

    def edit(file: Any) -> None:
        found: list[Any] = []
        file.visititems(lambda _, item: found.append(item) if _is_weight(item) else None)
        group, name, old = found[0].parent, found[0].name.rsplit("/", 1)[1], found[0][...]
        del group[name]
        replace(group, name, old)

    return _written(place, edit, **options)


def _is_weight(item: Any) -> bool:
    return isinstance(item, h5py.Dataset) and item.ndim > 1


def _written(place: Place, edit: Callable[[Any], None], **options: Any) -> bytes:
    """Return the good weights, copied by h5py and then edited."""
    path = place.folder / "being-written.h5"
    source = io.BytesIO(place.member(WEIGHTS))
    with h5py.File(path, "w", **options) as file, h5py.File(source) as good:
        for name in good:
            good.copy(name, file)
        edit(file)
    data = path.read_bytes()
    path.unlink()
    return data


def _outside(place: Place) -> str:
    return str(place.outside / "outside.weights.h5")


def _alone(attack: Attack) -> Attack:
    """Return the attack whose weights are a file of their own, such as `--weights` takes."""

    def write(place: Place) -> Path:
        path = place.folder / "strange.weights.h5"
        with zipfile.ZipFile(attack.write(place)) as archive:
            path.write_bytes(archive.read(WEIGHTS))
        place.model.unlink()
        return path

    return Attack(write, name=f"{attack}, in a file of weights")


IN_MODELS = (
    Attack(external_storage),
    Attack(virtual_dataset),
    Attack(virtual_dataset_of_its_own),
    Attack(external_link),
    Attack(external_link_of_a_group),
    Attack(soft_link),
    Attack(hard_links_in_a_circle),
    Attack(two_gibibytes_declared),
    Attack(thirty_two_gibibytes_declared),
    Attack(two_gibibytes_in_chunks),
    Attack(compressed_weights),
    Attack(a_hundred_thousand_groups),
    Attack(groups_in_groups),
    Attack(text_instead_of_numbers),
    Attack(references_instead_of_numbers),
    Attack(fields_instead_of_numbers),
    Attack(a_file_of_another_version),
    Attack(bytes_before_the_file),
    Attack(a_weight_that_lies_past_the_end),
    Attack(two_tables_of_a_group, says="two tables"),
    Attack(weights_that_are_text),
)
BY_WEIGHTS = (
    *IN_MODELS,
    *map(_alone, IN_MODELS),
    Attack(no_weights_at_all),
    Attack(pickled_weights),
    Attack(weights_that_name_other_files),
)
