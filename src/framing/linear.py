"""Linear models as tables of scores by word, read together in one pass.

Since a text's features are the sum of its words' rows over the square root of its length
(:mod:`framing.word_rows`), a linear model's score of a text is the same sum over a table with one number a
word. A :class:`WordTable` computes those numbers once per distinct word for any number of models (its
blocks) and gathers them for any ranges of tokens: sentences, statements, or an article.

    table = WordTable([bias, policy, narrative])       # blocks
    sheet = table.read(tokens)                         # the tokens of one article or of many
    sheet.sums(bias, ranges)                           # (n_ranges, bias.width)

A range's sums depend on its own tokens alone, so a batch gives what each text would give by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.exceptions import ModelError
from framing.once import LOCK
from framing.persistence import StoredModel
from framing.word_rows import FeatureSpace, WordRows, count_matrix, length_weights

__all__ = [
    "Block",
    "Contribution",
    "CurvedBlock",
    "Explanation",
    "LinearBlock",
    "MarkedWords",
    "Sheet",
    "WordTable",
    "fit_curved",
    "fit_logistic",
    "fit_slope",
    "load_weights",
    "out_of_fold",
    "pack_weights",
    "range_places",
    "sigmoid",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_CACHED_WORDS = 50_000
_FIRST_ROWS = 1024
_FEW = 1500  # rows for which a kernel is cheaper than the features themselves


class Contribution(NamedTuple):
    """A word's share in a score.

    Attributes
    ----------
    start, end : int
        Half-open range of code points.
    text : str
    value : float
        What the word adds to the score before the sigmoid.
    """

    start: int
    end: int
    text: str
    value: float


class Explanation(NamedTuple):
    """A score and what it is made of.

    Attributes
    ----------
    score : float
        Log odds: the intercept plus the contributions' values.
    intercept : float
        The score of a text without words.
    contributions : list of Contribution
        One for each token, in the order of the text.
    """

    score: float
    intercept: float
    contributions: list[Contribution]


class Block(Protocol):
    """Something that gives every word a few numbers.

    Attributes
    ----------
    width : int
        How many.
    """

    width: int

    def columns(self, rows: WordRows) -> Floats:
        """Numbers of words, shape (n_words, width)."""
        ...


class LinearBlock:
    """Scores of words under linear models.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, n_models)
        Over the columns of :class:`framing.word_rows.FeatureSpace`.
    mask_names : bool
        Whether names count by their surface alone.
    mask_identities : bool
        Whether names and words that say who is meant all count the same.
    """

    def __init__(self, weights: Floats, *, mask_names: bool = False, mask_identities: bool = False) -> None:
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)
        self.mask_names = mask_names
        self.mask_identities = mask_identities
        self.width = int(weights.shape[1])

    def columns(self, rows: WordRows) -> Floats:
        """Scores of words, shape (n_words, n_models)."""
        if self.mask_identities:
            return np.asarray(sum(part @ self.weights for part in rows.masked()), dtype=np.float32)
        content = np.asarray(rows.content @ self.weights)
        if self.mask_names:
            content[rows.names] = 0
        return np.asarray(content + rows.surface @ self.weights, dtype=np.float32)


class CurvedBlock:
    """Linear models with one feature more: the probability that a word is loaded, whatever the sentence.

    A word's own share in a score is then no longer linear in its features, but still its own. Names and words
    that say who is meant all count the same.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, n_models + n_curves)
        Of the models, then of the models of words.
    offsets : ndarray of float32, shape (n_curves,)
        Intercepts of the models of words.
    shares : ndarray of float32, shape (n_curves, n_models)
        What a word's probability adds to its score.
    """

    def __init__(self, weights: Floats, offsets: Floats, shares: Floats) -> None:
        self.linear = LinearBlock(weights, mask_identities=True)
        self.offsets = np.asarray(offsets, dtype=np.float32)
        self.shares = np.asarray(shares, dtype=np.float32)
        self.width = int(self.shares.shape[1])

    def columns(self, rows: WordRows) -> Floats:
        """Scores of words, shape (n_words, n_models)."""
        scores = self.linear.columns(rows)
        chances = sigmoid(scores[:, self.width :] + self.offsets) * rows.alphabetic[:, None]
        # In double precision, lest the rounding of a word's numbers depend on which words are read together.
        return np.asarray(scores[:, : self.width] + chances.astype(np.float64) @ self.shares, dtype=np.float32)

    def only(self, model: int) -> CurvedBlock:
        """One of the models alone."""
        kept = np.r_[model, self.width : self.linear.width]
        return CurvedBlock(self.linear.weights[:, kept], self.offsets, self.shares[:, model : model + 1])


def range_places(ranges: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
    """Tokens of ranges, one range behind the other.

    Parameters
    ----------
    ranges : ndarray of int, shape (n_ranges, 2)
        First token and token after the last.

    Returns
    -------
    sizes : ndarray of int64, shape (n_ranges,)
    places : ndarray of int64, shape (sum(sizes),)

    Examples
    --------
    >>> sizes, places = range_places(np.array([[4, 6], [3, 3], [0, 3]]))
    >>> sizes.tolist(), places.tolist()
    ([2, 0, 3], [4, 5, 0, 1, 2])
    """
    limits = np.asarray(ranges, dtype=np.int64).reshape(-1, 2)
    sizes = np.maximum(limits[:, 1] - limits[:, 0], 0)
    ends = np.cumsum(sizes)
    return sizes, np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(limits[:, 0] - ends + sizes, sizes)


class Sheet:
    """Tokens with the numbers of their words.

    Parameters
    ----------
    ids : ndarray of int64, shape (n_tokens,)
        Row of every token's word.
    tables : list of (Block, ndarray)
        The blocks, each with its numbers by row.
    """

    def __init__(self, ids: Ints, tables: Sequence[tuple[Block, Floats]]) -> None:
        self.ids = ids
        self._tables = tables

    def _table(self, block: Block) -> Floats:
        for known, table in self._tables:
            if known is block:
                return table
        raise KeyError("This block was not in the table that read these tokens.")

    def sums(self, block: Block, ranges: NDArray[np.integer[Any]]) -> Floats:
        """Sums over ranges of tokens, divided by the square root of their length.

        Parameters
        ----------
        block : Block
        ranges : ndarray of int, shape (n_ranges, 2)
            First token and token after the last; they may overlap and come in any order.

        Returns
        -------
        ndarray of float32, shape (n_ranges, width)
            0 for an empty range.
        """
        table = self._table(block)
        sizes, places = range_places(ranges)
        weights = np.repeat(length_weights(sizes), sizes)
        rows = (weights, self.ids[places], np.r_[0, np.cumsum(sizes)])
        return np.asarray(sp.csr_matrix(rows, shape=(len(sizes), len(table))) @ table)

    def values(self, block: Block) -> Floats:
        """Numbers of every token, shape (n_tokens, width)."""
        return self._table(block)[self.ids]

    def contributions(self, block: Block, first: int, stop: int) -> Floats:
        """Shares of a range's tokens in its sums, shape (n_tokens, width); they add up to the sums."""
        weight = length_weights(np.array([stop - first]))[0]
        return self._table(block)[self.ids[first:stop]] * weight


