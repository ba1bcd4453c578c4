"""The columns of an analysed article, in Parquet files and in frames.

They have the names of ``framing.to_pandas(docs, level="article")``; what has no fixed shape (the
frames of any inventory, statements, attributions, meta) is in the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from framing.record import LABELS, VOICES, record_title

__all__ = ["ANALYZE_FRAMES_SCHEMA", "COLUMNS", "column_id", "column_values"]

COLUMNS = {
    "id": "string",
    "title": "string",
    **dict.fromkeys(("words", "sentences", "statements", "attributions", "sources"), "bigint"),
    **{f"share_{label}": "double" for label in LABELS},
    **dict.fromkeys(("anonymous_share", "hedged_share", "bias"), "double"),
    **{f"bias_{voice}": "double" for voice in VOICES},
    "record": "string",
}
"""Names and types of the columns, in SQL's terms."""

ANALYZE_FRAMES_SCHEMA = ", ".join(f"{name} {kind}" for name, kind in (COLUMNS | {"error": "string"}).items())
"""What `analyze_frames` gives, in the form that Spark's ``mapInPandas`` takes."""


def column_values(record: Mapping[str, Any], line: bytes) -> list[Any]:
    """Values of the columns for one record; `line` is the record as JSON."""
    summary, bias = record["summary"], record["bias"]
    return [
        column_id(record["id"]),
        _stored(record_title(record)),
        summary["words"],
        *(len(record[key]) for key in ("sentences", "statements", "attributions")),
        summary["sources"],
        *(summary["share"][label] for label in LABELS),
        summary["anonymous_share"],
        summary["hedged_share"],
        bias["score"],
        *(bias["by_voice"].get(voice) for voice in VOICES),
        line.decode("utf-8"),
    ]


def column_id(given: Any) -> str | None:
    """An id as text: a column has one type, ids may have any."""
    if given is None:
        return None
    return _stored(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))


def _stored(text: str | None) -> str | None:
    """Text that UTF-8 can hold, as in the record: half a character becomes an escape."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")
