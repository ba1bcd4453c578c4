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

__all__ = ["LINK_BETWEEN", "LINK_WINDOW", "LinkHead", "gated", "linear", "link_buckets", "sigmoid", "softmax"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LINK_WINDOW = (112, 144)
"""Tokens before and from a cue on that can be its source or content."""

LINK_BETWEEN = (3, 6, 4)
"""How many paragraph breaks, sentence ends and other cues between a cue and a token are told apart."""

_BLOCK = 512  # rows of one matrix product: input and output stay in the cache


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
        self._dilations = [int(d) for d in dilations]
        self._distance = arrays["link_distance.weight"][link_buckets()]

    def __call__(self, reading: Readings, cues: NDArray[np.int64]) -> Floats:
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
            pad = max(self._dilations)
            state = np.zeros((len(part), high - low + pad, pair.shape[2]), dtype=np.float32)
            state[:, :-pad] = np.maximum(pair, 0) * real[..., None]
            blank = np.ones(state.shape[:2], dtype=bool)
            blank[:, :-pad] = ~real
            flat = np.concatenate([np.zeros((pad, state.shape[2]), np.float32), state.reshape(-1, state.shape[2])])
            gaps = np.concatenate([np.ones(pad, dtype=bool), blank.ravel()])
            for number, dilation in enumerate(self._dilations):
                flat = gated(flat, arrays, f"link_convolutions.{number}", f"link_norms.{number}", dilation)
                flat[gaps] = 0
            scores = softmax(linear(flat[pad:], arrays, "link")).reshape(len(part), -1, 3)[:, :-pad]
            scores[~real] = (1, 0, 0)
            out[at : at + 32, low:high] = scores
        return out


def linear(x: Floats, arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """``x`` times a weight plus its bias."""
    return x @ arrays[f"{name}.weight"] + arrays[f"{name}.bias"]


def sigmoid(x: Floats) -> Floats:
    """Logistic function, in the precision of ``x``."""
    with np.errstate(over="ignore"):  # exp overflows to infinity, and 1 / infinity is the right 0
        return np.float32(1) / (np.float32(1) + np.exp(-x))


def softmax(x: Floats) -> Floats:
    """Probabilities along the last axis."""
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    x /= x.sum(axis=-1, keepdims=True)
    return x


def gated(
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
        x = sigmoid(both[:, width:])
        x *= both[:, :width]
        x += state[start:stop]
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / np.float32(width)
        x *= (1 / np.sqrt(variance + np.float32(1e-5)))[:, None]
        x *= scale
        x += shift
        out[start:stop] = x
    return out
