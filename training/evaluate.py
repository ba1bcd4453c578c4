"""Scores of the bundled models on the development parts, as the README's table.

Attributions and statements come out of the whole analysis, as a user gets them. The sentence and frame
models are cross-validated anew by their training scripts, which write to a temporary folder here.

    python training/evaluate.py --corpora DIR [--tier accurate] [--only network|sentences|frames] [--record]

"network" is attributions, statements, and the sample articles of this project beside them: the hard ones, which
are in registers that PolNeAR has not, apart; and attributions once more at a threshold that finds more of them.

The accurate tier's sentence and frame scores are cross-validated by ``finish_encoder.py``; they stand in its manifest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

import framing
from common import MODELS, held_out, reliability, score_section
from cue_kinds import CUE_KINDS, cue_kind
from fit_decoding import gold_label, polnear_articles, statement_articles
from framing.datasets import load_babe, load_newsdiscourse, load_sample, load_statements
from framing.metrics import (
    ROLES,
    Scores,
    StatementScores,
    bootstrap_interval,
    expected_calibration_error,
    match_attributions,
    relation_f1,
    role_labels,
    span_scores,
    statement_scores,
    token_alpha,
    token_f1,
)
from framing.persistence import load_model, save_model
from framing.record import LABELS, TIERS
from framing.text import tokenize
from train_bias import train_loaded, train_sentences
from train_frames import gun_violence_scores, narrative_scores, policy_scores


def share(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 3)


def with_interval(units: Sequence[Any], statistic: Callable[[Sequence[Any]], float]) -> list[float]:
    """Statistic of all documents and its 95% bootstrap interval over documents."""
    low, high = bootstrap_interval(units, statistic, n=500, random_state=0)
    return [round(statistic(units), 4), round(low, 4), round(high, 4)]


def evaluate_attributions(corpora: Path, analyzer: framing.Analyzer) -> dict[str, Any]:
    """PolNeAR dev: relations, token agreement and the probabilities' calibration."""
    return score_attributions(polnear_articles(corpora, "dev", held=False), analyzer)


def score_attributions(
    articles: Sequence[tuple[str, list[dict[str, Any]]]], analyzer: framing.Analyzer
) -> dict[str, Any]:
    """Scores of the whole analysis' attributions against gold ones of the same texts."""
    docs = analyzer.analyze_many([text for text, _ in articles])
    relations, labels, probabilities, right = [], [], [], []
    spans = {exact: dict.fromkeys(ROLES[1:], Scores()) for exact in (True, False)}
    kinds: dict[str, list[tuple[bool, bool]]] = {kind: [] for kind in (*CUE_KINDS, "no source")}
    for (text, gold), doc in zip(articles, docs, strict=True):
        predicted = doc.to_dict()["attributions"]
        for exact, sums in spans.items():
            for role, score in span_scores(gold, predicted, exact=exact).items():
                sums[role] += score
        found = {i for i, _ in match_attributions(gold, predicted)}
        cues = [span for entry in predicted for span in entry["cue"]]
        for number, entry in enumerate(gold):
            if entry["cue"]:
                met = any(a < end and start < b for a, b in entry["cue"] for start, end in cues)
                for kind in (cue_kind(text, entry["cue"]), *(() if entry["source"] else ("no source",))):
                    kinds[kind].append((met, number in found))
        tokens = tokenize(text)
        relations.append(relation_f1(gold, predicted))
        labels.append((role_labels(tokens, gold), role_labels(tokens, predicted)))
        matched = {j for _, j in match_attributions(gold, predicted)}
        probabilities += [entry["probability"] for entry in predicted]
        right += [j in matched for j in range(len(predicted))]

    def alpha(pairs: Sequence[Any]) -> float:
        return token_alpha(np.concatenate([g for g, _ in pairs]), np.concatenate([p for _, p in pairs]))

    total = sum(relations, Scores())
    roles = token_f1(*(np.concatenate([pair[i] for pair in labels]) for i in (0, 1)))
    return {
        "relation_f1": with_interval(relations, lambda part: sum(part, Scores()).f1),
        "relation_precision": round(total.precision, 4),
        "relation_recall": round(total.recall, 4),
        "token_alpha": with_interval(labels, alpha),
        "token_f1": {role: round(score.f1, 4) for role, score in roles.items()},
        "exact_f1": {role: round(score.f1, 4) for role, score in spans[True].items()},
        "overlap_f1": {role: round(score.f1, 4) for role, score in spans[False].items()},
        "recall_by_kind": {
            kind: {"n": len(rows), "cue": share([met for met, _ in rows]), "relation": share([hit for _, hit in rows])}
            for kind, rows in kinds.items()
            if rows
        },
        "calibration_error": round(expected_calibration_error(np.array(right), np.array(probabilities)), 4),
    }


