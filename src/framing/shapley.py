"""Which words make up a score, for a model that reads words in their order.

A linear model's score is the sum of its words' scores; a network's is not. Here every word's share is its Shapley
value, estimated by sampling: words are put back into an empty sentence in a random order, and each gets what the score
rises by when it comes. Along any order these rises sum to the score exactly, so their means do, too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["sampled_shapley"]


def sampled_shapley(
    score: Callable[[NDArray[np.bool_]], NDArray[np.float64]], size: int, *, orders: int, random_state: int
) -> tuple[NDArray[np.float64], float, float]:
    """Shares of players in a score, by sampled orders (Castro et al. 2009).

    Every order is followed by its reverse, which takes out much of the noise (Mitchell et al. 2022).

    Parameters
    ----------
    score : callable
        Takes which players are there, shape (n, size), and gives the n scores.
    size : int
        Number of players.
    orders : int
        How many orders, each counted with its reverse.
    random_state : int

    Returns
    -------
    shares : ndarray of float64, shape (size,)
    everybody, nobody : float
        The score with all players and with none; the shares sum to the difference.

    References
    ----------
    J. Castro, D. Gómez and J. Tejada (2009), Polynomial calculation of the Shapley value based on sampling.
    R. Mitchell, J. Cooper, E. Frank and G. Holmes (2022), Sampling permutations for Shapley value estimation.

    Examples
    --------
    >>> def both(there):
    ...     return there[:, 0] * there[:, 1] * 2.0
    >>> shares, everybody, nobody = sampled_shapley(both, 2, orders=1, random_state=0)
    >>> shares.tolist(), everybody, nobody
    ([1.0, 1.0], 2.0, 0.0)
    """
    random = np.random.default_rng(random_state)
    ways = [order for _ in range(orders) for order in _pair(random.permutation(size))]
    there = np.zeros((2 + len(ways) * max(size - 1, 0), size), dtype=bool)
    there[1] = True
    row = 2
    for order in ways:
        for step in range(1, size):
            there[row, order[:step]] = True
            row += 1
    scores = score(there)
    nobody, everybody = float(scores[0]), float(scores[1])
    shares = np.zeros(size)
    if size:
        inner = scores[2:].reshape(len(ways), size - 1)
        for order, between in zip(ways, inner, strict=True):
            shares[order] += np.diff(np.concatenate([[nobody], between, [everybody]]))
    return shares / len(ways), everybody, nobody


def _pair(order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return order, order[::-1]
