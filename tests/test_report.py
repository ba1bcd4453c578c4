from __future__ import annotations

import copy
import os

import pytest

from framing.analysis import Analysis
from framing.report import Report


@pytest.fixture
def docs(record):
    metas = [{"outlet": "A", "date": "2026-01-05", "title": "One"}, {"outlet": "B", "date": "2026-03-05"}]
    return [Analysis(copy.deepcopy(record) | {"meta": meta}) for meta in metas]


def test_one_article_is_a_page_of_its_own(doc, parse):
    shown = parse(Report([doc]).html())
    assert "Harbour board backs €40m crane" in shown.text
    assert "script" not in shown.tags
    assert shown.tags[:2] == ["html", "head"]
    assert shown.tags.count("article") == 1


def test_a_corpus_has_groups_frames_time_sources_and_articles(docs, parse):
    shown = parse(Report(docs).html())
    for words in ("Compared by outlet", "Frames, policy", "Frames over time", "Who speaks", "Every article"):
        assert words in shown.text
    assert shown.tags.count("article") == 2  # both texts
    assert shown.tags.count("script") == 1


def test_texts_are_included_up_to_a_number(docs, parse):
    assert parse(Report(docs, texts=1).html()).tags.count("article") == 0
    assert parse(Report(docs, texts=2).html()).tags.count("article") == 2
    assert parse(Report(docs, texts=0).html()).tags.count("article") == 0


def test_one_article_is_shown_whatever_the_number(doc, parse):
    assert parse(Report([doc], texts=0).html()).tags.count("article") == 1


def test_intervals_are_shares_not_places_on_their_line(record):
    docs = []
    for opinion in (0.1, 0.1, 0.2, 0.2, 0.3):
        one = copy.deepcopy(record) | {"meta": {"outlet": "A"}}
        one["summary"]["share"] = {
            "author_fact": 1 - opinion, "author_opinion": opinion, "source_fact": 0.0, "source_opinion": 0.0
        }  # fmt: skip
        docs.append(Analysis(one))
    report = Report(docs)
    value, low, high = report.view["groups"][0]["opinion"]
    assert 0.1 < low < value < high < 0.3
    assert f">{low * 100:.0f}–{high * 100:.0f}<" in report.html()


def test_the_article_with_the_most_opinion_of_its_own_is_on_top(record):
    docs = []
    for outlet in ("source", "author"):
        one = copy.deepcopy(record)
        one["summary"]["share"] |= {"author_opinion": 0.9 if outlet == "author" else 0.0}
        for statement in one["statements"]:
            statement |= {"voice": outlet, "kind": "opinion"}
        docs.append(Analysis(one))
    page = Report(docs).html()
    assert '<path class="fr-ao" d="M0 1h120v8h-120z">' in page
    assert '<path class="fr-so" d="M0 13h120v5h-120z">' in page


def test_of_many_articles_the_fabric_shows_sixty_from_one_end_to_the_other(doc):
    page = Report([doc] * 61, texts=0).html()
    assert 'viewBox="0 0 120 600"' in page
    assert "Shown are 60 of 61 articles" in page


def test_one_article_alone_makes_no_fabric(doc):
    assert "fr-fabric" not in Report([doc], texts=0)._repr_html_().split("</style>")[1]


def test_no_articles_make_a_page_too(parse):
    assert "0 articles" in parse(Report([]).html()).text
    assert "0 articles" in parse(Report([])._repr_html_()).text


def test_the_title_can_be_given(docs):
    shown = Report(docs, title="Cranes & <co>").html()
    assert "<title>Cranes &amp; &lt;co&gt;</title>" in shown


def test_a_notebook_shows_a_summary_that_can_be_sorted(docs, parse):
    html = Report(docs)._repr_html_()
    shown = parse(html)
    assert html.startswith('<div class="framing"><style>')
    assert shown.tags.count("table") == 2  # groups and articles
    assert [name for name, _ in shown.attributes].count("data-sortable") == 2
    assert "id" not in dict(shown.attributes)


def test_numbers_sort_by_their_value(docs):
    assert '<td class="fr-num" data-v="75.0000">75</td>' in Report(docs).html()


def test_hostile_articles_add_no_element(parse, make_hostile, payload):
    harmless, found = (
        parse(Report([Analysis(make_hostile(words))] * 2).html())
        for words in ("x" * len(payload), payload)
    )
    assert found.tags == harmless.tags
    assert {name for name, _ in found.attributes} == {name for name, _ in harmless.attributes}


def test_docs_are_read_once(docs):
    assert len(Report(doc for doc in docs)) == 2


def test_groups_by_another_field(docs):
    assert [group["name"] for group in Report(docs, by="date").view["groups"]] == ["2026-01-05", "2026-03-05"]


def test_wrong_arguments(doc):
    with pytest.raises(TypeError, match="put it in a list"):
        Report(doc)
    with pytest.raises(TypeError, match="Got str instead"):
        Report(["text"])
    with pytest.raises(ValueError, match="must be 0 or more"):
        Report([doc], texts=-1)


def test_save_writes_the_page_and_leaves_nothing_else(tmp_path, doc):
    report = Report([doc])
    report.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == report.html()
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert os.access(tmp_path / "page.html", os.R_OK)


def test_save_into_a_missing_folder_is_an_os_error(tmp_path, doc):
    with pytest.raises(FileNotFoundError):
        Report([doc]).save(tmp_path / "missing" / "page.html")


def test_a_thousand_articles_make_a_light_page(docs):
    assert len(Report(docs * 500).html()) < 1_500_000


def test_repr(docs):
    assert repr(Report(docs)) == "<Report: 2 articles, 2 groups>"
