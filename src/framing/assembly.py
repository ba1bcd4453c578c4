"""The record of one article, put together from what the models found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.bias_scores import mean_score
from framing.certainty import read_certainties
from framing.document import Document
from framing.kinds import LoadedRun, embraces
from framing.record import LABELS, SCHEMA_VERSION, VOICES
from framing.stretches import Stretch
from framing.tokens import has_letters

__all__ = ["FrameTables", "Scores", "assemble"]

Doubles = NDArray[np.float64]

_DIGITS = 4  # decimals of every score in a record


class FrameTables(NamedTuple):
    """Frames of one article under one inventory.

    Attributes
    ----------
    labels : tuple of str
    sentences, statements : ndarray of float64, shape (n, n_labels)
        Scores of the sentences that are read, and of the statements.
    article : ndarray of float64, shape (n_labels,)
    voices, sources : dict of str to ndarray of float64, shape (n_labels,)
        By voice, and by whom the source's statements belong to.
    """

    labels: tuple[str, ...]
    sentences: Doubles
    statements: Doubles
    article: Doubles
    voices: dict[str, Doubles]
    sources: dict[str, Doubles]


class Scores(NamedTuple):
    """What the sentence models say of one article.

    Attributes
    ----------
    opinion, author_opinion, sentence_bias : ndarray of float64, shape (n_sentences,)
        Of the sentences that are read.
    statement_bias : ndarray of float64, shape (n_statements,)
    loaded : list of list of (first, stop, score)
        Loaded words of every statement, in tokens.
    phrases : list of LoadedRun
        Loaded words and phrases of the whole article, with their kinds.
    frames : dict of str to FrameTables
    """

    opinion: Doubles
    author_opinion: Doubles
    sentence_bias: Doubles
    statement_bias: Doubles
    loaded: list[list[tuple[int, int, float]]]
    phrases: list[LoadedRun]
    frames: dict[str, FrameTables]


def assemble(
    document: Document,
    *,
    id: Any,
    meta: Mapping[str, Any],
    models: Mapping[str, str],
    attributions: Sequence[Mapping[str, Any]],
    stretches: Sequence[Stretch],
    owners: Sequence[int | None],
    scores: Scores,
) -> dict[str, Any]:
    """The record that the JSON Schema describes.

    Parameters
    ----------
    document : Document
    id, meta
        As given with the article.
    models : mapping of str to str
        Name and version of each model used.
    attributions : sequence of mapping
        Entries of the record, in order.
    stretches : sequence of Stretch
    owners : sequence of int or None
        For every statement the number of its attribution.
    scores : Scores
    """
    sizes = np.array([stretch.last - stretch.first + 1 for stretch in stretches], dtype=np.int64)
    statements = _statements(document, stretches, owners, scores)
    embraced = _embraced(document, attributions)
    for statement in statements:
        owner = statement["attribution"]
        statement["embraced"] = owner is not None and embraced[owner]
    # What the author embraces, the author says, too: it counts for the author's language.
    answers = ["author" if s["embraced"] else s["voice"] for s in statements]
    voices = np.array([voice == "source" for voice in answers], dtype=bool)
    return {
        "schema_version": SCHEMA_VERSION,
        "id": id,
        "meta": dict(meta),
        "text": document.text,
        "models": dict(models),
        "sentences": _sentences(document, scores),
        "attributions": [{**entry, "probability": _round(entry["probability"])} for entry in attributions],
        "statements": statements,
        "frames": {
            name: {
                "scores": _labelled(tables.labels, tables.article),
                "by_voice": {key: _labelled(tables.labels, row) for key, row in tables.voices.items()},
                "by_source": {key: _labelled(tables.labels, row) for key, row in tables.sources.items()},
            }
            for name, tables in scores.frames.items()
        },
        "bias": {
            "score": _round(mean_score(scores.statement_bias, sizes)),
            "by_voice": {
                voice: _round(mean_score(scores.statement_bias[voices == bool(i)], sizes[voices == bool(i)]))
                for i, voice in enumerate(VOICES)
            },
            "loaded": _loaded(document, scores.phrases, answers),
        },
        "summary": _summary(document, statements, attributions, stretches),
    }


def _embraced(document: Document, attributions: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Whether the author embraces what each attribution passes on."""
    words = document.encoded.words
    cues = [(number, cue) for number, entry in enumerate(attributions) for cue in entry["cue"]]
    bounds = document.tokens_between(np.array([cue for _, cue in cues], dtype=np.int64).reshape(-1, 2)).tolist()
    found = [False] * len(attributions)
    for (number, _), (first, stop) in zip(cues, bounds, strict=True):
        found[number] |= stop > first and embraces(words, first, stop - 1)
    return found


def _loaded(document: Document, phrases: Sequence[LoadedRun], answers: Sequence[str]) -> list[dict[str, Any]]:
    """Loaded words with kind and voice; those of attribution frames ("whined", "boasted") are the author's."""
    starts, ends = document.encoded.spans.T.tolist()
    return [
        {
            "start": starts[run.first],
            "end": ends[run.stop - 1],
            "score": _round(run.score),
            "kind": run.kind,
            "voice": "author" if run.statement is None else answers[run.statement],
            "statement": run.statement,
        }
        for run in phrases
    ]


