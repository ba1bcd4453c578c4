"""Annotated articles: their checks, every format there and back, and what is read of files that people made."""


import json
import sys
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from framing.analysis import Analysis
from framing.annotations import FORMATS, LAYERS, Annotated, read_annotations, write_annotations
from framing.annotations.offsets import recount
from framing.datasets import load_sample
from framing.exceptions import ArticleError

WRITTEN = [name for name in FORMATS if name != "conll"]
FOLDERS = ("brat", "inception", "inception-json")


def needs(format):
    if format.startswith("inception"):
        pytest.importorskip("cassis", reason="dkpro-cassis is not installed (newsframing[annotation])")


def target(folder, format):
    if format in FOLDERS:
        return folder / "articles"
    return folder / ("articles.json" if format == "label-studio" else "articles.jsonl")


def there_and_back(docs, folder, format, **options):
    needs(format)
    write_annotations(docs, target(folder, format), format)
    return read_annotations(target(folder, format), format, **options)


def sample(part):
    bunch = load_sample(part)
    return [
        Annotated(
            id=name,
            text=text,
            title=title,
            meta={"outlet": outlet, "date": date},
            attributions=bunch.attributions.get(name),
            statements=bunch.statements.get(name),
            loaded=bunch.loaded.get(name),
            frames=bunch.frames.get(name),
        )
        for name, text, title, outlet, date in zip(
            bunch.ids, bunch.texts, bunch.titles, bunch.outlets, bunch.dates, strict=True
        )
    ]


def span(text, *words):
    return [[text.index(word), text.index(word) + len(word)] for word in words]


HARD = (
    "\U0001f3d7\ufe0f Crane\tnews\r\n\r\n“It leaks,” Ida Voss said and wrote, “and it\r\nalways did.” "
    "\U0001f642 Critics say she claims the “\U0001f4a3 bomb” is near.\u2028So?\x85\r\nLeft to rot.\r\n"
)
NAMED = {"speaker": "Ida Voss", "source_type": "official", "named": True}
VOICES = {"source": span(HARD, "Ida Voss"), "content": span(HARD, "“It leaks,”", "“and it\r\nalways did.”")}
TANGLED = Annotated(
    id="desk/7: a “b”.v2",
    text=HARD,
    title="Crane\tnews \U0001f3d7",
    meta={"tags": ["port", None, 3.5], "nested": {"a": "\n"}},
    attributions=[
        VOICES | NAMED | {"cue": span(HARD, "said")},
        VOICES | NAMED | {"cue": span(HARD, "wrote"), "speaker": 'Ida "\\" Voss\r\n'},
        {
            "source": span(HARD, "Critics"),
            "cue": span(HARD, "say"),
            "content": span(HARD, "she claims the “\U0001f4a3 bomb” is near."),
            "speaker": None,
            "source_type": "group",
            "named": False,
        },
        {
            "source": span(HARD, "she"),
            "cue": span(HARD, "claims"),
            "content": span(HARD, "the “\U0001f4a3 bomb” is near"),
        },
        {"source": span(HARD, "Critics"), "cue": span(HARD, "say"), "content": span(HARD, "So?")},
        {"source": [], "cue": span(HARD, "Left", "rot"), "content": span(HARD, "to")},
        {"source": span(HARD, "Ida Voss"), "cue": [], "content": span(HARD, "“It leaks,”", "Left"), "named": True},
        {"source": span(HARD, "Crane\tnews"), "cue": [], "content": []},
    ],
    statements=[
        [*span(HARD, "Crane\tnews\r\n\r\n“It leaks,”")[0], "frame"],
        [*span(HARD, "\U0001f642 Critics")[0], "author_opinion"],
    ],
    loaded=[
        [*span(HARD, "\U0001f4a3")[0], "hyperbole", None],
        [*span(HARD, "Left")[0], None, "author"],
        [*span(HARD, "rot")[0], "emotive", "source"],
        *span(HARD, "rot", "So?"),
    ],
    frames={
        "policy": ["economic", "political"],
        "mine & <yours>": [],
        "voiced": {"cost": ["author", "source"], "risk": []},
        "none": {},
    },
)
EMPTY = Annotated(id=0, text="", attributions=[], frames={})
BARE = Annotated(text="Nothing was annotated here.")
DRAFT = Annotated(id="x", text="It is a shame.", loaded=[[8, 13]], statements=[], model="loaded 0.1")


