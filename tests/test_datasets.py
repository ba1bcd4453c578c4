"""Loaders: each layout with its known defects, then the real corpora where there is a copy."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from framing import datasets
from framing.datasets import sample as sample_module
from framing.metrics import STATEMENT_LABELS

ROLES = ("source", "cue", "content")
POLICY_FRAMES = {
    "economic", "capacity_and_resources", "morality", "fairness_and_equality",
    "legality_constitutionality_and_jurisprudence", "policy_prescription_and_evaluation", "crime_and_punishment",
    "security_and_defense", "health_and_safety", "quality_of_life", "cultural_identity", "public_opinion", "political",
    "external_regulation_and_reputation",
}  # fmt: skip
NARRATIVE_FRAMES = {"conflict", "human_interest", "economic", "morality", "resolution"}
LOADED_KINDS = {
    "evaluative", "emotive", "label", "euphemism", "scare_quotes", "presupposition", "hyperbole", "exclusionary"
}  # fmt: skip
CORPUS_LOADERS = [name for name in datasets.__all__ if name != "load_sample"]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8"))
    return path


def write_lines(path, rows):
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


# The sample


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_sample_texts_titles_and_structure_agree(part):
    sample = datasets.load_sample(part)
    assert len(sample.texts) == {"plain": 44, "hard": 20}[part]
    assert len(set(sample.ids)) == len(sample.ids)
    for text, title, lines in zip(sample.texts, sample.titles, sample.structure, strict=True):
        found = [text[start:end] for start, end, role, _ in lines if role == "title"]
        assert title is None or title in found


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_sample_annotations_lie_inside_their_article(part):
    sample = datasets.load_sample(part)
    texts = dict(zip(sample.ids, sample.texts, strict=True))
    assert sample.attributions.keys() == sample.statements.keys()
    for name, records in sample.attributions.items():
        spans = [span for record in records for role in ROLES for span in record[role]]
        spans += [segment[:2] for segment in sample.statements[name]]
        words = [texts[name][start:end] for start, end in spans]
        assert all(word and word == word.strip() for word in words)


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_sample_has_every_layer_for_every_article(part):
    sample = datasets.load_sample(part)
    for layer in (sample.attributions, sample.statements, sample.frames, sample.loaded):
        assert list(layer) == sample.ids


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_sample_frames_have_the_names_and_voices_of_the_record(part):
    for frames in datasets.load_sample(part).frames.values():
        assert frames.keys() == {"policy", "narrative"}
        assert set(frames["policy"]) <= POLICY_FRAMES
        assert set(frames["narrative"]) <= NARRATIVE_FRAMES
        assert all(voices in (["author"], ["source"], ["author", "source"]) for voices in frames["policy"].values())


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_sample_loaded_words_lie_in_title_or_body_in_order(part):
    sample = datasets.load_sample(part)
    for name, text, lines in zip(sample.ids, sample.texts, sample.structure, strict=True):
        inside = [line[:2] for line in lines if line[2] != "boilerplate"]
        last = 0
        for start, end, kind, voice in sample.loaded[name]:
            assert last <= start < end
            last = end
            assert text[start:end] == text[start:end].strip()
            assert any(first <= start and end <= stop for first, stop in inside)
            assert kind in LOADED_KINDS
            assert voice in ("author", "source")


def test_sample_splits_and_topics():
    plain, hard = datasets.load_sample(), datasets.load_sample("hard")
    splits = plain.splits + hard.splits
    assert [splits.count(name) for name in ("train", "dev", "test")] == [40, 12, 12]
    assert len(set(plain.topics)) == 10
    assert set(hard.topics) <= set(plain.topics)
    assert set(plain.leanings) == {"left", "centre", "right"}
    train = {topic for topic, split in zip(plain.topics, plain.splits, strict=True) if split == "train"}
    assert train == set(plain.topics)


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_second_pass_has_every_layer_of_the_same_articles(part):
    first, second = datasets.load_sample(part), datasets.load_sample(part, annotator="second")
    assert second.texts == first.texts
    for layer in ("attributions", "statements", "frames", "loaded"):
        assert list(second[layer]) == first.ids
        assert second[layer] != first[layer]


@pytest.mark.parametrize("part", ["plain", "hard"])
def test_second_pass_has_trimmed_spans_and_the_labels_of_the_first(part):
    first, second = datasets.load_sample(part), datasets.load_sample(part, annotator="second")
    texts = dict(zip(second.ids, second.texts, strict=True))
    types = {record["source_type"] for records in first.attributions.values() for record in records}
    for name, text in texts.items():
        records, frames = second.attributions[name], second.frames[name]
        spans = [span for record in records for role in ROLES for span in record[role]]
        spans += [row[:2] for row in (*second.statements[name], *second.loaded[name])]
        words = [text[start:end] for start, end in spans]
        assert all(word and word == word.strip() for word in words)
        assert {record["source_type"] for record in records} <= types
        assert all(record["speaker"] is None or record["speaker"] in text for record in records)
        assert {label for *_, label in second.statements[name]} <= set(STATEMENT_LABELS)
        assert set(frames["policy"]) <= POLICY_FRAMES
        assert set(frames["narrative"]) <= NARRATIVE_FRAMES
        assert all(voices in (["author"], ["source"], ["author", "source"]) for voices in frames["policy"].values())
        assert {kind for *_, kind, _ in second.loaded[name]} <= LOADED_KINDS


def test_an_unknown_annotator_of_the_sample_is_named():
    with pytest.raises(ValueError, match="third"):
        datasets.load_sample(annotator="third")


def test_an_installation_without_the_second_pass_says_where_it_is(tmp_path, monkeypatch):
    write(tmp_path / "_sample" / "articles.jsonl", "")
    monkeypatch.setattr(sample_module.resources, "files", lambda package: tmp_path)
    with pytest.raises(FileNotFoundError, match="full checkout"):
        datasets.load_sample(annotator="second")


def test_an_unknown_part_of_the_sample_is_named():
    with pytest.raises(ValueError, match="easy"):
        datasets.load_sample("easy")


def test_sample_in_the_package_goes_before_that_of_the_checkout(tmp_path, monkeypatch):
    row = dict.fromkeys(("id", "title", "outlet", "date", "genre", "topic", "register", "leaning", "split"), "x")
    row |= {"file": "articles/x.txt", "structure": []}
    write_lines(tmp_path / "_sample" / "articles.jsonl", [row])
    write_lines(tmp_path / "_sample" / "attributions.jsonl", [{"id": "x", "attributions": []}])
    write_lines(tmp_path / "_sample" / "statements.jsonl", [{"id": "x", "segments": []}])
    write_lines(tmp_path / "_sample" / "frames.jsonl", [{"id": "x", "policy": {}, "narrative": []}])
    write_lines(tmp_path / "_sample" / "loaded.jsonl", [{"id": "x", "loaded": []}])
    write(tmp_path / "_sample" / "articles" / "x.txt", "One line.\r\n")
    write(tmp_path / "_sample" / "README.md", "About it")
    monkeypatch.setattr(sample_module.resources, "files", lambda package: tmp_path)
    sample = datasets.load_sample()
    assert sample.texts == ["One line.\r\n"]
    assert sample.DESCR == "About it"


def test_sample_that_is_nowhere_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_module.resources, "files", lambda package: tmp_path)
    monkeypatch.setattr(sample_module, "__file__", str(tmp_path / "src" / "framing" / "datasets" / "sample.py"))
    with pytest.raises(FileNotFoundError, match="Install newsframing") as error:
        datasets.load_sample()
    assert str(tmp_path / "_sample") in str(error.value)
    assert str(tmp_path / "datasets") in str(error.value)


# What holds for every loader


@pytest.mark.parametrize("name", CORPUS_LOADERS)
def test_missing_copy_says_what_was_looked_for_and_where_to_get_it(name, tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        getattr(datasets, name)(tmp_path)
    message = str(error.value)
    assert str(tmp_path) in message
    assert "expected" in message
    assert "Nothing is downloaded" in message


@pytest.mark.parametrize("name", CORPUS_LOADERS)
def test_wrong_type_of_path_says_what_was_expected(name):
    with pytest.raises(TypeError, match=r"must be a str or path-like object.*Got int instead"):
        getattr(datasets, name)(3)


@pytest.mark.parametrize("name", ["load_polnear", "load_statements", "load_checkthat"])
def test_unknown_split_is_a_missing_file(name, tmp_path):
    with pytest.raises(FileNotFoundError, match="nosuch"):
        getattr(datasets, name)(tmp_path, "nosuch")


# PolNeAR

COUNCIL = (
    "Mayor Ida Quill said the bridge is safe.\n\n"
    "“We checked twice,” she added. “And will check again.”\n\n"
    "The pier is seen as a risk.\n"
)


def polnear(folder, annotation, text=COUNCIL, name="gazette_2031-05-06_bridge", who="a1b2"):
    write(folder / "train" / "text" / f"{name}.txt", text)
    write(folder / "train" / "attributions" / f"{name}_{who}.ann", annotation)


def brat(number, role, *words, text=COUNCIL):
    """A T line whose pieces are the first places of `words` in `text`."""
    places = [(text.index(word), text.index(word) + len(word)) for word in words]
    offsets = ";".join(f"{start} {end}" for start, end in places)
    return f"T{number}\t{role} {offsets}\t{' '.join(words)}\n"


def words_of(record, text=COUNCIL):
    return {role: [text[start:end] for start, end in spans] for role, spans in record.items()}


SAID = (
    brat(1, "Source", "Mayor Ida Quill")
    + brat(2, "Cue", "said")
    + brat(3, "Content", "the bridge is safe")
    + brat(4, "Attribution", "said")
    + "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
)


def test_polnear_reads_source_cue_and_content(tmp_path):
    polnear(tmp_path, SAID)
    bunch = datasets.load_polnear(tmp_path)
    assert bunch.texts == [COUNCIL]
    assert bunch.ids == ["gazette_2031-05-06_bridge"]
    assert (bunch.outlets, bunch.dates) == (["gazette"], ["2031-05-06"])
    assert [words_of(record) for record in bunch.annotations[0]] == [
        {"source": ["Mayor Ida Quill"], "cue": ["said"], "content": ["the bridge is safe"]}
    ]


def test_polnear_is_also_found_below_data(tmp_path):
    polnear(tmp_path / "data", SAID)
    assert len(datasets.load_polnear(tmp_path).texts) == 1


def test_polnear_attribution_without_source(tmp_path):
    annotation = (
        brat(1, "Cue", "is seen as")
        + brat(2, "Content", "a risk")
        + brat(3, "Attribution-no-source", "is seen as")
        + "E1\tAttribution-no-source:T3 Content:T2 Cue:T1\n"
    )
    polnear(tmp_path, annotation)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record) == {"source": [], "cue": ["is seen as"], "content": ["a risk"]}


def test_polnear_second_content_and_discontinuous_content_are_pieces_of_one(tmp_path):
    annotation = (
        brat(1, "Source", "she")
        + brat(2, "Cue", "added")
        + brat(3, "Content", "“We checked twice,”")
        + brat(4, "Content", "“And will", "again.”")
        + brat(5, "Attribution", "added")
        + "E1\tAttribution:T5 Content:T3 Cue:T2 Source:T1 Content2:T4\n"
    )
    polnear(tmp_path, annotation)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record)["content"] == ["“We checked twice,”", "“And will", "again.”"]


def test_polnear_joins_pieces_across_blanks_but_not_across_line_breaks(tmp_path):
    annotation = (
        brat(1, "Cue", "said")
        + brat(2, "Content", "the bridge", "is safe.", "“We checked twice,”")
        + brat(3, "Attribution", "said")
        + "E1\tAttribution:T3 Content:T2 Cue:T1\n"
    )
    polnear(tmp_path, annotation)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record)["content"] == ["the bridge is safe.", "“We checked twice,”"]


def test_polnear_leaves_out_empty_events_orphans_notes_and_discarded_spans(tmp_path):
    annotation = (
        SAID
        + "E7\tAttribution-no-source:T4 \n"
        + brat(8, "Content", "a risk")
        + brat(9, "Discard", "The pier")
        + brat(10, "Discuss", "is seen as")
        + "#1\tAnnotatorNotes T8\tunsure\n"
        + "\n"
    )
    polnear(tmp_path, annotation)
    assert len(datasets.load_polnear(tmp_path).annotations[0]) == 1


def test_polnear_takes_a_forgotten_cue_from_the_event(tmp_path):
    polnear(tmp_path, SAID.replace(" Cue:T2", ""))
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record)["cue"] == ["said"]


def test_polnear_line_breaks_inside_a_span_line_are_harmless(tmp_path):
    broken = SAID.replace("\tthe bridge is safe\n", "\tthe bridge\n\nis safe\n")
    polnear(tmp_path, broken)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record)["content"] == ["the bridge is safe"]


@pytest.mark.parametrize(
    ("late", "early"),
    [(1, 1), (4, 0), (-1, 0), (0, -1), (-1, -1)],
    ids=["inside", "last letters", "blank before", "blank after", "blanks around"],
)
def test_polnear_offsets_off_by_a_few_are_moved_to_whole_words(late, early, tmp_path):
    text = "Ida Quill claimed the bridge held."
    first, last = text.index("bridge") + late, text.index(" held") - early
    annotation = (
        f"T1\tContent {first} {last}\tx\n"
        + brat(2, "Cue", "claimed", text=text)
        + brat(3, "Attribution", "claimed", text=text)
        + "E1\tAttribution:T3 Content:T1 Cue:T2\n"
    )
    polnear(tmp_path, annotation, text)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record, text)["content"] == ["bridge"]


def test_polnear_does_not_grow_across_words_glued_by_scraping(tmp_path):
    text = "9:52PMQuill Says the talk is aboutHarbours"
    annotation = (
        brat(1, "Source", "Quill", text=text)
        + brat(2, "Cue", "Says", text=text)
        + brat(3, "Content", "the talk is about", text=text)
        + brat(4, "Attribution", "Says", text=text)
        + "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
    )
    polnear(tmp_path, annotation, text)
    (record,) = datasets.load_polnear(tmp_path).annotations[0]
    assert words_of(record, text)["source"] == ["Quill"]
    assert words_of(record, text)["content"] == ["the talk is about"]


def test_polnear_offsets_beyond_the_text_are_clipped(tmp_path):
    annotation = SAID + "T5\tContent 9000 9010\tx\nE2\tAttribution:T4 Content:T5 Cue:T2\n"
    polnear(tmp_path, annotation)
    assert len(datasets.load_polnear(tmp_path).annotations[0]) == 1


def test_polnear_offsets_count_carriage_returns_and_astral_characters(tmp_path):
    text = "\U0001f309 Bridge news\r\n\r\nIda Quill said it held.\r\n"
    annotation = (
        brat(1, "Cue", "said", text=text)
        + brat(2, "Content", "it held", text=text)
        + brat(3, "Attribution", "said", text=text)
        + "E1\tAttribution:T3 Content:T2 Cue:T1\n"
    )
    polnear(tmp_path, annotation, text)
    bunch = datasets.load_polnear(tmp_path)
    assert words_of(bunch.annotations[0][0], bunch.texts[0])["content"] == ["it held"]


def test_polnear_shows_every_annotator_of_an_article(tmp_path):
    polnear(tmp_path, SAID, who="a1b2")
    polnear(tmp_path, "", who="c3d4")
    polnear(tmp_path, SAID, name="herald_2031-05-07_pier", who="a1b2")
    bunch = datasets.load_polnear(tmp_path)
    assert len(bunch.texts) == 2
    assert bunch.annotators == ["a1b2", "c3d4", "a1b2"]
    np.testing.assert_array_equal(bunch.articles, [0, 0, 1])
    np.testing.assert_array_equal(bunch.groups, [0, 0, 1])
    assert [len(records) for records in bunch.annotations] == [1, 0, 1]


def test_polnear_annotation_without_its_text_is_an_error(tmp_path):
    polnear(tmp_path, SAID)
    write(tmp_path / "train" / "attributions" / "herald_2031-05-07_pier_a1b2.ann", SAID)
    with pytest.raises(FileNotFoundError, match="herald_2031-05-07_pier"):
        datasets.load_polnear(tmp_path)


# Statements and sources


def test_statements_group_the_outlets_of_one_event(tmp_path):
    row = {
        "origin": "somewhere",
        "text": "Quill said yes.\u2028",
        "sentences": [[0, 15]],
        "segments": [[0, 10, "frame"], [11, 15, "source_fact"]],
    }
    ids = ["basil_0a_1", "basil_0a_2", "polnear_x_1"]
    write_lines(tmp_path / "dev.jsonl", [{"id": name, **row} for name in ids])
    bunch = datasets.load_statements(tmp_path, "dev")
    assert bunch.split == "dev"
    assert bunch.segments[0] == [[0, 10, "frame"], [11, 15, "source_fact"]]
    assert list(bunch.groups) == ["basil_0a", "basil_0a", "polnear_x_1"]


def test_json_lines_keep_unicode_line_separators_inside_strings(tmp_path):
    line = '{"id": "a", "text": "one\u2028two\x85three", "attributions": []}\n\n'
    write(tmp_path / "dev.jsonl", line)
    assert datasets.load_sources(tmp_path).texts == ["one\u2028two\x85three"]


def test_sources_keep_speaker_type_and_named(tmp_path):
    record = {
        "source": [[0, 2]],
        "cue": [[3, 7]],
        "content": [[8, 12]],
        "speaker": None,
        "source_type": "person",
        "named": False,
    }
    row = {"id": "a", "text": "He said rain", "attributions": [record]}
    write_lines(tmp_path / "dev.jsonl", [row])
    assert datasets.load_sources(tmp_path).attributions == [[record]]


# Sentences

BABE_HEADER = "text;news_link;outlet;topic;type;label_bias;label_opinion;biased_words\n"


def test_babe_labels_words_and_groups(tmp_path):
    rows = (
        '"A ""dreadful"" and dreadful; idea.";http://a/1;Gazette;tax;left;Biased;Opinion;'
        "['dreadful']\n"
        "It rained.;http://a/1;Gazette;tax;left;Non-biased;Entirely factual;[]\n"
        "It poured.;;Herald;rain;;No agreement;No agreement;[]\n"
    )
    write(tmp_path / "final_labels_SG2.csv", BABE_HEADER + rows)
    bunch = datasets.load_babe(tmp_path)
    assert bunch.texts[0] == 'A "dreadful" and dreadful; idea.'
    assert list(bunch.target) == [1, 0, -1]
    assert list(bunch.label_opinion) == ["Opinion", "Entirely factual", "No agreement"]
    assert bunch.biased_words == [["dreadful"], [], []]
    assert bunch.biased_spans == [[[3, 11], [17, 25]], [], []]
    assert list(bunch.groups) == ["http://a/1", "http://a/1", "Herald rain"]
    assert list(bunch.outlets) == ["Gazette", "Gazette", "Herald"]


def test_corpora_are_found_in_their_repository(tmp_path):
    write(tmp_path / "data" / "final_labels_SG2.csv", BABE_HEADER)
    write(tmp_path / "data" / "english" / "test_en_labeled.tsv", "sentence_id\tsentence\tlabel\na\tRain.\tOBJ\n")
    assert datasets.load_babe(tmp_path).texts == []
    assert datasets.load_checkthat(tmp_path, "test").texts == ["Rain."]


def test_babe_takes_the_file_itself(tmp_path):
    file = write(tmp_path / "renamed.csv", BABE_HEADER)
    assert datasets.load_babe(file).texts == []


def test_babe_finds_words_in_any_case_or_quotation_marks_but_whole(tmp_path):
    row = "Shame on “experts” and expertship.;;Herald;x;;Biased;y;['shame', '\"experts\"', 'on']\n"
    write(tmp_path / "final_labels_SG2.csv", BABE_HEADER + row)
    bunch = datasets.load_babe(tmp_path)
    found = [bunch.texts[0][start:end] for start, end in bunch.biased_spans[0]]
    assert found == ["Shame", "on", "experts"]


def test_checkthat_reads_quoted_cells_and_files_without_the_last_column(tmp_path):
    row = 'a1\t"""Splendid,"" they sang."\tSUBJ'
    write(tmp_path / "train_en.tsv", f"sentence_id\tsentence\tlabel\tsolved\n{row}\tTrue\n")
    write(tmp_path / "dev_test_en.tsv", f"sentence_id\tsentence\tlabel\n{row}\nb2\tRain.\tOBJ\n")
    assert datasets.load_checkthat(tmp_path).texts == ['"Splendid," they sang.']
    bunch = datasets.load_checkthat(tmp_path, "dev_test")
    assert list(bunch.target) == [1, 0]
    assert list(bunch.groups) == bunch.ids == ["a1", "b2"]


