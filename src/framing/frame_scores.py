"""Frame scores of words, sentences and articles.

Every word has two scores for a frame. The *seed score* says how close it is, in the static embedding, to the
frame's seed words, next to the words of ordinary English; it needs no training. The *learned score* comes from
labelled articles. Their weighted sum over the words of a sentence is the sentence's evidence; an article's score
is the mean of its sentences' evidence, early sentences counting more. By voice or by source it is the same mean
over the statements of that voice or source.

An analysis of many articles reads the tables of word scores together (see :mod:`framing.linear`)::

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
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framing.codebook import Frame, read_frame
from framing.linear import LinearBlock, Sheet, load_weights, sigmoid
from framing.models import model_path
from framing.once import once
from framing.persistence import StoredModel, load_model
from framing.text import split_words
from framing.vectors import WordVectors, bundled_vectors
from framing.word_rows import WordRows, bundled_features

__all__ = ["PRIOR_WEIGHT", "ZERO_SHOT", "FrameBlock", "FrameScorer", "SeedBlock", "article_mean", "position_weights"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEAR, _FLOOR, _RIVALRY = 3, 0.4, 0.15
"""A word's score by its nearest seeds is its mean cosine with so many of them, above a floor, and falls where it
is nearer to another frame."""

_ORDINARY_WORDS = 10_000  # the most frequent words, which make up nearly all of ordinary text

PRIOR_WEIGHT = 2.0
"""An article's mean counts this much more evidence of nothing, so that one sentence decides little."""

ZERO_SHOT = {"seed": 0.7, "intercept": -1.4, "cut": -0.7}
"""Without any label: what a seed score adds to an article's log odds, what they are without evidence, and from which
on a frame counts as present. The same for all inventories; fitted on articles with policy and narrative frames."""

_SENTENCE = {"seed": 0.3, "learned": 0.15, "intercept": -1.5}


class SeedBlock:
    """Seed scores of words, next to ordinary English.

    The sum of two standard scores: how near a word is to its nearest seeds, which finds the frame's own
    vocabulary; and how near to the mean of all seeds, by which a whole sentence leans towards a frame without
    one telling word. Both are 0 on average over ordinary English, with a standard deviation of 1, so that
    frames are comparable and words that every text has say nothing. What is ordinary comes from general
    English, not from news: in news on politics, politics would be ordinary.

    Parameters
    ----------
    frames : sequence of Frame
    vectors : WordVectors
    usual : ndarray of float32, shape (4, n_frames), optional
        Mean and standard deviation of the first score in ordinary English, then of the second, where known.
    """

    def __init__(self, frames: Sequence[Frame], vectors: WordVectors, usual: Floats | None = None) -> None:
        self.width = len(frames)
        self._seeds = [_phrase_vectors(_seed_phrases(frame, vectors), vectors) for frame in frames]
        self._negatives = [_phrase_vectors(frame.negatives, vectors) for frame in frames]
        means = [seeds.mean(axis=0) if len(seeds) else np.zeros(vectors.dimensions) for seeds in self._seeds]
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        self._centres = (np.array(means) / np.maximum(lengths, 1e-9)).astype(np.float32)
        if usual is None:
            words, weights, shares = vectors.ordinary(_ORDINARY_WORDS)
            usual = np.concatenate([_moments(part, shares) for part in self._parts(words, weights)])
        self.usual = np.asarray(usual, dtype=np.float32)

    def columns(self, rows: WordRows) -> Floats:
        """Seed scores of words, shape (n_words, n_frames)."""
        nearest, centre = self._parts(rows.vectors, rows.weights)
        mean, spread, centre_mean, centre_spread = self.usual
        return (nearest - mean) / spread + (centre - centre_mean) / centre_spread

    def _parts(self, vectors: Floats, weights: Floats) -> tuple[Floats, Floats]:
        # In double precision: how a product is rounded depends on how many words are read together, which
        # single precision, to which scores are rounded in the end, then does not see.
        units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9).astype(np.float64)
        near = np.zeros((len(units), self.width))
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
        own = (rivalry * np.maximum(near - _FLOOR, 0) * weights[:, None]).astype(np.float32)
        return own, ((units @ self._centres.T) * weights[:, None]).astype(np.float32)


