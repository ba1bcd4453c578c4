"""The token network: dilated convolutions over word features, run in NumPy.

A word's input vector depends on the word alone and is computed once per distinct word; five to seven
gated convolutions with growing dilation then read each article as a whole (van den Oord et al. 2016,
WaveNet; Strubell et al. 2017, iterated dilated convolutions for sequence labelling). One trunk serves
every token reading: voice × kind, cues, and, given a cue, which tokens are its source and
its content. Training is in PyTorch (``training/train_tagger.py``); the arithmetic here is the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.embedding import WordVectors
from framing.text import quotation_spans, quotation_states, tokenize

__all__ = [
    "LINK_BETWEEN",
    "LINK_WINDOW",
    "PARAGRAPH",
    "SHAPE_COUNT",
    "STATEMENT_LABELS",
    "STOPS",
    "Encoded",
    "Featurizer",
    "Network",
    "Readings",
    "WordFeatures",
    "encode_text",
    "link_buckets",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PARAGRAPH = "\n"
"""The token that stands between paragraphs."""

LINK_WINDOW = (112, 144)
"""Tokens before and from a cue on that can be its source or content."""

LINK_BETWEEN = (3, 6, 4)
"""How many paragraph breaks, sentence ends and other cues between a cue and a token are told apart."""

STOPS = frozenset(".!?…")

STATEMENT_LABELS = ("author_fact", "author_opinion", "source_fact", "source_opinion", "frame")

_PUNCTUATION = ".,;:!?…-–—()[]'’‘\"“”«»/*#@%$&"
_SHAPES = ("lower", "capital", "upper", "mixed", "number", "number+letters", "paragraph", "other", "url")
SHAPE_COUNT = len(_SHAPES) + len(_PUNCTUATION)
_CHUNK = 8192  # tokens that go through the layers together
_BLOCK = 512  # rows of one matrix product: input and output stay in the cache
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


def _shape(word: str) -> int:
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
            shapes[row] = _shape(word)
            entry = get(lower.replace("’", "'"))
            if entry is not None:
                lexicons[row] = self.flags[entry]
        return WordFeatures(hashes % np.asarray(self.buckets, dtype=np.int64), shapes, lexicons)


def link_buckets() -> Ints:
    """Bucket of every place in the link window by its distance from the cue: exact near it, then logarithmic."""
    before, after = LINK_WINDOW
    distance = np.arange(-before, after)
    size = np.abs(distance)
    far = 16 + np.floor(np.log2(np.maximum(size, 16) / 16) * 4).astype(np.int64)
    bucket = np.where(size < 16, size, far)
    side = int(bucket.max()) + 1
    return np.where(distance < 0, side + bucket, bucket)


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
    parts: list[NDArray[np.int32]] = []
    words: list[str] = []
    for start, end in paragraphs:
        spans = tokenize(text, start, end)
        parts.append(np.array([[start, start]], dtype=np.int32))
        parts.append(spans)
        words.append(PARAGRAPH)
        words.extend(text[s:e] for s, e in spans.tolist())
    joined = np.concatenate(parts) if parts else np.empty((0, 2), dtype=np.int32)
    return Encoded(joined, words, quotation_states(joined, quotation_spans(text, paragraphs)))


class Readings(NamedTuple):
    """What the network says of one text's tokens.

    Attributes
    ----------
    statements : ndarray of float32, shape (n_tokens, 5)
        Probabilities of ``STATEMENT_LABELS``.
    cues : ndarray of float32, shape (n_tokens, 3)
        Probabilities of outside, beginning and inside of an attribution's cue.
    link_tokens, link_cues : ndarray of float32, shape (n_tokens, link_width)
        What :meth:`Network.link` compares.
    counts : ndarray of int64, shape (n_tokens, 3)
        Paragraph breaks, sentence ends and cues up to each token.
    """

    statements: Floats
    cues: Floats
    link_tokens: Floats
    link_cues: Floats
    counts: Ints


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
        self._static = int(config["static"])
        self._dilations = [int(d) for d in config["dilations"]]
        self._link_dilations = [int(d) for d in config["link_dilations"]]
        self._featurizer = Featurizer(
            config["buckets"], arrays["lexicon_entries"].item().split("\n"), arrays["lexicon_flags"]
        )
        self._vectors = vectors
        self.width = int(self._arrays["project.bias"].shape[0])
        self._distance = self._arrays["link_distance.weight"][link_buckets()]
        self._cache: dict[str, int] = {}
        self._inputs = np.empty((1024, self.width), dtype=np.float32)

    def _word_rows(self, words: Sequence[str]) -> Ints:
        """Row of every token's word in the table of input vectors, which grows as new words come."""
        distinct = set(words)
        if len(self._cache) + len(distinct) > _WORD_CACHE:
            self._cache.clear()
        new = [word for word in distinct if word not in self._cache]
        if new:
            first = len(self._cache)
            need = first + len(new)
            if need > len(self._inputs):
                grown = np.empty((max(need, 2 * len(self._inputs)), self.width), dtype=np.float32)
                grown[:first] = self._inputs[:first]
                self._inputs = grown
            for at in range(0, len(new), _CHUNK):
                part = new[at : at + _CHUNK]
                self._inputs[first + at : first + at + len(part)] = self._word_inputs(part)
            self._cache.update(zip(new, range(first, need), strict=True))
        cache = self._cache
        return np.fromiter((cache[word] for word in words), dtype=np.int64, count=len(words))

    def _word_inputs(self, words: Sequence[str]) -> Floats:
        arrays = self._arrays
        static, _ = self._vectors.lookup(words)
        static /= np.maximum(np.linalg.norm(static, axis=1, keepdims=True), 1e-6)
        static = static[:, : self._static] * np.float32(self._static**0.5)
        features = self._featurizer(words)
        hashed = [arrays[f"tables.{i}.weight"][features.buckets[:, i]] for i in range(4)]
        joined = np.concatenate(
            [static, *hashed, arrays["shapes.weight"][features.shape], features.lexicons], axis=1
        )
        return joined @ arrays["project.weight"] + arrays["project.bias"]

    def read(self, texts: Sequence[Encoded]) -> list[Readings]:
        """Read texts, each on its own whatever its neighbours.

        Parameters
        ----------
        texts : sequence of Encoded

        Returns
        -------
        list of Readings
        """
        reach = sum(self._dilations)
        results: list[Readings] = []
        pending: list[Encoded] = []
        size = 0
        for encoded in texts:
            if size + len(encoded.words) > _CHUNK and pending:
                results.extend(self._read_together(pending))
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
                (reading,) = self._read_together([window])
                keep = slice(start - first, min(start + _CHUNK, len(encoded.words)) - first)
                pieces.append([part[keep] for part in reading[:-1]])
            joined = [np.concatenate(parts) for parts in zip(*pieces, strict=True)]
            statements, cues, link_tokens, link_cues = joined
            counts = _counts(encoded.words, cues)
            results.append(Readings(statements, cues, link_tokens, link_cues, counts))
        if pending:
            results.extend(self._read_together(pending))
        return results

    def _read_together(self, texts: Sequence[Encoded]) -> list[Readings]:
        arrays = self._arrays
        pad = max(self._dilations)
        # One flat sequence with gaps of zeros, so that no text sees another.
        starts = np.cumsum([pad] + [len(encoded.words) + pad for encoded in texts])
        state = np.zeros((int(starts[-1]), self.width), dtype=np.float32)
        for encoded, start in zip(texts, starts[:-1].tolist(), strict=True):
            stop = start + len(encoded.words)
            state[start:stop] = self._inputs_of(encoded)
        gaps = np.ones(len(state), dtype=bool)
        for encoded, start in zip(texts, starts[:-1].tolist(), strict=True):
            gaps[start : start + len(encoded.words)] = False
        for number, dilation in enumerate(self._dilations):
            state = _gated(state, arrays, f"convolutions.{number}", f"norms.{number}", dilation)
            state[gaps] = 0
        readings = []
        for encoded, start in zip(texts, starts[:-1].tolist(), strict=True):
            hidden = state[start : start + len(encoded.words)]
            cues = _softmax(_linear(hidden, arrays, "cue"))
            readings.append(
                Readings(
                    _softmax(_linear(hidden, arrays, "statement")),
                    cues,
                    _linear(hidden, arrays, "link_token"),
                    _linear(hidden, arrays, "link_cue"),
                    _counts(encoded.words, cues),
                )
            )
        return readings

    def _inputs_of(self, encoded: Encoded) -> Floats:
        rows = self._word_rows(encoded.words)
        return self._inputs[rows] + self._arrays["quotes.weight"][encoded.quotes]

    def link(self, reading: Readings, cues: NDArray[np.int64]) -> Floats:
        """For each cue, which tokens around it are its source and its content.

        Parameters
        ----------
        reading : Readings
            Of the text that the cues are in.
        cues : ndarray of int, shape (n_cues, 2)
            First and last token of each cue.

        Returns
        -------
        ndarray of float32, shape (n_cues, sum(LINK_WINDOW), 3)
            Probabilities of none, source, content; place ``LINK_WINDOW[0]`` is the cue's first token.
            Places beyond the text are none.
        """
        before, after = LINK_WINDOW
        arrays, size = self._arrays, len(reading.link_tokens)
        out = np.zeros((len(cues), before + after, 3), dtype=np.float32)
        out[..., 0] = 1
        for at in range(0, len(cues), 32):
            part = cues[at : at + 32]
            # Of the window only what lies in the text for some cue: in a short text, little.
            low = max(before - int(part[:, 0].max()), 0)
            high = min(before + size - int(part[:, 0].min()), before + after)
            places = part[:, :1] + np.arange(low - before, high - before)
            real = (places >= 0) & (places < size)
            within = np.clip(places, 0, size - 1)
            pair = reading.link_tokens[within]
            pair += ((reading.link_cues[part[:, 0]] + reading.link_cues[part[:, 1]]) / 2)[:, None]
            pair += self._distance[low:high]
            between = reading.counts[within] - reading.counts[part[:, 0]][:, None]
            for i, limit in enumerate(LINK_BETWEEN):
                pair += arrays[f"link_between.{i}.weight"][np.clip(between[..., i], -limit, limit) + limit]
            pad = max(self._link_dilations)
            state = np.zeros((len(part), high - low + pad, pair.shape[2]), dtype=np.float32)
            state[:, :-pad] = np.maximum(pair, 0) * real[..., None]
            blank = np.ones(state.shape[:2], dtype=bool)
            blank[:, :-pad] = ~real
            flat = np.concatenate([np.zeros((pad, state.shape[2]), np.float32), state.reshape(-1, state.shape[2])])
            gaps = np.concatenate([np.ones(pad, dtype=bool), blank.ravel()])
            for number, dilation in enumerate(self._link_dilations):
                flat = _gated(flat, arrays, f"link_convolutions.{number}", f"link_norms.{number}", dilation)
                flat[gaps] = 0
            scores = _softmax(_linear(flat[pad:], arrays, "link")).reshape(len(part), -1, 3)[:, :-pad]
            scores[~real] = (1, 0, 0)
            out[at : at + 32, low:high] = scores
        return out


