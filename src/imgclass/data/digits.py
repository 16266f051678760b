"""The embedded data set: handwritten digits as numbered images and a CSV.

NOTICE: `digits.npz` holds the test part of E. Alpaydin and C. Kaynak, *Optical Recognition of
Handwritten Digits*, UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49, under
CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/): images as bytes, values unchanged.
"""

import csv
import os
from pathlib import Path

import numpy as np
from PIL import Image

from imgclass.errors import UsageError

_FILE = Path(__file__).with_name("digits.npz")
_FULL_SCALE = 16  # the largest value of a pixel in the file


def write_digits(folder: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Write 1,797 digits of 8 x 8 pixels as `images/1.png`, `images/2.png` ... and `labels.csv`.

    The CSV has the columns `id` and `label`, `0` to `9`. Pen strokes are bright on black.

    Args:
        folder: An empty folder; it is made if it is missing.

    Returns:
        The path of the CSV and that of the folder of images.

    Raises:
        UsageError: `folder` is not empty.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     labels, images = write_digits(folder)
        ...     len(list(images.iterdir())), labels.read_text(encoding="utf-8").splitlines()[:3]
        (1797, ['id,label', '1,0', '2,1'])
    """
    folder = Path(folder)
    images = folder / "images"
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"Expected an empty folder for the digits; received {os.fspath(folder)}.")
    images.mkdir(parents=True)
    with np.load(_FILE) as digits:
        pixels = np.rint(digits["images"] * (255 / _FULL_SCALE)).astype(np.uint8)
        names = digits["labels"].tolist()
    for number, image in enumerate(pixels, start=1):
        Image.fromarray(image).save(images / f"{number}.png")
    labels = folder / "labels.csv"
    with labels.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("id", "label"))
        rows.writerows(enumerate(names, start=1))
    return labels, images
