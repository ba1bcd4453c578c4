from __future__ import annotations

import copy
import json

import pytest

from framing.overview import FEWEST, Overview, _calendar


@pytest.fixture
def build(record):
    def build(*metas, **changed):
        overview = Overview("outlet")
        for meta in metas:
            overview.add(copy.deepcopy(record | changed) | {"meta": meta})
        return overview.view()

    return build


def test_a_view_is_plain_data(build):
    view = build({"outlet": "A", "date": "2026-01-05"}, {"date": "2026-02-05"})
    assert json.loads(json.dumps(view)) == view


def test_nothing_at_all(build):
    view = build()
    assert view["articles"] == view["groups"] == view["frames"] == []
    assert view["time"] is None
    assert view["shares"]["author_fact"] == 0


def test_groups_come_largest_first_and_those_without_the_field_are_one(build):
    view = build({"outlet": "A"}, {"outlet": "B"}, {"outlet": "B"}, {})
    assert [(group["name"], group["articles"]) for group in view["groups"]] == [("B", 2), ("A", 1), (None, 1)]


def test_without_the_field_there_are_no_groups(build):
    assert build({}, {})["groups"] == []


def test_shares_weigh_articles_by_their_words(record):
    overview = Overview("outlet")
    overview.add(record)
    summary = record["summary"] | {
        "words": 225, "share": {"author_fact": 1.0, "author_opinion": 0.0, "source_fact": 0.0, "source_opinion": 0.0}
    }  # fmt: skip
    overview.add(record | {"summary": summary})
    assert overview.view()["shares"]["author_fact"] == pytest.approx((0.35 * 75 + 225) / 300)


def test_own_opinion_has_an_interval_only_where_articles_are_enough(build):
    few = build(*[{"outlet": "A"}] * (FEWEST - 1))["groups"][0]["opinion"]
    enough = build(*[{"outlet": "A"}] * FEWEST)["groups"][0]["opinion"]
    assert few == [pytest.approx(0.3)]
    assert enough == [pytest.approx(0.3)] * 3  # all articles are the same one


def test_sources_are_summed_over_articles(build):
    view = build({"outlet": "A"}, {"outlet": "B"})
    (voss,) = [row for row in view["sources"] if row["name"] == "Ida Voss"]
    assert (voss["articles"], voss["groups"], voss["attributions"], voss["words"]) == (2, 2, 2, 24)
    assert voss["opinion"] == 1
    assert None not in [row["name"] for row in view["sources"]]


def test_loaded_words_are_the_outlets_own(build):
    view = build({}, {})
    assert [(row["word"], row["articles"], row["count"]) for row in view["loaded"]] == [
        ("clearly", 2, 2), ("the best", 2, 2)
    ]  # fmt: skip


def test_frames_are_means_of_all_and_of_each_group(record, build):
    view = build({"outlet": "A"}, {"outlet": "B"})
    policy = view["frames"][0]
    assert policy["groups"] == ["A", "B"]
    assert policy["rows"][0] == {"name": "economic", "score": pytest.approx(0.83), "groups": [pytest.approx(0.83)] * 2}


def test_frames_over_time_leave_gaps_for_months_without_articles(build):
    time = build({"date": "2025-11-30"}, {"date": "2026-01-02T10:00"}, {"date": "yesterday"})["time"]
    assert time["periods"] == ["2025-11", "2025-12", "2026-01"]
    assert time["counts"] == [1, 0, 1]
    series = time["inventories"][0]["series"][0]
    assert series == {"name": "economic", "values": [pytest.approx(0.83), None, pytest.approx(0.83)]}


@pytest.mark.parametrize("dates", [(), ("2026-01-01",), ("2026-01-01", "2026-01-30"), ("soon", 2026)])
def test_time_needs_two_months(build, dates):
    assert build(*[{"date": date} for date in dates])["time"] is None


def test_many_months_become_years_and_many_years_the_last_ones():
    assert _calendar("2020-01", "2026-05") == [str(year) for year in range(2020, 2027)]
    assert _calendar("0001-01", "2026-05")[0] == "1991"


def test_an_article_without_a_title_goes_by_its_first_words(stub):
    overview = Overview("outlet")
    overview.add(stub.analyze("A crane fell. " * 30).to_dict())
    title = overview.view()["articles"][0]["title"]
    assert title.startswith("A crane fell. A crane")
    assert len(title) <= 120


def test_rows_of_articles(build):
    row = build({"outlet": "A", "date": "2026-03-09"})["articles"][0]
    assert (row["group"], row["date"], row["words"], row["sources"], row["bias"]) == ("A", "2026-03-09", 75, 3, 0.18)
    assert row["frame"] == ["economic", 0.83]
    assert len(row["strip"]["bars"]) == 8
    assert len(row["ribbon"]) == 120
