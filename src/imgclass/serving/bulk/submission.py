"""Predictions in the columns and the order of a given sample submission, as Kaggle wants them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imgclass.data.faults import Faults, listing
from imgclass.errors import LabelsError
from imgclass.formatting import count
from imgclass.io.untrusted_files import table_rows
from imgclass.serving.bulk.image_finder import ImageFinder
from imgclass.serving.bulk.table import Row, format_probability
from imgclass.serving.prediction import Prediction

LARGEST = 2**30  # bytes of a sample submission: ten million rows of 100 bytes
BYTE_ORDER_MARK = "\ufeff"  # Excel writes it in front of a CSV in UTF-8
SHOWN_VALUES = 100  # different values of a column that are looked at


@dataclass(frozen=True, slots=True)
class Submission:
    """A table with the header, the ids and the order of a sample submission.

    Attributes:
        sample: The sample's file.
        header: Its columns; the first one has the ids.
        images: The path of the image that each id means.
        classes: The class that each column after the ids gives the probability of, by its place
            among the model's classes; None if the one column has the class itself.
        left_out: Number of images that no id means.
    """

    sample: Path
    header: Row
    images: Sequence[str]
    classes: tuple[int, ...] | None
    left_out: int = 0

    def keys(self) -> Iterator[str]:
        """Yield the id of each row."""
        return (fields[0] for fields in _body(self.sample, self.header))

    def rows(self, start: int) -> Callable[[Prediction], Row]:
        """Return what makes one row after the other, from row `start` (from 0) on.

        The row of an image that cannot be read is the sample's own, so that the file stays one
        that can be submitted.
        """
        sample = islice(_body(self.sample, self.header), start, None)

        def row(prediction: Prediction) -> Row:
            fields = next(sample)
            if prediction.error:
                return fields
            if self.classes is None:
                return (fields[0], prediction.top1)
            scores = prediction.probabilities
            return (fields[0], *(format_probability(scores[i]) for i in self.classes))

        return row


def read_submission(
    sample: str | os.PathLike[str], class_names: Sequence[str], images: Sequence[str]
) -> Submission:
    """Read a sample submission, and find the image of each of its ids.

    The first column has the ids: names of images, with or without extension or folder. Either one
    column follows, whose values are classes, or a column for each class, named for it, in any
    order. For a model of two classes, one of these columns is enough.

    Args:
        sample: The CSV file, with commas.
        class_names: The model's classes.
        images: The paths of the images to predict.

    Raises:
        LabelsError: It is no such file, or does not match the classes or the images; the message
            shows the header and the classes.
    """
    path = Path(sample)
    try:
        header = tuple(next(_records(path), ()))
        classes = _classes(path, header, tuple(class_names))
        found, left_out = _images(path, header, images)
    except OSError as error:
        raise LabelsError(
            f"Expected a sample submission; received {path}: {error.strerror or error}."
        ) from error
    except LabelsError:
        raise
    except ValueError as error:
        raise LabelsError(str(error)) from error
    return Submission(path, header, found, classes, left_out)


def _records(path: Path) -> Iterator[list[str]]:
    for number, (_, fields) in enumerate(table_rows(path, limit=LARGEST, links=True)):
        if number == 0 and fields:
            fields[0] = fields[0].removeprefix(BYTE_ORDER_MARK)
        yield fields


def _body(path: Path, header: Row) -> Iterator[Row]:
    """Yield the rows below the header; blank lines are skipped."""
    for number, fields in enumerate(islice(_records(path), 1, None), 1):
        if fields:
            if len(fields) != len(header):
                raise LabelsError(
                    f"{path}, row {number}: expected {count(len(header), 'field')}, as in its "
                    f"header {_shown(header)}; received {len(fields):,}."
                )
            yield fields


def _classes(path: Path, header: Row, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return which class each column is about, or None if one column has the class itself."""
    columns = header[1:]
    places = [_place(column, names) for column in columns]
    known = [place for place in places if place is not None]
    fits_all = len(set(known)) == len(columns) == len(names)
    fits_one = len(known) == len(columns) == 1 and len(names) == 2  # noqa: PLR2004 - the other is 1 - p
    if fits_all or fits_one:
        return tuple(known)
    if len(columns) == 1:
        return _classes_of_values(path, header, names)
    unknown = [column for column, place in zip(columns, places, strict=True) if place is None]
    absent = [name for i, name in enumerate(names) if i not in known]
    problems = [
        f"{what} {listing(some)}"
        for what, some in (("no class is called", unknown), ("no column is called", absent))
        if some
    ] or ["a class has several columns" if columns else "there is no second column"]
    raise _mismatch(path, header, names, "; ".join(problems))


def _classes_of_values(path: Path, header: Row, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return None if the values of the only column are classes, or may be."""
    values: dict[str, None] = {}
    for fields in _body(path, header):
        values[fields[1]] = None
        if len(values) > SHOWN_VALUES:
            break
    others = [value for value in values if value and value not in names]
    if not others:
        return None
    if set(names) == {"0", "1"} and all(map(_is_probability, others)):
        return (names.index("1"),)
    raise _mismatch(
        path,
        header,
        names,
        f"{header[1]!r} holds {listing(others)}, which is no class. A column of probabilities must "
        f"be named for its class",
    )


def _mismatch(path: Path, header: Row, names: Sequence[str], problem: str) -> LabelsError:
    return LabelsError(
        f"Expected {path} to have a column of ids, and either one column of classes or a column of "
        f"probabilities for each class; {problem}.\nits header: {_shown(header)}\n"
        f"the classes: {listing(names)}"
    )


def _images(path: Path, header: Row, images: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the image of each id, and the number of images without an id."""
    finder, found, faults = ImageFinder.of(images), [], Faults()
    for fields in _body(path, header):
        files = finder.find(fields[0])
        if len(files) == 1:
            found.append(files[0])
        else:
            what = f"could mean any of {listing(files)}" if files else "no image is called so"
            faults.add(f"{fields[0]!r}: {what}")
    if faults:
        raise LabelsError(
            f"Expected an image for each id of {path}, the column {header[0]!r} of its header "
            f"{_shown(header)}; of {len(faults) + len(found):,} ids, {len(faults):,} have none, or "
            f"several:\n{faults}"
        )
    if not found:
        raise LabelsError(f"Expected ids below the header {_shown(header)} of {path}; it has none.")
    return tuple(found), len(images) - len(set(found))


def _place(column: str, names: Sequence[str]) -> int | None:
    """Return the place of the class that a column is named for, if need be in another case."""
    if column in names:
        return names.index(column)
    alike = [i for i, name in enumerate(names) if name.casefold() == column.strip().casefold()]
    return alike[0] if len(alike) == 1 else None


def _is_probability(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _shown(header: Row) -> str:
    return listing(header)
