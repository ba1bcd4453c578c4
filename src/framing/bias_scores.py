"""Biased sentences and loaded words as tables of word scores.

An analysis of many articles reads them together (see :mod:`framing.linear`)::

    bias, loaded = BiasScorer.bundled(), LoadedScorer.bundled()
    table = WordTable([bias.block, loaded.block, …], bundled_features())
    sheet = table.read(tokens)                      # tokens of one document, none empty
    readings = bias.read(sheet, ranges)             # ranges of sentences or statements, (n, 2) tokens
    readings.bias, readings.opinion, readings.author_opinion          # probabilities, (n,)
    probabilities = loaded.read(sheet, sentences)   # of every token, 0 outside the sentences
    loaded.spans(probabilities, ranges)             # for each range [(first, stop, score), …]

A document's score, or a voice's, is the mean of its ranges' probabilities weighted by their length
(:func:`mean_score`), so that splitting a statement in two does not change it much.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.linear import CurvedBlock, LinearBlock, Sheet, load_weights, range_places, sigmoid
from framing.models import model_path
from framing.once import once
from framing.persistence import load_model
from framing.word_rows import bundled_features

__all__ = ["WINDOW", "BiasReadings", "BiasScorer", "LoadedScorer", "loaded_runs", "mean_score"]

Floats = NDArray[np.float32]

WINDOW = (-2, -1, 0, 1, 2)
"""Places around a word whose words count for it."""


class BiasReadings(NamedTuple):
    """What sentences or statements sound like.

    Attributes
    ----------
    bias : ndarray of float64, shape (n_ranges,)
        Probability that a trained reader calls it biased.
    opinion : ndarray of float64, shape (n_ranges,)
        Probability that it expresses opinion, whoever's.
    author_opinion : ndarray of float64, shape (n_ranges,)
        Probability that it expresses the outlet's own opinion.
    """

    bias: NDArray[np.float64]
    opinion: NDArray[np.float64]
    author_opinion: NDArray[np.float64]


class BiasScorer:
    """Sentence models side by side.

    Parameters
    ----------
    block : CurvedBlock
        Of bias, opinion and author's opinion.
    intercepts : ndarray of float32, shape (3,)

    Attributes
    ----------
    block : CurvedBlock
        What a :class:`framing.linear.WordTable` must hold.
    """

    def __init__(self, block: CurvedBlock, intercepts: Floats) -> None:
        self.block = block
        self.intercepts = intercepts

    @staticmethod
    def bundled() -> BiasScorer:
        """The models that ship with the package, read once."""
        return _bundled_bias()

    def read(self, sheet: Sheet, ranges: NDArray[np.integer[Any]]) -> BiasReadings:
        """Probabilities for ranges of tokens.

        Parameters
        ----------
        sheet : Sheet
        ranges : ndarray of int, shape (n_ranges, 2)
            First token and token after the last. An empty range has the models' base rates.
        """
        logits = sheet.sums(self.block, ranges).astype(np.float64) + self.intercepts
        return BiasReadings(*sigmoid(logits).T)


def mean_score(scores: NDArray[np.float64], sizes: NDArray[np.integer[Any]]) -> float:
    """Mean of ranges' scores weighted by their length; 0 without ranges.

    Examples
    --------
    >>> mean_score(np.array([0.1, 0.4]), np.array([20, 10]))
    0.2
    """
    total = float(np.sum(sizes))
    return round(float(scores @ sizes) / total, 12) if total else 0.0


class LoadedScorer:
    """Word-level model: scores of a word, its neighbours up to two places away, and its sentence.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, 7)
        Scores of words two and one places before, at the place, one and two after; of the sentence; and
        1 for words (tokens that begin with a letter), which alone can be loaded.
    intercept : float
    threshold : float
        Least probability of a loaded word.

    Attributes
    ----------
    block : LinearBlock
        What a :class:`framing.linear.WordTable` must hold.
    """

    def __init__(self, weights: Floats, intercept: float, threshold: float) -> None:
        self.block = LinearBlock(weights, mask_identities=True)
        self.intercept = intercept
        self.threshold = threshold

    @staticmethod
    def bundled() -> LoadedScorer:
        """The model that ships with the package, read once."""
        return _bundled_loaded()

    def with_threshold(self, threshold: float) -> LoadedScorer:
        """The same model, whose words are loaded from another probability on."""
        scorer = copy.copy(self)  # with the same block, by which sheets know it
        scorer.threshold = threshold
        return scorer

    def logits(self, sheet: Sheet, sentences: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Log odds of every token to be loaded, minus infinity for marks and outside the sentences.

        Parameters
        ----------
        sheet : Sheet
        sentences : ndarray of int, shape (n_sentences, 2)
            First token and token after the last, not overlapping.

        Returns
        -------
        ndarray of float64, shape (n_tokens,)
        """
        values = sheet.values(self.block)
        owner = np.full(len(values), -1, dtype=np.int64)
        sizes, places = range_places(sentences)
        owner[places] = np.repeat(np.arange(len(sizes)), sizes)
        out = values[:, 2].astype(np.float64)
        for column, shift in enumerate(WINDOW):
            if not shift:
                continue
            near, here = (
                (slice(None, shift), slice(-shift, None)) if shift < 0 else (slice(shift, None), slice(None, -shift))
            )
            out[here] += np.where(owner[near] == owner[here], values[near, column], 0)
        context = sheet.sums(self.block, sentences)[:, 5]
        inside = (owner >= 0) & (values[:, 6] > 0.5)
        out[inside] += context[owner[inside]] + self.intercept
        out[~inside] = -np.inf
        return out

    def read(self, sheet: Sheet, sentences: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Probability of every token to be loaded, 0 outside the sentences, shape (n_tokens,)."""
        logits = self.logits(sheet, sentences)
        return np.where(np.isneginf(logits), 0.0, sigmoid(logits))

    def spans(
        self, probabilities: NDArray[np.float64], ranges: NDArray[np.integer[Any]]
    ) -> list[list[tuple[int, int, float]]]:
        """Runs of loaded tokens in each range.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (n_tokens,)
        ranges : ndarray of int, shape (n_ranges, 2)

        Returns
        -------
        list of list of (first, stop, score)
            In tokens; the score is that of the run's likeliest token.
        """
        return loaded_runs(probabilities, ranges, self.threshold)


def loaded_runs(
    probabilities: NDArray[np.float64], ranges: NDArray[np.integer[Any]], threshold: float
) -> list[list[tuple[int, int, float]]]:
    """Runs of tokens with at least the threshold's probability, for each range."""
    found: list[list[tuple[int, int, float]]] = []
    high = np.flatnonzero(probabilities >= threshold)
    limits = np.asarray(ranges, dtype=np.int64).reshape(-1, 2)
    edges = np.searchsorted(high, limits)
    for left, right in edges.tolist():
        runs: list[tuple[int, int, float]] = []
        for at in high[left:right].tolist():
            score = float(probabilities[at])
            if runs and runs[-1][1] == at:
                runs[-1] = (runs[-1][0], at + 1, max(runs[-1][2], score))
            else:
                runs.append((at, at + 1, score))
        found.append(runs)
    return found


@once
def _bundled_bias() -> BiasScorer:
    """Both folders in one block: their models first, then each one's model of words."""
    stored = [load_model(model_path(name)) for name in ("bias", "opinion")]
    weights = [load_weights(model, bundled_features()) for model in stored]
    sizes = [model.arrays["shares"].shape[1] for model in stored]
    heads = [part[:, :size] for part, size in zip(weights, sizes, strict=True)]
    curves = [part[:, size:] for part, size in zip(weights, sizes, strict=True)]
    shares = np.zeros((2, sum(sizes)), dtype=np.float32)
    shares[0, : sizes[0]], shares[1, sizes[0] :] = (model.arrays["shares"] for model in stored)
    offsets = np.concatenate([model.arrays["offsets"] for model in stored])
    block = CurvedBlock(np.hstack(heads + curves), offsets, shares)
    return BiasScorer(block, np.concatenate([model.arrays["intercepts"] for model in stored]))


@once
def _bundled_loaded() -> LoadedScorer:
    stored = load_model(model_path("loaded"))
    weights, intercept = load_weights(stored, bundled_features()), float(stored.arrays["intercepts"][0])
    return LoadedScorer(weights, intercept, float(stored.manifest["config"]["threshold"]))
