"""Who the source of an attribution is, in which role it speaks, and whether the article names it.

A source is a name, a pronoun, a definite description ("the senator") that is looked for among what came
before, or a description of its own ("two officials"). Names and whose they are come from
`framing.entities`, types from `framing.roles`.

The cost is linear in the text and in the attributions: searches have fixed lengths.

Weak spots: English only; two people of one surname and no title; pronouns for somebody whom the article
mentions only inside quotations; roles that only world knowledge tells.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from framing.entities import Entities, Entity, Mention, inside
from framing.names import CALENDAR, is_plural
from framing.roles import (
    COLLECTIVE_BODIES,
    CUTS,
    DETERMINERS,
    FEMALE_NOUN,
    MALE_NOUN,
    ROLE_TYPES,
    Roles,
    Word,
    core_length,
    is_many,
    noun_types,
)

__all__ = ["SourceReading", "read_sources"]

_MALE = frozenset(("he", "him", "his", "himself"))
_FEMALE = frozenset(("she", "her", "hers", "herself"))
_THEY = frozenset(("they", "them", "their", "theirs", "themselves", "both", "each"))
_IT = frozenset(("it", "its", "itself"))
_PRONOUNS = (
    dict.fromkeys(_MALE, "m") | dict.fromkeys(_FEMALE, "f") | dict.fromkeys(_THEY, "they") | dict.fromkeys(_IT, "it")
)
_FIRST = frozenset(("i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"))
_RELATIVE = frozenset(("who", "whom", "whose", "which", "that"))
# Types of pronouns that stay open; the first person is the author's.
_UNRESOLVED = (dict.fromkeys(_FIRST, "media") | dict.fromkeys(_THEY, "group") | dict.fromkeys(_IT, "organization")) | {
    "which": "organization",
    "that": "organization",
    "you": "public",
}
_AFTER_PRONOUN = frozenset(("himself", "herself", "itself", "themselves", "also", "too", "all", "both", ","))

# The titles behind common nouns, and nouns for one another.
_SYNONYMS = {
    "senator": ("sen",),
    "congressman": ("rep",),
    "congresswoman": ("rep",),
    "representative": ("rep",),
    "lawmaker": ("sen", "rep", "senator", "congressman", "congresswoman"),
    "governor": ("gov",),
    "general": ("gen",),
    "doctor": ("dr", "physician"),
    "professor": ("prof",),
    "reverend": ("rev",),
    "lawyer": ("attorney",),
    "attorney": ("lawyer",),
    "panel": ("committee", "subcommittee"),
    "gop": ("republican",),
    "nominee": ("candidate",),
    "candidate": ("nominee",),
}
# Nouns for a person of the article that its full mention need not use.
_PERSONAL = frozenset(
    """billionaire businessman businesswoman candidate challenger contender democrat front-runner
    frontrunner hopeful incumbent lady man mogul nominee politician republican tycoon woman""".split()
)
_IMPERSONAL = {
    "agency": "official", "department": "official", "bureau": "official", "commission": "official",
    "company": "organization", "firm": "organization", "bank": "organization", "retailer": "organization",
    "organization": "organization", "group": "organization", "newspaper": "media", "paper": "media",
    "network": "media", "magazine": "media", "outlet": "media", "site": "media", "website": "media",
}  # fmt: skip
_PLACE_NOUNS = frozenset(("city", "state", "country"))
_INQUIRIES = frozenset("analysis poll report research study survey".split())
_RIGHT, _LEFT = frozenset(("gop", "republican")), frozenset(("democrat", "democratic"))
_OPPOSED = ((_RIGHT, _LEFT), (_LEFT, _RIGHT))
_PAIR = frozenset("candidates nominees two pair duo rivals".split())
_NAMED_BY_PARTS = ("organization", "document", "media")  # "a report by the Lund Institute" has a name
_THINGS = ("organization", "document", "media", "group", "public")

# What may open a source without belonging to it.
_LEAD = re.compile(
    r"[\s\"“”‘'(–—-]*(?:(?:according[ \xa0]to|from|by|for|of|as|in|per|via|among|amid|at|on|to|with|while|when"
    r"|if|but|and|that|although|though|because)[ \xa0]+)?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[ \xa0]?\([^()]{0,60}\)|,[ \xa0][RDI]-[\w.]{1,8},?")
_AND = re.compile(r",?[ \xa0]?(?:and|&)?[ \xa0](?:[A-Z][a-z]+\.?[ \xa0]){0,3}")
_AFTER_SEVERAL = re.compile(r"[ \xa0]?(?:\([^()]*)?(?:[ \xa0](?:all|both|each))?(?:,[ \xa0]who\b.*)?[,.]?", re.DOTALL)
_OWNER = re.compile(r"(?:['’]s)?[ \xa0](?:[a-z]+[ \xa0])?")
_LONGEST = 80  # words of a source that are read
_HEADLINE = 250  # no headline has more characters
_LEAD_PARAGRAPH = 400  # characters behind the headline
_BEFORE = 80  # characters read before a name
_REACH = 40  # mentions looked back at for a pronoun
_NEAR = 4000  # characters around a description where its fuller form is looked for


class SourceReading(NamedTuple):
    """What is known of one attribution's source.

    Attributes
    ----------
    speaker : str or None
        The fullest name or description in the article of whoever the source refers to, a substring
        of the text; None where there is no source or the text does not settle whom it means.
    source_type : str
        "official", "expert", "organization", "media", "document", "person", "group", "public",
        "anonymous", or "unspecified" where there is no source.
    named : bool
        Whether the article names the source: a person, body, outlet or document by its name.
    """

    speaker: str | None
    source_type: str
    named: bool


_NOBODY = SourceReading(None, "unspecified", False)


def read_sources(
    text: str,
    attributions: Sequence[Mapping[str, Any]],
    *,
    body: Sequence[tuple[int, int]] | None = None,
) -> list[SourceReading]:
    """Find who speaks in every attribution of an article.

    Parameters
    ----------
    text : str
        The article.
    attributions : sequence of mapping
        Each with ``source``, ``cue`` and ``content``, lists of [start, end] in code points of the
        text; in text order, for a pronoun is looked up among what came before.
    body : sequence of (int, int), optional
        Ranges of title and paragraphs, in order; names are looked for only there. Default: the whole
        text.

    Returns
    -------
    list of SourceReading
        One for each attribution, in the same order.

    Raises
    ------
    TypeError
        If ``text`` is not a string or ``attributions`` holds anything else than mappings.

    Examples
    --------
    >>> from framing.speakers import read_sources
    >>> text = "Ada Lund, an economist at Harrow University, agreed. “Prices fell,” she said."
    >>> read_sources(text, [{"source": [[68, 71]], "cue": [[72, 76]], "content": [[53, 67]]}])
    [SourceReading(speaker='Ada Lund', source_type='expert', named=True)]
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string. Got {type(text).__name__} instead; decode bytes first.")
    rows: list[_Row] = []
    for place, attribution in enumerate(attributions):
        if not isinstance(attribution, Mapping):
            raise TypeError(
                "attributions must hold mappings with source, cue and content. "
                f"Got {type(attribution).__name__} at position {place}; use Attribution.to_dict()."
            )
        rows.append(_Row(*(_spans(attribution.get(key), len(text)) for key in _Row._fields)))
    if not any(row.source for row in rows):
        return [_NOBODY] * len(rows)
    reader = _Reader(text, rows, [(0, len(text))] if body is None else body)
    return [reader.read(row) for row in rows]


