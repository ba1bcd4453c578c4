r"""How tools count characters: their offsets as code points.

Most tools count code points. Pages written for a browser may count UTF-16 code units, of which an emoji has two, and
may turn ``\r\n`` into ``\n`` before they count. A tool that stores the words of a span beside its offsets shows
how it counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

import numpy as np

__all__ = ["recount"]

Range = tuple[int, int]


def recount(text: str, ranges: Sequence[Range], words: Sequence[str | None]) -> list[Range]:
    """Ranges in code points, whichever of the usual ways they were counted in.

    Parameters
    ----------
    text : str
    ranges : sequence of (int, int)
    words : sequence of str or None
        What the tool says stands there; None where it does not say.

    Returns
    -------
    list of (int, int)
        As given if the words agree, or agree in no way of counting.

    Examples
    --------
    >>> recount("🔔 rings", [(3, 8)], ["rings"])
    [(2, 7)]
    """
    plain = list(ranges)
    for as_points in (lambda place: place, *_ways(text)):
        moved = [as_points(place) for place in plain]
        if all(said is None or _bare(text[s:e]) == _bare(said) for (s, e), said in zip(moved, words, strict=True)):
            return moved
    return plain


def _ways(text: str) -> Sequence[Callable[[Range], Range]]:
    ways = []
    for one_line_end, utf16 in ((False, True), (True, False), (True, True)):
        sizes = [
            (2 if utf16 and char > "\uffff" else 1) - (one_line_end and text[i : i + 2] == "\r\n")
            for i, char in enumerate(text)
        ]
        ways.append(_counted(np.array([0, *accumulate(sizes)])))
    return ways


def _counted(starts: np.ndarray) -> Callable[[Range], Range]:
    def as_points(place: Range) -> Range:
        # A character of size 0 lies outside a range that starts or ends there, one of size 2 that is cut, inside.
        start, end = place
        return int(np.searchsorted(starts, start, "right")) - 1, int(np.searchsorted(starts, end, "left"))

    return as_points


def _bare(words: str) -> str:
    """Words without what tools change in them: line ends and runs of blanks."""
    return " ".join(words.split())
