"""Biased sentences.

:class:`BiasClassifier` is an estimator on raw text. An analysis of many articles reads its table and that of
loaded words (:mod:`framing.loaded`) together instead (see :mod:`framing.linear`)::

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
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from framing.additive import Tabled, tokens_of
from framing.base import check_paired, check_texts, check_weights, text_tags
from framing.features import TextFeatures, bundled_features
from framing.linear import (
    Contribution,
    CurvedBlock,
    Explanation,
    Sheet,
    fit_curved,
    fit_slope,
    load_weights,
    sigmoid,
)
from framing.loaded import marked_words
from framing.models import model_path
from framing.persistence import load_model
from framing.text import tokenize

__all__ = ["BiasClassifier", "BiasReadings", "BiasScorer", "mean_score"]

Floats = NDArray[np.float32]

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
        tokens, ranges = tokens_of(check_texts(X))
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
