import json
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import UsageError

SIZES = {"val": 6, "test": 6}
# Of the thirty: three of one picture, two of another, equal files, equal files with two labels.
PICTURES = {"0.png": 1, "3.png": 1, "14.png": 1, "7.png": 2, "19.png": 2}
EQUAL = {"6.png": "12.png", "27.png": "12.png", "8.png": "10.png"}


@pytest.fixture
def desk(desk, photographs):
    photographs(desk.images, PICTURES)
    for copy, original in EQUAL.items():
        (desk.images / copy).write_bytes((desk.images / original).read_bytes())
    return desk


@pytest.fixture
def organize(desk):
    def organize(root="data", **options):
        organizer = DatasetOrganizer(**(SIZES | options))
        return organizer.organize(desk.labels, desk.images, desk.home / root)

    return organize


def splits_of(folder, *groups):
    split = {sample.source: sample.split for sample in folder.manifest.samples}
    return [{split[f"{number}.png"] for number in group} for group in groups]


ONE_PICTURE = ((0, 3, 14), (7, 19), (6, 12, 27), (8, 10))


@pytest.mark.parametrize("seed", range(8))
def test_images_of_one_picture_are_in_one_split_and_counts_are_exact(organize, seed):
    folder = organize(seed=seed)
    assert all(len(splits) == 1 for splits in splits_of(folder, *ONE_PICTURE))
    assert folder.counts == {"train": 18, "val": 6, "test": 6}


def test_groups_of_the_user_and_of_pictures_are_joined(desk):
    lines = [f"{i}.png,{'abc'[i % 3]},{'x' if i in {14, 7} else i}\n" for i in range(30)]
    desk.labels.write_text("id,label,patient\n" + "".join(lines))
    for seed in range(8):
        organizer = DatasetOrganizer(group_column="patient", seed=seed, **SIZES)
        plan = organizer.plan(desk.labels, desk.images)
        assert len(splits_of(plan, (0, 3, 14, 7, 19))[0]) == 1
        assert plan.counts == {"train": 18, "val": 6, "test": 6}


def test_a_report_names_pairs_and_leaves_the_split_alone(organize):
    off = organize("off", duplicates="off")
    report = organize("report", duplicates="report")
    assert off.left_out.duplicates == ()
    assert report.manifest == off.manifest
    pairs = {(pair.a, pair.b) for pair in report.left_out.duplicates}
    assert pairs == {
        ("0.png", "3.png"),
        ("0.png", "14.png"),
        ("3.png", "14.png"),
        ("7.png", "19.png"),
        ("6.png", "12.png"),
        ("6.png", "27.png"),
        ("8.png", "10.png"),
    }
    [notice] = [text for text in report.left_out.notices if "10 images show 4 pictures" in text]
    assert "--duplicates group" in notice


def test_pairs_with_two_labels_are_named_as_possible_errors(organize, desk):
    folder = organize()
    conflicts = [pair for pair in folder.left_out.duplicates if pair.is_conflict]
    assert {(pair.a, pair.b, pair.labels) for pair in conflicts} == {
        ("8.png", "10.png", ("cow", "bee")),
        ("0.png", "14.png", ("ant", "cow")),
        ("3.png", "14.png", ("ant", "cow")),
    }
    assert folder.left_out.duplicates[: len(conflicts)] == tuple(conflicts)
    [notice] = [text for text in folder.left_out.notices if "possible label errors" in text]
    assert "8.png (cow) and 10.png (bee)" in notice
    written = json.loads((desk.root / "left_out.json").read_text("utf-8"))
    assert written["duplicates"][0]["labels"] == ["cow", "bee"]


