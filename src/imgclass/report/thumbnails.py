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
        path: Relative to the data set's folder; only the file's name if it is elsewhere.
        label: The true class.
        predicted: The model's class.
        probability: Of `predicted`, in 0-1.
        label_probability: Of `label`, in 0-1.
        picture: Data URI of a thumbnail; None if the file is missing or not an image.
        is_tiny: Whether it shows every pixel.
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
    """Return up to `most` mistakes, most confident first; their images are read from `data`."""
    of_split = predictions[predictions["split"] == split]
    wrong = of_split[of_split["label"] != of_split["predicted"]]
    ranked = wrong.sort_values(["probability", "path"], ascending=[False, True], kind="stable")
    return tuple(_mistake(row, data) for _, row in ranked.head(most).iterrows())


def thumbnail(path: Path) -> tuple[str, bool] | None:
    """Return an image's data URI, and whether it shows every pixel; None if it cannot be read."""
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
    """Return `path` relative to `data`; None if it is outside.

    A predictions file from elsewhere must not bring other pictures of this machine into a page for
    others. Links are not followed: a data set may consist of them.
    """
    root, whole = (Path(os.path.normpath(p.absolute())) for p in (data, data / path))
    return PurePosixPath(whole.relative_to(root).as_posix()) if whole.is_relative_to(root) else None
