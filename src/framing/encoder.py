"""The accurate tier's token model: a small transformer encoder, run by onnxruntime.

all-MiniLM-L6-v2 (Wang et al. 2020, MiniLM; Reimers & Gurevych 2019, Sentence-BERT), fine-tuned with
heads of its own (``training/train_encoder.py``). It reads whole articles in overlapping windows and says of
every token what :class:`framing.network.Network` says of it, in the same form. A second branch of its last
layers reads sentences. Each *track* has a value a token, and the mean over a sentence's tokens is the
sentence's score, so that every score is the exact sum of its words (:mod:`framing.blend`).

Windows run one by one and unpadded, on as many threads as there are cores: what an article gets depends on nothing
but itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from framing.blend import Blend
from framing.exceptions import MissingExtraError
from framing.linear import sigmoid
from framing.links import LinkHead, linear, softmax
from framing.models import model_path, model_version
from framing.once import COMPUTING, once
from framing.persistence import load_model
from framing.tokens import PARAGRAPH, Encoded, Readings, count_marks, word_shape

__all__ = ["BundledEncoder", "Encoder", "WordPieces", "bundled_encoder", "piece_windows"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
_T = TypeVar("_T")
_S = TypeVar("_S")

CLS, SEP, MASK = 101, 102, 103
"""Numbers of the special pieces in the uncased BERT vocabulary."""

_WORD_CACHE = 200_000
_LONGEST_WORD = 200  # letters of a word that are looked at; what is longer is no word


class WordPieces:
    """Word pieces of words, each looked up once.

    Parameters
    ----------
    tokenizer : str
        The tokenizer as JSON, in the form of the ``tokenizers`` library.

    Raises
    ------
    MissingExtraError
        If that library is not installed.
    """

    def __init__(self, tokenizer: str) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise _missing("tokenizers") from error
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cache: dict[str, NDArray[np.int32]] = {}

    def __call__(self, words: Sequence[str]) -> list[NDArray[np.int32]]:
        """Piece numbers of every word; at least one each."""
        distinct, cache = set(words), self._cache
        if len(cache) + len(distinct) > _WORD_CACHE:
            cache = self._cache = {}  # a new one: another thread may still read the old
        new = [word for word in distinct if word not in cache]
        if new:
            # Lone surrogates have no UTF-8 form, which the library wants.
            shown = [word[:_LONGEST_WORD].encode("utf-8", "replace").decode("utf-8") for word in new]
            found = self._tokenizer.encode_batch(shown, add_special_tokens=False)
            for word, encoding in zip(new, found, strict=True):
                cache[word] = np.array(encoding.ids or [MASK], dtype=np.int32)
            cache[PARAGRAPH] = np.array([SEP], dtype=np.int32)
        return [cache[word] for word in words]


def piece_windows(sizes: Ints, room: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """Windows over tokens that have ``room`` for pieces.

    Parameters
    ----------
    sizes : ndarray of int, shape (n_tokens,)
        Pieces of every token.
    room : int
        Pieces in a window, at most; a token of more stands alone in one.
    overlap : int
        Pieces that neighbouring windows share, about.

    Returns
    -------
    list of (first, stop, keep_first, keep_stop)
        Tokens of each window, and those whose answer is taken from it: every token's from one window, in
        which it is not near the edge.

    Examples
    --------
    >>> piece_windows(np.ones(10, dtype=np.int64), 6, 2)
    [(0, 6, 0, 5), (4, 10, 5, 10)]
    """
    ends = np.cumsum(sizes)
    count = len(sizes)
    ranges: list[tuple[int, int]] = []
    first = 0
    while first < count:
        used = int(ends[first - 1]) if first else 0
        stop = max(int(np.searchsorted(ends, used + room, side="right")), first + 1)
        ranges.append((first, stop))
        if stop >= count:
            break
        back = int(np.searchsorted(ends, int(ends[stop - 1]) - overlap, side="right"))
        first = min(max(back, first + 1), stop)
    windows = []
    begin = 0
    for number, (a, b) in enumerate(ranges):
        end = count if number + 1 == len(ranges) else (ranges[number + 1][0] + b + 1) // 2
        windows.append((a, b, begin, end))
        begin = end
    return windows


class Encoder:
    """The trained encoder.

    Parameters
    ----------
    config : mapping
        ``window`` and ``overlap`` in pieces, and ``link_dilations``.
    arrays : mapping of str to ndarray
        As written by ``training/export_encoder.py``: the graph, its weights as int8 with a scale a column, the
        vocabulary's vectors as int8 with a scale a row, the tokenizer, and the heads.

    Raises
    ------
    MissingExtraError
        If onnxruntime or tokenizers is not installed.
    """

    def __init__(self, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        self._room = int(config["window"]) - 2
        self._overlap = int(config["overlap"])
        self._pieces = WordPieces(arrays["tokenizer"].tobytes().decode("utf-8"))
        self._vectors, self._scales = arrays["words"], arrays["words.scale"].astype(np.float32)
        self._places = arrays["positions"].astype(np.float32)
        self._shapes = arrays["shapes"].astype(np.float32)
        self._quotes = arrays["quotes"].astype(np.float32)
        self._heads = {
            name.removeprefix("heads."): array.astype(np.float32)
            for name, array in arrays.items()
            if name.startswith("heads.")
        }
        self.link = LinkHead(self._heads, config["link_dilations"])
        self._threads = _thread_count()
        self._session = _session(arrays)

    def read(self, texts: Sequence[Encoded]) -> list[Readings]:
        """Read texts, each on its own whatever its neighbours.

        Parameters
        ----------
        texts : sequence of Encoded

        Returns
        -------
        list of Readings
        """
        if len(texts) == 1:
            return [self._read(texts[0], self._each)]
        return list(self._each(self._read, texts))

    def states(self, texts: Sequence[Encoded]) -> Iterator[Floats]:
        """What the heads of tokens read of each text, shape (n_tokens, width)."""
        width = self._vectors.shape[1]
        for encoded in texts:
            parts = [states for states, _ in self._windows(encoded)]
            yield np.concatenate([np.zeros((0, width), np.float32), *parts])

    def with_heads(self, heads: Mapping[str, NDArray[Any]]) -> Self:
        """The same encoder with other weights of some of its heads; all else is shared."""
        other = copy(self)
        other._heads = self._heads | {name: np.asarray(array, dtype=np.float32) for name, array in heads.items()}
        other.link = LinkHead(other._heads, self.link.dilations)
        return other

    def head(self, name: str) -> tuple[Floats, Floats]:
        """Weight, shape (width, n_labels), and bias of ``"cue"``, ``"roles"``, ``"statement"`` or ``"link"``."""
        return self._heads[f"{name}.weight"], self._heads[f"{name}.bias"]

    def _read(self, encoded: Encoded, run: Callable[..., Iterable[Any]] = map) -> Readings:
        heads = self._heads
        # At least one part each, so that an empty text has empty readings of the right width.
        parts: list[list[Floats]] = [[np.zeros((0, size), np.float32)] for size in self._widths()]
        for states, sentence_states in self._windows(encoded, run):
            with COMPUTING:
                parts[0].append(softmax(linear(states, heads, "statement")))
                parts[1].append(softmax(linear(states, heads, "cue")))
                parts[2].append(sigmoid(linear(states, heads, "roles")))
                parts[3].append(linear(states, heads, "link_token"))
                parts[4].append(linear(states, heads, "link_cue"))
                parts[5].append(linear(np.concatenate([states, sentence_states], axis=1), heads, "tracks"))
        statements, cues, roles, link_tokens, link_cues, tracks = map(np.concatenate, parts)
        return Readings(
            statements, cues, roles, link_tokens, link_cues, count_marks(encoded.words, cues), tracks
        )

    def _each(self, function: Callable[[_T], _S], items: Sequence[_T]) -> Iterator[_S]:
        """Results in order, on several threads where there are several items and cores."""
        if self._threads == 1 or len(items) < 2:
            yield from map(function, items)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            yield from pool.map(function, items)

    def _widths(self) -> list[int]:
        names = ("statement", "cue", "roles", "link_token", "link_cue", "tracks")
        return [len(self._heads[f"{name}.bias"]) for name in names]

    def _windows(
        self, encoded: Encoded, run: Callable[..., Iterable[Any]] = map
    ) -> Iterator[tuple[Floats, Floats]]:
        """States of the token branch and of the sentence branch, every token's from one window."""
        pieces = self._pieces(encoded.words)
        sizes = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        shape_of = {word: word_shape(word) for word in set(encoded.words)}
        marks = np.fromiter((shape_of[word] for word in encoded.words), dtype=np.int64, count=len(pieces))

        def window(place: tuple[int, int, int, int]) -> tuple[Floats, Floats]:
            first, stop, keep_first, keep_stop = place
            states, sentence_states = self._states(
                pieces[first:stop], sizes[first:stop], marks[first:stop], encoded.quotes[first:stop]
            )
            kept = slice(keep_first - first, keep_stop - first)
            return states[kept], sentence_states[kept]

        yield from run(window, piece_windows(sizes, self._room, self._overlap))

    def _states(
        self, pieces: Sequence[NDArray[np.int32]], sizes: Ints, marks: Ints, quotes: NDArray[np.int8]
    ) -> tuple[Floats, Floats]:
        """States of each token's first piece, of the token branch and of the sentence branch."""
        ids = np.concatenate([[CLS], *pieces])[: self._room + 1]
        inputs = np.empty((len(ids) + 1, self._vectors.shape[1]), dtype=np.float32)
        inputs[:-1] = self._vectors[ids]
        inputs[-1] = self._vectors[SEP]
        inputs *= self._scales[np.append(ids, SEP)][:, None]
        extra = self._shapes[marks] + self._quotes[quotes]
        inputs[1:-1] += np.repeat(extra, sizes, axis=0)[: len(ids) - 1]
        inputs += self._places[: len(inputs)]
        states, sentence_states = self._session.run(None, {"inputs": inputs})
        first = np.minimum(np.cumsum(sizes) - sizes + 1, len(ids) - 1)
        return states[first], sentence_states[first]


