"""Corpora of statements and sentences in whole articles: voice and kind, and NewsDiscourse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from framing.datasets.common import (
    Corpus,
    PathLike,
    Spans,
    corpus_bunch,
    find,
    join_sentences,
    json_lines,
    read_beside,
    read_text,
)

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_newsdiscourse", "load_statements"]

_STATEMENTS = Corpus(
    "framing statements",
    "expected train.jsonl and dev.jsonl",
    "offsets CC0; the texts keep the terms of the corpora they come from",
    "Voice and kind of statements in news, labelled by a language model after this project's "
    "annotation guide.",
    "it was made for this project and is not published with it; ask its maintainers",
)

_NEWSDISCOURSE = Corpus(
    "NewsDiscourse",
    "expected pairs of *.txt and *.ann below train and validation",
    "none stated",
    "Choubey, Lee, Huang and Wang (2020). Discourse as a Function of Event: Profiling "
    "Discourse Structure in News Articles around the Main Event. ACL 2020.",
    "a copy can be had from https://github.com/prafulla77/Discourse_Profiling",
)


def load_statements(path: PathLike, split: str = "train") -> Bunch:
    """Load statements labelled by voice and kind.

    Parameters
    ----------
    path : str or path-like
        Folder with `train.jsonl` and `dev.jsonl`.
    split : str, default="train"
        Name of the file, without its ending.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `origins` (lists of str); `sentences`, lists of [start, end];
        `segments`, lists of [start, end, label] with the labels `author_fact`, `author_opinion`,
        `source_fact`, `source_opinion` and `frame`; `groups`, array of str: the article, or the
        event where three outlets' articles about one event occur.

    Notes
    -----
    Only the first sentences of each article are labelled: text after the last of `sentences` is
    unknown, not free of statements.
    """
    corpus = _STATEMENTS
    rows = list(json_lines(find(path, corpus, f"{split}.jsonl")))
    return corpus_bunch(
        corpus,
        split,
        texts=[row["text"] for row in rows],
        ids=[row["id"] for row in rows],
        origins=[row["origin"] for row in rows],
        sentences=[row["sentences"] for row in rows],
        segments=[row["segments"] for row in rows],
        groups=np.array([_statement_group(row["id"]) for row in rows], dtype=object),
    )


def load_newsdiscourse(path: PathLike, split: str = "train") -> Bunch:
    """Load NewsDiscourse: what each sentence does for the news event, and whether it is speech.

    Parameters
    ----------
    path : str or path-like
        Folder that holds `train` and `validation`, or the repository's root, where they lie below
        `data`.
    split : str, default="train"
        Name of the sub-folder to read: "train" or "validation".

    Returns
    -------
    Bunch
        By article: `texts`, built from title, paragraphs and sentences without the corpus's
        sentence marks; `ids`, `titles`, `outlets`, `topics` (lists of str; the topic is the
        sub-folder, empty for the validation part); `sentences`, lists of [start, end] without the
        title; `types`, lists of str, None where a sentence has no type; `speech`, lists of bool;
        `groups`, array of str, the article.
    """
    corpus = _NEWSDISCOURSE
    root = find(path, corpus, split, f"data/{split}")
    files = sorted(root.rglob("*.txt"))
    if not files:
        raise FileNotFoundError(f"{root} has no *.txt files, {corpus.layout}. {corpus.get}")
    articles = [_newsdiscourse_article(read_text(file)) for file in files]
    labels = [_newsdiscourse_labels(read_beside(file, ".ann", corpus)) for file in files]
    pairs = list(zip(articles, labels, strict=True))
    # With the topic's folder: the same file name occurs in several of them.
    ids = [file.relative_to(root).with_suffix("").as_posix() for file in files]
    return corpus_bunch(
        corpus,
        split,
        texts=[text for text, _, _, _ in articles],
        ids=ids,
        titles=[title for _, title, _, _ in articles],
        outlets=[_newsdiscourse_outlet(file.stem) for file in files],
        topics=["" if file.parent == root else file.parent.name for file in files],
        sentences=[sentences for _, _, sentences, _ in articles],
        types=[[types.get(mark) for mark in marks] for (*_, marks), (types, _) in pairs],
        speech=[[mark in speech for mark in marks] for (*_, marks), (_, speech) in pairs],
        groups=np.array(ids, dtype=object),
    )

_BASIL_ID = re.compile(r"(basil_.*)_\d$")


def _statement_group(article_id: str) -> str:
    # The last digit of a BASIL article numbers the outlets that covered one event.
    event = _BASIL_ID.match(article_id)
    return event[1] if event else article_id

_SENTENCE_MARK = re.compile(r"(S\d+)(?:\s+|$)")
_DISCOURSE_LABEL = re.compile(r"^T\d+\t(\S+) \d+ \d+\t(\S+)", re.MULTILINE)


def _newsdiscourse_article(raw: str) -> tuple[str, str, Spans, list[str]]:
    """Text, title, places of the sentences and their marks ("S1")."""
    title = ""
    paragraphs: list[list[str]] = [[]]
    marks: list[str] = []
    for line in raw.split("\n"):
        mark = _SENTENCE_MARK.match(line)
        if mark:
            marks.append(mark[1])
            paragraphs[-1].append(line[mark.end() :].strip())
        elif line.startswith("H ") and not marks:
            title = line[2:].strip()
        elif not line.strip():
            paragraphs.append([])
    text, sentences = join_sentences(title, paragraphs)
    return text, title, sentences, marks


def _newsdiscourse_labels(annotation: str) -> tuple[dict[str, str], set[str]]:
    labels = _DISCOURSE_LABEL.findall(annotation)
    types = {mark: label for label, mark in labels if label != "Speech"}
    return types, {mark for label, mark in labels if label == "Speech"}


def _newsdiscourse_outlet(name: str) -> str:
    return next((o for o in ("Reuters", "Xinhua") if o in name), "New York Times")
