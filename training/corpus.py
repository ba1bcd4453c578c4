"""Annotated articles in tokens: what the token network and the encoder learn from.

An article that several corpora annotate is one document with all its targets. A twentieth of the
articles is kept out (:func:`common.held_out`) to fit decoding and to stop early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from common import held_out, line_ranges, training_statements
from framing.datasets import (
    load_basil,
    load_narrative_frames,
    load_newsdiscourse,
    load_polnear,
    load_semeval2023_task3,
)
from framing.sentences import split_sentences
from framing.tokens import PARAGRAPH, STATEMENT_LABELS, encode_text

IGNORE = -100
_TAIL, _SHORT = 30, 400  # characters that mark the end of a labelled beginning; shorter rests are left out
TYPES = (
    "NA", "Main", "Main_Consequence", "Cause_Specific", "Cause_General", "Distant_Historical",
    "Distant_Anecdotal", "Distant_Evaluation", "Distant_Expectations_Consequences",
)  # fmt: skip
"""Sentence types of NewsDiscourse (Choubey et al. 2020)."""


@dataclass
class Soft:
    """What a teacher thinks of a document, as :mod:`soft_labels` writes it."""

    statements: np.ndarray  # (n_tokens, 5) probabilities
    cues: np.ndarray  # (n_tokens, 3)
    roles: np.ndarray  # (n_tokens, 2) source and content of any attribution
    link_cues: np.ndarray  # (n_cues, 2) first and last token
    links: np.ndarray  # (n_cues, window, 2) source and content, in 255ths


@dataclass
class Document:
    """One annotated text: word ids, quotation states and the targets that it has.

    Token targets have one entry a token, sentence targets one a sentence; ``IGNORE`` (or -1 for
    ``source`` and ``content``) where nothing is known.
    """

    identity: str
    text: str
    words: np.ndarray
    quotes: np.ndarray
    statements: np.ndarray
    cue: np.ndarray  # 0 outside, 1 begin, 2 inside
    source: np.ndarray  # 0 or 1
    content: np.ndarray
    links: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    """Token indices of cue, source and content of every attribution."""
    sentences: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    """First token and token after the last."""
    types: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    speech: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    soft: Soft | None = None


def covered(spans: np.ndarray, ranges: list[list[int]]) -> np.ndarray:
    """Indices of the tokens that a discontinuous span covers."""
    inside = np.zeros(len(spans), dtype=bool)
    for start, end in ranges:
        inside |= (spans[:, 0] < end) & (spans[:, 1] > start)
    return np.flatnonzero(inside)


class Corpus:
    """Documents over one list of distinct words."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {PARAGRAPH: 0}
        self.documents: list[Document] = []

    def add(
        self,
        identity: str,
        text: str,
        *,
        segments: Sequence[Any] | None = None,
        attributions: Sequence[dict[str, Any]] | None = None,
        discourse: tuple[Sequence[Any], Sequence[str], Sequence[bool]] | None = None,
    ) -> Document:
        """Add a text with the annotations that it has: statements, attributions, typed sentences."""
        encoded = encode_text(text, line_ranges(text))
        spans, size = encoded.spans, len(encoded.words)
        ids = [self.index.setdefault(word, len(self.index)) for word in encoded.words]
        statements, cue = np.full(size, IGNORE), np.full(size, IGNORE)
        source, content = np.full(size, -1.0, np.float32), np.full(size, -1.0, np.float32)
        links: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for start, end, label in segments or ():
            statements[covered(spans, [[start, end]])] = STATEMENT_LABELS.index(label)
        if attributions is not None:
            cue[:], source[:], content[:] = 0, 0, 0
            for entry in attributions:
                parts = [covered(spans, entry[role]) for role in ("cue", "source", "content")]
                source[parts[1]], content[parts[2]] = 1, 1
                if len(parts[0]) and len(parts[2]):
                    links.append((parts[0], parts[1], parts[2]))
            for tokens, _, _ in links:
                # The longest run stands for a cue in pieces: a second beginning would be a second cue.
                runs = np.split(tokens, np.flatnonzero(np.diff(tokens) > 1) + 1)
                run = max(runs, key=len)
                cue[run[1:]] = 2
                cue[run[0]] = 1
        if discourse is None:
            ranges = [pair for a, b in line_ranges(text) for pair in split_sentences(text, a, b)]
            types = speech = np.full(len(ranges), IGNORE)
        else:
            ranges = [tuple(pair) for pair in discourse[0]]
            types = np.array([TYPES.index(name) if name in TYPES else IGNORE for name in discourse[1]])
            speech = np.array(discourse[2], dtype=np.int64)
        limits = np.array(ranges, dtype=np.int64).reshape(-1, 2)
        first = np.searchsorted(spans[:, 1], limits[:, 0], side="right")
        stop = np.searchsorted(spans[:, 0], limits[:, 1], side="left")
        kept = stop > first
        document = Document(
            identity, text, np.array(ids, dtype=np.int64), encoded.quotes.astype(np.int64), statements, cue, source,
            content, links, np.column_stack([first, stop])[kept], types[kept], speech[kept],
        )  # fmt: skip
        self.documents.append(document)
        return document


