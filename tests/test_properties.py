"""What holds for every text there is, checked on texts that a machine makes up.

The same texts come in every run. `FRAMING_EXAMPLES` multiplies their number and draws new ones each time, for a
longer search: ``FRAMING_EXAMPLES=50 pytest tests/test_properties.py``.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import framing
from framing import web
from framing.article import split_blocks
from framing.display import render_text, shorten, visible
from framing.document import read_document
from framing.markup import element, write
from framing.record import check_record, load_schema
from framing.sentences import split_sentences
from framing.stretches import change_costs, viterbi
from framing.tagger import bundled_tagger
from framing.text import quotation_spans, quotation_states, tokenize
from framing.tokens import has_letters

TIMES = int(os.environ.get("FRAMING_EXAMPLES", "0"))


def examples(count):
    """So many examples, or so many times as many."""
    return settings(
        max_examples=count * max(TIMES, 1),
        derandomize=not TIMES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),  # they measure time, which a loaded machine has less of
    )


# Pieces that news is made of, and what breaks readers of it: marks that never close, marks within words, scripts
# from right to left, characters without width, crumbs of markup, halves of surrogate pairs, words without end.
PIECES = [
    "The council voted on Monday", "said Mara Lindqvist", "said", "according to two officials", "critics fear",
    "the minister told reporters that", "analysts believe", "“It leaks,”", "“", "”", '"', "'", "‘", "’", "``",
    "''", "«", "»", "„", "the U.S.", "Dr. Okoro", "e.g.", "Jr.", "St. Alder", "3.5%", "$4m", "may well",
    "clearly", "disgraceful", "She called the plan a scandal", "rightly called", "denied that", "it was sold",
    "no one", "I", "WASHINGTON (AP) —", "By Tilda Okoro", "Share this story", "Leave a Reply", "Photo: A. Voss",
    "© 2021", "- ", "* ", "Read more:", "https://example.org/a?b=c&d=“e”", "@mara", "#dam", "<b>", "</p>",
    "<br/>", "&amp;", "&#x202e;", "<!--", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u0301",
    "é", "e\u0301", "ß", "İ", "ﬁ", "ǆ", "中文", "اللغة", "हिन्दी", "👩‍👩‍👧", "𝔉𝔯𝔞𝔪𝔢", "½", "²", "\ud83d", "\udc00",
    "\x00", "\x1b[31m", "\x85", "\u2028", "\t", "\r", "\r\n", "\xa0", ".", "?", "!", "…", "...", ",", ";", ":",
    "—", "--", "(", ")", "[", "]", "{", "}", "_", "~~~", "a" * 300, "9" * 60,
]  # fmt: skip
JOINTS = ["", " ", " ", " ", ". ", ", ", "\n", "\n\n", "\n\n"]

# Any code point, halves of surrogate pairs among them.
raw_texts = st.text(st.characters(), max_size=120)
news_texts = st.lists(
    st.tuples(st.one_of(st.sampled_from(PIECES), st.text(st.characters(), max_size=4)), st.sampled_from(JOINTS)),
    max_size=60,
).map(lambda parts: "".join(piece + joint for piece, joint in parts))
texts = st.one_of(news_texts, raw_texts)


@st.composite
def ranges_of(draw):
    """A text and a stretch of it."""
    text = draw(texts)
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return text, start, end


def covered(text, spans):
    """Which characters lie in spans, which are in order, not empty, and do not overlap."""
    inside = np.zeros(len(text), dtype=bool)
    before = 0
    for start, end in spans:
        assert before <= start < end <= len(text)
        inside[start:end] = True
        before = end
    return inside


def dark(text):
    """Which characters are not white space."""
    return ~np.fromiter(map(str.isspace, text), dtype=bool, count=len(text))


# From the text up to the document


@examples(150)
@given(ranges_of())
def test_every_character_that_is_not_white_space_is_in_one_token(drawn):
    text, start, end = drawn
    inside = covered(text, tokenize(text, start, end).tolist())
    assert (inside[start:end] == dark(text)[start:end]).all()
    assert not inside[:start].any()
    assert not inside[end:].any()


@examples(150)
@given(ranges_of())
def test_every_character_that_is_not_white_space_is_in_one_sentence(drawn):
    text, start, end = drawn
    spans = split_sentences(text, start, end)
    inside = covered(text, spans)
    assert (inside >= dark(text))[start:end].all()
    assert not inside[:start].any()
    assert not inside[end:].any()
    assert all(text[s:e] == text[s:e].strip() for s, e in spans)


@examples(150)
@given(texts, st.none() | texts)
def test_every_character_that_is_not_white_space_is_in_one_block(text, title):
    blocks = split_blocks(text, title)
    inside = covered(text, [(block.start, block.end) for block in blocks])
    assert (inside >= dark(text)).all()
    assert {block.role for block in blocks} <= {"title", "body", "boilerplate"}
    assert not blocks or any(block.role != "boilerplate" for block in blocks)


@examples(150)
@given(texts)
def test_quotations_lie_in_order_within_their_paragraphs(text):
    paragraphs = [(block.start, block.end) for block in split_blocks(text)]
    found = quotation_spans(text, paragraphs)
    covered(text, [(q.start, q.end) for q in found])
    assert all(any(s <= q.start < q.end <= e for s, e in paragraphs) for q in found)


@examples(100)
@given(texts)
def test_tokens_know_whether_they_are_quoted(text):
    tokens, found = tokenize(text), quotation_spans(text, [(0, len(text))])
    inside = covered(text, [(q.start, q.end) for q in found])
    states = quotation_states(tokens, found)
    assert len(states) == len(tokens)
    assert (states > 0).tolist() == [bool(inside[start]) for start, _ in tokens.tolist()]


@examples(100)
@given(texts, st.none() | texts)
def test_tokens_of_sentences_are_those_of_the_document(text, title):
    document = read_document(text, title)
    assert all(text[s:e] == word for (s, e), word in zip(document.encoded.spans.tolist(), document.encoded.words,
                                                         strict=True) if s < e)  # fmt: skip
    read = [s for s in document.sentences if s.role != "boilerplate"]
    inside = np.zeros(len(document.encoded.words), dtype=int)
    for sentence in read:
        inside[sentence.first : sentence.stop] += 1
    starts, ends = document.encoded.spans.T
    assert (inside == (starts < ends)).all()  # every token once; the marks between paragraphs in none


# The record


def spans_of(record):
    """All ranges of a record."""
    for entry in (*record["sentences"], *record["statements"], *record["bias"]["loaded"]):
        yield entry["start"], entry["end"]
    for entry in record["statements"]:
        yield from entry["hedges"]
        yield from (place[:2] for place in entry["loaded"])
    for entry in record["attributions"]:
        for part in ("source", "cue", "content"):
            yield from entry[part]


def check_places(record):
    """Ranges lie in the text, none empty; sentences and statements are in order, one behind the other."""
    text = record["text"]
    assert all(0 <= start < end <= len(text) for start, end in spans_of(record))
    assert all(text[s:e].strip() == text[s:e] for s, e in spans_of(record))
    for rows in (record["sentences"], record["statements"]):
        assert all(a["end"] <= b["start"] for a, b in pairwise(rows))
    inside = covered(text, [(row["start"], row["end"]) for row in record["sentences"]])
    assert (inside >= dark(text)).all()


def check_statements(record):
    """Statements stand in sentences that are read, and their numbers fit their labels."""
    for row in record["statements"]:
        sentence = record["sentences"][row["sentence"]]
        assert sentence["role"] != "boilerplate"
        assert sentence["start"] <= row["start"] < row["end"] <= sentence["end"]
        assert sum(row["probability"].values()) == pytest.approx(1, abs=1e-9)
        assert max(row["probability"].values()) == row["probability"][f"{row['voice']}_{row['kind']}"]
        assert row["attribution"] is None or row["voice"] == "source"
        assert bool(row["hedges"]) == (row["certainty"] == "hedged")
        within = [*row["hedges"], *(place[:2] for place in row["loaded"])]
        assert all(row["start"] <= start < end <= row["end"] for start, end in within)


def check_voices(record):
    """What stands in the content of attributions is a source's."""
    said = np.zeros(len(record["text"]), dtype=bool)
    for entry in record["attributions"]:
        for start, end in entry["content"]:
            said[start:end] = True
    for row in record["statements"]:
        if (said | ~dark(record["text"]))[row["start"] : row["end"]].all():
            assert row["voice"] == "source"