# The article


def test_ranges_are_put_in_the_order_of_the_text():
    doc = Annotated(text="a b c d", attributions=[{"cue": [[4, 5], [0, 1]]}], loaded=[(6, 7, 0.9), (2, 3)])
    assert doc.attributions[0]["cue"] == [[0, 1], [4, 5]]
    assert doc.loaded == [[2, 3], [6, 7]]
    doc = Annotated(text="a b", loaded=[(2, 3, None, "source"), (0, 1, "label"), (0, 1, "emotive", "author"), (0, 1)])
    assert doc.loaded == [[0, 1], [0, 1, "emotive", "author"], [0, 1, "label", None], [2, 3, None, "source"]]


def test_it_shares_nothing_with_what_it_was_made_of():
    given = {"cue": [[0, 1]]}
    doc = Annotated(text="abc", attributions=[given])
    given["cue"][0][1] = 3
    assert doc.attributions[0]["cue"] == [[0, 1]]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": 3}, "text must be a string, not a number"),
        ({"text": "abc", "id": 1.5}, "id must be a string or a number"),
        ({"text": "abc", "statements": [[0, 4, "frame"]]}, r"range \[0, 4\), but the text has 3 characters"),
        ({"text": "abc", "statements": [[2, 2, "frame"]]}, r"range \[2, 2\)"),
        ({"text": "abc", "statements": [[0, 3, "fact"]]}, "label 'fact'; there are author_fact"),
        ({"text": "abc", "statements": {"a": 1}}, "statements must be an array, not an object"),
        ({"text": "abc", "attributions": [{}]}, "neither source nor cue nor content"),
        ({"text": "abc", "attributions": [{"cue": [[0, 1]], "voice": 1}]}, "attribution 0 has voice"),
        ({"text": "abc", "attributions": [{"cue": [[0, 1]], "named": "yes"}]}, "named 'yes'"),
        ({"text": "abc", "attributions": [{"cue": [[0, 1]], "source_type": "x"}]}, "source_type 'x'"),
        ({"text": "abc", "loaded": [[0.5, 1]]}, "whole numbers"),
        ({"text": "abc", "loaded": [[0, 1, "nice"]]}, "a loaded word has the kind 'nice'; there are evaluative"),
        ({"text": "abc", "loaded": [[0, 1, "label", "mine"]]}, "the voice 'mine'; there are author, source"),
        ({"text": "abc", "frames": {"policy": "economic"}}, "frames of policy must be an array"),
        ({"text": "abc", "frames": {"policy": {"economic": "author"}}}, "voices of the frame policy.economic must be"),
        ({"text": "abc", "frames": {"policy": {"economic": ["he"]}}}, "policy.economic has the voice 'he'; there are"),
    ],
)
def test_what_is_wrong_is_named(fields, says):
    with pytest.raises(ArticleError, match=says):
        Annotated(**fields)


def test_unannotated_and_empty_layers_differ():
    assert BARE.layers == ()
    assert BARE.with_layers(["attributions"]).attributions == []
    assert EMPTY.layers == ("attributions", "frames")


def test_an_analysis_becomes_a_draft(record):
    draft = Annotated.from_analysis(Analysis(record))
    assert draft.model == "frames 0.1, tagger 0.1"
    assert draft.attributions[0]["speaker"] == "Ida Voss"
    assert [label for *_, label in draft.statements].count("source_opinion") == 4
    assert draft.frames == {"policy": ["economic", "political"], "narrative": ["conflict"]}
    assert [draft.text[start:end] for start, end in draft.loaded] == ["rusting disgrace", "clearly", "the best", "gift"]
    assert Annotated.from_dict(record) == draft


