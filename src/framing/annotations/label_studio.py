"""Label Studio: a list of tasks in JSON, and the labelling configuration for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from framing.annotations.annotated import LOADED_PROPERTIES, PARTS, SOURCE_TYPES, STATEMENT_LABELS, Annotated
from framing.annotations.envelope import note_of, restore
from framing.annotations.marks import Mark, build, properties_of, resolve_label, take_apart
from framing.annotations.offsets import recount
from framing.exceptions import ArticleError
from framing.record import encode_json, load_schema

__all__ = ["read_label_studio", "write_label_studio"]

_CONTROLS = {"Loaded": "loaded"} | dict.fromkeys(("Source", "Cue", "Content"), "attribution")
_FRAMES = "frames_"  # before an inventory's name


def write_label_studio(docs: Sequence[Annotated], file: Path) -> None:
    """Write articles as tasks, and beside them the labelling configuration, ``NAME.config.xml``.

    Attributions are regions tied by relations; speaker, type and name of the source are per-region fields of the cue,
    kind and voice those of loaded words; frames are choices about the whole text. What a model made goes to
    ``predictions``, everything else to ``annotations``. Offsets are code points, as Label Studio's.
    """
    file.write_bytes(encode_json([_task(doc) for doc in docs], indent=1) + b"\n")
    file.with_suffix(".config.xml").write_text(_configuration(docs), encoding="utf-8", newline="\n")


def read_label_studio(file: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read an export in the format "JSON": an article for each annotation that was not cancelled.

    Where a task has none, its first prediction is read; ``annotator`` in the metadata tells annotations apart.
    """
    tasks = json.loads(file.read_bytes())
    if not isinstance(tasks, list):
        raise ArticleError(f"{file.name} must hold a list of tasks, as Label Studio exports in its format JSON.")
    return [doc for task in tasks for doc in _read_task(task, labels, file.name)]


def _task(doc: Annotated) -> dict[str, Any]:
    result = _result(doc)
    task: dict[str, Any] = {"data": {"text": doc.text, "framing": note_of(doc, frames=False)}}
    if doc.model is not None:
        task["predictions"] = [{"model_version": doc.model, "result": result}]
    elif doc.layers:
        task["annotations"] = [{"result": result}]
    return task


def _result(doc: Annotated) -> list[dict[str, Any]]:
    marks, links = take_apart(doc)
    result: list[dict[str, Any]] = []
    for number, mark in enumerate(marks):
        [(start, end)] = mark.pieces
        place = {"start": start, "end": end, "text": doc.text[start:end]}
        region = {"id": f"r{number}", "to_name": "text", "origin": "prediction" if doc.model else "manual"}
        control = _CONTROLS.get(mark.label, "statement")
        result.append(region | {"from_name": control, "type": "labels", "value": place | {"labels": [mark.label]}})
        for name, value in mark.properties.items():
            if name == "speaker":
                entry = {"type": "textarea", "value": place | {"text": [value]}}
            else:
                shown = {True: "yes", False: "no"}.get(value, value)
                entry = {"type": "choices", "value": place | {"choices": [shown]}}
            result.append(region | {"from_name": name} | entry)
    result += [
        {
            "type": "relation",
            "from_id": f"r{link.head}",
            "to_id": f"r{link.tail}",
            "direction": "right",
            "labels": [link.role],
        }
        for link in links
    ]
    result += [
        {
            "id": f"f{number}",
            "from_name": _FRAMES + inventory,
            "to_name": "text",
            "type": "choices",
            "value": {"choices": list(names)},
        }
        for number, (inventory, names) in enumerate((doc.frames or {}).items())
    ]
    return result


def _read_task(task: Any, labels: Mapping[str, str | None] | None, where: str) -> list[Annotated]:
    try:
        data = task["data"]
        text = data["text"]
    except (TypeError, KeyError):
        raise ArticleError(f"{where} has a task without data.text; framing reads the field text.") from None
    note = data.get("framing")
    known: dict[str, Any] = {"id": data.get("id", task.get("id")), "title": data.get("title")}
    known["meta"] = {key: value for key, value in data.items() if key not in ("text", "id", "title", "framing")}
    done = [entry for entry in task.get("annotations") or () if not entry.get("was_cancelled")]
    if not done:
        draft: Mapping[str, Any] = next(iter(task.get("predictions") or ()), {"result": []})
        known["model"] = draft.get("model_version")
        return [restore(text, _layers(text, draft["result"], labels, where), note, **known)]
    # Without the model: people looked at it.
    fields = known if note is None else {key: value for key, value in note.items() if key != "model"}
    docs = []
    for entry in done:
        if len(done) > 1:
            fields = {**fields, "meta": {**fields.get("meta", {}), "annotator": entry.get("completed_by")}}
        docs.append(restore(text, _layers(text, entry["result"], labels, where), fields))
    return docs


