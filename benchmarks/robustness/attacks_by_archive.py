"""Archives with too many members, others than a model has, members that lie; and no archives."""

import gzip
import io
import os
import pickle
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

from benchmarks.robustness.strange_models import CONFIG, METADATA, WEIGHTS, Attack, Pickled, Place

GIBIBYTE = 2**30
MEMBERS = 1_000_000
MOST = 2**16 - 1  # members that the end of an archive can tell the number of
BLOCK = bytes(2**20)


def a_million_members(place: Place) -> Path:
    """A million empty members: Python's own reader takes seconds and 458 MB to list them."""
    return _with_table(place, MEMBERS, declared=MOST)


def a_million_members_with_their_number(place: Place) -> Path:
    """The same, with the number told where large archives have it."""
    return _with_table(place, MEMBERS, declared=MEMBERS)


def a_configuration_that_unfolds(place: Place) -> Path:
    """A megabyte that becomes a gibibyte of configuration."""
    return _with_bomb(place, CONFIG)


def weights_that_unfold(place: Place) -> Path:
    """A megabyte that becomes a gibibyte of weights."""
    return _with_bomb(place, WEIGHTS)


def metadata_that_unfold(place: Place) -> Path:
    """A megabyte that becomes a gibibyte of metadata."""
    return _with_bomb(place, METADATA)


def a_configuration_that_lies_of_its_size(place: Place) -> Path:
    """The same, declared as a kilobyte."""
    path = _with_bomb(place, CONFIG)
    path.write_bytes(
        path.read_bytes().replace(struct.pack("<L", GIBIBYTE), struct.pack("<L", 1000))
    )
    return path


def the_same_member_twice(place: Place) -> Path:
    """Two configurations: readers differ in which one they take."""
    place.write()
    with zipfile.ZipFile(place.model, "a") as archive:
        archive.writestr(CONFIG, b"{}")
    return place.model


def a_member_that_climbs(place: Place) -> Path:
    """A member whose name leads out of the folder."""
    return _with_member(place, "../../climbed.txt")


def an_asset_that_climbs(place: Place) -> Path:
    """The same among the assets."""
    return _with_member(place, "assets/../../climbed.txt")


def a_member_with_a_whole_path(place: Place) -> Path:
    """A member that has the path of a file outside."""
    return _with_member(place, str(place.secret))


def a_vocabulary_among_the_assets(place: Place) -> Path:
    """Something that layers of text would read."""
    return _with_member(place, "assets/layers/string_lookup/vocabulary.txt")


def a_link_as_a_member(place: Place) -> Path:
    """A configuration that is a symbolic link."""
    place.write()
    with zipfile.ZipFile(place.model, "w") as archive:
        for name in (METADATA, CONFIG, WEIGHTS):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, str(place.secret))
    return place.model


def a_folder_as_a_member(place: Place) -> Path:
    """A folder of the name of the configuration."""
    return _with_member(place, CONFIG + "/")


