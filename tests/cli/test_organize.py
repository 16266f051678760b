import shutil

import pytest

from imgclass.cli.organize_text import manifest_text
from imgclass.data.manifest import Manifest, Sample


@pytest.fixture
def organize(imgclass, source):
    def run(*options):
        words = ["organize", source / "labels.csv", source / "images", source / "data", *options]
        return imgclass(*words, "--json")

    return run


def test_a_data_set_is_described_by_one_json_object(organize, source):
    done = organize("--val", 8, "--test", "0.2")
    assert done.code == 0
    assert done.json == {
        "root": str(source / "data"),
        "class_names": ["dark", "light"],
        "counts": {"train": 24, "val": 8, "test": 8},
        "rows_without_image": [],
        "images_without_row": [],
        "quarantined": [],
        "repeated": [],
        "duplicates": [],
        "notices": [],
        "manifest": str(source / "data" / "manifest.csv"),
    }
    assert len(list((source / "data").glob("*/*/*.png"))) == 40


def test_a_dry_run_writes_nothing(organize, source):
    before = sorted(source.rglob("*"))
    done = organize("--dry-run")
    assert (done.code, done.json["manifest"]) == (0, None)
    assert sum(done.json["counts"].values()) == 40
    assert sorted(source.rglob("*")) == before


def test_a_second_run_is_a_no_op_and_another_plan_is_refused(organize):
    assert organize().code == 0
    assert organize().code == 0
    refused = organize("--seed", 1)
    assert refused.code == 5
    assert "seed" in refused.json["error"]["message"]


def test_rows_without_image_and_images_without_row_are_listed_where_allowed(organize, source):
    (source / "images" / "3.png").unlink()
    (source / "images" / "extra.png").write_bytes((source / "images" / "4.png").read_bytes())
    refused = organize()
    assert refused.code == 3
    for option in ("--allow-missing", "--ignore-unlabelled"):
        assert option in refused.json["error"]["message"]
    done = organize("--allow-missing", "--ignore-unlabelled")
    assert done.code == 0
    assert done.json["rows_without_image"] == ["3"]
    assert done.json["images_without_row"] == ["extra.png"]


def test_repeated_files_are_left_out_where_asked_and_two_labels_of_one_are_named(organize, source):
    images = source / "images"
    (images / "6.png").write_bytes((images / "2.png").read_bytes())
    (images / "7.png").write_bytes((images / "4.png").read_bytes())
    done = organize("--duplicates", "drop")
    assert done.code == 0
    assert done.json["repeated"] == [{"source": "6.png", "label": "dark", "kept": "2.png"}]
    [error, repeat] = done.json["duplicates"]
    assert (error["a"], error["b"], error["labels"]) == ("4.png", "7.png", ["dark", "light"])
    assert (repeat["a"], repeat["b"], repeat["is_exact"]) == ("2.png", "6.png", True)
    assert any("possible label errors" in notice for notice in done.json["notices"])


def test_an_image_that_cannot_be_used_is_named_and_left_where_it_is(organize, source):
    (source / "images" / "3.png").write_text("no image")
    done = organize()
    assert done.code == 4
    assert [q["source"] for q in done.json["quarantined"]] == ["3.png"]
    assert sum(done.json["counts"].values()) == 39
    assert (source / "images" / "3.png").read_text() == "no image"


def test_people_read_a_table_and_what_to_do_next(imgclass, source):
    done = imgclass("organize", source / "labels.csv", source / "images", source / "data")
    assert done.out.splitlines()[0].split() == ["class", "train", "val", "test"]
    assert f"imgclass train {source / 'data'}" in done.out


@pytest.mark.parametrize("classes", [30, 31, 1_000])
def test_a_table_of_many_classes_is_cut_and_says_where_the_rest_is(classes, tmp_path):  # R25
    names = tuple(f"class {i:04}" for i in range(classes))
    samples = [Sample(f"{n}/1.png", n, "train", "0" * 64, 8, 8, "1.png") for n in names]
    samples += [Sample(f"{n}/2.png", n, "val", "0" * 64, 8, 8, "2.png") for n in names[:-1]]
    manifest = Manifest(names, tuple(samples))
    lines = manifest_text(manifest, tmp_path).splitlines()
    if classes <= 30:
        assert len(lines) == 32
        return
    assert len(lines) == 23
    assert lines[20].startswith("class 0019")
    assert lines[21].split()[:3] == ["all", f"{classes:,}", f"{classes - 1:,}"]
    assert lines[22] == (
        f"and {classes - 20} more classes; the smallest of all {classes:,} is {names[-1]} with "
        f"1 image. All are in {tmp_path / 'manifest.csv'}"
    )
    assert "without --dry-run" in manifest_text(manifest).splitlines()[-1]


def test_columns_can_be_named(imgclass, source):
    text = (source / "labels.csv").read_text().replace("id,label", "a,b")
    (source / "labels.csv").write_text(text)
    words = ["organize", source / "labels.csv", source / "images", source / "data", "--json"]
    done = imgclass(*words, "--id-column", "a", "--label-column", "b")
    assert done.json["class_names"] == ["dark", "light"]


def test_new_images_are_added_and_what_is_gone_is_reported(organize, source):
    assert organize().code == 0
    (source / "images" / "40.png").write_bytes((source / "images" / "1.png").read_bytes())
    (source / "images" / "0.png").unlink()
    labels = (source / "labels.csv").read_text().replace("0,dark\n", "", 1)
    (source / "labels.csv").write_text(f"{labels}\n40,light")
    done = organize("--update")
    assert done.code == 0
    assert [path.rpartition("/")[2] for path in done.json["added"]] == ["40.png"]
    assert (done.json["removed"], done.json["changed"]) == (["0.png"], [])
    assert sum(done.json["counts"].values()) == 41


