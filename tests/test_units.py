import gzip
import json

import numpy as np
import pandas as pd
import pytest

from framing.analysis import Analysis
from framing.exceptions import ArticleError
from framing.units import find_reading, iter_records, period_or_meta, read_table


@pytest.fixture
def lines(tmp_path, record):
    path = tmp_path / "out.jsonl"
    records = [record | {"id": f"a{k}", "meta": {"outlet": "AB"[k % 2], "date": f"2026-0{k + 1}-09"}} for k in range(3)]
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


class TestIterRecords:
    def test_reads_analyses_mappings_and_lines_alike(self, lines, doc, record):
        assert list(iter_records([doc])) == list(iter_records([record])) == [record]
        assert [r["id"] for r in iter_records(lines)] == ["a0", "a1", "a2"]

    def test_reads_compressed_lines(self, tmp_path, record):
        path = tmp_path / "out.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")
        assert [r["id"] for r in iter_records(str(path))] == ["harbour-1"]

    def test_reads_zstandard_and_says_where_it_breaks_off(self, tmp_path, record):
        zstandard = pytest.importorskip("zstandard", reason="Zstandard needs newsframing[zstd]")
        path = tmp_path / "out.jsonl.zst"
        frames = [zstandard.compress(json.dumps(record | {"id": k}).encode() + b"\n") for k in range(3)]
        path.write_bytes(b"".join(frames))
        assert [r["id"] for r in iter_records(path)] == [0, 1, 2]
        path.write_bytes(b"".join(frames)[:-10])
        with pytest.raises(OSError, match="compressed data breaks off"):
            list(iter_records(path))

    def test_reads_parquet(self, tmp_path, record):
        pytest.importorskip("pyarrow", reason="Parquet needs newsframing[parquet]")
        from framing.batch.parquet import write_parquet

        path = tmp_path / "out.parquet"
        write_parquet(str(path), (json.dumps(record | {"id": f"a{k}"}).encode() for k in range(3)))
        assert [r["id"] for r in iter_records(path)] == ["a0", "a1", "a2"]
        pd.DataFrame({"words": [1]}).to_parquet(path)
        with pytest.raises(OSError, match="has no column 'record'"):
            list(iter_records(path))

    def test_reads_one_line_at_a_time(self, lines):
        with lines.open("a") as out:
            out.write("torn {")
        records = iter_records(lines)
        assert [next(records)["id"] for _ in range(3)] == ["a0", "a1", "a2"]
        with pytest.raises(ArticleError, match=r"Line 4 of .* isn't valid JSON"):
            next(records)

    def test_names_the_line_that_is_no_record(self, tmp_path):
        path = tmp_path / "errors.jsonl"
        path.write_text('{"id": null, "line": 3, "error": "no text"}\n')
        with pytest.raises(ArticleError, match=r"Line 1 of .*schema_version"):
            list(iter_records(path))

    @pytest.mark.parametrize("wrong", [3, None, {"text": "x"}])
    def test_refuses_what_holds_no_records(self, wrong):
        with pytest.raises(TypeError, match="docs must be an iterable"):
            list(iter_records(wrong))

    def test_refuses_one_analysis(self, doc):
        with pytest.raises(TypeError, match="put one analysis in a list"):
            list(iter_records(doc))

    def test_refuses_texts(self):
        with pytest.raises(TypeError, match="Got str at place 0"):
            list(iter_records(["a text"]))


class TestReadTable:
    def test_agrees_with_to_pandas(self, doc):
        names = ["start", "end", "voice", "kind", "label", "certainty", "bias", "speaker", "source_type",
                 "p_author_opinion", "frame_policy_economic"]  # fmt: skip
        table, whole = read_table([doc], "statement", names), doc.to_pandas("statement")
        assert table["statement"].tolist() == whole["statement"].tolist()
        for name in names:
            expected, found = whole[name].tolist(), table[name].tolist()
            if isinstance(expected[0], float):
                assert found == pytest.approx(expected, abs=1e-6)
            else:
                assert [None if pd.isna(x) else x for x in found] == [None if pd.isna(x) else x for x in expected]

    def test_counts_words(self, doc):
        table = read_table([doc], "statement", ["words", "text"])
        assert table["words"].tolist() == [len(text.split()) for text in table["text"]]

    def test_leaves_out_page_furniture(self, doc):
        table = read_table([doc], "sentence", ["role"])
        assert table["sentence"].tolist() == [0, 2, 3, 4, 5, 6]

    def test_spreads_fields_of_meta_over_units(self, lines):
        table = read_table(lines, "attribution", ["outlet", "month", "source_type"])
        assert table.groupby("id", observed=True)["outlet"].unique().map(list).tolist() == [["A"], ["B"], ["A"]]
        assert table["month"].unique().tolist() == ["2026-01", "2026-02", "2026-03"]

    def test_says_which_models_read_the_articles(self, lines):
        assert read_table(lines, "article").attrs["models"] == {"attribution tagger 0.1, frames frames 0.1": 3}

    def test_articles_carry_their_numbers(self, record, doc):
        table = read_table([doc], "article", ["words", "share_author_fact", "anonymous_share", "frame_policy_economic"])
        row = table.iloc[0]
        assert row["words"] == record["summary"]["words"]
        assert row["share_author_fact"] == pytest.approx(record["summary"]["share"]["author_fact"])
        assert row["frame_policy_economic"] == pytest.approx(record["frames"]["policy"]["scores"]["economic"])

    def test_nothing_gives_an_empty_table(self):
        assert read_table([], "statement", ["label", "outlet"]).shape == (0, 5)

    def test_an_article_without_statements_keeps_its_place(self, record):
        empty = record | {"statements": []}
        assert read_table([empty, record], "statement", ["label"])["article"].unique().tolist() == [1]

    def test_mixed_fields_of_meta_do_no_harm(self, record):
        docs = [record | {"meta": {"size": value}} for value in (1, 2.5, "big", None, [1, 2])]
        assert read_table(docs, "article", ["size"])["size"].tolist() == [1, 2.5, "big", "(missing)", "[1, 2]"]

    def test_refuses_an_unknown_level(self, doc):
        with pytest.raises(ValueError, match="must be one of statement"):
            read_table([doc], "word")


