"""Scores by label, and mappings of them, that can't be changed and say what they know.

They wrap the dictionaries of a record without copying them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from framing.exceptions import ModelError

__all__ = ["Explain", "Frames", "FrozenMap", "Said", "Scores", "said_in", "unit_frames"]

Explain = Callable[[str, str | None], list[Any]]
"""Gives the contributions to a frame's score, from the frame's label and its inventory."""

Said = Sequence[tuple[int, int, str, str | None]]
"""Start, end, voice and source of every statement, in the order of the text; the author's have no source."""

V = TypeVar("V")
_NAMED_IN_ERRORS = 20


class FrozenMap(Mapping[str, V], Generic[V]):
    """A mapping that can't be changed and whose errors name the keys it knows.

    Parameters
    ----------
    values : mapping of str to value
        Kept, not copied.
    noun : str
        What a key is called in errors.
    """

    __slots__ = ("_noun", "_values")

    def __init__(self, values: Mapping[str, V], noun: str) -> None:
        self._values = values
        self._noun = noun

    def __getitem__(self, key: str) -> V:
        if key not in self._values:
            known = ", ".join(list(self._values)[:_NAMED_IN_ERRORS]) or "none"
            more = ", …" if len(self._values) > _NAMED_IN_ERRORS else ""
            raise KeyError(f"no {self._noun} {key!r}; known: {known}{more}")
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return repr(dict(self._values))

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._values)


class Scores(FrozenMap[float]):
    """Scores by label, each from 0 to 1.

    Examples
    --------
    >>> scores = Scores({"conflict": 0.2, "morality": 0.7, "economic": 0.4}, "frame")
    >>> scores["morality"]
    0.7
    >>> scores.top(2)
    [('morality', 0.7), ('economic', 0.4)]
    """

    __slots__ = ()

    def top(self, n: int = 3) -> list[tuple[str, float]]:
        """The `n` highest, as (label, score); equal scores keep the inventory's order."""
        return sorted(self.items(), key=lambda item: -item[1])[:n]


