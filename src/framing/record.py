"""The record itself, a plain dictionary: its version and labels, checking, copying and writing it.

``schema.json`` describes the record in full. The checks here are the few that keep the views from
failing later with a message nobody understands; they need no further package.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any

from framing.exceptions import ArticleError

__all__ = [
    "LABELS",
    "SCHEMA_VERSION",
    "TIERS",
    "VOICES",
    "check_record",
    "copy_json",
    "encode_json",
    "json_name",
    "load_schema",
    "record_title",
]

SCHEMA_VERSION = 1
"""Version of the record. Fields may be added to it; raise it when one changes its meaning."""

TIERS = ("default", "accurate")
"""The sets of models that ship with the package."""

VOICES = ("author", "source")
"""Whose statement it is: the outlet's own, or anybody else's."""

LABELS = ("author_fact", "author_opinion", "source_fact", "source_opinion")
"""Voice and kind of a statement in one."""

_JSON_NAMES: dict[type, str] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}
# JSON allows these raw inside a string, but str.splitlines takes them for line ends.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@cache
def load_schema() -> dict[str, Any]:
    """The JSON Schema of the record, draft 2020-12.

    Returns
    -------
    dict
        One dictionary for all callers: copy it before changing it.

    Examples
    --------
    >>> load_schema()["$defs"]["narrative"]["required"]
    ['conflict', 'human_interest', 'economic', 'morality', 'resolution']
    """
    text = files("framing").joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def record_title(record: Mapping[str, Any]) -> str | None:
    """Title of a record: the one given with the input, else the text's own, else None."""
    given = record["meta"].get("title")
    if isinstance(given, str) and given.strip():
        return given
    text = record["text"]
    own = [text[s["start"] : s["end"]] for s in record["sentences"] if s["role"] == "title"]
    return " ".join(own) if own else None


def check_record(record: Mapping[str, Any]) -> None:
    """Check version, fields, places and indices of a record.

    Parameters
    ----------
    record : mapping

    Raises
    ------
    ArticleError
        If it isn't a record of a version that can be read here; the message says why.
    """
    version = record.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ArticleError(
            f"The record has schema_version {version!r}; this version of framing reads {SCHEMA_VERSION}."
        )
    schema = load_schema()
    _check_fields(record, schema["required"], "The record")
    if not isinstance(record["text"], str):
        raise ArticleError(f"The record's text must be a string, not {json_name(record['text'])}.")
    length = len(record["text"])
    try:
        for kind in ("sentence", "attribution", "statement"):
            for place, entry in enumerate(record[f"{kind}s"]):
                where = f"Entry {place} of {kind}s"
                _check_fields(entry, schema["$defs"][kind]["required"], where)
                _check_places(_places(kind, entry), length, where)
        for place, entry in enumerate(record["statements"]):
            for kind in ("sentence", "attribution"):
                index = entry[kind]
                if index is None and kind == "attribution":
                    continue  # the author's voice
                if not 0 <= index < len(record[f"{kind}s"]):
                    raise ArticleError(
                        f"Entry {place} of statements refers to {kind} {index}, but there are "
                        f"{len(record[f'{kind}s'])}."
                    )
    except (TypeError, ValueError) as error:
        if isinstance(error, ArticleError):
            raise
        raise ArticleError(f"The record's lists don't follow the schema: {error}.") from error


def copy_json(value: Any) -> Any:
    """A copy that shares nothing that can change, quicker than `copy.deepcopy` for JSON."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return copy.deepcopy(value)


def encode_json(value: Any, indent: int | None = None) -> bytes:
    r"""JSON in UTF-8 that is one line for every reader, and valid whatever the text holds.

    Lone surrogates, which UTF-8 can't hold, and the line ends that only some readers know are
    written as escapes.

    Parameters
    ----------
    value : object
        Made of what JSON has a form for.
    indent : int, optional
        Spaces for each level; by default everything is on one line.

    Returns
    -------
    bytes

    Raises
    ------
    TypeError, ValueError
        If there is something that JSON has no form for, such as a date or NaN.

    Examples
    --------
    >>> encode_json({"text": "line\u2028separator"})
    b'{"text":"line\\u2028separator"}'
    """
    separators = (",", ":") if indent is None else None
    dumps = partial(json.dumps, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    try:
        try:
            text = dumps(value, check_circular=False)
        except RecursionError:  # too deep, or it refers to itself: watching for that all the way takes a fifth longer
            text = dumps(value)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"This can't be written as JSON: {error}. Let id and meta hold only text, finite "
            "numbers, true, false, null, lists and dictionaries."
        ) from error
    for char, escape in _LINE_ENDS.items():
        text = text.replace(char, escape)
    return text.encode("utf-8", "backslashreplace")


def json_name(value: Any) -> str:
    """What a value is called in JSON, for messages."""
    return _JSON_NAMES.get(type(value), type(value).__name__)


def _check_fields(entry: Any, required: Iterable[str], where: str) -> None:
    if not isinstance(entry, Mapping):
        raise ArticleError(f"{where} must be an object, not {json_name(entry)}.")
    missing = [key for key in required if key not in entry]
    if missing:
        raise ArticleError(f"{where} lacks {', '.join(missing)}.")


def _places(kind: str, entry: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    if kind == "attribution":
        return [*entry["source"], *entry["cue"], *entry["content"]]
    own = (entry["start"], entry["end"])
    return [own, *entry["hedges"], *entry["loaded"]] if kind == "statement" else [own]


def _check_places(places: Iterable[Sequence[Any]], length: int, where: str) -> None:
    for start, end, *_ in places:
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= length):
            raise ArticleError(
                f"{where} has the place [{start}, {end}), which isn't in the text of {length} characters."
            )
