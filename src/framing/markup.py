"""What pages are made of: elements that escape what they hold, bars, strips and style sheets.

Everything is built as a tree of elements and written out by the standard library, which escapes every
text and every attribute; text also passes `display.visible`, so that an article can neither end an
element nor turn the direction of a line around. Nothing is loaded from elsewhere, no identifiers are
used, and every style rule stands below the class ``framing``, so that what is around stays as it is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from framing.display import NAMES, visible
from framing.record import LABELS
from framing.strip import PRESENT

__all__ = [
    "Child",
    "asset",
    "element",
    "fabric",
    "head_row",
    "heading",
    "loaded_mark",
    "measure",
    "meter",
    "number",
    "page",
    "percent",
    "script",
    "share_bar",
    "share_key",
    "skyline",
    "statement_class",
    "style",
    "wrap",
    "write",
]

Child = ET.Element | str | None
"""What an element can hold: an element, text, which is escaped, or nothing."""

_WIDTH, _HALF, _TALLEST, _PIN = 1000, 50, 43, 5  # of a strip; units of its drawing
_LEAST = 0.07  # of the height, so that even a plain fact can be seen


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
    """A style element; what it holds is ours and isn't escaped.

    Notebooks and manuals have rules for the tables and lists in them, ``.their-output tbody tr:nth-child(odd)``; with
    the class said twice ours weigh as much, and come later.
    """
    return _verbatim("style", css.replace(".framing", ".framing.framing"))


def script(code: str) -> ET.Element:
    """A script element; what it holds is ours and isn't escaped."""
    return _verbatim("script", code)


def _verbatim(tag: str, content: str) -> ET.Element:
    node = ET.Element(tag)
    node.text = content
    return node


def heading(level: int, name: str | None, *children: Child) -> ET.Element:
    """A heading that notebooks don't list among their own."""
    attributes = {"role": "heading", "aria-level": str(level)}
    return element("div", attributes if name is None else {"class": name, **attributes}, *children)


def wrap(*children: Child) -> ET.Element:
    """The element that every style rule stands below."""
    return element("div", "framing", *children)


def page(title: str, code: str | None, *children: Child) -> str:
    """A whole page that loads nothing and runs no script but the one given."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    scripts = []
    if code is not None:
        digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")
        policy += f"; script-src 'sha256-{digest}'"
        scripts = [script(code)]
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
    """A score from 0 to 1 with two digits, as tables print it: .83.

    One that only rounding would lift to the threshold of frames says so.

    Examples
    --------
    >>> number(0.5), number(0.496), number(1.0)
    ('.50', '<.50', '1.00')
    """
    shown = f"{score:.2f}".removeprefix("0")
    return f"<{shown}" if score < PRESENT <= float(shown) else shown


def percent(share: float) -> str:
    """A share from 0 to 1 as a whole percentage."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def meter(share: float, name: str = "") -> ET.Element:
    """A bar of the length of a share; the number beside it says the same."""
    return element("i", {"class": f"fr-meter {name}".strip(), "style": f"--v:{_decimal(share)}"})


def measure(share: float, name: str) -> tuple[ET.Element, ET.Element]:
    """A bar and its percentage, which stand under those of the rows above."""
    return meter(share, name), element("span", "fr-percent", percent(share))


def share_bar(shares: Mapping[str, float]) -> ET.Element:
    """The four labels' shares as one bar; give the numbers beside it."""
    return element(
        "div",
        {"class": "fr-bar", "aria-hidden": "true"},
        *(
            element("i", {"class": statement_class(label), "style": f"flex-grow:{_decimal(shares[label])}"})
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


def fabric(ribbons: Sequence[str], told: str) -> ET.Element:
    """Articles as threads, one below the other: thick the outlet's voice, thin its sources, in full colour opinion.

    All cells of a label are one path, so that many articles make a light drawing.
    """
    paths = dict.fromkeys(LABELS, "")
    for row, cells in enumerate(ribbons):
        at = 0
        for digit, run in groupby(cells):
            width, label = len(list(run)), LABELS[int(digit)]
            top, height = (1, 8) if label.startswith("author") else (3, 5)
            paths[label] += f"M{at} {10 * row + top}h{width}v{height}h{-width}z"
            at += width
    widest = max(map(len, ribbons))
    return element(
        "svg",
        {
            "class": "fr-fabric",
            "viewBox": f"0 0 {widest} {10 * len(ribbons)}",
            "preserveAspectRatio": "none",
            "style": f"--rows:{len(ribbons)}",
            "role": "img",
            "aria-label": told,
        },
        *(element("path", {"class": statement_class(label), "d": path}) for label, path in paths.items() if path),
    )


def _bar(
    start: float, end: float, voice: str, opinion: float, statement: int | None
) -> tuple[str, int | None, float, float, float, float]:
    """Class, statement, place and size of a bar; even a plain fact has a height one can see."""
    height = max(opinion, _LEAST) * _TALLEST
    label = f"{voice}_{'opinion' if opinion >= 0.5 else 'fact'}"
    width = (end - start) * _WIDTH
    top = _HALF - height if voice == "author" else _HALF
    return statement_class(label), statement, start * _WIDTH, top, width - min(1.5, width * 0.2), height


def _pin(place: float, voice: str, opinion: float) -> str:
    height = max(opinion, _LEAST) * _TALLEST + 2
    if voice == "author":
        return f"M{place * _WIDTH:.0f} {_HALF - height:.0f}v-{_PIN}"
    return f"M{place * _WIDTH:.0f} {_HALF + height:.0f}v{_PIN}"


def statement_class(label: str) -> str:
    """Class of all that is drawn for a label.

    Examples
    --------
    >>> statement_class("source_opinion")
    'fr-so'
    """
    voice, kind = label.split("_")
    return f"fr-{voice[0]}{kind[0]}"


def loaded_mark(score: float, *children: Child) -> ET.Element:
    """A loaded word, the more strongly coloured the higher its score."""
    return element("mark", {"class": "fr-l", "style": f"--v:{_decimal(score)}"}, *children)


def head_row(titles: Iterable[tuple[Child, str]]) -> ET.Element:
    """The first row of a table: for each column its title and its class, which may be empty."""
    cells = (element("th", {"scope": "col"} | ({"class": kind} if kind else {}), title) for title, kind in titles)
    return element("thead", None, element("tr", None, *cells))


def share_key(shares: Mapping[str, float], *more: Child) -> ET.Element:
    """The four labels' shares in numbers, each label marked as in the text."""
    items = [
        element(
            "li",
            None,
            element("b", None, percent(shares[label])),
            " ",
            element("span", f"fr-st {statement_class(label)}", NAMES[label]),
        )
        for label in LABELS
    ]
    return element("ul", "fr-key", *items, *more)


def _decimal(share: float) -> str:
    return f"{share:.3f}".rstrip("0").rstrip(".")
