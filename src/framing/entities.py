"""Whom the names of an article mean: "Ms. Lund", "LUND" and "Ada Lund" are one entity.

Names of several words come first; surnames, first names and acronyms then belong to the most prominent
fitting entity before them. Linear in the text: whatever is compared with other names is compared with a
fixed number of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from framing.names import (
    COURTESY_TITLES,
    NAME_WORD,
    SUFFIXES,
    Name,
    find_names,
    gazetteer,
    opens_sentence,
)

__all__ = ["Entities", "Entity", "Mention", "inside", "surname"]

_TITLE_GENDER = {
    "mr": "m", "sir": "m", "lord": "m", "king": "m", "prince": "m", "father": "m", "brother": "m",
    "mrs": "f", "ms": "f", "miss": "f", "mme": "f", "lady": "f", "queen": "f", "princess": "f",
    "dame": "f", "sister": "f",
}  # fmt: skip
# Titles that belong to the fullest form of a name though they are never abbreviated.
_KEPT_TITLES = frozenset("judge justice king mayor pope prince princess queen sheriff".split())
_SPELT_OUT = {"sen": "senator", "gov": "governor", "rep": "congressman", "gen": "general"}
# Titles that stand for their bearer when they follow "the".
_DEFINITE = frozenset(
    """admiral ambassador archbishop bishop chancellor colonel congressman congresswoman emperor general
    governor king mayor pope premier president prince princess queen senator sheriff sultan""".split()
)
_MONTHS = frozenset(("march", "may"))  # names only where the article has a full name with them

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|\n")
_PERSON_BEHIND = re.compile(r",? (?:who|\d\d,)")
_CAMEL = re.compile(r"[a-z]{2}[A-Z]")
_LEADING = 50  # characters of a source that may stand before the name that it means
_ALIKE = 20  # entities of one surname that a name is compared with
_LOOKED_AT = 6  # mentions of an entity whose surroundings are read


@dataclass(slots=True, eq=False)
class Entity:
    """Whoever or whatever a source may refer to.

    Attributes
    ----------
    tokens : tuple of str
        Words of the longest form of its name in small letters; empty where it has no name.
    kind : str
        "person", "body", "place", "unknown", or "description" for what has no name.
    surface : (int, int)
        Range of its fullest form.
    gender : str
        "m", "f" or "".
    type : str
        Source type, "" until it is asked for.
    named, plural : bool
    words : frozenset of str
        What the article calls it around its name: role nouns and the words before them.
    mentions : list of Mention
    starts : list of int
        Starts of the mentions in order.
    """

    tokens: tuple[str, ...]
    kind: str
    surface: tuple[int, int]
    gender: str = ""
    type: str = ""
    named: bool = True
    plural: bool = False
    words: frozenset[str] = frozenset()
    mentions: list[Mention] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    rank: tuple[int, ...] = ()

    def add(self, mention: Mention) -> None:
        """Take in a mention."""
        self.mentions.append(mention)
        insort(self.starts, mention.start)


class Mention(NamedTuple):
    """One place where an entity is named, without its title.

    Attributes
    ----------
    start, end : int
    title : str
        In small letters without a full stop, "" if there is none.
    entity : Entity
    """

    start: int
    end: int
    title: str
    entity: Entity


class Entities:
    """The entities that an article names.

    Parameters
    ----------
    text : str
    sources : sequence of (int, int)
        Sorted ranges of what speaks in the article.
    body : sequence of (int, int)
        Ranges to look for names in, in order.

    Attributes
    ----------
    all : list of Entity
    mentions : list of Mention
        In text order.
    starts : list of int
        Starts of the mentions.
    headings : list of (int, int)
        Lines in which all longer words have capitals.

    Examples
    --------
    >>> from framing.entities import Entities
    >>> entities = Entities("Gov. Ada Lund spoke. Ms. Lund smiled.", [], [(0, 37)])
    >>> [mention.entity.tokens for mention in entities.mentions]
    [('ada', 'lund'), ('ada', 'lund')]
    """

    def __init__(self, text: str, sources: Sequence[tuple[int, int]], body: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.sources = sources
        self.tables = gazetteer()
        self.all: list[Entity] = []
        self.mentions: list[Mention] = []
        self._ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        self._by_edge: dict[str, list[Entity]] = {}
        found = find_names(text, body)
        self.headings = found.headings
        self._small = found.small
        self._link(found.names)
        self._link_headings(found.in_headings)
        self._link_titles(body)
        self.mentions.sort(key=lambda mention: mention.start)
        self.starts = [mention.start for mention in self.mentions]

    def sentence(self, place: int) -> int:
        """Number of the sentence that a place lies in, roughly: abbreviations count as ends."""
        return bisect_right(self._ends, place)

    def between(self, start: int, end: int) -> list[Mention]:
        """Mentions that start in a range."""
        return self.mentions[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def at(self, place: int) -> Mention | None:
        """The mention that covers a place."""
        at = bisect_right(self.starts, place) - 1
        return self.mentions[at] if at >= 0 and place < self.mentions[at].end else None

    def in_heading(self, place: int) -> bool:
        """Whether a place lies in a line whose capitals say nothing."""
        return inside(place, self.headings)

    def is_person(self, entity: Entity) -> bool:
        """Whether an entity is one person, by its name and what stands around it."""
        if entity.kind == "unknown":
            entity.kind = "person" if self._looks_personal(entity) else "body"
        return entity.kind == "person"

    def prominence(self, entity: Entity, start: int) -> float:
        """How much an entity is in the reader's mind at a place: often named, lately, speaking."""
        at = bisect_left(entity.starts, start)
        if at == 0:
            return -9.0 - (entity.starts[0] - start if entity.starts else start) / 1e9
        latest = entity.starts[at - 1]
        away = self.sentence(start) - self.sentence(latest)
        spoke = self._leads_source(latest)
        return 0.5 * min(at, 6) - 0.4 * min(away, 15) + (1.5 if spoke else 0.0)

    def _leads_source(self, place: int) -> bool:
        """Whether a place is where a source says whom it means, before any comma."""
        at = bisect_right(self.sources, (place, len(self.text))) - 1
        if at < 0 or place >= self.sources[at][1]:
            return False
        start = self.sources[at][0]
        return place - start <= _LEADING and "," not in self.text[start:place]

    def _looks_personal(self, entity: Entity) -> bool:
        text, tokens = self.text, entity.tokens
        score = 0.0
        for mention in entity.mentions[:_LOOKED_AT]:
            article = text[max(0, mention.start - 4) : mention.start - 1]
            if article.lower() == "the":
                # "The Lund campaign", but "told The Hill"
                outlet = article == "The" and not opens_sentence(text, mention.start - 4)
                score -= 2 if outlet or tokens[-1] not in self.tables.surnames else 0.3
            if _PERSON_BEHIND.match(text, mention.end):
                score += 2
        if len(tokens) > 1:
            if any(mention.end - mention.start == len(surname(tokens)) for mention in entity.mentions):
                score += 1.5
            if any(token in self._small or token in self.tables.common for token in tokens):
                score -= 1
            return score + (1 if len(tokens) < 4 else -1) > 0
        if tokens[0] in self.tables.surnames:
            score += 1
        elif _CAMEL.search(text, *entity.surface):
            score -= 1
        speaks = any(inside(mention.start, self.sources) for mention in entity.mentions[:_LOOKED_AT])
        return score + (0.5 if speaks else 0) > 0.5

    def _link(self, found: list[Name]) -> None:
        for name in found:
            if len(name.tokens) > 1:
                self._mention(name, self._entity(name))
        for name in found:
            if len(name.tokens) == 1 and (name.tokens[0] not in _MONTHS or name.tokens[0] in self._by_edge):
                self._mention(name, self._entity_of_word(name))

    def _mention(self, name: Name, entity: Entity) -> None:
        mention = Mention(name.start, name.end, name.title, entity)
        self.mentions.append(mention)
        entity.add(mention)
        # Short titles belong to the fullest form; longer ones only where there is nothing but a surname.
        title = self.text[name.title_start : name.start].rstrip()
        short = title.endswith(".") or name.title in _KEPT_TITLES
        titled = bool(title) and (len(name.tokens) == 1 or (short and name.title not in COURTESY_TITLES))
        shouted = self.text[name.start : name.end].isupper()
        rank = (len(name.tokens), int(titled), int(not shouted))
        if rank > entity.rank:
            entity.rank = rank
            entity.surface = (name.title_start if titled else name.start, name.end)
            if len(name.tokens) > len(entity.tokens):
                entity.tokens = name.tokens
        if name.kind == "person":
            entity.kind = "person"
        gender = _TITLE_GENDER.get(name.title, "")
        if not gender and name.title.endswith("man"):
            gender = "f" if name.title.endswith("woman") else "m"
        entity.gender = gender or entity.gender

    def _new(self, name: Name) -> Entity:
        entity = Entity(name.tokens, name.kind, (name.start, name.end))
        if name.kind in ("person", "unknown"):
            tokens = name.tokens
            given = tokens[0] if len(tokens) > 1 else self.tables.surnames.get(tokens[0], "")
            entity.gender = self.tables.given.get(given, "")
        self.all.append(entity)
        return entity

    def _entity(self, name: Name) -> Entity:
        """Entity of a name of several words."""
        for entity in self._by_edge.get(surname(name.tokens), ())[-_ALIKE:]:
            if _same(entity, name):
                break
        else:
            entity = self._new(name)
        for key in {*_edges(name), *_initials(name.tokens)}:
            known = self._by_edge.setdefault(key, [])
            if entity not in known[-_ALIKE:]:
                known.append(entity)
        return entity

    def _entity_of_word(self, name: Name) -> Entity:
        """Entity of a single word: a surname, a first name, an acronym, part of a body's name."""
        word = name.tokens[0]
        fitting = [entity for entity in self._by_edge.get(word, ())[-_ALIKE:] if _fits(entity, name)]
        fitting = [entity for entity in fitting if surname(entity.tokens) == word] or fitting
        if fitting:
            return max(fitting, key=lambda entity: self.prominence(entity, name.start))
        entity = self._new(name)
        self._by_edge.setdefault(word, []).append(entity)
        return entity

    def _link_headings(self, chunks: list[tuple[int, int]]) -> None:
        """Find in headings, where everything is capitalised, the names of the rest of the text."""
        for start, end in chunks:
            words = [(m.start(), m.end(), m.group().lower()) for m in NAME_WORD.finditer(self.text, start, end)]
            at = 0
            while at < len(words):
                for size in (4, 3, 2, 1):
                    part = words[at : at + size]
                    entity = self._known(tuple(word[2] for word in part)) if len(part) == size else None
                    if entity is not None:
                        mention = Mention(part[0][0], part[-1][1], "", entity)
                        self.mentions.append(mention)
                        entity.add(mention)
                        break
                at += size

    def _link_titles(self, body: Sequence[tuple[int, int]]) -> None:
        """Find "the governor" where the article has a Gov. Lund."""
        bearers: dict[str, list[Entity]] = {}
        for mention in self.mentions:
            title = _SPELT_OUT.get(mention.title, mention.title)
            if title in _DEFINITE and mention.entity not in bearers.setdefault(title, [])[-_ALIKE:]:
                bearers[title].append(mention.entity)
        if not bearers:
            return
        pattern = re.compile(rf"\b[Tt]he[ \xa0](?:former[ \xa0])?({'|'.join(sorted(bearers))})\b(?![ \xa0][A-Z])")
        for start, end in body:
            for match in pattern.finditer(self.text, start, end):
                fitting = bearers[match.group(1)][-_ALIKE:]
                entity = max(fitting, key=lambda entity: self.prominence(entity, match.start()))
                mention = Mention(*match.span(1), "", entity)
                self.mentions.append(mention)
                entity.add(mention)

    def _known(self, tokens: tuple[str, ...]) -> Entity | None:
        for entity in self._by_edge.get(tokens[-1], ())[-_ALIKE:]:
            if tokens == entity.tokens:
                return entity
            short = len(tokens) == 1 and entity.kind != "place" and tokens[0] not in self._small
            if short and tokens[0] in (surname(entity.tokens), *_initials(entity.tokens)):
                return entity
        return None


