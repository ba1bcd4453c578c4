"""How well the output agrees with people, reading by reading and group by group: the table of a methods section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.gold import GOLD, Gold, find_labels
from framing.inference import crowd, likeness, resample_sums
from framing.metrics import expected_calibration_error
from framing.record import LABELS
from framing.shares import Names, Readings, provenance
from framing.units import Docs, Reading, find_reading, import_pandas, read_table, require_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["validate"]

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

_NOMINAL = {
    "label": "statement", "voice": "statement", "kind": "statement", "certainty": "statement",
    "source_type": "attribution", "quotation": "attribution",
}  # fmt: skip
_NO_UNIT = ("frame", "none")
"""Labels that say that there is no such unit: every decision about it is wrong."""

_SURE = 0.05
_FEW = 30
_FEW_ARTICLES = 5


def validate(
    docs: Docs,
    gold: Gold,
    *,
    of: Readings = "label",
    by: Names = None,
    level: str | None = None,
    threshold: float = 0.5,
    column: str = GOLD,
    article: str = "article",
    resamples: int = 1000,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
) -> pd.DataFrame:
    """Agreement with human labels, by reading and group, with a warning where a group is read worse than the rest.

    Parameters
    ----------
    docs, gold, level, threshold, column, article
        As for `framing.prevalence`. For texts that people marked up by themselves, `framing.align_labels` makes `gold`.
    of : str or sequence of str, default="label"
        ``"label"`` (voice and kind), ``"voice"``, ``"kind"``, ``"certainty"``; ``"source_type"``, ``"quotation"``; or
        readings that hold or don't, such as ``"author_opinion"``, ``"named"``, ``"policy_economic"``, ``"bias"``.
        Labels of voice and kind in one will do for either.
    by : str or sequence of str, optional
        Fields of ``meta``, such as ``"outlet"``, and ``"year"`` or ``"month"``; each makes groups of its own.
    resamples : int, default=1000
        For the intervals, which are percentile bootstrap intervals over articles.
    confidence : float, default=0.95
        Between 0 and 1.
    random_state : int, Generator or None, default=0
        Seed.

    Returns
    -------
    DataFrame
        A row for each reading over all units (``by`` and ``group`` empty) and for each group. ``labels``, ``articles``;
        ``right``, share of the units; ``alpha`` (Krippendorff's, nominal), ``macro_f1``, each followed by its interval
        (``alpha_low``, …); ``calibration``, the expected calibration error of the decision's probability, nan where
        there is none; for readings that hold or don't, ``sensitivity``, ``specificity`` and ``excess``, by how much
        counting decisions overstates the share; ``warning``, in plain words.

    Raises
    ------
    TypeError, ValueError
        If the arguments don't go together; the message says how.
    MissingExtraError
        If pandas isn't installed.

    Notes
    -----
    Groups are compared with all others in the share of errors and in `excess`, by Welch's t with variances over
    articles, adjusted by Holm's method; a warning needs an adjusted p below 0.05. A group's variance is taken to be no
    smaller than if all groups were alike, so that a small group without a single error isn't said to be read better. No
    warning doesn't say that there is no difference: with few labels only large ones show.

    Examples
    --------
    >>> import pandas as pd, framing
    >>> table = pd.DataFrame({"article": [0, 0, 1, 1, 2, 2], "loaded": [1, 0, 1, 0, 1, 1], "human": [1, 0, 1, 0, 0, 1]})
    >>> found = framing.validate(table, "human", of="loaded")
    >>> found[["labels", "right", "sensitivity", "excess"]].round(2).values.tolist()
    [[6.0, 0.83, 1.0, 0.17]]
    """
    pd = import_pandas()
    names = [of] if isinstance(of, str) else list(of)
    groups = [by] if isinstance(by, str) else list(by or ())
    own = list(docs.columns) if isinstance(docs, pd.DataFrame) else None
    if own is not None and level is None:
        level = docs.attrs.get("level")
    questions = [_question(name, level, threshold, own) for name in names]
    levels = {question.level for question in questions}
    if len(levels) != 1:
        raise ValueError(f"The readings must be of one level. Got {', '.join(sorted(levels)) or 'none'}; ask twice.")
    level = levels.pop()
    if own is None:
        if isinstance(gold, str):
            raise TypeError("gold can only name a column where docs is a table.")
        wanted = [name for question in questions for name in question.columns]
        table = read_table(docs, level, [*groups, *wanted, *(["start", "end"] if level != "article" else [])])
    else:
        table = docs
        require_columns(table, [*groups, article, *(question.column for question in questions)])
    labels = find_labels(table, gold, level, [gold if isinstance(gold, str) else column]).iloc[:, 0]
    known = labels.notna().to_numpy()
    if not known.any():
        raise ValueError("gold has no labels.")
    table, labels = table[known], labels[known]
    _, owner = np.unique(pd.factorize(table[article], use_na_sentinel=False)[0], return_inverse=True)
    rng = np.random.default_rng(random_state)
    everyone = np.ones(len(table), dtype=bool)
    rows = []
    for question in questions:
        judged = _judge(question, table, labels)
        for name in ("", *groups):
            found = list(_in_groups(table[name])) if name else [("", everyone)]
            warnings = _warnings(judged, owner, found) if name else [""]
            for (value, on), warning in zip(found, warnings, strict=True):
                row = _scores(judged, owner, on, resamples, confidence, rng)
                rows.append({"reading": question.name, "by": name, "group": value, **row, "warning": warning})
    out = pd.DataFrame(rows)
    out.attrs = provenance(
        table, level, confidence=confidence, method="agreement with human labels, bootstrap over articles",
    )  # fmt: skip
    return out


class _Judged:
    """Decisions beside labels, as codes; codes from `kinds` on mean that there is no such unit."""

    def __init__(self, decided: Codes, gold: Codes, kinds: int, total: int, sure: Floats | None, binary: bool) -> None:
        self.decided, self.gold, self.kinds, self.total = decided, gold, kinds, total
        self.sure, self.binary = sure, binary

    @property
    def wrong(self) -> Floats:
        return (self.decided != self.gold).astype(np.float64)

    @property
    def excess(self) -> Floats:
        return (self.decided - self.gold).astype(np.float64)


def _question(name: str, level: str | None, threshold: float, own: Sequence[str] | None) -> Reading:
    """A reading; one without values asks which of several labels a unit has."""
    if name in _NOMINAL and level in (None, _NOMINAL[name]):
        return Reading(name, _NOMINAL[name], name, scores=_PROBABILITIES.get(name, ()))
    return find_reading(name, level, threshold=threshold, columns=own)


_PROBABILITIES = {name: tuple(f"p_{label}" for label in LABELS) for name in ("label", "voice", "kind")}


def _judge(question: Reading, table: pd.DataFrame, labels: pd.Series) -> _Judged:
    pd = import_pandas()
    nominal = question.name in _NOMINAL
    if not nominal and not (question.values or pd.api.types.is_numeric_dtype(table[question.column])):
        nominal = True  # a column of the user's own with names in it
    if not nominal:
        decided = question.decide(table).astype(np.intp)
        gold = question.judge(labels)
        if not np.isin(gold, (0, 1)).all():
            raise ValueError(f"Labels of {question.name!r} must be yes or no to be compared with decisions.")
        score = question.score(table)
        # Decisions that stand in for probabilities can't be calibrated.
        given = bool(((score > 0) & (score < 1)).any())
        sure = np.where(decided == 1, score, 1 - score) if given else None
        return _Judged(decided, gold.astype(np.intp), 2, 2, sure, True)
    marked = labels.astype(object)
    if question.name in ("voice", "kind"):
        part = 0 if question.name == "voice" else 1
        marked = marked.map(lambda value: value.split("_")[part] if value in LABELS else value)
    said = table[question.column].astype(object)
    values = sorted({*marked, *said} - set(_NO_UNIT), key=str)
    codes = {value: number for number, value in enumerate([*values, *_NO_UNIT])}
    sure = None
    if question.scores and set(question.scores) <= set(table.columns):
        sure = np.zeros(len(table))
        for name in question.scores:
            label = name.removeprefix("p_")
            names = {"label": label, "voice": label.split("_")[0], "kind": label.split("_")[1]}
            agrees = (said == names[question.name]).to_numpy()
            sure += agrees * table[name].to_numpy(dtype=np.float64)
    return _Judged(
        said.map(codes).to_numpy(dtype=np.intp), marked.map(codes).to_numpy(dtype=np.intp), len(values), len(codes),
        sure, False,
    )  # fmt: skip


def _scores(
    judged: _Judged, owner: Codes, on: NDArray[np.bool_], resamples: int, confidence: float, rng: np.random.Generator
) -> dict[str, Any]:
    total = judged.total
    decided, gold = judged.decided[on], judged.gold[on]
    _, code = np.unique(owner[on], return_inverse=True)
    articles = int(code.max()) + 1
    flat = np.bincount((code * total + gold) * total + decided, minlength=articles * total * total)
    cells = flat.reshape(articles, total * total).astype(np.float64)
    row: dict[str, Any] = {"labels": len(gold), "articles": articles, "right": float((decided == gold).mean())}
    whole = cells.sum(0)[None]
    drawn = resample_sums(cells, resamples, rng)
    for name, statistic in (("alpha", _alpha), ("macro_f1", _macro_f1)):
        row[name] = float(statistic(whole, judged)[0])
        values = statistic(drawn, judged)
        values = values[~np.isnan(values)]
        bounds = [np.nan, np.nan]
        if articles > 1 and values.size:
            bounds = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
        row[f"{name}_low"], row[f"{name}_high"] = bounds
    row["calibration"] = float("nan")
    if judged.sure is not None:
        row["calibration"] = expected_calibration_error(decided == gold, np.clip(judged.sure[on], 0, 1))
    row |= dict.fromkeys(("sensitivity", "specificity", "excess"), float("nan"))
    if judged.binary:
        positive = gold == 1
        if positive.any():
            row["sensitivity"] = float(decided[positive].mean())
        if not positive.all():
            row["specificity"] = float(1 - decided[~positive].mean())
        row["excess"] = float(judged.excess[on].mean())
    return row


def _alpha(cells: Floats, judged: _Judged) -> Floats:
    """Krippendorff's alpha of two annotators without gaps, for rows of confusion counts."""
    confusion = cells.reshape(len(cells), judged.total, judged.total)
    n = confusion.sum((1, 2))
    used = confusion.sum(1) + confusion.sum(2)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = 1 - np.trace(confusion, axis1=1, axis2=2) / n
        by_chance = 1 - (used * (used - 1)).sum(1) / (2 * n * (2 * n - 1))
        out = 1 - apart / by_chance
    return np.where((by_chance == 0) & (n > 0), 1.0, out)  # one label only: full agreement, as in framing.metrics


def _macro_f1(cells: Floats, judged: _Judged) -> Floats:
    """Mean F1 of the labels that occur, for rows of confusion counts."""
    confusion = cells.reshape(len(cells), judged.total, judged.total)
    right = np.diagonal(confusion, axis1=1, axis2=2)[:, : judged.kinds]
    used = (confusion.sum(1) + confusion.sum(2))[:, : judged.kinds]
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = np.where(used > 0, 2 * right / used, 0.0)
        return np.asarray(f1.sum(1) / (used > 0).sum(1))


def _in_groups(column: pd.Series) -> Iterator[tuple[Any, NDArray[np.bool_]]]:
    for value in sorted(column.dropna().unique(), key=str):
        yield value, (column == value).to_numpy(dtype=bool)


def _warnings(judged: _Judged, owner: Codes, groups: Sequence[tuple[Any, NDArray[np.bool_]]]) -> list[str]:
    values = {"wrong": judged.wrong, **({"excess": judged.excess} if judged.binary else {})}
    found = [
        (k, name, *_contrast(value, owner, on)) for k, (_, on) in enumerate(groups) for name, value in values.items()
    ]
    order = sorted((row for row in found if not np.isnan(row[4])), key=lambda row: row[4])
    said: list[list[str]] = [[] for _ in groups]
    highest = 0.0
    for place, (k, name, here, elsewhere, p) in enumerate(order):
        highest = max(highest, p * (len(order) - place))  # Holm
        if highest >= _SURE:
            break
        if name == "wrong":
            worse = "worse" if here > elsewhere else "better"
            said[k].append(
                f"read {worse} than the rest: {here:.0%} wrong, {elsewhere:.0%} elsewhere (p = {highest:.2g})"
            )
        else:
            said[k].append(
                f"counting is off by {100 * here:+.0f} points here, {100 * elsewhere:+.0f} elsewhere "
                f"(p = {highest:.2g}): don't compare counts, correct each group with its own labels"
            )
    for k, (_, on) in enumerate(groups):
        articles = len(np.unique(owner[on]))
        if on.sum() < _FEW or articles < _FEW_ARTICLES:
            said[k].append(f"labels {int(on.sum())}, in articles {articles}: too few to judge this group")
    return ["; ".join(parts) for parts in said]


def _contrast(value: Floats, owner: Codes, on: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Mean in a group, mean elsewhere, and p of their difference.

    A side's variance is at least what it would be if the sides were alike, which all articles tell: a small group that
    happens to hold no error looks sure of it otherwise.
    """
    from scipy.stats import t

    _, everywhere = np.unique(owner, return_inverse=True)
    apart = value - value.mean()
    variance, resembling = float((apart**2).mean()), likeness(apart, everywhere)
    means, variances, freedom = [], [], []
    for side in (on, ~on):
        _, code = np.unique(owner[side], return_inverse=True)
        count = len(np.unique(code))
        if count < 2:
            return float("nan"), float("nan"), float("nan")
        mean = float(value[side].mean())
        influence = np.bincount(code, value[side] - mean) / side.sum()
        own = float((influence**2).sum()) * count / (count - 1)
        alike = variance / float(side.sum()) * (1 + (crowd(code) - 1) * resembling)
        means.append(mean)
        variances.append(max(own, alike))
        freedom.append((count if own > alike else int(everywhere.max()) + 1) - 1)
    total = sum(variances)
    if not total:
        return means[0], means[1], float("nan")
    df = total**2 / sum(v**2 / d for v, d in zip(variances, freedom, strict=True))
    return means[0], means[1], 2 * float(t.sf(abs(means[0] - means[1]) / np.sqrt(total), df))
