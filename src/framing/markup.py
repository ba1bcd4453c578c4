"""Views as HTML: one article, ready to stand in a notebook or in a page of its own.

Everything is built as a tree of elements and written out by the standard library, which escapes every
text and every attribute; text also passes `display.visible`, so that an article can neither end an
element nor turn the direction of a line around. Nothing is loaded from elsewhere, no identifiers are
used, and every style rule stands below the class ``framing``, so that what is around stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from framing.display import NAMES, visible
from framing.record import LABELS, VOICES
from framing.view import PRESENT, article_view

__all__ = [
    "Child",
    "article_card",
    "article_html",
    "asset",
    "element",
    "heading",
    "link_rules",
    "measure",
    "meter",
    "number",
    "page",
    "percent",
    "share_bar",
    "share_key",
    "skyline",
    "style",
    "wrap",
    "write",
]

Child = ET.Element | str | None
"""What an element can hold: an element, text, which is escaped, or nothing."""

VOICE_NAMES = {"author": "the outlet", "source": "its sources"}
"""Each voice in words."""

_SHORT = {"author_fact": "fr-af", "author_opinion": "fr-ao", "source_fact": "fr-sf", "source_opinion": "fr-so"}
_VOICE = {"author": "fr-own", "source": "fr-src"}
_RULE_STEP = 32  # rules are made for so many at a time, so that few different sets exist
_LISTED_WORDS = 24
_LISTED_STATEMENTS = 400
_WIDTH, _HALF, _TALLEST, _PIN = 1000, 50, 43, 5  # of a strip; units of its drawing
_CAPTION = (
    "The article from its first word to its last. Upwards: the outlet’s own voice; downwards: its sources. "
    "The taller a bar, the more it reads as opinion; a pin marks loaded words."
)
_NOTE = "A machine’s reading of the text, with errors; it says nothing about whether what is said is true."


def element(tag: str, attributes: Mapping[str, str] | str | None = None, *children: Child) -> ET.Element:
    """An element; a text in place of its attributes is its class.

    Examples
    --------
    >>> write(element("p", "note", "5 < 6, ", element("b", None, "always")))
    '<p class="note">5 &lt; 6, <b>always</b></p>'
    """
    given = {"class": attributes} if isinstance(attributes, str) else attributes or {}
    node = ET.Element(tag, {name: visible(value) for name, value in given.items()})
    last: ET.Element | None = None
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            shown = visible(child)
            if last is None:
                node.text = (node.text or "") + shown
            else:
                last.tail = (last.tail or "") + shown
        else:
            node.append(child)
            last = child
    return node


def write(node: ET.Element) -> str:
    """An element as HTML."""
    return ET.tostring(node, encoding="unicode", method="html")


@lru_cache
def asset(name: str) -> str:
    """A style sheet or script that ships with the package, without its comments and indentation."""
    text = files("framing").joinpath("assets", name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line for line in (line.strip() for line in text.splitlines()) if line)


def style(css: str) -> ET.Element:
    """A style element; what it holds is ours and isn't escaped."""
    node = ET.Element("style")
    node.text = css
    return node


def heading(level: int, name: str | None, *children: Child) -> ET.Element:
    """A heading that notebooks don't list among their own."""
    attributes = {"role": "heading", "aria-level": str(level)}
    return element("div", attributes if name is None else {"class": name, **attributes}, *children)


def wrap(*children: Child) -> ET.Element:
    """The element that every style rule stands below."""
    return element("div", "framing", *children)


def page(title: str, script: str | None, *children: Child) -> str:
    """A whole page that loads nothing and runs no script but the one given."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    scripts = []
    if script is not None:
        import base64
        import hashlib

        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        policy += f"; script-src 'sha256-{digest}'"
        scripts = [ET.Element("script")]
        scripts[0].text = script
    head = element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("meta", {"name": "generator", "content": "framing"}),
        element("title", None, title),
    )
    body = element("body", {"style": "margin:0"}, element("main", "framing fr-page", *children), *scripts)
    return "<!doctype html>\n" + write(element("html", {"lang": "en"}, head, body)) + "\n"


def number(score: float) -> str:
    """A score from 0 to 1 with two digits, as tables print it: .83."""
    return f"{score:.2f}".removeprefix("0")


def percent(share: float) -> str:
    """A share from 0 to 1 as a whole percentage."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def meter(share: float, name: str = "") -> ET.Element:
    """A bar of the length of a share; the number beside it says the same."""
    return element("i", {"class": f"fr-meter {name}".strip(), "style": f"--v:{_size(share)}"})


def measure(share: float, name: str) -> tuple[ET.Element, ET.Element]:
    """A bar and its percentage, which stand under those of the rows above."""
    return meter(share, name), element("span", "fr-percent", percent(share))


