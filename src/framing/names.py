"""Names as they stand in an article, each apart: "Ms. Lund", "Harrow Bank", "Ohio".

One pass of a regular expression finds runs of capitalised words; titles, words that open sentences, days
and months are cut off them, and what is left is a person, a body, a place or unknown. The tables of given
names, surnames, places and well-known names are data (``models/speakers``).

Linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from framing.lexicons import load_lexicon
from framing.persistence import load_model

__all__ = [
    "ABBREVIATED_TITLES",
    "BODY_TYPES",
    "CALENDAR",
    "COURTESY_TITLES",
    "NAME_WORD",
    "SUFFIXES",
    "FoundNames",
    "Gazetteer",
    "Name",
    "find_names",
    "gazetteer",
    "is_plural",
    "opens_sentence",
]

_MODEL = Path(__file__).with_name("models") / "speakers"

ABBREVIATED_TITLES = (
    "Mr|Mrs|Ms|Dr|Prof|Hon|St|Jr|Sr|Ft|Mt|Pres|Amb|Atty|Supt|Insp|Det|Del|Rev|Fr|Brig|Cmdr"
    "|Sens?|Reps?|Govs?|Gen|Lt|Col|Maj|Capt|Adm|Sgt|Cpl|Pvt|Spc"
)
"""Alternatives of a regular expression, without the full stop."""

# Words that end, or stand in, the names of bodies, by the type of the body.
_OFFICIAL = frozenset(
    """administration agency army assembly authority bureau cabinet commission committee congress council
    corps court courts department embassy force forces government guard house justice kremlin
    legislature marines military ministry navy office parliament pentagon police reserve senate service
    subcommittee treasury tribunal""".split()
)
_EXPERT = frozenset(
    """academy brookings cato college institute institution laboratory lab polytechnic rand school
    university""".split()
)
_MEDIA = frozenset(
    """broadcasting chronicle daily gazette herald inquirer journal magazine media network news observer
    post press radio register review sentinel standard sun telegraph television times tribune tv weekly
    wire""".split()
)
_DOCUMENT = frozenset(
    """accord act agreement amendment bill charter code constitution convention deal index law order
    plan poll protocol report resolution survey treaty""".split()
)
_ORGANIZATION = frozenset(
    """action airlines alliance americans association bank brothers center centre chamber church
    citizens club co coalition communications company conference corp corporation federation financial
    firm foundation friends fund group holdings inc industries insurance international league llc llp
    ltd motors movement national organization pac partners party plc project society solutions studios
    systems team technologies trust union unions watch workers""".split()
)
BODY_TYPES = (
    ("official", _OFFICIAL),
    ("expert", _EXPERT),
    ("media", _MEDIA),
    ("document", _DOCUMENT),
    ("organization", _ORGANIZATION),
)
"""Source types with the words in names of bodies that tell them, the surest first."""

_BODY_WORDS = _OFFICIAL | _EXPERT | _MEDIA | _DOCUMENT | _ORGANIZATION
_PLACE_WORDS = frozenset(
    """airport avenue beach boulevard bridge building city county hill hills hotel island islands lake mountain
    park river road square stadium street tower town valley village""".split()
)
# Words after which "of" or "for" continues a name.
_JOINING = _BODY_WORDS | frozenset(
    """alcohol americans attorney board chairman chief conference daughters director division drug
    employment food friends health homeland knights library minister museum people secretary securities
    sons speaker state states university""".split()
)
_JOINED_BY_AND = frozenset(
    """affairs culture development explosives industry liberties medicine prevention priorities rights
    sciences services technology""".split()
)
_JOINT = re.compile(r"[ \xa0](?:(?:of|for|on)(?:[ \xa0](?:the|an?))?|and|&)[ \xa0]")
_WIDEST_JOINT = 9
_LONGEST_JOINED = 120

# Entries of the lexicon of titles that stand behind names, or that are more often something else.
_NO_TITLES = frozenset(("jr", "sr", "iii", "md", "phd", "m.d", "ph.d", "esq", "td", "count", "don", "counsel"))
COURTESY_TITLES = frozenset("mr mrs ms miss mme mx sens reps govs".split())
# What follows "Secretary of" and the like before the holder's name.
_PORTFOLIO = frozenset(
    """affairs agriculture and commerce defense education energy for foreign health homeland house human
    intelligence interior labor national of security services staff state the transportation treasury
    veterans""".split()
)
SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
_PARTY = frozenset("democrat democratic democrats gop republican republicans tories tory".split())
_PEOPLES = frozenset(
    """afghan argentine bangladeshi catalan czech dutch emirati filipino flemish french greek iraqi israeli
    kuwaiti nepali omani pakistani qatari saudi scottish slovak somali swiss thai uzbek yemeni""".split()
)
_OF_A_PEOPLE = re.compile(r"(?:ese|ish|ian|ean|ican)$")
_STARTERS = frozenset(
    """a about above according accordingly across additionally after again against ago all almost along
    already also although always among an and another any anyone are as asked at away back because
    before behind being below besides between beyond both but by can clearly could critics despite did
    do does down during each earlier either else even eventually ever every everyone few finally first
    follow following for former from further furthermore generally given had half has have having he
    hence her here his how however i if in including indeed initially instead into is it its just last
    late lately later least let like likewise many maybe me meanwhile member members more moreover most mostly much my
    nearly neither never nevertheless next no nobody none nonetheless nor not nothing now of off often
    on once one only onto or other others otherwise our out outside over overall per perhaps please
    possibly previously put quite rather recently reporting said same say says second see seems several
    she should similarly since so some someone sometimes soon speaking still such take than that the
    their them then there therefore these they thing things this those though three through throughout
    thus to today together tomorrow tonight too toward two under unless unlike until up upon us very
    was we well were what whatever when whenever where whether which while who whoever whom whose why
    with within without yes yesterday yet you your""".split()
)
CALENDAR = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april june july
    august september october november december jan feb mar apr aug sept sep oct nov dec easter christmas
    thanksgiving islam christianity english spanish french arabic god internet i tv""".split()
)

