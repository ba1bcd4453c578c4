"""Figures of findings: a drawing for each table that `framing.prevalence` and its siblings give.

They are part of `framing.plots`, under the names of the functions whose tables they draw, and draw what is in the
table and its ``attrs``, nothing else: cut or sort the table to cut or sort the figure. What colours tell, shapes,
fillings or hatches tell too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.display import shorten
from framing.exceptions import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = [
    "compare", "keyness", "labels_needed", "match_stories", "new_axes", "prevalence", "regress", "sources", "validate",
]  # fmt: skip

_BLUE, _RUST, _GREY = "#1c5288", "#a33b0a", "#6b6b6b"
_METHODS = {
    # Label, colour, marker, filled.
    "naive": ("counted (naive)", _RUST, "o", False),
    "adjusted": ("adjusted count", _GREY, "^", True),
    "gold": ("labels alone", _GREY, "s", False),
    "ppi": ("prediction-powered", _BLUE, "o", True),
    "dsl": ("corrected (DSL)", _BLUE, "o", True),
}
_GROUPS = ((_BLUE, "o"), (_RUST, "s"), ("#3b7d6e", "D"), ("#8a6d00", "^"), ("#6a4c93", "v"), (_GREY, "P"))
_CONVENTIONS = (0.667, 0.8)
"""Krippendorff's α from which conclusions are tentative, and from which they are customary."""

_NAME_COLUMNS = 40
_ROW_INCHES = 0.3
_Z = 1.96


def prevalence(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Shares with their intervals, a line for each reading and group, the methods side by side.

    Parameters
    ----------
    table : DataFrame
        From `framing.prevalence`.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each row, shares in percent on the horizontal axis. Rows without an estimate say so.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = framing.analyze_many(["Critics called the plan reckless.", "The pier shut on Monday."])
    >>> ax = prevalence(framing.prevalence(docs, of="opinion", method="naive"))
    >>> [text.get_text() for text in ax.get_yticklabels()], ax.get_xlabel()
    (['opinion'], 'share of the statements (%), with 95% intervals')
    """
    _check(table, ("reading", "method", "share", "low", "high"), "prevalence")
    by = list(table.columns[: table.columns.get_loc("reading")])
    keys = _keys(table, [*(["reading"] if table["reading"].nunique() > 1 or not by else []), *by])
    axes = new_axes(ax, len(dict.fromkeys(keys)) * max(1.0, 0.6 * table["method"].nunique()))
    _draw_methods(axes, table, keys, "share", 100.0)
    level = table.attrs.get("level", "unit")
    size = table.attrs.get("size")
    units = f"{level}s" if not size else f"{level}s, weighted by {_plain(size)}"
    axes.set_xlim(left=0)
    axes.set_xlabel(f"share of the {units} (%), {_intervals(table)}")
    return axes


def regress(table: pd.DataFrame, *, intercept: bool = False, ax: Axes | None = None) -> Axes:
    """Coefficients with their intervals, the methods side by side.

    Parameters
    ----------
    table : DataFrame
        From `framing.regress`.
    intercept : bool, default=False
        Draw the intercept too.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each row; differences of shares in percentage points, or log odds, on the horizontal axis.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or one without terms.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"method": ["dsl"], "term": ["outlet Tide"], "estimate": 0.2, "low": 0.1, "high": 0.3})
    >>> regress(table).lines[0].get_xdata().tolist()
    [20.0]
    """
    _check(table, ("method", "term", "estimate", "low", "high"), "regress")
    drawn = table if intercept else table[table["term"] != "intercept"]
    if not len(drawn):
        raise ValueError("There is no term but the intercept; draw it with intercept=True.")
    logistic = table.attrs.get("model") == "logistic"
    keys = _keys(drawn, ["term"])
    axes = new_axes(ax, len(dict.fromkeys(keys)) * max(1.0, 0.6 * drawn["method"].nunique()))
    _draw_methods(axes, drawn, keys, "estimate", 1.0 if logistic else 100.0)
    _zero(axes)
    axes.set_xlabel(f"{'log odds' if logistic else 'difference of shares (points)'}, {_intervals(table)}")
    if bases := table.attrs.get("bases"):
        against = ", ".join(f"{name} {value}" for name, value in bases.items())
        axes.set_ylabel(_plain(f"against {against}"), fontsize="small")
    return axes


def compare(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Differences with their intervals; those that hold after the adjustment for their number are filled.

    Parameters
    ----------
    table : DataFrame
        From `framing.compare`.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each row: percentage points, or means of scores, on the horizontal axis, the adjusted p at the
        right.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import numpy as np, pandas as pd, framing
    >>> units = pd.DataFrame({"article": np.arange(60), "outlet": ["Tide", "Echo"] * 30, "loaded": [1, 0, 1, 1] * 15})
    >>> ax = compare(framing.compare(units, by="outlet", of="loaded"))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Echo − Tide']
    """
    _check(table, ("reading", "a", "b", "difference", "low", "high", "p_adjusted"), "compare")
    scale = 1.0 if table.attrs.get("scores") else 100.0
    readings = table["reading"].nunique() > 1
    rows = _records(table)
    names = [(f"{row['reading']}: " if readings else "") + f"{row['a']} − {row['b']}" for row in rows]
    alpha = 1 - table.attrs.get("confidence", 0.95)
    axes = new_axes(ax, len(table))
    for place, row in enumerate(rows):
        p = row["p_adjusted"]
        holds = bool(p < alpha)
        middle, low, high = (scale * row[name] for name in ("difference", "low", "high"))
        _point(axes, place, middle, low, high, _BLUE if holds else _GREY, "o", holds)
        if not np.isnan(p):
            _beside(axes, place, "p < 0.001" if p < 0.001 else f"p = {p:.3f}")
    _rows(axes, names)
    _zero(axes)
    correction = table.attrs.get("correction")
    if correction != "none":
        _beside(axes, -0.85, {"holm": "Holm", "bh": "FDR"}.get(str(correction), "adjusted"))
    what = "difference of mean scores" if table.attrs.get("scores") else "difference of shares (points)"
    axes.set_xlabel(f"{what}, {_intervals(table)}")
    if not readings:
        axes.set_title(_plain(table["reading"].iloc[0]), loc="left", fontsize="medium")
    return axes


