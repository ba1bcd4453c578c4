"""Descriptive companions of frames: where a text's words lie between opposites, and the tone around a frame.

Neither says that a frame is present. An axis is laid between two sets of opposite words in the static embedding
(FrameAxis, Kwak, An, Jing and Ahn 2021); a text's *bias* on it is how far its words lean to one side, its
*intensity* how much they are about the axis at all, whichever side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from framing.base import check_texts, text_tags
from framing.frame_fit import read_sentences
from framing.frames import FrameClassifier
from framing.lexicons import load_lexicon
from framing.vectors import bundled_vectors
from framing.word_rows import split_texts

__all__ = ["AXES", "Axis", "FrameAxes", "frame_tone"]

Doubles = NDArray[np.float64]

_ORDINARY_WORDS = 10_000


@dataclass(frozen=True)
class Axis:
    """Two opposites.

    Attributes
    ----------
    name : str
    low, high : tuple of str
        Words at either end; a text that leans to ``high`` has a positive bias.

    Examples
    --------
    >>> Axis("weather", ("rain", "storm"), ("sunshine", "sunny")).name
    'weather'
    """

    name: str
    low: tuple[str, ...]
    high: tuple[str, ...]


AXES: tuple[Axis, ...] = (
    Axis("harm_care", ("harm", "cruel", "hurt", "neglect"), ("care", "protect", "kind", "help")),
    Axis("cheating_fairness", ("unfair", "cheating", "fraud", "unjust"), ("fair", "honest", "equal", "just")),
    Axis("conflict_cooperation", ("fight", "clash", "dispute", "rivals"), ("cooperate", "agree", "partners", "peace")),
    Axis("danger_safety", ("danger", "threat", "risk", "unsafe"), ("safe", "safety", "secure", "protected")),
    Axis("loss_gain", ("loss", "losses", "decline", "shrink"), ("gain", "gains", "growth", "profit")),
    Axis("burden_benefit", ("burden", "cost", "drain", "expense"), ("benefit", "asset", "contribute", "reward")),
    Axis("illegal_legal", ("illegal", "unlawful", "criminal", "crime"), ("legal", "lawful", "law", "rights")),
    Axis("old_new", ("traditional", "old", "ancient", "heritage"), ("modern", "new", "innovative", "future")),
    Axis("foreign_domestic", ("foreign", "abroad", "overseas", "alien"), ("domestic", "national", "home", "native")),
    Axis("individual_collective", ("individual", "personal", "private"), ("community", "public", "society")),
    Axis("failure_success", ("fail", "failure", "collapse", "defeat"), ("succeed", "success", "achieve", "victory")),
    Axis("fear_hope", ("fear", "afraid", "despair", "worry"), ("hope", "hopeful", "confident", "optimistic")),
)  # fmt: skip
"""Axes of this library's own choosing."""


