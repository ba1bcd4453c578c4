"""Figures for papers, drawn with matplotlib.

Every function draws into the Axes given as `ax`, or into those of a new figure, and returns them, so
that titles, sizes and files stay the caller's. Those named like a function of `framing` draw the table
that it returns. Intervals of the others are percentile bootstrap intervals over whole
articles, because the sentences of one article resemble each other (see `metrics.bootstrap_interval`).
Needs ``newsframing[notebook]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.analysis import records_of
from framing.display import NAMES, shorten
from framing.finding_plots import (
    compare,
    keyness,
    labels_needed,
    match_stories,
    new_axes,
    prevalence,
    regress,
    sources,
    validate,
)
from framing.metrics import bootstrap_interval, reliability_table
from framing.record import LABELS, VOICES
from framing.strip import PRESENT, frame_name, strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from framing.analysis import Analysis

__all__ = [
    "compare",
    "frames_by_group",
    "keyness",
    "labels_needed",
    "learning_curve",
    "match_stories",
    "opinion_along",
    "prevalence",
    "regress",
    "reliability",
    "share_of_voice",
    "sources",
    "validate",
]

_COLORS = {
    "author_fact": "#dcae98",
    "author_opinion": "#a33b0a",
    "source_fact": "#a9bdd2",
    "source_opinion": "#1c5288",
}
_VOICE_COLORS = {"author": "#a33b0a", "source": "#1c5288"}
_VOICE_LINES = {"author": "-", "source": "--"}
_VOICE_NAMES = {"author": "the outlet’s own voice", "source": "its sources"}
_HATCHES = {"author_fact": "", "author_opinion": "", "source_fact": "..", "source_opinion": "//"}
# Told apart by shape, too, where a figure is printed without colours.
_MARKERS = "osD^vP*X"
_NAME_COLUMNS = 40


def frames_by_group(
    docs: Iterable[Analysis],
    *,
    by: str = "outlet",
    inventory: str = "policy",
    frames: Sequence[str] | None = None,
    most: int = 6,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Mean frame scores of each group of articles, with intervals.

    Parameters
    ----------
    docs : iterable of Analysis
    by : str
        The input field that tells groups apart; articles without it are left out.
    inventory : str
    frames : sequence of str, optional
        Labels to draw, from top to bottom; by default the `most` with the highest mean scores.
    most : int
    level : float
        Of the intervals, between 0 and 1. Groups of one article have none.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a line of markers for each group, scores from 0 to 1 on the horizontal axis.

    Raises
    ------
    ValueError
        If no article has the field, or one lacks the inventory or a frame.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> docs = framing.analyze_many([
    ...     {"text": "The bill passed the senate.", "outlet": "The Tide"},
    ...     {"text": "The mill was fined.", "outlet": "The Gull"},
    ... ])
    >>> ax = frames_by_group(docs, frames=["political", "economic"])
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['political', 'economic']
    """
    groups: dict[str, list[Mapping[str, float]]] = {}
    for record in records_of(docs):
        found = record["frames"]
        if inventory not in found:
            raise ValueError(f"Every article needs the inventory {inventory!r}. One has {', '.join(found)} only.")
        name = record["meta"].get(by)
        if name is not None:
            groups.setdefault(shorten(str(name), _NAME_COLUMNS), []).append(found[inventory]["scores"])
    if not groups:
        raise ValueError(f"No article has the input field {by!r}; name one that they have with by=.")
    if frames is None:
        entries = [entry for group in groups.values() for entry in group]
        frames = sorted(entries[0], key=lambda label: -sum(entry[label] for entry in entries))[:most]
    axes = new_axes(ax)
    for place, (name, group) in enumerate(groups.items()):
        scores = np.array([[entry[label] for label in frames] for entry in group])
        means = scores.mean(axis=0)
        heights = np.arange(len(frames)) + _offset(place, len(groups))
        errors = None
        if len(group) > 1:
            bounds = np.array([bootstrap_interval(column, np.mean, level=level) for column in scores.T])
            errors = np.clip(np.abs(bounds.T - means), 0, 1)
        axes.errorbar(means, heights, xerr=errors, fmt=_MARKERS[place % len(_MARKERS)], label=name, capsize=2)
    axes.axvline(PRESENT, color="0.6", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(frames)), [frame_name(label) for label in frames])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"mean score, {frame_name(inventory)} frames")
    axes.legend(title=by)
    return axes


