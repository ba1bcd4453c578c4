"""Checks that an estimator on raw text must pass, ours or yours.

scikit-learn's own ``check_estimator`` skips nearly everything where the input is text. What it would ask, and what
only text can break, is asked here::

    from framing.testing import check_text_estimator

    check_text_estimator(make_pipeline(my_vectorizer, LogisticRegression()))

In a test suite one test a check reads better::

    @pytest.mark.parametrize(("name", "check"), text_checks(MyTagger(), labels))
    def test_my_tagger(name, check):
        check()
"""

from __future__ import annotations

import copy
import io
import math
import pkgutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module, util
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, clone, is_classifier

__all__ = ["TEXTS", "all_estimators", "check_text_estimator", "sample_labels", "text_checks"]

TEXTS = (
    "Engineers said the old bridge is safe.",
    "The minister's shameful lies are an insult to every decent voter.",
    "The council will meet on Tuesday at noon.",
    "Critics called the reckless plan a disgraceful betrayal of the town.",
    "The mayor said taxes and prices would rise again next year.",
    "Radical fanatics are hell-bent on wrecking our schools.",
    "Judges told the court that the law is clear.",
    "What a pathetic, cowardly surrender by a corrupt board!",
    "Police said two people were hurt in the storm.",
    "Opponents denounced the vile scheme as a brazen swindle.",
    "The ferry carries forty cars and sails at six.",
    "Rain closed the road, officials said on Monday.",
)
"""Texts that the checks read, of two kinds in equal numbers: reports, and loaded ones."""

_LOADED = ("shameful", "reckless", "disgraceful", "Radical fanatics", "pathetic", "cowardly", "vile", "brazen")
_KINDS = ("report", "loaded")
_MESSY = ("", " \n\t", "Flood", "🔥🔥", "\x00", "\ud800 said", "“", "((((((", "a" * 3000, "قال المتحدث", "x\r\ny")
_METHODS = ("transform", "predict", "predict_proba", "decision_function")
_CLOSE = 1e-5
_BUILT_IN = (
    "object is not", "has no attribute", "unsupported operand", "not subscriptable", "out of range",
    "not supported between", "setting an array element", "cannot unpack", "not enough values",
    "could not be broadcast", "positional argument", "unhashable",
)  # fmt: skip


def all_estimators() -> dict[str, type[BaseEstimator]]:
    """Public estimators of this package, found by looking through its modules.

    Returns
    -------
    dict of str to type
        By name.

    Examples
    --------
    >>> "BiasClassifier" in all_estimators()
    True
    """
    import framing

    found = {}
    for module in pkgutil.iter_modules(framing.__path__):
        if module.name.startswith("_"):
            continue
        content = vars(import_module(f"framing.{module.name}"))
        for name in content.get("__all__", ()):
            kind = content[name]
            if not (isinstance(kind, type) and issubclass(kind, BaseEstimator) and hasattr(kind, "fit")):
                continue
            if kind.__module__ == f"framing.{module.name}":  # and not only imported there
                found[name] = kind
    return dict(sorted(found.items()))


def sample_labels(estimator: Any) -> Any:
    """Labels of :data:`TEXTS` in the form that an estimator learns from.

    Parameters
    ----------
    estimator : estimator
        One of this package, a classifier, or a pipeline that ends in one.

    Returns
    -------
    list, ndarray or None
        None where there is nothing to learn, as for transformers.

    Examples
    --------
    >>> from framing import LoadedLanguageTagger
    >>> start, end = sample_labels(LoadedLanguageTagger())[1][0]
    >>> TEXTS[1][start:end]
    'shameful'
    """
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    name = type(last).__name__
    if name == "AttributionExtractor":
        return [_attributions(text) for text in TEXTS]
    if name == "StatementClassifier":
        return [[(0, len(text), "author_opinion" if at % 2 else "author_fact")] for at, text in enumerate(TEXTS)]
    if name == "LoadedLanguageTagger":
        return [[(text.find(word), text.find(word) + len(word)) for word in _LOADED if word in text] for text in TEXTS]
    if name == "FrameClassifier":
        rows, columns = np.indices((len(TEXTS), len(last.classes_)))
        return ((rows + columns) % 3 == 0).astype(int)
    if is_classifier(last):
        return [_KINDS[at % 2] for at in range(len(TEXTS))]
    return None


