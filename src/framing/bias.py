"""Biased sentences and loaded words.

:class:`BiasClassifier` and :class:`LoadedLanguageTagger` are estimators on raw text. An analysis of many
articles reads their tables of word scores together instead (see :mod:`framing.linear`)::

    bias, loaded = BiasScorer.bundled(), LoadedScorer.bundled()
    table = WordTable([bias.block, loaded.block, …], bundled_features())
    sheet = table.read(tokens)                      # tokens of one document, none empty
    readings = bias.read(sheet, ranges)             # ranges of sentences or statements, (n, 2) tokens
    readings.bias, readings.opinion, readings.author_opinion          # probabilities, (n,)
    probabilities = loaded.read(sheet, sentences)   # of every token, 0 outside the sentences
    loaded.spans(probabilities, ranges)             # for each range [(first, stop, score), …]

A document's score, or a voice's, is the mean of its ranges' probabilities weighted by their length
(:func:`mean_score`), so that splitting a statement in two does not change it much.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import index
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from framing.additive import Tabled
from framing.base import check_paired, check_range, check_texts, check_weights, text_tags
from framing.features import TextFeatures, bundled_features, split_texts
from framing.linear import (
    Contribution,
    CurvedBlock,
    Explanation,
    LinearBlock,
    MarkedWords,
    Sheet,
    fit_curved,
    fit_logistic,
    fit_slope,
    load_weights,
    out_of_fold,
    range_places,
    sigmoid,
)
from framing.models import model_path
from framing.persistence import load_model
from framing.text import tokenize

__all__ = ["BiasClassifier", "BiasReadings", "BiasScorer", "LoadedLanguageTagger", "LoadedScorer", "mean_score"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_FOLDS = 5
_WINDOW = (-2, -1, 0, 1, 2)  # places whose words count for a word


class BiasReadings(NamedTuple):
    """What sentences or statements sound like.

    Attributes
    ----------
    bias : ndarray of float64, shape (n_ranges,)
        Probability that a trained reader calls it biased.
    opinion : ndarray of float64, shape (n_ranges,)
        Probability that it expresses opinion, whoever's.
    author_opinion : ndarray of float64, shape (n_ranges,)
        Probability that it expresses the outlet's own opinion.
    """

    bias: NDArray[np.float64]
    opinion: NDArray[np.float64]
    author_opinion: NDArray[np.float64]


class BiasScorer:
    """Sentence models side by side.

    Parameters
    ----------
    block : CurvedBlock
        Of bias, opinion and author's opinion.
    intercepts : ndarray of float32, shape (3,)

    Attributes
    ----------
    block : CurvedBlock
        What a :class:`framing.linear.WordTable` must hold.
    """

    def __init__(self, block: CurvedBlock, intercepts: Floats) -> None:
        self.block = block
        self.intercepts = intercepts

    @staticmethod
    def bundled() -> BiasScorer:
        """The models that ship with the package, read once."""
        return _bundled_bias()

    def read(self, sheet: Sheet, ranges: NDArray[np.integer[Any]]) -> BiasReadings:
        """Probabilities for ranges of tokens.

        Parameters
        ----------
        sheet : Sheet
        ranges : ndarray of int, shape (n_ranges, 2)
            First token and token after the last. An empty range has the models' base rates.
        """
        logits = sheet.sums(self.block, ranges).astype(np.float64) + self.intercepts
        return BiasReadings(*sigmoid(logits).T)


def mean_score(scores: NDArray[np.float64], sizes: NDArray[np.integer[Any]]) -> float:
    """Mean of ranges' scores weighted by their length; 0 without ranges.

    Examples
    --------
    >>> mean_score(np.array([0.1, 0.4]), np.array([20, 10]))
    0.2
    """
    total = float(np.sum(sizes))
    return round(float(scores @ sizes) / total, 12) if total else 0.0


class BiasClassifier(ClassifierMixin, Tabled):
    """Whether a trained reader would call a sentence biased.

    Works without ``fit``, with the weights that ship with the package (trained on BABE); ``fit`` trains
    anew on your own sentences and labels, which may be any two classes.

    Parameters
    ----------
    C : float, default=0.5
        Inverse strength of the penalty, as in scikit-learn's ``LogisticRegression``.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        0 and 1 before ``fit``.
    intercept_ : float
        Score of a text without words, before the sigmoid.

    Notes
    -----
    A text's score before the sigmoid is the intercept plus the sum of its words' scores over the square
    root of its number of tokens. What is read should be sentences; longer texts are better cut first.
    Names, and words that say who is meant (nations, religions, parties, genders, outlets, …), all count the
    same, so that the score does not follow who is spoken about.

    Examples
    --------
    >>> from framing import BiasClassifier
    >>> wild, dry = BiasClassifier().predict_proba(
    ...     ["The corrupt minister's disgraceful lies are an insult to us all.",
    ...      "The council will meet on Tuesday at noon."])[:, 1]
    >>> bool(wild > 0.7 > 0.3 > dry)
    True
    """

    def __init__(self, *, C: float = 0.5) -> None:
        self.C = C

    def fit(
        self,
        X: Iterable[str],
        y: Sequence[Any],
        *,
        spans: Sequence[Sequence[Sequence[Any]]] | None = None,
        sample_weight: Sequence[float] | None = None,
    ) -> Self:
        """Train on labelled sentences.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : array-like, shape (n_sentences,)
            Two classes; the second in order counts as biased.
        spans : sequence of sequence of (start, end, …), optional
            For each sentence the ranges of code points that readers marked as loaded. Without them, which
            words are loaded is taken from the bundled model (so for an honest score on BABE, give them).
        sample_weight : array-like of float, shape (n_sentences,), optional

        Returns
        -------
        BiasClassifier

        Raises
        ------
        ValueError
            If ``y`` or ``spans`` has another length than ``X``, or ``y`` not two classes.
        """
        texts = check_texts(X)
        labels, weight = np.asarray(check_paired(texts, y)), check_weights(texts, sample_weight)
        if labels.shape != (len(texts),):
            raise ValueError(f"y must have one label for each text. Got shape {labels.shape} for {len(texts)} texts.")
        classes = np.unique(labels)
        if len(classes) != 2:
            raise ValueError(f"BiasClassifier needs exactly two classes in y. Got {len(classes)}.")
        target = labels == classes[1]
        rows = TextFeatures(mask_identities=True).transform(texts)
        marked = marked_words(texts, [[] for _ in texts] if spans is None else spans)
        if spans is None:
            bundled = _bundled_bias().block
            word_model = bundled.linear.weights[:, bundled.width], float(bundled.offsets[0])
            evidence = marked.evidence(word_model)
        else:
            everything = np.ones(len(texts), dtype=bool)
            word_model = marked.word_model(everything, weight)
            evidence = marked.honest_evidence(everything, _FOLDS, weight)
        place = np.random.default_rng(0).permutation(len(texts)) % _FOLDS
        loose = np.zeros(len(texts))
        for number in range(_FOLDS):
            inside = place == number
            weights, intercept, share = fit_curved(
                rows[~inside], evidence[~inside], target[~inside], self.C, weight[~inside]
            )
            loose[inside] = rows[inside] @ weights + intercept + share * evidence[inside]
        slope, offset = fit_slope(loose, target, weight)
        weights, intercept, share = fit_curved(rows, evidence, target, self.C, weight)
        block = CurvedBlock(
            np.column_stack([weights * slope, word_model[0]]),
            np.array([word_model[1]]),
            np.array([[share * slope]]),
        )
        self._set(classes, block, intercept * slope + offset)
        return self

    def _set(self, classes: NDArray[Any], block: CurvedBlock, intercept: float, *, bundled: bool = False) -> None:
        self._classes, self._intercept, self._block = classes, intercept, block
        self._tabulate(block, bundled=bundled)

    def _own_block(self) -> CurvedBlock | None:
        return getattr(self, "_block", None)

    def _ready(self) -> None:
        if not hasattr(self, "_table"):
            scorer = _bundled_bias()
            self._set(np.array([0, 1]), scorer.block.only(0), float(scorer.intercepts[0]), bundled=True)

    @property
    def classes_(self) -> NDArray[Any]:
        """The two classes."""
        self._ready()
        return self._classes

    @property
    def intercept_(self) -> float:
        """Score of a text without words."""
        self._ready()
        return self._intercept

    def decision_function(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Log odds of the second class.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)

        Returns
        -------
        ndarray of float64, shape (n_sentences,)
        """
        self._ready()
        tokens, ranges = _tokens_of(check_texts(X))
        sums = self._table.read(tokens).sums(self._block, ranges)
        return sums[:, 0].astype(np.float64) + self.intercept_

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities of both classes, shape (n_sentences, 2)."""
        second = sigmoid(self.decision_function(X))
        return np.column_stack([1 - second, second])

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """The likelier class of each sentence, shape (n_sentences,)."""
        scores = self.decision_function(X)
        return np.asarray(self.classes_[(scores > 0).astype(int)])

    def explain(self, text: str) -> Explanation:
        """Every word's share in a text's score.

        Parameters
        ----------
        text : str

        Returns
        -------
        Explanation
            ``score`` is the decision function; ``intercept`` and the contributions' values add up to it.

        Examples
        --------
        >>> found = BiasClassifier().explain("A shameful betrayal.")
        >>> max(found.contributions, key=lambda part: part.value).text in ("shameful", "betrayal")
        True
        """
        (text,) = check_texts([text], "text")
        self._ready()
        spans = tokenize(text).tolist()
        sheet = self._table.read([text[s:e] for s, e in spans])
        values = sheet.contributions(self._block, 0, len(spans))[:, 0].astype(np.float64)
        parts = [Contribution(s, e, text[s:e], float(v)) for (s, e), v in zip(spans, values, strict=True)]
        return Explanation(float(values.sum()) + self.intercept_, self.intercept_, parts)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


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
        tokens, ranges = _tokens_of(texts)
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
        tokens, ranges = _tokens_of(texts)
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


def _tokens_of(texts: Sequence[str]) -> tuple[list[str], Ints]:
    """Tokens of all texts, and each text's first token and token after its last."""
    tokens: list[str] = []
    edges = [0]
    for text in texts:
        tokens += [text[s:e] for s, e in tokenize(text).tolist()]
        edges.append(len(tokens))
    return tokens, np.column_stack([edges[:-1], edges[1:]]).astype(np.int64)


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
def _bundled_bias() -> BiasScorer:
    """Both folders in one block: their models first, then each one's model of words."""
    stored = [load_model(model_path(name)) for name in ("bias", "opinion")]
    weights = [load_weights(model, bundled_features()) for model in stored]
    sizes = [model.arrays["shares"].shape[1] for model in stored]
    heads = [part[:, :size] for part, size in zip(weights, sizes, strict=True)]
    curves = [part[:, size:] for part, size in zip(weights, sizes, strict=True)]
    shares = np.zeros((2, sum(sizes)), dtype=np.float32)
    shares[0, : sizes[0]], shares[1, sizes[0] :] = (model.arrays["shares"] for model in stored)
    offsets = np.concatenate([model.arrays["offsets"] for model in stored])
    block = CurvedBlock(np.hstack(heads + curves), offsets, shares)
    return BiasScorer(block, np.concatenate([model.arrays["intercepts"] for model in stored]))


@lru_cache(maxsize=1)
def _bundled_loaded() -> LoadedScorer:
    stored = load_model(model_path("loaded"))
    weights, intercept = load_weights(stored, bundled_features()), float(stored.arrays["intercepts"][0])
    return LoadedScorer(weights, intercept, float(stored.manifest["config"]["threshold"]))
