"""One self-contained page, or one notebook output, for an article or a corpus.

`Report` sums up analyses as they come and draws the outcome: outlets compared, sources, frames over
time where there are dates, loaded words, and a table of the articles that can be sorted. The texts of
a small corpus are included, marked as a single article is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from framing.analysis import records_of
from framing.card import article_card, dotted, link_rules
from framing.display import NAMES, shorten
from framing.markup import (
    Child,
    asset,
    element,
    fabric,
    head_row,
    heading,
    loaded_mark,
    number,
    page,
    percent,
    script,
    share_bar,
    share_key,
    skyline,
    style,
    wrap,
    write,
)
from framing.overview import FEWEST, Overview
from framing.record import LABELS
from framing.strip import PRESENT
from framing.view import article_view

if TYPE_CHECKING:
    from framing.analysis import Analysis

__all__ = ["Report"]

_TITLE_COLUMNS = 200
_THREADS = 60  # of the fabric; more would be too thin to see
_NOTE = (
    "A machine’s reading of the texts, with errors; it says nothing about whether what they say is true. "
    "Shares are of the words of all statements. Check a sample by hand before you conclude anything."
)


class Report:
    """A summary of analyses to look at.

    In a notebook it shows itself; `save` writes a page that needs nothing else. Both can be read
    without scripts; a small one lets tables be sorted by a click on a column's title.

    Parameters
    ----------
    docs : iterable of Analysis
        Read once, one at a time, so a generator over any number of articles will do.
    by : str, default="outlet"
        The input field that tells groups apart.
    texts : int, default=50
        If there are at most so many articles, the page includes their texts, marked.
    title : str, optional
        Of the page; by default it says how many articles there are.

    Raises
    ------
    TypeError
        If `docs` isn't an iterable of analyses.
    ValueError
        If `texts` is negative.

    Examples
    --------
    >>> import framing
    >>> docs = framing.analyze_many([
    ...     {"text": "The pier shut on Monday.", "outlet": "The Tide"},
    ...     {"text": "Closing the pier was a disgrace.", "outlet": "The Gull"},
    ... ])
    >>> report = framing.Report(docs)
    >>> [group["name"] for group in report.view["groups"]]
    ['The Tide', 'The Gull']
    >>> report.html().startswith("<!doctype html>")
    True
    """

    def __init__(
        self, docs: Iterable[Analysis], *, by: str = "outlet", texts: int = 50, title: str | None = None
    ) -> None:
        if texts < 0:
            raise ValueError(f"The 'texts' parameter must be 0 or more. Got {texts} instead.")
        overview = Overview(by)
        self._texts: list[dict[str, Any]] = []
        for record in records_of(docs):
            overview.add(record)
            if len(overview) <= max(texts, 1):
                self._texts.append(article_view(record))
            else:
                self._texts.clear()
        self._view = overview.view()
        self._title = shorten(title, _TITLE_COLUMNS) if title else None

    def __len__(self) -> int:
        return len(self._view["articles"])

    @property
    def view(self) -> Mapping[str, Any]:
        """What the page shows, as plain data: groups, sources, frames, articles."""
        return self._view

    def html(self) -> str:
        """The whole page."""
        if len(self) == 1:
            (view,) = self._texts
            css = asset("article.css") + asset("page.css") + link_rules([view])
            title = self._title or view["title"] or "(untitled)"
            return page(title, None, style(css), article_card(view, level=1, scroll=False))
        title = self._title or _counted(len(self), "article")
        css = asset("article.css") + asset("report.css") + asset("page.css") + link_rules(self._texts)
        cards = [
            element("details", "fr-one", _summary(view), article_card(view, level=3, scroll=False))
            for view in self._texts
        ]
        texts = element("section", "fr-texts", heading(2, "fr-h2", "The articles, marked"), *cards) if cards else None
        return page(title, asset("sort.js"), style(css), _overview(self._view, title, 1), texts, _foot(self._view))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, which is replaced only once the page is complete.

        Raises
        ------
        OSError
            If the file can't be written.
        """
        target = Path(path)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            draft.write_text(self.html(), encoding="utf-8", newline="\n")
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)

    def _repr_html_(self) -> str:
        title = self._title or _counted(len(self), "article")
        css = asset("article.css") + asset("report.css")
        shown = _overview(self._view, title, 2, brief=True)
        card = element("article", {"class": "fr-card fr-short", "aria-label": title}, shown)
        return write(wrap(style(css), card)) + write(script(asset("sort.js")))

    def __repr__(self) -> str:
        groups = len(self._view["groups"]) + self._view["more_groups"]
        return f"<Report: {_counted(len(self), 'article')}, {_counted(groups, 'group')}>"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _overview(view: Mapping[str, Any], title: str, level: int, *, brief: bool = False) -> ET.Element:
    """Everything about a corpus but the texts; in brief, groups and articles only."""
    details = [
        *_frames(view, level + 1),
        *_time(view, level + 1),
        element("div", "fr-two", *_sources(view, level + 1), *_loaded(view, level + 1)),
    ]
    return element(
        "div",
        "fr-overview",
        element("p", "fr-kicker", *dotted(_kicker(view))),
        heading(level, "fr-title", title),
        element("p", "fr-lead", *_lead(view)),
        element("div", "fr-shares", share_bar(view["shares"]), share_key(view["shares"])),
        _fabric(view),
        *_groups(view, level + 1),
        *([] if brief else details),
        *_articles(view, level + 1),
    )


