import os
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image

from imgclass.report.thumbnails import SIDE, thumbnail


def save(path, size=(8, 6), colour=(10, 20, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, "PNG")
    return path


def picture(uri):
    return Image.open(BytesIO(b64decode(uri.partition(",")[2])))


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
