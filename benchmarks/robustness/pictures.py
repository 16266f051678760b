"""Kinds of image files: seeds for mutation, whole and broken kinds, and bombs."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

SIZE = (24, 17)


def seeds() -> dict[str, bytes]:
    """Return small sound files in every format that is read, in many of its ways."""
    picture, exif = _picture(), Image.Exif()
    exif[0x0112] = 6
    gray16 = Image.fromarray((np.asarray(picture)[..., 0].astype(np.uint16)) * 257)
    return {
        "JPEG, EXIF": _encoded(picture, "JPEG", exif=exif),
        "JPEG, progressive": _encoded(picture, "JPEG", progressive=True),
        "JPEG, CMYK": _encoded(picture.convert("CMYK"), "JPEG"),
        "PNG": _encoded(picture, "PNG"),
        "PNG, palette": _encoded(picture.convert("P"), "PNG", transparency=0),
        "PNG, 16-bit": _encoded(gray16, "PNG"),
        "GIF, animated": _animated("GIF"),
        "BMP": _encoded(picture, "BMP"),
        "BMP, RLE": _encoded(picture.convert("P"), "BMP"),
        "WebP": _encoded(picture, "WEBP"),
        "WebP, lossless": _encoded(picture, "WEBP", lossless=True),
        "WebP, animated": _animated("WEBP"),
        "TIFF": _encoded(picture, "TIFF"),
        "TIFF, LZW": _encoded(picture, "TIFF", compression="tiff_lzw"),
        "TIFF, JPEG": _encoded(picture, "TIFF", compression="jpeg"),
        "PPM": _encoded(picture, "PPM"),
    }


def sound() -> dict[str, bytes]:
    """Return one file of every kind that decodes, by file name."""
    picture = _picture()
    alpha = picture.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(SIZE))
    turned = {}
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned[f"EXIF orientation {orientation}.jpg"] = _encoded(picture, "JPEG", exif=exif)
    gray16 = Image.fromarray((np.asarray(picture)[..., 0].astype(np.uint16)) * 257)
    jpeg = _encoded(picture, "JPEG")
    return turned | {
        "JPEG.jpg": jpeg,
        "progressive.jpg": _encoded(picture, "JPEG", progressive=True),
        "gray.jpg": _encoded(picture.convert("L"), "JPEG"),
        "CMYK.jpg": _encoded(picture.convert("CMYK"), "JPEG"),
        "one bit flipped.jpg": _flipped(jpeg, len(jpeg) - 40),
        "PNG.png": _encoded(picture, "PNG"),
        "PNG by name of JPEG.jpg": _encoded(picture, "PNG"),
        "16-bit gray.png": _encoded(gray16, "PNG"),
        "16-bit colour.png": _png((1, 1), 16, 2, raw=b"\0" + bytes(range(6))),
        "bilevel.png": _encoded(picture.convert("1"), "PNG"),
        "gray and alpha.png": _encoded(alpha.convert("LA"), "PNG"),
        "RGBA.png": _encoded(alpha, "PNG"),
        "palette, transparent.png": _encoded(picture.convert("P"), "PNG", transparency=0),
        "1 x 1.png": _encoded(picture.resize((1, 1)), "PNG"),
        "1 x 5000.png": _encoded(picture.resize((1, 5000)), "PNG"),
        "ICC profile.png": _encoded(picture, "PNG", icc_profile=b"no profile"),
        "animated.png": _animated("PNG"),
        "animated.gif": _animated("GIF"),
        "animated.webp": _animated("WEBP"),
        "WebP.webp": _encoded(picture, "WEBP"),
        "BMP.bmp": _encoded(picture, "BMP"),
        "TIFF.tif": _encoded(picture, "TIFF"),
        "many pages.tif": _animated("TIFF"),
        "PPM.ppm": _encoded(picture, "PPM"),
        "AVIF.avif": _encoded(picture, "AVIF"),
    }


def broken() -> dict[str, bytes]:
    """Return one file of every kind that is refused, by file name."""
    picture = _picture()
    jpeg, png, avif = (_encoded(picture, kind) for kind in ("JPEG", "PNG", "AVIF"))
    return {
        "empty.jpg": b"",
        "text.jpg": b"no image\n",
        "HTML.jpg": b"<!doctype html><html></html>",
        "zeros.jpg": bytes(4096),
        "header only.jpg": jpeg[:20],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "two bytes less.jpg": jpeg[:-2],
        "half.png": png[: len(png) // 2],
        "one bit flipped.png": _flipped(png, 60),
        "floating point.tif": _encoded(Image.fromarray(np.ones((2, 2), np.float32)), "TIFF"),
        "32-bit integers.tif": _encoded(Image.fromarray(np.ones((2, 2), np.int32)), "TIFF"),
        "half.avif": avif[: len(avif) // 2],
        "HEIC.heic": b"\0\0\0 ftypheic" + bytes(64),
        "ICO.ico": _encoded(picture, "ICO"),
        "SVG.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "PDF.pdf": b"%PDF-1.7\n",
        "EPS.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "PSD.psd": b"8BPS\0\1" + bytes(64),
        "FITS.fits": b"SIMPLE  =                    T" + bytes(64),
    }


def bombs() -> dict[str, bytes]:
    """Return files that would cost far more than their bytes, by file name."""
    jpeg = _encoded(_picture().resize((48, 48)), "JPEG", quality=95)
    text = zlib.compress(bytes(80 * 2**20), 9)
    return {
        "100 megapixels.png": _png((10_000, 10_000), 1, 0, raw=bytes(1251 * 10_000)),
        "400 megapixels.png": _png((20_000, 20_000), 1, 0, raw=bytes(2501 * 100)),
        "most that can be claimed.png": _png((2**31 - 1, 2**31 - 1), 8, 6, raw=b"\0"),
        "80 MB of text.png": _png((1, 1), 8, 0, raw=b"\0\0", more=_chunk(b"zTXt", b"k\0\0" + text)),
        "80 MB of profile.png": _png(
            (1, 1), 8, 0, raw=b"\0\0", more=_chunk(b"iCCP", b"k\0\0" + text)
        ),
        "12000 x 12000 over 3 KB.jpg": _lying(jpeg, 12_000, 12_000),
        "7000 x 7000 over 3 KB.jpg": _lying(jpeg, 7_000, 7_000),
        "65000 x 65000 over 3 KB.jpg": _lying(jpeg, 65_000, 65_000),
        "65535 x 65535.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0;",
        "2^30 x 2^30.bmp": b"BM"
        + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 2**30, 2**30, 1, 24, *[0] * 6),
        "10^6 x 10^6.ppm": b"P6 1000000 1000000 255\n",
        "2^14 x 2^14.webp": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
        + b"\xff\x3f\0" * 2
        + bytes(8),
        "60000 x 20000 tile.tif": _tiled(60_000, 20_000),
    }


def _picture() -> Image.Image:
    """Return noise on a gradient: every kind of decoding has something to do."""
    width, height = SIZE
    rows, columns = np.mgrid[:height, :width]
    noise = np.random.default_rng(0).integers(0, 90, (height, width, 3))
    ramp = np.stack([rows * 9, columns * 6, (rows + columns) * 4], axis=2)
    return Image.fromarray((ramp + noise).clip(0, 255).astype(np.uint8))


def _encoded(picture: Image.Image, image_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, image_format, **options)
    return file.getvalue()


def _animated(image_format: str) -> bytes:
    picture = _picture()
    more = [picture.transpose(Image.Transpose.ROTATE_180)]
    options = {"lossless": True} if image_format == "WEBP" else {}
    return _encoded(picture, image_format, save_all=True, append_images=more, **options)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _lying(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def _png(size: tuple[int, int], depth: int, kind: int, *, raw: bytes, more: bytes = b"") -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0))
    data = _chunk(b"IDAT", zlib.compress(raw, 9))
    return b"\x89PNG\r\n\x1a\n" + header + more + data + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _tiled(width: int, height: int) -> bytes:
    """Return 16 x 16 gray pixels, compressed, in one tile of another size."""
    tags = {256: 16, 257: 16, 258: 8, 259: 5, 262: 1, 322: width, 323: height, 324: 130, 325: 600}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + bytes(612)
