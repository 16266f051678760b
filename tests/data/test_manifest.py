import io
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imgclass.data.manifest import SPLITS, Manifest, Sample, read_manifest, write_manifest
from imgclass.errors import DatasetError

CAT = Sample("train/cat/1.png", "cat", "train", "0" * 64, 8, 6, "1.png")
DOG = Sample("val/dog/2.png", "dog", "val", "1" * 64, 7, 5, "2.png")
HEADER = "path,label,split,sha256,width,height,source\n"


def written(*samples: Sample) -> str:
    file = io.StringIO(newline="")
    write_manifest(file, samples)
    return file.getvalue()


def test_a_manifest_is_written_as_one_line_an_image():
    assert written(CAT) == HEADER + f"train/cat/1.png,cat,train,{'0' * 64},8,6,1.png\n"


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "manifest.csv"
    path.write_text(written(DOG, CAT), encoding="utf-8", newline="")
    assert read_manifest(path) == Manifest(("cat", "dog"), (DOG, CAT))
    assert read_manifest(path, ("dog", "cat")).class_names == ("dog", "cat")


# What UTF-8 can say and the name of a file can have.
NAMED = st.characters(codec="utf-8", exclude_characters="\0")


@example("\udcff")  # a byte of a name that is no UTF-8
@settings(deadline=None)  # a busy machine is no failure
@given(st.text(NAMED, min_size=1))
def test_any_label_and_name_survive(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("manifest") / "manifest.csv"
    sample = replace(CAT, label=text, source=text)
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        write_manifest(file, [sample])
    assert read_manifest(path).samples == (sample,)


def test_samples_are_counted_by_split_and_class():
    manifest = Manifest(("cat", "dog"), (CAT, DOG, replace(CAT, path="train/cat/3.png")))
    assert manifest.counts == {"train": 2, "val": 1, "test": 0}
    assert manifest.class_counts("train") == {"cat": 2, "dog": 0}
    assert manifest.of("val") == (DOG,)
    assert tuple(manifest.counts) == SPLITS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected the columns path,label"),
        ("id,label\n", "line 1: expected the columns .*; received 'id,label'"),
        (HEADER + "a,b\n", "line 2: expected path,.*; received 'a,b'"),
        (HEADER + "a,b,training,0,1,1,c\n", "line 2: expected path"),
        (HEADER + "a,b,train,0,1,1,c\na,b,train,0,x,1,c\n", "line 3: expected whole numbers"),
        (HEADER + '"a', "line 2: "),
        (HEADER + f"{'a' * 200_000},", "line 2: "),
    ],
)
def test_a_file_that_is_no_manifest_is_named_with_the_line(tmp_path, text, expected):
    path = tmp_path / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=rf"manifest\.csv, {expected}"):
        read_manifest(path)


def test_a_manifest_that_is_missing_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"manifest\.csv"):
        read_manifest(tmp_path / "manifest.csv")