def evaluate_statements(corpora: Path, analyzer: framing.Analyzer) -> dict[str, Any]:
    """The statements' dev part: labels of tokens, and the calibration of the statements' probabilities."""
    return score_statements(statement_articles(corpora, "dev", held=False), analyzer)


def score_statements(articles: Sequence[tuple[str, list[Any]]], analyzer: framing.Analyzer) -> dict[str, Any]:
    """Scores of the whole analysis' statements against gold segments of the same texts."""
    scores, sure, right = [], [], []
    for (text, gold), doc in zip(articles, analyzer.analyze_many([text for text, _ in articles]), strict=True):
        found = doc.to_dict()["statements"]
        scores.append(statement_scores(gold, found, tokenize(text)))
        for row in found:
            label = gold_label(gold, row["start"], row["end"])
            if label != "frame":
                sure.append(row["probability"][f"{row['voice']}_{row['kind']}"])
                right.append(label == f"{row['voice']}_{row['kind']}")
    total = sum(scores, StatementScores())
    return {
        "macro_f1": with_interval(scores, lambda part: sum(part, StatementScores()).macro_f1),
        "f1": {label: round(total[label].f1, 4) for label in LABELS},
        "frame_f1": round(total["frame"].f1, 4),
        "voice_accuracy": with_interval(scores, lambda part: sum(part, StatementScores()).voice_accuracy),
        "kind_accuracy": with_interval(scores, lambda part: sum(part, StatementScores()).kind_accuracy),
        "calibration_error": round(expected_calibration_error(np.array(right), np.array(sure)), 4),
        "reliability": reliability(right, sure),
    }


EAGER = 0.08  # the threshold of one who would rather read a false attribution than miss one
GENRES = {
    "wire": ("BReuters", "BXinhua", "CXinhua", "CReuters", "Reuters", "Xinhua", "ap_"),
    "broadsheet": ("NYT", "nyt"),
    "climate": ("narrative_frames",),
    "opinionated": ("semeval2023", "west-journal", "breitbart", "huff-post"),
}
"""What an article's origin tells of its genre; the rest is political news of the United States."""


def genre(origin: str) -> str:
    return next((name for name, marks in GENRES.items() if any(mark in origin for mark in marks)), "US politics")


def evaluate_genres(corpora: Path, analyzer: framing.Analyzer) -> dict[str, Any]:
    """Statements by genre, over the development part and the training articles that were held out."""
    parts = [load_statements(corpora / "statements", split) for split in ("dev", "train")]
    articles = statement_articles(corpora, "dev", held=False) + statement_articles(corpora, "train", held=True)
    origins = [*parts[0].origins, *filter(held_out, parts[1].origins)]
    genres = list(map(genre, origins))
    return {
        name: score_statements([a for a, g in zip(articles, genres, strict=True) if g == name], analyzer)
        | {"articles": genres.count(name)}
        for name in sorted(set(genres))
    }


def evaluate_discourse(corpora: Path, analyzer: framing.Analyzer) -> dict[str, Any]:
    """NewsDiscourse validation: is a sentence speech, from the voice; evaluation or expectation, from the kind.

    A sentence is speech where most of its words in statements are a source's; speech there is what is quoted or told
    with a verb of saying, which is less than what is a source's here (beliefs, plans, hearsay).
    """
    news = load_newsdiscourse(corpora / "newsdiscourse", "validation")
    articles = []
    docs = analyzer.analyze_many(news.texts)
    for text, doc, ranges, speech, types in zip(news.texts, docs, news.sentences, news.speech, news.types, strict=True):
        source, opinion, known = np.zeros((3, len(text)))
        for row in doc.to_dict()["statements"]:
            span, chances = slice(row["start"], row["end"]), row["probability"]
            known[span] = 1
            source[span] = chances["source_fact"] + chances["source_opinion"]
            opinion[span] = chances["source_opinion"] + chances["author_opinion"]
        shares = np.array([[part[a:b].sum() for part in (source, opinion)] for a, b in ranges])
        shares /= np.maximum([known[a:b].sum() for a, b in ranges], 1)[:, None]
        judged = np.isin(types, ["Distant_Evaluation", "Distant_Expectations_Consequences"])
        articles.append(np.column_stack([shares, speech, judged]))

    def speech_f1(part: Sequence[Any]) -> float:
        rows = np.concatenate(part)
        return float(f1_score(rows[:, 2], rows[:, 0] > 0.5, average="macro"))

    def opinion_auc(part: Sequence[Any]) -> float:
        rows = np.concatenate(part)
        return float(roc_auc_score(rows[:, 3], rows[:, 1]))

    rows = np.concatenate(articles)
    return {
        "speech_macro_f1": with_interval(articles, speech_f1),
        "speech_auc": round(float(roc_auc_score(rows[:, 2], rows[:, 0])), 4),
        "evaluation_auc": with_interval(articles, opinion_auc),
    }


