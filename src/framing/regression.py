"""Regressions on what a classifier found, corrected with hand-made labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.gold import GOLD, Gold
from framing.inference import Sample
from framing.shares import provenance, read_units
from framing.units import Docs, import_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["regress"]

Floats = NDArray[np.float64]

_FOLDS = 5
_STEPS = 50
_ROWS = 1 << 16
_MODELS = ("linear", "logistic")
_METHODS = {
    "naive": "regression on the classifier's decisions, as if it made no errors",
    "gold": "regression on the hand-made labels alone",
    "dsl": "design-based supervised learning (Egami et al. 2023), predictions recalibrated by cross-fitting",
}


def regress(
    predictions: Docs,
    gold: Gold,
    *,
    of: str,
    on: str | Sequence[str],
    model: str = "linear",
    level: str | None = None,
    threshold: float = 0.5,
    method: str | Sequence[str] = "dsl",
    column: str = GOLD,
    sampling: str | None = None,
    article: str = "article",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Regress what a classifier found on properties of the article or the unit, although the classifier errs.

    Errors of a classifier don't cancel in a regression: where it errs more in one outlet than in another, the
    difference between outlets is wrong, and no number of articles helps. Design-based supervised learning puts in the
    place of every prediction f the outcome f + r (y - f) / π, where r says whether the unit has a label y, and π is the
    probability with which it was drawn. Its mean is right whatever f is, and so are the coefficients.

    Parameters
    ----------
    predictions, gold, level, threshold, column, sampling, article, confidence
        As for `framing.prevalence`.
    of : str
        The outcome, a reading; see `framing.units.find_reading`.
    on : str or sequence of str
        What explains it: fields of ``meta``, columns of the unit, or columns of the table. Numbers enter as they are;
        anything else as one column for each value but the first in alphabetical order.
    model : {"linear", "logistic"}
        Differences of shares, or log odds.
    method : str or sequence of str, default="dsl"
        "dsl", "gold", "naive"; "all" for the three.

    Returns
    -------
    DataFrame
        A row for each method and term: ``method``, ``term``, ``estimate``, ``se`` (clustered by article), ``low``,
        ``high``, ``p``, ``labels``, ``labelled_articles``. ``attrs["bases"]`` says what groups are set against.

    Raises
    ------
    TypeError, ValueError
        If the arguments don't go together, or the terms can't be told apart from each other.
    MissingExtraError
        If pandas isn't installed.

    References
    ----------
    Egami, Hinck, Stewart and Wei (2023). Using imperfect surrogates for downstream inference: Design-based supervised
    learning for social science applications of large language models. NeurIPS.

    Examples
    --------
    >>> import numpy as np, pandas as pd, framing
    >>> rng = np.random.default_rng(1)
    >>> n = 8000
    >>> table = pd.DataFrame({"article": np.arange(n) // 4, "outlet": np.repeat(["Tide", "Echo"], n // 2)})
    >>> truth = rng.random(n) < np.where(table["outlet"] == "Tide", 0.4, 0.2)
    >>> table["loaded"] = truth ^ (rng.random(n) < 0.15)
    >>> table["human"] = np.where(rng.random(2000).repeat(4) < 0.15, truth, np.nan)
    >>> found = framing.regress(table, "human", of="loaded", on="outlet", method=["naive", "dsl"])
    >>> found.loc[found["term"] == "outlet Tide", ["method", "estimate"]].round(2).values.tolist()
    [['naive', 0.13], ['dsl', 0.22]]
    """
    from scipy.stats import t

    if model not in _MODELS:
        raise ValueError(f"The model must be 'linear' or 'logistic'. Got {model!r} instead.")
    methods = list(_METHODS) if method == "all" else [method] if isinstance(method, str) else list(method)
    if unknown := [name for name in methods if name not in _METHODS]:
        raise ValueError(f"The method must be one of {', '.join(_METHODS)}, or 'all'. Got {unknown[0]!r} instead.")
    terms_on = [on] if isinstance(on, str) else list(on)
    units = read_units(
        predictions, gold, of=of, by=None, level=level, threshold=threshold, column=column, sampling=sampling,
        article=article, more=terms_on,
    )  # fmt: skip
    X, terms, bases = _design(units.table, terms_on)
    sample = units.sample(units.readings[0])
    on_label = sample.labelled
    everyone = slice(None)
    rows = []
    for name in methods:
        if name == "naive":
            used: Any = everyone
            y = sample.predicted.astype(np.float64)
        elif name == "gold":
            used, y = on_label, sample.gold
        else:
            used, y = everyone, _pseudo_outcome(sample)
        weights = sample.draw if name == "gold" else np.ones(len(X))
        articles = sample.article if name == "naive" else sample.article[on_label]
        clusters = len(np.unique(articles))
        df = clusters - X.shape[1]
        if df < 1:
            raise ValueError(f"{clusters} articles are too few for {X.shape[1]} terms. Label more, or ask for less.")
        if np.linalg.matrix_rank(_gram(X[used], np.ones(len(y[used]))), hermitian=True) < X.shape[1]:
            raise ValueError(f"The terms {', '.join(terms)} can't be told apart: one follows from the others.")
        beta, covariance = _fit(X[used], y[used], weights[used], sample.article[used], model)
        se = np.sqrt(np.diag(covariance) * clusters / df)
        reach = float(t.ppf((1 + confidence) / 2, df)) * se
        for k, term in enumerate(terms):
            rows.append(
                {
                    "method": name,
                    "term": term,
                    "estimate": beta[k],
                    "se": se[k],
                    "low": beta[k] - reach[k],
                    "high": beta[k] + reach[k],
                    "p": 2 * float(t.sf(abs(beta[k] / se[k]), df)) if se[k] > 0 else float("nan"),
                    "labels": int(on_label.sum()),
                    "labelled_articles": len(np.unique(sample.article[on_label])),
                }
            )
    out = import_pandas().DataFrame(rows)
    out.attrs = provenance(
        units.table, units.level, outcome=of, model=model, bases=bases, confidence=confidence,
        methods={name: _METHODS[name] for name in methods},
    )  # fmt: skip
    return out


