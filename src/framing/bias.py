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

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from framing.base import check_texts
from framing.features import TextFeatures, bundled_features, count_matrix, length_weights, split_texts
from framing.linear import (
    Contribution,
    Explanation,
    LinearBlock,
    Sheet,
    WordTable,
    fit_counts,
    fit_logistic,
    fit_slope,
    load_weights,
    out_of_fold,
    sigmoid,
)
from framing.models import model_path
from framing.persistence import load_model
from framing.text import tokenize

__all__ = ["BiasClassifier", "BiasReadings", "BiasScorer", "LoadedLanguageTagger", "LoadedScorer", "mean_score"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_FOLDS = 5


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
    weights : ndarray of float32, shape (n_features, 3)
        Of bias, opinion and author's opinion.
    intercepts : ndarray of float32, shape (3,)

    Attributes
    ----------
    block : LinearBlock
        What a :class:`framing.linear.WordTable` must hold.
    """

    def __init__(self, weights: Floats, intercepts: Floats) -> None:
        self.block = LinearBlock(weights, mask_names=True)
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


class BiasClassifier(ClassifierMixin, BaseEstimator):
    """Whether a trained reader would call a sentence biased.

    Works without ``fit``, with the weights that ship with the package (trained on BABE); ``fit`` trains
    anew on your own sentences and labels, which may be any two classes.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty, as in scikit-learn's ``LogisticRegression``.
    mask_names : bool, default=True
        Whether names count by their surface alone, so that the score does not follow who is spoken about.

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

    Examples
    --------
    >>> from framing import BiasClassifier
    >>> wild, dry = BiasClassifier().predict_proba(
    ...     ["The corrupt minister's disgraceful lies are an insult to us all.",
    ...      "The council will meet on Tuesday at noon."])[:, 1]
    >>> bool(wild > 0.7 > 0.3 > dry)
    True
    """

    def __init__(self, *, C: float = 1.0, mask_names: bool = True) -> None:
        self.C = C
        self.mask_names = mask_names

    def fit(self, X: Iterable[str], y: Sequence[Any]) -> Self:
        """Train on labelled sentences.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : array-like, shape (n_sentences,)
            Two classes; the second in order counts as biased.

        Returns
        -------
        BiasClassifier

        Raises
        ------
        ValueError
            If ``y`` has another length than ``X`` or not two classes.
        """
        texts = check_texts(X)
        labels = np.asarray(y)
        if labels.shape != (len(texts),):
            raise ValueError(f"y must have one label for each text. Got shape {labels.shape} for {len(texts)} texts.")
        classes = np.unique(labels)
        if len(classes) != 2:
            raise ValueError(f"BiasClassifier needs exactly two classes in y. Got {len(classes)}.")
        rows = TextFeatures(mask_names=self.mask_names).transform(texts)
        target = (labels == classes[1])[:, None]
        loose = out_of_fold(rows, target, self.C, folds=_FOLDS)
        slope, offset = fit_slope(loose[:, 0], target[:, 0])
        weights, intercepts = fit_logistic(rows, target, self.C)
        self._set(classes, weights * slope, intercepts * slope + offset)
        return self

    def _set(self, classes: NDArray[Any], weights: Floats, intercepts: Floats) -> None:
        self.classes_ = classes
        self.intercept_ = float(intercepts[0])
        self._block = LinearBlock(weights, mask_names=self.mask_names)
        self._table = WordTable([self._block], bundled_features())

    def _ready(self) -> None:
        if not hasattr(self, "_table"):
            scorer = _bundled_bias()
            self.classes_ = np.array([0, 1])
            self.intercept_ = float(scorer.intercepts[0])
            self._block = LinearBlock(scorer.block.weights[:, :1], mask_names=True)
            self._table = WordTable([self._block], bundled_features())

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
        return _text_tags(super().__sklearn_tags__())


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
        self.block = LinearBlock(weights, mask_names=True)
        self.intercept = intercept
        self.threshold = threshold

    @staticmethod
    def bundled() -> LoadedScorer:
        """The model that ships with the package, read once."""
        return _bundled_loaded()

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
        limits = np.asarray(sentences, dtype=np.int64).reshape(-1, 2)
        owner = np.full(len(values), -1, dtype=np.int64)
        sizes = np.maximum(limits[:, 1] - limits[:, 0], 0)
        order = np.repeat(np.arange(len(limits)), sizes)
        first = np.repeat(limits[:, 0] - np.cumsum(sizes) + sizes, sizes)
        owner[np.arange(len(order)) + first] = order
        out = values[:, 2].astype(np.float64)
        for column, shift in ((0, -2), (1, -1), (3, 1), (4, 2)):
            near, here = (
                (slice(None, shift), slice(-shift, None)) if shift < 0 else (slice(shift, None), slice(None, -shift))
            )
            out[here] += np.where(owner[near] == owner[here], values[near, column], 0)
        context = sheet.sums(self.block, limits)[:, 5]
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


class LoadedLanguageTagger(BaseEstimator):
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

    def fit(self, X: Iterable[str], y: Sequence[Sequence[Sequence[Any]]]) -> Self:
        """Train on sentences with marked spans.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : sequence of sequence of (start, end, …)
            For each sentence the spans that are loaded, as ranges of its code points.

        Returns
        -------
        LoadedLanguageTagger

        Raises
        ------
        ValueError
            If ``y`` has another length than ``X`` or marks nothing.
        """
        texts = check_texts(X)
        if len(texts) != len(y):
            raise ValueError(f"y must have a list of spans for each text. Got {len(y)} for {len(texts)} texts.")
        words, ids, bounds = split_texts(texts)
        marked = np.concatenate([_marked(text, spans) for text, spans in zip(texts, y, strict=True)])
        if not marked.any():
            raise ValueError("y marks no word of X as loaded; there is nothing to learn.")
        weights, intercept, threshold = _fit_loaded(words, ids, bounds, marked, self.C)
        self._scorer = LoadedScorer(weights, intercept, threshold)
        self._table = WordTable([self._scorer.block], bundled_features())
        self.threshold_ = threshold
        return self

    def _ready(self) -> LoadedScorer:
        if not hasattr(self, "_scorer"):
            self._scorer = _bundled_loaded()
            self._table = WordTable([self._scorer.block], bundled_features())
            self.threshold_ = self._scorer.threshold
        return self._scorer

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
        scorer = self._ready()
        texts = check_texts(X)
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
        scorer = self._ready()
        texts = check_texts(X)
        tokens, ranges = _tokens_of(texts)
        probabilities = scorer.read(self._table.read(tokens), ranges)
        threshold = scorer.threshold if self.threshold is None else self.threshold
        found = []
        for text, (first, _), runs in zip(
            texts, ranges.tolist(), loaded_runs(probabilities, ranges, threshold), strict=True
        ):
            spans = tokenize(text).tolist()
            found.append([(spans[a - first][0], spans[b - 1 - first][1], score) for a, b, score in runs])
        return found

    def __sklearn_tags__(self) -> Any:
        return _text_tags(super().__sklearn_tags__())


def _text_tags(tags: Any) -> Any:
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    tags.requires_fit = False
    return tags


def _tokens_of(texts: Sequence[str]) -> tuple[list[str], Ints]:
    """Tokens of all texts, and each text's first token and token after its last."""
    tokens: list[str] = []
    edges = [0]
    for text in texts:
        tokens += [text[s:e] for s, e in tokenize(text).tolist()]
        edges.append(len(tokens))
    return tokens, np.column_stack([edges[:-1], edges[1:]]).astype(np.int64)


def _marked(text: str, spans: Sequence[Sequence[Any]]) -> NDArray[np.bool_]:
    """Which tokens of a text some span touches."""
    tokens = tokenize(text)
    marked = np.zeros(len(tokens), dtype=bool)
    for start, end, *_ in spans:
        marked |= (tokens[:, 0] < end) & (tokens[:, 1] > start)
    return marked


def _fit_loaded(
    words: list[str], ids: Ints, bounds: Ints, marked: NDArray[np.bool_], C: float
) -> tuple[Floats, float, float]:
    """Weights of a :class:`LoadedScorer`.

    First a model of words alone, learned from how often each is marked, and one of sentences (does it
    hold a marked word?); then a small one that weighs their out-of-fold scores at the word and around it.
    """
    from sklearn.linear_model import LogisticRegression  # half a second that reading never pays

    from framing.metrics import best_threshold

    space = bundled_features()
    rows = space.rows(words)
    joined = rows.joined(mask_names=True)
    wordlike = np.fromiter((word[0].isalpha() for word in words), dtype=bool, count=len(words))
    owner = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    fold = np.random.default_rng(0).permutation(len(bounds) - 1) % _FOLDS
    token_fold = fold[owner]

    def word_model(chosen: NDArray[np.bool_]) -> tuple[Floats, float]:
        seen = chosen & wordlike[ids]
        hits = np.bincount(ids[seen & marked], minlength=len(words))
        misses = np.bincount(ids[seen & ~marked], minlength=len(words))
        kept = np.flatnonzero(hits + misses)
        return fit_counts(joined[kept], hits[kept], misses[kept], C)

    scores = np.zeros(len(ids))
    for number in range(_FOLDS):
        weights, intercept = word_model(token_fold != number)
        inside = token_fold == number
        scores[inside] = (joined @ weights + intercept)[ids[inside]]
    sentence_rows = sp.csr_matrix(
        sp.diags_array(length_weights(np.diff(bounds))) @ (count_matrix(ids, bounds, len(words)) @ joined)
    )
    target = (np.bincount(owner, weights=marked, minlength=len(bounds) - 1) > 0)[:, None]
    loose = out_of_fold(sentence_rows, target, C, folds=_FOLDS)

    sections = [space.slices["lexicons"], space.slices["surface"]]
    small = sp.hstack([joined[:, part] for part in sections], format="csr")  # lists and looks of each word
    near: list[Any] = []
    for shift in (-2, -1, 0, 1, 2):
        places = np.clip(np.arange(len(ids)) + shift, 0, len(ids) - 1)
        same = (owner[places] == owner) & (np.arange(len(ids)) + shift == places)
        score = np.where(same & wordlike[ids[places]], scores[places], 0)
        near.append(sp.csr_matrix(score[:, None]))
        looks = sp.diags_array(same.astype(np.float64)) @ small[ids[places]]
        near.append(looks if abs(shift) < 2 else sp.csr_matrix(looks.shape))
    near.append(sp.csr_matrix(loose[owner]))
    design = sp.csr_matrix(sp.hstack(near))
    seen = wordlike[ids]
    model = LogisticRegression(C=0.1, max_iter=300).fit(design[seen], marked[seen])
    threshold = best_threshold(marked[seen], model.predict_proba(design[seen])[:, 1])

    word_weights, word_intercept = word_model(np.ones(len(ids), dtype=bool))
    sentence_weights, sentence_intercept = fit_logistic(sentence_rows, target, C)
    coefficients = model.coef_[0]
    step = 1 + small.shape[1]
    columns = np.zeros((space.n_features, 7), dtype=np.float32)
    every_word, unit = space.surface_column("word"), 1 / space.scales["surface"]
    columns[every_word, 6] = unit
    for place in range(5):
        part = coefficients[place * step : (place + 1) * step]
        columns[:, place] = word_weights * part[0]
        columns[every_word, place] += word_intercept * part[0] * unit
        at = 1
        for section in sections:
            columns[section, place] += part[at : at + section.stop - section.start]
            at += section.stop - section.start
    columns[:, 5] = sentence_weights[:, 0] * coefficients[-1]
    intercept = float(model.intercept_[0] + coefficients[-1] * sentence_intercept[0])
    return columns, intercept, threshold


@lru_cache(maxsize=1)
def _bundled_bias() -> BiasScorer:
    stored = [load_model(model_path(name)) for name in ("bias", "opinion")]
    weights = np.hstack([load_weights(model, bundled_features()) for model in stored])
    return BiasScorer(weights, np.concatenate([model.arrays["intercepts"] for model in stored]))


@lru_cache(maxsize=1)
def _bundled_loaded() -> LoadedScorer:
    stored = load_model(model_path("loaded"))
    weights, intercept = load_weights(stored, bundled_features()), float(stored.arrays["intercepts"][0])
    return LoadedScorer(weights, intercept, float(stored.manifest["config"]["threshold"]))
