"""Certainty of statements."""

import pytest

from framing.certainty import is_denied, read_certainty
from framing.text import tokenize


@pytest.mark.parametrize(
    ("text", "certainty", "shown"),
    [
        ("The bridge closed on Monday.", "plain", []),
        ("The bridge may well close.", "hedged", ["may well"]),
        ("May 2024 was warm; the fair opens in May.", "plain", []),
        ("It appears to be a fault, and it’s clear who pays.", "hedged", ["appears to be"]),
        ("This is undoubtedly the worst week of the year.", "emphatic", ["undoubtedly"]),
        ("There’s no doubt that it failed.", "emphatic", ["There’s no doubt"]),
    ],
)
def test_certainty_and_its_words(text, certainty, shown):
    spans = tokenize(text).tolist()
    found, places = read_certainty([text[s:e] for s, e in spans])
    assert found == certainty
    assert [text[spans[a][0] : spans[b][1]] for a, b in places] == shown


@pytest.mark.parametrize(
    ("source", "cue", "denied"),
    [
        ("The company", "denied", True),
        ("The company", "did not deny", False),
        ("Officials", "don’t believe", True),
        ("Officials", "believe", False),
        ("No one", "thinks", True),
        ("No one", "disputes", False),
        ("Few analysts", "expect", True),
        ("Police", "ruled out", True),
        ("Police", "could not rule out", False),
        ("The bank", "did not say", False),
        ("", "is not believed", True),
        ("Nobody", "said", False),
    ],
)
def test_what_a_source_denies(source, cue, denied):
    words, said = ([text[s:e] for s, e in tokenize(text).tolist()] for text in (source, cue))
    assert is_denied(words, said) is denied
