"""The values of a gray DICOM image as brightness, as a viewer shows them at first.

The steps are those of the DICOM standard, part 3, C.11: the modality's values (rescale slope and
intercept, or its table), the first window or, without one, the first table of brightness, and the
inversion of MONOCHROME1. Without window and table, 8-bit values are kept, and others are
scaled from the smallest to the largest of the image.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imgclass.errors import ImageError

if TYPE_CHECKING:
    from pydicom import Dataset

Values = NDArray[np.float32]

_BYTE, _WHITE = 8, 255
_LUT_BITS = 2  # the place of the bits of a table's entries in its descriptor


def brightness(stored: NDArray[Any], dataset: "Dataset") -> NDArray[np.uint8]:
    """Return gray of 8 bits, 0 black to 255 white.

    Args:
        stored: `(height, width)`, whole numbers, as in the file.
        dataset: The image's header.
    """
    values = _modality_values(stored, dataset)
    window = _first(dataset, "FrameVOILUTSequence", "WindowWidth")
    if window is not None and window.get("WindowCenter") is not None:
        shares = _windowed(values, window)
    elif dataset.get("VOILUTSequence"):
        shares = _looked_up(values, dataset)
    else:
        shares = _whole_range(stored, values, dataset)
    if not np.isfinite(shares).all():
        raise ImageError("its header scales the values beyond all numbers")
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shares = 1 - shares
    return (shares * _WHITE).round().astype(np.uint8)


def window_shares(values: Values, center: float, width: float, function: str = "LINEAR") -> Values:
    """Return where values lie in a window, 0 at its dark end and 1 at its bright one.

    The formulas are those of the DICOM standard, part 3, C.11.2.1.2 and C.11.2.1.3.

    Args:
        values: Of the modality, such as Hounsfield units.
        center: Of the window.
        width: Of the window; above 0, and for `LINEAR` at least 1.
        function: `LINEAR`, `LINEAR_EXACT` or `SIGMOID`.

    Example:
        >>> window_shares(np.array([-0.5, 49.5, 99.5], np.float32), 50, 101).tolist()
        [0.0, 0.5, 1.0]
    """
    shares: Values
    if function == "SIGMOID":
        shares = 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -80, 80)))
    elif function == "LINEAR_EXACT":
        shares = np.clip((values - center) / width + 0.5, 0, 1)
    elif width == 1:  # a threshold
        shares = (values > center - 0.5).astype(np.float32)
    else:
        shares = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    return shares


def _windowed(values: Values, window: "Dataset") -> Values:
    center, width = _first_number(window.WindowCenter), _first_number(window.WindowWidth)
    function = str(window.get("VOILUTFunction") or "LINEAR")
    if not (np.isfinite(center) and (width >= 1 if function == "LINEAR" else width > 0)):
        raise ImageError(f"its window has the center {center} and the width {width}")
    return window_shares(values, center, width, function)


def _modality_values(stored: NDArray[Any], dataset: "Dataset") -> Values:
    if dataset.get("ModalityLUTSequence"):
        from pydicom.pixels import apply_modality_lut

        return np.asarray(apply_modality_lut(stored, dataset), np.float32)
    rescale = _first(dataset, "PixelValueTransformationSequence", "RescaleSlope")
    values = stored.astype(np.float32)
    if rescale is not None:
        values *= np.float32(rescale.RescaleSlope)
        values += np.float32(rescale.get("RescaleIntercept") or 0)
    return values


def _looked_up(values: Values, dataset: "Dataset") -> Values:
    from pydicom.pixels import apply_voi

    bits = int(dataset.VOILUTSequence[0].LUTDescriptor[_LUT_BITS])
    found = apply_voi(values.astype(np.int32), dataset, index=0)
    return np.asarray(found, np.float32) / np.float32(2**bits - 1)


def _whole_range(stored: NDArray[Any], values: Values, dataset: "Dataset") -> Values:
    bits = int(dataset.BitsStored)
    if bits <= _BYTE and not dataset.PixelRepresentation:
        return stored.astype(np.float32) / np.float32(2**bits - 1)
    padding = dataset.get("PixelPaddingValue")
    shown = values if padding is None else values[stored != padding]
    low, high = (shown.min(), shown.max()) if shown.size else (0, 0)
    shares: Values = np.clip((values - low) / (high - low or 1), 0, 1)
    return shares


def _first(dataset: "Dataset", sequence: str, element: str) -> "Dataset | None":
    """Return the part of the header that has an element: the whole, or that of the first frame."""
    if dataset.get(element) is not None:
        return dataset
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for group in (dataset.get(groups) or [])[:1]:
            for part in (group.get(sequence) or [])[:1]:
                if part.get(element) is not None:
                    found: Dataset = part
                    return found
    return None


def _first_number(value: Any) -> float:
    """Return a number, or the first of several."""
    return float(value[0] if isinstance(value, list | tuple) or hasattr(value, "append") else value)
