import random
from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import ImageError
from imgclass.images import extras
from imgclass.images.decoding import Limits, decode_image, inspect_image, picture_to_rgb, read_image

pytest.importorskip("pi_heif")

FILES = Path(__file__).parent / "files"
UPRIGHT, TURNED = FILES / "four_colours.heic", FILES / "turned_by_exif.heic"
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(pixels):
    return [pixels[y, x].tolist() for y in (0, -1) for x in (0, -1)]


def test_i3_a_photograph_of_a_phone_is_read():
    pixels = read_image(UPRIGHT)
    assert pixels.shape == (16, 24, 3)
    np.testing.assert_allclose(corners(pixels), [RED, GREEN, BLUE, WHITE], atol=3)


def test_the_header_names_format_and_size():
    facts = inspect_image(UPRIGHT.read_bytes(), name="x")
    assert (facts.format, facts.width, facts.height, facts.depth) == ("HEIF", 24, 16, 8)


def test_a_turned_photograph_is_turned_once():
    pixels = read_image(TURNED)
    assert pixels.shape == (24, 16, 3)
    np.testing.assert_allclose(corners(pixels), [BLUE, RED, WHITE, GREEN], atol=3)
    facts = inspect_image(TURNED.read_bytes(), name="x")
    assert (facts.width, facts.height) == (16, 24)


def test_an_opened_picture_has_the_pixels_of_the_file():
    from pi_heif import HeifImageFile

    with UPRIGHT.open("rb") as file:
        np.testing.assert_array_equal(picture_to_rgb(HeifImageFile(file)), read_image(UPRIGHT))


def test_a_truncated_photograph_is_refused():
    data = UPRIGHT.read_bytes()
    for size in range(0, len(data), 97):
        with pytest.raises(ImageError):
            decode_image(data[:size], name="x")


def test_too_many_pixels_are_refused_before_they_are_decoded():
    with pytest.raises(ImageError, match="24 x 16 pixels are more than 383"):
        decode_image(UPRIGHT.read_bytes(), name="x", limits=Limits(pixels=383))


def test_pixels_of_another_size_than_the_header_claims_are_refused():
    data = UPRIGHT.read_bytes()
    size = data.index(b"ispe") + 8
    claimed = (1).to_bytes(4) * 2
    with pytest.raises(ImageError, match=r"limit|does not have the size"):
        decode_image(data[:size] + claimed + data[size + 8 :], name="x")


def test_a_mutated_photograph_is_decoded_or_refused_and_nothing_else():
    rng = random.Random(0)
    outcomes = []
    for _ in range(300):
        data = bytearray(UPRIGHT.read_bytes())
        for _ in range(rng.choice((1, 2, 8))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            image = decode_image(bytes(data), name="x")
        except ImageError:
            outcomes.append("refused")
        else:
            assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3)
            outcomes.append("decoded")
    assert min(map(outcomes.count, ("refused", "decoded"))) > 30


def test_i3_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    message = r"x\.heic': HEIF images need an extra package: pip install 'imgclass-keras\[heif\]'"
    with pytest.raises(ImageError, match=message):
        decode_image(UPRIGHT.read_bytes(), name="x.heic")
