"""Kinds of loaded wording, phrases that only word lists know, and words that a quotation is embraced with.

No corpus says what kind of loaded wording a phrase is. Kinds come from this library's own word lists and from a
few patterns; a word that stands in no list has the kind of the listed words whose static vectors are nearest
(k nearest neighbours, Cover and Hart 1967). Presupposition, euphemism, exclusionary wording and scare quotes are
found by phrases and marks, too, because readers asked to mark loaded words seldom mark them: such a find keeps
whatever score the model gives its words, which may be low.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.certainty import PhraseFinder, plain_words
from framing.lexicons import load_lexicon
from framing.vectors import bundled_vectors

__all__ = ["KINDS", "LoadedRun", "embraces", "find_loaded", "kind_of", "scare_quotes"]

KINDS = (
    "evaluative", "emotive", "label", "euphemism", "scare_quotes", "presupposition", "hyperbole", "exclusionary",
)  # fmt: skip
"""Kinds of loaded wording."""

_LISTS = {
    "label": ("epithets",),
    "emotive": ("emotive",),
    "evaluative": ("evaluative_negative", "evaluative_positive", "attitude_markers"),
    "hyperbole": ("hyperbole", "absolutes"),
    "euphemism": ("euphemisms",),
    "exclusionary": ("exclusionary",),
    "presupposition": ("presuppositions",),
}  # what a word in several lists is comes first
_FOUND_BY_PHRASE = ("euphemism", "exclusionary", "presupposition")
_NEAR = 9
_QUOTED_WORDS = 3  # a longer quotation is somebody's words, not the author's distance from a word
_OPEN, _CLOSE = frozenset("“\"‘'"), frozenset("”\"’'")
_DISTANCE = frozenset({"so-called", "self-styled", "self-proclaimed", "self-described"})
_EMBRACING = frozenset(
    "rightly correctly accurately aptly rightfully justly astutely wisely perceptively presciently fairly".split()
)
_REACH = 2  # tokens around a cue in which a word may embrace what follows


class LoadedRun(NamedTuple):
    """A loaded word or phrase in tokens of its text.

    Attributes
    ----------
    first, stop : int
        First token and token after the last.
    score : float
        Probability of its likeliest word to be marked as loaded by a trained reader.
    kind : str
        One of :data:`KINDS`.
    statement : int or None
        Number of the statement that holds it; None in an attribution frame.
    """

    first: int
    stop: int
    score: float
    kind: str
    statement: int | None


def kind_of(words: Sequence[str]) -> str:
    """Kind of a loaded word or phrase.

    Parameters
    ----------
    words : sequence of str
        Its tokens.

    Examples
    --------
    >>> kind_of(["collateral", "damage"]), kind_of(["heartbreaking"]), kind_of(["thugs"])
    ('euphemism', 'emotive', 'label')
    """
    lower = plain_words(words)
    if not _DISTANCE.isdisjoint(lower):
        return "scare_quotes"
    best = max(
        ((stop - first + 1, -place, kind) for place, kind, first, stop in _phrases(lower)), default=(0, 0, "")
    )
    if best[0] > 1:
        return best[2]
    listed = _word_kinds()
    known = [listed[word] for word in lower if word in listed]
    if known:
        return min(known, key=list(_LISTS).index)
    letters = [word for word in lower if word[:1].isalpha()]
    return _nearest(letters[-1]) if letters else "evaluative"


def find_loaded(
    words: Sequence[str],
    statements: Sequence[tuple[int, int, bool]],
    marked: Sequence[tuple[int, int, float]],
    chances: NDArray[np.float64],
) -> list[LoadedRun]:
    """Loaded words and phrases of a text, with their kinds.

    Parameters
    ----------
    words : sequence of str
        Tokens.
    statements : sequence of (first, stop, whether the voice is the author's)
        In order, not overlapping.
    marked : sequence of (first, stop, score)
        What the model found, in order, each within a statement or outside of all.
    chances : ndarray of float64, shape (n_tokens,)
        Probability of each token to be loaded.

    Returns
    -------
    list of LoadedRun
        In order, not overlapping. Where the model marked a piece of a listed phrase, the phrase counts.
    """
    starts = [first for first, _, _ in statements]

    def owner(first: int) -> int | None:
        at = bisect_right(starts, first) - 1
        return at if at >= 0 and first < statements[at][1] else None

    quoted = scare_quotes(words, [(first, stop) for first, stop, author in statements if author])
    inside = {token for first, stop in quoted for token in range(first, stop)}
    listed = _phrases(plain_words(words))
    phrases = [(first, last + 1, kind) for _, kind, first, last in listed if kind in _FOUND_BY_PHRASE]
    whole = {token: (first, stop, kind) for first, stop, kind in phrases for token in range(first, stop)}
    runs: list[LoadedRun] = []
    taken: set[int] = set()

    def add(first: int, stop: int, score: float, kind: str) -> None:
        at = owner(first)
        if taken.isdisjoint(range(first, stop)) and (at is None or stop <= statements[at][1]):
            runs.append(LoadedRun(first, stop, score, kind, at))
            taken.update(range(first, stop))

    for first, stop, score in marked:
        phrase = whole.get(first)
        if first in inside:
            add(first, stop, score, "scare_quotes")
        elif phrase is not None and stop <= phrase[1]:
            add(phrase[0], phrase[1], score, phrase[2])  # the model marked a piece of it
        add(first, stop, score, kind_of(words[first:stop]))
    for first, stop, kind in [*((first, stop, "scare_quotes") for first, stop in quoted), *phrases]:
        if owner(first) is not None:
            add(first, stop, float(chances[first:stop].max()), kind)
    return sorted(runs, key=lambda run: run.first)


def scare_quotes(words: Sequence[str], ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words between quotation marks that set the author apart from them, without the marks.

    Up to three words, not all with a capital (a title) and none a number, in ranges of the author's voice.

    Examples
    --------
    >>> scare_quotes("The “ reform ” began in May .".split(), [(0, 8)])
    [(2, 3)]
    """
    found = []
    places = [place for place, word in enumerate(words) if word in _OPEN]
    for first, stop in ranges:
        free = first
        for place in places[bisect_left(places, first) : bisect_left(places, stop)]:
            if place < free:
                continue
            end = next((k for k in range(place + 1, min(place + _QUOTED_WORDS + 2, stop)) if words[k] in _CLOSE), 0)
            inner = words[place + 1 : end]
            if inner and all(w[0].isalpha() for w in inner) and not all(w[0].isupper() for w in inner):
                found.append((place + 1, end))
            free = max(free, end + 1)
    return found


def embraces(words: Sequence[str], first: int, last: int) -> bool:
    """Whether the author makes a source's words his own: "rightly called", "as she correctly noted".

    Parameters
    ----------
    words : sequence of str
        Tokens of the text.
    first, last : int
        First and last token of the cue.

    Examples
    --------
    >>> embraces("Voss rightly called it a farce".split(), 2, 2), embraces("Voss called it right".split(), 1, 1)
    (True, False)
    """
    near = [word.lower() for word in words[max(first - _REACH, 0) : last + 1]]
    return not _EMBRACING.isdisjoint(near) and "not" not in near


@lru_cache(maxsize=1)
def _finders() -> tuple[PhraseFinder, list[tuple[str, PhraseFinder]]]:
    """A finder of the phrases of all kinds, single words aside, and those of each kind."""
    phrases = {kind: [e for name in names for e in load_lexicon(name) if " " in e] for kind, names in _LISTS.items()}
    every = PhraseFinder({entry for entries in phrases.values() for entry in entries})
    return every, [(kind, PhraseFinder(entries)) for kind, entries in phrases.items()]


def _phrases(lower: Sequence[str]) -> list[tuple[int, str, int, int]]:
    """Phrases of the lists in tokens: rank and name of the kind, first and last token."""
    every, finders = _finders()
    places = every.places(lower)  # few, so that the kinds are looked for there alone
    return [
        (rank, kind, first, last)
        for rank, (kind, finder) in enumerate(finders if places else ())
        for first, last in finder.find(lower, places)
    ]


@lru_cache(maxsize=1)
def _word_kinds() -> dict[str, str]:
    """Kind of every single word of the lists; the first list counts."""
    kinds: dict[str, str] = {}
    for kind, names in _LISTS.items():
        for name in names:
            for entry in sorted(load_lexicon(name)):
                kinds.setdefault(entry, kind)
    return {word: kind for word, kind in kinds.items() if " " not in word}


@lru_cache(maxsize=1)
def _listed_vectors() -> tuple[NDArray[np.float32], list[str]]:
    words = sorted(_word_kinds())
    vectors = bundled_vectors().lookup(words)[0]
    return _unit(vectors), [_word_kinds()[word] for word in words]


@lru_cache(maxsize=20_000)
def _nearest(word: str) -> str:
    """Kind of the listed words nearest to a word that is in no list."""
    vectors, kinds = _listed_vectors()
    similar = vectors @ _unit(bundled_vectors().lookup([word])[0])[0]
    votes = dict.fromkeys(KINDS, 0.0)
    for place in np.argsort(-similar)[:_NEAR].tolist():
        votes[kinds[place]] += max(float(similar[place]), 0.0)
    return max(votes, key=lambda kind: votes[kind])


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), dtype=np.float32)
