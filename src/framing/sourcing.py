"""Who is quoted how much, on what, named or not, and whether with facts or with opinions."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.inference import Sample, naive_count
from framing.keywords import WordCounts
from framing.shares import provenance
from framing.tables import count_models
from framing.units import Docs, import_pandas, iter_records, require_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sources"]

_KEYS = ("speaker", "source_type")
_TELLING = 3
_WORDS = 5
_CLEAR = 1.96
_UNKNOWN = -1
_ROUNDING = 1e-9
_REST = "\0rest"  # no speaker's name


def sources(
    docs: Docs, *, by: str = "speaker", top: int = 20, inventory: str = "policy", confidence: float = 0.95
) -> pd.DataFrame:
    """Who is quoted how much, on what, named or not, with which frames, and with facts or opinions.

    Parameters
    ----------
    docs : iterable of Analysis or mapping, path-like or DataFrame
        Read twice. A path names JSON Lines as ``framing batch`` writes them. A table has a row for each statement, from
        `framing.to_pandas` or `framing.read_table`, with the columns ``article``, ``attribution``, ``speaker``,
        ``source_type``, ``kind`` and ``text``, and with ``named`` and scores on frames if these are asked for; it knows
        of attributions only as far as they hold a statement.
    by : {"speaker", "source_type"}
        Speakers are told apart by their names as the articles give them, but for case and white space: two people of
        one name are one speaker, and one of two names is two.
    top : int, default=20
        Number of speakers, those in most articles first; all source types are given.
    inventory : str, default="policy"
        Inventory of the frames.
    confidence : float, default=0.95
        Between 0 and 1.

    Returns
    -------
    DataFrame
        A row for each speaker or source type: ``speaker`` or ``source_type``; ``articles``, ``attributions``, ``words``
        of their contents; ``share`` of all attributions, ``opinion`` share of the source's statements, each
        followed by its interval, ``share_low``, ``share_high``, …; ``named``, share of attributions whose source is
        named, likewise; for speakers ``source_type``, the most frequent one; ``frames``, those that the source's
        statements have above the average of all attributed statements, and ``about``, the words that set its statements
        apart from other sources'.

    Raises
    ------
    TypeError, ArticleError, OSError
        If there are no records to read.
    ValueError
        If a parameter is none of those named, or a table lacks a column.
    MissingExtraError
        If pandas isn't installed.

    See Also
    --------
    prevalence : Shares of source types, corrected for the classifier's errors.

    Notes
    -----
    Intervals treat articles as independent. They are about what was found; the errors of finding it are not in them.

    Examples
    --------
    >>> import framing
    >>> texts = ["Critics called the plan reckless.", "The mayor said it had cost $4m.", "Critics called it a farce."]
    >>> found = framing.sources(list(framing.analyze_many(texts)), by="source_type")
    >>> found[["source_type", "attributions", "opinion"]].values.tolist()
    [['group', 2, 1.0], ['official', 1, 0.0]]
    """
    if by not in _KEYS:
        raise ValueError(f"Sources are told apart by 'speaker' or 'source_type'. Got {by!r} instead.")
    if top < 1:
        raise ValueError(f"top must be 1 or more. Got {top} instead.")
    pd = import_pandas()
    if isinstance(docs, pd.DataFrame):
        models = docs.attrs.get("models", {})
        docs = list(_table_records(docs, inventory))
    else:
        models = None
        if not isinstance(docs, (str, os.PathLike, Sequence)) and isinstance(docs, Iterable):
            docs = list(docs)
    read = iter_records if models is None else iter
    articles: Counter[str] = Counter()
    attributions: Counter[str] = Counter()
    for record in read(docs):
        keys = Counter(key for entry in record["attributions"] if (key := _key(entry, by)) is not None)
        attributions.update(keys)
        articles.update(keys.keys())
    order = sorted(articles, key=lambda key: (-articles[key], -attributions[key], key))
    chosen = {key: number for number, key in enumerate(order[:top] if by == "speaker" else order)}
    found = _Found(by, chosen, inventory)
    for number, record in enumerate(read(docs)):
        found.add(number, record)
    rows = [found.row(key, number, articles[key], confidence) for key, number in chosen.items()]
    out = pd.DataFrame(rows, columns=_columns(by))
    out.attrs = provenance(
        None, "attribution", models=found.models if models is None else models, n=len(found.owner),
        articles=found.articles, inventory=inventory, confidence=confidence,
        method="counts of what was found, intervals over articles; not corrected for errors",
    )  # fmt: skip
    return out


def _columns(by: str) -> list[str]:
    shares = [f"{name}{bound}" for name in ("share", "named", "opinion") for bound in ("", "_low", "_high")]
    kind = ["source_type"] if by == "speaker" else []
    return [by, *kind, "articles", "attributions", "words", *shares, "frames", "about"]


def _key(entry: Mapping[str, Any], by: str) -> str | None:
    """What a source is told from others by, None where it isn't known."""
    value = entry[by]
    if by == "speaker":
        return None if value is None else " ".join(value.split()).casefold()
    return str(value)