def an_encrypted_member(place: Place) -> Path:
    """Members that say that they are encrypted."""
    place.write()
    data = bytearray(place.model.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    place.model.write_bytes(data)
    return place.model


def other_compressions(place: Place) -> Path:
    """Members that are compressed in another way than Keras does."""
    with zipfile.ZipFile(place.model, "w", zipfile.ZIP_LZMA) as archive:
        for name in (METADATA, CONFIG, WEIGHTS):
            archive.writestr(name, place.member(name))
    return place.model


def two_names_for_the_same_bytes(place: Place) -> Path:
    """Members that overlap, so that few bytes are read many times."""
    place.write()
    data = place.model.read_bytes()
    start = data.index(b"PK\x01\x02")
    table = data[start:]
    first = table.index(b"PK\x01\x02", 4)
    offsets = struct.unpack_from("<L", table, 42)
    second = bytearray(table[first:])
    struct.pack_into("<L", second, 42, *offsets)
    place.model.write_bytes(data[:start] + table[:first] + bytes(second))
    return place.model


def a_wrong_checksum(place: Place) -> Path:
    """A configuration of which one letter was changed."""
    place.write()
    place.model.write_bytes(place.model.read_bytes().replace(b'"Functional"', b'"Functionbl"', 1))
    return place.model


def an_archive_behind_a_program(place: Place) -> Path:
    """An archive that begins with something else."""
    place.write()
    place.model.write_bytes(b"#!/bin/sh\nexit\n" * 100 + place.model.read_bytes())
    return place.model


def an_archive_with_a_comment(place: Place) -> Path:
    """An archive whose comment holds the end of another one."""
    place.write()
    with zipfile.ZipFile(place.model, "a") as archive:
        archive.comment = b"PK\x05\x06" + bytes(18)
    return place.model


def sizes_past_the_end(place: Place) -> Path:
    """A table of members that is said to lie behind the end."""
    place.write()
    data = bytearray(place.model.read_bytes())
    struct.pack_into("<L", data, data.rindex(b"PK\x05\x06") + 16, 2**31)
    place.model.write_bytes(data)
    return place.model


def an_empty_file(place: Place) -> Path:
    """No bytes at all."""
    place.model.write_bytes(b"")
    return place.model


def half_a_file(place: Place) -> Path:
    """A model file whose end is missing."""
    data = place.write().read_bytes()
    place.model.write_bytes(data[: len(data) // 2])
    return place.model


def a_text(place: Place) -> Path:
    """No archive."""
    place.model.write_text("a model", encoding="utf-8")
    return place.model


def a_pickled_object(place: Place) -> Path:
    """A pickled object that runs code, compressed."""
    place.model.write_bytes(gzip.compress(pickle.dumps(Pickled(place.code))))
    return place.model


def a_file_of_weights(place: Place) -> Path:
    """HDF5 with the name of a model."""
    place.model.write_bytes(place.member(WEIGHTS))
    return place.model


def a_saved_model(place: Place) -> Path:
    """A folder with the name of a model, as TensorFlow saves it, with code."""
    shutil.copytree(place.outside / "saved_model", place.model)
    return place.model


def an_unpacked_model(place: Place) -> Path:
    """A folder with the members of a model, which Keras loads, too."""
    place.model.mkdir()
    for name in (METADATA, CONFIG, WEIGHTS):
        (place.model / name).write_bytes(place.member(name))
    return place.model


def a_pipe(place: Place) -> Path:
    """A pipe that nobody writes to: whoever opens it waits for ever."""
    os.mkfifo(place.model)
    return place.model


def a_link_to_a_device(place: Place) -> Path:
    """A link to a file without an end."""
    place.model.symlink_to("/dev/zero")
    return place.model


def a_link_to_nothing(place: Place) -> Path:
    """A link to a file that is not there."""
    place.model.symlink_to("nothing.keras")
    return place.model


def _with_member(place: Place, name: str) -> Path:
    place.write()
    with zipfile.ZipFile(place.model, "a") as archive:
        archive.writestr(name, b"climbed")
    return place.model


def _with_table(place: Place, members: int, *, declared: int) -> Path:
    """Write a model with so many more members, of which only the table at the end knows."""
    place.write()
    data = place.model.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack_from("<LL", data, end + 12)
    lines = io.BytesIO()
    for number in range(members):
        name = b"%07d" % number
        sizes = (0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
        header = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, *sizes)
        lines.write(header + name)
    table = lines.getvalue()
    size += len(table)
    at = start + size
    parts = [data[:start], data[start:end], table]
    if declared > MOST:
        numbers = (declared, declared, size, start)
        parts.append(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *numbers))
        parts.append(struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1))
    few = min(declared, MOST)
    parts.append(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, few, few, size, start, 0))
    place.model.write_bytes(b"".join(parts))
    return place.model


def _with_bomb(place: Place, bomb: str) -> Path:
    """Write a model of which one member is a gibibyte of zeros, put together from one block."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    times = GIBIBYTE // len(BLOCK)
    packed = first + again * (times - 1) + packer.flush()
    checksum = 0
    for _ in range(times):
        checksum = zlib.crc32(BLOCK, checksum)
    with zipfile.ZipFile(place.model, "w") as archive:
        for name in (METADATA, CONFIG, WEIGHTS):
            archive.writestr(name, packed if name == bomb else place.member(name))
    data = bytearray(place.model.read_bytes())
    for signature, method, sizes in ((b"PK\x03\x04", 8, 14), (b"PK\x01\x02", 10, 16)):
        at = data.find(signature)
        while at >= 0:
            if struct.unpack_from("<L", data, at + sizes + 4)[0] == len(packed):
                struct.pack_into("<H", data, at + method, zipfile.ZIP_DEFLATED)
                struct.pack_into("<LLL", data, at + sizes, checksum, len(packed), GIBIBYTE)
            at = data.find(signature, at + 4)
    place.model.write_bytes(data)
    return place.model


BY_ARCHIVE = (
    Attack(a_million_members),
    Attack(a_million_members_with_their_number),
    Attack(a_configuration_that_unfolds),
    Attack(weights_that_unfold),
    Attack(metadata_that_unfold),
    Attack(a_configuration_that_lies_of_its_size),
    Attack(the_same_member_twice),
    Attack(a_member_that_climbs),
    Attack(an_asset_that_climbs),
    Attack(a_member_with_a_whole_path),
    Attack(a_vocabulary_among_the_assets),
    Attack(a_link_as_a_member),
    Attack(a_folder_as_a_member),
    Attack(an_encrypted_member),
    Attack(other_compressions),
    Attack(two_names_for_the_same_bytes),
    Attack(a_wrong_checksum),
    Attack(an_archive_behind_a_program),
    Attack(an_archive_with_a_comment),
    Attack(sizes_past_the_end),
    Attack(an_empty_file),
    Attack(half_a_file),
    Attack(a_text),
    Attack(a_pickled_object),
    Attack(a_file_of_weights),
    Attack(a_saved_model),
    Attack(an_unpacked_model),
    Attack(a_pipe),
    Attack(a_link_to_a_device),
    Attack(a_link_to_nothing),
)
