import io
import os
import random
import stat
import tarfile
import zipfile
from contextlib import suppress

import pytest

from imgclass.data.archives.unpack import ArchiveLimits, is_archive, unpack
from imgclass.errors import DatasetError, UnsafeError
from imgclass.io.fs import FileSystem

CONTENT = {"photos/cat/1.png": b"one", "photos/dog/2.png": b"two", "labels.csv": b"id,label\n"}


@pytest.fixture
def make(tmp_path):
    """Writes an archive of some names and bytes, by its ending."""

    def make(name: str, content: dict[str, bytes]):
        path = tmp_path / name
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for inside, data in content.items():
                    archive.writestr(inside, data)
        else:
            ending = name.rpartition(".")[2].replace("tgz", "gz")
            with tarfile.open(path, f"w:{'' if ending == 'tar' else ending}") as archive:
                for inside, data in content.items():
                    info = tarfile.TarInfo(inside)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        return path

    return make


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def unpacked(path, into, **options):
    unpack(path, str(into), FileSystem(), **options)
    return {
        file.relative_to(into).as_posix(): file.read_bytes()
        for file in into.rglob("*")
        if file.is_file()
    }


NAMES = ("a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz")
ODD = "photos\\1.png"


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_is_unpacked_as_it_was_packed(make, into, name):
    path = make(name, CONTENT)
    assert is_archive(path)
    assert unpacked(path, into) == CONTENT


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("inside", ["/1.png", "../1.png", "a/../../1.png", "C:\\1.png", "..\\1"])
def test_a_name_that_leads_out_is_refused_and_nothing_lies_outside(make, into, name, inside):
    path = make(name, {inside: b"x"})
    before = sorted(into.parent.rglob("*"))
    with pytest.raises(UnsafeError, match="stay in its folder; received") as refusal:
        unpack(path, str(into), FileSystem())
    assert path.name in str(refusal.value)
    assert sorted(into.parent.rglob("*")) == before


def test_backslashes_of_windows_are_folders(make, into):
    assert unpacked(make("a.tar", {ODD: b"x"}), into) == {"photos/1.png": b"x"}


def test_what_systems_hide_is_passed_over(make, into):
    hidden = {"__MACOSX/._1.png": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "1.png": b"y"}
    assert unpacked(make("a.zip", hidden), into) == {"1.png": b"y"}


def test_links_and_devices_in_a_tar_are_passed_over_and_counted(tmp_path, into):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("f", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert unpack(tmp_path / "a.tar", str(into), FileSystem()).links == 3
    assert not list(into.iterdir())


def test_a_link_in_a_zip_is_passed_over(tmp_path, into):
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert unpack(tmp_path / "a.zip", str(into), FileSystem()).links == 1
    assert not list(into.iterdir())


@pytest.mark.parametrize("name", ["a.zip", "a.tar.xz"])
def test_a_file_that_grows_far_beyond_its_archive_is_refused_with_the_figures(make, into, name):
    path = make(name, {"bomb.ppm": bytes(4_000_000)})
    limits = ArchiveLimits(growth=10, free_bytes=1000)
    most = max(10 * path.stat().st_size, 1000)
    with pytest.raises(UnsafeError, match=rf"at most {most:,} bytes in 'bomb.ppm'.*fill a disk"):
        unpack(path, str(into), FileSystem(), limits=limits)


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (ArchiveLimits(files=2), "at most 2 entries"),
        (ArchiveLimits(file_bytes=2), "at most 2 bytes in '1.png'"),
        (ArchiveLimits(all_bytes=4), "at most 1 bytes in '2.png'"),
    ],
)
def test_too_many_or_too_large_files_are_refused(make, into, limits, what):
    with pytest.raises(UnsafeError, match=what):
        unpack(make("a.zip", CONTENT), str(into), FileSystem(), limits=limits)


def test_a_name_that_occurs_twice_is_refused(tmp_path, into):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("1.png"), io.BytesIO())
    with pytest.raises(UnsafeError, match=r"'1.png' occurs twice"):
        unpack(tmp_path / "a.tar", str(into), FileSystem())


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_archive_is_named(make, into, name):
    path = make(name, {f"{i}.png": os.urandom(5000) for i in range(9)})
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(DatasetError, match=r"Expected a sound archive; received .*a\."):
        unpack(path, str(into), FileSystem())


@pytest.mark.parametrize("name", NAMES)
def test_changed_bytes_are_noticed(make, into, name):
    path = make(name, {"1.png": os.urandom(50_000)})
    data = bytearray(path.read_bytes())
    data[300 if name.endswith("tar") else 25_000] ^= 0xFF
    path.write_bytes(data)
    if name == "a.tar":  # only its headers are protected
        data[150] ^= 0xFF
        path.write_bytes(data)
    with pytest.raises(DatasetError, match="Expected a sound archive"):
        unpack(path, str(into), FileSystem())


def damaged(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.choice((1, 2, 9))):
        at = rng.randrange(len(data) - 60)
        replacement = rng.choice((bytes([rng.randrange(256)]), b"", rng.randbytes(30)))
        data[at : at + rng.randrange(1, 60)] = replacement
    return bytes(data)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_bytes_are_changed_the_outcome_is_files_or_a_named_error(make, into, name):
    rng = random.Random(0)
    path = make(name, {f"c{i % 2}/{'long ' * 30}{i}.png": rng.randbytes(300) for i in range(6)})
    whole = path.read_bytes()
    for trial in range(60):
        path.write_bytes(damaged(whole, rng))
        folder = into / str(trial)
        folder.mkdir()
        with suppress(DatasetError, UnsafeError):
            unpack(path, str(folder), FileSystem(), limits=ArchiveLimits(free_bytes=10**6))


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path, into):
    info = tarfile.TarInfo("1.png")
    info.pax_headers = {"comment": "x" * 3_000_000}
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    with pytest.raises(DatasetError, match=r"a header of 3,000,0.. bytes"):
        unpack(tmp_path / "a.tar.gz", str(into), FileSystem())


def test_a_password_is_named(make, into):
    path = make("a.zip", {"1.png": b"x"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1  # as encrypted
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="without a password"):
        unpack(path, str(into), FileSystem())


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar"])
def test_what_is_no_archive_is_named(tmp_path, into, name):
    (tmp_path / name).write_bytes(b"no archive at all" * 100)
    with pytest.raises(DatasetError, match="Expected a sound archive"):
        unpack(tmp_path / name, str(into), FileSystem())
