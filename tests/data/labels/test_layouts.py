"""Tables of labels as people have them: each layout, and what is read from it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imgclass.data.labels.labels import Leniency, read_labels
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.rows import read_rows
from imgclass.errors import LabelsError, MachineError, UsageError

TWO = {"1.png": "cat", "2.png": "dog"}
FOUR = {"1.png": "cat", "2.png": "dog", "3.png": "cat", "4.png": "dog"}


@dataclass(frozen=True)
class Case:
    """A table in a folder, the files beside it, and the label (and split) of each."""

    id: str
    table: str | bytes
    expected: dict[str, Any] = field(default_factory=lambda: TWO)
    name: str = "labels.csv"
    files: str = "1.png 2.png"
    options: dict[str, Any] = field(default_factory=dict)
    notice: str = ""


SPLIT_ROWS = "id,label,{}\n1,cat,{}\n2,dog,{}\n3,cat,{}\n4,dog,{}\n"
FOUR_FILES = "1.png 2.png 3.png 4.png"

READ = [
    Case("one-hot", "image,MEL,NV\n1,1.0,0.0\n2,0.0,1.0\n", {"1.png": "MEL", "2.png": "NV"},
         notice="The 2 columns from 'MEL' to 'NV' are the classes"),
    Case("one-hot of whole numbers and an index", ",image,a,b,c\n0,1,0,1,0\n1,2,0,0,1\n",
         {"1.png": "b", "2.png": "c"}),
    Case("one-hot of words", "image,a,b\n1,True,False\n2,FALSE,TRUE\n",
         {"1.png": "a", "2.png": "b"}),
    Case("one-hot with decimal commas", "image;a;b\n1;1,0;0,0\n2;0,0;1,0\n",
         {"1.png": "a", "2.png": "b"}),
    Case("one-hot columns that are named", "image,a,b,age\n1,1,0,40\n2,0,1,51\n",
         {"1.png": "a", "2.png": "b"}, options={"label_column": ["a", "b"]}),
    Case("folder and file in two columns", "folder,file,label\na,1.png,cat\nb,1.png,dog\n",
         {"a/1.png": "cat", "b/1.png": "dog"}, files="a/1.png b/1.png",
         notice="by the columns 'folder' and 'file' together"),
    Case("a folder column that is the class", "file,folder\n1,cat\n2,dog\n"),
    Case("a folder column of a flat folder", "folder,file,label\nx,1.png,cat\ny,2.png,dog\n"),
    Case("no header", "1.png,cat\n2.png,dog\n",
         notice="There is no header: the first line, '1.png, cat', is read as a row."),
    Case("no header, label first", "cat;1.png\ndog;2.png\n"),
    Case("no header, said", "1,cat\n2,dog\n", options={"header": False}),
    Case("no header, three columns", "7,1.png,cat\n8,2.png,dog\n",
         options={"header": False, "id_column": "2", "label_column": "3"}),
    Case("a list with spaces", "1.png cat\n2.png dog\n", name="train.txt"),
    Case("sep= for Excel", "sep=;\nid;label\n1;cat\n2;dog\n"),
    Case("sep= of something rare", "SEP=|\r\nid|label\r\n1|cat\r\n2|dog\r\n"),
    Case("empty labels, left out", "id,label\n1,cat\n2,dog\n3,\n", files="1.png 2.png 3.png",
         options={"ignore_unlabelled": True}, notice="Rows without a label, left out: 1."),
    Case("numbers as pandas writes them beside gaps", "id,label\n1.0,cat\n2.0,dog\n",
         notice="Ids matched by number: 2, such as '1.0' with '1.png'."),
    Case("numbers with decimal commas", "id;label\n1,0;cat\n2,0;dog\n"),
    Case("ids that begin with the folder's name", "id,label\nimages/1.png,cat\nimages/2,dog\n",
         notice="Ids matched by a path that passes through the folder of images: 2"),
    Case("ids that begin above the folder", "id,label\n{home}/images/1.png,cat\n2,dog\n"),
    Case("absolute paths into the folder", "id,label\n{images}/1.png,cat\n{images}/2.png,dog\n"),
    Case("absolute paths of another machine",
         "id,label\nC:\\data\\images\\1.png,cat\n/home/eva/images/2.png,dog\n"),
    Case("backslashes", "id,label\na\\1.png,cat\nb\\2,dog\n",
         {"a/1.png": "cat", "b/2.png": "dog"}, files="a/1.png b/2.png",
         notice="Ids matched by \\ read as /: 2"),
    Case("a split column", SPLIT_ROWS.format("split", "train", "train", "test", "test"),
         {"1.png": ("cat", "train"), "2.png": ("dog", "train"),
          "3.png": ("cat", "test"), "4.png": ("dog", "test")},
         files=FOUR_FILES, notice="The column 'split' gives the split of each image."),
    Case("a set column in other words",
         SPLIT_ROWS.format("Set", "TRAINING", "Training", "valid", "Dev"),
         {"1.png": ("cat", "train"), "2.png": ("dog", "train"),
          "3.png": ("cat", "val"), "4.png": ("dog", "val")},
         files=FOUR_FILES, notice="'valid' is read as val"),
    Case("folds, named with the option that uses them",
         SPLIT_ROWS.format("fold", 0, 1, 2, 3), FOUR, files=FOUR_FILES,
         notice="--split-column 'fold' --val-values '0' --test-values '1'"),
    Case("folds, used", SPLIT_ROWS.format("fold", 0, 1, 2, 2),
         {"1.png": ("cat", "val"), "2.png": ("dog", "test"),
          "3.png": ("cat", "train"), "4.png": ("dog", "train")},
         files=FOUR_FILES,
         options={"split_column": "fold", "val_values": ["0"], "test_values": ["1"]}),
    Case("a split column that is left unused",
         SPLIT_ROWS.format("split", "train", "train", "test", "test"), FOUR,
         files=FOUR_FILES, options={"split_column": ""}),
    Case("a split column with one value",
         SPLIT_ROWS.format("split", *["train"] * 4), FOUR, files=FOUR_FILES,
         notice="The column 'split' has only 'train'; it is not used."),
    Case("Excel, UTF-8", "\ufeffid;label\r\n1;cat\r\n2;dog\r\n"),
    Case("Excel, Unicode text", "id\tlabel\r\n1\tcat\r\n2\tdog\r\n".encode("utf-16"),
         name="labels.txt"),
    Case("Excel, western Europe", "id;label\r\n1;caf\xe9\r\n2;dog\r\n".encode("cp1252"),
         {"1.png": "caf\xe9", "2.png": "dog"}, options={"encoding": "cp1252"}),
    Case("tab-separated", "id\tlabel\n1\tcat\n2\tdog\n", name="labels.tsv"),
    Case("JSON Lines", '{"id": 1, "label": "cat"}\n\n{"label": "dog", "id": 2, "x": [1]}\n',
         name="labels.jsonl"),
    Case("JSON Lines with gaps", '{"file_name": "1.png", "label": 3}\n{"file_name": "2.png"}\n'
         '{"file_name": "3.png", "label": 0}\n', {"1.png": "3", "3.png": "0"},
         name="labels.ndjson", files="1.png 2.png 3.png", options={"ignore_unlabelled": True}),
    Case("a diagnosis", "lesion_id,image_id,dx,age\nL1,1,cat,40\nL1,2,dog,\n"),
    Case("several labels in a cell", "id,label\n1,cat\n2,dog\n3,cat dog\n",
         {"1.png": "cat", "2.png": "dog", "3.png": "cat dog"}, files="1.png 2.png 3.png",
         notice="1 label looks like several in one cell ('cat dog')"),
    Case("several labels between semicolons", "id,label\n1,a;b\n2,b;c\n3,a;c\n",
         {"1.png": "a;b", "2.png": "b;c", "3.png": "a;c"}, files="1.png 2.png 3.png",
         notice="3 labels look like several in one cell"),
]  # fmt: skip


def write(case: Case, home: Path) -> tuple[Path, Path]:
    images = home / "images"
    for file in case.files.split():
        (images / file).parent.mkdir(parents=True, exist_ok=True)
        (images / file).touch()
    table = case.table
    if isinstance(table, str):
        text = table.replace("{images}", str(images)).replace("{home}", home.name)
        table = text.encode()
    (home / case.name).write_bytes(table)
    return home / case.name, images


def read(case: Case, home: Path):
    table, images = write(case, home)
    options = dict(case.options)
    leniency = Leniency(ignore_unlabelled=options.pop("ignore_unlabelled", False))
    return read_labels(table, images, Layout(**options), leniency=leniency)


@pytest.mark.parametrize("case", READ, ids=lambda case: case.id)
def test_a_layout_is_read(case, tmp_path):
    labels = read(case, tmp_path)
    given = any(row.split for row in labels.rows)
    found = {row.source: (row.label, row.split) if given else row.label for row in labels.rows}
    assert found == case.expected
    assert case.notice in "\n".join(labels.notices)


REFUSED = [
    Case("two classes in a one-hot row", "image,a,b\n1,1,0\n2,1,1\n",
         notice="line 3: one class expected; 1 is in 'a', 'b'"),
    Case("no class in a one-hot row", "image,a,b\n1,1,0\n2,0,0\n3,0,1\n",
         notice="line 3: the label is empty; .*--ignore-unlabelled"),
    Case("a one-hot column that is none", "image,a,b,sick\n1,1,0,0\n2,0,1,3\n",
         notice="line 3: 0 or 1 expected in the column 'sick'; received '3'.*--label-column"),
    Case("empty labels", "id,label\n1,cat\n2,\n",
         notice="line 3: the label is empty; .*--ignore-unlabelled"),
    Case("no header that can be known", "1,cat\n2,dog\n",
         notice="the columns are '1', 'cat'; the first row is '2', 'dog'; .*--no-header"),
    Case("columns that are not clear", "code,what,where\n1,cat,x\n2,dog,y\n",
         notice="--id-column.*--label-column.*the first row is '1', 'cat', 'x'"),
    Case("a named one-hot column that is missing", "id,a,b\n1,1,0\n2,0,1\n",
         options={"label_column": ["a", "c"]}, notice="no column 'c'"),
    Case("a split column of unknown words, named", SPLIT_ROWS.format("part", *"ABAB"),
         files=FOUR_FILES, options={"split_column": "part"},
         notice="expected train and val or test in the column 'part'; received 'A', 'B'.*"
         "--val-values"),
    Case("values of a split column that do not occur", SPLIT_ROWS.format("fold", *"0123"),
         files=FOUR_FILES, options={"split_column": "fold", "val_values": ["9"]},
         notice="'9' do not; it has '0', '1', '2', '3'"),
    Case("one image in two splits", "id,label,split\n1,cat,train\n1,cat,test\n2,dog,train\n",
         notice="lines 2 and 3: '1' is in the splits 'train' and 'test'"),
    Case("Excel, western Europe, unsaid", "id;label\n1;caf\xe9\n2;dog\n".encode("cp1252"),
         notice="line 2: byte 14 is not utf-8; .*--encoding.*cp1252, which Excel"),
    Case("an Excel workbook", b"PK", name="labels.xlsx", notice="save its sheet as 'CSV UTF-8'"),
    Case("JSON that is no JSON Lines", '[{"id": 1, "label": "cat"}]\n', name="labels.json",
         notice=r"line 1: one object a line expected, as in JSON Lines; received '\[\{"),
    Case("JSON Lines cut short", '{"id": 1, "label": "cat"}\n{"id": 2, "la', name="labels.jsonl",
         notice="line 2: expected JSON"),
    Case("Parquet that is none", b"PAR1 but not really", name="labels.parquet",
         notice="a Parquet file expected"),
    Case("absolute paths elsewhere", "id,label\n/etc/1.png,cat\n2,dog\n",
         notice="line 2: the id '/etc/1.png' could lead out"),
    Case("a file in a format that is not read", "id,label\n1,cat\n2,dog\nIMG_20,dog\n",
         files="1.png 2.png IMG_20.NEF",
         notice="line 4: 'IMG_20' \\('IMG_20.NEF' is there; .nef files are not read: convert it"),
    Case("a file in another case", "id,label\n1,cat\n2,dog\nimg_20,dog\n",
         files="1.png 2.png IMG_20.jpg",
         notice="'img_20' \\('IMG_20.jpg' is there, which differs in upper and lower case"),
    Case("ids of other files altogether", "id,label\na7,cat\na8,dog\n",
         notice="An id is tried as a path.*The folder has 2 files, such as '1.png'"),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_what_cannot_be_known_is_shown_with_the_row_and_the_option(case, tmp_path):
    with pytest.raises(ValueError, match=f"(?s){case.notice}") as refusal:
        read(case, tmp_path)
    assert case.name in str(refusal.value)


PAIRS = ([1, "2.png"], ["cat", "dog"])


def as_frame(**columns):
    import pandas as pd

    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(lambda: PAIRS, id="two lists"),
        pytest.param(lambda: ([Path("1.png"), "2"], ["cat", "dog"]), id="two lists with a path"),
        pytest.param(lambda: as_frame(id=[1, 2], label=["cat", "dog"]), id="DataFrame"),
        pytest.param(lambda: as_frame(x=[0.5, None], id=[1.0, 2.0], y=["cat", "dog"]), id="floats"),
    ],
)
def test_tables_in_memory_say_the_same(table, tmp_path):
    _, images = write(Case("", "unused"), tmp_path)
    labels = read_labels(table(), images)
    assert {row.source: row.label for row in labels.rows} == TWO


def test_a_row_of_a_table_in_memory_is_named_by_its_number(tmp_path):
    _, images = write(Case("", "unused"), tmp_path)
    with pytest.raises(LabelsError, match=r"DataFrame: .*\n  row 2: the label is empty"):
        read_labels(as_frame(id=[1, 2], label=["cat", None]), images)


@pytest.mark.parametrize("table", [(["1"], ["cat", "dog"]), (["1"],), ("1", 2), {"1": "cat"}, 5])
def test_what_is_no_table_is_refused_with_what_is(table, tmp_path):
    with pytest.raises(UsageError, match=r"two lists of equal length|a tuple of ids and labels"):
        read_labels(table, tmp_path)


@pytest.fixture
def parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pa.table(
        {
            "id": [1, 2],
            "image": [{"bytes": b"x"}, {"bytes": b"y"}],  # as published data sets embed them
            "label": pa.array(["cat", "dog"]).dictionary_encode(),
        }
    )
    parquet.write_table(table, tmp_path / "labels.parquet")
    return tmp_path / "labels.parquet"


def test_parquet_is_read_without_columns_that_hold_no_plain_values(parquet, tmp_path):
    _, images = write(Case("", "unused"), tmp_path)
    labels = read_labels(parquet, images)
    assert {row.source: row.label for row in labels.rows} == TWO


def test_parquet_without_its_package_names_the_extra(parquet, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MachineError, match=r"pip install 'imgclass-keras\[parquet\]'"):
        read_labels(parquet, tmp_path)


def test_a_parquet_file_that_states_too_many_rows_is_refused(parquet, tmp_path, monkeypatch):
    monkeypatch.setattr("imgclass.data.labels.parquet_records.MOST_ROWS", 1)
    with pytest.raises(LabelsError, match="expected at most 1 rows; received 2"):
        read_labels(parquet, tmp_path)


def test_a_parquet_file_that_ends_its_reader_is_named(parquet, monkeypatch):
    child = ("-c", "import os; os.abort()")
    monkeypatch.setattr("imgclass.data.labels.parquet_records.CHILD", child)
    with pytest.raises(LabelsError, match=r"labels\.parquet: .*it ended the process that read it"):
        read_rows(parquet)
