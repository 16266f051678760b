"""The images in what people have: files, folders, PIL images, arrays, columns, data sets."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgclass.errors import ImageError, UsageError
from imgclass.images.decoding import picture_to_rgb, read_image
from imgclass.images.folder_contents import linked_files, scan_images, unread_images
from imgclass.images.formats import split_extension
from imgclass.images.pixels import Pixels
from imgclass.serving.arrays import BATCH, ArrayReader

ImageLike = str | os.PathLike[str] | npt.NDArray[Any] | Image.Image
Images = ImageLike | Iterable[Any]

KINDS = "a path, a PIL image or an array"


def expand(images: Images) -> Iterator[Path | Pixels | ImageError]:
    """Yield each image: its unopened file, its pixels as uint8 `(height, width, 3)`, or its error.

    Example:
        >>> file, pixels, error = expand(["cat.jpg", np.zeros((1, 1), np.uint8), 7])
        >>> file.name, pixels.shape
        ('cat.jpg', (1, 1, 3))
        >>> error
        ImageError('Expected a path, a PIL image or an array; received a value of type int.')
    """
    arrays = ArrayReader()
    is_empty = True
    for part in _parts(images):
        for image in _images(part, arrays):
            is_empty = False
            yield image
    if is_empty:
        raise UsageError(f"Expected at least one image; received an empty {_kind(images)}.")


def read_pixels(image: Path | Pixels | ImageError) -> Pixels | ImageError:
    """Return the pixels of what `expand` yields, or its error."""
    if not isinstance(image, Path):
        return image
    try:
        return read_image(image)
    except ImageError as error:
        return error


def is_one_image(images: Images) -> bool:
    """Return whether something is one image, and no collection."""
    if isinstance(images, str | os.PathLike):
        return not Path(images).is_dir()
    return isinstance(images, Image.Image) or (_is_numeric(images) and _dimensions(images) != BATCH)


def _parts(images: Images) -> Iterable[Any]:
    """Return the parts of a collection; one image is a collection of one."""
    if isinstance(images, str | os.PathLike | Image.Image) or _is_numeric(images):
        return (images,)
    if (pandas := sys.modules.get("pandas")) and isinstance(images, pandas.DataFrame):
        if images.shape[1] != 1:
            raise UsageError(
                f"Expected a table of one column, the paths; received {images.shape[1]:,} columns. "
                f"Give one of them: frame['path']."
            )
        column: Iterable[Any] = images.iloc[:, 0]
        return column
    if hasattr(images, "as_numpy_iterator"):  # tf.data.Dataset
        return map(_without_labels, images.as_numpy_iterator())
    if (keras := sys.modules.get("keras")) and isinstance(images, keras.utils.PyDataset):
        return (_without_labels(images[i]) for i in range(len(images)))
    if isinstance(images, Iterable) and not isinstance(images, bytes | dict):
        return images
    raise UsageError(
        f"Expected {KINDS}, a folder, or a list, a column or a data set of these; received "
        f"a value of type {_kind(images)}."
    )


def _images(part: Any, arrays: ArrayReader) -> Iterable[Path | Pixels | ImageError]:
    if isinstance(part, str | os.PathLike):
        path = Path(part)
        return folder_images(path) if path.is_dir() else (path,)
    try:
        if isinstance(part, Image.Image):
            return (picture_to_rgb(part),)
        if _is_numeric(part):
            return arrays.images(np.asarray(part))
    except ImageError as error:
        return (error,)
    return (ImageError(f"Expected {KINDS}; received a value of type {_kind(part)}."),)


def folder_images(folder: Path) -> Iterable[Path]:
    """Return the files and links to files at any depth that are named as images, sorted.

    They include those for which an extra package is missing, so that each is named.
    """
    found = scan_images(folder)
    files = (*found.files, *linked_files(found, folder), *unread_images(found))
    names = sorted(name for name in files if split_extension(name)[1])
    if not names:
        raise UsageError(
            f"Expected a folder with images; none of the {len(files):,} files below {folder} has "
            f"an ending such as .jpg or .png."
        )
    return (folder / name for name in names)


def _is_numeric(value: Any) -> bool:
    """Return whether a value is an array, of NumPy or of a tensor library."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and hasattr(value, "__array__") and _dimensions(value) > 1


def _dimensions(array: Any) -> int:
    return len(getattr(array, "shape", ()))


def _without_labels(batch: Any) -> Any:
    """Return the images of a batch, which may be `(images, labels)`."""
    return batch[0] if isinstance(batch, tuple | list) else batch


def _kind(value: Any) -> str:
    return type(value).__name__