def test_unknown_fields_of_an_object_go_to_meta():
    doc = Annotated.from_dict({"text": "abc", "outlet": "The Tide", "meta": {"day": 3}, "segments": [[0, 1, "frame"]]})
    assert doc.meta == {"day": 3, "outlet": "The Tide"}
    assert doc.statements == [[0, 1, "frame"]]


# There and back


@pytest.mark.parametrize("format", WRITTEN)
@pytest.mark.parametrize("part", ["plain", "hard"])
def test_the_sample_comes_back_without_loss(format, part, tmp_path):
    docs = sample(part)
    assert there_and_back(docs, tmp_path, format) == docs


def test_the_sample_s_folder_is_read_without_loss():
    folder = Path(__file__).resolve().parents[1] / "datasets"
    read = {doc.id: doc for doc in (*read_annotations(folder), *read_annotations(folder / "hard"))}
    docs = [*sample("plain"), *sample("hard")]
    assert len(read) == len(docs) == 64
    for doc in docs:
        assert doc.layers == LAYERS
        assert all(getattr(read[doc.id], layer) == getattr(doc, layer) for layer in LAYERS)


@pytest.mark.parametrize("format", WRITTEN)
def test_overlaps_emoji_tabs_line_ends_and_odd_attributions_come_back(format, tmp_path):
    docs = [TANGLED, EMPTY, BARE, DRAFT]
    assert there_and_back(docs, tmp_path, format) == docs


def scrambled(seed):
    """An article of odd characters with annotations wherever they may be."""
    random = Random(seed)
    text = "".join(random.choices("ab é\u0301“'\U0001f642\U0001f3f3\t\n\r\x85\u2028\ufeff", k=60)) + "end"

    def ranges(least, most):
        offsets = sorted(random.sample(range(len(text) + 1), 2 * random.randint(least, most)))
        return [list(pair) for pair in zip(offsets[::2], offsets[1::2], strict=True)]

    def attribution():
        parts = {"source": ranges(0, 2), "cue": ranges(0, 2), "content": ranges(0, 3)}
        if not any(parts.values()):
            parts["cue"] = ranges(1, 1)
        properties = {
            "speaker": random.choice([None, text[:9], 'a "b" \\ c']),
            "source_type": random.choice([None, "group"]),
            "named": random.choice([None, True, False]),
        }
        return parts | properties

    attributions = [attribution() for _ in range(4)]
    attributions += [{**attributions[0], "cue": ranges(1, 1)}, attributions[1]]
    statements = [[*place, random.choice(["frame", "author_fact"])] for place in ranges(0, 4)]
    kinds, voices = ("label", "emotive", None), ("author", "source", None)
    loaded = [[*place, random.choice(kinds), random.choice(voices)] for place in ranges(0, 3)]
    return Annotated(id=seed, text=text, attributions=attributions, statements=statements, loaded=loaded)


@pytest.mark.parametrize("format", WRITTEN)
def test_annotations_anywhere_come_back_but_for_their_order(format, tmp_path):
    def ordered(doc):
        return sorted(doc.attributions, key=repr), doc.statements, doc.loaded, doc.text

    docs = [scrambled(seed) for seed in range(60)]
    assert [ordered(doc) for doc in there_and_back(docs, tmp_path, format)] == [ordered(doc) for doc in docs]


@pytest.mark.parametrize("format", WRITTEN)
def test_the_format_is_seen_from_the_file(format, tmp_path):
    there_and_back([DRAFT, TANGLED], tmp_path, format)
    assert read_annotations(target(tmp_path, format)) == [DRAFT, TANGLED]


# The files that are written


def first(docs, folder, format):
    needs(format)
    write_annotations(docs, target(folder, format), format)
    return target(folder, format)


def test_brat_offsets_are_code_points_and_spans_one_line_each(tmp_path):
    folder = first([TANGLED], tmp_path, "brat")
    (file,) = folder.glob("*.ann")
    assert file.with_suffix(".txt").read_bytes().decode("utf-8") == HARD
    lines = file.read_bytes().decode("utf-8").splitlines()  # as brat splits them
    ids = [line.split("\t")[0] for line in lines]
    assert len(set(ids)) == len(ids)
    assert {name[0] for name in ids} == set("TRA#")
    for line in (line for line in lines if line[0] == "T"):
        _, place, words = line.split("\t", 2)
        pieces = [tuple(map(int, piece.split())) for piece in place.split(" ", 1)[1].split(";")]
        covered = " ".join(HARD[start:end] for start, end in pieces)
        assert len(words) == len(covered)
        assert words.split() == covered.split()
    assert any(";" in line for line in lines)


