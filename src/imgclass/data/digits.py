"""The embedded data set: scikit-learn's handwritten digits as numbered images and a CSV."""

import csv
import os
from pathlib import Path

import numpy as np
from PIL import Image

from imgclass.errors import UsageError

_FULL_SCALE = 16  # the digits' values are 0-16


def write_digits(folder: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Write 1,797 digits of 8 x 8 pixels as `images/1.png`, `images/2.png` ... and `labels.csv`.

    The CSV has the columns `id` and `label`; labels are the figures `0` to `9`, so that they sort
    and read naturally in tables. Pen strokes are bright on black, as in the data set, which is the
    test part of E. Alpaydin and C. Kaynak's *Optical Recognition of Handwritten Digits* (UCI,
    1998) as scikit-learn carries it.

    Args:
        folder: Made where it is missing; must be empty.

    Returns:
        The path of the CSV and that of the folder of images.

    Raises:
        UsageError: `folder` holds something already.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     labels, images = write_digits(folder)
        ...     len(list(images.iterdir())), labels.read_text(encoding="utf-8").splitlines()[:3]
        (1797, ['id,label', '1,0', '2,1'])
    """
    from sklearn.datasets import load_digits

    folder = Path(folder)
    images = folder / "images"
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"Expected an empty folder for the digits; received {os.fspath(folder)}.")
    images.mkdir(parents=True)
    digits = load_digits()
    pixels = np.rint(digits.images * (255 / _FULL_SCALE)).astype(np.uint8)
    for number, image in enumerate(pixels, start=1):
        Image.fromarray(image).save(images / f"{number}.png")
    labels = folder / "labels.csv"
    with labels.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("id", "label"))
        rows.writerows(enumerate(map(str, digits.target), start=1))
    return labels, images