# Frames


def test_semeval_names_are_those_of_the_inventory(tmp_path):
    frames = ["Legality_Constitutionality_and_jurisprudence", "Economic"]
    row = {"id": "7", "title": "A port", "text": "A port\n\nIt grew.", "frames": frames}
    write_lines(tmp_path / "articles_en.jsonl", [row])
    bunch = datasets.load_semeval2023_task3(tmp_path)
    assert bunch.frames == [["legality_constitutionality_and_jurisprudence", "economic"]]
    assert bunch.target.shape == (1, 14)
    assert [bunch.target_names[i] for i in np.flatnonzero(bunch.target[0])] == [
        "economic",
        "legality_constitutionality_and_jurisprudence",
    ]


def test_narrative_frames_are_spelled_out_and_keep_the_folds(tmp_path):
    row = {
        "id": 5,
        "outlet": "gazette",
        "leaning": "center",
        "date": "2031-05-06",
        "text": "The reef recovers.",
        "frames": {"RE": True, "HI": False, "CO": True, "MO": False, "EC": False},
        "test_fold": 2,
        "dev_fold": 3,
    }
    write_lines(tmp_path / "articles.jsonl", [row])
    bunch = datasets.load_narrative_frames(tmp_path / "articles.jsonl")
    assert bunch.frames == [["conflict", "resolution"]]
    assert bunch.target_names == [
        "conflict",
        "human_interest",
        "economic",
        "morality",
        "resolution",
    ]
    assert bunch.target.tolist() == [[True, False, False, False, True]]
    assert (bunch.test_fold.tolist(), bunch.dev_fold.tolist()) == ([2], [3])


