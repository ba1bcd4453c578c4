"""Tables of many records, one row for each statement, attribution, sentence or article.

The columns and their types are the same whatever the records hold, so that tables of different
batches can be put under each other. Frames are the one part that may grow: inventories of the
user's own add columns behind those that ship.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from framing.exceptions import MissingExtraError
from framing.record import LABELS, VOICES, copy_json, load_schema, record_title

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEVELS", "count_models", "records_to_pandas"]

LEVELS = ("statement", "attribution", "sentence", "article")
"""What a row can be."""

_NAN = float("nan")
_SHIPPED = ("policy", "narrative")
# fmt: off
_COLUMNS: dict[str, dict[str, str]] = {
    "statement": {
        "article": "int64", "id": "object", "statement": "int64", "sentence": "int64",
        "start": "int64", "end": "int64", "text": "string",
        "voice": "string", "kind": "string", "label": "string",
        **{f"p_{label}": "float64" for label in LABELS},
        "certainty": "string", "hedges": "string",
        "attribution": "Int64", "speaker": "string", "source_type": "string",
        "bias": "float64", "loaded": "string",
    },
    "attribution": {
        "article": "int64", "id": "object", "attribution": "int64",
        "start": "Int64", "end": "Int64",
        "source": "string", "cue": "string", "content": "string",
        "speaker": "string", "source_type": "string", "named": "bool",
        "quotation": "string", "probability": "float64", "within": "Int64", "denied": "bool",
    },
    "sentence": {
        "article": "int64", "id": "object", "sentence": "int64",
        "start": "int64", "end": "int64", "text": "string", "role": "string",
        "opinion": "float64", "author_opinion": "float64", "bias": "float64",
    },
    "article": {
        "article": "int64", "id": "object", "title": "string", "meta": "object",
        "words": "int64", "sentences": "int64", "statements": "int64", "attributions": "int64",
        "sources": "int64",
        **{f"share_{label}": "float64" for label in LABELS},
        "anonymous_share": "float64", "hedged_share": "float64",
        "bias": "float64", **{f"bias_{voice}": "float64" for voice in VOICES},
    },
}
# fmt: on
_FRAMES: dict[str, tuple[str, ...]] = {
    "statement": ("frame",),
    "attribution": (),
    "sentence": ("frame",),
    "article": ("frame", *(f"{voice}_frame" for voice in VOICES)),
}  # beginnings of the names of the columns with frame scores

Frames = list[tuple[str, Mapping[str, Mapping[str, float]]]]
Row = tuple[list[Any], Frames]


def records_to_pandas(records: Iterable[Mapping[str, Any]], level: str) -> pd.DataFrame:
    """Put records into one table.

    Parameters
    ----------
    records : iterable of mapping
        As described by ``schema.json``; read once, in order.
    level : {"statement", "attribution", "sentence", "article"}
        What a row is.

    Returns
    -------
    pandas.DataFrame
        ``attrs`` holds the level, and the number of articles by the models that read them.

    Raises
    ------
    ValueError
        If there is no such level.
    MissingExtraError
        If pandas isn't installed.
    """
    if level not in LEVELS:
        raise ValueError(f"The level must be one of {', '.join(LEVELS)}. Got {level!r} instead.")
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError(
            "Tables need pandas, which isn't installed. Run: pip install 'newsframing[notebook]'",
            name="pandas",
        ) from error
    base = _COLUMNS[level]
    columns: list[list[Any]] = [[] for _ in base]
    frames: dict[str, list[float]] = {
        f"{prefix}_{inventory}_{label}": []
        for prefix in _FRAMES[level]
        for inventory in _SHIPPED
        for label in load_schema()["$defs"][inventory]["required"]
    }
    count = 0
    models: dict[str, int] = {}
    for article, record in enumerate(records):
        count_models(models, record)
        for values, scores in _ROWS[level](record):
            for column, value in zip(columns, (article, record["id"], *values), strict=True):
                column.append(value)
            for prefix, inventories in scores:
                _add_scores(frames, prefix, inventories, count)
            count += 1
    for scored in frames.values():
        scored.extend([_NAN] * (count - len(scored)))
    # One storage for text, whatever else is installed; it can hold lone surrogates too.
    dtypes = {"string": pd.StringDtype("python")}
    series = {
        name: pd.Series(column, dtype=dtypes.get(dtype, dtype))
        for (name, dtype), column in zip(base.items(), columns, strict=True)
    }
    series |= {name: pd.Series(scored, dtype="float64") for name, scored in frames.items()}
    table = pd.DataFrame(series)
    table.attrs = {"models": models, "level": level}  # as framing.read_table has them; findings pass them on
    return table


def count_models(models: dict[str, int], record: Mapping[str, Any]) -> None:
    """Count one more article for the models that read it, as results name them in ``attrs["models"]``."""
    read = ", ".join(f"{part} {name}" for part, name in sorted(record["models"].items()))
    models[read] = models.get(read, 0) + 1


def _add_scores(
    frames: dict[str, list[float]],
    prefix: str,
    inventories: Mapping[str, Mapping[str, float]],
    count: int,
) -> None:
    for inventory, labels in inventories.items():
        for label, score in labels.items():
            column = frames.setdefault(f"{prefix}_{inventory}_{label}", [])
            column.extend([_NAN] * (count - len(column)))  # rows so far that lack this frame
            column.append(score)


def _statement_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    text = record["text"]
    for index, entry in enumerate(record["statements"]):
        at = entry["attribution"]
        attribution = {} if at is None else record["attributions"][at]
        values = [
            index,
            entry["sentence"],
            entry["start"],
            entry["end"],
            text[entry["start"] : entry["end"]],
            entry["voice"],
            entry["kind"],
            f"{entry['voice']}_{entry['kind']}",
            *(entry["probability"][label] for label in LABELS),
            entry["certainty"],
            _words(text, entry["hedges"]),
            at,
            attribution.get("speaker"),
            attribution.get("source_type"),
            entry["bias"],
            _words(text, entry["loaded"]),
        ]
        yield values, [("frame", entry["frames"])]


def _attribution_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    text = record["text"]
    for index, entry in enumerate(record["attributions"]):
        parts = [entry[part] for part in ("source", "cue", "content")]
        spans = [span for part in parts for span in part]
        values = [
            index,
            min((start for start, _ in spans), default=None),
            max((end for _, end in spans), default=None),
            *(" … ".join(text[s:e] for s, e in part) if part else None for part in parts),
            entry["speaker"],
            entry["source_type"],
            entry["named"],
            entry["quotation"],
            entry["probability"],
            entry.get("within"),
            entry.get("denied", False),
        ]
        yield values, []


def _sentence_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    for index, entry in enumerate(record["sentences"]):
        values = [
            index,
            entry["start"],
            entry["end"],
            record["text"][entry["start"] : entry["end"]],
            entry["role"],
            entry["opinion"],
            entry["author_opinion"],
            entry["bias"],
        ]
        yield values, [("frame", entry["frames"])]


def _article_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    summary, bias, frames = record["summary"], record["bias"], record["frames"]
    values = [
        record_title(record),
        copy_json(record["meta"]),
        summary["words"],
        *(len(record[key]) for key in ("sentences", "statements", "attributions")),
        summary["sources"],
        *(summary["share"][label] for label in LABELS),
        summary["anonymous_share"],
        summary["hedged_share"],
        bias["score"],
        *(bias["by_voice"].get(voice, _NAN) for voice in VOICES),
    ]
    scores: Frames = [("frame", {name: entry["scores"] for name, entry in frames.items()})]
    for voice in VOICES:
        voiced = {name: entry["by_voice"].get(voice, {}) for name, entry in frames.items()}
        scores.append((f"{voice}_frame", voiced))
    yield values, scores


def _words(text: str, places: Iterable[Sequence[Any]]) -> str:
    return "; ".join(text[start:end] for start, end, *_ in places)


_ROWS = {
    "statement": _statement_rows,
    "attribution": _attribution_rows,
    "sentence": _sentence_rows,
    "article": _article_rows,
}