def _table_records(table: pd.DataFrame, inventory: str) -> Iterator[dict[str, Any]]:
    """A table of statements as records, as far as it tells: its articles are the texts of their statements."""
    needed = ["article", "attribution", "speaker", "source_type", "kind", "text"]
    require_columns(table, needed, "The table of statements")
    prefix = f"frame_{inventory}_"
    labels = {name: name.removeprefix(prefix) for name in table.columns if str(name).startswith(prefix)}
    pd = import_pandas()
    for _, rows in table.groupby("article", sort=False, observed=True):
        text = ""
        attributions: dict[Any, dict[str, Any]] = {}
        statements = []
        for row in rows.to_dict("records"):
            if pd.isna(row["attribution"]):
                continue
            start, text = len(text), f"{text}{row['text']}\n"
            span = [start, len(text) - 1]
            entry = attributions.setdefault(
                row["attribution"],
                {
                    "place": len(attributions),
                    "speaker": None if pd.isna(row["speaker"]) else row["speaker"],
                    "source_type": row["source_type"],
                    "named": None if pd.isna(row.get("named")) else row["named"],
                    "content": [],
                },
            )
            entry["content"].append(span)
            frames = {inventory: {label: row[name] for name, label in labels.items() if not pd.isna(row[name])}}
            place = entry["place"]
            statements.append(
                {"start": start, "end": span[1], "kind": row["kind"], "attribution": place, "frames": frames}
            )
        yield {"text": text, "models": {}, "attributions": list(attributions.values()), "statements": statements}


class _Found:
    """Attributions and the statements in them, by source."""

    def __init__(self, by: str, chosen: Mapping[str, int], inventory: str) -> None:
        self.by = by
        self.chosen = chosen
        self.inventory = inventory
        self.models: dict[str, int] = {}
        self.articles = 0
        # Attributions: article, source (-1 for those not chosen), named. Statements: article, source, opinion.
        self.article, self.owner, self.named = array("i"), array("i"), array("b")
        self.s_article, self.s_owner, self.s_opinion = array("i"), array("i"), array("b")
        self.content = Counter[int]()
        self.types: dict[int, Counter[str]] = {}
        self.spelled: dict[int, Counter[str]] = {}
        self.frames: dict[str, NDArray[np.float64]] = {}
        self.scored = np.zeros(len(chosen) + 1)
        self.words = WordCounts()

    def add(self, number: int, record: Mapping[str, Any]) -> None:
        count_models(self.models, record)
        self.articles += 1
        text, owners = record["text"], []
        for entry in record["attributions"]:
            key = _key(entry, self.by)
            owner = -1 if key is None else self.chosen.get(key, -1)
            owners.append(owner)
            self.article.append(number)
            self.owner.append(owner)
            self.named.append(_UNKNOWN if entry["named"] is None else entry["named"])
            if owner >= 0:
                self.content[owner] += sum(len(text[start:end].split()) for start, end in entry["content"])
                self.types.setdefault(owner, Counter())[entry["source_type"]] += 1
                if entry["speaker"] is not None:
                    self.spelled.setdefault(owner, Counter())[" ".join(entry["speaker"].split())] += 1
        for entry in record["statements"]:
            if entry["attribution"] is None:
                continue
            owner = owners[entry["attribution"]]
            self.s_article.append(number)
            self.s_owner.append(owner)
            self.s_opinion.append(entry["kind"] == "opinion")
            self.scored[owner] += 1  # the last place is for those not chosen
            for label, score in entry["frames"].get(self.inventory, {}).items():
                if label not in self.frames:
                    self.frames[label] = np.zeros(len(self.scored))
                self.frames[label][owner] += score
            group = owner if owner >= 0 else _REST
            self.words.add(number, group, text[entry["start"] : entry["end"]])

    def row(self, key: str, number: int, articles: int, confidence: float) -> dict[str, Any]:
        owner, article = np.array(self.owner), np.array(self.article)
        mine = owner == number
        s_mine = np.array(self.s_owner) == number
        named = np.array(self.named)
        known = mine & (named != _UNKNOWN)
        opinion = np.array(self.s_opinion, dtype=bool)
        row: dict[str, Any] = {self.by: key}
        if self.by == "speaker":
            row[self.by] = self.spelled[number].most_common(1)[0][0]
            row["source_type"] = self.types[number].most_common(1)[0][0]
        row |= {"articles": articles, "attributions": int(mine.sum()), "words": self.content[number]}
        row |= _share("share", mine, article, confidence)
        row |= _share("named", named[known] == 1, article[known], confidence)
        row |= _share("opinion", opinion[s_mine], np.array(self.s_article)[s_mine], confidence)
        row["frames"] = ", ".join(self._frames(number))
        row["about"] = ", ".join(self._about(number))
        return row

    def _frames(self, number: int) -> Iterator[str]:
        if not self.scored[number]:
            return
        lift = {
            label: sums[number] / self.scored[number] - sums.sum() / self.scored.sum()
            for label, sums in self.frames.items()
        }
        for label in sorted(lift, key=lambda label: -lift[label])[:_TELLING]:
            if lift[label] > _ROUNDING:
                yield f"{label} {self.frames[label][number] / self.scored[number]:.2f}"

    def _about(self, number: int) -> list[str]:
        if number not in self.words.groups or len(self.words.groups) < 2:
            return []
        found = self.words.against_others(number, 2, None)
        words: list[str] = found.loc[found["z"] > _CLEAR, "word"].head(_WORDS).tolist()
        return words


def _share(name: str, flags: NDArray[np.bool_], article: NDArray[np.intp], confidence: float) -> dict[str, float]:
    _, code = np.unique(article, return_inverse=True)
    ones = np.ones(len(flags))
    estimate = naive_count(Sample(flags, flags.astype(np.float64), np.full(len(flags), np.nan), code, ones, ones))
    low, high = estimate.interval(confidence)
    return {name: estimate.share, f"{name}_low": low, f"{name}_high": high}