_NO_NAME_ALONE = (_STARTERS | CALENDAR) - {"us"}  # but "US" is one

NAME_WORD = re.compile(r"[^\s,\"“”()]+")
_PARTY_STATE = re.compile(r"[rdi](?:ep|em)?[-–—]\w")  # (R-Ohio)
_DERIVED = re.compile(r"-[a-z]{3,}")  # Lund-era, Twenty-two
_STATES = frozenset(  # Tampa, Fla.
    """ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla
    ore pa tenn tex va vt wash wis wyo""".split()
)
_LETTERS = re.compile(r"[^\W\d_]+")
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL_IN_HEADINGS = frozenset(
    """about after against amid and before between but for from into nor off out over per than that the
    through toward under upon versus via with without""".split()
)
_LONGEST = 6  # words of a name that no list and no ending vouches for
_HEADING = 250  # no heading has more characters


class Gazetteer(NamedTuple):
    """What is known of names before an article is read, all in small letters.

    Attributes
    ----------
    given : dict of str to str
        Given names with their usual gender, "m", "f" or "".
    surnames : dict of str to str
        Surnames, with the given name of a bearer whom news rarely names in full, else "".
    places : dict of str to str
        "country", "state" or "city".
    people, bodies : dict of str to str
        Source types of people (given name and surname) and of bodies.
    ordinary : dict of str to str
        Words that news often writes in small letters; no values.
    titles, groups : frozenset of str
    common, proper : frozenset of str
        Nouns for people and bodies that have both numbers, and those that have one and may be names.
    chunk : re.Pattern
        Runs of capitalised words.
    """

    given: dict[str, str]
    surnames: dict[str, str]
    places: dict[str, str]
    people: dict[str, str]
    bodies: dict[str, str]
    ordinary: dict[str, str]
    titles: frozenset[str]
    groups: frozenset[str]
    common: frozenset[str]
    proper: frozenset[str]
    chunk: re.Pattern[str]


class Name(NamedTuple):
    """A name as it stands in the text, before it is known whose it is."""

    start: int
    end: int
    tokens: tuple[str, ...]
    title: str
    title_start: int
    kind: str