def test_brat_configuration_names_every_type_in_use(tmp_path):
    folder = first([TANGLED, *sample("plain")], tmp_path, "brat")
    configured = (folder / "annotation.conf").read_text(encoding="utf-8").split()
    for file in folder.glob("*.ann"):
        for line in file.read_text(encoding="utf-8").split("\n")[:-1]:
            if line[0] in "TRA":
                assert line.split("\t")[1].split(" ")[0] in configured


def test_label_studio_results_name_controls_of_the_configuration(tmp_path):
    from xml.etree import ElementTree

    file = first([TANGLED], tmp_path, "label-studio")
    root = ElementTree.parse(file.with_suffix(".config.xml")).getroot()
    controls = {node.get("name"): {child.get("value") for child in node} for node in root if node.get("toName")}
    relations = {node.get("value") for node in root.find("Relations")}
    (task,) = json.loads(file.read_bytes())
    result = task["annotations"][0]["result"]
    regions = {entry["id"] for entry in result if entry["type"] == "labels"}
    for entry in result:
        if entry["type"] == "relation":
            assert {entry["from_id"], entry["to_id"]} <= regions
            assert set(entry["labels"]) <= relations
            continue
        value = entry["value"]
        assert entry["to_name"] == root.find("Text").get("name")
        assert set(value.get("labels") or value.get("choices") or ()) <= controls[entry["from_name"]] | {None}
        if "start" in value and entry["type"] == "labels":
            assert HARD[value["start"] : value["end"]] == value["text"]


def test_label_studio_gets_a_model_s_work_as_predictions(tmp_path):
    (task,) = json.loads(first([DRAFT], tmp_path, "label-studio").read_bytes())
    assert "annotations" not in task
    assert task["predictions"][0]["model_version"] == "loaded 0.1"


def test_doccano_ids_are_numbers_that_relations_refer_to(tmp_path):
    row = json.loads(first([TANGLED], tmp_path, "doccano").read_bytes())
    ids = {entity["id"] for entity in row["entities"]}
    assert {end for r in row["relations"] for end in (r["from_id"], r["to_id"])} <= ids
    cues = [e for e in row["entities"] if e["label"] == "Cue"]
    assert HARD[cues[0]["start_offset"] : cues[0]["end_offset"]] == "said"


def test_prodigy_spans_begin_and_end_with_tokens_that_do_not_overlap(tmp_path):
    row = json.loads(first([TANGLED], tmp_path, "prodigy").read_bytes())
    tokens = row["tokens"]
    assert [token["id"] for token in tokens] == list(range(len(tokens)))
    assert all(HARD[token["start"] : token["end"]] == token["text"] for token in tokens)
    assert all(one["end"] <= other["start"] for one, other in pairwise(tokens))
    for span in row["spans"]:
        assert tokens[span["token_start"]]["start"] == span["start"]
        assert tokens[span["token_end"]]["end"] == span["end"]
    for relation in row["relations"]:
        assert relation["head"] == relation["head_span"]["token_end"]
        assert relation["child"] == relation["child_span"]["token_end"]


def test_inception_offsets_are_utf16(tmp_path):
    folder = first([TANGLED], tmp_path, "inception")
    from xml.etree import ElementTree

    (file,) = folder.glob("*.xmi")
    found = [node for node in ElementTree.parse(file).getroot() if node.get("part") == "Cue"]
    units = HARD.encode("utf-16-le")
    words = [units[2 * int(node.get("begin")) : 2 * int(node.get("end"))].decode("utf-16-le") for node in found]
    assert sorted(words) == ["Left", "claims", "rot", "said", "say", "say", "wrote"]
    begins = {word: int(node.get("begin")) for word, node in zip(words, found, strict=True)}
    assert begins["said"] == HARD.index("said") + 1  # one emoji before it
    assert begins["claims"] == HARD.index("claims") + 2


