"""Train the frame models: ``python training/train_frames.py --corpora DIR``.

Each is a :class:`framing.frames.FrameClassifier`, fitted through the class that users call. Thresholds
and calibration are found inside the training folds.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import roc_auc_score

from common import MODELS, write_card
from framing.datasets import load_issue_dialogue, load_narrative_frames, load_semeval2023_task3
from framing.embedding import StaticEmbedding
from framing.features import bundled_features
from framing.frames import FrameClassifier, load_inventory
from framing.linear import pack_weights, sigmoid
from framing.metrics import bootstrap_interval, expected_calibration_error
from framing.persistence import save_model

VERSION, SEED, FOLDS = "1", 0, 5
LICENCE = "CC-BY-NC-SA-4.0"

Array = np.ndarray


def micro_f1(counts: Array) -> float:
    """Of (tp, fp, fn) by article and frame, shape (n_articles, n_frames, 3)."""
    tp, fp, fn = counts.sum((0, 1))
    return float(2 * tp / max(2 * tp + fp + fn, 1))


def macro_f1(counts: Array) -> float:
    tp, fp, fn = counts.sum(0).T
    return float(np.mean(2 * tp / np.maximum(2 * tp + fp + fn, 1)))


def count(target: Array, guess: Array) -> Array:
    return np.stack([target & guess, ~target & guess, target & ~guess], axis=2).astype(int)


def cross_logits(settings: dict[str, Any], texts: list[str], target: Array, folds: Array) -> Array:
    logits = np.zeros(target.shape)
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds == fold)
        outside = np.flatnonzero(folds != fold)
        model = FrameClassifier(**settings).fit([texts[i] for i in outside], target[outside])
        logits[inside] = model.decision_function([texts[i] for i in inside])
    return logits


def mean_auc(target: Array, logits: Array) -> float:
    kept = [j for j in range(target.shape[1]) if 0 < target[:, j].sum() < len(target)]
    return float(np.mean([roc_auc_score(target[:, j], logits[:, j]) for j in kept]))


def report(name: str, target: Array, logits: Array) -> dict[str, Any]:
    counts = count(target, logits >= 0)
    scores: dict[str, Any] = {}
    for key, statistic in (("micro_f1", micro_f1), ("macro_f1", macro_f1)):
        low, high = bootstrap_interval(counts, statistic, random_state=SEED)
        scores[key] = round(statistic(counts), 4)
        scores[f"{key}_interval_95"] = [round(low, 4), round(high, 4)]
    scores["macro_auc"] = round(mean_auc(target, logits), 4)
    always = count(target, np.ones_like(target))
    scores["always_positive"] = {"micro_f1": round(micro_f1(always), 4), "macro_f1": round(macro_f1(always), 4)}
    print(name, scores, flush=True)
    return scores


def calibration(settings: dict[str, Any], texts: list[str], target: Array, folds: Array) -> float:
    logits = cross_logits({**settings, "decide": "probability"}, texts, target, folds)
    return round(expected_calibration_error(target.ravel(), sigmoid(logits).ravel()), 4)


def save(name: str, model: FrameClassifier, data: list[Any], scores: dict[str, Any], limits: str, home: Path) -> None:
    scorer, space = model.scorer, bundled_features()
    packed, scales = pack_weights(scorer.learned, space.slices)
    arrays = {
        "packed": packed,
        "scales": scales,
        "article_seed": scorer.article_seed,
        "article_intercept": scorer.article_intercept,
        "seed_mean": scorer.usual[0],
        "seed_spread": scorer.usual[1],
    }
    config = {
        "features": space.version,
        "frames": [asdict(frame) for frame in scorer.frames],
        "sentence": scorer.sentence,
        "decide": model.decide,
    }
    summary = (
        f"Scores of the {len(scorer.names)} {name} frames: seed words by static embedding, and scores of words "
        "learned from labelled articles; at 0.5 a frame counts as present."
    )
    save_model(
        home / name, arrays, name=name, version=VERSION, licence=LICENCE, data=data, seed=SEED, scores=scores,
        config=config, card=write_card(name, summary, data, scores, limits),
    )  # fmt: skip


def train_policy(corpora: Path, home: Path = MODELS) -> None:
    bunch = load_semeval2023_task3(corpora / "semeval2023_task3")
    texts, target = bunch.texts, bunch.target
    settings: dict[str, Any] = {"frames": "policy", "decide": "micro_f1"}
    vectors = StaticEmbedding().fit_transform(texts)
    topics = KMeans(FOLDS, n_init=10, random_state=SEED).fit_predict(vectors)
    folds = np.random.default_rng(SEED).permutation(len(texts)) % FOLDS
    scores: dict[str, Any] = {
        "semeval_5_random_folds": report("policy", target, cross_logits(settings, texts, target, folds)),
        "semeval_5_topic_clusters": report("policy, topics", target, cross_logits(settings, texts, target, topics)),
    }
    zero = FrameClassifier(load_inventory("policy"))
    scores["semeval_zero_shot_macro_auc"] = round(mean_auc(target, zero.decision_function(texts)), 4)
    scores["semeval_calibration_error_before_thresholds"] = calibration(settings, texts, target, folds)
    model = FrameClassifier(**settings).fit(texts, target)
    posts = load_issue_dialogue(corpora / "issue_dialogue")
    kept = np.flatnonzero(posts.target.any(axis=0))
    gold = posts.target[:, kept]
    guess = model.sentence_proba(posts.texts)[:, kept]
    scores["issue_dialogue_sentences_macro_auc"] = round(mean_auc(gold, guess), 4)
    print({key: value for key, value in scores.items() if not isinstance(value, dict)})
    save(
        "policy", model,
        [
            {"name": "SemEval-2023 task 3, English", "licence": "research use"},
            {"name": "seeds and descriptions of the policy inventory", "licence": "BSD-3-Clause"},
        ],
        scores,
        "Learned from 325 articles of 2016 to 2022, many of them from partisan or conspiracist outlets; on topics "
        "that these lack the seeds carry most of the score. Sentence scores come from seeds and have been compared "
        "with labels on 176 forum posts only. Coders themselves disagree most on capacity, quality of life, "
        "morality and public opinion.",
        home,
    )  # fmt: skip


def train_narrative(corpora: Path, home: Path = MODELS) -> None:
    bunch = load_narrative_frames(corpora / "narrative_frames")
    texts, target, folds = bunch.texts, bunch.target, bunch.test_fold
    settings: dict[str, Any] = {"frames": "narrative", "decide": "macro_f1"}
    logits = cross_logits(settings, texts, target, folds)
    scores: dict[str, Any] = {"narrative_frames_paper_folds": report("narrative", target, logits)}
    zero = FrameClassifier(load_inventory("narrative"))
    scores["narrative_frames_zero_shot_macro_auc"] = round(mean_auc(target, zero.decision_function(texts)), 4)
    scores["narrative_frames_calibration_error_before_thresholds"] = calibration(settings, texts, target, folds)
    print({key: value for key, value in scores.items() if not isinstance(value, dict)})
    save(
        "narrative", FrameClassifier(**settings).fit(texts, target),
        [
            {"name": "Narrative Frames", "licence": "repository MIT; texts third-party"},
            {"name": "seeds and descriptions of the narrative inventory", "licence": "BSD-3-Clause"},
        ],
        scores,
        "Learned from 343 articles on climate change; on other topics the seeds carry most of the score. Human "
        "interest and morality are rare in them (one article in ten).",
        home,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS)
    args = parser.parse_args()
    train_policy(args.corpora, args.out)
    train_narrative(args.corpora, args.out)


if __name__ == "__main__":
    main()