class FoundNames(NamedTuple):
    """What `find_names` finds.

    Attributes
    ----------
    names : list of Name
        In text order, those in headings not among them.
    headings : list of (int, int)
        Lines in which all longer words have capitals, so that capitals say nothing.
    in_headings : list of (int, int)
        Runs of capitalised words there.
    small : frozenset of str
        Words that the text has in small letters.
    """

    names: list[Name]
    headings: list[tuple[int, int]]
    in_headings: list[tuple[int, int]]
    small: frozenset[str]


@cache
def gazetteer() -> Gazetteer:
    """The tables, read once per process.

    Returns
    -------
    Gazetteer
    """
    stored = load_model(_MODEL)

    def table(name: str) -> dict[str, str]:
        lines = stored.arrays[name].tobytes().decode("utf-8").split("\n")
        return {key: value for key, _, value in (line.partition("\t") for line in lines) if key}

    titles = {"whip"} | {entry.split()[-1].rstrip(".") for entry in load_lexicon("person_titles")} - _NO_TITLES
    groups = load_lexicon("group_words") | load_lexicon("public_words")
    nouns: set[str] = set()
    for name in ("official_roles", "organization_words", "media_words"):
        nouns |= load_lexicon(name)
    # A noun in singular and plural is a common noun; one without, such as "congress", may be a name.
    proper = {noun for noun in nouns if nouns.isdisjoint(_other_numbers(noun))}
    for name in ("expert_roles", "document_words", "person_words", "anonymous_words"):
        nouns |= load_lexicon(name)
    return Gazetteer(
        table("given"),
        table("surnames"),
        table("places"),
        table("people"),
        table("bodies"),
        table("ordinary"),
        frozenset(titles),
        frozenset(groups),
        frozenset(nouns - proper),
        frozenset(proper),
        _chunk_pattern(),
    )


def find_names(text: str, body: Sequence[tuple[int, int]]) -> FoundNames:
    """Find the names in an article.

    Parameters
    ----------
    text : str
    body : sequence of (int, int)
        Ranges to look in, in order.

    Returns
    -------
    FoundNames

    Examples
    --------
    >>> from framing.names import find_names
    >>> text = "On Monday Gov. Ada Lund of Ohio met managers of Harrow Bank."
    >>> [(text[name.start:name.end], name.title, name.kind) for name in find_names(text, [(0, 60)]).names]
    [('Ada Lund', 'gov', 'person'), ('Ohio', '', 'place'), ('Harrow Bank', '', 'body')]
    """
    return _Finder(text).find(body)


def opens_sentence(text: str, start: int) -> bool:
    """Whether a sentence, a quotation or an item of a list opens at a place."""
    at = start - 1
    while at >= 0 and text[at] in " \xa0\"'“”‘’([":
        at -= 1
    return at < 0 or text[at] in ".!?:;\n—–…•"


def is_plural(noun: str) -> bool:
    """Whether a noun phrase in small letters looks plural by its ending."""
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is", "'s"))


def _other_numbers(noun: str) -> set[str]:
    """Forms that a noun may have in the other number."""
    forms = {noun + "s", noun + "es", noun.replace("man", "men"), noun.replace("men", "man")}
    forms |= {noun[:-1] + "ies", noun.removesuffix("s"), noun.removesuffix("es"), noun.removesuffix("ies") + "y"}
    return forms - {noun}


def _chunk_pattern() -> re.Pattern[str]:
    """Runs of capitalised words, with the particles of names and abbreviated titles among them."""
    capital = "[" + "".join(chr(code) for code in range(0x2000) if chr(code).isupper()) + "]"
    word = (
        rf"(?:(?:{capital}\.){{2,}}(?:{capital}\b)?|(?:{ABBREVIATED_TITLES})\.|{capital}\.(?=[ \xa0]{capital})"
        rf"|(?:[ODL]['’]|(?:al|el|ul)-)?{capital}\w*(?:[-‐‑&]\w+)*)"
    )
    particle = "(?:de|la|le|di|da|del|della|van|von|der|den|bin|ibn|al|el|du|dos|y)"
    gap = (
        rf"(?:[ \xa0](?:{particle}[ \xa0]){{0,2}}|[ \xa0][“\"(]{capital}\w+[”\")][ \xa0]"
        r"|,[ \xa0](?=(?:Jr|Sr)\b))"
    )
    return re.compile(rf"(?<!\w){word}(?:{gap}{word})*")


