"""Agreement between the two annotation passes over the sample articles, with 95% bootstrap intervals over articles.

    python training/agreement.py [--resamples N]

Tokens are those of title and body. Statement tokens that the second pass left without a segment count as frame.
F1 is the same whichever pass is taken for gold. Speaker, type of source and whether it is named are compared on
attributions that `framing.metrics.match_attributions` pairs; classes and voices of loaded words on spans that overlap.
Alpha is Krippendorff's, nominal.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from framing.datasets import load_sample
from framing.metrics import (
    ROLES,
    STATEMENT_LABELS,
    Scores,
    bootstrap_interval,
    match_attributions,
    relation_f1,
    role_labels,
    span_scores,
    speaker_accuracy,
    statement_scores,
)
from framing.text import tokenize

Array = np.ndarray
FRAME = STATEMENT_LABELS.index("frame")
SOURCE_TYPES = (
    "official", "expert", "organization", "media", "document", "person", "group", "public", "anonymous", "unspecified",
)  # fmt: skip
LOADED_KINDS = (
    "evaluative", "emotive", "label", "euphemism", "scare_quotes", "presupposition", "hyperbole", "exclusionary",
)  # fmt: skip


class Measure(NamedTuple):
    """Counts of each article, which add up, and what is made of sums of them (rows in, values out)."""

    name: str
    counts: Array
    statistic: Callable[[Array], Array]


def f1(rows: Array) -> Array:
    """F1 from tp, fp, fn."""
    with np.errstate(invalid="ignore"):
        return 2 * rows[:, 0] / (2 * rows[:, 0] + rows[:, 1] + rows[:, 2])


def share(rows: Array) -> Array:
    """Share of agreement, from confusion counts."""
    side = int(np.sqrt(rows.shape[1]))
    with np.errstate(invalid="ignore"):
        return rows[:, :: side + 1].sum(1) / rows.sum(1)


def first_share(rows: Array) -> Array:
    """Share of the first of two counts."""
    with np.errstate(invalid="ignore"):
        return rows[:, 0] / rows.sum(1)


def alpha(rows: Array) -> Array:
    """Krippendorff's alpha from confusion counts; 1 where only one label occurs, as in `framing.metrics`."""
    side = int(np.sqrt(rows.shape[1]))
    table = rows.reshape(-1, side, side)
    used = table.sum(1) + table.sum(2)
    n = used.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = 1 - (used * (used - 1)).sum(1) / (n * (n - 1))
        out = 1 - (1 - share(rows)) / expected
    return np.where((n > 0) & (expected == 0), 1.0, out)


def macro_f1(rows: Array) -> Array:
    """Mean F1 of those of the four statement labels that occur, from 5 x 5 confusion counts."""
    table = rows.reshape(-1, FRAME + 1, FRAME + 1)
    used = (table.sum(1) + table.sum(2))[:, :FRAME]
    right = np.diagonal(table, axis1=1, axis2=2)[:, :FRAME]
    with np.errstate(invalid="ignore"):
        scores = np.divide(2 * right, used, out=np.zeros(used.shape), where=used > 0)
        return scores.sum(1) / (used > 0).sum(1)


def label_f1(label: int, side: int) -> Callable[[Array], Array]:
    """F1 of one label, from confusion counts."""

    def statistic(rows: Array) -> Array:
        table = rows.reshape(-1, side, side)
        right = table[:, label, label]
        return f1(np.c_[right, table[:, :, label].sum(1) - right, table[:, label].sum(1) - right])

    return statistic


def confusion(a: Sequence[Any], b: Sequence[Any], labels: Sequence[Any]) -> Array:
    """Counts of pairs of labels, flattened."""
    place = {label: k for k, label in enumerate(labels)}
    cells = [place[x] * len(labels) + place[y] for x, y in zip(a, b, strict=True)]
    return np.bincount(np.array(cells, dtype=np.intp), minlength=len(labels) ** 2)


def triple(scores: Scores) -> list[int]:
    return [scores.tp, scores.fp, scores.fn]


def token_labels(tokens: Array, spans: Sequence[Sequence[Any]]) -> Array:
    """Whether tokens start inside one of the spans."""
    inside = np.zeros(len(tokens), dtype=np.intp)
    for start, end, *_ in spans:
        inside[(tokens[:, 0] >= start) & (tokens[:, 0] < end)] = 1
    return inside