class _Row(NamedTuple):
    source: list[tuple[int, int]]
    cue: list[tuple[int, int]]
    content: list[tuple[int, int]]


def _spans(value: Any, size: int) -> list[tuple[int, int]]:
    found = []
    for span in value or ():
        start, end = tuple(span)[:2]
        start, end = min(max(int(start), 0), size), min(max(int(end), 0), size)
        if start < end:
            found.append((start, end))
    return found


class _Reader:
    """Reads the sources of one article, in order."""

    def __init__(self, text: str, rows: Sequence[_Row], body: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.phrases = noun_types()
        self.rows = rows
        self.contents = sorted(span for row in rows for span in row.content)
        self.rows_by_content = {span: row for row in rows for span in row.content}
        self.sources = sorted(span for row in rows for span in row.source)
        self.entities = Entities(text, self.sources, body)
        self.roles = Roles(text, self.entities)
        first = len(text) - len(text.lstrip())
        end = text.find("\n", first, first + _HEADLINE)
        self.headline = max(end, 0)  # where the first line ends, if it is short
        self.resolved: list[tuple[int, Entity]] = []  # where and whom the sources read so far mean

    def read(self, row: _Row) -> SourceReading:
        if not row.source:
            return _NOBODY
        start, end = self._extent(row.source)
        words = self.roles.words(start, end)[:_LONGEST]
        if not words:
            return SourceReading(None, "anonymous", False)
        entity = self._resolve(words, row)
        if entity is None:
            return SourceReading(None, _UNRESOLVED.get(words[-1].lower, "person"), False)
        self.resolved.append((start, entity))
        kind = self.roles.type_of(entity)
        if kind == "person" and self._asks(row, entity):
            kind = entity.type = "media"
        return SourceReading(self.text[slice(*self._surface(entity, kind))], kind, entity.named)

    def _surface(self, entity: Entity, kind: str) -> tuple[int, int]:
        """Fullest form; "The" belongs to the names of outlets."""
        start, end = entity.surface
        outlet = kind == "media" and bool(entity.tokens) and not self.entities.is_person(entity)
        if outlet or entity.tokens == ("white", "house"):
            start -= 4 if self.text[max(0, start - 4) : max(0, start - 1)] == "The" else 0
        return start, end

    def _asks(self, row: _Row, entity: Entity) -> bool:
        """Whether an interviewer speaks: "NAME: Why did you …?"."""
        named = entity.tokens or self.text[slice(*entity.surface)] == "Q"
        return self._cue(row) == ":" and bool(named) and any("?" in self.text[s:e] for s, e in row.content)

    def _extent(self, pieces: list[tuple[int, int]]) -> tuple[int, int]:
        start, end = pieces[0][0], pieces[-1][1]
        if len(pieces) > 1 and (end - start > 200 or end < start or "\n" in self.text[start:end]):
            start, end = max(pieces, key=lambda piece: piece[1] - piece[0])
        lead = _LEAD.match(self.text, start, end)
        if lead is not None and lead.end() < end:
            start = lead.end()
        while start < end and (self.text[end - 1].isspace() or self.text[end - 1] in ',;:–—-"“”'):
            end -= 1
        if end - start > 2 and self.text[end - 2 : end] in ("'s", "’s"):
            end -= 2
        return start, end

    # ---- sources

    def _resolve(self, words: list[Word], row: _Row) -> Entity | None:
        first, start = words[0].lower, words[0].start
        last = words[-1].lower
        if len(words) == 1 and first == "a" and self._cue(row) in (":", "."):
            return self._interviewed
        if len(words) <= 4 and last in ("whom", "which", "them"):
            return self._pronoun(start, "they", row) if last == "them" else self._antecedent(start, row)
        if len(words) == 1 or words[1].lower in _AFTER_PRONOUN:
            if first in _PRONOUNS:
                return self._pronoun(start, _PRONOUNS[first], row)
            if first in _RELATIVE:
                return self._antecedent(start, row)
            if first in _FIRST:
                return self._quoted(start, row)
            if first == "you":
                return None
        mentions = self.entities.between(start, words[-1].end)
        core = core_length(words, mentions)
        if mentions:
            entity = self._several(mentions, words, core) or self._head(mentions, words, core)
            if entity is not None:
                return entity
        return self._description(words, core, mentions, row)

    def _cue(self, row: _Row) -> str:
        return "".join(self.text[start:end] for start, end in row.cue).strip()

    @cached_property
    def _interviewed(self) -> Entity | None:
        """Who answers in "A: It was rotten.": the one person named in full before the first answer."""
        extents = (self._extent(row.source) for row in self.rows if row.source)
        first = next(start for start, end in extents if self.text[start:end].lower() == "a")
        named = [
            entity
            for entity in self.entities.all
            if len(entity.tokens) > 1 and entity.mentions[0].start < first and self.entities.is_person(entity)
        ]
        return named[0] if len(named) == 1 else None

    def _quoted(self, start: int, row: _Row) -> Entity | None:
        """Who says "I": the speaker of the quotation around it, or the author, whom nothing entities."""
        at = bisect_right(self.contents, (start, 1 << 60)) - 1
        if at < 0 or start >= self.contents[at][1]:
            return None
        around = self.rows_by_content[self.contents[at]]
        if around is row or not around.source:
            return None
        words = self.roles.words(*self._extent(around.source))[:_LONGEST]
        if not words or words[0].lower in _FIRST:
            return None
        return self._resolve(words, around)

    def _head(self, mentions: list[Mention], words: list[Word], core: int) -> Entity | None:
        """The name that a source is or ends in: "a spokesman for the club, Ada Lund"."""
        entities, end = self.entities, words[-1].end
        head = words[core - 1]
        for mention in mentions:
            if mention.start <= head.start < mention.end:
                rest = self.text[mention.end : end].lstrip()
                if rest.startswith("and ") and mention is mentions[0]:
                    kind = self.roles.type_of(mention.entity)
                    return self._describe(words[0].start, end, kind, named=True, plural=True)
                return mention.entity
        if mentions[0].start == words[0].start and entities.in_heading(words[0].start):
            behind = next((word.lower for word in words if word.start >= mentions[0].end), "")
            if behind not in COLLECTIVE_BODIES and behind not in self.phrases:
                return mentions[0].entity
        last = next((m for m in reversed(mentions) if self.text[m.end : end].lstrip()[:1] in ("", "(", ",")), None)
        if last is None or last.start < head.start or not entities.is_person(last.entity):
            return None
        if self.roles.role(words, core)[0] in ("document", "media", "group", "public"):
            return None
        before = self.roles.words(head.end, last.start)
        comma = max((at for at, word in enumerate(before) if word.lower in (",", ":")), default=-1)
        if comma >= 0 and len(before) - comma <= 5 and not any(w.lower in CUTS for w in before[comma:]):
            return last.entity
        role = self.phrases.get(before[-1].lower, "") if before else ""
        return last.entity if role in (*ROLE_TYPES, "person") else None

    def _several(self, mentions: list[Mention], words: list[Word], core: int) -> Entity | None:
        """One entity for "Jane Roe and John Doe"."""
        if len(mentions) < 2 or not mentions[0].start <= words[core - 1].start < mentions[0].end:
            return None
        if not any(word.lower in ("and", "&") for word in words):
            return None
        for left, right in pairwise(mentions):
            if not _AND.fullmatch(_BRACKETS.sub("", self.text[left.end : right.start])):
                return None
        last = mentions[-1]
        if not _AFTER_SEVERAL.fullmatch(_BRACKETS.sub("", self.text[last.end : words[-1].end])):
            return None
        start, end = words[0].start, last.end
        if words[0].lower in ("both", "the"):
            start = words[1].start
        full = " and ".join(self.text[slice(*mention.entity.surface)] for mention in mentions)
        at = self.text.find(full) if len(mentions) == 2 else -1
        if at >= 0:
            start, end = at, at + len(full)
        return self._describe(start, end, self.roles.type_of(mentions[0].entity), named=True, plural=True)

    def _describe(self, start: int, end: int, kind: str, named: bool, plural: bool) -> Entity:
        low = self.text[start:end].lower()
        gender = "f" if FEMALE_NOUN.search(low) else "m" if MALE_NOUN.search(low) else ""
        return Entity((), "description", (start, end), gender, kind, named, plural)

    def _description(self, words: list[Word], core: int, mentions: list[Mention], row: _Row) -> Entity:
        start, first = words[0].start, words[0].lower
        kind, head = self.roles.role(words, core)
        plural = is_many(head)
        owner = first in ("his", "her", "their", "its") or any(w.lower.endswith("'s") for w in words[: core - 1])
        if owner:
            found = self._owned(words, core, head, row)
            if found is not None:
                return found
        elif (core == len(words) or words[core].lower == "and") and (
            self._opens_text(start) or all(mention.entity.kind == "place" for mention in mentions)
        ):
            leads = first in ("a", "an") and start < self.headline + _LEAD_PARAGRAPH
            if first in ("the", "this", "that") or core == 1 or leads or self._opens_text(start):
                found = self._definite(kind, head, plural, words, row)
                if found is not None:
                    return found
        return self._new(words, core, mentions)

    def _new(self, words: list[Word], core: int, mentions: list[Mention]) -> Entity:
        """A description that stands for itself."""
        start, end, first = words[0].start, words[-1].end, words[0].lower
        kind, head = self.roles.role(words, core)
        plural = is_many(head)
        if not kind and core < len(words) and words[core].lower == "and":
            wider = core + 1 + core_length(words[core + 1 :])
            kind, head = self.roles.role(words, wider)
            plural = True
        known = bool(kind)
        if not kind:
            kind = self._fallback(words, core)
        noun = head.rpartition(" ")[2]
        inner = [mention for mention in mentions if mention.start < words[core - 1].start]
        behind = core < len(words) and words[core].lower in ("of", "by", "from")
        body = not plural and noun in COLLECTIVE_BODIES
        proper = bool(inner) or any(self.text[word.start].isupper() for word in words[1 : core - 1])
        is_body = body and proper
        titled = any(mention.entity.kind != "place" for mention in mentions) and (bool(inner) or not plural)
        named = is_body or (body and behind and bool(mentions)) or (titled and kind in _NAMED_BY_PARTS)
        if is_body and first in ("the", "a", "an") and core > 1:
            start = words[1].start
        if first in ("his", "her", "their", "its") and noun in COLLECTIVE_BODIES:
            named = True
        entity = self._describe(start, end, kind, named, plural)
        if not known and not entity.gender:
            entity.gender = "n"  # "the charge" is neither he nor she
        return entity

    def _fallback(self, words: list[Word], core: int) -> str:
        """Type of a description whose head is in no list."""
        low = [word.lower for word in words]
        plural = core > 0 and is_plural(low[core - 1])
        for at in range(len(low)):
            for size in (3, 2, 1):
                kind = self.phrases.get(" ".join(low[at : at + size]), "") if at + size <= len(low) else ""
                # Before the head of the phrase, only a plural is more than a modifier.
                if kind and (plural or at >= core or is_plural(low[at + size - 1])):
                    return "group" if kind == "person" and is_many(low[at + size - 1]) else kind
        if low[0][0].isdigit() or low[0] in ("those", "all", "none"):
            return "public"
        return "group" if plural else "person"

    # ---- linking

    def _candidates(self, start: int) -> list[tuple[int, Entity, int]]:
        """Places and entities of the latest mentions and sources before a place; 1 for sources."""
        entities = self.entities
        at = bisect_left(entities.starts, start)
        found = [(mention.start, mention.entity, 0) for mention in entities.mentions[max(0, at - _REACH) : at]]
        found += [(place, entity, 1) for place, entity in self.resolved[-_REACH:] if place < start]
        found.sort(key=lambda candidate: candidate[::2])
        return found

    def _pronoun(self, start: int, sort: str, row: _Row) -> Entity | None:
        return self._best(start, row, lambda entity: self._agrees(entity, sort), sort)

    def _best(self, start: int, row: _Row, agrees: Callable[[Entity], bool], sort: str = "") -> Entity | None:
        """The most prominent of the entities before a place that agree with what refers to them."""
        entities = self.entities
        best: Entity | None = None
        top = -9.0
        here = entities.sentence(start)
        opened = -1  # sentence whose first candidate was seen
        for place, entity, spoke in self._candidates(start):
            if not agrees(entity):
                continue
            sentence = entities.sentence(place)
            often = min(len(entity.mentions), 12) / 12
            score = (3.0 if sort == "principal" else 0.3) * often - min(here - sentence, 8)
            if sentence != opened:
                score += 0.6
                opened = sentence
            if spoke:
                score += 1.5
            elif inside(place, self.sources):
                score -= 0.5
            if inside(place, row.content):
                score -= 3.0
            elif inside(place, self.contents):
                score -= 1.5
            if entity.gender and entity.gender == sort:
                score += 0.5
            elif sort == "they":
                score -= (0.0 if entity.plural else 1.0) + (1.5 if entity.type == "document" else 0.0)
            elif sort == "it" and self.roles.type_of(entity) == "document":
                score -= 1.5
            if score >= top:
                best, top = entity, score
        return best

    def _agrees(self, entity: Entity, sort: str) -> bool:
        described = not entity.tokens
        if sort in ("m", "f"):
            if described:
                return not entity.plural and entity.type not in _THINGS and entity.gender in ("", sort)
            return entity.gender in ("", sort) and self.entities.is_person(entity)
        if sort == "they":
            if described:
                return entity.plural or entity.type in ("organization", "media")
            return entity.kind != "place" and not self.entities.is_person(entity)
        if described:
            return not entity.plural and entity.type in (*_THINGS, "official")
        return not self.entities.is_person(entity)

    def _antecedent(self, start: int, row: _Row) -> Entity | None:
        """What a relative clause belongs to: the noun phrase right before it."""
        text, entities = self.text, self.entities
        end = start
        while end > 0 and (text[end - 1].isspace() or text[end - 1] in ",–—-("):
            end -= 1
        opened = text.rfind("(", max(0, end - 60), end) if end and text[end - 1] == ")" else -1
        if opened >= 0:
            end = opened
            while end > 0 and text[end - 1].isspace():
                end -= 1
        mention = entities.at(end - 1)
        if mention is not None:
            return mention.entity
        words = self.roles.words(max(0, end - _BEFORE, text.rfind("\n", max(0, end - _BEFORE), end) + 1), end)
        first = len(words)
        while first > 0:
            word = words[first - 1].lower
            if (word in CUTS and word not in ("of", "and")) or not word[0].isalnum():
                break
            first -= 1
            if word in DETERMINERS and not (first and words[first - 1].lower == "of"):
                break
        while first < len(words) and words[first].lower in ("of", "and"):
            first += 1
        words = words[first:]
        while words and words[-1].lower in CUTS:
            words = words[:-1]
        joint = next((at for at, word in enumerate(words) if word.lower == "of"), 0)
        if joint > 1 and text[start : start + 5].lower() not in ("which", "that "):
            # What stands before "members of the club" may be a verb.
            head = next(
                (size for size in (3, 2) if " ".join(w.lower for w in words[:joint][-size:]) in self.phrases), 1
            )
            before = words[max(0, joint - head - 1)].lower
            words = words[max(0, joint - head - (before in DETERMINERS or before.isdigit())) :]
        if not words or words[-1].lower in CALENDAR:
            return None
        mentions = entities.between(words[0].start, end)
        core = core_length(words, mentions)
        for mention in mentions:
            if mention.start <= words[core - 1].start < mention.end:
                return mention.entity
        return self._new(words, core, mentions)

    def _definite(self, kind: str, head: str, plural: bool, words: list[Word], row: _Row) -> Entity | None:
        """Whom "the senator", "the agency", bare "officials" or a headline's "Senator" mean."""
        entities, start, noun = self.entities, words[0].start, head.rpartition(" ")[2]
        if plural or noun in _PAIR:
            return self._group(noun, words)
        wanted = {word.lower for word in words} - DETERMINERS
        leads = words[0].lower in ("a", "an")  # "A federal court", which the next paragraph names
        forward = leads or self._opens_text(start)
        if forward:
            candidates = [(m.start, m.entity, 0) for m in entities.mentions[: 2 * _REACH] if m.start > start]
            candidates.reverse()
        else:
            candidates = self._candidates(start)
        best, top = None, 0
        for _, entity, _ in candidates:
            score = self._matches(entity, noun, wanted)
            if score > (2 if leads else 0) and score >= top:
                best, top = entity, score
        if best is not None or (forward and kind != "document"):
            return best
        if noun in _PLACE_NOUNS:
            return self._best(start, row, lambda entity: entities.tables.places.get(" ".join(entity.tokens)) == noun)
        if noun in COLLECTIVE_BODIES or kind == "document":
            named = self._with_name(noun, start)
            if named is not None:
                return self._describe(*named, kind or "organization", named=True, plural=False)
        if kind == "document":
            return self._document(noun)
        if noun in _PERSONAL:
            gender = "f" if FEMALE_NOUN.fullmatch(noun) else "m" if MALE_NOUN.fullmatch(noun) else ""
            official = kind == "official"

            def fits(entity: Entity) -> bool:
                return (
                    bool(entity.tokens)
                    and entities.is_person(entity)
                    and not any(wanted & ours and entity.words & theirs for ours, theirs in _OPPOSED)
                    and (not gender or entity.gender in ("", gender))
                    and (not official or self.roles.type_of(entity) == "official")
                )

            return self._best(start, row, fits, gender or "principal")
        if noun in _IMPERSONAL:
            wanted_type = _IMPERSONAL[noun]
            return self._best(
                start,
                row,
                lambda entity: (
                    entity.kind not in ("place", "description")
                    and not entities.is_person(entity)
                    and self.roles.type_of(entity) == wanted_type
                ),
            )
        return None

    def _document(self, noun: str) -> Entity | None:
        """The latest source that is the same document, maybe by another noun."""
        nouns = {noun, *(_INQUIRIES if noun in _INQUIRIES else ())}
        for _, entity in reversed(self.resolved[-_REACH:]):
            if entity.type == "document" and not entity.plural and not entity.tokens:
                words = self.text[slice(*entity.surface)].lower().split()
                if len(words) > 2 and not nouns.isdisjoint(words):
                    return entity
        return None

    def _matches(self, entity: Entity, noun: str, wanted: set[str]) -> int:
        """How many of a description's words the article uses of an entity: 0 if not even the noun."""
        if not entity.tokens or entity.kind == "place":
            return 0
        nouns = (noun, *_SYNONYMS.get(noun, ()))
        if noun in _PLACE_NOUNS:
            return 0
        if self.entities.is_person(entity):
            if noun in COLLECTIVE_BODIES:
                return 0
            self.roles.type_of(entity)
            used = entity.words
            if any(wanted & ours and used & theirs for ours, theirs in _OPPOSED):
                return 0
        else:
            used = frozenset(entity.tokens) if len(entity.tokens) > 1 else frozenset()
            if noun not in COLLECTIVE_BODIES and entity.tokens[-1] not in nouns:
                return 0
        if used.isdisjoint(nouns):
            return 0
        return 1 + sum(word in used or any(other in used for other in _SYNONYMS.get(word, ())) for word in wanted)

    def _opens_text(self, start: int) -> bool:
        """Whether a place is in a headline."""
        return self.entities.in_heading(start) or start < self.headline

    def _with_name(self, noun: str, start: int) -> tuple[int, int] | None:
        """The latest "Harrow government" or "Lund's campaign" before a place, else the next."""
        found: tuple[int, int] | None = None
        at = self.text.find(noun, max(0, start - _NEAR), start + _NEAR)
        while at >= 0 and (found is None or at < start):
            near = self.entities.between(max(0, at - 60), at)
            if near and _OWNER.fullmatch(self.text, near[-1].end, at):
                found = (near[-1].start, at + len(noun))
            at = self.text.find(noun, at + 1, start + _NEAR)
        return found

    def _group(self, noun: str, words: list[Word]) -> Entity | None:
        """A fuller earlier mention of "officials" among the sources, or the two whom "both" means."""
        start = words[0].start
        if noun in _PAIR:
            pairs = [entity for _, entity in self.resolved[-_REACH:] if entity.plural and entity.named]
            return pairs[-1] if pairs else None
        at = bisect_left(self.sources, (start, 0))
        for begin, end in reversed(self.sources[max(0, at - _REACH) : at]):
            low = self.text[begin:end].lower().split()
            if len(words) < len(low) <= 6 and low[-1] == noun and not {"of", "and"} & set(low):
                fuller = self.roles.words(*self._extent([(begin, end)]))
                kind, _ = self.roles.role(fuller, len(fuller))
                return self._describe(fuller[0].start, fuller[-1].end, kind or "group", False, True)
        return None

    def _owned(self, words: list[Word], core: int, head: str, row: _Row) -> Entity | None:
        """Whom "his lawyer" means, and "his campaign" as the article names it."""
        start, first, noun = words[0].start, words[0].lower, head.rpartition(" ")[2]
        if noun in COLLECTIVE_BODIES:
            if first not in _PRONOUNS:
                return None
            owner = self._pronoun(start, _PRONOUNS[first], row)
            if owner is None or not owner.tokens:
                return None
            at = self.text.find(noun, max(0, start - _NEAR), start + _NEAR)
            while at >= 0:
                near = self.entities.between(max(0, at - 60), at)
                if near and near[-1].entity is owner and _OWNER.fullmatch(self.text, near[-1].end, at):
                    kind = self.roles.role(words, core)[0] or "organization"
                    return self._describe(near[-1].start, at + len(noun), kind, named=True, plural=False)
                at = self.text.find(noun, at + 1, start + _NEAR)
            return None
        nouns = {noun, *_SYNONYMS.get(noun, ())}
        at = bisect_left(self.entities.starts, start)
        bearers: list[Entity] = []
        for mention in self.entities.mentions[max(0, at - _REACH) : at + _REACH]:
            entity = mention.entity
            if entity.tokens and self.entities.is_person(entity) and entity not in bearers:
                self.roles.type_of(entity)
                if not entity.words.isdisjoint(nouns):
                    bearers.append(entity)
        return bearers[0] if len(bearers) == 1 else None
