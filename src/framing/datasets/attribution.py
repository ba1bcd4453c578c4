"""Corpora of who says what: PolNeAR and the speakers of its attributions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from framing.datasets.common import Corpus, PathLike, Spans, column, corpus_bunch, find, json_lines, listing, read_text

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_polnear", "load_sources"]

_POLNEAR = Corpus(
    "PolNeAR 1.0",
    "expected train/text/*.txt and train/attributions/*.ann",
    "none stated",
    "Newell, Margolin and Ruths (2018). An Attribution Relations Corpus for Political News. LREC 2018.",
    "a copy can be had from https://github.com/networkdynamics/PolNeAR",
)

_SOURCES = Corpus(
    "framing sources",
    "expected dev.jsonl",
    "offsets CC0; the texts keep the terms of PolNeAR, which they come from",
    "Speakers of attributions in news, labelled by a language model after this project's "
    "annotation guide.",
    "it was made for this project and is not published with it; ask its maintainers",
)


def load_polnear(path: PathLike, split: str = "train") -> Bunch:
    """Load PolNeAR: attributions (source, cue, content) in US political news.

    Parameters
    ----------
    path : str or path-like
        Folder that holds `train/text/*.txt`, `train/attributions/*.ann` and the like, or the
        repository's root, where they lie below `data`.
    split : str, default="train"
        Name of the sub-folder to read: "train" or "dev".

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `outlets`, `dates` (lists of str).
        By annotation file (an article has one file for each of its annotators): `annotations`, a
        list of lists of attributions in the order of their cues; `articles`, int array, the index
        into `texts`; `annotators`, list of str; `groups`, the same as `articles`.
        An attribution is a dict of `source` ([] where the text names none), `cue` and `content`,
        each a list of [start, end]. Attributions inside another's content are not annotated.

    Notes
    -----
    Known defects are repaired. Spans that start or end inside a word grow to the whole word.
    Pieces with only blanks between them are joined; line breaks and words keep them apart. A
    second content is a further piece of the first. Events without a content or a cue and spans
    outside any event are left out. The text repeated in the annotation file is ignored, for it
    may contain line breaks.
    """
    corpus = _POLNEAR
    root = find(path, corpus, split, f"data/{split}")
    text_files = listing(root / "text", ".txt", corpus)
    ids = [file.stem for file in text_files]
    texts = [read_text(file) for file in text_files]
    index = {name: i for i, name in enumerate(ids)}
    annotations, articles, annotators = [], [], []
    for file in listing(root / "attributions", ".ann", corpus):
        name, _, annotator = file.stem.rpartition("_")
        if name not in index:
            raise FileNotFoundError(
                f"{file.name} annotates {name}.txt, which is not in {root / 'text'}. {corpus.get}"
            )
        articles.append(index[name])
        annotators.append(annotator)
        annotations.append(_polnear_attributions(read_text(file), texts[index[name]]))
    return corpus_bunch(
        corpus,
        split,
        texts=texts,
        ids=ids,
        outlets=[name.split("_")[0] for name in ids],
        dates=[name.partition("_")[2].partition("_")[0] for name in ids],
        annotations=annotations,
        articles=np.array(articles, dtype=np.intp),
        annotators=annotators,
        groups=np.array(articles, dtype=np.intp),
    )


def load_sources(path: PathLike, split: str = "dev") -> Bunch:
    """Load attributions with their speaker, the speaker's type and whether it is named.

    Parameters
    ----------
    path : str or path-like
        Folder with `dev.jsonl`.
    split : str, default="dev"
        Name of the file, without its ending.

    Returns
    -------
    Bunch
        By article: `texts`, `ids` (lists of str); `attributions`, lists of dicts with `source`,
        `cue`, `content` (lists of [start, end]), `speaker` (str or None), `source_type` (str) and
        `named` (bool); `groups`, array of str, the article.
    """
    corpus = _SOURCES
    rows = list(json_lines(find(path, corpus, f"{split}.jsonl")))
    return corpus_bunch(
        corpus,
        split,
        texts=[row["text"] for row in rows],
        ids=[row["id"] for row in rows],
        attributions=[row["attributions"] for row in rows],
        groups=column(rows, "id"),
    )

_BRAT_SPAN = re.compile(r"^T(\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t", re.MULTILINE)
_BRAT_EVENT = re.compile(r"^E\d+\t(Attribution\S*):T(\d+)(.*)$", re.MULTILINE)
_BRAT_ROLE = re.compile(r"(Source|Cue|Content)\d*:T(\d+)")


def _polnear_attributions(annotation: str, text: str) -> list[dict[str, Spans]]:
    spans = {
        number: [[int(offset) for offset in piece.split()] for piece in pieces.split(";")]
        for number, _, pieces in _BRAT_SPAN.findall(annotation)
    }
    found = []
    for _, trigger, arguments in _BRAT_EVENT.findall(annotation):
        roles: dict[str, Spans] = {"Source": [], "Cue": [], "Content": []}
        for role, number in _BRAT_ROLE.findall(arguments):
            roles[role] += spans.get(number, [])
        if roles["Content"] and not roles["Cue"]:
            # The event hangs on a copy of its cue, so a forgotten cue can be had from there.
            roles["Cue"] = spans.get(trigger, [])
        record = {role.lower(): _repair(pieces, text) for role, pieces in roles.items()}
        if record["cue"] and record["content"] and record not in found:
            found.append(record)
    found.sort(key=lambda record: (record["cue"][0], record["content"][0]))
    return found


def _repair(pieces: Spans, text: str) -> Spans:
    """Sort, clip, widen to whole words, strip and join the pieces of one span."""
    repaired: Spans = []
    for start, end in sorted(pieces):
        end = min(end, len(text))
        if start >= end:
            continue
        while _inside_word(text, start):
            start -= 1
        while _inside_word(text, end):
            end += 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end = start + len(text[start:end].rstrip())
        if start >= end:
            continue
        if repaired and _only_blanks(text[repaired[-1][1] : start]):
            repaired[-1][1] = max(repaired[-1][1], end)
        else:
            repaired.append([start, end])
    return repaired


def _inside_word(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if not (before.isalnum() and after.isalnum()):
        return False
    # Scraped pages glue words together ("9:52PMBush", "aboutVladimir"); a span that ends at
    # such a seam is right as it is.
    seam = before.islower() and after.isupper()
    seam |= before.isupper() and after.isupper() and text[place + 1 : place + 2].islower()
    return not (seam or before.isdigit() != after.isdigit())


def _only_blanks(gap: str) -> bool:
    return not gap.strip() and "\n" not in gap
