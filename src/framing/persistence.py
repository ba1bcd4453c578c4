"""Read and write model folders: a JSON manifest beside files, and nothing that runs code by itself.

A model is a folder with ``manifest.json``, its files and, where somebody wrote one, ``CARD.md``. The manifest names
the format, the model and its version, the libraries it was made with, the training data with their licences, the
seed, the scores, and the SHA-256 of every file and of itself. Files are named after their content
(``arrays-1f0c….npz``), so a new model is written beside the old one and takes its place in the one moment in which
``manifest.json`` is exchanged; whoever is killed before that leaves the old model whole.

The sums find damage and changes by accident. They are no signature: who can write the folder can write new sums.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import stat
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.archives import MOST_BYTES, pack_arrays, unpack_arrays
from framing.exceptions import ModelError

__all__ = ["FORMAT", "StoredFiles", "StoredModel", "load_files", "load_model", "save_files", "save_model"]

FORMAT = 2
"""Number of the file format. Raise it when an older reader would misread a newer file; keep the old
reader, and a tiny model of the old format in ``tests/data/models``.

1: arrays alone, in ``arrays.npz``; the manifest has their sum, but none of its own.
2: any number of files, named after their content; the manifest has their sums and its own.
"""

_ARRAYS = "arrays.npz"
_REQUIRED = ("name", "version", "licence", "config", "sha256")
_MOST_MANIFEST = 1 << 24
_LOGICAL = re.compile(r"[a-z0-9_]+\.(?:npz|skops|joblib)")
_SUM = re.compile(r"[0-9a-f]{64}")
_FILE = r"[a-z0-9_]+-[0-9a-f]{16}\.(?:npz|skops|joblib)"
_OWN = re.compile(rf"{_FILE}|\.(?:{_FILE}|manifest\.json|CARD\.md)-[0-9a-f]{{8}}\.tmp")  # as this module names files
_ABANDONED = 86_400  # seconds after which a file that no manifest names belongs to a save that was killed
_COPY_AGAIN = "the file is damaged or was changed. Copy the model again from its origin."


class StoredModel(NamedTuple):
    """What a folder of arrays holds.

    Attributes
    ----------
    manifest : dict
        The content of ``manifest.json``.
    arrays : dict of str to ndarray
        The arrays by name.
    """

    manifest: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


class StoredFiles(NamedTuple):
    """What a model folder holds.

    Attributes
    ----------
    manifest : dict
        The content of ``manifest.json``; ``kind`` is ``"arrays"``, ``"estimator"`` or ``"analyzer"``.
    files : dict of str to bytes
        The files by the names that they were saved under.
    """

    manifest: dict[str, Any]
    files: dict[str, bytes]


def save_model(
    folder: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], *, name: str, version: str, licence: str,
    **described: Any,
) -> Path:  # fmt: skip
    """Write a folder of arrays, whole or not at all.

    Parameters
    ----------
    folder : path-like
    arrays : mapping of str to ndarray
        Of numbers and text.
    name, version, licence : str
    **described
        ``config``, ``data``, ``seed``, ``scores`` and ``card``, as for :func:`save_files`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ModelError
        If an array holds Python objects, or as :func:`save_files`.
    """
    files = {_ARRAYS: pack_arrays(arrays)}
    return save_files(folder, files, kind="arrays", name=name, version=version, licence=licence, **described)


def load_model(folder: str | os.PathLike[str]) -> StoredModel:
    """Read a folder of arrays and check it.

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
    manifest, files = load_files(folder)
    if _ARRAYS not in files:
        raise ModelError(f"Model {folder} is of kind {manifest['kind']!r}; read it with framing.load.")
    try:
        return StoredModel(manifest, unpack_arrays(files[_ARRAYS]))
    except ModelError as error:
        raise ModelError(f"Model {folder}: {_ARRAYS} cannot be read without pickle: {error}.") from error