def build_corpus(corpora: Path, keep: Callable[[str], bool] = lambda name: not held_out(name)) -> Corpus:
    """The training articles of statements, PolNeAR and NewsDiscourse; all but the held-out ones by default."""
    polnear = load_polnear(corpora / "polnear", "train")
    whole: dict[str, tuple[str, dict[str, Any]]] = {}
    for article, attributions in zip(polnear.articles, polnear.annotations, strict=True):
        # A few articles have six annotators; one copy of each is enough.
        whole.setdefault(_key(polnear.ids[article]), (polnear.texts[article], {"attributions": attributions}))
    news = load_newsdiscourse(corpora / "newsdiscourse", "train")
    for name, text, *discourse in zip(news.ids, news.texts, news.sentences, news.types, news.speech, strict=True):
        whole[name] = (text, {"discourse": tuple(discourse)})
    corpus = Corpus()
    statements = training_statements(corpora)
    for origin, text, sentences, segments in zip(
        statements.origins, statements.texts, statements.sentences, statements.segments, strict=True
    ):
        beginning = text[: sentences[-1][1]]
        full = whole.get(_key(origin))
        if full is not None and full[0].startswith(beginning):
            full[1]["segments"] = segments
        elif keep(origin):
            corpus.add(origin, beginning, segments=segments)
    for name, (text, targets) in whole.items():
        if keep(name):
            corpus.add(name, text, **targets)
    return corpus


def add_soft_labels(corpus: Corpus, folder: Path) -> None:
    """Give the documents the soft labels that ``soft_labels.py --corpora`` wrote, and add the texts without labels."""
    known: dict[str, list[Document]] = {}  # agency copy stands in several outlets
    for document in corpus.documents:
        known.setdefault(document.text, []).append(document)
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as stored:
            text = str(stored["text"])
            soft = Soft(**{part.name: stored[part.name] for part in fields(Soft)})
        for document in known.get(text) or [corpus.add(path.stem, text)]:
            document.soft = soft
    missing = sum(document.soft is None for document in corpus.documents)
    if missing:
        raise ValueError(f"{folder} lacks soft labels of {missing} documents; write them again for these corpora.")


def unlabelled(corpora: Path) -> list[tuple[str, str]]:
    """Names and texts of articles that no token is labelled in, or of what follows the labelled beginning.

    Held-out articles are left out whole.
    """
    statements = training_statements(corpora)
    beginnings, origins = {}, {}
    for origin, text, sentences in zip(statements.origins, statements.texts, statements.sentences, strict=True):
        beginnings[_key(origin)] = text[: sentences[-1][1]]
        origins[_key(origin)] = origin
    semeval = load_semeval2023_task3(corpora / "semeval2023_task3")
    narrative = load_narrative_frames(corpora / "narrative_frames")
    basil = load_basil(corpora / "basil")
    named = [(f"articles_en.jsonl#{name}", text) for name, text in zip(semeval.ids, semeval.texts, strict=True)]
    named += [(f"articles.jsonl#{name}", text) for name, text in zip(narrative.ids, narrative.texts, strict=True)]
    named += zip(basil.ids, basil.texts, strict=True)
    out = []
    for name, text in named:
        beginning = beginnings.get(name, "")
        # The labelled copy may differ in white space; its last words still say where it ends.
        end = text.rfind(beginning[-_TAIL:]) if beginning else -1
        rest = text[end + _TAIL if end >= 0 else len(beginning) :]
        if not held_out(origins.get(name, name)) and len(rest) > _SHORT:
            out.append((name, rest))
    return out


def _key(name: str) -> str:
    """The article in its corpus: NewsDiscourse numbers its articles anew in every folder."""
    parts = name.removesuffix(".txt").removesuffix(".json").split("/")
    return "/".join(parts[-2:] if "newsdiscourse" in parts else parts[-1:])
