import pytest

from imgclass.images import extras
from imgclass.images.folder_contents import OUTSIDE
from imgclass.images.ignored_files import FILE, describe_ignored


def said(others=None, hidden=0):
    return list(describe_ignored(others or {}, hidden=hidden))


def files(*paths):
    return dict.fromkeys(paths, FILE)


def test_nothing_ignored_says_nothing():
    assert said() == []


def test_i3_images_that_need_a_missing_extra_are_counted_and_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    assert said(files("a/1.heic", "b/2.HEIC", "b/3.heif", "a/4.dcm")) == [
        "2 .heic, 1 .heif files are ignored; pip install 'imgclass-keras[heif]' reads them.",
        "1 .dcm file is ignored; pip install 'imgclass-keras[dicom]' reads it.",
    ]


def test_i3_pictures_of_other_formats_are_counted_with_the_remedy():
    assert said(files("a/1.svg", "a/2.SVG", "b/3.CR2")) == [
        "2 .svg, 1 .cr2 files are ignored; convert them to JPEG or PNG to use them."
    ]


def test_i3_images_without_a_class_are_named():
    names = [f"{i}.png" for i in range(1, 6)]
    assert said(files(*names)) == [
        "5 images outside of class folders are ignored: '1.png', '2.png', '3.png' and 2 more."
    ]


def test_other_files_are_counted_by_kind():
    names = ("a.txt", "b.txt", "c.json", "d.csv", "README", "e.md")
    assert said(files(*names)) == [
        "6 other files are ignored: 2 .txt, 1 .csv, 1 .json, 2 of other kinds."
    ]


def test_i10_links_to_folders_outside_are_named():
    assert said({"dog": OUTSIDE}) == [
        "1 link to a folder outside of the data set is ignored: 'dog'."
    ]


def test_what_is_no_file_is_named_with_its_kind():
    assert said({"a/pipe.png": "a FIFO", "a/x": "a link to nothing"}) == [
        "2 entries that are no files are ignored: 'a/pipe.png' (a FIFO), 'a/x' (a link to nothing)."
    ]


@pytest.mark.parametrize(("number", "verb"), [(1, "file is"), (2, "files are")])
def test_hidden_files_are_counted(number, verb):
    assert said(hidden=number) == [f"{number} hidden or system {verb} ignored."]


def test_names_cannot_control_the_terminal():
    [sentence] = said(files("\x1b[31m.png"))
    assert "\x1b" not in sentence
