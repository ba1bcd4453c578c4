import numpy as np
import pandas as pd
import pytest

import framing


def make(seed=0, n=20000, labelled=0.1):
    """Tide says it more often, by 1 in log odds, and is misread more often."""
    rng = np.random.default_rng(seed)
    tide = rng.random(n) < 0.5
    length = rng.normal(size=n)
    odds = -1.2 + 1.0 * tide + 0.5 * length
    truth = rng.random(n) < 1 / (1 + np.exp(-odds))
    wrong = rng.random(n) < np.where(tide, 0.3, 0.05)
    table = pd.DataFrame(
        {"article": np.arange(n), "outlet": np.where(tide, "Tide", "Echo"), "length": length, "said": truth ^ wrong}
    )
    table["human"] = np.where(rng.random(n) < labelled, truth, np.nan)
    return table, truth


def terms(found, method):
    return found[found["method"] == method].set_index("term")


class TestRegress:
    def test_logistic_coefficients_are_right_although_the_classifier_errs(self):
        table, _ = make()
        found = framing.regress(
            table, "human", of="said", on=["outlet", "length"], model="logistic", method=["naive", "dsl"]
        )
        dsl, naive = terms(found, "dsl"), terms(found, "naive")
        for term, value in {"intercept": -1.2, "outlet Tide": 1.0, "length": 0.5}.items():
            assert dsl.loc[term, "low"] < value < dsl.loc[term, "high"]
        assert naive.loc["length", "high"] < 0.5
        assert naive.loc["intercept", "low"] > -1.2

    def test_is_surer_than_the_labels_alone(self):
        found = framing.regress(make()[0], "human", of="said", on="outlet", method=["gold", "dsl"])
        assert terms(found, "dsl").loc["intercept", "se"] < 0.9 * terms(found, "gold").loc["intercept", "se"]

    def test_linear_gold_is_the_difference_of_means(self):
        table, _ = make()
        found = terms(framing.regress(table, "human", of="said", on="outlet", method="gold"), "gold")
        means = table.groupby("outlet")["human"].mean()
        assert found.loc["intercept", "estimate"] == pytest.approx(means["Echo"])
        assert found.loc["outlet Tide", "estimate"] == pytest.approx(means["Tide"] - means["Echo"])

    def test_labels_on_everything_need_no_predictions(self):
        table, truth = make(n=2000)
        table["human"] = truth.astype(float)
        found = framing.regress(table, "human", of="said", on="length", method=["gold", "dsl"])
        gold, dsl = terms(found, "gold"), terms(found, "dsl")
        assert dsl["estimate"].to_numpy() == pytest.approx(gold["estimate"].to_numpy())

    def test_copies_in_an_article_do_not_make_it_surer(self):
        table, _ = make(n=2000)
        copies = pd.concat([table] * 3)
        once = terms(framing.regress(table, "human", of="said", on="outlet", method="gold"), "gold")
        three = terms(framing.regress(copies, "human", of="said", on="outlet", method="gold"), "gold")
        assert three["se"].to_numpy() == pytest.approx(once["se"].to_numpy())

    def test_sampling_weights_undo_an_uneven_draw(self):
        table, truth = make()
        chance = np.where(truth, 0.3, 0.1)
        chosen = np.random.default_rng(1).random(len(table)) < chance
        gold = pd.DataFrame({"article": np.flatnonzero(chosen), "human": truth[chosen], "w": 1 / chance[chosen]})
        given = {"of": "said", "on": "outlet", "level": "article", "column": "human"}
        weighted = terms(framing.regress(table.drop(columns="human"), gold, sampling="w", **given), "dsl")
        share = truth[table["outlet"] == "Echo"].mean()
        assert weighted.loc["intercept", "low"] < share < weighted.loc["intercept", "high"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"model": "probit"}, "'linear' or 'logistic'"),
            ({"method": "ppi"}, "must be one of naive, gold, dsl"),
            ({"on": ["outlet", "twin"]}, "can't be told apart"),
            ({"on": "gap"}, "must have a value for every unit"),
        ],
    )
    def test_says_what_does_not_go_together(self, change, message):
        table, _ = make(n=500)
        table["twin"] = table["outlet"]
        table["gap"] = np.nan
        with pytest.raises(ValueError, match=message):
            framing.regress(table, "human", **({"of": "said", "on": "outlet"} | change))

    def test_a_group_without_positives_has_no_log_odds(self):
        table, _ = make(n=2000)
        table["human"] = np.where(table["outlet"] == "Echo", 0.0, (np.arange(2000) % 2).astype(float))
        with pytest.raises(ValueError, match="has no finite answer"):
            framing.regress(table, "human", of="said", on="outlet", model="logistic", method="gold")
