"""Estimators in files and back.

An estimator of this package is stored as what its class needs to be made again: JSON and arrays. Any other is
stored by skops, which writes the tree of objects and builds it again from classes that are on a list: its own, and
the one below. joblib, which runs whatever code a file holds, is used only for those who say that they trust it.

Nothing here decides where files go; see :mod:`framing.persistence`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from framing.archives import check_archive, pack_arrays, unpack_arrays
from framing.exceptions import ModelError
from framing.models import model_version

__all__ = ["StoredEstimator", "store_estimator", "stored_estimator"]

class _Kind(NamedTuple):
    """Where a class lives, and the bundled models without whose very version it means nothing.

    ``needs`` are those that what was learned stands on; ``bundled`` is the one that is read as long as nothing is
    learned.
    """

    module: str
    needs: tuple[str, ...] = ()
    bundled: str | None = None


_WORDS = ("features", "embedding")
_KINDS = {
    "AttributionExtractor": _Kind("framing.attribution", ("tagger", "embedding")),
    "BiasClassifier": _Kind("framing.bias", _WORDS, "bias"),
    "FrameAxes": _Kind("framing.axes", ("embedding",)),
    "FrameClassifier": _Kind("framing.frames", _WORDS),  # which inventory, it says itself
    "LexiconFeatures": _Kind("framing.features"),
    "LoadedLanguageTagger": _Kind("framing.loaded", _WORDS, "loaded"),
    "OpinionClassifier": _Kind("framing.opinion", _WORDS, "opinion"),
    "StatementClassifier": _Kind("framing.statements", ("tagger", "embedding")),
    "StaticEmbedding": _Kind("framing.embedding", ("embedding",)),
    "TextFeatures": _Kind("framing.features", _WORDS),
}
"""Estimators of this package, which a manifest names without their modules."""

_RECORDS: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "Axis": ("framing.axes", lambda axis: vars(axis)),
    "CurvedBlock": (
        "framing.linear",
        lambda block: {"weights": block.linear.weights, "offsets": block.offsets, "shares": block.shares},
    ),
    "Frame": ("framing.codebook", lambda frame: vars(frame)),
    "FrameScorer": (
        "framing.frame_scores",
        lambda scorer: {
            name: getattr(scorer, name)
            for name in (
                "frames", "learned", "article_seed", "article_intercept", "sentence", "mask_names", "usual"
            )
        },
    ),
    "LinearBlock": (
        "framing.linear",
        lambda block: {name: getattr(block, name) for name in ("weights", "mask_names", "mask_identities")},
    ),
    "LoadedScorer": (
        "framing.bias_scores",
        lambda scorer: {
            "weights": scorer.block.weights,
            "intercept": scorer.intercept,
            "threshold": scorer.threshold,
        },
    ),
}
"""What estimators hold besides plain values: where it lives, and the arguments that make it again."""

_TRUSTED = {
    *(f"{kind.module}.{name}" for name, kind in _KINDS.items()),
    *(f"{module}.{name}" for name, (module, _) in _RECORDS.items()),
    "framing.frame_scores.FrameBlock",
    "framing.frame_scores.SeedBlock",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    *(
        f"sklearn.metrics._classification.{name}"
        for name in ("accuracy_score", "balanced_accuracy_score", "f1_score", "precision_score", "recall_score")
    ),
    *(f"sklearn.metrics._scorer.{name}" for name in ("_CurveScorer", "_PassthroughScorer", "_Scorer")),
    *(
        f"sklearn.model_selection._split.{name}"
        for name in ("GroupKFold", "KFold", "StratifiedGroupKFold", "StratifiedKFold")
    ),
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
}
"""What skops may build besides the classes that it trusts itself: plain containers and pure functions. Trees and
neighbours' indices are not among them, because compiled code follows the numbers in them without a check."""

_TRIAL = ["The council said that the shameful plan would fail."]
_METHODS = ("predict_proba", "predict", "transform")


class StoredEstimator(NamedTuple):
    """An estimator as it goes to a model folder.

    Attributes
    ----------
    record : dict
        For the manifest.
    files : dict of str to bytes
        One file at most.
    """

    record: dict[str, Any]
    files: dict[str, bytes]