def _kicker(view: Mapping[str, Any]) -> list[str]:
    parts = [_counted(view["words"], "word")]
    groups = len(view["groups"]) + view["more_groups"]
    if groups:
        parts.append(f"{_counted(groups, 'group')} by {view['by']}")
    if view["dates"]:
        first, last = view["dates"]
        parts.append(first if first == last else f"{first} to {last}")
    return parts


def _lead(view: Mapping[str, Any]) -> Iterator[Child]:
    shares = view["shares"]
    own = shares["author_fact"] + shares["author_opinion"]
    if not view["articles"] or not sum(shares.values()):
        yield "Nothing here reads as a statement."
        return
    yield f"{percent(own)} of the words are in the outlets’ own voice"
    yield f", and {percent(shares['author_opinion'] / own)} of these read as opinion. " if own else ". "
    compared = [group for group in view["groups"] if group["opinion"] and len(group["opinion"]) == 3]
    if len(compared) > 1:
        most = max(compared, key=lambda group: group["opinion"][0])
        least = min(compared, key=lambda group: group["opinion"][0])
        yield "Most opinion in its own voice: "
        yield element("bdi", None, _group_name(most["name"]))
        yield f" ({percent(most['opinion'][0])} of its own words); least: "
        yield element("bdi", None, _group_name(least["name"]))
        yield f" ({percent(least['opinion'][0])}). "
    if view["sources"]:
        count = len(view["sources"]) + view["more_sources"]
        yield f"{count:,} sources speak. " if count > 1 else "One source speaks. "
    if view["frames"] and view["frames"][0]["rows"]:
        row = view["frames"][0]["rows"][0]
        yield f"The frame with the highest mean score is {row['name']}."


def _group_name(name: str | None) -> str:
    return "(not given)" if name is None else name


