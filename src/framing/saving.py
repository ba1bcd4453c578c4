"""Models to folders and back: :func:`save` and :func:`load`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from framing.analyzer import PARTS, Analyzer
from framing.exceptions import ModelError
from framing.persistence import load_files, save_files
from framing.record import TIERS
from framing.storage import store_estimator, stored_estimator

__all__ = ["load", "save"]


def save(
    model: Any,
    folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    trusted: bool = False,
    version: str = "1",
    licence: str = "NOASSERTION",
    **described: Any,
) -> None:
    """Write an estimator or an analyzer to a folder that :func:`framing.load` reads.

    Estimators of this package are stored as JSON and arrays, others by skops, both without pickle. An earlier
    model in the folder stays whole until the new one is complete.

    Parameters
    ----------
    model : estimator or Analyzer
    folder : path-like
        A new or empty folder, or one with an earlier model.
    name : str, optional
        By default the name of its class; an analyzer is always named ``"analyzer"``.
    trusted : bool, default=False
        Whether joblib may store what skops will not. Loading that needs ``trusted=True`` as well, because it runs
        code from the file.
    version : str, default="1"
    licence : str, default="NOASSERTION"
        SPDX expression.
    **described
        ``data``, a sequence of mappings with ``name`` and ``licence`` of each training corpus; ``seed``, an int;
        ``scores``, a mapping; ``card``, the text of ``CARD.md``.

    Raises
    ------
    TypeError
        If ``model`` has neither ``predict`` nor ``transform``.
    ModelError
        If it can be stored with joblib alone and ``trusted`` is false, what describes it is no JSON, or the folder
        holds something that is no model.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import framing
    >>> folder = tempfile.mkdtemp()
    >>> framing.save(framing.BiasClassifier(C=0.2), folder, seed=1)
    >>> framing.load(folder)
    BiasClassifier(C=0.2)
    """
    if isinstance(model, Analyzer):
        model.save(folder, trusted=trusted, version=version, licence=licence, **described)
        return
    if isinstance(model, type) or not (hasattr(model, "predict") or hasattr(model, "transform")):
        raise TypeError(
            f"model must be an estimator or an Analyzer. Got {model!r}, which has neither predict nor transform."
        )
    record, files = store_estimator(model, "estimator", trusted=trusted)
    save_files(
        folder, files, kind="estimator", name=name or type(model).__name__, config=record,
        version=version, licence=licence, **described,
    )  # fmt: skip


def load(source: str | os.PathLike[str], *, trusted: bool = False) -> Any:
    """Get an analyzer or an estimator.

    Nothing in a model folder is run, unless you say that you trust it.

    Parameters
    ----------
    source : str or path-like
        ``"default"`` or ``"accurate"`` for a bundled analyzer, or a folder that :func:`framing.save` wrote.
    trusted : bool, default=False
        Whether to read parts that joblib stored, and files of joblib and pickle. Whoever made them can run any code
        on this machine.

    Returns
    -------
    Analyzer or estimator

    Raises
    ------
    ModelError
        If the folder holds no model, or one that is damaged, changed, of a newer format, made with other bundled
        models than these or, where it is not one of this package, a newer scikit-learn, or stored with joblib while
        ``trusted`` is false.
    MissingExtraError
        If it is of the accurate tier, and onnxruntime or tokenizers is not installed.

    Examples
    --------
    >>> import framing
    >>> framing.load("default")
    Analyzer(tier='default')
    """
    if source in TIERS:
        return Analyzer(tier=str(source))
    if os.path.isfile(source):
        return _load_pickle(source, trusted)
    manifest, files = load_files(source)
    config = manifest["config"]
    try:
        if manifest["kind"] == "analyzer":
            return _stored_analyzer(config, files, trusted)
        if manifest["kind"] == "estimator":
            return stored_estimator(config, files, "estimator", trusted=trusted)
    except ModelError as error:
        raise ModelError(f"Model {source} cannot be loaded: {error}.") from error
    raise ModelError(f"Model {source} is {manifest['name']!r}, which is no estimator but a part of one.")


def _stored_analyzer(config: Any, files: Mapping[str, bytes], trusted: bool) -> Analyzer:
    if not isinstance(config, dict) or config.get("tier") not in TIERS:
        raise ModelError("its manifest describes no analyzer")
    records = config.get("parts", {})
    if not isinstance(records, dict) or not isinstance(config.get("models"), dict):
        raise ModelError("its manifest describes no analyzer")
    parts: dict[str, Any] = {}
    frames: dict[str, Any] = {}
    for key, record in records.items():
        inventory = key.removeprefix("frames.") if key.startswith("frames.") else None
        if inventory is None and key not in PARTS:
            raise ModelError(f"it has a part named {key[:80]!r}")
        stem = key if inventory is None else f"frames_{len(frames)}"
        try:
            part = stored_estimator(record, files, stem, trusted=trusted)
        except ModelError as error:
            raise ModelError(f"its {key}: {error}") from error
        if inventory is None:
            parts[key] = part
        else:
            frames[inventory] = part
    try:
        own = frames if config.get("frames") else None
        length = {"max_length": config["max_length"]} if "max_length" in config else {}  # not in the first models
        analyzer = Analyzer(tier=config["tier"], frames=own, **length, **parts)
    except (TypeError, ValueError) as error:
        raise ModelError(str(error)) from error
    present = analyzer._model_names()
    changed = [name for name, version in config["models"].items() if version != present.get(name)]
    if changed:
        raise ModelError(
            f"it was saved with other bundled models ({', '.join(changed)}) than this version of framing has. "
            "Install the version that it was saved with, or save it anew"
        )
    return analyzer


def _load_pickle(source: str | os.PathLike[str], trusted: bool) -> Any:
    if not trusted:
        raise ModelError(
            f"{source} is a file, which loads only as one of joblib or pickle, and that runs code from it. "
            "If you trust whoever made it, load it with trusted=True."
        )
    import joblib

    return joblib.load(source)
