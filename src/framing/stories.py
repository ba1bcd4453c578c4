"""Articles about the same event, found by the names they share and the time they appeared."""

from __future__ import annotations

from array import array
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.names import find_names
from framing.shares import provenance
from framing.tables import count_models
from framing.units import Docs, import_pandas, iter_records, require_columns

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

__all__ = ["match_stories"]

_BLOCK = 256
_COMMON = 0.05
_LEAST_COMMON = 20
"""Names in more than a twentieth of the articles, and more than so many, tell no story from another."""


def match_stories(docs: Docs, *, similarity: float = 0.2, days: float = 3) -> pd.DataFrame:
    """Group articles that report on the same event.

    Two articles are alike as far as they share names, rare ones above all (cosine of names weighted by how few articles
    have them). In the order of time, each article joins the story whose articles of the last days are on average most
    like it, if they are alike enough, and else opens a story.

    Parameters
    ----------
    docs : iterable of Analysis or mapping, path-like or DataFrame
        A table needs the columns ``article`` and ``text``, and ``date`` if time is to count: statements or sentences in
        their order, from ``framing.read_table(docs, "sentence", ["text", "role", "date"])``, or a row for each article.
    similarity : float, default=0.2
        From 0 (everything of the same days is one story) to 1. Look at the result, move the threshold until the
        stories are what you mean by one, and report it. The column ``closest`` shows how close each decision was, and
        `framing.plots.match_stories` draws it. On BASIL, 100 events in three outlets each, 0.2 puts 94% of the pairs
        together rightly and finds 80% of them; 0.1 finds 91% and is right in 92%. A corpus with many events a day needs
        more.
    days : float, default=3
        How many days may lie between an article and the next one of a story. Articles without a ``date`` (ISO, in
        ``meta``) may join any story.

    Returns
    -------
    DataFrame
        A row for each article, in the order given: ``article``, ``id``, ``date``, ``story`` (a number; stories are
        numbered by time), ``similarity`` (with the articles it joined, nan where it opened the story), ``closest``
        (with the story most like it, joined or not, nan where none shares a name), ``size`` of the story, and
        ``names``, the story's most telling names. Change the column ``story`` by hand where it is wrong and give the
        table to `framing.compare`. ``attrs`` holds the models, n, the method and its parameters.

    Raises
    ------
    TypeError, ArticleError, OSError
        If there are no records to read.
    ValueError
        If a parameter is out of its range, or a table lacks a column.
    MissingExtraError
        If pandas isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = list(framing.analyze_many([
    ...     {"text": "Ida Voss of Port Ellery bought a crane.", "date": "2026-03-01"},
    ...     {"text": "The crane that Ida Voss bought is late.", "date": "2026-03-02"},
    ...     {"text": "Saltby Rovers beat Cray Athletic.", "date": "2026-03-02"},
    ... ]))
    >>> framing.match_stories(docs)["story"].tolist()
    [0, 0, 1]
    """
    if not 0 <= similarity <= 1:
        raise ValueError(f"similarity must be from 0 to 1. Got {similarity} instead.")
    if not days >= 0:
        raise ValueError(f"days must be 0 or more. Got {days} instead.")
    pd = import_pandas()
    names = _Names()
    models: dict[str, int] = {}
    if isinstance(docs, pd.DataFrame):
        articles, ids, dates = _read_articles(docs, names)
        models |= docs.attrs.get("models", {})
    else:
        ids, dates = [], []
        for record in iter_records(docs):
            ids.append(record["id"])
            dates.append(record["meta"].get("date"))
            body = [(s["start"], s["end"]) for s in record["sentences"] if s["role"] != "boilerplate"]
            names.add(record["text"], body)
            count_models(models, record)
        articles = list(range(len(ids)))
    time = np.array([_day(value) for value in dates])
    features, vocabulary = names.features()
    story, closest, joined = _grouped(features, time, similarity, days)
    out = pd.DataFrame({"article": articles, "id": pd.Series(ids, dtype=object), "date": dates})
    out["story"], out["similarity"], out["closest"] = story, np.where(joined, closest, np.nan), closest
    out["size"] = np.bincount(story, minlength=1)[story] if len(story) else story
    telling = _telling(features, vocabulary, story)
    out["names"] = [telling[number] for number in story]
    out.attrs = provenance(
        None, "article", models=models, n=len(out), similarity=similarity, days=days,
        method="shared names, average linkage in the order of time",
    )  # fmt: skip
    return out


def _read_articles(table: pd.DataFrame, names: _Names) -> tuple[list[Any], list[Any], list[Any]]:
    """Articles, ids and dates of a table of statements or sentences, or of whole articles."""
    require_columns(table, ["article", "text"])
    if "role" in table.columns:
        table = table[table["role"] != "boilerplate"]
    articles, ids, dates = [], [], []
    for article, rows in table.groupby("article", sort=False, observed=True):
        text, body = "", []
        for part in rows["text"].dropna():
            body.append((len(text), len(text) + len(part)))
            text += part + "\n"
        names.add(text, body)
        articles.append(article)
        ids.append(rows["id"].iloc[0] if "id" in rows.columns else None)
        dates.append(str(rows["date"].iloc[0]) if "date" in rows.columns else None)
    return articles, ids, dates