def test_inception_says_what_xml_cannot_hold(tmp_path):
    needs("inception")
    doc = Annotated(id="a", text="Page\x0cbreak", statements=[])
    with pytest.raises(ArticleError, match=r"U\+000C.*inception-json"):
        write_annotations([doc], tmp_path, "inception")
    assert there_and_back([doc], tmp_path, "inception-json") == [doc]


def test_half_a_character_is_an_error_only_where_it_cannot_be_written(tmp_path):
    doc = Annotated(id="a", text="broken \ud83d emoji", loaded=[[0, 6]])
    assert there_and_back([doc], tmp_path, "jsonl") == [doc]
    with pytest.raises(ArticleError, match=r"U\+D83D at 7"):
        write_annotations([doc], tmp_path / "brat", "brat")


@pytest.mark.parametrize("format", ["brat", "inception-json"])
def test_files_of_equal_ids_do_not_replace_each_other(format, tmp_path):
    docs = [Annotated(id=name, text=f"text {n}", loaded=[]) for n, name in enumerate(["a", "A", "a", "../a", "a.b"])]
    assert there_and_back(docs, tmp_path, format) == docs


def test_inception_without_cassis_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cassis", None)
    with pytest.raises(ImportError, match=r"newsframing\[annotation\]"):
        write_annotations([DRAFT], tmp_path, "inception")


# Files that people made


def words_of(doc):
    return [
        {part: [doc.text[start:end] for start, end in entry[part]] for part in ("source", "cue", "content")}
        for entry in doc.attributions
    ]


LINE = "Quill and Moss said it held and will last."
WORDS = {"Source": "Quill and Moss", "Cue": "said", "Content": "it held", "Content2": "will last"}


def brat_spans():
    rows = []
    for number, (label, words) in enumerate(WORDS.items(), start=1):
        start = LINE.index(words)
        rows.append(f"T{number}\t{label.rstrip('2')} {start} {start + len(words)}\t{words}\n")
    return "".join(rows)


@pytest.mark.parametrize(
    "links",
    [
        "R1\tsays Arg1:T2 Arg2:T1\nR2\tsays Arg1:T2 Arg2:T3\nR3\tsays Arg1:T2 Arg2:T4\n",
        "R1\tx Arg1:T1 Arg2:T2\nR2\tx Arg1:T3 Arg2:T2\nR3\tx Arg1:T4 Arg2:T3\n",
        "R1\tx Arg1:T1 Arg2:T2\nR2\tx Arg1:T1 Arg2:T3\nR3\tx Arg1:T1 Arg2:T4\n",
        "T9\tAttribution 15 19\tsaid\nE1\tAttribution:T9 Source:T1 Cue:T2 Content:T3 Content2:T4\n",
    ],
    ids=["from the cue", "pieces tied to each other", "from the source", "an event"],
)
def test_links_may_be_drawn_in_any_way(links, tmp_path):
    (tmp_path / "a.txt").write_text(LINE, encoding="utf-8")
    (tmp_path / "a.ann").write_text(brat_spans() + links + "#1\tAnnotatorNotes T2\tIda \"Q\" Quill\n", encoding="utf-8")
    (doc,) = read_annotations(tmp_path)
    assert words_of(doc) == [{"source": ["Quill and Moss"], "cue": ["said"], "content": ["it held", "will last"]}]
    assert (doc.id, doc.attributions[0]["speaker"], doc.layers) == ("a", 'Ida "Q" Quill', ("attributions",))


def test_spans_without_links_are_kept(tmp_path):
    (tmp_path / "a.txt").write_text(LINE, encoding="utf-8")
    (tmp_path / "a.ann").write_text(brat_spans(), encoding="utf-8")
    (doc,) = read_annotations(tmp_path / "a.ann")
    assert len(doc.attributions) == 4