_Words = list[tuple[int, int, str]]


class _Finder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tables = gazetteer()
        self.small = frozenset(filter(str.islower, set(_LETTERS.findall(text))))

    def find(self, body: Sequence[tuple[int, int]]) -> FoundNames:
        found = FoundNames([], [], [], self.small)
        for start, end in self._lines(body):
            chunks = [match.span() for match in self.tables.chunk.finditer(self.text, start, end)]
            if chunks and self._is_heading(start, end):
                found.in_headings.extend(chunks)
                found.headings.append((start, end))
                continue
            for chunk in self._joined(chunks):
                name = self._name(*chunk)
                if name is not None:
                    found.names.append(name)
                    # "Harrow Bank CEO Ada Lund" names the bank, too.
                    before = self._name(chunk[0], name.title_start) if name.title_start > chunk[0] else None
                    if before is not None and before.kind in ("body", "place"):
                        found.names.append(before)
        return found

    def _lines(self, body: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        size = len(self.text)
        for start, end in body:
            end = min(end, size)
            while start < end:
                stop = self.text.find("\n", start, end)
                stop = end if stop < 0 else stop
                if stop > start:
                    yield start, stop
                start = stop + 1

    def _is_heading(self, start: int, end: int) -> bool:
        if end - start > _HEADING:
            return False
        words = [word for word in _LONG_WORD.findall(self.text, start, end) if word not in _SMALL_IN_HEADINGS]
        return len(words) >= 4 and sum(word[0].isupper() for word in words) >= 0.9 * len(words)

    def _joined(self, chunks: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Put the parts of "Department of Health and Human Services" together."""
        joined: list[tuple[int, int]] = []
        for start, end in chunks:
            if joined and start - joined[-1][1] <= _WIDEST_JOINT and self._joins(*joined[-1], start, end):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return joined

    def _joins(self, left: int, left_end: int, right: int, right_end: int) -> bool:
        if right_end - left > _LONGEST_JOINED or not _JOINT.fullmatch(self.text, left_end, right):
            return False
        words = self.text[left:left_end].lower().split()
        if self.text[left_end + 1 : right - 1].lower() not in ("and", "&"):
            return words[-1] in _JOINING or ("of" in words and not _JOINING.isdisjoint(words))
        behind = self.text[right:right_end].lower().split()
        if "of" in words or "for" in words:
            return behind[-1] in _JOINED_BY_AND
        plain = words[-1] not in _BODY_WORDS and words[0] not in self.tables.given
        return plain and len(behind) > 1 and behind[-1] in _BODY_WORDS

    def _name(self, start: int, end: int) -> Name | None:
        if self.text[start:end].lower() in _NO_NAME_ALONE:  # a third of all runs: "The", "On"
            return None
        tables = self.tables
        words = [
            (m.start(), m.end(), m.group().lower().replace("’", "'")) for m in NAME_WORD.finditer(self.text, start, end)
        ]
        opening = opens_sentence(self.text, start)
        words = [word for word in words if not _DERIVED.search(self.text, word[0], word[1])]
        words = self._without_openers(words, opening)
        if not words:
            return None
        low = [word[2] for word in words]
        if _PARTY_STATE.match(low[0]) or all(word in SUFFIXES for word in low):
            return None
        title, title_start = "", words[0][0]
        at = self._title(low)
        if at >= 0:
            person = at + 1
            if low[person] in ("of", "for"):
                while person < len(low) and low[person] in _PORTFOLIO:
                    person += 1
                if person < len(low) and low[person] not in tables.given and low[person] not in tables.surnames:
                    return None
            if person == len(low):
                return None
            title, title_start = low[at].rstrip("."), words[at][0]
            spelt_out = title not in COURTESY_TITLES and not low[at].endswith(".")
            no_name = low[person] in tables.common or low[person] in _PLACE_WORDS
            if spelt_out and no_name and person == len(low) - 1:
                return None
            words, kind = words[person:], "person"
        elif (low[-1] in _BODY_WORDS and len(low) > 1) or ("of" in low and not _BODY_WORDS.isdisjoint(low)):
            kind = "body"
        else:
            given = next((place for place, word in enumerate(low[:4]) if word in tables.given), 0)
            if 0 < given < len(low) - 1 and all(self._may_precede(word) for word in low[:given]):
                words = words[given:]
                title_start = words[0][0]
            kind = self._kind(words, opening)
        if not kind:
            return None
        return Name(words[0][0], words[-1][1], tuple(w[2] for w in words), title, title_start, kind)

    def _without_openers(self, words: _Words, opening: bool) -> _Words:
        """Drop words that only open a sentence, and days and months at either end."""
        tables = self.tables
        is_body = len(words) > 1 and words[-1][2] in _BODY_WORDS
        first = 0
        while first < len(words):
            at, _, word = words[first]
            if word == "us" and self.text[at] == "U" and self.text[at + 1] == "S":
                break
            if first == 0 and len(words) > 1 and word in CALENDAR and word in tables.given:
                break  # April Mills
            ordinary = (
                opening
                and (word in self.small or word in tables.ordinary)
                and not is_body
                and word not in tables.given
                and word not in tables.titles
                and (word in self.small or word not in tables.surnames)
                and word not in tables.proper
                and " ".join(w[2] for w in words[first : first + 2]) not in tables.places
            )
            if not (ordinary or word in _STARTERS or word in CALENDAR):
                break
            first += 1
            opening = False
        last = len(words)
        while last > first and not (last > first + 1 and words[last - 2][2] in tables.given):
            word = words[last - 1][2]
            # "Iowa Republicans" are no name.
            group = word in _PARTY or (word in tables.groups and is_plural(word))
            if not (word in CALENDAR or word in _STARTERS or (group and last > first + 1 and not is_body)):
                break
            last -= 1
        return words[first:last]

    def _may_precede(self, word: str) -> bool:
        """Whether a capitalised word before a person's name need not belong to it."""
        tables = self.tables
        return (
            word in _PARTY
            or word in tables.groups
            or word in tables.places
            or word in self.small
            or word in tables.common
            or word in tables.bodies
            or word in _BODY_WORDS
        )

    def _kind(self, words: _Words, opening: bool) -> str:
        """Kind of a name without a title: "" if it is none."""
        tables = self.tables
        low = [word[2] for word in words]
        name = " ".join(low)
        if name in tables.places:
            return "place"
        if name in tables.bodies:
            return "body"
        if len(low) > 1:
            if low[-1] in _PLACE_WORDS:
                return "place"
            if low[0] in tables.given:
                return "person"
            return "unknown" if len(low) <= _LONGEST else ""
        start, end, word = words[0]
        if word in tables.groups or word in _PARTY:
            return ""
        if word in _PEOPLES or (_OF_A_PEOPLE.search(word) and word not in tables.surnames):
            return ""
        if word in _BODY_WORDS and not opening and word not in self.small:
            return "body"
        if word in tables.common:
            return ""
        if word in tables.proper:
            return "" if word in self.small else "body"
        if word in _STATES and self.text[start - 2 : start] == ", ":
            return ""
        if end - start == 1:
            return ""
        if self.text[start:end].isupper() and not self._is_shouted(start, end):
            return "body"
        return "" if opening and word in self.small else "unknown"

    def _is_shouted(self, start: int, end: int) -> bool:
        """Whether capitals throughout say nothing: "WALLACE: Good evening"."""
        return end - start > 5 or self.text[end : end + 1] == ":"

    def _title(self, low: list[str]) -> int:
        """Place of the last title that a name follows, or -1."""
        for at in range(len(low) - 2, -1, -1):
            word = low[at].rstrip(".")
            if word in self.tables.titles and (at == 0 or low[at - 1] not in self.tables.given):
                if low[-1] in _BODY_WORDS and not (low[at].endswith(".") or low[at + 1] in self.tables.given):
                    return -1
                return at
        return -1