class WordTable:
    """Numbers of words under several blocks, each word computed once; threads may share it.

    Parameters
    ----------
    blocks : sequence of Block
    features : FeatureSpace
    limit : int
        Words kept before the cache is emptied. It holds more only where one call needs more.
    """

    def __init__(self, blocks: Sequence[Block], features: FeatureSpace, *, limit: int = _CACHED_WORDS) -> None:
        self.blocks = list(blocks)
        self._features = features
        self._limit = limit
        self._rows: dict[str, int] = {}
        self._tables: list[Floats] = []
        self._reset()

    def _reset(self) -> None:
        # New arrays: sheets read before keep the old ones.
        self._rows = {}
        self._tables = [np.empty((_FIRST_ROWS, block.width), dtype=np.float32) for block in self.blocks]

    def read(self, tokens: Sequence[str]) -> Sheet:
        """Look up tokens.

        Parameters
        ----------
        tokens : sequence of str
            None of them empty; of one text or of many, one after the other.
        """
        distinct = dict.fromkeys(tokens)
        with LOCK:
            new = [word for word in distinct if word not in self._rows]
            if new and len(self._rows) + len(new) > self._limit:
                self._reset()
                new = list(distinct)
            if new:
                self._add(new)
            get = self._rows.__getitem__
            ids = np.fromiter(map(get, tokens), dtype=np.int64, count=len(tokens))
            known = len(self._rows)
            return Sheet(ids, [(b, table[:known]) for b, table in zip(self.blocks, self._tables, strict=True)])

    def _add(self, words: list[str]) -> None:
        first = len(self._rows)
        need = first + len(words)
        if need > len(self._tables[0]):
            size = max(need, 2 * len(self._tables[0]))
            grown = [np.empty((size, table.shape[1]), dtype=np.float32) for table in self._tables]
            for table, before in zip(grown, self._tables, strict=True):
                table[:first] = before[:first]
            self._tables = grown  # all at once, lest an interruption leave tables of two sizes
        for start in range(0, len(words), _FIRST_ROWS):
            part = words[start : start + _FIRST_ROWS]
            rows = self._features.rows(part)
            at = slice(first + start, first + start + len(part))
            for block, table in zip(self.blocks, self._tables, strict=True):
                table[at] = block.columns(rows)
        self._rows.update(zip(words, range(first, need), strict=True))


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """Logistic function, safe for any size of x."""
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


