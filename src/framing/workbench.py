"""Learn from labels of your own: read them, split them by article, fit, judge, and save with a card.

It is what ``framing train`` and ``framing evaluate`` do, for programs::

    labels = read_labels(["gold.jsonl"], "statements")
    trained = train(labels, seed=1)
    print(trained.render())
    trained.save("my_statements")
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.attribution import AttributionExtractor
from framing.bias import BiasClassifier
from framing.codebook import INVENTORIES, Frame, load_inventory
from framing.evaluation import METRICS, Evaluation, evaluate_predictions
from framing.frames import FrameClassifier
from framing.loaded import LoadedLanguageTagger
from framing.opinion import OpinionClassifier
from framing.saving import save
from framing.statements import StatementClassifier

if TYPE_CHECKING:
    from framing.annotations import Annotated

__all__ = [
    "ESTIMATORS",
    "CurvePoint",
    "Labels",
    "Trained",
    "evaluate",
    "labels_from",
    "read_labels",
    "split_rows",
    "task_of",
    "train",
]

ESTIMATORS = {
    "attribution": AttributionExtractor,
    "statements": StatementClassifier,
    "frames": FrameClassifier,
    "bias": BiasClassifier,
    "loaded": LoadedLanguageTagger,
    "opinion": OpinionClassifier,
}
"""The estimator of each task."""

SPLITS = ("train", "dev", "test")
CURVE = (0.25, 0.5, 1.0)
"""Shares of the training articles for the learning curve."""

_TABLE_TASKS = ("bias", "opinion")
_TABLE_ENDINGS = (".csv", ".tsv")
_SENTENCE_LEAST = 10  # characters of statements that a sentence must hold to say which kind it is
_OWN = 40  # characters; a sentence of so many is hardly said twice by chance
_LIMITS = {
    "bias": "Where the labels were loaded words, a sentence counts as biased if it holds one.",
    "opinion": "Where the labels were statements, a sentence counts as opinion if most of its statements' letters do.",
}


@dataclass(frozen=True)
class Labels:
    """Labelled texts of one task.

    Attributes
    ----------
    task : str
        One of `ESTIMATORS`.
    X : list of str, length n_texts
        Articles, or sentences for bias, loaded words and opinion.
    y : ndarray or list, length n_texts
        As the task's estimator takes it.
    groups : ndarray of object, shape (n_texts,)
        The article of each text.
    splits : ndarray of object, shape (n_texts,)
        ``"train"``, ``"dev"``, ``"test"`` or None where nobody said.
    spans : list of list, optional
        For bias, the loaded words of each sentence where they are known.
    frames : str or list of Frame
        For frames, the inventory.
    """

    task: str
    X: list[str]
    y: Any
    groups: NDArray[np.object_]
    splits: NDArray[np.object_]
    spans: list[Any] | None = None
    frames: str | list[Frame] = "policy"

    def take(self, rows: NDArray[np.bool_]) -> Labels:
        """The texts where ``rows`` (bool, shape (n_texts,)) is true."""
        places = np.flatnonzero(rows).tolist()
        return replace(
            self,
            X=[self.X[place] for place in places],
            y=self.y[rows] if isinstance(self.y, np.ndarray) else [self.y[place] for place in places],
            groups=self.groups[rows],
            splits=self.splits[rows],
            spans=None if self.spans is None else [self.spans[place] for place in places],
        )

    @property
    def articles(self) -> list[Any]:
        """The articles, in the order in which they first occur."""
        return list(dict.fromkeys(self.groups.tolist()))


def read_labels(
    paths: Sequence[str | os.PathLike[str]],
    task: str,
    *,
    format: str | None = None,
    inventory: str = "policy",
    frames: Sequence[Frame] | None = None,
) -> Labels:
    """Read labels from files.

    Parameters
    ----------
    paths : sequence of path-like
        Files or folders in a format that :func:`framing.annotations.read_annotations` reads; for bias and opinion also
        CSV (or TSV) files with the columns ``text`` and ``label`` and perhaps ``article`` and ``split``. All of one
        kind.
    task : {"attribution", "statements", "frames", "bias", "loaded", "opinion"}
    format : str, optional
        Of annotated articles, where the files' names do not tell it.
    inventory : str, default="policy"
        For frames, the key under which they are annotated.
    frames : sequence of Frame, optional
        For frames, the codebook; by default the inventory that ships under that name.

    Returns
    -------
    Labels

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ArticleError
        If something in a file cannot be read.
    ValueError
        If there is no such task, nothing is labelled for it, or a table lacks a column.
    """
    _check_task(task)
    files = [Path(path) for path in paths]
    if not files:
        raise ValueError("paths must name at least one file of labels.")
    tables = [file.suffix.lower() in _TABLE_ENDINGS for file in files]
    if not any(tables):
        from framing.annotations import read_annotations

        docs = [doc for file in files for doc in read_annotations(file, format)]
        return labels_from(docs, task, inventory=inventory, frames=frames)
    if not all(tables):
        raise ValueError("Tables and annotated articles cannot be mixed; give one kind at a time.")
    if task not in _TABLE_TASKS:
        raise ValueError(
            f"A table labels whole texts, which serves {' and '.join(_TABLE_TASKS)} alone; "
            f"{task} needs annotated articles (docs/annotation.md)."
        )
    return _from_tables(files, task)


def labels_from(
    docs: Sequence[Annotated],
    task: str,
    *,
    inventory: str = "policy",
    frames: Sequence[Frame] | None = None,
) -> Labels:
    """What annotated articles say for a task.

    Sentences for opinion are opinion where most of what is stated in them is; sentences for bias are biased (1) where
    they hold a loaded word. ``meta["split"]`` gives the split.

    Parameters
    ----------
    docs : sequence of Annotated
        Articles without the layer that the task needs are left out.
    task, inventory, frames
        As for `read_labels`.

    Returns
    -------
    Labels

    Raises
    ------
    ValueError
        If there is no such task, or no article has the layer.

    Examples
    --------
    >>> from framing.annotations import Annotated
    >>> text = "It rained. The shameless mayor left."
    >>> labels = labels_from([Annotated(text=text, loaded=[[15, 24]])], "bias")
    >>> labels.X, labels.y.tolist()
    (['It rained.', 'The shameless mayor left.'], [0, 1])
    """
    from framing.annotations import attribution_data, frame_data, loaded_data, statement_data

    _check_task(task)
    # Numbered before some are left out, so that a text's split can be looked up by its article.
    docs = [replace(doc, id=place) if doc.id is None else doc for place, doc in enumerate(docs)]
    given = _splits_by_article(docs)
    spans = None
    chosen: str | list[Frame] = inventory if frames is None else list(frames)
    if task == "attribution":
        X, y, groups = attribution_data(docs)
    elif task == "statements":
        X, y, groups = statement_data(docs)
    elif task == "frames":
        X, y, groups = frame_data(docs, inventory, [frame.name for frame in _inventory(chosen)])
    elif task == "opinion":
        X, y, groups = _opinion_sentences(*statement_data(docs))
    else:
        X, y, groups = loaded_data(docs)
        if task == "bias":
            spans, y = y, np.array([int(bool(row)) for row in y])
    splits = np.array([given[group] for group in groups], dtype=object)
    return Labels(task, X, y, groups, splits, spans, chosen)


def _splits_by_article(docs: Sequence[Annotated]) -> dict[str, str | None]:
    given: dict[str, str | None] = {}
    for doc in docs:
        split = _split_of(doc.meta.get("split"))
        if given.setdefault(str(doc.id), split) != split:
            raise ValueError(f"Article {doc.id!r} stands in two splits, {given[str(doc.id)]} and {split}.")
    return given


def _inventory(frames: str | list[Frame]) -> list[Frame]:
    if isinstance(frames, list):
        return frames
    if frames not in INVENTORIES:
        raise ValueError(
            f"No inventory {frames!r} ships (there are {', '.join(INVENTORIES)}); give its frames as a codebook."
        )
    return load_inventory(frames)


def _opinion_sentences(
    texts: Sequence[str], segments: Sequence[Sequence[Any]], names: NDArray[np.object_]
) -> tuple[list[str], NDArray[Any], NDArray[np.object_]]:
    from framing.document import read_document

    X, y, groups = [], [], []
    for text, rows, name in zip(texts, segments, names, strict=True):
        opinion, stated = np.zeros(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
        for start, end, label in rows:
            stated[start:end] = label != "frame"
            opinion[start:end] = label.endswith("opinion")
        for sentence in read_document(text).sentences:
            size = int(stated[sentence.start : sentence.end].sum())
            if sentence.role != "boilerplate" and size >= _SENTENCE_LEAST:
                X.append(text[sentence.start : sentence.end])
                y.append("opinion" if 2 * opinion[sentence.start : sentence.end].sum() > size else "fact")
                groups.append(name)
    return X, np.array(y), np.array(groups, dtype=object)


def _from_tables(files: Sequence[Path], task: str) -> Labels:
    X: list[str] = []
    y: list[str] = []
    groups: list[str] = []
    splits: list[str | None] = []
    first: dict[str, str] = {}
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream, delimiter="\t" if file.suffix.lower() == ".tsv" else ",")
            missing = [name for name in ("text", "label") if name not in (table.fieldnames or ())]
            if missing:
                raise ValueError(f"{file} needs the columns text and label; it lacks {' and '.join(missing)}.")
            for row in table:
                text, label = row["text"], (row["label"] or "").strip()
                if not label or text is None:
                    raise ValueError(f"{file}, line {table.line_num}: a text or its label is missing.")
                X.append(text)
                y.append(label)
                # A sentence that stands twice must not be both learned and tested.
                groups.append(first.setdefault(text, row.get("article") or f"{file.name}:{table.line_num}"))
                splits.append(_split_of(row.get("split")))
    if not X:
        raise ValueError("The tables hold no labelled text.")
    numbers = all(label.lstrip("-").isdigit() for label in y)
    values = np.array([int(label) for label in y]) if numbers else np.array(y)
    return Labels(task, X, values, np.array(groups, dtype=object), np.array(splits, dtype=object))


def _split_of(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if value not in SPLITS:
        raise ValueError(f"A split must be one of {', '.join(SPLITS)}. Got {value!r} instead.")
    return str(value)


def split_rows(labels: Labels, *, seed: int = 0, test_share: float = 0.2, judge: str = "test") -> NDArray[np.object_]:
    """Which texts to learn from and which to judge by.

    Parameters
    ----------
    labels : Labels
    seed : int, default=0
    test_share : float, default=0.2
        Share of the articles that are kept for judging where no split is given, 0 to 1.
    judge : {"test", "dev"}, default="test"
        Where splits are given, the one to judge by; the other stays untouched.

    Returns
    -------
    ndarray of object, shape (n_texts,)
        ``"train"``, ``"test"`` or None. No article is in two.

    Raises
    ------
    ValueError
        If nothing would be left on one side, an article stands in two splits, or an argument is out of range.
    """
    if judge not in SPLITS[1:]:
        raise ValueError(f"judge must be 'test' or 'dev'. Got {judge!r} instead.")
    out = np.full(len(labels.X), None, dtype=object)
    if any(split is not None for split in labels.splits):
        out[labels.splits == "train"] = "train"
        out[labels.splits == judge] = "test"
        if not {"train", "test"} <= set(out.tolist()):
            raise ValueError(f"The labels' splits must hold 'train' and {judge!r}; one of them has no text.")
        shared = set(labels.groups[out == "train"].tolist()) & set(labels.groups[out == "test"].tolist())
        if shared:
            raise ValueError(f"Article {sorted(map(str, shared))[0]!r} stands in two splits.")
        return out
    if not 0 < test_share < 1:
        raise ValueError(f"test_share must be between 0 and 1. Got {test_share!r} instead.")
    articles = labels.articles
    if len(articles) < 2:
        raise ValueError("Learning and judging need at least two articles; label more, or name articles' splits.")
    number = min(max(round(test_share * len(articles)), 1), len(articles) - 1)
    kept = {articles[place] for place in np.random.default_rng(seed).permutation(len(articles))[:number]}
    out[:] = ["test" if group in kept else "train" for group in labels.groups.tolist()]
    return out


class CurvePoint(NamedTuple):
    """A point of the learning curve.

    Attributes
    ----------
    articles : int
        How many were learned from; 0 is the bundled model.
    score, low, high : float
        On the articles that are judged by, with the 95% interval; nan where nothing could be learned.
    """

    articles: int
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Trained:
    """A model that was fitted, and how good it is.

    Attributes
    ----------
    model : estimator
    evaluation : Evaluation
        On articles that it has not seen.
    before : Evaluation or None
        Of the bundled model on the same articles; None where its classes are others.
    curve : tuple of CurvePoint
    articles, texts : int
        What was learned from.
    seed : int
    """

    model: Any
    evaluation: Evaluation
    before: Evaluation | None
    curve: tuple[CurvePoint, ...]
    articles: int
    texts: int
    seed: int

    def render(self, errors: int = 10) -> str:
        """Learning curve, scores, confusion, calibration and the surest errors as plain text."""
        lines = [f"{self.evaluation.task}: learned from {self.articles} articles ({self.texts} texts)", ""]
        if self.curve:
            lines += [f"Learning curve, {METRICS[self.evaluation.task]}", *map(_curve_line, self.curve), ""]
        return "\n".join([*lines, self.evaluation.render(errors)])

    def scores(self) -> dict[str, Any]:
        """Scores before and after and the learning curve, as plain values of JSON."""
        return {
            "unseen_articles": self.evaluation.summary(),
            "bundled_model": None if self.before is None else self.before.summary(),
            "learning_curve": [
                {"articles": point.articles, "score": None if np.isnan(point.score) else round(point.score, 4)}
                for point in self.curve
            ],
        }

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        data: Sequence[Mapping[str, Any]] = ({"name": "labels of the user", "licence": "NOASSERTION"},),
        licence: str = "NOASSERTION",
        limits: str = "",
    ) -> None:
        """Write the model and its card to a folder that :func:`framing.load` reads; an earlier one there is replaced.

        Parameters
        ----------
        folder : path-like
        data : sequence of mapping
            ``name`` and ``licence`` of what was learned from.
        licence : str, default="NOASSERTION"
            Of the model, an SPDX expression.
        limits : str
            What whoever uses the model should know.
        """
        card = self._card(data, licence, limits)
        save(self.model, folder, licence=licence, data=data, seed=self.seed, scores=self.scores(), card=card)

    def _card(self, data: Sequence[Mapping[str, Any]], licence: str, limits: str) -> str:
        task = self.evaluation.task
        told = [
            f"Articles judged on, none of them learned from: {len(self.evaluation.articles)}. Intervals from fewer "
            "than ten are much too narrow. English only. Texts unlike the labelled ones may be read worse.",
            _LIMITS.get(task, ""),
            limits,
        ]
        sections = [
            f"# {type(self.model).__name__}",
            f"For the task {task}. Parameters: {_parameters(self.model)}. Seed: {self.seed}.",
            "## Training data",
            "\n".join(f"- {entry['name']} ({entry['licence']})" for entry in data)
            + f"\n\n{self.articles} articles, {self.texts} texts.",
            "## Scores",
            f"```text\n{self.render(errors=0)}\n```",
            "## Limits",
            " ".join(part for part in told if part),
            "## Licence",
            licence,
        ]
        return "\n\n".join(sections) + "\n"


def train(
    labels: Labels,
    *,
    seed: int = 0,
    test_share: float = 0.2,
    judge: str = "test",
    test: Labels | None = None,
    curve: Sequence[float] = CURVE,
    **parameters: Any,
) -> Trained:
    """Fit the task's estimator on some articles and judge it by others.

    Parameters
    ----------
    labels : Labels
    seed : int, default=0
        Decides which articles are kept and which the learning curve takes; the same seed gives the same bytes.
    test_share, judge
        As for `split_rows`.
    test : Labels, optional
        What to judge by instead; then all of ``labels`` is learned from. No text of 40 characters and more may stand
        in both.
    curve : sequence of float
        Shares of the training articles for the learning curve, 0 to 1. The whole is always part of it.
    **parameters
        Of the estimator, such as ``C``.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        If there is nothing to learn or to judge by, a text stands in both, or a parameter is out of range.

    Examples
    --------
    >>> from framing.annotations import Annotated
    >>> texts = ["The plan is a disgrace.", "The vote is on Monday.", "It is a shameful plan.", "The vote was held."]
    >>> docs = [Annotated(text=text, statements=[[0, len(text), label]])
    ...         for text, label in zip(texts, ["author_opinion", "author_fact"] * 2)]
    >>> trained = train(labels_from(docs, "opinion"), test_share=0.25, seed=3)
    >>> trained.articles, len(trained.evaluation.articles)
    (3, 1)
    """
    if test is None:
        side = split_rows(labels, seed=seed, test_share=test_share, judge=judge)
        learned, judged = labels.take(side == "train"), labels.take(side == "test")
    else:
        learned, judged = labels, test
        if test.task != labels.task:
            raise ValueError(f"labels are for {labels.task}, test is for {test.task}.")
        shared = sum(len(text) >= _OWN for text in set(labels.X) & set(test.X))
        if shared:
            raise ValueError(f"{shared} texts stand both in what is learned and in what is judged by; take them out.")
    if not all(0 < share <= 1 for share in curve):
        raise ValueError(f"curve must hold shares above 0 and up to 1. Got {list(curve)!r} instead.")
    untrained = _untrained(labels, judged, parameters)
    points = [] if untrained is None else [CurvePoint(0, untrained.score, *untrained.interval())]
    articles = learned.articles
    order = [articles[place] for place in np.random.default_rng(seed).permutation(len(articles))]
    for share in sorted(set(curve) - {1.0}):
        number = max(round(share * len(order)), 1)
        some = set(order[:number])
        part = learned.take(np.array([group in some for group in learned.groups.tolist()], dtype=bool))
        try:
            found = evaluate(_fitted(part, parameters), judged)
        except ValueError:  # few articles may hold one class alone
            points.append(CurvePoint(number, *[float("nan")] * 3))
        else:
            points.append(CurvePoint(number, found.score, *found.interval()))
    model = _fitted(learned, parameters)
    evaluation = evaluate(model, judged)
    points.append(CurvePoint(len(order), evaluation.score, *evaluation.interval()))
    return Trained(model, evaluation, untrained, tuple(points), len(order), len(learned.X), seed)


def evaluate(model: Any, labels: Labels) -> Evaluation:
    """Judge a model by labels.

    Parameters
    ----------
    model : estimator
        Of the labels' task, fitted or bundled.
    labels : Labels

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If the labels hold something that the model does not know.
    """
    return evaluate_predictions(labels.task, model, labels.X, labels.y, labels.groups)


def task_of(model: Any) -> str:
    """The task that an estimator of this package does.

    Raises
    ------
    TypeError
        If it does none of them.

    Examples
    --------
    >>> from framing import StatementClassifier
    >>> task_of(StatementClassifier())
    'statements'
    """
    for task, kind in ESTIMATORS.items():
        if isinstance(model, kind):
            return task
    raise TypeError(
        f"The model must be one of {', '.join(kind.__name__ for kind in ESTIMATORS.values())}. "
        f"Got {type(model).__name__} instead."
    )


def _fitted(labels: Labels, parameters: Mapping[str, Any]) -> Any:
    model = _new(labels, parameters)
    if labels.spans is not None:
        return model.fit(labels.X, labels.y, spans=labels.spans)
    return model.fit(labels.X, labels.y)


def _new(labels: Labels, parameters: Mapping[str, Any]) -> Any:
    given = {"frames": labels.frames} if labels.task == "frames" else {}
    return ESTIMATORS[labels.task](**given, **parameters)


def _untrained(labels: Labels, judged: Labels, parameters: Mapping[str, Any]) -> Evaluation | None:
    """How the model does before it learns; None where its classes are not the labels'."""
    model = _new(labels, parameters)
    if labels.task in _TABLE_TASKS and not {str(y) for y in judged.y} <= {str(name) for name in model.classes_}:
        return None
    return evaluate(model, judged)


def _check_task(task: str) -> None:
    if task not in ESTIMATORS:
        raise ValueError(f"task must be one of {', '.join(ESTIMATORS)}. Got {task!r} instead.")


def _curve_line(point: CurvePoint) -> str:
    if np.isnan(point.score):
        return f"{point.articles:5} articles  too few to learn from"
    told = "  (bundled model)" if point.articles == 0 else ""
    return f"{point.articles:5} articles  {point.score:.3f}  {point.low:.3f} to {point.high:.3f}{told}"


def _parameters(model: Any) -> str:
    plain = {key: value for key, value in model.get_params(deep=False).items() if not isinstance(value, list)}
    return ", ".join(f"{key}={value!r}" for key, value in plain.items())