def _sentences(document: Document, scores: Scores) -> list[dict[str, Any]]:
    rows = []
    frames = _frame_rows({name: (t.labels, t.sentences) for name, t in scores.frames.items()})
    unread = {
        name: dict.fromkeys(tables.labels, 0.0) for name, tables in scores.frames.items()
    }  # page furniture says nothing
    readings = zip(
        _rounded(scores.opinion), _rounded(scores.author_opinion), _rounded(scores.sentence_bias), strict=True
    )
    number = 0
    for sentence in document.sentences:
        row: dict[str, Any] = {"start": sentence.start, "end": sentence.end, "role": sentence.role}
        if sentence.role == "boilerplate":
            row |= {"opinion": 0.0, "author_opinion": 0.0, "bias": 0.0}
            row["frames"] = {name: dict(labels) for name, labels in unread.items()}
        else:
            row["opinion"], row["author_opinion"], row["bias"] = next(readings)
            row["frames"] = {name: labelled[number] for name, labelled in frames.items()}
            number += 1
        rows.append(row)
    return rows


def _statements(
    document: Document, stretches: Sequence[Stretch], owners: Sequence[int | None], scores: Scores
) -> list[dict[str, Any]]:
    starts, ends = document.encoded.spans.T.tolist()
    certainties = read_certainties(document.encoded.words, [(s.first, s.last + 1) for s in stretches])
    distributions, bias = _distributions(stretches), _rounded(scores.statement_bias)
    frames = _frame_rows({name: (t.labels, t.statements) for name, t in scores.frames.items()})
    rows = []
    for number, (stretch, owner) in enumerate(zip(stretches, owners, strict=True)):
        voice, kind = LABELS[int(stretch.probabilities.argmax())].split("_")
        certainty, places = certainties[number]
        rows.append(
            {
                "start": starts[stretch.first],
                "end": ends[stretch.last],
                "sentence": stretch.sentence,
                "voice": voice,
                "kind": kind,
                "probability": distributions[number],
                "certainty": certainty,
                "hedges": [
                    [starts[stretch.first + first], ends[stretch.first + last]]
                    for first, last in places
                    if certainty == "hedged"
                ],
                "attribution": owner,
                "bias": bias[number],
                "loaded": [
                    [starts[first], ends[stop - 1], _round(score)]
                    for first, stop, score in scores.loaded[number]
                ],
                "frames": {name: labelled[number] for name, labelled in frames.items()},
            }
        )
    return rows


def _summary(
    document: Document,
    statements: Sequence[Mapping[str, Any]],
    attributions: Sequence[Mapping[str, Any]],
    stretches: Sequence[Stretch],
) -> dict[str, Any]:
    """Numbers of the article; shares are of the words that stand in statements."""
    tokens = document.encoded.words
    wordy = np.fromiter(map(has_letters, tokens), dtype=bool, count=len(tokens))
    before = np.concatenate([[0], np.cumsum(wordy)])
    words = [int(before[s.last + 1] - before[s.first]) for s in stretches]
    share = dict.fromkeys(LABELS, 0)
    hedged = 0
    for count, statement in zip(words, statements, strict=True):
        share[f"{statement['voice']}_{statement['kind']}"] += count
        hedged += count if statement["certainty"] == "hedged" else 0
    total = sum(words)
    unnamed = sum(not entry["named"] for entry in attributions)
    return {
        "words": int(before[-1]),
        "share": {label: _round(count / total) if total else 0.0 for label, count in share.items()},
        "sources": len({entry["speaker"] for entry in attributions if entry["speaker"] is not None}),
        "anonymous_share": _round(unnamed / len(attributions)) if attributions else 0.0,
        "hedged_share": _round(hedged / total) if total else 0.0,
    }


def _frame_rows(
    tables: Mapping[str, tuple[tuple[str, ...], Doubles]],
) -> dict[str, list[dict[str, float]]]:
    return {
        name: [dict(zip(labels, row, strict=True)) for row in np.round(scores, _DIGITS).tolist()]
        for name, (labels, scores) in tables.items()
    }


def _labelled(labels: Sequence[str], row: Doubles) -> dict[str, float]:
    return dict(zip(labels, np.round(row, _DIGITS).tolist(), strict=True))


def _distributions(stretches: Sequence[Stretch]) -> list[dict[str, float]]:
    """Rounded probabilities that still sum to 1: the largest takes up what rounding lost."""
    probabilities = np.array([stretch.probabilities for stretch in stretches]).reshape(-1, len(LABELS))
    rounded = np.round(probabilities, _DIGITS)
    largest = np.arange(len(rounded)), probabilities.argmax(axis=1)
    rounded[largest] = np.round(1 - (rounded.sum(axis=1) - rounded[largest]), _DIGITS)
    return [dict(zip(LABELS, row, strict=True)) for row in rounded.tolist()]


def _rounded(values: Doubles) -> list[float]:
    rounded: list[float] = np.round(np.asarray(values, dtype=np.float64), _DIGITS).tolist()
    return rounded


def _round(value: Any) -> float:
    return round(float(value), _DIGITS)
