"""Corpora of frames: SemEval-2023, Narrative Frames, GVFC and issue framing in forums."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.datasets.common import (
    Corpus,
    PathLike,
    column,
    copy_of,
    corpus_bunch,
    find,
    find_file,
    indicators,
    json_lines,
    listing,
    read_text,
    table_rows,
)

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["POLICY_FRAMES", "load_gvfc", "load_issue_dialogue", "load_narrative_frames", "load_semeval2023_task3"]

POLICY_FRAMES = (
    "economic",
    "capacity_and_resources",
    "morality",
    "fairness_and_equality",
    "legality_constitutionality_and_jurisprudence",
    "policy_prescription_and_evaluation",
    "crime_and_punishment",
    "security_and_defense",
    "health_and_safety",
    "quality_of_life",
    "cultural_identity",
    "public_opinion",
    "political",
    "external_regulation_and_reputation",
)

_NARRATIVE_FRAMES = ("conflict", "human_interest", "economic", "morality", "resolution")

_GVFC_FRAMES = (
    "gun_rights",
    "gun_control",
    "politics",
    "mental_health",
    "public_safety",
    "race_ethnicity",
    "public_opinion",
    "society_culture",
    "economic",
)
_GVFC_TABLES = ("GVFC_headlines_and_annotations.csv", "GVFC_extension_multimodal.csv")

_NARRATIVE_CODES = {
    "CO": "conflict",
    "HI": "human_interest",
    "EC": "economic",
    "MO": "morality",
    "RE": "resolution",
}

_SEMEVAL2023_TASK3 = Corpus(
    "SemEval-2023 task 3, English, frames",
    "expected train-labels-subtask-2.txt beside train-articles-subtask-2, or articles_en.jsonl",
    "for research; not to be passed on",
    "Piskorski, Stefanovitch, Da San Martino and Nakov (2023). SemEval-2023 Task 3: Detecting "
    "the Category, the Framing, and the Persuasion Techniques in Online News in a "
    "Multi-lingual Setup. SemEval 2023.",
    "its organisers hand out copies at https://propaganda.math.unipd.it/semeval2023task3",
)

_NARRATIVE = Corpus(
    "Narrative Frames Corpus",
    "expected articles_metadata.tsv or articles.jsonl",
    "MIT (repository); the texts belong to third parties",
    "Frermann, Li, Khanehzar and Mikolajczak (2023). Conflicts, Villains, Resolutions: "
    "Towards models of Narrative Media Framing. ACL 2023.",
    "its paper links to a copy, https://doi.org/10.18653/v1/2023.acl-long.486",
)

_GVFC = Corpus(
    "Gun Violence Frame Corpus",
    "expected GVFC_headlines_and_annotations.csv or headlines.jsonl",
    "none stated",
    "Liu, Guo, Mays, Betke and Wijaya (2019). Detecting Frames in News Headlines and Its "
    "Application to Analyzing News Framing Trends Surrounding U.S. Gun Violence. CoNLL 2019.",
    "its paper links to a copy, https://doi.org/10.18653/v1/K19-1047",
)

_ISSUE_DIALOGUE = Corpus(
    "Issue framing in online discussion fora",
    "expected dev.jsonl",
    "none stated",
    "Hartmann, Jansen, Augenstein and Søgaard (2019). Issue Framing in Online Discussion "
    "Fora. NAACL-HLT 2019.",
    "its paper links to a copy, https://doi.org/10.18653/v1/N19-1142",
)


def load_semeval2023_task3(path: PathLike, split: str | None = None) -> Bunch:
    """Load SemEval-2023 task 3, English: the policy frames of news articles.

    Parameters
    ----------
    path : str or path-like
        Folder with `train-articles-subtask-2/article*.txt` and `train-labels-subtask-2.txt`, or the
        task's root, where they lie below `data/en`. Or one file of all articles, `articles_en.jsonl`
        (an object per article with `id`, `title`, `text` and `frames`), or the folder it lies in.
    split : str, optional
        "train" or "dev"; by default the one file if it is there, else "train".

    Returns
    -------
    Bunch
        By article: `texts`, `titles`, `ids` (lists of str); `frames`, list of lists of names;
        `target`, bool array of shape (n_articles, 14) with the columns `target_names`; `groups`,
        array of str, the article.

    Notes
    -----
    In the task's own files an article's first line is its title, and stays in the text. Articles
    without a line of labels are left out, and so are labels without an article.
    """
    corpus = _SEMEVAL2023_TASK3
    home = copy_of(path, corpus)
    one_file = home if home.is_file() else home / "articles_en.jsonl"
    if split is None and one_file.is_file():
        rows = list(json_lines(one_file))
    else:
        split = split or "train"
        labels = f"{split}-labels-subtask-2.txt"
        rows = _semeval_rows(find(home, corpus, labels, f"data/en/{labels}", f"en/{labels}"), split, corpus)
    frames = [[name.lower() for name in row["frames"]] for row in rows]
    return corpus_bunch(
        corpus,
        split,
        texts=[row["text"] for row in rows],
        titles=[row["title"] for row in rows],
        ids=[row["id"] for row in rows],
        frames=frames,
        target=indicators(frames, POLICY_FRAMES),
        target_names=list(POLICY_FRAMES),
        groups=column(rows, "id"),
    )


def load_narrative_frames(path: PathLike) -> Bunch:
    """Load the Narrative Frames Corpus: five generic frames in articles about climate change.

    Parameters
    ----------
    path : str or path-like
        The repository's file `articles_metadata.tsv`, or the folder it lies in, or the repository's
        root. Or `articles.jsonl` (one object per article with `id`, `outlet`, `leaning`, `date`,
        `text`, `frames`, `test_fold`, `dev_fold`), or the folder it lies in.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `dates` (lists of str); `outlets`, `leanings`, arrays of str;
        `frames`, list of lists of names; `target`, bool array of shape (n_articles, 5) with the
        columns `target_names`; `test_fold` and `dev_fold`, int arrays: the paper's fold in which
        the article is tested, and developed on, -1 where the file does not say; `groups`, array of
        str, the article.

    Notes
    -----
    The columns of `articles_metadata.tsv` are known by the order in which its authors describe them:
    id, outlet, date, leaning, text, then the five frames, which are told by the beginning of their
    names ("CO", "human interest"). An article that occurs twice is read once.
    """
    corpus = _NARRATIVE
    home = copy_of(path, corpus)
    if not home.is_file():
        home = find(home, corpus, "articles.jsonl", "articles_metadata.tsv", "data/articles_metadata.tsv")
    rows = list(json_lines(home)) if home.suffix == ".jsonl" else _narrative_rows(home, corpus)
    frames = [[name for code, name in _NARRATIVE_CODES.items() if r["frames"][code]] for r in rows]
    return corpus_bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        ids=[str(row["id"]) for row in rows],
        dates=[row["date"] for row in rows],
        outlets=column(rows, "outlet"),
        leanings=column(rows, "leaning"),
        frames=frames,
        target=indicators(frames, _NARRATIVE_FRAMES),
        target_names=list(_NARRATIVE_FRAMES),
        test_fold=np.array([row.get("test_fold", -1) for row in rows], dtype=np.intp),
        dev_fold=np.array([row.get("dev_fold", -1) for row in rows], dtype=np.intp),
        groups=np.array([str(row["id"]) for row in rows], dtype=object),
    )


def load_gvfc(path: PathLike) -> Bunch:
    """Load the Gun Violence Frame Corpus: headlines with one or two of nine issue frames.

    Parameters
    ----------
    path : str or path-like
        The authors' table saved as CSV, `GVFC_headlines_and_annotations.csv` or
        `GVFC_extension_multimodal.csv`, or the folder it lies in. Or `headlines.jsonl` (one object
        per headline with `headline`, `frame`, `second`), or the folder it lies in.

    Returns
    -------
    Bunch
        By headline: `texts` (list of str); `target`, array of str, the first frame; `frames`,
        list of lists of one or two names; `target_names`; `groups`, array of str: the headline
        without case, so that repeated headlines stay together.

    Notes
    -----
    Of the table, headlines that are not about gun violence and those without a frame (code 99) are
    left out.
    """
    corpus = _GVFC
    home = copy_of(path, corpus)
    if not home.is_file():
        home = find(home, corpus, "headlines.jsonl", *_GVFC_TABLES)
    rows = list(json_lines(home)) if home.suffix == ".jsonl" else _gvfc_rows(home, corpus)
    return corpus_bunch(
        corpus,
        None,
        texts=[row["headline"] for row in rows],
        target=column(rows, "frame"),
        frames=[[name for name in (row["frame"], row["second"]) if name] for row in rows],
        target_names=sorted(_GVFC_FRAMES),
        groups=np.array([row["headline"].casefold().strip() for row in rows], dtype=object),
    )


def load_issue_dialogue(path: PathLike) -> Bunch:
    """Load the frames of forum posts about political issues.

    Parameters
    ----------
    path : str or path-like
        The file `dev.jsonl` (one object per post with `text`, `frames`, `issue`), or the folder
        it lies in.

    Returns
    -------
    Bunch
        By post: `texts` (list of str); `frames`, list of lists of names; `target`, bool array of
        shape (n_posts, 14) with the columns `target_names`; `issues`, array of str; `groups`,
        array of str: the post without case, for the corpus does not name the threads.
    """
    corpus = _ISSUE_DIALOGUE
    rows = list(json_lines(find_file(path, corpus, "dev.jsonl")))
    frames = [[name.lower() for name in row["frames"]] for row in rows]
    return corpus_bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        frames=frames,
        target=indicators(frames, POLICY_FRAMES),
        target_names=list(POLICY_FRAMES),
        issues=column(rows, "issue"),
        groups=np.array([row["text"].casefold().strip() for row in rows], dtype=object),
    )


def _semeval_rows(labels: Path, split: str, corpus: Corpus) -> list[dict[str, Any]]:
    folder = labels.parent / f"{split}-articles-subtask-2"
    texts = {file.stem.removeprefix("article"): read_text(file) for file in listing(folder, ".txt", corpus)}
    rows = []
    for line in read_text(labels).splitlines():
        name, _, frames = line.partition("\t")
        if name in texts:
            text = texts[name]
            title = text.partition("\n")[0].strip()
            names = [frame.strip() for frame in frames.split(",") if frame.strip()]
            rows.append({"id": name, "title": title, "text": text, "frames": names})
    return rows


def _narrative_rows(file: Path, corpus: Corpus) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for cells in table_rows(file, "\t"):
        names = list(cells)
        codes = {code: [n for n in names[5:] if n.upper().startswith((code, word))] for code, word in _STARTS.items()}
        if len(names) < 10 or any(len(found) != 1 for found in codes.values()):
            raise ValueError(
                f"{file} has the columns {', '.join(map(str, names))}; expected id, outlet, date, leaning, text and "
                f"the five frames {', '.join(_STARTS)}. {corpus.get}"
            )
        name, outlet, date, leaning, text = (cells[column] for column in names[:5])
        frames = {code: cells[found[0]].strip().casefold() in ("1", "1.0", "true") for code, found in codes.items()}
        rows.setdefault(
            name,
            {"id": name, "outlet": outlet, "date": date, "leaning": leaning, "text": text, "frames": frames},
        )
    return list(rows.values())


_STARTS = {"CO": "CONFLICT", "HI": "HUMAN", "EC": "ECONOMIC", "MO": "MORAL", "RE": "RESOLUTION"}


def _gvfc_rows(file: Path, corpus: Corpus) -> list[dict[str, Any]]:
    rows = []
    for cells in table_rows(file):
        headline = cells.get("news_title", cells.get("headline"))
        if headline is None or "Q3 Theme1" not in cells:
            raise ValueError(
                f"{file} has the columns {', '.join(map(str, cells))}; expected news_title or headline, Q1 Relevant, "
                f"Q3 Theme1 and Q3 Theme2. {corpus.get}"
            )
        first, second = (_gvfc_frame(cells.get(name)) for name in ("Q3 Theme1", "Q3 Theme2"))
        relevant = (cells.get("Q1 Relevant") or "1").strip() in ("1", "1.0")
        if relevant and first is not None:
            rows.append({"headline": headline.strip(), "frame": first, "second": second if second != first else None})
    return rows


def _gvfc_frame(code: str | None) -> str | None:
    number = (code or "").strip().removesuffix(".0")
    known = number.isdigit() and 1 <= int(number) <= len(_GVFC_FRAMES)
    return _GVFC_FRAMES[int(number) - 1] if known else None
