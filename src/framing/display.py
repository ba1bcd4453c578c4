"""Draw one record, a plain dictionary, as text for a terminal.

Nothing here knows the classes that wrap a record: whatever follows ``schema.json`` can be drawn.
Article text is untrusted. It passes through `visible` before it is shown, so that it can neither
move the cursor nor turn the direction of the line around.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TextIO

from framing.record import VOICES, record_title
from framing.strip import PRESENT, frame_name, label_of, strip

__all__ = ["CODES", "NAMES", "render_text", "shorten", "visible", "wants_color"]

CODES = {
    "author_fact": "AF",
    "author_opinion": "AO",
    "source_fact": "SF",
    "source_opinion": "SO",
}
"""Two letters for each label, voice first."""

NAMES = {
    "author_fact": "reported fact",
    "author_opinion": "author opinion",
    "source_fact": "attributed fact",
    "source_opinion": "attributed opinion",
}
"""Each label in words."""

_COLORS = {
    "author_fact": "",
    "author_opinion": "33",
    "source_fact": "36",
    "source_opinion": "35",
}
_CERTAINTY = {"hedged": "~", "plain": " ", "emphatic": "!"}
_BOLD, _DIM = "1", "2"
_LOADED_ON, _LOADED_OFF, _RESET = "\x1b[1;4m", "\x1b[22;24m", "\x1b[0m"
_NARROWEST = 60
_LISTED_WORDS = 20
_BLOCKS = " ▁▂▃▄▅▆▇█"

# Marks around loaded words while lines are laid out; `visible` has removed all others by then.
_OPEN, _CLOSE = "\x01", "\x02"

_BLANKS = re.compile(r"\s+")
# Control characters (escape sequences begin with one), bidirectional embeddings, overrides and
# isolates, surrogates: none may reach a terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Characters without width or meaning of their own here; joiners stay, scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def render_text(record: Mapping[str, Any], *, color: bool, width: int) -> str:
    """Draw a record for a terminal.

    Below the title two lines show the article from its first word to its last, the outlet's own voice
    and its sources', the taller the more it reads as opinion. Every sentence comes in order, with a
    margin of two letters for voice and kind; a sentence that holds several statements is cut into one
    line for each. Runs of page furniture shrink to a line that counts them. Tables of the
    attributions, frames and loaded words and the summary follow, with a legend.

    Parameters
    ----------
    record : mapping
        As described by ``schema.json``.
    color : bool
        Whether to add colours. They repeat what the letters and marks say. Ask `wants_color`.
    width : int
        Columns of the terminal; less than 60 counts as 60.

    Returns
    -------
    str
        Lines, the last one with its line end too.
    """
    width = max(width, _NARROWEST)
    parts = [
        _heading(record, color, width),
        _strip(record, color, width),
        _body(record, color, width),
        _attributions(record, color, width),
        _frames(record, color, width),
        _loaded_words(record, color, width),
        _summary(record, color, width),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def wants_color(stream: TextIO) -> bool:
    """Whether colours suit a stream: a terminal, not a dumb one, and ``NO_COLOR`` isn't set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def visible(text: str) -> str:
    r"""Text with nothing in it that a terminal would obey.

    White space becomes one blank, control characters and changes of direction become U+FFFD, and
    invisible characters vanish, except joiners.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> visible("Port \x1b[31mred\x1b[0m\n news")
    'Port �[31mred�[0m news'
    """
    return _UNSAFE.sub("\ufffd", _BLANKS.sub(" ", _INVISIBLE.sub("", text)))


def shorten(text: str, columns: int) -> str:
    """Text made `visible`, cut to so many columns; the cut is marked by an ellipsis.

    Examples
    --------
    >>> shorten("the harbour board", 11)
    'the harbou…'
    """
    shown = visible(text).strip()
    if _columns(shown) <= columns:
        return shown
    head = next(_break(shown, columns - 1)).rstrip()
    return (head if _columns(head) < columns else "") + "…"