def check_text_estimator(
    estimator: Any, y: Any = None, *, texts: Sequence[str] = TEXTS, expected_failures: Iterable[str] = ()
) -> list[str]:
    """Check that an estimator on raw text does what scikit-learn and text ask of it.

    Parameters
    ----------
    estimator : estimator
        An instance, unfitted.
    y : array-like, optional
        Labels of ``texts``; for classifiers and the estimators of this package, labels are made up.
    texts : sequence of str
        At least six, all different.
    expected_failures : iterable of str, optional
        Names of checks that are known to fail; it is an error when one of them passes.

    Returns
    -------
    list of str
        Names of the checks that passed.

    Raises
    ------
    AssertionError
        If a check failed; the message has them all.

    Examples
    --------
    >>> from framing import LexiconFeatures
    >>> "spans" in check_text_estimator(LexiconFeatures(lexicons=("hedges",)))
    True
    """
    allowed, passed, failed = set(expected_failures), [], []
    for name, check in text_checks(estimator, y, texts=texts):
        try:
            check()
        except Exception as error:
            if name not in allowed:
                failed.append(f"{name}: {error}" if isinstance(error, AssertionError) else f"{name}: {error!r}")
            continue
        passed.append(name)
        if name in allowed:
            failed.append(f"{name}: was expected to fail, but passes")
    assert not failed, f"{type(estimator).__name__} fails {len(failed)} checks:\n" + "\n".join(failed)
    return passed


def text_checks(
    estimator: Any, y: Any = None, *, texts: Sequence[str] = TEXTS
) -> list[tuple[str, Callable[[], None]]]:
    """The checks of :func:`check_text_estimator` one by one.

    Parameters
    ----------
    estimator, y, texts
        As there.

    Returns
    -------
    list of (str, callable)
        Name of each check, and what runs it; it raises AssertionError where the estimator fails.
    """
    if isinstance(estimator, type):
        raise TypeError(f"estimator must be an instance. Got the class {estimator.__name__}; call it first.")
    case = _Case(estimator, list(texts), sample_labels(estimator) if y is None and tuple(texts) == TEXTS else y)
    return [(check.__name__.removeprefix("_check_"), partial(check, case)) for check in _CHECKS]


class _Case:
    """An estimator with texts and labels; fitted once for all checks that only look."""

    def __init__(self, estimator: Any, texts: list[str], y: Any) -> None:
        self.estimator, self.texts, self.y = estimator, texts, y

    def new(self) -> Any:
        return clone(self.estimator)

    def fit(self, estimator: Any = None, X: Any = None, y: Any = None, **weights: Any) -> Any:
        estimator = self.new() if estimator is None else estimator
        X, y = (self.texts if X is None else X), (self.y if y is None else y)
        return estimator.fit(X, **weights) if y is None else estimator.fit(X, y, **weights)

    @cached_property
    def fitted(self) -> Any:
        return self.fit()

    @cached_property
    def expected(self) -> dict[str, Any]:
        return _outputs(self.fitted, self.texts)


def _check_parameters(case: _Case) -> None:
    """Parameters are stored as given, cloned, set and printed."""
    given = case.estimator.get_params(deep=False)
    copied = case.new()
    _same(copied.get_params(deep=False).keys(), given.keys(), "parameters of a clone")
    assert copied.set_params(**copied.get_params(deep=False)) is copied, "set_params must return the estimator"
    for name, value in type(case.estimator)(**given).get_params(deep=False).items():
        assert value is given[name], f"the constructor changes the parameter {name}"
    _raises(ValueError, partial(copied.set_params, no_such_parameter=1), "an unknown parameter")
    assert type(case.estimator).__name__ in repr(case.estimator), "repr must name the class"


