"""Sentence spans, with abbreviations and sentence openers learned by Punkt.

The word lists are data (``models/sentences``), learned from unlabelled news by NLTK's Punkt trainer
(Kiss and Strunk 2006); NLTK itself is not imported here. Reading is one pass of a regular expression
over the candidate stops and a short decision at each, so the cost is linear in the text.

Weak spots: words that are both names and ordinary words after an abbreviation ("the U.S. May…"), and
text without capitals or stops, which is cut at full stops only or not at all.

References
----------
.. [1] Kiss, T. and Strunk, J. (2006). Unsupervised Multilingual Sentence Boundary Detection.
   Computational Linguistics 32(4), 485-525.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from framing.persistence import load_model

__all__ = ["split_sentences"]

_MODEL = Path(__file__).with_name("models") / "sentences"

_STOPS = ".!?…‽⁇⁈⁉。！？"
_QUOTES = "\"'”’»›"
_SPEECH_QUOTES = frozenset(_QUOTES)
# Zero-width characters count as closers, so that they never hide the white space behind a stop.
_CLOSERS = re.escape(_QUOTES + ")]}*\u200b\u200c\u200d\u2060\ufeff")
_OPENERS = "\"'“‘”’„‚«»‹›([{¿¡<\u200b\u200c\u200d\u2060\ufeff"
_BULLETS = "•▪●‣◦■►▶"

# A run of stops and what closes after it; a blank line; a bullet. The lookbehind lets a run match from
# its first stop only and the possessive quantifiers never give back, so a run of n stops costs n steps.
# All alternatives share the first character class because the search skips fast to such a class.
_CANDIDATE = re.compile(
    rf"""
    [{_STOPS}{_BULLETS}\n]
    (?:
        (?<=[{_STOPS}])(?<![{_STOPS}][{_STOPS}])[{_STOPS}]*+
        (?P<closers>[{_CLOSERS}]*+(?:[\ \xa0][{_QUOTES}]++(?!\S))?)
        (?P<gap>\s*+)
      | (?<=\n)[^\S\n]*+\n\s*+
      | (?<=\s[{_BULLETS}])
    )
    """,
    re.VERBOSE,
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_LETTERS = re.compile(r"[^\W\d_]+")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
_ELLIPSES = ("...", "…")  # stand for words left out, as a rule of the next sentence
_URL = ("http", "www.", "pic.twitter")
_ADDRESS = re.compile(r"[\w.-]*+[@/]")  # the second half of an e-mail or web address
_ITEM = re.compile(r"(?:\A|:\s)[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\Z")  # "2." opens an item
_LONGEST = 48  # no abbreviation has more characters
_SHORT = 2  # a word this short before "." and a small letter is taken for an abbreviation

# "“Why?” Mr. Smith asked" is one sentence although a name follows the closing mark.
_SPEECH_TAG = re.compile(
    r"(?:[A-Z][\w’'.-]*+\s){1,4}(?:said|says|asked|asks|wrote|writes|added|told|replied|tweeted|shouted"
    r"|yelled|cried|continued|responded|declared|exclaimed|demanded|wondered|chanted|joked|quipped"
    r"|insisted|posted|pressed|recalled|concluded|explained)\b"
)


class _Words(NamedTuple):
    """What the model knows about words, all in lower case."""

    shortened: frozenset[str]  # every word of the next three
    abbreviations: frozenset[str]
    titles: frozenset[str]  # stand before a name and never end a sentence
    numbered: frozenset[str]  # abbreviations only where a number follows
    cased: frozenset[str]  # abbreviations only with a capital, ordinary words without
    starters: frozenset[str]  # words that open sentences far more often than chance
    ordinary: frozenset[str]  # words whose capital comes from opening a sentence


@lru_cache(maxsize=1)
def _words() -> _Words:
    arrays = load_model(_MODEL).arrays
    sets = {name: frozenset(arrays[name].tolist()) for name in _Words._fields[1:]}
    shortened = sets["abbreviations"] | sets["titles"] | sets["numbered"]
    return _Words(shortened=shortened, **sets)


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Split a stretch of English text into sentences.

    Closing quotation marks and brackets belong to the sentence they close. A single line break is
    white space, a blank line always ends a sentence. Stretches without stops stay whole.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        The half-open range of code points to read; by default all of it.

    Returns
    -------
    list of (int, int)
        Half-open spans into ``text``, in order, without white space at either end; every character of
        the range that is not white space is in exactly one span.

    Raises
    ------
    TypeError
        If ``text`` is not a string.

    Examples
    --------
    >>> text = 'Gov. Ada Reyes met U.S. envoys at 9 a.m. Monday. "Stop!" she said.'
    >>> [text[s:e] for s, e in split_sentences(text)]
    ['Gov. Ada Reyes met U.S. envoys at 9 a.m. Monday.', '"Stop!" she said.']
    """
    if not isinstance(text, str):
        raise TypeError(
            f"The 'text' parameter of split_sentences must be a str. Got {type(text).__name__} instead; "
            "decode bytes first."
        )
    start, end, _ = slice(start, end).indices(len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return []
    passage = _Passage(text, start, end)
    spans = []
    opening = start
    for match in _CANDIDATE.finditer(text, start, end):
        if match.end() == end or match.start() <= opening:
            continue
        cut = passage.cut(match, opening)
        if cut is not None:
            spans.append((opening, cut[0]))
            opening = cut[1]
    spans.append((opening, end))
    return spans


class _Passage:
    """The decision at each candidate."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.words = _words()
        self.small: bool | None = None

    def cut(self, match: re.Match[str], opening: int) -> tuple[int, int] | None:
        """Where the sentence closes and the next one opens; None where it goes on."""
        text = self.text
        after = match.end()
        gap = match.group("gap")
        if gap is None:  # a blank line or a bullet
            close = len(text[opening : match.start()].rstrip()) + opening
            return close, (match.start() if text[match.start()] in _BULLETS else after)
        if not gap:
            return self._unspaced(match, opening)
        close = match.end("closers")
        if "\n" in gap and _BLANK_LINE.search(gap):
            return close, after
        follower = after
        while follower < self.end and text[follower] in _OPENERS:
            follower += 1
        if follower < self.end and self._ends(match, opening, follower):
            return close, after
        return None

    def _ends(self, match: re.Match[str], opening: int, follower: int) -> bool:
        """Whether a stop with white space behind it ends its sentence."""
        text = self.text
        stop, closers, first = match.start(), match.group("closers").strip(), text[follower]
        if first in ",;:.)]}…?!" and not text.startswith(_ELLIPSES, follower):
            return False
        small = first.islower() and not text[follower + 1 : follower + 2].isupper()  # not "iPhone"
        mark = text[stop : match.start("closers")]
        if mark == ".":
            before = text[max(opening, stop - _LONGEST) : stop]
            if _ITEM.search(before) and (stop - opening <= 5 or ":" in before[-5:]):
                return False
            before = "" if before[-1].isspace() else before.split()[-1].lstrip(_OPENERS)
            kind = self._kind(before, first)
            if kind == "word":
                return not small or (not closers and len(before) > _SHORT) or self._all_small()
            if kind == "title" or not first.isupper() or text[match.end()] in "([":
                return False
            return self._opens(follower)
        if small:
            return (not closers and text.startswith(_URL, follower)) or self._all_small()
        if first in "-–—":  # goes on with the sentence, unless it signs a quoted post
            return "(@" in text[follower : follower + 80]
        if closers[:1] in _SPEECH_QUOTES:
            return _SPEECH_TAG.match(text, follower, self.end) is None
        if closers or not mark.strip(".…"):
            return self._opens(follower)
        return True

    def _kind(self, before: str, first: str) -> str:
        """What stands before a full stop: "title", "abbreviation" or "word"."""
        words = self.words
        if before.isalpha() and len(before) > 1 and before.lower() not in words.shortened:
            return "word"
        for joint in "-–—/([":  # R-Ala., (Sen.
            before = before.rpartition(joint)[2]
        small = before.lower()
        if small == before and small in words.cased:
            return "word"
        if small in words.titles:
            return "title"
        if small in words.numbered and first.isdigit():
            return "title"
        if small in words.abbreviations:
            return "abbreviation"
        if (len(before) == 1 and before.isalpha()) or _DOTTED.fullmatch(before):
            return "abbreviation"
        return "word"

    def _opens(self, follower: int) -> bool:
        """Whether the capital at ``follower`` shows a new sentence rather than a name."""
        found = _LETTERS.match(self.text, follower, self.end)
        if found is None or (found.group().isupper() and len(found.group()) > 1):
            return False
        if self.text.startswith(".", found.end()):
            return False  # another initial
        word = found.group().lower()
        if word in self.words.starters:
            return True
        # In a headline the second word has a capital too, in a sentence it seldom has.
        return word in self.words.ordinary and not self.text[found.end() + 1 : found.end() + 2].isupper()

    def _unspaced(self, match: re.Match[str], opening: int) -> tuple[int, int] | None:
        """The cut between sentences run together, as in "it ended.The next day"."""
        text = self.text
        stop, close = match.start(), match.end()
        follower = close
        while follower < self.end and text[follower] in _OPENERS:
            follower += 1
        head = text[follower : follower + 2]
        if not head[:1].isupper() or not (head[1:].islower() or head in ("I ", "A ")):
            return None
        if _ADDRESS.match(text, follower, self.end):
            return None
        before = text[max(opening, stop - 2) : stop]
        ends = before.isalpha() and before.islower() and before != "ww"
        if not ends and not (text[stop] in "?!" and before[-1:].isalnum()):
            return None
        quote = match.group("closers")[:1]
        if quote and quote in "\"'" and text.count(quote, opening, stop) % 2 == 0:
            close = match.start("closers")  # the mark opens the next quotation
        return close, close

    def _all_small(self) -> bool:
        """Whether the passage does without capitals."""
        if self.small is None:
            self.small = self.text[self.start : self.end].islower()
        return self.small
