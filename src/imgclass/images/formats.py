"""The image formats that imgclass reads, and the file extensions that go with them."""

from collections.abc import Mapping
from types import MappingProxyType

FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
        "PNG": ("png", "apng"),
        "GIF": ("gif",),
        "BMP": ("bmp",),
        "WEBP": ("webp",),
        "TIFF": ("tif", "tiff"),
        "PPM": ("ppm", "pgm", "pbm", "pnm"),
        "AVIF": ("avif",),
        "HEIF": ("heic", "heif", "hif"),
        "DICOM": ("dcm", "dicom"),
    }
)
FORMAT_OF: Mapping[str, str] = MappingProxyType(
    {extension: name for name, group in FORMATS.items() for extension in group}
)
EXTENSIONS = frozenset(FORMAT_OF)


def split_extension(path: str) -> tuple[str, str]:
    """Return `path` without its image extension, and that in lower case; empty if it has none.

    Example:
        >>> split_extension("cats/0001.JPG"), split_extension("cats/v1.5")
        (('cats/0001', 'jpg'), ('cats/v1.5', ''))
    """
    stem, _, ending = path.rpartition(".")
    extension = ending.lower()
    if extension in EXTENSIONS and stem and not stem.endswith("/"):
        return stem, extension
    return path, ""