def _check_html(case: _Case) -> None:
    """Notebooks show it."""
    from sklearn.utils import estimator_html_repr

    for estimator in (case.estimator, case.fitted):
        assert type(estimator).__name__ in estimator_html_repr(estimator), "the HTML must name the class"


def _check_fit(case: _Case) -> None:
    """``fit`` returns the estimator and leaves parameters, texts and labels as they were."""
    estimator, texts, y = case.new(), list(case.texts), copy.deepcopy(case.y)
    before = estimator.get_params(deep=False)
    assert case.fit(estimator, texts, y) is estimator, "fit must return the estimator"
    for name, value in estimator.get_params(deep=False).items():
        _same(value, before[name], f"the parameter {name} before and after fit")
    assert texts == case.texts, "fit changes the texts"
    _same(y, case.y, "labels after fit")


def _check_fit_twice(case: _Case) -> None:
    """The second ``fit`` forgets the first, and the same data give the same model."""
    half = len(case.texts) // 2
    estimator = case.fit(None, case.texts[:half], None if case.y is None else case.y[:half])
    _same(_outputs(case.fit(estimator), case.texts), case.expected, "fit after another fit")
    _same(_outputs(case.fit(), case.texts), case.expected, "another estimator fitted on the same data")


def _check_random_state(case: _Case) -> None:
    """With ``random_state`` a fit repeats itself, whatever the global state."""
    if "random_state" not in case.estimator.get_params():
        return
    outputs = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002 - it is the legacy state that must not count
        outputs.append(_outputs(case.fit(case.new().set_params(random_state=0)), case.texts))
    _same(outputs[0], outputs[1], "predictions under the same random_state")


def _check_reading(case: _Case) -> None:
    """Reading changes nothing: neither parameters nor later answers."""
    before = case.fitted.get_params(deep=False)
    _same(_outputs(case.fitted, case.texts), case.expected, "a second reading")
    for name, value in case.fitted.get_params(deep=False).items():
        _same(value, before[name], f"the parameter {name} before and after reading")


def _check_unfitted(case: _Case) -> None:
    """Without ``fit`` it works, or says that it must be fitted; and follows its parameters."""
    from sklearn.exceptions import NotFittedError

    estimator = case.new()
    for method in _methods(estimator):
        with suppress(NotFittedError):
            getattr(estimator, method)(case.texts)
    case.fit(estimator)
    _same(_outputs(estimator, case.texts), case.expected, "fit after use without fit")


def _check_bare_string(case: _Case) -> None:
    """One text instead of a list is a mistake."""
    for wrong in (case.texts[0], case.texts[0].encode()):
        _raises(TypeError, partial(case.fit, None, wrong), f"fit with one {type(wrong).__name__}")
        for method in _methods(case.fitted):
            read = getattr(case.fitted, method)
            _raises(TypeError, partial(read, wrong), f"{method} with one {type(wrong).__name__}")


def _check_wrong_texts(case: _Case) -> None:
    """Missing texts, numbers and tables are named, not read."""
    first, *rest = case.texts
    wrongs: dict[str, Any] = {
        "None among the texts": [None, *rest], "NaN among the texts": [math.nan, *rest],
        "a number among the texts": [1, *rest], "bytes among the texts": [first.encode(), *rest],
        "a mapping": dict.fromkeys(case.texts, 1), "a number": 3, "a table": np.array([case.texts]).T,
    }  # fmt: skip
    if pandas := _optional("pandas"):
        wrongs["a missing text in a Series"] = pandas.Series([None, *rest])
        wrongs["a DataFrame"] = pandas.DataFrame({"text": case.texts})
    if polars := _optional("polars"):
        wrongs["a missing text in a polars Series"] = polars.Series([None, *rest])
        wrongs["a polars DataFrame"] = polars.DataFrame({"text": case.texts})
    for what, wrong in wrongs.items():
        _raises((TypeError, ValueError), partial(case.fit, None, wrong), f"fit with {what}")
        for method in _methods(case.fitted):
            _raises((TypeError, ValueError), partial(getattr(case.fitted, method), wrong), f"{method} with {what}")