class BundledEncoder(NamedTuple):
    """The encoder that ships with the package, in three folders.

    Attributes
    ----------
    encoder : Encoder
    decoding : dict
        For :class:`framing.tagger.Tagger`.
    version : str
        Name and version of the token model.
    sentence_version : str
        … of the sentence branch.
    blends : dict of str to Blend
        By the model that is blended: bias (with opinion), loaded, policy, narrative.
    settings : dict
        ``threshold`` of loaded words; ``frames``: ``share`` and ``intercept`` of every inventory's articles.
    """

    encoder: Encoder
    decoding: dict[str, Any]
    version: str
    sentence_version: str
    blends: dict[str, Blend]
    settings: dict[str, Any]


@once
def bundled_encoder() -> BundledEncoder:
    """Read the bundled encoder, once.

    Raises
    ------
    MissingExtraError
        If onnxruntime or tokenizers is not installed.
    """
    words, tokens, sentences = (
        load_model(model_path(name)) for name in ("encoder_words", "encoder", "encoder_sentences")
    )
    config = tokens.manifest["config"]
    encoder = Encoder(config["encoder"], words.arrays | tokens.arrays | sentences.arrays)
    settings = sentences.manifest["config"]
    blends = {name: Blend.from_arrays(sentences.arrays, name) for name in settings["blends"]}
    versions = model_version("encoder"), model_version("encoder_sentences")
    return BundledEncoder(encoder, config["decoding"], *versions, blends, settings)


def _thread_count() -> int:
    """Threads that read side by side: one a core, unless the environment says otherwise.

    Workers of joblib, among others, are told their share of the processor by ``OMP_NUM_THREADS``.
    """
    told = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _session(arrays: Mapping[str, NDArray[Any]]) -> Any:
    """An inference session over the stored graph, with its weights from the stored arrays."""
    try:
        import onnxruntime
    except ImportError as error:
        raise _missing("onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # texts run side by side instead: the products are too small to share
    options.log_severity_level = 3
    names, values = [], []
    for name, array in arrays.items():
        if name.startswith("graph."):
            scale = arrays.get(f"scale.{name.removeprefix('graph.')}")
            value = array.astype(np.float32) if scale is None else array * scale.astype(np.float32)
            names.append(name.removeprefix("graph."))
            values.append(onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value)))
    options.add_external_initializers(names, values)
    return onnxruntime.InferenceSession(
        arrays["graph"].tobytes(), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _missing(library: str) -> MissingExtraError:
    return MissingExtraError(
        f'The accurate tier needs {library}; install it with: pip install "newsframing[accurate]"'
    )
