"""The link head: given a cue, which tokens around it are its source and which its content.

A small convolution over the window around the cue. It sees the token states of the model that it was
trained with, their distance from the cue, and how many paragraph breaks, sentence ends and other cues lie
in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from framing.once import COMPUTING
from framing.tokens import Readings

__all__ = ["LINK_BETWEEN", "LINK_WINDOW", "GatedLayer", "LinkHead", "linear", "link_buckets", "softmax"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LINK_WINDOW = (112, 144)
"""Tokens before and from a cue on that can be its source or content."""

LINK_BETWEEN = (3, 6, 4)
"""How many paragraph breaks, sentence ends and other cues between a cue and a token are told apart."""

_NEAR = (24, 40)
"""The part of the window that is read first; more of it, step by step, only while something near its edges is not
nothing."""
_STEP = 24  # places
_TOGETHER = 2048  # cues, about, that are read together

_EDGE, _NOTHING = 8, 0.02  # how many places at each edge of the near part must be nothing, and what that is
_BLOCKS = 6  # blocks of rows that go through the layers together
_BLOCK = 512 * 96  # numbers in the rows of one matrix product: input and output stay in the cache


def link_buckets() -> Ints:
    """Bucket of every place in the link window by its distance from the cue: exact near it, then logarithmic."""
    before, after = LINK_WINDOW
    distance = np.arange(-before, after)
    size = np.abs(distance)
    far = 16 + np.floor(np.log2(np.maximum(size, 16) / 16) * 4).astype(np.int64)
    bucket = np.where(size < 16, size, far)
    side = int(bucket.max()) + 1
    return np.where(distance < 0, side + bucket, bucket)


class LinkHead:
    """The trained head.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        ``link_distance.weight``, ``link_between.*``, ``link_convolutions.*``, ``link_norms.*`` and ``link.*``
        as the training scripts write them.
    dilations : sequence of int
        Of the convolutions.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], dilations: Sequence[int]) -> None:
        self._arrays = arrays
        self.dilations = tuple(dilations)
        self._layers = [
            GatedLayer(arrays, f"link_convolutions.{number}", f"link_norms.{number}", int(dilation))
            for number, dilation in enumerate(dilations)
        ]
        self._gap = max(layer.dilation for layer in self._layers)
        self._block = max(layer.block(len(arrays["link.weight"])) for layer in self._layers)
        self._distance = arrays["link_distance.weight"][link_buckets()]
        # One row for every combination of breaks, ends and cues in between: one look-up instead of three.
        breaks, ends, others = (arrays[f"link_between.{i}.weight"] for i in range(3))
        self._between = (breaks[:, None, None] + ends[:, None] + others).reshape(-1, breaks.shape[1])

    def __call__(self, readings: Sequence[Readings], cues: Sequence[Ints]) -> list[Floats]:
        """For each cue, which tokens around it are its source and its content.

        Only a part of the window is read for most cues: where nothing near its edges can be source or
        content, nothing beyond them is. Cues of all texts are read together, each on its own.

        Parameters
        ----------
        readings : sequence of Readings
            Of the texts that the cues are in.
        cues : sequence of ndarray of int, shape (n_cues, 2)
            First and last token of each cue of every text.

        Returns
        -------
        list of ndarray of float32, shape (n_cues, sum(LINK_WINDOW), 3)
            Probabilities of none, source, content; place ``LINK_WINDOW[0]`` is the cue's first token.
            Places beyond the text, and those that are not read, are none.
        """
        out: list[Floats] = []
        pending, size = 0, 0
        for number, own in enumerate(cues):
            size += len(own)
            if size > _TOGETHER or number + 1 == len(cues):
                with COMPUTING:
                    out += self._together(readings[pending : number + 1], cues[pending : number + 1])
                pending, size = number + 1, 0
        return out

    def _together(self, readings: Sequence[Readings], cues: Sequence[Ints]) -> list[Floats]:
        around = _Around.of(readings, cues)
        before, after = LINK_WINDOW
        out = np.zeros((len(around.first), before + after, 3), dtype=np.float32)
        out[..., 0] = 1
        low = np.maximum(around.first - _NEAR[0], around.begin)
        high = np.minimum(around.first + _NEAR[1], around.end)
        self._fill(out, around, low, high)
        rows = np.arange(len(out))[:, None]
        left, right = low > around.begin, high < around.end
        while left.any() or right.any():
            # Beyond an edge of what is read only what is not nothing there can go on.
            edge = (low - around.first + before)[:, None] + np.arange(_EDGE)
            left &= (out[rows, edge, 0] < 1 - _NOTHING).any(axis=1)
            further = np.where(left, np.maximum(low - _STEP, around.begin), low)
            self._fill(out, around, further, low)
            edge = (high - around.first + before)[:, None] - 1 - np.arange(_EDGE)
            right &= (out[rows, edge, 0] < 1 - _NOTHING).any(axis=1)
            beyond = np.where(right, np.minimum(high + _STEP, around.end), high)
            self._fill(out, around, high, beyond)
            low, high = further, beyond
            left &= low > around.begin
            right &= high < around.end
        return np.split(out, np.cumsum([len(own) for own in cues])[:-1])

    def _fill(self, out: Floats, around: _Around, low: Ints, high: Ints) -> None:
        """Read the places from ``low`` to ``high``, tokens of all texts, around each cue that has any."""
        some = np.flatnonzero(high > low)
        low, high = low[some], high[some]
        # What a place sees is read with it, within the window and the text.
        reach = sum(layer.dilation for layer in self._layers)
        starts = np.maximum(low - reach, around.begin[some])
        stops = np.minimum(high + reach, around.end[some])
        ends = np.cumsum(self._padded(stops - starts))
        at = 0
        while at < len(some):
            done = int(ends[at - 1]) if at else 0
            part = slice(at, max(int(np.searchsorted(ends, done + _BLOCKS * self._block, side="right")), at + 1))
            at = part.stop
            state, rows, owner, tokens = self._states(around, some[part], starts[part], stops[part])
            asked = np.flatnonzero((tokens >= low[part].take(owner)) & (tokens < high[part].take(owner)))
            blocks = state.reshape(-1, self._block, state.shape[1])
            scores = np.concatenate([linear(block, self._arrays, "link") for block in blocks])
            cue = some[part].take(owner.take(asked))
            place = tokens.take(asked) - around.first.take(cue) + LINK_WINDOW[0]
            out[cue, place] = softmax(scores.take(rows.take(asked), axis=0))

    def states(self, reading: Readings, cues: Ints) -> tuple[Floats, Ints]:
        """What the last layer reads of all places around cues of one text, and which these are.

        Returns
        -------
        states : ndarray of float32, shape (n_places, width)
        places : ndarray of int64, shape (n_places, 2)
            Number of the cue, and token of the text.
        """
        around = _Around.of([reading], [cues])
        state, rows, owner, tokens = self._states(around, np.arange(len(cues)), around.begin, around.end)
        return state.take(rows, axis=0), np.column_stack([owner, tokens])

    def _states(self, around: _Around, which: Ints, starts: Ints, stops: Ints) -> tuple[Floats, Ints, Ints, Ints]:
        """States of the places from ``starts`` to ``stops`` around cues, one cue after the other.

        In whole blocks, shape (n_blocks * block, width): how a product is rounded depends on its number of rows, and a
        cue must have the same numbers whatever is read with it. With them each place's row, its cue, as a number
        among ``which``, and its token.
        """
        sizes = stops - starts
        padded = self._padded(sizes)
        gap = self._gap
        owner = np.repeat(np.arange(len(which)), sizes)
        tokens = np.arange(len(owner)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        # Rows of zeros stand between the windows, so that none sees another.
        rows = np.arange(len(owner)) + np.repeat(np.cumsum(padded - sizes) - padded + sizes, sizes)
        first = around.first[which]
        combined = np.zeros(len(owner), dtype=np.int32)
        for counts, limit in zip(around.counts, LINK_BETWEEN, strict=True):
            between = counts.take(tokens)
            between -= counts.take(first).take(owner)
            np.maximum(between, -limit, out=between)
            np.minimum(between, limit, out=between)
            combined *= 2 * limit + 1
            combined += between
            combined += limit
        # Whole rows are faster taken than indexed.
        pair = self._between.take(combined, axis=0)
        pair += around.tokens.take(tokens, axis=0)
        pair += self._distance.take(tokens - first.take(owner) + LINK_WINDOW[0], axis=0)
        pair += around.cues.take(which, axis=0).take(owner, axis=0)
        size = -(-int(padded.sum()) // self._block) * self._block
        state = np.zeros((gap + size + 3 * gap, pair.shape[1]), dtype=np.float32)
        inside = slice(gap, gap + size)
        state[inside][rows] = np.maximum(pair, 0, out=pair)
        gaps = np.ones(size, dtype=bool)
        gaps[rows] = False
        empty = np.flatnonzero(gaps)
        for layer in self._layers:
            state = layer(state, [(gap, gap + size)])
            state[inside][empty] = 0
        return state[inside], rows, owner, tokens

    def _padded(self, sizes: Ints) -> Ints:
        """Rows of windows with the zeros behind them: each begins where pairs of places do in every layer.

        The first place of a pair is rounded otherwise than the second.
        """
        return -(-(sizes + self._gap) // (2 * self._gap)) * (2 * self._gap)


class _Around(NamedTuple):
    """Cues of texts that stand one after the other, and what is read around them.

    Attributes
    ----------
    first, begin, end : ndarray of int64, shape (n_cues,)
        Each cue's first token, and the range of its window within its text.
    cues : ndarray of float32, shape (n_cues, link_width)
    tokens : ndarray of float32, shape (n_tokens, link_width)
    counts : list of ndarray of int32, shape (n_tokens,)
        The columns of the readings' counts.
    """

    first: Ints
    begin: Ints
    end: Ints
    cues: Floats
    tokens: Floats
    counts: list[NDArray[np.int32]]

    @classmethod
    def of(cls, readings: Sequence[Readings], cues: Sequence[Ints]) -> Self:
        """Put texts one after the other."""
        sizes = np.array([len(reading.link_tokens) for reading in readings])
        per_text = [len(own) for own in cues]
        begin = np.repeat(np.cumsum(sizes) - sizes, per_text)
        both = np.concatenate(cues) + begin[:, None]
        first = both[:, 0]
        before, after = LINK_WINDOW
        said = np.concatenate([reading.link_cues for reading in readings])
        counts = np.concatenate([reading.counts for reading in readings]).T.astype(np.int32)
        return cls(
            first,
            np.maximum(first - before, begin),
            np.minimum(first + after, begin + np.repeat(sizes, per_text)),
            (said.take(first, axis=0) + said.take(both[:, 1], axis=0)) / 2,
            np.concatenate([reading.link_tokens for reading in readings]),
            list(counts),
        )


class GatedLayer:
    """One residual layer: layer norm of x + u * sigmoid(g), where (u, g) is a width-3 convolution of x.

    Two places of the convolution that are ``dilation`` apart share their inputs and are computed together
    with four matrix products instead of six (Lavin and Gray 2016, Fast Algorithms for Convolutional Neural
    Networks, F(2, 3)).

    Parameters
    ----------
    arrays : mapping of str to ndarray
    convolution, norm : str
        Names of the arrays without ``.weight`` and ``.bias``.
    dilation : int
        Distance of the convolution's outer places from its middle.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], convolution: str, norm: str, dilation: int) -> None:
        # Everything is halved because u * sigmoid(g) = u / 2 * (1 + tanh(g / 2)), which is cheaper than exp.
        left, middle, right = arrays[f"{convolution}.weight"].astype(np.float64) / 2
        outer = left + right
        self._weight = np.stack([left, (outer + middle) / 2, (outer - middle) / 2, right]).astype(np.float32)
        self._bias = arrays[f"{convolution}.bias"] / 2
        self._scale, self._shift = arrays[f"{norm}.weight"], arrays[f"{norm}.bias"]
        width = self._weight.shape[1]
        self._mean = np.full(width, 1 / width, dtype=np.float32)
        self.dilation = dilation
        self._step = 2 * dilation  # pairs of places come in whole steps

    def block(self, width: int) -> int:
        """Rows of that width that are computed together."""
        return max(_BLOCK // width // self._step, 1) * self._step

    def __call__(self, state: Floats, stretches: Sequence[tuple[int, int]]) -> Floats:
        """The next state.

        Parameters
        ----------
        state : ndarray of float32, shape (n_rows, width)
        stretches : sequence of (int, int)
            First row and row after the last of what is computed, in order and ``dilation`` rows apart; so many
            rows stand before the first, and three times as many behind the last. Other rows become 0.
        """
        out = np.zeros_like(state)
        step, block = self._step, self.block(state.shape[1])
        for start, stop in stretches:
            for at in range(start, stop, block):
                size = min(block, stop - at)
                padded = -(-size // step) * step
                self._pairs(state, out, at, padded)
                out[at + size : at + padded] = 0
        return out

    def _pairs(self, state: Floats, out: Floats, at: int, size: int) -> None:
        """Compute ``size`` rows, a multiple of twice the dilation."""
        width, dilation = state.shape[1], self.dilation
        shape = (-1, 2, dilation, width)  # by pairs: the first places of each, then the second ones
        before, here = state[at - dilation :][:size].reshape(shape), state[at + dilation :][:size].reshape(shape)
        x0, x1, x2, x3 = before[:, 0], before[:, 1], here[:, 0], here[:, 1]
        inputs = np.empty((4, *x0.shape), dtype=np.float32)
        np.subtract(x0, x2, out=inputs[0])
        np.add(x1, x2, out=inputs[1])
        np.subtract(x2, x1, out=inputs[2])
        np.subtract(x1, x3, out=inputs[3])
        products = inputs.reshape(4, -1, width) @ self._weight
        first, second, third, fourth = products
        second += self._bias
        first += second
        first += third
        second -= third
        second -= fourth
        both = products[:2]
        x = np.tanh(both[..., width:])
        x += 1
        x *= both[..., :width]
        halves = x.reshape(2, -1, dilation, width)
        halves[0] += x1
        halves[1] += x2
        x = x.reshape(-1, width)
        x -= (x @ self._mean)[:, None]
        variance = np.einsum("ij,ij->i", x, x) / np.float32(width)
        x *= (1 / np.sqrt(variance + np.float32(1e-5)))[:, None]
        x *= self._scale
        x += self._shift
        out[at : at + size].reshape(shape)[:] = halves.swapaxes(0, 1)


def linear(x: Floats, arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """``x`` times a weight plus its bias."""
    return x @ arrays[f"{name}.weight"] + arrays[f"{name}.bias"]


def softmax(x: Floats) -> Floats:
    """Probabilities along the last axis."""
    columns = np.ascontiguousarray(x.T)  # the axis is short: operations on long rows are much faster
    columns -= columns.max(axis=0)
    np.exp(columns, out=columns)
    columns /= columns.sum(axis=0)
    return np.ascontiguousarray(columns.T)
