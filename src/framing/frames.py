"""Frames: which of them an article, a voice or a sentence uses.

Every word has two scores for a frame. The *seed score* says how close it is, in the static embedding, to
the frame's seed words, and needs no training. The *learned score* comes from labelled articles. Their
weighted sum over the words of a sentence is the sentence's evidence; an article's score is the mean of
its sentences' evidence, early sentences counting more. By voice or by source it is the same mean over the
statements of that voice or source.

:class:`FrameClassifier` is an estimator on raw articles. An analysis of many articles reads the tables of
word scores together instead (see :mod:`framing.linear`)::

    policy = FrameScorer.bundled("policy")
    table = WordTable([policy.block, …], bundled_features())
    sheet = table.read(tokens)                       # tokens of one document, none empty
    sums = policy.sums(sheet, ranges)                # ranges of sentences or statements, (n, 2) tokens
    policy.sentence_scores(sums)                     # (n, n_frames)
    policy.article_scores(sums, positions)           # (n_frames,): positions are the sentences' numbers
    policy.article_scores(sums[mine], positions[mine])           # the same for one voice or source
    policy.grouped_scores(sums, positions, groups, n_groups)     # or for all of them at once
    policy.contributions(sheet, ranges, positions, "economic")   # every token's share in the article's score
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from framing.additive import Tabled
from framing.base import check_texts, text_tags
from framing.embedding import WordVectors, bundled_vectors
from framing.features import FeatureSpace, WordRows, bundled_features, count_matrix, length_weights
from framing.linear import (
    Contribution,
    Explanation,
    LinearBlock,
    Sheet,
    fit_logistic,
    load_weights,
    out_of_fold,
    sigmoid,
)
from framing.models import model_path
from framing.persistence import StoredModel, load_model
from framing.sentences import split_sentences
from framing.text import tokenize

__all__ = [
    "Frame",
    "FrameClassifier",
    "FrameScorer",
    "article_mean",
    "article_rows",
    "calibrate_frames",
    "frame_cuts",
    "load_inventory",
    "position_weights",
]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

INVENTORIES = ("policy", "narrative")

_NEAR, _FLOOR, _RIVALRY = 3, 0.4, 0.15
"""A word's seed score is its mean cosine with this many nearest seeds, above a floor, and falls where it
is nearer to another frame."""

_PRIOR_WEIGHT = 2.0
"""An article's mean counts this much more evidence of nothing, so that one sentence decides little."""

_USUAL_LENGTH = 25.0  # tokens of a sentence, for what its seed score is by chance
_SENTENCE = {"seed": 0.8, "learned": 0.15, "intercept": -2.2}
_ZERO_SHOT = {"article_seed": 1.3, "article_intercept": -1.2}
_GROUPS = ("words", "characters", "embedding")  # what learned scores read; style says nothing of frames
_FOLDS = 5


@dataclass(frozen=True)
class Frame:
    """A frame as a codebook has it.

    Attributes
    ----------
    name : str
        Label in results.
    description : str
        What the frame is about, in a sentence or two. Read only where there are no seeds.
    seeds : tuple of str
        Words and short phrases that signal the frame, a dozen or more; inflected forms help.
    negatives : tuple of str
        Words that look related but belong elsewhere.

    Examples
    --------
    >>> Frame("health", seeds=("hospital", "vaccine", "patients")).name
    'health'
    """

    name: str
    description: str = ""
    seeds: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()


def load_inventory(name: str) -> list[Frame]:
    """Read an inventory that ships.

    Parameters
    ----------
    name : {"policy", "narrative"}
        The 14 policy frames (Boydstun et al. 2014) or the five generic news frames (Semetko and
        Valkenburg 2000).

    Returns
    -------
    list of Frame

    Raises
    ------
    ValueError
        If no inventory has that name.

    Examples
    --------
    >>> [frame.name for frame in load_inventory("narrative")]
    ['conflict', 'human_interest', 'economic', 'morality', 'resolution']
    """
    if name not in INVENTORIES:
        raise ValueError(f"The 'name' parameter must be one of {', '.join(INVENTORIES)}. Got {name!r} instead.")
    text = resources.files("framing.inventories").joinpath(f"{name}.json").read_text(encoding="utf-8")
    return [_frame(entry) for entry in json.loads(text)["frames"]]


