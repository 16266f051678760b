import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.decoding import (
    Limits,
    decode_image,
    decode_picture,
    inspect_image,
    picture_to_rgb,
    read_image,
)

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
PICTURE = Image.fromarray(COLOURS)
WHITE = [255, 255, 255]
FILES = Path(__file__).parent / "files"


def encoded(picture: Image.Image, image_format: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, image_format, **options)
    return file.getvalue()


def png(size: tuple[int, int], depth: int, kind: int, *, raw: bytes, more: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(raw, 9))
    return b"\x89PNG\r\n\x1a\n" + header + more + data + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def lying_jpeg(width: int, height: int) -> bytes:
    """3 KB of JPEG whose frame header claims another size."""
    data = bytearray(encoded(PICTURE.resize((48, 48)), "JPEG", quality=95))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


SEEDS = {
    "jpeg": encoded(
        PICTURE,
        "JPEG",
        exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
    ),
    "progressive": encoded(PICTURE, "JPEG", progressive=True),
    "cmyk": encoded(PICTURE.convert("CMYK"), "JPEG"),
    "png": encoded(PICTURE, "PNG"),
    "palette": encoded(PICTURE.convert("P"), "PNG", transparency=0),
    "gray16": encoded(Image.fromarray(COLOURS[..., 0].astype(np.uint16) * 257), "PNG"),
    "gif": encoded(PICTURE, "GIF"),
    "bmp": encoded(PICTURE, "BMP"),
    "webp": encoded(PICTURE, "WEBP"),
    "lossless webp": encoded(PICTURE, "WEBP", lossless=True),
    "tiff": encoded(PICTURE, "TIFF"),
    "lzw tiff": encoded(PICTURE, "TIFF", compression="tiff_lzw"),
    "ppm": encoded(PICTURE, "PPM"),
    "avif": encoded(PICTURE, "AVIF"),
}


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("PPM", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_a_lossless_format_gives_back_every_pixel(image_format, options):
    data = encoded(PICTURE, image_format, **options)
    image = decode_image(data, name="x")
    np.testing.assert_array_equal(image, COLOURS)
    assert (image.dtype, image.flags.writeable) == (np.uint8, True)


@pytest.mark.parametrize("name", SEEDS)
def test_the_header_tells_the_size_that_decoding_gives(name):
    facts = inspect_image(SEEDS[name], name=name)
    assert (facts.height, facts.width, 3) == decode_image(SEEDS[name], name=name).shape


def test_the_format_is_that_of_the_bytes_and_not_of_the_name():
    assert inspect_image(SEEDS["png"], name="photo.jpg").format == "PNG"


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, COLOURS),
        (2, COLOURS[:, ::-1]),
        (3, COLOURS[::-1, ::-1]),
        (4, COLOURS[::-1]),
        (5, COLOURS.swapaxes(0, 1)),
        (6, np.rot90(COLOURS, -1)),
        (7, COLOURS[::-1, ::-1].swapaxes(0, 1)),
        (8, np.rot90(COLOURS)),
    ],
)
def test_v4_exif_orientation_is_applied(image_format, orientation, turned):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if image_format == "WEBP" else {}
    stored = PICTURE
    if image_format == "JPEG":  # one colour a block, so that its loss is small
        stored = PICTURE.resize((72, 48), Image.Resampling.NEAREST)
        turned = turned.repeat(8, axis=0).repeat(8, axis=1)
        options = {"quality": 100, "subsampling": 0}
    data = encoded(stored, image_format, exif=exif, **options)
    image = decode_image(data, name="x")
    np.testing.assert_allclose(image.astype(int), turned, atol=3 * (image_format == "JPEG"))
    facts = inspect_image(data, name="x")
    assert (facts.height, facts.width) == image.shape[:2]
    assert facts.orientation == orientation


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_v4_an_orientation_that_is_none_is_upright(value):
    exif = Image.Exif()
    exif[0x0112] = value
    data = encoded(PICTURE, "PNG", exif=exif)
    np.testing.assert_array_equal(decode_image(data, name="x"), COLOURS)


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0junk", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_v4_damaged_exif_leaves_the_pixels_as_they_are(exif):
    data = encoded(PICTURE, "PNG")
    end_of_header = 33
    damaged = data[:end_of_header] + chunk(b"eXIf", exif[6:]) + data[end_of_header:]
    np.testing.assert_array_equal(decode_image(damaged, name="x"), COLOURS)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        pytest.param(Image.new("RGBA", (1, 1), (10, 20, 30, 255)), [10, 20, 30], id="opaque"),
        pytest.param(Image.new("RGBA", (1, 1), (10, 20, 30, 0)), WHITE, id="transparent"),
        pytest.param(Image.new("RGBA", (1, 1), (0, 100, 200, 51)), [204, 224, 244], id="a fifth"),
        pytest.param(Image.new("LA", (1, 1), (0, 51)), [204, 204, 204], id="gray and alpha"),
        pytest.param(Image.new("L", (1, 1), 77), [77, 77, 77], id="gray"),
        pytest.param(Image.new("1", (1, 1), 1), WHITE, id="bilevel"),
    ],
)
def test_v4_transparency_is_laid_on_white(stored, shown):
    assert decode_image(encoded(stored, "PNG"), name="x").tolist() == [[shown]]