class Frames(FrozenMap[Scores]):
    """Frame scores of an article: inventory, then label.

    There are two answers to the question who brings a frame. ``by_voice`` and ``by_source`` say whether that
    voice or source alone, read as if it were the article, would be marked for the frame: scores from 0 to 1 that
    need not add up to anything. :meth:`shares` divides up the article's own score: log odds that add up to it.

    Parameters
    ----------
    entries : mapping
        ``frames`` of a record.
    explain : callable, optional
        Gives the contributions to a frame's score, from its label and its inventory.
    said : sequence, optional
        Start, end, voice and source of every statement.
    """

    __slots__ = ("_by_source", "_by_voice", "_entries", "_explain", "_said")

    def __init__(
        self, entries: Mapping[str, Mapping[str, Any]], explain: Explain | None = None, said: Said = ()
    ) -> None:
        super().__init__(
            {name: Scores(entry["scores"], "frame") for name, entry in entries.items()},
            "inventory",
        )
        self._entries = entries
        self._explain = explain
        self._said = said
        self._by_voice = _split_scores(entries, "by_voice", "voice")
        self._by_source = _split_scores(entries, "by_source", "source")

    def __reduce__(self) -> tuple[Any, ...]:
        return Frames, (self._entries, None, self._said)  # an explainer holds a model: it stays where it is

    @property
    def by_voice(self) -> FrozenMap[FrozenMap[Scores]]:
        """Inventory, then ``"author"`` or ``"source"``, then label; no entry without statements."""
        return self._by_voice

    @property
    def by_source(self) -> FrozenMap[FrozenMap[Scores]]:
        """Inventory, then speaker, then label."""
        return self._by_source

    def top(self, n: int = 3) -> list[tuple[str, str, float]]:
        """The `n` highest of all inventories, as (inventory, label, score)."""
        found = [(name, label, score) for name, scores in self.items() for label, score in scores.items()]
        return sorted(found, key=lambda item: -item[2])[:n]

    def explain(self, label: str, inventory: str | None = None) -> list[Any]:
        """What made the article's score for a frame.

        Parameters
        ----------
        label : str
        inventory : str, optional
            Needed only for a label that stands in several inventories.

        Returns
        -------
        list
            Contributions, as the frame classifier gives them.

        Raises
        ------
        KeyError
            If there is no such label or inventory; the message names those there are.
        ValueError
            If the label stands in several inventories and none is named.
        ModelError
            If the analysis was read from a record or unpickled, so that there is no model to ask.
        """
        found = [inventory] if inventory is not None else [n for n in self if label in self[n]]
        if not found:
            known = "; ".join(f"{name}: {', '.join(self[name])}" for name in self) or "none"
            raise KeyError(f"no frame {label!r}; known: {known}")
        if len(found) > 1:
            raise ValueError(
                f"frame {label!r} stands in several inventories ({', '.join(found)}); "
                f"name one: explain({label!r}, {found[0]!r})"
            )
        self[found[0]][label]  # raises if either is unknown
        if self._explain is None:
            raise ModelError(
                "This analysis was read from a record, so the model that could explain it isn't "
                "here. Analyze its text again."
            )
        return self._explain(label, found[0])


    def shares(self, label: str, inventory: str | None = None, *, by: str = "voice") -> dict[str, float]:
        """How much each voice or source adds to the article's score for a frame.

        Parameters
        ----------
        label : str
        inventory : str, optional
            Needed only for a label that stands in several inventories.
        by : {"voice", "source"}, default="voice"
            ``"voice"``: of the author's statements and of the sources'. ``"source"``: of the author's statements
            and of each source's, by the speaker; ``"unspecified"`` holds sources without one.

        Returns
        -------
        dict of str to float
            Log odds, the largest first; negative where the words speak against the frame. ``"frame"`` holds the
            words that only introduce an attribution and whatever else is in no statement. The values add up to
            the article's log odds less those of an article without evidence: to the sum of :meth:`explain`'s
            contributions.

        Raises
        ------
        KeyError, ValueError, ModelError
            As :meth:`explain`; ValueError also if ``by`` is unknown.
        """
        if by not in ("voice", "source"):
            raise ValueError(f"The 'by' parameter must be 'voice' or 'source'. Got {by!r}.")
        starts = [start for start, *_ in self._said]
        sums: dict[str, float] = {}
        for part in self.explain(label, inventory):
            number = bisect_right(starts, part.start) - 1
            key = "frame"
            if number >= 0 and part.start < self._said[number][1]:
                _, _, voice, source = self._said[number]
                key = voice if by == "voice" or source is None else source
            sums[key] = sums.get(key, 0.0) + part.value
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


def said_in(record: Mapping[str, Any]) -> Said:
    """Who makes every statement of a record; a source's statement without a speaker is ``"unspecified"``'s."""
    speakers = [entry["speaker"] or "unspecified" for entry in record["attributions"]]
    said: list[tuple[int, int, str, str | None]] = []
    for entry in record["statements"]:
        number = entry["attribution"]
        source = "unspecified" if number is None else speakers[number]
        said.append((entry["start"], entry["end"], entry["voice"], source if entry["voice"] == "source" else None))
    return sorted(said, key=lambda place: place[:2])


def unit_frames(entry: Mapping[str, Mapping[str, float]]) -> FrozenMap[Scores]:
    """Frame scores of a sentence or statement: inventory, then label."""
    return FrozenMap({name: Scores(scores, "frame") for name, scores in entry.items()}, "inventory")


def _split_scores(
    entries: Mapping[str, Mapping[str, Any]], key: str, noun: str
) -> FrozenMap[FrozenMap[Scores]]:
    return FrozenMap(
        {
            name: FrozenMap({part: Scores(scores, "frame") for part, scores in entry[key].items()}, noun)
            for name, entry in entries.items()
        },
        "inventory",
    )
