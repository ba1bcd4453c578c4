"""How common something is in a corpus, although the classifier that looked for it errs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.gold import GOLD, Gold, find_labels
from framing.inference import ESTIMATORS, Estimate, Sample
from framing.units import Docs, Reading, find_reading, import_pandas, read_table, require_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["METHODS", "Readings", "Units", "labels_needed", "prevalence", "provenance", "read_units"]

Names = str | Sequence[str] | None
Readings = str | Sequence[str]

METHODS = {
    "naive": "share of the classifier's decisions, as if it made no errors",
    "gold": "share of the hand-made labels alone",
    "adjusted": "adjusted count: decisions corrected by sensitivity and false-alarm rate (Forman 2005)",
    "ppi": "prediction-powered inference with power tuning (Angelopoulos et al. 2023)",
}
"""What each method does, in words for a methods section."""

_FEW = 15


def prevalence(
    predictions: Docs,
    gold: Gold = None,
    *,
    of: Readings,
    by: Names = None,
    level: str | None = None,
    threshold: float = 0.5,
    method: str | Sequence[str] = "ppi",
    column: str = GOLD,
    size: str | None = None,
    sampling: str | None = None,
    article: str = "article",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share of units of which something holds, with intervals that stay valid although the classifier errs.

    Counting a classifier's output gives a biased share, however large the corpus. Given the labels that people gave to
    a random part of the units, prediction-powered inference corrects it: the result is unbiased whatever the classifier
    does, and the better the classifier, the narrower the interval.

    The labels must be of a *random* part: of units drawn at random, or of all units of articles drawn at random, from
    the very output that is counted. With `by`, each group is corrected with the labels in it, for the classifier may
    err more in one group than in another.

    Parameters
    ----------
    predictions : iterable of Analysis, path-like or DataFrame
        A path names JSON Lines as ``framing batch`` writes them. A table has a row for each unit, from
        `framing.read_table` or `framing.to_pandas`, or of any other origin.
    gold : DataFrame, iterable of mapping, or str
        The labels: rows with ``id``, the unit's number under the name of the level (``statement``, …), and the label. A
        string names a column of `predictions` with labels, empty where there is none. Labels are the names of readings
        (``"author_opinion"``), truth values, or numbers from 0 to 1. Not needed for the method "naive".
    of : str or sequence of str
        Readings; see `framing.units.find_reading`. ``"author_opinion"``, ``"official"``, ``"policy_economic"``,
        ``"bias"``, …, or columns of the user's own table, with truth values or probabilities.
    by : str or sequence of str, optional
        Groups: fields of ``meta`` such as ``"outlet"``, ``"year"`` or ``"month"`` of the field ``date``, columns of the
        unit such as ``"source_type"``. Several give every combination.
    level : {"statement", "attribution", "sentence", "article"}, optional
        What a unit is; by default what the reading is about.
    threshold : float, default=0.5
        From which score on a frame or a bias counts.
    method : str or sequence of str, default="ppi"
        "ppi", "adjusted", "gold", "naive"; "all" for the four. See `METHODS`.
    column : str, default="gold"
        Column of `gold` with the labels.
    size : str, optional
        Column of the predictions that says how much a unit counts; ``"words"`` gives shares of the words.
    sampling : str, optional
        Column of `gold` with sampling weights, 1 over the probability with which a unit was drawn, up to a factor. By
        default every unit is taken to have had the same chance.
    article : str, default="article"
        Column of a table that says which units belong together. Intervals treat articles, not units, as independent.
    confidence : float, default=0.95
        Between 0 and 1.

    Returns
    -------
    DataFrame
        A row for each group, reading and method: the columns of `by`; ``reading``, ``method``; ``share``, ``low``,
        ``high``; ``units``, ``articles``, ``labels``, ``labelled_articles``; ``tuning``, from 0 (predictions ignored)
        to 1 (taken at their word); ``worth``, the number of labels that would be as sure if they were independent and
        there were no predictions; ``note``, where something should be known before the number is used. ``attrs`` holds
        the models, the level and the methods.

    Raises
    ------
    TypeError, ValueError
        If the arguments don't go together; the message says how.
    ArticleError, OSError
        If a file can't be read.
    MissingExtraError
        If pandas isn't installed.

    See Also
    --------
    labels_needed : How many labels it takes.
    regress : The same for regressions.

    Notes
    -----
    Intervals are Wilson's with an effective sample size and Student's t on the number of labelled articles; where a
    label is rare the gain from predictions is shrunk, because few labels can't show it. Those of adjusted counts are
    plain ones, share ± t × standard error by the delta method, cut to 0 and 1. They speak of the stream of
    news that the articles were drawn from; for the articles at hand alone they are a little wide.
    ``training/simulate_prevalence.py`` measures their coverage.

    References
    ----------
    Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023). Prediction-powered inference. Science 382.
    Angelopoulos, Duchi and Zrnic (2023). PPI++: Efficient prediction-powered inference. arXiv:2311.01453.
    Forman (2005). Counting positives accurately despite inaccurate classification. ECML.

    Examples
    --------
    >>> import numpy as np, pandas as pd, framing
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random(5000) < 0.2
    >>> table = pd.DataFrame({"article": np.arange(5000) // 5, "loaded": truth ^ (rng.random(5000) < 0.15)})
    >>> table["human"] = np.where(table["article"] < 60, truth, np.nan)
    >>> found = framing.prevalence(table, "human", of="loaded", method=["naive", "ppi"])
    >>> found[["method", "share", "low", "high"]].round(3).values.tolist()
    [['naive', 0.295, 0.283, 0.308], ['ppi', 0.194, 0.163, 0.23]]
    """
    methods = _methods(method)
    if gold is None and set(methods) != {"naive"}:
        raise ValueError("gold is missing: every method but 'naive' corrects with the labels of a random part.")
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence must lie between 0 and 1. Got {confidence} instead.")
    units = read_units(
        predictions, gold, of=of, by=by, level=level, threshold=threshold, column=column, size=size, sampling=sampling,
        article=article,
    )  # fmt: skip
    rows = []
    for reading in units.readings:
        whole = units.sample(reading)
        for group, places in units.groups():
            sample = whole if places is None else whole.take(places)
            for name in methods:
                estimate = ESTIMATORS[name](sample)
                row = _row(sample, estimate, name, confidence)
                rows.append({**group, "reading": reading.name, "method": name, **row})
    out = import_pandas().DataFrame(rows)
    out.attrs = provenance(
        units.table, units.level, size=size, confidence=confidence, methods={m: METHODS[m] for m in methods},
    )  # fmt: skip
    return out


