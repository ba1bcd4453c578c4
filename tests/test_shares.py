import json

import numpy as np
import pandas as pd
import pytest

import framing
from framing.gold import align_labels, find_labels


@pytest.fixture
def table():
    """Two outlets, 400 articles of five units; the classifier misses half of Tide's and makes some up in Echo."""
    rng = np.random.default_rng(3)
    n = 2000
    outlet = np.repeat(["Echo", "Tide"], n // 2)
    truth = rng.random(n) < np.where(outlet == "Tide", 0.4, 0.2)
    wrong = np.where(outlet == "Tide", truth & (rng.random(n) < 0.5), ~truth & (rng.random(n) < 0.15))
    found = pd.DataFrame({"article": np.arange(n) // 5, "outlet": outlet, "loaded": truth ^ wrong, "truth": truth})
    labelled = np.isin(found["article"], rng.choice(400, 120, replace=False))
    found["human"] = np.where(labelled, truth, np.nan)
    return found


class TestPrevalence:
    def test_corrects_groups_that_the_classifier_gets_wrong(self, table):
        found = framing.prevalence(table, "human", of="loaded", by="outlet", method=["naive", "ppi"])
        naive, ppi = found[found["method"] == "naive"], found[found["method"] == "ppi"]
        assert naive["share"].tolist() == pytest.approx([0.32, 0.2], abs=0.03)
        truth = table.groupby("outlet")["truth"].mean().to_numpy()
        assert ppi["share"].to_numpy() == pytest.approx(truth, abs=0.06)
        assert (ppi["low"].to_numpy() < truth).all()
        assert (truth < ppi["high"].to_numpy()).all()

    def test_counts_what_it_rests_on(self, table):
        row = framing.prevalence(table, "human", of="loaded").iloc[0]
        assert (row["units"], row["articles"], row["labels"], row["labelled_articles"]) == (2000, 400, 600, 120)

    def test_predictions_are_worth_labels(self, table):
        found = framing.prevalence(table, "human", of="loaded", method=["gold", "ppi"])
        assert found["worth"].iloc[1] > found["worth"].iloc[0]

    def test_labels_may_come_as_a_table_of_their_own(self, table):
        units = table.assign(id="x", unit=np.arange(len(table)))
        units["id"] = "a" + units["article"].astype(str)
        units["sentence"] = units.groupby("id").cumcount()
        gold = units.loc[units["human"].notna(), ["id", "sentence", "human"]].sample(frac=1, random_state=0)
        apart = framing.prevalence(units, gold, of="loaded", level="sentence", column="human")
        within = framing.prevalence(table, "human", of="loaded")
        assert apart["share"].tolist() == within["share"].tolist()

    def test_a_group_without_labels_says_so(self, table):
        table.loc[table["outlet"] == "Echo", "human"] = np.nan
        found = framing.prevalence(table, "human", of="loaded", by="outlet")
        assert found["note"].tolist() == ["no labels here: nothing can be said", ""]
        assert np.isnan(found["share"].iloc[0])

    def test_few_labelled_articles_are_noted(self, table):
        table.loc[table["article"] > 20, "human"] = np.nan
        note = framing.prevalence(table, "human", of="loaded")["note"].iloc[0]
        assert "articles only: the interval is rough" in note

    def test_naive_counts_say_that_they_are_biased(self, table):
        found = framing.prevalence(table, of="loaded", method="naive")
        assert "biased by the classifier's errors" in found["note"].iloc[0]
        assert found["share"].iloc[0] == table["loaded"].mean()

    def test_groups_may_cross(self, table):
        table["half"] = np.where(table["article"] % 2, "odd", "even")
        found = framing.prevalence(table, "human", of="loaded", by=["outlet", "half"])
        assert list(zip(found["outlet"], found["half"], strict=True)) == [
            ("Echo", "even"), ("Echo", "odd"), ("Tide", "even"), ("Tide", "odd")
        ]  # fmt: skip

    def test_sampling_weights_undo_an_uneven_draw(self, table):
        rng = np.random.default_rng(0)
        big = pd.concat([table] * 5, ignore_index=True).assign(article=np.arange(10000) // 5)
        chance = np.where(big["outlet"] == "Tide", 0.3, 0.05)
        big["human"] = np.where(rng.random(10000) < chance, big["truth"], np.nan)
        big["weight"] = 1 / chance
        gold = big.loc[big["human"].notna(), ["article", "human", "weight"]]
        gold["sentence"] = gold.index
        units = big.assign(sentence=np.arange(10000))[["article", "sentence", "loaded"]]
        weighted = framing.prevalence(
            units, gold, of="loaded", level="sentence", column="human", sampling="weight", method="gold"
        )
        plain = framing.prevalence(units, gold, of="loaded", level="sentence", column="human", method="gold")
        assert weighted["share"].iloc[0] == pytest.approx(big["truth"].mean(), abs=0.04)
        assert plain["share"].iloc[0] > big["truth"].mean() + 0.05

    def test_reads_lines_as_it_reads_analyses(self, tmp_path, record):
        records = [record | {"id": f"a{k}"} for k in range(20)]
        path = tmp_path / "out.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        docs = [framing.Analysis(r) for r in records]
        labels = framing.read_table(docs, "statement", ["label"]).rename(columns={"label": "gold"})[::3]
        a = framing.prevalence(path, labels, of=["opinion", "author_fact"], by="outlet", size="words")
        b = framing.prevalence(docs, labels, of=["opinion", "author_fact"], by="outlet", size="words")
        pd.testing.assert_frame_equal(a, b)
        assert a.attrs["models"] == {"attribution tagger 0.1, frames frames 0.1": 20}
        assert a.attrs["level"] == "statement"

    def test_shares_of_words_weigh_by_words(self, doc):
        found = framing.prevalence([doc], of="author_fact", size="words", method="naive")
        words = framing.read_table([doc], "statement", ["words", "label"])
        expected = words.loc[words["label"] == "author_fact", "words"].sum() / words["words"].sum()
        assert found["share"].iloc[0] == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"gold": None}, "gold is missing"),
            ({"method": "magic"}, "must be one of naive"),
            ({"of": "glee"}, "There is no reading 'glee'"),
            ({"by": "paper"}, "lacks the column 'paper'"),
            ({"gold": "nobody"}, "lacks the column 'nobody'"),
            ({"confidence": 95}, "between 0 and 1"),
        ],
    )
    def test_says_what_does_not_go_together(self, table, change, message):
        given = {"gold": "human", "of": "loaded"} | change
        with pytest.raises(ValueError, match=message):
            framing.prevalence(table, given.pop("gold"), **given)

    def test_units_without_a_score_are_refused(self, table):
        table["score"] = np.where(table["loaded"], 0.9, np.nan)
        with pytest.raises(ValueError, match="units have no score of 'score'"):
            framing.prevalence(table, "human", of="score")

    def test_readings_of_two_levels_are_refused(self, doc):
        with pytest.raises(ValueError, match=r"of one level\. Got attribution, statement"):
            framing.prevalence([doc], of=["official", "opinion"], method="naive")