def check_attributions(record):
    """Attributions have contents, and sources of a kind."""
    for number, entry in enumerate(record["attributions"]):
        assert entry["content"]
        assert (entry["source_type"] == "unspecified") == (not entry["source"])
        assert entry["speaker"] is None or entry["speaker"] in record["text"]
        assert entry["within"] is None or entry["within"] != number
        for part in ("source", "content"):
            assert all(a[1] <= b[0] for a, b in pairwise(entry[part]))


def check_sums(record):
    """Shares of an article are shares."""
    share = record["summary"]["share"]
    assert sum(share.values()) == pytest.approx(1 if record["statements"] else 0, abs=1e-3)
    assert record["summary"]["words"] == sum(map(has_letters, read_document(record["text"]).encoded.words))
    assert record["summary"]["sources"] == len({e["speaker"] for e in record["attributions"]} - {None})


VALIDATOR = jsonschema.Draft202012Validator(load_schema())


@examples(120)
@given(texts)
def test_any_text_gives_a_record_that_holds_together(text):
    doc = framing.analyze(text)
    record = doc.to_dict()
    assert record["text"] == text
    VALIDATOR.validate(record)
    check_record(record)
    check_places(record)
    check_statements(record)
    check_voices(record)
    check_attributions(record)
    check_sums(record)


