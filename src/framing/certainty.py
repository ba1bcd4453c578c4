"""Certainty of statements: the words that hedge or stress them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from framing.lexicons import load_lexicon
from framing.text import tokenize

__all__ = ["PhraseFinder", "read_certainty"]


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


def _is_month(words: Sequence[str], place: int) -> bool:
    """Whether "May" stands where only the month can: capitalised within the sentence, or before a number."""
    if words[place] != "May":
        return False
    return place > 0 or (len(words) > 1 and words[1][0].isdigit())