def _check_containers(case: _Case) -> None:
    """Lists, tuples, arrays and Series agree, in ``fit`` and after."""
    forms: dict[str, Any] = {"tuple": tuple(case.texts), "array": np.array(case.texts)}
    forms["array of objects"] = np.array(case.texts, dtype=object)
    if pandas := _optional("pandas"):
        forms["pandas Series"] = pandas.Series(case.texts, index=range(7, 7 + len(case.texts)))
        forms["pandas Series of objects"] = pandas.Series(case.texts, dtype=object)[::-1][::-1]
    if polars := _optional("polars"):
        forms["polars Series"] = polars.Series(case.texts)
    for name, form in forms.items():
        _same(_outputs(case.fitted, form), case.expected, f"a {name} and a list")
    last = list(forms.values())[-1]
    _same(_outputs(case.fit(None, last), case.texts), case.expected, f"fit on a {list(forms)[-1]} and on a list")


def _check_label_containers(case: _Case) -> None:
    """So do the labels' containers."""
    if case.y is None:
        return
    forms: dict[str, Any] = {}
    flat = all(isinstance(label, (str, int, float)) for label in case.y)
    if flat:
        forms["array"] = np.array(case.y)
    elif isinstance(case.y, np.ndarray):
        forms["list"] = case.y.tolist()
    if pandas := _optional("pandas"):
        table = isinstance(case.y, np.ndarray) and case.y.ndim == 2
        index = range(5, 5 + len(case.texts))
        forms["pandas column"] = pandas.DataFrame(case.y, index) if table else pandas.Series(list(case.y), index)
    if (polars := _optional("polars")) and flat:
        forms["polars Series"] = polars.Series(list(case.y))
    for name, form in forms.items():
        _same(_outputs(case.fit(None, None, form), case.texts), case.expected, f"labels in a {name}")


def _check_messy_texts(case: _Case) -> None:
    """Texts that are empty, one word long or no text at all get an answer each, and do not spoil ``fit``."""
    for method, output in _outputs(case.fitted, list(_MESSY)).items():
        assert _rows(output) == len(_MESSY), f"{method} must give an answer for each text, also for an empty one"
    texts = ["", "Flood", *case.texts[2:]]
    y = case.y
    if isinstance(y, list) and not isinstance(y[0], (str, int, float)):
        y = [[], [], *y[2:]]
    _outputs(case.fit(None, texts, y), texts)


def _check_one_by_one(case: _Case) -> None:
    """What a text gets depends on it alone: not on its neighbours, nor on their order."""
    for method in _methods(case.fitted):
        read = getattr(case.fitted, method)
        alone = [_row(read([text]), 0) for text in case.texts]
        turned = read(case.texts[::-1])
        for at, text in enumerate(case.texts):
            together = _row(case.expected[method], at)
            _same(alone[at], together, f"{method} of {text!r} alone and among others")
            _same(_row(turned, len(case.texts) - 1 - at), together, f"{method} of {text!r} in another order")


def _check_spans(case: _Case) -> None:
    """Every range of characters lies in its text and holds some of it."""
    texts = [*case.texts, *_MESSY]
    for method, output in _outputs(case.fitted, texts).items():
        if not isinstance(output, list):
            continue
        for text, row in zip(texts, output, strict=True):
            for start, end in _spans(row):
                assert 0 <= start < end <= len(text), f"{method} gives [{start}, {end}) in a text of {len(text)}"


