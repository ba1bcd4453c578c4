"""Word scores and the tracks of a token model read together.

A sentence's score is what the word models say of it and what the token model of the tier, the network or the encoder,
adds. Both are sums over tokens, so the blend is one, too: scorers read a :class:`BlendedSheet` as they read any
:class:`framing.linear.Sheet`, and contributions still add up to scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.linear import Block, Sheet, range_places
from framing.once import COMPUTING

__all__ = ["Blend", "BlendedSheet"]

Floats = NDArray[np.float32]


class Blend(NamedTuple):
    """How a block's sums and the means of a token model's tracks make up a score.

    Attributes
    ----------
    share : ndarray of float32, shape (width,)
        Weight of the block's own columns.
    weight : ndarray of float32, shape (n_tracks, width)
        Weights of the tracks' means.
    shift : ndarray of float32, shape (width,)
        What is added besides.
    """

    share: Floats
    weight: Floats
    shift: Floats

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Blend:
        """The blend stored under a name."""
        parts = (arrays[f"blend.{name}.{part}"].astype(np.float32) for part in cls._fields)
        return cls(*parts)


class BlendedSheet(Sheet):
    """A sheet whose numbers are blends.

    Parameters
    ----------
    sheet : Sheet
    tracks : ndarray of float32, shape (n_tokens, n_tracks)
        Of the same tokens.
    blends : sequence of (Block, Blend)
        Blocks without a blend are read as they are.
    """

    def __init__(self, sheet: Sheet, tracks: Floats, blends: Sequence[tuple[Block, Blend]]) -> None:
        self.ids = sheet.ids
        self._sheet = sheet
        self._tracks = tracks
        self._blends = blends

    def _blend(self, block: Block) -> Blend | None:
        return next((blend for known, blend in self._blends if known is block), None)

    def sums(self, block: Block, ranges: NDArray[np.integer[Any]]) -> Floats:
        """As :meth:`framing.linear.Sheet.sums`, blended; an empty range has the shift alone."""
        sums, blend = self._sheet.sums(block, ranges), self._blend(block)
        if blend is None:
            return sums
        sizes, places = range_places(ranges)
        weights = np.repeat(1 / np.maximum(sizes, 1), sizes).astype(np.float32)
        # Range by range, so that a mean does not depend on what else is on the sheet.
        rows = (weights, places, np.r_[0, np.cumsum(sizes)])
        gather = sp.csr_matrix(rows, shape=(len(sizes), len(self._tracks)))
        with COMPUTING:
            return np.asarray(sums * blend.share + (gather @ self._tracks) @ blend.weight + blend.shift)

    def values(self, block: Block) -> Floats:
        """Numbers of every token, blended, shape (n_tokens, width)."""
        values, blend = self._sheet.values(block), self._blend(block)
        if blend is None:
            return values
        with COMPUTING:
            return values * blend.share + self._tracks @ blend.weight + blend.shift

    def contributions(self, block: Block, first: int, stop: int) -> Floats:
        """Shares of a range's tokens in its sums, shape (n_tokens, width); they add up to the sums."""
        shares, blend = self._sheet.contributions(block, first, stop), self._blend(block)
        if blend is None:
            return shares
        inside = self._tracks[first:stop]
        return shares * blend.share + (inside @ blend.weight + blend.shift) / np.float32(max(len(inside), 1))
