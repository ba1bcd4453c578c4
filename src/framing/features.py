"""Features of texts as transformers: the sums of their words' rows (:mod:`framing.word_rows`), and word lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from framing.base import check_texts, text_tags
from framing.lexicons import list_lexicons, load_lexicon
from framing.text import split_words
from framing.word_rows import GROUPS, STRAIGHT, bundled_features, count_matrix, length_weights, split_texts

__all__ = ["LexiconFeatures", "TextFeatures"]

Ints = NDArray[np.int64]


class TextFeatures(TransformerMixin, BaseEstimator):
    """Texts as sparse rows of word, letter, word-list, surface and embedding features.

    The row of a text is the sum of its words' rows over the square root of the number of its tokens, so
    the score of any linear model on it is a sum over words. Nothing is learned by ``fit``.

    Parameters
    ----------
    groups : sequence of str, default=("words", "characters", "lexicons", "surface", "embedding")
        Which of these groups to give. Words and groups of three to five letters are hashed into 65,536
        columns each and weighted by idf; lexicons and surface count what occurs; the embedding is the
        sum of static vectors.
    mask_names : bool, default=False
        Give names (words with a capital that news mostly writes with one) their surface features alone,
        so that a model cannot learn who is spoken about.
    mask_identities : bool, default=False
        Make names and the words that say who is meant (:func:`framing.lexicons.load_lexicon`,
        ``"identities"``: nations, religions, parties, genders, …) all alike, so that a score cannot
        follow them.

    Attributes
    ----------
    n_features_out_ : int
        Number of columns.

    Examples
    --------
    >>> from framing.features import TextFeatures
    >>> rows = TextFeatures(groups=("words",)).fit_transform(["Rain fell.", "Rain fell.", "Snow fell."])
    >>> rows.shape, bool((rows[0] != rows[1]).nnz == 0)
    ((3, 65536), True)
    """

    def __init__(
        self, *, groups: Sequence[str] = GROUPS, mask_names: bool = False, mask_identities: bool = False
    ) -> None:
        self.groups = groups
        self.mask_names = mask_names
        self.mask_identities = mask_identities

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check parameters and input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        TextFeatures

        Raises
        ------
        ValueError
            If ``groups`` names an unknown group or none.
        """
        self._check_groups()
        check_texts(X)
        self.n_features_out_ = len(self._columns())
        return self

    def transform(self, X: Iterable[str]) -> sp.csr_matrix:
        """Rows of texts.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        csr_matrix of float32, shape (n_texts, n_features)
            A row of zeros for a text without tokens.
        """
        self._check_groups()
        words, ids, bounds = split_texts(check_texts(X))
        rows_of_words = bundled_features().rows(words)
        sums = count_matrix(ids, bounds, len(words)) @ rows_of_words.joined(
            mask_names=self.mask_names, mask_identities=self.mask_identities
        )
        rows = sp.diags_array(length_weights(np.diff(bounds))) @ sums
        return sp.csr_matrix(rows) if set(self.groups) == set(GROUPS) else sp.csr_matrix(rows[:, self._columns()])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the columns: group and bucket, list, class or dimension."""
        self._check_groups()
        return bundled_features().names_of_features()[self._columns()]

    def _columns(self) -> Ints:
        slices = bundled_features().slices
        kept = [np.arange(slices[g].start, slices[g].stop) for g in GROUPS if g in self.groups]
        return np.concatenate(kept)

    def _check_groups(self) -> None:
        unknown = [group for group in self.groups if group not in GROUPS]
        if unknown or not len(self.groups) or isinstance(self.groups, str):
            raise ValueError(
                f"The 'groups' parameter of TextFeatures must be a sequence of {', '.join(GROUPS)}. "
                f"Got {self.groups!r} instead."
            )

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


class LexiconFeatures(TransformerMixin, BaseEstimator):
    """Texts as shares of their tokens that stand in each word list.

    Phrases of up to four words are found too; every token of a phrase counts, once a list.

    Parameters
    ----------
    lexicons : sequence of str, optional
        Names of word lists, as :func:`framing.lexicons.list_lexicons` gives them; all by default.

    Attributes
    ----------
    n_features_out_ : int
        Number of lists.

    Examples
    --------
    >>> from framing.features import LexiconFeatures
    >>> shares = LexiconFeatures(lexicons=("hedges",)).fit_transform(["It is reportedly late."])
    >>> shares.round(1).tolist()
    [[0.2]]
    """

    def __init__(self, *, lexicons: Sequence[str] | None = None) -> None:
        self.lexicons = lexicons

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check parameters and input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        LexiconFeatures
        """
        check_texts(X)
        self.n_features_out_ = len(_phrase_index(self._names())[1])
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Shares of tokens.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        ndarray of float64, shape (n_texts, n_lexicons)
            From 0 to 1; zeros for a text without tokens.
        """
        phrases, names = _phrase_index(self._names())
        texts = check_texts(X)
        shares = np.zeros((len(texts), len(names)))
        for row, text in enumerate(texts):
            tokens = [word.lower().translate(STRAIGHT) for word in split_words(text)]
            listed = np.zeros((len(tokens), len(names)), dtype=bool)
            for at, token in enumerate(tokens):
                for phrase, columns in phrases.get(token, ()):
                    if tuple(tokens[at : at + len(phrase)]) == phrase:
                        listed[at : at + len(phrase), columns] = True
            if tokens:
                shares[row] = listed.mean(axis=0)
        return shares

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the word lists."""
        return np.array(_phrase_index(self._names())[1], dtype=object)

    def _names(self) -> tuple[str, ...]:
        return tuple(list_lexicons() if self.lexicons is None else self.lexicons)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


Phrases = dict[str, list[tuple[tuple[str, ...], list[int]]]]


@lru_cache(maxsize=8)
def _phrase_index(names: tuple[str, ...]) -> tuple[Phrases, tuple[str, ...]]:
    """Entries cut into tokens, by their first token, with the lists that they are in."""
    places: dict[tuple[str, ...], list[int]] = {}
    for column, name in enumerate(names):
        for entry in sorted(load_lexicon(name)):
            phrase = tuple(split_words(entry))
            places.setdefault(phrase, []).append(column)
    index: Phrases = {}
    for phrase, columns in places.items():
        index.setdefault(phrase[0], []).append((phrase, columns))
    return index, names
