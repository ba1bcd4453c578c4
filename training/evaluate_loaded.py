"""Scores of the models of biased sentences and loaded words beyond BABE, with intervals.

    python training/evaluate_loaded.py --corpora DIR [--tier accurate] [--skip-babe]

BABE (folds by article, outlets left out) as ``train_bias.py`` reports it; lexical and informational bias of BASIL's
sentences, by the models as bundled and by models that learned from BASIL (5 folds by event); how often sentences of
news agencies in NewsDiscourse are called biased; counterfactual swaps and kinds of loaded words on this project's own
probes (``datasets/probes``), and on its sample articles; words per second. What the network adds to loaded words is
cross-validated by ``train_tagger_sentences.py`` and stands in that model's manifest.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

import framing
from evaluate import evaluate_sentences, with_interval
from framing.bias_scores import BiasScorer, LoadedScorer
from framing.datasets import load_basil, load_newsdiscourse, load_sample
from framing.features import TextFeatures
from framing.kinds import KINDS, find_loaded
from framing.linear import WordTable, fit_logistic
from framing.record import TIERS
from framing.text import tokenize
from framing.word_rows import bundled_features
from train_bias import FOLDS, group_folds

PROBES = Path(__file__).resolve().parents[1] / "datasets" / "probes"
AGENCIES = ("Reuters", "Xinhua")
Array = np.ndarray
Score = Callable[[Sequence[str]], Array]


def sentence_score(tier: str) -> Score:
    """Probability of bias of texts of one sentence each."""
    if tier == "default":
        return lambda texts: framing.BiasClassifier().predict_proba(texts)[:, 1]
    analyzer = framing.Analyzer(tier=tier)
    return lambda texts: np.array([max(s.bias for s in doc.sentences) for doc in analyzer.analyze_many(texts)])


def counterfactuals(score: Score) -> dict[str, Any]:
    """Changes of the score between any two fillers of a template: mean with interval over templates, and largest."""
    sets = json.loads((PROBES / "counterfactuals.json").read_text(encoding="utf-8"))
    by_template: list[list[float]] = []
    out: dict[str, Any] = {}
    for name, part in sets.items():
        rows = []
        for template in part["templates"]:
            values = score([template.format(*filler) for filler in part["fillers"]])
            rows.append([abs(float(a) - float(b)) for a, b in combinations(values, 2)])
        by_template += rows
        changes = np.concatenate(rows)
        out[name] = {"mean": round(float(changes.mean()), 4), "largest": round(float(changes.max()), 4)}
    out["all"] = {
        "mean": with_interval(by_template, lambda part: float(np.mean(np.concatenate(part)))),
        "largest": round(max(map(max, by_template)), 4),
    }
    return out


def kinds() -> dict[str, Any]:
    """Kinds of the probes' loaded words where one was found, and how many were found."""
    lines = (PROBES / "loaded_words.jsonl").read_text(encoding="utf-8").splitlines()
    scorer = LoadedScorer.bundled()
    table = WordTable([scorer.block], bundled_features())
    rows = []
    for line in lines:
        row = json.loads(line)
        spans = tokenize(row["text"]).tolist()
        words = [row["text"][s:e] for s, e in spans]
        limits = np.array([[0, len(words)]])
        chances = scorer.read(table.read(words), limits)
        (marked,) = scorer.spans(chances, limits)
        found = find_loaded(words, [(0, len(words), True)], marked, chances)
        gold = [(row["text"].index(text), text, kind) for text, kind in row["loaded"]]
        places = [(spans[run.first][0], spans[run.stop - 1][1], run.kind) for run in found]
        met = [
            next((kind for start, end, kind in places if start < at + len(text) and end > at), None)
            for at, text, _ in gold
        ]
        rows.append([(kind, guess) for (_, _, kind), guess in zip(gold, met, strict=True)] or [(None, len(found))])
    pairs = [pair for row in rows for pair in row if pair[0] is not None]

    def right(part: Sequence[Any]) -> float:
        met = [a == b for row in part for a, b in row if a is not None and b is not None]
        return float(np.mean(met)) if met else 0.0

    return {
        "found": round(float(np.mean([guess is not None for _, guess in pairs])), 4),
        "kind_right_of_found": with_interval(rows, right),
        "by_kind": {
            kind: f"{sum(a == b == kind for a, b in pairs)} of {sum(a == kind for a, _ in pairs)}" for kind in KINDS
        },
        "found_in_plain_sentences": sum(int(b) for row in rows for a, b in row if a is None),
    }


