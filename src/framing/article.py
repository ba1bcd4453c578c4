"""What is the title, what is body text and what is page furniture, in plain text with offsets kept.

Each line gets a score: cues of furniture (phrases and word lists in ``article.json``) count for it, and
sentences, length and a place between body paragraphs count against it. A line without any cue stays in
the body, because losing a paragraph is worse than keeping a menu. The work is linear in the text: every
line is read once for its form, and only lines with a trigger word are searched for phrases.

Weak spots: captions and readers' comments that read like paragraphs and stand in no recognisable
section stay in the body; a title on one line with the body is found only when it is given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile
from operator import ne
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Block", "split_blocks"]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text with one role.

    Attributes
    ----------
    start, end : int
        Half-open range of code points.
    role : str
        "title", "body" or "boilerplate".
    kind : str
        "headline" for titles; "paragraph" or "subhead" for the body; for boilerplate "byline",
        "dateline", "caption", "credit", "share", "related", "comment", "newsletter", "cookie",
        "navigation", "tags", "copyright", "advertisement" or "other".
    """

    start: int
    end: int
    role: str
    kind: str


# Weights of the cues, and what form and place count against or for them.
_WHOLE, _START, _END, _INSIDE = 8.0, 6.0, 5.0, 3.0
_AGAINST_LINE, _AGAINST_SHORT_SENTENCE, _AGAINST_SENTENCE, _AGAINST_LENGTH = 0.5, 2.5, 4.0, 2.0
_HEAD, _BODY, _TAIL = 0.5, -0.5, 1.5

_SAMPLE = 30  # words of a line whose capitals are counted
_LONG = 700  # characters of a line that are looked at
_MAX_CUE_WORDS = 90  # longer lines are body, whatever they say,
_MAX_PHRASE_WORDS = 60  # and so are these, unless they are captions
_NARROW, _WIDE = 45, 110  # columns of hard-wrapped text
_TITLE_WORDS = 30
_HEAD_LINES = 40  # a given title is looked for in so many lines
_SECTION_LINES = 12  # a poll, or a section of links inside the body, has no more lines

# Behind the last paragraph, lines of the first kinds go with other furniture, those of the second with
# headlines, form fields or tags.
_LISTS = frozenset({"share", "navigation", "copyright"})
_HEADED = frozenset({"related", "comment", "newsletter", "tags"})
_DIGEST = ("latest", "top", "in ", "other", "story")

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"""(?:(?:{_MONTHS}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?
    |a\.?m|p\.?m|[ecmp][sd]?t|gmt|utc|bst|ist|cest|local|time
    |last|first|updated?|published|posted|modified|created|date|at|on|of|the|today|yesterday
    |hours?|min(?:ute)?s?|days?|weeks?|months?|ago|now)(?![^\W\d_])
    |\d+(?:st|nd|rd|th)?|updated|[\W_])++""",
    re.VERBOSE,
)
_LINK = re.compile(
    r"\W?(?:[\w .'-]{1,60}(?:: ?| - ))?(?:https?://|www\.|(?:[a-z0-9-]+\.)+[a-z]{2,}/)\S+"
    r"|\S+@\S+\.\w+(?:\W+[\d ()+-]{7,20})?"
)
_MARKUP = re.compile(r"(?:<[^<>]*+>[^\w<]*+)++")
_COPYRIGHT = re.compile(r"\A\W*©|©\s?\d{4}")
_COMMENTATOR = re.compile(r".{0,60}\b(?:\d+|[Aa]n?) (?:minute|hour|day|week|month|year)s? ago|.{1,40}\bsays:")
_BYLINE = r"""(?:By|BY|by|(?:Analysis|Opinion|Story|Commentary)\s[Bb]y)[:\s]\s*
    (?:(?:[A-Z][\w.'’-]*|and|for|of|the|with|in|at|de|del|della|der|di|la|le|van|von|bin|al|el
    |(?:[a-z]+\s){0,3}(?:ROLES)s?)
    (?:,|\s[|&/·•–—-])?(?:\s+|\W*\Z))+"""
