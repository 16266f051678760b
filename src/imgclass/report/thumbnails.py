"""Images as small pictures inside a page."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.decoding import read_image
from imgclass.images.pixels import Pixels
from imgclass.report.datauri import data_uri

SIDE = 224  # pixels; shown at half of it
QUALITY = 82


def thumbnail(path: Path) -> tuple[str, bool] | None:
    """Return an image's data URI, and whether it shows every pixel; None if it cannot be read."""
    try:
        return small_picture(read_image(path))
    except ImageError:
        return None


def small_picture(pixels: Pixels) -> tuple[str, bool]:
    """Return the data URI of a picture of at most 224 pixels a side, and whether it is whole."""
    image = Image.fromarray(pixels)
    is_tiny = max(image.size) <= SIDE // 2
    image.thumbnail((SIDE, SIDE))
    content = BytesIO()
    if is_tiny:
        image.save(content, "PNG")
        return data_uri("image/png", content.getvalue()), True
    image.save(content, "JPEG", quality=QUALITY)
    return data_uri("image/jpeg", content.getvalue()), False
