"""In which role somebody speaks: source types of noun phrases and of the entities of an article.

A noun phrase has the type of its head ("two officials"); a spokesman, director or member that of the body
he belongs to. An entity's type is voted on by its titles, role nouns before its name, appositions behind
it, the words of a body's name and a table of well-known names. Contexts have fixed lengths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from framing.entities import Entities, Entity, Mention, surname
from framing.lexicons import load_lexicon
from framing.names import ABBREVIATED_TITLES, BODY_TYPES, is_plural

__all__ = [
    "COLLECTIVE_BODIES",
    "CUTS",
    "DETERMINERS",
    "FEMALE_NOUN",
    "MALE_NOUN",
    "ROLE_TYPES",
    "Roles",
    "Word",
    "core_length",
    "is_many",
    "noun_types",
    "stated_types",
]

# Types that can be voted for, in the order that breaks ties.
_VOTED = ("official", "expert", "media", "organization", "document", "person")
ROLE_TYPES = ("official", "expert", "media", "organization")
"""Types of whoever belongs to a body."""
_LEXICONS = {
    "anonymous_words": "anonymous",
    "document_words": "document",
    "expert_roles": "expert",
    "group_words": "group",
    "media_words": "media",
    "official_roles": "official",
    "organization_words": "organization",
    "person_words": "person",
    "public_words": "public",
}
# Roles that say little without the body they belong to, by their type where that is not said.
_RELATIONAL = {
    "official": """adviser advisers advisor advisors aide aides campaign-manager deputy leader leaders
        leadership minister ministers officer officers official officials operative operatives panel
        president presidents representative representatives secretary speechwriter staff staffer
        staffers surrogate surrogates vice-president""",
    "expert": "strategist strategists",
    "organization": """board boards boss ceo chair chairman chairmen chairwoman chief chief-executive
        co-chair co-chairman co-founder committee committees director directors executive
        executive-director executives founder founders head heads manager managers organizer organizers
        spokesman spokesmen spokesperson spokespeople spokeswoman spokeswomen team vice-chairman""",
    "person": "attorney attorneys counsel lawyer lawyers member members",
}
# Nouns that the lexicons lack or that mean something else as a source.
_ROLES = {
    "official": """bureau cities city commission commissions congressional-democrats
        congressional-republicans countries country county first-lady general generals government
        house-democrats house-republicans lady nations office policy-makers secretary-of-state
        senate-democrats senate-republicans speaker special-counsel special-prosecutor state states
        subcommittee""",
    "organization": "campaign campaigns facebook google group groups imf nato opec twitter un",
    "media": "documentary film films movie movies narrator show",
    "document": """account accounts ad ads average averages communications correspondence expose filing
        filings missive page pages profile profiles result results returns search searches statement
        statements tallies tally""",
    "public": "americans likely-voters majorities majority percent voters",
    "person": "businessman businesswoman guest mogul tycoon",
    "group": "guests women",
}
# Nouns for many people that have no plural ending.
_COLLECTIVE = frozenset(
    """audience camp children circle clan clergy clique community congregation coterie crowd delegation
    diaspora electorate entourage faithful family folk gop leadership left media men opposition people
    police press public right staff team tribe wing women workforce youth""".split()
)
COLLECTIVE_BODIES = frozenset(
    """administration agency army board bureau campaign commission committee company congress council
    court department embassy foundation government group institute legislature military ministry navy
    office organization panel parliament party police senate team treasury university""".split()
)
"""Nouns for bodies that are named by what stands before: "the Lund campaign"."""
# "a number of officials" are officials.
_QUANTITIES = frozenset(
    """batch couple crop dozen dozens flood group groups half handful host hundreds lot lots many
    millions most number one pair panel scores series several slew some team tens thousands three trio
    two wave""".split()
)
_PARTISANS = frozenset(
    "conservatives democrat democrats lawmaker lawmakers member members republican republicans".split()
)
_PARTISAN_BODY = frozenset("action campaign democratic national party pac political republican".split())
_THINKING = frozenset("budget heritage policy progress research science strategic studies study university".split())
_MEDIA_NAME = re.compile(r"(?:news|wire|feed|fact|press|times|post|politics|radio|tv)s?$|^(?:news|fact)")

_OFFICIAL_TITLES = frozenset(
    """adm ambassador amb atty brig capt captain cllr cmdr col colonel congressman congresswoman councillor cpl del
    det gen general gov govs governor insp judge justice lt maj mayor pres pvt rep reps sen senator sens
    sgt sheriff spc supt""".split()
)
_EXPERT_TITLES = frozenset(("dr", "prof", "professor"))
FEMALE_NOUN = re.compile(
    r"\b(?:\w*woman|mother|wife|widow|daughter|sister|actress|girl|lady|grandmother|niece|aunt|mom|heiress"
    r"|nun|waitress)\b"
)
MALE_NOUN = re.compile(
    r"\b(?:\w*(?<!wo)man|father|husband|widower|son|brother|actor|boy|grandfather|nephew|uncle|dad|imam"
    r"|priest|king|monk|waiter)\b"
)
"""Nouns for women and for men, in small letters."""

CUTS = frozenset(
    """about against among and are as at because before behind between but by can could did during for
    from had has have herself himself in including inside is itself like may might must near of on or
    outside over said says shall should since that themselves there to told under was were when where
    which while who whom whose will with would after""".split()
)
"""Words that end the core of a noun phrase."""

_MARKS = frozenset(',.;:!?()[]“”"–—―/')
_COMPLEMENT = frozenset(("of", "for", "at", "with", "in", "from", "on", "to", "by", "inside"))
_AFTER_ROLE = frozenset((*_COMPLEMENT, ",", "who", "whose", "and", "-", "–", "—", "―", "based", "under", "during"))
DETERMINERS = frozenset("the a an this that these those his her their its our my your".split())
"""Words that open a noun phrase."""

_WORD = re.compile(
    rf"(?:[^\W\d_]\.)+(?=[ \xa0]\w)|(?:[^\W\d_]\.){{2,}}|(?:{ABBREVIATED_TITLES})\."
    r"|[$]?[^\W_]+(?:[-‐'’&.,/][^\W_]+)*(?:(?<=s)['’](?=\s))?|[^\w\s]"
)
# How an apposition, an affiliation or a predicate opens behind a name.
_BEHIND = re.compile(
    r"(?:(?P<at>(?:,|[ \xa0][-–—―]+)?[ \xa0](?:of|at|with|from)(?:[ \xa0]the)?)"
    r"|,?[ \xa0](?:is|was)(?:[ \xa0](?:also|now))?[ \xa0](?:an?|the|one of the)"
    r"|,[ \xa0]who[ \xa0](?:is|was|serves as|served as|works as)(?:[ \xa0](?:also|now))?"
    r"(?:[ \xa0](?:an?|the|one of the))?)[ \xa0]"
    r"|,[ \xa0]who[ \xa0](?P<heads>runs|leads|heads|directs|oversees|chairs|founded)[ \xa0](?:the[ \xa0])?"
    r"|(?:,|[ \xa0][-–—―]+)[ \xa0](?:\d\d,[ \xa0])?(?:(?:an?|the|his|her|their|one of|now|then)[ \xa0])?"
)
_ASIDE = re.compile(r"[ \xa0]?\([^()\n]{1,60}\)")
_POLITICIAN = re.compile(r"(?:,[ \xa0]|[ \xa0]?[(\[])(?:R|D|I|L|Rep|Dem)\.?[-–—, ][^)\].;\n]{2,20}|,[ \xa0][RD]-")
_PARTIES = {"R": ["republican"], "D": ["democratic", "democrat"]}
_OWN_STAFF = re.compile(r"(?:['’]s)?[ \xa0](?:presidential |re-?election )?(?:campaign|administration)\b")
_BEFORE = 80  # characters read before a name
_AFTER = 160  # and behind it
_TELLING = 6  # mentions of an entity whose surroundings are read


class Word(NamedTuple):
    """A word or mark of the text, in small letters with straight apostrophes."""

    lower: str
    start: int
    end: int


@cache
def noun_types() -> dict[str, str]:
    """Nouns and phrases for sources with their types; singular and plural are entries of their own."""
    types: dict[str, str] = {}
    for name, kind in _LEXICONS.items():
        types.update(dict.fromkeys(load_lexicon(name), kind))
    for table in (_RELATIONAL, _ROLES):
        for kind, words in table.items():
            types.update(dict.fromkeys(_listed(words), kind))
    return types


def _listed(words: str) -> list[str]:
    """Words of a table, where hyphens stand for blanks but in "co-chair"."""
    return [word if word.startswith("co-") else word.replace("-", " ") for word in words.split()]


_RELATIONAL_HEADS = frozenset(head for words in _RELATIONAL.values() for head in _listed(words))


class Roles:
    """Reads the roles in one article.

    Parameters
    ----------
    text : str
    entities : Entities
        Those of the text.

    Examples
    --------
    >>> from framing.entities import Entities
    >>> from framing.roles import Roles
    >>> text = "Ada Lund, a spokeswoman for the Justice Department, agreed."
    >>> entities = Entities(text, [], [(0, len(text))])
    >>> Roles(text, entities).type_of(entities.all[0])
    'official'
    """

    def __init__(self, text: str, entities: Entities) -> None:
        self.text = text
        self.entities = entities
        self.phrases = noun_types()

    def words(self, start: int, end: int) -> list[Word]:
        """Words and marks of a range."""
        return [
            Word(match[0].lower().replace("’", "'"), *match.span())
            for match in _WORD.finditer(self.text, start, end)
        ]

    def type_of(self, entity: Entity) -> str:
        """Type of an entity by everything that the article says of it."""
        if not entity.type:
            entity.type = "person"  # against circles: "Lund's aide Brant", "Brant's boss Lund"
            entity.type = self._vote(entity)
        return entity.type

    def role(self, words: list[Word], core: int, deep: bool = True) -> tuple[str, str]:
        """Type and head of a noun phrase whose core is its first words.

        What a spokesman, director or member is depends on the body: looked for behind "of", "for" and
        the like, then before the head.
        """
        low = [word.lower.removesuffix("'s") for word in words[:core]]
        if not low:
            return "", ""
        behind = words[core].lower if core < len(words) else ""
        if behind == "of" and low[-1] in _QUANTITIES and deep:
            rest = words[core + 1 :]
            kind, head = self.role(rest, core_length(rest), deep)
            if kind:
                return ("person", "one") if low[-1] == "one" and kind == "group" else (kind, head)
        kind, head, size = "", low[-1], 1
        for size in (4, 3, 2, 1):
            if size <= core:
                kind = self.phrases.get(" ".join(low[core - size :]), "")
                if kind:
                    head = " ".join(low[core - size :])
                    break
        if not kind:
            kind = self.phrases.get(low[-1].rpartition("-")[2], "")
            if not kind and (MALE_NOUN.fullmatch(low[-1]) or FEMALE_NOUN.fullmatch(low[-1])):
                kind = "person"
        plural = is_many(head)
        if kind == "person" and plural:
            kind = "group"
        elif kind == "group" and not plural:
            kind = "person"
        relational = head in _RELATIONAL_HEADS
        if deep and (relational or head in _PARTISANS):
            body = self._complement(words, core)
            if not body and core > size and relational:
                body = self._modifier(words[: core - size])
            if body in ROLE_TYPES and (relational or body == "official"):
                kind = body
            elif body == "person":
                kind = "person"
        return kind, head

    def evidence(self, mention: Mention) -> Iterator[tuple[str, list[str]]]:
        """Types that the words around a mention tell, and what they call the entity."""
        if mention.title in _OFFICIAL_TITLES:
            yield "official", [mention.title]
        elif mention.title in _EXPERT_TITLES:
            yield "expert", [mention.title]
        before = self.words(max(0, mention.start - _BEFORE), mention.start)
        cut = max((at for at, word in enumerate(before) if word.lower in _MARKS), default=-1)
        if cut < 0:
            before = before[1:] if mention.start > _BEFORE else before  # the first may be cut
        if cut == len(before) - 1 and cut > 0 and before[cut].lower == ",":
            if self.text[mention.end : mention.end + 1] in (",", "."):
                yield from self._evidence_apposed(before[:cut])
        elif cut + 1 < len(before):
            yield from self._evidence_before(before[cut + 1 :], mention)
        stop = self.text.find("\n", mention.end, mention.end + _AFTER)
        stop = mention.end + _AFTER if stop < 0 else stop
        party = _POLITICIAN.match(self.text, mention.end, stop)
        if party:
            yield "official", _PARTIES.get(party.group().lstrip(" \xa0,([")[0], [])
        aside = _ASIDE.match(self.text, mention.end, stop)
        yield from self._evidence_behind(aside.end() if aside else mention.end, stop)

    def _vote(self, entity: Entity) -> str:
        if entity.kind == "place":
            return "official"
        if entity.kind != "person":
            kind = self._body_type(entity)
            if kind:
                return kind
        votes: dict[str, float] = {}
        words: set[str] = set()
        for mention in _telling(entity):
            for kind, called in self.evidence(mention):
                votes[kind] = votes.get(kind, 0.0) + (0.6 if kind == "person" else 1.0)
                words.update(called)
        entity.words = frozenset(words)
        tables = self.entities.tables
        person = self.entities.is_person(entity)
        known = tables.people.get(self._full_name(entity.tokens, entity.gender), "") if person else ""
        if known:
            votes[known] = votes.get(known, 0.0) + 1.5
        if votes:
            return max(_VOTED, key=lambda kind: votes.get(kind, 0.0))
        if person:
            return "person"
        return "media" if _MEDIA_NAME.search(entity.tokens[-1]) else "organization"

    def _full_name(self, tokens: tuple[str, ...], gender: str) -> str:
        """Given name and surname; the given name of the best-known bearer where there is none."""
        given = tokens[0]
        if len(tokens) == 1:
            given = self.entities.tables.surnames.get(tokens[0], "")
            if gender and self.entities.tables.given.get(given, gender) != gender:
                return ""
        return f"{given} {surname(tokens)}"

    def _body_type(self, entity: Entity) -> str:
        """Type that a body's name tells by its words: "" if it tells none."""
        tokens = entity.tokens
        words = set(tokens)
        name = " ".join(tokens)
        outlets = self.entities.tables.bodies
        kind = outlets.get(name, "") or outlets.get("the " + name, "")
        if not kind and len(tokens) > 1:
            kind = self.phrases.get(name, "")
        if kind in ROLE_TYPES:
            return kind
        if not words.isdisjoint(("center", "centre", "foundation", "for")) and words & _THINKING:
            return "expert"
        if words & _PARTISAN_BODY and words & {"committee", "party", "pac", "convention", "action", "fund"}:
            return "organization"
        order = [tokens[-1], tokens[0], *tokens[1:-1]]
        joint = next((at for at, token in enumerate(tokens) if token in ("of", "for")), 0)
        for token in (*reversed(tokens[:joint]), *order):
            for kind, nouns in BODY_TYPES:
                if token in nouns:
                    return kind
        if self.phrases.get(name, "") in ROLE_TYPES:
            return self.phrases[name]
        if entity.kind != "body":
            return ""
        return "media" if _MEDIA_NAME.search(tokens[-1]) else "organization"

    def _evidence_before(self, words: list[Word], mention: Mention) -> Iterator[tuple[str, list[str]]]:
        if words[-1].lower.endswith(("'s", "s'")):
            owners = self.entities.between(words[max(0, len(words) - 4)].start, mention.start)
            if owners and not self.entities.is_person(owners[-1].entity):
                kind = self.type_of(owners[-1].entity)
                if kind in ("media", "expert"):
                    yield kind, []
            return
        while words and words[-1].lower == "-":
            words = words[:-1]
        cut = max((at for at, word in enumerate(words) if word.lower in CUTS and word.lower != "of"), default=-1)
        words = words[max(cut + 1, len(words) - 7) :]
        kind = self.role(words, len(words))[0] if words else ""
        if kind == "group":
            kind = "person"
        if kind in ROLE_TYPES or kind == "person":
            yield kind, [word.lower for word in words[-4:]]

    def _evidence_apposed(self, words: list[Word]) -> Iterator[tuple[str, list[str]]]:
        """Role that a name explains: "the bank's chairman, Ada Lund,"."""
        cut = max((at for at, word in enumerate(words) if word.lower in _MARKS), default=-1)
        words = words[cut + 1 :]
        owned = [at for at, word in enumerate(words) if word.lower in DETERMINERS or word.lower.endswith("'s")]
        # The role's own "of the club" has a determiner, too.
        first = next((at for at in owned if not (at and words[at - 1].lower in ("of", "for"))), None)
        if first is None or (first and words[first - 1].lower in ("in", "at", "on")):
            return
        words = words[first:]
        core = core_length(words)
        kind = self.role(words, core)[0]
        if kind in ROLE_TYPES or kind == "person":
            yield kind, [word.lower for word in words[:core]]

    def _evidence_behind(self, start: int, end: int) -> Iterator[tuple[str, list[str]]]:
        """Apposition, affiliation or predicate."""
        match = _BEHIND.match(self.text, start, end)
        if match is None:
            return
        words = self.words(match.end(), end)
        words = words[: next((at for at, word in enumerate(words) if word.lower in '.;:!?()”“"'), len(words))]
        if not words:
            return
        if match.group("at") or match.group("heads"):
            near = self.entities.between(match.end(), match.end() + (5 if match.group("at") else 30))
            if near and not self.entities.is_person(near[0].entity) and near[0].entity.kind != "place":
                kind = self.type_of(near[0].entity)
                if kind in ("media", "expert") or match.group("heads"):
                    yield "organization" if kind == "document" else kind, []
            elif near and match.group("heads"):
                yield self._affiliation(near[0]), []
            return
        for _ in range(2):  # "a pollster and former senator"
            core = core_length(words)
            if core == 0 or (core < len(words) and words[core].lower not in _AFTER_ROLE):
                return
            kind = self.role(words, core)[0]
            if kind in ROLE_TYPES or kind == "person":
                yield kind, [word.lower for word in words[:core]]
            if core == len(words) or words[core].lower != "and":
                return
            words = words[core + 1 :]

    def _complement(self, words: list[Word], core: int) -> str:
        """Type of the body behind "of", "for" or "at"."""
        if core >= len(words) or words[core].lower not in _COMPLEMENT:
            return ""
        start = words[core].end
        near = self.entities.between(start, words[-1].end)
        for mention in near[:2]:
            gap = self.text[start : mention.start].lower().split()
            near_by = len(gap) <= 3 and not any(word in CUTS for word in gap)
            # "director for trade at the Lund Institute"
            behind = len(gap) <= 8 and "," not in gap and not _COMPLEMENT.isdisjoint(gap[-3:])
            if near_by or (behind and not self.entities.is_person(mention.entity)):
                return self._affiliation(mention)
        rest = words[core + 1 :]
        kind = self.role(rest, core_length(rest), deep=False)[0]
        return kind if kind in ROLE_TYPES else ""

    def _modifier(self, words: list[Word]) -> str:
        """Type of the body before the head: "FBI director", "campaign spokesman"."""
        near = self.entities.between(words[0].start, words[-1].end)
        if near:
            return self._affiliation(near[-1])
        kind = self.role(words, len(words), deep=False)[0]
        return kind if kind in ROLE_TYPES else ""

    def _affiliation(self, mention: Mention) -> str:
        """What speaking for somebody makes of a person."""
        if mention.entity.kind == "place" or _OWN_STAFF.match(self.text, mention.end):
            return "official"
        kind = self.type_of(mention.entity)
        return "organization" if kind == "document" else kind


