"""Corpora of biased and subjective language: BABE, CheckThat! and BASIL."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.datasets.common import (
    Corpus,
    PathLike,
    Spans,
    column,
    corpus_bunch,
    existing,
    find,
    find_file,
    join_sentences,
    read_text,
    table_rows,
)

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_babe", "load_basil", "load_checkthat"]

_BABE = Corpus(
    "BABE",
    "expected final_labels_SG2.csv",
    "AGPL-3.0 (repository), CC BY-NC-SA 4.0 (copies on data hubs)",
    "Spinde, Plank, Krieger, Ruas, Gipp and Aizawa (2021). Neural Media Bias Detection Using "
    "Distant Supervision With BABE - Bias Annotations By Experts. Findings of EMNLP 2021.",
    "a copy can be had from https://github.com/Media-Bias-Group/"
    "Neural-Media-Bias-Detection-Using-Distant-Supervision-With-BABE",
)

_CHECKTHAT = Corpus(
    "CheckThat! 2025 task 1, English",
    "expected train_en.tsv, dev_en.tsv and dev_test_en.tsv",
    "CC BY-NC-SA 4.0",
    "Ruggeri et al. (2025). Overview of the CLEF-2025 CheckThat! Lab Task 1 on Subjectivity "
    "in News Articles. CLEF 2025.",
    "a copy can be had from https://gitlab.com/checkthat_lab",
)

_BASIL = Corpus(
    "BASIL",
    "expected articles/YEAR/*.json and annotations/YEAR/*_ann.json",
    "none stated",
    "Fan, White, Sharma, Su, Choubey, Huang and Wang (2019). In Plain Sight: Media Bias "
    "Through the Lens of Factual Reporting. EMNLP-IJCNLP 2019.",
    "a copy can be had from https://github.com/marshallwhiteorg/emnlp19-media-bias",
)


def load_babe(path: PathLike) -> Bunch:
    """Load BABE: sentences marked by experts for bias, opinion and biased words.

    Parameters
    ----------
    path : str or path-like
        The file `final_labels_SG2.csv`, or the folder it lies in, or the repository's root.

    Returns
    -------
    Bunch
        By sentence: `texts` (list of str); `label_bias` and `label_opinion`, arrays of str as in
        the file ("No agreement" included); `target`, int array: 1 biased, 0 not, -1 no agreement;
        `biased_words`, list of lists of str; `biased_spans`, the places where they occur in the
        sentence; `outlets`, `topics`, `leanings`, arrays of str; `groups`, array of str: the
        article's link, or outlet and topic where there is no link.
    """
    corpus = _BABE
    file = find_file(path, corpus, "final_labels_SG2.csv")
    rows = table_rows(file, ";")
    words = [_word_list(row["biased_words"]) for row in rows]
    codes = {"Biased": 1, "Non-biased": 0}
    groups = [row["news_link"] or f"{row['outlet']} {row['topic']}" for row in rows]
    return corpus_bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        target=np.array([codes.get(row["label_bias"], -1) for row in rows], dtype=np.intp),
        label_bias=column(rows, "label_bias"),
        label_opinion=column(rows, "label_opinion"),
        biased_words=words,
        biased_spans=[_word_spans(r["text"], w) for r, w in zip(rows, words, strict=True)],
        outlets=column(rows, "outlet"),
        topics=column(rows, "topic"),
        leanings=column(rows, "type"),
        groups=np.array(groups, dtype=object),
    )


def load_checkthat(path: PathLike, split: str = "train") -> Bunch:
    """Load CheckThat! 2025 task 1, English: sentences that give their author's opinion, or not.

    Quoted opinion counts as objective here, because the author only reports it.

    Parameters
    ----------
    path : str or path-like
        Folder with `train_en.tsv`, `dev_en.tsv` and `dev_test_en.tsv`, or the task's, where they lie below
        `data/english`.
    split : str, default="train"
        Beginning of the file's name: "train", "dev" or "dev_test".

    Returns
    -------
    Bunch
        By sentence: `texts`, `ids` (lists of str); `target`, int array: 1 subjective, 0
        objective; `groups`, array of str, the ids, for the corpus does not name the articles.
    """
    corpus = _CHECKTHAT
    names = [f"{split}_en.tsv", f"{split}_en_labeled.tsv", f"{split}_en_gold.tsv"]
    file = find(path, corpus, *names, *(f"data/english/{name}" for name in names))
    rows = table_rows(file, "\t")
    return corpus_bunch(
        corpus,
        split,
        texts=[row["sentence"] for row in rows],
        ids=[row["sentence_id"] for row in rows],
        target=np.array([row["label"] == "SUBJ" for row in rows], dtype=np.intp),
        groups=column(rows, "sentence_id"),
    )


def load_basil(path: PathLike) -> Bunch:
    """Load BASIL: spans of lexical and informational bias in triples of articles.

    Parameters
    ----------
    path : str or path-like
        Folder that holds `articles/YEAR/*.json` and `annotations/YEAR/*_ann.json`, or the repository's
        root, where they lie below `data`.

    Returns
    -------
    Bunch
        By article: `texts`, built from the title, paragraphs and sentences; `ids`, `titles`,
        `dates` (lists of str); `outlets`, array of str; `sentences`, lists of [start, end]
        without the title; `spans`, lists of dicts of `start`, `end`, `bias` ("lexical" or
        "informational"), `quote` (bool), `speaker` and `target` (str), `polarity` (str);
        `groups`, array of str: the event that three outlets wrote about.
    """
    corpus = _BASIL
    root = find(path, corpus, "articles", "data/articles").parent
    files = sorted((root / "articles").rglob("*.json"))
    if not files:
        raise FileNotFoundError(f"{root / 'articles'} is empty, {corpus.layout}. {corpus.get}")
    rows = [json.loads(read_text(file)) for file in files]
    built = [join_sentences(row["title"], row["body-paragraphs"]) for row in rows]
    spans = []
    for file, row, (_, sentences) in zip(files, rows, built, strict=True):
        found = root / "annotations" / file.parent.name / f"{file.stem}_ann.json"
        annotation = json.loads(read_text(existing(found, corpus)))
        starts = [start for start, _ in sentences]
        spans.append(_basil_spans(annotation["phrase-level-annotations"], starts, row["title"]))
    return corpus_bunch(
        corpus,
        None,
        texts=[text for text, _ in built],
        ids=[file.stem for file in files],
        titles=[row["title"] for row in rows],
        dates=[row["date"] for row in rows],
        outlets=column(rows, "source"),
        sentences=[sentences for _, sentences in built],
        spans=spans,
        groups=column(rows, "triplet-uuid"),
    )


# Those around a word are straight in the list and often curly in the sentence.
_QUOTES = " \"'\u2018\u2019\u201c\u201d"


def _word_list(cell: str) -> list[str]:
    return [str(word) for word in ast.literal_eval(cell)] if cell else []


def _word_spans(sentence: str, words: Sequence[str]) -> Spans:
    """Every place where one of `words` stands as a whole word, without regard to case."""
    spans: Spans = []
    for word in filter(None, (word.strip(_QUOTES) for word in words)):
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        spans += [list(match.span()) for match in whole.finditer(sentence)]
    merged: Spans = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _basil_spans(
    phrases: Iterable[dict[str, Any]], starts: Sequence[int], title: str
) -> list[dict[str, Any]]:
    spans = []
    for phrase in phrases:
        # "p7" counts the sentences of the body from zero; anything else is the title.
        offset = starts[int(phrase["id"][1:])] if phrase["id"][1:].isdigit() else 0
        spans.append(
            {
                "start": offset + phrase["start"],
                "end": offset + phrase["end"],
                "bias": {"lex": "lexical", "inf": "informational"}[phrase["bias"]],
                "quote": phrase["quote"] == "yes",
                "speaker": phrase["speaker"],
                "target": phrase["target"],
                "polarity": phrase["polarity"],
            }
        )
    return sorted(spans, key=lambda span: (span["start"], span["end"]))
