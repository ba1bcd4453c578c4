"""Train the word lists of the sentence splitter: ``python training/train_sentences.py --corpora DIR``.

NLTK's Punkt trainer (Kiss and Strunk 2006) reads every house style apart, because a British outlet that
writes "Mr" would hide the abbreviation of an American one that writes "Mr."; an abbreviation must be
found in two styles. Grammar-book knowledge that no corpus of this size covers is added by hand below:
titles, numbered abbreviations, states, companies, months.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nltk
import numpy as np
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer, PunktTrainer

from common import MODELS, write_card
from framing.datasets import (
    load_basil,
    load_narrative_frames,
    load_newsdiscourse,
    load_polnear,
    load_semeval2023_task3,
    load_statements,
)
from framing.metrics import Scores, bootstrap_interval
from framing.persistence import save_model
from framing.sentences import split_sentences

VERSION = "1"
SMALLEST_STYLE = 20_000  # words; Punkt's likelihood ratios say little about less
STYLES_NEEDED = 2
SEEN_NEEDED = 3  # times before a stop
COMMON = 20  # words seen less often are not listed as ordinary

# Before a name, never at the end of a sentence.
TITLES = """
    adm ald amb asst att atty brig capt cmdr cmdte col comdr cpl dep det dr drs ens fr ft gen gens gov govs
    hon insp lieut lt lts maj messrs mgr mlle mme mr mrs ms msgr mt mx ofc pfc pres prof profs pvt rep reps
    rev sen sens sgt spc supt
"""
# Abbreviations only before a number: "No. 5", "art. 5".
NUMBERED = "art ch fig figs no nos p par pp pt sec vol vols"
# May end a sentence, too.
ABBREVIATIONS = """
    ala approx apr apt ariz ark assn aug ave bldg blvd bros calif cf cie co colo conn corp dec del dept esp
    esq est etc
    feb fla fri ga govt gmbh ill inc ind intl jan jr jul jun kan kans ky la llc llp ltd mar mass md
    mfg mich minn misc miss mo mon mont natl neb nebr nev nov oct okla ore pa penn plc rd sat sep sept sq sr
    st stat ste sun tenn tex thu thur thurs tue tues twp univ va viz vs vt wash wed wis wisc wyo yr yrs hr hrs
"""
# Ordinary words in small letters.
CASED = """
    apt ark art co col del est fig fri ft gen ill ind jan la mar mass me miss mon mo no ore pa par pres rep
    sat sec sen sun va wash wed
"""

DATA = [
    {"name": "PolNeAR 1.0, train (words only)", "licence": "none found"},
    {"name": "NewsDiscourse, train (words only)", "licence": "none found"},
    {"name": "BASIL (words only)", "licence": "none found"},
    {"name": "SemEval-2023 task 3, English (words only)", "licence": "research use; not redistributable"},
    {"name": "Narrative Frames (words only)", "licence": "repository MIT; texts third-party"},
]
SUMMARY = """\
Word lists of the sentence splitter: abbreviations and sentence openers that NLTK's Punkt trainer learned
from unlabelled news, house style by house style, words whose capital shows that a sentence opens, and
hand-listed titles, numbered abbreviations, states, companies and months."""
LIMITS = """\
The scores count the starts of all sentences but the first of each article; intervals are bootstrapped
over articles. "punkt" is NLTK's own decision with parameters from the same texts. The sentences of
`statements` come from a simpler splitter that nobody checked; most of the remaining differences are its
errors, such as a cut after "(R-Ala.)". EWT is web text, where many sentences end without a stop: with no
line breaks given, nothing marks those. English only. After an abbreviation, a sentence that opens with
a name ("in the U.S. Reyes said") is not cut."""
Span = tuple[int, int]
Splitter = Callable[[str, int, int], list[Span]]

_PLAIN = str.maketrans(
    {"“": ' " ', "”": ' " ', "‘": " ' ", "’": "'", "…": "...", "—": " -- ", "–": " -- ", "\u200b": ""}
)
_EDGE_MARKS = re.compile(r"""(?<!\w)['"(\[]+|["')\]]+(?!\w)""")
_TOKEN = re.compile(r"[^\W\d_]+|[.?!:;\"“”‘()\[\]\n—–-]")


def read_styles(corpora: Path) -> dict[str, list[str]]:
    """Raw texts of the training parts by corpus and outlet."""
    styles: dict[str, list[str]] = defaultdict(list)
    for name, corpus in {
        "polnear": load_polnear(corpora / "polnear", "train"),
        "newsdiscourse": load_newsdiscourse(corpora / "newsdiscourse", "train"),
        "basil": load_basil(corpora / "basil"),
    }.items():
        for text, outlet in zip(corpus.texts, corpus.outlets, strict=True):
            styles[f"{name} {str(outlet).lower()}"].append(text)
    # Too little of each outlet to read it apart.
    styles["semeval"] = load_semeval2023_task3(corpora / "semeval2023_task3").texts
    styles["narrative"] = load_narrative_frames(corpora / "narrative_frames").texts
    return dict(styles)


def train_punkt(texts: list[str]) -> PunktParameters:
    """Punkt's parameters for one style, typographic marks made plain and set apart first."""
    trainer = PunktTrainer()
    trainer.train(plain("\n\n".join(texts)), finalize=True)
    return trainer.get_params()


def plain(text: str) -> str:
    """Text with ASCII marks, quotation marks and brackets cut off from the words."""
    return _EDGE_MARKS.sub(" ", re.sub(r'(?<=[.!?,])"', ' " ', text.translate(_PLAIN)))