def store_estimator(estimator: Any, stem: str, *, trusted: bool = False) -> StoredEstimator:
    """An estimator as JSON and bytes.

    Parameters
    ----------
    estimator : object
    stem : str
        Name of its file, without the ending.
    trusted : bool, default=False
        Whether to use joblib for what can be stored in no other way.

    Returns
    -------
    StoredEstimator

    Raises
    ------
    ModelError
        If it can be stored with joblib alone and ``trusted`` is false.
    """
    name = type(estimator).__name__
    if _is_own(estimator):
        arrays: dict[str, NDArray[Any]] = {}
        state = _encode(estimator.__getstate__(), arrays, name)
        record = {"estimator": name, "state": state, "needs": _needs(estimator)}
        return StoredEstimator(record, {f"{stem}.npz": pack_arrays(arrays)})
    record = {
        "class": f"{type(estimator).__module__}.{type(estimator).__qualname__}",
        "needs": _needs(estimator),
        "scikit-learn": sklearn.__version__,
    }
    try:
        return StoredEstimator({**record, "file": f"{stem}.skops"}, {f"{stem}.skops": _to_skops(estimator)})
    except ModelError as error:
        if not trusted:
            raise ModelError(
                f"{name} cannot be stored without pickle: {error}. Put parts of scikit-learn in its place, or save "
                "it with trusted=True, which uses joblib; to load that runs code, so it needs trusted=True as well."
            ) from error
    import joblib

    buffer = io.BytesIO()
    joblib.dump(estimator, buffer, compress=3)
    return StoredEstimator({**record, "file": f"{stem}.joblib"}, {f"{stem}.joblib": buffer.getvalue()})


def stored_estimator(record: Any, files: Mapping[str, bytes], stem: str, *, trusted: bool = False) -> Any:
    """The estimator that :func:`store_estimator` stored.

    Parameters
    ----------
    record : dict
    files : mapping of str to bytes
    stem : str
    trusted : bool, default=False
        Whether joblib, which runs code that the file holds, may read it.

    Returns
    -------
    estimator

    Raises
    ------
    ModelError
        If the record or the file is not what was stored, needs other bundled models than these or a newer
        scikit-learn, or is one of joblib and ``trusted`` is false.
    """
    if not isinstance(record, dict):
        raise ModelError("its manifest describes no estimator")
    native = record.get("estimator")
    key = f"{stem}.npz" if native is not None else record.get("file")
    if key not in (f"{stem}.npz", f"{stem}.skops", f"{stem}.joblib") or key not in files:
        raise ModelError(f"its manifest names no file of {stem}")
    _check_needs(record.get("needs"))
    if native is not None:
        return _native(native, record.get("state"), files[key])
    _check_version(record.get("scikit-learn"))
    if key.endswith(".skops"):
        return _from_skops(files[key])
    if not trusted:
        raise ModelError(
            f"{record.get('class')} is stored with joblib, and loading it runs code from the file. If you trust "
            "whoever made it, load it with trusted=True"
        )
    import joblib

    return joblib.load(io.BytesIO(files[key]))


def _native(name: Any, state: Any, packed: bytes) -> Any:
    if not isinstance(name, str) or name not in _KINDS:
        raise ModelError(f"it holds an estimator named {str(name)[:80]!r}, which this version of framing has not")
    arrays = unpack_arrays(packed)
    kind = getattr(import_module(_KINDS[name].module), name)
    try:
        estimator = kind()
        content = _decode(state, arrays)
        known = set(estimator.get_params(deep=False))
        wrong = [key for key in content if key not in known and hasattr(kind, key)]
        if wrong or not known <= content.keys():
            raise ModelError(f"its parameters are not those of {name}")
        estimator.__setstate__(content)
        _try_out(estimator)
    except ModelError:
        raise
    except Exception as error:  # arrays of other shapes, parameters of other types: whatever goes wrong, it is that
        raise ModelError(f"what it holds makes no working {name}: {type(error).__name__}: {error}") from error
    return estimator


def _try_out(estimator: Any) -> None:
    """Use an estimator once, so that one that cannot work fails now and not in the middle of a night."""
    method = next(method for method in _METHODS if hasattr(estimator, method))
    result = getattr(estimator, method)(_TRIAL)
    if isinstance(result, np.ndarray) and result.dtype.kind == "f" and not np.isfinite(result).all():
        raise ValueError("it gives numbers that are none")


def _needs(estimator: Any) -> dict[str, str]:
    """Names and versions of the bundled models that an estimator, or one within it, stands on."""
    parts = [estimator]
    if isinstance(estimator, BaseEstimator):
        parts += estimator.get_params(deep=True).values()
    names: set[str] = set()
    for part in filter(_is_own, parts):
        kind = _KINDS[type(part).__name__]
        names.update(kind.needs)
        if getattr(part, "tier", "default") == "accurate":
            names = names - {"tagger"} | {"encoder", "encoder_words"}
        if part is estimator and not part.__getstate__().keys() & {"_scorer", "_block"}:
            bundled = getattr(part, "bundled_inventory", kind.bundled)
            names |= {bundled} if bundled else set()
    return {name: model_version(name) for name in sorted(names)}


