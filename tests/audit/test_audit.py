import os

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imgclass.audit import ISSUES, Audit
from imgclass.errors import DatasetError


def grey16(path, _):
    values = np.random.default_rng(0).integers(0, 2**16, (32, 32)).astype(np.uint16)
    Image.fromarray(values).save(path)


def rotated(path, image):
    exif = Image.Exif()
    exif[274] = 6
    image.save(path, exif=exif)


def animated(path, image):
    image.save(path, save_all=True, append_images=[image.rotate(90)])


MAKE = {
    "broken": ("x.png", lambda path, _: path.write_bytes(b"no image")),
    "wrong_extension": ("x.jpg", lambda path, image: image.save(path, "PNG")),
    "blank": ("x.png", lambda path, _: Image.new("RGB", (32, 32), "gray").save(path)),
    "blurred": (
        "x.png",
        lambda path, image: (
            image.resize((256, 256)).filter(ImageFilter.GaussianBlur(30)).resize((64, 64))
        ).save(path),
    ),
    "dark": ("x.png", lambda path, image: image.point(lambda v: v // 8).save(path)),
    "bright": ("x.png", lambda path, image: image.point(lambda v: 215 + v // 7).save(path)),
    "odd_size": ("x.png", lambda path, image: image.resize((400, 400)).save(path)),
    "odd_aspect": ("x.png", lambda path, image: image.resize((100, 20)).save(path)),
    "sixteen_bit": ("x.png", grey16),
    "cmyk": ("x.jpg", lambda path, image: image.convert("CMYK").save(path)),
    "alpha": ("x.png", lambda path, image: image.convert("RGBA").save(path)),
    "exif_rotated": ("x.jpg", rotated),
    "animated": ("x.gif", animated),
}


def test_a_clean_data_set_has_nothing(tree):
    audit = Audit.of(tree)
    assert audit.summary == {}
    assert audit.class_counts["val"] == {"cat": 6, "dog": 6}


@pytest.mark.parametrize("issue", MAKE)
def test_an_image_with_an_issue_is_flagged_and_no_other(issue, tree, picture):
    name, make = MAKE[issue]
    make(tree / "train" / "cat" / name, picture(1000))
    audit = Audit.of(tree)
    assert audit.worst(issue)["path"].tolist() == [f"train/cat/{name}"]


def test_every_issue_has_a_score_in_0_to_1_and_a_flag(tree, picture):
    for issue, (name, make) in MAKE.items():
        make(tree / "train" / "cat" / f"{issue}{name}", picture(1000))
    table = Audit.of(tree).table
    for issue in ISSUES:
        assert table[f"{issue}_score"].between(0, 1).all()
        flags = table[f"{issue}_score"] < ISSUES[issue].threshold
        assert (table[f"is_{issue}_issue"] == flags).all()


def test_equal_files_in_two_splits_are_a_leak(tree):
    copy = tree / "val" / "cat" / "copy.png"
    copy.write_bytes((tree / "train" / "cat" / "2.png").read_bytes())
    audit = Audit.of(tree)
    assert audit.summary == {"leak": 2, "exact_duplicate": 2}
    assert [(pair.is_exact, pair.distance) for pair in audit.leaks] == [(True, 0.0)]


def test_a_near_duplicate_in_another_class_is_a_label_error(tree):
    with Image.open(tree / "train" / "cat" / "2.png") as image:
        image.save(tree / "train" / "dog" / "again.jpg", quality=75)
    audit = Audit.of(tree)
    assert audit.summary == {"near_duplicate": 2, "label_conflict": 1}
    assert audit.leaks == ()


def test_three_copies_leak_also_where_their_first_pair_does_not(tree):
    data = (tree / "train" / "cat" / "2.png").read_bytes()
    (tree / "train" / "cat" / "3x.png").write_bytes(data)
    (tree / "val" / "cat" / "4x.png").write_bytes(data)
    assert Audit.of(tree).summary["leak"] == 3


def test_a_folder_without_splits_is_audited(tree):
    audit = Audit.of(tree / "train")
    assert list(audit.class_counts) == [""]
    assert len(audit.table) == 48


def test_links_to_images_are_read_and_other_things_are_problems(tree):
    folder = tree / "train" / "cat"
    (folder / "link.png").symlink_to(folder / "2.png")
    (folder / "nowhere.png").symlink_to(folder / "none.png")
    os.mkfifo(folder / "pipe.png")
    audit = Audit.of(tree)
    broken = audit.worst("broken")
    assert broken["path"].tolist() == ["train/cat/nowhere.png", "train/cat/pipe.png"]
    assert audit.summary["exact_duplicate"] == 2


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_folder_that_is_no_data_set_is_an_error(what, tmp_path):
    if what == "empty":
        (tmp_path / "data").mkdir()
    with pytest.raises(DatasetError):
        Audit.of(tmp_path / "data")


def test_progress_is_told_of_every_image(tree):
    told = []
    Audit.of(tree, progress=lambda done, total: told.append((done, total)))
    assert told == [(i, 60) for i in range(1, 61)]


@pytest.mark.thorough
def test_worker_processes_find_the_same(tree, monkeypatch):
    from imgclass.io.workers import pool

    (tree / "train" / "cat" / "4.png").write_bytes(b"no image")
    copy = (tree / "train" / "dog" / "1.png").read_bytes()
    (tree / "val" / "dog" / "1.png").write_bytes(copy)
    alone = Audit.of(tree)
    monkeypatch.setattr(pool, "FEWEST", 10)
    monkeypatch.setattr(pool, "CHUNK", 7)
    together = Audit.of(tree)
    assert together == alone
    assert together.table.equals(alone.table)
    assert together.summary["leak"] == 2


def test_i10_class_folders_that_are_links_inside_are_audited_and_others_are_named(tree, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tree / "all").mkdir()
    for split in ("train", "val"):
        (tree / split / "cat").rename(tree / "all" / f"{split}-cat")
        (tree / split / "cat").symlink_to(tree / "all" / f"{split}-cat")
        (tree / split / "eel").symlink_to(tmp_path / "elsewhere")
    audit = Audit.of(tree)
    assert audit.class_counts["train"] == {"cat": 24, "dog": 24}
    [problem] = [problem for problem in audit.problems if problem.name == "stranger"]
    assert "2 links to folders outside of the data set are ignored" in problem.message
