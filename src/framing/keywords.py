"""Which words set groups of articles apart."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.record import VOICES
from framing.shares import provenance
from framing.tables import count_models
from framing.units import MISSING, Docs, import_pandas, iter_records, period_or_meta, require_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WordCounts", "keyness", "split_words"]

Floats = NDArray[np.float64]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FLUSH = 1 << 20
_MOST_WORDS = 1 << 32  # a pair of a group and a word is group × this + word
_EITHER = "either"


def keyness(
    docs: Docs,
    *,
    by: str,
    voice: str | None = None,
    top: int | None = 20,
    min_articles: int = 3,
    prior: float | None = None,
    article: str = "article",
) -> pd.DataFrame:
    """Words that one group uses more than the others, by log odds with an informative Dirichlet prior.

    The prior is the whole corpus, so that rare words need strong evidence. Articles, not words, are taken as
    independent: a word that one article repeats thirty times doesn't set its outlet apart. Only statements are read, in
    small letters; what introduces an attribution ("analysts believe that") and page furniture are not.

    Parameters
    ----------
    docs : iterable of Analysis, path-like or DataFrame
        A table needs the columns `by`, `article` and ``text``, and ``voice`` if voices are asked for.
    by : str
        What makes groups: a field of ``meta``, ``"year"``, ``"month"``, or ``"voice"``; in a table any column. Each
        group is set against all others together.
    voice : {"author", "source", "each"}, optional
        Read one voice only, or compare the groups in each voice apart; by default both voices together.
    top : int, optional
        Number of words for each group, those with the highest z; None for all words, low z too.
    min_articles : int, default=3
        A word must occur in so many articles.
    prior : float, optional
        Weight of the prior in words; by default a tenth of the words of the smallest group, and 500 at least.
    article : str, default="article"
        Column of a table that says which rows belong together.

    Returns
    -------
    DataFrame
        A row for each voice, group and word, best first: ``voice``, ``group``, ``word``, ``log_odds`` (natural
        logarithm of the ratio of odds, after the prior), ``z``, ``p_adjusted`` (false discovery rate of Benjamini and
        Hochberg over the words of all groups), ``count``, ``per_1000`` words, ``others_per_1000``, ``articles``.

    Raises
    ------
    TypeError, ArticleError, OSError
        If there are no records to read.
    ValueError
        If there are fewer than two groups, or a parameter is out of its range.
    MissingExtraError
        If pandas isn't installed.

    Notes
    -----
    The variance is the larger of the one in Monroe et al., which takes words as independent, and the linearised one
    over articles.

    References
    ----------
    Monroe, Colaresi and Quinn (2008). Fightin' words: Lexical feature selection and evaluation for identifying the
    content of political conflict. Political Analysis 16.

    Examples
    --------
    >>> import framing
    >>> texts = ["Rain fell on the harbour.", "The harbour crane broke.", "Goals fell late.", "Late goals won."]
    >>> docs = [{"text": text, "desk": "port" if "harbour" in text else "sport"} for text in texts]
    >>> found = framing.keyness(framing.analyze_many(docs), by="desk", min_articles=2, top=1)
    >>> found[["group", "word"]].values.tolist()
    [['port', 'harbour'], ['sport', 'goals']]
    """
    from scipy.stats import norm

    if voice not in (None, *VOICES, "each"):
        raise ValueError(f"The voice must be 'author', 'source', 'each' or left out. Got {voice!r} instead.")
    if voice is not None and by == "voice":
        raise ValueError("Voices can't be compared within a voice: leave out voice=.")
    if prior is not None and not prior > 0:
        raise ValueError(f"The prior must be above 0. Got {prior} instead.")
    pd = import_pandas()
    models: dict[str, int] = {}
    if isinstance(docs, pd.DataFrame):
        models |= docs.attrs.get("models", {})
        stretches = _table_texts(docs, by, voice, article)
    else:
        stretches = _texts(docs, by, voice, models)
    counts: dict[str, WordCounts] = {}
    for number, spoken, group, text in stretches:
        counts.setdefault(spoken, WordCounts()).add(number, group, text)
    frames, z, kept = [], [], []
    seen = 0
    for spoken in sorted(counts):
        found = counts[spoken]
        groups = sorted(found.groups, key=str)
        if len(groups) < 2:
            raise ValueError(f"There must be two groups or more. Got {', '.join(map(str, groups)) or 'none'}.")
        for group in groups:
            frame = found.against_others(group, min_articles, prior)
            # p is adjusted for all words, the table keeps those asked for: with many groups all would fill the memory.
            z.append(frame["z"].to_numpy())
            frame = frame.head(top) if top is not None else frame
            kept.append(seen + np.arange(len(frame)))
            seen += len(z[-1])
            frames.append(pd.DataFrame({"voice": spoken, "group": [group] * len(frame)}).join(frame))
    if not frames:
        raise ValueError("There are no words in docs.")
    out = pd.concat(frames, ignore_index=True)
    adjusted = _false_discovery(2 * norm.sf(np.abs(np.concatenate(z))))[np.concatenate(kept)]
    out.insert(out.columns.get_loc("z") + 1, "p_adjusted", adjusted)
    out.attrs = provenance(
        None, "word", models=models, n={spoken: found.articles for spoken, found in counts.items()},
        method="log odds with informative Dirichlet prior (Monroe et al. 2008), variance over articles",
    )  # fmt: skip
    return out


class WordCounts:
    """How often groups use words, summed over articles so that articles needn't be kept.

    Attributes
    ----------
    groups : dict
        Number of each group.
    """

    def __init__(self) -> None:
        self.groups: dict[Hashable, int] = {}
        self.articles = 0
        self._words: dict[str, int] = {}
        self._article: Any = None
        self._open: dict[int, Counter[str]] = {}
        self._codes, self._group, self._count, self._size = array("i"), array("i"), array("i"), array("i")
        # Each pair of a group and a word that occurs in it, in order: the pair, and for it the occurrences, their
        # squares, times the article's words, articles. Most words occur in few of many groups.
        self._pairs: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._sums: Floats = np.zeros((4, 0))
        self._by_word: Floats = np.zeros((4, 0))  # the sums over all groups
        self._totals: dict[int, list[float]] = {}

    def add(self, article: Any, group: Hashable, text: str) -> None:
        """Count a stretch of text; the stretches of an article must follow each other."""
        if article != self._article:
            self._close()
            self._article = article
        number = self.groups.setdefault(group, len(self.groups))
        self._open.setdefault(number, Counter()).update(split_words(text))

    def _close(self) -> None:
        for group, words in self._open.items():
            size = words.total()
            totals = self._totals.setdefault(group, [0.0, 0.0, 0.0])
            for k, value in enumerate((size, size**2, 1)):
                totals[k] += value
            for word, count in words.items():
                self._codes.append(self._words.setdefault(word, len(self._words)))
                self._count.append(count)
            self._group.extend([group] * len(words))
            self._size.extend([size] * len(words))
        self.articles += bool(self._open)
        self._open = {}
        if len(self._codes) > _FLUSH:
            self._flush()

    def _flush(self) -> None:
        if not self._codes:
            return
        code, group, count, size = (np.array(a, np.int64) for a in (self._codes, self._group, self._count, self._size))
        pairs = np.concatenate([self._pairs, group * _MOST_WORDS + code])
        new = np.stack([count, count**2, count * size, np.ones_like(count)])
        self._pairs, place = np.unique(pairs, return_inverse=True)
        self._sums = np.array(
            [
                np.bincount(place, weights=np.concatenate(both), minlength=len(self._pairs))
                for both in zip(self._sums, new, strict=True)
            ]
        )
        self._by_word = self._of_words(slice(None))
        self._codes, self._group, self._count, self._size = array("i"), array("i"), array("i"), array("i")

    def _of_words(self, pairs: slice) -> Floats:
        """Sums over some of the pairs for each word, shape (4, n_words)."""
        words = self._pairs[pairs] % _MOST_WORDS
        return np.array([np.bincount(words, row[pairs], len(self._words)) for row in self._sums])

    def against_others(self, group: Hashable, min_articles: int, prior: float | None) -> pd.DataFrame:
        """Every word of a group set against all other groups, highest z first."""
        self._close()
        self._flush()
        mine = self.groups[group]
        totals = np.array([self._totals[k] for k in range(len(self.groups))])
        weight = prior or max(0.1 * float(totals[:, 0].min()), 500.0)
        sums = self._by_word
        own = self._of_words(slice(*np.searchsorted(self._pairs, [mine * _MOST_WORDS, (mine + 1) * _MOST_WORDS])))
        often = np.flatnonzero(sums[3] >= min_articles)
        alpha = weight * sums[0, often] / sums[0].sum()
        others = np.arange(len(self.groups)) != mine
        rate, log_odds, variance, clustered = [], [], [], []
        for side, of_side in ((~others, own), (others, sums - own)):
            y, squares, crossed = of_side[:3, often]
            n, n_squares, _ = totals[side].sum(0)
            share = (y + alpha) / (n + weight)
            log_odds.append(np.log(share / (1 - share)))
            variance.append(1 / (y + alpha))
            # Squares over articles of (occurrences - share × words), the influence of an article on the log odds.
            spread = squares - 2 * share * crossed + share**2 * n_squares
            clustered.append(np.maximum(spread, 0) / (y + alpha) ** 2 / (1 - share) ** 2)
            rate.append(1000 * y / max(n, 1))
        difference = log_odds[0] - log_odds[1]
        z = difference / np.sqrt(np.maximum(variance[0] + variance[1], clustered[0] + clustered[1]))
        names = list(self._words)
        out = import_pandas().DataFrame(
            {
                "word": [names[k] for k in often],
                "log_odds": difference,
                "z": z,
                "count": own[0, often].astype(int),
                "per_1000": rate[0],
                "others_per_1000": rate[1],
                "articles": own[3, often].astype(int),
            }
        )
        return out.sort_values(["z", "word"], ascending=[False, True], kind="stable").reset_index(drop=True)


def split_words(text: str) -> list[str]:
    """Words of a text in small letters, without numbers and punctuation.

    Examples
    --------
    >>> split_words("The “state-of-the-art” crane can’t lift 40 tons.")
    ['the', 'state-of-the-art', 'crane', "can't", 'lift', 'tons']
    """
    return _WORD.findall(text.lower().replace("’", "'"))


def _texts(
    docs: Docs, by: str, voice: str | None, models: dict[str, int]
) -> Iterator[tuple[Any, str, Hashable, str]]:
    """Article, voice, group and words of every statement; counts in `models` what read them."""
    for number, record in enumerate(iter_records(docs)):
        count_models(models, record)
        group = None if by == "voice" else period_or_meta(record, by)
        for entry in record["statements"]:
            if voice in (None, "each", entry["voice"]):
                spoken = _EITHER if voice is None else entry["voice"]
                text = record["text"][entry["start"] : entry["end"]]
                yield number, spoken, entry["voice"] if by == "voice" else group, text


def _table_texts(
    table: pd.DataFrame, by: str, voice: str | None, article: str
) -> Iterator[tuple[Any, str, Hashable, str]]:
    require_columns(table, [by, article, "text", *(["voice"] if voice is not None else [])])
    table = table.sort_values(article, kind="stable")
    voices = [_EITHER] * len(table) if voice is None else table["voice"]
    groups = table[by].astype(object).where(table[by].notna(), MISSING)  # nan is unlike itself
    for number, spoken, group, text in zip(table[article], voices, groups, table["text"], strict=True):
        if voice in (None, "each", spoken):
            yield number, spoken, group, text


def _false_discovery(p: Floats) -> Floats:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p))
