"""The token network: dilated convolutions over word features, run in NumPy.

A word's input vector depends on the word alone and is computed once per distinct word; five to seven
gated convolutions with growing dilation then read each article as a whole (van den Oord et al. 2016,
WaveNet; Strubell et al. 2017, iterated dilated convolutions for sequence labelling). One trunk serves
every token reading: voice × kind, cues, and, given a cue, which tokens are its source and
its content. Training is in PyTorch (``training/train_tagger.py``); the arithmetic here is the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from framing.linear import sigmoid
from framing.links import GatedLayer, LinkHead, linear, softmax
from framing.once import COMPUTING, LOCK
from framing.tokens import Encoded, Readings, count_marks, word_shape
from framing.vectors import WordVectors

__all__ = ["Featurizer", "Network", "WordFeatures"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_CHUNK = 8192  # tokens that go through the layers together
_WORD_CACHE = 200_000


class WordFeatures(NamedTuple):
    """What the network knows of a word before it learns anything.

    Attributes
    ----------
    buckets : ndarray of int64, shape (n_words, 4)
        Hashes of the lower-cased word, its last three and two and first three letters.
    shape : ndarray of int64, shape (n_words,)
    lexicons : ndarray of float32, shape (n_words, n_lexicons)
        1 where the lower-cased word is in the lexicon.
    """

    buckets: Ints
    shape: Ints
    lexicons: Floats


class Featurizer:
    """Word features under a fixed set of lexicons and hash tables.

    Parameters
    ----------
    buckets : sequence of int
        Sizes of the four hash tables.
    entries : sequence of str
        Lexicon entries, lower case.
    flags : ndarray of uint8, shape (n_entries, n_lexicons)
        Which lexicons each entry is in. A trained model keeps its own copy, so that editing a word
        list never changes what a stored model reads.
    """

    def __init__(self, buckets: Sequence[int], entries: Sequence[str], flags: NDArray[np.uint8]) -> None:
        self.buckets = tuple(buckets)
        self.entries = list(entries)
        self.flags = flags
        self._index = {entry: row for row, entry in enumerate(self.entries)}

    def __call__(self, words: Sequence[str]) -> WordFeatures:
        """Features of distinct surface forms."""
        lexicons = np.zeros((len(words), self.flags.shape[1]), dtype=np.float32)
        hashes = np.empty((len(words), 4), dtype=np.int64)
        shapes = np.empty(len(words), dtype=np.int64)
        get = self._index.get
        for row, word in enumerate(words):
            lower = word.lower()
            parts = (lower, "<3" + lower[-3:], "<2" + lower[-2:], ">3" + lower[:3])
            hashes[row] = [zlib.crc32(part.encode("utf-8", "surrogatepass")) for part in parts]
            shapes[row] = word_shape(word)
            entry = get(lower.replace("’", "'"))
            if entry is not None:
                lexicons[row] = self.flags[entry]
        return WordFeatures(hashes % np.asarray(self.buckets, dtype=np.int64), shapes, lexicons)


class _WordInputs:
    """What the first layer reads of words, computed once for each.

    Networks that differ in their heads share it, and so may threads.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Of the network.
    static : int
        Dimensions of the static embedding that it reads.
    featurizer : Featurizer
    vectors : WordVectors
    """

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], static: int, featurizer: Featurizer, vectors: WordVectors
    ) -> None:
        self._arrays, self._static, self._featurizer, self._vectors = arrays, static, featurizer, vectors
        self._rows: dict[str, int] = {}
        self._table = np.empty((1024, len(arrays["project.bias"])), dtype=np.float32)

    def __call__(self, words: Sequence[str]) -> Floats:
        """Inputs of every token's word, shape (n_tokens, width); the table behind grows as new words come."""
        distinct = set(words)
        with LOCK:
            if len(self._rows) + len(distinct) > _WORD_CACHE:
                self._rows.clear()
            new = [word for word in distinct if word not in self._rows]
            if new:
                self._add(new)
            rows = self._rows
            return self._table[np.fromiter(map(rows.__getitem__, words), dtype=np.int64, count=len(words))]

    def _add(self, words: list[str]) -> None:
        first = len(self._rows)
        need = first + len(words)
        if need > len(self._table):
            grown = np.empty((max(need, 2 * len(self._table)), self._table.shape[1]), dtype=np.float32)
            grown[:first] = self._table[:first]
            self._table = grown
        for at in range(0, len(words), _CHUNK):
            part = words[at : at + _CHUNK]
            self._table[first + at : first + at + len(part)] = self._compute(part)
        self._rows.update(zip(words, range(first, need), strict=True))

    def _compute(self, words: Sequence[str]) -> Floats:
        arrays = self._arrays
        static, _ = self._vectors.lookup(words)
        static /= np.maximum(np.linalg.norm(static, axis=1, keepdims=True), 1e-6)
        static = static[:, : self._static] * np.float32(self._static**0.5)
        features = self._featurizer(words)
        hashed = [arrays[f"tables.{i}.weight"][features.buckets[:, i]] for i in range(4)]
        joined = np.concatenate(
            [static, *hashed, arrays["shapes.weight"][features.shape], features.lexicons], axis=1
        )
        # In double precision: how a product in single precision is rounded depends on which words come together,
        # and a word must have the same numbers in every batch and process.
        weight, bias = (arrays[f"project.{name}"].astype(np.float64) for name in ("weight", "bias"))
        return np.asarray(joined @ weight + bias, dtype=np.float32)


