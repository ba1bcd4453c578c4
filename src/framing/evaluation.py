"""How well an estimator does on labelled articles: scores by class with intervals, confusion, calibration, errors.

Everything is counted article by article, so that intervals are drawn over articles: sentences of one article resemble
each other, and an interval over sentences is too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.metrics import (
    ROLES,
    STATEMENT_LABELS,
    bootstrap_interval,
    expected_calibration_error,
    match_attributions,
    reliability_table,
    role_labels,
    span_scores,
    statement_scores,
)
from framing.text import tokenize

__all__ = ["METRICS", "Evaluation", "Mistake", "compare_evaluations", "evaluate_predictions"]

Counts = NDArray[np.int64]

METRICS = {
    "attribution": "relation F1",
    "statements": "macro-F1 of the four labels over tokens",
    "frames": "micro-F1",
    "bias": "macro-F1",
    "loaded": "F1 of loaded words",
    "opinion": "macro-F1",
}
"""The tasks, and the score that each is judged by."""

_MICRO = ("frames",)  # the others: the mean F1 of the classes that count
_EXCERPT = 90  # characters of a mistake that are kept
_FEW = 10  # articles; a bootstrap over fewer gives intervals that are too narrow


class Mistake(NamedTuple):
    """A prediction that the labels contradict.

    Attributes
    ----------
    article : str
    start, end : int
        Half-open range of code points in the text that was read (the article, or the sentence where sentences are).
    text : str
        What stands there, shortened.
    gold, predicted : str
    sureness : float
        Probability of what was predicted, 0 to 1; 0.5 for what was missed without having been weighed.
    """

    article: str
    start: int
    end: int
    text: str
    gold: str
    predicted: str
    sureness: float


@dataclass(frozen=True)
class Evaluation:
    """What an estimator got right and wrong on labelled articles.

    Attributes
    ----------
    task : str
        One of `METRICS`.
    classes : tuple of str
        What is scored one by one. Of attributions: whole relations, then sources, cues and contents that overlap
        with gold ones.
    articles : tuple of str
    counts : ndarray of int, shape (n_articles, n_classes, 3)
        True positives, false positives and false negatives.
    labels : tuple of str
        Rows and columns of ``confusion``; empty for frames, which are not exclusive.
    confusion : ndarray of int, shape (n_labels, n_labels)
        By gold label (rows) and predicted label (columns): tokens, or sentences for bias and opinion.
    said, was : ndarray, shape (n_decisions,)
        Probabilities, and whether it was so.
    mistakes : tuple of Mistake
        Surest first.
    """

    task: str
    classes: tuple[str, ...]
    articles: tuple[str, ...]
    counts: Counts
    labels: tuple[str, ...]
    confusion: Counts
    said: NDArray[np.float64]
    was: NDArray[np.bool_]
    mistakes: tuple[Mistake, ...]

    @property
    def score(self) -> float:
        """The task's score (`METRICS`), 0 to 1; classes that neither labels nor predictions hold do not count."""
        return self._overall(self.counts)

    def interval(self, n: int = 1000) -> tuple[float, float]:
        """95% bootstrap interval of the score, over articles."""
        return bootstrap_interval(self.counts, self._overall, n=n)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error, 0 to 1; nan without probabilities."""
        return expected_calibration_error(self.was, self.said)

    def per_class(self, n: int = 1000) -> list[dict[str, Any]]:
        """Precision, recall, F1 and its 95% interval for each class.

        Parameters
        ----------
        n : int, default=1000
            Samples of the bootstrap.

        Returns
        -------
        list of dict
            With ``class``, ``precision``, ``recall``, ``f1``, ``low``, ``high`` and ``gold``, the number in the labels.
        """
        rows = []
        for place, name in enumerate(self.classes):
            own = self.counts[:, place]
            tp, fp, fn = own.sum(axis=0).tolist()
            low, high = bootstrap_interval(own, _f1_of_sample, n=n)
            rows.append(
                {
                    "class": name,
                    "precision": tp / (tp + fp) if tp + fp else 0.0,
                    "recall": tp / (tp + fn) if tp + fn else 0.0,
                    "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else float("nan"),
                    "low": low,
                    "high": high,
                    "gold": tp + fn,
                }
            )
        return rows

    def summary(self) -> dict[str, Any]:
        """The scores as plain values of JSON, as a model's manifest keeps them; what is undefined is None."""
        low, high = self.interval()
        return {
            "metric": METRICS[self.task],
            "score": _rounded(self.score),
            "interval_95": [_rounded(low), _rounded(high)],
            "articles": len(self.articles),
            "calibration_error": _rounded(self.calibration_error),
            "classes": {
                row["class"]: {
                    "f1": _rounded(row["f1"]),
                    "interval_95": [_rounded(row["low"]), _rounded(row["high"])],
                    "gold": row["gold"],
                }
                for row in self.per_class()
            },
        }

    def render(self, errors: int = 10) -> str:
        """Everything as plain text.

        Parameters
        ----------
        errors : int, default=10
            How many of the surest mistakes to show.

        Returns
        -------
        str
        """
        low, high = self.interval()
        judged = len(self.articles)
        lines = [
            f"{METRICS[self.task]} {_shown(self.score)} (95% interval {_shown(low)} to {_shown(high)}, "
            f"{judged} article{'s' * (judged != 1)})",
        ]
        if judged < _FEW:
            lines.append(
                "Judged by so few articles, the intervals are much too narrow"
                + (": of one article they have no width. " if judged == 1 else ". ")
                + "Label more before you rely on a score."
            )
        lines.append("")
        width = max(map(len, self.classes))
        lines.append(f"{'':{width}}  precision  recall  F1    95% interval  gold")
        lines += [
            f"{row['class']:{width}}  {_shown(row['precision']):>9}  {_shown(row['recall']):>6}  "
            f"{_shown(row['f1']):4}  {_shown(row['low'])} to {_shown(row['high']):5}  {row['gold']:4}"
            for row in self.per_class()
        ]
        if self.labels:
            lines += ["", "Confusion (rows: labels, columns: predictions)", *self._confusion_lines()]
        if self.said.size:
            lines += ["", f"Calibration (expected error {_shown(self.calibration_error)})", "said  was   number"]
            table = reliability_table(self.was, self.said)
            lines += [
                f"{_shown(said):4}  {_shown(was):4}  {count:6}"
                for said, was, count in zip(table["probability"], table["share"], table["count"], strict=True)
                if count
            ]
        if errors > 0 and self.mistakes:
            lines += ["", "The surest errors"]
            lines += [
                f"{_shown(one.sureness)}  {one.predicted} instead of {one.gold}  [{one.article}] {one.text}"
                for one in self.mistakes[:errors]
            ]
        return "\n".join(lines)

    def _confusion_lines(self) -> list[str]:
        width = max(6, *map(len, self.labels))
        head = " ".join(f"{label:>{width}}" for label in self.labels)
        return [f"{'':{width}} {head}"] + [
            " ".join([f"{label:{width}}", *(f"{count:{width}}" for count in row)])
            for label, row in zip(self.labels, self.confusion.tolist(), strict=True)
        ]

    def _overall(self, counts: Counts) -> float:
        total = counts.sum(axis=0)
        if self.task == "attribution":
            total = total[:1]
        elif self.task == "statements":
            total = total[:-1]
        if self.task in _MICRO:
            total = total.sum(axis=0, keepdims=True)
        f1 = _f1(total)
        return float(f1[~np.isnan(f1)].mean()) if not np.isnan(f1).all() else float("nan")