def test_unknown_labels_are_named_and_can_be_given_a_meaning(tmp_path):
    (tmp_path / "a.txt").write_text(LINE, encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tSpeaker 0 5\tQuill\nT2\tNote 0 5\tQuill\n", encoding="utf-8")
    with pytest.raises(ArticleError, match="the label 'Speaker'; known are Source"):
        read_annotations(tmp_path)
    (doc,) = read_annotations(tmp_path, labels={"Speaker": "Source", "Note": None}, layers=["loaded"])
    assert words_of(doc) == [{"source": ["Quill"], "cue": [], "content": []}]
    assert doc.loaded == []


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("🔔 rings", 3, "rings"),
        ("one\r\ntwo rings", 8, "rings"),
        ("🔔\r\nit rings", 6, "rings"),
        ("plain rings", 6, "rings"),
    ],
    ids=["utf-16", "line ends as one", "both", "code points"],
)
def test_offsets_are_counted_as_the_tool_counted(text, start, words, tmp_path):
    value = {"start": start, "end": start + len(words), "text": words, "labels": ["Loaded"]}
    result = [{"id": "x", "from_name": "l", "to_name": "text", "type": "labels", "value": value}]
    task = {"id": 4, "data": {"text": text, "outlet": "The Tide"}, "annotations": [{"result": result}]}
    (tmp_path / "export.json").write_text(json.dumps([task]), encoding="utf-8")
    (doc,) = read_annotations(tmp_path / "export.json")
    assert [doc.text[start:end] for start, end in doc.loaded] == [words]
    assert (doc.id, doc.meta) == (4, {"outlet": "The Tide"})


def test_frames_that_people_added_in_label_studio_have_no_voice_yet(tmp_path):
    doc = Annotated(text="Taxes rise.", frames={"mine": {"cost": ["author"], "risk": ["source"]}})
    file = first([doc], tmp_path, "label-studio")
    file.write_text(file.read_text(encoding="utf-8").replace('"risk"\n', '"fear"\n'), encoding="utf-8")
    (back,) = read_annotations(file)
    assert back.frames == {"mine": {"cost": ["author"], "fear": []}}


def test_a_draft_has_the_kinds_and_voices_of_its_loaded_words(record):
    number, (start, end, _) = next((n, s["loaded"][0]) for n, s in enumerate(record["statements"]) if s["loaded"])
    found = {"start": start, "end": end, "score": 0.9, "kind": "label", "voice": "source", "statement": number}
    record["bias"]["loaded"] = [found]
    loaded = Annotated.from_analysis(Analysis(record)).loaded
    assert [start, end, "label", "source"] in loaded
    assert {len(row) for row in loaded} == {2, 4}


def test_a_span_that_a_browser_ended_at_a_line_end_stays_before_it():
    assert recount("a\r\nbc\r\nd", [(2, 4)], ["bc"]) == [(3, 5)]


def test_every_annotation_of_a_label_studio_task_is_an_article(tmp_path):
    done = [{"completed_by": n, "result": [], "was_cancelled": n == 2} for n in range(3)]
    (tmp_path / "a.json").write_text(json.dumps([{"data": {"text": "x"}, "annotations": done}]), encoding="utf-8")
    docs = read_annotations(tmp_path / "a.json", layers=["statements"])
    assert [doc.meta for doc in docs] == [{"annotator": 0}, {"annotator": 1}]
    assert docs[0].statements == []


def test_another_model_s_predictions_are_read_where_nobody_annotated(tmp_path):
    value = {"start": 0, "end": 4, "text": "vile", "labels": ["Loaded"]}
    result = [{"id": "x", "from_name": "l", "type": "labels", "value": value}]
    drafts = [{"model_version": "theirs 2", "result": result}]
    tasks = [{"data": {"text": "vile rain"}, "annotations": [], "predictions": drafts}]
    (tmp_path / "a.json").write_text(json.dumps(tasks), encoding="utf-8")
    (doc,) = read_annotations(tmp_path / "a.json")
    assert (doc.model, doc.loaded) == ("theirs 2", [[0, 4]])