@pytest.mark.parametrize(
    ("data", "row"),
    [
        pytest.param(
            png((2, 1), 8, 2, raw=b"\0\1\2\3\4\5\6", more=chunk(b"tRNS", b"\0\1\0\2\0\3")),
            [WHITE, [4, 5, 6]],
            id="colour key",
        ),
        pytest.param(
            png((2, 1), 8, 0, raw=b"\0\7\x08", more=chunk(b"tRNS", b"\0\7")),
            [WHITE, [8, 8, 8]],
            id="gray key",
        ),
        pytest.param(
            png((2, 1), 16, 0, raw=b"\0\1\2\1\3", more=chunk(b"tRNS", b"\1\2")),
            [WHITE, [64, 64, 64]],  # 259 takes 10 bits, of which 2 are dropped
            id="16-bit gray key",
        ),
        pytest.param(
            png(
                (3, 1),
                8,
                3,
                raw=b"\0\0\1\2",
                more=chunk(b"PLTE", bytes(range(9))) + chunk(b"tRNS", b"\xff\0\x80"),
            ),
            [[0, 1, 2], WHITE, [130, 131, 131]],
            id="palette",
        ),
    ],
)
def test_v4_a_transparent_colour_is_laid_on_white(data, row):
    assert decode_image(data, name="x").tolist() == [row]


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "PPM"])
def test_v4_16_bit_gray_keeps_its_high_byte(image_format):
    values = np.array([[0, 255, 256, 1000, 32768, 65535]], np.uint16)
    image = decode_image(encoded(Image.fromarray(values), image_format), name="x")
    assert image[0].tolist() == [[v] * 3 for v in (0, 0, 1, 3, 128, 255)]


def test_v4_16_bit_colour_keeps_its_high_byte():
    raw = b"\0" + struct.pack(">3H", 1000, 32768, 65535)
    assert decode_image(png((1, 1), 16, 2, raw=raw), name="x").tolist() == [[[3, 128, 255]]]


@pytest.mark.parametrize("image_format", ["TIFF", "JPEG"])
def test_v4_cmyk_is_converted(image_format):
    data = encoded(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), image_format)
    np.testing.assert_allclose(
        decode_image(data, name="x")[0, 0].astype(int), [0, 255, 255], atol=3
    )


@pytest.mark.parametrize(
    ("image_format", "options"),
    [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})],
)
def test_v4_the_first_picture_of_several_counts(image_format, options):
    red, blue = (Image.new("RGB", (4, 4), colour) for colour in ("#ff0000", "#0000ff"))
    data = encoded(red, image_format, save_all=True, append_images=[blue], **options)
    assert np.unique(decode_image(data, name="x").reshape(-1, 3), axis=0).tolist() == [[255, 0, 0]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"<html>", "it begins with b'<html>'; the formats are JPEG", id="text"),
        pytest.param(bytes(64), "it begins with", id="zeros"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "begins", id="SVG"),
        pytest.param(b"%PDF-1.7\n", "begins", id="PDF"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "begins", id="EPS"),
        pytest.param(b"8BPS\0\1" + bytes(64), "begins", id="PSD"),
        pytest.param(b"\0\0\0 ftypisom" + bytes(64), "begins", id="MP4"),
        pytest.param(b"\0\0\0 ftypheic" + bytes(64), "HEIF header is damaged", id="HEIC"),
        pytest.param(b"\0\0\0 ftypavif" + bytes(64), "AVIF header is damaged", id="AVIF"),
        pytest.param(bytes(128) + b"DICM" + bytes(64), "it holds no pixels", id="DICOM"),
        pytest.param(encoded(PICTURE, "ICO"), "begins", id="ICO"),
        pytest.param(SEEDS["jpeg"][:20], "its JPEG header is damaged", id="header only"),
        pytest.param(SEEDS["jpeg"][:-2], "truncated", id="two bytes less"),
        pytest.param(SEEDS["png"][: len(SEEDS["png"]) // 2], "truncated", id="half a PNG"),
        pytest.param(
            SEEDS["png"][:60] + bytes([SEEDS["png"][60] ^ 1]) + SEEDS["png"][61:],
            "broken PNG|broken data",
            id="one bit of a PNG",
        ),
        pytest.param(
            encoded(Image.fromarray(np.ones((2, 2), np.float32)), "TIFF"),
            "floating-point pixels",
            id="float TIFF",
        ),
        pytest.param(
            encoded(Image.fromarray(np.ones((2, 2), np.int32)), "TIFF"),
            "32-bit integer pixels",
            id="32-bit TIFF",
        ),
        pytest.param(
            lying_jpeg(12000, 12000),
            "12000 x 12000 pixels are more than 50,000,000",
            id="V2-JPEG lie",
        ),
        pytest.param(lying_jpeg(7000, 7000), "claims 7000 x 7000 pixels", id="V2-small lie"),
        pytest.param(
            png(
                (1, 1),
                8,
                0,
                raw=b"\0\0",
                more=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(8_000_000))),
            ),
            "too large",
            id="V2-8 MB of text",
        ),
    ],
)
def test_what_is_no_image_is_refused_by_name_and_cause(data, reason):
    with pytest.raises(ImageError, match=rf"received 'x\.jpg': .*{reason}"):
        decode_image(data, name="x.jpg")


