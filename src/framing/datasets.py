"""Load the bundled sample articles, or a corpus from your own copy.

`load_sample` reads articles that ship with the library. Every other loader takes the path of a copy
that you already have, in the layout its authors publish, and returns a `sklearn.utils.Bunch`.
Nothing is ever downloaded.

Every Bunch of a corpus has

- `texts`: list of str;
- `groups`: array that says which rows belong together (same article, event or link), for
  `sklearn.model_selection.GroupKFold`, so that no fold shares an article with another;
- `split`: the part that was read, or None where the corpus comes in one part;
- `licence`, `citation`, `DESCR`: what the corpus states about itself.

Offsets are half-open ranges of code points: `text[start:end]` is the span.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = [
    "load_babe",
    "load_basil",
    "load_checkthat",
    "load_gvfc",
    "load_issue_dialogue",
    "load_narrative_frames",
    "load_newsdiscourse",
    "load_polnear",
    "load_sample",
    "load_semeval2023_task3",
    "load_sources",
    "load_statements",
]

PathLike = str | os.PathLike[str]
Spans = list[list[int]]

_POLICY_FRAMES = (
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

_NARRATIVE_CODES = {
    "CO": "conflict",
    "HI": "human_interest",
    "EC": "economic",
    "MO": "morality",
    "RE": "resolution",
}


def load_sample(part: str = "plain") -> Bunch:
    """Load the articles that ship with the library.

    They were written for it, outlets included, and are free for any use (CC0).

    Parameters
    ----------
    part : {"plain", "hard"}, default="plain"
        Forty-four articles of ten topics and many registers, the first sixteen as untidy as web pages
        are, or twenty that are hard for finding who says what.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `titles` (None where there is none), `outlets`, `dates`,
        `genres`, `topics`, `registers`, `leanings`, `splits` ("train", "dev" or "test") (lists of str);
        `structure`, lists of [start, end, role, kind], one for each line that is not blank.
        Annotations, dicts from id: `attributions`, to a list of dicts with `source`, `cue`, `content`
        (lists of [start, end]), `speaker`, `source_type`, `named`; `statements`, to a list of
        [start, end, label]; `frames`, to a dict with `policy`, a dict from each frame that is present to
        the voices it comes in, and `narrative`, a list of frames; `loaded`, to a list of
        [start, end, kind, voice].
        `licence`, `DESCR`: str.

    Raises
    ------
    ValueError
        If there is no such part.
    FileNotFoundError
        If the installation lacks the articles.

    Examples
    --------
    >>> from framing.datasets import load_sample
    >>> sample = load_sample()
    >>> titles = [line for line in sample.structure[0] if line[2] == "title"]
    >>> [sample.texts[0][start:end] == sample.titles[0] for start, end, *_ in titles]
    [True]
    """
    if part not in ("plain", "hard"):
        raise ValueError(f"part must be 'plain' or 'hard'. Got {part!r} instead.")
    home = _sample_folder()
    folder = home / part if part == "hard" else home
    rows = list(_json_lines(folder / "articles.jsonl"))
    return _new_bunch(
        texts=[_read(folder.joinpath(*row["file"].split("/"))) for row in rows],
        ids=[row["id"] for row in rows],
        titles=[row["title"] for row in rows],
        outlets=[row["outlet"] for row in rows],
        dates=[row["date"] for row in rows],
        genres=[row["genre"] for row in rows],
        topics=[row["topic"] for row in rows],
        registers=[row["register"] for row in rows],
        leanings=[row["leaning"] for row in rows],
        splits=[row["split"] for row in rows],
        structure=[row["structure"] for row in rows],
        attributions={row["id"]: row["attributions"] for row in _json_lines(folder / "attributions.jsonl")},
        statements={row["id"]: row["segments"] for row in _json_lines(folder / "statements.jsonl")},
        frames={row.pop("id"): row for row in _json_lines(folder / "frames.jsonl")},
        loaded={row["id"]: row["loaded"] for row in _json_lines(folder / "loaded.jsonl")},
        licence="CC0 1.0",
        DESCR=_read(home / "README.md"),
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
    corpus = _CORPORA["polnear"]
    root = _find(path, corpus, split, f"data/{split}")
    text_files = _listing(root / "text", ".txt", corpus)
    ids = [file.stem for file in text_files]
    texts = [_read(file) for file in text_files]
    index = {name: i for i, name in enumerate(ids)}
    annotations, articles, annotators = [], [], []
    for file in _listing(root / "attributions", ".ann", corpus):
        name, _, annotator = file.stem.rpartition("_")
        if name not in index:
            raise FileNotFoundError(
                f"{file.name} annotates {name}.txt, which is not in {root / 'text'}. {corpus.get}"
            )
        articles.append(index[name])
        annotators.append(annotator)
        annotations.append(_polnear_attributions(_read(file), texts[index[name]]))
    return _bunch(
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
    corpus = _CORPORA["statements"]
    rows = list(_json_lines(_find(path, corpus, f"{split}.jsonl")))
    return _bunch(
        corpus,
        split,
        texts=[row["text"] for row in rows],
        ids=[row["id"] for row in rows],
        origins=[row["origin"] for row in rows],
        sentences=[row["sentences"] for row in rows],
        segments=[row["segments"] for row in rows],
        groups=np.array([_statement_group(row["id"]) for row in rows], dtype=object),
    )


def load_babe(path: PathLike) -> Bunch:
    """Load BABE: sentences marked by experts for bias, opinion and biased words.

    Parameters
    ----------
    path : str or path-like
        The file `final_labels_SG2.csv`, or the folder it lies in.

    Returns
    -------
    Bunch
        By sentence: `texts` (list of str); `label_bias` and `label_opinion`, arrays of str as in
        the file ("No agreement" included); `target`, int array: 1 biased, 0 not, -1 no agreement;
        `biased_words`, list of lists of str; `biased_spans`, the places where they occur in the
        sentence; `outlets`, `topics`, `leanings`, arrays of str; `groups`, array of str: the
        article's link, or outlet and topic where there is no link.
    """
    corpus = _CORPORA["babe"]
    file = _find_file(path, corpus, "final_labels_SG2.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    words = [_word_list(row["biased_words"]) for row in rows]
    codes = {"Biased": 1, "Non-biased": 0}
    groups = [row["news_link"] or f"{row['outlet']} {row['topic']}" for row in rows]
    return _bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        target=np.array([codes.get(row["label_bias"], -1) for row in rows], dtype=np.intp),
        label_bias=_column(rows, "label_bias"),
        label_opinion=_column(rows, "label_opinion"),
        biased_words=words,
        biased_spans=[_word_spans(r["text"], w) for r, w in zip(rows, words, strict=True)],
        outlets=_column(rows, "outlet"),
        topics=_column(rows, "topic"),
        leanings=_column(rows, "type"),
        groups=np.array(groups, dtype=object),
    )


def load_checkthat(path: PathLike, split: str = "train") -> Bunch:
    """Load CheckThat! 2025 task 1, English: sentences that give their author's opinion, or not.

    Quoted opinion counts as objective here, because the author only reports it.

    Parameters
    ----------
    path : str or path-like
        Folder with `train_en.tsv`, `dev_en.tsv` and `dev_test_en.tsv`.
    split : str, default="train"
        "train", "dev" or "dev_test".

    Returns
    -------
    Bunch
        By sentence: `texts`, `ids` (lists of str); `target`, int array: 1 subjective, 0
        objective; `groups`, array of str, the ids, for the corpus does not name the articles.
    """
    corpus = _CORPORA["checkthat"]
    file = _find(path, corpus, f"{split}_en.tsv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return _bunch(
        corpus,
        split,
        texts=[row["sentence"] for row in rows],
        ids=[row["sentence_id"] for row in rows],
        target=np.array([row["label"] == "SUBJ" for row in rows], dtype=np.intp),
        groups=_column(rows, "sentence_id"),
    )


def load_semeval2023_task3(path: PathLike) -> Bunch:
    """Load SemEval-2023 task 3, English: the policy frames of news articles.

    Parameters
    ----------
    path : str or path-like
        The file `articles_en.jsonl` (one object per article with `id`, `title`, `text` and
        `frames`), or the folder it lies in.

    Returns
    -------
    Bunch
        By article: `texts`, `titles`, `ids` (lists of str); `frames`, list of lists of names;
        `target`, bool array of shape (n_articles, 14) with the columns `target_names`; `groups`,
        array of str, the article.
    """
    corpus = _CORPORA["semeval2023_task3"]
    rows = list(_json_lines(_find_file(path, corpus, "articles_en.jsonl")))
    frames = [[name.lower() for name in row["frames"]] for row in rows]
    return _bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        titles=[row["title"] for row in rows],
        ids=[row["id"] for row in rows],
        frames=frames,
        target=_indicators(frames, _POLICY_FRAMES),
        target_names=list(_POLICY_FRAMES),
        groups=_column(rows, "id"),
    )


def load_narrative_frames(path: PathLike) -> Bunch:
    """Load the Narrative Frames Corpus: five generic frames in articles about climate change.

    Parameters
    ----------
    path : str or path-like
        The file `articles.jsonl` (one object per article with `id`, `outlet`, `leaning`, `date`,
        `text`, `frames`, `test_fold`, `dev_fold`), or the folder it lies in.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `dates` (lists of str); `outlets`, `leanings`, arrays of str;
        `frames`, list of lists of names; `target`, bool array of shape (n_articles, 5) with the
        columns `target_names`; `test_fold` and `dev_fold`, int arrays: the paper's fold in which
        the article is tested, and developed on; `groups`, array of str, the article.
    """
    corpus = _CORPORA["narrative_frames"]
    rows = list(_json_lines(_find_file(path, corpus, "articles.jsonl")))
    frames = [[name for code, name in _NARRATIVE_CODES.items() if r["frames"][code]] for r in rows]
    return _bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        ids=[str(row["id"]) for row in rows],
        dates=[row["date"] for row in rows],
        outlets=_column(rows, "outlet"),
        leanings=_column(rows, "leaning"),
        frames=frames,
        target=_indicators(frames, _NARRATIVE_FRAMES),
        target_names=list(_NARRATIVE_FRAMES),
        test_fold=np.array([row["test_fold"] for row in rows], dtype=np.intp),
        dev_fold=np.array([row["dev_fold"] for row in rows], dtype=np.intp),
        groups=np.array([str(row["id"]) for row in rows], dtype=object),
    )


def load_gvfc(path: PathLike) -> Bunch:
    """Load the Gun Violence Frame Corpus: headlines with one or two of nine issue frames.

    Parameters
    ----------
    path : str or path-like
        The file `headlines.jsonl` (one object per headline with `headline`, `frame`, `second`),
        or the folder it lies in.

    Returns
    -------
    Bunch
        By headline: `texts` (list of str); `target`, array of str, the first frame; `frames`,
        list of lists of one or two names; `target_names`; `groups`, array of str: the headline
        without case, so that repeated headlines stay together.
    """
    corpus = _CORPORA["gvfc"]
    rows = list(_json_lines(_find_file(path, corpus, "headlines.jsonl")))
    return _bunch(
        corpus,
        None,
        texts=[row["headline"] for row in rows],
        target=_column(rows, "frame"),
        frames=[[name for name in (row["frame"], row["second"]) if name] for row in rows],
        target_names=sorted({row["frame"] for row in rows}),
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
    corpus = _CORPORA["issue_dialogue"]
    rows = list(_json_lines(_find_file(path, corpus, "dev.jsonl")))
    frames = [[name.lower() for name in row["frames"]] for row in rows]
    return _bunch(
        corpus,
        None,
        texts=[row["text"] for row in rows],
        frames=frames,
        target=_indicators(frames, _POLICY_FRAMES),
        target_names=list(_POLICY_FRAMES),
        issues=_column(rows, "issue"),
        groups=np.array([row["text"].casefold().strip() for row in rows], dtype=object),
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
    corpus = _CORPORA["sources"]
    rows = list(_json_lines(_find(path, corpus, f"{split}.jsonl")))
    return _bunch(
        corpus,
        split,
        texts=[row["text"] for row in rows],
        ids=[row["id"] for row in rows],
        attributions=[row["attributions"] for row in rows],
        groups=_column(rows, "id"),
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
    corpus = _CORPORA["newsdiscourse"]
    root = _find(path, corpus, split, f"data/{split}")
    files = sorted(root.rglob("*.txt"))
    if not files:
        raise FileNotFoundError(f"{root} has no *.txt files, {corpus.layout}. {corpus.get}")
    articles = [_newsdiscourse_article(_read(file)) for file in files]
    labels = [_newsdiscourse_labels(_read_beside(file, ".ann", corpus)) for file in files]
    pairs = list(zip(articles, labels, strict=True))
    # With the topic's folder: the same file name occurs in several of them.
    ids = [file.relative_to(root).with_suffix("").as_posix() for file in files]
    return _bunch(
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


def load_basil(path: PathLike) -> Bunch:
    """Load BASIL: spans of lexical and informational bias in triples of articles.

    Parameters
    ----------
    path : str or path-like
        Folder that holds `articles/YEAR/*.json` and `annotations/YEAR/*_ann.json`.

    Returns
    -------
    Bunch
        By article: `texts`, built from the title, paragraphs and sentences; `ids`, `titles`,
        `dates` (lists of str); `outlets`, array of str; `sentences`, lists of [start, end]
        without the title; `spans`, lists of dicts of `start`, `end`, `bias` ("lexical" or
        "informational"), `quote` (bool), `speaker` and `target` (str), `polarity` (str);
        `groups`, array of str: the event that three outlets wrote about.
    """
    corpus = _CORPORA["basil"]
    root = _find(path, corpus, "articles").parent
    files = sorted((root / "articles").rglob("*.json"))
    if not files:
        raise FileNotFoundError(f"{root / 'articles'} is empty, {corpus.layout}. {corpus.get}")
    rows = [json.loads(_read(file)) for file in files]
    built = [_join(row["title"], row["body-paragraphs"]) for row in rows]
    spans = []
    for file, row, (_, sentences) in zip(files, rows, built, strict=True):
        found = root / "annotations" / file.parent.name / f"{file.stem}_ann.json"
        annotation = json.loads(_read(_existing(found, corpus)))
        starts = [start for start, _ in sentences]
        spans.append(_basil_spans(annotation["phrase-level-annotations"], starts, row["title"]))
    return _bunch(
        corpus,
        None,
        texts=[text for text, _ in built],
        ids=[file.stem for file in files],
        titles=[row["title"] for row in rows],
        dates=[row["date"] for row in rows],
        outlets=_column(rows, "source"),
        sentences=[sentences for _, sentences in built],
        spans=spans,
        groups=_column(rows, "triplet-uuid"),
    )


@dataclass(frozen=True)
class _Corpus:
    name: str
    layout: str  # finishes the sentence "… was not found; expected …"
    licence: str
    citation: str
    home: str

    @property
    def get(self) -> str:
        return f"{self.name}: {self.home}. Nothing is downloaded for you."


_CORPORA = {
    "polnear": _Corpus(
        "PolNeAR 1.0",
        "expected train/text/*.txt and train/attributions/*.ann",
        "none stated",
        "Newell, Margolin and Ruths (2018). An Attribution Relations Corpus for Political News. LREC 2018.",
        "a copy can be had from https://github.com/networkdynamics/PolNeAR",
    ),
    "newsdiscourse": _Corpus(
        "NewsDiscourse",
        "expected pairs of *.txt and *.ann below train and validation",
        "none stated",
        "Choubey, Lee, Huang and Wang (2020). Discourse as a Function of Event: Profiling "
        "Discourse Structure in News Articles around the Main Event. ACL 2020.",
        "a copy can be had from https://github.com/prafulla77/Discourse_Profiling",
    ),
    "statements": _Corpus(
        "framing statements",
        "expected train.jsonl and dev.jsonl",
        "offsets CC0; the texts keep the terms of the corpora they come from",
        "Voice and kind of statements in news, labelled by a language model after this project's "
        "annotation guide.",
        "it was made for this project and is not published with it; ask its maintainers",
    ),
    "sources": _Corpus(
        "framing sources",
        "expected dev.jsonl",
        "offsets CC0; the texts keep the terms of PolNeAR, which they come from",
        "Speakers of attributions in news, labelled by a language model after this project's "
        "annotation guide.",
        "it was made for this project and is not published with it; ask its maintainers",
    ),
    "babe": _Corpus(
        "BABE",
        "expected final_labels_SG2.csv",
        "AGPL-3.0 (repository), CC BY-NC-SA 4.0 (copies on data hubs)",
        "Spinde, Plank, Krieger, Ruas, Gipp and Aizawa (2021). Neural Media Bias Detection Using "
        "Distant Supervision With BABE - Bias Annotations By Experts. Findings of EMNLP 2021.",
        "a copy can be had from https://github.com/Media-Bias-Group/"
        "Neural-Media-Bias-Detection-Using-Distant-Supervision-With-BABE",
    ),
    "checkthat": _Corpus(
        "CheckThat! 2025 task 1, English",
        "expected train_en.tsv, dev_en.tsv and dev_test_en.tsv",
        "CC BY-NC-SA 4.0",
        "Ruggeri et al. (2025). Overview of the CLEF-2025 CheckThat! Lab Task 1 on Subjectivity "
        "in News Articles. CLEF 2025.",
        "a copy can be had from https://gitlab.com/checkthat_lab",
    ),
    "basil": _Corpus(
        "BASIL",
        "expected articles/YEAR/*.json and annotations/YEAR/*_ann.json",
        "none stated",
        "Fan, White, Sharma, Su, Choubey, Huang and Wang (2019). In Plain Sight: Media Bias "
        "Through the Lens of Factual Reporting. EMNLP-IJCNLP 2019.",
        "a copy can be had from https://github.com/marshallwhiteorg/emnlp19-media-bias",
    ),
    "semeval2023_task3": _Corpus(
        "SemEval-2023 task 3, English, frames",
        "expected articles_en.jsonl",
        "for research; not to be passed on",
        "Piskorski, Stefanovitch, Da San Martino and Nakov (2023). SemEval-2023 Task 3: Detecting "
        "the Category, the Framing, and the Persuasion Techniques in Online News in a "
        "Multi-lingual Setup. SemEval 2023.",
        "its organisers hand out copies at https://propaganda.math.unipd.it/semeval2023task3",
    ),
    "narrative_frames": _Corpus(
        "Narrative Frames Corpus",
        "expected articles.jsonl",
        "MIT (repository); the texts belong to third parties",
        "Frermann, Li, Khanehzar and Mikolajczak (2023). Conflicts, Villains, Resolutions: "
        "Towards models of Narrative Media Framing. ACL 2023.",
        "its paper links to a copy, https://doi.org/10.18653/v1/2023.acl-long.486",
    ),
    "gvfc": _Corpus(
        "Gun Violence Frame Corpus",
        "expected headlines.jsonl",
        "none stated",
        "Liu, Guo, Mays, Betke and Wijaya (2019). Detecting Frames in News Headlines and Its "
        "Application to Analyzing News Framing Trends Surrounding U.S. Gun Violence. CoNLL 2019.",
        "its paper links to a copy, https://doi.org/10.18653/v1/K19-1047",
    ),
    "issue_dialogue": _Corpus(
        "Issue framing in online discussion fora",
        "expected dev.jsonl",
        "none stated",
        "Hartmann, Jansen, Augenstein and Søgaard (2019). Issue Framing in Online Discussion "
        "Fora. NAACL-HLT 2019.",
        "its paper links to a copy, https://doi.org/10.18653/v1/N19-1142",
    ),
}


def _new_bunch(**fields: Any) -> Bunch:
    # scikit-learn takes a second to import, and inference never needs a Bunch.
    from sklearn.utils import Bunch

    return Bunch(**fields)


def _bunch(corpus: _Corpus, split: str | None, **fields: Any) -> Bunch:
    descr = f"{corpus.name}\n\n{corpus.citation}\n\nLicence: {corpus.licence}\n"
    return _new_bunch(**fields, split=split, licence=corpus.licence, citation=corpus.citation, DESCR=descr)


# Files


def _root(path: PathLike, corpus: _Corpus) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"The 'path' parameter must be a str or path-like object that leads to a copy of "
            f"{corpus.name}. Got {type(path).__name__} instead."
        )
    return Path(path)


def _existing(path: Path, corpus: _Corpus) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} was not found; {corpus.layout}. {corpus.get}")
    return path


def _find(path: PathLike, corpus: _Corpus, *candidates: str) -> Path:
    """The first of `candidates` that exists below `path`."""
    root = _root(path, corpus)
    for candidate in candidates:
        if (root / candidate).exists():
            return root / candidate
    looked = " or ".join(str(root / candidate) for candidate in candidates)
    raise FileNotFoundError(f"{looked} was not found; {corpus.layout}. {corpus.get}")


def _find_file(path: PathLike, corpus: _Corpus, name: str) -> Path:
    """`path` itself if it is a file, else the file `name` below it."""
    root = _root(path, corpus)
    return root if root.is_file() else _find(root, corpus, name)


def _listing(folder: Path, ending: str, corpus: _Corpus) -> list[Path]:
    files = sorted(_existing(folder, corpus).glob(f"*{ending}"))
    if not files:
        raise FileNotFoundError(f"{folder} has no *{ending} files; {corpus.layout}. {corpus.get}")
    return files


def _read(file: Path | Traversable) -> str:
    # Bytes, because text mode turns \r\n into \n and shifts every later offset.
    return file.read_bytes().decode("utf-8")


def _read_beside(file: Path, ending: str, corpus: _Corpus) -> str:
    return _read(_existing(file.with_suffix(ending), corpus))


def _json_lines(file: Path | Traversable) -> Iterator[dict[str, Any]]:
    # Not splitlines: it also splits at U+2028 and U+0085, which JSON allows inside strings.
    return (json.loads(line) for line in _read(file).split("\n") if line.strip())


def _column(rows: Iterable[dict[str, Any]], key: str) -> np.ndarray:
    return np.array([row[key] for row in rows], dtype=object)


def _indicators(frames: Sequence[Sequence[str]], names: Sequence[str]) -> np.ndarray:
    column = {name: i for i, name in enumerate(names)}
    target = np.zeros((len(frames), len(names)), dtype=bool)
    for row, labels in enumerate(frames):
        target[row, [column[label] for label in labels]] = True
    return target


# The sample


def _sample_folder() -> Path | Traversable:
    packaged = resources.files("framing") / "_sample"
    checkout = Path(__file__).resolve().parents[2] / "datasets"
    for folder in (packaged, checkout):
        if (folder / "articles.jsonl").is_file():
            return folder
    raise FileNotFoundError(
        f"The sample articles were not found in {packaged} nor in {checkout}. "
        "Install newsframing from its wheel, or run from a full checkout of its repository."
    )


# PolNeAR

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


# Statements

_BASIL_ID = re.compile(r"(basil_.*)_\d$")


def _statement_group(article_id: str) -> str:
    # The last digit of a BASIL article numbers the outlets that covered one event.
    event = _BASIL_ID.match(article_id)
    return event[1] if event else article_id


# BABE

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


# NewsDiscourse and BASIL: articles given sentence by sentence

_SENTENCE_MARK = re.compile(r"(S\d+)(?:\s+|$)")
_DISCOURSE_LABEL = re.compile(r"^T\d+\t(\S+) \d+ \d+\t(\S+)", re.MULTILINE)


def _join(title: str, paragraphs: Iterable[Sequence[str]]) -> tuple[str, Spans]:
    """Text of an article, and the place of each sentence in it."""
    parts = [title]
    place = len(title)
    sentences: Spans = []
    for paragraph in paragraphs:
        gap = "\n\n"
        for sentence in paragraph:
            parts += [gap, sentence]
            sentences.append([place + len(gap), place + len(gap) + len(sentence)])
            place = sentences[-1][1]
            gap = " "
    return "".join(parts), sentences


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
    text, sentences = _join(title, paragraphs)
    return text, title, sentences, marks


def _newsdiscourse_labels(annotation: str) -> tuple[dict[str, str], set[str]]:
    labels = _DISCOURSE_LABEL.findall(annotation)
    types = {mark: label for label, mark in labels if label != "Speech"}
    return types, {mark for label, mark in labels if label == "Speech"}


def _newsdiscourse_outlet(name: str) -> str:
    return next((o for o in ("Reuters", "Xinhua") if o in name), "New York Times")


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
