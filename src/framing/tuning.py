"""Retraining on a user's own labels: the token models' heads, pulled towards what they were.

The layers below the heads stay as they are, so a handful of articles teaches without a GPU, and what the labels
do not speak of is kept. Every head is a maximum a posteriori estimate: multinomial (or, for roles, binary)
logistic regression whose weights have a normal prior around the bundled ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.document import Document
from framing.linear import sigmoid
from framing.links import LINK_WINDOW
from framing.metrics import Scores, match_attributions, relation_f1
from framing.record import LABELS
from framing.relations import (
    CALIBRATION_FEATURES,
    Relation,
    candidate_relations,
    complete,
    find_cues,
)
from framing.tagger import Tagger, place_relations
from framing.tokens import STATEMENT_LABELS, TokenModel

__all__ = ["GoldLink", "fit_head", "gold_links", "tune_attributions", "tune_statements"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

_FALSE_CUE = 0.1  # probability from which a cue that is none is an example of what ties nothing
_MOST_PLACES = 600_000  # places around cues that are learned from, at most; evenly spaced cues beyond
_FOLDS = 5
_THRESHOLDS = np.arange(0.1, 0.7, 0.02)
_TEMPERATURES = np.arange(0.6, 3.01, 0.05)
_ENOUGH = 20  # attributions, or statements, below which threshold and temperature stay


class GoldLink(NamedTuple):
    """A labelled attribution in tokens of its text.

    Attributes
    ----------
    cue : (int, int)
        First and last token of its longest piece.
    source, content : ndarray of int64
        All their tokens.
    """

    cue: tuple[int, int]
    source: Ints
    content: Ints


def gold_links(document: Document, attributions: Sequence[Mapping[str, Any]]) -> list[GoldLink]:
    """Labelled attributions in tokens; those without cue or content in title and body are left out."""

    def tokens(spans: Sequence[Sequence[int]]) -> list[Ints]:
        ranges = document.tokens_between(np.array(spans, dtype=np.int64).reshape(-1, 2))
        return [np.arange(first, stop) for first, stop in ranges.tolist() if stop > first]

    none = np.zeros(0, dtype=np.int64)
    found = []
    for attribution in attributions:
        cue, source, content = (tokens(attribution[role]) for role in ("cue", "source", "content"))
        if cue and content:
            longest = max(cue, key=len)
            found.append(
                GoldLink(
                    (int(longest[0]), int(longest[-1])), np.concatenate([none, *source]), np.concatenate(content)
                )
            )
    return found


def fit_head(
    states: Floats, targets: NDArray[Any], weight: Floats, bias: Floats, C: float, importance: Doubles | None = None
) -> tuple[Floats, Floats]:
    """Weights of a head that explain the targets and stay near those it had.

    Parameters
    ----------
    states : ndarray of float32, shape (n, width)
    targets : ndarray
        Shape (n,), int: one label each. Shape (n, n_labels), bool: labels that do not exclude each other.
    weight, bias : ndarray of float32, shapes (width, n_labels) and (n_labels,)
        Centre of the prior.
    C : float
        Variance of the prior; the greater, the farther the labels may move the weights.
    importance : ndarray of float64, shape (n,), optional
        How much each row counts; all 1 by default.

    Returns
    -------
    weight, bias : ndarray of float32
    """
    from scipy.optimize import minimize  # late: only retraining needs it

    x = np.column_stack([states, np.ones(len(states), np.float32)])
    start = np.vstack([weight, bias]).astype(np.float64)
    single = targets.ndim == 1
    rows = np.arange(len(x))
    share = np.ones(len(x), np.float32) if importance is None else importance.astype(np.float32)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.reshape(start.shape)
        scores = x @ moved.astype(np.float32)
        if single:
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            cost = -float((np.log(np.maximum(scores[rows, targets], 1e-12)) * share).sum(dtype=np.float64))
            scores[rows, targets] -= 1
        else:
            chance = sigmoid(scores)
            right = np.where(targets, chance, 1 - chance)
            cost = -float((np.log(np.maximum(right, 1e-12)) * share[:, None]).sum(dtype=np.float64))
            scores = chance - targets
        shift = moved - start
        gradient = x.T @ (scores.astype(np.float32) * share[:, None]) + shift / C
        return cost + float((shift**2).sum()) / (2 * C), gradient.ravel().astype(np.float64)

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    best = found.x.reshape(start.shape).astype(np.float32)
    return best[:-1], best[-1]


def tune_attributions(
    tagger: Tagger,
    documents: Sequence[Document],
    labels: Sequence[Sequence[Mapping[str, Any]]],
    C: float,
    importance: Doubles,
) -> tuple[dict[str, Floats], dict[str, float], float]:
    """Heads, calibration and threshold of a tagger's attributions, from labelled documents.

    The probabilities' calibration and the threshold come from documents that the heads that read them were not
    fitted on.

    Parameters
    ----------
    tagger : Tagger
    documents : sequence of Document
    labels : sequence of sequence of mapping
        Attributions of each document, as in the JSON record.
    C : float
        As for :func:`fit_head`.
    importance : ndarray of float64, shape (n_documents,)
        How much each document's labels count for the heads.

    Returns
    -------
    heads : dict of str to ndarray
        For :meth:`framing.tokens.TokenModel.with_heads`.
    calibration : dict of str to float
    threshold : float
    """
    links = [gold_links(document, gold) for document, gold in zip(documents, labels, strict=True)]
    decoding = tagger.decoding
    calibration, threshold = dict(decoding["calibration"]), float(decoding["threshold"])
    found: list[list[Relation]] = [[] for _ in documents]
    judged = []
    for rest, inside in _folds(len(documents)):
        model = tagger.network.with_heads(
            _fit_heads(tagger.network, [documents[i] for i in rest], [links[i] for i in rest], C, importance[rest])
        )
        for number in inside:
            document = documents[number]
            (reading,) = model.read([document.encoded])
            found[number] = candidate_relations(model, [document.encoded], [reading], calibration)[0]
            judged.append((number, reading))
    features, right = [], []
    for number, relations in enumerate(found):
        entries = place_relations(documents[number], relations)
        matched = {j for _, j in match_attributions(labels[number], entries)}
        features += [relation.features for relation in relations]
        right += [[j in matched] for j in range(len(relations))]
    if features:
        calibration = _calibrate(np.array(features), np.array(right), calibration, C)
    if sum(map(len, labels)) >= _ENOUGH and features:
        weights = np.array([calibration[name] for name in CALIBRATION_FEATURES])

        def score(level: float) -> float:
            total = Scores()
            for number, reading in judged:
                document = documents[number]
                sure = [
                    relation
                    for relation in found[number]
                    if sigmoid(relation.features @ weights + calibration["bias"]) >= level
                ]
                kept = complete(document.encoded, reading, sure)
                total += relation_f1(labels[number], place_relations(document, kept))
            return total.f1

        threshold = _plateau(score)
    return _fit_heads(tagger.network, documents, links, C, importance), calibration, threshold


def tune_statements(
    tagger: Tagger,
    documents: Sequence[Document],
    labels: Sequence[Sequence[Sequence[Any]]],
    C: float,
    importance: Doubles,
) -> tuple[dict[str, Floats], float]:
    """Head and temperature of a tagger's statements, from labelled documents.

    The temperature comes from documents that the head that reads them was not fitted on.

    Parameters
    ----------
    tagger : Tagger
    documents : sequence of Document
    labels : sequence of sequence of (start, end, label)
        Half-open ranges of code points with one of ``STATEMENT_LABELS``; what is in none is not learned from.
    C : float
        As for :func:`fit_head`.
    importance : ndarray of float64, shape (n_documents,)
        How much each document's labels count for the heads.

    Returns
    -------
    heads : dict of str to ndarray
        For :meth:`framing.tokens.TokenModel.with_heads`.
    temperature : float
    """
    targets = [_token_labels(document, rows) for document, rows in zip(documents, labels, strict=True)]
    states = list(tagger.network.states([document.encoded for document in documents]))

    def fit(numbers: Sequence[int]) -> dict[str, Floats]:
        wanted = np.concatenate([targets[i] for i in numbers])
        rows = np.concatenate([states[i] for i in numbers])
        known = wanted >= 0
        share = np.repeat(importance[numbers], [len(targets[i]) for i in numbers])
        weight, bias = fit_head(rows[known], wanted[known], *tagger.network.head("statement"), C, share[known])
        return {"statement.weight": weight, "statement.bias": bias}

    costs = tagger.decoding["statements"]
    scores, truth = [], []
    for rest, inside in _folds(len(documents)):
        other = tagger.tuned(fit(rest), statements={**costs, "temperature": 1.0})
        for number in inside:
            for stretch in other.tag([documents[number]])[0].stretches:
                gold = targets[number][stretch.first : stretch.last + 1]
                gold = gold[(gold >= 0) & (gold < len(LABELS))]
                if len(gold):
                    truth.append(int(np.bincount(gold).argmax()))
                    scores.append(np.log(np.maximum(stretch.probabilities, 1e-9)))
    temperature = float(costs["temperature"])
    if len(truth) >= _ENOUGH:
        logits, rows = np.array(scores), np.arange(len(truth))

        def likelihood(level: float) -> float:
            scaled = logits / level
            return float((scaled[rows, truth] - np.log(np.exp(scaled).sum(axis=1))).mean())

        temperature = float(max(_TEMPERATURES, key=likelihood))
    return fit(range(len(documents))), temperature


def _folds(count: int) -> list[tuple[list[int], list[int]]]:
    """Documents to fit on and documents to read, several times over; none where there is but one document."""
    parts = min(_FOLDS, count)
    if parts < 2:
        return []
    return [([i for i in range(count) if i % parts != k], list(range(k, count, parts))) for k in range(parts)]


def _token_labels(document: Document, segments: Sequence[Sequence[Any]]) -> Ints:
    """Label of every token, -1 outside the segments."""
    labels = np.full(len(document.encoded.words), -1, dtype=np.int64)
    spans = np.array([[start, end] for start, end, _ in segments], dtype=np.int64).reshape(-1, 2)
    for (first, stop), (_, _, label) in zip(document.tokens_between(spans).tolist(), segments, strict=True):
        labels[first:stop] = STATEMENT_LABELS.index(label)
    return labels


def _fit_heads(
    model: TokenModel,
    documents: Sequence[Document],
    links: Sequence[Sequence[GoldLink]],
    C: float,
    importance: Doubles,
) -> dict[str, Floats]:
    encoded = [document.encoded for document in documents]
    cues = [np.zeros(len(text.words), dtype=np.int64) for text in encoded]
    roles = [np.zeros((len(text.words), 2), dtype=bool) for text in encoded]
    for cue, role, gold in zip(cues, roles, links, strict=True):
        for link in gold:
            cue[link.cue[0] + 1 : link.cue[1] + 1] = 2
            role[link.source, 0], role[link.content, 1] = True, True
        for link in gold:
            cue[link.cue[0]] = 1
    states = np.concatenate(list(model.states(encoded)))
    heads: dict[str, Floats] = {}
    share = np.repeat(importance, [len(text.words) for text in encoded])
    for name, targets in (("cue", np.concatenate(cues)), ("roles", np.concatenate(roles))):
        heads[f"{name}.weight"], heads[f"{name}.bias"] = fit_head(states, targets, *model.head(name), C, share)
    tuned = model.with_heads(heads)
    around, wanted, owners = _link_examples(tuned, documents, links)
    if len(around):
        share = importance[owners]
        heads["link.weight"], heads["link.bias"] = fit_head(around, wanted, *model.head("link"), C, share)
    return heads


def _link_examples(
    model: TokenModel, documents: Sequence[Document], links: Sequence[Sequence[GoldLink]]
) -> tuple[Floats, Ints, Ints]:
    """States of the places around right and likely wrong cues, what each place is to its cue, and its document."""
    total = sum(map(len, links)) * sum(LINK_WINDOW) * 2
    step = max(1, -(-total // _MOST_PLACES))
    states, targets, owners = [], [], []
    readings = model.read([document.encoded for document in documents])
    for owner, (reading, gold) in enumerate(zip(readings, links, strict=True)):
        taken = {place for link in gold for place in range(link.cue[0], link.cue[1] + 1)}
        likely = find_cues(reading.cues, _FALSE_CUE).tolist()
        false = [(first, last) for first, last in likely if taken.isdisjoint(range(first, last + 1))]
        kept = list(gold)[::step]
        cues = np.array([*(link.cue for link in kept), *false[::step]], dtype=np.int64).reshape(-1, 2)
        if not len(cues):
            continue
        state, places = model.link.states(reading, cues)
        target = np.zeros((len(cues), len(reading.cues)), dtype=np.int64)
        for number, link in enumerate(kept):
            target[number, link.content] = 2
            target[number, link.source] = 1
        states.append(state)
        targets.append(target[places[:, 0], places[:, 1]])
        owners.append(np.full(len(state), owner))
    if not states:
        return np.zeros((0, 0), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(states), np.concatenate(targets), np.concatenate(owners)


def _calibrate(
    features: Floats, right: NDArray[np.bool_], calibration: Mapping[str, float], C: float
) -> dict[str, float]:
    before = np.array([[calibration[name]] for name in CALIBRATION_FEATURES], dtype=np.float32)
    bias = np.array([calibration["bias"]], dtype=np.float32)
    weight, shift = fit_head(features, right, before, bias, C)
    return dict(zip(CALIBRATION_FEATURES, weight[:, 0].tolist(), strict=True)) | {"bias": float(shift[0])}


def _plateau(score: Callable[[float], float]) -> float:
    """The threshold in the middle of those that score best, give or take what noise does."""
    scores = np.array([score(float(level)) for level in _THRESHOLDS])
    return float(round(_THRESHOLDS[scores >= scores.max() - 0.005].mean(), 2))
