"""Kinds of cues, to see which of them a model misses: speech verbs, beliefs, nouns, passives, marks."""

from __future__ import annotations

from functools import cache

from framing.lexicons import load_lexicon
from framing.relations import is_agentless
from framing.text import tokenize
from framing.tokens import has_letters

__all__ = ["CUE_KINDS", "cue_kind"]

CUE_KINDS = ("speech verb", "according to", "belief or intention", "other verb", "passive", "noun", "no verb or noun")

_BEFORE_NOUN = frozenset("a an the this that these those his her its their our my your no any some 's ’s".split())
_ADVERBS = frozenset("reportedly allegedly supposedly apparently purportedly via by per in for of".split())


@cache
def _words(*names: str) -> frozenset[str]:
    return frozenset(word for name in names for word in load_lexicon(name))


def cue_kind(text: str, cue: list[list[int]]) -> str:
    """Kind of a gold cue, by its words and its neighbours.

    Examples
    --------
    >>> text = "The claim that it is seen as odd, she hoped: no."
    >>> [cue_kind(text, [[text.index(w), text.index(w) + len(w)]]) for w in ("claim", "is seen as", "hoped", ":")]
    ['noun', 'passive', 'belief or intention', 'no verb or noun']
    """
    start, end = cue[0][0], cue[-1][1]
    words = [text[a:b].lower() for s, e in cue for a, b in tokenize(text, s, e).tolist()]
    words = [word for word in words if has_letters(word)]
    if not words or all(word in _ADVERBS or word.endswith("ly") for word in words):
        return "no verb or noun"
    if "according" in words:
        return "according to"
    if is_agentless(words):
        return "passive"
    before = [text[a:b].lower() for a, b in tokenize(text, max(start - 40, 0), start).tolist()][-2:]
    after = [text[a:b].lower() for a, b in tokenize(text, end, min(end + 12, len(text))).tolist()][:1]
    nouns = _words("cue_nouns")
    for place, word in enumerate(words):
        led = words[:place] or before
        followed = words[place + 1 : place + 2] or after
        if word in nouns and (not _BEFORE_NOUN.isdisjoint(led[-2:]) or followed == ["of"]):
            return "noun"
    if not _words("belief_verbs", "intention_verbs", "cue_adjectives").isdisjoint(words):
        return "belief or intention" if _words("report_verbs").isdisjoint(words) else "speech verb"
    if not _words("report_verbs").isdisjoint(words):
        return "speech verb"
    return "noun" if words[-1] in nouns else "other verb"