def labels_needed(
    half_width: float | Sequence[float],
    *,
    share: float,
    sensitivity: float,
    specificity: float,
    units: float = float("inf"),
    effect: float = 1.0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How many labels an interval of a given width takes, with predictions and without.

    Parameters
    ----------
    half_width : float or sequence of float
        Half of the interval's width that is wanted, such as 0.03 for ± 3 points; several give a table of each.
    share : float
        Guess of the share; 0.5 is the most expensive.
    sensitivity, specificity : float
        Share of the positive units that the classifier finds, and of the negative ones that it leaves alone; from
        `framing.validate`, or a guess on the low side.
    units : float, optional
        Number of units that are predicted; by default so many that they don't matter.
    effect : float, default=1
        Design effect: 1 where units are drawn one by one; 1 + (m - 1) r where whole articles of m units are labelled
        and units of an article correlate with r (0.1 to 0.2 is usual).
    confidence : float, default=0.95

    Returns
    -------
    DataFrame
        A row for each width and method, "gold" and "ppi": ``method``; ``half_width``; ``labels``, nan where no number
        of labels is enough; ``saved``, the share of labels that predictions save. What was assumed is in ``attrs``.

    Raises
    ------
    ValueError
        If a number lies outside its range.
    MissingExtraError
        If pandas isn't installed.

    Notes
    -----
    The widths are those of `prevalence` for the labels that are to be expected. Draw some more where the share is a
    guess.

    Examples
    --------
    >>> import framing
    >>> plan = framing.labels_needed(0.03, share=0.2, sensitivity=0.8, specificity=0.95)
    >>> plan[["method", "labels"]].values.tolist()
    [['gold', 684.0], ['ppi', 311.0]]
    """
    widths = list(half_width) if isinstance(half_width, Sequence) else [half_width]
    inside = [*(("half_width", width) for width in widths), ("share", share), ("confidence", confidence)]
    for name, value in inside:
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1. Got {value} instead.")
    for name, value in {"sensitivity": sensitivity, "specificity": specificity}.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be from 0 to 1. Got {value} instead.")
    if effect < 1 or units < 1:
        raise ValueError("The design effect and the number of units must be 1 or more.")
    predicted = share * sensitivity + (1 - share) * (1 - specificity)
    spread = predicted * (1 - predicted)
    shared = share * (1 - share) * (sensitivity + specificity - 1)
    r2 = shared**2 / (share * (1 - share) * spread) if spread and shared > 0 else 0.0
    rows = []
    for width in widths:
        alone = _enough(width, share, 0.0, units, effect, confidence)
        for method, labels in (("gold", alone), ("ppi", _enough(width, share, r2, units, effect, confidence))):
            rows.append({"method": method, "half_width": width, "labels": labels, "saved": 1 - labels / alone})
    out = import_pandas().DataFrame(rows, columns=["method", "half_width", "labels", "saved"])
    out.attrs = provenance(
        None, None, share=share, sensitivity=sensitivity, specificity=specificity, units=units,
        effect=effect, confidence=confidence, methods={m: METHODS[m] for m in ("gold", "ppi")},
    )  # fmt: skip
    return out


# Units with their labels, as every finding takes them


@dataclass(frozen=True, slots=True)
class Units:
    """A table of units, the readings that are asked of it, and labels.

    Attributes
    ----------
    table : DataFrame
    level : str
    readings : list of Reading
    by : list of str
        Columns of the table that make groups.
    labels : DataFrame or None
        For every row of the table, the label in its first column and, perhaps, the sampling weight in the second.
    article : ndarray of int, shape (n_units,)
    size : ndarray of float, shape (n_units,)
    """

    table: pd.DataFrame
    level: str
    readings: list[Reading]
    by: list[str]
    labels: pd.DataFrame | None
    article: NDArray[np.intp]
    size: NDArray[np.float64]

    def sample(self, reading: Reading) -> Sample:
        """Everything that estimates of a reading need."""
        n = len(self.table)
        gold, draw = np.full(n, np.nan), np.ones(n)
        if self.labels is not None:
            gold = reading.judge(self.labels.iloc[:, 0])
            if self.labels.shape[1] > 1:
                draw = self.labels.iloc[:, 1].to_numpy(dtype=np.float64)
                if not (draw[~np.isnan(gold)] > 0).all():
                    raise ValueError("Sampling weights must be above 0 wherever there is a label.")
        score, decided = reading.score(self.table), reading.decide(self.table)
        if lacking := int(np.isnan(score).sum()):
            raise ValueError(f"{lacking} units have no score of {reading.name!r}; leave them out, or read them anew.")
        return Sample(decided, score, gold, self.article, self.size, draw)

    def groups(self) -> Iterator[tuple[dict[str, Any], NDArray[np.intp] | None]]:
        """Groups by name and the places of their units, in order; one without a name where none are asked for."""
        if not self.by:
            yield {}, None
            return
        grouped = self.table.groupby(self.by, observed=True, sort=True, dropna=False).indices
        for key in sorted(grouped, key=lambda k: tuple(map(str, k)) if isinstance(k, tuple) else (str(k),)):
            values = key if isinstance(key, tuple) else (key,)
            yield dict(zip(self.by, values, strict=True)), np.asarray(grouped[key], dtype=np.intp)


def read_units(
    docs: Docs,
    gold: Gold,
    *,
    of: Readings,
    by: Names,
    level: str | None,
    threshold: float,
    column: str = GOLD,
    size: str | None = None,
    sampling: str | None = None,
    article: str = "article",
    more: Sequence[str] = (),
) -> Units:
    """Read the units that a finding is about, once, with the columns that it needs and no others.

    Parameters are those of `prevalence`; `more` are further columns.

    Raises
    ------
    TypeError, ValueError
        If the arguments don't go together.
    """
    pd = import_pandas()
    names = [of] if isinstance(of, str) else list(of)
    groups = [by] if isinstance(by, str) else list(by or ())
    own = docs.columns if isinstance(docs, pd.DataFrame) else None
    if own is not None and level is None:
        level = docs.attrs.get("level")
    readings = [find_reading(name, level, threshold=threshold, columns=own) for name in names]
    levels = {reading.level for reading in readings}
    if len(levels) != 1:
        raise ValueError(
            f"The readings must be of one level. Got {', '.join(sorted(levels)) or 'none'}; give level=, or ask twice."
        )
    level = levels.pop()
    wanted = [*groups, *more, *([size] if size else [])]
    if own is not None:
        table = docs
        require_columns(table, [*(reading.column for reading in readings), *wanted, article])
    else:
        if isinstance(gold, str):
            raise TypeError("gold can only name a column where the predictions are a table.")
        if gold is not None:
            wanted += [name for name in ("start", "end") if level != "article"]
        table = read_table(docs, level, [*wanted, *(name for reading in readings for name in reading.columns)])
    labels = None
    if gold is not None:
        source = [gold] if isinstance(gold, str) else [column]
        labels = find_labels(table, gold, level, [*source, *([sampling] if sampling else [])])
    codes, _ = pd.factorize(table[article], use_na_sentinel=False)
    weights = np.ones(len(table)) if size is None else table[size].to_numpy(dtype=np.float64)
    if (weights < 0).any() or np.isnan(weights).any():
        raise ValueError(f"The column {size!r} must hold numbers from 0 on.")
    return Units(table, level, readings, groups, labels, np.asarray(codes, dtype=np.intp), weights)


def provenance(table: pd.DataFrame | None, level: str | None, **more: Any) -> dict[str, Any]:
    """What a result's ``attrs`` say about where it comes from."""
    from framing import __version__

    out: dict[str, Any] = {"framing": __version__}
    if level is not None:
        out["level"] = level
    if table is not None:
        out |= {"models": table.attrs.get("models", {}), "n": len(table)}
    return out | more


def _methods(method: str | Sequence[str]) -> list[str]:
    names = list(METHODS) if method == "all" else [method] if isinstance(method, str) else list(method)
    if unknown := [name for name in names if name not in METHODS]:
        raise ValueError(f"The method must be one of {', '.join(METHODS)}, or 'all'. Got {unknown[0]!r} instead.")
    return names


def _row(sample: Sample, estimate: Estimate, method: str, confidence: float) -> dict[str, Any]:
    low, high = estimate.interval(confidence)
    on = sample.labelled
    share = min(max(estimate.share, 0.0), 1.0)
    worth = share * (1 - share) / estimate.variance if method != "naive" and estimate.variance > 0 else float("nan")
    return {
        "share": share,
        "low": low,
        "high": high,
        "units": len(on),
        "articles": len(np.unique(sample.article)),
        "labels": int(on.sum()),
        "labelled_articles": len(np.unique(sample.article[on])),
        "tuning": estimate.tuning,
        "worth": worth,
        "note": _note(sample, estimate, method),
    }


def _note(sample: Sample, estimate: Estimate, method: str) -> str:
    if not len(sample.article):
        return "there are no units"
    if method == "naive":
        return "biased by the classifier's errors; the interval leaves them out"
    labelled = len(np.unique(sample.article[sample.labelled]))
    if not labelled:
        return "no labels here: nothing can be said"
    if np.isnan(estimate.share):
        return "the labels don't show that the classifier finds this: it can't be corrected this way"
    if np.isnan(estimate.variance):
        return f"labels in {labelled} articles only: no interval"
    if labelled < _FEW:
        return f"labels in {labelled} articles only: the interval is rough"
    if estimate.rarer < 1:
        return "all labels are alike: the interval rests on their number alone"
    return ""


def _enough(
    half_width: float, share: float, explained: float, units: float, effect: float, confidence: float
) -> float:
    """Smallest number of labels whose interval is narrow enough, nan if there is none."""

    def wide(labels: int) -> bool:
        variance = share * (1 - share) * effect * ((1 - explained) / labels + explained / units)
        rarer = labels * min(share, 1 - share)
        low, high = Estimate(share, variance, max(labels / effect - 2, 1.0), labels, effect, rarer).interval(confidence)
        return (high - low) / 2 > half_width

    few, many = 3, 4
    while wide(many):
        if many >= min(units, 1e9):
            return float("nan")
        few, many = many, int(min(2 * many, units, 1e9))
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if wide(middle) else (few, middle)
    return float(many)
