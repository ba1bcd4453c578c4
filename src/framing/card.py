"""One article as a page or a notebook shows it: drawn from its view, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from framing.display import NAMES
from framing.markup import (
    Child,
    asset,
    element,
    head_row,
    heading,
    loaded_mark,
    measure,
    meter,
    number,
    percent,
    share_bar,
    share_key,
    skyline,
    statement_class,
    style,
    wrap,
    write,
)
from framing.record import LABELS, VOICES
from framing.strip import PRESENT
from framing.view import article_view

__all__ = ["article_card", "article_html", "dotted", "link_rules"]

_VOICE_NAMES = {"author": "the outlet", "source": "its sources"}
_VOICE_CLASSES = {"author": "fr-own", "source": "fr-src"}
_RULE_STEP = 32  # rules are made for so many at a time, so that few different sets exist
_LISTED_WORDS = 24
_LISTED_SOURCES = 40
_LISTED = 400  # statements in the table
# Statements and attributions that light up what belongs to them. A browser weighs every such rule against every
# passage, so a long text can have few: with more it would be slow to answer the pointer.
_LINKED = 400
_LINKS_OF_PASSAGES = 160_000
_CAPTION = (
    "The article from its first word to its last. The taller a bar, the more it reads as opinion; a pin marks "
    "loaded words."
)
_NOTE = "A machine’s reading of the text, with errors; it says nothing about whether what is said is true."


def article_card(view: Mapping[str, Any], *, level: int, scroll: bool) -> ET.Element:
    """One article: headline and reading, strip, marked text, sources, frames and loaded words.

    Parameters
    ----------
    view : mapping
        From `view.article_view`.
    level : int
        Of its heading; those inside are one lower.
    scroll : bool
        Whether a long text scrolls in a window of its own, as suits a notebook.
    """
    title = view["title"] or "(untitled)"
    name = "fr-title" if view["title"] else "fr-title fr-untitled"
    headline: list[Child] = [_group(view, group) for group in view["headline"]]
    told = " ".join(view["lead"])
    text = {"class": "fr-text"}
    if scroll:
        text |= {"tabindex": "0", "role": "group", "aria-label": "Marked text"}
    return element(
        "article",
        {"class": "fr-card fr-short" if scroll else "fr-card", "aria-label": title},
        element(
            "header",
            "fr-head",
            element("p", "fr-kicker", *dotted(view["kicker"])),
            heading(level, name, *(headline or [title])),
            element("p", "fr-lead", told),
        ),
        element("div", "fr-shares", share_bar(view["shares"]), share_key(view["shares"], _marks_key())),
        _strip(view, told) if view["strip"]["bars"] else None,
        element(
            "div",
            "fr-columns",
            element("div", "fr-read", element("div", text, *_blocks(view)), _info(view)),
            element(
                "div",
                "fr-side",
                _sources(view, level + 1),
                *_frames(view, level + 1),
                _loaded(view, level + 1),
            ),
        ),
        _statement_table(view) if view["statements"] else None,
        element(
            "footer",
            "fr-foot",
            f"{_NOTE} Models: " + ", ".join(f"{part} ({name})" for part, name in view["models"].items())
            if view["models"]
            else _NOTE,
        ),
    )


def article_html(record: Mapping[str, Any]) -> str:
    """One record as a notebook shows it.

    Examples
    --------
    >>> import framing
    >>> html = article_html(framing.analyze("Critics called the <b>plan</b> reckless.").to_dict())
    >>> "<b>plan" in html, "&lt;b&gt;plan" in html
    (False, True)
    """
    view = article_view(record)
    css = asset("article.css") + link_rules([view])
    return write(wrap(style(css), article_card(view, level=2, scroll=True)))


@lru_cache(maxsize=16)
def _rules(statements: int, attributions: int) -> str:
    """Style rules that light up what belongs together, for so many of each."""
    card = ".framing .fr-card:has"
    lit = [f"{card}(.fr-s{i}:hover) .fr-s{i}" for i in range(statements)]
    told = [f"{card}(.fr-s{i}:hover) .fr-j{i}" for i in range(statements)]
    parts = []
    for i in range(attributions):
        touched = f"{card}(.fr-a{i}:is(:hover,:focus))"
        lit.append(f"{touched} .fr-a{i}")
        lit.append(f"{card}(tr.fr-q{i}:hover) .fr-q{i}")
        lit.append(f"{card}(.fr-q{i}:is(:hover,:focus)) tr.fr-q{i}")
        told.append(f"{touched} .fr-i{i}")
        parts.append(f"{touched} :is(.fr-part-source,.fr-part-cue).fr-a{i}")
    rules = [
        (lit, "background-color:var(--fr-lit);stroke:var(--fr-ink)"),
        (parts, "outline:1.5px solid var(--fr-ink)"),
        (told, "display:inline"),
    ]
    return "\n".join(f"{','.join(selectors)}{{{rule}}}" for selectors, rule in rules if selectors)


def link_rules(views: Iterable[Mapping[str, Any]]) -> str:
    """Style rules that link statements, sources, cues and contents of all these articles."""
    sizes = []
    for view in views:
        linked = _linked(view)
        sizes.append(tuple(min(_up(len(view[part])), linked) for part in ("statements", "attributions")))
    if not sizes:
        return ""
    statements, attributions = (max(column) for column in zip(*sizes, strict=True))
    return _rules(statements, attributions)


def _linked(view: Mapping[str, Any]) -> int:
    """Of so many statements and attributions, from the first one on, the links light up."""
    passages = max(len(view["statements"]), len(view["attributions"]), 1)
    return min(_LINKED, max(_LINKS_OF_PASSAGES // passages // _RULE_STEP, 1) * _RULE_STEP)


def _up(count: int) -> int:
    return -(-count // _RULE_STEP) * _RULE_STEP


def dotted(items: Sequence[str]) -> list[Child]:
    """Items with a dot between them, each kept from mixing its direction with the next."""
    shown: list[Child] = []
    for item in items:
        if shown:
            shown.append(" · ")
        shown.append(element("bdi", None, item))
    return shown


def _marks_key() -> ET.Element:
    return element(
        "li",
        "fr-more",
        "In the text: ",
        element("span", "fr-frame", "who says it"),
        element("sup", "fr-n", "1"),
        ", ",
        loaded_mark(1, "loaded word"),
        ", ",
        element("em", "fr-h", "hedge"),
    )


def _strip(view: Mapping[str, Any], told: str) -> ET.Element:
    return element(
        "figure",
        "fr-strip",
        element("p", "fr-voice", "↑ the outlet’s own voice"),
        skyline(view["strip"], told),
        element("p", "fr-voice", "↓ its sources"),
        element("figcaption", None, _CAPTION),
    )


def _blocks(view: Mapping[str, Any]) -> Iterable[ET.Element]:
    for block in view["blocks"]:
        if block["kind"] == "furniture":
            count, lines = block["count"], block["lines"]
            shown = [element("p", None, line) for line in lines]
            if count > len(lines):
                shown.append(element("p", None, f"and {count - len(lines):,} more"))
            told = f"{count:,} {'line' if count == 1 else 'lines'} of page furniture, not read"
            yield element("details", "fr-furniture", element("summary", None, told), *shown)
        elif block["kind"] == "omitted":
            rest = block["sentences"]
            yield element(
                "p",
                "fr-omitted",
                f"{rest:,} more {'sentence' if rest == 1 else 'sentences'} not shown; numbers cover the whole text.",
            )
        else:
            children: list[Child] = []
            for groups in block["sentences"]:
                if children:
                    children.append(" ")
                children += [_group(view, group) for group in groups]
            name = "fr-subhead" if block["kind"] == "title" else "fr-p"
            yield element("p", {"class": name, "dir": "auto"}, *children)


def _group(view: Mapping[str, Any], group: Mapping[str, Any]) -> ET.Element:
    """One statement, or the words between two that are in none."""
    runs: list[Child] = []
    for run in group["runs"]:
        runs += _run(view, run)
    names = []
    spoken = None
    if group["statement"] is None:
        if any(char.isalnum() for run in group["runs"] for char in run["text"]):
            names.append("fr-frame")
    else:
        names += ["fr-st", statement_class(group["label"]), f"fr-s{group['statement']}"]
        if group["label"] != "author_fact":
            spoken = element("span", "fr-spoken", f"[{NAMES[group['label']]}] ")
    names += [name for index in group["content"] for name in _link(view, index)]
    return element("span", " ".join(names) or None, spoken, *runs)


def _link(view: Mapping[str, Any], index: int) -> list[str]:
    return [f"fr-a{index}", f"fr-q{view['attributions'][index]['source']}"]


def _run(view: Mapping[str, Any], run: Mapping[str, Any]) -> list[Child]:
    shown: Child = run["text"]
    if run.get("hedge"):
        shown = element("em", "fr-h", shown)
    if "loaded" in run:
        shown = loaded_mark(run["loaded"], shown)
    if run["parts"]:
        names = [name for index, kind in run["parts"] for name in (f"fr-part-{kind}", *_link(view, index))]
        shown = element("span", " ".join(dict.fromkeys(names)), shown)
    notes: list[Child] = []
    for index, source in run.get("notes", ()):
        notes.append(
            element(
                "sup",
                {"class": " ".join(["fr-n", *_link(view, index)]), "tabindex": "0"},
                element("span", "fr-spoken", " source "),
                str(source + 1),
                element("span", "fr-spoken", f": {_told(view['attributions'][index])}. "),
            )
        )
    return [shown, *notes]


def _told(attribution: Mapping[str, Any]) -> str:
    """An attribution in a line."""
    name = attribution["name"] or "source left out"
    naming = "named" if attribution["named"] else "not named"
    cue = f"“{attribution['cue'][:80]}”, " if attribution["cue"] else ""
    kind = f"{attribution['type']}, {naming}" if attribution["name"] else "unspecified"
    return f"{name} ({kind}); {cue}{attribution['quotation']} quotation, {percent(attribution['probability'])} sure"


def _info(view: Mapping[str, Any]) -> ET.Element:
    """The line below the text that says what is pointed at; to be heard, it stands in the text itself."""
    linked = _linked(view)
    items = [
        element("span", f"fr-i fr-j{i}", f"{entry['name']}, {percent(entry['probability'])}{_certainty(entry)}. ")
        for i, entry in enumerate(view["statements"][:linked])
    ]
    items += [
        element(
            "span",
            f"fr-i fr-i{i}",
            element("b", None, str(entry["source"] + 1)),
            f" {_told(entry)}. ",
        )
        for i, entry in enumerate(view["attributions"][:linked])
    ]
    passage = "a passage" if linked >= len(view["statements"]) else f"one of the first {linked} passages"
    hint = f"Point at {passage}, or go from source to source with the tabulator key."
    return element("div", {"class": "fr-info", "aria-hidden": "true"}, element("span", "fr-hint", hint), *items)


def _certainty(entry: Mapping[str, Any]) -> str:
    return "" if entry["certainty"] == "plain" else f", {entry['certainty']}"


def _sources(view: Mapping[str, Any], level: int) -> ET.Element:
    own = sum(view["shares"][label] for label in LABELS if label.startswith("author"))
    rows = []
    if view["statements"]:
        rows.append(
            element(
                "tr",
                "fr-outlet",
                element("td", None),
                element("th", {"scope": "row"}, "The outlet itself"),
                element("td", "fr-num", *measure(own, "fr-own")),
            )
        )
    order = sorted(range(len(view["sources"])), key=lambda i: (-view["sources"][i]["share"], i))
    for place in order[:_LISTED_SOURCES]:
        source = view["sources"][place]
        name: Child = element("bdi", "fr-named" if source["named"] else None, source["name"] or "(source left out)")
        rows.append(
            element(
                "tr",
                f"fr-q{place}",
                element("td", "fr-no", str(place + 1)),
                element("th", {"scope": "row"}, name, " ", element("small", None, _source_kind(source))),
                element("td", "fr-num", *measure(source["share"], "fr-src")),
            )
        )
    titles = ((element("span", "fr-spoken", "No."), "fr-no"), ("Source", ""), ("Share of voice", "fr-num"))
    body: Child = (
        element("table", "fr-sources", head_row(titles), element("tbody", None, *rows))
        if rows
        else element("p", None, "Nobody speaks.")
    )
    rest = [view["sources"][place] for place in order[_LISTED_SOURCES:]]
    more = f"and {len(rest):,} more, {percent(sum(source['share'] for source in rest))} together" if rest else None
    note = element("p", "fr-note", more) if more else None
    return element("section", None, heading(level, "fr-h2", "Who speaks"), body, note)


def _source_kind(source: Mapping[str, Any]) -> str:
    kind = source["type"] if source["named"] else f"{source['type']}, not named"
    if source["type"] in ("unspecified", "public"):
        kind = source["type"]
    return f"{kind}, {percent(source['opinion'])} opinion" if source["words"] else kind


def _frames(view: Mapping[str, Any], level: int) -> Iterable[ET.Element]:
    for entry in view["frames"]:
        rows = [
            element(
                "li",
                "fr-present" if row["score"] >= PRESENT else None,
                element("span", "fr-name", row["name"]),
                element("span", "fr-num", number(row["score"])),
                element(
                    "span",
                    "fr-pair",
                    *(
                        element(
                            "span",
                            None,
                            meter(row["voices"][voice], _VOICE_CLASSES[voice]),
                            element("span", "fr-spoken", f" {_VOICE_NAMES[voice]} {number(row['voices'][voice])}"),
                        )
                        for voice in VOICES
                        if voice in row["voices"]
                    ),
                ),
            )
            for row in entry["rows"]
        ]
        more = entry["more"]
        note = "Overall score; bars: the outlet’s voice above, its sources’ below, half marked"
        note += f". {more} more frames score at most {number(entry['next'])}." if more else "."
        yield element(
            "section",
            None,
            heading(level, "fr-h2", f"Frames: {entry['inventory']}"),
            element("ol", "fr-frames", *rows),
            element("p", "fr-note", note),
        )


def _loaded(view: Mapping[str, Any], level: int) -> ET.Element | None:
    if not view["loaded"]:
        return None
    words: list[Child] = []
    for entry in view["loaded"][:_LISTED_WORDS]:
        voice = entry["label"].split("_")[0]
        times = f" ×{entry['count']}" if entry["count"] > 1 else ""
        words.append(
            element(
                "li",
                None,
                loaded_mark(entry["score"], element("bdi", None, entry["word"])),
                f"{times} ",
                element("small", None, f"{_VOICE_NAMES[voice]} {number(entry['score'])}"),
            )
        )
    more = len(view["loaded"]) - len(words)
    bias = view["bias"]["by_voice"]
    told = ", ".join(f"{_VOICE_NAMES[voice]} {number(bias[voice])}" for voice in VOICES if voice in bias)
    return element(
        "section",
        None,
        heading(level, "fr-h2", "Loaded words"),
        element("ul", "fr-words", *words),
        element("p", "fr-note", f"and {more} more") if more else None,
        element("p", "fr-note", f"Bias of the sentences: {told}") if told else None,
    )


def _statement_table(view: Mapping[str, Any]) -> ET.Element:
    titles = (
        ("Voice and kind", ""), ("Sure", "fr-num"), ("Certainty", ""), ("Source", "fr-num"), ("Bias", "fr-num"),
        ("Statement", ""),
    )  # fmt: skip
    rows = [
        element(
            "tr",
            None,
            element("td", None, element("span", f"fr-st {statement_class(entry['label'])}", entry["name"])),
            element("td", "fr-num", percent(entry["probability"])),
            element("td", None, entry["certainty"]),
            element("td", "fr-num", "" if entry["source"] is None else str(entry["source"] + 1)),
            element("td", "fr-num", number(entry["bias"])),
            element("td", {"dir": "auto"}, entry["text"]),
        )
        for entry in view["statements"][:_LISTED]
    ]
    count = len(view["statements"])
    told = f"Every statement, {count:,} in all" + ("" if count == len(rows) else f"; the first {len(rows)}")
    table = element("table", None, head_row(titles), element("tbody", None, *rows))
    box = {"class": "fr-wide", "tabindex": "0", "role": "group", "aria-label": "Every statement"}
    return element("details", "fr-all", element("summary", None, told), element("div", box, table))
