"""Prodigy: JSON Lines of tasks with tokens, spans and relations (its recipe ``rel.manual``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from framing.annotations.annotated import Annotated
from framing.annotations.envelope import note_of, restore
from framing.annotations.jsonl import read_objects
from framing.annotations.marks import Mark, build, properties_of, resolve_label, take_apart
from framing.annotations.offsets import recount
from framing.record import encode_json
from framing.text import tokenize

__all__ = ["read_prodigy", "write_prodigy"]

_OWN = ("text", "framing", "meta", "spans", "relations", "tokens", "answer")


def write_prodigy(docs: Sequence[Annotated], file: Path) -> None:
    """Write articles as Prodigy tasks.

    Offsets are code points. Spans must begin and end with a token there, so tokens are also cut where a span is.
    Spans carry an id, which tells two of one place apart; the cue's also its source's properties, those of loaded
    words kind and voice.
    """
    file.write_bytes(b"".join(encode_json(_task(doc)) + b"\n" for doc in docs))


def read_prodigy(file: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read what ``prodigy db-out`` writes; tasks that were rejected or ignored are left out."""
    return [
        _read(row, labels, where)
        for where, row in read_objects(file)
        if row.get("answer", "accept") == "accept" and "text" in row
    ]


def _task(doc: Annotated) -> dict[str, Any]:
    marks, links = take_apart(doc)
    tokens = _tokens(doc.text, [mark.pieces[0] for mark in marks])
    first = {token["start"]: token["id"] for token in tokens}
    last = {token["end"]: token["id"] for token in tokens}
    spans = []
    for number, mark in enumerate(marks):
        [(start, end)] = mark.pieces
        spans.append(
            {
                "start": start,
                "end": end,
                "token_start": first[start],
                "token_end": last[end],
                "label": mark.label,
                "id": number,
            }
        )
    relations = [
        {
            "head": spans[link.head]["token_end"],
            "child": spans[link.tail]["token_end"],
            "head_span": spans[link.head],
            "child_span": spans[link.tail],
            "label": link.role,
        }
        for link in links
    ]
    shown = {key: value for key, value in (("id", doc.id), ("title", doc.title), ("model", doc.model)) if value}
    return {
        "text": doc.text,
        "meta": shown,  # Prodigy shows it below the text
        "tokens": tokens,
        "spans": [span | mark.properties for span, mark in zip(spans, marks, strict=True)],
        "relations": relations,
        "framing": note_of(doc),
    }


def _tokens(text: str, places: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Words, also cut where a span begins or ends, and stretches of blanks that a span begins or ends with."""
    begins, ends = {start for start, _ in places}, {end for _, end in places}
    cuts = sorted({offset for word in tokenize(text).tolist() for offset in word} | begins | ends)
    ranges = [
        (start, end)
        for start, end in pairwise(cuts)
        if start in begins or end in ends or not text[start:end].isspace()
    ]
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(ranges)
    ]


def _read(row: Mapping[str, Any], labels: Mapping[str, str | None] | None, where: str) -> Annotated:
    spans = row.get("spans") or []
    marks: list[Mark] = []
    numbers: dict[tuple[Any, ...], int] = {}
    spoken: list[str | None] = []
    for span in spans:
        ours = resolve_label(span["label"], labels, where)
        if ours is None:
            continue
        for key in _keys(span):
            numbers.setdefault(key, len(marks))
        properties = {name: span[name] for name in properties_of(ours) if span.get(name) is not None}
        marks.append(Mark(ours, [[span["start"], span["end"]]], properties))
        spoken.append(span.get("text"))
    ranges = [(mark.pieces[0][0], mark.pieces[0][1]) for mark in marks]
    for mark, place in zip(marks, recount(row["text"], ranges, spoken), strict=True):
        mark.pieces[0][:] = place
    links = []
    for relation in row.get("relations") or ():
        head, child = (
            next((numbers[key] for key in _keys(relation[side]) if key in numbers), None)
            for side in ("head_span", "child_span")
        )
        if head is not None and child is not None:
            links.append((head, child))
    shown = row.get("meta") or {}
    known: dict[str, Any] = {"id": shown.get("id"), "title": shown.get("title")}
    known["meta"] = {key: value for key, value in shown.items() if key not in ("id", "title")} | {
        key: value for key, value in row.items() if key not in _OWN and not key.startswith("_")
    }
    note = row.get("framing")
    if isinstance(note, Mapping) and "answer" in row:
        note = {key: value for key, value in note.items() if key != "model"}  # people looked at it
    return restore(row["text"], build(marks, links), note, **known)


def _keys(span: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a span is known by, surest first: Prodigy's own spans have no id."""
    place = (span["start"], span["end"], span.get("label"))
    return [("id", span["id"]), place] if "id" in span else [place]