def keyness(table: pd.DataFrame, *, most: int = 8, ax: Axes | None = None) -> Axes:
    """The words that set groups apart, in a block for each group, with intervals of their log odds.

    Of two groups, the second's words are drawn to the left.

    Parameters
    ----------
    table : DataFrame
        From `framing.keyness`.
    most : int, default=8
        Words of each group, from the first row on.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each word, filled where its adjusted p is below 0.05; how often the group has it stands
        beside. Intervals are 95% intervals of the log odds, which the prior draws towards 0.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one, or `most` is below 1.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> texts = ["Rain fell on the harbour.", "The harbour crane broke.", "Goals fell late.", "Late goals won."]
    >>> docs = [{"text": text, "desk": "port" if "harbour" in text else "sport"} for text in texts]
    >>> ax = keyness(framing.keyness(framing.analyze_many(docs), by="desk", min_articles=2, top=1))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['harbour', 'goals']
    """
    _check(table, ("voice", "group", "word", "log_odds", "z", "p_adjusted", "per_1000"), "keyness")
    if most < 1:
        raise ValueError(f"'most' must be 1 or more. Got {most} instead.")
    blocks = list(table.groupby(["voice", "group"], sort=False, observed=True))
    voices = table["voice"].nunique() > 1
    groups = list(dict.fromkeys(group for (_, group), _ in blocks))
    axes = new_axes(ax, sum(min(len(rows), most) + 1.3 for _, rows in blocks))
    heights: list[float] = []
    names: list[str] = []
    height = 0.0
    for (voice, group), rows in blocks:
        number = groups.index(group)
        color, marker = _GROUPS[number % len(_GROUPS)]
        mirrored = -1.0 if len(groups) == 2 and number == 1 else 1.0
        axes.annotate(
            _plain(f"{group}, {voice}" if voices else group), (0, height), (-4, 0), ha="right", va="center",
            xycoords=axes.get_yaxis_transform(), textcoords="offset points", weight="bold", annotation_clip=False,
        )  # fmt: skip
        for row in _records(rows.head(most)):
            height += 1.0
            reach = _Z * abs(row["log_odds"] / row["z"]) if row["z"] else float("nan")
            middle = mirrored * row["log_odds"]
            _point(axes, height, middle, middle - reach, middle + reach, color, marker, row["p_adjusted"] < 0.05)
            _beside(axes, height, f"{row['per_1000']:.1f}")
            heights.append(height)
            names.append(row["word"])
        height += 1.3
    _rows(axes, names, heights)
    axes.set_ylim(top=-0.6)
    _beside(axes, 0, "per 1,000")
    _zero(axes)
    axes.set_xlabel("log odds against the other groups, with 95% intervals")
    return axes


