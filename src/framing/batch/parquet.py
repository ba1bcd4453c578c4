"""Parquet files of articles and of records.

A Parquet file can be read only once its end is written, so records go to a file of compressed lines
beside the target first, which a killed run can continue, and become Parquet when all are there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from framing.batch.columns import COLUMNS, column_values
from framing.exceptions import MissingExtraError

__all__ = [
    "check_parquet",
    "is_parquet",
    "journal_path",
    "open_parquet",
    "parquet_records",
    "parquet_rows",
    "write_parquet",
]

_GROUP_ROWS = 10_000
_GROUP_BYTES = 16 << 20  # of JSON; in memory it is several times that
_ROWS_READ = 64
_READ_BYTES = 1 << 20


def is_parquet(path: str) -> bool:
    """Whether the name is that of a Parquet file."""
    return path.endswith(".parquet")


def journal_path(target: str) -> str:
    """Where the records of a Parquet target are collected; of any other target, the target itself."""
    return target + ".partial.jsonl.gz" if is_parquet(target) else target


def check_parquet(path: str) -> None:
    """Raise MissingExtraError if the name is that of a Parquet file and pyarrow isn't installed."""
    if is_parquet(path):
        _pyarrow(path)


@contextmanager
def open_parquet(path: str) -> Iterator[Any]:
    """An open ``pyarrow.parquet.ParquetFile``.

    Raises
    ------
    OSError
        If it can't be read.
    MissingExtraError
        If pyarrow isn't installed.
    """
    pyarrow = _pyarrow(path)
    with open(path, "rb") as raw:
        try:
            table = pyarrow.parquet.ParquetFile(raw, buffer_size=_READ_BYTES, pre_buffer=False)
        except pyarrow.ArrowInvalid as error:
            raise OSError(f"{path} is damaged or isn't Parquet: {error}") from error
        yield table


def parquet_rows(table: Any, path: str) -> Iterator[dict[str, Any]]:
    """Rows as dictionaries."""
    pyarrow = _pyarrow(path)
    try:
        for part in table.iter_batches(batch_size=_ROWS_READ):
            yield from part.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise OSError(f"{path} is damaged: {error}") from error


def parquet_records(path: str) -> Iterator[bytes]:
    """The records of a file that `write_parquet` wrote, as lines.

    Raises
    ------
    OSError
        If it isn't one.
    """
    with open_parquet(path) as table:
        if "record" not in table.schema_arrow.names:
            raise OSError(f"{path} has no column 'record': it isn't a file of an earlier run.")
        for row in parquet_rows(table, path):
            yield row["record"].encode("utf-8")


def write_parquet(path: str, lines: Iterable[bytes]) -> None:
    """Write records, given as lines, so that at any moment there is the whole file at this place or none.

    Where row groups end depends on the records alone.
    """
    pyarrow = _pyarrow(path)
    types = {"string": pyarrow.string(), "bigint": pyarrow.int64(), "double": pyarrow.float64()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    unfinished = path + ".partial"
    with open(unfinished, "wb") as raw:
        with pyarrow.parquet.ParquetWriter(raw, schema, compression="zstd", use_dictionary=False) as writer:
            for group in _groups(lines):
                columns = zip(*group, strict=True)
                arrays = [pyarrow.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
                writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
        raw.flush()
        os.fsync(raw.fileno())
    os.replace(unfinished, path)


def _groups(lines: Iterable[bytes]) -> Iterator[list[list[Any]]]:
    group: list[list[Any]] = []
    size = 0
    for line in lines:
        record: Mapping[str, Any] = json.loads(line)
        group.append(column_values(record, line.removesuffix(b"\n")))
        size += len(line)
        if len(group) == _GROUP_ROWS or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _pyarrow(path: str) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            f"{path} is for pyarrow, which isn't installed. Run: pip install 'newsframing[parquet]'", name="pyarrow"
        ) from error
    return pyarrow
