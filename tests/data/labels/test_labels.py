import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from imgclass.data.labels.labels import Labels, Leniency, read_labels
from imgclass.data.labels.layout import Layout
from imgclass.errors import LabelsError, MachineError, UnsafeError, UsageError

Read = Callable[..., Labels]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a CSV and touch files, then read them."""

    def write_and_read(csv: str | bytes, files: str = "1.png 2.png", **options) -> Labels:
        path, images = tmp_path / "labels.csv", tmp_path / "images"
        path.write_bytes(csv.encode() if isinstance(csv, str) else csv)
        for file in files.split():
            (images / file).parent.mkdir(parents=True, exist_ok=True)
            (images / file).touch()
        images.mkdir(exist_ok=True)
        columns = {field.name for field in fields(Layout)} & options.keys()
        layout = Layout(**{name: options.pop(name) for name in columns})
        return read_labels(path, images, layout, leniency=Leniency(**options))

    return write_and_read


def pairs(labels: Labels) -> list[tuple[str, str]]:
    return [(row.source, row.label) for row in labels.rows]


TWO = [("1.png", "cat"), ("2.png", "dog")]


def test_rows_keep_the_order_of_the_csv_and_know_their_lines(read):
    labels = read("id,label\n2,dog\n1,cat\n")
    assert [(row.id, row.label, row.source, row.line) for row in labels.rows] == [
        ("2", "dog", "2.png", 2),
        ("1", "cat", "1.png", 3),
    ]
    assert {row.label for row in labels.rows} == {"cat", "dog"}
    assert labels.notices == ()


@pytest.mark.parametrize(
    "csv",
    [
        pytest.param("id,label\n1,cat\n2,dog\n", id="plain"),
        pytest.param("id,label\r\n1,cat\r\n2,dog", id="crlf, no last line end"),
        pytest.param("id,label\r1,cat\r2,dog\r", id="L08-cr only"),
        pytest.param("\n\nid,label\n1,cat\n\n2,dog\n\n\n", id="blank lines"),
        pytest.param("\ufeffid,label\n1,cat\n2,dog\n", id="L03-byte order mark"),
        pytest.param("id,label\n1,cat\n2,dog\n".encode("utf-16"), id="L04-utf-16"),
        pytest.param("id,label\n1,cat\n2,dog\n".encode("utf-32"), id="L04-utf-32"),
        pytest.param("id;label\n1;cat\n2;dog\n", id="L05-semicolon"),
        pytest.param("id\tlabel\n1\tcat\n2\tdog\n", id="L05-tab"),
        pytest.param("Image_ID,CLASS\n1,cat\n2,dog\n", id="L06-other case"),
        pytest.param(",label,filename\n0,cat,1.png\n1,dog,2.png\n", id="pandas index"),
        pytest.param("name,label\n1,cat\n2,dog\n", id="two columns, one known"),
        pytest.param("breed,id\ncat,1\ndog,2\n", id="two columns, the other known"),
        pytest.param('"id","label","note"\n1,cat,"a\nb, ""c"""\n2,dog,\n', id="quoted notes"),
        pytest.param("id,label\n1.png,cat\n./2.png,dog\n", id="paths"),
        pytest.param("id,label\n1.PNG,cat\n2,dog\n", id="L13-extension in other case"),
    ],
)
def test_these_all_say_the_same(read, csv):
    assert pairs(read(csv)) == TWO


