"""Many records as what a page shows of them together: groups compared, sources, frames over time.

Records are read once, one at a time, and only a few numbers of each are kept, so that a corpus of any
size can be summed up. Shares are of words; intervals come from drawing whole articles again, because
the sentences of one article resemble each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from framing.display import shorten
from framing.record import LABELS, record_title
from framing.strip import frame_name, ribbon, strip
from framing.view import record_sources

__all__ = ["FEWEST", "Overview"]

FEWEST = 5
"""Articles that a group needs for an interval; fewer can't tell how far they differ."""

View = dict[str, Any]

_NAME_COLUMNS = 60
_TITLE_COLUMNS = 120
_STEPS = 24  # of an article's strip in a row of a table
_CELLS = 120  # of its ribbon
_COMPARED = 30
_GROUPS_OF_FRAMES = 8
_LISTED_SOURCES = 40
_LISTED_WORDS = 40
_FRAMES_OVER_TIME = 6
_MOST_PERIODS = 36
_MONTH = re.compile(r"\s*(\d{4})-(0[1-9]|1[0-2])(?!\d)")


class Overview:
    """Sums up records as they come.

    Parameters
    ----------
    by : str
        The input field that tells groups apart, such as ``"outlet"``. Articles without it are a
        group of their own, unless none has it.

    Examples
    --------
    >>> import framing
    >>> overview = Overview(by="outlet")
    >>> overview.add(framing.analyze("The pier shut on Monday.", meta={"outlet": "The Tide"}).to_dict())
    >>> [group["name"] for group in overview.view()["groups"]]
    ['The Tide']
    """

    def __init__(self, by: str) -> None:
        self._by = by
        self._articles: list[View] = []
        self._frames: list[Mapping[str, Mapping[str, float]]] = []
        self._sources: dict[str, View] = {}
        self._loaded: dict[str, View] = {}
        self._models: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._articles)

    def add(self, record: Mapping[str, Any]) -> None:
        """Take in one record, as described by ``schema.json``."""
        summary, meta = record["summary"], record["meta"]
        given, title = meta.get(self._by), record_title(record)
        group = None if given is None or given == "" else shorten(str(given), _NAME_COLUMNS)
        share, bias = summary["share"], record["bias"]["by_voice"]
        self._add_sources(record, group)
        self._add_loaded(record)
        frames = {name: dict(entry["scores"]) for name, entry in record["frames"].items()}
        self._frames.append(frames)
        first = next(iter(frames.values()), {})
        top = max(first, key=lambda label: first[label], default=None)
        self._articles.append(
            {
                "title": shorten(title or record["text"][: 4 * _TITLE_COLUMNS], _TITLE_COLUMNS) or "(empty)",
                "group": group,
                "date": _date(meta.get("date")),
                "words": summary["words"],
                "shares": {label: share[label] for label in LABELS},
                "sources": summary["sources"],
                "anonymous": summary["anonymous_share"],
                "bias": bias.get("author"),
                "frame": None if top is None else [frame_name(top), first[top]],
                "strip": strip(record, _STEPS),
                "ribbon": ribbon(record, _CELLS),
            }
        )
        for part, name in record["models"].items():
            self._models.setdefault(part, {})[name] = None

    def view(self) -> View:
        """What a page shows, as plain data.

        Returns
        -------
        dict
            ``by``; ``words``; ``shares`` by label; ``dates``, first and last, or None; ``groups``,
            largest first; ``more_groups``, how many aren't listed; ``frames``; ``time``; ``sources``;
            ``more_sources``; ``loaded``; ``articles``, in the order in which they came; ``models``.
        """
        names = Counter(article["group"] for article in self._articles)
        grouped = any(name is not None for name in names)
        order = [name for name, _ in names.most_common()] if grouped else []
        dates = sorted(article["date"] for article in self._articles if article["date"])
        sources = sorted(self._sources.values(), key=lambda row: (-row["words"], -row["attributions"], row["name"]))
        return {
            "by": self._by,
            "words": sum(article["words"] for article in self._articles),
            "shares": _shares(self._articles),
            "dates": [dates[0], dates[-1]] if dates else None,
            "groups": [self._group(name) for name in order[:_COMPARED]],
            "more_groups": max(len(order) - _COMPARED, 0),
            "frames": self._frames_by_group(order),
            "time": self._over_time(),
            "sources": [_source_row(row) for row in sources[:_LISTED_SOURCES]],
            "more_sources": max(len(sources) - _LISTED_SOURCES, 0),
            "loaded": sorted(
                self._loaded.values(), key=lambda row: (-row["articles"], -row["count"], row["word"])
            )[:_LISTED_WORDS],
            "articles": self._articles,
            "models": {part: ", ".join(names) for part, names in self._models.items()},
        }

    def _add_sources(self, record: Mapping[str, Any], group: str | None) -> None:
        place = len(self._articles)
        for source in record_sources(record)[0]:
            if source["name"] is None:
                continue
            row = self._sources.setdefault(
                source["name"].casefold(),
                {
                    "name": source["name"], "types": Counter(), "named": False, "attributions": 0, "words": 0,
                    "opinion": 0.0, "articles": 0, "last": -1, "groups": set(),
                },
            )  # fmt: skip
            row["types"][source["type"]] += source["attributions"]
            row["named"] = row["named"] or source["named"]
            row["attributions"] += source["attributions"]
            row["words"] += source["words"]
            row["opinion"] += source["opinion"] * source["words"]
            row["articles"] += row["last"] != place
            row["last"] = place
            row["groups"].add(group)

    def _add_loaded(self, record: Mapping[str, Any]) -> None:
        """Loaded words of the outlets' own; what sources say is theirs."""
        text, place = record["text"], len(self._articles)
        for statement in record["statements"]:
            if statement["voice"] != "author":
                continue
            for start, end, score in statement["loaded"]:
                word = shorten(text[start:end], _NAME_COLUMNS)
                row = self._loaded.setdefault(
                    word.casefold(), {"word": word, "count": 0, "score": 0.0, "articles": 0, "last": -1}
                )
                row["count"] += 1
                row["score"] = max(row["score"], score)
                row["articles"] += row["last"] != place
                row["last"] = place

    def _group(self, name: str | None) -> View:
        articles = [article for article in self._articles if article["group"] == name]
        frames = [
            scores for scores, article in zip(self._frames, self._articles, strict=True) if article["group"] == name
        ]
        first = next((inventory for entry in frames for inventory in entry), None)
        means = {} if first is None else _means(entry[first] for entry in frames if first in entry)
        top = max(means, key=lambda label: means[label], default=None)
        biases = [article["bias"] for article in articles if article["bias"] is not None]
        return {
            "name": name,
            "articles": len(articles),
            "words": sum(article["words"] for article in articles),
            "shares": _shares(articles),
            "opinion": _own_opinion(articles),
            "sources": sum(article["sources"] for article in articles) / len(articles),
            "anonymous": sum(article["anonymous"] for article in articles) / len(articles),
            "bias": sum(biases) / len(biases) if biases else None,
            "frame": None if top is None else [frame_name(top), means[top]],
        }

    def _frames_by_group(self, order: Sequence[str | None]) -> list[View]:
        """Mean scores over articles: of all, and of each of the largest groups."""
        shown = order[:_GROUPS_OF_FRAMES]
        members: dict[str | None, list[int]] = {name: [] for name in shown}
        for place, article in enumerate(self._articles):
            if article["group"] in members:
                members[article["group"]].append(place)
        found = []
        for inventory in dict.fromkeys(name for entry in self._frames for name in entry):
            overall = _means(entry[inventory] for entry in self._frames if inventory in entry)
            means = [
                _means(self._frames[i][inventory] for i in members[name] if inventory in self._frames[i])
                for name in shown
            ]
            rows = [
                {"name": frame_name(label), "score": score, "groups": [mean.get(label) for mean in means]}
                for label, score in sorted(overall.items(), key=lambda item: (-item[1], item[0]))
            ]
            found.append({"inventory": frame_name(inventory), "groups": list(shown), "rows": rows})
        return found

    def _over_time(self) -> View | None:
        """Mean scores by month, or by year where there are many months, over the articles with a date."""
        dated = [(article["date"], place) for place, article in enumerate(self._articles) if article["date"]]
        months = sorted({date[:7] for date, _ in dated})
        if len(months) < 2:
            return None
        periods = _calendar(months[0], months[-1])
        members: dict[str, list[int]] = {period: [] for period in periods}
        for date, place in dated:
            if (period := date[: len(periods[0])]) in members:
                members[period].append(place)
        found = []
        for inventory in dict.fromkeys(name for entry in self._frames for name in entry):
            overall = _means(self._frames[place][inventory] for _, place in dated if inventory in self._frames[place])
            means = [
                _means(self._frames[i][inventory] for i in members[period] if inventory in self._frames[i])
                for period in periods
            ]
            top = sorted(overall, key=lambda label: (-overall[label], label))[:_FRAMES_OVER_TIME]
            series = [{"name": frame_name(label), "values": [mean.get(label) for mean in means]} for label in top]
            found.append({"inventory": frame_name(inventory), "series": series})
        return {"periods": periods, "counts": [len(members[period]) for period in periods], "inventories": found}


