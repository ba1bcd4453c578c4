"""Train the bias, opinion and loaded-language models: ``python training/train_bias.py --corpora DIR``.

Sentence models are logistic regressions over the features of :mod:`framing.features` with two kinds of
scores more. What models of opinion and of the author's opinion, trained on the statements corpus, say of
the sentence: these are linear in the same features and folded into the weights that are saved. And how
likely each word is to be marked as loaded, which a model of words learns from BABE's marked words. Labels of
different corpora are never pooled; each head is calibrated on its own corpus.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import f1_score, roc_auc_score

from common import MODELS, training_statements, write_card
from framing.datasets import load_babe, load_checkthat
from framing.features import TextFeatures
from framing.linear import MarkedWords, fit_curved, fit_logistic, fit_slope, pack_weights, sigmoid
from framing.loaded import LoadedLanguageTagger, marked_words
from framing.metrics import bootstrap_interval, expected_calibration_error
from framing.persistence import save_model
from framing.text import tokenize
from framing.word_rows import bundled_features

VERSION, SEED, FOLDS = "1", 0, 5
C = {"transfer": 1.0, "bias": 0.5, "opinion": 0.5, "author_opinion": 0.05}
TRANSFER_SCALE = 0.5
TRUST = 10.0  # how much more of the transferred score the small CheckThat! corpus gets
LICENCE = "CC-BY-NC-SA-4.0"
BABE = {"name": "BABE (SG2)", "licence": "AGPL-3.0 (repository), CC BY-NC-SA (hub copies)"}
CHECKTHAT = {"name": "CheckThat! 2025 task 1, English, train and dev", "licence": "CC BY-NC-SA 4.0"}
STATEMENTS = {"name": "framing statements, train (transfer)", "licence": "offsets CC0; texts as their origin"}
KINDS = {"author_fact": 1, "source_fact": 1, "author_opinion": 2, "source_opinion": 3, "frame": 0}

Rows = sp.csr_matrix
Array = np.ndarray


def statement_sentences(corpora: Path) -> tuple[list[str], Array]:
    """Sentences, and whether most of each is opinion, and the author's opinion."""
    bunch = training_statements(corpora)
    texts: list[str] = []
    labels: list[tuple[bool, bool]] = []
    for text, sentences, segments in zip(bunch.texts, bunch.sentences, bunch.segments, strict=True):
        kind = np.zeros(len(text), dtype=np.int8)
        for start, end, label in segments:
            kind[start:end] = KINDS[label]
        for start, end in sentences:
            inside = kind[start:end]
            size = int((inside > 0).sum())
            if size >= 10:
                texts.append(text[start:end])
                labels.append((int((inside > 1).sum()) > size / 2, int((inside == 2).sum()) > size / 2))
    return texts, np.array(labels)


class Transfer:
    """Features with the transferred scores beside them, and the way back to weights over the features."""

    def __init__(self, texts: list[str], targets: Array, scales: tuple[float, float]) -> None:
        self.scales = np.array(scales)
        self._transformer = TextFeatures(mask_identities=True)
        self.weights, self.intercepts = fit_logistic(self._transformer.transform(texts), targets, C["transfer"])

    def rows(self, texts: list[str]) -> Rows:
        rows = self._transformer.transform(texts)
        scores = (rows @ self.weights + self.intercepts) * self.scales
        return sp.csr_matrix(sp.hstack([rows, sp.csr_matrix(scores)]))

    def fold_in(self, weights: Array, intercept: float) -> tuple[Array, float]:
        size = len(self.weights)
        shares = weights[size:] * self.scales
        return weights[:size] + self.weights @ shares, intercept + float(self.intercepts @ shares)


def group_folds(groups: Array, folds: int = FOLDS) -> Array:
    names, place = np.unique(groups, return_inverse=True)
    return (np.random.default_rng(SEED).permutation(len(names)) % folds)[place]


