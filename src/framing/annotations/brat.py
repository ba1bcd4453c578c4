"""brat standoff: a folder with a text and an annotation file for each article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from framing.annotations.annotated import LOADED_PROPERTIES, SOURCE_TYPES, STATEMENT_LABELS, Annotated
from framing.annotations.envelope import note_of, restore
from framing.annotations.marks import Mark, build, properties_of, resolve_label, take_apart
from framing.annotations.offsets import recount
from framing.exceptions import ArticleError
from framing.record import encode_json

__all__ = ["read_brat", "write_brat"]

_NOTES = "framing.jsonl"
_FIRST_OF_LINE = re.compile(r"^(?=[TREAMN*#]\d*\t)", re.MULTILINE)
_ROLES = {"source": "Source", "cue": "Cue", "content": "Content"}
_ATTRIBUTES = {"source_type": "SourceType", "named": "Named", "kind": "Kind", "voice": "Voice"}
_PROPERTIES = {attribute: name for name, attribute in _ATTRIBUTES.items()}

_CONFIGURATION = f"""# For brat; written by framing.
[entities]
Source
Cue
Content
Loaded
{chr(10).join(STATEMENT_LABELS)}

[relations]
Source\tArg1:Cue|Content, Arg2:Source
Content\tArg1:Cue|Content, Arg2:Content
Cue\tArg1:Cue, Arg2:Cue
<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>

[events]

[attributes]
SourceType\tArg:Cue|Content|Source, Value:{"|".join(SOURCE_TYPES)}
Named\tArg:Cue|Content|Source, Value:yes|no
Kind\tArg:Loaded, Value:{"|".join(LOADED_PROPERTIES["kind"])}
Voice\tArg:Loaded, Value:{"|".join(LOADED_PROPERTIES["voice"])}
"""


def write_brat(docs: Sequence[Annotated], folder: Path) -> None:
    """Write articles as brat reads them, with the configuration for it.

    Offsets are code points, as brat's. Parts of an attribution in several pieces are discontinuous spans; links are
    relations; the speaker is a note of the annotator; everything else is in ``framing.jsonl``, which brat leaves
    alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "annotation.conf").write_text(_CONFIGURATION, encoding="utf-8", newline="\n")
    notes = []
    for name, doc in zip(file_names(docs), docs, strict=True):
        _write_text(folder / f"{name}.txt", doc.text)
        (folder / f"{name}.ann").write_bytes(_standoff(doc).encode("utf-8"))
        notes.append({"file": name, **note_of(doc)})
    (folder / _NOTES).write_bytes(b"".join(encode_json(note) + b"\n" for note in notes))


