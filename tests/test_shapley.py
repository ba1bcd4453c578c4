"""Sampled Shapley values."""

import numpy as np
import pytest

from framing.shapley import sampled_shapley


def test_shares_sum_to_the_score_exactly_for_any_game():
    random = np.random.default_rng(3)
    weights = random.normal(size=(7, 7))

    def score(there):
        return np.einsum("ni,ij,nj->n", there, weights, there) + 1.5

    shares, everybody, nobody = sampled_shapley(score, 7, orders=2, random_state=0)
    assert nobody == 1.5
    assert everybody == pytest.approx(weights.sum() + 1.5)
    assert shares.sum() == pytest.approx(everybody - nobody)


def test_an_additive_game_gives_everybody_their_own():
    values = np.array([0.5, -2.0, 0.0, 3.0])
    shares, _, _ = sampled_shapley(lambda there: there @ values, 4, orders=1, random_state=1)
    np.testing.assert_allclose(shares, values)


def test_a_pair_that_works_together_shares_alike():
    def score(there):
        return (there[:, 0] & there[:, 2]).astype(float)

    shares, _, _ = sampled_shapley(score, 3, orders=1, random_state=5)  # an order and its reverse
    np.testing.assert_allclose(shares, [0.5, 0.0, 0.5])


def test_nobody_is_no_error():
    shares, everybody, nobody = sampled_shapley(lambda there: np.full(len(there), 2.0), 0, orders=1, random_state=0)
    assert (shares.size, everybody, nobody) == (0, 2.0, 2.0)