class _Names:
    """Which names articles hold and how often, as codes: names of 100,000 articles take tens of megabytes so."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.code, self.count, self.ends = array("i"), array("i"), array("q")

    def add(self, text: str, body: list[tuple[int, int]]) -> None:
        """Note the names of one more article, each also by its last word."""
        found: dict[str, int] = {}
        for name in find_names(text, body).names:
            for key in dict.fromkeys((" ".join(name.tokens), name.tokens[-1])):
                found[key] = found.get(key, 0) + 1
        for key, count in found.items():
            self.code.append(self.codes.setdefault(key, len(self.codes)))
            self.count.append(count)
        self.ends.append(len(self.code))

    def features(self) -> tuple[csr_array, list[str]]:
        """Weights of the names of each article, of length 1, and the names."""
        from scipy.sparse import csr_array

        articles = len(self.ends)
        code = np.frombuffer(self.code, np.intc) if self.code else np.zeros(0, np.intc)
        count = np.frombuffer(self.count, np.intc) if self.count else np.zeros(0, np.intc)
        spread = np.bincount(code, minlength=len(self.codes))
        telling = spread <= max(_COMMON * articles, _LEAST_COMMON)
        ends = np.array([0, *self.ends], dtype=np.intp)
        row = np.repeat(np.arange(articles), ends[1:] - ends[:-1])
        kept = telling[code]
        row, code, count = row[kept], code[kept], count[kept]
        values = (1 + np.log(count)) * np.log1p(articles / spread[code])
        length = np.sqrt(np.bincount(row, values**2, minlength=articles))
        place = np.cumsum(telling) - 1
        shape = (articles, int(telling.sum()))
        vocabulary = [name for name, on in zip(self.codes, telling, strict=True) if on]
        return csr_array((values / length[row], (row, place[code])), shape=shape), vocabulary


def _day(value: Any) -> float:
    """Day of an ISO date, nan where there is none."""
    try:
        return float(date.fromisoformat(value[:10]).toordinal())
    except (TypeError, ValueError):
        return float("nan")


def _grouped(
    features: csr_array, time: NDArray[np.float64], similarity: float, days: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
    """For each article its story, how like the closest one it was (nan: to none), and whether it joined."""
    count = features.shape[0]
    # Articles without a date come last: they may join any story, and all others know theirs by then.
    order = np.argsort(time, kind="stable")
    time, features = time[order], features[order]
    story = np.full(count, -1, dtype=np.intp)
    closest = np.full(count, np.nan)
    joined = np.zeros(count, dtype=bool)
    stories = 0
    # How many articles of each story are in the window, which begins at `left` and moves with time.
    inside = np.zeros(count, dtype=np.intp)
    left = 0
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        first = 0 if np.isnan(time[stop - 1]) else int(np.searchsorted(time, time[start] - days))
        near = (features[start:stop] @ features[first:stop].T).tocsr()
        for row in range(start, stop):
            # Those of the window that have a story; dates of nan are in every window.
            begin = first if np.isnan(time[row]) else max(first, int(np.searchsorted(time, time[row] - days)))
            values = near.data[near.indptr[row - start] : near.indptr[row - start + 1]]
            others = near.indices[near.indptr[row - start] : near.indptr[row - start + 1]] + first
            kept = (others >= begin) & (others < row)
            if begin < left:  # the first article without a date: from here on the window is everything
                inside = np.bincount(story[begin:row], minlength=count)
                left = begin
            np.subtract.at(inside, story[left:begin], 1)
            left = begin
            best = -1
            if kept.any():
                near_stories, place = np.unique(story[others[kept]], return_inverse=True)
                means = np.bincount(place, weights=values[kept]) / inside[near_stories]
                best = int(near_stories[np.argmax(means)])
                closest[row] = means.max()
            if best >= 0 and closest[row] >= similarity:
                story[row], joined[row] = best, True
            else:
                story[row], stories = stories, stories + 1
            inside[story[row]] += 1
    back = np.empty(count, dtype=np.intp)
    back[order] = np.arange(count)
    return story[back], closest[back], joined[back]


def _telling(features: csr_array, vocabulary: list[str], story: NDArray[np.intp]) -> list[str]:
    """The three names that weigh most in each story."""
    from scipy.sparse import csr_array

    count = int(story.max()) + 1 if len(story) else 0
    member = csr_array((np.ones(len(story)), (story, np.arange(len(story)))), shape=(count, len(story)))
    weights = (member @ features).tocsr()
    telling = []
    for row in range(count):
        part = slice(weights.indptr[row], weights.indptr[row + 1])
        top = np.argsort(-weights.data[part], kind="stable")[:3]
        telling.append(", ".join(vocabulary[at] for at in weights.indices[part][top]))
    return telling
