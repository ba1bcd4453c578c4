"""Biased sentences, as an estimator on raw text.

What an analysis reads instead is in :mod:`framing.bias_scores`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from framing.additive import Tabled, tokens_of
from framing.base import check_paired, check_texts, check_weights, text_tags
from framing.bias_scores import BiasScorer
from framing.features import TextFeatures
from framing.linear import (
    Contribution,
    CurvedBlock,
    Explanation,
    fit_curved,
    fit_slope,
    sigmoid,
)
from framing.loaded import marked_words
from framing.text import tokenize

__all__ = ["BiasClassifier"]

Floats = NDArray[np.float32]

_FOLDS = 5


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
            bundled = BiasScorer.bundled().block
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

    def _bundled(self) -> None:
        scorer = BiasScorer.bundled()
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