def test_a_new_image_that_cannot_be_used_is_quarantined_by_an_update(organize, source):
    assert organize().code == 0
    (source / "images" / "40.png").write_bytes(b"")
    with (source / "labels.csv").open("a") as file:
        file.write("\n40,light")
    done = organize("--update")
    assert done.code == 4
    assert [item["source"] for item in done.json["quarantined"]] == ["40.png"]


def test_an_update_says_in_words_what_it_did(imgclass, source):
    words = ["organize", source / "labels.csv", source / "images", source / "data"]
    assert imgclass(*words).code == 0
    (source / "images" / "3.png").write_bytes((source / "images" / "5.png").read_bytes())
    done = imgclass(*words, "--update")
    assert "added: 0 images" in done.out
    assert "reported: 1 changed" in done.out
    assert "3.png: the bytes have changed" in done.out


def test_a_move_is_undone(imgclass, organize, source):
    before = {path.name: path.read_bytes() for path in (source / "images").iterdir()}
    assert organize("--transfer", "move").code == 0
    done = imgclass("organize", "--undo", source / "data", "--json")
    assert (done.code, done.json["images"]) == (0, str(source / "images"))
    assert {path.name: path.read_bytes() for path in (source / "images").iterdir()} == before
    assert not (source / "data").exists()


def test_only_a_move_is_undone(imgclass, organize, source):
    assert organize().code == 0
    done = imgclass("organize", "--undo", source / "data")
    assert done.code == 2
    assert "made by copy" in done.err


def test_groups_share_a_split(organize, source):
    done = organize("--group-pattern", r"^\d?(?=\d\.)", "--val", 0.2, "--test", 0.2)
    assert done.code == 0
    splits = {}
    for path in (source / "data").glob("*/*/*.png"):
        splits.setdefault(path.stem[:-1], set()).add(path.parts[-3])
    assert len(splits) == 4
    assert all(len(found) == 1 for found in splits.values())


@pytest.mark.parametrize(
    "words", [["--undo", "data", "labels.csv"], ["a", "b", "c", "--update", "--dry-run"], ["a"]]
)
def test_words_that_do_not_go_together_are_wrong_usage(imgclass, words):
    done = imgclass("organize", *words)
    assert done.code == 2
    assert "Expected" in done.err


@pytest.fixture
def photos(source):
    """The images of `source` in a folder for each class."""
    for path in sorted((source / "images").iterdir()):
        folder = source / "photos" / ("dark", "light")[int(path.stem) % 2]
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)
    return source / "photos"


def test_i1_class_folders_need_no_table(imgclass, photos):
    done = imgclass("organize", photos, "--out", photos.parent / "data", "--json")
    assert done.code == 0
    assert done.json["class_names"] == ["dark", "light"]
    assert done.json["notices"] == ["The folders are the classes."]
    assert done.json["root"] == str(photos.parent / "data")


def test_a_dry_run_needs_no_place(imgclass, photos):
    done = imgclass("organize", photos, "--dry-run", "--json")
    assert (done.code, done.json["root"], done.json["manifest"]) == (0, None, None)
    assert sum(done.json["counts"].values()) == 40


def test_an_archive_is_said_to_be_unpacked_beside_the_data_set(imgclass, photos, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "photos"), "zip", photos)
    done = imgclass("organize", archive, "--out", tmp_path / "data", "--json")
    assert done.code == 0
    assert f"unpacking {archive} beside {tmp_path / 'data'}; removed at the end" in done.err
    assert sum(done.json["counts"].values()) == 40


def test_columns_of_classes_and_folds_can_be_named(imgclass, source):
    rows = [f"{i},{int(i % 2 == 0)},{i % 2},{i // 8}" for i in range(40)]
    (source / "labels.csv").write_text("\n".join(["id,dark,light,fold", *rows]))
    words = ["organize", source / "labels.csv", source / "images", "--out", source / "data"]
    words += ["--label-column", "dark", "--label-column", "light", "--split-column", "fold"]
    done = imgclass(*words, "--val-values", 0, "--test-values", 1, "--test-values", 2, "--json")
    assert done.json["counts"] == {"train": 16, "val": 8, "test": 16}


def test_a_table_without_a_header_can_be_said_to_be_one(imgclass, source):
    text = (source / "labels.csv").read_text().removeprefix("id,label\n")
    (source / "labels.csv").write_text(text)
    words = ["organize", source / "labels.csv", source / "images", "--out", source / "data"]
    refused = imgclass(*words, "--json")
    assert (refused.code, "--no-header" in refused.json["error"]["message"]) == (3, True)
    assert imgclass(*words, "--no-header").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "imgclass organize photos --out data"),
        (["images"], "imgclass organize photos --out data"),
        (["labels.csv", "images"], "imgclass organize labels.csv photos --out data"),
        (["labels.csv", "--out", "data"], "name the images, too"),
        (["labels.csv", "images", "data", "--out", "data"], "Expected [LABELS] IMAGES --out OUT"),
        (["--undo", "data", "images"], "Expected --undo OUT alone"),
    ],
)
def test_places_that_are_not_clear_are_refused_with_the_two_forms(
    imgclass, source, monkeypatch, words, said
):
    monkeypatch.chdir(source)
    done = imgclass("organize", *words, "--json")
    assert done.code == 2
    assert said in done.json["error"]["message"]