def surname(tokens: tuple[str, ...]) -> str:
    """Last word of a name, not counting "Jr."."""
    return tokens[-2] if len(tokens) > 1 and tokens[-1] in SUFFIXES else tokens[-1]


def inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the last of the sorted spans that start at or before a place covers it."""
    at = bisect_right(spans, (place, 1 << 60))
    return at > 0 and place < spans[at - 1][1]


def _edges(name: Name) -> tuple[str, ...]:
    """Words that may stand for a whole name."""
    tokens = name.tokens
    return tokens if len(tokens) == 3 and name.kind == "person" else (tokens[0], surname(tokens))


def _initials(tokens: tuple[str, ...]) -> tuple[str, ...]:
    if not 2 <= len(tokens) <= 9:
        return ()
    letters = "".join(word[0] for word in tokens if word not in ("of", "for", "the", "and", "on", "&"))
    full = "".join(word[0] for word in tokens)
    return (letters, letters[1:], full) if tokens[0] in ("u.s.", "us") else (letters, full)


def _same(entity: Entity, name: Name) -> bool:
    """Whether a name of several words is another form of an entity's."""
    ours, theirs = entity.tokens, name.tokens
    if ours == theirs:
        return True
    if "person" in (entity.kind, name.kind):
        if "body" in (entity.kind, name.kind) or (ours[-1] in SUFFIXES) != (theirs[-1] in SUFFIXES):
            return False
        if len(ours) != len(theirs) and min(ours, theirs, key=len) == max(ours, theirs, key=len)[1:]:
            return True  # "Vargas Luna" and "Inés Vargas Luna"
        one, other = sorted((ours[0].rstrip("."), theirs[0].rstrip(".")), key=len)
        return other.startswith(one) and len(one) != 2
    if "place" in (entity.kind, name.kind):
        return False
    shorter, longer = sorted((ours, theirs), key=len)
    return len(shorter) > 1 and longer[-len(shorter) :] == shorter


def _fits(entity: Entity, name: Name) -> bool:
    """Whether a single word may be short for an entity's name."""
    tokens, word = entity.tokens, name.tokens[0]
    if entity.kind == "place":
        return tokens == name.tokens
    if name.kind == "place":
        return entity.kind == "person" and word == surname(tokens)
    gender = _TITLE_GENDER.get(name.title, "")
    if entity.gender and gender and entity.gender != gender:
        return False
    if name.title and entity.kind == "body":
        return False
    if tokens == name.tokens:
        return True
    if entity.kind == "body" or name.kind == "body":
        return entity.kind != "person" and word in (tokens[0], tokens[-1], *_initials(tokens))
    return word in (surname(tokens), *(tokens if len(tokens) == 3 else tokens[:1]))