def _design(table: pd.DataFrame, names: Sequence[str]) -> tuple[Floats, list[str], dict[str, str]]:
    """Columns that explain, their names, and for names of groups the one that the others are set against."""
    pd = import_pandas()
    columns: list[NDArray[Any]] = [np.ones(len(table), dtype=bool)]
    terms = ["intercept"]
    bases: dict[str, str] = {}
    for name in names:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype) and _numbers(column.cat.categories):
            column = column.astype(np.float64)
        if pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(dtype=np.float64))
            terms.append(name)
        else:
            codes, found = pd.factorize(column)
            named = [str(value) for value in found]
            order = sorted(range(len(named)), key=named.__getitem__)
            bases |= {name: named[order[0]]} if order else {}
            for code in order[1:]:
                columns.append(codes == code)
                terms.append(f"{name} {named[code]}")
            if (codes < 0).any():
                raise ValueError(f"{name!r} must have a value for every unit; leave out the units that lack one.")
    X = np.empty((len(table), len(columns)))
    for k, values in enumerate(columns):
        X[:, k] = values
    if any(np.isnan(values).any() for values in columns):
        raise ValueError("What explains must have a value for every unit; leave out the units that lack one.")
    return X, terms, bases


def _numbers(values: Any) -> bool:
    return len(values) > 0 and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _pseudo_outcome(sample: Sample) -> Floats:
    """What stands in the place of the unknown label; its mean is the label's."""
    on = np.flatnonzero(sample.labelled)
    if not on.size:
        raise ValueError("gold has no labels.")
    f, y, draw = sample.score, sample.gold[on], sample.draw[on]
    # Folds by article: a label must not shape the prediction that it corrects, nor a neighbour's.
    articles, code = np.unique(sample.article, return_inverse=True)
    fold = np.random.default_rng(0).integers(_FOLDS, size=len(articles))[code]
    outcome = np.empty(len(f))
    for k in range(_FOLDS):
        train = fold[on] != k
        base, slope = _line(f[on][train], y[train], draw[train])
        here = fold == k
        outcome[here] = np.clip(base + slope * f[here], 0, 1)
    # The weights make up the whole: each label speaks for as many units as its weight says.
    outcome[on] += draw / draw.sum() * len(f) * (y - outcome[on])
    return outcome


def _line(f: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Weighted least squares of labels on predictions."""
    if not len(f):
        return 0.0, 1.0
    middle, level = np.average(f, weights=weight), np.average(y, weights=weight)
    spread = float((weight * (f - middle) ** 2).sum())
    slope = float((weight * (f - middle) * (y - level)).sum()) / spread if spread else 0.0
    return float(level - slope * middle), slope


def _fit(X: Floats, y: Floats, weight: Floats, article: NDArray[np.intp], model: str) -> tuple[Floats, Floats]:
    """Coefficients and their covariance, a sandwich of sums over articles."""
    if model == "linear":
        bread = _bread(X, weight)
        beta = bread @ (X.T @ (weight * y))
        residual = y - X @ beta
    else:
        beta, bread, residual = _newton(X, y, weight)
    _, code = np.unique(article, return_inverse=True)
    pull = weight * residual
    scores = np.column_stack([np.bincount(code, weights=column * pull) for column in X.T])
    return beta, bread @ (scores.T @ scores) @ bread


def _gram(X: Floats, weight: Floats) -> Floats:
    """Weighted sums of products of the columns, block by block: a weighted copy of X could be larger than the rest."""
    total = np.zeros((X.shape[1], X.shape[1]))
    for start in range(0, len(X), _ROWS):
        part = slice(start, start + _ROWS)
        total += X[part].T @ (X[part] * weight[part, None])
    return total


def _bread(X: Floats, weight: Floats) -> Floats:
    return np.asarray(np.linalg.inv(_gram(X, weight)), dtype=np.float64)


def _newton(X: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Solve the logistic score equations; y may lie outside 0 and 1, as long as its means don't."""
    from scipy.special import expit

    beta = np.zeros(X.shape[1])
    for _ in range(_STEPS):
        mean = expit(X @ beta)
        bread = _bread(X, weight * mean * (1 - mean))
        step = bread @ (X.T @ (weight * (y - mean)))
        length = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / length if length else 1.0)  # far steps overshoot
        if np.abs(X @ beta).max() > 25:
            break
        if length < 1e-9:
            mean = expit(X @ beta)
            return beta, _bread(X, weight * mean * (1 - mean)), y - mean
    raise ValueError(
        "The logistic model has no finite answer: some group is estimated to be all or none. Use model='linear'."
    )