def _moments(scores: Floats, shares: Floats) -> Floats:
    """Mean and standard deviation, shape (2, n_frames); a score that never varies counts nothing."""
    mean = shares @ scores
    spread = np.sqrt(np.maximum(shares @ scores**2 - mean**2, 0))
    return np.stack([mean, np.where(spread > 1e-6, spread, np.inf)])


def _seed_phrases(frame: Frame, vectors: WordVectors) -> Sequence[str]:
    """Seeds, or the telling words of name and description where there are none."""
    if frame.seeds:
        return frame.seeds
    text = f"{frame.name.replace('_', ' ')} {frame.description}"
    words = list(dict.fromkeys(word.lower() for word in split_words(text)))
    _, weights = vectors.lookup(words)
    return [word for word, weight in zip(words, weights, strict=True) if weight > 0.5]


def _phrase_vectors(phrases: Sequence[str], vectors: WordVectors) -> Floats:
    """Unit vectors of phrases that have a known word, shape (n_known, n_dimensions)."""
    parts = [split_words(phrase) for phrase in phrases]
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

    def __init__(self, seeds: SeedBlock, learned: LinearBlock, article: Floats, sentence: float, share: float) -> None:
        self.width = 2 * seeds.width
        self._seeds, self._learned = seeds, learned
        self._article, self._sentence, self._share = article, sentence, share

    def columns(self, rows: WordRows) -> Floats:
        """Evidence of words, shape (n_words, 2 * n_frames)."""
        seed, learned = self._seeds.columns(rows), self._learned.columns(rows)
        evidence = [seed * self._article + learned, seed * self._sentence + learned * self._share]
        return np.hstack(evidence).astype(np.float32)


