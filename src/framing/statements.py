"""Statements as an estimator on raw text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from sklearn.base import BaseEstimator

from framing.base import check_texts, text_tags
from framing.document import read_document
from framing.record import LABELS
from framing.tagger import bundled_tagger

__all__ = ["Segment", "StatementClassifier"]


class Segment(NamedTuple):
    """A statement found in a text.

    Attributes
    ----------
    start, end : int
        Half-open range of code points.
    label : str
        ``"author_fact"``, ``"author_opinion"``, ``"source_fact"`` or ``"source_opinion"``.
    probability : dict of str to float
        Of the four labels; they sum to 1.
    """

    start: int
    end: int
    label: str
    probability: dict[str, float]


class StatementClassifier(BaseEstimator):
    """Cuts texts into statements and tells voice and kind of each.

    A pre-trained estimator: ``fit`` checks its input and learns nothing. Words that introduce an
    attribution ("analysts believe that") are in no statement.

    Parameters
    ----------
    tier : {"default", "accurate"}, default="default"
        Which bundled model; the accurate one needs ``newsframing[accurate]``.

    Examples
    --------
    >>> from framing import StatementClassifier
    >>> text = "Analysts believe the plan will fail."
    >>> (segments,) = StatementClassifier().predict([text])
    >>> [(text[s.start : s.end], s.label) for s in segments]
    [('the plan will fail.', 'source_opinion')]
    """

    def __init__(self, *, tier: str = "default") -> None:
        self.tier = tier

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check the input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        StatementClassifier
        """
        check_texts(X)
        return self

    def predict(self, X: Iterable[str]) -> list[list[Segment]]:
        """Statements of every text.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        list of list of Segment
            For each text, in order, not overlapping.

        Raises
        ------
        TypeError
            If ``X`` is one string or holds anything else than strings.
        ValueError
            If there is no such tier.
        MissingExtraError
            If the tier is ``"accurate"`` and what runs it is not installed.
        """
        documents = [read_document(text) for text in check_texts(X)]
        found = []
        for document, tagged in zip(documents, bundled_tagger(self.tier).tag(documents), strict=True):
            spans = document.encoded.spans
            found.append(
                [
                    Segment(
                        int(spans[stretch.first, 0]),
                        int(spans[stretch.last, 1]),
                        LABELS[int(stretch.probabilities.argmax())],
                        dict(zip(LABELS, stretch.probabilities.tolist(), strict=True)),
                    )
                    for stretch in tagged.stretches
                ]
            )
        return found

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())
