"""The manifest of a data set: the class, split, bytes and source of each image."""

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Literal, TextIO, get_args

from imgclass.errors import DatasetError
from imgclass.formatting import shown_value
from imgclass.io.untrusted_files import table_rows

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
LARGEST = 4 * 2**30  # bytes: 20 million rows of 200 bytes
_PIXELS = re.compile("[0-9]{1,9}")
_BY_NAME: Mapping[str, Split] = MappingProxyType({split: split for split in SPLITS})


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of a data set.

    Attributes:
        path: Its file, relative to the data set's root, with `/`: `train/cat/12.jpg`.
        label: Its class name, exactly as the CSV has it.
        split: `train`, `val` or `test`.
        sha256: Hash of the file's bytes, 64 hexadecimal digits.
        width: In pixels, as displayed (after EXIF orientation).
        height: Likewise.
        source: The file it came from, relative to the folder of images, with `/`.
        group: The group that the user gave it; empty for none.

    Example:
        >>> Sample("train/cat/1.png", "cat", "train", "0" * 64, 8, 8, "1.png").label
        'cat'
    """

    path: str
    label: str
    split: Split
    sha256: str
    width: int
    height: int
    source: str
    group: str = ""


_WITH_GROUPS = tuple(field.name for field in fields(Sample))
COLUMNS = _WITH_GROUPS[:-1]  # of a data set without groups


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every image of a data set, in label-file order.

    Attributes:
        class_names: Sorted; a label's position here is its index in every flow and model.
        samples: One for each image.

    Example:
        >>> cat = Sample("train/cat/1.png", "cat", "train", "0" * 64, 8, 8, "1.png")
        >>> Manifest(class_names=("cat",), samples=(cat,)).counts
        {'train': 1, 'val': 0, 'test': 0}
    """

    class_names: tuple[str, ...]
    samples: tuple[Sample, ...]

    def of(self, split: Split) -> tuple[Sample, ...]:
        """Return the samples of one split, in order."""
        return tuple(sample for sample in self.samples if sample.split == split)

    @property
    def counts(self) -> dict[Split, int]:
        """Number of images in each split."""
        counts: dict[Split, int] = dict.fromkeys(SPLITS, 0)
        for sample in self.samples:
            counts[sample.split] += 1
        return counts

    def class_counts(self, split: Split) -> dict[str, int]:
        """Return the number of images of each class in one split, in the order of `class_names`."""
        counts = dict.fromkeys(self.class_names, 0)
        for sample in self.of(split):
            counts[sample.label] += 1
        return counts


def write_manifest(file: TextIO, samples: Sequence[Sample]) -> None:
    """Write the header and one row for each sample to an open text file.

    There is a column of groups only if an image has one.

    Args:
        file: Open for writing, line ends not translated.
        samples: In the order to keep.
    """
    plain = csv.writer(file, lineterminator="\n")
    # Before Python 3.13 a carriage return alone is not quoted where lines do not end with it.
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    columns = _WITH_GROUPS if any(s.group for s in samples) else COLUMNS
    plain.writerow(columns)
    for s in samples:
        writer = quoted if "\r" in s.path + s.label + s.source + s.group else plain
        values = (s.path, s.label, s.split, s.sha256, s.width, s.height, s.source, s.group)
        writer.writerow(values[: len(columns)])


def read_manifest(
    path: str | os.PathLike[str],
    class_names: tuple[str, ...] | None = None,
    *,
    limit: int = LARGEST,
    links: bool = True,
) -> Manifest:
    """Read a `manifest.csv`.

    Args:
        path: The file.
        class_names: The classes in order; the sorted labels of the file when not given.
        limit: The most bytes.
        links: Whether the file may be a symbolic link.

    Raises:
        DatasetError: The file is missing or not a manifest; the message names it and the line.
    """
    name = os.fspath(path)
    try:
        samples = tuple(_samples(table_rows(path, limit=limit, links=links), name))
    except OSError as error:
        raise DatasetError(f"Expected a manifest; received {name}: {error.strerror}.") from error
    except DatasetError:
        raise
    except ValueError as error:
        raise DatasetError(str(error)) from error
    names = class_names or tuple(sorted({sample.label for sample in samples}))
    return Manifest(class_names=names, samples=samples)


def _samples(rows: Iterator[tuple[int, list[str]]], name: str) -> Iterator[Sample]:
    _, header = next(rows, (1, []))
    if tuple(header) not in {COLUMNS, _WITH_GROUPS}:
        raise DatasetError(
            f"{name}, line 1: expected the columns {','.join(COLUMNS)}; "
            f"received {','.join(header)[:200]!r}."
        )
    for line, row in rows:
        yield _sample(row, len(header), f"{name}, line {line}")


def _sample(row: list[str], columns: int, at: str) -> Sample:
    if len(row) != columns or (split := _BY_NAME.get(row[2])) is None:
        raise DatasetError(f"{at}: expected {','.join(COLUMNS)}; received {','.join(row)[:200]!r}.")
    path, label, _, sha256, width, height, source, *group = row
    if not (_PIXELS.fullmatch(width) and _PIXELS.fullmatch(height)):
        received = shown_value(f"{width}, {height}")
        raise DatasetError(f"{at}: expected whole numbers of pixels; received {received}.")
    return Sample(path, label, split, sha256, int(width), int(height), source, *group)
