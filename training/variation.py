"""Variations of texts, for a student to learn from what its teacher says of them.

A small network that has read two thousand articles knows the words around its labels too well. A variation keeps an
article's form and changes its words: some of them become near neighbours in the static embedding with the same ending
and capitals, and some sentences go. What the variation means nobody knows but the teacher, who reads it anew (Jiao et
al. 2020, TinyBERT).
"""

from __future__ import annotations

import re
import zlib
from functools import cache

import numpy as np

from framing.text import tokenize
from framing.vectors import bundled_vectors

CHANGED = 0.2  # share of the words that may change
DROPPED = 0.06  # share of the sentences that go
NEIGHBOURS = 5
COMMON = 150  # most frequent words, which hold a sentence together
_SENTENCE = re.compile(r"(?<=[.!?])[ ]+(?=[A-Z“\"])")


def vary(text: str, seed: int) -> str:
    """Another text of the same form; the same one for the same seed."""
    generator = np.random.default_rng([seed, zlib.crc32(text.encode())])
    lines = []
    for line in text.split("\n"):
        parts = _SENTENCE.split(line)
        kept = [part for part in parts if len(parts) == 1 or generator.random() >= DROPPED]
        lines.append(" ".join(_vary_words(part, generator) for part in kept))
    return "\n".join(lines)


def _vary_words(text: str, generator: np.random.Generator) -> str:
    neighbours = _neighbours()
    out, at = [], 0
    for start, end in tokenize(text).tolist():
        word = text[start:end]
        found = neighbours.get(word.lower())
        if found is None or generator.random() >= CHANGED:
            continue
        other = found[generator.integers(len(found))]
        out += [text[at:start], other.upper() if word.isupper() and len(word) > 1 else
                other.capitalize() if word[0].isupper() else other]  # fmt: skip
        at = end
    return "".join([*out, text[at:]])


@cache
def _neighbours() -> dict[str, list[str]]:
    """Words that may stand for each other, of those that are letters and not among the most frequent."""
    vectors = bundled_vectors()
    words = [word for word in vectors.by_frequency()[COMMON:] if word.isascii() and word.isalpha() and len(word) > 2]
    table, _ = vectors.lookup(words)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    endings: dict[str, list[int]] = {}
    for row, word in enumerate(words):
        endings.setdefault(_ending(word), []).append(row)
    out = {}
    for group in endings.values():
        rows = np.array(group)
        for part in np.array_split(rows, max(len(rows) // 2000, 1)):
            near = table[part] @ table[rows].T
            near[np.arange(len(part)), np.searchsorted(rows, part)] = -1  # not the word itself
            size = min(NEIGHBOURS, len(rows))
            best = np.argpartition(-near, size - 1, axis=1)[:, :size]
            best = np.take_along_axis(best, np.argsort(np.take_along_axis(-near, best, axis=1), axis=1), axis=1)
            for row, choices in zip(part.tolist(), best, strict=True):
                out[words[row]] = [words[rows[choice]] for choice in choices]
    return out


def _ending(word: str) -> str:
    """The inflection, as far as letters show it."""
    return next((end for end in ("ing", "ed", "ly", "s") if word.endswith(end)), "")
