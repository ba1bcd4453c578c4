"""doccano: JSON Lines of texts with entities and relations (a project of sequence labelling with relations)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.annotations.annotated import Annotated
from framing.annotations.envelope import note_of, restore
from framing.annotations.jsonl import read_objects
from framing.annotations.marks import Mark, build, resolve_label, take_apart
from framing.record import encode_json

__all__ = ["read_doccano", "write_doccano"]


def write_doccano(docs: Sequence[Annotated], file: Path) -> None:
    """Write articles as doccano imports them in its format "JSONL(relation)".

    Offsets are code points, as doccano's (leave "Count grapheme clusters as one character" off). The project must
    allow overlapping spans. doccano has no fields for spans: speaker, type and name of a source travel in the
    metadata, tied to the place and label of their span.
    """
    file.write_bytes(b"".join(encode_json(_example(doc)) + b"\n" for doc in docs))


def read_doccano(file: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read doccano's export, with relations or as plain sequence labelling (``label``: [[start, end, label]])."""
    return [_read(row, labels, where) for where, row in read_objects(file)]


def _example(doc: Annotated) -> dict[str, Any]:
    marks, links = take_apart(doc)
    entities = [
        {"id": number, "label": mark.label, "start_offset": mark.pieces[0][0], "end_offset": mark.pieces[0][1]}
        for number, mark in enumerate(marks)
    ]
    relations = [
        {"id": number, "from_id": link.head, "to_id": link.tail, "type": link.role} for number, link in enumerate(links)
    ]
    note = note_of(doc)
    # By place, because doccano gives ids of its own; several marks of one place in their order.
    places = [(*mark.pieces[0], mark.label) for mark in marks]
    described = {place for place, mark in zip(places, marks, strict=True) if mark.properties}
    note["properties"] = [[*p, mark.properties] for p, mark in zip(places, marks, strict=True) if p in described]
    return {"text": doc.text, "entities": entities, "relations": relations, "framing": note}


def _read(row: Mapping[str, Any], labels: Mapping[str, str | None] | None, where: str) -> Annotated:
    fields = dict(row)
    text = fields.pop("text")
    note = fields.pop("framing", None)
    relations = fields.pop("relations", ())
    plain = fields.pop("label", None) or fields.pop("labels", None) or ()
    found = [(e.get("id"), e["label"], e["start_offset"], e["end_offset"]) for e in fields.pop("entities", ())]
    found += [(None, label, start, end) for start, end, label in plain]
    given = fields.pop("id", None)
    fields.pop("Comments", None)
    properties = _by_place(note)
    marks: list[Mark] = []
    numbers: dict[Any, int] = {}
    for name, label, start, end in found:
        ours = resolve_label(label, labels, where)
        if ours is not None:
            numbers[name] = len(marks)
            waiting = properties.get((start, end, ours), [])
            marks.append(Mark(ours, [[start, end]], waiting.pop(0) if waiting else {}))
    ties = ((r["from_id"], r["to_id"]) for r in relations)
    links = [(numbers[head], numbers[tail]) for head, tail in ties if head in numbers and tail in numbers]
    return restore(text, build(marks, links), note, id=given, meta=fields)


def _by_place(note: Any) -> dict[tuple[int, int, str], list[dict[str, Any]]]:
    places: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    if isinstance(note, Mapping):
        for start, end, label, properties in note.get("properties", ()):
            places.setdefault((start, end, label), []).append(dict(properties))
    return places
