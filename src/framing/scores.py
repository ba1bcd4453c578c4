"""Scores by label, and mappings of them, that can't be changed and say what they know.

They wrap the dictionaries of a record without copying them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from framing.exceptions import ModelError

__all__ = ["Explain", "Frames", "FrozenMap", "Scores", "unit_frames"]

Explain = Callable[[str, str | None], list[Any]]
"""Gives the contributions to a frame's score, from the frame's label and its inventory."""

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

    Parameters
    ----------
    entries : mapping
        ``frames`` of a record.
    explain : callable, optional
        Gives the contributions to a frame's score, from its label and its inventory.
    """

    __slots__ = ("_by_source", "_by_voice", "_entries", "_explain")

    def __init__(self, entries: Mapping[str, Mapping[str, Any]], explain: Explain | None = None) -> None:
        super().__init__(
            {name: Scores(entry["scores"], "frame") for name, entry in entries.items()},
            "inventory",
        )
        self._entries = entries
        self._explain = explain
        self._by_voice = _split_scores(entries, "by_voice", "voice")
        self._by_source = _split_scores(entries, "by_source", "source")

    def __reduce__(self) -> tuple[Any, ...]:
        return Frames, (self._entries,)  # an explainer holds a model: it stays where it is

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