def compare_evaluations(first: Evaluation, second: Evaluation, n: int = 2000) -> tuple[float, float, float]:
    """How much better the second is, with a 95% interval from a paired bootstrap over articles.

    Parameters
    ----------
    first, second : Evaluation
        Of one task, on the same articles.
    n : int, default=2000
        Samples.

    Returns
    -------
    difference, low, high : float
        Of the task's score, -1 to 1.

    Raises
    ------
    ValueError
        If the two were not judged on the same task and articles.
    """
    if (first.task, first.articles, first.classes) != (second.task, second.articles, second.classes):
        raise ValueError("Both evaluations must be of one task and its classes, on the same articles in one order.")

    def difference(sample: Counts) -> float:
        return second._overall(sample[:, 1]) - first._overall(sample[:, 0])

    pairs = np.stack([first.counts, second.counts], axis=1)
    low, high = bootstrap_interval(pairs, difference, n=n)
    return difference(pairs), low, high


class _Read(NamedTuple):
    """What one text's prediction comes to; lists grow over texts."""

    counts: list[Counts]
    confusion: list[Counts]
    said: list[float]
    was: list[bool]
    mistakes: list[Mistake]


def evaluate_predictions(
    task: str,
    model: Any,
    X: Sequence[str],
    y: Any,
    groups: Iterable[Any],
) -> Evaluation:
    """Judge an estimator by labels.

    Parameters
    ----------
    task : {"attribution", "statements", "frames", "bias", "loaded", "opinion"}
    model : estimator
        Anything with the methods of the task's estimator of this package.
    X : sequence of str, length n_texts
        Articles, or sentences for bias, loaded words and opinion.
    y : sequence, length n_texts
        As the task's estimator takes it in ``fit``.
    groups : iterable, length n_texts
        The article of each text.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If there is no such task or no text, or a label is none that the model knows.

    Examples
    --------
    >>> from framing import OpinionClassifier
    >>> texts = ["The council met on Tuesday.", "This shameful plan must never pass."]
    >>> found = evaluate_predictions("opinion", OpinionClassifier(), texts, ["fact", "opinion"], ["a", "b"])
    >>> found.score, found.confusion.tolist()
    (1.0, [[1, 0], [0, 1]])
    """
    if task not in METRICS:
        raise ValueError(f"task must be one of {', '.join(METRICS)}. Got {task!r} instead.")
    names = [str(group) for group in groups]
    if not names:
        raise ValueError("There is no labelled text to judge by.")
    read = _Read([], [], [], [], [])
    classes, labels = _READERS[task](model, list(X), y, names, read)
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    counts = np.zeros((len(order), len(classes), 3), dtype=np.int64)
    np.add.at(counts, [order[name] for name in names], np.array(read.counts))
    return Evaluation(
        task=task,
        classes=tuple(classes),
        articles=tuple(order),
        counts=counts,
        labels=tuple(labels),
        confusion=np.sum(read.confusion, axis=0) if read.confusion else np.zeros((0, 0), dtype=np.int64),
        said=np.array(read.said, dtype=np.float64),
        was=np.array(read.was, dtype=bool),
        mistakes=tuple(sorted(read.mistakes, key=lambda one: (-one.sureness, one.article, one.start))),
    )