def test_gvfc_keeps_both_frames_and_groups_repeated_headlines(tmp_path):
    rows = [
        {"headline": "Range closes early", "frame": "politics", "second": None},
        {"headline": "Range Closes Early ", "frame": "economic", "second": "politics"},
    ]
    write_lines(tmp_path / "headlines.jsonl", rows)
    bunch = datasets.load_gvfc(tmp_path)
    assert list(bunch.target) == ["politics", "economic"]
    assert bunch.frames == [["politics"], ["economic", "politics"]]
    assert len(set(bunch.groups)) == 1


def test_issue_dialogue_frames(tmp_path):
    row = {"text": "That is a crime .", "frames": ["Crime_and_punishment"], "issue": "zz"}
    write_lines(tmp_path / "dev.jsonl", [row])
    bunch = datasets.load_issue_dialogue(tmp_path)
    assert bunch.frames == [["crime_and_punishment"]]
    assert bunch.target.sum() == 1
    assert list(bunch.issues) == ["zz"]


def test_semeval_reads_the_task_s_own_files(tmp_path):
    home = tmp_path / "data" / "en"
    write(home / "dev-articles-subtask-2" / "article12.txt", "A port\r\n\r\nIt grew.\n")
    write(home / "dev-articles-subtask-2" / "article13.txt", "No labels\n\nNone.")
    write(home / "dev-labels-subtask-2.txt", "12\tEconomic,Quality_of_life\r\n99\tPolitical\n")
    bunch = datasets.load_semeval2023_task3(tmp_path, "dev")
    assert (bunch.ids, bunch.titles, bunch.split) == (["12"], ["A port"], "dev")
    assert bunch.texts == ["A port\r\n\r\nIt grew.\n"]
    assert bunch.frames == [["economic", "quality_of_life"]]