def samples(tier: str) -> dict[str, Any]:
    """Loaded wording of the sample articles: what is found, and whether kind and voice of the matches are right."""
    texts = {key: text for name in ("plain", "hard") for key, text in _texts(name)}
    rows = []
    analyzer = framing.Analyzer(tier=tier)
    for file in (PROBES.parent / "loaded.jsonl", PROBES.parent / "hard" / "loaded.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            found = analyzer.analyze(texts[entry["id"]]).bias.spans
            gold = entry["loaded"]
            matches = [
                (kind, voice, next((w for w in found if w.span.start < end and w.span.end > start), None))
                for start, end, kind, voice in gold
            ]
            met = [(kind, voice, word) for kind, voice, word in matches if word is not None]
            rows.append(
                (
                    len(gold), len(met), sum(word.kind == kind for kind, _, word in met),
                    sum(word.voice == voice for _, voice, word in met), len(found),
                    sum(any(w.span.start < end and w.span.end > start for start, end, *_ in gold) for w in found),
                )
            )  # fmt: skip

    def share(top: int, bottom: int) -> list[float]:
        return with_interval(rows, lambda part: float(sum(r[top] for r in part) / max(sum(r[bottom] for r in part), 1)))

    return {"recall": share(1, 0), "precision": share(5, 4), "kind_right": share(2, 1), "voice_right": share(3, 1)}


def _texts(name: str) -> list[tuple[str, str]]:
    sample = load_sample(name)
    return list(zip(sample.ids, sample.texts, strict=True))


def basil_sentences(corpora: Path) -> tuple[list[str], Array, Array, Array]:
    """Sentences, whether each has lexical and informational bias (columns), their events and articles."""
    basil = load_basil(corpora / "basil")
    texts, labels, events, articles = [], [], [], []
    for number, (text, sentences, spans) in enumerate(zip(basil.texts, basil.sentences, basil.spans, strict=True)):
        for start, end in sentences:
            inside = {s["bias"] for s in spans if s["start"] < end and s["end"] > start}
            texts.append(text[start:end])
            labels.append(("lexical" in inside, "informational" in inside))
            events.append(basil.groups[number])
            articles.append(number)
    return texts, np.array(labels), np.array(events), np.array(articles)


def auc_with_interval(target: Array, score: Array, groups: Array) -> list[float]:
    """Area under the curve and its interval over groups."""
    units = [np.flatnonzero(groups == group) for group in np.unique(groups)]

    def statistic(part: Sequence[Array]) -> float:
        rows = np.concatenate(part)
        return float(roc_auc_score(target[rows], score[rows])) if 0 < target[rows].sum() < len(rows) else 0.5

    return with_interval(units, statistic)


def evaluate_basil(corpora: Path, score: Score) -> dict[str, Any]:
    """AUC of both kinds of bias in sentences, without and after training on BASIL."""
    texts, labels, events, articles = basil_sentences(corpora)
    bundled = score(texts)
    logits = np.log(np.clip(bundled, 1e-6, 1 - 1e-6) / np.clip(1 - bundled, 1e-6, 1))
    rows = TextFeatures(mask_identities=True).transform(texts)
    design = sp.csr_matrix(sp.hstack([rows, sp.csr_matrix(logits[:, None])]))
    folds, trained = group_folds(events, FOLDS), np.zeros(labels.shape)
    for fold in range(FOLDS):
        inside = folds == fold
        weights, intercepts = fit_logistic(design[~inside], labels[~inside], 0.3)
        trained[inside] = design[inside] @ weights + intercepts
    return {
        name: {
            "share": round(float(labels[:, column].mean()), 4),
            "auc_without_basil": auc_with_interval(labels[:, column], bundled, articles),
            "auc_after_basil": auc_with_interval(labels[:, column], trained[:, column], articles),
        }
        for column, name in enumerate(("lexical", "informational"))
    }


def evaluate_agencies(corpora: Path, score: Score) -> dict[str, Any]:
    """Share of sentences called biased in news agencies' copy, speech apart."""
    out: dict[str, Any] = {}
    parts = [load_newsdiscourse(corpora / "newsdiscourse", split) for split in ("train", "validation")]
    for agency in AGENCIES:
        units = []
        for news in parts:
            for text, outlet, sentences, speech in zip(
                news.texts, news.outlets, news.sentences, news.speech, strict=True
            ):
                if sentences and str(outlet).lower().startswith(agency.lower()[:3]):
                    biased = score([text[start:end] for start, end in sentences]) > 0.5
                    units.append((biased, np.array(speech, dtype=bool)))

        def flagged(part: Sequence[Any], speech: bool | None = None) -> float:
            kept = [biased if speech is None else biased[said == speech] for biased, said in part]
            return float(np.mean(np.concatenate(kept)))

        if units:
            out[agency] = {
                "articles": len(units),
                "called_biased": with_interval(units, flagged),
                "without_speech": with_interval(units, lambda part: flagged(part, False)),
            }
    return out


def words_per_second(corpora: Path) -> float:
    """Words a second of this step alone, tokens given: sentences, loaded words, kinds; one core, caches warm."""
    news = load_newsdiscourse(corpora / "newsdiscourse", "validation")
    bias, loaded = BiasScorer.bundled(), LoadedScorer.bundled()
    table = WordTable([bias.block, loaded.block], bundled_features())
    articles = []
    for text, sentences in zip(news.texts, news.sentences, strict=True):
        spans = tokenize(text)
        words = [text[s:e] for s, e in spans.tolist()]
        edges = np.array(sentences, dtype=np.int64).reshape(-1, 2)
        first = np.searchsorted(spans[:, 0], edges[:, 0])
        articles.append((words, np.column_stack([first, np.searchsorted(spans[:, 0], edges[:, 1])])))
    best = 0.0
    for _ in range(4):  # the first pass fills the cache
        start, count = time.perf_counter(), 0
        for words, sentences in articles:
            sheet = table.read(words)
            bias.read(sheet, sentences)
            chances = loaded.read(sheet, sentences)
            marked = [run for part in loaded.spans(chances, sentences) for run in part]
            find_loaded(words, [(a, b, True) for a, b in sentences.tolist()], marked, chances)
            count += sum(word[0].isalpha() for word in words)
        best = max(best, count / (time.perf_counter() - start))
    return round(best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--tier", choices=TIERS, default="default")
    parser.add_argument("--skip-babe", action="store_true", help="leave out the cross-validation on BABE")
    args = parser.parse_args()
    score = sentence_score(args.tier)
    results: dict[str, Any] = {"counterfactuals": counterfactuals(score), "samples": samples(args.tier)}
    if args.tier == "default":
        results["kinds"] = kinds()
        results["basil"] = evaluate_basil(args.corpora, score)
        results["agencies"] = evaluate_agencies(args.corpora, score)
        results["words_per_second"] = words_per_second(args.corpora)
        if not args.skip_babe:
            results["babe"] = evaluate_sentences(args.corpora)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