class Task:
    """A head's data: rows, target, which rows have one, and the readers' marks where it uses them."""

    def __init__(self, rows: Rows, target: Array, known: Array, strength: float, marked: MarkedWords | None) -> None:
        self.rows, self.target, self.known, self.strength, self.marked = rows, target, known, strength, marked

    def fit(self, chosen: Array) -> tuple[Array, float, float, Array]:
        """Weights, intercept, share of the evidence, and the evidence of all rows; chosen rows teach."""
        evidence = np.zeros(len(self.target))
        if self.marked is not None:
            evidence = self.marked.honest_evidence(chosen, FOLDS)
        taught = chosen & self.known
        fitted = fit_curved(self.rows[taught], evidence[taught], self.target[taught], self.strength)
        return (*fitted, evidence)

    def cross_logits(self, folds: Array) -> Array:
        """Scores of every row by a model that never saw its fold."""
        logits = np.zeros(len(self.target))
        for number in np.unique(folds):
            inside = folds == number
            weights, intercept, share, evidence = self.fit(~inside)
            logits[inside] = (self.rows @ weights + intercept + share * evidence)[inside]
        return logits[self.known]

    def calibrated(self, folds: Array) -> Array:
        """The same, as log odds found on the other folds."""
        logits, target, folds = self.cross_logits(folds), self.target[self.known], folds[self.known]
        out = np.zeros(len(logits))
        for number in np.unique(folds):
            inside = folds == number
            slope, offset = fit_slope(logits[~inside], target[~inside])
            out[inside] = logits[inside] * slope + offset
        return out

    def final(self, transfer: Transfer, folds: Array) -> tuple[Array, float, float]:
        """Weights, intercept and share of the model to ship, calibrated by out-of-fold scores."""
        slope, offset = fit_slope(self.cross_logits(folds), self.target[self.known])
        weights, intercept, share, _ = self.fit(np.ones(len(self.target), dtype=bool))
        weights, intercept = transfer.fold_in(weights, intercept)
        return weights * slope, intercept * slope + offset, share * slope


def macro_f1(counts: Array) -> float:
    """Of (tp, fp, fn, tn) by group."""
    tp, fp, fn, tn = counts.sum(0)
    return float((2 * tp / max(2 * tp + fp + fn, 1) + 2 * tn / max(2 * tn + fp + fn, 1)) / 2)