def test_semeval_labels_without_articles_say_what_is_missing(tmp_path):
    write(tmp_path / "train-labels-subtask-2.txt", "12\tEconomic\n")
    with pytest.raises(FileNotFoundError, match="train-articles-subtask-2"):
        datasets.load_semeval2023_task3(tmp_path)


NARRATIVE_HEADING = "article_id\toutlet\tpub_date\tmbfc_bias\tfull_text\tCO\tRE\tHI\tMO\tEC\n"


def test_narrative_frames_reads_the_repository_s_table(tmp_path):
    text = '"The ""reef""\n\nrecovers ' + "x" * 140_000 + '"'  # longer than a cell may be by default
    row = f"5\tgazette\t2031-05-06\tleft\t{text}\t1\t0.0\tTrue\t0\tFalse\n"
    write(tmp_path / "data" / "articles_metadata.tsv", NARRATIVE_HEADING + row + row)
    bunch = datasets.load_narrative_frames(tmp_path)
    assert bunch.ids == ["5"]
    assert bunch.texts[0].startswith('The "reef"\n\nrecovers')
    assert bunch.frames == [["conflict", "human_interest"]]
    assert (list(bunch.leanings), bunch.test_fold.tolist()) == (["left"], [-1])


def test_narrative_frames_with_other_columns_names_them(tmp_path):
    write(tmp_path / "articles_metadata.tsv", "id\ttext\n5\tx\n")
    with pytest.raises(ValueError, match="columns id, text; expected id, outlet"):
        datasets.load_narrative_frames(tmp_path)