@pytest.mark.parametrize(
    ("csv", "options", "expected"),
    [
        pytest.param("", {}, "0 rows", id="L02-empty"),
        pytest.param("\n\n", {}, "0 rows", id="L02-blank"),
        pytest.param("id,label\n", {}, "0 rows", id="L02-header only"),
        pytest.param(b"id,label\n1,cat\n2,caf\xe9\n", {}, "line 3: byte 20 .*--encoding", id="L04"),
        pytest.param(
            "id,label\n".encode("utf-16-le"),
            {},
            "line 1: a NUL byte.*utf-16",
            id="L04-utf-16 without mark",
        ),
        pytest.param(
            b"id,label\n1,cat\n2,caf\xc3", {}, "line 3: byte 20", id="L04-cut in a character"
        ),
        pytest.param("id|label\n1|cat\n", {}, r"none in 'id\|label'.*--delimiter", id="L05-pipe"),
        pytest.param(
            "id;label,x\n1;cat\n", {}, "several in 'id;label,x'.*--delimiter", id="L05-both"
        ),
        pytest.param(
            "key,kind,x\n1,cat,\n",
            {},
            "--id-column.*--label-column.*'key', 'kind', 'x'",
            id="L06-unknown names",
        ),
        pytest.param("a,b\n1,cat\n", {}, "--id-column.*--label-column.*'a', 'b'", id="L06-two"),
        pytest.param(
            "id,file,label\n1,2,cat\n", {}, "any of 'id', 'file' .*--id-column", id="L06-two ids"
        ),
        pytest.param(
            "id, label\n1,cat\n",
            {"label_column": "label"},
            "no column 'label', but ' label'.*--label-column",
            id="L06-space",
        ),
        pytest.param(
            "id, label\n1, cat\n2, dog\n",
            {},
            "' label' begins or ends with a space.*--label-column",
            id="L06-space after the delimiter",
        ),
        pytest.param(
            "id,label,label\n1,cat,dog\n", {}, "any of 'label', 'label'", id="L06-duplicate"
        ),
        pytest.param(
            "id,label,label\n1,cat,dog\n",
            {"label_column": "label"},
            "'label' occurs 2",
            id="L06-duplicate named",
        ),
        pytest.param(
            "id,label\n1,cat\n",
            {"id_column": "id", "label_column": "id"},
            "one column cannot",
            id="L06-one column for both",
        ),
        pytest.param("id,label\n1,cat,\n2,dog,\n", {}, "faults: 2\n  line 2: 3 f", id="L07-extra"),
        pytest.param("id,label,x\n1,cat\n2,dog,y\n", {}, "line 2: 2 fields", id="L07-few"),
        pytest.param('id,label\n1,"cat\n2,dog\n', {}, "line 2: .*quote", id="L08-open quote"),
        pytest.param('id,label\n1,"cat\n2,"dog\n', {}, "line 2: .*quote", id="L08-two quotes"),
        pytest.param('id,label\n1,"c\nt"\n2,dog\n', {}, "line 2: .*line break", id="L08-in label"),
        pytest.param('id,label\n"1\n",cat\n2,dog\n', {}, "line 2: .*line break", id="L08-in id"),
        pytest.param("id,label\n1,cat\n2,d\0g\n", {}, "line 3: a NUL byte", id="L08-NUL"),
        pytest.param(
            "id,label\n1,cat\n2,dog\n1,cat\n",
            {"strict": True},
            "Repeated rows: 1\n  line 4: '1'",
            id="L09-strict",
        ),
        pytest.param(
            "id,label\n1,cat\n2,dog\n1,dog\n",
            {},
            "lines 2 and 4: '1' is .*'cat' and 'dog'",
            id="L10",
        ),
        pytest.param(
            "id,label\n7,cat\n7,dog\n1,cat\n2,dog\n",
            {"allow_missing": True},
            "lines 2 and 3: '7'",
            id="L10-without image",
        ),
        pytest.param(
            "id,label\n1,cat\n1.png,cat\n2,dog\n",
            {},
            "lines 2 and 3: the ids '1' and '1.png'",
            id="L10-two ids of one file",
        ),
        pytest.param("id,label\n,cat\n2,dog\n", {}, "line 2: the id is empty", id="L11-id"),
        pytest.param("id,label\n1, \n2,dog\n", {}, "line 2: the label is empty", id="L11-label"),
        pytest.param("id,label\n1,a\x1bb\n2,dog\n", {}, "line 2: .*control", id="L16-control"),
        pytest.param(f"id,label\n1,{'x' * 256}\n2,dog\n", {}, "line 2: .*256 bytes", id="L16-long"),
        pytest.param(
            "id,label\n1,Cat\n2,cat\n", {}, r"'Cat' \(line 2\) and 'cat' \(line 3\)", id="L17-case"
        ),
        pytest.param("id,label\n1,cat\n2,cat \n", {}, "line 2.*line 3", id="L17-trailing space"),
        pytest.param("id,label\n1,cat\n2,cat.\n", {}, "line 2.*line 3", id="L17-trailing dot"),
        pytest.param("id,label\n1,caf\xe9\n2,cafe\u0301\n", {}, "line 2.*line 3", id="L17-accents"),
        pytest.param("id,label\n1,CON\n2,dog\n", {}, "line 2: .*'CON'.*Windows", id="L17-CON"),
        pytest.param("id,label\n1,aux.1\n2,dog\n", {}, "line 2: .*'aux.1'.*Windows", id="L17-aux"),
        pytest.param("id,label\n1,cat\n2,cat\n", {}, "2 classes; all 2 .*'cat'", id="L19-one"),
        pytest.param(f"id,label\n1,{'c' * 200_000}\n2,dog\n", {}, "line 2: .*131072", id="L20"),
        pytest.param(f"id,label\n1,{'c' * 1_000_001}", {}, "line 2: longer than", id="L20-line"),
    ],
)
def test_a_fault_is_named_with_the_file_and_line(read, csv, options, expected):
    with pytest.raises(LabelsError, match=rf"(?s)labels\.csv.*{expected}"):
        read(csv, **options)


