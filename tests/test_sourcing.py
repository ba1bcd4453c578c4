import pytest

import framing


def copies(record, n=10):
    return [record | {"id": k} for k in range(n)]


class TestSources:
    def test_speakers_are_counted(self, record):
        found = framing.sources(copies(record)).set_index("speaker")
        attributions = record["attributions"]
        speaker = attributions[0]["speaker"]
        row = found.loc[speaker]
        assert (row["articles"], row["attributions"]) == (10, 10 * sum(a["speaker"] == speaker for a in attributions))
        assert row["share"] == pytest.approx(row["attributions"] / (10 * len(attributions)))
        assert row["source_type"] == attributions[0]["source_type"]
        text = record["text"]
        assert row["words"] == 10 * sum(len(text[s:e].split()) for s, e in attributions[0]["content"])

    def test_shares_lie_in_their_intervals(self, record):
        found = framing.sources(copies(record), by="source_type")
        for name in ("share", "named", "opinion"):
            rows = found.dropna(subset=[name, f"{name}_low"])
            assert (rows[f"{name}_low"] <= rows[name] + 1e-12).all()
            assert (rows[name] - 1e-12 <= rows[f"{name}_high"]).all()
        assert found["share"].sum() == pytest.approx(1)

    def test_opinion_is_that_of_the_sources_statements(self, record):
        found = framing.sources(copies(record), by="source_type").set_index("source_type")
        kinds = {}
        for entry in record["statements"]:
            if entry["attribution"] is not None:
                kind = record["attributions"][entry["attribution"]]["source_type"]
                kinds.setdefault(kind, []).append(entry["kind"] == "opinion")
        for kind, flags in kinds.items():
            assert found.loc[kind, "opinion"] == pytest.approx(sum(flags) / len(flags))

    def test_case_and_white_space_do_not_make_a_speaker(self, record):
        other = record | {"attributions": [dict(a) for a in record["attributions"]]}
        other["attributions"][0]["speaker"] = record["attributions"][0]["speaker"].upper().replace(" ", "  ")
        found = framing.sources([record, record, other])
        speaker = record["attributions"][0]["speaker"]
        assert found.set_index("speaker").loc[speaker, "articles"] == 3

    def test_only_the_most_frequent_speakers_are_given(self, record):
        whole = framing.sources(copies(record))
        assert framing.sources(copies(record), top=1)["speaker"].tolist() == whole["speaker"].tolist()[:1]

    def test_frames_are_those_above_the_average(self, record):
        other = record | {"statements": [dict(s) for s in record["statements"]]}
        for entry in other["statements"]:
            if entry["attribution"] == 0:
                policy = dict(entry["frames"]["policy"], economic=0.9)
                entry["frames"] = dict(entry["frames"], policy=policy)
        found = framing.sources([other] * 3).set_index("speaker")
        assert found.loc[record["attributions"][0]["speaker"], "frames"] == "economic 0.90"

    def test_words_set_sources_apart(self):
        texts = [f"Critics said the {w} is a gamble. Officials said the bridge was safe." for w in ("dam", "weir")] * 20
        found = framing.sources(list(framing.analyze_many(texts)), by="source_type").set_index("source_type")
        assert "gamble" in found.loc["group", "about"]
        assert "bridge" in found.loc["official", "about"]

    def test_a_generator_will_do(self, record):
        assert framing.sources(r for r in copies(record)).equals(framing.sources(copies(record)))

    def test_a_table_of_statements_will_do(self, record):
        table = framing.to_pandas([framing.Analysis(r) for r in copies(record)])
        found = framing.sources(table).set_index("speaker")
        wanted = framing.sources(copies(record)).set_index("speaker")
        same = ["source_type", "articles", "attributions", "share", "opinion_low", "frames", "about"]
        assert found[same].equals(wanted[same])
        assert found["named"].isna().all()  # this table doesn't say

    def test_no_attributions_give_no_rows(self, record):
        silent = record | {"attributions": [], "statements": []}
        assert len(framing.sources([silent])) == 0

    @pytest.mark.parametrize("change", [{"by": "name"}, {"top": 0}])
    def test_refuses_other_parameters(self, record, change):
        with pytest.raises(ValueError, match=r"'speaker' or 'source_type'|top must be"):
            framing.sources([record], **change)
