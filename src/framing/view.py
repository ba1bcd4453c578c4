"""One record as what a page shows of it: plain lists, numbers and words, nothing drawn yet.

A view holds the article cut into runs that know their statement and their part in an attribution, the
strip of the whole article, the sources with their share of voice, frames by voice and loaded words.
It is made of dictionaries, lists, text and numbers only, so that it can be tested, stored and drawn by
anything; `markup` makes HTML of it. Text in a view is the article's own, unescaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from framing.display import NAMES, shorten
from framing.record import LABELS, VOICES, record_title
from framing.strip import PRESENT, count_words, frame_name, label_of, strip

__all__ = ["article_view", "record_sources"]

View = dict[str, Any]

_NAME_COLUMNS = 60
_TITLE_COLUMNS = 300
_LISTED_FRAMES = 6
# What a notebook can hold: about 30,000 words of running text. Numbers always cover the whole article.
_SHOWN_CHARACTERS = 200_000
_SHOWN_FURNITURE = 40
_BARS = 400


def article_view(record: Mapping[str, Any]) -> View:
    """Everything a page shows of one article.

    Parameters
    ----------
    record : mapping
        As described by ``schema.json``.

    Returns
    -------
    dict
        ``title``, text or None; ``kicker``, outlet, date and size as texts; ``lead``, the reading in
        sentences; ``shares``, by label, 0 to 1; ``headline`` and ``blocks``, the marked text;
        ``strip``; ``attributions``; ``sources``; ``frames``; ``loaded``; ``statements``; ``models``.

    Examples
    --------
    >>> import framing
    >>> doc = framing.analyze("Critics called the plan reckless.")
    >>> view = article_view(doc.to_dict())
    >>> [source["name"] for source in view["sources"]]
    ['Critics']
    """
    sources, owners = record_sources(record)
    headline, blocks = _blocks(record, owners)
    title = record_title(record)
    loaded = _loaded(record)
    frames = [_frames(name, entry) for name, entry in record["frames"].items()]
    return {
        "title": None if title is None else shorten(title, _TITLE_COLUMNS),
        "kicker": _kicker(record),
        "lead": _lead(record, sources, loaded, frames),
        "shares": {label: record["summary"]["share"][label] for label in LABELS},
        "headline": headline,
        "blocks": blocks,
        "strip": strip(record, _BARS),
        "attributions": [
            {
                "source": owners[index],
                "name": sources[owners[index]]["name"],
                "type": entry["source_type"],
                "named": entry["named"],
                "cue": _joined(record["text"], entry["cue"]),
                "quotation": entry["quotation"],
                "probability": entry["probability"],
            }
            for index, entry in enumerate(record["attributions"])
        ],
        "sources": sources,
        "frames": [entry for entry in frames if entry["rows"]],
        "loaded": loaded,
        "statements": _statements(record, owners),
        "bias": record["bias"],
        "models": dict(record["models"]),
    }


def record_sources(record: Mapping[str, Any]) -> tuple[list[View], list[int]]:
    """The sources of one article in the order in which they first speak, with their share of voice.

    Attributions belong to one source if they have the same speaker, or, where the text doesn't settle
    the speaker, the same words.

    Parameters
    ----------
    record : mapping
        As described by ``schema.json``.

    Returns
    -------
    list of dict
        ``name``, text or None if the source is left out; ``type``; ``named``; ``attributions``, how
        many; ``words`` of its statements; ``opinion`` and ``share``, the parts of these words that
        are opinion and of the words of all statements that are this source's, 0 to 1.
    list of int
        For each attribution, the place of its source.
    """
    text = record["text"]
    found: dict[str | None, View] = {}
    owners: list[int] = []
    for entry in record["attributions"]:
        name = entry["speaker"] or _joined(text, entry["source"]) or None
        source = found.setdefault(
            None if name is None else name.casefold(),
            {
                "place": len(found),
                "name": None if name is None else shorten(name, _NAME_COLUMNS),
                "types": Counter(),
                "named": False,
                "attributions": 0,
                "words": 0,
                "opinion_words": 0,
            },
        )
        source["types"][entry["source_type"]] += 1
        source["named"] = source["named"] or entry["named"]
        source["attributions"] += 1
        owners.append(source["place"])
    rows = list(found.values())
    total = 0
    for statement in record["statements"]:
        words = count_words(text[statement["start"] : statement["end"]])
        total += words
        if statement["attribution"] is not None:
            source = rows[owners[statement["attribution"]]]
            source["words"] += words
            source["opinion_words"] += words * (statement["kind"] == "opinion")
    return [
        {
            "name": row["name"],
            "type": row["types"].most_common(1)[0][0],
            "named": row["named"],
            "attributions": row["attributions"],
            "words": row["words"],
            "opinion": row["opinion_words"] / row["words"] if row["words"] else 0.0,
            "share": row["words"] / total if total else 0.0,
        }
        for row in rows
    ], owners


def _joined(text: str, spans: Iterable[Sequence[int]]) -> str:
    return " … ".join(text[start:end] for start, end in spans)


def _kicker(record: Mapping[str, Any]) -> list[str]:
    """Who published it and when, as far as the input says, and how long it is."""
    meta = record["meta"]
    given = [meta.get(key) for key in ("outlet", "date")]
    shown = [shorten(str(value), _NAME_COLUMNS) for value in given if isinstance(value, (str, int)) and value != ""]
    words = record["summary"]["words"]
    return [*shown, f"{words:,} {'word' if words == 1 else 'words'}"]


def _lead(
    record: Mapping[str, Any], sources: Sequence[View], loaded: Sequence[View], frames: Sequence[View]
) -> list[str]:
    """The reading in a few sentences."""
    share = record["summary"]["share"]
    own = share["author_fact"] + share["author_opinion"]
    if not record["statements"]:
        return ["Nothing here reads as a statement."]
    lead = [f"{own:.0%} of the words are in the outlet’s own voice"]
    if own:
        lead[0] += f", and {share['author_opinion'] / own:.0%} of these read as opinion"
    lead[0] += "."
    speaking = [source for source in sources if source["name"] is not None]
    if not sources:
        lead.append("Nobody else is quoted or cited.")
    elif not speaking:
        lead.append("What others say comes without naming or describing them.")
    else:
        loudest = max(speaking, key=lambda source: source["share"])
        told = f"{shorten(loudest['name'], 40)}, with {loudest['share']:.0%} of all words"
        lead.append(
            f"One source speaks: {told}."
            if len(speaking) == 1
            else f"{len(speaking)} sources speak; the most heard is {told}."
        )
    for inventory in frames[:1]:
        present = [row for row in inventory["rows"] if row["score"] >= PRESENT]
        if present:
            lead.append(f"The clearest frame is {present[0]['name']}{_brought_by(present[0]['voices'])}.")
    if loaded:
        count = sum(word["count"] for word in loaded)
        mine = sum(word["count"] for word in loaded if word["label"].startswith("author"))
        word = "loaded word" if count == 1 else "loaded words"
        whose = "all of them the outlet’s" if mine == count else f"{mine} of them the outlet’s"
        if count == 1:
            whose = "the outlet’s" if mine else "a source’s"
        elif not mine:
            whose = "all of them the sources’"
        lead.append(f"{count} {word}, {whose}.")
    return lead


def _brought_by(voices: Mapping[str, float]) -> str:
    """Which voice a frame comes from, where one of the two brings it and the other doesn't."""
    author, source = (voices.get(voice, 0.0) for voice in VOICES)
    if author >= PRESENT and source >= PRESENT:
        return ", in both voices"
    if author >= PRESENT:
        return ", in the outlet’s own voice"
    if source >= PRESENT:
        return ", in the words of its sources"
    return ""