@pytest.mark.parametrize("name", SEEDS)
def test_a_truncated_file_is_refused_unless_every_pixel_is_there(name):
    whole = decode_image(SEEDS[name], name=name)
    for size in range(len(SEEDS[name])):
        try:
            image = decode_image(SEEDS[name][:size], name=name)
        except ImageError:
            continue
        np.testing.assert_array_equal(image, whole)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_v1_a_mutated_file_is_decoded_or_refused_and_nothing_else():
    rng = random.Random(0)
    outcomes = []
    for name, seed in SEEDS.items():
        for _ in range(150):
            data = bytearray(seed)
            for _ in range(rng.choice((1, 2, 8, 32))):
                data[rng.randrange(min(len(data), rng.choice((32, 128, 4096))))] = rng.randrange(
                    256
                )
            try:
                image = decode_image(bytes(data), name=name)
            except ImageError:
                outcomes.append("refused")
            else:
                assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3)
                outcomes.append("decoded")
    assert min(map(outcomes.count, ("refused", "decoded"))) > len(outcomes) / 10


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_check_of_the_pixels_finds_what_decoding_finds():
    rng = random.Random(1)
    floating = encoded(Image.new("F", (9, 6), 0.5), "TIFF")
    seeds = [*SEEDS.values(), floating, encoded(Image.new("I", (9, 6), 70_000), "TIFF")]
    for seed in seeds:
        for _ in range(150):
            data = bytearray(seed)
            for _ in range(rng.choice((0, 1, 2, 8))):
                data[rng.randrange(min(len(data), 4096))] = rng.randrange(256)
            try:
                shape = decode_image(bytes(data), name="x").shape
            except ImageError as error:
                with pytest.raises(ImageError, match=re.escape(str(error))):
                    inspect_image(bytes(data), name="x", pixels=True)
            else:
                facts = inspect_image(bytes(data), name="x", pixels=True)
                assert (facts.height, facts.width, 3) == shape


def test_v2_limits_are_the_callers():
    assert decode_image(SEEDS["png"], name="x", limits=Limits(pixels=54)).shape == (6, 9, 3)
    with pytest.raises(ImageError, match="9 x 6 pixels are more than 53"):
        decode_image(SEEDS["png"], name="x", limits=Limits(pixels=53))
    with pytest.raises(ImageError, match="more than 10 bytes"):
        decode_image(SEEDS["png"], name="x", limits=Limits(file_bytes=10))


def tiled_tiff(width: int, height: int) -> bytes:
    """16 x 16 gray pixels, compressed, in one tile of another size."""
    tags = {256: 16, 257: 16, 258: 8, 259: 5, 262: 1, 322: width, 323: height, 324: 130, 325: 600}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + bytes(612)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """An AVIF or HEIF file whose header claims another size."""
    size = data.index(b"ispe") + 8
    return data[:size] + struct.pack(">II", width, height) + data[size + 8 :]


