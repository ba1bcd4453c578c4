"""What findings are made of: flat tables of units, read from analyses, from JSON Lines or from a table.

A unit is a statement, an attribution, a sentence or an article. Records are read one at a time and leave behind only
the columns that were asked for, so that a file of any length can be read.

A *reading* is what is said of a unit: ``"author_opinion"``, ``"hedged"``, ``"official"``, ``"policy_economic"``,
``"bias"``. `Reading` knows in which column the classifier's decision stands, in which its probability, and which human
labels agree with it.
"""

from __future__ import annotations

import gzip
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.analysis import Analysis
from framing.exceptions import ArticleError, MissingExtraError
from framing.record import LABELS, check_record, load_schema
from framing.tables import LEVELS, count_models

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MISSING", "Docs", "Reading", "find_reading", "import_pandas", "iter_records", "period_or_meta", "read_table",
    "require_columns",
]  # fmt: skip

Docs = Any
"""Analyses or records, the path of JSON Lines, or a pandas table."""

Entry = Mapping[str, Any]
Getter = Callable[[Entry, Entry], Any]

_PERIODS = {"year": 4, "month": 7, "day": 10}
_SHIPPED = ("policy", "narrative")
_CERTAINTY = ("hedged", "plain", "emphatic")
_QUOTATION = ("direct", "indirect", "mixed")
_OUTSIDE = ("frame", "none")  # of people: words that only introduce somebody; no label covers the unit
_BIASED = frozenset({"bias", "biased", "Biased"})
MISSING = "(missing)"
"""What stands for a field that a record lacks."""