def test_people_s_corrections_of_a_draft_are_no_longer_the_model_s(tmp_path):
    file = first([DRAFT], tmp_path, "prodigy")
    row = json.loads(file.read_bytes()) | {"answer": "accept", "_task_hash": 5}
    rows = [json.dumps(row | {"answer": answer}) for answer in ("accept", "reject")]
    file.write_text("\n".join(rows), encoding="utf-8")
    (doc,) = read_annotations(file)
    assert (doc.model, doc.loaded) == (None, [[8, 13]])


def test_doccano_s_older_export_is_read(tmp_path):
    row = {"id": 3, "text": "It is vile.", "label": [[6, 10, "loaded"]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (doc,) = read_annotations(tmp_path / "a.jsonl")
    assert (doc.id, doc.loaded) == (3, [[6, 10]])


CONLL = """\
# newdoc id = bridge
Quill B-Source-1|B-Source-2
said B-Cue-1
it B-Content-1
held I-Content-1
and O
wept B-Cue-2

# text = They  left(?) .
They O
left B-Loaded
( O
? O
) O
. O
-DOCSTART- -X- O
1\tRain\tNOUN\tS-author_fact
1-2\tx\tX\tO
2\tfell\tVERB\tO
"""


def test_conll_tags_become_spans_and_their_numbers_attributions(tmp_path):
    (tmp_path / "gold.conll").write_text(CONLL, encoding="utf-8")
    bridge, rain = read_annotations(tmp_path / "gold.conll")
    assert bridge.text == "Quill said it held and wept\nThey  left(?) ."
    assert words_of(bridge) == [
        {"source": ["Quill"], "cue": ["said"], "content": ["it held"]},
        {"source": ["Quill"], "cue": ["wept"], "content": []},
    ]
    assert [bridge.text[start:end] for start, end in bridge.loaded] == ["left"]
    assert (bridge.id, rain.id, rain.text, rain.statements) == ("bridge", "gold", "Rain fell", [[0, 4, "author_fact"]])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", b'{"text": "x"}\n{"text": }\n', "a.jsonl, line 2: no valid JSON"),
        ("a.jsonl", b'{"text": "x"}\n[1]\n', "line 2: an object was expected, not an array"),
        ("a.jsonl", b'{"text": "x", "loaded": [[0, 2]]}\n', "line 1: In the article with id None, loaded has"),
        ("a.jsonl", b"\xff\n", "not UTF-8"),
        ("a.jsonl", b'{"title": "x"}', "must have the field text"),
        ("a.json", b'[{"data": {"html": "x"}}]', "without data.text"),
        ("a.ann", b"T1\tCue x y\tz\n", "does not follow the format brat"),
        ("a.conll", b"word\n", "line 1: a token and a tag"),
        ("a.conll", b"word\tCue\n", "the tag 'Cue' is none of"),
    ],
)
def test_broken_files_say_what_and_where(name, content, says, tmp_path):
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArticleError, match=says):
        read_annotations(tmp_path / name)


def test_wrong_arguments_say_what_was_expected(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_annotations(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="must be one of jsonl, brat"):
        read_annotations(tmp_path, "xml")
    with pytest.raises(ValueError, match="can't be told"):
        read_annotations(tmp_path)
    with pytest.raises(ValueError, match="must be one of"):
        write_annotations([], tmp_path / "a", "conll")
    with pytest.raises(TypeError, match=r"Annotated articles\. Got dict"):
        write_annotations([{}], tmp_path / "a.jsonl")
    with pytest.raises(ValueError, match="layers are attributions"):
        BARE.with_layers(["voices"])


def test_the_layout_of_the_library_s_own_articles_is_read(tmp_path):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_bytes(b"It held.\r\n")
    rows = {
        "articles": {"id": "a", "file": "articles/a.txt", "outlet": "The Tide", "title": None, "structure": []},
        "statements": {"id": "a", "segments": [[0, 8, "author_fact"]]},
    }
    for name, row in rows.items():
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (doc,) = read_annotations(tmp_path)
    assert (doc.id, doc.text, doc.meta) == ("a", "It held.\r\n", {"outlet": "The Tide"})
    assert doc.statements == [[0, 8, "author_fact"]]
    assert doc.attributions is None
