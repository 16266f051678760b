import os
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from imgclass.report.thumbnails import SIDE, most_confident_mistakes, thumbnail


def predictions(*rows):
    columns = ["path", "split", "label", "predicted", "probability", "label_probability"]
    return pd.DataFrame(rows, columns=columns)


def mistakes(*rows, data=Path("data"), most=10):
    return most_confident_mistakes(predictions(*rows), "val", data=data, most=most)


def save(path, size=(8, 6), colour=(10, 20, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, "PNG")
    return path


def picture(uri):
    return Image.open(BytesIO(b64decode(uri.partition(",")[2])))


def test_the_surest_mistakes_of_the_split_come_first():
    found = mistakes(
        ("a", "val", "cat", "dog", 0.6, 0.2),
        ("b", "val", "cat", "cat", 0.99, 0.99),
        ("c", "train", "cat", "dog", 0.98, 0.01),
        ("d", "val", "cat", "dog", 0.9, 0.1),
        ("e", "val", "dog", "cat", 0.7, 0.1),
        most=2,
    )
    assert [mistake.path for mistake in found] == ["d", "e"]


def test_equally_sure_mistakes_come_in_the_order_of_their_names():
    rows = [(name, "val", "cat", "dog", 0.5, 0.5) for name in ("z", "b", "a")]
    assert [mistake.path for mistake in mistakes(*rows)] == ["a", "b", "z"]


def test_a_small_image_travels_pixel_by_pixel(tmp_path):
    uri, is_tiny = thumbnail(save(tmp_path / "1.png"))
    assert is_tiny
    assert picture(uri).size == (8, 6)
    assert picture(uri).getpixel((0, 0)) == (10, 20, 30)


def test_a_large_image_is_reduced_and_keeps_its_shape(tmp_path):
    uri, is_tiny = thumbnail(save(tmp_path / "1.png", size=(1000, 500)))
    assert not is_tiny
    assert picture(uri).size == (SIDE, SIDE // 2)
    assert len(uri) < 20_000


def test_a_path_is_read_whether_it_is_relative_to_the_data_or_whole(tmp_path):
    file = save(tmp_path / "val" / "cat" / "1.png")
    rows = [(str(p), "val", "cat", "dog", 0.9, 0.1) for p in (file, "val/cat/1.png")]
    found = mistakes(*rows, data=tmp_path)
    assert {(m.path, m.picture is not None) for m in found} == {("val/cat/1.png", True)}


@pytest.mark.parametrize("name", ["a#b?c%20d.png", "ü 日本.png", "..png", "-rf.png"])
def test_names_that_would_break_an_address_are_only_names(tmp_path, name):
    save(tmp_path / name)
    (mistake,) = mistakes((name, "val", "cat", "dog", 0.9, 0.1), data=tmp_path)
    assert (mistake.path, mistake.picture is not None) == (name, True)


@pytest.mark.parametrize("way", ["../secret.png", "val/../../secret.png", "{outside}"])
def test_no_picture_from_outside_the_data_set_gets_into_a_report(tmp_path, way):
    outside = save(tmp_path / "secret.png")
    path = way.format(outside=outside)
    (mistake,) = mistakes((path, "val", "cat", "dog", 0.9, 0.1), data=tmp_path / "data")
    assert (mistake.path, mistake.picture) == ("secret.png", None)


def test_a_data_set_of_symbolic_links_is_shown(tmp_path):
    original = save(tmp_path / "originals" / "1.png")
    link = tmp_path / "data" / "1.png"
    link.parent.mkdir()
    link.symlink_to(original)
    (mistake,) = mistakes(("1.png", "val", "cat", "dog", 0.9, 0.1), data=tmp_path / "data")
    assert mistake.picture is not None


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_image_has_no_picture(tmp_path, content):
    file = tmp_path / "1.png"
    file.write_bytes(content)
    assert thumbnail(file) is None


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert thumbnail(tmp_path / "pipe.png") is None
    assert thumbnail(tmp_path) is None
    assert thumbnail(tmp_path / "nothing.png") is None
    assert thumbnail(tmp_path / "nul\0.png") is None
