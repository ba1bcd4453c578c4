"""Tokens and quotations as offsets into the text as given.

Everything here is one pass of a regular expression over the text plus a short loop over the few
quotation marks, so the cost is linear and small.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Quotation", "quotation_spans", "quotation_states", "read_tokens", "split_words", "tokenize"]

# Alternatives in order of precedence. Clitics are tokens of their own ("Smith 's"), because a source
# often ends before one; negated auxiliaries stay whole ("don't"). The first alternative says nothing new:
# it takes most words without trying the others.
_TOKEN = re.compile(
    r"""
    [^\W\d_]{2,}+(?=[\s,.])
  | https?://[^\s<>"“”]+
  | (?:[^\W\d_]\.){2,}                                  # U.S., e.g.
  | ['’](?:s|re|ve|ll|d|m|S|RE|VE|LL|D|M)\b             # clitics
  | [^\W\d_]+n['’]t\b                                   # don't
  | (?:O|D|L|d|l)['’][^\W\d_]+                          # O'Brien, d'Arc
  | [@\#][\w]+
  | \d+(?:[.,:/]\d+)*%?
  | [^\W_]+(?:[-‐‑&][^\W_]+)*                           # words, well-known, 9th, AT&T
  | \.{2,} | -{2,} | _+ | \*+ | =+ | ~+
  | \S
    """,
    re.VERBOSE,
)

_BEYOND = 0x3001  # the last white space of Unicode is the character before
_IS_SPACE = np.array([chr(code).isspace() for code in range(_BEYOND + 1)])

_DOUBLE_OPEN = "“„‟«❝"
_DOUBLE_CLOSE = "”»❞"
_MARK = re.compile("``|''|[\"“”„‟«»❝❞‘’'‚‹›]")
_CLITIC_AFTER = re.compile(r"(?:s|t|re|ve|ll|d|m|S|T|RE|VE|LL|D|M)\b")

OUTSIDE, OPENING, INSIDE, CLOSING = 0, 1, 2, 3


class Quotation(NamedTuple):
    """An outermost quotation, marks included.

    Attributes
    ----------
    start, end : int
        Half-open range of code points.
    closed : bool
        False when the closing mark is missing, as where newspapers reopen a quotation at each
        paragraph.
    """

    start: int
    end: int
    closed: bool


def tokenize(text: str, start: int = 0, end: int | None = None) -> NDArray[np.int32]:
    """Split a stretch of text into words, numbers and punctuation marks.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        The half-open range to read.

    Returns
    -------
    ndarray of int32, shape (n_tokens, 2)
        Start and end of every token, in order; every character that is not white space is in
        exactly one token.

    Examples
    --------
    >>> text = "Ms. O'Neil's aides don't agree."
    >>> [text[s:e] for s, e in tokenize(text)]
    ['Ms', '.', "O'Neil", "'s", 'aides', "don't", 'agree', '.']
    """
    return read_tokens(text, [(start, len(text) if end is None else end)])[1]


def split_words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """The words of :func:`tokenize` without their places, which most of its time goes into.

    Examples
    --------
    >>> split_words("Rain fell, again.")
    ['Rain', 'fell', ',', 'again', '.']
    """
    found: list[str] = _TOKEN.findall(text, start, len(text) if end is None else end)
    return found


def read_tokens(text: str, ranges: Sequence[tuple[int, int]]) -> tuple[list[list[str]], NDArray[np.int32]]:
    """Tokens of some ranges of a text: the words themselves, and where they stand.

    Parameters
    ----------
    text : str
        The whole text.
    ranges : sequence of (int, int)
        Half-open ranges, in order, not overlapping.

    Returns
    -------
    words : list of list of str
        Of every range.
    spans : ndarray of int32, shape (n_tokens, 2)
        Of all ranges, as from :func:`tokenize`.

    Examples
    --------
    >>> read_tokens("Rain fell. (Photo) Snow fell.", [(0, 10), (19, 29)])[0]
    [['Rain', 'fell', '.'], ['Snow', 'fell', '.']]
    """
    words = [split_words(text, start, end) for start, end in ranges]
    counts = np.array([len(part) for part in words], dtype=np.int64)
    sizes = np.fromiter(map(len, chain.from_iterable(words)), dtype=np.int64, count=int(counts.sum()))
    if not len(sizes):
        return words, np.empty((0, 2), dtype=np.int32)
    # Tokens hold every character that is no white space and nothing else, so that their lengths say where they
    # stand: asking the expression for places costs half as much as all matching.
    begin, stop = ranges[0][0], ranges[-1][1]
    codes = np.frombuffer(text[begin:stop].encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.flatnonzero(~_IS_SPACE[np.minimum(codes, _BEYOND)]) + begin
    bounds = np.searchsorted(places, np.array(ranges))
    before = np.cumsum(bounds[:, 1] - bounds[:, 0]) - (bounds[:, 1] - bounds[:, 0])  # characters of earlier ranges
    starts = places[np.cumsum(sizes) - sizes + np.repeat(bounds[:, 0] - before, counts)]
    return words, np.column_stack([starts, starts + sizes]).astype(np.int32)


def quotation_spans(text: str, paragraphs: Sequence[tuple[int, int]]) -> list[Quotation]:
    """Find the outermost quotations, paragraph by paragraph.

    Straight, curly, low and angle marks and TeX's pairs are read; single marks open a quotation only
    at the start of a word and only where a closing one follows in the paragraph, since most are
    apostrophes. A quotation that its paragraph does not close ends with the paragraph.

    Parameters
    ----------
    text : str
        The whole text.
    paragraphs : sequence of (int, int)
        Half-open ranges, in order.

    Returns
    -------
    list of Quotation
        In order, not overlapping.

    Examples
    --------
    >>> text = "“Yes,” she said. 'Perhaps,' he said."
    >>> [text[q.start:q.end] for q in quotation_spans(text, [(0, len(text))])]
    ['“Yes,”', "'Perhaps,'"]
    """
    found: list[Quotation] = []
    for start, end in paragraphs:
        _paragraph_quotations(text, start, end, found)
    return found


def _paragraph_quotations(text: str, start: int, end: int, found: list[Quotation]) -> None:
    opened = -1  # start of the open quotation
    single = False  # whether a single mark opened it
    hanging = False  # whether it was opened by a mark that looks like a closing one
    marks = [(m.start(), m.end()) for m in _MARK.finditer(text, start, end)]
    closers = _single_closers(text, start, end, marks)
    for at, after in marks:
        mark = text[at:after]
        before_space = at == start or not _is_wordlike(text[at - 1])
        after_space = after >= end or text[after].isspace()
        if mark in "‘’'‚‹›":
            if opened < 0:
                if _opens_single(text, start, end, at) and closers and closers[-1] > at:
                    opened, single, hanging = at, True, False
            elif single and at in closers:
                found.append(Quotation(opened, after, True))
                opened, single = -1, False
            continue
        if opened >= 0 and single:
            continue  # double marks nested in single ones
        if mark in _DOUBLE_OPEN or mark == "``":
            # German „…“ and »…« close with what opens elsewhere
            opening = not (opened >= 0 and (mark == "«" or (mark == "“" and text[opened] == "„")))
        elif mark in _DOUBLE_CLOSE or mark == "''":
            opening = mark == "»" and opened < 0 and before_space and not after_space
        else:
            opens = before_space and not after_space
            opening = opened < 0 or (opens and (hanging or _starts_clause(text, start, at)))
        if opening:
            if opened >= 0 and not hanging:  # the earlier one was never closed
                found.append(Quotation(opened, at, False))
            # Pages that were put together badly have opening marks that cling to the sentence before them; but where
            # a true opening mark follows, it was a closing one whose opening is lost.
            hanging = mark == '"' and not before_space and after_space
            opened, single = at, False
        elif opened >= 0:
            found.append(Quotation(opened, after, True))
            opened = -1
    if opened >= 0 and not hanging:
        found.append(Quotation(opened, end, False))


def _is_wordlike(char: str) -> bool:
    return char.isalnum() or char in ".,!?;:…%)]’'"


def _starts_clause(text: str, start: int, at: int) -> bool:
    """Whether an ambiguous straight mark inside a quotation can only be an opening one."""
    return at - 1 > start and text[at - 1].isspace() and text[at - 2] in ",:"


def _opens_single(text: str, start: int, end: int, at: int) -> bool:
    if text[at] in "›’":
        return False
    if at + 1 >= end or not (text[at + 1].isalpha() or text[at + 1] in "“\"…[("):  # not ’90s
        return False
    if text[at] == "‘":
        return True
    return at == start or text[at - 1].isspace() or text[at - 1] in "([—–-“\""


def _single_closers(text: str, start: int, end: int, marks: list[tuple[int, int]]) -> list[int]:
    """Positions of single marks that may close a quotation, best evidence first in doubt."""
    sure: list[int] = []
    possible: list[int] = []
    for at, _ in marks:
        if text[at] not in "’'›" or at == start:
            continue
        if at + 1 < end and (text[at + 1].isalnum() or _CLITIC_AFTER.match(text, at + 1, end)):
            continue
        previous = text[at - 1]
        if previous in ".,!?…;":
            sure.append(at)
        elif previous.isalnum() or previous in ")]%":
            # "the workers' union" has the form of a closing mark too
            plural = previous in "sS" and at + 2 < end and text[at + 1] == " " and text[at + 2].islower()
            (possible if plural else sure).append(at)
    return sure or possible


def quotation_states(tokens: NDArray[np.int32], quotations: Sequence[Quotation]) -> NDArray[np.int8]:
    """Place of every token in the quotations.

    Parameters
    ----------
    tokens : ndarray of int, shape (n_tokens, 2)
        As from :func:`tokenize`.
    quotations : sequence of Quotation
        As from :func:`quotation_spans`.

    Returns
    -------
    ndarray of int8, shape (n_tokens,)
        0 outside, 1 at the opening mark, 2 inside, 3 at the closing mark.
    """
    states = np.zeros(len(tokens), dtype=np.int8)
    if not quotations or not len(tokens):
        return states
    bounds = np.array([(q.start, q.end) for q in quotations])
    first = np.searchsorted(tokens[:, 0], bounds[:, 0], side="left")
    last = np.searchsorted(tokens[:, 0], bounds[:, 1], side="left")
    step = np.zeros(len(tokens) + 1, dtype=np.int32)
    np.add.at(step, first, 1)
    np.add.at(step, last, -1)
    states[np.cumsum(step[:-1]) > 0] = INSIDE
    states[first[first < len(tokens)]] = OPENING
    closed = np.array([q.closed for q in quotations]) & (last > first)
    states[last[closed] - 1] = CLOSING
    return states
