"""Frames of pandas in, frames of pandas out: what engines for many machines ask for.

Nothing here knows those engines. Spark's ``mapInPandas`` takes `analyze_frames` as it is, Dask's
``map_partitions`` and Ray Data's ``map_batches`` give it one frame at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from framing.batch.columns import COLUMNS, column_id, column_values
from framing.batch.work import ManyAnalyzer, Outcome, error_message, outcomes
from framing.exceptions import ArticleError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["analyze_frames", "empty_frame"]

_TYPES = {"string": "string", "bigint": "Int64", "double": "float64"}
_COLUMNS = COLUMNS | {"error": "string"}


def analyze_frames(
    frames: Iterable[pd.DataFrame],
    *,
    analyzer: ManyAnalyzer | None = None,
    tier: str = "default",
    batch_size: int = 64,
) -> Iterator[pd.DataFrame]:
    """Analyse frames of articles, one row for each row.

    A frame has a column ``text``, perhaps ``id`` and ``title``, and any others, which go to the
    record's ``meta``. A row without a usable text, or that the analyzer fails on, becomes a row with
    an error and no record.

    Parameters
    ----------
    frames : iterable of DataFrame
    analyzer : Analyzer, optional
        By default the bundled models, which a process reads once, however many frames it gets.
    tier : {"default", "accurate"}, default="default"
        Which bundled models, if no analyzer is given.
    batch_size : int, default=64
        Articles that go through the models together. It changes the speed only.

    Yields
    ------
    DataFrame
        One for each frame, with its index, and with the columns and types of
        `ANALYZE_FRAMES_SCHEMA`, empty ones too: the columns of
        ``framing.to_pandas(docs, level="article")`` but for its frames, whose names an analyzer may
        choose; the whole ``record`` as JSON; and ``error``. One of the last two is missing. Ids
        become text.

    Raises
    ------
    TypeError
        If something else than a DataFrame comes.
    ArticleError
        If a frame has no column ``text``.
    ModelError, MissingExtraError
        If the analyzer can't work at all, or pandas isn't installed.

    Examples
    --------
    >>> import pandas as pd
    >>> articles = pd.DataFrame({"id": [7, 8], "text": ["Rain fell on Monday.", None]})
    >>> (result,) = analyze_frames([articles])
    >>> result[["id", "words", "error"]]
      id  words                                              error
    0  7      4                                               <NA>
    1  8   <NA>  The field 'text' must be a string, not null.
    """
    pandas = _pandas()
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1. Got {batch_size} instead.")
    used = analyzer or _bundled(tier)
    for frame in frames:
        if not isinstance(frame, pandas.DataFrame):
            raise TypeError(
                f"frames must be an iterable of DataFrames. Got {type(frame).__name__} in it; "
                "put a single frame in a list."
            )
        if "text" not in frame.columns:
            raise ArticleError(
                f"A frame must have a column 'text'. Got {', '.join(map(str, frame.columns)) or 'none'}; "
                "rename the column that holds the articles."
            )
        rows: list[list[Any]] = []
        for first in range(0, len(frame), batch_size):
            raws = frame.iloc[first : first + batch_size].to_dict("records")
            rows += map(_row, outcomes(used, raws))
        yield _frame(rows, frame.index)


def empty_frame() -> pd.DataFrame:
    """A frame without rows as `analyze_frames` gives it: the ``meta`` that Dask asks for.

    Returns
    -------
    DataFrame

    Raises
    ------
    MissingExtraError
        If pandas isn't installed.

    Examples
    --------
    >>> empty_frame().dtypes["words"]
    Int64Dtype()
    """
    return _frame([], _pandas().RangeIndex(0))


@lru_cache(maxsize=2)
def _bundled(tier: str) -> ManyAnalyzer:
    from framing.analyzer import Analyzer

    return Analyzer(tier=tier)


def _row(outcome: Outcome) -> list[Any]:
    if outcome.doc is not None:
        return [*column_values(outcome.doc.to_dict(), outcome.line.removesuffix(b"\n")), None]
    assert outcome.error is not None
    empty = dict.fromkeys(_COLUMNS) | {"id": column_id(outcome.given_id), "error": error_message(outcome.error)}
    return list(empty.values())


def _frame(rows: list[list[Any]], index: pd.Index) -> pd.DataFrame:
    pandas = _pandas()
    columns = zip(*rows, strict=True) if rows else ((),) * len(_COLUMNS)
    return pandas.DataFrame(
        {
            name: pandas.Series(list(values), dtype=_TYPES[kind], index=index)
            for (name, kind), values in zip(_COLUMNS.items(), columns, strict=True)
        }
    )


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError(
            "Frames need pandas, which isn't installed. Run: pip install 'newsframing[notebook]'", name="pandas"
        ) from error
    return pandas
