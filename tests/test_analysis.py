from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import sys
from collections.abc import Iterator
from datetime import date

import pytest

from framing.analysis import Analysis, Attribution, Hedge, LoadedWord, Span, to_pandas
from framing.exceptions import ArticleError, MissingExtraError, ModelError
from framing.scores import Scores
from framing.tables import LEVELS

pd = pytest.importorskip("pandas")


# Views


def test_every_span_of_every_view_is_its_words(doc):
    for view in (*doc.sentences, *doc.statements):
        assert doc.text[slice(*view.span)] == view.text
    for statement in doc.statements:
        for word in (*statement.hedges, *statement.loaded):
            assert doc.text[slice(*word.span)] == word.text
    for attribution in doc.attributions:
        for words, spans in (
            (attribution.source, attribution.source_spans),
            (attribution.cue, attribution.cue_spans),
            (attribution.content, attribution.content_spans),
        ):
            assert words == (" … ".join(doc.text[s:e] for s, e in spans) if spans else None)


def test_a_statement_has_voice_kind_certainty_and_its_words(doc):
    statement = doc.statements[3]
    assert (statement.voice, statement.kind, statement.label) == ("source", "opinion", "source_opinion")
    assert statement.text == "“and it may well fail.”"
    assert statement.certainty == "hedged"
    start = doc.text.index("may well")
    assert statement.hedges == (Hedge("may well", Span(start, start + 8)),)
    assert statement.probability["source_opinion"] == 0.85
    assert statement.frames["narrative"]["conflict"] == 0.6


def test_a_statement_leads_to_its_attribution_and_sentence(doc):
    statement = doc.statements[2]
    assert statement.attribution is doc.attributions[0]
    assert statement.sentence is doc.sentences[3]
    assert statement.sentence.index == 3
    assert doc.statements[0].attribution is None


def test_pieces_of_discontinuous_content_are_joined(doc):
    assert doc.attributions[0].content == "“The old one is a rusting disgrace,” … “and it may well fail.”"
    assert len(doc.attributions[0].content_spans) == 2


def test_a_source_left_out_is_none(doc):
    left_out = doc.attributions[3]
    assert left_out.source is None
    assert left_out.source_spans == ()
    assert left_out.speaker is None
    assert left_out.cue == "is seen as"


def test_views_are_built_once(doc):
    assert doc.statements is doc.statements
    assert doc.frames is doc.frames
    assert doc.bias is doc.bias


def test_views_cannot_be_changed(doc):
    with pytest.raises(dataclasses.FrozenInstanceError):
        doc.statements[0].voice = "source"
    with pytest.raises(TypeError, match="does not support item assignment"):
        doc.statements[0].probability["author_fact"] = 0
    with pytest.raises(TypeError, match="does not support item assignment"):
        doc.meta["outlet"] = "other"
    with pytest.raises(AttributeError):
        doc.text = "other"
    with pytest.raises(AttributeError):
        doc.note = "slotted"


def test_statements_can_be_collected_in_sets(doc):
    again = Analysis(copy.deepcopy(doc.to_dict()))
    assert len({*doc.statements, *again.statements}) == len(doc.statements)


def test_title_is_the_given_one_before_the_texts_own(record):
    assert Analysis(record).title == "Harbour board backs €40m crane 🏗️"
    record["meta"]["title"] = "The crane vote"
    assert Analysis(record).title == "The crane vote"


def test_title_is_none_where_there_is_none(stub):
    assert stub.analyze("No title here.").title is None


def test_bias_lists_loaded_words_in_the_order_of_the_text(doc):
    assert doc.bias.score == 0.22
    assert doc.bias.by_voice == {"author": 0.18, "source": 0.27}
    assert [word.text for word in doc.bias.spans] == ["rusting disgrace", "clearly", "the best", "gift"]
    assert isinstance(doc.bias.spans[0], LoadedWord)
    assert doc.bias.spans[0].score == 0.9


# Frames


def test_frames_by_inventory_voice_and_source(doc):
    assert doc.frames["policy"]["economic"] == 0.83
    assert doc.frames.by_voice["policy"]["author"]["economic"] == 0.8
    assert doc.frames.by_source["narrative"]["Ida Voss"]["conflict"] == 0.9


def test_top_frames(doc):
    assert doc.frames["policy"].top(2) == [("economic", 0.83), ("political", 0.52)]
    assert doc.frames.top(2) == [("policy", "economic", 0.83), ("narrative", "conflict", 0.7)]


