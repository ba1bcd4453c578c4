"""A batch of articles as flat arrays: which rows belong to which article, and to which group in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Members", "Ranges"]


class Ranges:
    """Ranges of tokens of each document, and of all documents read one after the other."""

    def __init__(self, parts: Sequence[NDArray[np.int64]], first: NDArray[np.int64]) -> None:
        self.parts = parts
        self.joined = np.concatenate([part + at for part, at in zip(parts, first[:-1], strict=True)])
        self._cuts = np.cumsum([len(part) for part in parts])[:-1]

    def split(self, rows: NDArray[Any]) -> list[NDArray[Any]]:
        """Rows of all ranges, document by document."""
        return np.split(rows, self._cuts)


class Members(NamedTuple):
    """Which sentences and statements make up articles, voices and sources, all articles of a batch together.

    Each article's groups follow one another: the article itself, whose members are its sentences, then its voices
    and its sources, whose members are statements; a source's statement counts in its voice and in its source.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_members,)
        Number of the sentence, or of the statement counted on from the last sentence.
    positions : ndarray of int64, shape (n_members,)
        Which of its article's sentences it is or stands in.
    groups : ndarray of int64, shape (n_members,)
    filled : ndarray of bool, shape (n_groups,)
        Whether a group has members.
    """

    rows: NDArray[np.int64]
    positions: NDArray[np.int64]
    groups: NDArray[np.int64]
    filled: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        groups: Sequence[Sequence[Mapping[str, Sequence[int]]]],
        positions: Sequence[NDArray[np.int64]],
        sentences: Sequence[int],
    ) -> Members:
        """Make it from what is known of each article.

        Parameters
        ----------
        groups : sequence of sequence of mapping
            Numbers of the statements by voice, and by source.
        positions : sequence of ndarray of int64, shape (n_statements,)
            Which of the article's sentences holds each statement.
        sentences : sequence of int
            How many there are.

        Examples
        --------
        >>> voices, sources = {"author": [0], "source": [1]}, {"Ida Voss": [1]}
        >>> made = Members.of([(voices, sources)], [np.array([0, 1])], [2])
        >>> made.rows.tolist(), made.groups.tolist()
        ([0, 1, 2, 3, 3], [0, 0, 1, 2, 3])
        """
        rows: list[NDArray[np.int64]] = []
        places: list[NDArray[np.int64]] = []
        sizes: list[int] = []
        sentence, statement = 0, sum(sentences)  # first ones of the article
        for parts, position, count in zip(groups, positions, sentences, strict=True):
            said = [numbers for part in parts for numbers in part.values()]
            listed = np.array([number for numbers in said for number in numbers], dtype=np.int64)
            order = np.arange(count)
            rows += [order + sentence, listed + statement]
            places += [order, position[listed]]
            sizes += [count, *map(len, said)]
            sentence, statement = sentence + count, statement + len(position)
        counts = np.array(sizes, dtype=np.int64)
        return cls(np.concatenate(rows), np.concatenate(places), np.repeat(np.arange(len(counts)), counts), counts > 0)