def fit_logistic(
    rows: sp.csr_matrix, targets: NDArray[np.bool_], C: float, importance: NDArray[np.float64] | None = None
) -> tuple[Floats, Floats]:
    """Logistic regression with a squared penalty, one model for each column of the targets.

    Where rows are few and models many, the rows are first rotated into as many dimensions as there are
    rows, which leaves the solution as it is (representer theorem) and the work small.

    Parameters
    ----------
    rows : csr_matrix, shape (n_texts, n_features)
    targets : ndarray of bool, shape (n_texts, n_models)
    C : float
        Inverse strength of the penalty.
    importance : ndarray of float64, shape (n_texts,), optional
        Weights of the texts.

    Returns
    -------
    weights : ndarray of float32, shape (n_features, n_models)
    intercepts : ndarray of float32, shape (n_models,)
        A model whose target never changes has no weights and the log odds of its share.
    """
    from sklearn.linear_model import LogisticRegression  # half a second that reading never pays

    rotate = rows.shape[0] <= _FEW
    design: Any = rows
    if rotate:
        gram = np.asarray((rows @ rows.T).todense(), dtype=np.float64)
        values, axes = np.linalg.eigh(gram)
        kept = values > 1e-9 * max(float(values[-1]), 1e-9)
        values, axes = values[kept], axes[:, kept]
        design = axes * np.sqrt(values)
    weights = np.zeros((rows.shape[1], targets.shape[1]), dtype=np.float32)
    intercepts = np.zeros(targets.shape[1], dtype=np.float32)
    for column, target in enumerate(targets.T):
        positive = int(target.sum())
        if not 0 < positive < len(target):
            intercepts[column] = np.log((positive + 0.5) / (len(target) - positive + 0.5))
            continue
        model = LogisticRegression(C=C, max_iter=500).fit(design, target, importance)
        coefficients = model.coef_[0]
        if rotate:
            coefficients = rows.T @ (axes @ (coefficients / np.sqrt(values)))
        weights[:, column] = coefficients
        intercepts[column] = model.intercept_[0]
    return weights, intercepts