@pytest.mark.parametrize(
    ("ask", "known"),
    [
        (lambda doc: doc.frames["issue"], "no inventory 'issue'; known: policy, narrative"),
        (lambda doc: doc.frames["narrative"]["horse_race"], "no frame 'horse_race'; known: conflict, human"),
        (lambda doc: doc.frames.by_voice["policy"]["editor"], "no voice 'editor'; known: author, source"),
        (lambda doc: doc.frames.by_source["policy"]["Nobody"], "no source 'Nobody'; known: Ida Voss"),
        (lambda doc: doc.frames.explain("horse_race"), "no frame 'horse_race'; known: policy: economic"),
        (lambda doc: doc.frames.explain("conflict", "issue"), "no inventory 'issue'; known: policy"),
        (lambda doc: doc.frames.explain("conflict", "policy"), "no frame 'conflict'; known: economic"),
        (lambda doc: doc.statements[0].frames["issue"], "no inventory 'issue'; known: policy"),
        (lambda doc: doc.statements[0].probability["frame"], "no label 'frame'; known: author_fact"),
    ],
)
def test_unknown_names_are_answered_with_the_known_ones(doc, ask, known):
    with pytest.raises(KeyError, match=known):
        ask(doc)


def test_asking_with_a_default_still_works(doc):
    assert doc.frames.get("issue") is None
    assert "policy" in doc.frames


def test_many_known_names_are_cut_short():
    scores = Scores({f"frame_{n}": 0.0 for n in range(30)}, "frame")
    with pytest.raises(KeyError, match="frame_19, …"):
        scores["other"]


def test_explain_asks_the_model_with_the_inventory_found(record):
    asked = []
    doc = Analysis(record, explain=lambda *names: asked.append(names) or ["contribution"])
    assert doc.frames.explain("conflict") == ["contribution"]
    assert doc.frames.explain("economic", "narrative") == ["contribution"]
    assert asked == [("conflict", "narrative"), ("economic", "narrative")]


def test_a_frame_of_two_inventories_needs_the_inventory(record):
    doc = Analysis(record, explain=lambda *names: [])
    with pytest.raises(ValueError, match=r"'economic' stands in several inventories \(policy, narrative\)"):
        doc.frames.explain("economic")


def test_explain_without_a_model_says_so(doc):
    with pytest.raises(ModelError, match="Analyze its text again"):
        doc.frames.explain("conflict")


# Attributions by themselves


def test_from_spans_and_to_dict_are_inverse(record, doc):
    for entry, attribution in zip(record["attributions"], doc.attributions, strict=True):
        assert attribution.to_dict() == entry
        assert Attribution.from_spans(record["text"], **entry) == attribution


@pytest.mark.parametrize("span", [(0, 9), (-1, 2), (3, 2)])
def test_from_spans_refuses_places_outside_the_text(span):
    with pytest.raises(ValueError, match="doesn't lie in the text of 8 characters"):
        Attribution.from_spans("She left", cue=[span])


def test_replace_gives_a_copy_with_a_speaker():
    bare = Attribution.from_spans("She left, he said.", source=[(10, 12)], cue=[(13, 17)])
    named = dataclasses.replace(bare, speaker="Ida Voss", named=True)
    assert (named.source, named.speaker, bare.speaker) == ("he", "Ida Voss", None)


# Records in and out


def test_record_survives_dict_json_and_pickle(record):
    doc = Analysis(copy.deepcopy(record))
    assert doc.statements  # with views built
    assert doc.to_dict() == record
    assert json.loads(doc.to_json()) == record
    for again in (
        Analysis.from_dict(doc.to_dict()),
        Analysis.from_json(doc.to_json()),
        Analysis.from_json(doc.to_json(indent=2).encode()),
        pickle.loads(pickle.dumps(doc)),
    ):
        assert again == doc
        assert hash(again) == hash(doc)
        assert again.statements == doc.statements


def test_different_records_differ(record):
    doc = Analysis(copy.deepcopy(record))
    record["bias"]["score"] = 0.5
    assert Analysis(record) != doc
    assert doc != record


def test_pickle_leaves_the_explainer_behind(record):
    doc = Analysis(record, explain=lambda *names: [])  # a function that does not pickle
    assert doc.frames.explain("conflict") == []
    assert pickle.loads(pickle.dumps(doc)) == doc
    assert pickle.loads(pickle.dumps(doc.frames)) == doc.frames
    assert pickle.loads(pickle.dumps(doc.statements)) == doc.statements


