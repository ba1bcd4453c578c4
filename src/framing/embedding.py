"""Texts as weighted means of static word vectors (:mod:`framing.vectors`), as a transformer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from framing.base import check_texts, text_tags
from framing.text import split_words
from framing.vectors import bundled_vectors

__all__ = ["StaticEmbedding"]


class StaticEmbedding(TransformerMixin, BaseEstimator):
    """Texts as weighted means of static word vectors.

    The vectors are distilled from a sentence encoder; the weights fall with a word's frequency (smooth
    inverse frequency, Arora et al. 2017).

    Parameters
    ----------
    normalize : bool, default=True
        Scale every text's vector to length 1.

    Attributes
    ----------
    n_features_out_ : int
        Number of dimensions.

    References
    ----------
    Arora, S., Liang, Y., & Ma, T. (2017). A simple but tough-to-beat baseline for sentence embeddings.
    ICLR.

    Examples
    --------
    >>> from framing import StaticEmbedding
    >>> vectors = StaticEmbedding().fit_transform(["The army advanced.", "Troops moved forward."])
    >>> vectors.shape[0], bool(vectors[0] @ vectors[1] > 0.3)
    (2, True)
    """

    def __init__(self, *, normalize: bool = True) -> None:
        self.normalize = normalize

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check the input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        StaticEmbedding
        """
        check_texts(X)
        self.n_features_out_ = bundled_vectors().dimensions
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.float32]:
        """Vectors of texts.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        ndarray of float32, shape (n_texts, n_dimensions)
            Zeros for a text without a known word.
        """
        table = bundled_vectors()
        texts = check_texts(X)
        out = np.zeros((len(texts), table.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors, weights = table.lookup(split_words(text))
            total = float(weights.sum())
            if total > 0:
                out[row] = weights @ vectors / total
        if self.normalize:
            out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        return out

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names ``embedding0`` … of the dimensions."""
        return np.array([f"embedding{i}" for i in range(bundled_vectors().dimensions)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())
