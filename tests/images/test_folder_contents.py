import os
import socket

import pytest

from imgclass.errors import DatasetError, MachineError
from imgclass.images import extras
from imgclass.images.folder_contents import (
    OUTSIDE,
    linked_files,
    scan_images,
    scan_with_links,
    unread_images,
)
from imgclass.io.regular_file import LINK


def test_files_of_all_subfolders_are_listed_sorted(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("z.png", "b/y.png", "b/c/x.png", "B.png", "a.txt"):
        (tmp_path / name).touch()
    found = scan_images(tmp_path)
    assert found.files == ("B.png", "a.txt", "b/c/x.png", "b/y.png", "z.png")
    assert (found.others, found.hidden) == ({}, 0)


def test_o15_o16_what_is_no_regular_file_is_named_and_not_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's address is short
    os.mkfifo("fifo.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "dangling.png").symlink_to("nowhere")
    (tmp_path / "self.png").symlink_to("self.png")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "out.png").symlink_to("/etc/hostname")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
    found = scan_images(tmp_path)
    assert found.files == ()
    assert found.others == {
        "dangling.png": "a link to nothing",
        "fifo.png": "a FIFO",
        "folder.png": "a directory",
        "loop": "a symbolic link",
        "out.png": "a symbolic link",
        "self.png": "a link to nothing",
        "socket.png": "a socket",
    }


def test_hidden_entries_are_counted_and_left_out(tmp_path):
    (tmp_path / ".ipynb_checkpoints").mkdir()
    for name in (".DS_Store", "Thumbs.db", ".ipynb_checkpoints/1.png", "1.png"):
        (tmp_path / name).touch()
    found = scan_images(tmp_path)
    assert (found.files, found.hidden) == (("1.png",), 3)


def test_o17_odd_names_are_listed_as_they_are(tmp_path):
    names = [b"\xff\xfe.jpg", b"new\nline.jpg", b"$(x).jpg", b"-dash.jpg", b"x" * 251 + b".jpg"]
    for name in names:
        with open(os.fsencode(tmp_path) + b"/" + name, "wb"):  # noqa: PTH123  # Path takes no bytes
            pass
    assert sorted(map(os.fsencode, scan_images(tmp_path).files)) == sorted(names)


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_that_is_none_is_named(tmp_path, made):
    path = tmp_path / "images"
    if made:
        path.touch()
    with pytest.raises(DatasetError, match=r"images; received (a file|nothing)"):
        scan_images(path)


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(MachineError, match="Permission denied"):
        scan_images(tmp_path)


def test_i3_images_that_need_a_missing_extra_are_set_apart(tmp_path, monkeypatch):
    (tmp_path / "1.heic").touch()
    (tmp_path / "2.png").touch()
    assert scan_images(tmp_path).files == ("1.heic", "2.png")
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    found = scan_images(tmp_path)
    assert found.files == ("2.png",)
    assert found.others == {
        "1.heic": "a HEIF image, which needs an extra package: pip install 'imgclass-keras[heif]'"
    }
    assert unread_images(found) == {"1.heic"}


def test_i10_links_to_folders_are_followed_inside_only(tmp_path):
    root = tmp_path / "data"
    for name in ("data/all/cat", "data/train", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.png").touch()
    (root / "all" / "cat" / "link.png").symlink_to("1.png")
    (root / "train" / "cat").symlink_to("../all/cat")
    (root / "train" / "dog").symlink_to(tmp_path / "elsewhere")
    (root / "train" / "loop").symlink_to(".")
    (root / "train" / "all").symlink_to(root)
    found = scan_with_links(root / "train", inside=root)
    assert found.files == ("1.png", "cat/1.png")
    assert found.others == {
        "all": LINK,
        "cat/link.png": LINK,
        "dog": OUTSIDE,
        "loop": LINK,
    }
    assert linked_files(found, root / "train") == {"cat/link.png"}