def test_gvfc_reads_the_authors_table(tmp_path):
    rows = (
        "news_title,Q1 Relevant,Q2 Focus,Q3 Theme1,Q3 Theme2\n"
        '"Range closes, early",1,1,5.0,3\n'
        "Bake sale,0,99,99,99\n"
        "No frame,1,1,99,99\n"
        "Caf\xe9 reopens,1,1,9,99\n"
    )
    (tmp_path / "GVFC_headlines_and_annotations.csv").write_bytes(rows.encode("cp1252"))
    bunch = datasets.load_gvfc(tmp_path)
    assert bunch.texts == ["Range closes, early", "Caf\xe9 reopens"]
    assert bunch.frames == [["public_safety", "politics"], ["economic"]]


def test_gvfc_multimodal_table_calls_the_title_headline(tmp_path):
    write(tmp_path / "GVFC_extension_multimodal.csv", "id,headline,Q3 Theme1,Q3 Theme2\n1,Range opens,2,99\n")
    assert list(datasets.load_gvfc(tmp_path).target) == ["gun_control"]


MFC_TEXT = "IMM-10005\n\nPRIMARY\n\nBorder town grows\n\nTrade pays for a school."


def media_frames(folder, **changed):
    def mark(words, code):
        start = MFC_TEXT.index(words)
        return {"start": start, "end": start + len(words), "code": code}

    coders = {
        "a_r1": [
            mark("PRIMARY", 1.2),
            mark("Border town grows\n\n", 1.1),
            mark("Trade pays", 1.0),
            mark("school", 15.0),
        ],
        "b_r1": [mark("Trade pays for", 1.0), mark("school.", 10.0), {"start": 60, "end": 900, "code": 16.2}],
        "c_r1": [],
    }
    entry = {
        "text": MFC_TEXT,
        "title": "Border town grows",
        "source": "gazette",
        "year": 2031,
        "primary_frame": 1.0,
        "primary_tone": 17.0,
        "irrelevant": 0,
        "annotations": {"framing": coders, "tone": {}},
    }
    empty = {"text": "IMM-2\n\nPRIMARY\n\nOff topic", "irrelevant": 1, "primary_frame": None, "annotations": {}}
    write(folder, json.dumps({"imm-10005": entry | changed, "imm-2": empty | changed}))