def stated_types(text: str) -> Iterator[tuple[str, str]]:
    """People of an article and the types that the words around their names state.

    For training the table of well-known names, which is not consulted here.

    Parameters
    ----------
    text : str

    Yields
    ------
    name, source_type : str
        Given name and surname in small letters.
    """
    entities = Entities(text, [], [(0, len(text))])
    roles = Roles(text, entities)
    for entity in entities.all:
        if len(entity.tokens) > 1 and entities.is_person(entity):
            votes = [kind for mention in _telling(entity) for kind, _ in roles.evidence(mention)]
            if votes:
                yield f"{entity.tokens[0]} {surname(entity.tokens)}", max(votes, key=votes.count)


def core_length(words: Sequence[Word], mentions: Sequence[Mention] = ()) -> int:
    """How many words come before the first, outside names, that ends the core of a noun phrase."""
    phrases = noun_types()
    for at, word in enumerate(words):
        if any(mention.start <= word.start < mention.end for mention in mentions):
            continue
        if not (word.lower[0].isalnum() or word.lower[0] == "$"):
            return at
        if at and (
            word.lower in CUTS
            # "officials supporting Lund", "a poll released on Monday"
            or (word.lower.endswith(("ing", "ed")) and words[at - 1].lower in phrases and word.lower not in phrases)
        ):
            return at
    return len(words)


def is_many(head: str) -> bool:
    """Whether a noun phrase, by its last word, means more than one."""
    noun = head.rpartition(" ")[2]
    return noun in _COLLECTIVE or is_plural(noun)


def _telling(entity: Entity) -> list[Mention]:
    """Mentions whose surroundings are read: the fullest ones, the earlier first."""
    return sorted(entity.mentions, key=lambda mention: (mention.start - mention.end, mention.start))[:_TELLING]
