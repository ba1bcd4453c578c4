"""The strip of an article, from its first word to its last, and the few readings that all views share."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from framing.record import LABELS, VOICES

__all__ = ["PRESENT", "count_words", "frame_name", "label_of", "ribbon", "strip"]

PRESENT = 0.5
"""The decision threshold of every frame."""

_FRAME_NAMES = {  # labels hold no comma
    "legality_constitutionality_and_jurisprudence": "legality, constitutionality and jurisprudence"
}
_WORD = re.compile(r"(?:https?://|www\.)\S+|\w+(?:['’.-]\w+)*")


def strip(record: Mapping[str, Any], bars: int) -> dict[str, Any]:
    """The article from its first word to its last: whose voice, and how much opinion.

    Parameters
    ----------
    record : mapping
        As described by ``schema.json``.
    bars : int
        The most steps to tell apart. Statements stand alone where there are at most so many;
        otherwise neighbours share a step, with a bar for each voice in it.

    Returns
    -------
    dict
        ``bars``: lists of start, end (0 to 1, in words of statements), voice, probability of
        opinion, and the place of the statement or None where several share the bar; ``loaded``:
        lists of place (0 to 1), voice and probability of opinion of the bars that hold loaded words.
    """
    text, statements = record["text"], record["statements"]
    sizes = [count_words(text[s["start"] : s["end"]]) for s in statements]
    total = sum(sizes) or 1
    step = -(-len(statements) // bars) or 1
    drawn: list[list[Any]] = []
    loaded: list[list[Any]] = []
    done = 0
    for first in range(0, len(statements), step):
        group = range(first, min(first + step, len(statements)))
        start, done = done, done + sum(sizes[i] for i in group)
        for voice in VOICES:
            own = [i for i in group if statements[i]["voice"] == voice and sizes[i]]
            if own:
                weight = sum(sizes[i] for i in own)
                opinion = sum(_opinion(statements[i]) * sizes[i] for i in own) / weight
                drawn.append([start / total, done / total, voice, opinion, first if step == 1 else None])
                if any(statements[i]["loaded"] for i in own):
                    loaded.append([(start + done) / 2 / total, voice, opinion])
    return {"bars": drawn, "loaded": loaded}


def ribbon(record: Mapping[str, Any], cells: int) -> str:
    """The article in cells of equal length: for each the label of the words in its middle.

    Parameters
    ----------
    record : mapping
        As described by ``schema.json``.
    cells : int

    Returns
    -------
    str
        A digit for each cell, the place of its label in `record.LABELS`; empty without statements.

    Examples
    --------
    >>> import framing
    >>> ribbon(framing.analyze("The pier shut on Monday.").to_dict(), 4)
    '0000'
    """
    text = record["text"]
    ends = []
    done = 0
    for statement in record["statements"]:
        done += count_words(text[statement["start"] : statement["end"]])
        ends.append(done)
    if not done:
        return ""
    labels = [LABELS.index(label_of(statement)) for statement in record["statements"]]
    return "".join(str(labels[bisect_right(ends, (cell + 0.5) * done / cells)]) for cell in range(cells))


def label_of(statement: Mapping[str, Any]) -> str:
    """Voice and kind of a statement in one, such as ``"author_fact"``."""
    return f"{statement['voice']}_{statement['kind']}"


def frame_name(label: str) -> str:
    """A frame's label as words.

    Examples
    --------
    >>> frame_name("security_and_defense")
    'security and defense'
    """
    return _FRAME_NAMES.get(label) or label.replace("_", " ")


def count_words(text: str) -> int:
    """Words of a text; figures, compounds and links count as one.

    Examples
    --------
    >>> count_words("The board's well-kept crane cost 1.3 million.")
    7
    """
    return sum(1 for _ in _WORD.finditer(text))


def _opinion(statement: Mapping[str, Any]) -> float:
    return float(sum(statement["probability"][f"{voice}_opinion"] for voice in VOICES))
