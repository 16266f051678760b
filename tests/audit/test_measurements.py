import os
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imgclass.audit.measurements import blur_of, measure_image


def test_a_sound_file_is_measured(tmp_path, picture):
    picture(0).save(tmp_path / "1.jpg")
    measured = measure_image(tmp_path / "1.jpg")
    assert (measured.fault, measured.format, measured.width, measured.height) == (
        "",
        "JPEG",
        32,
        32,
    )
    assert len(measured.sha256) == 64
    assert 0 <= measured.darkest < measured.brightest <= 1
    assert len(b64decode(measured.fingerprint)) == 768


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0 no more"])
def test_what_is_no_image_has_a_fault_that_says_why(tmp_path, content):
    (tmp_path / "1.jpg").write_bytes(content)
    measured = measure_image(tmp_path / "1.jpg")
    assert measured.fault
    assert not measured.fingerprint


def test_a_truncated_image_is_broken(tmp_path, picture):
    picture(0).save(tmp_path / "1.png")
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(whole[: len(whole) // 2])
    assert measure_image(tmp_path / "1.png").fault


def test_a_fifo_is_named_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1.jpg")
    assert "FIFO" in measure_image(tmp_path / "1.jpg").fault


def test_orientation_is_applied_to_the_size(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (20, 10)).save(tmp_path / "1.jpg", exif=exif)
    measured = measure_image(tmp_path / "1.jpg")
    assert (measured.orientation, measured.width, measured.height) == (6, 10, 20)


@pytest.mark.parametrize("name", ["1.png", "1.tif"])
def test_sixteen_bits_are_seen(tmp_path, name):
    values = np.random.default_rng(0).integers(0, 2**16, (8, 8)).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / name)
    assert measure_image(tmp_path / name).depth == 16


def test_animations_count_their_pictures(tmp_path):
    first, *others = [Image.new("RGB", (8, 8), (80 * i, 0, 0)) for i in range(3)]
    first.save(tmp_path / "1.gif", save_all=True, append_images=others)
    assert measure_image(tmp_path / "1.gif").has_pages


def test_blur_grows_with_the_radius_and_hardly_changes_with_contrast(picture):
    def blur(image):
        return blur_of(np.asarray(image.convert("L"), np.float32) / 255)

    image = picture(3).resize((128, 128))
    blurs = [blur(image.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 2, 8)]
    assert blurs == sorted(blurs)
    grey = np.asarray(image.convert("L"), np.float32) / 255
    assert blur_of(grey / 2) == pytest.approx(blur_of(grey), abs=0.1)


def test_one_colour_is_not_called_blurred():
    assert blur_of(np.full((8, 8), 0.5)) == 0