def _counts(words: Sequence[str], cues: Floats) -> Ints:
    marks = np.array([[word == PARAGRAPH, word in STOPS] for word in words], dtype=bool).reshape(-1, 2)
    return np.cumsum(np.column_stack([marks, cues[:, 1] > 0.5]), axis=0, dtype=np.int64)


def _linear(x: Floats, arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    return x @ arrays[f"{name}.weight"] + arrays[f"{name}.bias"]


def _sigmoid(x: Floats) -> Floats:
    with np.errstate(over="ignore"):  # exp overflows to infinity, and 1 / infinity is the right 0
        return np.float32(1) / (np.float32(1) + np.exp(-x))


def _softmax(x: Floats) -> Floats:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    x /= x.sum(axis=-1, keepdims=True)
    return x


def _gated(
    state: Floats, arrays: Mapping[str, NDArray[Any]], convolution: str, norm: str, dilation: int
) -> Floats:
    """One residual layer: layer norm of x + u * sigmoid(g), where (u, g) is a width-3 convolution of x."""
    weight, bias = arrays[f"{convolution}.weight"], arrays[f"{convolution}.bias"]
    scale, shift = arrays[f"{norm}.weight"], arrays[f"{norm}.bias"]
    size, width = state.shape
    out = np.empty_like(state)
    out[:dilation] = 0
    out[size - dilation :] = 0
    for start in range(dilation, size - dilation, _BLOCK):
        stop = min(start + _BLOCK, size - dilation)
        both = state[start:stop] @ weight[1]
        both += state[start - dilation : stop - dilation] @ weight[0]
        both += state[start + dilation : stop + dilation] @ weight[2]
        both += bias
        x = _sigmoid(both[:, width:])
        x *= both[:, :width]
        x += state[start:stop]
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / np.float32(width)
        x *= (1 / np.sqrt(variance + np.float32(1e-5)))[:, None]
        x *= scale
        x += shift
        out[start:stop] = x
    return out