def _check_probabilities(case: _Case) -> None:
    """Probabilities are from 0 to 1, sum to 1 where classes exclude each other, and lead to the prediction."""
    if not hasattr(case.fitted, "predict_proba"):
        return
    texts = [*case.texts, *_MESSY]
    found = case.fitted.predict_proba(texts)
    if not isinstance(found, np.ndarray):
        numbers = [float(n[-1] if isinstance(n, tuple) else n) for row in found for n in row]
        assert all(0 <= number <= 1 for number in numbers), "probabilities must be from 0 to 1"
        return
    assert found.shape == (len(texts), len(case.fitted.classes_)), "predict_proba must have a column a class"
    assert found.min() >= 0, "probabilities must be at least 0"
    assert found.max() <= 1, "probabilities must be at most 1"
    predicted = np.asarray(case.fitted.predict(texts))
    if predicted.ndim == 1:
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
        sure = np.abs(np.diff(np.sort(found, axis=1)[:, -2:], axis=1))[:, 0] > _CLOSE
        likeliest = np.asarray(case.fitted.classes_)[found.argmax(axis=1)]
        assert (likeliest == predicted)[sure].all(), "predict must give the likeliest class"
    else:
        sure = np.abs(found - 0.5) > _CLOSE
        assert ((found > 0.5) == predicted.astype(bool))[sure].all(), "predict must give what is likelier than not"


def _check_wrong_labels(case: _Case) -> None:
    """Labels that are missing, too few or all the same work, or a sentence says what to do."""
    if case.y is None:
        return
    rest = list(case.y)[1:]
    for what, first in {"None": None, "NaN": math.nan}.items():
        _raises((TypeError, ValueError), partial(case.fit, None, None, [first, *rest]), f"{what} among the labels")
    _raises((TypeError, ValueError), partial(case.fit, None, None, rest), "a label too few")
    _works_or_says(partial(case.fit, None, None, [next(iter(case.y))] * len(case.texts)), "fit with one class only")
    _works_or_says(partial(case.fit, None, [], []), "fit without texts")


def _check_unseen_labels(case: _Case) -> None:
    """Labels that ``fit`` never saw are no reason to break in ``score``."""
    if case.y is None or not hasattr(case.fitted, "score"):
        return
    if isinstance(case.y, list) and isinstance(case.y[0], str):
        score = case.fitted.score(case.texts, ["unheard of", *case.y[1:]])
        assert 0 <= score < 1, "a label that was never seen cannot be predicted"
    elif isinstance(case.y, list):
        y = [["unheard of"], *case.y[1:]]
        _raises((TypeError, ValueError), partial(case.fitted.score, case.texts, y), "a label that was never seen")


def _check_sample_weight(case: _Case) -> None:
    """Weights of 1 change nothing, others do; wrong ones are named."""
    if not _takes_weights(case.estimator) or case.y is None:
        return
    count = len(case.texts)
    ones = _outputs(case.fit(sample_weight=np.ones(count)), case.texts)
    _same(ones, case.expected, "weights of 1 and none")
    uneven = case.fit(sample_weight=np.where(np.arange(count) % 4 == 0, 25.0, 0.2))
    changed = _outputs(uneven, case.texts)
    assert any(not _close(changed[name], case.expected[name]) for name in changed), "sample_weight changes nothing"
    for wrong, what in ((np.ones(count - 1), "too few weights"), (np.full(count, np.nan), "weights that are NaN")):
        _raises((TypeError, ValueError), partial(case.fit, sample_weight=wrong), what)


def _check_feature_names(case: _Case) -> None:
    """Columns have names, as many as there are, all different."""
    if not hasattr(case.fitted, "transform"):
        return
    names = np.asarray(case.fitted.get_feature_names_out())
    columns = case.expected["transform"].shape[1]
    assert len(names) == columns, f"get_feature_names_out gives {len(names)} names for {columns} columns"
    assert len(set(names)) == columns, "get_feature_names_out gives a name twice"
    assert all(isinstance(name, str) for name in names), "names of features must be strings"
    together = case.new()
    result = together.fit_transform(case.texts) if case.y is None else together.fit_transform(case.texts, case.y)
    _same(result, case.expected["transform"], "fit_transform and fit, then transform")


def _check_set_output(case: _Case) -> None:
    """``set_output`` gives tables with these names, or says why not."""
    if not hasattr(case.fitted, "transform"):
        return
    sparse = sp.issparse(case.expected["transform"])
    for library in filter(_optional, ("pandas", "polars")):
        estimator = case.fit(case.new().set_output(transform=library))
        if sparse:
            _raises((TypeError, ValueError), partial(estimator.transform, case.texts), f"sparse rows as {library}")
            continue
        table = estimator.transform(case.texts)
        assert list(table.columns) == list(estimator.get_feature_names_out()), f"{library}: columns lack their names"
        _same(table.to_numpy(), case.expected["transform"], f"values in {library}")


