"""What every finding takes, whatever its form, and what it says of input that can't be used."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

import framing
from framing.analysis import Analysis
from framing.exceptions import ArticleError

COLUMNS = [
    "outlet", "label", "voice", "kind", "text", "attribution", "speaker", "source_type", "named", "date",
    "p_author_fact", "p_author_opinion", "p_source_fact", "p_source_opinion",
]  # fmt: skip

FINDINGS = {
    "prevalence": lambda docs, gold: framing.prevalence(docs, gold, of="author_opinion", by="outlet"),
    "compare": lambda docs, gold: framing.compare(docs, by="outlet", of="author_opinion"),
    "compare corrected": lambda docs, gold: framing.compare(docs, by="outlet", of="author_opinion", gold=gold),
    "compare matched": lambda docs, gold: framing.compare(docs, by="outlet", of="author_opinion", match="story"),
    "keyness": lambda docs, gold: framing.keyness(docs, by="outlet"),
    "sources": lambda docs, gold: framing.sources(docs),
    "validate": lambda docs, gold: framing.validate(docs, gold, by="outlet"),
    "match_stories": lambda docs, gold: framing.match_stories(docs),
    "regress": lambda docs, gold: framing.regress(docs, gold, of="author_opinion", on="outlet"),
}
GROUPED = [name for name in FINDINGS if name not in ("sources", "match_stories")]
LABELLED = ["prevalence", "compare corrected", "validate", "regress"]
TWO = ["compare", "compare corrected", "compare matched", "keyness"]


def copies(record, outlets=("A", "B"), n=8):
    return [
        record | {"id": f"a{k}", "meta": {"outlet": outlets[k % len(outlets)], "date": f"2026-03-{k + 1:02}"}}
        for k in range(n)
    ]


def labels(records):
    return [
        {"id": record["id"], "statement": k, "gold": f"{entry['voice']}_{entry['kind']}"}
        for record in records
        for k, entry in enumerate(record["statements"])
    ]


@pytest.fixture
def records(record):
    return copies(record)


@pytest.mark.parametrize("name", FINDINGS)
class TestForms:
    def test_analyses_records_and_generators_give_the_same(self, name, records):
        gold = labels(records)
        found = FINDINGS[name](records, gold)
        pd.testing.assert_frame_equal(FINDINGS[name]([Analysis(record) for record in records], gold), found)
        pd.testing.assert_frame_equal(FINDINGS[name](iter(records), gold), found)

    @pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
    def test_json_lines_give_the_same(self, name, suffix, records, tmp_path):
        path = tmp_path / f"records.{suffix}"
        with gzip.open(path, "wt") if suffix.endswith("gz") else path.open("w") as out:
            out.writelines(json.dumps(record) + "\n" for record in records)
        gold = labels(records)
        pd.testing.assert_frame_equal(FINDINGS[name](path, gold), FINDINGS[name](records, gold))

    def test_a_table_gives_the_same(self, name, records):
        gold = labels(records)
        table = framing.read_table(records, "statement", COLUMNS)
        found, wanted = FINDINGS[name](table, gold), FINDINGS[name](records, gold)
        # A table knows an attribution by its statements, and names as far as a statement holds them.
        less = {"sources": ["words"], "match_stories": ["names"]}.get(name, [])
        pd.testing.assert_frame_equal(
            found.drop(columns=less), wanted.drop(columns=less), check_dtype=False, check_categorical=False
        )

    def test_models_numbers_and_method_are_named(self, name, records):
        read = {"attribution tagger 0.1, frames frames 0.1": 8}
        table = framing.read_table(records, "statement", COLUMNS)
        for docs in (records, table):
            attrs = FINDINGS[name](docs, labels(records)).attrs
            assert attrs["models"] == read
            assert attrs["framing"] == framing.__version__
            assert attrs["n"]
            assert attrs.get("method") or attrs.get("methods")

    def test_a_broken_line_is_named(self, name, records, tmp_path):
        path = tmp_path / "records.jsonl"
        path.write_text("\n".join(json.dumps(record) for record in records)[:-50])
        with pytest.raises(ArticleError, match=r"Line 8 of .*records\.jsonl isn't valid JSON"):
            FINDINGS[name](path, labels(records))

    def test_a_file_that_was_cut_off_is_refused(self, name, records, tmp_path):
        path = tmp_path / "records.jsonl.gz"
        path.write_bytes(gzip.compress("\n".join(json.dumps(record) for record in records).encode())[:-20])
        with pytest.raises(ArticleError, match=r"cut off"):
            FINDINGS[name](path, labels(records))

    def test_what_holds_no_records_is_refused(self, name, records):
        with pytest.raises(TypeError, match="docs must be an iterable of Analysis objects"):
            FINDINGS[name](7, labels(records))


@pytest.mark.parametrize("name", GROUPED)
class TestGroups:
    def test_groups_need_not_be_texts(self, name, record):
        records = copies(record, (1, True, ["x"], 2.5))
        assert len(FINDINGS[name](records, labels(records)))

    def test_a_column_that_is_missing_is_named(self, name, records):
        table = framing.read_table(records, "statement", [column for column in COLUMNS if column != "outlet"])
        with pytest.raises(ValueError, match=r"lacks the column 'outlet'\. It has article"):
            FINDINGS[name](table, labels(records))


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize(("outlets", "said"), [(("A",), "A"), ((None,), r"\(missing\)")])
def test_one_group_is_nothing_to_compare(name, outlets, said, record):
    records = copies(record, outlets)
    with pytest.raises(ValueError, match=rf"two groups or more\. Got {said}"):
        FINDINGS[name](records, labels(records))


@pytest.mark.parametrize("name", LABELLED)
class TestLabels:
    def test_labels_of_other_articles_are_refused(self, name, records):
        gold = [row | {"id": f"other {row['id']}"} for row in labels(records)]
        with pytest.raises(ValueError, match=r"64 of 64 labels belong to no unit, \(id other a0, statement 0\) first"):
            FINDINGS[name](records, gold)

    def test_an_empty_list_is_refused(self, name, records):
        with pytest.raises(ValueError, match="gold has no labels"):
            FINDINGS[name](records, [])

    def test_ids_that_occur_twice_are_refused(self, name, records):
        twice = [record | {"id": "same"} for record in records]
        with pytest.raises(ValueError, match="ids must be unique"):
            FINDINGS[name](twice, labels(twice[:1]))

    def test_labels_that_are_all_empty_say_nothing(self, name, records):
        gold = [row | {"gold": None} for row in labels(records)]
        if name in ("validate", "regress"):
            with pytest.raises(ValueError, match="gold has no labels"):
                FINDINGS[name](records, gold)
        else:
            found = FINDINGS[name](records, gold)
            assert found[["low", "high"]].isna().all(axis=None)


def test_ids_that_occur_twice_do_not_matter_to_counts(records):
    twice = [record | {"id": "same"} for record in records]
    for name in ("compare", "keyness", "sources"):
        pd.testing.assert_frame_equal(FINDINGS[name](twice, None), FINDINGS[name](records, None))


def test_nothing_gives_empty_tables_with_their_columns(records):
    for name in ("sources", "match_stories"):
        assert FINDINGS[name]([], None).columns.tolist() == FINDINGS[name](records, None).columns.tolist()


def test_nothing_gives_a_share_of_nothing():
    row = framing.prevalence([], of="author_opinion", method="naive").iloc[0]
    assert (row["units"], row["note"]) == (0, "there are no units")
    assert pd.isna(row["share"])


def test_one_article_has_shares_without_intervals(record):
    row = framing.prevalence([record], of="author_opinion", method="naive").iloc[0]
    assert row["share"] == pytest.approx(1 / 8)
    assert row[["low", "high"]].isna().all()


def test_articles_without_a_group_are_one_group_of_a_table(records):
    table = framing.read_table(records, "statement", COLUMNS)
    table["outlet"] = table["outlet"].astype(object).where(table["article"] > 2)
    assert framing.keyness(table, by="outlet")["group"].unique().tolist() == ["(missing)", "A", "B"]