@pytest.mark.parametrize(
    "unsafe",
    [
        "../1",
        "/etc/passwd",
        "C:\\1",
        "C:1",
        "..\\1",
        "\\\\a\\1",
        "~/1",
        "~root",
        "a/../../1",
        "a/..",
        "..",
    ],
)
def test_l15_an_id_that_could_leave_the_folder_is_refused(read, unsafe):
    with pytest.raises(UnsafeError, match=r"(?s)labels\.csv.*line 3: .*could lead out") as refusal:
        read(f"id,label\n1,cat\n{unsafe},dog\n", allow_missing=True)
    assert refusal.value.exit_code == 5


@pytest.mark.parametrize("text", ["NA", "None", "null", "nan", "True", "1", "1.0", "001", " x"])
def test_l12_a_label_keeps_its_exact_text(read, text):
    assert read(f"id,label\n1,{text}\n2,dog\n").rows[0].label == text


@pytest.mark.parametrize("text", [".x", "-x", "=x", "+x", "@x", "<script>", "a/b", "..", "a\\b"])
def test_l16_l18_an_odd_label_is_a_class_like_others(read, text):
    rows = read(f"id,label\n1,{text}\n2,dog\n").rows
    assert {row.label for row in rows} == {text, "dog"}


def test_l09_a_repeated_row_is_accepted_once_and_reported(read):
    labels = read("id,label\n1,cat\n2,dog\n1,cat\n")
    assert pairs(labels) == TWO
    assert [row.line for row in labels.repeated] == [4]


@pytest.mark.parametrize(
    ("files", "source"),
    [
        pytest.param("1.png 2.png", "1.png", id="name"),
        pytest.param("1.jpg 2.png", "1.jpg", id="other format"),
        pytest.param("1.PNG 2.png", "1.PNG", id="capitals"),
        pytest.param("1 2.png", "1", id="no extension"),
        pytest.param("001.png 2.png", "001.png", id="number"),
        pytest.param("a/1.png 2.png", "a/1.png", id="subfolder"),
    ],
)
def test_l13_an_id_means_the_one_file_that_fits(read, files, source):
    assert read("id,label\n1,cat\n2,dog\n", files).rows[0].source == source


@pytest.mark.parametrize(
    ("files", "notice"),
    [
        ("001.png 2.png", "Ids matched by number: 1, such as '1' with '001.png'."),
        ("a/1.png 2.png", "Ids matched by subfolder: 1, such as '1' with 'a/1.png'."),
    ],
)
def test_l13_a_loose_match_is_announced(read, files, notice):
    assert read("id,label\n1,cat\n2,dog\n", files).notices == (notice,)


def test_l13_the_exact_name_wins_over_the_number(read):
    labels = read("id,label\n1,cat\n2,dog\n001,dog\n", "1.png 001.png 2.png")
    assert pairs(labels) == [*TWO, ("001.png", "dog")]


@pytest.mark.parametrize("files", ["1.jpg 1.png", "001.png 01.png", "a/1.png b/1.png"])
def test_l13_two_candidates_are_an_error_that_names_both(read, files):
    first, second = files.split()
    with pytest.raises(LabelsError, match=rf"line 2: '1' could mean any of '{first}', '{second}'"):
        read("id,label\n1,cat\n2,dog\n", files + " 2.png")


def test_l14_rows_and_files_left_over_are_both_listed_with_their_options(read):
    with pytest.raises(LabelsError) as error:
        read("id,label\n1,cat\n2,dog\n8,dog\n", "1.png 2.png 9.png")
    message = str(error.value)
    assert "Rows without an image: 1\n  line 4: '8'" in message
    assert "allow_missing (--allow-missing)" in message
    assert "Images without a row: 1\n  '9.png'" in message
    assert "ignore_unlabelled (--ignore-unlabelled)" in message


def test_l14_the_first_twenty_and_the_count_are_shown(read):
    rows = "".join(f"{number},cat\n" for number in range(100, 150))
    with pytest.raises(LabelsError) as error:
        read("id,label\n1,cat\n2,dog\n" + rows)
    assert "Rows without an image: 50" in str(error.value)
    assert "line 23: '119'\n  and 30 more" in str(error.value)
    assert "'120'" not in str(error.value)


def test_l14_rows_without_an_image_are_left_out_and_reported_where_allowed(read):
    labels = read("id,label\n1,cat\n8,dog\n2,dog\n", allow_missing=True)
    assert pairs(labels) == TWO
    assert [(row.id, row.line) for row in labels.rows_without_image] == [("8", 3)]


def test_l14_images_without_a_row_are_left_out_and_reported_where_ignored(read):
    labels = read("id,label\n1,cat\n2,dog\n", "2.png 1.png b.png a/c.gif", ignore_unlabelled=True)
    assert pairs(labels) == TWO
    assert labels.images_without_row == ("a/c.gif", "b.png")


