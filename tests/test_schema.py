from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from framing.analysis import Analysis
from framing.record import LABELS, load_schema

VALIDATOR = Draft202012Validator(load_schema())


def broken(record: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def test_the_schema_is_itself_valid():
    Draft202012Validator.check_schema(load_schema())


def test_a_record_made_by_hand_follows_the_schema(record):
    VALIDATOR.validate(record)


@pytest.mark.parametrize("text", ["", "One line.", "Two\n\nlines ‑ 🦆"])
def test_records_of_plain_texts_follow_the_schema(stub, text):
    VALIDATOR.validate(stub.analyze(text, id=7, meta={"outlet": "The Ellery Tide"}).to_dict())


def test_spans_of_the_record_are_the_words(record):
    text = record["text"]
    attribution = record["attributions"][0]
    assert [text[s:e] for s, e in attribution["content"]] == [
        "“The old one is a rusting disgrace,”",
        "“and it may well fail.”",
    ]
    assert [text[s:e] for s, e in attribution["cue"]] == ["said"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("text",), None),
        (("meta",), None),
        (("sentences", 0, "role"), "headline"),
        (("sentences", 0, "opinion"), 1.2),
        (("sentences", 0, "start"), -1),
        (("sentences", 0, "start"), 1.5),
        (("sentences", 0, "frames", "policy"), {"economic": 0.5}),
        (("sentences", 0, "frames", "narrative", "horse_race"), 0.5),
        (("attributions", 0, "source"), [[1, 2, 3]]),
        (("attributions", 0, "source"), [1, 2]),
        (("attributions", 0, "source"), None),
        (("attributions", 0, "quotation"), "paraphrase"),
        (("attributions", 0, "source_type"), "politician"),
        (("attributions", 0, "named"), "yes"),
        (("attributions", 0, "speaker"), 3),
        (("statements", 0, "voice"), "outlet"),
        (("statements", 0, "kind"), "claim"),
        (("statements", 0, "attribution"), 0),  # the author's voice has no attribution
        (("statements", 2, "attribution"), "Ida Voss"),
        (("statements", 0, "certainty"), "sure"),
        (("statements", 0, "probability"), {"author_fact": 1.0}),
        (("statements", 0, "probability", "frame"), 0.0),
        (("statements", 2, "loaded"), [[3, 5]]),
        (("statements", 2, "loaded"), [[3, 5, 7.0]]),
        (("frames", "policy"), {"scores": {}}),
        (("frames", "policy", "by_voice", "editor"), {}),
        (("frames", "policy", "by_source", "Ida Voss"), {"economic": 0.1}),
        (("bias", "score"), None),
        (("bias", "by_voice", "author"), "low"),
        (("summary", "words"), 1.5),
        (("summary", "share"), {}),
    ],
)
def test_a_broken_record_does_not_follow_the_schema(record, path, value):
    assert not VALIDATOR.is_valid(broken(record, path, value))


def paths_to_required(definition: str) -> list[str]:
    return load_schema()["$defs"][definition]["required"]


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind in ("sentence", "attribution", "statement") for field in paths_to_required(kind)],
)
def test_every_field_of_an_entry_is_required(record, kind, field):
    del record[f"{kind}s"][0][field]
    assert not VALIDATOR.is_valid(record)
    with pytest.raises(ValueError, match=f"Entry 0 of {kind}s lacks {field}"):
        Analysis.from_dict(record)


@pytest.mark.parametrize("field", load_schema()["required"])
def test_every_field_of_the_record_is_required(record, field):
    del record[field]
    assert not VALIDATOR.is_valid(record)
    with pytest.raises(ValueError, match=field):
        Analysis.from_dict(record)


@pytest.mark.parametrize("path", [("later",), ("summary", "later"), ("statements", 0, "later")])
def test_fields_may_be_added(record, path):
    changed = broken(record, path, {"any": "thing"})
    VALIDATOR.validate(changed)
    assert Analysis.from_dict(changed).to_dict() == changed


def test_inventories_of_the_users_own_stand_beside_those_that_ship(record):
    own = {"safe": 0.2, "unsafe": 0.7}
    record["frames"]["harbour"] = {"scores": own, "by_voice": {}, "by_source": {}}
    record["sentences"][0]["frames"]["harbour"] = own
    VALIDATOR.validate(record)
    record["frames"]["harbour"]["scores"] = {"safe": 2}
    assert not VALIDATOR.is_valid(record)


def test_the_four_labels_are_those_of_the_schema():
    assert list(LABELS) == load_schema()["$defs"]["labels"]["required"]


@pytest.mark.parametrize(("inventory", "count"), [("policy", 14), ("narrative", 5)])
def test_the_schema_and_the_inventories_name_the_same_frames(inventory, count):
    text = files("framing").joinpath("inventories", f"{inventory}.json").read_text(encoding="utf-8")
    labels = [frame["name"] for frame in json.loads(text)["frames"]]
    assert load_schema()["$defs"][inventory]["required"] == labels
    assert len(labels) == count


@pytest.mark.parametrize(
    ("row", "valid"),
    [
        ({"id": None, "line": 1, "error": "The line is empty."}, True),
        ({"id": "a", "line": 0, "error": "x"}, False),
        ({"id": "a", "line": 1, "error": ""}, False),
        ({"line": 1, "error": "x"}, False),
    ],
)
def test_error_rows_have_a_schema_too(row, valid):
    schema = load_schema()
    validator = Draft202012Validator(schema["$defs"]["error_line"] | {"$defs": schema["$defs"]})
    assert validator.is_valid(row) is valid
