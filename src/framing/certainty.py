"""Certainty of statements: the words that hedge or stress them; and what a source denies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from framing.lexicons import load_lexicon
from framing.text import split_words

__all__ = ["PhraseFinder", "is_denied", "plain_words", "read_certainties", "read_certainty"]

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


def plain_words(words: Sequence[str]) -> list[str]:
    """Words in small letters with straight apostrophes, as word lists have them.

    Parameters
    ----------
    words : sequence of str
        Tokens: none of them holds a blank.

    Examples
    --------
    >>> plain_words(["It", "Isn’t"])
    ['it', "isn't"]
    """
    return " ".join(words).lower().replace("’", "'").split(" ") if words else []  # all words at once


class PhraseFinder:
    """Finds the entries of a word list in tokens, the longest at each place.

    Parameters
    ----------
    entries : iterable of str
        Lower-cased words and phrases with straight apostrophes.

    Examples
    --------
    >>> PhraseFinder(["may", "no doubt"]).find(["it", "may", "no", "doubt", "rain"])
    [(1, 1), (2, 3)]
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for entry in entries:
            words = tuple(split_words(entry))
            self._phrases.setdefault(words[0], []).append(words)
        for phrases in self._phrases.values():
            phrases.sort(key=len, reverse=True)
        every = [phrase for phrases in self._phrases.values() for phrase in phrases]
        self._alone = frozenset(phrase[0] for phrase in every if len(phrase) == 1)
        self._pairs = frozenset(phrase[:2] for phrase in every)

    def places(self, words: Sequence[str]) -> list[int]:
        """Where entries may begin, by their first two words, in order; ``words`` as for :meth:`find`."""
        known, alone, pairs = self._phrases, self._alone, self._pairs
        return [
            place
            for place, pair in enumerate(zip(words, [*words[1:], ""], strict=False))
            if pair[0] in known and (pair in pairs or pair[0] in alone)
        ]

    def find(self, words: Sequence[str], places: Iterable[int] | None = None) -> list[tuple[int, int]]:
        """First and last token of every match, in order, not overlapping.

        Parameters
        ----------
        words : sequence of str
            As from :func:`plain_words`.
        places : iterable of int, optional
            Where to look, in order: all of :meth:`places` among them. By default everywhere.
        """
        found: list[tuple[int, int]] = []
        free = 0
        for place in range(len(words)) if places is None else places:
            phrases = self._phrases.get(words[place])
            if phrases is None or place < free:
                continue
            for phrase in phrases:
                stop = place + len(phrase)
                if tuple(words[place:stop]) == phrase:
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
    return read_certainties(words, [(0, len(words))])[0]


def read_certainties(
    words: Sequence[str], ranges: Sequence[tuple[int, int]]
) -> list[tuple[str, list[tuple[int, int]]]]:
    """Certainty of every statement of a text, as :func:`read_certainty` gives it.

    Parameters
    ----------
    words : sequence of str
        The text's tokens.
    ranges : sequence of (int, int)
        First token of each statement and the token after its last.

    Returns
    -------
    list of (str, list of (int, int))
        Places count from the statement's first token.

    Examples
    --------
    >>> read_certainties("It may rain . It will .".split(), [(0, 4), (4, 7)])
    [('hedged', [(1, 1)]), ('plain', [])]
    """
    uncertainty, emphasis = _finders()
    lower = plain_words(words)
    # Most statements hold no entry: where some may be is looked for once.
    known = sorted({*uncertainty.places(lower), *emphasis.places(lower)})
    read: list[tuple[str, list[tuple[int, int]]]] = []
    for first, stop in ranges:
        begin = bisect_left(known, first)
        places = [place - first for place in known[begin : bisect_left(known, stop, begin)]]
        if not places:
            read.append(("plain", []))
            continue
        own, said = words[first:stop], lower[first:stop]
        hedges = [(a, b) for a, b in uncertainty.find(said, places) if not _is_month(own, a)]
        stressed = [] if hedges else emphasis.find(said, places)
        read.append(("hedged", hedges) if hedges else ("emphatic", stressed) if stressed else ("plain", []))
    return read


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
