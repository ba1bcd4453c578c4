"""Fit what turns the token network's probabilities into attributions and statements.

A dozen numbers: when to accept an attribution, what a change of label costs, how far attributions decide
the voice. They are fitted on the twentieth of the training articles that the network never sees.

    python training/fit_decoding.py --corpora DIR [--tier accurate]       # again, for an already trained model
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from common import MODELS, held_out, line_ranges
from framing.datasets import load_polnear, load_statements
from framing.metrics import (
    Scores,
    StatementScores,
    match_attributions,
    relation_f1,
    role_labels,
    statement_scores,
    token_alpha,
)
from framing.persistence import load_model, save_model
from framing.record import TIERS
from framing.relations import CALIBRATION_FEATURES, Relation, candidate_relations, complete, find_relations
from framing.sentences import split_sentences
from framing.stretches import find_statements, fuse
from framing.tagger import bundled_tagger
from framing.tokens import Encoded, Readings, TokenModel, encode_text

NEUTRAL = dict.fromkeys(CALIBRATION_FEATURES, 0.0) | {"bias": 0.0}
# Costs below these score the same and cut below the clause. Attributions decide the voice from 0.6 on although
# 0.8 scores the same: what a reader sees as a source's content must rarely be called the author's.
GRID = {
    "inside": (4.0, 6.0, 8.0),
    "clause": (0.5, 1.0, 2.0),
    "force": (0.6,),
    "least": (2, 3),
}
# The encoder is surer of the voice than of where a content ends, and its cuts need less smoothing; below 3 they
# would fall within clauses.
ENCODER_GRID = {
    "inside": (3.0, 4.0, 6.0),
    "clause": (0.5, 1.0),
    "force": (0.8,),
    "least": (2, 3),
}


def polnear_articles(corpora: Path, split: str, *, held: bool) -> list[tuple[str, list[dict[str, Any]]]]:
    """Texts with the attributions of their first annotator; of the training part the held-out articles."""
    bunch = load_polnear(corpora / "polnear", split)
    first: dict[int, list[dict[str, Any]]] = {}
    for article, attributions in zip(bunch.articles.tolist(), bunch.annotations, strict=True):
        first.setdefault(article, attributions)
    return [
        (bunch.texts[i], attributions)
        for i, attributions in first.items()
        if not held or held_out(bunch.ids[i])
    ]


def statement_articles(corpora: Path, split: str, *, held: bool) -> list[tuple[str, list[Any]]]:
    """Labelled beginnings of texts with their segments."""
    bunch = load_statements(corpora / "statements", split)
    return [
        (text[: sentences[-1][1]], segments)
        for text, sentences, segments, origin in zip(
            bunch.texts, bunch.sentences, bunch.segments, bunch.origins, strict=True
        )
        if not held or held_out(origin)
    ]


def read_texts(network: TokenModel, texts: list[str]) -> list[tuple[Encoded, Readings]]:
    encoded = [encode_text(text, line_ranges(text)) for text in texts]
    return list(zip(encoded, network.read(encoded), strict=True))


def entry(encoded: Encoded, relation: Relation) -> dict[str, Any]:
    def ranges(runs: list[tuple[int, int]]) -> list[list[int]]:
        return [[int(encoded.spans[a, 0]), int(encoded.spans[b, 1])] for a, b in runs]

    return {"source": ranges(relation.source), "cue": ranges([relation.cue]), "content": ranges(relation.content)}


def fit_attributions(network: TokenModel, articles: list[tuple[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    """Weights of the attribution's probability, and the threshold with the best sum of relation F1 and token alpha."""
    features, right, prepared = [], [], []
    for (_, gold), (encoded, reading) in zip(
        articles, read_texts(network, [text for text, _ in articles]), strict=True
    ):
        found = candidate_relations(network, [encoded], [reading], NEUTRAL)[0]
        matched = {j for _, j in match_attributions(gold, [entry(encoded, relation) for relation in found])}
        features += [relation.features for relation in found]
        right += [j in matched for j in range(len(found))]
        prepared.append((encoded, reading, gold, found))
    model = LogisticRegression(C=1.0).fit(np.array(features), right)
    probability = model.predict_proba(np.array(features))[:, 1]
    curve = []
    for threshold in np.arange(0.1, 0.7, 0.02):
        total, at, labels = Scores(), 0, []
        for encoded, reading, gold, found in prepared:
            likely = [relation for j, relation in enumerate(found) if probability[at + j] >= threshold]
            kept = [entry(encoded, relation) for relation in complete(encoded, reading, likely)]
            total, at = total + relation_f1(gold, kept), at + len(found)
            tokens = encoded.spans[encoded.spans[:, 1] > encoded.spans[:, 0]]
            labels.append((role_labels(tokens, gold), role_labels(tokens, kept)))
        alpha = token_alpha(*(np.concatenate([pair[i] for pair in labels]) for i in (0, 1)))
        curve.append((total.f1, alpha, float(threshold)))
    # Relations want a high threshold, tokens a low one; the sum has one best.
    score, alpha, chosen = max(curve, key=lambda point: point[0] + point[1])
    print(f"attributions: relation F1 {score:.3f}, alpha {alpha:.3f} on held-out articles at {chosen:.2f}", flush=True)
    weights = dict(zip(CALIBRATION_FEATURES, [round(float(w), 4) for w in model.coef_[0]], strict=True))
    return {
        "calibration": weights | {"bias": round(float(model.intercept_[0]), 4)},
        "threshold": round(chosen, 2),
    }