def sources(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Share of voice: a bar for each source, with its interval, in two parts where not all of it is named.

    Parameters
    ----------
    table : DataFrame
        From `framing.sources`.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a bar for each row, percent of all attributions on the horizontal axis.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = list(framing.analyze_many(["Critics called the plan reckless.", "The mayor said it had cost $4m."]))
    >>> ax = sources(framing.sources(docs, by="source_type"))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['group', 'official']
    """
    _check(table, ("share", "share_low", "share_high", "named"), "sources")
    places = np.arange(len(table))
    share = 100 * table["share"].to_numpy(dtype=np.float64)
    named = share * np.nan_to_num(table["named"].to_numpy(dtype=np.float64))
    bounds = 100 * table[["share_low", "share_high"]].to_numpy(dtype=np.float64).T
    axes = new_axes(ax, len(table))
    if table["named"].isna().all():
        axes.barh(places, share, height=0.6, color=_BLUE)
    else:
        axes.barh(places, named, height=0.6, color=_BLUE, label="named")
        axes.barh(
            places, share - named, left=named, height=0.6, color="#cfdae6", edgecolor=_BLUE, hatch="///", linewidth=0.5,
            label="not named",
        )  # fmt: skip
        _legend(axes)
    axes.errorbar(share, places, xerr=_reach(share, bounds), fmt="none", ecolor="black", capsize=2)
    _rows(axes, table.iloc[:, 0])
    axes.set_xlim(left=0)
    axes.set_xlabel(f"share of all attributions (%), {_intervals(table)}")
    return axes


def validate(table: pd.DataFrame, *, score: str = "alpha", ax: Axes | None = None) -> Axes:
    """Agreement with people, for each reading and its groups; groups that the table warns of are marked.

    Parameters
    ----------
    table : DataFrame
        From `framing.validate`.
    score : {"alpha", "macro_f1"}
        Krippendorff's α, with its customary thresholds 0.667 and 0.8 as dotted lines, or macro-F1.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each row: filled circles, triangles where the group differs from the rest, hollow circles
        where labels are too few to say. The number of labels stands at the right.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one, or there is no such score.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import pandas as pd, framing
    >>> units = pd.DataFrame({"article": [0, 0, 1, 1, 2, 2], "loaded": [1, 0, 1, 0, 1, 1], "human": [1, 0, 1, 0, 0, 1]})
    >>> ax = validate(framing.validate(units, "human", of="loaded"))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['loaded']
    """
    if score not in ("alpha", "macro_f1"):
        raise ValueError(f"The score must be 'alpha' or 'macro_f1'. Got {score!r} instead.")
    _check(table, ("reading", "by", "group", score, f"{score}_low", f"{score}_high", "labels", "warning"), "validate")
    marks = {
        "": (_BLUE, "o", True, "_nolegend_"),
        "few": (_GREY, "o", False, "too few labels to say"),
        "apart": (_RUST, "^", True, "differs from the rest"),
    }
    seen: set[str] = set()
    names = []
    axes = new_axes(ax, len(table))
    for place, row in enumerate(_records(table)):
        names.append(row["group"] if row["by"] else row["reading"])
        parts = [part for part in row["warning"].split("; ") if part]
        kind = "" if not parts else "few" if all("too few" in part for part in parts) else "apart"
        color, marker, filled, label = marks[kind]
        low, high = row[f"{score}_low"], row[f"{score}_high"]
        _point(axes, place, row[score], low, high, color, marker, filled, "_nolegend_" if kind in seen else label)
        seen.add(kind)
        _beside(axes, place, f"{row['labels']:,}")
    _rows(axes, names)
    for text, by in zip(axes.get_yticklabels(), table["by"], strict=True):
        text.set_fontweight("normal" if by else "bold")
    _beside(axes, -0.85, "labels")
    if score == "alpha":
        for value in _CONVENTIONS:
            axes.axvline(value, color="0.3", linewidth=1, linestyle=":", zorder=0)
    axes.set_xlim(min(0.0, axes.get_xlim()[0]), 1.0)
    axes.set_xlabel(f"{'Krippendorff’s α' if score == 'alpha' else 'macro-F1'}, {_intervals(table)}")
    _legend(axes)
    return axes


def labels_needed(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How narrow an interval becomes with more labels, with predictions and without.

    Parameters
    ----------
    table : DataFrame
        From `framing.labels_needed`, best with several widths.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a line for each method: labels on the horizontal axis, half of the interval's width in percentage points on
        the vertical one.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or no number of labels is enough.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> plan = framing.labels_needed([0.02, 0.03, 0.05], share=0.2, sensitivity=0.8, specificity=0.95)
    >>> labels_needed(plan).lines[1].get_xdata().tolist()
    [682.0, 311.0, 122.0]
    """
    _check(table, ("method", "half_width", "labels"), "labels_needed")
    if table["labels"].isna().all():
        raise ValueError("No number of labels makes an interval so narrow: ask for a wider one.")
    axes = new_axes(ax)
    for method, rows in table.sort_values("half_width", kind="stable").groupby("method", sort=False):
        label, color, marker, filled = _METHODS[str(method)]
        axes.plot(
            rows["labels"], 100 * rows["half_width"], color=color, marker=marker, linestyle="-" if filled else "--",
            markerfacecolor=color if filled else "white", label=label,
        )  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("labels")
    axes.set_ylabel(f"half width of the {table.attrs.get('confidence', 0.95):.0%} interval (points)")
    axes.grid(color="0.92", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return axes


def match_stories(table: pd.DataFrame, *, bins: int = 40, ax: Axes | None = None) -> Axes:
    """How like the closest story each article was, beside the threshold: what a higher or lower one would change.

    A good threshold lies where few articles do.

    Parameters
    ----------
    table : DataFrame
        From `framing.match_stories`.
    bins : int, default=40
        Bars from 0 to 1.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a histogram of the articles that had a story to join, in two parts.

    Raises
    ------
    TypeError, ValueError
        If it isn't such a table, or an empty one, or `bins` is below 1.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = framing.analyze_many([
    ...     {"text": "Ida Voss of Port Ellery bought a crane.", "date": "2026-03-01"},
    ...     {"text": "The crane that Ida Voss bought is late.", "date": "2026-03-02"},
    ... ])
    >>> ax = match_stories(framing.match_stories(docs))
    >>> int(sum(bar.get_height() for bar in ax.patches))
    1
    """
    _check(table, ("story", "similarity", "closest"), "match_stories")
    if bins < 1:
        raise ValueError(f"'bins' must be 1 or more. Got {bins} instead.")
    joined = table["similarity"].notna().to_numpy()
    closest = table["closest"].to_numpy(dtype=np.float64)
    opened = ~joined & ~np.isnan(closest)
    alone = int(np.isnan(closest).sum())
    axes = new_axes(ax)
    axes.hist(
        [closest[joined], closest[opened]],
        bins=np.linspace(0, 1, bins + 1).tolist(),
        stacked=True,
        color=[_BLUE, "#e3c4b4"],
        label=[f"joined a story ({joined.sum():,})", f"opened one ({opened.sum():,})"],
        edgecolor="white",
        linewidth=0.3,
    )
    for bar in axes.patches[bins:]:
        bar.set(hatch="///", edgecolor=_RUST)
    threshold = table.attrs.get("similarity")
    if threshold is not None:
        axes.axvline(threshold, color="black", linewidth=1, linestyle="--", label=f"threshold {threshold:g}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("similarity with the closest story of those days")
    axes.set_ylabel("articles")
    axes.set_title(
        f"{len(table):,} articles in {table['story'].nunique():,} stories; {alone:,} share no name with any",
        loc="left",
        fontsize="medium",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return axes


def new_axes(ax: Axes | None, rows: float | None = None) -> Axes:
    """The Axes given, or those of a new figure, as high as its rows need.

    Raises
    ------
    MissingExtraError
        If matplotlib isn't installed.
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError(
            "Plots need matplotlib, which isn't installed. Run: pip install 'newsframing[notebook]'", name="matplotlib"
        ) from error
    size = None if rows is None else (6.4, 1.4 + _ROW_INCHES * rows)
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def _check(table: Any, columns: Sequence[str], name: str) -> None:
    if not hasattr(table, "columns"):
        raise TypeError(f"This draws the table that framing.{name} returns. Got {type(table).__name__} instead.")
    if lacking := [column for column in columns if column not in table.columns]:
        raise ValueError(f"This draws the table that framing.{name} returns. The column {lacking[0]!r} is missing.")
    if not len(table):
        raise ValueError(f"The table of framing.{name} is empty: there is nothing to draw.")


def _plain(text: Any) -> str:
    """A name for a figure, shortened; matplotlib would read what stands between dollar signs as a formula."""
    return shorten(str(text), _NAME_COLUMNS).replace("$", r"\$")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _keys(table: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Hashable, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


def _draw_methods(
    axes: Axes, table: pd.DataFrame, keys: Sequence[tuple[Hashable, ...]], value: str, scale: float
) -> None:
    """A line for each key, and on it a marker for each method."""
    heights = {key: height for height, key in enumerate(dict.fromkeys(keys))}
    methods = list(dict.fromkeys(table["method"]))
    for number, method in enumerate(methods):
        label, color, marker, filled = _METHODS[method]
        shift = (number - (len(methods) - 1) / 2) * 0.7 / len(methods)
        for key, row in zip(keys, _records(table), strict=True):
            if row["method"] != method:
                continue
            height = heights[key] + shift
            if np.isnan(row[value]):
                axes.annotate(
                    "no estimate", (0, height), (2, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                    va="center", fontsize="small", color=_GREY,
                )  # fmt: skip
                continue
            middle, low, high = (scale * row[name] for name in (value, "low", "high"))
            _point(axes, height, middle, low, high, color, marker, filled, label)
            label = "_nolegend_"
    _rows(axes, [", ".join(map(str, key)) for key in heights])
    if len(methods) > 1:
        _legend(axes)


def _point(
    axes: Axes, height: float, value: float, low: float, high: float, color: str, marker: str, filled: bool,
    label: str = "_nolegend_",
) -> None:  # fmt: skip
    """A marker with its interval, or alone where there is none."""
    error = None if np.isnan(low) or np.isnan(high) else _reach(np.array([value]), np.array([[low], [high]]))
    axes.errorbar(
        [value], [height], xerr=error, fmt=marker, color=color, capsize=2, markersize=5, linewidth=1.2,
        markerfacecolor=color if filled else "white", label=label,
    )  # fmt: skip


def _reach(value: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far bounds lie from values, as matplotlib wants it."""
    return np.clip(np.nan_to_num(np.abs(bounds - value)), 0, None)


def _rows(axes: Axes, names: Iterable[Any], heights: Sequence[float] | None = None) -> None:
    """Names of the rows, the first at the top."""
    shown = [_plain(name) for name in names]
    at = list(range(len(shown))) if heights is None else list(heights)
    axes.set_yticks(at, shown)
    axes.set_ylim(max(at) + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _beside(axes: Axes, height: float, text: str) -> None:
    """A remark at the right of a row."""
    axes.annotate(
        text, (1, height), (4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", va="center",
        fontsize="small", color="0.3", annotation_clip=False,
    )  # fmt: skip


def _zero(axes: Axes) -> None:
    axes.axvline(0, color="0.4", linewidth=0.8, zorder=0)


def _legend(axes: Axes) -> None:
    """A legend outside, below, if there is anything to tell apart."""
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            ncols=2, loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize="small",
            borderaxespad=0.2,
        )  # fmt: skip


def _intervals(table: pd.DataFrame) -> str:
    return f"with {table.attrs.get('confidence', 0.95):.0%} intervals"
