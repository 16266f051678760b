import json
import subprocess
import sys

import pytest

from imgclass.cli.streamed_output import print_json_list, print_lines


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_list_of_any_length_is_one_json_object(capsys, number):
    rows = [{"path": f"{i}\n.jpg", "top": [i]} for i in range(number)]
    print_json_list("rows", iter(rows))
    assert json.loads(capsys.readouterr().out) == {"rows": rows}


def test_an_error_on_the_way_prints_nothing(capsys):
    def rows():
        yield {}
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        print_json_list("rows", rows())
    assert capsys.readouterr().out == ""


def test_a_long_list_waits_outside_of_memory(capsys, monkeypatch):
    monkeypatch.setattr("imgclass.cli.streamed_output.IN_MEMORY", 10)
    print_json_list("rows", ({"i": i} for i in range(100)))
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 100


def test_lines_are_printed_as_they_come(capsys):
    seen = []

    def lines():
        for line in "ab":
            seen.append(capsys.readouterr().out)
            yield line

    assert print_lines(lines())
    assert (seen, capsys.readouterr().out) == (["", "a\n"], "b\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no `head`")
def test_printing_stops_quietly_when_the_reader_has_gone():
    code = (
        "from imgclass.cli.streamed_output import print_lines\n"
        "import itertools\n"
        "print_lines(map(str, itertools.count()))\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout.readline() == b"0\n"
    writer.stdout.close()
    _, errors = writer.communicate(timeout=60)
    assert (writer.returncode, errors) == (0, b"")
