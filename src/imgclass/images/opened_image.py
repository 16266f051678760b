"""An image file opened for decoding: first its format is recognised and its size checked."""

import io
import warnings
from collections.abc import Mapping
from types import MappingProxyType

from PIL import (
    AvifImagePlugin,
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
from imgclass.images.extras import EXTRAS, require_extra
from imgclass.images.limits import MAX_PIXELS, Limits
from imgclass.images.signatures import format_of

# Pillow warns of damaged metadata without naming the file; no pixel depends on it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.\w+ImagePlugin")

# Pillow's own `open` would warn of large images through warning filters, which all threads share.
_READERS: Mapping[str, type[ImageFile.ImageFile]] = MappingProxyType(
    {
        "JPEG": JpegImagePlugin.JpegImageFile,
        "PNG": PngImagePlugin.PngImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
        "PPM": PpmImagePlugin.PpmImageFile,
        "AVIF": AvifImagePlugin.AvifImageFile,
    }
)
_TILE_SIZE = (322, 323)  # TIFF tags; a whole tile is held in memory, however small the image
_HUFFMAN_PIXELS_PER_BYTE = 512  # a block of 64 pixels takes at least one bit


def open_image(data: bytes, limits: Limits) -> ImageFile.ImageFile:
    """Open the bytes of an image file without decoding its pixels.

    A header that claims more pixels than so many bytes can hold is refused.
    """
    if len(data) > limits.file_bytes:
        raise ImageError(
            f"it has more than {limits.file_bytes:,} bytes, the limit that --max-pixels raises too"
        )
    reader = _reader(format_of(data))
    try:
        image = reader(io.BytesIO(data))
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(f"its {reader.format} header is damaged: {error}") from error
    check_pixels(image, limits)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = (image.tag_v2.get(tag, 0) for tag in _TILE_SIZE)
        if width * height > limits.pixels:
            raise ImageError(
                f"tiles of {width} x {height} pixels are more than {limits.pixels:,}, the limit of "
                f"--max-pixels"
            )
    claimed = image.width * image.height
    if image.format == "JPEG" and claimed > _HUFFMAN_PIXELS_PER_BYTE * len(data):
        raise ImageError(
            f"its header claims {image.width} x {image.height} pixels over {len(data):,} bytes"
        )
    return image


def check_pixels(image: Image.Image, limits: Limits) -> None:
    """Require that a picture has no more pixels than `limits` allows."""
    if image.width * image.height > limits.pixels:
        raise ImageError(
            f"{image.width} x {image.height} pixels are more than {limits.pixels:,}, the limit "
            f"of --max-pixels, or of the environment variable {MAX_PIXELS}"
        )


def has_pages(image: ImageFile.ImageFile) -> bool:
    """Return whether an opened file, not decoded yet, has a picture after the first."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - damage behind the first picture does not concern it
        return False


def _reader(image_format: str) -> type[ImageFile.ImageFile]:
    if image_format not in EXTRAS:
        return _READERS[image_format]
    require_extra(image_format)
    if image_format == "HEIF":
        from imgclass.images.heif import HeifImageFile

        reader: type[ImageFile.ImageFile] = HeifImageFile
        return reader
    from imgclass.images.dicom import DicomImageFile

    return DicomImageFile