@examples(50)
@given(texts)
def test_every_word_is_in_a_statement_or_in_an_attribution_frame(text):
    document = read_document(text)
    tagger = bundled_tagger()
    (tagged,) = tagger.tag([document])
    bounds = [(s.first, s.stop) for s in document.sentences]
    labels = viterbi(np.log(tagged.fused), change_costs(document.encoded, tagger.decoding["statements"]), bounds)
    stated = np.zeros(len(labels) + 1, dtype=bool)
    for stretch in tagged.stretches:
        assert not stated[stretch.first : stretch.last + 1].any()
        stated[stretch.first : stretch.last + 1] = True
    for first, stop in bounds:
        at = first
        while at < stop:
            end = at
            while end < stop and not stated[end]:
                end += 1
            if any(map(has_letters, document.encoded.words[at:end])):
                assert (labels[at:end] == 4).any()
            at = end + 1


@examples(40)
@given(texts, st.none() | texts, st.none() | st.integers() | texts)
def test_a_record_survives_json(text, title, given_id):
    doc = framing.analyze(text, title=title, id=given_id, meta={"outlet": text[:5]})
    written = doc.to_json()
    assert len(written.splitlines()) == 1
    written.encode("utf-8")
    assert framing.Analysis.from_json(written) == doc
    assert framing.Analysis.from_json(written).to_json() == written


@examples(25)
@given(st.lists(texts, max_size=7), st.integers(1, 8), st.randoms(use_true_random=False))
def test_an_article_has_the_same_record_in_any_company(articles, batch_size, random):
    alone = [framing.analyze(text).to_json() for text in articles]
    assert [doc.to_json() for doc in framing.analyze_many(articles, batch_size=batch_size)] == alone
    order = random.sample(range(len(articles)), len(articles))
    shuffled = framing.analyze_many([articles[place] for place in order], batch_size=batch_size)
    assert [doc.to_json() for doc in shuffled] == [alone[place] for place in order]


# What is shown


@examples(40)
@given(texts)
def test_any_record_can_be_looked_at(text):
    doc = framing.analyze(text, title=text[:40])
    shown = render_text(doc.to_dict(), color=False, width=60)
    for part in (shown, repr(doc), doc._repr_html_(), framing.Report([doc]).html()):
        part.encode("utf-8")  # halves of surrogate pairs would stop a terminal or a file
    assert not set(shown) & set("\x1b\x00\u202e\u2066")
    assert len(doc.statements) == len(doc.to_dict()["statements"])


@examples(100)
@given(texts, st.integers(1, 80))
def test_shown_text_has_nothing_that_a_terminal_obeys(text, columns):
    for shown in (visible(text), shorten(text, columns)):
        shown.encode("utf-8")
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E for char in shown)
    assert visible(visible(text)) == visible(text)


@examples(100)
@given(texts)
def test_no_text_breaks_out_of_its_element(parse, text):
    page = parse(write(element("p", {"title": text}, text, element("b", None, text))))
    assert page.tags == ["p", "b"]
    assert page.attributes == [("title", visible(text))]
    assert page.text == 2 * visible(text)


# What comes in


@examples(40)
@given(texts, st.booleans())
def test_any_page_is_read_or_refused(text, whole):
    pytest.importorskip("trafilatura")
    paragraph = "The harbour was closed on Monday after the storm, police said. " * 4
    html = f"<html><head><title>{text}</title></head><body><p>{paragraph}</p><p>{text}</p></body></html>"
    for source in (html if whole else f"<p>{text}</p>", html.encode("utf-8", "surrogatepass")):
        try:
            page = web.read_html(source)
        except framing.ArticleError:
            continue
        assert page.text.strip()
        json.dumps(page.to_article())
