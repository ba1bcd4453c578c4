"""The library's own format: JSON Lines, one annotated article a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.annotations.annotated import Annotated
from framing.exceptions import ArticleError
from framing.record import encode_json, json_name

__all__ = ["read_jsonl", "read_objects", "read_sample_folder", "write_jsonl"]


def write_jsonl(docs: Sequence[Annotated], file: Path) -> None:
    """Write one object a line, UTF-8."""
    file.write_bytes(b"".join(encode_json(doc.to_dict()) + b"\n" for doc in docs))


def read_jsonl(file: Path) -> list[Annotated]:
    """Read what `write_jsonl` wrote, articles that are only to be annotated, or records of ``framing batch``."""
    docs = []
    for where, row in read_objects(file):
        try:
            docs.append(Annotated.from_dict(row))
        except ArticleError as error:
            raise ArticleError(f"{where}: {error}") from error
    return docs


def read_sample_folder(folder: Path) -> list[Annotated]:
    """Read ``articles.jsonl`` with its texts, and the annotations beside it that share their ids.

    The layout of this library's own articles: an article's annotations in ``attributions.jsonl``,
    ``statements.jsonl`` and the like.
    """
    rows: dict[Any, dict[str, Any]] = {}
    for where, row in read_objects(folder / "articles.jsonl"):
        fields = dict(row)
        if "file" in fields:
            file = folder.joinpath(*str(fields.pop("file")).split("/"))
            if not file.is_file():
                raise ArticleError(f"{where}: the article's text {file} is not there.")
            fields["text"] = file.read_bytes().decode("utf-8")
        rows[fields.get("id")] = fields
    for name in ("attributions", "statements", "loaded", "frames"):
        file = folder / f"{name}.jsonl"
        if file.is_file():
            for where, row in read_objects(file):
                if row.get("id") not in rows:
                    raise ArticleError(f"{where}: there is no article with the id {row.get('id')!r}.")
                if name == "frames":
                    found: Any = {key: frames for key, frames in row.items() if key != "id"}
                else:
                    found = row.get("segments", row.get(name))
                rows[row["id"]][name] = found
    return [Annotated.from_dict(_without_line_roles(row)) for row in rows.values()]


def read_objects(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects of a JSON Lines file, each with words that say where it stands.

    Raises
    ------
    ArticleError
        If a line is no JSON object; the message names it.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleError(f"{file.name} is not UTF-8 (byte {error.start + 1}).") from error
    # Not splitlines: it also splits at U+2028 and U+0085, which JSON allows inside strings.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{file.name}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ArticleError(f"{where}: no valid JSON: {error}.") from error
        if not isinstance(row, dict):
            raise ArticleError(f"{where}: an object was expected, not {json_name(row)}.")
        yield where, row


def _without_line_roles(row: Mapping[str, Any]) -> dict[str, Any]:
    # The title is a line of the text there; the roles of lines are no annotation of this format.
    return {key: value for key, value in row.items() if key not in ("structure", "title")}