def _is_own(estimator: Any) -> bool:
    kind = _KINDS.get(type(estimator).__name__)
    return kind is not None and type(estimator).__module__ == kind.module


def _check_needs(needs: Any) -> None:
    if not isinstance(needs, dict):
        raise ModelError("its manifest does not say which bundled models it stands on")
    for name, version in needs.items():
        try:
            present = model_version(name)
        except ValueError:
            present = "none"
        if present != version:
            raise ModelError(
                f"it was saved with the bundled model {version!r}, but this version of framing has {present!r}. "
                "Install the version that it was saved with, or train it again"
            )


def _check_version(version: Any) -> None:
    """Foreign estimators are made of scikit-learn's insides, which older versions do not know."""
    try:
        newer = _minor(version) > _minor(sklearn.__version__)
    except (AttributeError, ValueError):
        raise ModelError("its manifest does not say which scikit-learn it was saved with") from None
    if newer:
        raise ModelError(
            f"it was saved with scikit-learn {version}, which is newer than the {sklearn.__version__} here. "
            "Update scikit-learn, or train it again"
        )


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def _to_skops(estimator: Any) -> bytes:
    from skops.io import dumps, get_untrusted_types

    try:
        packed = dumps(estimator, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    except Exception as error:  # whatever an object's own way of giving its state raises
        raise ModelError(f"skops: {type(error).__name__}: {error}") from error
    unknown = set(get_untrusted_types(data=packed)) - _TRUSTED
    if unknown:
        raise ModelError(f"it holds {', '.join(sorted(unknown))}, which is not on the list of what may be loaded")
    return packed


def _from_skops(packed: bytes) -> Any:
    from skops.io import get_untrusted_types, loads

    check_archive(packed)
    try:
        found = set(get_untrusted_types(data=packed))
    except Exception as error:  # skops trusts the form of what it reads
        raise ModelError(f"skops cannot read it: {type(error).__name__}: {error}") from error
    unknown = found - _TRUSTED
    if unknown:
        raise ModelError(f"it holds {', '.join(sorted(unknown))}, which is not on the list of what may be loaded")
    try:
        return loads(packed, trusted=sorted(found))
    except Warning:  # of the caller who makes errors of them
        raise
    except Exception as error:
        raise ModelError(f"skops cannot read it: {type(error).__name__}: {error}") from error


def _encode(value: Any, arrays: dict[str, NDArray[Any]], path: str) -> Any:
    """A value as JSON; arrays go to ``arrays``, and what JSON has not is a list that begins with what it is."""
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if type(value) is float:
        return value if np.isfinite(value) else ["float", repr(value)]
    if isinstance(value, np.ndarray) and value.dtype != object:
        key = f"a{len(arrays)}"
        arrays[key] = value
        return ["array", key]
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return ["objects", _encode(value.tolist(), arrays, path)]
    if isinstance(value, np.generic):
        key = f"a{len(arrays)}"
        arrays[key] = np.asarray(value)
        return ["scalar", key]
    if type(value) in (list, tuple):
        items = [_encode(item, arrays, f"{path}[{at}]") for at, item in enumerate(value)]
        return [type(value).__name__, items]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _encode(item, arrays, f"{path}.{key}") for key, item in value.items()}
    name = type(value).__name__
    if name in _RECORDS and type(value).__module__ == _RECORDS[name][0]:
        return [name, _encode(_RECORDS[name][1](value), arrays, path)]
    raise ModelError(
        f"{path} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be saved; "
        "parameters must be numbers, text, lists of these, Frames or Axes"
    )


def _decode(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, dict):
        return {key: _decode(item, arrays) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    tag, content = value
    if tag in _RECORDS:
        return getattr(import_module(_RECORDS[tag][0]), tag)(**_decode(content, arrays))
    return _DECODERS[tag](content, arrays)


_DECODERS: dict[str, Callable[[Any, Mapping[str, NDArray[Any]]], Any]] = {
    "float": lambda content, arrays: float(content),
    "array": lambda content, arrays: arrays[content],
    "objects": lambda content, arrays: np.array(_decode(content, arrays), dtype=object),
    "scalar": lambda content, arrays: arrays[content][()],
    "list": lambda content, arrays: [_decode(item, arrays) for item in content],
    "tuple": lambda content, arrays: tuple(_decode(item, arrays) for item in content),
}
