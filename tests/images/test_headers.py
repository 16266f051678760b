import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.decoding import inspect_image
from imgclass.images.headers import plain_size


def encode(kind, mode, size=(37, 23), **options):
    buffer = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


PLAIN = {
    "JPEG": encode("JPEG", "RGB"),
    "gray JPEG": encode("JPEG", "L"),
    "progressive JPEG": encode("JPEG", "RGB", progressive=True),
    "PNG": encode("PNG", "RGB"),
    "gray PNG": encode("PNG", "L"),
    "PNG with alpha": encode("PNG", "RGBA"),
}
turned = Image.Exif()
turned[0x0112] = 6
OTHER = {
    "turned JPEG": encode("JPEG", "RGB", exif=turned),
    "turned PNG": encode("PNG", "RGB", exif=turned),
    "palette": encode("PNG", "P"),
    "GIF": encode("GIF", "L"),
    "BMP": encode("BMP", "RGB"),
    "nothing": b"",
    "a JPEG's first bytes": PLAIN["JPEG"][:20],
    "a PNG's first bytes": PLAIN["PNG"][:30],
    "a JPEG that claims too much": PLAIN["JPEG"].replace(b"\x00\x17\x00\x25", b"\xf0\x00\xf0\x00"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_the_size_of_a_plain_image_is_read(name):
    assert plain_size(PLAIN[name]) == (37, 23)


@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_plain_is_left_to_the_decoder(name):
    assert plain_size(OTHER[name]) is None


@given(st.sampled_from(sorted(PLAIN)), st.data())
def test_no_size_is_other_than_the_decoders(name, data):
    mutated = bytearray(PLAIN[name])
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        if data.draw(st.booleans()):
            mutated[at] = data.draw(st.integers(0, 255))
        else:
            mutated[at:at] = data.draw(st.binary(max_size=3))
    size = plain_size(bytes(mutated))
    try:
        facts = inspect_image(bytes(mutated), name=name)
    except ImageError:
        return
    assert size in {None, (facts.width, facts.height)}