def _frame(entry: Mapping[str, Any]) -> Frame:
    return Frame(
        entry["name"], entry.get("description", ""), tuple(entry.get("seeds", ())), tuple(entry.get("negatives", ()))
    )


class SeedBlock:
    """Seed scores of words.

    Parameters
    ----------
    frames : sequence of Frame
    vectors : WordVectors
    features : FeatureSpace
    usual : (ndarray, ndarray), optional
        Mean and spread, where they are known.

    Attributes
    ----------
    mean, spread : ndarray of float32, shape (n_frames,)
        Mean and standard deviation of the score over the tokens of ordinary news.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        vectors: WordVectors,
        features: FeatureSpace,
        usual: tuple[Floats, Floats] | None = None,
    ) -> None:
        self.width = len(frames)
        self._seeds = [_phrase_vectors(_seed_phrases(frame, vectors), vectors) for frame in frames]
        self._negatives = [_phrase_vectors(frame.negatives, vectors) for frame in frames]
        if usual is not None:
            self.mean, self.spread = usual
            return
        scores = self._scores(*vectors.lookup(features.common_words))
        share = features.common_shares[:, None]
        mean = (scores * share).sum(axis=0)
        self.mean = mean.astype(np.float32)
        self.spread = np.sqrt(np.maximum((scores**2 * share).sum(axis=0) - mean**2, 1e-8)).astype(np.float32)

    def columns(self, rows: WordRows) -> Floats:
        """Scores of words, 0 or more, shape (n_words, n_frames)."""
        return self._scores(rows.vectors, rows.weights)

    def _scores(self, vectors: Floats, weights: Floats) -> Floats:
        units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        near = np.zeros((len(units), self.width), dtype=np.float32)
        for column, (seeds, negatives) in enumerate(zip(self._seeds, self._negatives, strict=True)):
            if not len(seeds):
                continue
            cosines = units @ seeds.T
            count = min(_NEAR, len(seeds))
            near[:, column] = np.partition(cosines, -count, axis=1)[:, -count:].mean(axis=1)
            if len(negatives):
                elsewhere = (units @ negatives.T).max(axis=1)
                near[:, column] -= np.maximum(elsewhere - near[:, column], 0)
        rivalry = np.exp((near - near.max(axis=1, keepdims=True)) / _RIVALRY)
        return np.asarray(rivalry * np.maximum(near - _FLOOR, 0) * weights[:, None], dtype=np.float32)


def _seed_phrases(frame: Frame, vectors: WordVectors) -> Sequence[str]:
    """Seeds, or the telling words of name and description where there are none."""
    if frame.seeds:
        return frame.seeds
    text = f"{frame.name.replace('_', ' ')} {frame.description}"
    words = list(dict.fromkeys(text[s:e].lower() for s, e in tokenize(text).tolist()))
    _, weights = vectors.lookup(words)
    return [word for word, weight in zip(words, weights, strict=True) if weight > 0.5]


def _phrase_vectors(phrases: Sequence[str], vectors: WordVectors) -> Floats:
    """Unit vectors of phrases that have a known word, shape (n_known, n_dimensions)."""
    parts = [[phrase[s:e] for s, e in tokenize(phrase).tolist()] for phrase in phrases]
    words, weights = vectors.lookup([word for part in parts for word in part])
    words *= (weights / np.maximum(np.linalg.norm(words, axis=1), 1e-9))[:, None]
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    sums = np.zeros((len(parts), vectors.dimensions), dtype=np.float32)
    np.add.at(sums, owner, words)
    lengths = np.linalg.norm(sums, axis=1)
    known = lengths > 0
    return np.asarray(sums[known] / lengths[known, None], dtype=np.float32)


class FrameBlock:
    """Columns of a :class:`FrameScorer`: article evidence, then sentence evidence, of every frame."""

    def __init__(self, seeds: SeedBlock, learned: LinearBlock, article: Floats, sentence: Floats, share: float) -> None:
        self.width = 2 * seeds.width
        self._seeds, self._learned = seeds, learned
        self._article, self._sentence, self._share = article, sentence, share

    def columns(self, rows: WordRows) -> Floats:
        """Evidence of words, shape (n_words, 2 * n_frames)."""
        seed, learned = self._seeds.columns(rows), self._learned.columns(rows)
        return np.hstack([seed * self._article + learned, seed * self._sentence + learned * self._share])


class FrameScorer:
    """An inventory with its scores of words and how they make up scores of texts.

    Parameters
    ----------
    frames : sequence of Frame
    learned : ndarray of float32, shape (n_features, n_frames)
        Learned scores of words over the columns of :class:`framing.features.FeatureSpace`.
    article_seed, article_intercept : ndarray of float32, shape (n_frames,)
        What a seed score's deviation from ordinary news, in standard deviations, adds to an article's
        evidence; and the log odds of an article without evidence.
    sentence : mapping of str to float
        ``seed`` and ``learned``, the shares of the two in a sentence's score, and ``intercept``.
    usual : (ndarray, ndarray), optional
        Mean and spread of the seed scores in ordinary news (:class:`SeedBlock`), where they are known.

    Attributes
    ----------
    block : FrameBlock
        What a :class:`framing.linear.WordTable` must hold.
    names : tuple of str
        The frames' labels, in the order of every result.
    learned, article_seed, article_intercept, sentence, usual
        The parameters.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        learned: Floats,
        article_seed: Floats,
        article_intercept: Floats,
        sentence: Mapping[str, float],
        usual: tuple[Floats, Floats] | None = None,
    ) -> None:
        self.frames = tuple(frames)
        self.names = tuple(frame.name for frame in frames)
        self.learned = learned
        self.article_seed = np.asarray(article_seed, dtype=np.float32)
        self.article_intercept = np.asarray(article_intercept, dtype=np.float32)
        self.sentence = dict(sentence)
        self._seeds = SeedBlock(frames, bundled_vectors(), bundled_features(), usual)
        slope_article = (self.article_seed / self._seeds.spread).astype(np.float32)
        slope_sentence = (sentence["seed"] / self._seeds.spread).astype(np.float32)
        linear = LinearBlock(learned, mask_names=True)  # whom an article is about is no frame
        self.block = FrameBlock(self._seeds, linear, slope_article, slope_sentence, sentence["learned"])
        self.usual = (self._seeds.mean, self._seeds.spread)
        chance = self._seeds.mean * np.float32(_USUAL_LENGTH**0.5)
        self._article_centre = (slope_article * chance).astype(np.float64)
        self._sentence_intercept = sentence["intercept"] - (slope_sentence * chance).astype(np.float64)

    @staticmethod
    def bundled(name: str) -> FrameScorer:
        """A model that ships with the package, ``"policy"`` or ``"narrative"``, read once."""
        return _bundled(name)

    @classmethod
    def from_model(cls, stored: StoredModel) -> Self:
        """Make a scorer from a stored model."""
        config, arrays = stored.manifest["config"], stored.arrays
        return cls(
            [_frame(entry) for entry in config["frames"]],
            load_weights(stored, bundled_features()),
            arrays["article_seed"],
            arrays["article_intercept"],
            config["sentence"],
            (arrays["seed_mean"], arrays["seed_spread"]),
        )

    @classmethod
    def from_frames(cls, frames: Sequence[Frame]) -> Self:
        """Make a scorer from seeds and descriptions alone."""
        return cls(
            frames,
            np.zeros((bundled_features().n_features, len(frames)), dtype=np.float32),
            np.full(len(frames), _ZERO_SHOT["article_seed"], dtype=np.float32),
            np.full(len(frames), _ZERO_SHOT["article_intercept"], dtype=np.float32),
            _SENTENCE,
        )

    def blended(self, share: float, intercept: Floats) -> FrameScorer:
        """The scorer for sheets that hold its evidence with a weight of ``share`` (:mod:`framing.blend`).

        Parameters
        ----------
        share : float
        intercept : ndarray of float32, shape (n_frames,)
            Log odds of an article without evidence.
        """
        scorer = copy.copy(self)  # with the same block, by which sheets know it
        scorer.article_intercept = np.asarray(intercept, dtype=np.float32)
        scorer._article_centre = self._article_centre * share
        return scorer

    def sums(self, sheet: Sheet, ranges: NDArray[np.integer[Any]]) -> Floats:
        """Evidence of ranges of tokens, for the methods below, shape (n_ranges, 2 * n_frames)."""
        return sheet.sums(self.block, ranges)

    def sentence_scores(self, sums: Floats) -> Doubles:
        """Probabilities that sentences or statements use each frame, shape (n_ranges, n_frames)."""
        return np.asarray(sigmoid(sums[:, len(self.names) :].astype(np.float64) + self._sentence_intercept))

    def article_logits(self, sums: Floats, positions: Ints, groups: Ints, n_groups: int) -> Doubles:
        """Log odds of each group of ranges, as :meth:`grouped_scores`, before the sigmoid."""
        weights = position_weights(positions)
        gather = sp.csr_matrix((weights, (groups, np.arange(len(groups)))), shape=(n_groups, len(groups)))
        evidence = sums[:, : len(self.names)].astype(np.float64) - self._article_centre
        total = np.bincount(groups, weights=weights, minlength=n_groups) + _PRIOR_WEIGHT
        return np.asarray(self.article_intercept + (gather @ evidence) / total[:, None])

    def grouped_scores(self, sums: Floats, positions: Ints, groups: Ints, n_groups: int) -> Doubles:
        """Scores of several groups of sentences or statements.

        Parameters
        ----------
        sums : ndarray, shape (n_ranges, 2 * n_frames)
            From :meth:`sums`.
        positions : ndarray of int, shape (n_ranges,)
            Number of the sentence in its article, from 0; early ones count more.
        groups : ndarray of int, shape (n_ranges,)
            Group of each range, from 0 to ``n_groups - 1``: articles, voices, sources.
        n_groups : int

        Returns
        -------
        ndarray of float64, shape (n_groups, n_frames)
            From 0 to 1; at 0.5 and above, a frame counts as present.
        """
        return np.asarray(sigmoid(self.article_logits(sums, positions, groups, n_groups)))

    def article_scores(self, sums: Floats, positions: Ints) -> Doubles:
        """Scores of one article, voice or source, shape (n_frames,); see :meth:`grouped_scores`."""
        return self.grouped_scores(sums, positions, np.zeros(len(sums), dtype=np.int64), 1)[0]

    def contributions(
        self, sheet: Sheet, ranges: NDArray[np.integer[Any]], positions: Ints, name: str
    ) -> tuple[Doubles, float]:
        """Every token's share in an article's log odds for a frame.

        Parameters
        ----------
        sheet : Sheet
        ranges : ndarray of int, shape (n_ranges, 2)
            Sentences or statements of the article, not overlapping.
        positions : ndarray of int, shape (n_ranges,)
        name : str
            Label of the frame.

        Returns
        -------
        shares : ndarray of float64, shape (n_tokens,)
            0 outside the ranges.
        rest : float
            Log odds without any word; with the shares it adds up to :meth:`article_logits`.

        Raises
        ------
        ValueError
            If there is no such frame.
        """
        column = self._column(name)
        limits = np.asarray(ranges, dtype=np.int64).reshape(-1, 2)
        weights = position_weights(positions) / (position_weights(positions).sum() + _PRIOR_WEIGHT)
        shares = np.zeros(len(sheet.ids))
        for (first, stop), weight in zip(limits.tolist(), weights, strict=True):
            if stop > first:
                shares[first:stop] = sheet.contributions(self.block, first, stop)[:, column] * weight
        rest = self.article_intercept[column] - self._article_centre[column] * weights.sum()
        return shares, float(rest)

    def _column(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"No frame is named {name!r}; there are {', '.join(self.names)}.")
        return self.names.index(name)


