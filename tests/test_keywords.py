import numpy as np
import pandas as pd
import pytest

import framing
from framing.keywords import WordCounts, split_words


def table(rows):
    return pd.DataFrame(rows, columns=["article", "desk", "voice", "text"])


@pytest.fixture
def desks():
    rows = []
    for k in range(20):
        rows.append((k, "port", "author", "the harbour crane lifts the load"))
        rows.append((k, "port", "source", "the crane is a disgrace"))
        rows.append((k + 100, "sport", "author", "the late goal wins the match"))
        rows.append((k + 100, "sport", "source", "the goal was luck"))
    return table(rows)


class TestKeyness:
    def test_words_of_one_group_come_first(self, desks):
        found = framing.keyness(desks, by="desk", top=2)
        assert found.groupby("group")["word"].apply(list).to_dict() == {
            "port": ["crane", "a"], "sport": ["goal", "late"]
        }  # fmt: skip
        assert (found["p_adjusted"] < 0.05).all()

    def test_words_of_both_groups_do_not_stand_out(self, desks):
        found = framing.keyness(desks, by="desk", top=None).set_index(["group", "word"])
        assert abs(found.loc[("port", "the"), "z"]) < 1

    def test_counts_and_rates_are_those_of_the_texts(self, desks):
        row = framing.keyness(desks, by="desk", top=None).set_index(["group", "word"]).loc[("port", "crane")]
        assert (row["count"], row["articles"]) == (40, 20)
        assert row["per_1000"] == pytest.approx(1000 * 40 / (20 * 11))
        assert row["others_per_1000"] == 0

    def test_log_odds_are_those_of_the_paper(self):
        # Equation 16 of Monroe et al.: two groups, counts 30 of 100 and 10 of 100, prior 100 words like the corpus.
        rows = [(k, "a", "author", "x " * 3 + "y " * 7) for k in range(10)]
        rows += [(k + 50, "b", "author", "x " * 1 + "y " * 9) for k in range(10)]
        found = framing.keyness(table(rows), by="desk", prior=100, top=None).set_index(["group", "word"])
        alpha = 100 * 40 / 200
        a, b = (30 + alpha) / (200 - 30 - alpha), (10 + alpha) / (200 - 10 - alpha)
        delta = np.log(a) - np.log(b)
        assert found.loc[("a", "x"), "log_odds"] == pytest.approx(delta)
        assert found.loc[("a", "x"), "z"] == pytest.approx(delta / np.sqrt(1 / (30 + alpha) + 1 / (10 + alpha)))

    def test_one_article_that_repeats_a_word_is_not_the_group(self, desks):
        noisy = pd.concat([desks, table([(0, "port", "author", "gantry " * 60), (1, "port", "author", "gantry"),
                                         (2, "port", "author", "gantry")])])  # fmt: skip
        found = framing.keyness(noisy, by="desk", top=None).set_index(["group", "word"])
        assert found.loc[("port", "gantry"), "z"] < 1.5
        assert found.loc[("port", "crane"), "z"] > 3

    def test_voices_are_kept_apart(self, desks):
        author = framing.keyness(desks, by="desk", voice="author", top=None)
        assert "disgrace" not in set(author["word"])
        each = framing.keyness(desks, by="desk", voice="each", top=1)
        assert each["voice"].unique().tolist() == ["author", "source"]

    def test_voices_may_be_the_groups(self, desks):
        found = framing.keyness(desks, by="voice", top=1).set_index("group")["word"]
        assert found["source"] in ("is", "was", "a", "crane", "disgrace", "luck")

    def test_reads_statements_of_records(self, record):
        docs = [record | {"id": k, "meta": {"outlet": "AB"[k % 2]}} for k in range(6)]
        found = framing.keyness(docs, by="outlet", top=None)
        assert "newsletter" not in set(found["word"])  # page furniture
        assert found.loc[found["word"] == "crane", "log_odds"].abs().max() == pytest.approx(0)

    def test_rare_words_are_left_out(self, desks):
        more = pd.concat([desks, table([(0, "port", "author", "unicorn")])])
        assert "unicorn" not in set(framing.keyness(more, by="desk", top=None)["word"])

    def test_flushing_does_not_show(self, desks, monkeypatch):
        whole = framing.keyness(desks, by="desk", top=None)
        monkeypatch.setattr("framing.keywords._FLUSH", 7)
        pd.testing.assert_frame_equal(framing.keyness(desks, by="desk", top=None), whole)

    def test_p_is_adjusted_for_all_words(self, desks):
        few, many = (framing.keyness(desks, by="desk", top=top) for top in (1, None))
        assert few["p_adjusted"].tolist() == many.groupby("group").head(1)["p_adjusted"].tolist()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"voice": "chorus"}, "must be 'author', 'source', 'each'"),
            ({"by": "voice", "voice": "author"}, "within a voice"),
            ({"prior": 0}, "above 0"),
            ({"by": "paper"}, "lacks the column 'paper'"),
        ],
    )
    def test_says_what_does_not_go_together(self, desks, change, message):
        with pytest.raises(ValueError, match=message):
            framing.keyness(desks, **({"by": "desk"} | change))

    def test_one_group_is_refused(self, desks):
        with pytest.raises(ValueError, match=r"two groups or more\. Got port"):
            framing.keyness(desks[desks["desk"] == "port"], by="desk")

    def test_no_words_are_refused(self):
        with pytest.raises(ValueError, match="no words"):
            framing.keyness([], by="outlet")


def test_words_keep_hyphens_and_apostrophes():
    assert split_words("Twenty-one don’t; ’tis 4pm naïve_x") == ["twenty-one", "don't", "tis", "pm", "naïve", "x"]


def test_an_article_counts_once_however_often_it_is_added():
    counts = WordCounts()
    counts.add(0, "a", "crane crane")
    counts.add(0, "a", "crane")
    counts.add(1, "b", "goal")
    assert counts.against_others("a", 1, None).set_index("word").loc["crane", ["count", "articles"]].tolist() == [3, 1]