def sentence_bounds(text: str, encoded: Encoded) -> list[tuple[int, int]]:
    spans = [s for a, b in line_ranges(text) for s in split_sentences(text, a, b)]
    first = np.searchsorted(encoded.spans[:, 1], [s for s, _ in spans], side="right")
    stop = np.searchsorted(encoded.spans[:, 0], [e for _, e in spans], side="left")
    return list(zip(first.tolist(), np.maximum(stop, first).tolist(), strict=True))


def fit_statements(
    network: TokenModel,
    decoding: dict[str, Any],
    articles: list[tuple[str, list[Any]]],
    grid: dict[str, tuple[float, ...]],
) -> dict[str, float]:
    """Costs and weights with the best macro-F1; the temperature with the best likelihood."""
    prepared = []
    for (text, gold), (encoded, reading) in zip(
        articles, read_texts(network, [text for text, _ in articles]), strict=True
    ):
        (relations,) = find_relations(
            network, [encoded], [reading], calibration=decoding["calibration"], threshold=decoding["threshold"]
        )
        tokens = encoded.spans[encoded.spans[:, 1] > encoded.spans[:, 0]]
        prepared.append((gold, encoded, reading, relations, sentence_bounds(text, encoded), tokens))

    def predict(costs: dict[str, float]) -> StatementScores:
        total = StatementScores()
        for gold, encoded, reading, relations, bounds, tokens in prepared:
            found = find_statements(encoded, bounds, fuse(reading, relations, costs), costs)
            total += statement_scores(gold, [as_statement(encoded, s) for s in found], tokens)
        return total

    best, chosen = -1.0, {name: values[0] for name, values in grid.items()} | {"temperature": 1.0}
    order = [("inside", "clause"), ("force",), ("least",), ("inside", "clause")]
    for names in order:  # coordinate by coordinate: the full grid would be overfitted for nothing
        for values in itertools.product(*(grid[name] for name in names)):
            costs = chosen | dict(zip(names, values, strict=True))
            score = predict(costs).macro_f1
            if score > best + 1e-4:
                best, chosen = score, costs
    print(f"statements: macro-F1 {best:.3f} on held-out articles with {chosen}", flush=True)

    truth, logits = [], []
    for gold, encoded, reading, relations, bounds, _ in prepared:
        for stretch in find_statements(encoded, bounds, fuse(reading, relations, chosen), chosen):
            start, end = int(encoded.spans[stretch.first, 0]), int(encoded.spans[stretch.last, 1])
            label = gold_label(gold, start, end)
            if label != "frame":
                truth.append(LABELS.index(label))
                logits.append(np.log(np.maximum(stretch.probabilities, 1e-9)))

    def likelihood(temperature: float) -> float:
        scores = np.array(logits) / temperature
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return float(scores[np.arange(len(truth)), truth].mean())

    chosen["temperature"] = float(max(np.arange(0.6, 3.01, 0.05), key=likelihood).round(2))
    return chosen


LABELS = ("author_fact", "author_opinion", "source_fact", "source_opinion")


def as_statement(encoded: Encoded, stretch: Any) -> dict[str, Any]:
    voice, kind = LABELS[int(stretch.probabilities.argmax())].split("_")
    return {
        "start": int(encoded.spans[stretch.first, 0]), "end": int(encoded.spans[stretch.last, 1]),
        "voice": voice, "kind": kind,
    }  # fmt: skip


def gold_label(gold: list[Any], start: int, end: int) -> str:
    """The gold label that covers most of a range, ``"frame"`` where there is none."""
    cover: dict[str, int] = {}
    for s, e, label in gold:
        overlap = min(e, end) - max(s, start)
        if overlap > 0:
            cover[label] = cover.get(label, 0) + overlap
    return max(cover, key=lambda name: cover[name]) if cover else "frame"


def fit_decoding(
    network: TokenModel, corpora: Path, grid: dict[str, tuple[float, ...]] = GRID
) -> dict[str, Any]:
    decoding = fit_attributions(network, polnear_articles(corpora, "train", held=True))
    decoding["statements"] = fit_statements(network, decoding, statement_articles(corpora, "train", held=True), grid)
    return decoding


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--tier", choices=TIERS, default="default")
    args = parser.parse_args()
    folder, grid = (MODELS / "encoder", ENCODER_GRID) if args.tier == "accurate" else (MODELS / "tagger", GRID)
    manifest, arrays = load_model(folder)
    config = manifest["config"] | {"decoding": fit_decoding(bundled_tagger(args.tier).network, args.corpora, grid)}
    save_model(
        folder, arrays, name=manifest["name"], version=manifest["version"], licence=manifest["licence"],
        config=config, data=manifest["data"], seed=manifest["seed"], scores=manifest["scores"],
        card=(folder / "CARD.md").read_text(encoding="utf-8"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
