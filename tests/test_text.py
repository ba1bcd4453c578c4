"""Tokens and quotations."""

import random

import numpy as np
import pytest

from framing.text import quotation_spans, quotation_states, tokenize


def words(text):
    return [text[s:e] for s, e in tokenize(text).tolist()]


def quotations(text):
    paragraphs, at = [], 0
    for line in text.split("\n"):
        if line:
            paragraphs.append((at, at + len(line)))
        at += len(line) + 1
    return [(text[q.start : q.end], q.closed) for q in quotation_spans(text, paragraphs)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. won't sign.", ["The", "U.S.", "won't", "sign", "."]),
        ("Ada's cats’ toys", ["Ada", "'s", "cats", "’", "toys"]),
        ("O'Neil’s 3.5% of $1,200", ["O'Neil", "’s", "3.5%", "of", "$", "1,200"]),
        ("well-known AT&T @desk #vote", ["well-known", "AT&T", "@desk", "#vote"]),
        ("see https://example.org/a?b=1 — now...", ["see", "https://example.org/a?b=1", "—", "now", "..."]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_tokens_of_news_prose(text, expected):
    assert words(text) == expected


def test_every_visible_character_is_in_exactly_one_token():
    generator = random.Random(3)
    alphabet = "ab Z9.,'’“”\"-\n\t—é中😀\u0301\u200b\x00ع"
    for _ in range(300):
        text = "".join(generator.choices(alphabet, k=generator.randrange(60)))
        spans = tokenize(text)
        assert (spans[1:, 0] >= spans[:-1, 1]).all()
        covered = np.zeros(len(text), dtype=bool)
        for start, end in spans:
            covered[start:end] = True
        assert [c for c, inside in zip(text, covered, strict=True) if inside != (not c.isspace())] == []


def test_tokens_of_a_range_have_offsets_into_the_whole_text():
    text = "Before. The middle. After."
    assert [text[s:e] for s, e in tokenize(text, 8, 19).tolist()] == ["The", "middle", "."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"We left," she said. "At dawn."', [('"We left,"', True), ('"At dawn."', True)]),
        ("“Outer ‘inner’ words,” he said.", [("“Outer ‘inner’ words,”", True)]),
        ("'It’s a miners' day,' said Ros Hale.", [("'It’s a miners' day,'", True)]),
        ("The workers' union and the ’90s aren't quoted.", []),
        ("«Assez», dit-elle. »Genug«, sagte er.", [("«Assez»", True), ("»Genug«", True)]),
        ("„Genug“ wurde gesagt.", [("„Genug“", True)]),
        ("She said: “First.\n“Second,” she added.", [("“First.", False), ("“Second,”", True)]),
        ('An "unclosed one', [('"unclosed one', False)]),
        ("``Yes,'' he said.", [("``Yes,''", True)]),
        ("no marks at all", []),
    ],
)
def test_quotations_in_every_style(text, expected):
    assert quotations(text) == expected


def test_a_quotation_never_crosses_its_paragraph():
    text = "“One two.\nThree four.\n“Five,” he said."
    assert quotations(text) == [("“One two.", False), ("“Five,”", True)]


def test_states_mark_opening_inside_and_closing():
    text = "He said “no thanks” twice"
    states = quotation_states(tokenize(text), quotation_spans(text, [(0, len(text))]))
    assert states.tolist() == [0, 0, 1, 2, 2, 3, 0]


def test_a_million_quotation_marks_take_linear_time():
    text = "\"a' " * 250_000
    assert len(quotation_spans(text, [(0, len(text))])) == 125_000


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('The ice melted, he said." The cause is wind," she said. It rained.', ['" The cause is wind,"']),
        ('It rained for days." But why, he asked. "We know," she said.', ['"We know,"']),
        ('It was over." Nobody knew.', []),
    ],
    ids=["clings to the sentence before", "opening lost", "never opened"],
)
def test_straight_marks_of_badly_joined_pages(text, quoted):
    assert [text[q.start : q.end] for q in quotation_spans(text, [(0, len(text))])] == quoted
