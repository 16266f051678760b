import pytest


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


def test_columns_can_be_named(imgclass, source):
    text = (source / "labels.csv").read_text().replace("id,label", "a,b")
    (source / "labels.csv").write_text(text)
    words = ["organize", source / "labels.csv", source / "images", source / "data", "--json"]
    done = imgclass(*words, "--id-column", "a", "--label-column", "b")
    assert done.json["class_names"] == ["dark", "light"]
