"""The MPQA Opinion Corpus: private states and speech events with their sources."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.datasets.common import Corpus, PathLike, Spans, corpus_bunch, existing, find, read_text

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_mpqa"]

_CORPUS = Corpus(
    "MPQA Opinion Corpus",
    "expected docs/PARENT/LEAF and man_anns/PARENT/LEAF/gateman.mpqa.lre.*",
    "GPL (annotations); the texts belong to their publishers",
    "Wiebe, Wilson and Cardie (2005). Annotating Expressions of Opinions and Emotions in Language. "
    "Language Resources and Evaluation 39. Version 2.0: Wilson (2008). Fine-grained Subjectivity and "
    "Sentiment Analysis. PhD thesis, University of Pittsburgh.",
    "a copy can be had from https://mpqa.cs.pitt.edu/corpora/mpqa_corpus/",
)
_EXPRESSIONS = ("direct-subjective", "expressive-subjectivity", "objective-speech-event")
_ATTRIBUTE = re.compile(r'([\w-]+)\s*=\s*"([^"]*)"')


def load_mpqa(path: PathLike) -> Bunch:
    """Load the MPQA Opinion Corpus, version 1.2, 2.0 or 3.0.

    Parameters
    ----------
    path : str or path-like
        Folder that holds `docs` and `man_anns`, or the one above it, where it is called `database`.

    Returns
    -------
    Bunch
        By article: `texts`, `ids` ("20010927/23.18.15-25073"), `topics` (list of str, "" where there is
        none); `sentences`, lists of [start, end]; `subjective`, lists of bool, whether each sentence is
        subjective by the rule that comes with the corpus; `expressions`, lists of dicts; `groups`, array
        of str, the article.
        An expression is a dict of `start`, `end`, `type` ("direct-subjective",
        "expressive-subjectivity" or "objective-speech-event"), `nested_source` (list of str, from the
        writer, "w", inwards), `source` (list of [start, end]: the nearest mention of the innermost
        source, [] if there is none or it is the writer), `intensity`, `polarity` (str or None) and
        `implicit`, `insubstantial` (bool).

    Notes
    -----
    The corpus counts bytes; here, as everywhere, offsets are code points. Expressions without words
    (implicit ones, and agents that only give an id) have no span: such expressions are kept with
    `start` equal to `end`, such agents are no mentions. Attributes come in any order and with blanks
    around commas. Documents that are not UTF-8 are read as Latin-1.
    """
    root = find(path, _CORPUS, "man_anns", "database/man_anns").parent
    files = sorted((root / "man_anns").glob("*/*/gateman.mpqa.lre.*"))
    if not files:
        raise FileNotFoundError(f"{root / 'man_anns'} has no annotations; {_CORPUS.layout}. {_CORPUS.get}")
    topics = _topics(root)
    rows = [_document(root, file) for file in files]
    ids = [f"{file.parent.parent.name}/{file.parent.name}" for file in files]
    return corpus_bunch(
        _CORPUS,
        None,
        texts=[text for text, *_ in rows],
        ids=ids,
        topics=[topics.get(name, "") for name in ids],
        sentences=[sentences for _, sentences, *_ in rows],
        subjective=[_subjective(sentences, expressions) for _, sentences, expressions in rows],
        expressions=[expressions for *_, expressions in rows],
        groups=np.array(ids, dtype=object),
    )


def _document(root: Path, file: Path) -> tuple[str, Spans, list[dict[str, Any]]]:
    data = existing(root / "docs" / file.parent.parent.name / file.parent.name, _CORPUS).read_bytes()
    try:
        text = data.decode("utf-8")
        sizes = [len(char.encode("utf-8")) for char in text]
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        sizes = [1] * len(text)
    starts = [0, *accumulate(sizes)]
    mentions: dict[tuple[str, ...], Spans] = {}
    expressions: list[dict[str, Any]] = []
    for kind, place, attributes in _lines(file):
        start, end = (_point(starts, offset) for offset in place)
        nested = [name.strip() for name in attributes.get("nested-source", "").split(",") if name.strip()]
        if kind == "agent" and start < end:
            # The first mention of an agent gives it its id, the others only name it.
            for names in (nested, [attributes.get("id", "").strip()]):
                if names and names[-1]:
                    mentions.setdefault(tuple(names), []).append([start, end])
        elif kind in _EXPRESSIONS:
            expressions.append(
                {
                    "start": start,
                    "end": end,
                    "type": kind,
                    "nested_source": nested,
                    "intensity": attributes.get("intensity"),
                    "polarity": attributes.get("polarity"),
                    "implicit": attributes.get("implicit", "false") != "false",
                    "insubstantial": attributes.get("insubstantial", "none") not in ("", "none"),
                }
            )
    for expression in expressions:
        expression["source"] = _nearest(mentions, expression)
    sentences: Spans = []
    for beside in sorted(file.parent.glob("gatesentences.mpqa.*")):
        sentences += [[_point(starts, offset) for offset in place] for _, place, _ in _lines(beside)]
    expressions.sort(key=lambda entry: (entry["start"], entry["end"], entry["type"]))
    return text, sorted(span for span in sentences if span[0] < span[1]), expressions


def _lines(file: Path) -> Iterator[tuple[str, tuple[int, int], dict[str, str]]]:
    """Kind, range in bytes and attributes of every annotation."""
    for line in read_text(file).splitlines():
        fields = line.split("\t")
        if line.startswith("#") or len(fields) < 4:
            continue
        start, _, end = fields[1].partition(",")
        attributes = dict(_ATTRIBUTE.findall("\t".join(fields[4:])))
        yield fields[3].strip().removeprefix("GATE_"), (int(start), int(end)), attributes


def _point(starts: Sequence[int], offset: int) -> int:
    """Code point at a byte; the place before the character if the byte is inside one."""
    return min(bisect_right(starts, offset) - 1, len(starts) - 1)


def _nearest(mentions: dict[tuple[str, ...], Spans], expression: dict[str, Any]) -> Spans:
    nested = expression["nested_source"]
    if len(nested) < 2:  # the writer's own
        return []
    found = mentions.get(tuple(nested)) or mentions.get((nested[-1],)) or []
    middle = (expression["start"] + expression["end"]) / 2
    closest = min(found, key=lambda span: (abs((span[0] + span[1]) / 2 - middle), span), default=None)
    return [] if closest is None else [closest]


def _subjective(sentences: Spans, expressions: list[dict[str, Any]]) -> list[bool]:
    strong = [
        e["start"]
        for e in expressions
        if (e["type"] == "direct-subjective" and e["intensity"] not in ("low", "neutral") and not e["insubstantial"])
        or (e["type"] == "expressive-subjectivity" and e["intensity"] != "low")
    ]
    return [any(start <= place < end for place in strong) for start, end in sentences]


def _topics(root: Path) -> dict[str, str]:
    file = root.parent / "doclist.mpqaOriginalByTopic"
    beside = root / file.name
    for found in (beside, file):
        if found.is_file():
            pairs = re.findall(r"^topic:\s*(\S+)\s+file:\s*(\S+)", read_text(found), re.MULTILINE)
            return {name: topic for topic, name in pairs}
    return {}
