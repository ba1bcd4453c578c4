"""The link head: given a cue, which tokens around it are its source and which its content.

A small convolution over the window around the cue. It sees the token states of the model that it was
trained with, their distance from the cue, and how many paragraph breaks, sentence ends and other cues lie
in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.tokens import Readings

__all__ = ["LINK_BETWEEN", "LINK_WINDOW", "GatedLayer", "LinkHead", "linear", "link_buckets", "softmax"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LINK_WINDOW = (112, 144)
"""Tokens before and from a cue on that can be its source or content."""

LINK_BETWEEN = (3, 6, 4)
"""How many paragraph breaks, sentence ends and other cues between a cue and a token are told apart."""

_NEAR = (40, 64)
"""The part of the window that is read first; the rest only where something near its edges is not nothing."""

_EDGE, _NOTHING = 8, 0.02  # how many places at each edge of the near part must be nothing, and what that is
_ROWS = 8192  # places that go through the layers together
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
        self._distance = arrays["link_distance.weight"][link_buckets()]
        # One row for every combination of breaks, ends and cues in between: one look-up instead of three.
        breaks, ends, others = (arrays[f"link_between.{i}.weight"] for i in range(3))
        self._between = (breaks[:, None, None] + ends[:, None] + others).reshape(-1, breaks.shape[1])

    def __call__(self, reading: Readings, cues: NDArray[np.int64]) -> Floats:
        """For each cue, which tokens around it are its source and its content.

        Only a part of the window is read for most cues: where nothing near its edges can be source or
        content, nothing beyond them is.

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
            Places beyond the text, and those that are not read, are none.
        """
        before, after = LINK_WINDOW
        size = len(reading.link_tokens)
        out = np.zeros((len(cues), before + after, 3), dtype=np.float32)
        out[..., 0] = 1
        first = cues[:, 0]
        low, high = np.maximum(first - _NEAR[0], 0), np.minimum(first + _NEAR[1], size)
        self._fill(out, reading, cues, low, high)
        # Beyond an edge of the near part only what is not nothing there can go on.
        open_ended = out[..., 0] < 1 - _NOTHING
        left = open_ended[:, before - _NEAR[0] :][:, :_EDGE].any(axis=1)
        right = open_ended[:, : before + _NEAR[1]][:, -_EDGE:].any(axis=1)
        self._fill(out, reading, cues, np.where(left, np.maximum(first - before, 0), low), low)
        self._fill(out, reading, cues, high, np.where(right, np.minimum(first + after, size), high))
        return out

    def _fill(self, out: Floats, reading: Readings, cues: Ints, low: Ints, high: Ints) -> None:
        """Read the places from ``low`` to ``high``, tokens of the text, around each cue that has any."""
        some = np.flatnonzero(high > low)
        around, low, high = cues[some], low[some], high[some]
        # What a place sees is read with it, within the window and the text.
        reach = sum(layer.dilation for layer in self._layers)
        starts = np.maximum(low - reach, np.maximum(around[:, 0] - LINK_WINDOW[0], 0))
        stops = np.minimum(high + reach, np.minimum(around[:, 0] + LINK_WINDOW[1], len(reading.link_tokens)))
        ends = np.cumsum(stops - starts)
        at = 0
        while at < len(some):
            done = int(ends[at - 1]) if at else 0
            stop = max(int(np.searchsorted(ends, done + _ROWS, side="right")), at + 1)
            part = slice(at, stop)
            states = self._states(reading, around[part], starts[part], stops[part])
            scores = softmax(linear(states, self._arrays, "link"))
            row = 0
            for number in range(at, stop):
                first, begin, end = int(around[number, 0]), int(low[number]), int(high[number])
                skip = row + begin - int(starts[number])
                place = begin - first + LINK_WINDOW[0]
                out[some[number], place : place + end - begin] = scores[skip : skip + end - begin]
                row += int(stops[number] - starts[number])
            at = stop

    def states(self, reading: Readings, cues: Ints) -> tuple[Floats, Ints]:
        """What the last layer reads of all places around cues, and which these are.

        Returns
        -------
        states : ndarray of float32, shape (n_places, width)
        places : ndarray of int64, shape (n_places, 2)
            Number of the cue, and token of the text.
        """
        starts = np.maximum(cues[:, 0] - LINK_WINDOW[0], 0)
        stops = np.minimum(cues[:, 0] + LINK_WINDOW[1], len(reading.link_tokens))
        owner = np.repeat(np.arange(len(cues)), stops - starts)
        tokens = [np.arange(start, stop) for start, stop in zip(starts, stops, strict=True)]
        places = np.column_stack([owner, np.concatenate(tokens) if tokens else owner])
        return self._states(reading, cues, starts, stops), places

    def _states(self, reading: Readings, cues: Ints, starts: Ints, stops: Ints) -> Floats:
        """States of the places of all cues, one after the other, shape (n_places, width)."""
        sizes = stops - starts
        gap = max(layer.dilation for layer in self._layers)
        owner = np.repeat(np.arange(len(cues)), sizes)
        tokens = np.arange(len(owner)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        # Rows of zeros stand before, between and after the windows, so that none sees another.
        rows = np.arange(len(owner)) + (owner + 1) * gap
        first = cues[:, 0]
        combined = np.zeros(len(owner), dtype=np.int64)
        for column, limit in enumerate(LINK_BETWEEN):
            counts = np.ascontiguousarray(reading.counts[:, column])
            combined *= 2 * limit + 1
            combined += np.clip(counts.take(tokens) - counts.take(first).take(owner), -limit, limit) + limit
        # Whole rows are faster taken than indexed.
        pair = self._between.take(combined, axis=0)
        pair += reading.link_tokens.take(tokens, axis=0)
        pair += self._distance.take(tokens - first.take(owner) + LINK_WINDOW[0], axis=0)
        pair += ((reading.link_cues[first] + reading.link_cues[cues[:, 1]]) / 2).take(owner, axis=0)
        stop = len(owner) + len(cues) * gap
        state = np.zeros((stop + 3 * gap, pair.shape[1]), dtype=np.float32)
        state[rows] = np.maximum(pair, 0, out=pair)
        gaps = np.ones(len(state), dtype=bool)
        gaps[rows] = False
        empty = np.flatnonzero(gaps)
        for layer in self._layers:
            state = layer(state, [(gap, stop)])
            state[empty] = 0
        return state[rows]


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
        step = 2 * self.dilation
        block = max(_BLOCK // state.shape[1] // step, 1) * step
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