def out_of_fold(
    rows: sp.csr_matrix,
    targets: NDArray[np.bool_],
    C: float,
    *,
    folds: int,
    importance: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Scores of every row by models that did not see it, shape (n_texts, n_models)."""
    place = np.random.default_rng(0).permutation(rows.shape[0]) % folds
    scores = np.zeros(targets.shape)
    for number in range(folds):
        inside = place == number
        share = None if importance is None else importance[~inside]
        weights, intercepts = fit_logistic(rows[~inside], targets[~inside], C, share)
        scores[inside] = rows[inside] @ weights + intercepts
    return scores


class MarkedWords:
    """Sentences in which readers marked words, and models of which words they mark.

    Parameters
    ----------
    words : list of str
        Distinct words.
    ids : ndarray of int64, shape (n_tokens,)
    bounds : ndarray of int64, shape (n_sentences + 1,)
        As from :func:`framing.word_rows.split_texts`.
    marked : ndarray of bool, shape (n_tokens,)
    features : FeatureSpace
    C : float
        Inverse strength of the penalty.

    Attributes
    ----------
    rows : csr_matrix of float32, shape (n_words, n_features)
        Of the distinct words, names and identities masked.
    owner : ndarray of int64, shape (n_tokens,)
        Sentence of every token.
    alphabetic : ndarray of bool, shape (n_words,)
        Words proper, which alone can be marked.
    """

    def __init__(
        self,
        words: list[str],
        ids: Ints,
        bounds: Ints,
        marked: NDArray[np.bool_],
        features: FeatureSpace,
        C: float,
    ) -> None:
        rows = features.rows(words)
        self.rows = rows.joined(mask_names=False, mask_identities=True)
        self.alphabetic = rows.alphabetic
        self.ids, self.marked, self.C = ids, marked, C
        sizes = np.diff(bounds)
        self.owner = np.repeat(np.arange(len(sizes)), sizes)
        self._means = sp.csr_matrix(sp.diags_array(length_weights(sizes)) @ count_matrix(ids, bounds, len(words)))

    def word_model(
        self, chosen: NDArray[np.bool_], importance: NDArray[np.float64] | None = None
    ) -> tuple[Floats, float]:
        """Weights and intercept of a model of words alone, from the chosen sentences.

        Logistic regression on how often each distinct word was marked and left unmarked.
        """
        from sklearn.linear_model import LogisticRegression

        seen = chosen[self.owner] & self.alphabetic[self.ids]
        size = len(self.alphabetic)
        share = np.ones(len(self.ids)) if importance is None else importance[self.owner]
        hits, misses = (
            np.bincount(self.ids[seen & part], weights=share[seen & part], minlength=size)
            for part in (self.marked, ~self.marked)
        )
        if not hits.any():
            return np.zeros(self.rows.shape[1], dtype=np.float32), float(-np.log(misses.sum() + 1))
        positive, negative = np.flatnonzero(hits), np.flatnonzero(misses)
        target = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
        weights = np.r_[hits[positive], misses[negative]].astype(np.float64)
        design = sp.vstack([self.rows[positive], self.rows[negative]], format="csr")
        model = LogisticRegression(C=self.C, max_iter=300).fit(design, target, sample_weight=weights)
        return model.coef_[0].astype(np.float32), float(model.intercept_[0])

    def evidence(self, model: tuple[Floats, float]) -> NDArray[np.float64]:
        """Sums of the words' probabilities over the root of the sentence's length, shape (n_sentences,)."""
        weights, offset = model
        return np.asarray(self._means @ (sigmoid(self.rows @ weights + offset) * self.alphabetic))

    def honest_evidence(
        self, chosen: NDArray[np.bool_], folds: int, importance: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Evidence that never saw the sentence: of the chosen ones by folds, of the others by all chosen.

        A model that saw a sentence knows its marked words by heart, and would be trusted too much.
        """
        evidence = self.evidence(self.word_model(chosen, importance))
        place = np.random.default_rng(0).permutation(len(chosen)) % folds
        for number in range(folds):
            inside = chosen & (place == number)
            evidence[inside] = self.evidence(self.word_model(chosen & (place != number), importance))[inside]
        return evidence


def fit_curved(
    rows: sp.csr_matrix,
    evidence: NDArray[np.float64],
    target: NDArray[np.bool_],
    C: float,
    importance: NDArray[np.float64] | None = None,
) -> tuple[Floats, float, float]:
    """Logistic regression on features and a word model's evidence.

    Parameters
    ----------
    rows : csr_matrix, shape (n_texts, n_features)
    evidence : ndarray of float64, shape (n_texts,)
        From :meth:`MarkedWords.honest_evidence`.
    target : ndarray of bool, shape (n_texts,)
    C : float
    importance : ndarray of float64, shape (n_texts,), optional
        Weights of the texts.

    Returns
    -------
    weights : ndarray of float32, shape (n_features,)
    intercept : float
    share : float
        Weight of the evidence.
    """
    scale = 2 / max(float(evidence.std()), 1e-6)  # so large that the penalty hardly touches it
    design = sp.csr_matrix(sp.hstack([rows, sp.csr_matrix(evidence[:, None] * scale)]))
    weights, intercepts = fit_logistic(design, target[:, None], C, importance)
    return weights[:-1, 0], float(intercepts[0]), float(weights[-1, 0] * scale)


def fit_slope(
    scores: NDArray[np.float64], target: NDArray[np.bool_], importance: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Slope and offset that turn scores into log odds (Platt 1999); scores of other data than trained on."""
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        return 1.0, 0.0
    model = LogisticRegression(C=1e4).fit(scores[:, None], target, importance)
    return max(float(model.coef_[0, 0]), 1e-3), float(model.intercept_[0])


def pack_weights(weights: Floats, slices: dict[str, slice]) -> tuple[NDArray[np.int8], Floats]:
    """Weights as bytes, with one scale for each group of features and each model.

    Parameters
    ----------
    weights : ndarray, shape (n_features, n_models)
    slices : dict of str to slice
        Rows of each group.

    Returns
    -------
    packed : ndarray of int8, shape (n_features, n_models)
    scales : ndarray of float32, shape (n_groups, n_models)
    """
    packed = np.zeros(weights.shape, dtype=np.int8)
    scales = np.ones((len(slices), weights.shape[1]), dtype=np.float32)
    for row, part in enumerate(slices.values()):
        largest = np.abs(weights[part]).max(axis=0)
        scales[row] = np.where(largest > 0, largest / 127, 1)
        packed[part] = np.round(weights[part] / scales[row])
    return packed, scales


def load_weights(stored: StoredModel, features: FeatureSpace) -> Floats:
    """Weights from a model folder that holds :func:`pack_weights`' arrays.

    Raises
    ------
    ModelError
        If the weights belong to another version of the features.
    """
    manifest, arrays = stored
    needed = manifest["config"]["features"]
    if needed != features.version:
        raise ModelError(
            f"Model {manifest['name']!r} was trained on features {needed}, but {features.version} are loaded. "
            "Train it again, or use the features that it came with."
        )
    weights = arrays["packed"].astype(np.float32)
    for row, part in enumerate(features.slices.values()):
        weights[part] *= arrays["scales"][row]
    return weights