def test_l19_no_image_at_all_is_an_error_even_where_rows_may_miss_theirs(read):
    with pytest.raises(LabelsError, match=r"rows with images; received 0, and 2 without"):
        read("id,label\n1,cat\n2,dog\n", "", allow_missing=True)


def test_l19_more_classes_than_a_label_column_has_are_an_error(read, monkeypatch):
    monkeypatch.setattr("imgclass.data.labels.problems.MAX_CLASSES", 2)
    with pytest.raises(LabelsError, match=r"at most 2 classes; received 3.*--label-column"):
        read("id,label\n1,cat\n2,dog\n3,bird\n", "1.png 2.png 3.png")


def test_all_faults_of_the_csv_are_told_at_once(read):
    with pytest.raises(LabelsError) as error:
        read('id,label\n,cat\n2,\n3,x,y\n4,A\n5,a\n6,"open\n')
    message = str(error.value)
    assert "faults: 5" in message
    assert [f"line {line}" in message for line in range(2, 8)] == [True] * 6


def test_the_columns_delimiter_and_encoding_can_be_given(read):
    csv = "a|b|c\nx|1|caf\xe9\ny|2|dog\n".encode("latin-1")
    labels = read(csv, id_column="b", label_column="c", delimiter="|", encoding="latin-1")
    assert pairs(labels) == [("1.png", "caf\xe9"), ("2.png", "dog")]


def test_a_tab_can_be_given_as_a_shell_gives_it(read):
    assert pairs(read("id\tlabel;x\n1\tcat\n2\tdog\n", label_column="label;x", delimiter="\\t"))


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ""},
        {"delimiter": "::"},
        {"delimiter": '"'},
        {"encoding": "utf-9"},
        {"encoding": "rot13"},
    ],
)
def test_an_option_that_cannot_be_is_a_usage_error(read, options):
    with pytest.raises(UsageError, match=r"--delimiter|--encoding"):
        read("id,label\n1,cat\n2,dog\n", **options)


def test_l01_a_missing_csv_is_named(tmp_path):
    with pytest.raises(LabelsError, match=r"labels\.csv: No such file"):
        read_labels(tmp_path / "labels.csv", tmp_path)


def test_l01_a_name_that_no_file_can_have_is_named(tmp_path):
    with pytest.raises(LabelsError, match="null byte"):
        read_labels("a\0b.csv", tmp_path)


def test_l01_a_directory_is_named(tmp_path):
    with pytest.raises(LabelsError, match="it is a directory"):
        read_labels(tmp_path, tmp_path)


def test_l01_a_fifo_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "labels.csv")
    with pytest.raises(LabelsError, match=r"labels\.csv: it is a FIFO"):
        read_labels(tmp_path / "labels.csv", tmp_path)


def test_l01_an_unreadable_csv_is_the_machines_matter(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "labels.csv").touch()
    monkeypatch.setattr(os, "open", refuse)  # root may read everything, so chmod proves nothing
    with pytest.raises(MachineError, match=r"labels\.csv: Permission denied") as error:
        read_labels(tmp_path / "labels.csv", tmp_path)
    assert error.value.exit_code == 7


def test_a_row_that_means_no_regular_file_says_what_lies_there(read, tmp_path):
    (tmp_path / "images").mkdir()
    os.mkfifo(tmp_path / "images" / "7.png")
    with pytest.raises(LabelsError, match=r"line 4: '7' \('7.png' is a FIFO\)"):
        read("id,label\n1,cat\n2,dog\n7,dog\n")


def test_what_is_no_image_is_left_alone_and_told(read, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    (images / "link.png").symlink_to("1.png")
    labels = read("id,label\n1,cat\n2, dog\n", "1.png 2.png .DS_Store notes.txt")
    assert labels.notices == (
        "Files without an image's extension: 1, 'notes.txt'.",
        "Entries left alone: 1, 'link.png (a symbolic link)'.",
        "Hidden entries left out: 1.",
        "Labels kept with a space at an end: 1, ' dog'.",
    )


def test_a_million_fields_in_one_line_cost_no_memory_beyond_the_limit(read):
    with pytest.raises(LabelsError, match=r"line 2: longer than 1,000,000 characters"):
        read("id,label\n" + "1,cat," * 1_000_000)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_l04_a_byte_far_into_the_file_is_found(read, mark):
    csv = mark + b"id,label\n" + "1,caf\xe9\n".encode() * 30_000 + b"1,\xff\n"
    with pytest.raises(LabelsError, match=rf"line 30002: byte {len(csv) - 2} is not utf-8;"):
        read(csv)