def test_changing_the_copy_leaves_the_analysis_alone(record):
    doc = Analysis.from_dict(record)
    taken = doc.to_dict()
    for mine in (taken, record):
        mine["meta"]["tags"].append("new")
        mine["statements"][0]["probability"]["author_fact"] = 0
        mine["attributions"][0]["content"][0][0] = 999
        mine["frames"]["policy"]["scores"].clear()
    doc.summary()["share"].clear()
    assert doc.meta["tags"] == ["port", "crane"]
    assert doc.statements[0].probability["author_fact"] == 0.85
    assert doc.attributions[0].content.startswith("“The old one")
    assert doc.frames["policy"]["economic"] == 0.83
    assert doc.summary()["share"]["author_fact"] == 0.35


def test_summary_holds_the_numbers_of_the_record(doc):
    assert doc.summary() == {
        "words": 75,
        "share": {"author_fact": 0.35, "author_opinion": 0.15, "source_fact": 0.1, "source_opinion": 0.4},
        "sources": 3,
        "anonymous_share": 0.25,
        "hedged_share": 0.125,
    }


def test_json_is_one_line_and_valid_for_every_text(stub):
    text = "Odd ends\u2028of\u2029lines\x85and\r\nhalf \ud83d an emoji"
    line = stub.analyze(text).to_json()
    assert len(line.splitlines()) == 1
    assert line.encode("utf-8")
    assert Analysis.from_json(line).text == text


@pytest.mark.parametrize(("value", "error"), [(date(2024, 5, 1), TypeError), (float("nan"), ValueError)])
def test_what_json_cannot_hold_is_refused_with_a_reason(stub, value, error):
    with pytest.raises(error, match="Let id and meta hold only"):
        stub.analyze("One line.", meta={"when": value}).to_json()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema_version": 2}, "has schema_version 2; this version of framing reads 1"),
        ({"text": None}, "text must be a string, not null"),
        ({"text": "Short."}, r"place \[\d+, \d+\), which isn't in the text of 6 characters"),
        ({"statements": [3]}, "Entry 0 of statements must be an object, not a number"),
        ({"statements": None}, "lists don't follow the schema"),
        ({"sentences": []}, "refers to sentence 0, but there are 0"),
        ({"attributions": []}, "refers to attribution 0, but there are 0"),
    ],
)
def test_from_dict_says_what_is_wrong(record, change, reason):
    with pytest.raises(ArticleError, match=reason):
        Analysis.from_dict(record | change)


@pytest.mark.parametrize(
    ("read", "given", "error", "reason"),
    [
        (Analysis.from_dict, "{}", TypeError, "must be a dictionary.*Got str.*from_json"),
        (Analysis.from_json, {}, TypeError, "must be JSON text.*Got dict.*from_dict"),
        (Analysis.from_json, "{", ArticleError, "isn't valid JSON"),
        (Analysis.from_json, "[]", ArticleError, "must be a JSON object. Got an array"),
        (Analysis.from_json, "[" * 100_000, ArticleError, "isn't valid JSON"),
    ],
)
def test_reading_back_something_else_says_what_came(read, given, error, reason):
    with pytest.raises(error, match=reason):
        read(given)


# What people see


def test_repr_shows_title_shares_frames_and_speakers(doc):
    shown = repr(doc)
    assert "'Harbour board backs €40m crane 🏗️', 75 words" in shown
    assert "reported fact 35%" in shown
    assert "policy: economic 0.83, political 0.52" in shown
    assert "Ida Voss (official), Dock workers (group)" in shown
    assert len(shown.splitlines()) == 4


def test_repr_of_a_text_without_anything(stub):
    assert repr(stub.analyze("")).startswith("<Analysis '', 0 words")


def test_repr_neutralises_control_characters(stub):
    shown = repr(stub.analyze("\x1b[31mred\u202e"))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_views_print_without_their_surroundings(doc):
    assert "text='“and it may well fail.”'" in repr(doc.statements[3])
    assert "sentence=" not in repr(doc.statements[3])


# Tables


@pytest.mark.parametrize(("level", "rows"), list(zip(LEVELS, (8, 4, 8, 1), strict=True)))
def test_a_table_has_a_row_for_each(doc, level, rows):
    table = to_pandas([doc, doc], level)
    assert len(table) == 2 * rows
    assert table["article"].tolist() == [0] * rows + [1] * rows
    assert table["id"].tolist() == ["harbour-1"] * 2 * rows