def _fabric(view: Mapping[str, Any]) -> ET.Element | None:
    """All articles at a glance, or as many as can be told apart, evenly from one end to the other."""
    articles = [article for article in view["articles"] if article["ribbon"]]
    if len(articles) < 2:
        return None
    articles.sort(key=lambda article: -article["shares"]["author_opinion"])
    last = min(len(articles), _THREADS) - 1
    shown = [articles[place * (len(articles) - 1) // last] for place in range(last + 1)]
    caption = (
        "Each line is an article from its first word to its last, the most opinion of the outlet’s own on top. "
        "Thick: the outlet’s own voice; thin: its sources; in full colour: opinion."
    )
    if len(shown) < len(articles):
        caption += f" Shown are {len(shown)} of {len(articles):,} articles, evenly from top to bottom."
    drawing = fabric([article["ribbon"] for article in shown], f"All articles together: {_told(view['shares'])}")
    return element("figure", "fr-strip", drawing, element("figcaption", None, caption))


def _cell(shown: Child, value: float | str | None = None, name: str = "fr-num") -> ET.Element:
    """A cell that sorts by its value."""
    attributes = {"class": name} if name else {}
    if value is not None:
        attributes["data-v"] = f"{value:.4f}" if isinstance(value, float) else value
    elif name == "fr-num":
        attributes["data-v"] = ""
    return element("td", attributes, shown)


def _table(name: str, titles: Sequence[tuple[str, str]], rows: Iterable[ET.Element], caption: str) -> ET.Element:
    """A table that can be sorted and, where it is too wide, moved sideways."""
    table = element(
        "table",
        {"class": name, "data-sortable": "", "aria-label": caption},
        head_row(titles),
        element("tbody", None, *rows),
    )
    return element("div", {"class": "fr-wide", "tabindex": "0", "role": "group", "aria-label": caption}, table)


def _groups(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    if not view["groups"]:
        return
    scale = max((max(group["opinion"]) for group in view["groups"] if group["opinion"]), default=0.0) or 1.0
    rows = []
    for group in view["groups"]:
        opinion = group["opinion"]
        rows.append(
            element(
                "tr",
                None,
                element("th", {"scope": "row"}, element("bdi", None, _group_name(group["name"]))),
                _cell(f"{group['articles']:,}", float(group["articles"])),
                _cell(f"{group['words']:,}", float(group["words"])),
                _cell(_shares(group["shares"]), group["shares"]["author_opinion"], "fr-wider"),
                _cell(_interval(opinion, scale), opinion[0], "fr-num fr-ranged") if opinion else _cell("–"),
                _cell(f"{group['sources']:.1f}", group["sources"]),
                _cell(percent(group["anonymous"]), group["anonymous"]),
                _cell("–" if group["bias"] is None else number(group["bias"]), group["bias"]),
                _cell("–" if group["frame"] is None else _scored(group["frame"]), name=""),
            )
        )
    titles = (
        (view["by"].capitalize(), ""), ("Articles", "fr-num"), ("Words", "fr-num"), ("Voice and kind", ""),
        ("Own words that are opinion", "fr-num"), ("Sources an article", "fr-num"), ("Anonymous", "fr-num"),
        ("Bias, own voice", "fr-num"), ("Leading frame", ""),
    )  # fmt: skip
    note = (
        f"Lines end at {percent(scale)}; 95% intervals, from drawing whole articles again, for groups of {FEWEST} "
        "or more articles."
    )
    if view["more_groups"]:
        note += f" {view['more_groups']:,} smaller ones aren’t listed."
    yield element(
        "section",
        None,
        heading(level, "fr-h2", f"Compared by {view['by']}"),
        _table("fr-groups", titles, rows, f"Compared by {view['by']}"),
        element("p", "fr-note", note),
    )


def _shares(shares: Mapping[str, float]) -> ET.Element:
    return element("div", None, share_bar(shares), element("span", "fr-spoken", _told(shares)))


def _told(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{NAMES[label]} {percent(shares[label])}" for label in LABELS)


def _interval(values: list[float], scale: float) -> ET.Element:
    """A dot on a line from the lower to the upper bound, and the numbers; the scale is what the line ends at."""
    value, low, high = (bound / scale for bound in (values if len(values) == 3 else values * 3))
    shown = element("i", {"class": "fr-range", "style": f"--v:{value:.3f};--low:{low:.3f};--high:{high:.3f}"})
    spread = f"{values[1] * 100:.0f}–{values[2] * 100:.0f}" if len(values) == 3 else ""
    told = element("span", "fr-percent", percent(values[0]))
    return element("span", None, shown, told, element("small", "fr-spread", spread))


def _scored(frame: Sequence[Any]) -> ET.Element:
    return element("span", None, frame[0], " ", element("small", None, number(frame[1])))


def _frames(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    for entry in view["frames"]:
        if not entry["rows"]:
            continue
        rows = [
            element(
                "tr",
                None,
                element("th", {"scope": "row"}, row["name"]),
                *(_heat(score) for score in (row["score"], *row["groups"])),
            )
            for row in entry["rows"]
        ]
        titles = [("Frame", ""), ("all", "fr-num"), *((_group_name(name), "fr-num") for name in entry["groups"])]
        caption = f"Frames, {entry['inventory']}: mean scores"
        yield element(
            "section", None, heading(level, "fr-h2", caption), _table("fr-heat", titles, rows, caption)
        )


def _heat(score: float | None) -> ET.Element:
    if score is None:
        return _cell("–")
    name = "fr-num fr-present" if score >= PRESENT else "fr-num"
    return element("td", {"class": name, "data-v": f"{score:.4f}", "style": f"--v:{score:.2f}"}, number(score))


def _time(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    time = view["time"]
    if time is None:
        return
    periods, counts = time["periods"], time["counts"]
    for entry in time["inventories"]:
        charts = [_chart(series, periods) for series in entry["series"]]
        yield element(
            "section",
            None,
            heading(level, "fr-h2", f"Frames over time, {entry['inventory']}"),
            element("div", "fr-charts", *charts),
            element(
                "p",
                "fr-note",
                f"Mean scores from 0 to 1 by {'month' if len(periods[0]) == 7 else 'year'}, half marked; "
                f"between {min(counts):,} and {max(counts):,} articles each.",
            ),
        )


def _chart(series: Mapping[str, Any], periods: Sequence[str]) -> ET.Element:
    """One frame's mean score over time; gaps where a period has no article."""
    step = 100 / max(len(periods) - 1, 1)
    path, pen = "", "M"
    dots = ""
    for place, value in enumerate(series["values"]):
        if value is None:
            pen = "M"
            continue
        point = f"{place * step:.1f} {40 * (1 - value):.1f}"
        path += pen + point
        dots += f"M{point}h0"
        pen = "L"
    known = [(period, value) for period, value in zip(periods, series["values"], strict=True) if value is not None]
    told = f"{series['name']}: " + ", ".join(f"{period} {number(value)}" for period, value in known)
    drawing = element(
        "svg",
        {"class": "fr-chart", "viewBox": "0 0 100 40", "preserveAspectRatio": "none"}
        | {"role": "img", "aria-label": told},
        element("path", {"class": "fr-half", "d": "M0 20H100"}),
        element("path", {"class": "fr-axis", "d": "M0 40H100"}),
        element("path", {"class": "fr-line", "d": path}),
        element("path", {"class": "fr-dots", "d": dots}),
    )
    ends = element(
        "p", "fr-ends", element("span", None, periods[0]), element("span", None, periods[-1])
    )
    return element("figure", None, element("figcaption", None, series["name"]), drawing, ends)


def _sources(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    rows = [
        element(
            "tr",
            None,
            element(
                "th",
                {"scope": "row"},
                element("bdi", "fr-named" if row["named"] else None, row["name"]),
                " ",
                element("small", None, row["type"] if row["named"] else f"{row['type']}, not named"),
            ),
            _cell(f"{row['articles']:,}", float(row["articles"])),
            _cell(f"{row['attributions']:,}", float(row["attributions"])),
            _cell(f"{row['words']:,}", float(row["words"])),
            _cell(percent(row["opinion"]), row["opinion"]),
        )
        for row in view["sources"]
    ]
    titles = (
        ("Source", ""), ("Articles", "fr-num"), ("Attributions", "fr-num"), ("Words", "fr-num"), ("Opinion", "fr-num")
    )  # fmt: skip
    more = f"{view['more_sources']:,} more with fewer words. " if view["more_sources"] else ""
    body = _table("", titles, rows, "Who speaks") if rows else element("p", None, "Nobody is quoted or cited.")
    yield element(
        "section",
        None,
        heading(level, "fr-h2", "Who speaks"),
        body,
        element("p", "fr-note", f"{more}Sources of the same name count as one."),
    )


def _loaded(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    if not view["loaded"]:
        return
    words = (
        element(
            "li",
            None,
            loaded_mark(row["score"], element("bdi", None, row["word"])),
            " ",
            element("small", None, str(row["count"])),
        )
        for row in view["loaded"]
    )
    yield element(
        "section",
        None,
        heading(level, "fr-h2", "Loaded words in the outlets’ own voice"),
        element("ul", "fr-words", *words),
        element("p", "fr-note", "By the number of articles that use them; the number beside is how often."),
    )


def _articles(view: Mapping[str, Any], level: int) -> Iterator[ET.Element]:
    if not view["articles"]:
        return
    dated, grouped = view["dates"] is not None, bool(view["groups"])
    titles = [
        ("Article", ""), *([(view["by"].capitalize(), "")] if grouped else []), *([("Date", "")] if dated else []),
        ("Words", "fr-num"), ("From first word to last", "fr-num fr-small"), ("Own opinion", "fr-num"),
        ("Sources", "fr-num"), ("Bias", "fr-num"), ("Leading frame", ""),
    ]  # fmt: skip
    rows = [
        element(
            "tr",
            None,
            element("th", {"scope": "row", "dir": "auto"}, row["title"]),
            _cell(element("bdi", None, _group_name(row["group"])), name="") if grouped else None,
            _cell(row["date"] or "", name="fr-date") if dated else None,
            _cell(f"{row['words']:,}", float(row["words"])),
            _cell(skyline(row["strip"], _told(row["shares"]), small=True), row["shares"]["author_opinion"], "fr-small"),
            _cell(percent(row["shares"]["author_opinion"]), row["shares"]["author_opinion"]),
            _cell(str(row["sources"]), float(row["sources"])),
            _cell("–" if row["bias"] is None else number(row["bias"]), row["bias"]),
            _cell("–" if row["frame"] is None else _scored(row["frame"]), name=""),
        )
        for row in view["articles"]
    ]
    note = (
        "Strip: upwards the outlet’s own voice, downwards its sources; the taller, the more it reads as opinion. "
        "Own opinion: share of all words that are opinion in the outlet’s voice. Bias: in its own voice."
    )
    yield element(
        "section",
        "fr-list",
        heading(level, "fr-h2", "Every article"),
        _table("fr-articles", titles, rows, "Every article"),
        element("p", "fr-note", note),
    )


def _summary(view: Mapping[str, Any]) -> ET.Element:
    kicker = element("small", None, element("bdi", None, ", ".join(view["kicker"])))
    return element("summary", None, element("bdi", "fr-named", view["title"] or "(untitled)"), " ", kicker)


def _foot(view: Mapping[str, Any]) -> ET.Element:
    models = ", ".join(f"{part} ({name})" for part, name in view["models"].items())
    return element("footer", "fr-foot", f"{_NOTE} Models: {models}" if models else _NOTE)
