"""Statements as an estimator on raw text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from framing.base import check_paired, check_range, check_texts, check_weights, text_tags
from framing.document import read_document
from framing.linear import Contribution, Explanation
from framing.metrics import StatementScores, statement_scores
from framing.record import LABELS
from framing.shapley import sampled_shapley
from framing.tagger import Tagger, bundled_tagger
from framing.text import tokenize
from framing.tokens import STATEMENT_LABELS
from framing.tuning import tune_statements

__all__ = ["Segment", "StatementClassifier"]

_LEAST = 1e-6  # probability, so that log odds stay finite


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

    It works unfitted, with the token network or encoder that ships with the package. ``fit`` moves that model's
    last layer towards labelled articles of your own; what they do not speak of stays as it was. Words that
    introduce an attribution ("analysts believe that") are in no statement.

    Parameters
    ----------
    tier : {"default", "accurate"}, default="default"
        Which bundled model; the accurate one needs ``newsframing[accurate]``.
    C : float, default=0.003
        How far ``fit`` may move the weights: the variance of their prior, centred on the bundled ones.

    Attributes
    ----------
    heads_ : dict of str to ndarray
        Weights of the last layer after ``fit``.
    temperature_ : float
        What the probabilities' logarithms are divided by.

    Examples
    --------
    >>> from framing import StatementClassifier
    >>> text = "Analysts believe the plan will fail."
    >>> (segments,) = StatementClassifier().predict([text])
    >>> [(text[s.start : s.end], s.label) for s in segments]
    [('the plan will fail.', 'source_opinion')]

    Learn from labels, as lists of [start, end, label]:

    >>> from framing.datasets import load_sample
    >>> sample = load_sample()
    >>> texts = [text for text, name in zip(sample.texts, sample.ids) if name in sample.statements]
    >>> labels = [sample.statements[name] for name in sample.ids if name in sample.statements]
    >>> classifier = StatementClassifier().fit(texts, labels)
    >>> classifier.score(texts, labels) > StatementClassifier().score(texts, labels)
    True
    """

    def __init__(self, *, tier: str = "default", C: float = 0.003) -> None:
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
        y : sequence of sequence of Segment or [start, end, label], length n_texts, optional
            Labels are ``author_fact``, ``author_opinion``, ``source_fact``, ``source_opinion`` and ``frame`` (words
            that are no statement); what is in no range is not learned from. Without labels the bundled model stays
            as it is.
        sample_weight : array-like of float, shape (n_texts,), optional
            How much each text's labels count; all 1 by default.

        Returns
        -------
        StatementClassifier

        Raises
        ------
        TypeError
            If ``X`` or ``y`` holds something else.
        ValueError
            If ``X`` and ``y`` differ in length, there is no label at all, a label is unknown or a range lies outside
            its text.
        """
        texts = check_texts(X)
        if not self.C > 0:
            raise ValueError(f"C must be greater than 0. Got {self.C!r} instead.")
        tagger = bundled_tagger(self.tier)
        for name in ("heads_", "temperature_"):
            self.__dict__.pop(name, None)
        if y is not None:
            labels = _check_labels(texts, y)
            if not any(labels):
                raise ValueError("y has no statement at all; fit needs at least one to learn from.")
            documents, importance = [read_document(text) for text in texts], check_weights(texts, sample_weight)
            self.heads_, self.temperature_ = tune_statements(tagger, documents, labels, self.C, importance)
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
        for document, tagged in zip(documents, self._tagger().tag(documents), strict=True):
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

    def explain(
        self, text: str, statement: int = 0, *, label: str | None = None, orders: int = 4, random_state: int = 0
    ) -> Explanation:
        """Every word's share in what a statement is taken for.

        The words are those of the statement's sentence, those that introduce an attribution among them. Shares are
        sampled Shapley values (:func:`framing.shapley.sampled_shapley`) of the words against blanks in their place,
        with the rest of the text as it is. It reads the text ``2 * orders`` times for every word.

        Parameters
        ----------
        text : str
        statement : int, default=0
            Which of the text's statements, in the order of :meth:`predict`.
        label : str, optional
            Whose log odds are explained: one of the four labels, ``"opinion"`` or ``"source"``. By default the
            statement's own label.
        orders : int, default=4
            More are less noisy and slower.
        random_state : int, default=0

        Returns
        -------
        Explanation
            ``score`` is the log odds of the label; ``intercept`` (the log odds when all words are blank) and the
            contributions' values add up to it.

        Raises
        ------
        IndexError
            If the text has no such statement.
        ValueError
            If there is no such label.

        Examples
        --------
        >>> found = StatementClassifier().explain("The disgraceful plan is an insult.", label="opinion")
        >>> max(found.contributions, key=lambda part: part.value).text in ("disgraceful", "insult")
        True
        """
        (text,) = check_texts([text], "text")
        document = read_document(text)
        tagger = self._tagger()
        stretches = tagger.tag([document])[0].stretches
        if not 0 <= statement < len(stretches):
            raise IndexError(f"The text has {len(stretches)} statements, numbered from 0. Got number {statement}.")
        stretch = stretches[statement]
        asked = LABELS[int(stretch.probabilities.argmax())] if label is None else label
        columns = [number for number, name in enumerate(LABELS) if name == asked or asked in name.split("_")]
        if not columns:
            raise ValueError(f"label must be one of {', '.join(LABELS)}, 'opinion' or 'source'. Got {label!r} instead.")

        def log_odds(there: NDArray[np.bool_]) -> NDArray[np.float64]:
            chances = np.clip(tagger.reread(document, stretch, there)[:, columns].sum(axis=1), _LEAST, 1 - _LEAST)
            return np.asarray(np.log(chances / (1 - chances)))

        sentence = document.sentences[stretch.sentence]
        spans = document.encoded.spans[sentence.first : sentence.stop].tolist()
        shares, score, intercept = sampled_shapley(log_odds, len(spans), orders=orders, random_state=random_state)
        parts = [Contribution(s, e, text[s:e], float(v)) for (s, e), v in zip(spans, shares, strict=True)]
        return Explanation(score, intercept, parts)

    def score(self, X: Iterable[str], y: Iterable[Sequence[Any]]) -> float:
        """Macro-F1 of the four labels over the tokens of all texts (:func:`framing.metrics.statement_scores`).

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)
        y : sequence of sequence of Segment or [start, end, label], length n_texts
            As for :meth:`fit`.

        Returns
        -------
        float
            0 to 1.
        """
        texts = check_texts(X)
        total = StatementScores()
        for text, gold, found in zip(texts, _check_labels(texts, y), self.predict(texts), strict=True):
            rows = []
            for segment in found:
                voice, kind = segment.label.split("_")
                rows.append({"start": segment.start, "end": segment.end, "voice": voice, "kind": kind})
            total += statement_scores(gold, rows, tokenize(text))
        return total.macro_f1

    def _tagger(self) -> Tagger:
        tagger = bundled_tagger(self.tier)
        if not hasattr(self, "heads_"):
            return tagger
        costs = {**tagger.decoding["statements"], "temperature": self.temperature_}
        return tagger.tuned(self.heads_, statements=costs)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def _check_labels(texts: Sequence[str], y: Iterable[Sequence[Any]]) -> list[list[tuple[int, int, str]]]:
    """Labels as ranges that lie in their texts, with one of the five labels."""
    labels = []
    for place, (text, row) in enumerate(zip(texts, check_paired(texts, y), strict=True)):
        found = []
        for segment in row:
            try:
                start, end, label = segment[:3]
                start, end = index(start), index(end)
            except (TypeError, ValueError, KeyError):
                raise TypeError(
                    f"y must hold Segments or [start, end, label]. Got {segment!r} for the text at position {place}."
                ) from None
            if label not in STATEMENT_LABELS:
                raise ValueError(
                    f"y has the label {label!r} for the text at position {place}; "
                    f"labels are {', '.join(STATEMENT_LABELS)}."
                )
            check_range(start, end, text, place)
            found.append((start, end, label))
        labels.append(found)
    return labels
