"""Agreement of the open corpus's two annotation passes: ``python training/agreement.py``.

The first pass is what :func:`framing.datasets.load_sample` gives, the second stands in ``datasets/second``. Intervals
are 95% bootstrap intervals over articles. The scores are those that models get (``evaluate.py``), so that a model can
be read beside the second annotator.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.datasets import load_sample
from framing.metrics import (
    ROLES,
    Scores,
    StatementScores,
    bootstrap_interval,
    match_attributions,
    relation_f1,
    role_labels,
    span_scores,
    statement_scores,
    token_alpha,
)
from framing.text import tokenize

SECOND = Path(__file__).resolve().parents[1] / "datasets" / "second"
LAYERS = {"attributions": "attributions", "statements": "segments", "loaded": "loaded", "frames": None}


def read_second(layer: str) -> dict[str, Any]:
    """The second pass of a layer, by article."""
    rows = map(json.loads, (SECOND / f"{layer}.jsonl").read_text(encoding="utf-8").splitlines())
    key = LAYERS[layer]
    return {row["id"]: row if key is None else row[key] for row in rows}


def scored(parts: Sequence[Any], statistic: Callable[[Sequence[Any]], float]) -> list[float]:
    low, high = bootstrap_interval(parts, statistic, n=500, random_state=0)
    return [round(value, 3) for value in (statistic(parts), low, high)]


def share(flags: Iterable[bool]) -> float:
    rows = list(flags)
    return round(float(np.mean(rows)), 3) if rows else float("nan")


def f1(counts: Sequence[Any]) -> float:
    """Of rows (in both, in the first, in the second)."""
    both, first, second = np.sum(list(counts), axis=0)
    return float(2 * both / max(first + second, 1))


def agree_attributions(texts: dict[str, str], first: Any, second: Any) -> dict[str, Any]:
    relations, tokens, pairs = [], [], []
    exact = dict.fromkeys(ROLES[1:], Scores())
    for name, text in texts.items():
        a, b = first[name], second[name]
        relations.append(relation_f1(a, b))
        words = tokenize(text)
        tokens.append((role_labels(words, a), role_labels(words, b)))
        for role, score in span_scores(a, b, exact=True).items():
            exact[role] += score
        pairs += [(a[i], b[j]) for i, j in match_attributions(a, b)]
    named = [(a, b) for a, b in pairs if a["source"] or b["source"]]
    return {
        "relation_f1": scored(relations, lambda part: sum(part, Scores()).f1),
        "token_alpha": scored(
            tokens, lambda part: token_alpha(*(np.concatenate([pair[i] for pair in part]) for i in (0, 1)))
        ),
        "exact_f1": {role: round(score.f1, 3) for role, score in exact.items()},
        "same_speaker": share(a["speaker"] == b["speaker"] for a, b in named),
        "same_source_type": share(a["source_type"] == b["source_type"] for a, b in named),
        "same_named": share(a["named"] == b["named"] for a, b in named),
    }


def agree_statements(texts: dict[str, str], first: Any, second: Any) -> dict[str, Any]:
    scores = []
    for name, text in texts.items():
        rows = [
            {"start": start, "end": end, "voice": label.split("_")[0], "kind": label.split("_")[1]}
            for start, end, label in second[name]
            if label != "frame"
        ]
        scores.append(statement_scores(first[name], rows, tokenize(text)))
    return {
        "macro_f1": scored(scores, lambda part: sum(part, StatementScores()).macro_f1),
        "voice": scored(scores, lambda part: sum(part, StatementScores()).voice_accuracy),
        "kind": scored(scores, lambda part: sum(part, StatementScores()).kind_accuracy),
        "frame_f1": round(sum(scores, StatementScores())["frame"].f1, 3),
    }


def agree_frames(texts: dict[str, str], first: Any, second: Any) -> dict[str, Any]:
    def counts(name: str, inventory: str) -> list[int]:
        a, b = set(first[name][inventory]), set(second[name][inventory])
        return [len(a & b), len(a), len(b)]

    same = [
        first[name]["policy"][label] == second[name]["policy"][label]
        for name in texts
        for label in first[name]["policy"].keys() & second[name]["policy"].keys()
    ]
    return {
        "policy_f1": scored([counts(name, "policy") for name in texts], f1),
        "narrative_f1": scored([counts(name, "narrative") for name in texts], f1),
        "same_voices": share(same),
    }


def agree_loaded(texts: dict[str, str], first: Any, second: Any) -> dict[str, Any]:
    rows, kinds = [], []
    for name, text in texts.items():
        words = [(start, end) for start, end in tokenize(text).tolist() if text[start].isalpha()]
        marks = [
            {i: (k, v) for i, (s, e) in enumerate(words) for a, b, k, v in spans if s < b and a < e}
            for spans in (first[name], second[name])
        ]
        both = marks[0].keys() & marks[1].keys()
        rows.append([len(both), len(marks[0]), len(marks[1])])
        kinds += [(marks[0][i], marks[1][i]) for i in both]
    return {
        "token_f1": scored(rows, f1),
        "same_kind": share(a[0] == b[0] for a, b in kinds),
        "same_voice": share(a[1] == b[1] for a, b in kinds),
    }


def main() -> None:
    results: dict[str, Any] = {}
    functions = {
        "attributions": agree_attributions,
        "statements": agree_statements,
        "frames": agree_frames,
        "loaded": agree_loaded,
    }
    samples = {part: load_sample(part) for part in ("plain", "hard")}
    for part, sample in samples.items():
        texts = dict(zip(sample.ids, sample.texts, strict=True))
        results[part] = {name: agree(texts, sample[name], read_second(name)) for name, agree in functions.items()}
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
