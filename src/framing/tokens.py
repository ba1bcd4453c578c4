"""What every token model reads and says: tokens of an article, and readings of each.

Two models share this form: the token network (:mod:`framing.network`) and the encoder
(:mod:`framing.encoder`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from framing.text import quotation_spans, quotation_states, read_tokens

__all__ = [
    "PARAGRAPH",
    "SHAPE_COUNT",
    "STATEMENT_LABELS",
    "STOPS",
    "Encoded",
    "LinkReader",
    "Readings",
    "TokenModel",
    "count_marks",
    "encode_text",
    "has_letters",
    "word_shape",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PARAGRAPH = "\n"
"""The token that stands between paragraphs."""

STOPS = frozenset(".!?…")

STATEMENT_LABELS = ("author_fact", "author_opinion", "source_fact", "source_opinion", "frame")

_PUNCTUATION = ".,;:!?…-–—()[]'’‘\"“”«»/*#@%$&"
_SHAPES = ("lower", "capital", "upper", "mixed", "number", "number+letters", "paragraph", "other", "url")
SHAPE_COUNT = len(_SHAPES) + len(_PUNCTUATION)


def word_shape(word: str) -> int:
    """Number of a token's class by its letters: case, digits, which punctuation mark."""
    if word == PARAGRAPH:
        return 6
    if len(word) == 1 and word in _PUNCTUATION:
        return len(_SHAPES) + _PUNCTUATION.index(word)
    if word.startswith("http"):
        return 8
    if word.isalpha() or word[0].isalpha():
        if word.islower():
            return 0
        if word.isupper() and len(word) > 1:
            return 2
        return 1 if (word[0].isupper() and word[1:].islower()) or len(word) == 1 else 3
    if word[0].isdigit():
        return 5 if any(map(str.isalpha, word)) else 4
    return 7


@lru_cache(maxsize=1 << 16)
def has_letters(word: str) -> bool:
    """Whether a token is more than marks: it has a letter or a digit."""
    return any(map(str.isalnum, word))


class Encoded(NamedTuple):
    """One text as the network reads it.

    Attributes
    ----------
    spans : ndarray of int32, shape (n_tokens, 2)
        Half-open ranges; a token between paragraphs has an empty one.
    words : list of str, length n_tokens
    quotes : ndarray of int8, shape (n_tokens,)
        As from :func:`framing.text.quotation_states`.
    """

    spans: NDArray[np.int32]
    words: list[str]
    quotes: NDArray[np.int8]


def encode_text(text: str, paragraphs: Sequence[tuple[int, int]]) -> Encoded:
    """Tokens of the paragraphs, with a token before each of them.

    Parameters
    ----------
    text : str
    paragraphs : sequence of (int, int)
        Half-open ranges, in order.
    """
    parts, spans = read_tokens(text, paragraphs)
    words: list[str] = []
    breaks = []  # places of the tokens between paragraphs
    for part in parts:
        breaks.append(len(words))
        words.append(PARAGRAPH)
        words += part
    joined = np.empty((len(words), 2), dtype=np.int32)
    joined[breaks] = np.array([start for start, _ in paragraphs], dtype=np.int32)[:, None]
    wordy = np.ones(len(words), dtype=bool)
    wordy[breaks] = False
    joined[wordy] = spans
    return Encoded(joined, words, quotation_states(joined, quotation_spans(text, paragraphs)))


class Readings(NamedTuple):
    """What the network says of one text's tokens.

    Attributes
    ----------
    statements : ndarray of float32, shape (n_tokens, 5)
        Probabilities of ``STATEMENT_LABELS``.
    cues : ndarray of float32, shape (n_tokens, 3)
        Probabilities of outside, beginning and inside of an attribution's cue.
    roles : ndarray of float32, shape (n_tokens, 2)
        Probabilities of being in the source, and in the content, of any attribution.
    link_tokens, link_cues : ndarray of float32, shape (n_tokens, link_width)
        What :class:`framing.links.LinkHead` compares.
    counts : ndarray of int64, shape (n_tokens, 3)
        Paragraph breaks, sentence ends and cues up to each token.
    tracks : ndarray of float32, shape (n_tokens, n_tracks)
        Values whose mean over a sentence, or own number, tells how the sentence or word reads.
    """

    statements: Floats
    cues: Floats
    roles: Floats
    link_tokens: Floats
    link_cues: Floats
    counts: Ints
    tracks: Floats


class TokenModel(Protocol):
    """A model that reads tokens: the network or the encoder."""

    @property
    def link(self) -> LinkReader:
        """For each cue, which tokens around it are its source and its content."""

    def read(self, texts: Sequence[Encoded]) -> list[Readings]:
        """Read texts, each on its own whatever its neighbours."""

    def states(self, texts: Sequence[Encoded]) -> Iterator[Floats]:
        """What the heads read of each text."""

    def head(self, name: str) -> tuple[Floats, Floats]:
        """Weight and bias of a head."""

    def with_heads(self, heads: Mapping[str, Floats]) -> Self:
        """The same model with other weights of some of its heads."""


class LinkReader(Protocol):
    """The part of a token model that reads the tokens around a cue."""

    def __call__(self, readings: Sequence[Readings], cues: Sequence[Ints]) -> list[Floats]:
        """For each cue of every text, which tokens around it are its source and its content."""

    def states(self, reading: Readings, cues: Ints) -> tuple[Floats, Ints]:
        """What the last layer reads of all places around cues, and which these are."""


def count_marks(words: Sequence[str], cues: Floats) -> Ints:
    """Paragraph breaks, sentence ends and cues up to each token, shape (n_tokens, 3)."""
    size = len(words)
    marks = np.empty((size, 3), dtype=np.int64)
    marks[:, 0] = np.fromiter(map(PARAGRAPH.__eq__, words), dtype=bool, count=size)
    marks[:, 1] = np.fromiter(map(STOPS.__contains__, words), dtype=bool, count=size)
    marks[:, 2] = cues[:, 1] > 0.5
    return np.cumsum(marks, axis=0)