class FrameAxes(TransformerMixin, BaseEstimator):
    """Bias and intensity of texts along axes of opposites; a description, never a frame's presence.

    Parameters
    ----------
    axes : sequence of Axis, optional
        By default :data:`framing.axes.AXES`.

    Attributes
    ----------
    n_features_out_ : int
        Number of columns: two for each axis.

    References
    ----------
    Kwak, H., An, J., Jing, E., & Ahn, Y.-Y. (2021). FrameAxis: characterizing microframe bias and intensity
    with word embedding. PeerJ Computer Science, 7, e644.

    Examples
    --------
    >>> from framing.axes import Axis, FrameAxes
    >>> weather = Axis("weather", low=("rain", "storm", "wet"), high=("sunshine", "sunny", "dry"))
    >>> values = FrameAxes([weather]).fit_transform(["The storm brought floods.", "A bright, sunny and dry day."])
    >>> bool(values[0, 0] < 0 < values[1, 0])
    True
    """

    def __init__(self, axes: Sequence[Axis] | None = None) -> None:
        self.axes = axes

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check parameters and input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        FrameAxes

        Raises
        ------
        TypeError
            If ``axes`` holds anything but :class:`Axis` objects.
        ValueError
            If the embedding knows no word at an axis' end.
        """
        check_texts(X)
        self.n_features_out_ = 2 * len(self._directions())
        return self

    def transform(self, X: Iterable[str]) -> Doubles:
        """Biases of all axes, then their intensities.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        ndarray of float64, shape (n_texts, 2 * n_axes)
            Bias is the weighted mean over words of the cosine with the axis, less that of ordinary English,
            from -2 to 2; intensity the weighted mean of its square, from 0 to 4. Frequent words weigh little.
            0 for a text without a known word.
        """
        directions, table = self._directions(), bundled_vectors()
        vectors, weights, shares = table.ordinary(_ORDINARY_WORDS)
        mass = weights * shares
        usual = mass @ (_units(vectors) @ directions.T) / mass.sum()
        words, ids, bounds = split_texts(check_texts(X))
        vectors, weights = table.lookup(words)
        lean = (_units(vectors) @ directions.T - usual).astype(np.float64)
        counts = sp.csr_matrix((weights[ids].astype(np.float64), ids, bounds), shape=(len(bounds) - 1, len(words)))
        total = np.maximum(np.asarray(counts.sum(axis=1)).reshape(-1, 1), 1e-12)
        return np.hstack([counts @ lean / total, counts @ lean**2 / total])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names ``bias_…`` and ``intensity_…`` of the columns."""
        names = [axis.name for axis in self._axes()]
        return np.array([f"{kind}_{name}" for kind in ("bias", "intensity") for name in names], dtype=object)

    def _axes(self) -> tuple[Axis, ...]:
        axes = AXES if self.axes is None else tuple(self.axes)
        if not axes or not all(isinstance(axis, Axis) for axis in axes):
            raise TypeError(f"The 'axes' parameter must be a sequence of Axis objects. Got {self.axes!r} instead.")
        return axes

    def _directions(self) -> NDArray[np.float32]:
        """Unit vectors from the low to the high end, shape (n_axes, n_dimensions)."""
        ends = [[_end(axis, side) for side in (axis.low, axis.high)] for axis in self._axes()]
        return _units(np.array([high - low for low, high in ends], dtype=np.float32))

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def _end(axis: Axis, side: Sequence[str]) -> NDArray[np.float32]:
    vectors, weights = bundled_vectors().lookup(list(side))
    if not weights.any():
        raise ValueError(f"Axis {axis.name!r} has no known word among {', '.join(side) or 'none'}; name others.")
    return np.asarray(_units(vectors[weights > 0]).mean(axis=0))


def _units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


@lru_cache(maxsize=1)
def _polar_words() -> dict[str, int]:
    """Evaluating words, 1 or -1; those in both lists say nothing."""
    good, bad = load_lexicon("evaluative_positive"), load_lexicon("evaluative_negative")
    return dict.fromkeys(good - bad, 1) | dict.fromkeys(bad - good, -1)


def frame_tone(texts: Iterable[str], classifier: FrameClassifier | None = None) -> Doubles:
    """Tone of the sentences that show each frame.

    A description of wording, not a judgement on the frame: evaluating words (the lexicons
    ``evaluative_positive`` and ``evaluative_negative``), counted in every sentence and weighted by the sentence's
    score for the frame. Negation and irony are not seen.

    Parameters
    ----------
    texts : array-like of str, shape (n_texts,)
    classifier : FrameClassifier, optional
        By default that of the policy frames.

    Returns
    -------
    ndarray of float64, shape (n_texts, n_frames)
        From -1, all evaluating words around the frame negative, to 1, all positive; 0 where there are none.

    Examples
    --------
    >>> from framing.axes import frame_tone
    >>> tone = frame_tone(["The disastrous budget was a terrible failure for the economy and for jobs."])
    >>> bool(tone[0, 0] < 0)
    True
    """
    model = FrameClassifier() if classifier is None else classifier
    documents = check_texts(texts, "texts")
    tokens, ranges, _, owners = read_sentences(documents)
    polarity = _polar_words()
    signs = np.array([polarity.get(token.lower(), 0) for token in tokens], dtype=np.float64)
    running = np.concatenate([np.zeros((1, 2)), np.cumsum(np.column_stack([signs, np.abs(signs)]), axis=0)])
    sums = running[ranges[:, 1]] - running[ranges[:, 0]]
    scores = model.token_proba(tokens, ranges)
    size = (len(documents), len(owners))
    gather = sp.csr_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))), shape=size)
    signed, marked = (np.asarray(gather @ (scores * sums[:, column : column + 1])) for column in (0, 1))
    return np.where(marked > 0, signed / np.maximum(marked, 1e-12), 0.0)
