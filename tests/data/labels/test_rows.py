import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgclass.data.labels.layout import Layout
from imgclass.data.labels.rows import read_rows
from imgclass.errors import LabelsError, MachineError, UnsafeError

PIECES = ("id", "label", ",", ";", "\t", '"', "\n", "\r", "\0", " ", "1", "cat", "../", "\ufeff")
MESSY = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode())
WORDS = st.text("abcd,;\"' \u732b", min_size=1, max_size=6).filter(str.strip)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("rows") / "labels.csv"


@settings(deadline=None, max_examples=500)  # a busy machine is no failure
@given(head=st.sampled_from((b"", b"id,label\n", b"id;label\r\n")), body=MESSY | st.binary())
def test_any_bytes_are_rows_or_an_error_that_names_the_file(path, head, body):
    path.write_bytes(head + body)
    try:
        rows = read_rows(path).rows
    except (LabelsError, UnsafeError) as error:
        named = str(path) in str(error)
        assert named
        return
    assert all(row.id.strip() and row.label.strip() for row in rows)
    assert sorted({row.line for row in rows}) == [row.line for row in rows]


@settings(deadline=None)
@given(
    st.lists(st.tuples(WORDS, WORDS.map(str.strip)), min_size=1),
    st.sampled_from((",", ";", "\t")),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "gb18030")),
)
def test_every_well_formed_row_is_read_as_it_was_written(path, pairs, delimiter, end, encoding):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
    writer.writerows([("id", "label"), *pairs])
    path.write_bytes(file.getvalue().encode(encoding))
    rows = read_rows(path, Layout(encoding=encoding)).rows
    assert [(row.id, row.label, row.line) for row in rows] == [
        (*pair, line) for line, pair in enumerate(pairs, start=2)
    ]


def test_a_full_disk_or_broken_one_is_the_machines_matter(path, monkeypatch):
    def fail(*_arguments):
        raise OSError(5, "Input/output error")

    path.touch()
    monkeypatch.setattr("os.open", fail)
    with pytest.raises(MachineError, match="Input/output error"):
        read_rows(path)