def report(name: str, target: Array, logits: Array, groups: Array) -> dict[str, Any]:
    guess = logits > 0
    _, place = np.unique(groups, return_inverse=True)
    cells = np.column_stack([target & guess, ~target & guess, target & ~guess, ~target & ~guess])
    counts = np.zeros((place.max() + 1, 4))
    np.add.at(counts, place, cells)
    low, high = bootstrap_interval(counts, macro_f1, random_state=SEED)
    scores = {
        "macro_f1": round(macro_f1(counts), 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "auc": round(float(roc_auc_score(target, logits)), 4),
        "calibration_error": round(expected_calibration_error(target, sigmoid(logits)), 4),
    }
    print(name, scores, flush=True)
    return scores


def three_way_logits(task: Task, labels: Array, folds: Array) -> Array:
    """Scores of the three labels in alphabetical order, one model against the rest for each."""
    names = np.unique(labels[task.known])
    logits = [
        Task(task.rows, labels == name, task.known, task.strength, task.marked).cross_logits(folds) for name in names
    ]
    return np.column_stack(logits)


def three_way_f1(labels: Array, logits: Array) -> float:
    """Macro-F1 where the columns are the labels in alphabetical order."""
    guess = np.unique(labels)[np.argmax(logits, axis=1)]
    return float(f1_score(labels.astype(str), guess.astype(str), average="macro"))


def token_counts(texts: list[str], gold: list[Any], found: list[Any]) -> Array:
    """(tp, fp, fn, exact spans found, spans found, gold spans) by sentence, over words."""
    rows = []
    for text, marked, spans in zip(texts, gold, found, strict=True):
        tokens = [(s, e) for s, e in tokenize(text).tolist() if text[s].isalpha()]
        truth = {i for i, (s, e) in enumerate(tokens) if any(s < b and e > a for a, b in marked)}
        guess = {i for i, (s, e) in enumerate(tokens) if any(s < b and e > a for a, b, *_ in spans)}
        exact = len({(a, b) for a, b, *_ in spans} & {(a, b) for a, b in marked})
        rows.append((len(truth & guess), len(guess - truth), len(truth - guess), exact, len(spans), len(marked)))
    return np.array(rows)


def cross_loaded(texts: list[str], spans: list[Any], folds: Array) -> tuple[list[Any], list[Any]]:
    """For every sentence the loaded spans, and each token's probability, by a tagger that never saw its fold."""
    found: list[Any] = [None] * len(texts)
    probabilities: list[Any] = [None] * len(texts)
    for number in np.unique(folds):
        inside = np.flatnonzero(folds == number).tolist()
        outside = np.flatnonzero(folds != number).tolist()
        tagger = LoadedLanguageTagger().fit([texts[i] for i in outside], [spans[i] for i in outside])
        part = [texts[i] for i in inside]
        for i, runs, tokens in zip(inside, tagger.predict(part), tagger.predict_proba(part), strict=True):
            found[i], probabilities[i] = runs, tokens
    return found, probabilities


def report_loaded(
    texts: list[str], spans: list[Any], groups: Array, found: list[Any], probabilities: list[Any]
) -> dict[str, Any]:
    """Token and span scores of loaded words, from spans found and tokens' probabilities."""
    counts = token_counts(texts, spans, found)
    logits, truth = [], []
    for text, marked, tokens in zip(texts, spans, probabilities, strict=True):
        for start, end, probability in tokens:
            if text[start].isalpha():
                logits.append(probability)
                truth.append(any(start < b and end > a for a, b in marked))
    _, place = np.unique(groups, return_inverse=True)
    grouped = np.zeros((place.max() + 1, 6))
    np.add.at(grouped, place, counts)

    def token_f1(part: Array) -> float:
        tp, fp, fn = part.sum(0)[:3]
        return float(2 * tp / max(2 * tp + fp + fn, 1))

    def exact_f1(part: Array) -> float:
        hits, found, gold = part.sum(0)[3:]
        return float(2 * hits / max(found + gold, 1))

    low, high = bootstrap_interval(grouped, token_f1, random_state=SEED)
    scores = {
        "token_f1": round(token_f1(grouped), 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "exact_span_f1": round(exact_f1(grouped), 4),
        "token_calibration_error": round(expected_calibration_error(truth, logits), 4),
    }
    print("biased words", scores, flush=True)
    return scores


def save_heads(
    folder: Path, arrays: dict[str, Array], data: list[Any], scores: dict[str, Any],
    summary: str, limits: str, config: dict[str, Any],
) -> None:  # fmt: skip
    space, name = bundled_features(), folder.name
    packed, scales = pack_weights(arrays.pop("weights"), space.slices)
    numbers = {key: np.asarray(value, dtype=np.float32) for key, value in arrays.items()}
    save_model(
        folder, {"packed": packed, "scales": scales, **numbers}, name=name, version=VERSION, licence=LICENCE,
        data=data, seed=SEED, scores=scores, config={"features": space.version, **config},
        card=write_card(name, summary, data, scores, limits),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--only", choices=["sentences", "loaded"], help="train one of the two parts")
    args = parser.parse_args()
    babe = load_babe(args.corpora / "babe")
    if args.only != "loaded":
        train_sentences(args.corpora, babe, args.out)
    if args.only != "sentences":
        train_loaded(babe, args.out)


class Tasks(NamedTuple):
    """The three heads' data, and the transferred scores that each stands on."""

    bias: Task
    opinion: Task
    author_opinion: Task
    transfer: Transfer
    author_transfer: Transfer


def sentence_tasks(corpora: Path, babe: Any) -> Tasks:
    """BABE's sentences for bias and opinion; for the author's opinion CheckThat! train and dev."""
    statements = statement_sentences(corpora)
    transfer = Transfer(*statements, (TRANSFER_SCALE, TRANSFER_SCALE))
    rows = transfer.rows(babe.texts)
    marked = marked_words(babe.texts, babe.biased_spans)
    bias = Task(rows, babe.target == 1, babe.target >= 0, C["bias"], marked)
    agreed = babe.label_opinion != "No agreement"
    opinion = Task(rows, babe.label_opinion != "Entirely factual", agreed, C["opinion"], marked)
    author = Transfer(*statements, (0.0, TRUST * TRANSFER_SCALE))
    parts = [load_checkthat(corpora / "checkthat2025_en", split) for split in ("train", "dev")]
    target = np.concatenate([part.target for part in parts]) == 1
    texts = [text for part in parts for text in part.texts]
    every = np.ones(len(texts), dtype=bool)
    return Tasks(bias, opinion, Task(author.rows(texts), target, every, C["author_opinion"], None), transfer, author)


def train_sentences(corpora: Path, babe: Any, home: Path) -> None:
    tasks = sentence_tasks(corpora, babe)
    transfer, marked = tasks.transfer, tasks.bias.marked
    assert marked is not None
    word_weights, word_offset = marked.word_model(np.ones(len(babe.texts), dtype=bool))
    folds = group_folds(babe.groups)

    task, known = tasks.bias, tasks.bias.known
    scores: dict[str, Any] = {}
    target, groups = task.target[known], babe.groups[known]
    scores["babe_5_folds_by_article"] = report("bias", target, task.calibrated(folds), groups)
    # Left as they are: an outlet's own share of biased sentences is what its fold must not teach.
    _, outlets = np.unique(babe.outlets, return_inverse=True)
    logits = task.cross_logits(outlets)
    scores["babe_leave_outlet_out"] = report("bias, outlets", target, logits, groups)
    weights, intercept, share = task.final(transfer, folds)
    arrays = {
        "weights": np.column_stack([weights, word_weights]),
        "intercepts": [intercept], "offsets": [word_offset], "shares": [[share]],
    }  # fmt: skip
    save_heads(
        home / "bias", arrays, [BABE, STATEMENTS], scores,
        "Probability that a trained reader calls a sentence of news biased.",
        "English news, mostly of the United States, 2017 to 2020, on contested topics, where half the sentences "
        "were chosen to be biased: on plain news the scores run high. A word counts the same in every context; "
        "irony, and bias by what is selected or left out, are not seen. Names, nations, religions, parties, "
        "genders and outlets are masked.",
        {"heads": ["bias"]},
    )  # fmt: skip

    task, agreed = tasks.opinion, tasks.opinion.known
    scores = {}
    target, groups = task.target[agreed], babe.groups[agreed]
    scores["babe_factual_or_not_5_folds_by_article"] = report("opinion", target, task.calibrated(folds), groups)
    logits = three_way_logits(task, babe.label_opinion, folds)
    scores["babe_three_way_macro_f1"] = round(three_way_f1(babe.label_opinion[agreed], logits), 4)
    print("three-way", scores["babe_three_way_macro_f1"], flush=True)
    opinion, opinion_intercept, opinion_share = task.final(transfer, folds)

    task, target = tasks.author_opinion, tasks.author_opinion.target
    numbers = np.arange(len(target))
    scores["checkthat_5_folds"] = report("author opinion", target, task.calibrated(group_folds(numbers)), numbers)
    weights, intercept, _ = task.final(tasks.author_transfer, group_folds(numbers))
    test = load_checkthat(corpora / "checkthat2025_en", "dev_test")
    logits = TextFeatures(mask_identities=True).transform(test.texts) @ weights + intercept
    truth = test.target == 1
    scores["checkthat_dev_test"] = report("author opinion, dev_test", truth, logits, np.arange(len(truth)))
    arrays = {
        "weights": np.column_stack([opinion, weights, word_weights]),
        "intercepts": [opinion_intercept, intercept], "offsets": [word_offset], "shares": [[opinion_share, 0.0]],
    }  # fmt: skip
    save_heads(
        home / "opinion", arrays, [BABE, CHECKTHAT, STATEMENTS], scores,
        "Probability that a sentence expresses opinion, whoever's (BABE), and that it expresses its author's "
        "(CheckThat!). Two heads with definitions of their own.",
        "The corpora disagree on what opinion is; do not compare the two probabilities as if they measured one "
        "thing. Both corpora hold more opinion than plain news does, so the scores run high there.",
        {"heads": ["opinion", "author_opinion"]},
    )  # fmt: skip


def train_loaded(babe: Any, home: Path) -> None:
    folds = group_folds(babe.groups)
    found = cross_loaded(babe.texts, babe.biased_spans, folds)
    scores = {"babe_5_folds_by_article": report_loaded(babe.texts, babe.biased_spans, babe.groups, *found)}
    tagger = LoadedLanguageTagger().fit(babe.texts, babe.biased_spans)
    scorer = tagger.scorer
    save_heads(
        home / "loaded", {"weights": scorer.block.weights, "intercepts": [scorer.intercept]}, [BABE], scores,
        "Probability that a trained reader marks a word as loaded, from the word, two neighbours on each side "
        "and the sentence.",
        "Experts agree with each other at a token F1 of 0.44 on this task. Trained on sentences of contested "
        "topics; a loaded word in plain news is rarer than its probability says.",
        {"threshold": round(float(scorer.threshold), 6)},
    )  # fmt: skip


if __name__ == "__main__":
    main()
