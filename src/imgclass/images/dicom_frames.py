"""Checks of a compressed DICOM frame before it is decoded: no small file shall fill the memory."""

import io
from typing import TYPE_CHECKING

from PIL import Jpeg2KImagePlugin, JpegImagePlugin

from imgclass.errors import ImageError

if TYPE_CHECKING:
    from pydicom import Dataset

_JPEG, _JPEG_2000 = b"\xff\xd8\xff", (b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP")
_HEADER = 64  # bytes of an RLE frame
_SEGMENTS = 15  # at most in one
_RUN = 128  # the byte before a run is above it, that before single bytes below it


def check_frame(dataset: "Dataset", size: tuple[int, int]) -> None:
    """Require that the first frame, if compressed, expands to `(width, height)` pixels."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_compressed:
        return
    from pydicom.encaps import get_frame
    from pydicom.pixels import get_decoder

    frames = int(dataset.get("NumberOfFrames") or 1)
    if not get_decoder(syntax).is_available:
        raise ImageError(
            f"its pixels are stored as {syntax.name}, for which pydicom needs another package; "
            f"`pip install python-gdcm` has most, or save it uncompressed"
        )
    frame = get_frame(dataset.PixelData, 0, number_of_frames=frames)
    if syntax.name == "RLE Lossless":
        _check_runs(frame, size[0] * size[1])
    elif (found := _picture_size(frame)) is not None and found != size:
        raise ImageError(
            f"its header says {size[0]} x {size[1]} pixels, and its first frame "
            f"{found[0]} x {found[1]}"
        )


def _picture_size(frame: bytes) -> tuple[int, int] | None:
    """Return `(width, height)` of a JPEG or JPEG 2000; None for another codec."""
    if frame.startswith(_JPEG):
        return JpegImagePlugin.JpegImageFile(io.BytesIO(frame)).size
    if frame.startswith(_JPEG_2000):
        return Jpeg2KImagePlugin.Jpeg2KImageFile(io.BytesIO(frame)).size
    return None


def _check_runs(frame: bytes, most: int) -> None:
    """Require that no segment of an RLE frame expands to more than `most` bytes, and padding."""
    count = min(int.from_bytes(frame[:4], "little"), _SEGMENTS)
    starts = [int.from_bytes(frame[4 * i : 4 * i + 4], "little") for i in range(1, count + 1)]
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        if _expanded(frame[start:end], most) > most + _HEADER:
            raise ImageError(f"its first frame expands to more than the {most:,} pixels it claims")


def _expanded(segment: bytes, most: int) -> int:
    """Return to how many bytes a segment expands; counting stops a little after `most`."""
    at = total = 0
    while at < len(segment) and total <= most + _HEADER:
        length = segment[at]
        if length < _RUN:
            total += length + 1
            at += length + 2
        elif length > _RUN:
            total += 2 * _RUN + 1 - length
            at += 2
        else:  # nothing follows
            at += 1
    return total