def import_pandas() -> Any:
    """Pandas.

    Raises
    ------
    MissingExtraError
        If it isn't installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError(
            "Findings are pandas tables, and pandas isn't installed. Run: pip install 'newsframing[notebook]'",
            name="pandas",
        ) from error
    return pd


def iter_records(docs: Docs) -> Iterator[Entry]:
    """Records of analyses, one after the other.

    Parameters
    ----------
    docs : iterable of Analysis or mapping, or path-like
        A path names records as ``framing batch`` writes them: JSON Lines, perhaps compressed (``.gz``, ``.zst``), or
        Parquet.

    Yields
    ------
    mapping
        As described by ``schema.json``; not to be changed.

    Raises
    ------
    TypeError
        If it is something else.
    ArticleError
        If a line or a mapping isn't a record; the message says which and why.
    OSError
        If the file can't be read.
    """
    if isinstance(docs, (str, os.PathLike)):
        yield from _file_records(os.fspath(docs))
        return
    if isinstance(docs, (Analysis, Mapping)) or not isinstance(docs, Iterable):
        raise TypeError(
            "docs must be an iterable of Analysis objects or records, a path of JSON Lines, or a table. "
            f"Got {type(docs).__name__} instead; put one analysis in a list."
        )
    for place, doc in enumerate(docs):
        if isinstance(doc, Analysis):
            yield doc._record  # a copy of each would cost more than all else that is done here
        elif isinstance(doc, Mapping):
            check_record(doc)
            yield doc
        else:
            raise TypeError(f"docs must hold Analysis objects or records. Got {type(doc).__name__} at place {place}.")


def _file_records(path: str) -> Iterator[Entry]:
    for number, line in enumerate(_lines(path), 1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ArticleError(f"Line {number} of {path} isn't valid JSON: {error}.") from error
        if not isinstance(record, dict):
            raise ArticleError(f"Line {number} of {path} isn't a JSON object.")
        try:
            check_record(record)
        except ArticleError as error:
            raise ArticleError(f"Line {number} of {path}: {error}") from error
        yield record


def _lines(path: str) -> Iterator[bytes]:
    """Records as lines, from any file that ``framing batch`` writes."""
    from framing.batch.packing import unpacked
    from framing.batch.parquet import is_parquet, parquet_records

    if is_parquet(path):
        yield from parquet_records(path)
        return
    if path.endswith(".zst"):
        with open(path, "rb") as raw:
            yield from unpacked(raw, path)
        return
    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as lines:
        try:
            yield from lines
        except EOFError as error:
            raise ArticleError(f"{path} is cut off: its compressed data has no end. Write or copy it again.") from error


# Readings


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said of a unit, and where a table holds it.

    Attributes
    ----------
    name : str
    level : str
        What a unit is.
    column : str
        Column with the classifier's decision, or, for scores, its score.
    values : frozenset
        Values of the column that agree; empty for scores.
    scores : tuple of str
        Columns whose sum is the probability; empty where there is none.
    labels : frozenset of str
        Human labels that agree, further ones than `values` among them: ``"author_opinion"`` is an ``"opinion"``.
    threshold : float
        From which score on it counts.
    """

    name: str
    level: str
    column: str
    values: frozenset[Any] = frozenset()
    scores: tuple[str, ...] = ()
    labels: frozenset[Any] = frozenset()
    threshold: float = 0.5

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a table needs."""
        return tuple(dict.fromkeys((self.column, *self.scores)))

    def decide(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """The classifier's decision for every unit."""
        column = table[self.column]
        if self.values:
            return column.isin(self.values).to_numpy(dtype=bool)
        return np.asarray(column.to_numpy(dtype=np.float64) >= self.threshold)

    def score(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The probability for every unit, the decision as 0 or 1 where the table has none."""
        if self.scores and set(self.scores) <= set(table.columns):
            return sum((table[name].to_numpy(dtype=np.float64) for name in self.scores), np.zeros(len(table)))
        if self.values:
            return self.decide(table).astype(np.float64)
        values = self.raw(table)
        return values if _within_unit(values) else self.decide(table).astype(np.float64)

    def raw(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The score for every unit as it stands, whatever its range; the probability for a label."""
        return self.score(table) if self.values else table[self.column].to_numpy(dtype=np.float64)

    def judge(self, labels: pd.Series) -> NDArray[np.float64]:
        """Human labels as 0 and 1, nan where there is none.

        Labels are names of this or other readings, or truth values, or numbers from 0 to 1.

        Raises
        ------
        ValueError
            If they are numbers outside 0 to 1, or, for a statement's label or half of it, names that don't say whether
            it is so: misspelt ones, or ``"opinion"`` where ``"author_opinion"`` is asked for.
        """
        pd = import_pandas()
        known = labels.notna().to_numpy()
        out = np.full(len(labels), np.nan)
        given = labels[known]
        if pd.api.types.is_numeric_dtype(given) or all(isinstance(x, (bool, int, float)) for x in given):
            out[known] = given.to_numpy(dtype=np.float64)
            if not _within_unit(out[known]):
                raise ValueError(f"Labels of {self.name!r} must be names, or numbers from 0 to 1.")
        else:
            self._check_names(given)
            out[known] = given.isin(self.labels or {self.name}).to_numpy(dtype=np.float64)
        return out

    def _check_names(self, given: pd.Series) -> None:
        """Refuse labels of statements that leave open whether this reading holds, which would count as no."""
        if self.level != "statement" or self.column not in ("label", "voice", "kind"):
            return
        halves = dict.fromkeys(half for label in LABELS for half in label.split("_"))
        agree = self.labels & set(LABELS)
        clear = [half for half in halves if half in self.labels or not any(half in x.split("_") for x in agree)]
        allowed = [*LABELS, *clear, *_OUTSIDE]
        wrong = [name for name in given.unique().tolist() if name not in allowed]
        if wrong:
            raise ValueError(
                f"The label {wrong[0]!r} doesn't say whether a statement is {self.name!r}. Labels are "
                f"{', '.join(allowed)}, truth values, or empty where nobody labelled."
            )


def find_reading(
    of: str, level: str | None = None, *, threshold: float = 0.5, columns: Iterable[str] | None = None
) -> Reading:
    """Find what a name means.

    Parameters
    ----------
    of : str
        - ``"author_fact"``, …, ``"author"``, ``"source"``, ``"fact"``, ``"opinion"``, ``"hedged"``, ``"plain"``,
          ``"emphatic"``: of statements; the two opinions of sentences too, with ``level="sentence"``;
        - source types such as ``"official"``, ``"named"``, ``"unnamed"``, ``"direct"``, …, ``"denied"`` (the
          source says that it is not so): of attributions;
        - frames, such as ``"policy_economic"``: of articles, or any other level but attributions;
        - ``"bias"``: of sentences, or any other level but attributions;
        - a column of the user's own table, before all others.
    level : {"statement", "attribution", "sentence", "article"}, optional
        What a unit is; by default the first that is named above.
    threshold : float, default=0.5
        From which score on a frame, a bias or a sentence's opinion counts.
    columns : iterable of str, optional
        Columns of the user's own table.

    Raises
    ------
    ValueError
        If there is no such reading at that level.

    Examples
    --------
    >>> find_reading("official").level, find_reading("policy_economic").column
    ('attribution', 'frame_policy_economic')
    >>> sorted(find_reading("opinion").labels)
    ['author_opinion', 'opinion', 'source_opinion']
    """
    if not isinstance(of, str):
        raise TypeError(f"A reading is named by a string. Got {type(of).__name__} instead.")
    if level is not None and level not in LEVELS:
        raise ValueError(f"The level must be one of {', '.join(LEVELS)}. Got {level!r} instead.")
    own = set() if columns is None else set(columns)
    if of in own:
        labels = _BIASED if of == "bias" else frozenset({of})
        return Reading(of, level or "unit", of, labels=labels, threshold=threshold)
    if level in (None, "statement"):
        halves = [label for label in LABELS if of in label.split("_")]
        if of in LABELS:
            return Reading(of, "statement", "label", frozenset({of}), (f"p_{of}",), frozenset({of}))
        if halves:
            column = "voice" if of in ("author", "source") else "kind"
            scores = tuple(f"p_{label}" for label in halves)
            return Reading(of, "statement", column, frozenset({of}), scores, frozenset({of, *halves}))
        if of in _CERTAINTY:
            return Reading(of, "statement", "certainty", frozenset({of}), (), frozenset({of}))
    if level in (None, "attribution"):
        if of in _source_types():
            return Reading(of, "attribution", "source_type", frozenset({of}), (), frozenset({of}))
        if of in _QUOTATION:
            return Reading(of, "attribution", "quotation", frozenset({of}), (), frozenset({of}))
        if of in ("named", "unnamed"):
            return Reading(of, "attribution", "named", frozenset({of == "named"}), (), frozenset({of}))
        if of == "denied":
            return Reading(of, "attribution", "denied", frozenset({True}), (), frozenset({of}))
    if of == "bias" and level != "attribution":
        return Reading(of, level or "sentence", "bias", labels=_BIASED, threshold=threshold)
    if of in ("opinion", "author_opinion") and level == "sentence":
        return Reading(of, "sentence", of, labels=frozenset({of, "author_opinion"}), threshold=threshold)
    frame = of.removeprefix("frame_")
    if level != "attribution" and (frame in _frames() or f"frame_{frame}" in own):
        name = f"frame_{frame}"
        return Reading(frame, level or "article", name, labels=frozenset({frame, name}), threshold=threshold)
    where = f" of a {level}" if level else ""
    raise ValueError(
        f"There is no reading {of!r}{where}. Give a statement's label or half of it (author_opinion, opinion), a "
        "certainty (hedged), a source type (official), named, unnamed, denied, a frame (policy_economic), bias, or a "
        "column of your own table."
    )


def _source_types() -> Sequence[str]:
    types: Sequence[str] = load_schema()["$defs"]["attribution"]["properties"]["source_type"]["enum"]
    return types


def _frames() -> set[str]:
    definitions = load_schema()["$defs"]
    return {f"{name}_{label}" for name in _SHIPPED for label in definitions[name]["required"]}


def _within_unit(values: NDArray[np.float64]) -> bool:
    return bool(((values >= 0) & (values <= 1) | np.isnan(values)).all())


# Tables


def read_table(docs: Docs, level: str = "statement", columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read units into a compact table, only with the columns that are asked for.

    Unlike `framing.to_pandas` it reads JSON Lines too, one record at a time, and keeps repeated text once; a table of
    all statements of 100,000 articles takes tens of megabytes. What this module's siblings take as `docs`
    can be such a table, so that a long file is read only once.

    Parameters
    ----------
    docs : iterable of Analysis or mapping, or path-like
        A path names records as ``framing batch`` writes them: JSON Lines, perhaps compressed (``.gz``, ``.zst``), or
        Parquet.
    level : {"statement", "attribution", "sentence", "article"}
        What a row is. Sentences of page furniture are left out.
    columns : sequence of str
        Names of the columns of `framing.to_pandas`; ``"words"``, the number of words; fields of ``meta``; and
        ``"year"``, ``"month"``, ``"day"``, from the field ``date``.

    Returns
    -------
    pandas.DataFrame
        With ``article`` (number of the record), ``id``, then the unit's number under the level's name, then the
        columns. Text is categorical, numbers are of single precision. ``attrs["models"]`` counts the articles by the
        models that read them.

    Raises
    ------
    TypeError, ArticleError, OSError
        If there are no records to read; the message says why.
    ValueError
        If there is no such level.
    MissingExtraError
        If pandas isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = framing.analyze_many([{"text": "Critics called the plan reckless.", "outlet": "Tide"}])
    >>> table = framing.read_table(docs, "statement", ["outlet", "label"])
    >>> table["outlet"].tolist(), table["label"].tolist()
    (['Tide'], ['source_opinion'])
    """
    if level not in LEVELS:
        raise ValueError(f"The level must be one of {', '.join(LEVELS)}. Got {level!r} instead.")
    pd = import_pandas()
    own = [name for name in dict.fromkeys(columns) if name not in ("article", "id", level)]
    getters = {name: getter for name in own if (getter := _getter(level, name)) is not None}
    units = {name: _Column() for name in getters}
    articles = {name: _Codes() for name in ("id", *own) if name not in getters}
    numbers, counts = array("i"), array("i")
    models: dict[str, int] = {}
    for record in iter_records(docs):
        count_models(models, record)
        for name, column in articles.items():
            column.add(record["id"] if name == "id" else period_or_meta(record, name))
        count = 0
        for number, entry in _entries(record, level):
            numbers.append(number)
            for name, getter in getters.items():
                units[name].add(getter(record, entry))
            count += 1
        counts.append(count)
    per_article = np.frombuffer(counts, dtype=np.intc) if counts else np.zeros(0, np.intc)
    owner = np.repeat(np.arange(len(per_article), dtype=np.int32), per_article)
    data: dict[str, Any] = {"article": owner, "id": articles["id"].series(pd, owner)}
    if level != "article":
        data[level] = np.array(numbers, dtype=np.int32)
    for name in own:
        data[name] = units[name].series(pd) if name in units else articles[name].series(pd, owner)
    table = pd.DataFrame(data)
    table.attrs["models"] = models
    table.attrs["level"] = level
    return table


def require_columns(table: pd.DataFrame, columns: Iterable[str], what: str = "The table") -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    ValueError
        If it does; the message names the first that is missing and those that are there.
    """
    if lacking := [name for name in columns if name not in table.columns]:
        raise ValueError(f"{what} lacks the column {lacking[0]!r}. It has {', '.join(map(str, table.columns))}.")


def period_or_meta(record: Entry, name: str) -> Any:
    """A field of ``meta``, or year, month or day of its ``date``; "(missing)" where there is none."""
    meta = record["meta"]
    if name in meta:
        value = meta[name]
    elif name in _PERIODS and isinstance(meta.get("date"), str):
        value = meta["date"][: _PERIODS[name]]
    else:
        value = None
    if isinstance(value, (list, dict)):
        value = json.dumps(value, ensure_ascii=False)
    return MISSING if value is None or value == "" else value


class _Codes:
    """A growing column of codes of the values seen."""

    __slots__ = ("codes", "values")

    def __init__(self) -> None:
        self.codes = array("i")
        self.values: dict[Any, int] = {}

    def add(self, value: Any) -> None:
        self.codes.append(-1 if value is None else self.values.setdefault(value, len(self.values)))

    def series(self, pd: Any, owner: NDArray[np.int32] | None = None) -> Any:
        """The column; with `owner` one that holds a value an article, spread over the articles' units."""
        codes = np.array(self.codes, dtype=np.int32)
        codes = codes if owner is None else codes[owner]
        return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(list(self.values), dtype=object)))


