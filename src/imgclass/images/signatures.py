"""An image's format, told by the first bytes of its file and never by its name."""

from imgclass.errors import ImageError
from imgclass.images.formats import FORMATS

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"RIFF", "WEBP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    *((b"P%d" % digit, "PPM") for digit in range(1, 7)),
)
# The brands of ISO 14496-12, by which files of one container say what they hold.
_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_LONGEST_BRANDS = 256  # bytes
_DICOM = 128  # bytes of any content come before its signature


def format_of(data: bytes) -> str:
    r"""Return the format, a key of `FORMATS`, of a file that begins with `data`.

    Raises:
        ImageError: It is none of them.

    Example:
        >>> format_of(b"GIF89a"), format_of(b"\0\0\0\x14ftypmif1\0\0\0\0avif")
        ('GIF', 'AVIF')
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[4:8] == b"ftyp" and (name := _branded(data)):
        return name
    if data[_DICOM : _DICOM + 4] == b"DICM":
        return "DICOM"
    found = f"it begins with {data[:8]!r}" if data else "the file is empty"
    raise ImageError(f"{found}; the formats are {', '.join(FORMATS)}")


def _branded(data: bytes) -> str:
    end = min(int.from_bytes(data[:4]), _LONGEST_BRANDS)
    brands = {data[at : at + 4] for at in (8, *range(16, end, 4))}
    if brands & _AVIF:
        return "AVIF"
    return "HEIF" if brands & _HEIF else ""