class Pair(NamedTuple):
    """One article as both passes have it."""

    name: str
    part: str
    register: str
    tokens: Array
    first: Mapping[str, Any]
    second: Mapping[str, Any]


def load_pairs() -> list[Pair]:
    pairs = []
    for part in ("plain", "hard"):
        a, b = (load_sample(part, annotator=who) for who in ("first", "second"))
        for name, text, register, lines in zip(a.ids, a.texts, a.registers, a.structure, strict=True):
            kept = [tokenize(text, start, end) for start, end, role, _ in lines if role != "boilerplate"]
            passes = (
                {layer: bunch[layer][name] for layer in ("attributions", "statements", "frames", "loaded")}
                for bunch in (a, b)
            )
            pairs.append(Pair(name, part, register, np.concatenate(kept), *passes))
    return pairs


def both(pair: Pair, layer: str) -> tuple[Any, Any]:
    return pair.first[layer], pair.second[layer]


def attribution_measures(pairs: Sequence[Pair]) -> list[Measure]:
    given = [both(pair, "attributions") for pair in pairs]
    relations = np.array([triple(relation_f1(a, b)) for a, b in given])
    roles = [[role_labels(pair.tokens, side) for side in sides] for pair, sides in zip(pairs, given, strict=True)]
    measures = [
        Measure("relation F1", relations, f1),
        Measure("token alpha", np.array([confusion(*sides, range(len(ROLES))) for sides in roles]), alpha),
    ]
    for exact in (True, False):
        scored = [span_scores(a, b, exact=exact) for a, b in given]
        for role in ROLES[1:]:
            name = f"{role}, {'exact' if exact else 'overlap'} F1"
            measures.append(Measure(name, np.array([triple(row[role]) for row in scored]), f1))
    speakers, types, named = [], [], []
    for a, b in given:
        matched = [(a[i], b[j]) for i, j in match_attributions(a, b)]
        # pairs without a source on either side have no speaker to agree on
        spoken = [(x["speaker"], y["speaker"]) for x, y in matched if x["source"] and y["source"]]
        right = sum(speaker_accuracy([x], [y]) == 1 for x, y in spoken)
        speakers.append([right, len(spoken) - right])
        for rows, key, labels in ((types, "source_type", SOURCE_TYPES), (named, "named", (False, True))):
            rows.append(confusion([x[key] for x, _ in matched], [y[key] for _, y in matched], labels))
    return [
        *measures,
        Measure("speaker the same", np.array(speakers), first_share),
        Measure("source type the same", np.array(types), share),
        Measure("source type, alpha", np.array(types), alpha),
        Measure("named the same", np.array(named), share),
        Measure("named, alpha", np.array(named), alpha),
    ]


def statement_measures(pairs: Sequence[Pair]) -> list[Measure]:
    tables = []
    for pair in pairs:
        a, b = both(pair, "statements")
        found = [
            {"start": start, "end": end, "voice": label.split("_")[0], "kind": label.split("_")[1]}
            for start, end, label in b
            if label != "frame"
        ]
        tables.append(statement_scores(a, found, pair.tokens).confusion)
    cells = np.array(tables)
    shared = cells[:, :FRAME, :FRAME].reshape(-1, 2, 2, 2, 2)  # voice, kind of the first; voice, kind of the second
    flat = cells.reshape(len(cells), -1)
    voice, kind = shared.sum((2, 4)).reshape(-1, 4), shared.sum((1, 3)).reshape(-1, 4)
    return [
        Measure("macro-F1, four labels", flat, macro_f1),
        *(
            Measure(f"{name} F1", flat, label_f1(k, FRAME + 1))
            for k, name in enumerate(STATEMENT_LABELS)
        ),
        Measure("alpha, five labels", flat, alpha),
        Measure("voice the same, where both have a statement", voice, share),
        Measure("voice, alpha", voice, alpha),
        Measure("kind the same, where both have a statement", kind, share),
        Measure("kind, alpha", kind, alpha),
    ]


