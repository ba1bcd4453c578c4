import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import framing
from framing.datasets import load_basil

CRANE = "Ida Voss of the Port Ellery board bought a crane from Harrow Works. Tilda Okoro of Port Ellery paid."
LATE = "The crane that Ida Voss ordered from Harrow Works for Port Ellery is late, Tilda Okoro said."
MATCH = "Saltby Rovers beat Cray Athletic in Northfold. Dario Nwosu of Saltby Rovers scored twice."


def docs(*rows):
    return list(framing.analyze_many([{"text": text, "date": day} for text, day in rows]))


class TestMatchStories:
    def test_shared_names_make_a_story(self):
        found = framing.match_stories(docs((CRANE, "2026-03-01"), (MATCH, "2026-03-01"), (LATE, "2026-03-02")))
        assert found["story"].tolist() == [0, 1, 0]
        assert found["size"].tolist() == [2, 1, 2]
        assert "ellery" in found["names"].iloc[0]
        assert found["similarity"].iloc[2] > 0.2
        assert np.isnan(found["similarity"].iloc[0])

    def test_time_keeps_stories_apart(self):
        rows = docs((CRANE, "2026-03-01"), (LATE, "2026-03-09"))
        assert framing.match_stories(rows)["story"].tolist() == [0, 1]
        assert framing.match_stories(rows, days=8)["story"].tolist() == [0, 0]

    def test_the_order_given_does_not_matter(self):
        rows = [(LATE, "2026-03-02"), (MATCH, "2026-03-01"), (CRANE, "2026-03-01")]
        there, back = framing.match_stories(docs(*rows)), framing.match_stories(docs(*rows[::-1]))
        assert (there["story"][0] == there["story"][2]) == (back["story"][2] == back["story"][0])
        assert there["story"].nunique() == back["story"].nunique() == 2

    def test_articles_without_a_date_may_join_any_story(self):
        found = framing.match_stories(docs((CRANE, "2026-03-01"), (LATE, "soon")))
        assert found["story"].tolist() == [0, 0]

    def test_the_threshold_is_the_users(self):
        rows = docs((CRANE, "2026-03-01"), (LATE, "2026-03-02"))
        assert framing.match_stories(rows, similarity=0.99)["story"].nunique() == 2
        assert framing.match_stories(rows, similarity=0.99).attrs["similarity"] == 0.99

    def test_blocks_do_not_show(self, monkeypatch):
        rows = docs(*[(text, f"2026-03-{day:02}") for day in range(1, 9) for text in (CRANE, MATCH, LATE)])
        whole = framing.match_stories(rows)["story"].tolist()
        monkeypatch.setattr("framing.stories._BLOCK", 5)
        assert framing.match_stories(rows)["story"].tolist() == whole

    def test_articles_without_names_are_alone(self):
        assert framing.match_stories(docs(("it rained.", None), ("it rained.", None)))["story"].tolist() == [0, 1]

    def test_nothing_gives_an_empty_table(self):
        assert len(framing.match_stories([])) == 0

    def test_the_closest_story_is_told_to_those_that_did_not_join(self):
        rows = docs((CRANE, "2026-03-01"), (LATE, "2026-03-02"), (MATCH, "2026-03-02"))
        joined, apart = framing.match_stories(rows), framing.match_stories(rows, similarity=0.99)
        assert apart["closest"][1] == joined["similarity"][1]
        assert np.isnan(apart["similarity"][1])
        assert np.isnan(apart["closest"][2])

    def test_tables_of_statements_of_sentences_and_of_articles_will_do(self):
        rows = docs((CRANE, "2026-03-01"), (MATCH, "2026-03-01"), (LATE, "2026-03-02"))
        for level in ("statement", "sentence"):
            table = framing.read_table(rows, level, ["text", "role", "date"])
            assert framing.match_stories(table)["story"].tolist() == [0, 1, 0]
        table = pd.DataFrame({"article": ["x", "y", "z"], "text": [CRANE, MATCH, LATE], "date": "2026-03-01"})
        found = framing.match_stories(table)
        assert found["story"].tolist() == [0, 1, 0]
        assert found["article"].tolist() == ["x", "y", "z"]

    def test_says_where_it_comes_from(self):
        attrs = framing.match_stories(docs((CRANE, "2026-03-01")), days=5).attrs
        assert (attrs["n"], attrs["level"], attrs["days"]) == (1, "article", 5)

    @pytest.mark.parametrize("change", [{"similarity": 2}, {"days": -1}])
    def test_refuses_what_is_out_of_range(self, change):
        with pytest.raises(ValueError, match="must be"):
            framing.match_stories([], **change)


@pytest.mark.skipif(
    not os.environ.get("FRAMING_CORPORA"), reason="set FRAMING_CORPORA to the folder that holds the corpora to run this"
)
def test_events_of_basil_are_found():
    basil = load_basil(Path(os.environ["FRAMING_CORPORA"]) / "basil")
    rows = [
        {"text": text, "title": title, "date": day}
        for text, title, day in zip(basil.texts, basil.titles, basil.dates, strict=True)
    ]
    story = framing.match_stories(framing.analyze_many(rows))["story"].to_numpy()
    pairs = np.triu_indices(len(story), 1)
    found = (story[:, None] == story[None, :])[pairs]
    true = (basil.groups[:, None] == basil.groups[None, :])[pairs]
    assert (found & true).sum() / found.sum() > 0.9
    assert (found & true).sum() / true.sum() > 0.75
