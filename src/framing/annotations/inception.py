"""INCEpTION: UIMA CAS as XMI with its type system, or as JSON, through dkpro-cassis."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.annotations.annotated import LOADED_PROPERTIES, PARTS, PROPERTIES, Annotated
from framing.annotations.brat import file_names
from framing.annotations.envelope import note_of, restore
from framing.annotations.marks import LABELS, Mark, build, properties_of, resolve_label, take_apart
from framing.exceptions import ArticleError, MissingExtraError

__all__ = ["read_inception", "write_inception"]

# Names as INCEpTION gives them to custom layers, so that projects can be made of the type system.
_PART = "webanno.custom.AttributionPart"
_LINK = "webanno.custom.AttributionLink"
_STATEMENT = "webanno.custom.Statement"
_LOADED = "webanno.custom.LoadedWords"
_ARTICLE = "webanno.custom.FramingArticle"
_TYPES = "TypeSystem.xml"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_inception(docs: Sequence[Annotated], folder: Path, *, ending: str) -> None:
    """Write an ``.xmi`` or ``.json`` file for each article, and the type system.

    Offsets are UTF-16 code units, as UIMA's. Attributions are spans of the layer AttributionPart tied by relations of
    the layer AttributionLink; statements and loaded words have a layer each. All four must be custom layers of the
    project with spans of characters that may overlap; INCEpTION makes them of ``TypeSystem.xml``.
    """
    cassis = _cassis()
    types = _type_system(cassis)
    folder.mkdir(parents=True, exist_ok=True)
    if ending == ".xmi":
        types.to_xml(folder / _TYPES)
    for number, (name, doc) in enumerate(zip(file_names(docs), docs, strict=True)):
        cas = _cas(cassis, types, doc, number)
        if ending == ".xmi":
            speakers = (entry["speaker"] or "" for entry in doc.attributions or ())
            odd = _NOT_IN_XML.search("".join([doc.text, *speakers]))
            if odd is not None:
                raise ArticleError(
                    f"The article with id {doc.id!r} holds U+{ord(odd[0]):04X}, which XML cannot hold. "
                    "Use the format inception-json."
                )
            cas.to_xmi(folder / f"{name}.xmi")
        else:
            cas.to_json(folder / f"{name}.json")


def read_inception(path: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read an article in XMI or JSON, or a folder of them; XMI needs its ``TypeSystem.xml`` beside it.

    The layers may be a project's own: every span whose feature `label`, `part` or `value` is one of our labels is
    read, and every relation between two of them.
    """
    cassis = _cassis()
    files = (sorted(path.glob("*.xmi")) or sorted(path.glob("*.json"))) if path.is_dir() else [path]
    docs = []
    for file in files:
        if file.suffix == ".xmi":
            beside = file.with_name(_TYPES)
            if not beside.is_file():
                raise ArticleError(f"{file.name} needs {_TYPES} beside it; INCEpTION exports both in one archive.")
            with beside.open("rb") as stream:
                types = cassis.load_typesystem(stream)
            with file.open("rb") as stream:
                cas = cassis.load_cas_from_xmi(stream, typesystem=types)
        else:
            with file.open("rb") as stream:
                cas = cassis.load_cas_from_json(stream)
        docs.append(_article(cas, file, labels))
    # Written in the order of the articles, found in that of the file names.
    return [doc for _, doc in sorted(docs, key=lambda pair: pair[0])]


def _cassis() -> Any:
    try:
        import cassis
    except ImportError as error:
        raise MissingExtraError(
            "UIMA CAS files need dkpro-cassis: pip install newsframing[annotation]", name="cassis"
        ) from error
    return cassis


