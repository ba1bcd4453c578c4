"""Rows of features of words, whose sum over a text is the text's.

A word has one row of features, whatever its neighbours: a hash of the word itself, of the letter groups
in it, the word lists that hold it, what it looks like, and its static vector. A text's features are the
sum of its words' rows divided by the square root of its number of tokens. A linear model over them is
therefore a table of scores by word (see :mod:`framing.linear`), which is what makes it fast and what
makes every score the exact sum of its words' shares.

Weights of rare and frequent words (idf) and the words that are mostly names were learned once from
unlabelled news (``training/train_features.py``) and are bundled, so that
:mod:`framing.features` needs no fitting and gives every text the same row in every process.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.lexicons import load_lexicon
from framing.models import model_path
from framing.once import once
from framing.persistence import load_model
from framing.text import split_words
from framing.vectors import WordVectors, bundled_vectors

__all__ = [
    "BUCKETS",
    "GROUPS",
    "ORDINARY_BUCKETS",
    "STRAIGHT",
    "SURFACE",
    "FeatureSpace",
    "WordRows",
    "bundled_features",
    "count_matrix",
    "length_weights",
    "letter_groups",
    "plain_word",
    "split_texts",
    "surface_classes",
    "word_hashes",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

GROUPS = ("words", "characters", "lexicons", "surface", "embedding")
"""Groups of features, in the order of their columns."""

SURFACE = (
    "name", "word", "capital", "upper", "mixed", "hyphenated", "long", "short", "number", "double_quote",
    "single_quote", "exclamation", "question", "comma", "stop", "colon", "dash", "bracket", "ellipsis", "currency",
)  # fmt: skip
"""Surface classes. ``name`` is a word with a capital that news mostly writes with one."""

BUCKETS = 1 << 16
"""Size of each hash table."""

ORDINARY_BUCKETS = 1 << 20
"""Size of the table of words that are no names; large, lest a name fall upon one of them."""

STRAIGHT = str.maketrans("’‑‐", "'--")
"""Straight marks for curved ones, for :meth:`str.translate`."""

_GRAMS = (3, 4, 5)  # lengths of letter groups, word boundaries counted
_LONGEST = 40  # letters of a word that are read
_LONG, _SHORT = 10, 3
_DIGITS = str.maketrans("123456789", "0" * 9)
_PRIME = np.uint32(0x01000193)
_SALT = 0x9E3779B1
_MARKS = {
    '"': "double_quote", "“": "double_quote", "”": "double_quote", "„": "double_quote", "«": "double_quote",
    "»": "double_quote", "'": "single_quote", "‘": "single_quote", "’": "single_quote", "!": "exclamation",
    "?": "question", ",": "comma", ".": "stop", ";": "colon", ":": "colon", "-": "dash", "–": "dash", "—": "dash",
    "--": "dash", "(": "bracket", ")": "bracket", "[": "bracket", "]": "bracket", "…": "ellipsis",
    "...": "ellipsis", "..": "ellipsis", "$": "currency", "€": "currency", "£": "currency", "%": "currency",
}  # fmt: skip
_PLACE = {name: column for column, name in enumerate(SURFACE)}


class WordRows(NamedTuple):
    """Feature rows of distinct words.

    Attributes
    ----------
    content : csr_matrix of float32, shape (n_words, n_features)
        All groups but the surface.
    surface : csr_matrix of float32, shape (n_words, n_features)
        The surface classes, in the same columns as in the whole.
    names : ndarray of bool, shape (n_words,)
        Words with a capital that are not known to be ordinary ones.
    identities : ndarray of bool, shape (n_words,)
        Words that say who is meant (the word list of that name), numbers and marks not among them.
    alphabetic : ndarray of bool, shape (n_words,)
        Words that begin with a letter; the others are numbers and marks.
    vectors, weights : ndarray of float32, shapes (n_words, n_dimensions) and (n_words,)
        As from :meth:`framing.vectors.WordVectors.lookup`.
    word_column : int
        Column of the surface class "word".
    word_value : float
        What a word has there.
    """

    content: sp.csr_matrix
    surface: sp.csr_matrix
    names: NDArray[np.bool_]
    identities: NDArray[np.bool_]
    alphabetic: NDArray[np.bool_]
    vectors: Floats
    weights: Floats
    word_column: int
    word_value: float

    def joined(self, *, mask_names: bool, mask_identities: bool = False) -> sp.csr_matrix:
        """All groups together; with ``mask_names`` a name keeps only its surface; see :meth:`masked`."""
        if mask_identities:
            return sp.csr_matrix(sum(self.masked()))
        content = self.content
        if mask_names:
            content = sp.diags_array((~self.names).astype(np.float32)) @ content
        return sp.csr_matrix(content + self.surface)

    def masked(self) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        """Content and surface in which names and identities all look the same: each is a word, no more."""
        hidden = self.names | self.identities
        shown = sp.diags_array((~hidden).astype(np.float32))
        rows = np.flatnonzero(hidden)
        values = np.full(len(rows), self.word_value, dtype=np.float32)
        plain = sp.csr_matrix((values, (rows, np.full(len(rows), self.word_column))), shape=self.surface.shape)
        return sp.csr_matrix(shown @ self.content), sp.csr_matrix(shown @ self.surface + plain)


class FeatureSpace:
    """What a word's row holds.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        ``word_idf`` and ``character_idf``, float16 of ``BUCKETS``; ``ordinary_bits``, packed bits
        of ``ORDINARY_BUCKETS``; ``lexicon_names`` and ``lexicon_entries``, text joined by line breaks;
        ``lexicon_flags``, uint8 of shape (n_entries, n_lexicons), the model's own copy, so that editing
        a word list never changes what a trained model reads; ``common_words``, text, and
        ``common_shares``, the share of each in the tokens of ordinary news.
    scales : mapping of str to float
        What each group is multiplied by; it makes their average lengths alike.
    vectors : WordVectors
    version : str
        A model on top names the version that it was trained on.

    Attributes
    ----------
    slices : dict of str to slice
        Columns of each group.
    n_features : int
    scales : dict of str to float
    common_words : list of str
    common_shares : ndarray of float32, shape (n_common_words,)
    """

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]],
        scales: Mapping[str, float],
        vectors: WordVectors,
        version: str,
    ) -> None:
        self.version = version
        self.common_words: list[str] = arrays["common_words"].item().split("\n")
        self.common_shares = arrays["common_shares"]
        self.lexicon_names: list[str] = arrays["lexicon_names"].item().split("\n")
        entries = arrays["lexicon_entries"].item().split("\n")
        self._entries = {entry: row for row, entry in enumerate(entries)}
        self._flags = arrays["lexicon_flags"]
        self._word_idf = arrays["word_idf"].astype(np.float32) * np.float32(scales["words"])
        self._character_idf = arrays["character_idf"].astype(np.float32) * np.float32(scales["characters"])
        self._ordinary = np.unpackbits(arrays["ordinary_bits"], count=ORDINARY_BUCKETS).astype(bool)
        self.scales = dict(scales)
        self._vectors = vectors
        sizes = (BUCKETS, BUCKETS, len(self.lexicon_names), len(SURFACE), vectors.dimensions)
        edges = np.cumsum((0, *sizes)).tolist()
        self.slices = {g: slice(a, b) for g, a, b in zip(GROUPS, edges[:-1], edges[1:], strict=True)}
        self.n_features = int(edges[-1])

    @classmethod
    def load(cls, folder: str | os.PathLike[str], vectors: WordVectors) -> Self:
        """Read a model folder written by ``training/train_features.py``."""
        manifest, arrays = load_model(folder)
        return cls(arrays, manifest["config"]["scales"], vectors, manifest["version"])

    def rows(self, words: Sequence[str]) -> WordRows:
        """Rows of words.

        Parameters
        ----------
        words : sequence of str
            Surface forms, none empty; distinct ones, to save work.
        """
        plain = [plain_word(word) for word in words]
        hashes = word_hashes(plain)
        buckets = (hashes % BUCKETS).astype(np.int64)
        vectors, weights = self._vectors.lookup(words)
        capital = np.fromiter((w[0].isupper() for w in words), dtype=bool, count=len(words))
        parts = [
            (np.arange(len(words)), buckets, self._word_idf[buckets], "words"),
            self._characters(plain),
            self._lexicons(words),
        ]
        dense = sp.csr_matrix(vectors * (weights * np.float32(self.scales["embedding"]))[:, None])
        content = sp.hstack(
            [self._sparse(*part, len(words)) for part in parts]
            + [sp.csr_matrix((len(words), len(SURFACE)), dtype=np.float32), dense],
            format="csr",
        )
        names = capital & ~self._ordinary[hashes % ORDINARY_BUCKETS]
        alphabetic = np.fromiter((w[0].isalpha() for w in words), dtype=bool, count=len(words))
        listed = load_lexicon("identities")
        plain_case = (word.lower().translate(STRAIGHT) for word in words)
        identities = np.fromiter(map(listed.__contains__, plain_case), dtype=bool, count=len(words))
        return WordRows(
            content, self._surface(words, names), names, identities, alphabetic, vectors, weights,
            self.surface_column("word"), self.scales["surface"],
        )  # fmt: skip

    def surface_column(self, name: str) -> int:
        """Column of a surface class."""
        return self.slices["surface"].start + _PLACE[name]

    def _sparse(self, rows: Ints, columns: Ints, values: Floats, group: str, n_words: int) -> sp.csr_matrix:
        part = self.slices[group]
        return sp.csr_matrix((values, (rows, columns)), shape=(n_words, part.stop - part.start))

    def _characters(self, plain: Sequence[str]) -> tuple[Ints, Ints, Floats, str]:
        rows, buckets = letter_groups(plain)
        return rows, buckets, self._character_idf[buckets], "characters"

    def _lexicons(self, words: Sequence[str]) -> tuple[Ints, Ints, Floats, str]:
        get = self._entries.get
        found = np.fromiter(
            (get(word.lower().translate(STRAIGHT), -1) for word in words), dtype=np.int64, count=len(words)
        )
        listed = np.flatnonzero(found >= 0)
        inside, columns = np.nonzero(self._flags[found[listed]])
        values = np.full(len(columns), self.scales["lexicons"], dtype=np.float32)
        return listed[inside], columns, values, "lexicons"

    def _surface(self, words: Sequence[str], names: NDArray[np.bool_]) -> sp.csr_matrix:
        rows: list[int] = []
        columns: list[int] = []
        for row, word in enumerate(words):
            classes = surface_classes(word)
            rows += [row] * len(classes)
            columns += classes
        rows += np.flatnonzero(names).tolist()
        columns += [_PLACE["name"]] * int(names.sum())
        values = np.full(len(rows), self.scales["surface"], dtype=np.float32)
        places = np.asarray(columns, dtype=np.int64) + self.slices["surface"].start
        return sp.csr_matrix((values, (rows, places)), shape=(len(words), self.n_features))

    def names_of_features(self) -> NDArray[np.object_]:
        """Name of every column."""
        names = [f"words{i}" for i in range(BUCKETS)] + [f"characters{i}" for i in range(BUCKETS)]
        names += [f"lexicons_{name}" for name in self.lexicon_names] + [f"surface_{name}" for name in SURFACE]
        names += [f"embedding{i}" for i in range(self._vectors.dimensions)]
        return np.array(names, dtype=object)


def plain_word(word: str) -> str:
    """A word as it is hashed: lower case, straight marks, every digit a zero, cut after 40 letters."""
    return word[:_LONGEST].lower().translate(STRAIGHT).translate(_DIGITS)


def word_hashes(plain: Sequence[str]) -> NDArray[np.uint32]:
    """Hash of each plain word; its bucket is the remainder by the size of a table."""
    hashes = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in plain]
    return _mixed(np.array(hashes, dtype=np.uint32))


def letter_groups(plain: Sequence[str]) -> tuple[Ints, Ints]:
    """Groups of three to five letters in words, their boundaries counted as letters.

    Parameters
    ----------
    plain : sequence of str
        As from :func:`plain_word`; those that begin with neither letter nor digit have no groups.

    Returns
    -------
    rows, buckets : ndarray of int64, shape (n_groups,)
        Number of the word, and bucket of the group.
    """
    framed = [f"\x02{word}\x03" if word[:1].isalnum() else "" for word in plain]
    codes = np.frombuffer("".join(framed).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    sizes = np.fromiter(map(len, framed), dtype=np.int64, count=len(framed))
    owner = np.repeat(np.arange(len(framed)), sizes)
    left = np.cumsum(sizes)[owner] - np.arange(len(codes))  # letters from here to the end of the word
    rolling = np.zeros(len(codes), dtype=np.uint32)
    rows, buckets = [], []
    for size in range(1, max(_GRAMS) + 1):
        count = max(len(codes) - size + 1, 0)
        rolling = rolling[:count] * _PRIME + codes[size - 1 :]
        if size in _GRAMS:
            whole = left[:count] >= size
            rows.append(owner[:count][whole])
            hashes = _mixed(rolling[whole] + np.uint32(size * _SALT & 0xFFFFFFFF))
            buckets.append((hashes % BUCKETS).astype(np.int64))
    return np.concatenate(rows), np.concatenate(buckets)


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Hashes whose low bits depend on all of theirs (the finaliser of MurmurHash3, public domain)."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed = mixed * np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def surface_classes(word: str) -> list[int]:
    """Surface classes that a word has by its letters alone (all but ``name``)."""
    mark = _MARKS.get(word)
    if mark is not None:
        return [_PLACE[mark]]
    first = word[0]
    if first.isdigit():
        return [_PLACE["number"]]
    if not first.isalpha():
        return [_PLACE["ellipsis"]] if first == "." else []
    classes = [_PLACE["word"]]
    if word.isupper() and len(word) > 1:
        classes.append(_PLACE["upper"])
    elif first.isupper():
        classes.append(_PLACE["capital"])
    elif not word.islower():
        classes.append(_PLACE["mixed"])
    if len(word) >= _LONG:
        classes.append(_PLACE["long"])
    elif len(word) <= _SHORT:
        classes.append(_PLACE["short"])
    if "-" in word:
        classes.append(_PLACE["hyphenated"])
    return classes


@once
def bundled_features() -> FeatureSpace:
    """The features that ship with the package, read once."""
    return FeatureSpace.load(model_path("features"), bundled_vectors())


def split_texts(texts: Sequence[str]) -> tuple[list[str], Ints, Ints]:
    """Distinct words of texts, and where they occur.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    words : list of str
        Distinct surface forms in the order in which they first occur.
    ids : ndarray of int64, shape (n_tokens,)
        Index into ``words`` of every token of every text.
    bounds : ndarray of int64, shape (n_texts + 1,)
        Text ``i`` has the tokens from ``bounds[i]`` to ``bounds[i + 1]``.
    """
    index: dict[str, int] = {}
    ids: list[int] = []
    bounds = [0]
    for text in texts:
        ids += [index.setdefault(word, len(index)) for word in split_words(text)]
        bounds.append(len(ids))
    return list(index), np.array(ids, dtype=np.int64), np.array(bounds, dtype=np.int64)


def count_matrix(ids: Ints, bounds: Ints, n_words: int) -> sp.csr_matrix:
    """How often each word occurs in each text, shape (n_texts, n_words); a repeated word stands twice."""
    ones = np.ones(len(ids), dtype=np.float32)
    return sp.csr_matrix((ones, ids, bounds), shape=(len(bounds) - 1, n_words))


def length_weights(sizes: NDArray[np.integer[Any]]) -> Floats:
    """What the sum over a text of so many tokens is multiplied by: one over the square root, 0 for none."""
    return np.where(sizes > 0, 1 / np.sqrt(np.maximum(sizes, 1)), 0).astype(np.float32)