def _heading(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    title = record_title(record)
    lines = _wrap(visible(title) if title else "(untitled)", width)
    numbers = [
        _count(record["summary"]["words"], "word"),
        _count(len(record["sentences"]), "sentence"),
        _count(len(record["attributions"]), "attribution"),
    ]
    if record["id"] is not None:
        numbers.insert(0, f"id {shorten(str(record['id']), width // 2)}")
    return [_paint(line, _BOLD, color) for line in lines] + _wrap(", ".join(numbers), width)


def _strip(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    drawn = strip(record, max(len(record["statements"]), 1))["bars"]
    if not drawn:
        return []
    columns = width - len("sources  ")
    lines = []
    for voice, name in zip(VOICES, ("outlet", "sources"), strict=True):
        cells = [(" ", "")] * columns
        for start, end, whose, opinion, place in drawn:
            if whose != voice:
                continue
            first = min(int(start * columns), columns - 1)
            block = _BLOCKS[max(round(opinion * (len(_BLOCKS) - 1)), 1)]
            style = _COLORS[label_of(record["statements"][place])]
            for column in range(first, max(int(end * columns), first + 1)):
                cells[column] = (block, style)
        line = "".join(
            _paint("".join(block for block, _ in run), style, color)
            for style, run in groupby(cells, lambda cell: cell[1])
        )
        lines.append(f"{name:<9}{line}".rstrip())
    return lines


def _body(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    text = record["text"]
    statements: dict[int, list[Mapping[str, Any]]] = {}
    for statement in record["statements"]:
        statements.setdefault(statement["sentence"], []).append(statement)
    digits = len(str(len(record["attributions"])))
    lines: list[str] = []
    furniture = 0
    for place, sentence in enumerate(record["sentences"]):
        if sentence["role"] == "boilerplate":
            furniture += 1
            continue
        if furniture:
            lines += [_furniture(furniture, digits, color), ""]
            furniture = 0
        for number, (piece, statement) in enumerate(_pieces(text, sentence, statements.get(place, []))):
            margin = _margin(statement, digits) + ("  " if number else "")
            style = _DIM if statement is None else _COLORS[label_of(statement)]
            if sentence["role"] == "title":
                style = f"{style};{_BOLD}".strip(";")
            for line in _mark(_wrap(piece, width - len(margin)), style, color):
                lines.append((margin + line).rstrip())
                margin = " " * len(margin)
        for after in record["sentences"][place + 1 : place + 2]:
            gap = text[sentence["end"] : after["start"]]
            if "\n" in gap or after["role"] == "boilerplate":
                lines.append("")
    if furniture:
        lines.append(_furniture(furniture, digits, color))
    return lines


def _pieces(
    text: str, sentence: Mapping[str, Any], statements: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Cut a sentence into its statements and the attribution frames between them (None)."""
    cuts: list[tuple[int, int, Mapping[str, Any] | None]] = []
    cursor, end = sentence["start"], sentence["end"]
    for statement in sorted(statements, key=lambda s: (s["start"], s["end"])):
        start, stop = max(statement["start"], cursor), min(statement["end"], end)
        if stop <= start:
            continue
        if _has_words(text, cursor, start):
            cuts.append((cursor, start, None))
        elif cuts:  # punctuation alone is no frame: it goes with what stands before it
            cuts[-1] = (cuts[-1][0], start, cuts[-1][2])
        else:
            start = cursor
        cuts.append((start, stop, statement))
        cursor = stop
    if _has_words(text, cursor, end) or not cuts:
        cuts.append((cursor, end, None))
    else:
        cuts[-1] = (cuts[-1][0], end, cuts[-1][2])
    for start, stop, found in cuts:
        yield _with_loaded(text, start, stop, found["loaded"] if found else ()), found


def _has_words(text: str, start: int, end: int) -> bool:
    return any(char.isalnum() for char in text[start:end])


def _with_loaded(text: str, start: int, end: int, loaded: Iterable[Sequence[Any]]) -> str:
    shown = []
    for first, last, _score in sorted(loaded, key=tuple):
        first, last = max(first, start), min(last, end)
        if first < last:
            shown += [visible(text[start:first]), _OPEN, visible(text[first:last]), _CLOSE]
            start = last
    shown.append(visible(text[start:end]))
    return "".join(shown)


def _margin(statement: Mapping[str, Any] | None, digits: int) -> str:
    if statement is None:
        return " " * (digits + 6)
    at = statement["attribution"]
    number = "" if at is None else str(at + 1)
    return f"{CODES[label_of(statement)]}{_CERTAINTY[statement['certainty']]} {number:>{digits}}  "


def _furniture(count: int, digits: int, color: bool) -> str:
    return " " * (digits + 6) + _paint(f"[{_count(count, 'line')} of page furniture]", _DIM, color)


def _attributions(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    lines = [_paint("Who says what", _BOLD, color)]
    found = record["attributions"]
    if not found:
        return [*lines, "  no attributions"]
    text = record["text"]
    digits = len(str(len(found)))
    free = width - digits - len("(organization)") - len("0.00") - 2 * 6
    speaker_columns, cue_columns = free * 3 // 10, free // 5
    columns = (
        digits, speaker_columns, cue_columns, len("(organization)"), len("0.00"),
        free - speaker_columns - cue_columns,
    )  # fmt: skip
    lines.append(_paint(_row(("#", "speaker", "cue", "type", "prob", "content"), columns), _DIM, color))
    for number, attribution in enumerate(found, 1):
        kind = attribution["source_type"]
        cells = (
            str(number),
            attribution["speaker"] or _joined(text, attribution["source"]) or "(left out)",
            _joined(text, attribution["cue"]) or "-",
            kind if attribution["named"] else f"({kind})",
            f"{attribution['probability']:.2f}",
            _joined(text, attribution["content"]) or "-",
        )
        lines.append(_row(cells, columns))
    return lines


def _joined(text: str, spans: Iterable[Sequence[int]]) -> str:
    return " … ".join(text[start:end] for start, end in spans)


def _frames(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    lines = [_paint("Frames", _BOLD, color)]
    for name, entry in record["frames"].items():
        rows = [("overall", entry["scores"])]
        rows += [(voice, entry["by_voice"].get(voice, {})) for voice in ("author", "source")]
        lines.append("  " + shorten(frame_name(name), width - 2))
        for voice, scores in rows:
            top = sorted(scores.items(), key=lambda item: -item[1])[:3]
            shown = ", ".join(
                f"{visible(frame_name(label))} {score:.2f}{'*' if score >= PRESENT else ''}" for label, score in top
            )
            head = f"    {voice:<8}"
            for line in _wrap(shown or "-", width - len(head)):
                lines.append(head + line)
                head = " " * len(head)
    return lines if len(lines) > 1 else []


def _loaded_words(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    text = record["text"]
    found = [
        (-score, start, visible(text[start:end]), CODES[label_of(statement)])
        for statement in record["statements"]
        for start, end, score in statement["loaded"]
    ]
    lines = [_paint("Loaded words", _BOLD, color)]
    if not found:
        return [*lines, "  none"]
    items = [f"‹{word}› {-score:.2f} {code}" for score, _, word, code in sorted(found)[:_LISTED_WORDS]]
    if len(found) > _LISTED_WORDS:
        items.append(f"and {len(found) - _LISTED_WORDS} more")
    return lines + ["  " + line for line in _wrap(", ".join(items), width - 2)]


def _summary(record: Mapping[str, Any], color: bool, width: int) -> list[str]:
    summary, bias = record["summary"], record["bias"]
    shares = ", ".join(
        f"{code} {NAMES[label]} {summary['share'][label]:.0%}" for label, code in CODES.items()
    )
    voices = "".join(f", {voice} {score:.2f}" for voice, score in bias["by_voice"].items())
    counts = (
        f"{_count(summary['words'], 'word')}, {_count(summary['sources'], 'source')}, "
        f"anonymous {summary['anonymous_share']:.0%}, hedged {summary['hedged_share']:.0%}; "
        f"bias {bias['score']:.2f}{voices}"
    )
    marks = (
        "blocks below the title: from first word to last, the taller, the more it reads as opinion; "
        "first letter: voice (A author, S source); second: kind (F fact, O opinion); ~ hedged, "
        "! emphatic; number: row of the table of attributions; no letters: attribution frame; "
        "‹word›: loaded; (type): source not named; *: frame present, 0.50 or more"
    )
    models = ", ".join(f"{visible(part)} {visible(name)}" for part, name in record["models"].items())
    lines = [_paint("Summary", _BOLD, color)]
    lines += ["  " + line for paragraph in (shares, counts) for line in _wrap(paragraph, width - 2)]
    lines += ["", _paint("Legend", _BOLD, color)]
    for paragraph in (marks, f"models: {models or 'none'}"):
        lines += ["  " + _paint(line, _DIM, color) for line in _wrap(paragraph, width - 2)]
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}{_RESET}" if color and style else text


def _mark(lines: Iterable[str], style: str, color: bool) -> Iterator[str]:
    """Turn the marks of loaded words into brackets, and into emphasis that ends with each line."""
    inside = False
    for line in lines:
        if not color:
            yield line.replace(_OPEN, "‹").replace(_CLOSE, "›")
            continue
        start = (f"\x1b[{style}m" if style else "") + (_LOADED_ON if inside else "")
        marked = line.replace(_OPEN, _LOADED_ON + "‹").replace(_CLOSE, "›" + _LOADED_OFF)
        if _OPEN in line or _CLOSE in line:
            inside = line.rfind(_OPEN) > line.rfind(_CLOSE)
        yield start + marked + (_RESET if start or inside else "")


def _row(cells: Iterable[str], columns: Iterable[int]) -> str:
    shown = ((shorten(cell, size), size) for cell, size in zip(cells, columns, strict=True))
    return "  " + "  ".join(cell + " " * (size - _columns(cell)) for cell, size in shown).rstrip()


def _wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken at blanks, and inside words only where needed."""
    lines: list[str] = []
    line: list[str] = []
    used = 0
    for word in text.split():
        parts = [word] if _columns(word) <= columns else list(_break(word, columns))
        for part in parts:
            size = _columns(part)
            if line and used + 1 + size > columns:
                lines.append(" ".join(line))
                line, used = [], 0
            used += size + bool(line)
            line.append(part)
    if line:
        lines.append(" ".join(line))
    return lines or [""]


def _break(text: str, columns: int) -> Iterator[str]:
    """Stretches of at most so many columns (one character, where that is wider)."""
    start = used = 0
    for place, char in enumerate(text):
        size = _columns(char)
        if used + size > columns and place > start:
            yield text[start:place]
            start, used = place, 0
        used += size
    yield text[start:]


def _columns(text: str) -> int:
    """Columns a terminal needs: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )
