"""Where articles are read from."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from framing.batch.articles import Line
from framing.batch.packing import unpacked, whole
from framing.batch.parquet import is_parquet, open_parquet, parquet_rows

__all__ = ["STANDARD", "Source", "open_source"]

STANDARD = "-"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of articles.

    Attributes
    ----------
    lines : iterator of tuple
        Numbers, counted from 1, and contents.
    place : callable
        Where the source is when the line of the given number is the last that was read, in whatever
        unit `total` is.
    total : int or None
        None where the end can't be known, as of a pipe.
    """

    lines: Iterator[Line]
    place: Callable[[int], int]
    total: int | None


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a file of articles by its name; ``"-"`` is standard input.

    Raises
    ------
    OSError
        If it can't be read; also later, from `Source.lines`, where it is damaged.
    MissingExtraError
        If what its format needs isn't installed.
    """
    if path == STANDARD:
        yield Source(_lines(sys.stdin.buffer, "standard input"), _nowhere, None)
    elif is_parquet(path):
        with open_parquet(path) as table:
            yield Source(enumerate(parquet_rows(table, path), 1), lambda number: number, table.metadata.num_rows)
    else:
        with open(path, "rb") as raw, unpacked(raw, path) as stream:
            state = os.fstat(raw.fileno())
            if stat.S_ISREG(state.st_mode):
                yield Source(_lines(stream, path), lambda number: raw.tell(), state.st_size)
            else:
                yield Source(_lines(stream, path), _nowhere, None)


def _nowhere(number: int) -> int:
    return 0


def _lines(stream: IO[bytes], path: str) -> Iterator[Line]:
    with whole(path):
        for number, raw in enumerate(stream, 1):
            yield number, raw.removeprefix(_BOM) if number == 1 else raw
