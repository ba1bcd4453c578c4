from __future__ import annotations

import re

import pytest

from framing.markup import asset, element, fabric, loaded_mark, number, page, percent, skyline, write


def test_text_and_attributes_are_escaped():
    node = element("p", {"aria-label": '"><script>alert(1)</script>'}, "</p><img src=x onerror=alert(1)>", "&amp;")
    assert write(node) == (
        '<p aria-label="&quot;&gt;<script&gt;alert(1)</script&gt;">'  # a quoted attribute may hold <
        "&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;</p>"
    )


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\x00", "\x1b", "\ud800", "\x85"])
def test_what_a_page_would_obey_is_replaced(char):
    shown = write(element("p", {"title": char}, f"a{char}b", element("b"), f"c{char}d"))
    assert char not in shown
    assert shown.encode("utf-8")


def test_nothing_between_children_gets_lost():
    assert write(element("p", None, "a", None, element("b", None, "b"), "c", "d")) == "<p>a<b>b</b>cd</p>"


def test_a_page_allows_no_script_but_its_own():
    bare, live = page("t", None), page("t", "1 < 2")
    assert "<script" not in bare
    assert "script-src" not in bare
    assert "<script>1 < 2</script>" in live
    assert "script-src 'sha256-" in live
    assert "default-src 'none'" in bare


def test_the_title_of_a_page_is_escaped():
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in page("</title><script>", None)


def outer_parts(selectors):
    """Split a list of selectors at the commas outside brackets."""
    depth, part = 0, ""
    for char in selectors:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            yield part
            part = ""
        else:
            part += char
    yield part


@pytest.mark.parametrize("name", ["article.css", "report.css", "page.css"])
def test_every_style_rule_stands_below_the_class(name):
    css = re.sub(r"@page\s*\{[^}]*\}|@keyframes fr-[\w-]+\s*\{([^{}]*\{[^}]*\})*\s*\}", "", asset(name))
    for selectors in re.findall(r"([^{}]+)\{", css):
        if not selectors.strip().startswith("@"):
            for selector in outer_parts(selectors):
                assert ".framing" in selector, selector
                if not selector.strip().startswith(".framing"):
                    assert selector.strip().startswith(":is("), selector  # a theme of the page around
                    assert selector.strip().endswith(" .framing"), selector


@pytest.mark.parametrize("name", ["article.css", "report.css", "page.css", "sort.js"])
def test_nothing_is_loaded_from_elsewhere(name):
    text = asset(name)
    assert "url(" not in text
    assert "@import" not in text
    assert "//" not in text
    assert "</" not in text


def test_comments_stay_out_of_pages():
    assert "/*" not in asset("article.css") + asset("sort.js")


@pytest.mark.parametrize(("share", "shown"), [(0, "0%"), (0.004, "<1%"), (0.006, "1%"), (1, "100%")])
def test_percent(share, shown):
    assert percent(share) == shown


def test_number():
    assert (number(0.831), number(1.0), number(0)) == (".83", "1.00", ".00")


def test_a_number_just_below_the_threshold_does_not_look_as_if_it_reached_it():
    assert (number(0.4949), number(0.4951), number(0.5), number(0.504)) == (".49", "<.50", ".50", ".50")


def test_a_loaded_word_carries_its_score():
    assert write(loaded_mark(0.5, "gift")) == '<mark class="fr-l" style="--v:0.5">gift</mark>'


BARS = {
    "bars": [[0, 0.5, "author", 0.1, 0], [0.5, 1, "source", 0.9, 1]],
    "loaded": [[0.75, "source", 0.9]],
}


def test_a_strip_draws_the_outlet_above_and_sources_below():
    shown = write(skyline(BARS, "told"))
    assert re.findall(r'class="(fr-[as][fo] fr-s\d)" x="([\d.]+)" y="([\d.]+)"', shown) == [
        ("fr-af fr-s0", "0.0", "45.7"),
        ("fr-so fr-s1", "500.0", "50.0"),
    ]
    assert 'aria-label="told"' in shown


def test_a_small_strip_has_a_path_for_each_label():
    shown = write(skyline(BARS, "told", small=True))
    assert re.findall(r'class="(fr-\w\w)" d="([^"]+)"', shown) == [
        ("fr-af", "M0 46h498v4h-498z"),
        ("fr-so", "M500 50h498v39h-498z"),
    ]


def test_a_fabric_has_a_row_for_each_article_and_a_path_for_each_label():
    shown = write(fabric(["0013", "3333"], "told"))
    assert re.findall(r'class="(fr-\w\w)" d="([^"]+)"', shown) == [
        ("fr-af", "M0 1h2v8h-2z"),
        ("fr-ao", "M2 1h1v8h-1z"),
        ("fr-so", "M3 3h1v5h-1zM0 13h4v5h-4z"),
    ]
    assert 'viewBox="0 0 4 20"' in shown