def position_weights(positions: Ints) -> Doubles:
    """Weight of the sentence with each number in an article's mean: the lead counts most."""
    return 1 / np.sqrt(1.0 + np.asarray(positions, dtype=np.float64))


def article_mean(sentences: NDArray[np.floating[Any]]) -> Doubles:
    """Mean over an article's sentences as :meth:`FrameScorer.article_logits` takes it.

    Parameters
    ----------
    sentences : ndarray, shape (n_sentences, width)
        In the order of the article.

    Returns
    -------
    ndarray of float64, shape (width,)
        Early sentences count more; few sentences make a mean nearer to 0.
    """
    weights = position_weights(np.arange(len(sentences)))
    return np.asarray(weights @ sentences / (weights.sum() + _PRIOR_WEIGHT), dtype=np.float64)


class FrameClassifier(ClassifierMixin, Tabled):
    """Which frames an article uses, several or none of them.

    Without ``fit`` it works at once: for an inventory that ships, with the bundled model; for frames of your
    own, from their seeds (or descriptions) alone. ``fit`` learns from your labelled articles; what the
    seeds say stays in the score with the weight that you give it, so that few labels do little harm.

    Parameters
    ----------
    frames : {"policy", "narrative"} or list of Frame, default="policy"
        An inventory that ships, or your own.
    C : float, default=15.0
        Inverse strength of the penalty on learned scores.
    seed_weight : float, default=0.8
        Log odds that one standard deviation of the articles' seed scores adds to the learned ones.
    decide : {"micro_f1", "macro_f1", "probability"}, default="micro_f1"
        What ``fit`` puts at 0.5: the threshold, common to all frames, with the best micro-F1; for each
        frame that with the best F1; or an even chance, which leaves probabilities calibrated.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_frames,)
        The frames' labels, in the order of the columns of every result.

    References
    ----------
    Boydstun, A. E., Card, D., Gross, J. H., Resnik, P., & Smith, N. A. (2014). Tracking the development
    of media frames within and across policy issues.

    Semetko, H. A., & Valkenburg, P. M. (2000). Framing European politics: A content analysis of press and
    television news. Journal of Communication, 50(2).

    Examples
    --------
    >>> from framing import Frame, FrameClassifier
    >>> mine = [Frame("sport", seeds=("football", "match", "striker", "league")),
    ...         Frame("weather", seeds=("rain", "storm", "forecast", "temperatures"))]
    >>> texts = ["The striker scored twice and the league leaders won the match.",
    ...          "A storm brought heavy rain, and the forecast is grim."]
    >>> FrameClassifier(mine).predict_proba(texts).argmax(axis=1).tolist()
    [0, 1]
    """

    def __init__(
        self,
        frames: str | Sequence[Frame] = "policy",
        *,
        C: float = 15.0,
        seed_weight: float = 0.8,
        decide: str = "micro_f1",
    ) -> None:
        self.frames = frames
        self.C = C
        self.seed_weight = seed_weight
        self.decide = decide

    def fit(self, X: Iterable[str], y: Sequence[Sequence[int]] | NDArray[Any]) -> Self:
        """Learn from labelled articles.

        Parameters
        ----------
        X : array-like of str, shape (n_articles,)
        y : array-like of {0, 1}, shape (n_articles, n_frames)
            Whether each article uses each frame, in the inventory's order.

        Returns
        -------
        FrameClassifier

        Raises
        ------
        ValueError
            If ``y`` has another shape or ``decide`` is unknown.
        """
        texts, frames = check_texts(X), self._inventory()
        target = _indicators(y)
        if target.shape != (len(texts), len(frames)):
            raise ValueError(
                f"y must have a row for each text and a column for each frame, shape "
                f"{(len(texts), len(frames))}. Got {target.shape}."
            )
        if self.decide not in ("micro_f1", "macro_f1", "probability"):
            raise ValueError(
                f"The 'decide' parameter must be 'micro_f1', 'macro_f1' or 'probability'. Got {self.decide!r}."
            )
        rows, seeds = article_rows(texts, frames)
        seed_slopes = self.seed_weight / np.maximum(seeds.std(axis=0), 0.1)
        prior = seeds * seed_slopes
        loose = out_of_fold(rows, target, self.C, folds=min(_FOLDS, len(texts))) + prior
        slope, offsets = calibrate_frames(loose, target)
        cuts = frame_cuts(sigmoid(loose * slope + offsets), self.decide)
        weights, intercepts = fit_logistic(rows, target, self.C)
        self._set(
            FrameScorer(
                frames,
                weights * np.float32(slope),
                (slope * seed_slopes).astype(np.float32),
                (slope * intercepts + offsets - np.log(cuts / (1 - cuts))).astype(np.float32),
                {**_SENTENCE, "learned": _SENTENCE["learned"] / slope},
            )
        )
        return self

    def _inventory(self) -> list[Frame]:
        if isinstance(self.frames, str):
            return load_inventory(self.frames)
        frames = list(self.frames)
        if not frames or not all(isinstance(frame, Frame) for frame in frames):
            raise TypeError(
                "The 'frames' parameter must be 'policy', 'narrative' or a list of Frame objects. "
                f"Got {self.frames!r} instead."
            )
        return frames

    def _set(self, scorer: FrameScorer, *, bundled: bool = False) -> None:
        self._scorer = scorer
        self._tabulate(scorer.block, bundled=bundled)

    def _own_block(self) -> FrameBlock | None:
        return self._scorer.block if hasattr(self, "_scorer") else None

    @property
    def classes_(self) -> NDArray[np.object_]:
        """The frames' labels."""
        return np.array(self.scorer.names, dtype=object)

    @property
    def scorer(self) -> FrameScorer:
        """The tables of word scores behind this classifier, for reading many articles together."""
        if not hasattr(self, "_scorer"):
            bundled = isinstance(self.frames, str)
            frames = self._inventory()
            scorer = FrameScorer.bundled(str(self.frames)) if bundled else FrameScorer.from_frames(frames)
            self._set(scorer, bundled=True)
        return self._scorer

    def decision_function(self, X: Iterable[str]) -> Doubles:
        """Log odds of every frame.

        Parameters
        ----------
        X : array-like of str, shape (n_articles,)

        Returns
        -------
        ndarray of float64, shape (n_articles, n_frames)
        """
        scorer, texts = self.scorer, check_texts(X)
        tokens, ranges, positions, owners = _read(texts)
        sums = scorer.sums(self._table.read(tokens), ranges)
        return scorer.article_logits(sums, positions, owners, len(texts))

    def predict_proba(self, X: Iterable[str]) -> Doubles:
        """Scores of every frame, from 0 to 1, shape (n_articles, n_frames); see ``decide``."""
        return np.asarray(sigmoid(self.decision_function(X)))

    def predict(self, X: Iterable[str]) -> NDArray[np.int64]:
        """Whether each article uses each frame, 1 or 0, shape (n_articles, n_frames)."""
        return (self.decision_function(X) >= 0).astype(np.int64)

    def sentence_proba(self, X: Iterable[str]) -> Doubles:
        """Scores of every frame in single sentences.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
            Each read as one sentence.

        Returns
        -------
        ndarray of float64, shape (n_sentences, n_frames)
        """
        scorer, texts = self.scorer, check_texts(X)
        parts = [[text[s:e] for s, e in tokenize(text).tolist()] for text in texts]
        edges = np.cumsum([0] + [len(part) for part in parts])
        sheet = self._table.read([token for part in parts for token in part])
        return scorer.sentence_scores(scorer.sums(sheet, np.column_stack([edges[:-1], edges[1:]])))

    def explain(self, text: str, frame: str) -> Explanation:
        """Every word's share in an article's score for a frame.

        Parameters
        ----------
        text : str
        frame : str
            Label of the frame.

        Returns
        -------
        Explanation
            ``score`` is the frame's decision function; ``intercept`` and the values add up to it.

        Raises
        ------
        ValueError
            If there is no such frame.
        """
        scorer = self.scorer
        (text,) = check_texts([text], "text")
        tokens, ranges, positions, _ = _read([text])
        shares, rest = scorer.contributions(self._table.read(tokens), ranges, positions, frame)
        spans = [span for s, e in split_sentences(text) for span in tokenize(text, s, e).tolist()]
        parts = [Contribution(s, e, text[s:e], float(v)) for (s, e), v in zip(spans, shares, strict=True)]
        return Explanation(float(shares.sum()) + rest, rest, parts)

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = True
        return tags