def _frames(name: str, entry: Mapping[str, Any]) -> View:
    scores = sorted(entry["scores"].items(), key=lambda item: (-item[1], item[0]))
    rows = [
        {
            "label": label,
            "name": frame_name(label),
            "score": score,
            "voices": {voice: found[label] for voice, found in entry["by_voice"].items() if label in found},
        }
        for label, score in scores[:_LISTED_FRAMES]
    ]
    rest = scores[_LISTED_FRAMES:]
    return {"inventory": frame_name(name), "rows": rows, "more": len(rest), "next": rest[0][1] if rest else 0.0}


def _loaded(record: Mapping[str, Any]) -> list[View]:
    """Loaded words by strength; the same word of the same voice and kind once, with its count."""
    text = record["text"]
    found: dict[tuple[str, str], View] = {}
    for statement in record["statements"]:
        for start, end, score in statement["loaded"]:
            word, label = text[start:end], label_of(statement)
            entry = found.setdefault(
                (word.casefold(), label),
                {"word": shorten(word, _NAME_COLUMNS), "label": label, "score": 0.0, "count": 0},
            )
            entry["score"] = max(entry["score"], score)
            entry["count"] += 1
    return sorted(found.values(), key=lambda entry: (-entry["score"], entry["word"]))


def _statements(record: Mapping[str, Any], owners: Sequence[int]) -> list[View]:
    text = record["text"]
    return [
        {
            "label": label_of(entry),
            "name": NAMES[label_of(entry)],
            "probability": entry["probability"][label_of(entry)],
            "certainty": entry["certainty"],
            "source": None if entry["attribution"] is None else owners[entry["attribution"]],
            "bias": entry["bias"],
            "text": shorten(text[entry["start"] : min(entry["end"], entry["start"] + 200)], 90),
        }
        for entry in record["statements"]
    ]


# The marked text

Span = tuple[int, int, str, Any]  # start, end, what it is, its place in the record or its score