def frame_measures(pairs: Sequence[Pair]) -> list[Measure]:
    measures = []
    given = [both(pair, "frames") for pair in pairs]
    for layer in ("policy", "narrative"):
        labels = sorted({label for sides in given for side in sides for label in side[layer]})
        each = np.array(
            [[confusion([x in a[layer]], [x in b[layer]], (False, True)) for x in labels] for a, b in given]
        )
        pooled = each.sum(1)
        measures += [
            Measure(f"{layer}, micro-F1", pooled, label_f1(1, 2)),
            Measure(f"{layer}, alpha", pooled, alpha),
            *(Measure(f"{layer}: {x}, F1", each[:, k], label_f1(1, 2)) for k, x in enumerate(labels)),
        ]
    voices = [
        confusion(*([tuple(side["policy"][x]) for x in sorted(a["policy"].keys() & b["policy"])] for side in (a, b)),
                  (("author",), ("source",), ("author", "source")))
        for a, b in given
    ]  # fmt: skip
    return [*measures, Measure("voices of shared policy frames the same", np.array(voices), share)]


def loaded_measures(pairs: Sequence[Pair]) -> list[Measure]:
    tokens, spans, kinds, voices = [], [], [], []
    for pair in pairs:
        a, b = both(pair, "loaded")
        tokens.append(confusion(token_labels(pair.tokens, a), token_labels(pair.tokens, b), (0, 1)))
        matched, taken = [], set()
        for x in a:  # spans of a pass do not overlap, so the first free one is as good as any
            for k, y in enumerate(b):
                if k not in taken and x[0] < y[1] and y[0] < x[1]:
                    taken.add(k)
                    matched.append((x, y))
                    break
        spans.append([len(matched), len(b) - len(matched), len(a) - len(matched)])
        kinds.append(confusion([x[2] for x, _ in matched], [y[2] for _, y in matched], LOADED_KINDS))
        voices.append(confusion([x[3] for x, _ in matched], [y[3] for _, y in matched], ("author", "source")))
    return [
        Measure("token F1", np.array(tokens), label_f1(1, 2)),
        Measure("token alpha", np.array(tokens), alpha),
        Measure("overlap F1", np.array(spans), f1),
        Measure("class the same", np.array(kinds), share),
        Measure("class, alpha", np.array(kinds), alpha),
        Measure("voice the same", np.array(voices), share),
    ]


def show(measure: Measure, keep: Array, resamples: int) -> str:
    """Value and interval over the articles kept; no interval for fewer than five of them."""
    counts = measure.counts[keep].astype(np.float64)

    def statistic(units: Array) -> float:
        return float(measure.statistic(units.sum(0)[None])[0])

    value = statistic(counts)
    if np.isnan(value):
        return "-"
    if len(counts) < 5:
        return f"{value:.2f}"
    low, high = bootstrap_interval(counts, statistic, n=resamples)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description="Agreement between the two passes over the sample articles.")
    parser.add_argument("--resamples", type=int, default=1000, help="for the intervals (default: %(default)s)")
    resamples = parser.parse_args().resamples
    pairs = load_pairs()
    parts = np.array([pair.part for pair in pairs])
    columns = {"plain": parts == "plain", "hard": parts == "hard", "all": np.ones(len(pairs), dtype=bool)}
    layers = {
        "attributions": attribution_measures(pairs),
        "statements": statement_measures(pairs),
        "frames": frame_measures(pairs),
        "loaded words": loaded_measures(pairs),
    }
    for layer, measures in layers.items():
        print(f"| {layer} | {' | '.join(columns)} |\n| --- | --- | --- | --- |")
        for measure in measures:
            print(f"| {measure.name} | {' | '.join(show(measure, keep, resamples) for keep in columns.values())} |")
        print()
    wanted = ("macro-F1, four labels", "alpha, five labels")
    shown = [measure for measure in layers["statements"] if measure.name in wanted]
    print(f"| statements by register | articles | {' | '.join(wanted)} |\n| --- | --- | --- | --- |")
    registers = np.array([pair.register for pair in pairs])
    for register in sorted(set(registers)):
        keep = registers == register
        print(f"| {register} | {keep.sum()} | {' | '.join(show(measure, keep, resamples) for measure in shown)} |")


if __name__ == "__main__":
    main()
