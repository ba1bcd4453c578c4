"""Articles as they come, from lines of JSON and rows of tables: checked, or refused with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from framing.exceptions import ArticleError
from framing.record import json_name

__all__ = ["BadArticleError", "Line", "Raw", "batched", "line_numbers", "parse"]

_BATCH_BYTES = 4 << 20  # a batch ends early here, so that a few huge articles don't fill the memory

Raw = bytes | Mapping[str, Any]
Line = tuple[int, Raw]  # number, counted from 1, and content: JSON, or the fields of a row


class BadArticleError(ArticleError):
    """An article that can't be read, with its id where that could be read."""

    def __init__(self, message: str, given_id: Any = None) -> None:
        super().__init__(message)
        self.given_id = given_id

    def __reduce__(self) -> tuple[Any, ...]:
        return BadArticleError, (str(self), self.given_id)


def batched(lines: Iterable[Line], batch_size: int) -> Iterator[list[Line]]:
    """Lines in groups of `batch_size`, fewer where they are long."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += _size(line[1])
        if len(batch) == batch_size or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def line_numbers(batch: Sequence[Line]) -> str:
    """What to call a batch in a message."""
    return f"lines {batch[0][0]:,} to {batch[-1][0]:,}"


def parse(raw: Raw) -> dict[str, Any]:
    """The article of a line.

    Raises
    ------
    BadArticleError
        If it isn't an object with a text, or holds what JSON has no form for.
    """
    article = _row(raw) if isinstance(raw, Mapping) else _object(raw)
    given_id = article.get("id")
    if "text" not in article:
        raise BadArticleError("The object has no field 'text'.", given_id)
    if not isinstance(article["text"], str):
        raise BadArticleError(f"The field 'text' must be a string, not {json_name(article['text'])}.", given_id)
    if not isinstance(article.get("title"), (str, type(None))):
        raise BadArticleError(f"The field 'title' must be a string, not {json_name(article['title'])}.", given_id)
    return article


def _size(raw: Raw) -> int:
    if isinstance(raw, bytes):
        return len(raw)
    text = raw.get("text")
    return len(text) if isinstance(text, str) else 0


def _object(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadArticleError(
            f"The line isn't valid UTF-8 (byte 0x{raw[error.start]:02x} at byte {error.start + 1})."
        ) from error
    if not text.strip():
        raise BadArticleError("The line is empty.")
    try:
        article = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise BadArticleError("The line isn't usable JSON: it is nested too deeply.") from error
    except ValueError as error:
        raise BadArticleError(f"The line isn't valid JSON: {error}.") from error
    if not isinstance(article, dict):
        raise BadArticleError(f"The line must be a JSON object, not {json_name(article)}.")
    return article


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's fields as JSON has them."""
    article: dict[str, Any] = {}
    for name, value in row.items():
        try:
            article[str(name)] = _plain(value)
        except TypeError as error:
            message = f"The field {str(name)!r} holds {error}, which JSON has no form for."
            raise BadArticleError(message, article.get("id")) from None
    return article


def _plain(value: Any) -> Any:
    """A value of Arrow, NumPy or pandas as JSON has it: missing ones are null, dates and times are ISO 8601."""
    if value is None or isinstance(value, (str, bool)) or type(value) is int:
        return value
    if type(value) is float:
        return None if math.isnan(value) else value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if type(value).__name__ in ("NAType", "NaTType"):  # of pandas
        return None
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if callable(getattr(value, "tolist", None)):  # NumPy's arrays and numbers
        return _plain(value.tolist())
    raise TypeError(type(value).__name__)