class TestFindLabels:
    def test_two_labels_for_a_unit_are_refused(self, doc):
        table = framing.read_table([doc], "statement")
        gold = [{"id": "harbour-1", "statement": 1, "gold": label} for label in ("author_fact", "source_fact")]
        with pytest.raises(ValueError, match=r"Two labels for one unit .*statement 1"):
            find_labels(table, gold, "statement", ["gold"])

    def test_labels_of_no_unit_are_refused(self, doc):
        table = framing.read_table([doc], "statement")
        with pytest.raises(ValueError, match="1 of 1 labels belong to no unit"):
            find_labels(table, [{"id": "harbour-1", "statement": 99, "gold": "x"}], "statement", ["gold"])

    def test_cells_left_empty_are_no_labels(self, doc):
        gold = framing.read_table([doc], "statement", ["label"]).rename(columns={"label": "gold"})
        gold["gold"] = gold["gold"].astype(object)
        gold.loc[2:, "gold"] = ""
        assert framing.prevalence([doc], gold, of="opinion")["labels"].tolist() == [2]

    def test_places_tell_units_too(self, doc):
        table = framing.read_table([doc], "statement", ["start", "end"])
        row = table.iloc[2]
        gold = [{"id": "harbour-1", "start": row["start"], "end": row["end"], "gold": "author_fact"}]
        found = find_labels(table, gold, "statement", ["gold"])["gold"]
        assert found.notna().to_numpy().nonzero()[0].tolist() == [2]

    def test_labels_without_a_key_are_refused(self, doc):
        table = framing.read_table([doc], "statement")
        with pytest.raises(ValueError, match="don't say which statement they belong to"):
            find_labels(table, [{"gold": "x"}], "statement", ["gold"])