def _blocks(record: Mapping[str, Any], owners: Sequence[int]) -> tuple[list[View], list[View]]:
    """The headline's groups, and the paragraphs and stretches of page furniture below it."""
    text, sentences = record["text"], record["sentences"]
    marks = _Marks(record, owners)
    headline: list[View] = []
    blocks: list[View] = []
    in_headline = True
    for place, sentence in enumerate(sentences):
        if sentence["end"] > _SHOWN_CHARACTERS and place:
            blocks.append({"kind": "omitted", "sentences": len(sentences) - place})
            break
        if sentence["role"] == "boilerplate":
            _add_furniture(blocks, text[sentence["start"] : sentence["end"]])
            continue
        end = min(sentence["end"], max(_SHOWN_CHARACTERS, sentence["start"]))
        groups = marks.groups(sentence["start"], end)
        in_headline = in_headline and sentence["role"] == "title"
        if in_headline:
            headline += groups
            continue
        last = blocks[-1] if blocks else None
        joined = last is not None and last["kind"] == sentence["role"] and place > 0
        if joined and last is not None and "\n" not in text[sentences[place - 1]["end"] : sentence["start"]]:
            last["sentences"].append(groups)
        else:
            blocks.append({"kind": sentence["role"], "sentences": [groups]})
    return headline, blocks


def _add_furniture(blocks: list[View], line: str) -> None:
    if not blocks or blocks[-1]["kind"] != "furniture":
        blocks.append({"kind": "furniture", "count": 0, "lines": []})
    blocks[-1]["count"] += 1
    if blocks[-1]["count"] <= _SHOWN_FURNITURE:
        blocks[-1]["lines"].append(shorten(line, _TITLE_COLUMNS))


class _Marks:
    """Cuts sentences, asked for in order, into runs of text that carry the same marks.

    Every span is met once: those that a sentence leaves open stay for the next one.
    """

    def __init__(self, record: Mapping[str, Any], owners: Sequence[int]) -> None:
        self._text = record["text"]
        self._statements = record["statements"]
        self._spans = sorted(_spans(record), key=lambda span: (span[0], span[1], span[2]))
        self._next = 0
        self._open: list[Span] = []
        self._notes: dict[int, list[int]] = {}
        for index, entry in enumerate(record["attributions"]):
            # The number stands behind the cue; where there is none, behind what is said.
            ends = [end for _, end in entry["cue"] or entry["content"] or entry["source"]]
            if ends:
                self._notes.setdefault(max(ends), []).append(index)
        self._owners = owners

    def groups(self, start: int, end: int) -> list[View]:
        """The runs of one sentence, grouped by statement."""
        while self._next < len(self._spans) and self._spans[self._next][0] < end:
            self._open.append(self._spans[self._next])
            self._next += 1
        spans = [span for span in self._open if span[1] > start]
        self._open = [span for span in spans if span[1] > end]
        groups: list[View] = []
        for first, last, active in _sweep(start, end, spans):
            statement = next((key for _, _, kind, key in active if kind == "statement"), None)
            if not groups or groups[-1]["statement"] != statement:
                groups.append(self._group(statement))
            groups[-1]["runs"].append(self._run(first, last, active))
        for group in groups:
            _lift_content(group)
        return groups

    def _group(self, statement: int | None) -> View:
        if statement is None:
            return {"statement": None, "runs": []}
        entry = self._statements[statement]
        return {
            "statement": statement,
            "label": label_of(entry),
            "certainty": entry["certainty"],
            "runs": [],
        }

    def _run(self, start: int, end: int, active: Iterable[Span]) -> View:
        run: View = {"text": self._text[start:end], "parts": []}
        for _, _, kind, key in active:
            if kind in ("source", "cue", "content"):
                run["parts"].append([key, kind])
            elif kind == "hedge":
                run["hedge"] = True
            elif kind == "loaded":
                run["loaded"] = max(key, run.get("loaded", 0.0))
        notes = self._notes.get(end)
        if notes:
            run["notes"] = [[index, self._owners[index]] for index in notes]
        return run


def _spans(record: Mapping[str, Any]) -> Iterator[Span]:
    for index, entry in enumerate(record["attributions"]):
        for part in ("source", "cue", "content"):
            for start, end in entry[part]:
                yield start, end, part, index
    for index, entry in enumerate(record["statements"]):
        yield entry["start"], entry["end"], "statement", index
        for start, end in entry["hedges"]:
            yield start, end, "hedge", None
        for start, end, score in entry["loaded"]:
            yield start, end, "loaded", score


def _sweep(start: int, end: int, spans: Iterable[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    """Stretches of a range with the spans that cover each."""
    opening: dict[int, list[Span]] = {}
    closing: dict[int, list[Span]] = {}
    for span in spans:
        first, last = max(span[0], start), min(span[1], end)
        if first < last:
            opening.setdefault(first, []).append(span)
            closing.setdefault(last, []).append(span)
    active: dict[Span, None] = {}
    places = sorted({start, end, *opening, *closing})
    for first, last in pairwise(places):
        for span in closing.get(first, ()):
            active.pop(span, None)
        for span in opening.get(first, ()):
            active[span] = None
        yield first, last, list(active)


def _lift_content(group: View) -> None:
    """Say once, for the whole statement, whose content all of its runs are."""
    runs = group["runs"]
    shared = [key for key, kind in runs[0]["parts"] if kind == "content"]
    for run in runs[1:]:
        own = {key for key, kind in run["parts"] if kind == "content"}
        shared = [key for key in shared if key in own]
    group["content"] = shared
    for run in runs:
        run["parts"] = [[key, kind] for key, kind in run["parts"] if kind != "content" or key not in shared]
