"""What a frame classifier learns from labelled articles, on top of what the seeds say.

The seed scores enter every model as an offset: the learned scores of words explain only what the seeds do not.
How far labels are trusted (the strength of the penalty, and whether to learn scores of words at all) is decided
by cross-validation within the labelled articles, in which the seeds alone are one of the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.codebook import Frame
from framing.frame_scores import PRIOR_WEIGHT, SeedBlock, position_weights
from framing.linear import sigmoid
from framing.sentences import split_sentences
from framing.text import split_words
from framing.vectors import bundled_vectors
from framing.word_rows import bundled_features, count_matrix, length_weights

__all__ = [
    "STRENGTHS",
    "Learned",
    "Reading",
    "article_rows",
    "calibrate_frames",
    "frame_cuts",
    "learn_frames",
    "read_sentences",
    "softmax",
]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

STRENGTHS = (0.0, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0)
"""Inverse strengths of the penalty that are tried; 0 leaves the seeds alone."""

_FOLDS = 5
_FEW = 2000  # articles up to which rotating the rows is cheaper than the rows themselves
_ACROSS = ("words", "characters")  # groups that carry over between topics; static vectors know the topic too well
_STEPS = 150


class Reading(NamedTuple):
    """Tokens of texts, sentence by sentence.

    Attributes
    ----------
    tokens : list of str
    ranges : ndarray of int64, shape (n_sentences, 2)
        First token and token after the last.
    positions, owners : ndarray of int64, shape (n_sentences,)
        Number of the sentence in its text, and of the text.
    """

    tokens: list[str]
    ranges: Ints
    positions: Ints
    owners: Ints


def read_sentences(texts: Sequence[str]) -> Reading:
    """Cut texts into sentences and tokens."""
    tokens: list[str] = []
    ranges: list[tuple[int, int]] = []
    positions: list[int] = []
    owners: list[int] = []
    for owner, text in enumerate(texts):
        for position, (start, end) in enumerate(split_sentences(text)):
            first = len(tokens)
            tokens += split_words(text, start, end)
            ranges.append((first, len(tokens)))
            positions.append(position)
            owners.append(owner)
    limits = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    return Reading(tokens, limits, np.array(positions, dtype=np.int64), np.array(owners, dtype=np.int64))


def article_rows(
    texts: Sequence[str], frames: Sequence[Frame], *, across_topics: bool = True
) -> tuple[sp.csr_matrix, Doubles]:
    """What a frame model learns from: means over sentences as a frame scorer's article logits take them.

    Parameters
    ----------
    texts : sequence of str
    frames : sequence of Frame
    across_topics : bool
        Whether to keep only what carries over between topics: words and letter groups, no names.

    Returns
    -------
    rows : csr_matrix of float32, shape (n_texts, n_features)
    seeds : ndarray of float64, shape (n_texts, n_frames)
        Seed scores.
    """
    space = bundled_features()
    tokens, ranges, positions, owners = read_sentences(texts)
    index = {word: row for row, word in enumerate(dict.fromkeys(tokens))}
    ids = np.fromiter((index[token] for token in tokens), dtype=np.int64, count=len(tokens))
    rows = space.rows(list(index))
    bounds = np.r_[ranges[:, 0], len(tokens)] if len(ranges) else np.zeros(1, dtype=np.int64)
    weights = position_weights(positions)
    total = np.bincount(owners, weights=weights, minlength=len(texts)) + PRIOR_WEIGHT
    share = sp.csr_matrix((weights / total[owners], (owners, np.arange(len(owners)))), shape=(len(texts), len(owners)))
    counts = share @ sp.diags_array(length_weights(np.diff(bounds))) @ count_matrix(ids, bounds, len(index))
    content = rows.joined(mask_names=False)
    if across_topics:
        keep = np.zeros(space.n_features, dtype=np.float32)
        for group in _ACROSS:
            keep[space.slices[group]] = 1
        content = sp.diags_array((~rows.names).astype(np.float32)) @ rows.content @ sp.diags_array(keep)
    learned = sp.csr_matrix(counts @ content, dtype=np.float32)
    seeds = np.asarray(counts @ SeedBlock(frames, bundled_vectors()).columns(rows))
    return learned, seeds.astype(np.float64)


class Learned(NamedTuple):
    """What was learned on top of offsets.

    Attributes
    ----------
    strength : float
        The inverse strength that did best.
    loose : ndarray of float64, shape (n_texts, n_frames)
        Evidence of every text, offset included, by models that did not see it.
    weights : ndarray of float32, shape (n_features, n_frames)
    intercepts : ndarray of float64, shape (n_frames,)
    slope : float
    shifts : ndarray of float64, shape (n_frames,)
        ``slope * evidence + shifts`` are calibrated log odds.
    """

    strength: float
    loose: Doubles
    weights: Floats
    intercepts: Doubles
    slope: float
    shifts: Doubles


def learn_frames(
    rows: sp.csr_matrix,
    offsets: Doubles,
    target: NDArray[np.bool_],
    strengths: Sequence[float] = STRENGTHS,
    *,
    exclusive: bool = False,
    importance: Doubles | None = None,
) -> Learned:
    """Learn scores of words, trusting labels as far as cross-validation bears them out.

    Parameters
    ----------
    rows : csr_matrix, shape (n_texts, n_features)
    offsets : ndarray of float64, shape (n_texts, n_frames)
        What is known of each text before: log odds from the seeds.
    target : ndarray of bool, shape (n_texts, n_frames)
    strengths : sequence of float
        Candidates, rising.
    exclusive : bool
        Whether every text has one frame only (softmax) instead of any number (sigmoids).
    importance : ndarray of float64, shape (n_texts,), optional
        Weights of the texts; all 1 by default.

    Returns
    -------
    Learned
    """
    importance = np.ones(len(target)) if importance is None else importance
    folds = np.random.default_rng(0).permutation(len(target)) % max(min(_FOLDS, len(target)), 1)
    loose = [np.zeros(target.shape) for _ in strengths]
    for fold in np.unique(folds) if len(target) > 1 else ():
        inside = folds == fold
        path = _path(rows[~inside], offsets[~inside], target[~inside], strengths, exclusive, importance[~inside])
        for scores, (weights, intercepts) in zip(loose, path, strict=True):
            scores[inside] = rows[inside] @ weights + intercepts + offsets[inside]
    scales = [calibrate_frames(scores, target, exclusive=exclusive, importance=importance) for scores in loose]
    pairs = zip(loose, scales, strict=True)
    losses = importance * [_losses(scores * slope + shifts, target, exclusive) for scores, (slope, shifts) in pairs]
    # The candidate nearest to the seeds that is not worse than the best by more than one standard error.
    excess = losses - losses[losses.mean(axis=1).argmin()]
    error = excess.std(axis=1) / max(len(target), 1) ** 0.5
    best = int((excess.mean(axis=1) <= error).argmax())
    weights, intercepts = _path(rows, offsets, target, strengths[: best + 1], exclusive, importance)[-1]
    return Learned(strengths[best], loose[best], weights, intercepts, *scales[best])


def _path(
    rows: sp.csr_matrix,
    offsets: Doubles,
    target: NDArray[np.bool_],
    strengths: Sequence[float],
    exclusive: bool,
    importance: Doubles,
) -> list[tuple[Floats, Doubles]]:
    """Weights and intercepts at each strength, every one starting from the one before.

    Where rows are few, they are first rotated into as many dimensions as there are rows, which leaves the
    solution as it is (representer theorem) and the work small.
    """
    from scipy.optimize import minimize  # a tenth of a second that reading never pays

    design: Any = rows
    back: Any = None
    if rows.shape[0] <= _FEW:
        gram = np.asarray((rows @ rows.T).todense(), dtype=np.float64)
        values, axes = np.linalg.eigh(gram)
        kept = values > 1e-9 * max(float(values[-1]), 1e-9)
        design = axes[:, kept] * np.sqrt(values[kept])
        back = axes[:, kept] / np.sqrt(values[kept])
    width, count = design.shape[1], target.shape[1]
    truth = target.astype(np.float64)

    def loss(flat: Doubles, strength: float) -> tuple[float, Doubles]:
        table = flat.reshape(width + 1, count)
        scores = design @ table[:width] + table[width] + offsets
        chance = softmax(scores) if exclusive else sigmoid(scores)
        excess = strength * (chance - truth) * importance[:, None]
        gradient = np.vstack([design.T @ excess + table[:width], excess.sum(axis=0) + 1e-3 * table[width]])
        penalty = 0.5 * float((table[:width] ** 2).sum() + 1e-3 * (table[width] ** 2).sum())
        return strength * float(_losses(scores, target, exclusive) @ importance) + penalty, gradient.ravel()

    flat = np.zeros((width + 1) * count)
    path: list[tuple[Floats, Doubles]] = []
    for strength in strengths:
        if strength > 0:
            flat = minimize(
                loss, flat, args=(strength,), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
            ).x
        table = flat.reshape(width + 1, count)
        weights = table[:width] if back is None else rows.T @ (back @ table[:width])
        path.append((np.asarray(weights, dtype=np.float32), table[width].copy()))
    return path


def _losses(scores: Doubles, target: NDArray[np.bool_], exclusive: bool) -> Doubles:
    """Negative log likelihood of every text."""
    if exclusive:
        return np.asarray(np.logaddexp.reduce(scores, axis=1) - (scores * target).sum(axis=1))
    return np.asarray(np.logaddexp(0, np.where(target, -scores, scores)).sum(axis=1))


def softmax(scores: Doubles) -> Doubles:
    """Chances of exclusive labels, shape (n_texts, n_labels), from their log odds up to a constant."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def calibrate_frames(
    scores: Doubles, target: NDArray[np.bool_], *, exclusive: bool = False, importance: Doubles | None = None
) -> tuple[float, Doubles]:
    """One slope for all frames and an offset for each, from scores of articles not trained on (Platt 1999).

    With exclusive frames it is temperature scaling (Guo et al. 2017) with offsets.
    """
    from scipy.optimize import minimize

    count = target.shape[1]
    share = np.ones(len(target)) if importance is None else importance
    if target.all() or not target.any():
        return 1.0, np.zeros(count)

    def loss(values: Doubles) -> tuple[float, Doubles]:
        slope, shifts = np.exp(values[0]), values[1:]
        logits = scores * slope + shifts
        excess = ((softmax(logits) if exclusive else sigmoid(logits)) - target) * share[:, None]
        # A light penalty keeps a frame that never or always occurs finite, and few labels near the seeds.
        gradient = np.r_[(excess * scores).sum() * slope + 0.5 * values[0], excess.sum(axis=0) + 0.1 * shifts]
        penalty = 0.25 * values[0] ** 2 + 0.05 * float(shifts @ shifts)
        return float(_losses(logits, target, exclusive) @ share) + penalty, gradient

    found = minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=[(-7, 3)] + [(None, None)] * count)
    return float(np.exp(found.x[0])), found.x[1:].astype(np.float64)


def frame_cuts(probabilities: Doubles, decide: str) -> Doubles:
    """Probability of each frame from which on it counts as present.

    The one with the best F1 that the probabilities themselves promise; next to counting hits this has
    less noise where a frame is rare.
    """
    cuts = np.full(probabilities.shape[1], 0.5)
    if decide == "micro_f1":
        cuts[:] = _promising_cut(probabilities.ravel())
    elif decide == "macro_f1":
        cuts[:] = [_promising_cut(column) for column in probabilities.T]
    return np.clip(cuts, 0.01, 0.99)


def _promising_cut(probabilities: Doubles) -> float:
    falling = np.sort(probabilities)[::-1]
    f1 = 2 * np.cumsum(falling) / (np.arange(1, len(falling) + 1) + falling.sum())
    best = int(f1.argmax())
    return float(falling[best] + falling[min(best + 1, len(falling) - 1)]) / 2