BOMBS = {
    "AVIF": claiming(SEEDS["avif"], 16_000, 16_000),
    "largest AVIF": claiming(SEEDS["avif"], 2**31 - 1, 2**31 - 1),
    "HEIF": claiming((FILES / "four_colours.heic").read_bytes(), 60_000, 60_000),
    "TIFF": tiled_tiff(60_000, 20_000),
    "100 megapixels": png((10_000, 10_000), 1, 0, raw=bytes(1251 * 10_000)),
    "400 megapixels": png((20_000, 20_000), 1, 0, raw=bytes(2501 * 100)),
    "most a PNG can claim": png((2**31 - 1, 2**31 - 1), 8, 6, raw=b"\0"),
    "JPEG lie": lying_jpeg(12_000, 12_000),
    "largest JPEG": lying_jpeg(65_500, 65_500),
    "GIF": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0;",
    "BMP": b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 2**30, 2**30, 1, 24, *[0] * 6),
    "PPM": b"P6 1000000 1000000 255\n",
    "WebP": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2 + bytes(8),
    "text": png(
        (1, 1), 8, 0, raw=b"\0\0", more=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**26)))
    ),
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory):
    """CPU seconds and added peak kilobytes of each bomb's refusal, in a process of their own."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, data in BOMBS.items():
        (folder / name).write_bytes(data)
    code = """
import json, os, resource, sys, time
from imgclass.images.decoding import read_image
from imgclass.errors import ImageError
costs = {}
for name in os.listdir(sys.argv[1]):
    peak, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        read_image(os.path.join(sys.argv[1], name))
    except ImageError:
        seconds = time.process_time() - start
        costs[name] = seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
print(json.dumps(costs))
"""
    return json.loads(subprocess.check_output([sys.executable, "-W", "error", "-c", code, folder]))


@pytest.mark.parametrize("name", BOMBS)
def test_v2_a_bomb_is_refused_in_a_moment_and_without_memory(name, costs):
    seconds, kilobytes = costs[name]
    assert seconds < 0.25
    assert kilobytes < 100_000


def test_v3_threads_and_order_change_nothing():
    names = [*SEEDS] * 20
    with ThreadPoolExecutor(8) as threads:
        images = list(threads.map(lambda name: decode_image(SEEDS[name], name=name), names))
    for name, image in zip(names, images, strict=True):
        np.testing.assert_array_equal(image, decode_image(SEEDS[name], name=name))


@pytest.mark.parametrize("name", SEEDS)
def test_v3_a_file_its_bytes_and_its_picture_give_the_same_pixels(name, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(SEEDS[name])
    expected = decode_image(SEEDS[name], name=name)
    np.testing.assert_array_equal(read_image(path), expected)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(picture_to_rgb(picture), expected)


def test_a_picture_that_cannot_be_decoded_is_refused_like_a_file():
    picture = Image.open(io.BytesIO(SEEDS["jpeg"][:-2]))
    with pytest.raises(ImageError, match=r"a picture of mode RGB.*truncated"):
        picture_to_rgb(picture)


def test_a_link_to_an_image_is_read(tmp_path):
    (tmp_path / "1.png").write_bytes(SEEDS["png"])
    (tmp_path / "link.png").symlink_to("1.png")
    np.testing.assert_array_equal(read_image(tmp_path / "link.png"), COLOURS)


def test_a_fifo_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "z.jpg")
    with pytest.raises(ImageError, match=r"z\.jpg': it is a FIFO, not a regular file"):
        read_image(tmp_path / "z.jpg")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".", "a directory"),
        ("/dev/zero", "a device"),
        ("none.jpg", "No such file"),
        ("a\0b.jpg", "null byte"),
    ],
)
def test_what_is_no_file_is_named(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImageError, match=reason):
        read_image(path)


def test_a_file_over_the_limit_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ImageError, match=r"large\.png': it has more than 67,108,864 bytes"):
        read_image(path)


def test_a_jpeg_decoded_at_a_fraction_keeps_its_shape_and_the_least_side():
    buffer = io.BytesIO()
    Image.new("RGB", (1000, 640), (9, 99, 199)).save(buffer, "jpeg")
    assert decode_picture(buffer.getvalue(), name="x", least=128).size == (250, 160)
    assert decode_picture(buffer.getvalue(), name="x", least=640).size == (1000, 640)


def test_damage_is_found_at_a_fraction_too():
    buffer = io.BytesIO()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (600, 600, 3)).astype(np.uint8)).save(buffer, "jpeg")
    whole = buffer.getvalue()
    for data in (whole[: len(whole) // 2], whole[:-300]):
        with pytest.raises(ImageError, match="truncated"):
            decode_picture(data, name="x", least=128)
