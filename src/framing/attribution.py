"""Attributions as an estimator on raw text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from framing.analysis import Attribution
from framing.base import check_paired, check_range, check_texts, check_weights, text_tags
from framing.document import read_document
from framing.metrics import ROLES, Scores, relation_f1
from framing.speakers import read_sources
from framing.tagger import attribution_entries, bundled_tagger
from framing.tuning import tune_attributions

__all__ = ["AttributionExtractor"]

_PARTS = ROLES[1:]


class AttributionExtractor(BaseEstimator):
    """Finds who says what: source, cue, content and speaker of every attribution.

    It works unfitted, with the token network or encoder that ships with the package, trained on PolNeAR (Newell
    et al. 2018). ``fit`` moves that model's last layers towards labelled articles of your own: a few dozen are
    enough to learn what your codebook counts as an attribution, and what they do not speak of stays as it was.

    Parameters
    ----------
    threshold : float, optional
        Least probability of an attribution, 0 to 1. Higher finds fewer and surer ones; the default, 0.3 (in the
        accurate tier 0.24), was best for F1 on articles that the model had not seen. On PolNeAR's development part
        the default tier finds 31% of the cues that are nouns ("the claim that") at 0.3, with a precision of .76,
        and 52% of them at 0.08, with one of .66.
    tier : {"default", "accurate"}, default="default"
        Which bundled model; the accurate one needs ``newsframing[accurate]``.
    C : float, default=0.01
        How far ``fit`` may move the weights: the variance of their prior, centred on the bundled ones.

    Attributes
    ----------
    heads_ : dict of str to ndarray
        Weights of the last layers after ``fit``.
    calibration_ : dict of str to float
        What turns a candidate's features into its probability.
    threshold_ : float
        The threshold that was best on articles kept apart in ``fit``; ``threshold`` goes before it.

    References
    ----------
    Newell, E., Margolin, D., & Ruths, D. (2018). An attribution relations corpus for political news. LREC.

    Examples
    --------
    >>> from framing import AttributionExtractor
    >>> (found,) = AttributionExtractor().predict(["Engineers said the bridge is safe."])
    >>> found[0].source, found[0].cue, found[0].content
    ('Engineers', 'said', 'the bridge is safe')

    Learn from labels, as lists of ranges:

    >>> from framing.datasets import load_sample
    >>> sample = load_sample()
    >>> texts = [text for text, name in zip(sample.texts, sample.ids) if name in sample.attributions]
    >>> labels = [sample.attributions[name] for name in sample.ids if name in sample.attributions]
    >>> extractor = AttributionExtractor().fit(texts, labels)
    >>> extractor.score(texts, labels) > AttributionExtractor().score(texts, labels)
    True
    """

    def __init__(self, *, threshold: float | None = None, tier: str = "default", C: float = 0.01) -> None:
        self.threshold = threshold
        self.tier = tier
        self.C = C

    def fit(
        self,
        X: Iterable[str],
        y: Iterable[Sequence[Any]] | None = None,
        sample_weight: Sequence[float] | None = None,
    ) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : sequence of sequence of Attribution or mapping, length n_texts, optional
            All attributions of each text; mappings have ``source``, ``cue`` and ``content``, lists of half-open
            ranges of code points, as in the JSON record. Without labels the bundled model stays as it is.
        sample_weight : array-like of float, shape (n_texts,), optional
            How much each text's labels count; all 1 by default.

        Returns
        -------
        AttributionExtractor

        Raises
        ------
        TypeError
            If ``X`` or ``y`` holds something else.
        ValueError
            If ``X`` and ``y`` differ in length, there is no label at all, or a range lies outside its text.
        """
        texts = check_texts(X)
        if not self.C > 0:
            raise ValueError(f"C must be greater than 0. Got {self.C!r} instead.")
        tagger = bundled_tagger(self.tier)
        for name in ("heads_", "calibration_", "threshold_"):
            self.__dict__.pop(name, None)
        if y is not None:
            labels = _check_labels(texts, y)
            if not any(labels):
                raise ValueError("y has no attribution at all; fit needs at least one to learn from.")
            documents, importance = [read_document(text) for text in texts], check_weights(texts, sample_weight)
            self.heads_, self.calibration_, self.threshold_ = tune_attributions(
                tagger, documents, labels, self.C, importance
            )
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
        found = []
        for text, body, entries in self._entries(X):
            readings = read_sources(text, entries, body=body)
            found.append(
                [
                    Attribution.from_spans(text, **entry, **reading._asdict())
                    for entry, reading in zip(entries, readings, strict=True)
                ]
            )
        return found

    def predict_proba(self, X: Iterable[str]) -> list[NDArray[np.float64]]:
        """Probability that each attribution of ``predict`` is right.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        list of ndarray of float64, shape (n_attributions,)
            For each text, 0 to 1, in the order of ``predict``.
        """
        return [np.array([entry["probability"] for entry in entries]) for _, _, entries in self._entries(X)]

    def score(self, X: Iterable[str], y: Iterable[Sequence[Any]]) -> float:
        """Relation F1 over all texts (:func:`framing.metrics.relation_f1`).

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : sequence of sequence of Attribution or mapping, length n_texts
            As for :meth:`fit`.

        Returns
        -------
        float
            0 to 1.
        """
        texts = check_texts(X)
        pairs = zip(_check_labels(texts, y), self._entries(texts), strict=True)
        return sum((relation_f1(gold, entries) for gold, (_, _, entries) in pairs), Scores()).f1

    def _entries(self, X: Iterable[str]) -> list[tuple[str, list[tuple[int, int]], list[dict[str, Any]]]]:
        """Text, body paragraphs and attributions without speakers of every text."""
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1. Got {self.threshold!r} instead.")
        documents = [read_document(text) for text in check_texts(X)]
        tagger = bundled_tagger(self.tier)
        if hasattr(self, "heads_"):
            tagger = tagger.tuned(self.heads_, calibration=self.calibration_, threshold=self.threshold_)
        found = tagger.relations(documents, threshold=self.threshold)
        return [
            (document.text, document.paragraphs, attribution_entries(document, relations))
            for document, relations in zip(documents, found, strict=True)
        ]

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def _check_labels(texts: Sequence[str], y: Iterable[Sequence[Any]]) -> list[list[Mapping[str, Any]]]:
    """Labels as mappings of ranges that lie in their texts."""
    labels: list[list[Mapping[str, Any]]] = []
    for place, (text, row) in enumerate(zip(texts, check_paired(texts, y), strict=True)):
        found: list[Mapping[str, Any]] = []
        for label in row:
            if isinstance(label, Attribution):
                entry: Mapping[str, Any] = {part: getattr(label, f"{part}_spans") for part in _PARTS}
            elif isinstance(label, Mapping) and all(part in label for part in _PARTS):
                entry = {part: [tuple(span) for span in label[part]] for part in _PARTS}
            else:
                raise TypeError(
                    f"y must hold Attributions or mappings with source, cue and content. "
                    f"Got {type(label).__name__} for the text at position {place}."
                )
            for start, end in (span for part in _PARTS for span in entry[part]):
                check_range(start, end, text, place)
            found.append(entry)
        labels.append(found)
    return labels
