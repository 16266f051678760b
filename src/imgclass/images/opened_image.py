"""An image file opened for decoding: first its format is recognised and its size checked."""

import io
import warnings

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from imgclass.errors import ImageError
from imgclass.images.formats import FORMATS
from imgclass.images.limits import Limits

# Pillow warns of damaged metadata without naming the file; no pixel depends on it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.\w+ImagePlugin")

# Pillow's own `open` would warn of large images through warning filters, which all threads share.
_READERS: tuple[tuple[bytes, type[ImageFile.ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"GIF87a", GifImagePlugin.GifImageFile),
    (b"GIF89a", GifImagePlugin.GifImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
    (b"RIFF", WebPImagePlugin.WebPImageFile),
    (b"II*\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0*", TiffImagePlugin.TiffImageFile),
    (b"II+\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0+", TiffImagePlugin.TiffImageFile),
    *((b"P%d" % digit, PpmImagePlugin.PpmImageFile) for digit in range(1, 7)),
)
_TILE_SIZE = (322, 323)  # TIFF tags; a whole tile is held in memory, however small the image
_HUFFMAN_PIXELS_PER_BYTE = 512  # a block of 64 pixels takes at least one bit


def open_image(data: bytes, limits: Limits) -> ImageFile.ImageFile:
    """Open the bytes of an image file without decoding its pixels.

    A header that claims more pixels than so many bytes can hold is refused.
    """
    if len(data) > limits.file_bytes:
        raise ImageError(f"it has more than {limits.file_bytes:,} bytes")
    reader = _reader(data)
    try:
        image = reader(io.BytesIO(data))
    except Exception as error:
        raise ImageError(f"its {reader.format} header is damaged: {error}") from error
    check_pixels(image, limits)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = (image.tag_v2.get(tag, 0) for tag in _TILE_SIZE)
        if width * height > limits.pixels:
            raise ImageError(f"tiles of {width} x {height} pixels are more than {limits.pixels:,}")
    claimed = image.width * image.height
    if image.format == "JPEG" and claimed > _HUFFMAN_PIXELS_PER_BYTE * len(data):
        raise ImageError(
            f"its header claims {image.width} x {image.height} pixels over {len(data):,} bytes"
        )
    return image


def check_pixels(image: Image.Image, limits: Limits) -> None:
    """Require that a picture has no more pixels than `limits` allows."""
    if image.width * image.height > limits.pixels:
        raise ImageError(f"{image.width} x {image.height} pixels are more than {limits.pixels:,}")


def _reader(data: bytes) -> type[ImageFile.ImageFile]:
    for signature, reader in _READERS:
        if data.startswith(signature):
            return reader
    found = f"it begins with {data[:8]!r}" if data else "the file is empty"
    raise ImageError(f"{found}; the formats are {', '.join(FORMATS)}")