class _Column:
    """A growing column of units: numbers with a decimal point as they are, everything else as codes."""

    __slots__ = ("codes", "floats")

    def __init__(self) -> None:
        self.floats = array("f")
        self.codes = _Codes()

    def add(self, value: Any) -> None:
        if type(value) is float:
            self.floats.append(value)
        else:
            self.codes.add(value)

    def series(self, pd: Any) -> Any:
        if self.floats:
            return pd.Series(np.frombuffer(self.floats, dtype=np.float32))
        return self.codes.series(pd)


def _entries(record: Entry, level: str) -> Iterator[tuple[int, Entry]]:
    if level == "article":
        yield 0, record
        return
    for number, entry in enumerate(record[f"{level}s"]):
        if entry.get("role") != "boilerplate":
            yield number, entry


def _getter(level: str, name: str) -> Getter | None:
    """What gives a column of units, None for one that holds a value an article."""
    if name.startswith("frame_"):
        for inventory in _SHIPPED:
            if name.startswith(f"frame_{inventory}_"):
                return _frame(level, inventory, name.removeprefix(f"frame_{inventory}_"))
        inventory, _, label = name.removeprefix("frame_").partition("_")
        return _frame(level, inventory, label)
    return _GETTERS[level].get(name)


def _frame(level: str, inventory: str, label: str) -> Getter:
    def score(record: Entry, entry: Entry) -> float:
        scores = entry["frames"].get(inventory, {})
        return float((scores.get("scores", {}) if level == "article" else scores).get(label, np.nan))

    return score


