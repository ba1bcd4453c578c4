"""Certainty of statements: the words that hedge or stress them; and what a source denies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from framing.lexicons import load_lexicon
from framing.text import tokenize

__all__ = ["PhraseFinder", "is_denied", "read_certainty"]

_DENIALS = frozenset(
    word + ending
    for stem, endings in {
        "den": "y ies ied ying ial ials",
        "disput": "e es ed ing",
        "reject": " s ed ing ion",
        "refut": "e es ed ing",
        "rebut": " s ted ting tal",
        "repudiat": "e es ed ing ion",
        "disavow": " s ed ing al",
        "disown": " s ed ing",
        "doubt": " s ed ing ful",
        "disbelie": "ve ves ved ving",
        "disagre": "e es ed eing",
        "contradict": " s ed ing",
        "dismiss": " es ed ing ive",
        "discount": " s ed ing",
        "debunk": " s ed ing",
        "rubbish": " es ed ing",
        "scoff": " s ed ing",
        "sceptic": "al",
        "skeptic": "al",
        "unconvinced": " ",
        "unpersuaded": " ",
        "gainsa": "y ys id ying",
    }.items()
    for word, ending in ((stem, ending) for ending in endings.split(" "))
)
_ACCEPTANCES = frozenset(
    "believe believes believed believing think thinks thought thinking expect expects expected expecting consider "
    "considers considered considering accept accepts accepted accepting agree agrees agreed agreeing feel feels "
    "felt suspect suspects suspected see sees saw seen regard regards regarded view views viewed want wants "
    "wanted intend intends intended plan plans planned hope hopes hoped wish wishes wished anticipate anticipates "
    "anticipated foresee foresees foresaw foreseen predict predicts predicted envisage envisages envisaged buy "
    "buys bought support supports supported endorse endorses endorsed convinced persuaded confident certain sure "
    "assume assumes assumed imagine imagines imagined reckon reckons reckoned trust trusts trusted known "
    "understood".split()
)
"""Verbs and adjectives that, negated, put the content in doubt; who "did not say" has said nothing at all."""
_NEGATIONS = frozenset("not n't never neither nor no hardly scarcely barely cannot without".split())
_NOBODY = frozenset("no none nobody no-one neither few".split())


class PhraseFinder:
    """Finds the entries of a word list in tokens, the longest at each place.

    Parameters
    ----------
    entries : iterable of str
        Lower-cased words and phrases with straight apostrophes.

    Examples
    --------
    >>> PhraseFinder(["may", "no doubt"]).find(["It", "May", "no", "doubt", "rain"])
    [(1, 1), (2, 3)]
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for entry in entries:
            words = tuple(entry[start:end] for start, end in tokenize(entry).tolist())
            self._phrases.setdefault(words[0], []).append(words)
        for phrases in self._phrases.values():
            phrases.sort(key=len, reverse=True)

    def find(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """First and last token of every match, in order, not overlapping."""
        found: list[tuple[int, int]] = []
        free = 0
        lower = "\0".join(words).lower().replace("’", "'").split("\0")  # all words at once
        if self._phrases.keys().isdisjoint(lower):
            return found
        for place, word in enumerate(lower):
            phrases = self._phrases.get(word)
            if phrases is None or place < free:
                continue
            for phrase in phrases:
                stop = place + len(phrase)
                if tuple(lower[place:stop]) == phrase:
                    found.append((place, stop - 1))
                    free = stop
                    break
        return found


@lru_cache(maxsize=1)
def _finders() -> tuple[PhraseFinder, PhraseFinder]:
    return PhraseFinder(load_lexicon("uncertainty")), PhraseFinder(load_lexicon("emphasis"))


def read_certainty(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Certainty of a statement and the words that show it.

    Parameters
    ----------
    words : sequence of str
        The statement's tokens.

    Returns
    -------
    certainty : str
        ``"hedged"``, ``"emphatic"`` or ``"plain"``; a statement with words of both sorts is hedged.
    places : list of (int, int)
        First and last token of the words that hedge or, in an emphatic statement, stress.

    Examples
    --------
    >>> read_certainty("The bridge may well close in May".split())
    ('hedged', [(2, 3)])
    """
    uncertainty, emphasis = _finders()
    hedges = [(a, b) for a, b in uncertainty.find(words) if not _is_month(words, a)]
    if hedges:
        return "hedged", hedges
    stressed = emphasis.find(words)
    return ("emphatic", stressed) if stressed else ("plain", [])


def is_denied(source: Sequence[str], cue: Sequence[str]) -> bool:
    """Whether a source says that the content of its attribution is not so.

    It denies ("denied", "is sceptical"), or does not believe, expect, want ("do not believe", "no one thinks"). Two
    negations take each other away ("did not dispute").

    Parameters
    ----------
    source, cue : sequence of str
        The tokens of both; a source that is left out has none.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_denied(["Officials"], ["do", "not", "believe"])
    True
    >>> is_denied(["The", "ministry"], ["did", "not", "deny"])
    False
    """
    said = [word.lower().replace("’", "'") for word in cue]
    refused = any(word in _DENIALS for word in said) or ("ruled" in said and "out" in said)
    negated = any(word in _NEGATIONS or word.endswith("n't") for word in said)
    held = any(word in _ACCEPTANCES for word in said)
    # "few analysts expect" is no denial by few, it is what most do not expect
    nobody = bool(source) and source[0].lower() in _NOBODY and "only" not in said
    if refused:
        return not (negated or nobody)
    return held and (negated or nobody)


def _is_month(words: Sequence[str], place: int) -> bool:
    """Whether "May" stands where only the month can: capitalised within the sentence, or before a number."""
    if words[place] != "May":
        return False
    return place > 0 or (len(words) > 1 and words[1][0].isdigit())
