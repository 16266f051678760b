import os

import pytest

from imgclass.io.untrusted_files import LONGEST_LINE, exists, read_bytes, read_text, table_rows


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file"


def test_a_file_of_just_the_limit_is_read(file):
    file.write_bytes(b"12345")
    assert read_bytes(file, limit=5) == b"12345"


def test_a_larger_file_is_refused_with_both_sizes(file):
    file.write_bytes(b"123456")
    with pytest.raises(OSError, match="it has 6 bytes; at most 5 are read"):
        read_bytes(file, limit=5)


def test_a_file_that_is_missing_is_an_error_of_the_system(file):
    with pytest.raises(FileNotFoundError):
        read_bytes(file, limit=5)


def test_the_position_of_a_byte_that_is_not_utf8_is_named(file):
    file.write_bytes(b"abc\xff")
    with pytest.raises(ValueError, match=r"file: expected UTF-8; byte 4 is not"):
        read_text(file, limit=5)


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_link_is_followed_only_if_links_are_allowed(file):
    file.write_bytes(b"12345")
    link = file.with_name("link")
    link.symlink_to(file)
    assert read_bytes(link, limit=5, links=True) == b"12345"
    with pytest.raises(OSError, match="it is a symbolic link"):
        read_bytes(link, limit=5)


@pytest.mark.skipif(os.name == "nt", reason="FIFOs")
def test_a_fifo_is_not_waited_for(file):
    os.mkfifo(file)
    with pytest.raises(OSError, match="it is a FIFO"):
        read_bytes(file, limit=5)


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_broken_link_exists(file):
    assert not exists(file)
    file.symlink_to("nowhere")
    assert exists(file)
    assert not exists(file / "inside" / "of it")


def test_rows_come_with_their_lines(file):
    file.write_text('a,b\n"1\n2",3\n4,5\n')
    assert list(table_rows(file, limit=100)) == [
        (1, ["a", "b"]),
        (3, ["1\n2", "3"]),
        (4, ["4", "5"]),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a\nb\0\n", "line 2: expected text; received a NUL byte"),
        (b"a\n" + b"b" * LONGEST_LINE, "line 2: expected less than"),
        (b'a\n"b', "line 2: unexpected end of data"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(file, content, words):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=rf"file, {words}"):
        list(table_rows(file, limit=10**6))