def _check_pipeline(case: _Case) -> None:
    """It works in a Pipeline and, as a transformer, in a FeatureUnion."""
    from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

    alone = case.fit(Pipeline([("it", case.new())]))
    _same(_outputs(alone, case.texts), case.expected, "in a pipeline and alone")
    if not hasattr(case.fitted, "transform"):
        return
    union = case.fit(FeatureUnion([("one", case.new()), ("two", case.new())]))
    assert union.transform(case.texts).shape[1] == 2 * case.expected["transform"].shape[1], "columns of a union"
    assert len(union.get_feature_names_out()) == union.transform(case.texts).shape[1], "names of a union"
    model = make_pipeline(case.new(), _logistic()).fit(case.texts, _halves(case))
    assert model.predict_proba(case.texts).shape == (len(case.texts), 2), "a classifier on top"


def _check_cross_validation(case: _Case) -> None:
    """``cross_validate`` scores it on texts that it has not seen."""
    from sklearn.model_selection import cross_validate

    model, y = _scorable(case)
    if model is None:
        return
    found = cross_validate(model, case.texts, y, cv=2, error_score="raise")
    assert np.isfinite(found["test_score"]).all(), "scores must be numbers"


def _check_grid_search(case: _Case) -> None:
    """``GridSearchCV`` over a parameter finds one."""
    from sklearn.model_selection import GridSearchCV

    model, y = _scorable(case)
    if model is None:
        return
    names = [name for name in ("C", "clf__C", "threshold") if name in model.get_params()]
    grid = {names[0]: [0.1, 0.5]} if names else {}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(case.texts, y)
    assert np.isfinite(search.best_score_), "the best score must be a number"
    _outputs(search, case.texts)


