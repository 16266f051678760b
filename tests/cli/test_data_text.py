from dataclasses import replace

import pytest

from imgclass.cli.data_text import data_payload, data_text, split_table
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


def test_of_an_organized_data_set_what_organize_said_is_not_said_again(folder):
    (folder.root / "dataset.json").write_text("{}")
    text = data_text(folder)
    assert "A notice." not in text
    assert text.endswith("1 image left out by organize: see left_out.json")


def test_i3_sizes_and_formats_are_said(folder):
    sizes = ((20, 10), (40, 30), (4, 2), (60, 40), (30, 30), (9, 9))
    paths = ("1.png", "2.jpg", "3.jpg", "4.heic", "5.JPEG", "6.png")
    samples = tuple(
        replace(sample, width=width, height=height, path=path)
        for sample, (width, height), path in zip(folder.manifest.samples, sizes, paths, strict=True)
    )
    text = data_text(replace(folder, manifest=Manifest(("cat", "dog"), samples)))
    assert "sizes    4 x 2 to 60 x 40, median 30 x 30\n" in text
    assert "formats  3 JPEG, 2 PNG, 1 HEIF\n" in text


def test_one_size_is_said_once_and_an_unknown_one_is_said_to_be(folder):
    assert "sizes    1 x 1\n" in data_text(folder)
    samples = tuple(replace(sample, width=0, height=0) for sample in folder.manifest.samples)
    unknown = replace(folder, manifest=Manifest(("cat", "dog"), samples))
    assert "sizes    unknown\n" in data_text(unknown)


def test_i3_two_classes_take_at_most_twelve_lines(folder):
    notices = ("Split in place.", "1 .heic file is ignored.", "2 hidden files are ignored.")
    text = data_text(replace(folder, left_out=LeftOut(notices=notices)))
    assert len(text.split("\n")) <= 12


def test_i3_json_has_the_same_facts(folder):
    payload = data_payload(folder)
    assert payload["counts"]["train"] == {"cat": 2, "dog": 2}
    assert payload["sizes"] == {"smallest": (1, 1), "median": (1, 1), "largest": (1, 1)}
    assert payload["formats"] == {"PNG": 6}
    assert payload["notices"] == ["A notice."]
    assert payload["quarantined"][0]["reason"] == "it is empty"
