"""Human labels beside the classifier's output: finding the unit that a label belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.metrics import match_attributions
from framing.units import Docs, import_pandas, iter_records, require_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GOLD", "Gold", "align_labels", "find_labels", "gold_table"]

Gold = Any
"""A pandas table or mappings with labels, or the name of a column of the predictions."""

GOLD = "gold"
"""Name of the column with labels, unless another is given."""

_UNITS = ("statement", "attribution", "sentence")
_NONE = "none"


def align_labels(docs: Docs, labels: Mapping[Any, Sequence[Any]], level: str = "statement") -> pd.DataFrame:
    """Give the units that were found the labels of people who marked up the text by themselves.

    A statement gets the label that covers most of its characters; an attribution that of the annotated attribution it
    matches (`framing.metrics.match_attributions`). What matches nothing gets ``"none"``, which agrees with no reading.
    What people marked and the library didn't find isn't a unit, and is only counted: shares are shares of what was
    found.

    Parameters
    ----------
    docs : iterable of Analysis or mapping, or path-like
    labels : mapping
        By the articles' ``id``; each article labelled from beginning to end, since a unit without a label counts as
        wrong, and not as unlabelled. For statements, lists of [start, end, label]; for attributions, lists of mappings
        with ``source``, ``cue``, ``content``, ``source_type`` and ``named``. As `framing.datasets.load_sample` gives
        them.
    level : {"statement", "attribution"}

    Returns
    -------
    pandas.DataFrame
        A row for each unit of the articles that have labels: ``article``, ``id``, the unit's number under the level's
        name, and ``gold``; for attributions that is the source type, and ``gold_named`` follows. ``attrs["missed"]``
        is the number of annotated attributions that were not found.

    Raises
    ------
    TypeError
        If `labels` isn't a mapping.
    ValueError
        If there is no such level, or an article in `labels` isn't in `docs`.
    MissingExtraError
        If pandas isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = [framing.Analyzer().analyze("Critics called the plan reckless.", id="a1")]
    >>> framing.align_labels(docs, {"a1": [[0, 18, "frame"], [19, 33, "source_opinion"]]})["gold"].tolist()
    ['source_opinion']
    """
    if level not in ("statement", "attribution"):
        raise ValueError(f"Labels by offsets are aligned to a 'statement' or an 'attribution'. Got {level!r} instead.")
    if not isinstance(labels, Mapping):
        raise TypeError(f"labels must be a mapping from an article's id to its labels. Got {type(labels).__name__}.")
    pd = import_pandas()
    rows: list[tuple[Any, ...]] = []
    found, missed = set(), 0
    for article, record in enumerate(iter_records(docs)):
        given = labels.get(record["id"])
        if given is None:
            continue
        found.add(record["id"])
        if level == "statement":
            values: list[tuple[Any, ...]] = [(_covering(entry, given),) for entry in record["statements"]]
        else:
            partner = {b: given[a] for a, b in match_attributions(given, record["attributions"])}
            missed += len(given) - len(partner)
            pairs = (partner.get(number) for number in range(len(record["attributions"])))
            values = [(_NONE, None) if p is None else (p["source_type"], p["named"]) for p in pairs]
        rows += [(article, record["id"], number, *value) for number, value in enumerate(values)]
    if lost := [key for key in labels if key not in found]:
        raise ValueError(f"{len(lost)} labelled articles aren't in docs, {lost[0]!r} first. Do both have the same ids?")
    columns = ["article", "id", level, GOLD, *(["gold_named"] if level == "attribution" else [])]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["missed"] = missed
    return table


def gold_table(gold: Gold) -> pd.DataFrame:
    """A table of labels from what a user gives for one."""
    pd = import_pandas()
    if isinstance(gold, pd.DataFrame):
        return gold
    if isinstance(gold, (str, Mapping)) or not isinstance(gold, Iterable):
        raise TypeError(
            "gold must be a table or mappings with the labels, or the name of a column of the table of predictions. "
            f"Got {type(gold).__name__} instead; for labels by offsets use align_labels."
        )
    table = pd.DataFrame(list(gold))
    if not len(table):
        raise ValueError("gold has no labels.")
    return table


def find_labels(table: pd.DataFrame, gold: Gold, level: str, columns: Sequence[str]) -> pd.DataFrame:
    """Columns of `gold` for every row of a table of units, empty where a unit has no label.

    Parameters
    ----------
    table : DataFrame
        From `framing.units.read_table`, or the user's own.
    gold : DataFrame, iterable of mapping, or str
        With what tells the unit: ``id``, else ``article``, and beside it the unit's number under the level's name, else
        ``start`` and ``end``. A string names a column of `table`, and then `columns` are the table's too.
    level : str
        What a unit is.
    columns : sequence of str

    Raises
    ------
    ValueError
        If a column is missing, a unit has two rows, or a row belongs to no unit.
    """
    if isinstance(gold, str):
        require_columns(table, columns, "The table of predictions")
        given = table[list(columns)]
        return given.mask(~_filled(given[columns[0]]).to_numpy()[:, None])
    labels = gold_table(gold)
    require_columns(labels, columns, "The table of labels")
    labels = labels[_filled(labels[columns[0]])]
    keys = _keys(table, labels, level)
    near = np.flatnonzero(table[keys[0]].isin(labels[keys[0]]).to_numpy())
    # Object columns: a categorical id and a plain one would otherwise not be told to be the same.
    units = _index(table.iloc[near][keys])
    wanted = _index(labels[keys])
    if wanted.has_duplicates:
        twice = wanted[wanted.duplicated()][0]
        raise ValueError(f"Two labels for one unit ({_named(keys, twice)}): settle on one label a unit first.")
    if units.has_duplicates:
        raise ValueError(f"The columns {', '.join(keys)} don't tell the units apart: ids must be unique.")
    places = units.get_indexer(wanted)
    if (places < 0).any():
        first = wanted[int(np.argmax(places < 0))]
        raise ValueError(
            f"{int((places < 0).sum())} of {len(wanted)} labels belong to no unit, ({_named(keys, first)}) first. "
            "Were they made on the output of other models? Labels must come from the analyses they correct."
        )
    taken: NDArray[np.intp] = np.full(len(table), -1)
    taken[near[places]] = np.arange(len(labels))
    out = labels[list(columns)].reset_index(drop=True).reindex(taken)
    out.index = table.index
    return out


def _filled(labels: pd.Series) -> pd.Series:
    """Which labels are there: a cell that a coder left empty is no label."""
    return labels.notna() & (labels.astype(object) != "")


def _covering(entry: Mapping[str, Any], segments: Sequence[Sequence[Any]]) -> str:
    shared: dict[str, int] = {}
    for start, end, label in segments:
        if (both := min(end, entry["end"]) - max(start, entry["start"])) > 0:
            shared[label] = shared.get(label, 0) + both
    return max(shared, key=lambda label: shared[label]) if shared else _NONE


def _keys(table: pd.DataFrame, labels: pd.DataFrame, level: str) -> list[str]:
    both = set(table.columns) & set(labels.columns)
    article = next((name for name in ("id", "article") if name in both and bool(labels[name].notna().all())), None)
    if article is not None:
        if level not in _UNITS:
            return [article]
        if level in both:
            return [article, level]
        if {"start", "end"} <= both:
            return [article, "start", "end"]
    raise ValueError(
        f"The labels don't say which {level} they belong to. Keep the columns id and {level} of the table they were "
        f"made in. Got the columns {', '.join(map(str, labels.columns))}."
    )


def _index(frame: pd.DataFrame) -> pd.MultiIndex:
    return import_pandas().MultiIndex.from_arrays([frame[name].astype(object) for name in frame.columns])


def _named(keys: Sequence[str], values: Sequence[Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in zip(keys, values, strict=True))
