"""Where records and error rows are written to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import IO, TextIO

from framing.batch.sources import STANDARD

__all__ = ["Sink", "naming"]


@contextmanager
def naming(path: str | None) -> Iterator[None]:
    """Have an error of the disk, which may be full, say which file it met."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = path
        raise


class Sink:
    """A file of lines, or a standard stream, that leaves nothing in a buffer of its own."""

    def __init__(self, path: str, mode: str, standard: TextIO) -> None:
        self._path = path
        self._owned = path != STANDARD
        self._stream: IO[bytes] = open(path, mode, buffering=0) if self._owned else standard.buffer  # noqa: SIM115

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._owned:
            return
        if kind is None:
            self._sync()
        self._stream.close()

    def write(self, rows: Sequence[bytes], *, durable: bool = False) -> None:
        """Hand lines to the system; if `durable`, see them on the disk before returning."""
        if not rows:
            return
        data = memoryview(b"".join(rows))
        with naming(self._path if self._owned else None):
            while data:  # unbuffered streams may take less than all
                data = data[self._stream.write(data) :]
            self._stream.flush()
        if durable and self._owned:
            self._sync()

    def _sync(self) -> None:
        with suppress(OSError):  # not every file system can
            os.fsync(self._stream.fileno())