def read_brat(path: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read a folder of brat standoff, or one of its articles (.txt or .ann).

    Attributions may be relations between spans, or events whose trigger is the cue, as in PolNeAR.
    """
    files = sorted(path.glob("*.ann")) if path.is_dir() else [path.with_suffix(".ann")]
    notes: dict[str, Any] = {}
    home = path if path.is_dir() else path.parent
    if (home / _NOTES).is_file():
        lines = (home / _NOTES).read_bytes().decode("utf-8").split("\n")
        notes = {note["file"]: note for note in map(json.loads, filter(str.strip, lines))}
        order = {name: place for place, name in enumerate(notes)}
        files.sort(key=lambda file: order.get(file.stem, len(order)))
    return [_read(file, notes.get(file.stem), labels) for file in files]


def file_names(docs: Iterable[Annotated]) -> list[str]:
    """A file name for each article, of its id where it has one, without an ending."""
    names: list[str] = []
    taken: set[str] = set()
    for number, doc in enumerate(docs, start=1):
        name = quote(str(doc.id), safe=" ")[:100] if doc.id not in (None, "") else f"article-{number:04d}"
        name = name.replace(".", "%2E")
        # Some file systems do not tell upper from lower case.
        plain, again = name, 2
        while name.casefold() in taken:
            name, again = f"{plain}~{again}", again + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _write_text(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ArticleError(
            f"{file.stem} holds U+{ord(text[error.start]):04X} at {error.start}, half of a character, which no text "
            "file can hold. Repair the text, or use the format jsonl."
        ) from error


def _standoff(doc: Annotated) -> str:
    marks, links = take_apart(doc, discontinuous=True)
    lines, attributes = [], 0
    for number, mark in enumerate(marks, start=1):
        places = ";".join(f"{start} {end}" for start, end in mark.pieces)
        lines.append(f"T{number}\t{mark.label} {places}\t{_one_line(doc.text, mark)}")
    for number, link in enumerate(links, start=1):
        lines.append(f"R{number}\t{_ROLES[link.role]} Arg1:T{link.head + 1} Arg2:T{link.tail + 1}")
    notes = 0
    for number, mark in enumerate(marks, start=1):
        for name, attribute in _ATTRIBUTES.items():
            if name in mark.properties:
                attributes += 1
                value = mark.properties[name]
                shown = {True: "yes", False: "no"}.get(value, value)
                lines.append(f"A{attributes}\t{attribute} T{number} {shown}")
        if "speaker" in mark.properties:
            notes += 1
            speaker = json.dumps(mark.properties["speaker"], ensure_ascii=not _single(mark.properties["speaker"]))
            lines.append(f"#{notes}\tAnnotatorNotes T{number}\t{speaker[1:-1]}")
    return "".join(line + "\n" for line in lines)


def _single(words: str) -> bool:
    return len(words.splitlines()) <= 1


def _one_line(text: str, mark: Mark) -> str:
    words = " ".join(text[start:end] for start, end in mark.pieces)
    # brat takes every line end that Unicode knows for one, and writes a blank for those inside a span.
    return "".join(" " if char.splitlines() == [""] else char for char in words)


def _read(file: Path, note: Mapping[str, Any] | None, labels: Mapping[str, str | None] | None) -> Annotated:
    source = file.with_suffix(".txt")
    if not source.is_file():
        raise ArticleError(f"{file.name} annotates {source.name}, which is not beside it.")
    text = source.read_bytes().decode("utf-8")
    numbers: dict[str, int] = {}
    marks: list[Mark] = []
    links: list[tuple[str, str]] = []
    remarks: list[tuple[str, str, Any]] = []
    spoken: list[str | None] = []
    for name, body in _lines(file.read_bytes().decode("utf-8")):
        if name[0] == "T":
            kind, _, words = body.partition("\t")
            label, _, places = kind.partition(" ")
            ours = "Trigger" if label.startswith("Attribution") else resolve_label(label, labels, file.name)
            if ours is None:
                continue
            pieces = [[int(offset) for offset in piece.split()] for piece in places.split(";")]
            numbers[name] = len(marks)
            marks.append(Mark(ours, pieces))
            # The words of several pieces are joined by blanks: they do not show how each was counted.
            spoken.append(words if len(pieces) == 1 else None)
        elif name[0] == "R":
            head, tail = _arguments(body.split()[1:3])
            links.append((head, tail))
        elif name[0] == "E":
            trigger, *arguments = _arguments(body.split())
            links += [(trigger, argument) for argument in arguments]
        elif name[0] in "AM":
            attribute, target, *value = body.split()
            remarks.append((target, attribute, value[0] if value else "yes"))
        elif body.startswith("AnnotatorNotes "):
            target, _, words = body.removeprefix("AnnotatorNotes ").partition("\t")
            remarks.append((target, "Speaker", _unescaped(words)))
    _recount(text, marks, spoken)
    for target, attribute, value in remarks:
        if target in numbers:
            _remark(marks[numbers[target]], attribute, value)
    pairs = [(numbers[head], numbers[tail]) for head, tail in links if head in numbers and tail in numbers]
    layers = build(*_without_triggers(marks, pairs))
    return restore(text, layers, note, id=file.stem)


def _lines(annotation: str) -> Iterable[tuple[str, str]]:
    # Some programs write a span's line ends as they are, so that its words run over several lines.
    for line in _FIRST_OF_LINE.split(annotation):
        name, _, body = line.rstrip("\n").partition("\t")
        if name and body:
            yield name, body


def _arguments(fields: Iterable[str]) -> Iterator[str]:
    return (field.partition(":")[2] for field in fields)


def _recount(text: str, marks: Sequence[Mark], spoken: Sequence[str | None]) -> None:
    flat = [(number, piece) for number, mark in enumerate(marks) for piece in mark.pieces]
    ranges = [(start, end) for _, (start, end) in flat]
    for (_, piece), place in zip(flat, recount(text, ranges, [spoken[number] for number, _ in flat]), strict=True):
        piece[:] = place


def _remark(mark: Mark, attribute: str, value: Any) -> None:
    name = "speaker" if attribute == "Speaker" else _PROPERTIES.get(attribute)
    known = properties_of("Cue" if mark.label == "Trigger" else mark.label)
    if name in known:
        mark.properties[name] = value == "yes" if name == "named" else value


def _unescaped(words: str) -> str:
    try:
        return str(json.loads(f'"{words}"'))
    except ValueError:
        return words  # written by hand


def _without_triggers(
    marks: Sequence[Mark], links: Sequence[tuple[int, int]]
) -> tuple[list[Mark], list[tuple[int, int]]]:
    """Marks and links in which an event's arguments hang together by their cue, and its trigger is gone.

    A trigger is a copy of the cue; it stands for the cue where that was forgotten.
    """
    arguments: dict[int, list[int]] = {}
    kept = []
    for head, tail in links:
        if marks[head].label == "Trigger":
            arguments.setdefault(head, []).append(tail)
        else:
            kept.append((head, tail))
    changed = list(marks)
    for trigger, tails in arguments.items():
        cues = [tail for tail in tails if marks[tail].label == "Cue"]
        if not cues:
            changed[trigger] = Mark("Cue", marks[trigger].pieces, marks[trigger].properties)
            cues = [trigger]
        kept += [(cues[0], tail) for tail in tails if tail != cues[0]]
    place = {old: new for new, old in enumerate(n for n, mark in enumerate(changed) if mark.label != "Trigger")}
    return [changed[old] for old in place], [(place[h], place[t]) for h, t in kept if h in place and t in place]