class TestAlignLabels:
    def test_a_statement_gets_the_label_that_covers_most_of_it(self, record, doc):
        spans = [(entry["start"], entry["end"]) for entry in record["statements"]]
        (a, b), (c, d) = spans[0], spans[1]
        found = align_labels([doc], {"harbour-1": [[a, a + 2, "frame"], [a + 2, b, "author_opinion"], [c, d, "frame"]]})
        assert found["gold"].tolist()[:3] == ["author_opinion", "frame", "none"]

    def test_attributions_are_matched_and_the_missed_are_counted(self, record, doc):
        marked = [dict(entry) for entry in record["attributions"][:2]]
        marked[0]["source_type"] = "expert"
        marked.append({"source": [], "cue": [[0, 7]], "content": [[8, 12]], "source_type": "media", "named": True})
        found = align_labels([doc], {"harbour-1": marked}, "attribution")
        assert found["gold"].tolist()[:2] == ["expert", record["attributions"][1]["source_type"]]
        assert set(found["gold"][2:]) == {"none"}
        assert found.attrs["missed"] == 1

    def test_labels_of_unknown_articles_are_refused(self, doc):
        with pytest.raises(ValueError, match="1 labelled articles aren't in docs, 'x' first"):
            align_labels([doc], {"x": []})


class TestLabelsNeeded:
    def test_needs_about_what_the_formula_says(self):
        plan = framing.labels_needed(0.05, share=0.5, sensitivity=1.0, specificity=1.0)
        assert plan["labels"].iloc[0] == pytest.approx(1.96**2 * 0.25 / 0.05**2, rel=0.02)

    def test_a_better_classifier_saves_more(self):
        saved = [
            framing.labels_needed(0.03, share=0.2, sensitivity=s, specificity=s)["saved"].iloc[1]
            for s in (0.5, 0.7, 0.9, 0.99)
        ]
        assert saved[0] == 0.0
        assert saved == sorted(saved)
        assert saved[-1] > 0.8

    def test_articles_that_agree_with_themselves_need_more(self):
        once = framing.labels_needed(0.05, share=0.3, sensitivity=0.8, specificity=0.9)
        twice = framing.labels_needed(0.05, share=0.3, sensitivity=0.8, specificity=0.9, effect=2.0)
        assert twice["labels"].iloc[0] == pytest.approx(2 * once["labels"].iloc[0], rel=0.03)

    def test_several_widths_make_one_table(self):
        given = {"share": 0.3, "sensitivity": 0.8, "specificity": 0.9}
        plan = framing.labels_needed([0.05, 0.03], **given)
        assert plan["half_width"].tolist() == [0.05, 0.05, 0.03, 0.03]
        for width in (0.05, 0.03):
            alone = framing.labels_needed(width, **given)
            assert plan.loc[plan["half_width"] == width, "labels"].tolist() == alone["labels"].tolist()

    def test_a_small_corpus_may_not_hold_enough(self):
        plan = framing.labels_needed(0.01, share=0.5, sensitivity=0.8, specificity=0.8, units=500)
        assert plan["labels"].isna().all()

    def test_what_it_promises_is_what_prevalence_gives(self):
        plan = framing.labels_needed(0.04, share=0.3, sensitivity=0.85, specificity=0.85, units=20000)
        rng = np.random.default_rng(0)
        truth = rng.random(20000) < 0.3
        table = pd.DataFrame({"article": np.arange(20000), "x": truth ^ (rng.random(20000) < 0.15)})
        halves = []
        for seed in range(10):
            chosen = np.random.default_rng(seed).choice(20000, int(plan["labels"].iloc[1]), replace=False)
            table["human"] = np.nan
            table.loc[chosen, "human"] = truth[chosen].astype(float)
            row = framing.prevalence(table, "human", of="x").iloc[0]
            halves.append((row["high"] - row["low"]) / 2)
        assert np.mean(halves) == pytest.approx(0.04, rel=0.05)

    @pytest.mark.parametrize(
        "change", [{"share": 0}, {"half_width": 1}, {"sensitivity": 1.2}, {"effect": 0.5}, {"units": 0}]
    )
    def test_refuses_what_is_out_of_range(self, change):
        given = {"half_width": 0.05, "share": 0.2, "sensitivity": 0.8, "specificity": 0.9} | change
        with pytest.raises(ValueError, match="must"):
            framing.labels_needed(given.pop("half_width"), **given)
