"""CoNLL-style files: a token a line with BIO tags, blank lines between sentences; for reading only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from framing.annotations.annotated import Annotated
from framing.annotations.marks import Mark, build, resolve_label
from framing.exceptions import ArticleError

__all__ = ["read_conll"]

_TAG = re.compile(r"([BIOESUL])-(.+?)(?:-(\d+))?$")
_NEW_ARTICLE = re.compile(r"# ?newdoc(?: id)?(?: ?= ?(.*))?$|-DOCSTART-.*$")
_TEXT = re.compile(r"# ?text ?= ?(.*)$")
_NUMBERED = re.compile(r"\d+(?:[-.]\d+)?$")


def read_conll(file: Path, labels: Mapping[str, str | None] | None) -> list[Annotated]:
    """Read articles from token lines.

    The token is the first column (the second where the first numbers the tokens, as in CoNLL-U), the tags are in
    the last, several divided by commas or bars where spans overlap: ``B-Cue-2``, ``I-Content-1|B-Source-2``. BIO,
    BIOES and BILOU are read. The number says to which attribution of its article a part belongs; parts without one
    belong together within a sentence. ``# newdoc id = …`` or ``-DOCSTART-`` begins an article, ``# text = …`` gives
    a sentence as it was, else tokens are joined by blanks.
    """
    text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    return [article.build(labels, file) for article in _articles(text, file.name)]


class _Article:
    """Grows sentence by sentence."""

    def __init__(self, given: str | None) -> None:
        self.id = given or None
        self.text = ""
        self.spans: list[tuple[int, int, str, str]] = []  # start, end, label, attribution

    def add(self, sentence: str | None, rows: list[tuple[str, str]], number: int, where: str) -> None:
        start = len(self.text) + bool(self.text)
        whole = " ".join(token for token, _ in rows) if sentence is None else sentence
        self.text = f"{self.text}\n{whole}" if self.text else whole
        places, place = [], 0
        for token, _ in rows:
            place = whole.find(token, place)
            if place < 0:
                raise ArticleError(f"{where}: the token {token!r} is not in the sentence's text {whole!r}.")
            places.append((start + place, start + place + len(token)))
            place += len(token)
        opened: dict[tuple[str, str], int] = {}  # number of the span that a tag continues
        for (begin, end), (_, tags) in zip(places, rows, strict=True):
            going: dict[tuple[str, str], int] = {}
            for tag in re.split(r"[|,]", tags):
                if tag in ("O", "_", "-", ""):
                    continue
                parsed = _TAG.match(tag)
                if parsed is None:
                    raise ArticleError(f"{where}: the tag {tag!r} is none of O, B-Label, I-Label or B-Label-1.")
                position, label, owner = parsed.groups()
                key = (label, owner or f"sentence {number}")
                if position in "IEL" and key in opened:
                    span = opened[key]
                    self.spans[span] = (self.spans[span][0], end, *key)
                else:
                    span = len(self.spans)
                    self.spans.append((begin, end, *key))
                if position not in "ESUL":
                    going[key] = span
            opened = going

    def build(self, labels: Mapping[str, str | None] | None, file: Path) -> Annotated:
        marks: list[Mark] = []
        owners: dict[str, list[int]] = {}
        for start, end, label, owner in self.spans:
            ours = resolve_label(label, labels, file.name)
            if ours is not None:
                owners.setdefault(owner, []).append(len(marks))
                marks.append(Mark(ours, [[start, end]]))
        links = [(one, other) for group in owners.values() for one in group for other in group if one < other]
        fields: dict[str, Any] = build(marks, links)
        return Annotated(text=self.text, id=self.id or file.stem, **fields)


def _articles(text: str, name: str) -> Iterator[_Article]:
    article = _Article(None)
    sentence: str | None = None
    rows: list[tuple[str, str]] = []
    count = 0
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        where = f"{name}, line {number}"
        fresh = _NEW_ARTICLE.match(line)
        if (not line.strip() or fresh) and rows:
            count += 1
            article.add(sentence, rows, count, where)
            sentence, rows = None, []
        if fresh:
            if article.text:
                yield article
            article = _Article(fresh[1])
        elif given := _TEXT.match(line):
            sentence = given[1]
        elif line.strip() and not line.startswith("# "):
            row = _row(line, where)
            if row is not None:
                rows.append(row)
    if article.text:
        yield article


def _row(line: str, where: str) -> tuple[str, str] | None:
    columns = line.split("\t") if "\t" in line else line.split()
    if len(columns) < 2:
        raise ArticleError(f"{where}: a token and a tag were expected. Got {line!r} instead.")
    if len(columns) > 2 and _NUMBERED.match(columns[0]):
        # "3-4" is a contraction that its words repeat, "3.1" a word that is not there.
        return (columns[1], columns[-1]) if columns[0].isdigit() else None
    return columns[0], columns[-1]
