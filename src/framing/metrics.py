"""Scores for attributions, statements and probabilities.

Spans are lists of [start, end], half-open ranges of code points. An attribution is a dict with the
keys `source` (may be empty), `cue` and `content`, each a list of spans, as in the JSON record;
further keys are ignored. A statement is a dict with `start`, `end`, `voice` and `kind`. Tokens are
an int array of shape (n_tokens, 2) with the [start, end) of each token in the order of the text.

Counts are returned rather than ratios where they add up: score each article, then sum.

>>> articles = [Scores(tp=3, fp=1, fn=0), Scores(tp=1, fp=0, fn=2)]
>>> round(sum(articles, Scores()).f1, 3)
0.727
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ROLES",
    "STATEMENT_LABELS",
    "Scores",
    "StatementScores",
    "best_threshold",
    "bootstrap_interval",
    "expected_calibration_error",
    "match_attributions",
    "relation_f1",
    "reliability_table",
    "role_labels",
    "span_scores",
    "speaker_accuracy",
    "statement_scores",
    "token_alpha",
    "token_f1",
]

ROLES = ("none", "source", "cue", "content")
STATEMENT_LABELS = ("author_fact", "author_opinion", "source_fact", "source_opinion", "frame")

Attribution = Mapping[str, Any]
IntArray = NDArray[np.intp]

_FRAME = STATEMENT_LABELS.index("frame")


@dataclass(frozen=True)
class Scores:
    """True positives, false positives and false negatives, and the ratios made from them.

    Parameters
    ----------
    tp, fp, fn : int, default=0
        Counts. Instances add up.

    Attributes
    ----------
    precision, recall, f1 : float
        From 0 to 1, and 0 where there is nothing to divide by.

    Examples
    --------
    >>> scores = Scores(tp=2, fp=1, fn=0) + Scores(tp=1, fp=0, fn=1)
    >>> scores
    Scores(tp=3, fp=1, fn=1)
    >>> scores.precision, scores.recall, scores.f1
    (0.75, 0.75, 0.75)
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Scores) -> Scores:
        if not isinstance(other, Scores):
            return NotImplemented
        return Scores(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the gold that was found."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True, eq=False)
class StatementScores:
    """Agreement of statements with gold segments, counted in tokens.

    Parameters
    ----------
    confusion : ndarray of int, shape (5, 5)
        Tokens by gold label (rows) and predicted label (columns), in the order author_fact,
        author_opinion, source_fact, source_opinion, frame. A token in no statement counts as
        frame. Instances add up.

    Attributes
    ----------
    macro_f1 : float
        Mean F1 of the four statement labels, from 0 to 1. A gold statement token that came out
        as no statement is a miss of its label; a frame token that came out as a statement is a
        false alarm of the predicted label.
    voice_accuracy, kind_accuracy : float
        Share of the gold statement tokens with the right voice, or kind, from 0 to 1. Tokens that
        came out as no statement count as wrong.

    Examples
    --------
    >>> gold = [[0, 4, "frame"], [4, 10, "source_fact"]]
    >>> predicted = [{"start": 4, "end": 10, "voice": "source", "kind": "opinion"}]
    >>> scores = statement_scores(gold, predicted, [[0, 4], [4, 7], [7, 10]])
    >>> scores.voice_accuracy, scores.kind_accuracy, scores["frame"].f1
    (1.0, 0.0, 1.0)
    """

    confusion: IntArray = field(default_factory=lambda: np.zeros((5, 5), dtype=np.intp))

    def __add__(self, other: StatementScores) -> StatementScores:
        if not isinstance(other, StatementScores):
            return NotImplemented
        return StatementScores(self.confusion + other.confusion)

    def __getitem__(self, label: str) -> Scores:
        """Scores of one label, "frame" among them."""
        return _confusion_scores(self.confusion, STATEMENT_LABELS.index(label))

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the four statement labels."""
        return float(np.mean([self[label].f1 for label in STATEMENT_LABELS[:_FRAME]]))

    @property
    def voice_accuracy(self) -> float:
        """Share of the gold statement tokens with the right voice."""
        return self._agreement(lambda label: label // 2)

    @property
    def kind_accuracy(self) -> float:
        """Share of the gold statement tokens with the right kind."""
        return self._agreement(lambda label: label % 2)

    def _agreement(self, part: Callable[[IntArray], IntArray]) -> float:
        statements = self.confusion[:_FRAME]
        labels = np.arange(_FRAME)
        right = part(labels)[:, None] == part(labels)[None, :]
        return _ratio(int(statements[:, :_FRAME][right].sum()), int(statements.sum()))


def token_alpha(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Krippendorff's alpha for nominal labels and two annotators without gaps.

    Parameters
    ----------
    gold, predicted : array-like, shape (n_tokens,)
        Labels of any one type.

    Returns
    -------
    float
        1 for full agreement, 0 for chance, negative below chance. 1 if only one label occurs at
        all, as in NLTK; nan if there are no tokens.

    Raises
    ------
    ValueError
        If the two differ in length.

    References
    ----------
    Krippendorff (2011). Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    >>> round(token_alpha(["none", "cue", "none", "cue"], ["none", "cue", "cue", "cue"]), 3)
    0.533
    """
    a, b = _pair(gold, predicted)
    if not a.size:
        return float("nan")
    _, counts = np.unique(np.concatenate([a, b]), return_counts=True)
    if len(counts) == 1:
        return 1.0
    n = int(counts.sum())
    agree_by_chance = float(np.sum(counts * (counts - 1.0))) / (n * (n - 1.0))
    return float(1.0 - np.mean(a != b) / (1.0 - agree_by_chance))


def role_labels(tokens: ArrayLike, attributions: Sequence[Attribution]) -> IntArray:
    """Flatten attributions to one role for each token.

    A token takes part in a span that it overlaps. Where spans overlap, of one attribution or of
    several, a cue wins over a source and a source over a content, so that an attribution inside
    another's content stays visible.

    Parameters
    ----------
    tokens : array-like of int, shape (n_tokens, 2)
        Start and end of each token, in the order of the text.
    attributions : sequence of dict
        See the module's description.

    Returns
    -------
    ndarray of int, shape (n_tokens,)
        0 none, 1 source, 2 cue, 3 content: indices into `ROLES`.

    Examples
    --------
    >>> tokens = [[0, 4], [5, 9], [10, 12], [13, 19]]  # They said it rained
    >>> said = {"source": [[0, 4]], "cue": [[5, 9]], "content": [[10, 19]]}
    >>> role_labels(tokens, [said])
    array([1, 2, 3, 3])
    """
    starts, ends = _token_bounds(tokens)
    labels = np.zeros(len(starts), dtype=np.intp)
    for role in ("content", "source", "cue"):
        spans = [span for attribution in attributions for span in attribution[role]]
        for start, end in spans:
            first = np.searchsorted(ends, start, side="right")
            labels[first : np.searchsorted(starts, end, side="left")] = ROLES.index(role)
    return labels


def token_f1(gold: ArrayLike, predicted: ArrayLike) -> dict[str, Scores]:
    """Scores of source, cue and content by token.

    Parameters
    ----------
    gold, predicted : array-like of int, shape (n_tokens,)
        What `role_labels` returns.

    Returns
    -------
    dict of str to Scores
        With the keys "source", "cue" and "content".

    Raises
    ------
    ValueError
        If the two differ in length.

    Examples
    --------
    >>> token_f1([0, 1, 2, 3, 3], [0, 1, 2, 3, 0])["content"]
    Scores(tp=1, fp=0, fn=1)
    """
    a, b = _pair(gold, predicted)
    confusion = _confusion(a.astype(np.intp), b.astype(np.intp), len(ROLES))
    return {role: _confusion_scores(confusion, ROLES.index(role)) for role in ROLES[1:]}


def match_attributions(
    gold: Sequence[Attribution], predicted: Sequence[Attribution], min_jaccard: float = 0.5
) -> list[tuple[int, int]]:
    """Pair predicted attributions with the gold ones that they find.

    A pair may match if the contents share at least `min_jaccard` of their joint characters, the
    cues overlap, and the sources overlap or are absent in both. Of all one-to-one pairings the
    one with the most pairs is taken, and among these the one with the highest sum of Jaccard
    indices.

    Parameters
    ----------
    gold, predicted : sequence of dict
        Attributions of one text.
    min_jaccard : float, default=0.5
        From 0 to 1.

    Returns
    -------
    list of (int, int)
        Index into `gold` and index into `predicted`, in the order of `gold`.

    Examples
    --------
    >>> gold = [{"source": [], "cue": [[10, 20]], "content": [[0, 9]]}]
    >>> match_attributions(gold, [{"source": [], "cue": [[10, 15]], "content": [[0, 8]]}])
    [(0, 0)]
    """
    # Of SciPy only this one function is needed, and only here.
    from scipy.optimize import linear_sum_assignment

    if not gold or not predicted:
        return []
    a = [{role: _merged(x[role]) for role in ROLES[1:]} for x in gold]
    b = [{role: _merged(x[role]) for role in ROLES[1:]} for x in predicted]
    jaccard = np.zeros((len(a), len(b)))
    for i, j in zip(*np.nonzero(_hulls_meet(a, b)), strict=True):
        shared = _overlap(a[i]["content"], b[j]["content"])
        joint = _length(a[i]["content"]) + _length(b[j]["content"]) - shared
        if shared and shared >= min_jaccard * joint and _same_frame(a[i], b[j]):
            jaccard[i, j] = shared / joint
    # One more pair outweighs any gain in Jaccard over all the others.
    weight = np.where(jaccard > 0, min(jaccard.shape) + jaccard, 0)
    pairs = zip(*linear_sum_assignment(weight, maximize=True), strict=True)
    return [(int(i), int(j)) for i, j in pairs if jaccard[i, j] > 0]


def relation_f1(
    gold: Sequence[Attribution], predicted: Sequence[Attribution], min_jaccard: float = 0.5
) -> Scores:
    """Count the attributions of one text that were found, made up and missed.

    Parameters
    ----------
    gold, predicted : sequence of dict
        Attributions of one text.
    min_jaccard : float, default=0.5
        How much of their joint characters two contents must share. See `match_attributions`.

    Returns
    -------
    Scores
        Add those of several texts before taking `f1`.

    Examples
    --------
    >>> found = {"source": [[0, 4]], "cue": [[5, 9]], "content": [[10, 19]]}
    >>> missed = {"source": [], "cue": [[30, 40]], "content": [[41, 60]]}
    >>> relation_f1([found, missed], [found])
    Scores(tp=1, fp=0, fn=1)
    """
    tp = len(match_attributions(gold, predicted, min_jaccard))
    return Scores(tp=tp, fp=len(predicted) - tp, fn=len(gold) - tp)


def span_scores(
    gold: Sequence[Attribution], predicted: Sequence[Attribution], *, exact: bool = True
) -> dict[str, Scores]:
    """Count sources, cues and contents of one text as whole spans, whatever they are tied to.

    Parameters
    ----------
    gold, predicted : sequence of dict
        Attributions of one text. Pieces of one part that touch are one span, and a span that several
        attributions share counts once.
    exact : bool, default=True
        Whether a span must have the gold one's bounds. Otherwise it is enough that they overlap, each span
        with one other at most.

    Returns
    -------
    dict of str to Scores
        With the keys "source", "cue" and "content". Add those of several texts.

    Examples
    --------
    >>> gold = [{"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 30]]}]
    >>> found = [{"source": [[4, 9]], "cue": [[10, 14]], "content": [[15, 30]]}]
    >>> span_scores(gold, found)["source"], span_scores(gold, found, exact=False)["source"]
    (Scores(tp=0, fp=1, fn=1), Scores(tp=1, fp=0, fn=0))
    """
    out = {}
    for role in ROLES[1:]:
        a, b = ({span for x in rows for span in _merged(x[role])} for rows in (gold, predicted))
        tp = len(a & b) if exact else _pairs_that_meet(sorted(a), sorted(b))
        out[role] = Scores(tp=tp, fp=len(b) - tp, fn=len(a) - tp)
    return out


def speaker_accuracy(gold: Sequence[str | None], predicted: Sequence[str | None]) -> float:
    """Share of attributions whose speaker is right.

    Parameters
    ----------
    gold, predicted : sequence of str or None, length n_attributions
        Speakers of the same attributions in the same order; None where the text does not settle who speaks.
        Names are compared as they are but for white space.

    Returns
    -------
    float
        0 to 1; nan if there are no attributions.

    Raises
    ------
    ValueError
        If the two differ in length.

    Examples
    --------
    >>> speaker_accuracy(["Ada Lund", None, "the board"], ["Ada  Lund", None, "board"])
    0.6666666666666666
    """
    if len(gold) != len(predicted):
        raise ValueError(f"Both must have one entry an attribution. Got {len(gold)} and {len(predicted)} instead.")
    right = [
        (a is None and b is None) or (a is not None and b is not None and a.split() == b.split())
        for a, b in zip(gold, predicted, strict=True)
    ]
    return float(np.mean(right)) if right else float("nan")


def statement_scores(
    gold_segments: Sequence[Sequence[Any]],
    predicted_statements: Sequence[Mapping[str, Any]],
    tokens: ArrayLike,
) -> StatementScores:
    """Compare statements with gold segments, token by token.

    A token belongs to the segment or statement that holds its first character. Tokens outside the
    gold segments are unlabelled and do not count; tokens outside the predicted statements count
    as frame.

    Parameters
    ----------
    gold_segments : sequence of [start, end, label]
        Labels are `author_fact`, `author_opinion`, `source_fact`, `source_opinion`, `frame`.
    predicted_statements : sequence of dict
        Each with `start`, `end`, `voice` and `kind`. They must not overlap.
    tokens : array-like of int, shape (n_tokens, 2)
        Start and end of each token, in the order of the text.

    Returns
    -------
    StatementScores
        Add those of several texts.

    Raises
    ------
    ValueError
        If a label is unknown.

    Examples
    --------
    >>> gold = [[0, 4, "frame"], [4, 10, "author_fact"]]
    >>> statement_scores(gold, [], [[0, 4], [4, 7], [7, 10]])["author_fact"]
    Scores(tp=0, fp=0, fn=2)
    """
    predicted_segments = [
        (statement["start"], statement["end"], f"{statement['voice']}_{statement['kind']}")
        for statement in predicted_statements
    ]
    starts, _ = _token_bounds(tokens)
    gold = _segment_labels(starts, gold_segments)
    predicted = _segment_labels(starts, predicted_segments)
    predicted[predicted < 0] = _FRAME
    known = gold >= 0
    return StatementScores(_confusion(gold[known], predicted[known], len(STATEMENT_LABELS)))


def reliability_table(y: ArrayLike, p: ArrayLike, n_bins: int = 10) -> dict[str, NDArray[Any]]:
    """Compare probabilities with what happened, in bins of equal width.

    Parameters
    ----------
    y : array-like of {0, 1}, shape (n_samples,)
        What happened.
    p : array-like of float, shape (n_samples,)
        Probability of 1, from 0 to 1.
    n_bins : int, default=10
        Number of bins.

    Returns
    -------
    dict of str to ndarray, shape (n_bins,)
        `low` and `high`, the bounds (a bin includes its upper bound, the first both); `count`;
        `probability`, the mean of p; `share`, the share of y = 1. The last two are nan in empty
        bins. `pandas.DataFrame` takes it as it is.

    Raises
    ------
    ValueError
        If y and p differ in length or n_bins is below 1.

    Examples
    --------
    >>> table = reliability_table([0, 0, 1, 1], [0.1, 0.3, 0.8, 0.6], n_bins=2)
    >>> table["count"], table["share"]
    (array([2, 2]), array([0., 1.]))
    """
    truth, probability = _pair(y, p)
    if n_bins < 1:
        raise ValueError(f"The 'n_bins' parameter must be at least 1. Got {n_bins} instead.")
    edges = np.linspace(0, 1, n_bins + 1)
    where = np.clip(np.searchsorted(edges, probability, side="left") - 1, 0, n_bins - 1)
    count = np.bincount(where, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(where, weights=probability, minlength=n_bins) / count
        share = np.bincount(where, weights=truth, minlength=n_bins) / count
    return {
        "low": edges[:-1],
        "high": edges[1:],
        "count": count,
        "probability": mean,
        "share": share,
    }


def expected_calibration_error(y: ArrayLike, p: ArrayLike, n_bins: int = 10) -> float:
    """Mean gap between probability and share over bins of equal width, weighted by their size.

    Parameters
    ----------
    y : array-like of {0, 1}, shape (n_samples,)
        What happened.
    p : array-like of float, shape (n_samples,)
        Probability of 1, from 0 to 1.
    n_bins : int, default=10
        Number of bins.

    Returns
    -------
    float
        From 0 (calibrated) to 1; nan if there are no samples.

    Raises
    ------
    ValueError
        If y and p differ in length or n_bins is below 1.

    Examples
    --------
    >>> round(expected_calibration_error([0, 1, 1, 1], [0.9, 0.9, 0.9, 0.9]), 3)
    0.15
    """
    table = reliability_table(y, p, n_bins)
    filled = table["count"] > 0
    if not filled.any():
        return float("nan")
    gaps = np.abs(table["probability"] - table["share"])[filled]
    return float(np.average(gaps, weights=table["count"][filled]))


def bootstrap_interval(
    units: Sequence[Any] | NDArray[Any],
    statistic: Callable[[Any], float],
    n: int = 1000,
    level: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic over independent units.

    Units should be articles, not sentences: sentences of one article resemble each other, and an
    interval over them is too narrow.

    Parameters
    ----------
    units : sequence or ndarray, shape (n_units, ...)
        One entry for each article, such as its `Scores`.
    statistic : callable
        Takes units (a list, or an array where `units` is one) and returns a float. It runs `n`
        times, so give it counts to add, not texts to score. Samples where it is nan are left out.
    n : int, default=1000
        Number of samples.
    level : float, default=0.95
        Share of the samples inside the interval, between 0 and 1.
    random_state : int, Generator or None, default=0
        Seed.

    Returns
    -------
    (float, float)
        Lower and upper bound; nan without units.

    Raises
    ------
    ValueError
        If level is not between 0 and 1.

    Examples
    --------
    >>> articles = [Scores(8, 2, 1), Scores(5, 0, 5), Scores(9, 3, 2), Scores(4, 4, 1)]
    >>> low, high = bootstrap_interval(articles, lambda sample: sum(sample, Scores()).f1)
    >>> low < sum(articles, Scores()).f1 < high
    True
    """
    if not 0 < level < 1:
        raise ValueError(f"The 'level' parameter must lie between 0 and 1. Got {level} instead.")
    rng = np.random.default_rng(random_state)
    size = len(units)
    values = np.full(n, np.nan)
    if size:
        for i in range(n):
            chosen = rng.integers(size, size=size)
            if isinstance(units, np.ndarray):
                values[i] = statistic(units[chosen])
            else:
                values[i] = statistic([units[k] for k in chosen])
    values = values[~np.isnan(values)]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def best_threshold(y: ArrayLike, p: ArrayLike, metric: str = "f1") -> float:
    """Threshold t for which `p >= t` scores best against y.

    Tune it on other data than it is judged on. For several labels, flattened arrays and "f1"
    give the threshold for micro-F1, and one call for each label those for macro-F1.

    Parameters
    ----------
    y : array-like of {0, 1}, shape (n_samples,)
        Gold.
    p : array-like of float, shape (n_samples,)
        Scores.
    metric : {"f1", "macro_f1"}, default="f1"
        F1 of class 1, or the mean F1 of both classes.

    Returns
    -------
    float
        Halfway between two neighbouring scores, where it does not lie outside them all. Of equally
        good thresholds the one nearest to 0.5; 0.5 if there are no samples.

    Raises
    ------
    ValueError
        If y and p differ in length or the metric is unknown.

    Examples
    --------
    >>> best_threshold([0, 0, 1, 1], [0.1, 0.2, 0.4, 0.9])
    0.30000000000000004
    """
    if metric not in ("f1", "macro_f1"):
        raise ValueError(f"The 'metric' parameter must be 'f1' or 'macro_f1'. Got {metric!r}.")
    truth, score = _pair(y, p)
    if not truth.size:
        return 0.5
    order = np.argsort(score, kind="stable")
    score = score[order].astype(float)
    positive = (truth[order] == 1).astype(np.intp)
    # Cutting before position k calls the k lowest scores 0 and the others 1.
    cuts = np.r_[0, np.flatnonzero(np.diff(score)) + 1, len(score)]
    below = np.r_[0, np.cumsum(positive)][cuts]
    fn, tn = below, cuts - below
    tp, fp = positive.sum() - fn, (len(score) - positive.sum()) - tn
    value = 2 * tp / np.maximum(2 * tp + fp + fn, 1)
    if metric == "macro_f1":
        value = (value + 2 * tn / np.maximum(2 * tn + fp + fn, 1)) / 2
    inner = (score[cuts[1:-1] - 1] + score[cuts[1:-1]]) / 2
    thresholds = np.r_[score[0], inner, np.nextafter(score[-1], np.inf)]
    best = np.flatnonzero(value >= value.max() - 1e-12)
    return float(thresholds[best[np.argmin(np.abs(thresholds[best] - 0.5))]])


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _pair(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    left, right = np.asarray(a), np.asarray(b)
    if left.ndim != 1 or left.shape != right.shape:
        raise ValueError(
            "Both arguments must be one-dimensional and of one length. "
            f"Got the shapes {left.shape} and {right.shape} instead."
        )
    return left, right


def _token_bounds(tokens: ArrayLike) -> tuple[IntArray, IntArray]:
    # The reshape makes an empty list two-dimensional.
    bounds = np.asarray(tokens, dtype=np.intp).reshape(-1, 2)
    return bounds[:, 0], bounds[:, 1]


def _confusion(gold: IntArray, predicted: IntArray, n_labels: int) -> IntArray:
    flat = np.bincount(gold * n_labels + predicted, minlength=n_labels * n_labels)
    return flat.reshape(n_labels, n_labels)


def _confusion_scores(confusion: IntArray, label: int) -> Scores:
    tp = int(confusion[label, label])
    fp = int(confusion[:, label].sum()) - tp
    return Scores(tp=tp, fp=fp, fn=int(confusion[label].sum()) - tp)


def _segment_labels(starts: IntArray, segments: Sequence[Sequence[Any]]) -> IntArray:
    """Index of each token's label, -1 outside the segments."""
    labels = np.full(len(starts), -1, dtype=np.intp)
    for start, end, label in segments:
        if label not in STATEMENT_LABELS:
            raise ValueError(f"Labels must be among {STATEMENT_LABELS}. Got {label!r} instead.")
        labels[slice(*np.searchsorted(starts, [start, end]))] = STATEMENT_LABELS.index(label)
    return labels


def _merged(spans: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(map(tuple, spans)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _pairs_that_meet(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> int:
    """Size of the largest one-to-one pairing of overlapping spans."""
    from scipy.optimize import linear_sum_assignment  # as above

    if not a or not b:
        return 0
    left, right = np.array(a), np.array(b)
    meet = (left[:, None, 0] < right[None, :, 1]) & (right[None, :, 0] < left[:, None, 1])
    return int(meet[linear_sum_assignment(meet, maximize=True)].sum())


def _length(spans: Sequence[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def _overlap(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> int:
    """Number of characters that two lists of merged spans share."""
    i = j = shared = 0
    while i < len(a) and j < len(b):
        shared += max(0, min(a[i][1], b[j][1]) - max(a[i][0], b[j][0]))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return shared


def _same_frame(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    if not _overlap(a["cue"], b["cue"]):
        return False
    if not a["source"] or not b["source"]:
        return not a["source"] and not b["source"]
    return _overlap(a["source"], b["source"]) > 0


def _hulls_meet(a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
    """Which pairs' contents may overlap at all, so that few pairs need a closer look."""
    left = np.array([_hull(x["content"]) for x in a])
    right = np.array([_hull(x["content"]) for x in b])
    return np.asarray((left[:, None, 0] < right[None, :, 1]) & (right[None, :, 0] < left[:, None, 1]))


def _hull(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return (spans[0][0], spans[-1][1]) if spans else (0, 0)
