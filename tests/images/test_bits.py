import io
import struct

import numpy as np
import pytest
from PIL import Image

from imgclass.images.decoding import decode_image, inspect_image, picture_to_rgb


def encoded(values, image_format):
    file = io.BytesIO()
    Image.fromarray(values).save(file, image_format)
    return file.getvalue()


def rgb_tiff(values, order="<", bits=16):
    """An uncompressed TIFF of 16-bit colour, which Pillow cannot write."""
    height, width, _ = values.shape
    data = values.astype(f"{order}u2").tobytes()
    after = 8 + 2 + 12 * 9 + 4
    tags = (
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, after),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, after + 6),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
    )
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, kind, count)
        + struct.pack(
            f"{order}HH" if (kind, count) == (3, 1) else f"{order}I",
            *((value, 0) if (kind, count) == (3, 1) else (value,)),
        )
        for tag, kind, count, value in tags
    )
    begin = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return begin + entries + bytes(4) + struct.pack(f"{order}3H", bits, bits, bits) + data


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("largest", "bits"), [(255, 8), (256, 10), (1023, 10), (4095, 12), (16383, 14), (16384, 16)]
)
def test_i11_gray_of_few_bits_in_a_file_of_16_uses_all_8(image_format, largest, bits):
    values = np.array([[0, largest // 2, largest]], np.uint16)
    pixels = decode_image(encoded(values, image_format), name="x")
    assert pixels[0, :, 0].tolist() == (values[0] >> (bits - 8)).tolist()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("largest", "bits"), [(3000, 12), (16383, 14), (65535, 16)])
def test_i11_colour_of_few_bits_in_a_file_of_16_uses_all_8(order, largest, bits):
    values = np.linspace(0, largest, 24 * 16 * 3).astype(np.uint16).reshape(16, 24, 3)
    data = rgb_tiff(values, order)
    np.testing.assert_array_equal(decode_image(data, name="x"), values >> (bits - 8))
    assert inspect_image(data, name="x").depth == 16
    with Image.open(io.BytesIO(data)) as picture:
        np.testing.assert_array_equal(picture_to_rgb(picture), values >> (bits - 8))


def test_a_pgm_says_its_own_range():
    data = b"P5 2 1 4095\n" + struct.pack(">2H", 2048, 100)
    assert decode_image(data, name="x")[0, :, 0].tolist() == [128, 6]
