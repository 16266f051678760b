import os
import struct
import zipfile

import pytest

from imgclass.models.preflight.archive import CONFIG, WEIGHTS, open_archive
from imgclass.models.preflight.refusal import Refused


@pytest.fixture
def path(tmp_path, make):
    return make.keras_file(tmp_path / "model.keras", make.model(make.dense("a", "image")))


def read(path):
    with open_archive(path) as archive:
        archive.require_sum()
        return archive.read(CONFIG), archive.weights


def rewritten(path, edit):
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(data)
    return path


def test_what_keras_writes_is_read(path):
    config, weights = read(path)
    assert config.startswith(b"{")
    assert path.read_bytes()[weights.start :].startswith(b"\x89HDF")


@pytest.mark.parametrize(
    "name",
    ["assets/vocabulary.txt", "../../outside", "/etc/passwd", "model.weights.npz", "assets/"],
)
def test_another_member_is_refused(tmp_path, make, name):
    path = make.keras_file(tmp_path / "model.keras", {}, members={name: b"x"})
    with pytest.raises(Refused, match="4 members"):
        read(path)


def test_a_member_of_another_name_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.npz"):
            archive.writestr(name, b"")
    with pytest.raises(Refused, match=r"model\.weights\.npz"):
        read(tmp_path / "model.keras")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_occurs_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "config.json"):
            archive.writestr(name, b"{}")
    with pytest.raises(Refused, match="nothing else"):
        read(tmp_path / "model.keras")


def test_compressed_weights_are_refused(tmp_path, make):
    path = make.keras_file(tmp_path / "model.keras", {}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(Refused, match=r"model\.weights\.h5 is compressed"):
        read(path)


def test_a_compressed_configuration_is_read(path, tmp_path):
    packed = tmp_path / "packed.keras"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w") as archive:
        for name in source.namelist():
            method = zipfile.ZIP_STORED if name == WEIGHTS else zipfile.ZIP_DEFLATED
            archive.writestr(name, source.read(name), method)
    assert read(packed)[0] == read(path)[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path, make, method):
    path = make.keras_file(tmp_path / "model.keras", {}, compression=method)
    with pytest.raises(Refused, match="compressed in a way"):
        read(path)


def test_a_configuration_of_a_gigabyte_is_refused_by_what_it_declares(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", b"{}")
        archive.writestr("config.json", bytes(2**26))
        archive.writestr("model.weights.h5", b"", zipfile.ZIP_STORED)
    with pytest.raises(Refused, match=r"config\.json declares 67,108,864 bytes"):
        read(tmp_path / "model.keras")


def test_a_million_members_are_refused_by_the_record_at_the_end(tmp_path):
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 53_000_000, 0, 0)
    (tmp_path / "model.keras").write_bytes(bytes(1_000) + end)
    with pytest.raises(Refused, match="65,535 members"):
        read(tmp_path / "model.keras")


@pytest.mark.parametrize("before", [b"#!/bin/sh\n", b"\x89HDF\r\n\x1a\n", bytes(512)])
def test_something_before_the_archive_is_refused(path, before):
    path.write_bytes(before + path.read_bytes())
    with pytest.raises(Refused, match="before its zip archive"):
        read(path)


@pytest.mark.parametrize("behind", [b"x", bytes(22), bytes(70_000)])
def test_something_after_the_archive_is_refused(path, behind):
    path.write_bytes(path.read_bytes() + behind)
    with pytest.raises(Refused):
        read(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04", b"no archive at all" * 10])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(Refused, match="no zip archive"):
        read(tmp_path / "model.keras")


def test_an_encrypted_member_is_refused(path):
    def encrypt(data):
        data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(Refused, match="encrypted"):
        read(rewritten(path, encrypt))


def test_a_member_with_another_name_in_its_own_header_is_refused(path):
    def rename(data):
        at = data.index(b"config.json")
        data[at : at + 11] = b"hidden.json"

    with pytest.raises(Refused, match="another name"):
        read(rewritten(path, rename))


@pytest.mark.parametrize("member", [b'"units"', b"\x89HDF"])
def test_a_changed_byte_is_refused(path, member):
    def change(data):
        data[data.index(member) + 3] ^= 1

    with pytest.raises(Refused, match="is damaged"):
        read(rewritten(path, change))


def test_a_link_is_refused(path, tmp_path):
    (tmp_path / "link.keras").symlink_to(path)
    with pytest.raises(OSError, match="symbolic link"):
        read(tmp_path / "link.keras")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_a_fifo_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.keras")
    with pytest.raises(OSError, match="FIFO"):
        read(tmp_path / "model.keras")


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(OSError, match="directory"):
        read(tmp_path)