def save_files(
    folder: str | os.PathLike[str],
    files: Mapping[str, bytes],
    *,
    kind: str,
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
        Where the model goes: a new or empty folder, or one with an earlier model, which stays until the new one
        is complete. Other files there are left alone.
    files : mapping of str to bytes
        Names like ``arrays.npz``.
    kind : {"arrays", "estimator", "analyzer"}
    name, version, licence : str
        ``licence`` is an SPDX expression.
    config : mapping, optional
        Whatever the model needs besides the files, as JSON.
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
        If the model is too large, what describes it is no JSON, or the folder holds something that is no model.
    OSError
        If the folder cannot be written.
    """
    target = Path(folder)
    if sum(map(len, files.values())) > MOST_BYTES:
        raise ModelError(f"The model has more than {MOST_BYTES:,} bytes, the most that can be loaded again.")
    sums = {key: hashlib.sha256(content).hexdigest() for key, content in files.items()}
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "name": name,
        "version": version,
        "licence": licence,
        "created_with": _versions(),
        "config": dict(config or {}),
        "data": [dict(entry) for entry in data],
        "seed": seed,
        "scores": dict(scores or {}),
        "files": {key: {"sha256": digest} for key, digest in sums.items()},
    }
    try:
        manifest = json.loads(json.dumps(manifest, allow_nan=False))  # as it will be read
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"config, data, seed and scores must be plain values of JSON, without NaN: {error}"
        ) from error
    manifest["sha256"] = _sum_of(manifest)
    before = _files_before(target)
    target.mkdir(parents=True, exist_ok=True)
    written = {_file_name(key, sums[key]): content for key, content in files.items()}
    try:
        for file_name, content in written.items():
            _write(target / file_name, content)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        _write(target / "manifest.json", text.encode("utf-8", "surrogatepass"))  # from here on the model is the new one
    except BaseException:
        for file_name in written.keys() - before:
            (target / file_name).unlink(missing_ok=True)
        raise
    if card is None:
        (target / "CARD.md").unlink(missing_ok=True)  # it would describe the earlier model
    else:
        _write(target / "CARD.md", card.encode("utf-8"))
    _sweep(target, kept=set(written), before=before)
    return target


def load_files(folder: str | os.PathLike[str]) -> StoredFiles:
    """Read a model folder and check its sums.

    Parameters
    ----------
    folder : path-like
        As written by :func:`save_files`.

    Returns
    -------
    StoredFiles

    Raises
    ------
    ModelError
        If a file is missing, damaged, changed or of a newer format; the message says which.
    """
    source = Path(folder)
    while True:
        text = _read_manifest(source)
        manifest = _parse_manifest(source, text)
        try:
            return StoredFiles(manifest, _read_files(source, manifest))
        except ModelError:
            # Somebody may have saved a new model since the manifest was read; then there is another manifest.
            if _read_manifest(source) == text:
                raise


def _read_manifest(source: Path) -> bytes:
    try:
        return _read(source / "manifest.json", _MOST_MANIFEST)
    except OSError as error:
        raise ModelError(
            f"No model at {source}: manifest.json cannot be read ({error.strerror or error}). "
            "Expected a folder written by save()."
        ) from error


def _parse_manifest(source: Path, text: bytes) -> dict[str, Any]:
    where = f"Model {source}: manifest.json"
    try:
        manifest = json.loads(text.decode("utf-8", "surrogatepass"))
        found = _sum_of(manifest) if isinstance(manifest, dict) else None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where} is not valid JSON: {error}") from error
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise ModelError(f"{where} lacks format; it is not the manifest of a model.")
    number = manifest["format"]
    if type(number) is not int or not 1 <= number <= FORMAT:
        raise ModelError(
            f"Model {source} has format {str(number)[:40]!r}; this version of framing reads "
            f"formats 1 to {FORMAT}. Update framing or train the model again."
        )
    if number == 1:
        files = {_ARRAYS: {"sha256": manifest.get("sha256")}}
        manifest = {"kind": "analyzer" if manifest.get("name") == "analyzer" else "arrays", **manifest, "files": files}
    elif manifest.get("sha256") != found:
        raise ModelError(f"{where} does not have the SHA-256 it states; {_COPY_AGAIN}")
    missing = [key for key in (*_REQUIRED, "kind", "files") if key not in manifest]
    if missing:
        raise ModelError(f"{where} lacks {', '.join(missing)}.")
    for key, entry in manifest["files"].items() if isinstance(manifest["files"], dict) else [("", None)]:
        digest = entry.get("sha256") if isinstance(entry, dict) else None
        if not (_LOGICAL.fullmatch(key) and isinstance(digest, str) and _SUM.fullmatch(digest)):
            raise ModelError(f"{where} must give plain names of files and the SHA-256 of each. Got {key[:80]!r}.")
    return manifest


def _read_files(source: Path, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    files, room = {}, MOST_BYTES
    for key, entry in manifest["files"].items():
        file_name = key if manifest["format"] == 1 else _file_name(key, entry["sha256"])
        try:
            files[key] = _read(source / file_name, room)
        except OSError as error:
            reason = error.strerror or error
            raise ModelError(f"Model {source} has no readable {file_name}: {reason}.") from error
        room -= len(files[key])
        if hashlib.sha256(files[key]).hexdigest() != entry["sha256"]:
            raise ModelError(
                f"Model {source}: {file_name} does not have the SHA-256 its manifest states; {_COPY_AGAIN}"
            )
    return files


def _read(path: Path, most: int) -> bytes:
    """Content of an ordinary file; links lead out of the folder, and pipes and devices have no end."""
    if path.is_symlink():
        raise OSError("it is a symbolic link; put the file itself there")
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # each where the system has it
        flags |= getattr(os, name, 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no ordinary file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(f"it is larger than {most:,} bytes")
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and see it on the disk."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}.tmp")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):  # the new name, too, must outlive a power cut
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # some network file systems cannot
            os.fsync(descriptor)
        os.close(descriptor)


def _files_before(target: Path) -> set[str]:
    """Files of the model that is in a folder; an error if the folder is somebody else's."""
    advice = "Choose a new or an empty folder."
    if not target.exists():
        return set()
    if not target.is_dir():
        raise ModelError(f"A model is a folder, but {target} is a file. {advice}")
    if not (target / "manifest.json").exists():
        others = [path.name for path in target.iterdir() if not _OWN.fullmatch(path.name)]
        if others:
            raise ModelError(f"{target} holds other things than a model, {others[0]!r} for one. {advice}")
        return set()
    try:
        manifest = json.loads(_read(target / "manifest.json", _MOST_MANIFEST))
        number, files = manifest["format"], manifest.get("files", {})
        return {_ARRAYS} if number == 1 else {_file_name(key, entry["sha256"]) for key, entry in files.items()}
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{target} has a manifest.json that is not a model's, or a damaged one. {advice}") from error


def _sweep(target: Path, *, kept: set[str], before: set[str]) -> None:
    """Remove files of the earlier model, and those that a killed save left."""
    for path in target.iterdir():
        if path.name in kept:
            continue
        with suppress(OSError):
            # What nobody names may belong to a save that goes on just now.
            old = time.time() - path.lstat().st_mtime > _ABANDONED
            if path.name in before or (old and _OWN.fullmatch(path.name)):
                path.unlink()


def _file_name(key: str, digest: str) -> str:
    stem, suffix = key.split(".")
    return f"{stem}-{digest[:16]}.{suffix}"


def _sum_of(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of all that a manifest says but this sum, in one way of writing it."""
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _versions() -> dict[str, str]:
    import sklearn  # whoever saves has it already

    from framing import __version__

    return {
        "framing": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