def share_of_voice(docs: Iterable[Analysis], *, by: str = "outlet", ax: Axes | None = None) -> Axes:
    """Whose voice and which kind the words of each group of articles are, as stacked bars.

    Parameters
    ----------
    docs : iterable of Analysis
    by : str
        The input field that tells groups apart; articles without it are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a bar from 0 to 1 for each group, the longest articles with the most weight.

    Raises
    ------
    ValueError
        If no article has the field.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> ax = share_of_voice([framing.analyze("The pier shut on Monday.", meta={"outlet": "The Tide"})])
    >>> [float(bar.get_width()) for bar in ax.patches]
    [1.0, 0.0, 0.0, 0.0]
    """
    groups: dict[str, NDArray[np.float64]] = {}
    for record in records_of(docs):
        name = record["meta"].get(by)
        if name is not None:
            summary = record["summary"]
            words = summary["words"] * np.array([summary["share"][label] for label in LABELS])
            key = shorten(str(name), _NAME_COLUMNS)
            groups[key] = groups.get(key, 0.0) + words
    if not groups:
        raise ValueError(f"No article has the input field {by!r}; name one that they have with by=.")
    words = np.array(list(groups.values()))
    shares = words / np.maximum(words.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    axes = new_axes(ax)
    left = np.zeros(len(groups))
    for column, label in enumerate(LABELS):
        axes.barh(
            range(len(groups)),
            shares[:, column],
            left=left,
            label=NAMES[label],
            color=_COLORS[label],
            hatch=_HATCHES[label],
            edgecolor="white",
            linewidth=0.5,
        )
        left = left + shares[:, column]
    axes.set_yticks(range(len(groups)), list(groups))
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the words")
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.15), frameon=False)
    return axes


