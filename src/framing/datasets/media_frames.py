"""The Media Frames Corpus: policy frames of articles and of stretches in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.datasets.common import Corpus, PathLike, corpus_bunch, find, indicators, read_text
from framing.datasets.frames import POLICY_FRAMES

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_media_frames"]

_CORPUS = Corpus(
    "Media Frames Corpus",
    "expected ISSUE_labeled.json, or annotations/ISSUE.json and articles/*.txt",
    "GPL-3.0 (annotations); the texts belong to their publishers and must be had from LexisNexis",
    "Card, Boydstun, Gross, Resnik and Smith (2015). The Media Frames Corpus: Annotations of Frames "
    "Across Issues. ACL-IJCNLP 2015.",
    "annotations and scripts are at https://github.com/dallascard/media_frames_corpus; its authors hand "
    "out later versions",
)
_TONES = {17: "pro", 18: "neutral", 19: "anti"}
_OTHER = "other"
# What the annotators' screens showed before the article: its number, and a line to mark the primary frame on.
_HEAD = re.compile(r"\A\s*[A-Z][A-Za-z.0-9]*-\d+\s+PRIMARY\s+")


def load_media_frames(path: PathLike, issue: str = "immigration") -> Bunch:
    """Load one issue of the Media Frames Corpus.

    Parameters
    ----------
    path : str or path-like
        Folder with `ISSUE_labeled.json`, as the authors hand it out; or the repository's root, with
        `annotations/ISSUE.json` and the articles that its scripts fetched below `articles`.
    issue : str, default="immigration"
        Beginning of the file's name: "immigration", "smoking", "tobacco", "samesex", "guncontrol",
        "deathpenalty" and the like.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `titles`, `outlets` (lists of str); `years`, list of int or None;
        `spans`, lists of dicts with `start`, `end`, `frame` and `annotator`; `frames`, list of lists
        of names, those that at least half of the article's annotators marked somewhere; `target`,
        bool array of shape (n_articles, 14) with the columns `target_names`; `primary`, array of str
        or None, the primary frame; `tones`, array of "pro", "neutral", "anti" or None; `relevant`,
        bool array; `test_sets`, dict of bool arrays from `ISSUE_test_sets.json`, empty without it;
        `missing`, list of the ids of articles whose text was not found; `groups`, array of str, the
        article.

    Notes
    -----
    The article's number and the line "PRIMARY", which only served the annotation, are cut off the
    texts, and the spans are moved accordingly. Spans beyond the text are clipped, those of nothing but
    blanks left out. The frame "other" is kept among the spans and as a primary frame, but is none of
    `target_names`.
    """
    root = find(path, _CORPUS, f"{issue}_labeled.json", f"annotations/{issue}.json", f"{issue}/{issue}_labeled.json")
    entries: dict[str, Any] = json.loads(read_text(root))
    texts: dict[str, str] = {}
    for name, entry in entries.items():
        text = entry.get("text") or _article(root, issue, name)
        if text is not None:
            texts[name] = text
    if entries and not texts:
        raise FileNotFoundError(
            f"{root} has no texts, and there are none in {root.parent.parent / 'articles'}; {_CORPUS.layout}. "
            f"{_CORPUS.get}"
        )
    kept = [entries[name] for name in texts]
    cuts = [head.end() if (head := _HEAD.match(text)) else 0 for text in texts.values()]
    bodies = [text[cut:] for text, cut in zip(texts.values(), cuts, strict=True)]
    votes = [entry.get("annotations", {}).get("framing", {}) for entry in kept]
    spans = [_spans(vote, body, cut) for vote, body, cut in zip(votes, bodies, cuts, strict=True)]
    frames = [_majority(found, len(vote)) for found, vote in zip(spans, votes, strict=True)]
    return corpus_bunch(
        _CORPUS,
        None,
        texts=bodies,
        ids=list(texts),
        titles=[str(entry.get("title") or "") for entry in kept],
        outlets=[str(entry.get("source") or "") for entry in kept],
        years=[int(entry["year"]) if str(entry.get("year") or "").isdigit() else None for entry in kept],
        spans=spans,
        frames=frames,
        target=indicators([[name for name in row if name != _OTHER] for row in frames], POLICY_FRAMES),
        target_names=list(POLICY_FRAMES),
        primary=np.array([_frame(entry.get("primary_frame")) for entry in kept], dtype=object),
        tones=np.array([_tone(entry.get("primary_tone")) for entry in kept], dtype=object),
        relevant=np.array([not entry.get("irrelevant") for entry in kept], dtype=bool),
        test_sets=_test_sets(root.with_name(f"{issue}_test_sets.json"), list(texts)),
        missing=[name for name in entries if name not in texts],
        groups=np.array(list(texts), dtype=object),
    )


def _article(annotations: Path, issue: str, name: str) -> str | None:
    home = annotations.parent.parent / "articles"
    for file in (home / f"{name}.txt", home / issue / f"{name}.txt"):
        if file.is_file():
            return read_text(file)
    return None


def _spans(votes: Mapping[str, Any], text: str, cut: int) -> list[dict[str, Any]]:
    found = []
    for annotator, entries in votes.items():
        for entry in entries:
            frame = _frame(entry["code"])
            start, end = (min(max(int(entry[side]) - cut, 0), len(text)) for side in ("start", "end"))
            if frame is None or not text[start:end].strip():
                continue
            start += len(text[start:end]) - len(text[start:end].lstrip())
            end = start + len(text[start:end].rstrip())
            found.append({"start": start, "end": end, "frame": frame, "annotator": annotator})
    return sorted(found, key=lambda span: (span["start"], span["end"], span["frame"], span["annotator"]))


def _majority(spans: list[dict[str, Any]], annotators: int) -> list[str]:
    marked: dict[str, set[str]] = {}
    for span in spans:
        marked.setdefault(span["frame"], set()).add(span["annotator"])
    return [name for name in (*POLICY_FRAMES, _OTHER) if 2 * len(marked.get(name, ())) >= max(annotators, 1)]


def _code(value: Any) -> int:
    # "5.2" is the primary frame 5, "5.1" frame 5 in the headline.
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return 0


def _frame(value: Any) -> str | None:
    code = _code(value)
    if 1 <= code <= len(POLICY_FRAMES):
        return POLICY_FRAMES[code - 1]
    return _OTHER if code == len(POLICY_FRAMES) + 1 else None


def _tone(value: Any) -> str | None:
    return _TONES.get(_code(value))


def _test_sets(file: Path, ids: list[str]) -> dict[str, np.ndarray]:
    if not file.is_file():
        return {}
    sets: dict[str, list[str]] = json.loads(read_text(file))
    return {name: np.isin(ids, members) for name, members in sets.items()}
