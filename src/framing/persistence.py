"""Read and write models: a JSON manifest beside NumPy arrays, and nothing that can run code.

A model is a folder with ``manifest.json``, ``arrays.npz`` and, for published models, ``CARD.md``. The
manifest names the format, the model and its version, the libraries it was made with, the training
data with their licences, the seed, the scores and the SHA-256 of the arrays.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.exceptions import ModelError

__all__ = ["FORMAT", "StoredModel", "load_model", "save_model"]

FORMAT = 1
"""Number of the file format. Raise it when an older reader would misread a newer file; keep the old
reader, and a tiny model of the old format among the tests."""

_REQUIRED = ("format", "name", "version", "sha256", "licence")
_FOLDER_MODE = 0o755  # mkdtemp makes private folders; a model is for everybody who may read its parent


class StoredModel(NamedTuple):
    """What a model folder holds.

    Attributes
    ----------
    manifest : dict
        The content of ``manifest.json``.
    arrays : dict of str to ndarray
        The arrays by name.
    """

    manifest: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def save_model(
    folder: str | os.PathLike[str],
    arrays: Mapping[str, NDArray[Any]],
    *,
    name: str,
    version: str,
    licence: str,
    config: Mapping[str, Any] | None = None,
    data: Sequence[Mapping[str, Any]] = (),
    seed: int | None = None,
    scores: Mapping[str, Any] | None = None,
    card: str | None = None,
) -> Path:
    """Write a model folder, whole or not at all.

    Parameters
    ----------
    folder : path-like
        Where the model goes. An earlier model there is replaced once the new one is complete.
    arrays : mapping of str to ndarray
        No object arrays.
    name, version, licence : str
        ``licence`` is an SPDX expression.
    config : mapping, optional
        Whatever the model's class needs besides the arrays, as JSON.
    data : sequence of mapping
        Training corpora: at least ``name`` and ``licence`` each.
    seed : int, optional
    scores : mapping, optional
        Development scores with intervals.
    card : str, optional
        Text of ``CARD.md``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ModelError
        If an array holds Python objects.
    """
    target = Path(folder)
    for key, array in arrays.items():
        if array.dtype.hasobject:
            raise ModelError(f"Array {key!r} holds Python objects; store numbers or text (dtype 'U').")
    packed = _pack(arrays)
    manifest = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "licence": licence,
        "created_with": {"python": platform.python_version(), "numpy": np.__version__},
        "config": dict(config or {}),
        "data": [dict(entry) for entry in data],
        "seed": seed,
        "scores": dict(scores or {}),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        workshop.chmod(_FOLDER_MODE)
        (workshop / "arrays.npz").write_bytes(packed)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (workshop / "manifest.json").write_text(text, encoding="utf-8")
        if card is not None:
            (workshop / "CARD.md").write_text(card, encoding="utf-8")
        if target.exists():
            aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            os.replace(target, aside / target.name)
            os.replace(workshop, target)
            shutil.rmtree(aside)
        else:
            os.replace(workshop, target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return target


def load_model(folder: str | os.PathLike[str]) -> StoredModel:
    """Read a model folder and check it.

    Parameters
    ----------
    folder : path-like
        As written by :func:`save_model`.

    Returns
    -------
    StoredModel

    Raises
    ------
    ModelError
        If a file is missing, damaged, changed or of a newer format; the message says which.
    """
    source = Path(folder)
    manifest = _read_manifest(source)
    try:
        packed = (source / "arrays.npz").read_bytes()
    except OSError as error:
        raise ModelError(f"Model {source} has no readable arrays.npz: {error.strerror}.") from error
    found = hashlib.sha256(packed).hexdigest()
    if found != manifest["sha256"]:
        raise ModelError(
            f"Model {source}: arrays.npz does not have the SHA-256 its manifest states; "
            "the file is damaged or was changed. Copy the model again from its origin."
        )
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"Model {source}: arrays.npz cannot be read without pickle: {error}") from error
    return StoredModel(manifest, arrays)


def _read_manifest(source: Path) -> dict[str, Any]:
    path = source / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"No model at {source}: {path.name} cannot be read ({error.strerror}). "
            "Expected a folder written by save()."
        ) from error
    except ValueError as error:
        raise ModelError(f"Model {source}: {path.name} is not valid JSON: {error}") from error
    missing = [key for key in _REQUIRED if not isinstance(manifest, dict) or key not in manifest]
    if missing:
        raise ModelError(f"Model {source}: {path.name} lacks {', '.join(missing)}.")
    if not isinstance(manifest["format"], int) or not 1 <= manifest["format"] <= FORMAT:
        raise ModelError(
            f"Model {source} has format {manifest['format']!r}; this version of framing reads "
            f"formats 1 to {FORMAT}. Update framing or train the model again."
        )
    return manifest


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """An .npz whose bytes depend on the arrays alone (np.savez stamps the time of writing)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key in sorted(arrays):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.require(arrays[key], requirements="C"), allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return buffer.getvalue()