def test_media_frames_cuts_the_screen_s_head_off_and_moves_the_spans(tmp_path):
    media_frames(tmp_path / "immigration_labeled.json")
    write(tmp_path / "immigration_test_sets.json", json.dumps({"primary_frame": ["imm-2"], "relevance": []}))
    bunch = datasets.load_media_frames(tmp_path)
    text = bunch.texts[0]
    assert text == "Border town grows\n\nTrade pays for a school."
    assert [(text[s["start"] : s["end"]], s["frame"], s["annotator"]) for s in bunch.spans[0]] == [
        ("Border town grows", "economic", "a_r1"),
        ("Trade pays", "economic", "a_r1"),
        ("Trade pays for", "economic", "b_r1"),
        ("school", "other", "a_r1"),
        ("school.", "quality_of_life", "b_r1"),
    ]
    assert bunch.frames == [["economic"], []]
    assert bunch.target.sum(axis=1).tolist() == [1, 0]
    assert (list(bunch.primary), list(bunch.tones)) == (["economic", None], ["pro", None])
    assert (bunch.relevant.tolist(), bunch.years) == ([True, False], [2031, None])
    assert bunch.test_sets["primary_frame"].tolist() == [False, True]


def test_media_frames_takes_texts_that_the_repository_s_scripts_fetched(tmp_path):
    media_frames(tmp_path / "annotations" / "smoking.json", text=None)
    write(tmp_path / "articles" / "smoking" / "imm-10005.txt", MFC_TEXT)
    bunch = datasets.load_media_frames(tmp_path, "smoking")
    assert bunch.texts == ["Border town grows\n\nTrade pays for a school."]
    assert (bunch.ids, bunch.missing) == (["imm-10005"], ["imm-2"])


