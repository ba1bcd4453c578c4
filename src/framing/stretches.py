"""Stretches of tokens with one label: from token probabilities to clause-level statements.

The network gives every token a probability for each of the four labels and for the attribution frame.
Here these become statements: the most likely sequence of labels in each sentence when a change of label
costs something, and costs less where clauses meet (Viterbi 1967), read together with the attributions
so that what stands in a source's content is the source's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.links import LINK_WINDOW
from framing.relations import Relation
from framing.tokens import STATEMENT_LABELS, Encoded, Readings, has_letters

__all__ = [
    "Stretch",
    "change_costs",
    "content_probability",
    "find_statements",
    "fuse",
    "stretch_probabilities",
    "viterbi",
]

_BEFORE, _ = LINK_WINDOW
_FRAME = STATEMENT_LABELS.index("frame")
_RULED_OUT = np.float32(1e-3)
_UNLIKELY = np.float32(0.05)
_CLAUSE_WORDS = frozenset(
    "and but or nor yet so while whereas although though because since if unless until when where which who "
    "that as after before than whether adding saying".split()
)
_CLAUSE_MARKS = frozenset(",;:—–-()[]\"“”‘«».!?…") | {"--", "..."}


_HYPHENS = frozenset("-–")
_BOUND = frozenset("a an the of its his her their our my your this these those no every some any very".split())
"""Words that never end a clause."""


class Stretch(NamedTuple):
    """One statement in tokens of its text.

    Attributes
    ----------
    first, last : int
        First and last token.
    sentence : int
        Number of the sentence.
    probabilities : ndarray of float64, shape (4,)
        Of author_fact, author_opinion, source_fact, source_opinion; they sum to 1.
    """

    first: int
    last: int
    sentence: int
    probabilities: NDArray[np.float64]


def content_probability(size: int, relations: Sequence[Relation]) -> NDArray[np.float32]:
    """Probability of every token to be in the content of some attribution."""
    best = np.zeros(size, dtype=np.float32)
    for relation in relations:
        start = relation.cue[0] - _BEFORE
        first, last = max(start, 0), min(start + len(relation.place), size)
        window = relation.place[first - start : last - start] * np.float32(relation.probability)
        np.maximum(best[first:last], window, out=best[first:last])
    return best


def fuse(
    reading: Readings, relations: Sequence[Relation], decoding: Mapping[str, float]
) -> NDArray[np.float32]:
    """Token probabilities of the five labels, in agreement with the attributions that are likely enough.

    What is a source's content is not the author's, and a cue is part of no statement. The two readings come
    from one network but from corpora that draw the line differently (PolNeAR counts plans and questions as
    attributions), so attributions decide only from the probability ``decoding["force"]`` on.
    """
    fused = np.maximum(reading.statements, 1e-6)
    content = content_probability(len(fused), relations) >= decoding["force"]
    # What the author would have said, fact or opinion, the source says.
    fused[content, 2:4] += fused[content, :2]
    fused[content, :2] *= _RULED_OUT
    for relation in relations:
        if relation.probability >= decoding["force"]:
            fused[relation.cue[0] : relation.cue[1] + 1, :4] *= _UNLIKELY
    fused /= fused.sum(axis=1, keepdims=True)
    return fused


def change_costs(encoded: Encoded, decoding: Mapping[str, float]) -> NDArray[np.float32]:
    """Cost of a change of label before every token: small where clauses meet."""
    words, spans = " ".join(encoded.words).lower().split(" "), encoded.spans  # all at once: no token holds a blank
    mark = np.fromiter(map(_CLAUSE_MARKS.__contains__, words), dtype=bool, count=len(words))
    meet = np.fromiter(map(_CLAUSE_WORDS.__contains__, words), dtype=bool, count=len(words))
    if len(words) > 2:  # "the Homs–Palmyra road": a dash within a word parts nothing
        joined = spans[:-1, 1] == spans[1:, 0]
        dash = np.fromiter(map(_HYPHENS.__contains__, words), dtype=bool, count=len(words))
        mark[1:-1] &= ~(dash[1:-1] & joined[:-1] & joined[1:])
    meet[1:] |= mark[:-1]
    costs = np.where(meet, decoding["clause"], decoding["inside"]).astype(np.float32)
    bound = np.fromiter(map(_BOUND.__contains__, words), dtype=bool, count=len(words))
    costs[1:][bound[:-1]] = 2 * decoding["inside"]
    return costs


def find_statements(
    encoded: Encoded,
    bounds: Sequence[tuple[int, int]],
    fused: NDArray[np.float32],
    decoding: Mapping[str, float],
) -> list[Stretch]:
    """Cut sentences into statements and attribution frames; only the statements are returned.

    Parameters
    ----------
    encoded : Encoded
    bounds : sequence of (int, int)
        First token and token after the last of every sentence.
    fused : ndarray of float32, shape (n_tokens, 5)
        As from :func:`fuse`.
    decoding : mapping of str to float
        Costs and the temperature of the probabilities, as in the model's manifest.

    Returns
    -------
    list of Stretch
        In the order of the text, not overlapping, each in one sentence.
    """
    labels = viterbi(np.log(fused), change_costs(encoded, decoding), bounds)
    words = np.zeros(len(labels) + 1, dtype=np.int64)  # with letters, up to each token
    np.cumsum(np.fromiter(map(has_letters, encoded.words), dtype=bool, count=len(labels)), out=words[1:])
    counts = words.tolist()
    found = [
        (first, last, number)
        for number, runs in enumerate(_runs(labels, bounds))
        for label, first, last in _absorb(runs, counts, int(decoding["least"]))
        if label != _FRAME and counts[last + 1] > counts[first]
    ]
    places = np.array(found, dtype=np.int64).reshape(-1, 3)
    scores = stretch_probabilities(fused, places[:, :2], decoding["temperature"])
    return [Stretch(*place, probabilities) for place, probabilities in zip(found, scores, strict=True)]


def stretch_probabilities(
    fused: NDArray[np.float32], places: NDArray[np.int64], temperature: float
) -> NDArray[np.float64]:
    """Probabilities of the four labels of stretches, shape (n_stretches, 4); places are their first and last tokens."""
    sums = np.zeros((len(fused) + 1, 4))
    np.cumsum(np.log(np.maximum(fused[:, :4], 1e-6)), axis=0, out=sums[1:])
    first, after = places[:, 0], places[:, 1] + 1
    means = (sums[after] - sums[first]) / ((after - first) * temperature)[:, None]
    scores = np.exp(means - means.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    return np.asarray(scores)


def viterbi(
    scores: NDArray[np.float32], costs: NDArray[np.float32], bounds: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """Most likely labels of every sentence when changing the label before token t costs ``costs[t]``.

    All sentences advance together, one token a step, so the number of NumPy calls is that of the longest.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_tokens, n_labels)
        Log-probabilities.
    costs : ndarray of float32, shape (n_tokens,)
    bounds : sequence of (int, int)
        First token and token after the last of every sentence.

    Returns
    -------
    ndarray of int64, shape (n_tokens,)
        0 outside the sentences.
    """
    labels = np.zeros(len(scores), dtype=np.int64)
    limits = np.array([pair for pair in bounds if pair[1] > pair[0]], dtype=np.int64).reshape(-1, 2)
    if not len(limits):
        return labels
    limits = limits[np.argsort(limits[:, 0] - limits[:, 1], kind="stable")]  # longest first
    starts, lengths = limits[:, 0], limits[:, 1] - limits[:, 0]
    changed = np.zeros(scores.shape, dtype=bool)  # whether the best path into (token, label) changes label
    best_before = np.zeros(len(scores), dtype=np.int64)
    total = scores[starts].copy()
    final = np.zeros(len(starts), dtype=np.int64)
    active = len(starts)
    for step in range(1, int(lengths[0]) + 1):
        still = int(np.searchsorted(-lengths, -step, side="left"))  # sentences longer than step
        final[still:active] = total[still:active].argmax(axis=1)
        active = still
        if not active:
            break
        at = starts[:active] + step
        before = total[:active]
        best = before.argmax(axis=1)
        jump = before[np.arange(active), best] - costs[at]
        jumps = jump[:, None] > before
        changed[at] = jumps
        best_before[at] = best
        total[:active] = np.where(jumps, jump[:, None], before) + scores[at]
    current = final
    active = 0
    for step in range(int(lengths[0]) - 1, -1, -1):
        active = int(np.searchsorted(-lengths, -step, side="left"))
        at = starts[:active] + step
        labels[at] = current[:active]
        jumped = changed[at, current[:active]]
        current[:active] = np.where(jumped, best_before[at], current[:active])
    return labels


def _runs(
    labels: NDArray[np.int64], bounds: Sequence[tuple[int, int]]
) -> Iterator[list[tuple[int, int, int]]]:
    """(label, first, last) of every run of equal labels, sentence by sentence."""
    changes = np.flatnonzero(np.diff(labels)) + 1
    limits = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    lows = np.searchsorted(changes, limits[:, 0], side="right").tolist()
    highs = np.searchsorted(changes, limits[:, 1], side="left").tolist()
    cuts, label = changes.tolist(), labels.tolist()
    for (start, stop), low, high in zip(bounds, lows, highs, strict=True):
        edges = [start, *cuts[low:high], stop] if stop > start else []
        yield [(label[a], a, b - 1) for a, b in pairwise(edges)]


def _absorb(runs: list[tuple[int, int, int]], counts: Sequence[int], least: int) -> list[tuple[int, int, int]]:
    """Give stretches with fewer than ``least`` words, and lone punctuation, to the run before or after."""
    kept: list[tuple[int, int, int]] = []
    pending: int | None = None  # first token of runs waiting for the next one
    for label, first, last in runs:
        words = counts[last + 1] - counts[first]
        if words < (1 if label == _FRAME else least) and len(runs) > 1:
            if kept and pending is None:
                kept[-1] = (kept[-1][0], kept[-1][1], last)
            elif pending is None:
                pending = first
            continue
        first = first if pending is None else pending
        pending = None
        if kept and kept[-1][0] == label:
            kept[-1] = (label, kept[-1][1], last)
        else:
            kept.append((label, first, last))
    if pending is not None:  # nothing but short runs
        label = max(runs, key=lambda run: run[2] - run[1])[0]
        kept.append((label, pending, runs[-1][2]))
    return kept