class Network:
    """The trained network.

    Parameters
    ----------
    config : mapping
        ``dilations``, ``link_dilations``, ``static`` and ``buckets`` of the training configuration.
    arrays : mapping of str to ndarray
        As written by ``training/train_tagger.py``.
    vectors : WordVectors
        The static embedding that it was trained with.
    """

    def __init__(
        self, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> None:
        self._arrays = {name: array for name, array in arrays.items() if not name.startswith("lexicon")}
        for name, array in self._arrays.items():
            if array.dtype == np.float16:
                self._arrays[name] = array.astype(np.float32)
        self._layers = [
            GatedLayer(self._arrays, f"convolutions.{number}", f"norms.{number}", int(dilation))
            for number, dilation in enumerate(config["dilations"])
        ]
        featurizer = Featurizer(
            config["buckets"], arrays["lexicon_entries"].item().split("\n"), arrays["lexicon_flags"]
        )
        self._words = _WordInputs(self._arrays, int(config["static"]), featurizer, vectors)
        self.width = int(self._arrays["project.bias"].shape[0])
        # Readings of sentences are another model's; without it there are none.
        self._arrays.setdefault("tracks.weight", np.zeros((self.width, 0), dtype=np.float32))
        self._arrays.setdefault("tracks.bias", np.zeros(0, dtype=np.float32))
        self.link = LinkHead(self._arrays, config["link_dilations"])

    def read(self, texts: Sequence[Encoded]) -> list[Readings]:
        """Read texts, each on its own whatever its neighbours.

        Parameters
        ----------
        texts : sequence of Encoded

        Returns
        -------
        list of Readings
        """
        return [self._readings(encoded, state) for encoded, state in zip(texts, self.states(texts), strict=True)]

    def states(self, texts: Sequence[Encoded]) -> Iterator[Floats]:
        """What the heads read of each text, shape (n_tokens, width)."""
        reach = sum(layer.dilation for layer in self._layers)
        pending: list[Encoded] = []
        size = 0
        for encoded in texts:
            if size + len(encoded.words) > _CHUNK and pending:
                yield from self._states_together(pending)
                pending, size = [], 0
            if len(encoded.words) <= 2 * _CHUNK:
                pending.append(encoded)
                size += len(encoded.words)
                continue
            # A long text goes in windows that overlap by what a token can see: same answer, bounded memory.
            pieces = []
            for start in range(0, len(encoded.words), _CHUNK):
                first, last = max(start - reach, 0), min(start + _CHUNK + reach, len(encoded.words))
                window = Encoded(encoded.spans[first:last], encoded.words[first:last], encoded.quotes[first:last])
                (state,) = self._states_together([window])
                pieces.append(state[start - first : min(start + _CHUNK, len(encoded.words)) - first])
            yield np.concatenate(pieces)
        if pending:
            yield from self._states_together(pending)

    def with_heads(self, heads: Mapping[str, NDArray[Any]]) -> Self:
        """The same network with other weights of some of its heads; what is known of words is shared."""
        other = copy(self)
        other._arrays = self._arrays | {name: np.asarray(array, dtype=np.float32) for name, array in heads.items()}
        other.link = LinkHead(other._arrays, self.link.dilations)
        return other

    def head(self, name: str) -> tuple[Floats, Floats]:
        """Weight, shape (width, n_labels), and bias of ``"cue"``, ``"roles"``, ``"statement"`` or ``"link"``."""
        return self._arrays[f"{name}.weight"], self._arrays[f"{name}.bias"]

    def _states_together(self, texts: Sequence[Encoded]) -> list[Floats]:
        pad = max(layer.dilation for layer in self._layers)
        # One flat sequence with gaps of zeros, so that no text sees another.
        starts = np.cumsum([pad] + [len(encoded.words) + pad for encoded in texts]).tolist()
        stretches = [(start, stop - pad) for start, stop in pairwise(starts)]
        state = np.zeros((starts[-1] + 2 * pad, self.width), dtype=np.float32)
        for encoded, (start, stop) in zip(texts, stretches, strict=True):
            state[start:stop] = self._inputs_of(encoded)
        with COMPUTING:
            for layer in self._layers:
                state = layer(state, stretches)
        return [state[start:stop] for start, stop in stretches]

    def _readings(self, encoded: Encoded, state: Floats) -> Readings:
        arrays = self._arrays
        with COMPUTING:
            cues = softmax(linear(state, arrays, "cue"))
            return Readings(
                softmax(linear(state, arrays, "statement")),
                cues,
                sigmoid(linear(state, arrays, "roles")),
                linear(state, arrays, "link_token"),
                linear(state, arrays, "link_cue"),
                count_marks(encoded.words, cues),
                linear(state, arrays, "tracks"),
            )

    def _inputs_of(self, encoded: Encoded) -> Floats:
        return self._words(encoded.words) + self._arrays["quotes.weight"][encoded.quotes]

