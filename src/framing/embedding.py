"""Static word embedding: one vector a word, sentences as weighted means."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from framing.base import check_texts, text_tags
from framing.persistence import load_model
from framing.text import tokenize

__all__ = ["StaticEmbedding", "WordVectors", "bundled_vectors"]

_BUNDLED = Path(__file__).resolve().parent / "models" / "embedding"


class WordVectors:
    """The table behind :class:`StaticEmbedding`.

    Parameters
    ----------
    words : list of str
        Lower-cased vocabulary.
    vectors : ndarray of int8, shape (n_words, n_dimensions)
    scale : ndarray of float32, shape (n_words,)
        What a row of ``vectors`` is multiplied by.
    weights : ndarray of float32, shape (n_words,)
        Weight of each word in a text's mean, falling with its frequency.
    """

    def __init__(
        self,
        words: list[str],
        vectors: NDArray[np.int8],
        scale: NDArray[np.float32],
        weights: NDArray[np.float32],
    ) -> None:
        self._rows = {word: row for row, word in enumerate(words)}
        self._vectors = vectors
        self._scale = scale
        self._weights = weights
        self.dimensions = int(vectors.shape[1])

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read a model folder written by ``training/train_embedding.py``."""
        arrays = load_model(folder).arrays
        return cls(arrays["words"].item().split("\n"), arrays["vectors"], arrays["scale"], arrays["weights"])

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Row of each word, -1 for words outside the vocabulary; case does not matter."""
        get = self._rows.get
        return np.array([get(word.lower(), -1) for word in words], dtype=np.int64)

    def lookup(self, words: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vectors and weights of words; zeros where the word is unknown.

        Parameters
        ----------
        words : sequence of str

        Returns
        -------
        vectors : ndarray of float32, shape (n_words, n_dimensions)
        weights : ndarray of float32, shape (n_words,)
        """
        rows = self.rows(words)
        known = rows >= 0
        vectors = np.zeros((len(rows), self.dimensions), dtype=np.float32)
        vectors[known] = self._vectors[rows[known]] * self._scale[rows[known], None]
        weights = np.zeros(len(rows), dtype=np.float32)
        weights[known] = self._weights[rows[known]]
        return vectors, weights

    def ordinary(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """The most frequent words of general English, as far as the weights tell.

        Parameters
        ----------
        count : int

        Returns
        -------
        vectors : ndarray of float32, shape (count, n_dimensions)
        weights : ndarray of float32, shape (count,)
        shares : ndarray of float32, shape (count,)
            Of each in the tokens of ordinary text; they sum to 1.
        """
        rows = np.argsort(self._weights, kind="stable")[:count]
        weights = self._weights[rows]
        frequencies = (1 - weights) / np.maximum(weights, 1e-9)  # a weight is a / (a + frequency)
        shares = (frequencies / max(float(frequencies.sum()), 1e-9)).astype(np.float32)
        return (self._vectors[rows] * self._scale[rows, None]).astype(np.float32), weights, shares


@lru_cache(maxsize=1)
def bundled_vectors() -> WordVectors:
    """The embedding that ships with the package, read once."""
    return WordVectors.load(_BUNDLED)


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
            vectors, weights = table.lookup([text[s:e] for s, e in tokenize(text).tolist()])
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