def _layers(
    text: str, result: Sequence[Mapping[str, Any]], labels: Mapping[str, str | None] | None, where: str
) -> dict[str, Any]:
    marks: list[Mark] = []
    numbers: dict[str, int] = {}
    words: list[str | None] = []
    frames: dict[str, list[str]] = {}
    for entry in result:
        value = entry.get("value", {})
        if entry["type"] != "labels":
            if entry["type"] == "choices" and "start" not in value and entry["from_name"].startswith(_FRAMES):
                frames[entry["from_name"].removeprefix(_FRAMES)] = value["choices"]
            continue
        for label in value["labels"]:
            ours = resolve_label(label, labels, where)
            if ours is not None:
                numbers[entry["id"]] = len(marks)
                marks.append(Mark(ours, [[int(value["start"]), int(value["end"])]]))
                words.append(value.get("text"))
    ranges = [(mark.pieces[0][0], mark.pieces[0][1]) for mark in marks]
    for mark, place in zip(marks, recount(text, ranges, words), strict=True):
        mark.pieces[0][:] = place
    links = []
    for entry in result:
        if entry["type"] == "relation":
            if entry["from_id"] in numbers and entry["to_id"] in numbers:
                links.append((numbers[entry["from_id"]], numbers[entry["to_id"]]))
        elif entry.get("id") in numbers:
            _add_property(marks[numbers[entry["id"]]], entry)
    return build(marks, links) | {"frames": frames or None}


def _add_property(mark: Mark, entry: Mapping[str, Any]) -> None:
    name, value = entry["from_name"], entry.get("value", {})
    if name not in properties_of(mark.label):
        return
    if name == "speaker" and value.get("text"):
        said = value["text"]
        mark.properties["speaker"] = said if isinstance(said, str) else said[0]
    elif name == "named" and value.get("choices"):
        mark.properties["named"] = value["choices"][0] == "yes"
    elif name != "speaker" and value.get("choices"):
        mark.properties[name] = value["choices"][0]


def _configuration(docs: Iterable[Annotated]) -> str:
    inventories: dict[str, set[str]] = {}
    for doc in docs:
        for inventory, names in (doc.frames or {}).items():
            inventories.setdefault(inventory, set()).update(names)
    lines = ["<View>", '  <Relations choice="multiple">']
    lines += [f'    <Relation value="{part}"/>' for part in PARTS]
    lines.append("  </Relations>")
    groups: dict[str, Sequence[str]] = {
        "attribution": ("Source", "Cue", "Content"),
        "statement": STATEMENT_LABELS,
        "loaded": ("Loaded",),
    }
    for control, labels in groups.items():
        lines.append(f'  <Labels name="{control}" toName="text">')
        lines += [f'    <Label value="{label}"/>' for label in labels]
        lines.append("  </Labels>")
    lines.append('  <Text name="text" value="$text"/>')
    lines.append('  <TextArea name="speaker" toName="text" perRegion="true" maxSubmissions="1" placeholder="speaker"/>')
    answers: dict[str, Sequence[str]] = {"source_type": SOURCE_TYPES, "named": ("yes", "no"), **LOADED_PROPERTIES}
    for control, values in answers.items():
        lines.append(f'  <Choices name="{control}" toName="text" perRegion="true" choice="single">')
        lines += [f'    <Choice value="{value}"/>' for value in values]
        lines.append("  </Choices>")
    for inventory, found in sorted(inventories.items()):
        lines.append(f'  <Choices name={quoteattr(_FRAMES + inventory)} toName="text" choice="multiple">')
        lines += [f"    <Choice value={quoteattr(name)}/>" for name in sorted(found | set(_shipped(inventory)))]
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>", ""])


def _shipped(inventory: str) -> list[str]:
    """Every label of an inventory that ships, also those that occur in no article."""
    definition = load_schema()["$defs"].get(inventory, {})
    return list(definition.get("required", ())) if inventory in ("policy", "narrative") else []