def _words(record: Entry, entry: Entry) -> float:
    return float(len(record["text"][entry["start"] : entry["end"]].split()))


def _content_words(record: Entry, entry: Entry) -> float:
    return float(sum(len(record["text"][start:end].split()) for start, end in entry["content"]))


def _field(name: str) -> Getter:
    return lambda _record, entry: entry[name]


def _number(*path: str) -> Getter:
    def number(record: Entry, entry: Entry) -> float:
        value: Any = entry
        for name in path:
            value = value[name]
        return float(value)

    return number


def _of_source(name: str) -> Getter:
    def value(record: Entry, entry: Entry) -> Any:
        at = entry["attribution"]
        return None if at is None else record["attributions"][at][name]

    return value


_OFFSETS: dict[str, Getter] = {
    "start": _field("start"),
    "end": _field("end"),
    "text": lambda record, entry: record["text"][entry["start"] : entry["end"]],
    "words": _words,
}
_GETTERS: dict[str, dict[str, Getter]] = {
    "statement": {
        **_OFFSETS,
        **{name: _field(name) for name in ("sentence", "voice", "kind", "certainty", "attribution")},
        "label": lambda record, entry: f"{entry['voice']}_{entry['kind']}",
        **{f"p_{label}": _number("probability", label) for label in LABELS},
        "bias": _number("bias"),
        **{name: _of_source(name) for name in ("speaker", "source_type", "named")},
    },
    "attribution": {
        **{name: _field(name) for name in ("speaker", "source_type", "named", "quotation", "within")},
        "denied": lambda record, entry: entry.get("denied", False),  # records of older versions lack it
        "probability": _number("probability"),
        "words": _content_words,
    },
    "sentence": {
        **_OFFSETS,
        "role": _field("role"),
        **{name: _number(name) for name in ("opinion", "author_opinion", "bias")},
    },
    "article": {
        "words": _number("summary", "words"),
        "bias": _number("bias", "score"),
        **{f"share_{label}": _number("summary", "share", label) for label in LABELS},
        **{name: _number("summary", name) for name in ("anonymous_share", "hedged_share")},
    },
}
