"""Scores of the bundled models on the development parts, as the README's table.

Attributions and statements come out of the whole analysis, as a user gets them; the sentence and frame
models are cross-validated anew by their training scripts' own functions.

    python training/evaluate.py --corpora DIR [--only network|sentences|frames]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import framing
from fit_decoding import polnear_articles, statement_articles
from framing.metrics import (
    Scores,
    StatementScores,
    bootstrap_interval,
    expected_calibration_error,
    match_attributions,
    relation_f1,
    role_labels,
    statement_scores,
    token_alpha,
    token_f1,
)
from framing.record import LABELS
from framing.text import tokenize


def with_interval(units: Sequence[Any], statistic: Callable[[Sequence[Any]], float]) -> list[float]:
    """Statistic of all documents and its 95% bootstrap interval over documents."""
    low, high = bootstrap_interval(units, statistic, n=500, random_state=0)
    return [round(statistic(units), 4), round(low, 4), round(high, 4)]


def evaluate_attributions(corpora: Path) -> dict[str, Any]:
    """PolNeAR dev: relations, token agreement and the probabilities' calibration."""
    articles = polnear_articles(corpora, "dev", held=False)
    docs = framing.analyze_many([text for text, _ in articles])
    relations, labels, probabilities, right = [], [], [], []
    for (text, gold), doc in zip(articles, docs, strict=True):
        predicted = doc.to_dict()["attributions"]
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
        "calibration_error": round(expected_calibration_error(np.array(right), np.array(probabilities)), 4),
    }


def evaluate_statements(corpora: Path) -> dict[str, Any]:
    """The statements' dev part: labels of tokens."""
    articles = statement_articles(corpora, "dev", held=False)
    docs = framing.analyze_many([text for text, _ in articles])
    scores = [
        statement_scores(gold, doc.to_dict()["statements"], tokenize(text))
        for (text, gold), doc in zip(articles, docs, strict=True)
    ]
    total = sum(scores, StatementScores())
    return {
        "macro_f1": with_interval(scores, lambda part: sum(part, StatementScores()).macro_f1),
        "f1": {label: round(total[label].f1, 4) for label in LABELS},
        "frame_f1": round(total["frame"].f1, 4),
        "voice_accuracy": with_interval(scores, lambda part: sum(part, StatementScores()).voice_accuracy),
        "kind_accuracy": with_interval(scores, lambda part: sum(part, StatementScores()).kind_accuracy),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--only", choices=("network", "sentences", "frames"))
    args = parser.parse_args()
    results: dict[str, Any] = {}
    if args.only in (None, "network"):
        results["polnear_dev"] = evaluate_attributions(args.corpora)
        results["statements_dev"] = evaluate_statements(args.corpora)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
