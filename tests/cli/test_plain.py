import os
import subprocess
import sys

import pytest

from imgclass.cli.plain import print_plainly

ENCODINGS = ["cp1252", "ascii", "utf-8"]
WRITTEN = {
    "cp1252": ("café".encode("cp1252"), rb"\u732b"),
    "ascii": (rb"caf\xe9", rb"\u732b"),
    "utf-8": ("café".encode(), "猫".encode()),
}


def run_in(encoding, *words, cwd):
    """Run the command line in a process whose streams have an encoding."""
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "imgclass", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def cafe_and_cat(source):
    """The images of two classes whose names are not English."""
    rows = "".join(f"{i},{('café', '猫')[i % 2]}\n" for i in range(40))
    (source / "labels.csv").write_text(f"id,label\n{rows}", encoding="utf-8")
    return source


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_class_name_is_printed_whatever_the_encoding(cafe_and_cat, encoding):  # R18
    done = run_in(encoding, "organize", "labels.csv", "images", "data", cwd=cafe_and_cat)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in WRITTEN[encoding])


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_error_is_printed_whatever_the_encoding(tmp_path, encoding):
    done = run_in(encoding, "diagnose", "café-猫", cwd=tmp_path)
    assert done.returncode == 3
    assert all(name in done.stderr for name in WRITTEN[encoding])
    assert b"Traceback" not in done.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", ["cp1252:strict", "ascii:strict"])
def test_help_versions_and_bars_are_printed_whatever_the_encoding(tmp_path, encoding):
    for words in (("organize", "--help"), ("--version",), ("architectures",)):
        assert run_in(encoding, *words, cwd=tmp_path).returncode == 0
    code = (
        "import sys; sys.stderr.isatty = lambda: True\n"
        "from imgclass.cli.output import progress_bar\n"
        "from imgclass.cli.plain import print_plainly\n"
        "print_plainly()\n"
        "bar, move = progress_bar('café 猫…')\n"
        "with bar: move(1, 2)\n"
    )
    environment = os.environ | {"PYTHONIOENCODING": encoding, "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"1/2" in done.stderr
    assert rb"\u732b" in done.stderr


def test_what_has_a_plain_form_is_printed_in_it():
    code = (
        "from imgclass.cli.plain import print_plainly\n"
        "print_plainly()\n"
        "print('wait\\u2026 1\\u20132 \\u201cit\\u2019s\\u201d \\u732b')"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.strip() == rb"""wait... 1-2 "it's" \u732b"""


def test_streams_of_utf_8_and_streams_of_a_program_stay_as_they_are(monkeypatch):
    for stream in (sys.stdout, sys.stderr):
        before = stream.errors
        print_plainly()
        assert stream.errors == before
    monkeypatch.setattr(sys, "stdout", None)  # as under pythonw
    print_plainly()
