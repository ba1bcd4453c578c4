"""Sentences that express opinion, as an estimator on raw text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np

from framing.additive import AdditiveClassifier
from framing.base import check_paired, check_texts, check_weights
from framing.bias_scores import BiasScorer
from framing.features import TextFeatures
from framing.linear import LinearBlock

__all__ = ["OpinionClassifier"]

_FOLDS = 5
_OPINION = 1  # column of the bundled sentence models
_TEMPERATURES = np.geomspace(0.2, 5.0, 61)


class OpinionClassifier(AdditiveClassifier):
    """Whether a sentence states fact or expresses opinion; or any classes of sentences of your own.

    For people who have sentences and labels but no articles. Works without ``fit``, with the word model that ships
    with the package (trained on BABE); ``fit`` trains anew on your own sentences and labels, of two classes or more.
    It can take the place of the bundled kinds: ``framing.Analyzer(opinion=classifier)``, with the classes
    ``"fact"`` and ``"opinion"``.

    Parameters
    ----------
    C : float, default=0.5
        Inverse strength of the penalty, as in scikit-learn's ``LogisticRegression``.

    Attributes
    ----------
    classes_ : ndarray
        ``"fact"`` and ``"opinion"`` before ``fit``.
    intercept_ : ndarray of float64
        Scores of a text without words.

    Notes
    -----
    The features are those of :class:`TextFeatures`: words, letters, the package's word lists (hedges, factives,
    assertives, implicatives, evaluatives, modals, intensifiers, evidentials and more) and static vectors. Names count
    by their capital alone.

    Examples
    --------
    >>> from framing import OpinionClassifier
    >>> OpinionClassifier().predict(["The council met on Tuesday.", "This shameful plan must never pass."]).tolist()
    ['fact', 'opinion']
    >>> kinds = OpinionClassifier().fit(
    ...     ["Rates rose by a point.", "Rates may rise soon.", "Lower the rates now!"] * 4,
    ...     ["report", "forecast", "demand"] * 4,
    ... )
    >>> kinds.predict(["Rents may rise in May."]).tolist()
    ['forecast']
    """

    def __init__(self, *, C: float = 0.5) -> None:
        self.C = C

    def fit(self, X: Iterable[str], y: Sequence[Any], sample_weight: Sequence[float] | None = None) -> Self:
        """Train on labelled sentences.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
        y : array-like, shape (n_sentences,)
        sample_weight : array-like of float, shape (n_sentences,), optional

        Returns
        -------
        OpinionClassifier

        Raises
        ------
        ValueError
            If ``y`` has another length than ``X`` or fewer than two classes.
        """
        from sklearn.linear_model import LogisticRegression  # half a second that reading never pays

        texts = check_texts(X)
        labels, weight = np.asarray(check_paired(texts, y)), check_weights(texts, sample_weight)
        if labels.shape != (len(texts),):
            raise ValueError(f"y must have one label for each text. Got shape {labels.shape} for {len(texts)} texts.")
        classes = np.unique(labels)
        if len(classes) < 2:
            raise ValueError(f"OpinionClassifier needs at least two classes in y. Got {len(classes)}.")
        rows = TextFeatures(mask_names=True).transform(texts)

        def learned(chosen: Any) -> tuple[Any, Any]:
            model = LogisticRegression(C=self.C, max_iter=500).fit(rows[chosen], labels[chosen], weight[chosen])
            return model.coef_.T, model.intercept_

        # How sure the scores may be is told by sentences that a model has not seen.
        place = np.random.default_rng(0).permutation(len(texts)) % _FOLDS
        seen = [place != number for number in range(_FOLDS)]
        temperature = 1.0
        if all(len(np.unique(labels[chosen])) == len(classes) for chosen in seen):
            loose = np.zeros((len(texts), 1 if len(classes) == 2 else len(classes)))
            for chosen in seen:
                weights, intercepts = learned(chosen)
                loose[~chosen] = rows[~chosen] @ weights + intercepts
            truth = np.searchsorted(classes, labels)
            temperature = float(min(_TEMPERATURES, key=lambda t: _surprise(loose / t, truth, weight)))
        weights, intercepts = learned(np.ones(len(texts), dtype=bool))
        self._set(classes, LinearBlock(weights / temperature, mask_names=True), intercepts / temperature)
        return self

    def _bundled(self) -> None:
        scorer, kinds = BiasScorer.bundled(), np.array(["fact", "opinion"])
        self._set(kinds, scorer.block.only(_OPINION), scorer.intercepts[[_OPINION]], bundled=True)


def _surprise(scores: Any, truth: Any, weight: Any) -> float:
    """Log loss of scores, of the second of two classes or of each of more."""
    both = np.column_stack([np.zeros(len(scores)), scores]) if scores.shape[1] == 1 else scores
    chances = both - np.logaddexp.reduce(both, axis=1, keepdims=True)
    return float(-(chances[np.arange(len(truth)), truth] * weight).sum())