def _check_copies(case: _Case) -> None:
    """Deep copies and pickles of it, which are what other processes get, read as it does."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(case.fitted, buffer)
    buffer.seek(0)
    for what, other in (("a deep copy", copy.deepcopy(case.fitted)), ("a pickle", joblib.load(buffer))):
        _same(_outputs(other, case.texts), case.expected, f"{what} and the estimator")


def _check_save_and_load(case: _Case) -> None:
    """:func:`framing.save` and :func:`framing.load` leave parameters and predictions as they are, without pickle."""
    from framing.saving import load, save

    with tempfile.TemporaryDirectory() as folder:
        for what, estimator in (("fitted", case.fitted), ("unfitted", case.new())):
            place = Path(folder) / what
            save(estimator, place)
            other = load(place)
            assert repr(other) == repr(estimator), "parameters after loading"
            if what == "fitted":
                _same(_outputs(other, case.texts), case.expected, "predictions after loading")
            _same(_outputs(case.fit(other), case.texts), case.expected, f"fit after loading what was {what}")


def _check_threads(case: _Case) -> None:
    """Several threads may read with one estimator."""
    estimator = case.fit()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: _outputs(estimator, case.texts), range(8)):
            _same(found, case.expected, "in a thread and alone")


_CHECKS = (
    _check_parameters, _check_html, _check_fit, _check_fit_twice, _check_random_state, _check_reading,
    _check_unfitted, _check_bare_string, _check_wrong_texts, _check_containers, _check_label_containers,
    _check_messy_texts, _check_one_by_one, _check_spans, _check_probabilities, _check_wrong_labels,
    _check_unseen_labels, _check_sample_weight, _check_feature_names, _check_set_output, _check_pipeline,
    _check_cross_validation, _check_grid_search, _check_copies, _check_save_and_load, _check_threads,
)  # fmt: skip


def _attributions(text: str) -> list[dict[str, list[tuple[int, int]]]]:
    """What stands before "said" is the source, what comes after it the content."""
    if " said " not in text:
        return []
    at = text.index(" said ")
    return [{"source": [(0, at)], "cue": [(at + 1, at + 5)], "content": [(at + 6, len(text))]}]


def _methods(estimator: Any) -> list[str]:
    return [method for method in _METHODS if hasattr(estimator, method)]


def _outputs(estimator: Any, X: Any) -> dict[str, Any]:
    return {method: getattr(estimator, method)(X) for method in _methods(estimator)}


def _rows(output: Any) -> int:
    return int(output.shape[0]) if hasattr(output, "shape") else len(output)


def _row(output: Any, at: int) -> Any:
    return output[[at]].toarray() if sp.issparse(output) else output[at]


def _close(found: Any, wanted: Any) -> bool:
    """Whether outputs agree, numbers within rounding."""
    if found is wanted:
        return True
    if sp.issparse(found) or sp.issparse(wanted):
        return found.shape == wanted.shape and bool(abs(found - wanted).max() <= _CLOSE)
    if isinstance(wanted, np.ndarray) and wanted.dtype.kind == "f":
        return np.shape(found) == wanted.shape and np.allclose(found, wanted, atol=_CLOSE)
    if isinstance(wanted, np.ndarray):
        return np.array_equal(found, wanted)
    if isinstance(wanted, Mapping):
        return list(found) == list(wanted) and all(_close(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (float, np.floating)):
        return math.isclose(found, wanted, abs_tol=_CLOSE)
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(_close(*pair) for pair in zip(found, wanted, strict=True))
    if hasattr(wanted, "__dict__"):
        return _close(vars(found), vars(wanted))
    return bool(found == wanted)


def _same(found: Any, wanted: Any, what: str) -> None:
    assert _close(found, wanted), f"{what} differ:\n{str(found)[:500]}\n{str(wanted)[:500]}"


def _says_what_to_do(error: Exception) -> bool:
    """Whether a message is a sentence for users and not what Python says of itself."""
    message = str(error)
    return len(message.split()) >= 5 and not any(words in message for words in _BUILT_IN)


def _raises(kind: Any, call: Callable[[], Any], what: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        error = _error_of(call)
    assert error is not None, f"{what} must raise an error, but is taken"
    assert isinstance(error, kind), f"{what} raises {error!r}"
    assert _says_what_to_do(error), f"{what} must say what is wrong and what to do. It says: {error!r}"


def _works_or_says(call: Callable[[], Any], what: str) -> None:
    error = _error_of(call)
    if error is not None:
        assert isinstance(error, (TypeError, ValueError)), f"{what} raises {error!r}"
        assert _says_what_to_do(error), f"{what} must say what is wrong and what to do. It says: {error!r}"


def _error_of(call: Callable[[], Any]) -> Exception | None:
    try:
        call()
    except Exception as error:
        return error
    return None


def _spans(value: Any) -> Iterator[tuple[int, int]]:
    """Ranges in a row of predictions, whatever they are part of."""
    if hasattr(value, "start") and hasattr(value, "end"):
        yield value.start, value.end
    elif isinstance(value, tuple) and len(value) >= 2 and all(type(part) is int for part in value[:2]):
        yield value[:2]
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _spans(item)
    elif hasattr(value, "__dict__"):
        for item in vars(value).values():
            yield from _spans(item)


def _takes_weights(estimator: Any) -> bool:
    from sklearn.utils.validation import has_fit_parameter

    return bool(has_fit_parameter(estimator, "sample_weight"))


def _optional(name: str) -> Any:
    return import_module(name) if util.find_spec(name) else None


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def _halves(case: _Case) -> list[str]:
    return [_KINDS[at % 2] for at in range(len(case.texts))]


def _scorable(case: _Case) -> tuple[Any, Any]:
    """The estimator where it can be scored, or a classifier on top of a transformer; and labels."""
    from sklearn.pipeline import Pipeline

    if hasattr(case.fitted, "transform"):
        return Pipeline([("it", case.new()), ("clf", _logistic())]), _halves(case)
    return (case.new(), case.y) if case.y is not None else (None, None)
