"""One article made ready for the models: blocks, sentences and tokens, as offsets into its text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.article import Block, split_blocks
from framing.sentences import split_sentences
from framing.tokens import Encoded, encode_text

__all__ = ["Document", "SentenceRange", "read_document"]


@dataclass(frozen=True, slots=True)
class SentenceRange:
    """Where a sentence stands.

    Attributes
    ----------
    start, end : int
        Half-open range of code points.
    role : str
        ``"title"``, ``"body"`` or ``"boilerplate"``.
    first, stop : int
        Its first token and the token after its last; both 0 in page furniture, which is not read.
    """

    start: int
    end: int
    role: str
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class Document:
    """An article as the models read it.

    Attributes
    ----------
    text : str
    blocks : list of Block
        Title, paragraphs and page furniture, in order.
    sentences : list of SentenceRange
        Of all blocks, in order; a piece of page furniture counts as one sentence.
    encoded : Encoded
        Tokens of title and body.
    """

    text: str
    blocks: list[Block]
    sentences: list[SentenceRange]
    encoded: Encoded

    @property
    def paragraphs(self) -> list[tuple[int, int]]:
        """Ranges of title and body paragraphs."""
        return [(block.start, block.end) for block in self.blocks if block.role != "boilerplate"]

    def tokens_between(self, spans: NDArray[np.int64]) -> NDArray[np.int64]:
        """First token of each range of code points and the token after its last, shape (n_ranges, 2)."""
        return _token_bounds(self.encoded.spans, spans)


def read_document(text: str, title: str | None = None) -> Document:
    """Find blocks, sentences and tokens.

    Parameters
    ----------
    text : str
    title : str, optional
        The article's title where it is known; it is looked for near the beginning of the text.
    """
    blocks = split_blocks(text, title)
    kept = [(block.start, block.end) for block in blocks if block.role != "boilerplate"]
    encoded = encode_text(text, kept)
    places: list[tuple[int, int, str]] = []
    for block in blocks:
        if block.role == "boilerplate":
            places.append((block.start, block.end, block.role))
        else:
            places += [(s, e, block.role) for s, e in split_sentences(text, block.start, block.end)]
    spans = np.array([(s, e) for s, e, _ in places], dtype=np.int64).reshape(-1, 2)
    bounds = _token_bounds(encoded.spans, spans).tolist()
    sentences = [
        SentenceRange(s, e, role, 0, 0) if role == "boilerplate" else SentenceRange(s, e, role, *bounds[i])
        for i, (s, e, role) in enumerate(places)
    ]
    return Document(text, blocks, sentences, encoded)


def _token_bounds(tokens: NDArray[np.int32], spans: NDArray[np.int64]) -> NDArray[np.int64]:
    # The empty token before a paragraph ends where the paragraph starts, so it belongs to no sentence.
    first = np.searchsorted(tokens[:, 1], spans[:, 0], side="right")
    stop = np.searchsorted(tokens[:, 0], spans[:, 1], side="left")
    return np.column_stack([first, np.maximum(stop, first)])
