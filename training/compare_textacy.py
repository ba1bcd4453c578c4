"""Attributions beside textacy's direct quotations: the same texts, the same measures, one run.

    python -m spacy convert DIR/ud_english_ewt/train.conllu work -n 10
    python -m spacy convert DIR/ud_english_ewt/dev.conllu work -n 10
    python -m spacy init config work/base.cfg --pipeline tok2vec,tagger,morphologizer,trainable_lemmatizer,parser
    python -m spacy train work/base.cfg --output work/model --paths.train work/train.spacy --paths.dev work/dev.spacy
    python training/compare_textacy.py --corpora DIR --pipeline work/model/model-best [--tier default accurate]

textacy reads a text that a spaCy pipeline has parsed; any with tagger, parser and lemmatizer does (`en_core_web_sm`,
where it is installed, or the one that the commands above train on the English Web Treebank). It finds direct
quotations alone and refuses a text whose quotation marks don't pair: such a text counts as one in which it found
nothing. So the table has two parts: all attributions, and those whose content stands in quotation marks. Needs
`pip install textacy`; nothing else here does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import framing
from common import line_ranges
from evaluate import with_interval
from fit_decoding import polnear_articles
from framing.metrics import Scores, relation_f1
from framing.record import TIERS
from framing.text import quotation_spans

QUOTED = 0.8  # share of a content's characters between quotation marks, from which it is a direct quotation
ROUNDS = 3
Entry = dict[str, Any]
Found = list[list[Entry]]


def quoted(text: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries whose content stands between quotation marks."""
    inside = np.zeros(len(text), dtype=bool)
    for quotation in quotation_spans(text, line_ranges(text)):
        inside[quotation.start : quotation.end] = True
    return [e for e in entries if np.concatenate([inside[a:b] for a, b in e["content"]]).mean() >= QUOTED]


def textacy_reader(pipeline: str) -> tuple[Callable[[Sequence[str]], Found], list[int]]:
    """What textacy reads in texts, and the number of texts that it refused."""
    import spacy
    from textacy.extract import direct_quotations

    nlp = spacy.load(pipeline)
    refused = [0]

    def ranges(tokens: Any) -> list[list[int]]:
        """Tokens that follow one another as one range."""
        out: list[list[int]] = []
        last = None
        for token in tokens:
            if last is not None and token.i == last + 1:
                out[-1][1] = token.idx + len(token)
            else:
                out.append([token.idx, token.idx + len(token)])
            last = token.i
        return out

    def read(texts: Sequence[str]) -> Found:
        refused[0] = 0
        found: Found = []
        for doc in nlp.pipe(texts):
            try:
                triples = list(direct_quotations(doc))
            except ValueError:  # quotation marks that don't pair
                triples, refused[0] = [], refused[0] + 1
            found.append(
                [{"source": ranges(t.speaker), "cue": ranges(t.cue), "content": ranges(t.content)} for t in triples]
            )
        return found

    return read, refused


def own_reader(tier: str) -> Callable[[Sequence[str]], Found]:
    """Our attributions, from the whole analysis."""
    analyzer = framing.Analyzer(tier=tier)
    return lambda texts: [list(doc.to_dict()["attributions"]) for doc in analyzer.analyze_many(texts)]


def scores(articles: Sequence[tuple[str, list[Entry]]], found: Found) -> dict[str, list[float]]:
    """Relation F1 of all attributions and of direct quotations, with precision and recall."""
    everything, direct = [], []
    for (text, gold), entries in zip(articles, found, strict=True):
        everything.append(relation_f1(gold, entries))
        direct.append(relation_f1(quoted(text, gold), quoted(text, entries)))
    out = {}
    for name, part in (("all", everything), ("direct", direct)):
        total = sum(part, Scores())
        interval = with_interval(part, lambda rows: sum(rows, Scores()).f1)
        out[name] = [*interval, round(total.precision, 3), round(total.recall, 3), total.tp + total.fn]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--pipeline", required=True, help="name or folder of a spaCy pipeline")
    parser.add_argument("--tier", nargs="+", choices=TIERS, default=list(TIERS))
    args = parser.parse_args()
    read, refused = textacy_reader(args.pipeline)
    readers = {"textacy": read} | {f"framing, {tier}": own_reader(tier) for tier in args.tier}
    articles = polnear_articles(args.corpora, "dev", held=False)
    texts = [text for text, _ in articles]
    words = sum(len(text.split()) for text in texts)
    for reader in readers.values():  # what is made once is not timed
        reader(texts[:2])
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    found: dict[str, Found] = {}
    for _ in range(ROUNDS):  # in turn, so that a busy minute hits all
        for name, reader in readers.items():
            begun = time.process_time()
            found[name] = reader(texts)
            seconds[name].append(time.process_time() - begun)
    print(f"PolNeAR dev, {len(texts)} articles, {words:,} words; processor time, median of {ROUNDS} rounds")
    print("| | relation F1, all | precision, recall | F1, direct quotations | precision, recall | words/s |")
    print("|---|---|---|---|---|---|")
    for name, rows in found.items():
        result = scores(articles, rows)
        cells = [
            f"{f1:.3f} ({low:.3f} to {high:.3f}) | {precision:.2f}, {recall:.2f}"
            for f1, low, high, precision, recall, _ in result.values()
        ]
        print(f"| {name} | {' | '.join(cells)} | {words / float(np.median(seconds[name])):,.0f} |")
    count, marked = result["all"][-1], result["direct"][-1]
    print(f"{count} attributions, {marked} of them direct quotations; texts that textacy refused: {refused[0]}")


if __name__ == "__main__":
    main()
