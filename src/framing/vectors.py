"""The table of static word vectors that the models read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from framing.models import model_path
from framing.once import once
from framing.persistence import load_model

__all__ = ["WordVectors", "bundled_vectors"]


class WordVectors:
    """The table behind :class:`framing.StaticEmbedding`.

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


@once
def bundled_vectors() -> WordVectors:
    """The embedding that ships with the package, read once."""
    return WordVectors.load(model_path("embedding"))
