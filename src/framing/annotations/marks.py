"""Marked stretches and links between them: what annotation tools know, and how attributions are made of it.

A tool knows spans with a label and links between spans. An attribution becomes one span for each piece of its
parts, and links from its anchor to all the others: the anchor is the first piece of the cue, or of the content
where there is no cue, or of the source where there is nothing else. Links bear the name of the part they lead to.

Read back, the direction and the names of links do not matter, so that people may draw them as they like:

1. spans of one label that are linked are pieces of one part;
2. every cue is an attribution, with the sources and contents that it is linked to;
3. a content that is linked to no cue belongs to the cue of its source, if that has only one, and else is an
   attribution without a cue; a source that is linked to a cue's content belongs to that cue;
4. what is linked to nothing is an attribution by itself, for nothing may get lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from framing.annotations.annotated import LOADED_PROPERTIES, PARTS, PROPERTIES, STATEMENT_LABELS, Annotated
from framing.exceptions import ArticleError

__all__ = ["LABELS", "Link", "Mark", "build", "properties_of", "resolve_label", "take_apart"]

Spans = list[list[int]]

_LOADED = "Loaded"
_PART_LABELS = {part.capitalize(): part for part in PARTS}

LABELS = (*_PART_LABELS, *STATEMENT_LABELS, _LOADED)
"""Labels of spans, in every tool."""

_FOLDED = {label.casefold(): label for label in LABELS}


@dataclass
class Mark:
    """A marked stretch.

    Attributes
    ----------
    label : str
        One of `LABELS`.
    pieces : list of [start, end]
        More than one only where a tool knows discontinuous spans.
    properties : dict
        `speaker`, `source_type` and `named` of the attribution whose anchor it is, `kind` and `voice` of loaded words;
        without those that are None.
    """

    label: str
    pieces: Spans
    properties: dict[str, Any] = field(default_factory=dict)


class Link(NamedTuple):
    """A tie between two marks, by their numbers; `role` is the part that `tail` is."""

    head: int
    tail: int
    role: str


def properties_of(label: str) -> tuple[str, ...]:
    """Names of the properties that a mark with this label (one of `LABELS`) may have."""
    if label == _LOADED:
        return tuple(LOADED_PROPERTIES)
    return PROPERTIES if label in _PART_LABELS else ()


def resolve_label(label: str, labels: Mapping[str, str | None] | None, where: str) -> str | None:
    """Our name of a tool's label; None for one that is to be left out.

    Parameters
    ----------
    label : str
    labels : mapping of str to str or None, optional
        The user's own names.
    where : str
        For the message.

    Raises
    ------
    ArticleError
        If the label is unknown.
    """
    if labels is not None and label in labels:
        renamed = labels[label]
        if renamed is None:
            return None
        label = renamed
    found = _FOLDED.get(label.casefold())
    if found is None:
        raise ArticleError(
            f"{where} has the label {label!r}; known are {', '.join(LABELS)}. "
            f"Give labels={{{label!r}: one of these}}, or None to leave it out."
        )
    return found


def take_apart(doc: Annotated, *, discontinuous: bool = False) -> tuple[list[Mark], list[Link]]:
    """Marks and links of an article.

    Parameters
    ----------
    doc : Annotated
    discontinuous : bool, default=False
        Whether a part of several pieces is one mark.

    Returns
    -------
    marks : list of Mark
        Attributions in their order, then statements, then loaded words.
    links : list of Link
    """
    marks: list[Mark] = []
    links: list[Link] = []
    # Coordinated cues share a source, nested ones a content. People see one span then; cues stay apart,
    # because they are what tells attributions apart.
    shared: dict[tuple[Any, ...], int] = {}
    for entry in doc.attributions or []:
        anchor: int | None = None
        properties = {name: entry[name] for name in PROPERTIES if entry[name] is not None}
        for part in ("cue", "content", "source"):
            pieces = entry[part]
            stretches = [pieces] if discontinuous and pieces else [[piece] for piece in pieces]
            for stretch in stretches:
                key = (part, *map(tuple, stretch))
                if anchor is None:
                    anchor = len(marks)
                    marks.append(Mark(part.capitalize(), stretch, properties))
                    continue
                may_share = part != "cue" and bool(entry["cue"])
                number = shared.get(key, len(marks)) if may_share else len(marks)
                if number == len(marks):
                    marks.append(Mark(part.capitalize(), stretch))
                    if may_share:
                        shared[key] = number
                links.append(Link(anchor, number, part))
    marks += [Mark(label, [[start, end]]) for start, end, label in doc.statements or []]
    for start, end, *said in doc.loaded or []:
        known = {name: value for name, value in zip(LOADED_PROPERTIES, said, strict=False) if value is not None}
        marks.append(Mark(_LOADED, [[start, end]], known))
    return marks, links


def build(marks: Sequence[Mark], links: Iterable[tuple[int, int]]) -> dict[str, list[Any] | None]:
    """Layers of an article from marks and links.

    Parameters
    ----------
    marks : sequence of Mark
    links : iterable of (int, int)
        Numbers of the two marks, in either direction. Links with anything but parts of attributions are ignored.

    Returns
    -------
    dict
        `attributions`, `statements` and `loaded` as `Annotated` takes them, each None where nothing was marked.
    """
    statements = [[*mark.pieces[0], mark.label] for mark in marks if mark.label in STATEMENT_LABELS]
    loaded = [
        [*mark.pieces[0], *(mark.properties.get(name) for name in LOADED_PROPERTIES)]
        for mark in marks
        if mark.label == _LOADED
    ]
    attributions = _attributions(marks, links)
    return {"attributions": attributions or None, "statements": statements or None, "loaded": loaded or None}


class _Part:
    """Marks of one label that belong together."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.members: list[int] = []
        self.neighbours: dict[str, list[_Part]] = {label: [] for label in _PART_LABELS}