_NAMES = r"""(?:[A-Z][\w.'’-]+\s){1,3}[A-Z][\w.'’-]+
    (?:(?:,|\sand|\s&)\s(?:[A-Z][\w.'’-]+\s){1,3}[A-Z][\w.'’-]+){0,3}
    (?:,?\s(?:\w+\s){0,2}(?i:ROLES)s?|\s(?:in|at)\s[A-Z][\w.'’\s-]{2,30})?"""
_ABOUT = r"""(?:[A-Z][\w.'’-]+\s){1,3}[A-Z][\w.'’-]+(?:,[^,.!?]{5,60},)?\s
    (?:(?:covers|writes\s(?:about|for|on)|reports\s(?:on|for))\s
    |is\s(?:also\s)?(?:an?|the|our)\s(?:[^\s.!?]+\s){0,8}?(?:ROLES|fellow|professor|author|lecturer)s?\b)"""

_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+(?:[ /&][A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]*){0,4}"
_REGION = r"(?:,\s(?:the\s)?[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]+){0,3}){0,2}"
_DAY = rf"(?:,\s(?:(?i:{_MONTHS})\.?\s\d{{1,2}}|\d{{1,2}}\s(?i:{_MONTHS})\.?)(?:,?\s\d{{4}})?)?"
_AGENCY = r"\((?:Reuters|Xinhua|Bloomberg|dpa|[A-Z]{2,12}(?:\s[A-Z][A-Za-z]+)?)\)"
_DATELINE = re.compile(
    rf"""(?:(?P<place>{_CAPITALS})(?P<more>{_REGION}{_DAY}(?:\s?\([^()\n]{{2,40}}\))?)
    |[A-Z][\w.'’-]+(?:[ /][A-Z][\w.'’-]+){{0,3}}{_REGION}{_DAY}\s{_AGENCY}
    |{_AGENCY})
    \s?(?:--?|[–—―]-?)(?=\s["'“‘«(]?[A-Z0-9À-Þ])""",
    re.VERBOSE,
)
_NO_PLACE = frozenset(
    {"ANALYSIS", "BREAKING", "CORRECTION", "EXCLUSIVE", "LIVE", "NOTE", "OPINION", "PHOTOS", "RELATED"}
    | {"REVIEW", "SUMMARY", "UPDATE", "UPDATED", "VIDEO", "WARNING", "WATCH"}
)

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SIGNED = re.compile(
    r"\((?:[Aa]dditional |[Ff]urther )?"
    r"(?:[Rr]eporting|[Ww]riting|[Ee]diting|[Cc]ompiled|[Ww]ritten|[Ee]dited)(?: and \w+)? by\s"
)
_LEAD = re.compile(r"[\W_]*+")
_CAMEL = re.compile(r"[a-z][A-Z]")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+(?:[.'-][^\W_]+)*")
_SEPARATOR = re.compile(r"\s[|/›»>·•]\s|\t|\xa0|  ")
_TURN = re.compile(r"[A-Z][A-Z.'’ -]{0,30}:\s")
_DOTTED = re.compile(r"\w\.\w\.\Z")  # "… in the U.S." is no stop
_BULLET = re.compile(r"(?:[-*•▪●‣◦■►▶–]|\d{1,2}[.)])\s")
_SIGNS = " \t\xa0.,:;!?…\"'“”‘’«»()[]{}|<>*_-–—•·→›★☆\u200b\u200c\u200d\ufeff"
_CLOSERS = "\"'”’»)"
_STOPS = ".!?…"


class _Cues(NamedTuple):
    """What ``article.json`` holds, compiled. The group that matches is named after the kind."""

    whole: re.Pattern[str]
    start: re.Pattern[str]
    end: re.Pattern[str]
    inside: re.Pattern[str]
    end_words: frozenset[str]  # without one of these no END cue, without one of those no INSIDE cue
    inside_words: frozenset[str]
    share_words: frozenset[str]
    share_sure: frozenset[str]
    menu_words: frozenset[str]
    function_words: frozenset[str]
    byline: re.Pattern[str]
    names: re.Pattern[str]
    about: re.Pattern[str]


@lru_cache(maxsize=1)
def _cues() -> _Cues:
    data: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

    def phrases(table: str, tail: str = "") -> re.Pattern[str]:
        groups = (f"(?P<{kind}>{'|'.join(entries)})" for kind, entries in data[table].items())
        return re.compile(f"(?:{'|'.join(groups)}){tail}")

    def names(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern.replace("ROLES", "|".join(data["roles"]).replace(" ", r"\s")), re.VERBOSE)

    return _Cues(
        whole=phrases("whole"),
        start=phrases("start"),
        end=phrases("end", r"\Z"),
        inside=phrases("inside"),
        end_words=frozenset(data["end_words"]),
        inside_words=frozenset(data["inside_words"]),
        share_words=frozenset(data["share_words"]),
        share_sure=frozenset(data["share_sure"]),
        menu_words=frozenset(data["menu_words"]),
        function_words=frozenset(data["function_words"]),
        byline=names(_BYLINE),
        names=names(_NAMES),
        about=names(_ABOUT),
    )


class _Line:
    """A line, or a paragraph joined from hard-wrapped lines, and what speaks for and against it."""

    __slots__ = (
        "blank",
        "caps",
        "cue",
        "end",
        "final",
        "heads",
        "kind",
        "role",
        "sentence",
        "start",
        "words",
    )

    def __init__(self, text: str, start: int, end: int, blank: bool) -> None:
        self.start, self.end = start, end
        self.blank = blank  # whether a blank line stands before
        self.role, self.kind = "", ""
        self.cue = 0.0
        self.heads = False  # whether it is the heading of a section of furniture
        if end - start > _LONG:
            self.words, self.caps, self.final, self.sentence = _LONG, 0.0, True, True
            return
        line = text[start:end]
        words = line.split()
        low = line.lower().replace("’", "'").replace("\xa0", " ")
        plain = frozenset(_WORD.findall(low))
        self.words = len(words)
        self.final = line.rstrip(_CLOSERS)[-1:] in _STOPS
        sample = words[:_SAMPLE]
        small = [word.lower() for word in sample]
        cased = sum(map(ne, small, map(str.upper, sample)))
        self.caps = sum(map(ne, small, sample)) / cased if cased else 1.0
        whole = self.words >= 25 or (self.words >= 6 and self.final)
        self.sentence = whole and self.caps < 0.6 and not plain.isdisjoint(_cues().function_words)
        if self.words <= _MAX_CUE_WORDS:
            self._weigh(line, low, words, plain)
            if self.words > _MAX_PHRASE_WORDS and self.kind != "caption":
                self.cue = 0.0

    def _weigh(self, line: str, low: str, words: list[str], plain: frozenset[str]) -> None:
        """Find the cues."""
        cues = _cues()
        bare = low[_LEAD.match(low).end() :].rstrip(_SIGNS)  # type: ignore[union-attr]
        if not bare:
            self.cue, self.kind = _WHOLE, "other"
            return
        found = cues.whole.fullmatch(bare) if self.words <= 14 else None
        kind = found.lastgroup if found else _form(line, low, bare, words, plain)
        if kind:
            self.cue, self.kind = _WHOLE, kind
            # Digests head their own items with "Top stories", so such a line heads nothing.
            self.heads = found is not None and kind in _HEADED and not bare.startswith(_DIGEST)
            return
        kinds = []
        found = cues.start.match(bare)
        if found:
            self.cue += _START
            kinds.append(found.lastgroup)
        if "©" in line and _COPYRIGHT.search(line):
            self.cue += _START
            kinds.append("copyright")
        if line[-1] == ")" or not cues.end_words.isdisjoint(plain):
            found = cues.end.search(bare[-100:])
            if found:
                self.cue += _END
                kinds.append(found.lastgroup)
        if not cues.inside_words.isdisjoint(plain):
            phrases = {match.group(): match.lastgroup for match in cues.inside.finditer(bare)}
            self.cue += _INSIDE * min(len(phrases), 3)
            kinds.extend(phrases.values())
        self.kind = kinds[0] or "" if kinds else ""

    def is_furniture(self, place: float) -> bool:
        """Whether the cues outweigh the form, ``place`` being what the surroundings add."""
        against = _AGAINST_LINE
        if self.sentence:
            against = _AGAINST_SENTENCE if self.words >= 8 else _AGAINST_SHORT_SENTENCE
        if self.words > 45:
            against += _AGAINST_LENGTH
        return self.cue > 0 and self.cue + place > against

    def mark(self, role: str, kind: str) -> None:
        self.role, self.kind = role, kind


def _form(line: str, low: str, bare: str, words: list[str], plain: frozenset[str]) -> str:
    """The kind of a line whose form alone gives it away, else an empty string."""
    cues, n = _cues(), len(words)
    if n <= 20 and not bare.isalpha() and not bare.isdigit() and _DATE.fullmatch(low) and _DIGIT.search(bare):
        return "dateline"
    if n <= 14 and line[:1] in "BbAOSC" and cues.byline.fullmatch(line):
        return "byline"
    if _LINK.fullmatch(low) or (line[0] == "<" and _MARKUP.fullmatch(low)):
        return "other"
    if line[-1] == "*" and bare in {"name", "email", "e-mail", "comment", "comments", "phone", "website"}:
        return "comment"
    if n <= 20 and not plain.isdisjoint(cues.share_sure) and _named(plain) <= cues.share_words:
        return "share"
    if 3 <= n <= 30 and line[-1] not in _STOPS and _named(plain) <= cues.menu_words:
        return "navigation"
    if "? * " in line or (n >= 8 and n % 2 == 0 and words[: n // 2] == words[n // 2 :]):
        return "other"  # a form: a question and its answers, a label and its placeholder
    return ""


def _named(plain: frozenset[str]) -> frozenset[str]:
    """Words without the counts that stand beside buttons."""
    return frozenset(word for word in plain if not word[0].isdigit())


def split_blocks(text: str, title: str | None = None) -> list[Block]:
    r"""Split the plain text of a page into title, body and page furniture.

    Parameters
    ----------
    text : str
        Text with any line ends; paragraphs may be separated by blank lines or not, or be hard-wrapped.
    title : str, optional
        The title, if known. It is looked for near the start of the text; where it is not found, the
        text is read as if it had not been given.

    Returns
    -------
    list of Block
        In order, without white space at either end and without overlap; every character that is not
        white space is in exactly one block. A text that is not empty always has a block of body or
        title.

    Raises
    ------
    TypeError
        If an argument is not a string.

    Examples
    --------
    >>> text = "Storm Shuts Harbour\n\nBy Ada Reyes\n\nHIGHPORT — The harbour was closed, police said."
    >>> for block in split_blocks(text):
    ...     print(block.role, block.kind, "|", text[block.start : block.end])
    title headline | Storm Shuts Harbour
    boilerplate byline | By Ada Reyes
    boilerplate dateline | HIGHPORT —
    body paragraph | The harbour was closed, police said.
    """
    for name, value in (("text", text), ("title", title)):
        if not isinstance(value, str) and (name == "text" or value is not None):
            raise TypeError(
                f"The '{name}' parameter of split_blocks must be a str. Got {type(value).__name__} instead; "
                "decode bytes first, and pass articles one by one."
            )
    lines = _read_lines(text, title)
    if not lines:
        return []
    _mark_sections(text, lines)
    _mark_captions(lines)
    anchors = [i for i, line in enumerate(lines) if _is_anchor(line)]
    first, last = (anchors[0], anchors[-1]) if anchors else (0, len(lines) - 1)
    _mark_head(text, lines, first, title)
    _mark_body(lines, first, last)
    _mark_tail(text, lines, last)
    _keep_something(lines)
    return _blocks(text, lines)


def _read_lines(text: str, title: str | None) -> list[_Line]:
    """Lines, the given title cut off the body behind it, hard-wrapped paragraphs joined."""
    spans = []
    blank, previous = False, 0
    for match in _LINE.finditer(text):
        line = match.group()
        breaks = text[previous : match.start()]
        blank = blank or breaks.count("\n") > 1 or breaks.count("\r") > breaks.count("\n") + 1
        previous = match.end()
        stripped = line.strip()
        if not stripped:
            blank = True
            continue
        start = match.start() + len(line) - len(line.lstrip())
        end = start + len(stripped)
        if text[end - 1] == ")":
            bracket = text.rfind("(", max(start + 1, end - _LONG), end)
            if bracket > 0 and _SIGNED.match(text, bracket):
                rest = len(text[start:bracket].rstrip())
                spans.append((start, start + rest, blank))
                start, blank = bracket, False
        spans.append((start, end, blank))
        blank = False
    if spans and title:
        spans[:1] = _parted(text, spans[0], title.strip())
    return [_Line(text, *span) for span in _joined(text, spans)]


def _parted(text: str, span: tuple[int, int, bool], title: str) -> list[tuple[int, int, bool]]:
    """The first line, cut in two where the given title and the body share it."""
    start, end, blank = span
    behind = start + len(title)
    if behind + 1 < end and text.startswith(title, start) and text[behind].isspace():
        rest = end - len(text[behind:end].lstrip())
        # A sentence may open with the words of a short title, but then it goes on in small letters.
        if title.count(" ") >= 2 and not text[rest].islower():
            return [(start, behind, blank), (rest, end, False)]
    return [span]


def _joined(text: str, spans: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Spans with the lines of hard-wrapped paragraphs put together."""
    adjacent = [i for i in range(1, len(spans)) if not spans[i][2]]
    if not adjacent:
        return spans
    width = max(end - start for i in adjacent for start, end, _ in spans[i - 1 : i + 1])
    wrapped = False
    if _NARROW <= width <= _WIDE and len(adjacent) >= 3:
        full = sum(_is_full(text, spans[i - 1], spans[i], width) for i in adjacent)
        cut = sum(not _is_final(text, spans[i - 1]) for i in adjacent)
        wrapped = full >= 0.6 * len(adjacent) and cut >= 0.5 * len(adjacent)
    joined = spans[:1]
    for i in range(1, len(spans)):
        start, end, blank = spans[i]
        before = spans[i - 1]
        if not blank and _goes_on(text, before, spans[i], width if wrapped else 0):
            joined[-1] = (joined[-1][0], end, joined[-1][2])
        else:
            joined.append((start, end, blank))
    return joined


def _is_final(text: str, line: tuple[int, int, bool]) -> bool:
    """Whether a line ends as sentences do."""
    return text[max(line[0], line[1] - _LONG) : line[1]].rstrip(_CLOSERS)[-1:] in _STOPS


def _is_full(text: str, line: tuple[int, int, bool], following: tuple[int, int, bool], width: int) -> bool:
    """Whether the next line's first word would not have fitted on this line."""
    word = text[following[0] : min(following[1], following[0] + width)].split(None, 1)[0]
    return line[1] - line[0] + 1 + len(word) > width


def _goes_on(text: str, line: tuple[int, int, bool], following: tuple[int, int, bool], width: int) -> bool:
    """Whether a paragraph goes on in the next line, ``width`` being that of hard-wrapped text or 0."""
    there = text[following[0] : following[0] + _LONG]
    if _BULLET.match(there):
        return False
    final = _is_final(text, line)
    if width:
        if line[1] - line[0] < _NARROW or (final and not _is_full(text, line, following, width)):
            return False
        suspects = [span for span in (line, following) if span[1] - span[0] < 0.8 * width]
    elif final or not there[0].islower() or not _NARROW <= line[1] - line[0] <= _WIDE:
        return False
    else:
        suspects = [line, following]
    return not any(_Line(text, *span).is_furniture(_BODY) for span in suspects)


def _is_anchor(line: _Line) -> bool:
    """Whether a line is certainly body text."""
    return not line.role and line.sentence and line.words >= 8 and not line.is_furniture(_TAIL)


def _mark_sections(text: str, lines: list[_Line]) -> None:
    """Mark polls and readers' comments, whose sentences look like those of the article."""
    comments = False
    for i, line in enumerate(lines):
        if line.kind == "advertisement" and "poll" in text[line.start : line.end].lower():
            form = list(takewhile(lambda other: other.cue or other.words < 25, lines[i + 1 : i + _SECTION_LINES]))
            while form and form[-1].kind not in {"comment", "newsletter"}:
                form.pop()
            for other in form:
                other.cue, other.kind = 2 * _WHOLE, other.kind or "other"
        if line.kind == "comment" and line.heads and i > len(lines) // 3:
            comments = True
        elif comments and not line.final and line.words <= 12 and _COMMENTATOR.match(text, line.start, line.end):
            line.mark("boilerplate", "comment")
            if i + 1 < len(lines) and lines[i + 1].cue == 0:
                lines[i + 1].mark("boilerplate", "comment")


def _mark_captions(lines: list[_Line]) -> None:
    """Mark lines with a photographer's credit right below them."""
    spaced = 2 * sum(line.blank for line in lines) >= len(lines)
    for line, below in pairwise(lines):
        credited = below.kind == "credit" and below.cue >= _WHOLE and not below.blank
        if credited and line.words <= 45 and not line.cue and (spaced or not line.sentence):
            line.cue, line.kind = 2 * _WHOLE, "caption"


def _mark_head(text: str, lines: list[_Line], first: int, title: str | None) -> None:
    """Find the title, and mark what stands before it and between it and the first paragraph."""
    found = _given_title(text, lines, title) if title else -1
    if found < 0:
        found = _likely_title(text, lines, first)
    for i, line in enumerate(lines[: max(first, found + 1)]):
        if line.role:
            continue
        words = text[line.start : line.end]
        if i == found or (found >= 0 and i == found + 1 and words == text[lines[found].start : lines[found].end]):
            line.mark("title", "headline")
        elif line.is_furniture(_HEAD):
            line.mark("boilerplate", line.kind)
        elif i < found:
            if line.words <= 4 or (not line.sentence and not line.final and (line.words <= 8 or _is_menu(line, words))):
                line.mark("boilerplate", "navigation")
        elif found >= 0 and not line.final and _cues().names.fullmatch(words):
            line.mark("boilerplate", "byline")
        elif found >= 0 and (not line.final or _BULLET.match(words) or not line.sentence):
            line.mark("body", "subhead")


def _given_title(text: str, lines: list[_Line], title: str) -> int:
    """Index of the line that is the given title, or -1."""
    wanted = _folded(title)
    close = -1
    for i, line in enumerate(lines[:_HEAD_LINES]):
        if not wanted or line.end - line.start > 2 * len(title) + 40:
            continue
        have = _folded(text[line.start : line.end])
        if have == wanted:
            return i
        alike = wanted.startswith(have) or have.startswith(wanted)
        if close < 0 and alike and min(len(have), len(wanted)) > 12:
            close = i
    return close


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _likely_title(text: str, lines: list[_Line], first: int) -> int:
    """Index of the line that looks most like the title, or -1."""
    best, index = 0.0, -1
    for i, line in enumerate(lines[:first]):
        if line.role or not 2 <= line.words <= _TITLE_WORDS:
            continue
        words = text[line.start : line.end]
        score = 1.0
        if line.is_furniture(_HEAD):
            if i or line.kind != "related" or line.cue >= _WHOLE:
                continue
            score -= 0.5  # "Watch: …" may open a headline
        if line.words >= 4:
            score += 2.0
        if line.final and words[-1] not in "?!" and line.caps < 0.6 and not _DOTTED.search(words[-6:]):
            score -= 3.5
        if _BULLET.match(words) or _is_menu(line, words) or _is_turn(text, lines, i):
            score -= 3.5
        if line.words <= 6 and _CAMEL.search(words) and i + 1 < first:
            score -= 2.5
        if score > best:
            best, index = score, i
    return index


def _is_menu(line: _Line, words: str) -> bool:
    """Whether signs between short parts make a line look like a menu or the path to a page."""
    parts = len(_SEPARATOR.findall(words))
    return parts > 1 or (parts == 1 and line.words <= 6)


def _is_turn(text: str, lines: list[_Line], i: int) -> bool:
    """Whether a line and the next both open with a speaker's name."""
    return all(_TURN.match(text, line.start, line.end) for line in lines[i : i + 2])


def _mark_body(lines: list[_Line], first: int, last: int) -> None:
    """Mark what stands between the first and the last paragraph."""
    section, left = "", 0
    for line in lines[first : last + 1]:
        if line.role:
            continue
        if line.is_furniture(_BODY):
            line.mark("boilerplate", line.kind)
            if line.heads and line.kind == "related":
                section, left = line.kind, _SECTION_LINES
        elif line.sentence or line.words >= 25 or not left:
            section, left = "", 0
            line.mark("body", "paragraph" if line.sentence or line.final or line.words > 12 else "subhead")
        elif line.words >= 4:
            line.mark("boilerplate", section)
            left -= 1


def _mark_tail(text: str, lines: list[_Line], last: int) -> None:
    """Mark what stands behind the last paragraph, and what it says of its author."""
    tail = lines[last + 1 :]
    sure = [i for i, line in enumerate(tail) if line.role == "boilerplate" or line.is_furniture(_TAIL)]
    section = ""
    for i, line in enumerate(tail):
        if line.role in {"title", "body"}:
            section = ""
        elif line.role or line.is_furniture(_TAIL):
            line.mark("boilerplate", line.kind)
            if line.heads or line.kind in _LISTS:
                section = line.kind
        elif section in _HEADED and not line.sentence and line.words < 25:
            line.mark("boilerplate", section)
        elif section and not line.final and line.words <= (14 if i < sure[-1] else 3):
            line.mark("boilerplate", "related")
        else:
            section = ""
            line.mark("body", "paragraph")
    for line in reversed(lines):
        if line.role == "body":
            if line.words <= 45 and _cues().about.match(text[line.start : line.end]):
                line.mark("boilerplate", "byline")
            else:
                break


def _keep_something(lines: list[_Line]) -> None:
    """Take the furniture back where nothing else would be left."""
    for line in lines:
        if not line.role:
            line.mark("body", "paragraph")
    if all(line.role == "boilerplate" for line in lines):
        for line in lines:
            line.mark("body", "paragraph")


def _blocks(text: str, lines: list[_Line]) -> list[Block]:
    """Blocks of the lines, datelines cut off the paragraphs they open."""
    blocks = []
    opening = 3  # paragraphs in which a place and a dash are enough
    for line in lines:
        start = line.start
        if line.role == "body" and line.kind == "paragraph":
            found = _DATELINE.match(text, start, min(line.end, start + 160))
            place = found.group("place") if found else None
            if found and place not in _NO_PLACE and (opening > 0 or not place or found.group("more")):
                blocks.append(Block(start, found.end(), "boilerplate", "dateline"))
                start = found.end()
                while text[start].isspace():
                    start += 1
                opening = 0
            opening -= 1
        blocks.append(Block(start, line.end, line.role, line.kind))
    return blocks
