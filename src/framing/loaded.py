"""Loaded words: which words of a sentence readers would mark as biased.

:class:`LoadedLanguageTagger` is an estimator on raw text, :class:`LoadedScorer` what an analysis of many articles
reads (see :mod:`framing.bias`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import index
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.additive import Tabled, tokens_of
from framing.base import check_paired, check_range, check_texts, check_weights, text_tags
from framing.features import TextFeatures, bundled_features, split_texts
from framing.linear import (
    LinearBlock,
    MarkedWords,
    Sheet,
    fit_logistic,
    load_weights,
    out_of_fold,
    range_places,
    sigmoid,
)
from framing.models import model_path
from framing.persistence import load_model
from framing.text import tokenize

__all__ = ["LoadedLanguageTagger", "LoadedScorer", "loaded_runs", "marked_words"]

Floats = NDArray[np.float32]

_FOLDS = 5
_WINDOW = (-2, -1, 0, 1, 2)  # places whose words count for a word


class LoadedScorer:
    """Word-level model: scores of a word, its neighbours up to two places away, and its sentence.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, 7)
        Scores of words two and one places before, at the place, one and two after; of the sentence; and
        1 for words (tokens that begin with a letter), which alone can be loaded.
    intercept : float
    threshold : float
        Least probability of a loaded word.

    Attributes
    ----------
    block : LinearBlock
        What a :class:`framing.linear.WordTable` must hold.
    """

    def __init__(self, weights: Floats, intercept: float, threshold: float) -> None:
        self.block = LinearBlock(weights, mask_identities=True)
        self.intercept = intercept
        self.threshold = threshold

    @staticmethod
    def bundled() -> LoadedScorer:
        """The model that ships with the package, read once."""
        return _bundled_loaded()

    def with_threshold(self, threshold: float) -> LoadedScorer:
        """The same model, whose words are loaded from another probability on."""
        scorer = copy.copy(self)  # with the same block, by which sheets know it
        scorer.threshold = threshold
        return scorer

    def logits(self, sheet: Sheet, sentences: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Log odds of every token to be loaded, minus infinity for marks and outside the sentences.

        Parameters
        ----------
        sheet : Sheet
        sentences : ndarray of int, shape (n_sentences, 2)
            First token and token after the last, not overlapping.

        Returns
        -------
        ndarray of float64, shape (n_tokens,)
        """
        values = sheet.values(self.block)
        owner = np.full(len(values), -1, dtype=np.int64)
        sizes, places = range_places(sentences)
        owner[places] = np.repeat(np.arange(len(sizes)), sizes)
        out = values[:, 2].astype(np.float64)
        for column, shift in enumerate(_WINDOW):
            if not shift:
                continue
            near, here = (
                (slice(None, shift), slice(-shift, None)) if shift < 0 else (slice(shift, None), slice(None, -shift))
            )
            out[here] += np.where(owner[near] == owner[here], values[near, column], 0)
        context = sheet.sums(self.block, sentences)[:, 5]
        inside = (owner >= 0) & (values[:, 6] > 0.5)
        out[inside] += context[owner[inside]] + self.intercept
        out[~inside] = -np.inf
        return out

    def read(self, sheet: Sheet, sentences: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Probability of every token to be loaded, 0 outside the sentences, shape (n_tokens,)."""
        logits = self.logits(sheet, sentences)
        return np.where(np.isneginf(logits), 0.0, sigmoid(logits))

    def spans(
        self, probabilities: NDArray[np.float64], ranges: NDArray[np.integer[Any]]
    ) -> list[list[tuple[int, int, float]]]:
        """Runs of loaded tokens in each range.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (n_tokens,)
        ranges : ndarray of int, shape (n_ranges, 2)

        Returns
        -------
        list of list of (first, stop, score)
            In tokens; the score is that of the run's likeliest token.
        """
        return loaded_runs(probabilities, ranges, self.threshold)


def loaded_runs(
    probabilities: NDArray[np.float64], ranges: NDArray[np.integer[Any]], threshold: float
) -> list[list[tuple[int, int, float]]]:
    """Runs of tokens with at least the threshold's probability, for each range."""
    found: list[list[tuple[int, int, float]]] = []
    high = np.flatnonzero(probabilities >= threshold)
    limits = np.asarray(ranges, dtype=np.int64).reshape(-1, 2)
    edges = np.searchsorted(high, limits)
    for left, right in edges.tolist():
        runs: list[tuple[int, int, float]] = []
        for at in high[left:right].tolist():
            score = float(probabilities[at])
            if runs and runs[-1][1] == at:
                runs[-1] = (runs[-1][0], at + 1, max(runs[-1][2], score))
            else:
                runs.append((at, at + 1, score))
        found.append(runs)
    return found


class LoadedLanguageTagger(Tabled):
    """Words and phrases that a trained reader would mark as loaded.

    Works without ``fit``, with the weights that ship with the package (trained on BABE); ``fit`` trains
    anew on your own spans.

    Parameters
    ----------
    threshold : float, optional
        Least probability of a loaded word, from 0 to 1; by default the one that gave the best token F1
        in training (``threshold_``).
    C : float, default=1.0
        Inverse strength of the penalty.

    Attributes
    ----------
    threshold_ : float
        The threshold in use.

    Examples
    --------
    >>> from framing import LoadedLanguageTagger
    >>> text = "Critics call it a disgraceful betrayal."
    >>> (spans,) = LoadedLanguageTagger().predict([text])
    >>> [text[start:end] for start, end, score in spans]
    ['disgraceful betrayal']
    """

    def __init__(self, *, threshold: float | None = None, C: float = 1.0) -> None:
        self.threshold = threshold
        self.C = C

    def fit(
        self, X: Iterable[str], y: Sequence[Sequence[Sequence[Any]]], sample_weight: Sequence[float] | None = None
    ) -> Self:
        """Train on sentences with marked spans.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : sequence of sequence of (start, end, …)
            For each sentence the spans that are loaded, as ranges of its code points.
        sample_weight : array-like of float, shape (n_sentences,), optional
            How much each sentence counts; all 1 by default.

        Returns
        -------
        LoadedLanguageTagger

        Raises
        ------
        ValueError
            If ``y`` has another length than ``X`` or marks no word.
        """
        texts = check_texts(X)
        marked = marked_words(texts, y, self.C)
        if not marked.marked.any():
            raise ValueError("y marks no word of X as loaded; there is nothing to learn.")
        rows, importance = TextFeatures(mask_identities=True).transform(texts), check_weights(texts, sample_weight)
        weights, intercept, threshold = _fit_loaded(rows, marked, importance)
        self._set(LoadedScorer(weights, intercept, threshold))
        return self

    @property
    def scorer(self) -> LoadedScorer:
        """The tables of word scores behind this tagger, for reading many articles together."""
        if not hasattr(self, "_scorer"):
            self._set(_bundled_loaded(), bundled=True)
        return self._scorer

    @property
    def threshold_(self) -> float:
        """The threshold in use."""
        return self.scorer.threshold if self.threshold is None else self.threshold

    def _set(self, scorer: LoadedScorer, *, bundled: bool = False) -> None:
        self._scorer = scorer
        self._tabulate(scorer.block, bundled=bundled)

    def _own_block(self) -> LinearBlock | None:
        return self._scorer.block if hasattr(self, "_scorer") else None

    def predict_proba(self, X: Iterable[str]) -> list[list[tuple[int, int, float]]]:
        """Every token's probability to be loaded.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)

        Returns
        -------
        list of list of (start, end, probability)
            For each text, its tokens as ranges of code points.
        """
        scorer, texts = self.scorer, check_texts(X)
        tokens, ranges = tokens_of(texts)
        probabilities = scorer.read(self._table.read(tokens), ranges)
        return [
            [(s, e, float(p)) for (s, e), p in zip(tokenize(text).tolist(), probabilities[a:b], strict=True)]
            for text, (a, b) in zip(texts, ranges.tolist(), strict=True)
        ]

    def predict(self, X: Iterable[str]) -> list[list[tuple[int, int, float]]]:
        """Loaded words and phrases.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)

        Returns
        -------
        list of list of (start, end, score)
            For each text, in order, not overlapping; ``text[start:end]`` is the phrase, the score that
            of its likeliest word.
        """
        scorer, texts = self.scorer, check_texts(X)
        tokens, ranges = tokens_of(texts)
        probabilities = scorer.read(self._table.read(tokens), ranges)
        found = []
        for text, (first, _), runs in zip(
            texts, ranges.tolist(), loaded_runs(probabilities, ranges, self.threshold_), strict=True
        ):
            spans = tokenize(text).tolist()
            found.append([(spans[a - first][0], spans[b - 1 - first][1], score) for a, b, score in runs])
        return found

    def score(self, X: Iterable[str], y: Sequence[Sequence[Sequence[Any]]]) -> float:
        """F1 of loaded tokens over all texts.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : sequence of sequence of (start, end, …)
            As for :meth:`fit`.

        Returns
        -------
        float
            0 to 1; 0 where neither marks any.
        """
        texts = check_texts(X)
        wanted, found = marked_words(texts, y).marked, marked_words(texts, self.predict(texts)).marked
        total = int(wanted.sum() + found.sum())
        return 2 * int((wanted & found).sum()) / total if total else 0.0

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def marked_words(texts: Sequence[str], spans: Sequence[Sequence[Sequence[Any]]], C: float = 1.0) -> MarkedWords:
    """Words of texts, those that some span touches marked."""
    marked = []
    for place, (text, ranges) in enumerate(zip(texts, check_paired(texts, spans), strict=True)):
        tokens = tokenize(text)
        inside = np.zeros(len(tokens), dtype=bool)
        for span in ranges:
            try:
                start, end = map(index, span[:2])
            except (TypeError, ValueError) as error:
                raise TypeError(
                    f"y must hold a list of [start, end] for each text. Got {span!r} for the text at position {place}."
                ) from error
            check_range(start, end, text, place)
            inside |= (tokens[:, 0] < end) & (tokens[:, 1] > start)
        marked.append(inside)
    joined = np.concatenate(marked) if marked else np.zeros(0, dtype=bool)
    return MarkedWords(*split_texts(texts), joined, bundled_features(), C)


def _fit_loaded(
    sentences: sp.csr_matrix, words: MarkedWords, importance: NDArray[np.float64]
) -> tuple[Floats, float, float]:
    """Weights, intercept and threshold of a :class:`LoadedScorer`.

    First a model of words alone and one of sentences (does it hold a marked word?); then a small one that
    weighs their out-of-fold scores at the word and around it.
    """
    from sklearn.linear_model import LogisticRegression  # half a second that reading never pays

    from framing.metrics import best_threshold

    space, ids, owner = bundled_features(), words.ids, words.owner
    n_sentences = sentences.shape[0]
    place = np.random.default_rng(0).permutation(n_sentences) % _FOLDS
    scores = np.zeros(len(ids))
    for number in range(_FOLDS):
        weights, offset = words.word_model(place != number, importance)
        inside = place[owner] == number
        scores[inside] = (words.rows @ weights + offset)[ids[inside]]
    target = (np.bincount(owner, weights=words.marked, minlength=n_sentences) > 0)[:, None]
    loose = out_of_fold(sentences, target, words.C, folds=_FOLDS, importance=importance)

    sections = [space.slices["lexicons"], space.slices["surface"]]
    small = sp.hstack([words.rows[:, part] for part in sections], format="csr")  # lists and looks of each word
    near: list[Any] = []
    for shift in _WINDOW:
        places = np.clip(np.arange(len(ids)) + shift, 0, len(ids) - 1)
        same = (owner[places] == owner) & (np.arange(len(ids)) + shift == places)
        near.append(sp.csr_matrix(np.where(same & words.alphabetic[ids[places]], scores[places], 0)[:, None]))
        looks = sp.diags_array(same.astype(np.float64)) @ small[ids[places]]
        near.append(looks if abs(shift) < 2 else sp.csr_matrix(looks.shape))
    near.append(sp.csr_matrix(loose[owner]))
    design = sp.csr_matrix(sp.hstack(near))
    seen = words.alphabetic[ids]
    model = LogisticRegression(C=0.1, max_iter=300).fit(design[seen], words.marked[seen], importance[owner[seen]])
    threshold = best_threshold(words.marked[seen], model.predict_proba(design[seen])[:, 1])

    word_weights, word_offset = words.word_model(np.ones(n_sentences, dtype=bool), importance)
    sentence_weights, sentence_offset = fit_logistic(sentences, target, words.C, importance)
    coefficients = model.coef_[0]
    step = 1 + small.shape[1]
    columns = np.zeros((space.n_features, 7), dtype=np.float32)
    every_word, unit = space.surface_column("word"), 1 / space.scales["surface"]
    columns[every_word, 6] = unit
    for column in range(len(_WINDOW)):
        part = coefficients[column * step : (column + 1) * step]
        columns[:, column] = word_weights * part[0]
        columns[every_word, column] += word_offset * part[0] * unit
        at = 1
        for section in sections:
            columns[section, column] += part[at : at + section.stop - section.start]
            at += section.stop - section.start
    columns[:, 5] = sentence_weights[:, 0] * coefficients[-1]
    intercept = float(model.intercept_[0] + coefficients[-1] * sentence_offset[0])
    return columns, intercept, threshold


@lru_cache(maxsize=1)
def _bundled_loaded() -> LoadedScorer:
    stored = load_model(model_path("loaded"))
    weights, intercept = load_weights(stored, bundled_features()), float(stored.arrays["intercepts"][0])
    return LoadedScorer(weights, intercept, float(stored.manifest["config"]["threshold"]))
