"""Speech that no word introduces: a speaker's name before a colon, or a name signed under a quotation.

Transcripts and interviews ("WARDEN: The gate was open.") and collected remarks ("“Never again.” — Ada Lund")
say by their layout alone who speaks. Whether a line with such a shape is speech at all ("Update: the road is
open") is left to the token model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from framing.tokens import Encoded, Readings, has_letters

__all__ = ["Turn", "find_turns"]

Run = tuple[int, int]

_OPENING, _CLOSING = frozenset("\"“”„«'‘’"), 3
_DASHES = frozenset(("-", "--", "–", "—", "―"))
_SMALL = frozenset("and of the de la van von al bin for &".split())
_LONGEST_NAME = 7  # tokens before the colon
_LONGEST_SIGNATURE = 14  # … and of a name with what follows it ("Ada Lund, 34, teacher")
_SPEECH = 0.5  # mean probability of content from which a turn is believed
_DIALOGUE = 0.9  # probability of a turn where two names take turns, one of them with questions, and of an answer
_LETTER_MARKS = frozenset(":.")  # behind the "Q" and "A" of questions and answers


class Turn(NamedTuple):
    """One turn in tokens of its text; all pairs are first and last token.

    Attributes
    ----------
    cue, source, content : (int, int)
    probability : float
        That the content is somebody's speech.
    """

    cue: Run
    source: Run
    content: Run
    probability: float


def find_turns(encoded: Encoded, reading: Readings) -> list[Turn]:
    """Turns and signed quotations of one text, in order.

    Parameters
    ----------
    encoded : Encoded
    reading : Readings
        Of ``encoded``.
    """
    words = encoded.words
    starts = np.flatnonzero(np.diff(reading.counts[:, 0], prepend=0)).tolist()
    stops = [*starts[1:], len(words)][: len(starts)]
    answers = _answers(words, [start + 1 for start in starts], stops)
    shapes = []
    for number, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        shape = _spoken(words, start + 1, stop) or _signed(encoded, start + 1, stop)
        if shape is None and number:
            shape = _signed_below(encoded, starts[number - 1] + 1, start, stop)
        if shape is not None:
            shapes.append(shape)
    chances = np.array([float(reading.roles[first : last + 1, 1].mean()) for _, _, (first, last) in shapes])
    names = [tuple(words[a : b + 1]) if words[cue[0]] == ":" else () for cue, (a, b), _ in shapes]
    again = {name for name, count in Counter(names).items() if name and count > 1}
    if len(again) > 1 and _asks(words, shapes):
        # Two who take turns with questions hold a dialogue, whatever a line looks like by itself.
        recurs = np.array([name in again for name in names], dtype=bool)
        chances[recurs] = np.maximum(chances[recurs], _DIALOGUE)
    turns = [
        Turn(*shape, probability)
        for shape, probability in zip(shapes, chances.tolist(), strict=True)
        if probability > _SPEECH
    ]
    turns += [Turn(*shape, _DIALOGUE) for shape in answers]
    return sorted(turns)


def _answers(words: Sequence[str], starts: Sequence[int], stops: Sequence[int]) -> list[tuple[Run, Run, Run]]:
    """Paragraphs that begin with "A:" or "A.", each behind one that begins with "Q:" or "Q."; one of these asks.

    Who asks is the outlet, so a question is no turn. "A. J. Crowe wrote" behind an answer is none either.
    """
    marked = [
        (start, stop)
        for start, stop in zip(starts, stops, strict=True)
        if stop > start + 2 and words[start] in ("Q", "A") and words[start + 1] in _LETTER_MARKS
    ]
    if not any(words[start] == "Q" and "?" in words[start:stop] for start, stop in marked):
        return []
    return [
        ((start + 1,) * 2, (start,) * 2, (start + 2, stop - 1))
        for (before, _), (start, stop) in pairwise(marked)
        if words[before] == "Q" and words[start] == "A"
    ]


def _asks(words: Sequence[str], shapes: Sequence[tuple[Run, Run, Run]]) -> bool:
    """Whether one of the turns is a question."""
    return any("?" in words[first : last + 1] for _, _, (first, last) in shapes)


def _spoken(words: Sequence[str], start: int, stop: int) -> tuple[Run, Run, Run] | None:
    """A paragraph that begins with a name and a colon."""
    while start < stop and words[start] in _OPENING:
        start += 1
    colon = next((at for at in range(start, min(start + _LONGEST_NAME + 1, stop)) if words[at] == ":"), None)
    if colon is None or not _is_name(words[start:colon]) or not any(map(has_letters, words[colon + 1 : stop])):
        return None
    return (colon, colon), (start, colon - 1), (colon + 1, stop - 1)


def _signed(encoded: Encoded, start: int, stop: int) -> tuple[Run, Run, Run] | None:
    """A quotation with a dash and a name behind it, which end the paragraph."""
    words, quotes = encoded.words, encoded.quotes
    first = max(stop - _LONGEST_SIGNATURE - 1, start + 1)
    dash = next((at for at in range(first, stop) if words[at] in _DASHES and quotes[at - 1] == _CLOSING), None)
    if dash is None:
        return None
    source = _signature(words, dash + 1, stop)
    quoted = np.flatnonzero(quotes[start:dash] == 0)  # what stands before the quotation
    begin = start + (int(quoted[-1]) + 1 if len(quoted) else 0)
    return None if source is None else ((dash, dash), source, (begin, dash - 1))


def _signed_below(encoded: Encoded, before: int, start: int, stop: int) -> tuple[Run, Run, Run] | None:
    """A dash and a name in a paragraph of their own under one that is a quotation."""
    words, quotes = encoded.words, encoded.quotes
    if stop - start - 1 > _LONGEST_SIGNATURE + 1 or start + 1 >= stop or words[start + 1] not in _DASHES:
        return None
    if start <= before or quotes[start - 1] != _CLOSING or not quotes[before:start].all():
        return None
    source = _signature(words, start + 2, stop)
    return None if source is None else ((start + 1, start + 1), source, (before, start - 1))


def _signature(words: Sequence[str], start: int, stop: int) -> Run | None:
    """The name at the beginning of a signature."""
    last = start - 1
    for place in range(start, min(stop, start + _LONGEST_NAME)):
        if not (words[place][:1].isupper() or words[place] in _SMALL or words[place] == "."):
            break
        last = place
    while last >= start and not has_letters(words[last]):
        last -= 1
    return (start, last) if _is_name(words[start : last + 1]) else None


def _is_name(words: Sequence[str]) -> bool:
    """Whether words could name a speaker: capitals throughout but for small words, no lone letter."""
    if not words or not words[0][:1].isupper():
        return False
    lettered = [word for word in words if has_letters(word)]
    if sum(len(word) for word in lettered) < 3:
        return False
    return all(word[0].isupper() or word in _SMALL for word in lettered) and all(
        has_letters(word) or word in (".", "-", "’", "'", "(", ")") for word in words
    )