def _read_attribution(model: Any, X: list[str], y: Any, names: list[str], out: _Read) -> tuple[list[str], list[str]]:
    found = zip(model.predict(X), model.predict_proba(X), strict=True)
    for text, gold, (rows, chances), name in zip(X, y, found, names, strict=True):
        entries = [{part: getattr(row, f"{part}_spans") for part in ROLES[1:]} for row in rows]
        pairs = match_attributions(gold, entries)
        right = {second for _, second in pairs}
        spans = span_scores(gold, entries, exact=False)
        relation = (len(pairs), len(entries) - len(pairs), len(gold) - len(pairs))
        out.counts.append(np.array([relation, *((s.tp, s.fp, s.fn) for s in spans.values())], dtype=np.int64))
        tokens = tokenize(text)
        truth, guess = role_labels(tokens, gold), role_labels(tokens, entries)
        out.confusion.append(_cross(truth, guess, len(ROLES)))
        for place, (entry, chance) in enumerate(zip(entries, chances.tolist(), strict=True)):
            out.said.append(chance)
            out.was.append(place in right)
            if place not in right:
                out.mistakes.append(_mistake(name, text, _hull(entry), "no such attribution", "attribution", chance))
        for place in set(range(len(gold))) - {first for first, _ in pairs}:
            out.mistakes.append(_mistake(name, text, _hull(gold[place]), "attribution", "nothing like it", 0.5))
    return ["relation", *ROLES[1:]], list(ROLES)


def _read_statements(model: Any, X: list[str], y: Any, names: list[str], out: _Read) -> tuple[list[str], list[str]]:
    for text, gold, segments, name in zip(X, y, model.predict(X), names, strict=True):
        rows = []
        for start, end, label, chances in segments:
            voice, kind = label.split("_")
            rows.append({"start": start, "end": end, "voice": voice, "kind": kind})
            true = _longest(gold, start, end)
            if true is not None:
                out.said.append(chances[label])
                out.was.append(true == label)
                if true != label:
                    out.mistakes.append(_mistake(name, text, (start, end), true, label, chances[label]))
        confusion = statement_scores(gold, rows, tokenize(text)).confusion.astype(np.int64)
        out.confusion.append(confusion)
        out.counts.append(_counts_of(confusion))
    return list(STATEMENT_LABELS), list(STATEMENT_LABELS)


def _read_frames(model: Any, X: list[str], y: Any, names: list[str], out: _Read) -> tuple[list[str], list[str]]:
    frames = [str(frame) for frame in model.classes_]
    truth = np.asarray(y).astype(bool)
    if truth.shape != (len(X), len(frames)):
        raise ValueError(f"The labels have the shape {truth.shape}; the model has {len(frames)} frames for each text.")
    chances = model.predict_proba(X)
    guess = chances >= 0.5
    for text, name, wanted, found, chance in zip(X, names, truth, guess, chances.tolist(), strict=True):
        out.counts.append(np.column_stack([wanted & found, ~wanted & found, wanted & ~found]).astype(np.int64))
        out.said.extend(chance)
        out.was.extend(wanted.tolist())
        for place in np.flatnonzero(wanted != found).tolist():
            sure = chance[place] if found[place] else 1 - chance[place]
            present, absent = frames[place], f"no {frames[place]}"
            words = (present, absent) if wanted[place] else (absent, present)
            out.mistakes.append(_mistake(name, text, (0, len(text)), *words, sure))
    return frames, []


