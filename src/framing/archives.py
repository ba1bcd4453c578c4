"""Arrays in bytes and back, whoever wrote the bytes.

An archive is a zip of ``.npy`` members, as NumPy writes it. What it states about itself (names, sizes, shapes) is
checked before anything is unpacked or allocated, so that a file made to harm costs no more than a refusal.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from framing.exceptions import ModelError

__all__ = ["MOST_BYTES", "check_archive", "pack_arrays", "unpack_arrays"]

MOST_BYTES = 1 << 30
"""What the files of a model may hold together, unpacked. The largest bundled one has 13 MB."""

_MEMBER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_KINDS = "biufSU"  # numbers and text; objects would need pickle
_DEEPEST = 2  # archives within archives: sparse matrices within skops files


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as an ``.npz`` whose bytes depend on them alone (``numpy.savez`` stamps the time of writing).

    Parameters
    ----------
    arrays : mapping of str to ndarray

    Returns
    -------
    bytes

    Raises
    ------
    ModelError
        If an array holds Python objects, or a name could not be read back.

    Examples
    --------
    >>> unpack_arrays(pack_arrays({"weights": np.arange(3)}))["weights"].tolist()
    [0, 1, 2]
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key in sorted(arrays):
            array = np.asarray(arrays[key])
            if array.dtype.kind not in _KINDS:
                raise ModelError(f"Array {key!r} holds Python objects; store numbers or text (dtype 'U').")
            if not _MEMBER.fullmatch(f"{key}.npy"):
                raise ModelError(f"Array {key!r} has a name of other signs than letters, digits, '_', '-' and '.'.")
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.require(array, requirements="C"), allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return buffer.getvalue()


def unpack_arrays(packed: bytes) -> dict[str, NDArray[Any]]:
    """Read an ``.npz``, without pickle.

    Parameters
    ----------
    packed : bytes

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ModelError
        If it is damaged, holds anything but arrays of numbers and text, or states sizes that do not agree.
    """
    try:
        with _open(packed) as archive:
            arrays = {}
            for info in archive.infolist():
                if not info.filename.endswith(".npy"):
                    raise ModelError(f"{info.filename!r} is no array")
                with archive.open(info) as member:
                    arrays[info.filename.removesuffix(".npy")] = _read_array(member, info.file_size)
            return arrays
    except ModelError:
        raise
    except Exception as error:  # zipfile, zlib and the header's parser raise a dozen kinds on what is damaged
        raise ModelError(f"{type(error).__name__}: {error}") from error


def check_archive(packed: bytes, depth: int = _DEEPEST) -> None:
    """Check a zip of arrays and other files before a library that trusts its sizes reads it.

    Parameters
    ----------
    packed : bytes
    depth : int, default=2
        Archives that may be within each other.

    Raises
    ------
    ModelError
        As :func:`unpack_arrays`.
    """
    try:
        with _open(packed) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    with archive.open(info) as member:
                        _read_header(member, info.file_size)
                elif info.filename.endswith(".npz"):
                    if depth == 1:
                        raise ModelError("archives are within each other too deeply")
                    check_archive(archive.read(info), depth - 1)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"{type(error).__name__}: {error}") from error


def _open(packed: bytes) -> zipfile.ZipFile:
    """A zip whose members have plain names, stand there once, and are not too large together."""
    archive = zipfile.ZipFile(io.BytesIO(packed))
    total, seen = 0, set()
    for info in archive.infolist():
        name = info.orig_filename
        if not _MEMBER.fullmatch(name) or name in seen:
            raise ModelError(f"it has a member named {name[:80]!r}, twice or not a plain name")
        if info.compress_type not in _METHODS or info.flag_bits & 1:
            raise ModelError(f"member {name!r} is encrypted or packed in an unknown way")
        seen.add(name)
        total += info.file_size
    if total > MOST_BYTES:
        raise ModelError(f"it states {total:,} bytes unpacked; a model has {MOST_BYTES:,} at most")
    return archive


def _read_header(member: IO[bytes], size: int) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type of an array whose stated shape fits its size."""
    version = np.lib.format.read_magic(member)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(member)
    else:
        raise ModelError(f"an array has the unknown format {version}")
    if dtype.kind not in _KINDS:
        raise ModelError(f"an array of type {dtype} cannot be read without pickle")
    if any(length < 0 for length in shape) or math.prod(shape) * dtype.itemsize != size - member.tell():
        raise ModelError(f"an array states the shape {shape}, which is not the size of what follows")
    return shape, fortran, dtype


def _read_array(member: IO[bytes], size: int) -> NDArray[Any]:
    shape, fortran, dtype = _read_header(member, size)
    content = bytearray(member.read())
    if not dtype.itemsize:  # empty text; NumPy makes no array of such from bytes
        return np.zeros(shape, dtype=dtype)
    array = np.frombuffer(content, dtype=dtype)
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)