def evaluate_samples(analyzer: framing.Analyzer) -> dict[str, Any]:
    """The annotated articles of this project: attributions and statements of the plain and of the hard ones."""
    results: dict[str, Any] = {}
    for name in ("plain", "hard"):
        sample = load_sample(name)
        texts = dict(zip(sample.ids, sample.texts, strict=True))
        attributions = [(texts[key], rows) for key, rows in sample.attributions.items()]
        statements = [(texts[key], rows) for key, rows in sample.statements.items()]
        results[f"{name}_attributions"] = score_attributions(attributions, analyzer)
        results[f"{name}_statements"] = score_statements(statements, analyzer)
    return results


def evaluate_sentences(corpora: Path) -> dict[str, Any]:
    """BABE and CheckThat: folds by article, outlets left out, development test part."""
    babe = load_babe(corpora / "babe")
    with TemporaryDirectory() as folder, redirect_stdout(sys.stderr):  # only the result goes to standard output
        train_sentences(corpora, babe, Path(folder))
        train_loaded(babe, Path(folder))
        return {name: load_model(Path(folder) / name).manifest["scores"] for name in ("bias", "opinion", "loaded")}


def evaluate_frames(corpora: Path) -> dict[str, Any]:
    """SemEval, Narrative Frames, GVFC and forum posts, everything tuned within the training folds; and zero-shot."""
    parts = {"policy": policy_scores, "narrative": narrative_scores, "gun_violence": gun_violence_scores}
    with redirect_stdout(sys.stderr):  # only the result goes to standard output
        return {name: scores(corpora) for name, scores in parts.items()}


def record_scores(name: str, scores: dict[str, Any]) -> None:
    """Write a token model's development scores into its manifest and card."""
    manifest, arrays = load_model(MODELS / name)
    card = (MODELS / name / "CARD.md").read_text(encoding="utf-8")
    before = score_section(manifest["scores"])
    save_model(
        MODELS / name, arrays, name=name, version=manifest["version"], licence=manifest["licence"],
        config=manifest["config"], data=manifest["data"], seed=manifest["seed"], scores=scores,
        card=card.replace(before, score_section(scores)),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--tier", choices=TIERS, default="default")
    parser.add_argument("--only", choices=("network", "sentences", "frames"))
    parser.add_argument("--record", action="store_true", help="write the network's scores into its manifest and card")
    args = parser.parse_args()
    results: dict[str, Any] = {}
    if args.only in (None, "network"):
        analyzer = framing.Analyzer(tier=args.tier)
        results["polnear_dev"] = evaluate_attributions(args.corpora, analyzer)
        results["statements_dev"] = evaluate_statements(args.corpora, analyzer)
        results["newsdiscourse_validation"] = evaluate_discourse(args.corpora, analyzer)
        if args.record:  # of the development parts; the samples are too few to be a model's score
            record_scores("encoder" if args.tier == "accurate" else "tagger", results)
        results["polnear_dev_eager"] = evaluate_attributions(
            args.corpora,
            framing.Analyzer(
                tier=args.tier, attribution=framing.AttributionExtractor(threshold=EAGER, tier=args.tier)
            ),
        )
        results["statements_by_genre"] = evaluate_genres(args.corpora, analyzer)
        results |= evaluate_samples(analyzer)
    if args.tier == "default" and args.only in (None, "sentences"):
        results |= evaluate_sentences(args.corpora)
    if args.tier == "default" and args.only in (None, "frames"):
        results |= evaluate_frames(args.corpora)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
