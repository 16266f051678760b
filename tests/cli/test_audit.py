import os

import pytest

from imgclass.images.limits import MAX_PIXELS


def test_an_audit_is_one_json_object(imgclass, organized):
    done = imgclass("audit", organized, "--json")
    assert done.code == 0
    assert set(done.json) == {
        "root",
        "images",
        "sizes",
        "formats",
        "summary",
        "issues",
        "pairs",
        "problems",
        "html",
    }
    assert done.json["images"] == 40
    assert done.json["summary"] == {
        name: len(rows) for name, rows in done.json["issues"].items()
    } | {problem["name"]: problem["count"] for problem in done.json["problems"]}


def test_a_broken_image_is_told_with_its_fault(imgclass, organized):
    path = next((organized / "train" / "dark").iterdir())
    path.write_bytes(b"no image")
    done = imgclass("audit", organized, "--json", "--fail-on", "leak,broken")
    assert done.code == 4
    (row,) = done.json["issues"]["broken"]
    assert row["path"] == f"train/dark/{path.name}"
    assert row["fault"]


def test_an_issue_that_is_not_asked_for_does_not_fail(imgclass, organized):
    next((organized / "train" / "dark").iterdir()).write_bytes(b"no image")
    assert imgclass("audit", organized, "--fail-on", "cmyk").code == 0


def test_an_unknown_issue_is_a_usage_error_that_lists_the_known(imgclass, organized):
    done = imgclass("audit", organized, "--fail-on", "ugly", "--json")
    assert done.code == 2
    assert "near_duplicate" in done.json["error"]["message"]


@pytest.mark.parametrize("words", [["--json"], []])
def test_a_folder_that_is_not_there_is_bad_input(imgclass, tmp_path, words):
    assert imgclass("audit", tmp_path / "none", *words).code == 3


def test_the_page_is_written_and_named(imgclass, organized, tmp_path):
    done = imgclass("audit", organized, "--html", tmp_path / "audit.html")
    assert str(tmp_path / "audit.html") in done.out
    assert (tmp_path / "audit.html").is_file()


def test_i12_the_largest_image_is_an_option_and_a_fault_names_it(imgclass, organized):
    done = imgclass("audit", organized, "--max-pixels", "9", "--json")
    faults = {item["fault"] for item in done.json["issues"]["broken"]}
    assert faults
    assert all("more than 9, the limit of --max-pixels" in fault for fault in faults)
    wrong = imgclass("audit", organized, "--max-pixels", "many", "--json")
    assert wrong.code == 2
    assert "200M" in wrong.json["error"]["message"]


def test_the_largest_image_of_one_command_is_not_that_of_the_next(imgclass, organized, monkeypatch):
    monkeypatch.setenv(MAX_PIXELS, "1_000")
    imgclass("audit", organized, "--max-pixels", "9")
    assert os.environ[MAX_PIXELS] == "1_000"


def test_i3_sizes_and_formats_are_said(imgclass, organized):
    text = imgclass("audit", organized).out
    assert "\nsizes    " in text
    assert "\nformats  40 PNG" in text
