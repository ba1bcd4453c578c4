"""Sentence readings of the default tier: what the word models and the token network say, together.

    python training/train_tagger_sentences.py --corpora DIR

The word models (``train_bias.py``) read each word alone; the network (``train_tagger.py``) reads words in order, and
learned from the encoder. Opinion, the author's opinion and loaded words are regressions on the word model's score and
the mean of the network's states over the sentence, loaded words on the word's own state besides. Both are sums over
words, so every score still is. The network stays as it is. Bias is left to its word model: what the states add there
does not carry over to other outlets.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blends import (
    HEADS,
    MarkedTokens,
    Parts,
    bias_parts,
    blend_arrays,
    checkthat_logits,
    cross_blend,
    cross_folds,
    fit_blend,
    loaded_parts,
    sentence_means,
    sentence_states,
    with_said,
)
from common import MODELS, write_card
from framing.datasets import load_babe, load_checkthat
from framing.persistence import save_model
from framing.tagger import Tagger
from train_bias import (
    BABE,
    CHECKTHAT,
    LICENCE,
    STATEMENTS,
    cross_loaded,
    group_folds,
    report,
    sentence_tasks,
    three_way_f1,
    three_way_logits,
)

VERSION, SEED = "1", 0
C, LOADED_C = 0.03, 0.01
Array = np.ndarray


def network_states(texts: Sequence[str]) -> list[Array]:
    """The network's states of every token of sentences, float32."""
    return sentence_states(Tagger.load(MODELS / "tagger").network, texts)


class Scaled:
    """States divided by how much they vary, so that one penalty suits them; and the way back."""

    def __init__(self, rows: Array) -> None:
        self.scale = rows.std(axis=0) + 1e-6

    def __call__(self, rows: Array) -> Array:
        return rows / self.scale

    def weights(self, fitted: Array) -> Array:
        return fitted / self.scale


def blend_sentences(corpora: Path, babe: Any, states: Sequence[Array]) -> tuple[list[Any], dict[str, Any]]:
    """Blends of the three heads, weights over the states; and scores."""
    tasks = sentence_tasks(corpora, babe)
    parts = [load_checkthat(corpora / "checkthat2025_en", split) for split in ("train", "dev")]
    remarks = sentence_means(network_states([text for part in parts for text in part.texts]))
    rows = np.concatenate([sentence_means(states), remarks])
    scaled = Scaled(rows[: len(states)])
    tracks = {"opinion": scaled(rows[: len(states)]), "author_opinion": scaled(rows[len(states) :])}
    size = len(babe.texts)
    folds = cross_folds(babe, len(remarks))
    fitted: list[Any] = [(1.0, np.zeros(rows.shape[1]), 0.0)]  # bias
    scores: dict[str, Any] = {}
    for name in HEADS[1:]:
        task = getattr(tasks, name)
        known, target = task.known, task.target[task.known]
        articles = folds["articles"][size:] if name == "author_opinion" else folds["articles"][:size]
        groups = babe.groups[known] if name != "author_opinion" else np.arange(len(target))
        own, track = task.calibrated(articles), tracks[name][known]
        corpus = "checkthat" if name == "author_opinion" else "babe"
        blended = cross_blend(own, track, target, articles[known], C)
        scores[f"{corpus}_{name}"] = report(name, target, blended, groups)
        if name == "opinion":
            said = with_said(blended, [babe.texts[n] for n in np.flatnonzero(known)], "default")
            scores["babe_opinion_as_in_the_record"] = report("opinion, whoever's", target, said, groups)
        share, weights, shift = fit_blend(own, track, target, C)
        fitted.append((share, scaled.weights(weights), shift))
        if name == "opinion":
            linear = three_way_logits(task, babe.label_opinion, articles)
            labels = babe.label_opinion[known]
            logits = np.column_stack(
                [
                    cross_blend(linear[:, column], track, labels == label, articles[known], C)
                    for column, label in enumerate(np.unique(labels))
                ]
            )
            scores["babe_three_way_macro_f1"] = round(three_way_f1(labels, logits), 4)
            print("three-way", scores["babe_three_way_macro_f1"], flush=True)
    test = load_checkthat(corpora / "checkthat2025_en", "dev_test")
    share, weights, shift = fitted[-1]
    logits = share * checkthat_logits(test.texts) + sentence_means(network_states(test.texts)) @ weights + shift
    scores["checkthat_dev_test"] = report("dev_test", test.target == 1, logits, np.arange(len(logits)))
    return fitted, scores


def blend_loaded(babe: Any, states: Sequence[Array]) -> tuple[Parts, Array, float, dict[str, Any]]:
    """Blend of the loaded words, over tracks of its own; their weights over the states; threshold; scores."""
    folds = group_folds(babe.groups)
    _, own = cross_loaded(babe.texts, babe.biased_spans, folds)
    marked = MarkedTokens(babe, own)
    rows = marked.states(states)
    scaled = Scaled(rows)
    tracks = scaled(rows)
    threshold, scores = marked.cross(tracks, folds, LOADED_C)
    outlets = cross_folds(babe, 0)["outlets"]
    elsewhere = MarkedTokens(babe, cross_loaded(babe.texts, babe.biased_spans, outlets)[1])
    _, left_out = elsewhere.cross(tracks, outlets, LOADED_C)
    share, weights, constant = fit_blend(marked.logits, tracks, marked.truth, LOADED_C)
    here, sentence = np.split(scaled.weights(weights), 2)
    parts = loaded_parts(share, np.array([1.0, 0.0]), np.array([0.0, 1.0]), constant)
    return parts, np.column_stack([here, sentence]), threshold, {
        "babe_loaded_words": scores,
        "babe_loaded_words_leave_outlet_out": left_out,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS)
    args = parser.parse_args()
    babe = load_babe(args.corpora / "babe")
    states = network_states(babe.texts)
    fitted, scores = blend_sentences(args.corpora, babe, states)
    loaded, loaded_weights, threshold, loaded_scores = blend_loaded(babe, states)
    scores |= loaded_scores

    # One track a head, whose weights over the states are the blend's; loaded words have two.
    weights = np.column_stack([*(weights for _, weights, _ in fitted), loaded_weights])
    sentences = bias_parts([(share, row, shift) for (share, _, shift), row in zip(fitted, np.eye(5)[:3], strict=True)])
    loaded["weight"] = np.concatenate([np.zeros((3, 7)), loaded["weight"]])
    arrays = {"tracks.weight": weights.astype(np.float32), "tracks.bias": np.zeros(weights.shape[1], np.float32)}
    arrays |= blend_arrays("bias", sentences) | blend_arrays("loaded", loaded)
    data = [BABE, CHECKTHAT, STATEMENTS]
    save_model(
        args.out / "tagger_sentences", arrays, name="tagger_sentences", version=VERSION, licence=LICENCE, data=data,
        seed=SEED, scores=scores, config={"blends": ["bias", "loaded"], "threshold": round(threshold, 6)},
        card=write_card(
            "tagger_sentences",
            "What the token network adds to the word models of opinion, the author's opinion and loaded words.",
            data, scores,
            "Fitted on sentences without their context. The corpora's definitions of opinion differ; do not compare "
            "the probabilities as if they measured one thing.",
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
