"""The most confident mistakes, as small pictures inside the page."""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from imgclass.data.manifest import Split
from imgclass.errors import ImageError
from imgclass.images.decoding import read_image
from imgclass.report.datauri import data_uri

SIDE = 224  # pixels; shown at half of it


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image that was classified wrongly.

    Attributes:
        path: The file, relative to the data set's folder; only its name if it is elsewhere.
        label: Its class by its label.
        predicted: Its class by the model.
        probability: What the model gave `predicted`, in 0-1.
        label_probability: What the model gave `label`, in 0-1.
        picture: Data URI of a thumbnail; None if the file is missing or not an image.
        is_tiny: Whether the picture is the whole image, pixel by pixel.
    """

    path: str
    label: str
    predicted: str
    probability: float
    label_probability: float
    picture: str | None
    is_tiny: bool


def most_confident_mistakes(
    predictions: pd.DataFrame, split: Split, *, data: Path, most: int
) -> tuple[Mistake, ...]:
    """Return the mistakes of one split in which the model was most confident, in that order.

    Args:
        predictions: `Evaluation.predictions`.
        split: Which images.
        data: The data set's folder; the images are read from it.
        most: How many to return at most.
    """
    of_split = predictions[predictions["split"] == split]
    wrong = of_split[of_split["label"] != of_split["predicted"]]
    ranked = wrong.sort_values(["probability", "path"], ascending=[False, True], kind="stable")
    return tuple(_mistake(row, data) for _, row in ranked.head(most).iterrows())


def thumbnail(path: Path) -> tuple[str, bool] | None:
    """Return a data URI of the image `path`, and whether it shows every pixel.

    Returns None if there is no such file, or if it is not an image that can be shown.
    """
    from PIL import Image

    try:
        image = Image.fromarray(read_image(path))
    except ImageError:
        return None
    is_tiny = max(image.size) <= SIDE // 2
    image.thumbnail((SIDE, SIDE))
    content = BytesIO()
    if is_tiny:
        image.save(content, "PNG")
        return data_uri("image/png", content.getvalue()), True
    image.save(content, "JPEG", quality=88)
    return data_uri("image/jpeg", content.getvalue()), False


def _mistake(row: "pd.Series[Any]", data: Path) -> Mistake:
    inside = _inside(str(row["path"]), data)
    shown = thumbnail(data / inside) if inside else None
    picture, is_tiny = shown or (None, False)
    return Mistake(
        path=inside.as_posix() if inside else PurePosixPath(str(row["path"])).name,
        label=str(row["label"]),
        predicted=str(row["predicted"]),
        probability=float(row["probability"]),
        label_probability=float(row["label_probability"]),
        picture=picture,
        is_tiny=is_tiny,
    )


def _inside(path: str, data: Path) -> PurePosixPath | None:
    """Return `path` relative to `data`; None if it is not inside it.

    A prediction file from elsewhere must not bring other pictures of this machine into a page that
    is given to others. Links are not followed, because a data set may consist of them.
    """
    root, whole = (Path(os.path.normpath(p.absolute())) for p in (data, data / path))
    return PurePosixPath(whole.relative_to(root).as_posix()) if whole.is_relative_to(root) else None