def share_bar(shares: Mapping[str, float]) -> ET.Element:
    """The four labels' shares as one bar; give the numbers beside it."""
    return element(
        "div",
        {"class": "fr-bar", "aria-hidden": "true"},
        *(
            element("i", {"class": _SHORT[label], "style": f"flex-grow:{_size(shares[label])}"})
            for label in LABELS
            if shares[label] > 0
        ),
    )


def skyline(strip: Mapping[str, Any], told: str, *, small: bool = False) -> ET.Element:
    """The strip of an article: the outlet's voice above the line, its sources below, opinion tall.

    Where it is small, all bars of a kind are one path, so that a thousand of them make a light page.
    """
    bars = [_bar(*bar) for bar in strip["bars"]]
    paths: dict[str, str] = {}
    for name, _, x, y, width, height in bars:
        paths[name] = f"{paths.get(name, '')}M{x:.0f} {y:.0f}h{width:.0f}v{height:.0f}h{-width:.0f}z"
    if small:
        marks = [element("path", {"class": name, "d": path}) for name, path in paths.items()]
    else:
        marks = [
            element(
                "rect",
                {"class": name if statement is None else f"{name} fr-s{statement}"}
                | {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"},
            )
            for name, statement, x, y, width, height in bars
        ]
    pins = "".join(_pin(*pin) for pin in strip["loaded"])
    half = f"M0 {_HALF - _TALLEST / 2:g}H{_WIDTH}M0 {_HALF + _TALLEST / 2:g}H{_WIDTH}"
    return element(
        "svg",
        {
            "class": "fr-sky",
            "viewBox": f"0 0 {_WIDTH} {2 * _HALF}",
            "preserveAspectRatio": "none",
            "role": "img",
            "aria-label": told,
        },
        None if small else element("path", {"class": "fr-half", "d": half}),
        *marks,
        element("path", {"class": "fr-axis", "d": f"M0 {_HALF}H{_WIDTH}"}),
        element("path", {"class": "fr-pin", "d": pins}) if pins else None,
    )


def _bar(
    start: float, end: float, voice: str, opinion: float, statement: int | None
) -> tuple[str, int | None, float, float, float, float]:
    """Class, statement, place and size of a bar; even a plain fact has a height one can see."""
    height = max(opinion, 0.07) * _TALLEST
    label = f"{voice}_{'opinion' if opinion >= 0.5 else 'fact'}"
    width = (end - start) * _WIDTH
    top = _HALF - height if voice == "author" else _HALF
    return _SHORT[label], statement, start * _WIDTH, top, width - min(1.5, width * 0.2), height


def _pin(place: float, voice: str, opinion: float) -> str:
    height = max(opinion, 0.07) * _TALLEST + 2
    if voice == "author":
        return f"M{place * _WIDTH:.0f} {_HALF - height:.0f}v-{_PIN}"
    return f"M{place * _WIDTH:.0f} {_HALF + height:.0f}v{_PIN}"


def article_card(view: Mapping[str, Any], *, level: int, table: bool, scroll: bool) -> ET.Element:
    """One article: headline and reading, strip, marked text, sources, frames and loaded words.

    Parameters
    ----------
    view : mapping
        From `view.article_view`.
    level : int
        Of its heading; those inside are one lower.
    table : bool
        Whether every statement is also listed with its numbers, folded away.
    scroll : bool
        Whether a long text scrolls in a window of its own, as suits a notebook.
    """
    title = view["title"] or "(untitled)"
    headline = [_group(view, group) for group in view["headline"]] or [title]
    told = " ".join(view["lead"])
    text = {"class": "fr-text"}
    if scroll:
        text |= {"tabindex": "0", "role": "region", "aria-label": "Marked text"}
    return element(
        "article",
        {"class": "fr-card fr-short" if scroll else "fr-card", "aria-label": title},
        element(
            "header",
            "fr-head",
            element("p", "fr-kicker", *_between(view["kicker"])),
            heading(level, "fr-title", *headline),
            element("p", "fr-lead", told),
        ),
        element("div", "fr-shares", share_bar(view["shares"]), share_key(view["shares"], _marks_key())),
        element("figure", "fr-strip", skyline(view["strip"], told), element("figcaption", None, _CAPTION))
        if view["strip"]["bars"]
        else None,
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
        _statement_table(view) if table and view["statements"] else None,
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
    return write(wrap(style(css), article_card(view, level=2, table=True, scroll=True)))


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
    sizes = [(_up(len(view["statements"])), _up(len(view["attributions"]))) for view in views]
    if not sizes:
        return ""
    return _rules(min(max(size[0] for size in sizes), _LISTED_STATEMENTS), max(size[1] for size in sizes))


def _up(count: int) -> int:
    return -(-count // _RULE_STEP) * _RULE_STEP


def _size(share: float) -> str:
    return f"{share:.3f}".rstrip("0").rstrip(".")


def _between(items: Sequence[str]) -> list[Child]:
    """Items with a dot between them, each kept from mixing its direction with the next."""
    shown: list[Child] = []
    for item in items:
        shown += [element("span", "fr-dot", " · "), element("bdi", None, item)] if shown else [element("bdi", None, item)]
    return shown


def share_key(shares: Mapping[str, float], *more: Child) -> ET.Element:
    """The four labels' shares in numbers, each label marked as in the text."""
    items = [
        element(
            "li",
            None,
            element("b", None, percent(shares[label])),
            " ",
            element("span", f"fr-st {_SHORT[label]}", NAMES[label]),
        )
        for label in LABELS
    ]
    return element("ul", "fr-key", *items, *more)


def _marks_key() -> ET.Element:
    return element(
        "li",
        "fr-more",
        element("span", "fr-frame", "who says it"),
        element("sup", "fr-n", "1"),
        ", ",
        element("mark", "fr-l", "loaded word"),
        ", ",
        element("em", "fr-h", "hedge"),
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
                f"{rest:,} more {'sentence' if rest == 1 else 'sentences'} not shown; all numbers cover the whole text.",
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
        names += ["fr-st", _SHORT[group["label"]], f"fr-s{group['statement']}"]
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
        shown = element("mark", {"class": "fr-l", "style": f"--v:{_size(run['loaded'])}"}, shown)
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
    items = [
        element("span", f"fr-i fr-j{i}", f"{entry['name']}, {percent(entry['probability'])}{_certainty(entry)}. ")
        for i, entry in enumerate(view["statements"][:_LISTED_STATEMENTS])
    ]
    items += [
        element(
            "span",
            f"fr-i fr-i{i}",
            element("b", None, str(entry["source"] + 1)),
            f" {_told(entry)}. ",
        )
        for i, entry in enumerate(view["attributions"])
    ]
    hint = "Point at a passage, or go from source to source with the tabulator key."
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
    for place in order:
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
    columns = (("", "fr-no"), ("Source", ""), ("Share of voice", "fr-num"))
    head = element(
        "tr",
        None,
        *(
            element("th", {"scope": "col", **({"class": name} if name else {})}, title or element("span", "fr-spoken", "No."))
            for title, name in columns
        ),
    )
    body: Child = (
        element("table", "fr-sources", element("thead", None, head), element("tbody", None, *rows))
        if rows
        else element("p", None, "Nobody speaks.")
    )
    return element("section", None, heading(level, "fr-h2", "Who speaks"), body)


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
                            meter(row["voices"][voice], _VOICE[voice]),
                            element("span", "fr-spoken", f" {VOICE_NAMES[voice]} {number(row['voices'][voice])}"),
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
                element("mark", {"class": "fr-l", "style": f"--v:{_size(entry['score'])}"}, element("bdi", None, entry["word"])),
                f"{times} ",
                element("small", None, f"{VOICE_NAMES[voice]} {number(entry['score'])}"),
            )
        )
    more = len(view["loaded"]) - len(words)
    bias = view["bias"]["by_voice"]
    told = ", ".join(f"{VOICE_NAMES[voice]} {number(bias[voice])}" for voice in VOICES if voice in bias)
    return element(
        "section",
        None,
        heading(level, "fr-h2", "Loaded words"),
        element("ul", "fr-words", *words),
        element("p", "fr-note", f"and {more} more") if more else None,
        element("p", "fr-note", f"Bias of the sentences: {told}") if told else None,
    )


def _statement_table(view: Mapping[str, Any]) -> ET.Element:
    titles = ("Voice and kind", "Sure", "Certainty", "Source", "Bias", "Statement")
    rows = [
        element(
            "tr",
            None,
            element("td", None, element("span", f"fr-st {_SHORT[entry['label']]}", entry["name"])),
            element("td", "fr-num", percent(entry["probability"])),
            element("td", None, entry["certainty"]),
            element("td", "fr-num", "" if entry["source"] is None else str(entry["source"] + 1)),
            element("td", "fr-num", number(entry["bias"])),
            element("td", {"dir": "auto"}, entry["text"]),
        )
        for entry in view["statements"][:_LISTED_STATEMENTS]
    ]
    count = len(view["statements"])
    told = f"Every statement, {count:,} in all" + ("" if count == len(rows) else f"; the first {len(rows)}")
    head = element("tr", None, *(element("th", {"scope": "col"}, title) for title in titles))
    table = element("table", None, element("thead", None, head), element("tbody", None, *rows))
    box = {"class": "fr-wide", "tabindex": "0", "role": "region", "aria-label": "Every statement"}
    return element("details", "fr-all", element("summary", None, told), element("div", box, table))
