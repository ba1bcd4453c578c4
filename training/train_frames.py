"""Train the frame models: ``python training/train_frames.py --corpora DIR``.

Each is a :class:`framing.FrameClassifier`, fitted through the class that users call. Strength of the penalty,
calibration and thresholds are found inside the training folds. ``evaluate.py --only frames`` prints the scores,
with those of texts on one topic (GVFC) and of no training at all, without saving anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from common import MODELS, write_card
from framing import Frame, FrameClassifier, StaticEmbedding, load_inventory
from framing.datasets import load_gvfc, load_issue_dialogue, load_narrative_frames, load_semeval2023_task3
from framing.frame_scores import ZERO_SHOT, FrameScorer
from framing.linear import pack_weights, sigmoid
from framing.metrics import bootstrap_interval, expected_calibration_error
from framing.persistence import save_model
from framing.word_rows import bundled_features

VERSION, SEED, FOLDS = "2", 0, 5
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


def with_interval(units: Array, statistic: Callable[[Any], float]) -> list[float]:
    """Statistic and its 95% bootstrap interval over articles."""
    low, high = bootstrap_interval(units, statistic, random_state=SEED)
    return [round(float(statistic(units)), 4), round(low, 4), round(high, 4)]


def mean_auc(target: Array, scores: Array) -> float:
    kept = [j for j in range(target.shape[1]) if 0 < target[:, j].sum() < len(target)]
    return float(np.mean([roc_auc_score(target[:, j], scores[:, j]) for j in kept]))


def auc_interval(target: Array, scores: Array) -> list[float]:
    rows = np.arange(len(target))
    return with_interval(rows, lambda chosen: mean_auc(target[np.asarray(chosen)], scores[np.asarray(chosen)]))


def report(name: str, target: Array, logits: Array) -> dict[str, Any]:
    """F1 of log odds where 0 decides, beside every frame always and, always, the frames that most articles have."""
    counts = count(target, logits >= 0)
    scores: dict[str, Any] = {}
    for key, statistic in (("micro_f1", micro_f1), ("macro_f1", macro_f1)):
        scores[key], *scores[f"{key}_interval_95"] = with_interval(counts, statistic)
    scores["macro_auc"] = round(mean_auc(target, logits), 4)
    for key, guess in (("always_positive", np.ones_like(target)), ("majority", majority(target))):
        same = count(target, guess)
        scores[key] = {"micro_f1": round(micro_f1(same), 4), "macro_f1": round(macro_f1(same), 4)}
    print(name, scores, flush=True)
    return scores


def majority(target: Array) -> Array:
    return np.broadcast_to(target.mean(axis=0) >= 0.5, target.shape)


def cross_logits(settings: dict[str, Any], texts: Sequence[str], target: Array, folds: Array) -> tuple[Array, Array]:
    """Log odds of every article by models that never saw its fold: with thresholds at 0, and calibrated."""
    decided, even = np.zeros(target.shape), np.zeros(target.shape)
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        taught, asked = [texts[i] for i in outside], [texts[i] for i in inside]
        model = FrameClassifier(**settings).fit(taught, target[outside])
        decided[inside] = model.decision_function(asked)
        # The thresholds alone differ from those of even chances: the same model need not be fitted twice.
        fixed = FrameClassifier(**{**settings, "decide": "probability", "C": model.strength_})
        even[inside] = fixed.fit(taught, target[outside]).decision_function(asked)
        print(f"fold {fold}: strength {model.strength_:g}", flush=True)
    return decided, even


def cross_report(
    name: str, settings: dict[str, Any], texts: Sequence[str], target: Array, folds: Array
) -> dict[str, Any]:
    decided, even = cross_logits(settings, texts, target, folds)
    scores = report(name, target, decided)
    error = expected_calibration_error(target.ravel(), sigmoid(even).ravel())
    scores["calibration_error_before_thresholds"] = round(error, 4)
    return scores


def topic_clusters(texts: Sequence[str]) -> Array:
    return KMeans(FOLDS, n_init=10, random_state=SEED).fit_predict(StaticEmbedding().fit_transform(texts))


def policy_scores(corpora: Path) -> dict[str, Any]:
    bunch = load_semeval2023_task3(corpora / "semeval2023_task3")
    settings: dict[str, Any] = {"frames": "policy", "decide": "micro_f1"}
    folds = np.random.default_rng(SEED).permutation(len(bunch.texts)) % FOLDS
    scores: dict[str, Any] = {
        "semeval_5_random_folds": cross_report("policy", settings, bunch.texts, bunch.target, folds),
        "semeval_5_topic_clusters": cross_report(
            "policy, topics", settings, bunch.texts, bunch.target, topic_clusters(bunch.texts)
        ),
    }
    logits = FrameClassifier(load_inventory("policy")).decision_function(bunch.texts)
    scores["semeval_zero_shot"] = report("policy, zero-shot", bunch.target, logits)
    scores["semeval_zero_shot_macro_auc"] = auc_interval(bunch.target, logits)
    error = expected_calibration_error(bunch.target.ravel(), sigmoid(logits + ZERO_SHOT["cut"]).ravel())
    scores["semeval_zero_shot_calibration_error"] = round(error, 4)
    return scores | issue_scores(corpora)


def issue_scores(corpora: Path) -> dict[str, Any]:
    """Forum posts, zero-shot: one label among those that the corpus has, and each frame by itself."""
    posts = load_issue_dialogue(corpora / "issue_dialogue")
    kept = np.flatnonzero(posts.target.any(axis=0))
    inventory, target = load_inventory("policy"), posts.target[:, kept]
    few: list[Frame] = [inventory[column] for column in kept]
    truth = np.array([few[column].name for column in target.argmax(axis=1)])
    guess = FrameClassifier(few, multilabel=False, min_words=0).predict(posts.texts)
    every = FrameClassifier(inventory, multilabel=False, min_words=0).predict(posts.texts)
    labels = [frame.name for frame in few]
    pairs = np.column_stack([truth, guess, every]).astype(str)

    def macro(column: int) -> Callable[[Any], float]:
        def statistic(rows: Any) -> float:
            table = np.asarray(rows)
            return float(f1_score(table[:, 0], table[:, column], labels=labels, average="macro", zero_division=0))

        return statistic

    chances = FrameClassifier(inventory).sentence_proba(posts.texts)[:, kept]
    constant = np.full(len(truth), max(labels, key=truth.tolist().count))
    scores = {
        "issue_dialogue_zero_shot_macro_f1_among_5": with_interval(pairs, macro(1)),
        "issue_dialogue_zero_shot_macro_f1_among_14": with_interval(pairs, macro(2)),
        "issue_dialogue_majority_macro_f1": round(float(f1_score(truth, constant, labels=labels, average="macro")), 4),
        "issue_dialogue_sentences": report("issue_dialogue, every frame by itself", target, chances - 0.5),
        "issue_dialogue_sentences_macro_auc": auc_interval(target, chances),
    }
    print({key: value for key, value in scores.items() if not isinstance(value, dict)}, flush=True)
    return scores


def narrative_scores(corpora: Path) -> dict[str, Any]:
    bunch = load_narrative_frames(corpora / "narrative_frames")
    settings: dict[str, Any] = {"frames": "narrative", "decide": "macro_f1"}
    scores: dict[str, Any] = {
        "narrative_frames_paper_folds": cross_report(
            "narrative", settings, bunch.texts, bunch.target, bunch.test_fold
        )
    }
    logits = FrameClassifier(load_inventory("narrative")).decision_function(bunch.texts)
    scores["narrative_frames_zero_shot_macro_auc"] = auc_interval(bunch.target, logits)
    return scores


def gun_violence_scores(corpora: Path) -> dict[str, Any]:
    """Headlines with one frame each, 5 folds."""
    bunch = load_gvfc(corpora / "gvfc")
    texts, truth = np.array(bunch.texts, dtype=object), np.array(bunch.target, dtype=str)
    names = [frame.name for frame in load_inventory("gun_violence")]
    second = [set(frames) for frames in bunch.frames]
    chances = np.zeros((len(texts), len(names)))
    settings: dict[str, Any] = {"frames": "gun_violence", "multilabel": False, "across_topics": False, "min_words": 0}
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for taught, asked in folds.split(texts, truth, bunch.groups):
        model = FrameClassifier(**settings).fit(texts[taught], truth[taught])
        print(f"gvfc: strength {model.strength_:g}", flush=True)
        chances[asked] = model.predict_proba(texts[asked])
    zero = FrameClassifier(**settings).predict(texts)
    scores: dict[str, Any] = {}
    for key, guess in (("gvfc_5_folds", np.array(names)[chances.argmax(axis=1)]), ("gvfc_zero_shot", zero)):
        either = np.array([name in frames for name, frames in zip(guess, second, strict=True)])
        scores[key] = {
            "accuracy": with_interval((guess == truth).astype(float), np.mean),
            "accuracy_of_either_frame": with_interval(either.astype(float), np.mean),
            "macro_f1": round(float(f1_score(truth, guess, average="macro")), 4),
        }
    right = (chances.argmax(axis=1) == [names.index(name) for name in truth]).astype(bool)
    scores["gvfc_calibration_error"] = round(expected_calibration_error(right, chances.max(axis=1)), 4)
    scores["gvfc_majority_accuracy"] = round(float(max((truth == name).mean() for name in names)), 4)
    print(scores, flush=True)
    return scores


def save(name: str, model: FrameClassifier, data: list[Any], scores: dict[str, Any], limits: str, home: Path) -> None:
    scorer: FrameScorer = model.scorer
    space = bundled_features()
    packed, scales = pack_weights(scorer.learned, space.slices)
    arrays = {
        "packed": packed,
        "scales": scales,
        "article_seed": scorer.article_seed,
        "article_intercept": scorer.article_intercept,
        "usual": scorer.usual,
    }
    config = {
        "features": space.version,
        "frames": [asdict(frame) for frame in scorer.frames],
        "sentence": scorer.sentence,
        "decide": model.decide,
        "strength": model.strength_,
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
    save(
        "policy", FrameClassifier("policy", decide="micro_f1").fit(bunch.texts, bunch.target),
        [
            {"name": "SemEval-2023 task 3, English", "licence": "research use"},
            {"name": "seeds and descriptions of the policy inventory", "licence": "BSD-3-Clause"},
        ],
        policy_scores(corpora),
        "Learned from 325 articles of 2016 to 2022, many of them from partisan or conspiracist outlets; on topics "
        "that these lack the seeds carry most of the score. Sentence scores come from seeds and have been compared "
        "with labels on 176 forum posts only. Coders themselves disagree most on capacity, quality of life, "
        "morality and public opinion.",
        home,
    )  # fmt: skip


def train_narrative(corpora: Path, home: Path = MODELS) -> None:
    bunch = load_narrative_frames(corpora / "narrative_frames")
    save(
        "narrative", FrameClassifier("narrative", decide="macro_f1").fit(bunch.texts, bunch.target),
        [
            {"name": "Narrative Frames", "licence": "repository MIT; texts third-party"},
            {"name": "seeds and descriptions of the narrative inventory", "licence": "BSD-3-Clause"},
        ],
        narrative_scores(corpora),
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