def _type_system(cassis: Any) -> Any:
    types = cassis.TypeSystem()
    part = types.create_type(_PART, supertypeName="uima.tcas.Annotation")
    for name in ("part", *PROPERTIES):
        types.create_feature(part, name, "uima.cas.String")
    link = types.create_type(_LINK, supertypeName="uima.tcas.Annotation")
    types.create_feature(link, "Governor", _PART)
    types.create_feature(link, "Dependent", _PART)
    types.create_feature(link, "role", "uima.cas.String")
    statement = types.create_type(_STATEMENT, supertypeName="uima.tcas.Annotation")
    types.create_feature(statement, "label", "uima.cas.String")
    loaded = types.create_type(_LOADED, supertypeName="uima.tcas.Annotation")
    for name in ("label", *LOADED_PROPERTIES):
        types.create_feature(loaded, name, "uima.cas.String")
    article = types.create_type(_ARTICLE, supertypeName="uima.cas.AnnotationBase")
    types.create_feature(article, "number", "uima.cas.Integer")
    types.create_feature(article, "note", "uima.cas.String")
    return types


def _cas(cassis: Any, types: Any, doc: Annotated, number: int) -> Any:
    cas = cassis.Cas(typesystem=types, sofa_string=doc.text, sofa_mime="text/plain", document_language="en")
    marks, links = take_apart(doc)
    spans = []
    for mark in marks:
        [(begin, end)] = mark.pieces
        if mark.label.casefold() in PARTS:
            shown = {True: "yes", False: "no"}
            properties = {name: shown.get(value, value) for name, value in mark.properties.items()}
            spans.append(types.get_type(_PART)(begin=begin, end=end, part=mark.label, **properties))
        else:
            layer = _LOADED if mark.label == "Loaded" else _STATEMENT
            spans.append(types.get_type(layer)(begin=begin, end=end, label=mark.label, **mark.properties))
        cas.add(spans[-1])
    for head, tail, role in links:
        # INCEpTION places a relation where its dependent is.
        dependent = spans[tail]
        cas.add(
            types.get_type(_LINK)(
                begin=dependent.begin, end=dependent.end, Governor=spans[head], Dependent=dependent, role=role
            )
        )
    cas.add(types.get_type(_ARTICLE)(number=number, note=json.dumps(note_of(doc), ensure_ascii=True)))
    return cas


def _article(cas: Any, file: Path, labels: Mapping[str, str | None] | None) -> tuple[int, Annotated]:
    marks: list[Mark] = []
    numbers: dict[int, int] = {}
    ties: list[tuple[Any, Any]] = []
    number, note = 0, None
    for structure in _structures(cas):
        kind = structure.type.name
        if kind == _ARTICLE:
            number, note = structure.number, json.loads(structure.note)
        elif hasattr(structure, "Governor") and hasattr(structure, "Dependent"):
            ties.append((structure.Governor, structure.Dependent))
        else:
            label = _label(structure, kind, labels, file.name)
            if label is not None:
                numbers[structure.xmiID] = len(marks)
                marks.append(Mark(label, [[structure.begin, structure.end]], _properties(structure, label)))
    links = [
        (numbers[one.xmiID], numbers[other.xmiID])
        for one, other in ties
        if one is not None and other is not None and one.xmiID in numbers and other.xmiID in numbers
    ]
    return number, restore(cas.sofa_string, build(marks, links), note, id=file.stem)


def _structures(cas: Any) -> Iterator[Any]:
    """Everything that is annotated, in the order of its making."""
    yield from sorted(cas.select_all_fs(), key=lambda structure: structure.xmiID)


def _label(structure: Any, kind: str, labels: Mapping[str, str | None] | None, where: str) -> str | None:
    own = kind in (_PART, _STATEMENT, _LOADED)
    for name in ("part", "label", "value"):
        value = getattr(structure, name, None)
        if isinstance(value, str) and value:
            # A project has other layers than ours, with labels of their own.
            known = own or value in (labels or ()) or value.casefold() in _FOLDED
            return resolve_label(value, labels, where) if known else None
    return None


_FOLDED = {label.casefold() for label in LABELS}


def _properties(structure: Any, label: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in properties_of(label):
        value = getattr(structure, name, None)
        if value is not None:
            found[name] = value == "yes" if name == "named" else value
    return found