def test_periods_come_from_the_date():
    record = {"meta": {"date": "2026-03-09", "outlet": ""}}
    assert [period_or_meta(record, x) for x in ("year", "month", "day")] == ["2026", "2026-03", "2026-03-09"]
    assert period_or_meta(record, "outlet") == "(missing)"


class TestFindReading:
    @pytest.mark.parametrize(
        ("of", "level", "column"),
        [
            ("author_opinion", "statement", "label"),
            ("opinion", "statement", "kind"),
            ("source", "statement", "voice"),
            ("hedged", "statement", "certainty"),
            ("official", "attribution", "source_type"),
            ("unnamed", "attribution", "named"),
            ("mixed", "attribution", "quotation"),
            ("bias", "sentence", "bias"),
            ("policy_economic", "article", "frame_policy_economic"),
            ("frame_narrative_conflict", "article", "frame_narrative_conflict"),
        ],
    )
    def test_knows_level_and_column(self, of, level, column):
        reading = find_reading(of)
        assert (reading.level, reading.column) == (level, column)

    def test_own_columns_come_first(self):
        assert find_reading("opinion", columns=["opinion"]).column == "opinion"

    def test_opinion_of_a_sentence_is_a_score(self):
        assert find_reading("author_opinion", "sentence").values == frozenset()

    def test_refuses_what_a_level_does_not_have(self):
        with pytest.raises(ValueError, match="There is no reading 'official' of a statement"):
            find_reading("official", "statement")

    def test_a_half_label_sums_probabilities(self, doc):
        reading = find_reading("opinion")
        table = read_table([doc], "statement", reading.columns)
        whole = doc.to_pandas("statement")
        assert reading.score(table) == pytest.approx(
            (whole["p_author_opinion"] + whole["p_source_opinion"]).to_numpy(), abs=1e-6
        )

    def test_labels_are_judged_by_name_or_truth_or_number(self):
        reading = find_reading("opinion")
        names = pd.Series(["author_opinion", "source_fact", None, "frame", "opinion"])
        assert reading.judge(names) == pytest.approx([1, 0, np.nan, 0, 1], nan_ok=True)
        assert reading.judge(pd.Series([True, False, None], dtype=object)) == pytest.approx([1, 0, np.nan], nan_ok=True)
        assert reading.judge(pd.Series([0.25, np.nan])) == pytest.approx([0.25, np.nan], nan_ok=True)

    @pytest.mark.parametrize(
        ("of", "label"),
        [("author_opinion", "opinion"), ("author_opinion", "author_opinon"), ("opinion", "author"), ("source", "fact")],
    )
    def test_a_label_that_leaves_it_open_is_refused(self, of, label):
        with pytest.raises(ValueError, match=f"{label!r} doesn't say whether a statement is {of!r}"):
            find_reading(of).judge(pd.Series([of, label]))

    @pytest.mark.parametrize(
        ("of", "label", "holds"),
        [("author_opinion", "fact", 0), ("author_opinion", "none", 0), ("opinion", "fact", 0), ("fact", "fact", 1)],
    )
    def test_a_half_that_settles_it_is_a_label(self, of, label, holds):
        assert find_reading(of).judge(pd.Series([label, None]))[0] == holds

    def test_numbers_outside_are_no_labels(self):
        with pytest.raises(ValueError, match="numbers from 0 to 1"):
            find_reading("opinion").judge(pd.Series([1, 2, 3]))


def test_views_and_records_are_the_same_input(record):
    assert read_table([Analysis(record)], "statement", ["label"]).equals(read_table([record], "statement", ["label"]))


def test_what_a_source_denies_is_counted(record):
    denying = record | {"attributions": [entry | {"denied": k == 0} for k, entry in enumerate(record["attributions"])]}
    older = record | {
        "attributions": [{k: v for k, v in a.items() if k != "denied"} for a in record["attributions"]]
    }
    table = read_table([denying, older], "attribution", ["denied"])
    reading = find_reading("denied")
    assert reading.level == "attribution"
    assert reading.decide(table).tolist() == [True] + [False] * (2 * len(record["attributions"]) - 1)
    assert reading.judge(pd.Series(["denied", "said", None])).tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