def _attributions(marks: Sequence[Mark], links: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    ties = [
        (head, tail) for head, tail in links if marks[head].label in _PART_LABELS and marks[tail].label in _PART_LABELS
    ]
    parts = _parts(marks, ties)
    for head, tail in ties:
        one, other = parts[head], parts[tail]
        if one is not other:
            _add(one.neighbours[other.label], other)
            _add(other.neighbours[one.label], one)
    found: dict[int, dict[str, list[_Part]]] = {}  # by the first mark of the anchor

    def attribution(anchor: _Part) -> dict[str, list[_Part]]:
        own = found.setdefault(anchor.members[0], {label: [] for label in _PART_LABELS})
        _add(own[anchor.label], anchor)
        return own

    every = list(dict.fromkeys(parts.values()))
    for content in (part for part in every if part.label == "Content"):
        sources = content.neighbours["Source"]
        cues = content.neighbours["Cue"]
        if not cues:
            beyond = {id(cue): cue for source in sources for cue in source.neighbours["Cue"]}
            cues = list(beyond.values()) if len(beyond) == 1 else []
        for owner in cues or [content]:
            own = attribution(owner)
            _add(own["Content"], content)
            for source in sources:
                _add(own["Source"], source)
    for cue in (part for part in every if part.label == "Cue"):
        own = attribution(cue)
        for source in cue.neighbours["Source"]:
            _add(own["Source"], source)
    for source in (part for part in every if part.label == "Source"):
        if not source.neighbours["Cue"] and not source.neighbours["Content"]:
            attribution(source)
    return [_entry(marks, own) for _, own in sorted(found.items())]


def _parts(marks: Sequence[Mark], ties: Iterable[tuple[int, int]]) -> dict[int, _Part]:
    """The part that each mark of an attribution is a piece of."""
    parts: dict[int, _Part] = {}
    for number, mark in enumerate(marks):
        if mark.label in _PART_LABELS:
            parts[number] = _Part(mark.label)
            parts[number].members.append(number)
    for head, tail in ties:
        keep, give = parts[head], parts[tail]
        if keep is give or keep.label != give.label:
            continue
        keep.members = sorted(keep.members + give.members)
        for number in give.members:
            parts[number] = keep
    return parts


def _add(parts: list[_Part], part: _Part) -> None:
    if part not in parts:
        parts.append(part)


def _entry(marks: Sequence[Mark], own: Mapping[str, list[_Part]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for label in ("Cue", "Content", "Source"):
        numbers = [number for part in own[label] for number in part.members]
        # A piece that two people marked, or one twice, is one piece.
        entry[_PART_LABELS[label]] = sorted({tuple(piece) for number in numbers for piece in marks[number].pieces})
        for number in numbers:
            for name, value in marks[number].properties.items():
                properties.setdefault(name, value)
    return entry | properties
