"""Predictions printed as they come, or written to a CSV file."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgclass.cli.output import emit, note
from imgclass.cli.prediction_progress import prediction_progress
from imgclass.cli.prediction_text import PredictionLines, prediction_payload
from imgclass.cli.predictor import Predictor
from imgclass.cli.streamed_output import print_json_list, print_lines
from imgclass.errors import ImageError
from imgclass.formatting import count, duration

if TYPE_CHECKING:
    from imgclass.serving import Prediction
    from imgclass.serving.bulk import Table, WrittenTable

# Lines that wait for the first image that can be read: if there is none, that is an error.
HELD = 1000


def print_text(images: Sequence[str], predictor: Predictor, lines: PredictionLines) -> int:
    """Print a line an image; return how many could not be read."""
    return _print(images, predictor, lines.heading, lines.line)


def print_csv(table: "Table", predictor: Predictor) -> int:
    """Print a table as CSV; return how many images could not be read."""
    from imgclass.serving.bulk import format_rows

    row = table.rows(0)

    def line(fields: Sequence[str]) -> str:
        return format_rows([fields]).decode("utf-8", "surrogateescape")[:-1]

    return _print(table.images, predictor, line(table.header), lambda each: line(row(each)))


def print_json(
    images: Sequence[str], predictor: Predictor, *, top: int, threshold: float | None
) -> int:
    """Print one object with all predictions; return how many images could not be read."""
    with prediction_progress(len(images)) as move:
        counted = _Counted(predictor.predictions(images), move)

        def rows() -> Iterator[dict[str, Any]]:
            for prediction in counted:
                yield prediction_payload(prediction, top=top, threshold=threshold)
            counted.require_some()

        print_json_list("predictions", rows())
    return counted.unread


def write_csv(
    file: Path, table: "Table", predictor: Predictor, *, options: dict[str, Any], json: bool
) -> int:
    """Write a CSV file, or the rest of one; return how many images could not be read."""
    from imgclass.serving.bulk import open_table, task_of

    images, speed, began = table.images, "", time.monotonic()
    with open_table(table, file, task_of(predictor.classifier, table, options=options)) as written:
        if found := written.rows:
            note(f"{file} has {found:,} of {count(len(images), 'row')} already; going on there.")
        if found < len(images):
            size = predictor.batch_size()
            written.keep_whole_batches(size)
            start, loaded = written.rows, time.monotonic()
            with prediction_progress(len(images), start=start) as move:
                predictions = predictor.predictions(images, start=start)
                for done in written.write(predictions, at_once=size):
                    move(done)
            per_second = (len(images) - start) / (time.monotonic() - loaded)
            speed = f", {per_second:,.0f} images/s once the model was loaded"
        if written.unread == len(images):
            written.discard()
            raise _none_readable(len(images), written.named[0][1])
    seconds = time.monotonic() - began
    text = f"{file}: {count(written.rows, 'row')}, {duration(seconds)}{speed}"
    emit(_written_payload(file, written, seconds), text, as_json=json)
    _note_unread(written)
    return written.unread


def _print(
    images: Sequence[str],
    predictor: Predictor,
    heading: str,
    line: "Callable[[Prediction], str]",
) -> int:
    # A terminal that shows the lines needs no other sign of progress.
    with prediction_progress(len(images), is_shown=not sys.stdout.isatty()) as move:
        counted = _Counted(predictor.predictions(images), move)

        def lines() -> Iterator[str]:
            held = [heading]
            for prediction in counted:
                held.append(line(prediction))
                if counted.unread < counted.done or len(held) > HELD:
                    yield from held
                    held.clear()
            counted.require_some()
            yield from held

        print_lines(lines())
    return counted.unread


@dataclass(slots=True)
class _Counted:
    """Predictions, counted as they pass."""

    predictions: "Iterator[Prediction]"
    move: Callable[[int], None]
    done: int = 0
    unread: int = 0
    first: str = ""

    def __iter__(self) -> "Iterator[Prediction]":
        for prediction in self.predictions:
            self.done += 1
            if prediction.error:
                self.unread += 1
                self.first = self.first or str(prediction.error)
            self.move(self.done)
            yield prediction

    def require_some(self) -> None:
        """Require that an image could be read."""
        if self.unread == self.done:
            raise _none_readable(self.done, self.first)


def _none_readable(images: int, reason: str) -> ImageError:
    more = f"None of the {images:,} images could be read. " if images > 1 else ""
    return ImageError(f"{more}{reason}")


def _written_payload(file: Path, written: "WrittenTable", seconds: float) -> dict[str, Any]:
    return {
        "csv": str(file),
        "images": written.rows,
        "unread": written.unread,
        "first_unread": [{"path": path, "error": reason} for path, reason in written.named],
        "seconds": round(seconds, 3),
    }


def _note_unread(written: "WrittenTable") -> None:
    if written.unread:
        named = "".join(f"\n  {reason}" for _, reason in written.named)
        more = written.unread - len(written.named)
        rest = f"\n  and {more:,} more" if more else ""
        note(f"{count(written.unread, 'image')} could not be read:{named}{rest}")
