"""The process that reads a Parquet file: damaged ones end it, and not the one that asks.

It is run with the file as its standard input, and the most rows and bytes as its words. It writes a
line of JSON for the names of the columns and for each row, or an object with the error.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from imgclass.data.labels.cells import text_of

BATCH = 10_000  # rows in memory


def main() -> None:
    """Write the header and the rows of the standard input; of a damaged file, what is wrong."""
    most_rows, most_bytes = map(int, sys.argv[1:])
    try:
        for line in _lines(sys.stdin.buffer, most_rows, most_bytes):
            sys.stdout.write(f"{json.dumps(line)}\n")
    except Exception as error:  # noqa: BLE001 - damaged files raise errors of every kind
        sys.stdout.write(f"{json.dumps({'error': f'{type(error).__name__}: {error}'[:300]})}\n")


def _lines(file: BinaryIO, most_rows: int, most_bytes: int) -> Iterator[list[str]]:
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    names = [field.name for field in table.schema_arrow if _is_plain(field.type)]
    _require_modest(table.metadata, set(names), most_rows, most_bytes)
    yield names
    for batch in table.iter_batches(batch_size=BATCH, columns=names):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [text_of(value) for value in row]


def _is_plain(kind: Any) -> bool:
    """Return whether a column holds plain values; published data sets embed images in others."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))


def _require_modest(metadata: Any, names: set[str], most_rows: int, most_bytes: int) -> None:
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in names)
    for received, most, what in (
        (metadata.num_rows, most_rows, "rows"),
        (size, most_bytes, "bytes in columns of plain values"),
    ):
        if received > most:
            raise ValueError(f"expected at most {most:,} {what}; received {received:,}")


if __name__ == "__main__":
    main()
