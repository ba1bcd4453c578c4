"""Loaded words, which readers would mark as biased, as an estimator on raw text.

What an analysis reads instead is in :mod:`framing.bias_scores`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.additive import Tabled, tokens_of
from framing.base import check_paired, check_range, check_texts, check_weights, text_tags
from framing.bias_scores import WINDOW, LoadedScorer, loaded_runs
from framing.features import TextFeatures
from framing.linear import (
    LinearBlock,
    MarkedWords,
    fit_logistic,
    out_of_fold,
)
from framing.text import tokenize
from framing.word_rows import bundled_features, split_texts

__all__ = ["LoadedLanguageTagger", "marked_words"]

Floats = NDArray[np.float32]

_FOLDS = 5


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
        self._ready()
        return self._scorer

    @property
    def threshold_(self) -> float:
        """The threshold in use."""
        return self.scorer.threshold if self.threshold is None else self.threshold

    def _bundled(self) -> None:
        self._set(LoadedScorer.bundled(), bundled=True)

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
    for shift in WINDOW:
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
    for column in range(len(WINDOW)):
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
