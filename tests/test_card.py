from __future__ import annotations

import re

import pytest

from framing.card import article_html, link_rules
from framing.view import article_view


@pytest.fixture
def shown(record, parse):
    return parse(article_html(record))


def test_a_hostile_record_adds_no_element_and_no_attribute(parse, make_hostile, payload):
    harmless, found = (parse(article_html(make_hostile(words))) for words in ("x" * len(payload), payload))
    assert set(found.tags) == set(harmless.tags)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert {name for name, _ in found.attributes} == {name for name, _ in harmless.attributes}
    assert payload in found.text  # as text it is there


def test_no_identifiers_links_or_handlers(shown):
    names = {name for name, _ in shown.attributes}
    assert not names & {"id", "href", "src", "name"}
    assert not [name for name in names if name.startswith("on")]


def test_a_notebook_output_needs_no_script(shown):
    assert "script" not in shown.tags
    assert shown.tags[:2] == ["div", "style"]


def test_every_statement_is_marked_by_voice_and_kind(record, shown):
    marks = [name for name in shown.classes if re.fullmatch(r"fr-s\d+", name)]
    assert set(marks) == {f"fr-s{i}" for i in range(len(record["statements"]))}
    assert {"fr-af", "fr-ao", "fr-sf", "fr-so"} <= set(shown.classes)


def test_labels_are_said_in_words_for_those_who_hear_or_see_no_colours(shown):
    assert "[attributed opinion] “The old one" in shown.text
    assert "[author opinion] but the plan" in shown.text
    assert "[attributed fact] the builder" in shown.text
    assert "[reported fact]" not in shown.text  # the plain case goes unsaid


def test_source_cue_and_content_of_an_attribution_carry_its_class(record):
    html = article_html(record)
    for part in ("source", "cue"):
        assert re.search(rf'class="fr-part-{part} fr-a0 fr-q0"', html)
    assert len(re.findall(r'class="fr-st fr-so fr-s[23] fr-a0 fr-q0"', html)) == 2


def test_each_attribution_can_be_reached_with_the_keyboard(record):
    html = article_html(record)
    notes = re.findall(r'<sup class="fr-n fr-a(\d) fr-q\d" tabindex="0">', html)
    assert notes == ["0", "1", "2", "3"]
    assert "source </span>1<span" in html
    assert ": Ida Voss (official, named); “said”, direct quotation, 93% sure." in html


def test_rules_link_by_hovering_and_by_focus(record):
    rules = link_rules([article_view(record)])
    assert ".framing .fr-card:has(.fr-a3:is(:hover,:focus)) .fr-a3" in rules
    assert ".framing .fr-card:has(.fr-s7:hover) .fr-s7" in rules
    assert link_rules([]) == ""


def test_rules_are_bounded(record):
    record["attributions"] *= 1000
    assert len(link_rules([article_view(record)])) < 250_000


def test_the_table_of_sources_shows_shares_of_voice(shown):
    text = re.sub(r"\s+", " ", shown.text)
    assert "The outlet itself50%1Ida Voss official, 100% opinion21%" in text
    assert "(source left out) unspecified" in text


def test_every_statement_is_listed_with_its_probability(shown):
    assert "Every statement, 8 in all" in shown.text
    assert "85%emphatic.30but the plan is clearly the best on the table." in re.sub(r"\s+", " ", shown.text)


def test_an_empty_text_can_be_shown(stub, parse):
    text = parse(article_html(stub.analyze("").to_dict())).text
    assert "(untitled)" in text
    assert "Nothing here reads as a statement." in text


def test_an_analysis_shows_itself(doc, record):
    assert doc._repr_html_() == article_html(record)


def test_many_sources_are_summed_up(record, parse):
    entry = record["attributions"][0]
    record["attributions"] = [entry | {"speaker": f"Person {i}"} for i in range(45)]
    assert "and 5 more" in parse(article_html(record)).text


def test_the_same_record_gives_the_same_bytes(record):
    assert article_html(record) == article_html(record)


def test_of_a_very_long_text_only_the_first_passages_light_up(record):
    record["statements"] *= 500
    rules = link_rules([article_view(record)])
    assert ".fr-s31:hover" in rules
    assert ".fr-s32:hover" not in rules
    assert "Point at one of the first 32 passages" in article_html(record)