def test_media_frames_without_any_text_says_where_it_looked(tmp_path):
    media_frames(tmp_path / "annotations" / "smoking.json", text=None)
    with pytest.raises(FileNotFoundError, match="articles"):
        datasets.load_media_frames(tmp_path, "smoking")


# Private states

MPQA_TEXT = "Caf\u00e9 news.\nQuill said she fears ruin. It rained."


def mpqa(folder, *lines, text=MPQA_TEXT, encoding="utf-8"):
    def line(number, kind, words, attributes):
        start = len(text[: text.index(words)].encode(encoding))
        return f"{number}\t{start},{start + len(words.encode(encoding))}\tstring\tGATE_{kind}\t{attributes}"

    home = folder / "man_anns" / "20310506" / "1.2-3"
    (folder / "docs" / "20310506").mkdir(parents=True)
    (folder / "docs" / "20310506" / "1.2-3").write_bytes(text.encode(encoding))
    body = ["# comment", *(line(n, *entry) for n, entry in enumerate(lines)), '9\t0,0\tstring\tGATE_agent\t id="w"']
    write(home / "gateman.mpqa.lre.2.0", "\n".join(body) + "\n")
    sentences = [line(n, "sentence", words, "") for n, words in enumerate(("Quill said she fears ruin.", "It rained."))]
    write(home / "gatesentences.mpqa.2.0", "\n".join(sentences).replace("\t\n", "\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_mpqa_bytes_become_code_points_and_expressions_find_their_source(encoding, tmp_path):
    mpqa(
        tmp_path / "database",
        ("agent", "Quill", 'nested-source="w, quill" id="quill"'),
        ("agent", "she", 'nested-source="w,quill,she"'),
        ("objective-speech-event", "said", ' nested-source="w, quill" insubstantial="none"'),
        ("direct-subjective", "fears", 'intensity="high" polarity="negative" nested-source="w,quill,she"'),
        ("expressive-subjectivity", "ruin", 'intensity="low" nested-source="w,quill"'),
        ("target", "ruin", 'id="t1"'),
        encoding=encoding,
    )
    write(tmp_path / "database" / "doclist.mpqaOriginalByTopic", "topic: harbours file: 20310506/1.2-3\n")
    bunch = datasets.load_mpqa(tmp_path)
    text = bunch.texts[0]
    assert text == MPQA_TEXT
    assert [
        (text[e["start"] : e["end"]], e["type"], [text[s:t] for s, t in e["source"]]) for e in bunch.expressions[0]
    ] == [
        ("said", "objective-speech-event", ["Quill"]),
        ("fears", "direct-subjective", ["she"]),
        ("ruin", "expressive-subjectivity", ["Quill"]),
    ]
    assert [text[start:end] for start, end in bunch.sentences[0]] == ["Quill said she fears ruin.", "It rained."]
    assert bunch.subjective == [[True, False]]
    assert (bunch.ids, bunch.topics) == (["20310506/1.2-3"], ["harbours"])


def test_mpqa_keeps_implicit_events_without_words(tmp_path):
    mpqa(tmp_path)
    file = tmp_path / "man_anns" / "20310506" / "1.2-3" / "gateman.mpqa.lre.2.0"
    write(file, '1\t12,12\tstring\tGATE_direct-subjective\timplicit="true" nested-source="w" intensity="low"\n')
    (event,) = datasets.load_mpqa(tmp_path).expressions[0]
    assert (event["start"], event["end"], event["implicit"], event["source"]) == (11, 11, True, [])


def test_mpqa_annotation_without_its_document_is_an_error(tmp_path):
    mpqa(tmp_path)
    (tmp_path / "docs" / "20310506" / "1.2-3").unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.2-3 was not found"):
        datasets.load_mpqa(tmp_path)


# Articles by sentence

DISCOURSE = (
    "URL http://example.org/1\n\n"
    "DATE/ AUTHOR 2031-05-06\tAUTHORS: Q\n\n"
    "H  Bridge opens \n\n"
    "S1  HAVEN - The bridge opened.\n"
    "S2 “At last,” Quill said.\n \n"
    "S10 S2 is the name of its road.\n"
)


def test_newsdiscourse_rebuilds_the_text_and_its_labels(tmp_path):
    folder = tmp_path / "train" / "Business"
    write(folder / "Reuters_1.txt", DISCOURSE)
    write(
        folder / "Reuters_1.ann",
        "T1\tMain 1 3\tS1\nE1\tMain:T1 \nT2\tSpeech 4 6\tS2\nE2\tSpeech:T2 \n"
        "T3\tDistant_Evaluation 4 6\tS2 \n",
    )
    write(tmp_path / "train" / "Crime" / "Reuters_1.txt", DISCOURSE)
    write(tmp_path / "train" / "Crime" / "Reuters_1.ann", "")
    bunch = datasets.load_newsdiscourse(tmp_path)
    text = bunch.texts[0]
    assert text == (
        "Bridge opens\n\nHAVEN - The bridge opened. “At last,” Quill said.\n\nS2 is the name of its road."
    )
    assert [text[start:end] for start, end in bunch.sentences[0]] == [
        "HAVEN - The bridge opened.",
        "“At last,” Quill said.",
        "S2 is the name of its road.",
    ]
    assert bunch.types[0] == ["Main", "Distant_Evaluation", None]
    assert bunch.speech[0] == [False, True, False]
    assert (bunch.titles[0], bunch.outlets[0], bunch.topics[0]) == (
        "Bridge opens",
        "Reuters",
        "Business",
    )
    assert bunch.ids == ["Business/Reuters_1", "Crime/Reuters_1"]


def test_basil_offsets_lead_into_the_built_text(tmp_path):
    article = {
        "source": "gazette",
        "title": "A sorry bridge",
        "date": "2031-05-06",
        "triplet-uuid": "t",
        "body-paragraphs": [["It opened.", "It leaks."], ["Quill called it a scandal."]],
    }
    common = {"polarity": "neg", "target": "Quill", "speaker": ""}
    phrases = [
        {"id": "p2", "start": 16, "end": 25, "bias": "inf", "quote": "yes", **common},
        {"id": "title", "start": 2, "end": 7, "bias": "lex", "quote": "no", **common},
    ]
    write(tmp_path / "articles" / "2031" / "t_1.json", json.dumps(article))
    write(
        tmp_path / "annotations" / "2031" / "t_1_ann.json",
        json.dumps({"phrase-level-annotations": phrases}),
    )
    bunch = datasets.load_basil(tmp_path)
    text = bunch.texts[0]
    assert text == "A sorry bridge\n\nIt opened. It leaks.\n\nQuill called it a scandal."
    assert [(text[s["start"] : s["end"]], s["bias"], s["quote"]) for s in bunch.spans[0]] == [
        ("sorry", "lexical", False),
        ("a scandal", "informational", True),
    ]
    assert list(bunch.groups) == ["t"]


# The real corpora

CORPORA = os.environ.get("FRAMING_CORPORA")
needs_corpora = pytest.mark.skipif(
    not CORPORA, reason="set FRAMING_CORPORA to the folder that holds the corpora to run this"
)
FOLDERS = {"load_checkthat": "checkthat2025_en"}


def real(name, *arguments):
    folder = Path(CORPORA) / FOLDERS.get(name, name.removeprefix("load_"))
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    return getattr(datasets, name)(folder, *arguments)


@needs_corpora
@pytest.mark.parametrize("name", CORPUS_LOADERS)
def test_real_corpus_has_the_common_fields(name):
    bunch = real(name)
    assert bunch.texts
    assert all(isinstance(text, str) and text for text in bunch.texts)
    assert bunch.licence in bunch.DESCR
    assert bunch.citation in bunch.DESCR
    assert len(bunch.groups) == len(bunch.get("annotations", bunch.texts))
    assert len(set(bunch.get("ids", []))) == len(bunch.get("ids", []))


@needs_corpora
@pytest.mark.parametrize("split", ["train", "dev"])
def test_real_polnear_spans_are_whole_words_in_order(split):
    bunch = real("load_polnear", split)
    for article, records in zip(bunch.articles, bunch.annotations, strict=True):
        text = bunch.texts[article]
        for record in records:
            assert record["cue"]
            assert record["content"]
            for spans in record.values():
                flat = [offset for span in spans for offset in span]
                assert flat == sorted(flat)
                for start, end in spans:
                    assert 0 <= start < end <= len(text)
                    assert text[start:end] == text[start:end].strip()


@needs_corpora
@pytest.mark.parametrize("split", ["train", "dev"])
def test_real_statements_lie_in_order_inside_the_text(split):
    bunch = real("load_statements", split)
    for text, segments in zip(bunch.texts, bunch.segments, strict=True):
        flat = [offset for start, end, _ in segments for offset in (start, end)]
        assert flat == sorted(flat)
        assert 0 <= flat[0] < flat[-1] <= len(text)


@needs_corpora
def test_real_basil_has_three_outlets_for_each_event():
    bunch = real("load_basil")
    _, counts = np.unique(bunch.groups.astype(str), return_counts=True)
    assert set(counts) == {3}


@needs_corpora
def test_real_newsdiscourse_types_every_sentence():
    bunch = real("load_newsdiscourse", "validation")
    kinds = [kind for kinds in bunch.types for kind in kinds]
    assert sum(kind is None for kind in kinds) < 0.05 * len(kinds)