def _indicators(y: Any) -> NDArray[np.bool_]:
    """Labels of 0 and 1, and nothing else."""
    try:
        target = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        target = np.array(np.nan)
    if not np.isin(target, (0, 1)).all():
        raise ValueError("y must hold 0 or 1 for each frame in each text. Leave texts without labels out of X and y.")
    return target.astype(bool)


def _read(texts: Sequence[str]) -> tuple[list[str], Ints, Ints, Ints]:
    """Tokens of all texts; of every sentence its range of tokens, its number and its text."""
    tokens: list[str] = []
    ranges: list[tuple[int, int]] = []
    positions: list[int] = []
    owners: list[int] = []
    for owner, text in enumerate(texts):
        for position, (start, end) in enumerate(split_sentences(text)):
            first = len(tokens)
            tokens += [text[s:e] for s, e in tokenize(text, start, end).tolist()]
            ranges.append((first, len(tokens)))
            positions.append(position)
            owners.append(owner)
    return (
        tokens,
        np.array(ranges, dtype=np.int64).reshape(-1, 2),
        np.array(positions, dtype=np.int64),
        np.array(owners, dtype=np.int64),
    )


def article_rows(texts: Sequence[str], frames: Sequence[Frame]) -> tuple[sp.csr_matrix, Doubles]:
    """What a frame model learns from: means over sentences as :meth:`FrameScorer.article_logits` takes them.

    Returns
    -------
    rows : csr_matrix of float32, shape (n_texts, n_features)
    seeds : ndarray of float64, shape (n_texts, n_frames)
        Seed scores, as their distance from ordinary news in standard deviations of a token's.
    """
    space = bundled_features()
    tokens, ranges, positions, owners = _read(texts)
    index = {word: row for row, word in enumerate(dict.fromkeys(tokens))}
    ids = np.fromiter((index[token] for token in tokens), dtype=np.int64, count=len(tokens))
    rows = space.rows(list(index))
    bounds = np.r_[ranges[:, 0], len(tokens)] if len(ranges) else np.zeros(1, dtype=np.int64)
    weights = position_weights(positions)
    total = np.bincount(owners, weights=weights, minlength=len(texts)) + _PRIOR_WEIGHT
    share = sp.csr_matrix((weights / total[owners], (owners, np.arange(len(owners)))), shape=(len(texts), len(owners)))
    counts = sp.diags_array(length_weights(np.diff(bounds))) @ count_matrix(ids, bounds, len(index))
    keep = np.zeros(space.n_features, dtype=np.float32)
    for group in _GROUPS:
        keep[space.slices[group]] = 1
    content = sp.diags_array((~rows.names).astype(np.float32)) @ rows.content @ sp.diags_array(keep)
    learned = sp.csr_matrix((share @ counts) @ content, dtype=np.float32)
    block = SeedBlock(frames, bundled_vectors(), space)
    chance = block.mean * _USUAL_LENGTH**0.5
    mass = np.asarray(share.sum(axis=1)).reshape(-1, 1)
    seeds = (np.asarray(share @ (counts @ block.columns(rows))) - chance * mass) / block.spread
    return learned, seeds.astype(np.float64)


def calibrate_frames(scores: Doubles, target: NDArray[np.bool_]) -> tuple[float, Doubles]:
    """One slope for all frames and an offset for each, from scores of articles not trained on."""
    from sklearn.linear_model import LogisticRegression

    n_frames = target.shape[1]
    frame = np.tile(np.eye(n_frames), (len(target), 1))
    if target.all() or not target.any():
        return 1.0, np.zeros(n_frames)
    # A light penalty keeps a frame that never or always occurs finite.
    model = LogisticRegression(C=10.0, max_iter=1000, fit_intercept=False)
    model.fit(np.column_stack([scores.ravel(), frame]), target.ravel())
    return max(float(model.coef_[0, 0]), 1e-3), model.coef_[0, 1:].astype(np.float64)


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


@lru_cache(maxsize=2)
def _bundled(name: str) -> FrameScorer:
    return FrameScorer.from_model(load_model(model_path(name)))
