import numpy as np
import pandas as pd
import pytest

import framing
from framing.contrasts import _adjusted


def make(seed=0, shares=(0.2, 0.2, 0.4), articles=60, units=8):
    rng = np.random.default_rng(seed)
    names = np.repeat(["Echo", "Post", "Tide"][: len(shares)], articles * units)
    said = rng.random(len(names)) < np.repeat(shares, articles * units)
    return pd.DataFrame({"article": np.arange(len(names)) // units, "outlet": names, "said": said})


class TestCompare:
    def test_finds_the_difference_that_is_there(self):
        found = framing.compare(make(), by="outlet", of="said")
        assert found[["a", "b"]].values.tolist() == [["Echo", "Post"], ["Echo", "Tide"], ["Post", "Tide"]]
        assert (found["p_adjusted"] < 0.05).tolist() == [False, True, True]
        assert (found["low"] <= found["difference"]).all()
        assert (found["difference"] <= found["high"]).all()

    def test_values_are_the_groups_shares(self):
        table = make()
        row = framing.compare(table, by="outlet", of="said", reference="Tide").iloc[0]
        means = table.groupby("outlet")["said"].mean()
        assert (row["a"], row["b"]) == ("Echo", "Tide")
        assert row["difference"] == pytest.approx(means["Echo"] - means["Tide"])
        assert row["effect"] == pytest.approx(
            2 * np.arcsin(np.sqrt(means["Echo"])) - 2 * np.arcsin(np.sqrt(means["Tide"]))
        )
        assert (row["articles_a"], row["articles_b"]) == (60, 60)

    def test_copies_in_an_article_do_not_make_it_surer(self):
        table = make(shares=(0.2, 0.3))
        copies = pd.concat([table] * 3).sort_values("article", kind="stable")
        once, three = (framing.compare(t, by="outlet", of="said").iloc[0] for t in (table, copies))
        assert three["high"] - three["low"] == pytest.approx(once["high"] - once["low"])
        assert three["p"] == once["p"]

    def test_the_interval_covers_a_true_difference(self):
        held = 0
        for seed in range(100):
            row = framing.compare(
                make(seed, (0.15, 0.3), articles=25), by="outlet", of="said", resamples=300, random_state=seed
            ).iloc[0]
            held += row["low"] <= -0.15 <= row["high"]
        assert held >= 89

    def test_permutation_and_bootstrap_agree_roughly(self):
        table = make(seed=4, shares=(0.2, 0.25))
        p = [framing.compare(table, by="outlet", of="said", test=t)["p"].iloc[0] for t in ("bootstrap", "permutation")]
        assert p[0] == pytest.approx(p[1], abs=0.05)

    def test_permutations_rarely_find_what_is_not_there(self):
        p = [
            framing.compare(
                make(seed, (0.2, 0.2), articles=20), by="outlet", of="said", test="permutation", resamples=199
            )["p"].iloc[0]
            for seed in range(100)
        ]
        assert np.mean(np.array(p) <= 0.05) <= 0.11

    def test_groups_within_articles_are_compared_within_them(self):
        # Every article has its own share, and the voices of an article go together: the difference is sure.
        rng = np.random.default_rng(0)
        share = np.repeat(rng.choice([0.1, 0.8], 100), 20)
        voice = np.tile(["author", "source"], 1000)
        said = rng.random(2000) < share + 0.1 * (voice == "source")
        table = pd.DataFrame({"article": np.arange(2000) // 20, "voice": voice, "said": said})
        paired = framing.compare(table, by="voice", of="said").iloc[0]
        apart = table.assign(article=table["article"] * 2 + (table["voice"] == "source"))
        unpaired = framing.compare(apart, by="voice", of="said").iloc[0]
        assert paired["high"] - paired["low"] < 0.6 * (unpaired["high"] - unpaired["low"])
        with pytest.raises(ValueError, match="hold units of two groups"):
            framing.compare(table, by="voice", of="said", test="permutation")

    def test_scores_compare_means_of_any_numbers(self):
        table = make()
        table["words"] = 20.0 + 5 * (table["outlet"] == "Tide") + np.random.default_rng(0).normal(size=len(table))
        row = framing.compare(table, by="outlet", of="words", scores=True, reference="Tide").iloc[0]
        assert row["difference"] == pytest.approx(-5, abs=0.2)
        assert row["effect"] == pytest.approx(-5 / np.sqrt(1 / 8), rel=0.2)

    def test_gold_undoes_errors_that_differ(self):
        rng = np.random.default_rng(7)
        truth = make(1, (0.3, 0.3), articles=400)
        wrong = rng.random(len(truth)) < np.where(truth["outlet"] == "Echo", 0.02, 0.25)
        human = np.where(truth["article"] % 8 == 0, truth["said"], np.nan)
        table = truth.assign(said=truth["said"] ^ wrong, human=human)
        raw = framing.compare(table, by="outlet", of="said").iloc[0]
        corrected = framing.compare(table, by="outlet", of="said", gold="human").iloc[0]
        assert raw["high"] < 0
        assert corrected["low"] < 0 < corrected["high"]

    @pytest.mark.parametrize("few", [0, 1, 4, 12])
    def test_p_with_gold_agrees_with_the_interval(self, few):
        # Labels that are all alike in one group must not pass for a share that is known: 0 of 30 beside 15 of 300.
        said = np.r_[np.arange(30) < few, np.arange(300) < 15].astype(float)
        table = pd.DataFrame({"article": np.arange(330), "outlet": np.repeat(["Echo", "Tide"], [30, 300])})
        table = table.assign(said=said, human=said)
        for confidence in (0.8, 0.95, 0.99):
            row = framing.compare(table, by="outlet", of="said", gold="human", confidence=confidence).iloc[0]
            assert (row["low"] <= 0 <= row["high"]) == (row["p"] > 1 - confidence)
        if not few:
            assert row["p"] > 0.2

    def test_p_with_gold_is_one_where_nothing_differs(self):
        table = make(shares=(0.2, 0.2)).assign(human=lambda t: t["article"] % 2 * 1.0, said=lambda t: t["human"])
        assert framing.compare(table, by="outlet", of="said", gold="human")["p"].iloc[0] == pytest.approx(1, abs=1e-6)

    def test_stories_compare_like_with_like(self):
        # Tide covers more of the events that everybody tells with opinion, but tells each event as Echo does.
        rng = np.random.default_rng(2)
        rows = []
        for event in range(60):
            share = 0.8 if event < 20 else 0.1
            for outlet in ["Echo", *["Tide"] * (4 if event < 20 else 1)]:
                rows += [(len(rows) // 10, outlet, event, rng.random() < share) for _ in range(10)]
        table = pd.DataFrame(rows, columns=["article", "outlet", "event", "said"])
        table["article"] = np.arange(len(table)) // 10
        raw = framing.compare(table, by="outlet", of="said").iloc[0]
        matched = framing.compare(table, by="outlet", of="said", match="event").iloc[0]
        assert raw["high"] < 0
        assert matched["low"] < 0 < matched["high"]
        assert matched["stories"] == 60
        flipped = framing.compare(table, by="outlet", of="said", match="event", test="permutation").iloc[0]
        assert flipped["p"] > 0.05

    def test_stories_are_found_in_the_articles(self, record):
        days = ["2026-01-01", "2026-01-02", "2026-05-01", "2026-05-02"]
        docs = [record | {"id": k, "meta": {"outlet": "AB"[k % 2], "date": day}} for k, day in enumerate(days)]
        found = framing.compare((d for d in docs), by="outlet", of="opinion", match="story")
        assert found["stories"].iloc[0] == 2
        assert found["difference"].iloc[0] == 0
        assert found.attrs["stories"]["similarity"] == 0.2
        by_hand = framing.match_stories(docs).assign(story=[0, 1, 2, 3])
        assert framing.compare(docs, by="outlet", of="opinion", match=by_hand)["stories"].iloc[0] == 0

    @pytest.mark.parametrize(
        ("correction", "expected"),
        [("holm", [0.04, 0.06, 0.06, 0.4]), ("bh", [0.08 / 3] * 3 + [0.4]), ("none", [0.01, 0.02, 0.02, 0.4])],
    )
    def test_p_is_adjusted_for_the_number_of_rows(self, correction, expected):
        found = _adjusted(np.array([0.4, 0.02, np.nan, 0.01, 0.02]), correction)
        assert found[[3, 1, 4, 0]] == pytest.approx(expected)
        assert np.isnan(found[2])

    def test_one_group_is_no_comparison(self):
        with pytest.raises(ValueError, match="two groups or more"):
            framing.compare(make().assign(one="x"), by="one", of="said")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"test": "luck"}, "'bootstrap' or 'permutation'"),
            ({"correction": "bonferroni"}, "must be one of holm"),
            ({"reference": "Nobody"}, "There is no group 'Nobody'"),
            ({"resamples": 10}, "Fewer than 99"),
            ({"gold": "said", "match": "outlet"}, "leave out match"),
        ],
    )
    def test_says_what_does_not_go_together(self, change, message):
        with pytest.raises(ValueError, match=message):
            framing.compare(make(), **({"by": "outlet", "of": "said"} | change))

    def test_refuses_a_match_that_is_no_table(self, doc):
        with pytest.raises(TypeError, match="match must be 'story'"):
            framing.compare([doc, doc], by="outlet", of="opinion", match=3)