@pytest.mark.parametrize("level", LEVELS)
def test_columns_and_types_are_the_same_for_no_analyses(doc, stub, level):
    empty, full = to_pandas([], level), to_pandas([doc, stub.analyze("")], level)
    assert len(empty) == 0
    assert empty.columns.tolist() == full.columns.tolist()
    assert empty.dtypes.tolist() == full.dtypes.tolist()


def test_statement_table(doc):
    row = doc.to_pandas().iloc[3]
    assert row["text"] == "“and it may well fail.”"
    assert (row["voice"], row["kind"], row["label"]) == ("source", "opinion", "source_opinion")
    assert (row["statement"], row["sentence"], row["attribution"]) == (3, 3, 0)
    assert (row["speaker"], row["source_type"]) == ("Ida Voss", "official")
    assert (row["certainty"], row["hedges"], row["loaded"]) == ("hedged", "may well", "")
    assert row["p_source_opinion"] == 0.85
    assert row["frame_narrative_conflict"] == 0.6
    table = doc.to_pandas()
    assert table["attribution"].isna().tolist() == [True, True, False, False, False, True, False, False]
    assert table["loaded"].tolist()[5] == "clearly; the best"
    assert doc.text[row["start"] : row["end"]] == row["text"]


def test_attribution_table(doc):
    table = doc.to_pandas("attribution")
    assert table["speaker"].tolist()[:3] == ["Ida Voss", "Dock workers", "Two people familiar with the talks"]
    assert table["source"].isna().tolist() == [False, False, False, True]
    assert table["named"].tolist() == [True, False, False, False]
    first = table.iloc[0]
    assert doc.text[first["start"] : first["end"]] == doc.sentences[3].text


def test_sentence_table(doc):
    table = doc.to_pandas("sentence")
    assert table["role"].value_counts().to_dict() == {"body": 5, "boilerplate": 2, "title": 1}
    assert table["opinion"].tolist()[3] == 0.9
    assert table["frame_policy_economic"].tolist() == [0.4] * 8


def test_article_table(doc, stub):
    table = to_pandas([doc, stub.analyze("", meta={"outlet": "Gull"})], "article")
    first, second = table.iloc[0], table.iloc[1]
    assert (first["words"], first["sentences"], first["statements"], first["attributions"]) == (75, 8, 8, 4)
    assert first["share_source_opinion"] == 0.4
    assert (first["bias"], first["bias_author"]) == (0.22, 0.18)
    assert first["frame_policy_economic"] == 0.83
    assert first["author_frame_policy_economic"] == 0.8
    assert first["source_frame_narrative_conflict"] == 0.9
    assert pd.isna(second["bias_author"])
    assert pd.isna(second["author_frame_policy_economic"])
    assert table["meta"].str["outlet"].tolist() == ["The Ellery Tide", "Gull"]


def test_changing_meta_in_a_table_leaves_the_analysis_alone(doc):
    doc.to_pandas("article")["meta"][0]["tags"].clear()
    assert doc.meta["tags"] == ["port", "crane"]


def test_frames_of_the_users_own_follow_and_are_missing_elsewhere(record, stub):
    plain, last = stub.analyze("One line."), stub.analyze("Another line.")
    record["statements"][1]["frames"]["harbour"] = {"safe": 0.25}
    table = to_pandas([plain, Analysis(record), last])
    assert table.columns[-1] == "frame_harbour_safe"
    assert table["frame_harbour_safe"].isna().tolist() == [True, True, False] + [True] * 7
    assert table["frame_harbour_safe"][2] == 0.25


def test_a_table_takes_a_generator_and_lone_surrogates(stub):
    docs: Iterator[Analysis] = (stub.analyze(text) for text in ("One\ud800.", "Two."))
    assert to_pandas(docs)["text"].tolist() == ["One\ud800.", "Two."]


def test_unknown_level(doc):
    with pytest.raises(ValueError, match=r"one of statement, attribution, sentence, article\. Got 'word'"):
        doc.to_pandas("word")


def test_a_single_analysis_is_no_iterable_of_them(doc):
    with pytest.raises(TypeError, match="put it in a list"):
        to_pandas(doc)
    with pytest.raises(TypeError, match="Got dict"):
        to_pandas([doc.to_dict()])


def test_without_pandas_the_extra_is_named(doc, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'newsframing\[notebook\]'"):
        doc.to_pandas()
