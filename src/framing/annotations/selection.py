"""Which articles to label next: those that the models are unsure of, and that are unlike the others."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.annotations.annotated import Annotated

if TYPE_CHECKING:
    from framing.analysis import Analysis
    from framing.analyzer import Analyzer

__all__ = ["Choice", "choose_next"]

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """An article worth labelling, and why.

    Attributes
    ----------
    index : int
        Its place among the articles that were given.
    article : Annotated
    score : float
        ``rank`` times ``novelty``, 0 to 1.
    rank : float
        Share of the other articles that the models are surer of, 0 to 1.
    statements : float
        How unsure they are of voice and kind: the entropy of the four labels' probabilities, by the length of the
        statements, as a share of the greatest possible.
    attributions : float
        How unsure they are of who says what: the mean entropy of the attributions' probabilities, in bits; 0 where
        there is none.
    novelty : float
        1 less the cosine to the nearest article that is labelled or was chosen before, 0 to 1; 1 if there is none.
    nearest : str or int or None
        That article's id, if it has one.
    """

    index: int
    article: Annotated
    score: float
    rank: float
    statements: float
    attributions: float
    novelty: float
    nearest: str | int | None

    @property
    def why(self) -> str:
        """The reasons in a sentence.

        Examples
        --------
        >>> doc = Annotated(text="Rain fell.")
        >>> Choice(0, doc, 0.4, 0.8, 0.31, 0.62, 0.5, "a7").why
        'less sure than of 80% of the others (statements 0.31, attributions 0.62); nearest is a7, novelty 0.50'
        """
        unsure = f"statements {self.statements:.2f}, attributions {self.attributions:.2f}"
        if self.nearest is None:
            near = "nothing like it is labelled" if self.novelty == 1 else f"novelty {self.novelty:.2f}"
        else:
            near = f"nearest is {self.nearest}, novelty {self.novelty:.2f}"
        return f"less sure than of {self.rank:.0%} of the others ({unsure}); {near}"

    def to_dict(self) -> dict[str, Any]:
        """The numbers, rounded to four places, and the reasons, for an article's metadata."""
        numbers = {name: round(getattr(self, name), 4) for name in _NUMBERS}
        return numbers | {"nearest": self.nearest, "why": self.why}


_NUMBERS = ("score", "rank", "statements", "attributions", "novelty")


def choose_next(
    articles: Iterable[Annotated],
    n: int = 20,
    *,
    labelled: Iterable[Annotated] = (),
    analyzer: Analyzer | None = None,
    progress: bool = False,
) -> list[Choice]:
    """Choose articles to label.

    Every article gets an uncertainty, the mean of what its statements' and its attributions' probabilities leave open,
    and from it a rank among the others. Then articles are taken one by one, each time the one whose rank times novelty
    is greatest: an article like one that is labelled or taken brings little, however unsure the models are of it
    (Settles 2012, chapter 4; the greedy cover is that of Sener & Savarese 2018). The same input gives the same choice.

    Parameters
    ----------
    articles : iterable of Annotated
        Only their texts are looked at.
    n : int, default=20
        How many to choose; all, in order, if there are fewer.
    labelled : iterable of Annotated, optional
        Articles that have labels already: nothing like them is chosen.
    analyzer : framing.Analyzer, optional
        The models; by default the bundled ones.
    progress : bool, default=False
        Show a progress bar on standard error.

    Returns
    -------
    list of Choice
        Best first.

    Raises
    ------
    ValueError
        If ``n`` is less than 1.

    References
    ----------
    Settles, B. (2012). Active Learning. Morgan & Claypool.
    Sener, O., & Savarese, S. (2018). Active learning for convolutional neural networks: A core-set approach. ICLR.

    Examples
    --------
    >>> texts = ["Rain fell on Monday.", "Critics fear the plan may fail, aides say.", "Rain fell on Tuesday."]
    >>> [choice.index for choice in choose_next([Annotated(text=text) for text in texts], 2)]
    [1, 2]
    """
    if n < 1:
        raise ValueError(f"n must be at least 1. Got {n} instead.")
    from framing.analyzer import Analyzer
    from framing.embedding import StaticEmbedding

    pool, done = list(articles), list(labelled)
    if not pool:
        return []
    reader = Analyzer() if analyzer is None else analyzer
    found = reader.analyze_many(({"text": doc.text, "title": doc.title} for doc in pool), progress=progress)
    unsure = np.array([_uncertainty(doc) for doc in found]).reshape(-1, 2)
    ranks = _ranks(unsure.mean(axis=1))
    embedding = StaticEmbedding()
    vectors = embedding.transform([doc.text for doc in pool]).astype(np.float64)
    novelty = np.ones(len(pool))
    nearest: list[Annotated | None] = [None] * len(pool)

    def approach(vector: Doubles, article: Annotated) -> None:
        distance = np.clip(1 - vectors @ vector, 0, 1)
        for place in np.flatnonzero(distance < novelty - 1e-9):
            novelty[place], nearest[place] = distance[place], article

    for vector, article in zip(embedding.transform([doc.text for doc in done]).astype(np.float64), done, strict=True):
        approach(vector, article)
    chosen: list[Choice] = []
    left = np.ones(len(pool), dtype=bool)
    for _ in range(min(n, len(pool))):
        # Rounded, so that articles which differ by an error of arithmetic keep the order of the input.
        scores = np.where(left, np.round(ranks * novelty, 9), -1)
        best = int(scores.argmax())
        close = nearest[best]
        chosen.append(
            Choice(
                index=best,
                article=pool[best],
                score=float(scores[best]),
                rank=float(ranks[best]),
                statements=float(unsure[best, 0]),
                attributions=float(unsure[best, 1]),
                novelty=float(novelty[best]),
                nearest=None if close is None else close.id,
            )
        )
        left[best] = False
        approach(vectors[best], pool[best])
    return chosen


def _uncertainty(doc: Analysis) -> tuple[float, float]:
    """Of statements and of attributions, each 0 to 1."""
    lengths = [statement.span.end - statement.span.start for statement in doc.statements]
    entropies = [_entropy(statement.probability.values()) / 2 for statement in doc.statements]
    statements = float(np.average(entropies, weights=lengths)) if lengths else 0.0
    open_ones = [_entropy((a.probability, 1 - a.probability)) for a in doc.attributions]
    return statements, sum(open_ones) / len(open_ones) if open_ones else 0.0


def _entropy(probabilities: Iterable[float]) -> float:
    return -sum(p * math.log2(p) for p in probabilities if p > 0)


def _ranks(values: Doubles) -> Doubles:
    """Share of the other values that each is greater than; equal ones count half."""
    if len(values) < 2:
        return np.ones(len(values))
    values = np.round(values, 9)
    ordered = np.sort(values)
    below, upto = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    ranks: Doubles = (below + upto - 1) / 2 / (len(values) - 1)
    return ranks
