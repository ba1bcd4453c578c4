"""Frames: which of them an article or a sentence uses.

:class:`FrameClassifier` is an estimator on raw texts: for an inventory that ships or one of your own, with no
labelled text at all, with a few or with thousands. What it reads from words is in :mod:`framing.frame_scores`,
what it learns in :mod:`framing.frame_fit`, what frames mean in :mod:`framing.codebook`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from framing.additive import Tabled
from framing.base import check_paired, check_texts, check_weights, text_tags
from framing.codebook import Frame, load_inventory
from framing.frame_fit import (
    STRENGTHS,
    article_rows,
    frame_cuts,
    learn_frames,
    read_sentences,
    softmax,
)
from framing.frame_scores import ZERO_SHOT, FrameBlock, FrameScorer
from framing.linear import Contribution, Explanation, sigmoid
from framing.sentences import split_sentences
from framing.text import split_words, tokenize

__all__ = ["FrameClassifier"]

Doubles = NDArray[np.float64]

_BUNDLED = ("policy", "narrative")
_DECIDE = ("micro_f1", "macro_f1", "probability")
_PARTS = ("word", "sentence")


class FrameClassifier(ClassifierMixin, Tabled):
    """Which frames a text uses: several or none of them, or exactly one.

    One estimator, whatever you have labelled:

    - **Nothing.** It works without ``fit``: for ``"policy"`` and ``"narrative"`` with the bundled model, for any
      other inventory from seeds and descriptions alone. Every word is scored by its nearness to a frame's seeds,
      next to ordinary English; a text's evidence is the mean over its sentences, early ones counting more.
    - **Some texts.** ``fit`` keeps the seeds' evidence as an offset, calibrates it on your labels, and adds learned
      scores of words only as far as they lower the loss in cross-validation within your texts. Seeds alone are
      among the candidates, so that labels too few to learn from only calibrate.
    - **Many texts.** The same, with weaker penalties; the learned scores now carry most.

    Log odds stay a sum over words (:meth:`explain`) at every stage.

    Parameters
    ----------
    frames : str or list of Frame, default="policy"
        An inventory that ships (``"policy"``, ``"narrative"``, ``"gun_violence"``), or your own.
    multilabel : bool, default=True
        Whether a text may use any number of frames. Otherwise it has exactly one, ``y`` is its name, and
        probabilities sum to 1.
    C : "auto" or float, default="auto"
        Inverse strength of the penalty on learned scores; 0 learns none. "auto" lets cross-validation decide.
    seed_weight : float, default=1.0
        Log odds that one unit of a text's seed score counts before calibration.
    across_topics : bool, default=True
        Learn only what carries over to other topics: words and letter groups, no names, no static vectors.
        Switch it off for texts on one topic, where who is named tells the frame.
    decide : {"micro_f1", "macro_f1", "probability"}, default="micro_f1"
        What ``fit`` puts at 0.5 of a multilabel score: the threshold, common to all frames, with the best
        micro-F1; for each frame that with the best F1; or an even chance, which leaves probabilities calibrated.
    min_words : int, default=3
        Shorter texts are abstained from: they get the score of a text without evidence, which can be above 0.5.
        :meth:`abstains` tells which texts they are.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_frames,)
        The frames' labels, in the order of the columns of every result.
    strength_ : float
        The inverse strength that ``fit`` used; 0 where seeds alone did best.

    Notes
    -----
    People disagree about frames, too. In the policy inventory least agreed on are capacity and resources,
    quality of life, morality and public opinion, of which texts often show a trace without being about it; read
    single scores of these with care and prefer shares over many articles.

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
    >>> FrameClassifier(mine, multilabel=False).predict(texts).tolist()
    ['sport', 'weather']
    """

    def __init__(
        self,
        frames: str | Sequence[Frame] = "policy",
        *,
        multilabel: bool = True,
        C: str | float = "auto",
        seed_weight: float = 1.0,
        across_topics: bool = True,
        decide: str = "micro_f1",
        min_words: int = 3,
    ) -> None:
        self.frames = frames
        self.multilabel = multilabel
        self.C = C
        self.seed_weight = seed_weight
        self.across_topics = across_topics
        self.decide = decide
        self.min_words = min_words

    def fit(self, X: Iterable[str], y: Any, sample_weight: Any = None) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : array-like of {0, 1}, shape (n_texts, n_frames), or of str, shape (n_texts,)
            Whether each text uses each frame, in the inventory's order; with ``multilabel=False`` the name
            of each text's frame.
        sample_weight : array-like of float, shape (n_texts,), optional
            How much each text's labels count; all 1 by default.

        Returns
        -------
        FrameClassifier

        Raises
        ------
        ValueError
            If ``y`` has another shape or names an unknown frame, or a parameter is out of range.
        """
        texts, frames = check_texts(X), self._inventory()
        self._check_parameters()
        target = self._target(y, texts, frames)
        rows, seeds = article_rows(texts, frames, across_topics=self.across_topics)
        constant = ZERO_SHOT["intercept"] if self.multilabel else 0.0
        strengths = STRENGTHS if self.C == "auto" else (float(self.C),)
        offsets = seeds * self.seed_weight + constant
        importance = check_weights(texts, sample_weight)
        learned = learn_frames(rows, offsets, target, strengths, exclusive=not self.multilabel, importance=importance)
        intercepts = learned.slope * (learned.intercepts + constant) + learned.shifts
        if self.multilabel:
            cuts = frame_cuts(sigmoid(learned.loose * learned.slope + learned.shifts), self.decide)
            intercepts = intercepts - np.log(cuts / (1 - cuts))
        self.strength_ = learned.strength
        self._set(
            FrameScorer.from_labels(
                frames, learned.weights, learned.slope, intercepts, seed=self.seed_weight, mask_names=self.across_topics
            )
        )
        return self

    def _check_parameters(self) -> None:
        if self.decide not in _DECIDE:
            raise ValueError(
                f"The 'decide' parameter must be 'micro_f1', 'macro_f1' or 'probability'. Got {self.decide!r}."
            )
        if self.C != "auto" and not (isinstance(self.C, (int, float)) and self.C >= 0):
            raise ValueError(f"The 'C' parameter must be 'auto' or a number from 0 on. Got {self.C!r}.")

    def _target(self, y: Any, texts: Sequence[str], frames: Sequence[Frame]) -> NDArray[np.bool_]:
        """Indicators of every frame in every text."""
        names = [frame.name for frame in frames]
        if self.multilabel:
            target = _indicators(y)
            if target.shape != (len(texts), len(frames)):
                raise ValueError(
                    f"y must have a row for each text and a column for each frame, shape "
                    f"{(len(texts), len(frames))}. Got {target.shape}."
                )
            return target
        labels = [str(label) for label in check_paired(texts, y)]
        unknown = sorted(set(labels) - set(names))
        if unknown:
            raise ValueError(f"y names {', '.join(unknown[:5])}; the frames are {', '.join(names)}.")
        return np.array([[label == name for name in names] for label in labels], dtype=bool).reshape(-1, len(names))

    def _inventory(self) -> list[Frame]:
        if isinstance(self.frames, str):
            return load_inventory(self.frames)
        frames = list(self.frames)
        if not frames or not all(isinstance(frame, Frame) for frame in frames):
            raise TypeError(
                "The 'frames' parameter must be the name of an inventory or a list of Frame objects. "
                f"Got {self.frames!r} instead."
            )
        _check_frames(frames)
        return frames

    def _bundled(self) -> None:
        frames, bundled = self._inventory(), self.bundled_inventory
        self._set(FrameScorer.from_frames(frames) if bundled is None else FrameScorer.bundled(bundled), bundled=True)

    def _set(self, scorer: FrameScorer, *, bundled: bool = False) -> None:
        self._scorer = scorer
        self._tabulate(scorer.block, bundled=bundled)

    def _own_block(self) -> FrameBlock | None:
        return self._scorer.block if hasattr(self, "_scorer") else None

    @property
    def bundled_inventory(self) -> str | None:
        """The inventory whose bundled model reads before ``fit``, if there is one."""
        known = self.multilabel and isinstance(self.frames, str) and self.frames in _BUNDLED
        return str(self.frames) if known else None

    @property
    def classes_(self) -> NDArray[np.object_]:
        """The frames' labels."""
        return np.array(self.scorer.names, dtype=object)

    @property
    def scorer(self) -> FrameScorer:
        """The tables of word scores behind this classifier, for reading many articles together."""
        self._ready()
        return self._scorer

    def decision_function(self, X: Iterable[str]) -> Doubles:
        """Log odds of every frame; with ``multilabel=False``, up to a constant for each text.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        ndarray of float64, shape (n_texts, n_frames)
        """
        scorer, texts = self.scorer, check_texts(X)
        tokens, ranges, positions, owners = read_sentences(texts)
        sums = scorer.sums(self._table.read(tokens), ranges)
        logits = scorer.article_logits(sums, positions, owners, len(texts))
        logits[self._short(texts)] = scorer.article_intercept
        return logits

    def predict_proba(self, X: Iterable[str]) -> Doubles:
        """Scores of every frame, from 0 to 1, shape (n_texts, n_frames); see ``decide``."""
        logits = self.decision_function(X)
        return np.asarray(sigmoid(logits)) if self.multilabel else softmax(logits)

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """The frames of each text.

        Returns
        -------
        ndarray of int64, shape (n_texts, n_frames), or of str, shape (n_texts,)
            1 or 0 for every frame; with ``multilabel=False`` the name of the likeliest.
        """
        logits = self.decision_function(X)
        if self.multilabel:
            return (logits >= 0).astype(np.int64)
        return self.classes_[logits.argmax(axis=1)]

    def abstains(self, X: Iterable[str]) -> NDArray[np.bool_]:
        """Whether each text is too short to be read (``min_words``), shape (n_texts,)."""
        return self._short(check_texts(X))

    def _short(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        counts = (sum(text[start].isalpha() for start in tokenize(text)[:, 0].tolist()) for text in texts)
        return np.fromiter((count < self.min_words for count in counts), dtype=bool, count=len(texts))

    def sentence_proba(self, X: Iterable[str]) -> Doubles:
        """Scores of every frame in single sentences, which come from seeds above all.

        Parameters
        ----------
        X : array-like of str, shape (n_sentences,)
            Each read as one sentence.

        Returns
        -------
        ndarray of float64, shape (n_sentences, n_frames)
        """
        parts = [split_words(text) for text in check_texts(X)]
        edges = np.cumsum([0] + [len(part) for part in parts])
        return self.token_proba([token for part in parts for token in part], np.column_stack([edges[:-1], edges[1:]]))

    def token_proba(self, tokens: Sequence[str], ranges: NDArray[np.integer[Any]]) -> Doubles:
        """As :meth:`sentence_proba`, of ranges of tokens that are cut already.

        Parameters
        ----------
        tokens : sequence of str
        ranges : ndarray of int, shape (n_ranges, 2)
            First token and token after the last.

        Returns
        -------
        ndarray of float64, shape (n_ranges, n_frames)
        """
        scorer = self.scorer
        logits = scorer.sentence_logits(scorer.sums(self._table.read(tokens), ranges))
        return np.asarray(sigmoid(logits)) if self.multilabel else softmax(logits)

    def explain(self, text: str, frame: str, *, by: str = "word") -> Explanation:
        """What each word or sentence adds to a text's score for a frame.

        Parameters
        ----------
        text : str
        frame : str
            Label of the frame.
        by : {"word", "sentence"}, default="word"

        Returns
        -------
        Explanation
            ``score`` is the frame's decision function; ``intercept`` and the values add up to it.

        Raises
        ------
        ValueError
            If there is no such frame, or ``by`` is unknown.
        """
        if by not in _PARTS:
            raise ValueError(f"The 'by' parameter must be 'word' or 'sentence'. Got {by!r}.")
        scorer = self.scorer
        (text,) = check_texts([text], "text")
        tokens, ranges, positions, _ = read_sentences([text])
        shares, rest = scorer.contributions(self._table.read(tokens), ranges, positions, frame)
        if self._short([text])[0]:
            shares[:] = 0
        sentences = split_sentences(text)
        spans = [span for s, e in sentences for span in tokenize(text, s, e).tolist()]
        values = shares.tolist()
        if by == "sentence":
            spans = [list(span) for span in sentences]
            values = [float(shares[first:stop].sum()) for first, stop in ranges.tolist()]
        parts = [Contribution(s, e, text[s:e], value) for (s, e), value in zip(spans, values, strict=True)]
        return Explanation(float(shares.sum()) + rest, rest, parts)

    def __sklearn_tags__(self) -> Any:
        tags = text_tags(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = bool(self.multilabel)
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


def _check_frames(frames: Sequence[Frame]) -> None:
    """Refuse what would be read without a complaint and be wrong: seeds letter by letter, two frames of one name."""
    for frame in frames:
        if not isinstance(frame.description, str):
            raise TypeError(
                f"Frame {frame.name!r} has a description that is no string, but {type(frame.description).__name__}. "
                "Give words as seeds=(...)."
            )
        for field in ("seeds", "negatives"):
            words = getattr(frame, field)
            if isinstance(words, str):
                raise TypeError(f"Frame {frame.name!r} has one string as {field}. Give a tuple or list: ({words!r},).")
        if not frame.seeds and not frame.description.strip():
            raise ValueError(f"Frame {frame.name!r} has neither seeds nor a description. Give a dozen words as seeds.")
    names = [frame.name for frame in frames]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"Several frames are called {doubled[0]!r}. Each needs a name of its own.")
