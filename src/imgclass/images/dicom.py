"""DICOM files as Pillow images, read by the package pydicom.

The first frame counts. Its size is checked before anything is decoded, and what a small file could
expand to is bounded: deflated files are refused, and compressed frames must have the size that the
header says.
"""

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFile

from imgclass.errors import ImageError
from imgclass.images.dicom_frames import check_frame
from imgclass.images.dicom_values import brightness

if TYPE_CHECKING:
    from pydicom import Dataset

# It warns of values that break the standard without naming the file.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\b")

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META = 2_000  # bytes in which the header names how the rest is stored
_BYTE = 8


class DicomImageFile(ImageFile.ImageFile):
    """A DICOM file: the size from its header, and when it is loaded the pixels as displayed."""

    format = "DICOM"
    format_description = "DICOM"

    def _open(self) -> None:
        from pydicom import dcmread

        assert self.fp is not None
        data = self.fp.read()
        if _DEFLATED in data[:_META]:
            raise ImageError("its data set is deflated, which could hide any size; save it again")
        dataset = dcmread(io.BytesIO(data))
        if "PixelData" not in dataset:
            kind = getattr(dataset.get("SOPClassUID"), "name", "unknown")
            raise ImageError(f"it holds no pixels of whole numbers; its kind is {kind}")
        self._size = int(dataset.Columns), int(dataset.Rows)
        self._mode = "L" if dataset.SamplesPerPixel == 1 else "RGB"
        if "PALETTE" in str(dataset.PhotometricInterpretation):
            self._mode = "RGB"
        self.info["bit_depth"] = int(dataset.get("BitsStored", _BYTE))
        self.n_frames = int(dataset.get("NumberOfFrames") or 1)
        self.is_animated = self.n_frames > 1
        self._dataset: Dataset | None = dataset

    def load(self) -> Any:
        """Decode the first frame."""
        if self._dataset is not None:
            picture = _picture(self._dataset, self.size)
            self._dataset = None
            self._mode, self._size, self.im = picture.mode, picture.size, picture.im
        return super().load()


def _picture(dataset: "Dataset", size: tuple[int, int]) -> Image.Image:
    """Return the first frame as gray or RGB of 8 bits."""
    from pydicom.pixels import apply_color_lut, pixel_array

    check_frame(dataset, size)
    values = pixel_array(dataset, index=0)
    if "PALETTE" in str(dataset.PhotometricInterpretation):
        values = apply_color_lut(values, dataset)
        return Image.fromarray(_upper_byte(values, 8 * values.dtype.itemsize))
    if dataset.SamplesPerPixel == 1:
        with np.errstate(all="ignore"):  # what is no number is refused there
            return Image.fromarray(brightness(values, dataset))
    return Image.fromarray(_upper_byte(values, int(dataset.BitsStored)))


def _upper_byte(values: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    return (values >> max(0, bits - _BYTE)).astype(np.uint8)
