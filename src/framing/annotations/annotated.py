"""One annotated article, checked and put into one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import index
from typing import TYPE_CHECKING, Any

from framing.exceptions import ArticleError
from framing.kinds import KINDS
from framing.record import LABELS, VOICES, copy_json, json_name

if TYPE_CHECKING:
    from framing.analysis import Analysis

__all__ = [
    "LAYERS",
    "LOADED_PROPERTIES",
    "PARTS",
    "PROPERTIES",
    "SOURCE_TYPES",
    "STATEMENT_LABELS",
    "Annotated",
]

LAYERS = ("attributions", "statements", "loaded", "frames")
"""What can be annotated in an article."""

PARTS = ("source", "cue", "content")
"""The parts of an attribution, each a list of ranges."""

PROPERTIES = ("speaker", "source_type", "named")
"""What is known of an attribution's source, None where nobody said."""

SOURCE_TYPES = (
    "official",
    "expert",
    "organization",
    "media",
    "document",
    "person",
    "group",
    "public",
    "anonymous",
    "unspecified",
)
"""By the role in which the source speaks."""

STATEMENT_LABELS = (*LABELS, "frame")
"""Voice and kind, and words that are no statement."""

LOADED_PROPERTIES = {"kind": KINDS, "voice": VOICES}
"""What is known of loaded words, and the values it may have; None where nobody said."""

Attribution = dict[str, Any]

