"""Differences between groups of articles: how large, how sure, and whether of the same events."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.gold import GOLD, Gold
from framing.inference import Estimate, prediction_powered, resample_sums
from framing.shares import Readings, Units, provenance, read_units
from framing.stories import match_stories
from framing.units import Docs, import_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare"]

Floats = NDArray[np.float64]

_TESTS = ("bootstrap", "permutation")
_CORRECTIONS = ("holm", "bh", "none")
_BLOCK = 64
_LEAST_P, _HALVINGS = 1e-12, 40
_METHODS = {
    "bootstrap": "studentised bootstrap over articles",
    "permutation": "studentised bootstrap over articles; p from permuting articles",
    "stories": "mean difference within stories; studentised bootstrap over stories",
    "stories, permutation": "mean difference within stories; studentised bootstrap over stories; p from flipping signs",
    "ppi": "prediction-powered shares (Angelopoulos et al. 2023); interval by Newcombe's method, p from it",
}


def compare(
    docs: Docs,
    *,
    by: str,
    of: Readings,
    gold: Gold = None,
    match: str | pd.DataFrame | None = None,
    reference: Any = None,
    level: str | None = None,
    threshold: float = 0.5,
    scores: bool = False,
    size: str | None = None,
    test: str = "bootstrap",
    resamples: int = 1000,
    correction: str = "holm",
    confidence: float = 0.95,
    column: str = GOLD,
    sampling: str | None = None,
    article: str = "article",
    random_state: int | np.random.Generator | None = 0,
) -> pd.DataFrame:
    """Differences between groups, in what share of their units something holds.

    Without `gold` the differences are those of the classifier's decisions: valid for the classifier, and for the world
    only if it errs alike in all groups. With `gold` each group's share is corrected as in `framing.prevalence`.

    Parameters
    ----------
    docs : iterable of Analysis, path-like or DataFrame
        As for `framing.prevalence`.
    by : str
        What makes groups: a field of ``meta``, ``"year"``, ``"month"``, or a column of the unit.
    of : str or sequence of str
        Readings; see `framing.units.find_reading`.
    gold : DataFrame, iterable of mapping, or str, optional
        Labels of a random part of the units, as for `framing.prevalence`, with `column` and `sampling`.
    match : str or DataFrame, optional
        ``"story"`` compares only articles about the same event, found by `framing.match_stories` (in a table that has a
        column of this name, or no column ``text``, the column is meant); a table that it gave,
        perhaps with another threshold or corrected by hand, does the same; another string names a field that tells
        the event. Groups are then compared within each story, and every story counts the same.
    reference : optional
        The group that all others are compared with; by default every pair is compared.
    scores : bool, default=False
        Compare means of the scores instead of shares of decisions; columns of your own may then hold any numbers.
    size : str, optional
        Column that says how much a unit counts, such as ``"words"``.
    test : {"bootstrap", "permutation"}
        Where p comes from. Permutations need articles that belong to one group each.
    resamples : int, default=1000
        The smallest p there can be is 1 / (resamples + 1).
    correction : {"holm", "bh", "none"}
        How p is adjusted for the number of rows: Holm's family-wise rate, or Benjamini and Hochberg's false discovery
        rate.
    level, threshold, confidence, article
        As for `framing.prevalence`.
    random_state : int, Generator or None, default=0
        Seed.

    Returns
    -------
    DataFrame
        A row for each reading and pair: ``reading``; ``a``, ``b``, the groups; ``value_a``, ``value_b``;
        ``difference`` (a - b), ``low``, ``high``; ``effect``, Cohen's h for shares (0.2 small, 0.5 medium, 0.8 large)
        and Hedges' g of the articles' means for scores; ``p``, ``p_adjusted``; ``articles_a``, ``articles_b``, and
        ``stories`` where they were matched.

    Raises
    ------
    TypeError, ValueError
        If the arguments don't go together; the message says how.
    MissingExtraError
        If pandas isn't installed.

    References
    ----------
    Efron and Tibshirani (1993). An Introduction to the Bootstrap, chapter 12 (bootstrap t).
    Janssen (1997). Studentized permutation tests. Statistics & Probability Letters 36.
    Newcombe (1998). Interval estimation for the difference between independent proportions. Statistics in Medicine 17.

    Examples
    --------
    >>> import numpy as np, pandas as pd, framing
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"article": np.arange(3000) // 10, "outlet": np.repeat(["Tide", "Echo", "Post"], 1000)})
    >>> table["loaded"] = rng.random(3000) < np.where(table["outlet"] == "Tide", 0.3, 0.2)
    >>> found = framing.compare(table, by="outlet", of="loaded", reference="Tide")
    >>> found[["a", "b", "difference", "p_adjusted"]].round(3).values.tolist()
    [['Echo', 'Tide', -0.051, 0.015], ['Post', 'Tide', -0.069, 0.002]]
    """
    _check(test, correction, resamples, gold, match, scores)
    if match is not None and not isinstance(docs, (str, os.PathLike, Sequence)) and not hasattr(docs, "columns"):
        docs = list(docs) if isinstance(docs, Iterable) else docs  # read twice
    stories, more = _stories(docs, match)
    units = read_units(
        docs, gold, of=of, by=by, level=level, threshold=threshold, column=column, size=size, sampling=sampling,
        article=article, more=more,
    )  # fmt: skip
    rng = np.random.default_rng(random_state)
    names, group = _groups(units, by)
    if reference is not None and reference not in names:
        raise ValueError(f"There is no group {reference!r}. There are {', '.join(map(str, names))}.")
    if len(names) < 2:
        raise ValueError(f"There must be two groups or more. Got {', '.join(map(str, names)) or 'none'}.")
    pairs = [
        (i, j) for i, j in combinations(range(len(names)), 2) if reference is None or reference in (names[i], names[j])
    ]
    if reference is not None:
        pairs = [(j, i) if names[i] == reference else (i, j) for i, j in pairs]
    rows = []
    for reading in units.readings:
        value = reading.raw(units.table) if scores else reading.decide(units.table).astype(np.float64)
        if np.isnan(value).any():
            raise ValueError(f"{reading.name!r} must have a number for every unit; leave out the units that lack one.")
        if gold is not None:
            found = _corrected(units, reading, group, pairs, confidence)
        elif match is not None:
            story = units.table[article].map(stories) if stories is not None else units.table[more[0]]
            found = _within_stories(units, value, group, story, pairs, test, resamples, confidence, rng)
        else:
            found = _between(units, value, group, len(names), pairs, test, resamples, confidence, rng)
        for (i, j), row in zip(pairs, found, strict=True):
            effect = _hedges(units, value, group, i, j) if scores else _cohen(row["value_a"], row["value_b"])
            counts = {f"articles_{x}": len(np.unique(units.article[group == k])) for x, k in (("a", i), ("b", j))}
            rows.append({"reading": reading.name, "a": names[i], "b": names[j], **row, "effect": effect, **counts})
    out = import_pandas().DataFrame(rows)
    out.insert(out.columns.get_loc("p") + 1, "p_adjusted", _adjusted(out["p"].to_numpy(), correction))
    name = "ppi" if gold is not None else test
    if match is not None:
        name = "stories" if test == "bootstrap" else "stories, permutation"
    out.attrs = provenance(
        units.table, units.level, method=_METHODS[name], scores=scores, correction=correction, confidence=confidence,
        resamples=None if gold is not None else resamples,
    )  # fmt: skip
    if stories is not None:
        out.attrs["stories"] = dict(stories.attrs)
    return out


def _check(test: str, correction: str, resamples: int, gold: Gold, match: Any, scores: bool) -> None:
    if test not in _TESTS:
        raise ValueError(f"The test must be 'bootstrap' or 'permutation'. Got {test!r} instead.")
    if correction not in _CORRECTIONS:
        raise ValueError(f"The correction must be one of {', '.join(_CORRECTIONS)}. Got {correction!r} instead.")
    if resamples < 99:
        raise ValueError(f"Fewer than 99 resamples say nothing. Got {resamples}.")
    if gold is not None and (match is not None or scores or test != "bootstrap"):
        raise ValueError("gold corrects shares over all articles: leave out match, scores and test.")


def _stories(docs: Docs, match: str | pd.DataFrame | None) -> tuple[pd.Series | None, list[str]]:
    """Story by article, or the column that has it."""
    if match is None:
        return None, []
    if isinstance(match, str):
        columns = getattr(docs, "columns", None)
        if match != "story" or (columns is not None and ("story" in columns or "text" not in columns)):
            return None, [match]
        match = match_stories(docs)
    if not {"article", "story"} <= set(getattr(match, "columns", ())):
        raise TypeError("match must be 'story', the name of a field, or a table with the columns article and story.")
    by_article = match.set_index("article")["story"]
    by_article.attrs = dict(match.attrs)
    return by_article, []


def _groups(units: Units, by: str) -> tuple[list[Any], NDArray[np.intp]]:
    """Names of the groups and the group of every unit."""
    group = np.full(len(units.table), -1, dtype=np.intp)
    names = []
    for number, (name, places) in enumerate(units.groups()):
        names.append(name[by])
        group[places] = number
    return names, group


def _between(
    units: Units, value: Floats, group: NDArray[np.intp], groups: int, pairs: Sequence[tuple[int, int]],
    test: str, resamples: int, confidence: float, rng: np.random.Generator,
) -> list[dict[str, Any]]:  # fmt: skip
    articles = int(units.article.max()) + 1
    cell = units.article * groups + group
    top = np.bincount(cell, units.size * value, articles * groups).astype(np.float64).reshape(articles, groups)
    bottom = np.bincount(cell, units.size, articles * groups).astype(np.float64).reshape(articles, groups)
    shared = bool(((bottom > 0).sum(1) > 1).any())
    if shared and test == "permutation":
        raise ValueError("Some articles hold units of two groups, so articles can't be permuted. Use test='bootstrap'.")
    total = top.sum(0) / bottom.sum(0)
    # Sums that make the ratios and their variance in a resample; the products across two groups only where some
    # article holds both.
    left, right = np.array(pairs).T
    parts = [top, bottom, top**2, top * bottom, bottom**2]
    if shared:
        parts += [x[:, left] * y[:, right] for x in (top, bottom) for y in (top, bottom)]
    sums = resample_sums(np.concatenate(parts, axis=1), resamples, rng)
    observed = np.concatenate(parts, axis=1).sum(0)[None]
    difference, se = _contrast(observed, groups, left, right, shared)
    drawn, drawn_se = _contrast(sums, groups, left, right, shared)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (drawn - difference) / drawn_se
    rows = []
    for k, (i, j) in enumerate(pairs):
        low, high, p = _bootstrap_t(difference[0, k], se[0, k], t[:, k], confidence)
        if test == "permutation":
            p = _permuted(top[:, [i, j]], bottom[:, [i, j]], resamples, rng)
        rows.append(
            {"value_a": total[i], "value_b": total[j], "difference": difference[0, k], "low": low, "high": high, "p": p}
        )
    return rows


def _contrast(
    sums: Floats, groups: int, left: NDArray[np.intp], right: NDArray[np.intp], shared: bool
) -> tuple[Floats, Floats]:
    """Differences of ratios and their standard errors, from rows of sums."""
    top, bottom, tt, tb, bb = (sums[:, k * groups : (k + 1) * groups] for k in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
        variance = (tt - 2 * ratio * tb + ratio**2 * bb) / bottom**2
        both = variance[:, left] + variance[:, right]
        if shared:
            a, b = ratio[:, left], ratio[:, right]
            width = len(left)
            t1t2, t1b2, b1t2, b1b2 = (sums[:, 5 * groups + k * width : 5 * groups + (k + 1) * width] for k in range(4))
            cross = t1t2 - b * t1b2 - a * b1t2 + a * b * b1b2
            both = both - 2 * cross / (bottom[:, left] * bottom[:, right])
        return ratio[:, left] - ratio[:, right], np.sqrt(np.maximum(both, 0))


def _bootstrap_t(difference: float, se: float, t: Floats, confidence: float) -> tuple[float, float, float]:
    t = t[np.isfinite(t)]
    if not t.size or not se > 0:
        return float("nan"), float("nan"), float("nan")
    low, high = np.quantile(t, [(1 - confidence) / 2, (1 + confidence) / 2])
    p = (1 + int((np.abs(t) >= abs(difference / se)).sum())) / (len(t) + 1)
    return float(difference - high * se), float(difference - low * se), p


def _permuted(top: Floats, bottom: Floats, resamples: int, rng: np.random.Generator) -> float:
    """P of a difference between two groups, by giving articles to either at random."""
    used = bottom.sum(1) > 0
    a = (bottom[used, 0] > 0).astype(np.float64)
    x, n = top[used].sum(1), bottom[used].sum(1)
    columns = np.column_stack([x, n, x**2, x * n, n**2])
    whole = columns.sum(0)

    def statistic(first: Floats) -> Floats:
        sums = np.stack([first, whole - first], axis=2).reshape(len(first), 10)
        difference, se = _contrast(sums, 2, np.array([0]), np.array([1]), False)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(difference / se)[:, 0])

    seen = statistic((a @ columns)[None])[0]
    if not np.isfinite(seen):
        return float("nan")
    beyond = 0
    for start in range(0, resamples, _BLOCK):
        count = min(_BLOCK, resamples - start)
        labels = rng.permuted(np.broadcast_to(a, (count, len(a))), axis=1)
        beyond += int((statistic(labels @ columns) >= seen - 1e-12).sum())
    return (1 + beyond) / (resamples + 1)


def _within_stories(
    units: Units, value: Floats, group: NDArray[np.intp], story: pd.Series, pairs: Sequence[tuple[int, int]],
    test: str, resamples: int, confidence: float, rng: np.random.Generator,
) -> list[dict[str, Any]]:  # fmt: skip
    if bool(story.isna().any()):
        raise ValueError("Some articles have no story; give every article one, its own if need be.")
    codes, _ = import_pandas().factorize(story)
    groups, stories = int(group.max()) + 1, int(codes.max()) + 1
    cell = codes * groups + group
    top = np.bincount(cell, units.size * value, stories * groups).reshape(stories, groups)
    bottom = np.bincount(cell, units.size, stories * groups).reshape(stories, groups)
    rows = []
    for i, j in pairs:
        both = (bottom[:, i] > 0) & (bottom[:, j] > 0)
        count = int(both.sum())
        a, b = top[both, i] / bottom[both, i], top[both, j] / bottom[both, j]
        row: dict[str, Any] = dict.fromkeys(("value_a", "value_b", "difference", "low", "high", "p"), float("nan"))
        if count:
            d = a - b
            row |= {"value_a": a.mean(), "value_b": b.mean(), "difference": d.mean()}
        if count > 1:
            se = float(d.std(ddof=1) / np.sqrt(count))
            drawn = d[rng.integers(count, size=(resamples, count))]
            with np.errstate(divide="ignore", invalid="ignore"):
                t = (drawn.mean(1) - d.mean()) / (drawn.std(1, ddof=1) / np.sqrt(count))
            row["low"], row["high"], row["p"] = _bootstrap_t(float(d.mean()), se, t, confidence)
            if test == "permutation":
                signs = rng.choice([-1.0, 1.0], size=(resamples, count))
                beyond = int((np.abs(signs @ d) >= abs(d.sum()) - 1e-12).sum())
                row["p"] = (1 + beyond) / (resamples + 1)
        rows.append({**row, "stories": count})
    return rows


def _corrected(
    units: Units, reading: Any, group: NDArray[np.intp], pairs: Sequence[tuple[int, int]], confidence: float
) -> list[dict[str, Any]]:
    sample = units.sample(reading)
    groups = int(group.max()) + 1
    owners = np.unique(units.article * groups + group) // groups
    if len(np.unique(owners)) < len(owners):
        raise ValueError("Some articles hold units of two groups: corrected shares are compared between articles only.")
    found: dict[int, Estimate] = {
        k: prediction_powered(sample.take(group == k)) for k in sorted({k for pair in pairs for k in pair})
    }
    rows = []
    for i, j in pairs:
        a, b = found[i], found[j]
        x, y = (min(max(e.share, 0.0), 1.0) for e in (a, b))
        low, high = _newcombe(a, b, confidence)
        rows.append(
            {"value_a": x, "value_b": y, "difference": x - y, "low": low, "high": high, "p": _newcombe_p(a, b)}
        )
    return rows


def _newcombe(a: Estimate, b: Estimate, confidence: float) -> tuple[float, float]:
    """Interval of the difference of two shares, from the interval of each."""
    (al, ah), (bl, bh) = a.interval(confidence), b.interval(confidence)
    x, y = (min(max(e.share, 0.0), 1.0) for e in (a, b))
    return x - y - float(np.hypot(x - al, bh - y)), x - y + float(np.hypot(ah - x, y - bl))


def _newcombe_p(a: Estimate, b: Estimate) -> float:
    """The p at which the interval begins to hold 0, so that p and interval never disagree.

    A test on the variances would take a group whose few labels are all alike for one whose share is known.
    """
    low, high = _newcombe(a, b, 0.5)
    if np.isnan(low) or np.isnan(high):
        return float("nan")
    least, most = np.log(_LEAST_P), 0.0
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        low, high = _newcombe(a, b, 1 - float(np.exp(middle)))
        least, most = (middle, most) if low <= 0 <= high else (least, middle)
    return float(np.exp((least + most) / 2))


def _cohen(a: float, b: float) -> float:
    return float(2 * np.arcsin(np.sqrt(a)) - 2 * np.arcsin(np.sqrt(b)))


def _hedges(units: Units, value: Floats, group: NDArray[np.intp], i: int, j: int) -> float:
    means = []
    for k in (i, j):
        on = group == k
        _, code = np.unique(units.article[on], return_inverse=True)
        means.append(np.bincount(code, (units.size * value)[on]) / np.bincount(code, units.size[on]))
    n, m = map(len, means)
    if n + m < 4 or min(n, m) < 2:
        return float("nan")
    pooled = ((n - 1) * means[0].var(ddof=1) + (m - 1) * means[1].var(ddof=1)) / (n + m - 2)
    if pooled == 0:
        return float("nan")
    return float((means[0].mean() - means[1].mean()) / np.sqrt(pooled) * (1 - 3 / (4 * (n + m) - 9)))


def _adjusted(p: Floats, correction: str) -> Floats:
    """Adjust p for how many there are; nan stays and doesn't count."""
    out = p.astype(np.float64).copy()
    on = np.flatnonzero(~np.isnan(out))
    count = len(on)
    if correction == "none" or not count:
        return out
    order = on[np.argsort(out[on], kind="stable")]
    if correction == "holm":
        steps = np.maximum.accumulate(out[order] * np.arange(count, 0, -1))
    else:
        steps = np.minimum.accumulate((out[order] * count / np.arange(1, count + 1))[::-1])[::-1]
    out[order] = np.minimum(steps, 1.0)
    return out