def ordinary_words(texts: list[str]) -> list[str]:
    """Words seldom capitalised inside a sentence: their capital shows that a sentence opens."""
    small: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for text in texts:
        for line in text.split("\n")[1:]:
            if not line.rstrip().endswith((".", "”", '"')):
                continue  # headlines, captions and page furniture capitalise as they like
            previous = "."
            for token in _TOKEN.findall(line):
                if token.islower():
                    small[token] += 1
                elif token.istitle() and previous.isalpha():
                    inside[token.lower()] += 1
                previous = token
    return sorted(word for word, n in small.items() if n >= COMMON and inside[word] <= 0.01 * n)


def train(styles: dict[str, list[str]]) -> tuple[dict[str, np.ndarray], PunktParameters]:
    """The arrays of the model, and Punkt's parameters from all styles together."""
    everything = [text for texts in styles.values() for text in texts]
    votes: Counter[str] = Counter()
    for texts in styles.values():
        if sum(len(text.split()) for text in texts) >= SMALLEST_STYLE:
            votes.update(train_punkt(texts).abbrev_types)
    pooled = train_punkt(everything)
    votes.update(pooled.abbrev_types)
    spaced = plain("\n".join(everything)).lower()
    stopped = Counter(re.findall(r"(?<![^\s\"(\[])[^\W\d_]{2,}(?=\.[\s,)])", spaced))
    bare = Counter(re.findall(r"(?<![^\s\"(\[])[^\W\d_]{2,}(?=[\s,;:?!)])", spaced))
    learned = {
        word
        for word, n in votes.items()
        if n >= STYLES_NEEDED and stopped[word] >= SEEN_NEEDED and stopped[word] > bare[word]
    }
    titles, numbered, listed = set(TITLES.split()), set(NUMBERED.split()), set(ABBREVIATIONS.split())
    ordinary = ordinary_words(everything)
    # Names of the day's news open many sentences; only words that are no names are kept.
    starters = pooled.sent_starters & {*ordinary, "i"}
    print("learned abbreviations:", *sorted(learned))
    print("of these not listed by hand:", *sorted(learned - titles - numbered - listed))
    print(len(starters), "starters:", *sorted(starters))
    print(len(ordinary), "ordinary words")
    words = {
        "abbreviations": (learned | listed) - titles - numbered,
        "titles": titles,
        "numbered": numbered,
        "cased": set(CASED.split()),
        "starters": starters,
        "ordinary": ordinary,
    }
    return {name: np.array(sorted(entries)) for name, entries in words.items()}, pooled


def statements_gold(corpora: Path) -> Iterator[tuple[str, list[Span]]]:
    """Sentences of the labelled development articles, made by a simpler splitter and not checked."""
    bunch = load_statements(corpora / "statements", "dev")
    for text, sentences in zip(bunch.texts, bunch.sentences, strict=True):
        yield text, [(start, end) for start, end in sentences]


def ewt_gold(path: Path, paragraphs: bool) -> Iterator[tuple[str, list[Span]]]:
    """Documents of UD English EWT put together from their sentences, with or without blank lines."""
    for document in path.read_text(encoding="utf-8").split("# newdoc")[1:]:
        text, spans, gap = "", [], ""
        for line in document.split("\n"):
            if line.startswith("# newpar") and text and paragraphs:
                gap = "\n\n"
            elif line.startswith("# text = "):
                sentence = line.removeprefix("# text = ").strip()
                spans.append((len(text + gap), len(text + gap + sentence)))
                text, gap = text + gap + sentence, " "
        yield text, spans


def boundary_scores(gold: Iterator[tuple[str, list[Span]]], split: Splitter) -> dict[str, Any]:
    """Scores over the starts of all sentences but the first of each article."""
    counts = []
    for text, spans in gold:
        wanted = {start for start, _ in spans[1:]}
        found = {start for start, _ in split(text, spans[0][0], spans[-1][1])[1:]}
        counts.append(Scores(len(wanted & found), len(found - wanted), len(wanted - found)))
    total = sum(counts, Scores())
    low, high = bootstrap_interval(counts, lambda sample: sum(sample, Scores()).f1)
    return {
        "f1": round(total.f1, 4),
        "interval": [round(low, 4), round(high, 4)],
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "boundaries": total.tp + total.fn,
    }


def punkt_splitter(parameters: PunktParameters) -> Splitter:
    """NLTK's own decision with the parameters learned here, for comparison."""
    tokenizer = PunktSentenceTokenizer(parameters)

    def split(text: str, start: int, end: int) -> list[Span]:
        return [(start + s, start + e) for s, e in tokenizer.span_tokenize(text[start:end])]

    return split


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder with the corpora")
    parser.add_argument("--save", type=Path, default=MODELS / "sentences", help="folder of the model")
    arguments = parser.parse_args()
    arrays, parameters = train(read_styles(arguments.corpora))
    saved = {"name": "sentences", "version": VERSION, "licence": "CC-BY-NC-SA-4.0", "data": DATA}
    save_model(arguments.save, arrays, **saved)  # split_sentences reads it for the scores below
    treebank = arguments.corpora / "ud_english_ewt" / "dev.conllu"
    scores = {}
    for name, split in {"framing": split_sentences, "punkt": punkt_splitter(parameters)}.items():
        scores[name] = {
            "statements dev": boundary_scores(statements_gold(arguments.corpora), split),
            "UD English EWT dev, paragraphs given": boundary_scores(ewt_gold(treebank, True), split),
            "UD English EWT dev, no line breaks": boundary_scores(ewt_gold(treebank, False), split),
        }
    print(scores)
    save_model(
        arguments.save,
        arrays,
        **saved,
        config={"nltk": nltk.__version__},
        scores=scores,
        card=write_card("sentences 1", SUMMARY, DATA, scores, LIMITS),
    )


if __name__ == "__main__":
    main()