_DERIVED = ("quotation", "within", "denied", "probability")  # follows from the rest, or is the model's alone


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """An article with its annotations.

    A layer that is None was not annotated; one that is empty was, and nothing was found. The difference matters
    to whoever learns from it. All ranges are half-open, in code points of ``text``, and neither empty nor outside it.

    Parameters
    ----------
    text : str
        The article exactly as given.
    id : str or int, optional
    title : str, optional
        Where the text does not hold it.
    meta : dict, optional
        Anything else that JSON has a form for.
    attributions : list of mapping, optional
        Each with `source`, `cue` and `content`, lists of [start, end], at least one of them not empty, and
        perhaps `speaker` (str), `source_type` (one of ten) and `named` (bool). Attributions may overlap. What
        else a model's record says of one (`quotation`, `within`, `denied`, `probability`) is left out.
    statements : list of [start, end, label], optional
        Labels are ``author_fact``, ``author_opinion``, ``source_fact``, ``source_opinion`` and ``frame``. Kept in
        the order of the text.
    loaded : list of [start, end] or [start, end, kind, voice], optional
        Loaded words and phrases. `kind` is one of the eight of :mod:`framing.kinds`, `voice` is ``"author"`` or
        ``"source"``; None stands for what is not known, and both are left out where neither is. Kept in the order of
        the text.
    frames : dict of str to list of str, or to dict of str to list of str, optional
        By inventory, the frames that are present, or each of them with the voices that it comes in, ``"author"`` and
        ``"source"``; an empty list where nobody said.
    model : str, optional
        What made the annotations, if a model did: they are then exported as suggestions where a tool knows them.

    Raises
    ------
    ArticleError
        If a field is of the wrong form or a range lies outside the text; the message says which.

    Examples
    --------
    >>> text = "Engineers said the bridge is safe."
    >>> doc = Annotated(text=text, attributions=[{"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 33]]}])
    >>> doc.attributions[0]["speaker"] is None, doc.statements is None
    (True, True)
    """

    text: str
    id: str | int | None = None
    title: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    attributions: list[Attribution] | None = None
    statements: list[list[Any]] | None = None
    loaded: list[list[Any]] | None = None
    frames: dict[str, list[str] | dict[str, list[str]]] | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ArticleError(f"text must be a string, not {json_name(self.text)}.")
        if self.id is not None and (isinstance(self.id, bool) or not isinstance(self.id, (str, int))):
            raise ArticleError(f"id must be a string or a number, not {json_name(self.id)}.")
        for name in ("title", "model"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise ArticleError(f"{name} must be a string or null, not {json_name(value)}.")
        if not isinstance(self.meta, Mapping):
            raise ArticleError(f"meta must be an object, not {json_name(self.meta)}.")
        checked: dict[str, Any] = {"meta": copy_json(dict(self.meta))}
        if self.attributions is not None:
            entries = _listed("attributions", self.attributions)
            checked["attributions"] = [self._attribution(place, entry) for place, entry in enumerate(entries)]
        if self.statements is not None:
            checked["statements"] = sorted(self._statement(entry) for entry in _listed("statements", self.statements))
        if self.loaded is not None:
            rows = [self._loaded_words(entry) for entry in _listed("loaded", self.loaded)]
            checked["loaded"] = sorted(rows, key=lambda row: (row[:2], [part or "" for part in row[2:]]))
        if self.frames is not None:
            checked["frames"] = _checked_frames(self.frames)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def layers(self) -> tuple[str, ...]:
        """Which of `LAYERS` are annotated."""
        return tuple(layer for layer in LAYERS if getattr(self, layer) is not None)

    def with_layers(self, layers: Iterable[str]) -> Annotated:
        """A copy in which these layers count as annotated, empty where nothing was marked.

        Raises
        ------
        ValueError
            If there is no such layer.
        """
        empty: dict[str, Any] = {}
        for layer in layers:
            if layer not in LAYERS:
                raise ValueError(f"layers are {', '.join(LAYERS)}. Got {layer!r} instead.")
            if getattr(self, layer) is None:
                empty[layer] = {} if layer == "frames" else []
        return replace(self, **empty)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Annotated:
        """Read an object of our JSONL, an article that is only to be annotated, or a record of an analysis.

        Parameters
        ----------
        record : mapping
            With `text` and any other field of this class. `segments` is another name for `statements`; further
            fields go to `meta`. With `schema_version` it is taken for a record of an analysis.

        Raises
        ------
        ArticleError
            If it has no text or a field is of the wrong form.
        """
        if not isinstance(record, Mapping):
            raise ArticleError(f"An annotated article must be an object, not {json_name(record)}.")
        if "schema_version" in record:
            from framing.analysis import Analysis

            return cls.from_analysis(Analysis.from_dict(record))
        if "text" not in record:
            raise ArticleError("An annotated article must have the field text.")
        fields = dict(record)
        if "segments" in fields:
            if fields.get("statements") is not None:
                raise ArticleError("An annotated article has statements or segments, not both.")
            fields["statements"] = fields.pop("segments")
        known = {name: fields.pop(name) for name in cls.__dataclass_fields__ if name in fields}
        meta = known.pop("meta", None) or {}
        if fields:
            if not isinstance(meta, Mapping):
                raise ArticleError(f"meta must be an object, not {json_name(meta)}.")
            meta = {**meta, **fields}
        return cls(**known, meta=meta)

    @classmethod
    def from_analysis(cls, doc: Analysis, *, threshold: float = 0.5) -> Annotated:
        """What the models found in an article, for people to correct.

        Parameters
        ----------
        doc : Analysis
        threshold : float, default=0.5
            From which score on a frame counts as present.

        Returns
        -------
        Annotated
            With all four layers, and the models' names in ``model``.

        Examples
        --------
        >>> import framing
        >>> draft = Annotated.from_analysis(framing.analyze("Critics called the plan reckless."))
        >>> draft.layers
        ('attributions', 'statements', 'loaded', 'frames')
        """
        record = doc.to_dict()
        meta = dict(record["meta"])
        given = meta.get("title")
        title = meta.pop("title") if isinstance(given, str) else None
        loaded = {(start, end) for entry in record["statements"] for start, end, _ in entry["loaded"]}
        known = {(e["start"], e["end"]): (e["kind"], e["voice"]) for e in record["bias"].get("loaded", ())}
        return cls(
            text=record["text"],
            id=record["id"] if isinstance(record["id"], (str, int)) else None,
            title=title,
            meta=meta,
            attributions=[{key: entry[key] for key in (*PARTS, *PROPERTIES)} for entry in record["attributions"]],
            statements=[[e["start"], e["end"], f"{e['voice']}_{e['kind']}"] for e in record["statements"]],
            loaded=[[*span, *known.get(span, ())] for span in loaded],
            frames={
                inventory: [label for label, score in entry["scores"].items() if score >= threshold]
                for inventory, entry in record["frames"].items()
            },
            model=", ".join(sorted(set(record["models"].values()))) or "framing",
        )

    def to_dict(self) -> dict[str, Any]:
        """The article as an object of our JSONL; what is None or empty metadata is left out."""
        record: dict[str, Any] = {"id": self.id, "text": self.text}
        for name in ("title", "meta", *LAYERS, "model"):
            value = getattr(self, name)
            if value is not None and (name != "meta" or value):
                record[name] = copy_json(value)
        return record

    def _attribution(self, place: int, entry: Any) -> Attribution:
        where = f"attribution {place}"
        if not isinstance(entry, Mapping):
            raise self._error(where, f"must be an object, not {json_name(entry)}")
        unknown = [key for key in entry if key not in (*PARTS, *PROPERTIES, *_DERIVED)]
        if unknown:
            raise self._error(where, f"has {', '.join(map(str, unknown))}; only these are known: {_KNOWN}")
        found: Attribution = {}
        for part in PARTS:
            pieces = _listed(f"{where}'s {part}", entry.get(part) or [])
            found[part] = sorted(self._range(f"{where}'s {part}", piece) for piece in pieces)
        if not any(found.values()):
            raise self._error(where, "has neither source nor cue nor content")
        speaker, source_type, named = (entry.get(name) for name in PROPERTIES)
        if speaker is not None and not isinstance(speaker, str):
            raise self._error(where, f"has a speaker that is {json_name(speaker)}, not a string or null")
        if source_type is not None and source_type not in SOURCE_TYPES:
            raise self._error(where, f"has the source_type {source_type!r}; there are {', '.join(SOURCE_TYPES)}")
        if named is not None and not isinstance(named, bool):
            raise self._error(where, f"has named {named!r}, not true, false or null")
        return found | {"speaker": speaker, "source_type": source_type, "named": named}

    def _statement(self, entry: Any) -> list[Any]:
        if isinstance(entry, str) or not isinstance(entry, Sequence) or len(entry) < 3:
            raise self._error("a statement", f"must be [start, end, label]. Got {entry!r} instead")
        if entry[2] not in STATEMENT_LABELS:
            raise self._error("a statement", f"has the label {entry[2]!r}; there are {', '.join(STATEMENT_LABELS)}")
        return [*self._range("a statement", entry), entry[2]]

    def _loaded_words(self, entry: Any) -> list[Any]:
        place = self._range("loaded", entry)
        said = [*entry[2:4], None, None][:2]
        if not any(isinstance(value, str) for value in said):
            return place  # without a kind or voice, perhaps with a model's score
        for (name, values), value in zip(LOADED_PROPERTIES.items(), said, strict=True):
            if value is not None and value not in values:
                raise self._error("a loaded word", f"has the {name} {value!r}; there are {', '.join(values)}")
        return [*place, *said]

    def _range(self, what: str, entry: Any) -> list[int]:
        try:
            start, end = (index(offset) for offset in entry[:2])
        except (TypeError, ValueError, KeyError):
            raise self._error(what, f"must have a range [start, end] of whole numbers. Got {entry!r} instead") from None
        if not 0 <= start < end <= len(self.text):
            raise self._error(what, f"has the range [{start}, {end}), but the text has {len(self.text)} characters")
        return [start, end]

    def _error(self, what: str, says: str) -> ArticleError:
        return ArticleError(f"In the article with id {self.id!r}, {what} {says}.")


_KNOWN = ", ".join((*PARTS, *PROPERTIES))


def _listed(name: str, value: Any) -> Sequence[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise ArticleError(f"{name} must be an array, not {json_name(value)}.")
    return value


def _checked_frames(frames: Any) -> dict[str, list[str] | dict[str, list[str]]]:
    if not isinstance(frames, Mapping):
        raise ArticleError(f"frames must be an object, inventory to names, not {json_name(frames)}.")
    checked: dict[str, list[str] | dict[str, list[str]]] = {}
    for inventory, given in frames.items():
        names = list(given) if isinstance(given, Mapping) else _listed(f"frames of {inventory}", given)
        if not all(isinstance(name, str) for name in names):
            raise ArticleError(f"frames of {inventory} must be strings.")
        unique = sorted(set(names))
        if isinstance(given, Mapping):
            checked[str(inventory)] = {name: _checked_voices(f"{inventory}.{name}", given[name]) for name in unique}
        else:
            checked[str(inventory)] = unique
    return checked


def _checked_voices(frame: str, voices: Any) -> list[str]:
    wrong = [voice for voice in _listed(f"voices of the frame {frame}", voices) if voice not in VOICES]
    if wrong:
        raise ArticleError(f"The frame {frame} has the voice {wrong[0]!r}; there are {', '.join(VOICES)}.")
    return sorted(set(voices))