def _source_row(row: Mapping[str, Any]) -> View:
    return {
        "name": row["name"],
        "type": row["types"].most_common(1)[0][0],
        "named": row["named"],
        "attributions": row["attributions"],
        "words": row["words"],
        "opinion": row["opinion"] / row["words"] if row["words"] else 0.0,
        "articles": row["articles"],
        "groups": len(row["groups"]),
    }


def _shares(articles: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Shares of the words of all statements, each article with the weight of its length."""
    sums = dict.fromkeys(LABELS, 0.0)
    total = 0.0
    for article in articles:
        for label in LABELS:
            sums[label] += article["shares"][label] * article["words"]
            total += article["shares"][label] * article["words"]
    return {label: value / total if total else 0.0 for label, value in sums.items()}


def _own_opinion(articles: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Part of the outlet's own words that is opinion, and a 95% interval if there are articles enough."""
    import numpy as np

    from framing.metrics import bootstrap_interval

    parts = np.array([
        [article["shares"]["author_opinion"] * article["words"], article["shares"]["author_fact"] * article["words"]]
        for article in articles
    ])  # fmt: skip
    if not parts.sum():
        return None
    if len(articles) < FEWEST:
        return [float(parts[:, 0].sum() / parts.sum())]

    def share(sample: Any) -> float:
        opinion, fact = sample.sum(axis=0)
        return float(opinion / (opinion + fact)) if opinion + fact else float("nan")

    return [share(parts), *bootstrap_interval(parts, share)]


def _means(entries: Iterable[Mapping[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    counts: Counter[str] = Counter()
    for entry in entries:
        for label, score in entry.items():
            sums[label] = sums.get(label, 0.0) + score
            counts[label] += 1
    return {label: value / counts[label] for label, value in sums.items()}


def _date(given: Any) -> str | None:
    """A date that starts as ISO 8601 dates do, to the day or the month."""
    if not isinstance(given, str) or not _MONTH.match(given):
        return None
    return given.strip()[:10]


def _calendar(first: str, last: str) -> list[str]:
    """All months from one to another, both included; years where these are too many to show.

    Only the last years are shown if they are many, too, as with a mistyped century.

    Examples
    --------
    >>> _calendar("2025-11", "2026-01")
    ['2025-11', '2025-12', '2026-01']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    if end - start < _MOST_PERIODS:
        return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(start, end + 1)]
    years = range(max(start // 12, end // 12 - _MOST_PERIODS + 1), end // 12 + 1)
    return [f"{year:04d}" for year in years]