class FrameScorer:
    """An inventory with its scores of words and how they make up scores of texts.

    Parameters
    ----------
    frames : sequence of Frame
    learned : ndarray of float32, shape (n_features, n_frames)
        Learned scores of words over the columns of :class:`framing.word_rows.FeatureSpace`.
    article_seed, article_intercept : ndarray of float32, shape (n_frames,)
        What a seed score adds to an article's evidence; and the log odds of an article without evidence.
    sentence : mapping of str to float
        ``seed`` and ``learned``, the shares of the two in a sentence's score, and ``intercept``.
    mask_names : bool, default=True
        Whether names have no learned score: whom an article is about is no frame.
    usual : ndarray of float32, shape (4, n_frames), optional
        Of the seed scores in ordinary English (:class:`SeedBlock`), where known.

    Attributes
    ----------
    block : FrameBlock
        What a :class:`framing.linear.WordTable` must hold.
    names : tuple of str
        The frames' labels, in the order of every result.
    frames, learned, article_seed, article_intercept, sentence, mask_names, usual
        The parameters.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        learned: Floats,
        article_seed: Floats,
        article_intercept: Floats,
        sentence: Mapping[str, float],
        *,
        mask_names: bool = True,
        usual: Floats | None = None,
    ) -> None:
        self.frames = tuple(frames)
        self.names = tuple(frame.name for frame in frames)
        self.learned = learned
        self.article_seed = np.asarray(article_seed, dtype=np.float32)
        self.article_intercept = np.asarray(article_intercept, dtype=np.float32)
        self.sentence = dict(sentence)
        self.mask_names = mask_names
        seeds = SeedBlock(frames, bundled_vectors(), usual)
        linear = LinearBlock(learned, mask_names=mask_names)
        self.block = FrameBlock(seeds, linear, self.article_seed, sentence["seed"], sentence["learned"])
        self.usual = seeds.usual

    @staticmethod
    def bundled(name: str) -> FrameScorer:
        """A model that ships with the package, ``"policy"`` or ``"narrative"``, read once."""
        return _bundled(name)

    @classmethod
    def from_model(cls, stored: StoredModel) -> Self:
        """Make a scorer from a stored model."""
        config, arrays = stored.manifest["config"], stored.arrays
        return cls(
            [read_frame(entry) for entry in config["frames"]],
            load_weights(stored, bundled_features()),
            arrays["article_seed"],
            arrays["article_intercept"],
            config["sentence"],
            usual=arrays["usual"],
        )

    @classmethod
    def from_frames(cls, frames: Sequence[Frame]) -> Self:
        """Make a scorer from seeds and descriptions alone."""
        return cls(
            frames,
            np.zeros((bundled_features().n_features, len(frames)), dtype=np.float32),
            np.full(len(frames), ZERO_SHOT["seed"], dtype=np.float32),
            np.full(len(frames), ZERO_SHOT["intercept"] - ZERO_SHOT["cut"], dtype=np.float32),
            _SENTENCE,
        )

    @classmethod
    def from_labels(
        cls,
        frames: Sequence[Frame],
        weights: Floats,
        slope: float,
        intercepts: Doubles,
        *,
        seed: float,
        mask_names: bool,
    ) -> Self:
        """Make a scorer from what was learned on top of seed scores.

        Parameters
        ----------
        frames : sequence of Frame
        weights : ndarray of float32, shape (n_features, n_frames)
        slope : float
            What turns the learned evidence, seeds included, into log odds.
        intercepts : ndarray of float64, shape (n_frames,)
            Log odds without evidence.
        seed : float
            What a seed score counted when the weights were learned.
        mask_names : bool
        """
        return cls(
            frames,
            weights * np.float32(slope),
            np.full(len(frames), slope * seed, dtype=np.float32),
            intercepts.astype(np.float32),
            {**_SENTENCE, "learned": _SENTENCE["learned"] / slope},
            mask_names=mask_names,
        )

    def blended(self, intercept: Floats) -> FrameScorer:
        """The scorer for sheets that blend its evidence with other evidence (:mod:`framing.blend`).

        Parameters
        ----------
        intercept : ndarray of float32, shape (n_frames,)
            Log odds of an article without evidence.
        """
        scorer = copy.copy(self)  # with the same block, by which sheets know it
        scorer.article_intercept = np.asarray(intercept, dtype=np.float32)
        return scorer

    def sums(self, sheet: Sheet, ranges: NDArray[np.integer[Any]]) -> Floats:
        """Evidence of ranges of tokens, for the methods below, shape (n_ranges, 2 * n_frames)."""
        return sheet.sums(self.block, ranges)

    def sentence_scores(self, sums: Floats) -> Doubles:
        """Probabilities that sentences or statements use each frame, shape (n_ranges, n_frames)."""
        return np.asarray(sigmoid(self.sentence_logits(sums)))

    def sentence_logits(self, sums: Floats) -> Doubles:
        """Log odds that sentences or statements use each frame, shape (n_ranges, n_frames)."""
        return sums[:, len(self.names) :].astype(np.float64) + self.sentence["intercept"]

    def article_logits(self, sums: Floats, positions: Ints, groups: Ints, n_groups: int) -> Doubles:
        """Log odds of each group of ranges, as :meth:`grouped_scores`, before the sigmoid."""
        weights = position_weights(positions)
        gather = sp.csr_matrix((weights, (groups, np.arange(len(groups)))), shape=(n_groups, len(groups)))
        evidence = sums[:, : len(self.names)].astype(np.float64)
        total = np.bincount(groups, weights=weights, minlength=n_groups) + PRIOR_WEIGHT
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
        weights = position_weights(positions) / (position_weights(positions).sum() + PRIOR_WEIGHT)
        shares = np.zeros(len(sheet.ids))
        for (first, stop), weight in zip(limits.tolist(), weights, strict=True):
            if stop > first:
                shares[first:stop] = sheet.contributions(self.block, first, stop)[:, column] * weight
        return shares, float(self.article_intercept[column])

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
    return np.asarray(weights @ sentences / (weights.sum() + PRIOR_WEIGHT), dtype=np.float64)


@once
def _bundled(name: str) -> FrameScorer:
    return FrameScorer.from_model(load_model(model_path(name)))
