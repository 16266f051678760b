"""Reading the rows of a Parquet file, batch by batch, without columns that hold no plain values."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imgclass.errors import LabelsError, MachineError
from imgclass.io.regular_file import open_regular

BATCH = 10_000  # rows in memory
MOST_ROWS = 100_000_000
LARGEST = 8 * 2**30  # bytes of the columns that are read, as the file states them

Records = Iterator[tuple[int, Sequence[str]]]


@contextmanager
def open_parquet(path: str | os.PathLike[str]) -> Iterator[tuple[Sequence[str], Records]]:
    """Yield the names of the columns of plain values, and the rows with their numbers from 1."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MachineError(
            f"Expected the package pyarrow, which reads Parquet files such as {os.fspath(path)}; "
            "it is not installed: pip install 'imgclass-keras[parquet]'."
        ) from error
    with open_regular(path) as file:
        try:
            table = parquet.ParquetFile(file)
            names = [field.name for field in table.schema_arrow if _is_plain(field.type)]
            _require_modest(table.metadata, set(names))
            yield names, _rows(table, names)
        except pa.ArrowException as error:
            raise LabelsError(f"a Parquet file expected: {str(error)[:300]}") from error


def _is_plain(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))


def _require_modest(metadata: Any, names: set[str]) -> None:
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in names)
    for received, most, what in (
        (metadata.num_rows, MOST_ROWS, "rows"),
        (size, LARGEST, "bytes in columns of plain values"),
    ):
        if received > most:
            raise LabelsError(f"at most {most:,} {what} expected; received {received:,}")


def _rows(table: Any, names: Sequence[str]) -> Records:
    from imgclass.data.labels.cells import text_of

    number = 0
    for batch in table.iter_batches(batch_size=BATCH, columns=list(names)):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield number, [text_of(value) for value in row]
