import random
import sys

import pytest

from framing.exceptions import FramingError, MissingExtraError
from framing.web import Page, read_html

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>Ferry Strikes Pier in Port Elm | The Elm Courier</title>
<meta property="og:title" content="Ferry Strikes Pier in Port Elm">
<meta property="og:site_name" content="The Elm Courier">
<meta property="article:published_time" content="2025-03-04T10:00:00Z">
<meta name="author" content="Ada Reyes"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article>
<p>A ferry with 140 people on board struck a pier in Port Elm early on Tuesday, the harbour office said.</p>
<p>“It was like a thunderclap that would not end,” said Tom Vane, who sells coffee on the pier.</p>
<p>The cause was not clear at first. The operator said it was helping with the inquiry.</p>
</article>
<footer>© 2025 The Elm Courier. All rights reserved.</footer></body></html>"""


@pytest.mark.parametrize("page", [PAGE, PAGE.encode()], ids=["str", "bytes"])
def test_reads_text_and_metadata(page):
    found = read_html(page)
    assert found.text.startswith("A ferry with 140 people")
    assert "“It was like a thunderclap" in found.text
    assert "All rights reserved" not in found.text
    assert (found.title, found.outlet) == ("Ferry Strikes Pier in Port Elm", "The Elm Courier")
    assert (found.date, found.author, found.url) == ("2025-03-04", "Ada Reyes", None)


def test_url_is_kept_and_not_visited(monkeypatch):
    def refuse(*_):
        raise AssertionError("read_html opened a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert read_html(PAGE, url="https://courier.example/ferry").url == "https://courier.example/ferry"


def test_bytes_are_decoded_as_declared():
    page = PAGE.replace("utf-8", "windows-1252").replace("Tom Vane", "Tomás Väne").encode("windows-1252")
    assert "“It was like a thunderclap that would not end,” said Tomás Väne" in read_html(page).text


def test_article_has_title_first_and_only_known_fields():
    page = Page("The pier was closed.", "Pier Shut", None, "The Elm Courier", None, None)
    assert page.to_article() == {
        "text": "Pier Shut\n\nThe pier was closed.",
        "title": "Pier Shut",
        "outlet": "The Elm Courier",
    }


def test_article_does_not_repeat_the_title():
    page = Page("Pier Shut\nThe pier was closed.", "Pier Shut", "2025-03-04", None, "Ada Reyes", None)
    assert page.to_article()["text"] == page.text
    assert page.to_article()["author"] == "Ada Reyes"


@pytest.mark.parametrize("html", ["", "no markup at all", "https://courier.example/ferry", b"plain"])
def test_text_without_markup_is_refused(html):
    with pytest.raises(ValueError, match="no HTML"):
        read_html(html)


@pytest.mark.parametrize("html", ["<html></html>", b"<html><body></body></html>", "<p></p>", "<" * 1000])
def test_page_without_article_is_refused(html):
    with pytest.raises(ValueError, match="no article text") as caught:
        read_html(html)
    assert isinstance(caught.value, FramingError)


@pytest.mark.parametrize("html", [None, 3, ["<p>one</p>"], bytearray(b"<p>")])
def test_wrong_type_is_refused(html):
    with pytest.raises(TypeError, match=f"Got {type(html).__name__} instead"):
        read_html(html)


def test_wrong_url_type_is_refused():
    with pytest.raises(TypeError, match="'url'"):
        read_html(PAGE, url=b"https://courier.example")


def test_missing_extra_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtraError, match=r'pip install "newsframing\[web\]"') as caught:
        read_html(PAGE)
    assert isinstance(caught.value, ImportError)


def test_broken_markup_gives_a_page_or_a_value_error():
    pieces = ["<p>", "</p>", "<", ">", "<!--", "-->", "<script>", "\x00", "&amp;", "&#xD800;", "word ", "“"]
    pieces += ["<html>", "</body>", "</div>", "<meta charset=foo>", "😀", "<svg>", "<table><tr><td>"]
    rng = random.Random(5)
    pages = 0
    for _ in range(150):
        html = "".join(rng.choices(pieces, k=rng.randint(1, 50))) + "<"
        try:
            pages += isinstance(read_html(html), Page)
        except ValueError as error:
            assert "article" in str(error)  # noqa: PT017 - either outcome is right
    assert pages > 10
