"""The word lists and frame inventories that ship."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from importlib import resources
from itertools import combinations
from pathlib import Path

import pytest

import framing.lexicons
from framing.lexicons import list_lexicons, load_lexicon

NAMES = list_lexicons()
ENTRY = re.compile(r"[a-z'.-]+(?: [a-z'.-]+){0,3}")

REQUIRED = [
    "absolutes",
    "anonymous_words",
    "assertives",
    "attitude_markers",
    "belief_verbs",
    "boosters",
    "claim_verbs",
    "comparatives",
    "connectives_cause",
    "connectives_contrast",
    "cue_adjectives",
    "cue_nouns",
    "document_verbs",
    "document_words",
    "emotive",
    "emphasis",
    "epithets",
    "euphemisms",
    "evaluative_negative",
    "evaluative_positive",
    "evidentials",
    "exclusionary",
    "expert_roles",
    "factives",
    "first_person",
    "group_words",
    "hedges",
    "hyperbole",
    "identities",
    "implicatives",
    "intensifiers",
    "intention_verbs",
    "judgement_verbs",
    "media_words",
    "modals_necessity",
    "modals_possibility",
    "negation",
    "official_roles",
    "organization_words",
    "passive_cues",
    "person_titles",
    "person_words",
    "presuppositions",
    "pronouns",
    "public_words",
    "report_verbs",
    "second_person",
    "temporal_markers",
    "uncertainty",
]

VERBS = [
    "report_verbs",
    "belief_verbs",
    "intention_verbs",
    "judgement_verbs",
    "claim_verbs",
    "document_verbs",
]
SOURCE_TYPES = [
    "official_roles",
    "expert_roles",
    "organization_words",
    "media_words",
    "document_words",
    "group_words",
    "person_words",
    "public_words",
    "anonymous_words",
]
DISJOINT = [
    *combinations(SOURCE_TYPES, 2),
    ("hedges", "boosters"),
    ("evaluative_positive", "evaluative_negative"),
    ("evaluative_positive", "epithets"),
    ("evaluative_positive", "exclusionary"),
    ("first_person", "second_person"),
    ("modals_necessity", "modals_possibility"),
    ("connectives_contrast", "connectives_cause"),
    ("euphemisms", "hyperbole"),
]

POLICY = [
    "economic",
    "capacity_and_resources",
    "morality",
    "fairness_and_equality",
    "legality_constitutionality_and_jurisprudence",
    "policy_prescription_and_evaluation",
    "crime_and_punishment",
    "security_and_defense",
    "health_and_safety",
    "quality_of_life",
    "cultural_identity",
    "public_opinion",
    "political",
    "external_regulation_and_reputation",
]
NARRATIVE = ["conflict", "human_interest", "economic", "morality", "resolution"]
INVENTORIES = {"policy": POLICY, "narrative": NARRATIVE}


def lines_of(name: str) -> list[str]:
    path = resources.files("framing.lexicons").joinpath(f"{name}.txt")
    return path.read_text(encoding="utf-8").splitlines()


def inventory(name: str) -> dict:
    path = resources.files("framing.inventories").joinpath(f"{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_names_are_sorted_and_complete():
    assert sorted(NAMES) == NAMES
    assert REQUIRED == NAMES


def test_list_is_a_fresh_copy():
    list_lexicons().clear()
    assert list_lexicons() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_header_says_what_the_class_is(name):
    lines = lines_of(name)
    header = [line for line in lines if line.startswith("#")]
    assert lines[: len(header)] == header, "comments stand at the top only"
    assert header[0] == f"# {name}"
    assert any(line.startswith("# Concept: ") for line in header)
    assert "# Licence: BSD-3-Clause" in header
    assert "# Date: 2026-11" in header
    assert len(header) >= 6, "the header describes the class"


@pytest.mark.parametrize("name", NAMES)
def test_entries_are_clean(name):
    entries = [line for line in lines_of(name) if not line.startswith("#")]
    assert [e for e in entries if not ENTRY.fullmatch(e)] == []
    assert [e for e, n in Counter(entries).items() if n > 1] == []
    assert entries == sorted(entries)
    assert load_lexicon(name) == frozenset(entries)


@pytest.mark.parametrize("name", NAMES)
def test_size(name):
    least = {"evaluative_negative": 500, "evaluative_positive": 350, "emotive": 300}.get(name, 40)
    assert least <= len(load_lexicon(name)) <= 1000


@pytest.mark.parametrize(("one", "other"), DISJOINT)
def test_classes_that_exclude_each_other(one, other):
    assert sorted(load_lexicon(one) & load_lexicon(other)) == []


@pytest.mark.parametrize(
    ("name", "members", "strangers"),
    [
        ("hedges", "may might appears likely reportedly", "clearly table said"),
        ("boosters", "clearly undoubtedly certainly", "perhaps said"),
        ("report_verbs", "say says said saying told announced writes", "believed ran sayed"),
        ("belief_verbs", "believe thinks thought feared", "said believeed"),
        ("intention_verbs", "wants vowed planning begged", "said beged"),
        ("factives", "know realise realized discovered", "claim"),
        ("implicatives", "managed fails forced forbade", "said forbidded"),
        ("cue_nouns", "claim speculation allegation fears hope belief hypotheses", "table"),
        ("cue_adjectives", "adamant convinced confident sceptical skeptical", "green"),
        ("passive_cues", "seen considered regarded believed alleged thought rumoured expected", "ran"),
        ("evaluative_negative", "incompetent disastrous shameful", "wonderful said"),
        ("evaluative_positive", "wonderful brilliant courageous", "awful said"),
        ("official_roles", "senator police ministry", "analyst"),
        ("expert_roles", "analyst economist professors", "senator"),
        ("group_words", "critics supporters republicans residents", "professor"),
        ("person_words", "witness mother wives children", "wifes childs"),
        ("negation", "not n't never don't", "yes"),
    ],
)
def test_sample_members(name, members, strangers):
    lexicon = load_lexicon(name)
    assert [word for word in members.split() if word not in lexicon] == []
    assert [word for word in strangers.split() if word in lexicon] == []


@pytest.mark.parametrize("name", VERBS)
def test_verbs_come_with_all_their_forms(name):
    words = {entry for entry in load_lexicon(name) if " " not in entry}
    gerunds = {word for word in words if word.endswith("ing") and word not in {"bring", "ring", "sing"}}
    bases = set()
    for word in gerunds:
        stem = word[:-3]
        # saying -> say, making -> make, begging -> beg, lying -> lie
        forms = {stem, stem + "e", stem[:-1] + "ie"} | ({stem[:-1]} if stem[-1:] == stem[-2:-1] else set())
        assert forms & words, f"{word} stands in {name} without its base form"
        bases |= forms & words
    assert len(bases) >= 60
    for base in bases:
        third = {base + "s", base + "es", base[:-1] + "ies"}
        assert third & words, f"{base} stands in {name} without its third person"


@pytest.mark.parametrize("name", VERBS)
def test_final_consonants_are_doubled_where_english_doubles_them(name):
    wrong = {"beged", "stoped", "admited", "regreted", "prefered", "ploted", "braged", "shruged"}
    assert load_lexicon(name).isdisjoint(wrong)


def test_phrases_of_several_words_are_there():
    assert {"according to", "it is believed that"} <= load_lexicon("evidentials")
    assert "no doubt" in load_lexicon("boosters")
    assert "remains to be seen" in load_lexicon("hedges")


def test_loading_is_cached():
    assert load_lexicon("hedges") is load_lexicon("hedges")


def test_unknown_name_raises_and_names_the_known():
    with pytest.raises(ValueError, match=r"must be one of .*hedges.*Got 'hedgehogs'"):
        load_lexicon("hedgehogs")


@pytest.mark.parametrize("name", ["../exceptions", "hedges.txt", "", "Hedges"])
def test_only_exact_names_are_accepted(name):
    with pytest.raises(ValueError, match="must be one of"):
        load_lexicon(name)


@pytest.mark.parametrize("name", [None, 3, b"hedges", ["hedges"]])
def test_wrong_type_raises(name):
    with pytest.raises(TypeError, match="must be a str"):
        load_lexicon(name)


def test_package_exports_only_the_two_functions():
    assert framing.lexicons.__all__ == ["list_lexicons", "load_lexicon"]


def test_folder_holds_nothing_but_lists_and_the_loader():
    folder = Path(sys.modules["framing.lexicons"].__file__).parent
    assert {path.suffix for path in folder.iterdir() if path.is_file()} == {".py", ".txt"}


@pytest.mark.parametrize("name", INVENTORIES)
def test_inventory_carries_the_labels_of_the_record_in_order(name):
    data = inventory(name)
    assert list(data) == ["name", "version", "source", "licence", "frames"]
    assert data["name"] == name
    assert data["licence"] == "BSD-3-Clause"
    assert re.fullmatch(r"\d+\.\d+", data["version"])
    assert re.search(r"\(\d{4}\)", data["source"])
    assert [frame["name"] for frame in data["frames"]] == INVENTORIES[name]


@pytest.mark.parametrize("name", INVENTORIES)
def test_inventory_frames_are_well_formed(name):
    for frame in inventory(name)["frames"]:
        assert list(frame) == ["name", "label", "description", "seeds", "negatives"]
        assert frame["label"]
        assert 2 <= len(re.findall(r"[.!?](?:\s|$)", frame["description"])) <= 4
        assert 40 <= len(frame["seeds"]) <= 120
        assert len(frame["negatives"]) <= 10
        for word in frame["seeds"] + frame["negatives"]:
            assert re.fullmatch(r"[a-z0-9'.&-]+(?: [a-z0-9'.&-]+)?", word), (frame["name"], word)


@pytest.mark.parametrize("name", INVENTORIES)
def test_seeds_are_distinct(name):
    frames = inventory(name)["frames"]
    for frame in frames:
        assert len(set(frame["seeds"])) == len(frame["seeds"]), frame["name"]
        assert set(frame["seeds"]).isdisjoint(frame["negatives"]), frame["name"]
    shared = Counter(seed for frame in frames for seed in frame["seeds"])
    assert [seed for seed, n in shared.items() if n > 3] == []
    for one, other in combinations(frames, 2):
        overlap = set(one["seeds"]) & set(other["seeds"])
        assert len(overlap) <= 5, (one["name"], other["name"], overlap)


@pytest.mark.parametrize("name", INVENTORIES)
def test_descriptions_are_distinct(name):
    frames = inventory(name)["frames"]
    assert len({frame["description"] for frame in frames}) == len(frames)
    assert len({frame["label"] for frame in frames}) == len(frames)
