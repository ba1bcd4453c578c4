"""Compressed files of lines.

Each line that is written is a gzip member or a Zstandard frame of its own, so that a torn end can
be cut off and the finished file has the same bytes however often it was continued.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from framing.exceptions import ArticleError, MissingExtraError

__all__ = ["packer", "unpacked", "unpacked_members", "whole"]

_READ_BYTES = 1 << 16
_GZIP_LEVEL = 6
_LONGEST_TRAILER = 8  # bytes behind the data of a member or frame
_BROKEN_OFF = "{} is damaged: its compressed data breaks off."
_ZSTD_WINDOW = 1 << 31  # what zstd --long=31 needs, which the largest archives are made with


def packer(path: str) -> Callable[[bytes], bytes] | None:
    """What packs a line for a file of this name, or None for a plain one."""
    if path.endswith(".gz"):
        return _pack_gzip
    if path.endswith(".zst"):
        compress: Callable[[bytes], bytes] = _zstandard(path).ZstdCompressor(write_checksum=True).compress
        return compress
    return None


def unpacked(raw: IO[bytes], path: str) -> IO[bytes]:
    """The content of an open file, unpacked as its name says.

    Reading raises OSError where the compressed data is damaged or breaks off.
    """
    if path.endswith(".gz"):
        packed = gzip.GzipFile(fileobj=raw)
        with whole(path):
            packed.peek(1)  # fails here, before anything is written, if it isn't gzip
        return cast("IO[bytes]", packed)
    if path.endswith(".zst"):
        reader = io.BufferedReader(_ZstdReader(raw, path), _READ_BYTES)
        reader.peek(1)
        return reader
    return raw


@contextmanager
def whole(path: str) -> Iterator[None]:
    """Say by an OSError where gzip's data breaks off or is damaged."""
    try:
        yield
    except (EOFError, zlib.error) as error:
        raise OSError(_BROKEN_OFF.format(path)) from error


def unpacked_members(stream: IO[bytes], path: str) -> Iterator[tuple[bytes, int]]:
    """Whole members of a file that was packed line by line, each with the place where it ends."""
    begin = _gzip_member if path.endswith(".gz") else _zstd_frame(path)
    data = b""
    end = 0
    while True:
        unpacker, damage = begin()
        pieces: list[bytes] = []
        while not unpacker.eof:
            data = data or stream.read(_READ_BYTES)
            if not data:
                return
            try:
                pieces.append(unpacker.decompress(data))
            except damage as error:
                if _ends_in_zeros(stream):  # what a power failure may leave
                    return
                raise ArticleError(f"{path} isn't a compressed file of an earlier run.") from error
            end += len(data) - len(unpacker.unused_data)
            data = unpacker.unused_data
        yield b"".join(pieces), end


def _ends_in_zeros(stream: IO[bytes]) -> bool:
    stream.seek(0, io.SEEK_END)
    stream.seek(max(0, stream.tell() - _LONGEST_TRAILER - 1))
    return not stream.read().strip(b"\0")


def _pack_gzip(line: bytes) -> bytes:
    return gzip.compress(line, _GZIP_LEVEL, mtime=0)


def _gzip_member() -> tuple[Any, type[Exception]]:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), zlib.error


def _zstd_frame(path: str) -> Callable[[], tuple[Any, type[Exception]]]:
    zstandard = _zstandard(path)
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    return lambda: (unpacker.decompressobj(), zstandard.ZstdError)


class _ZstdReader(io.RawIOBase):
    """Frames one after the other; zstandard's own reader says nothing where the last one breaks off."""

    def __init__(self, raw: IO[bytes], path: str) -> None:
        self._raw = raw
        self._path = path
        self._begin = _zstd_frame(path)
        self._unpacker: Any = None
        self._data = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._data = self._data or self._raw.read(_READ_BYTES)
            if not self._data:
                if self._unpacker is not None:
                    raise OSError(_BROKEN_OFF.format(self._path))
                return 0
            if self._unpacker is None:
                self._unpacker, self._damage = self._begin()
            try:
                self._ready = memoryview(self._unpacker.decompress(self._data))
            except self._damage as error:
                raise OSError(f"{self._path} is damaged or isn't Zstandard: {error}.") from error
            self._data = self._unpacker.unused_data
            if self._unpacker.eof:
                self._unpacker = None
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def _zstandard(path: str) -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtraError(
            f"{path} is for Zstandard, which isn't installed. Run: pip install 'newsframing[zstd]'", name="zstandard"
        ) from error
    return zstandard