def _read_classes(model: Any, X: list[str], y: Any, names: list[str], out: _Read) -> tuple[list[str], list[str]]:
    known = {str(label): place for place, label in enumerate(model.classes_)}
    unknown = sorted({str(label) for label in y} - known.keys())
    if unknown:
        raise ValueError(f"The labels hold {', '.join(unknown[:5])}; the model knows {', '.join(known)}.")
    labels = list(known)
    chances = model.predict_proba(X)
    for text, true, chance, name in zip(X, y, chances, names, strict=True):
        gold, found = known[str(true)], int(np.argmax(chance))
        confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
        confusion[gold, found] = 1
        out.confusion.append(confusion)
        out.counts.append(_counts_of(confusion))
        # Of two classes the second's probability says everything; of more, that of the one that was chosen.
        out.said.append(float(chance[1] if len(labels) == 2 else chance[found]))
        out.was.append(gold == 1 if len(labels) == 2 else gold == found)
        if gold != found:
            sure = float(chance[found])
            out.mistakes.append(_mistake(name, text, (0, len(text)), labels[gold], labels[found], sure))
    return labels, labels


def _read_loaded(model: Any, X: list[str], y: Any, names: list[str], out: _Read) -> tuple[list[str], list[str]]:
    labels = ["plain", "loaded"]
    threshold = model.threshold_
    for text, gold, tokens, name in zip(X, y, model.predict_proba(X), names, strict=True):
        bounds = np.array([(start, end) for start, end, _ in tokens], dtype=np.int64).reshape(-1, 2)
        chances = np.array([chance for *_, chance in tokens], dtype=np.float64)
        wanted = np.zeros(len(tokens), dtype=bool)
        for start, end, *_ in gold:
            wanted |= (bounds[:, 0] < end) & (bounds[:, 1] > start)
        word = np.array([text[start].isalpha() for start, _ in bounds.tolist()], dtype=bool)
        found = (chances >= threshold) & word
        wanted &= word
        confusion = _cross(wanted[word].astype(np.intp), found[word].astype(np.intp), 2)
        out.confusion.append(confusion)
        out.counts.append(_counts_of(confusion)[1:])
        out.said.extend(chances[word].tolist())
        out.was.extend(wanted[word].tolist())
        for place in np.flatnonzero(wanted != found).tolist():
            sure = float(chances[place] if found[place] else 1 - chances[place])
            start, end = bounds[place].tolist()
            words = labels[int(wanted[place])], labels[int(found[place])]
            out.mistakes.append(_mistake(name, text, (start, end), *words, sure))
    return labels[1:], labels


_Reader = Callable[[Any, list[str], Any, list[str], _Read], tuple[list[str], list[str]]]
_READERS: dict[str, _Reader] = {
    "attribution": _read_attribution,
    "statements": _read_statements,
    "frames": _read_frames,
    "bias": _read_classes,
    "loaded": _read_loaded,
    "opinion": _read_classes,
}


def _mistake(
    name: str, text: str, bounds: tuple[int, int], gold: str, predicted: str, sureness: float
) -> Mistake:
    start, end = bounds
    words = " ".join(text[start:end].split())
    if len(words) > _EXCERPT:
        words = words[: _EXCERPT - 1] + "…"
    return Mistake(name, start, end, words, gold, predicted, sureness)


def _hull(entry: Any) -> tuple[int, int]:
    spans = [tuple(span) for part in ROLES[1:] for span in entry[part]]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _longest(segments: Sequence[Sequence[Any]], start: int, end: int) -> str | None:
    """The label that most of a range has; None where it has none."""
    shares: dict[str, int] = {}
    for first, last, label in segments:
        shared = min(last, end) - max(first, start)
        if shared > 0:
            shares[label] = shares.get(label, 0) + shared
    return max(shares, key=lambda label: shares[label]) if shares else None


def _cross(gold: Any, predicted: Any, size: int) -> Counts:
    table = np.zeros((size, size), dtype=np.int64)
    np.add.at(table, (gold, predicted), 1)
    return table


def _counts_of(confusion: Counts) -> Counts:
    right = np.diagonal(confusion)
    return np.column_stack([right, confusion.sum(axis=0) - right, confusion.sum(axis=1) - right])


def _f1(counts: Counts) -> NDArray[np.float64]:
    """F1 of every row of counts; nan where there is nothing to find and nothing was found."""
    both = 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]
    return np.where(both > 0, 2 * counts[..., 0] / np.maximum(both, 1), np.nan)


def _f1_of_sample(counts: Counts) -> float:
    return float(_f1(counts.sum(axis=0)))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _shown(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
