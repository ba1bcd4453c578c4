import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import framing
from framing.metrics import token_alpha


@pytest.fixture
def table():
    """Labels of two outlets, 40 articles of ten units each; Tide is misread, and too often found."""
    rng = np.random.default_rng(0)
    n = 800
    outlet = np.repeat(["Echo", "Tide"], n // 2)
    truth = rng.random(n) < 0.3
    wrong = rng.random(n) < np.where(outlet == "Echo", 0.05, np.where(truth, 0.05, 0.4))
    score = np.where(truth ^ wrong, 0.8, 0.1)
    human = truth.astype(float)
    return pd.DataFrame({"article": np.arange(n) // 10, "outlet": outlet, "loaded": score, "human": human})


class TestValidate:
    def test_agreement_is_that_of_the_known_measures(self, table):
        row = framing.validate(table, "human", of="loaded").iloc[0]
        decided = (table["loaded"] >= 0.5).astype(int)
        truth = table["human"].astype(int)
        assert row["alpha"] == pytest.approx(token_alpha(truth, decided))
        assert row["macro_f1"] == pytest.approx(f1_score(truth, decided, average="macro"))
        assert row["right"] == pytest.approx((decided == truth).mean())
        assert row["sensitivity"] == pytest.approx(decided[truth == 1].mean())
        assert row["specificity"] == pytest.approx(1 - decided[truth == 0].mean())
        assert row["excess"] == pytest.approx(decided.mean() - truth.mean())
        assert row["alpha_low"] < row["alpha"] < row["alpha_high"]
        assert row["macro_f1_low"] < row["macro_f1"] < row["macro_f1_high"]

    def test_calibration_is_of_the_decision(self, table):
        sure = np.where(table["loaded"] >= 0.5, table["loaded"], 1 - table["loaded"])
        right = (table["loaded"] >= 0.5) == (table["human"] == 1)
        expected = sum(abs(right[sure == s].mean() - s) * (sure == s).mean() for s in np.unique(sure))
        assert framing.validate(table, "human", of="loaded")["calibration"].iloc[0] == pytest.approx(expected)

    def test_decisions_without_probabilities_are_not_calibrated(self, table):
        table["loaded"] = table["loaded"] > 0.5
        assert np.isnan(framing.validate(table, "human", of="loaded")["calibration"].iloc[0])

    def test_a_group_that_is_read_worse_is_warned_of(self, table):
        found = framing.validate(table, "human", of="loaded", by="outlet").set_index("group")
        assert found.loc["", "warning"] == ""
        assert "read worse than the rest" in found.loc["Tide", "warning"]
        assert "don't compare counts" in found.loc["Tide", "warning"]
        assert "read better than the rest" in found.loc["Echo", "warning"]

    def test_groups_that_are_read_alike_are_not_warned_of(self, table):
        table["half"] = np.where(table["article"] % 2, "odd", "even")
        assert framing.validate(table, "human", of="loaded", by="half")["warning"].tolist() == ["", "", ""]

    def test_a_small_group_without_an_error_is_not_said_to_be_read_better(self):
        # 32 labels in 8 articles, none of them wrong, beside 5% elsewhere: one in five such groups holds no error.
        wrong = np.r_[np.zeros(32), np.tile(np.r_[1, np.zeros(19)], 40)].astype(bool)
        human = np.arange(len(wrong)) % 3 == 0
        outlet = np.repeat(["Post", "Tide"], [32, 800])
        table = pd.DataFrame({"article": np.arange(len(wrong)) // 4, "outlet": outlet, "loaded": human ^ wrong})
        found = framing.validate(table.assign(human=human.astype(float)), "human", of="loaded", by="outlet")
        assert found["warning"].tolist() == ["", "", ""]

    def test_a_large_group_without_an_error_is(self):
        wrong = np.r_[np.zeros(800), np.tile(np.r_[1, np.zeros(9)], 80)].astype(bool)
        human = np.arange(len(wrong)) % 3 == 0
        outlet = np.repeat(["Post", "Tide"], 800)
        table = pd.DataFrame({"article": np.arange(len(wrong)) // 4, "outlet": outlet, "loaded": human ^ wrong})
        found = framing.validate(table.assign(human=human.astype(float)), "human", of="loaded", by="outlet")
        assert "read better than the rest: 0% wrong, 10% elsewhere" in found["warning"].iloc[1]

    def test_a_small_group_is_noted(self, table):
        table.loc[table["article"] == 3, "outlet"] = "Post"
        found = framing.validate(table, "human", of="loaded", by="outlet").set_index("group")
        assert found.loc["Post", "warning"].endswith("labels 10, in articles 1: too few to judge this group")

    def test_each_way_to_group_stands_for_itself(self, table):
        table["month"] = np.where(table["article"] % 2, "2026-01", "2026-02")
        found = framing.validate(table, "human", of="loaded", by=["outlet", "month"])
        assert found[["by", "group"]].values.tolist() == [
            ["", ""], ["outlet", "Echo"], ["outlet", "Tide"], ["month", "2026-01"], ["month", "2026-02"]
        ]  # fmt: skip

    def test_labels_in_one_serve_voice_and_kind(self, record):
        docs = [record | {"id": k} for k in range(4)]
        gold = framing.read_table(docs, "statement", ["label"]).rename(columns={"label": "gold"})
        flip = {"author_fact": "author_opinion", "author_opinion": "author_fact"}
        gold["gold"] = gold["gold"].astype(object).replace(flip)
        found = framing.validate(docs, gold, of=["label", "voice", "kind"]).set_index("reading")
        assert found.loc["voice", "right"] == 1.0
        authors = [s["voice"] == "author" for s in record["statements"]]
        assert found.loc["kind", "right"] == found.loc["label", "right"] == pytest.approx(1 - np.mean(authors))

    def test_what_is_no_unit_counts_as_wrong(self, record):
        gold = framing.read_table([record], "statement", ["label"]).rename(columns={"label": "gold"})
        gold["gold"] = gold["gold"].astype(object)
        gold.loc[0, "gold"] = "frame"
        row = framing.validate([record], gold, of="label").iloc[0]
        assert row["right"] == pytest.approx(1 - 1 / len(gold))
        assert row["macro_f1"] < 1

    def test_names_in_a_column_of_ones_own_are_compared(self, table):
        table["tone"] = np.where(table["loaded"] > 0.5, "sharp", "mild")
        table["ear"] = np.where(table["human"] == 1, "sharp", "mild")
        row = framing.validate(table, "ear", of="tone").iloc[0]
        assert row["right"] == framing.validate(table, "human", of="loaded")["right"].iloc[0]

    def test_shares_are_no_labels(self, table):
        table["human"] = 0.5
        with pytest.raises(ValueError, match="must be yes or no"):
            framing.validate(table, "human", of="loaded")

    def test_no_labels_are_refused(self, table):
        table["human"] = np.nan
        with pytest.raises(ValueError, match="gold has no labels"):
            framing.validate(table, "human", of="loaded")

    def test_a_name_needs_a_table(self, doc):
        with pytest.raises(TypeError, match="only name a column where docs is a table"):
            framing.validate([doc], "human", of="label")
