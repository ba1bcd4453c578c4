"""Attributions as an estimator on raw text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from sklearn.base import BaseEstimator

from framing.analysis import Attribution
from framing.base import check_texts, text_tags
from framing.document import read_document
from framing.speakers import read_sources
from framing.tagger import attribution_entry, bundled_tagger

__all__ = ["AttributionExtractor"]


class AttributionExtractor(BaseEstimator):
    """Finds who says what: source, cue, content and speaker of every attribution.

    A pre-trained estimator: ``fit`` checks its input and learns nothing. The models are the token network
    and the encoder that ship with the package, trained on PolNeAR (Newell et al. 2018).

    Parameters
    ----------
    threshold : float, optional
        Least probability of an attribution, 0 to 1. Higher finds fewer and surer ones; the default is
        the one that was best for F1 on held-out articles.
    tier : {"default", "accurate"}, default="default"
        Which bundled model; the accurate one needs ``newsframing[accurate]``.

    References
    ----------
    Newell, E., Margolin, D., & Ruths, D. (2018). An attribution relations corpus for political news. LREC.

    Examples
    --------
    >>> from framing import AttributionExtractor
    >>> (found,) = AttributionExtractor().predict(["Engineers said the bridge is safe."])
    >>> found[0].source, found[0].cue, found[0].content
    ('Engineers', 'said', 'the bridge is safe')
    """

    def __init__(self, *, threshold: float | None = None, tier: str = "default") -> None:
        self.threshold = threshold
        self.tier = tier

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Check the input; there is nothing to learn.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : ignored

        Returns
        -------
        AttributionExtractor
        """
        check_texts(X)
        return self

    def predict(self, X: Iterable[str]) -> list[list[Attribution]]:
        """Attributions of every text.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        list of list of Attribution
            For each text, in the order of their cues.

        Raises
        ------
        TypeError
            If ``X`` is one string or holds anything else than strings.
        ValueError
            If ``threshold`` is not between 0 and 1 or there is no such tier.
        MissingExtraError
            If the tier is ``"accurate"`` and what runs it is not installed.
        """
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1. Got {self.threshold!r} instead.")
        documents = [read_document(text) for text in check_texts(X)]
        results = bundled_tagger(self.tier).tag(documents, threshold=self.threshold)
        found = []
        for document, tagged in zip(documents, results, strict=True):
            entries = [attribution_entry(document, relation) for relation in tagged.relations]
            readings = read_sources(document.text, entries, body=document.paragraphs)
            found.append(
                [
                    Attribution.from_spans(document.text, **entry, **reading._asdict())
                    for entry, reading in zip(entries, readings, strict=True)
                ]
            )
        return found

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())