def opinion_along(
    docs: Iterable[Analysis], *, steps: int = 10, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """How much reads as opinion from the first word of an article to its last, by voice.

    Parameters
    ----------
    docs : iterable of Analysis
    steps : int
        Parts of equal length, in words, that every article is cut into.
    level : float
        Of the bands around the means, between 0 and 1; they need two articles.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a line for each voice: the mean probability of opinion, over the articles in which this
        voice speaks in this part.

    Raises
    ------
    ValueError
        If `steps` is below 1 or there are no articles.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> import framing
    >>> ax = opinion_along([framing.analyze("The pier shut on Monday. It was a disgrace.")], steps=2)
    >>> [len(line.get_ydata()) for line in ax.lines]
    [2, 2]
    """
    if steps < 1:
        raise ValueError(f"The 'steps' parameter must be 1 or more. Got {steps} instead.")
    rows = [_opinion_by_step(record, steps) for record in records_of(docs)]
    if not rows:
        raise ValueError("There must be at least one article to draw.")
    opinion = np.array(rows)  # articles, voices, steps
    places = (np.arange(steps) + 0.5) / steps
    axes = new_axes(ax)
    for place, voice in enumerate(VOICES):
        columns = [column[~np.isnan(column)] for column in opinion[:, place].T]
        means = [column.mean() if column.size else np.nan for column in columns]
        axes.plot(
            places, means, _VOICE_LINES[voice], marker="o", color=_VOICE_COLORS[voice], label=_VOICE_NAMES[voice]
        )
        if len(rows) > 1:
            low, high = np.array([bootstrap_interval(column, np.mean, level=level) for column in columns]).T
            axes.fill_between(places, low, high, color=_VOICE_COLORS[voice], alpha=0.15, linewidth=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("place in the article")
    axes.set_ylabel("probability of opinion")
    axes.legend()
    return axes


def reliability(
    y: ArrayLike, p: ArrayLike, *, n_bins: int = 10, label: str | None = None, ax: Axes | None = None
) -> Axes:
    """Probabilities against what happened; on the diagonal they mean what they say.

    Parameters
    ----------
    y : array-like of {0, 1}, shape (n_samples,)
        What happened.
    p : array-like of float, shape (n_samples,)
        Probability of 1, from 0 to 1.
    n_bins : int
        Bins of equal width.
    label : str, optional
        For the legend; call again with the same Axes to compare.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a marker for each bin that holds something, its area by how much.

    Raises
    ------
    ValueError
        If y and p differ in length or `n_bins` is below 1.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> ax = reliability([0, 0, 1, 1], [0.1, 0.3, 0.8, 0.6], n_bins=2)
    >>> ax.collections[0].get_offsets().tolist()
    [[0.2, 0.0], [0.7, 1.0]]
    """
    table = reliability_table(y, p, n_bins)
    filled = table["count"] > 0
    axes = new_axes(ax)
    if not any(line.get_label() == "_diagonal" for line in axes.lines):
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=":", label="_diagonal")
    (line,) = axes.plot(table["probability"][filled], table["share"][filled], marker=".", linewidth=1, label=label)
    axes.scatter(
        table["probability"][filled],
        table["share"][filled],
        s=10 + 190 * table["count"][filled] / max(table["count"].max(), 1),
        color=line.get_color(),
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel("probability given")
    axes.set_ylabel("share that was so")
    if label is not None:
        axes.legend()
    return axes


def learning_curve(
    sizes: Sequence[int], scores: ArrayLike, *, label: str | None = None, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """Scores against the number of labelled examples.

    Parameters
    ----------
    sizes : sequence of int
        Labelled examples.
    scores : array-like of float, shape (n_sizes,) or (n_sizes, n_repeats)
        Of each repeat, such as a fold; `sklearn.model_selection.learning_curve` returns them so.
    label : str, optional
        For the legend; call again with the same Axes to compare.
    level : float
        Share of the repeats inside the band, between 0 and 1.
    ax : Axes, optional

    Returns
    -------
    Axes
        With a line through the means.

    Raises
    ------
    ValueError
        If there isn't one row of scores for each size.
    MissingExtraError
        If matplotlib isn't installed.

    Examples
    --------
    >>> ax = learning_curve([50, 100], [[0.5, 0.6], [0.7, 0.8]], label="few-shot")
    >>> ax.lines[0].get_ydata().tolist()
    [0.55, 0.75]
    """
    table = np.asarray(scores, dtype=float)
    table = table[:, np.newaxis] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != len(sizes):
        raise ValueError(f"scores must have a row for each of {len(sizes)} sizes. Got shape {table.shape} instead.")
    axes = new_axes(ax)
    (line,) = axes.plot(sizes, table.mean(axis=1), marker="o", label=label)
    if table.shape[1] > 1:
        low, high = np.quantile(table, [(1 - level) / 2, (1 + level) / 2], axis=1)
        axes.fill_between(sizes, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.set_xlabel("labelled examples")
    axes.set_ylabel("score")
    if label is not None:
        axes.legend()
    return axes


def _offset(place: int, count: int) -> float:
    """Where a group's marks stand around the line of their frame."""
    return (place - (count - 1) / 2) * 0.7 / max(count, 1)


def _opinion_by_step(record: Mapping[str, Any], steps: int) -> Any:
    """Mean probability of opinion by voice and step, nan where a voice says nothing; shape (2, steps)."""
    edges = np.linspace(0, 1, steps + 1)
    weight, opinion = np.zeros((len(VOICES), steps)), np.zeros((len(VOICES), steps))
    for start, end, voice, score, _ in strip(record, max(len(record["statements"]), 1))["bars"]:
        shared = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
        weight[VOICES.index(voice)] += shared
        opinion[VOICES.index(voice)] += shared * score
    return np.where(weight > 0, opinion / np.where(weight > 0, weight, 1), np.nan)
