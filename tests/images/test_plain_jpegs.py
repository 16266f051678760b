import io
import random

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images import plain_jpegs
from imgclass.images.decoding import ImageFacts, decode_image, decode_picture, inspect_image
from imgclass.images.limits import DEFAULT_LIMITS, Limits
from imgclass.images.plain_jpegs import decode_plain_jpeg


def encode(mode="RGB", size=(37, 23), **options) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


PLAIN = {
    "baseline": encode(),
    "gray": encode("L"),
    "progressive": encode(progressive=True),
    "full colour": encode(subsampling=0, quality=100),
    "half colour": encode(subsampling=1),
    "stored as RGB": encode(keep_rgb=True),
    "with a comment": encode(comment=b"a comment"),
    "with restart markers": encode(restart_marker_blocks=2),
    "one pixel": encode(size=(1, 1)),
    "a photograph": encode(size=(500, 333)),
}
turned = Image.Exif()
turned[0x0112] = 6
OTHER = {
    "turned": encode(exif=turned),
    "with a colour profile": encode(icc_profile=b"profile"),
    "CMYK": encode("CMYK"),
    "truncated": PLAIN["baseline"][:-2],
    "with a short JFIF header": PLAIN["gray"][:2] + b"\xff\xe0\0\7JFIF\0" + PLAIN["gray"][20:],
}


def without_simplejpeg(monkeypatch):
    monkeypatch.setattr(plain_jpegs, "_decoder", lambda: None)


@pytest.fixture(autouse=True)
def _simplejpeg():
    pytest.importorskip("simplejpeg")


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_jpeg_has_the_pixels_that_pillow_decodes(name, monkeypatch):
    fast = decode_plain_jpeg(PLAIN[name], DEFAULT_LIMITS)
    facts = inspect_image(PLAIN[name], name=name, pixels=True)
    picture = decode_picture(PLAIN[name], name=name)
    without_simplejpeg(monkeypatch)
    pixels = decode_image(PLAIN[name], name=name)
    np.testing.assert_array_equal(fast.pixels, pixels)
    np.testing.assert_array_equal(picture, pixels)
    assert (fast.pixels.dtype, fast.pixels.flags.writeable) == (np.uint8, True)
    assert facts == inspect_image(PLAIN[name], name=name, pixels=True)
    assert facts == ImageFacts(*picture.size, "JPEG", fast.mode, orientation=1)


@pytest.mark.parametrize("name", OTHER)
def test_any_other_jpeg_is_left_to_pillow(name):
    assert decode_plain_jpeg(OTHER[name], DEFAULT_LIMITS) is None


def test_a_damaged_jpeg_is_decoded_or_refused_as_pillow_does(monkeypatch):
    rng = random.Random(0)
    outcomes = []
    for seed in (encode(size=(20, 9)), encode(size=(20, 9), progressive=True)):
        for _ in range(2_000):
            data = bytearray(seed)
            for _ in range(rng.choice((1, 2, 4))):
                data[rng.randrange(len(data))] = rng.randrange(256)
            fast = decode_plain_jpeg(bytes(data), DEFAULT_LIMITS)
            outcomes.append(fast is not None)
            if fast is not None:
                with monkeypatch.context() as patch:
                    without_simplejpeg(patch)
                    pixels = decode_image(bytes(data), name="x")
                np.testing.assert_array_equal(fast.pixels, pixels)
    assert min(map(outcomes.count, (True, False))) > len(outcomes) / 10


@pytest.mark.parametrize("limits", [Limits(pixels=37 * 23 - 1), Limits(file_bytes=100)])
def test_limits_are_kept(limits):
    assert decode_plain_jpeg(PLAIN["baseline"], limits) is None
    with pytest.raises(ImageError, match="more than"):
        decode_image(PLAIN["baseline"], name="x", limits=limits)


def test_pillow_decodes_everything_where_its_library_is_another(monkeypatch):
    monkeypatch.setattr(plain_jpegs.features, "check_feature", lambda _: False)
    plain_jpegs._decoder.cache_clear()
    assert decode_plain_jpeg(PLAIN["baseline"], DEFAULT_LIMITS) is None
    plain_jpegs._decoder.cache_clear()
