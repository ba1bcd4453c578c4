"""Annotated articles: their checks, every format there and back, and what is read of files that people made."""


import pytest

from framing.analysis import Analysis
from framing.annotations import FORMATS, Annotated, read_annotations, write_annotations
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
    loaded=span(HARD, "\U0001f4a3", "rot"),
    frames={"policy": ["economic", "political"], "mine & <yours>": []},
)
EMPTY = Annotated(id=0, text="", attributions=[], frames={})
BARE = Annotated(text="Nothing was annotated here.")
DRAFT = Annotated(id="x", text="It is a shame.", loaded=[[8, 13]], statements=[], model="loaded 0.1")


# The article


def test_ranges_are_put_in_the_order_of_the_text():
    doc = Annotated(text="a b c d", attributions=[{"cue": [[4, 5], [0, 1]]}], loaded=[(6, 7, 0.9), (2, 3)])
    assert doc.attributions[0]["cue"] == [[0, 1], [4, 5]]
    assert doc.loaded == [[2, 3], [6, 7]]


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
        ({"text": "abc", "frames": {"policy": "economic"}}, "frames of policy must be an array"),
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


@pytest.mark.parametrize("format", WRITTEN)
def test_overlaps_emoji_tabs_line_ends_and_odd_attributions_come_back(format, tmp_path):
    docs = [TANGLED, EMPTY, BARE, DRAFT]
    assert there_and_back(docs, tmp_path, format) == docs


@pytest.mark.parametrize("format", WRITTEN)
def test_the_format_is_seen_from_the_file(format, tmp_path):
    there_and_back([DRAFT, TANGLED], tmp_path, format)
    assert read_annotations(target(tmp_path, format)) == [DRAFT, TANGLED]