@pytest.mark.parametrize("transfer", ["copy", "hardlink", "symlink", "move"])
def test_dropping_leaves_out_repeats_of_one_label_where_they_are(organize, desk, transfer):
    folder = organize(duplicates="drop", transfer=transfer)
    assert [(item.source, item.kept) for item in folder.left_out.repeated] == [
        ("12.png", "6.png"),
        ("27.png", "6.png"),
    ]
    assert {"12.png", "27.png"}.isdisjoint(sample.source for sample in folder.manifest.samples)
    assert (desk.images / "12.png").is_file()
    assert folder.counts == {"train": 16, "val": 6, "test": 6}
    assert ImageFolder.open(desk.root) == folder
    assert all(len(splits) == 1 for splits in splits_of(folder, (0, 3, 14), (7, 19), (8, 10)))


@pytest.mark.parametrize("duplicates", ["report", "group", "drop"])
def test_a_second_run_changes_nothing_and_a_dry_one_says_the_same(
    organize, desk, snapshot, duplicates
):
    folder = organize(duplicates=duplicates)
    before = snapshot(desk.home)
    assert organize(duplicates=duplicates) == folder
    assert snapshot(desk.home) == before
    plan = DatasetOrganizer(duplicates=duplicates, **SIZES).plan(desk.labels, desk.images)
    assert (plan.manifest, plan.left_out) == (folder.manifest, folder.left_out)


def test_another_choice_is_another_plan(organize):
    organize(duplicates="report")
    with pytest.raises(Exception, match="duplicates was 'report' and is 'group'"):
        organize(duplicates="group")


def test_the_order_of_rows_has_no_say_in_what_is_one_picture(organize, desk):
    def splits(folder):
        return {sample.source: sample.split for sample in folder.manifest.samples}

    first = splits(organize("first"))
    header, *rows = desk.labels.read_text("utf-8").splitlines(keepends=True)
    desk.labels.write_text(header + "".join(reversed(rows)), encoding="utf-8")
    assert splits(organize("second")) == first


def test_without_decoding_only_equal_files_are_found_and_that_is_said(organize):
    folder = organize(check_images="header")
    assert all(pair.is_exact for pair in folder.left_out.duplicates)
    assert len(folder.left_out.duplicates) == 3
    assert any("Only equal files were looked for" in text for text in folder.left_out.notices)
    assert all(len(splits) == 1 for splits in splits_of(folder, (6, 12, 27), (8, 10)))


def test_a_damaged_image_does_not_shift_the_fingerprints_of_others(organize, desk):
    (desk.images / "2.png").write_bytes(b"damaged")
    pairs = {(pair.a, pair.b) for pair in organize().left_out.duplicates}
    assert ("7.png", "19.png") in pairs
    assert len(pairs) == 7


def test_worker_processes_find_the_same_pictures(organize, monkeypatch):
    from imgclass.io.workers import pool

    alone = organize("alone")
    monkeypatch.setattr(pool, "FEWEST", 10)
    monkeypatch.setattr(pool, "CHUNK", 7)
    together = organize("together")
    assert (alone.manifest, alone.left_out) == (together.manifest, together.left_out)


def test_no_pairs_more_than_can_be_read_are_named(organize, monkeypatch):
    from imgclass.data.dataset import duplicates

    monkeypatch.setattr(duplicates, "MOST_NAMED", 2)
    named = organize().left_out.duplicates
    by_split = defaultdict(list)
    for pair in named:
        by_split[pair.is_conflict].append(pair)
    assert (len(by_split[True]), len(by_split[False])) == (2, 0)


def test_very_small_pictures_are_compared_by_their_bytes_alone(desk):
    chance = np.random.default_rng(0)
    for i in range(30):
        pixels = np.tile(chance.integers(0, 200, (1, 15, 3)), (40, 1, 1)).astype(np.uint8)
        shown = Image.fromarray(pixels)
        shown.save(desk.images / f"{i}.png")
    shown.save(desk.images / "4.png")
    shown.point(lambda value: value + 9).save(desk.images / "7.png")
    plan = DatasetOrganizer(**SIZES).plan(desk.labels, desk.images)
    assert [(pair.a, pair.b) for pair in plan.left_out.duplicates] == [("4.png", "29.png")]


def test_only_choices_that_there_are_can_be_made():
    with pytest.raises(UsageError, match="duplicates to be one of off, report, group, drop"):
        DatasetOrganizer(duplicates="keep")
