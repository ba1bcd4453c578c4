from __future__ import annotations

import json

import pytest

from framing.view import article_view, record_sources


@pytest.fixture
def view(record):
    return article_view(record)


def groups_of(view):
    yield from view["headline"]
    for block in view["blocks"]:
        for sentence in block.get("sentences", ()) if block["kind"] != "omitted" else ():
            yield from sentence


def text_of(groups):
    return "".join(run["text"] for group in groups for run in group["runs"])


def test_a_view_is_plain_data(view):
    assert json.loads(json.dumps(view)) == view


def test_the_marked_text_is_the_article_without_page_furniture(record, view):
    sentences = [text_of(sentence) for block in view["blocks"] for sentence in block.get("sentences", ())]
    expected = [record["text"][s["start"] : s["end"]] for s in record["sentences"] if s["role"] != "boilerplate"]
    assert [text_of(view["headline"]), *sentences] == expected


def test_the_headline_is_taken_out_of_the_text(view):
    assert text_of(view["headline"]) == view["title"] == "Harbour board backs €40m crane 🏗️"
    assert [block["kind"] for block in view["blocks"]] == ["furniture", "body", "body", "furniture"]
    assert [len(block["sentences"]) for block in view["blocks"] if block["kind"] == "body"] == [3, 2]


def test_page_furniture_is_counted_and_kept_aside(view):
    assert view["blocks"][0] == {"kind": "furniture", "count": 1, "lines": ["By Tilda Okoro | Share this story"]}


def test_runs_know_their_part_in_an_attribution(view):
    quote = view["blocks"][1]["sentences"][1]
    shown = [
        (group["statement"], group["content"], run["text"], run["parts"]) for group in quote for run in group["runs"]
    ]
    assert shown == [
        (2, [0], "“The old one is a ", []),
        (2, [0], "rusting disgrace", []),
        (2, [0], ",”", []),
        (None, [], " ", []),
        (None, [], "said", [[0, "cue"]]),
        (None, [], " ", []),
        (None, [], "Ida Voss, the board's chair", [[0, "source"]]),
        (None, [], ", ", []),
        (3, [0], "“and it ", []),
        (3, [0], "may well", []),
        (3, [0], " fail.”", []),
    ]


def test_loaded_words_and_hedges_are_runs_of_their_own(view):
    runs = [run for group in groups_of(view) for run in group["runs"]]
    assert {run["text"]: run["loaded"] for run in runs if "loaded" in run} == {
        "rusting disgrace": 0.9, "clearly": 0.4, "the best": 0.6, "gift": 0.7
    }  # fmt: skip
    assert [run["text"] for run in runs if run.get("hedge")] == ["may well"]


def test_the_number_of_a_source_stands_behind_its_cue(view):
    notes = [(run["text"], run["notes"]) for group in groups_of(view) for run in group["runs"] if "notes" in run]
    assert notes == [("said", [[0, 0]]), ("fear", [[1, 1]]), ("said", [[2, 2]]), ("is seen as", [[3, 3]])]


def test_without_a_cue_the_number_stands_behind_what_is_said(record):
    record["attributions"][0]["cue"] = []
    notes = {
        run["text"]: run["notes"]
        for group in groups_of(article_view(record))
        for run in group["runs"]
        if "notes" in run
    }
    assert notes[" fail.”"] == [[0, 0]]


def test_a_content_that_runs_over_sentences_is_marked_in_each(record):
    text = record["text"]
    record["attributions"][0]["content"] = [[text.index("“The old one"), text.index("Two people")]]
    parts = [
        index
        for sentence in article_view(record)["blocks"][1]["sentences"][1:]
        for group in sentence
        for index in group["content"]
    ]
    assert parts.count(0) == 7  # every group of both sentences


def test_sources_have_their_share_of_all_words(record):
    sources, owners = record_sources(record)
    assert owners == [0, 1, 2, 3]
    assert [source["name"] for source in sources] == [
        "Ida Voss", "Dock workers", "Two people familiar with the talks", None
    ]  # fmt: skip
    assert sources[0]["words"] == 12
    assert sources[0]["opinion"] == 1
    assert sources[2]["opinion"] == 0
    assert [source["share"] for source in sources] == pytest.approx([12 / 58, 5 / 58, 6 / 58, 5 / 58])


def test_attributions_of_one_speaker_are_one_source(record):
    record["attributions"][1]["speaker"] = "ida voss"
    sources, owners = record_sources(record)
    assert owners == [0, 0, 1, 2]
    assert sources[0]["attributions"] == 2
    assert sources[0]["named"]


def test_the_lead_says_the_reading_in_sentences(view):
    assert view["lead"] == [
        "50% of the words are in the outlet’s own voice, and 30% of these read as opinion.",
        "3 sources speak; the most heard is Ida Voss, with 21% of all words.",
        "The clearest frame is economic, in the outlet’s own voice.",
        "4 loaded words, 2 of them the outlet’s.",
    ]


def test_the_lead_of_a_text_without_sources(stub):
    assert article_view(stub.analyze("The crane stayed.").to_dict())["lead"][:2] == [
        "100% of the words are in the outlet’s own voice, and 0% of these read as opinion.",
        "Nobody else is quoted or cited.",
    ]


def test_an_empty_text_has_a_view(stub):
    view = article_view(stub.analyze("").to_dict())
    assert view["lead"] == ["Nothing here reads as a statement."]
    assert view["title"] is None
    assert view["blocks"] == view["sources"] == view["loaded"] == []


def test_frames_come_strongest_first_with_both_voices(view):
    policy = view["frames"][0]
    assert [row["name"] for row in policy["rows"][:2]] == ["economic", "political"]
    assert policy["rows"][0]["voices"] == {"author": 0.8, "source": 0.4}
    assert (len(policy["rows"]), policy["more"], policy["next"]) == (6, 8, 0.1)


def test_loaded_words_are_counted_by_word_and_label(record):
    statement = record["statements"][7]
    start = statement["loaded"][0][0]
    statement["loaded"].append([start, start + 4, 0.2])
    found = {word["word"]: (word["count"], word["score"], word["label"]) for word in article_view(record)["loaded"]}
    assert found["gift"] == (2, 0.7, "source_opinion")
    assert list(found) == ["rusting disgrace", "gift", "the best", "clearly"]


def test_the_kicker_says_outlet_date_and_size(record):
    record["meta"]["date"] = "2026-03-09"
    assert article_view(record)["kicker"] == ["The Ellery Tide", "2026-03-09", "75 words"]
    record["meta"] = {"outlet": ["not a name"]}
    assert article_view(record)["kicker"] == ["75 words"]


def test_a_text_too_long_for_a_page_says_what_it_leaves_out(stub):
    text = "\n".join(["A line of words that is not very long."] * 6000)
    view = article_view(stub.analyze(text).to_dict())
    assert view["blocks"][-1] == {"kind": "omitted", "sentences": 6000 - 5128}


def test_time_is_linear_for_one_endless_sentence(stub, cpu_seconds):
    record = stub.analyze("word " * 40_000).to_dict()
    record["statements"][0]["loaded"] = [[start, start + 4, 0.5] for start in range(0, 199_990, 5)]
    assert cpu_seconds(lambda: article_view(record)) < 5
