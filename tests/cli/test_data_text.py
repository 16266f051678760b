from dataclasses import replace

import pytest

from imgclass.cli.data_text import data_text, split_table
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.dataset.record import LeftOut, Quarantined
from imgclass.data.manifest import Manifest, Sample


def manifest(*classes):
    samples = (
        Sample(f"{label}/{i}.png", label, split, "", 1, 1, "")
        for label in classes
        for i, split in enumerate(("train", "train", "val"))
    )
    return Manifest(classes, tuple(samples))


def test_every_class_has_a_row_with_its_total_and_empty_splits_no_column():
    assert split_table(manifest("cat", "dog")).split("\n") == [
        "class  train  val  all",
        "cat    2      1    3",
        "dog    2      1    3",
        "all    4      2    6",
    ]


def test_the_first_twenty_of_many_classes_are_shown():
    lines = split_table(manifest(*(f"{i:03}" for i in range(100)))).split("\n")
    assert len(lines) == 23
    assert lines[-2].split() == ["and", "80", "more", "classes", "160", "80", "240"]
    assert lines[-1].split() == ["all", "200", "100", "300"]


@pytest.fixture
def folder(tmp_path):
    item = Quarantined("dog/9.png", "dog", "it is empty")
    return ImageFolder(tmp_path, manifest("cat", "dog"), LeftOut((item,), notices=("A notice.",)))


def test_what_was_left_out_is_said_with_its_reason(folder):
    text = data_text(folder)
    assert "A notice." in text
    assert "Left out: 1 image that cannot be used.\n  dog/9.png: it is empty" in text


def test_of_an_organized_data_set_only_the_table_is_shown(folder):
    (folder.root / "dataset.json").write_text("{}")
    assert data_text(replace(folder)) == split_table(folder.manifest)
