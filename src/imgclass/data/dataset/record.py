"""The two JSON files beside the manifest of an organized data set."""

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from imgclass.data.manifest import Manifest, Split
from imgclass.data.options import Options

MANIFEST = "manifest.csv"
DATASET = "dataset.json"
LEFT_OUT = "left_out.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """The content of `dataset.json`; `class_names` are in the order of every model's outputs.

    Images that are added later are split by their hash in 0-1: below the first threshold test,
    below the second val, else train. `moved_from` is None unless the images were moved.
    """

    format: int
    class_names: tuple[str, ...]
    counts: Mapping[Split, int]
    options: Options
    thresholds: tuple[float, float]
    labels_sha256: str
    moved_from: str | None
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An image that was left out of the data set because it cannot be used.

    Attributes:
        source: The file, relative to the folder of images, with `/`.
        label: Its class name.
        reason: What is wrong with it.
    """

    source: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """An image that was left out because another has its bytes and its label.

    Attributes:
        source: The file, relative to the folder of images, with `/`; it was left where it is.
        label: Its class name.
        kept: The file that is in the data set.
    """

    source: str
    label: str
    kept: str


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two images that are one picture.

    Attributes:
        a: The first file, relative to the folder of images, with `/`.
        b: The second file.
        labels: The class names of both.
        distance: 0 for the same picture; 1 - correlation after alignment.
        is_exact: Whether the files are equal byte by byte.
        is_mirrored: Whether one is the mirror image of the other.
    """

    a: str
    b: str
    labels: tuple[str, str]
    distance: float
    is_exact: bool = False
    is_mirrored: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether the labels differ, so that one of them is probably wrong."""
        return self.labels[0] != self.labels[1]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was found and is not in the data set; the content of `left_out.json`.

    Attributes:
        quarantined: Images that cannot be used.
        rows_without_image: Ids of rows without a file.
        images_without_row: Files without a row.
        notices: What else a user should know, one sentence each.
        repeated: Images left out because others have their bytes.
        duplicates: Pairs that are one picture: those with two labels first, then equal files, then
            closest first; the first 10,000.
    """

    quarantined: tuple[Quarantined, ...] = ()
    rows_without_image: tuple[str, ...] = ()
    images_without_row: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    duplicates: tuple[PicturePair, ...] = ()


def make_record(
    manifest: Manifest,
    options: Options,
    *,
    labels_sha256: str,
    moved_from: str | None,
    thresholds: tuple[float, float] | None = None,
) -> DatasetRecord:
    """Return the record of a data set that is being made now.

    `thresholds` are given for an update; a new data set's follow from its counts.
    """
    counts, total = manifest.counts, len(manifest.samples)
    return DatasetRecord(
        format=FORMAT,
        class_names=manifest.class_names,
        counts=counts,
        options=options,
        thresholds=thresholds or (counts["test"] / total, (counts["test"] + counts["val"]) / total),
        labels_sha256=labels_sha256,
        moved_from=moved_from,
        versions={
            "imgclass": version("imgclass-keras"),
            "python": platform.python_version(),
            "pillow": version("pillow"),
        },
    )


def file_sha256(path: str | os.PathLike[str]) -> str:
    """Return the hash of a file's bytes, 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
