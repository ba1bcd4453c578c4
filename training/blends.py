"""Blends of a word model's scores with what a token model says of the same sentences; all within folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from framing.bias_scores import BiasScorer, LoadedScorer, loaded_runs
from framing.document import read_document
from framing.linear import WordTable, fit_slope, sigmoid
from framing.metrics import best_threshold
from framing.tagger import anybodys_opinion, bundled_tagger, source_opinion
from framing.text import tokenize
from framing.tokens import TokenModel, encode_text
from framing.word_rows import bundled_features
from train_bias import Task, group_folds, report_loaded

FEW = 200  # sentences of an outlet
HEADS = ("bias", "opinion", "author_opinion")
FREE = 100.0  # next to no penalty: a blend of a few scores
STATES_C = 0.01  # of regressions on hundreds of states
Array = np.ndarray
Parts = dict[str, Array]


def cross_folds(babe: Any, checkthat: int) -> dict[str, Array]:
    """Folds of BABE and of CheckThat! train and dev behind it; the outlets' scheme leaves the latter taught."""
    other = group_folds(np.arange(checkthat))
    names, number, count = np.unique(babe.outlets, return_inverse=True, return_counts=True)
    # Those with few sentences are left out together.
    outlets = np.unique(np.where(count[number] < FEW, len(names), number), return_inverse=True)[1]
    return {"articles": np.concatenate([group_folds(babe.groups), other]), "outlets": outlets}


def fit_blend(own: Array, tracks: Array, target: Array, C: float = FREE) -> tuple[float, Array, float]:
    """Share of the word model's log odds, weights of the tracks (n, n_tracks), and shift: the target's log odds."""
    model = LogisticRegression(C=C, max_iter=500).fit(np.column_stack([own, tracks]), target)
    return float(model.coef_[0, 0]), model.coef_[0, 1:], float(model.intercept_[0])


def cross_blend(own: Array, tracks: Array, target: Array, folds: Array, C: float = FREE) -> Array:
    """Blended log odds of every row, by a blend fitted on the other folds."""
    out = np.zeros(len(target))
    for fold in np.unique(folds):
        inside = folds == fold
        share, weights, shift = fit_blend(own[~inside], tracks[~inside], target[~inside], C)
        out[inside] = share * own[inside] + tracks[inside] @ weights + shift
    return out


def sentence_states(model: TokenModel, texts: Sequence[str]) -> list[Array]:
    """A token model's states of every token of sentences read alone; the first token stands before the paragraph."""
    encoded = [encode_text(text.replace("\n", " "), [(0, len(text))]) for text in texts]
    return list(model.states(encoded))


def sentence_means(values: Sequence[Array]) -> Array:
    """Means over the tokens behind the first, shape (n_sentences, n_values); 0 for sentences without any."""
    return np.array([value[1:].mean(axis=0) if len(value) > 1 else np.zeros(value.shape[1]) for value in values])


def fit_states(rows: Array, target: Array) -> tuple[Array, float]:
    """Weights of a token model's states, shape (n_states,), and constant: the target's log odds."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    model = LogisticRegression(C=STATES_C, max_iter=1000).fit((rows - mean) / scale, target)
    weights = model.coef_[0] / scale
    return weights, float(model.intercept_[0] - mean @ weights)


def cross_states(rows: Array, target: Array, folds: Array) -> Array:
    """Log odds of every row by its states, from a regression on the other folds."""
    out = np.zeros(len(target))
    for fold in np.unique(folds):
        inside = folds == fold
        weights, constant = fit_states(rows[~inside], target[~inside])
        out[inside] = rows[inside] @ weights + constant
    return out


def outlet_blend(
    task: Task, articles: Array, outlets: Array, near: Array, far: Array, C: float = FREE
) -> Array:
    """Blended log odds of every outlet's sentences, by models and a blend that never saw the outlet.

    Parameters
    ----------
    task : Task
    articles, outlets : ndarray of int, shape (n_sentences,)
        Folds by article, and each sentence's outlet.
    near, far : ndarray, shape (n_known, n_tracks)
        Tracks by models that did not see the sentence's article, and its outlet.
    """
    known, target = task.known, task.target[task.known]
    raw, raw_out, of = task.cross_logits(articles), task.cross_logits(outlets), outlets[known]
    blended = np.zeros(len(target))
    for number in np.unique(of):
        inside = of == number
        slope, offset = fit_slope(raw[~inside], target[~inside])
        share, weights, shift = fit_blend(raw[~inside] * slope + offset, near[~inside], target[~inside], C)
        blended[inside] = share * (raw_out[inside] * slope + offset) + far[inside] @ weights + shift
    return blended


def bias_parts(fitted: list[tuple[float, Array, float]]) -> Parts:
    """What :class:`framing.blend.Blend` holds, from the fitted blends of the three heads."""
    share = np.array([own for own, _, _ in fitted])
    shift = np.array([constant for _, _, constant in fitted])
    # The word models' intercepts are added to what the blend makes of their sums.
    shift += (share - 1) * BiasScorer.bundled().intercepts
    return {"share": share, "weight": np.column_stack([weights for _, weights, _ in fitted]), "shift": shift}


def checkthat_logits(texts: Sequence[str]) -> Array:
    """Log odds of the bundled fast model of the author's opinion, which was not trained on these texts."""
    scorer = BiasScorer.bundled()
    table = WordTable([scorer.block], bundled_features())
    out = []
    for text in texts:
        words = [text[s:e] for s, e in tokenize(text).tolist()]
        out.append(table.read(words).sums(scorer.block, np.array([[0, len(words)]]))[0, 2] + scorer.intercepts[2])
    return np.array(out)


def with_said(logits: Array, texts: Sequence[str], tier: str) -> Array:
    """Log odds that a sentence expresses anybody's opinion, from those that its writer does."""
    said = np.zeros(len(texts))
    tagger = bundled_tagger(tier)
    for at in range(0, len(texts), 64):
        documents = [read_document(text) for text in texts[at : at + 64]]
        for place, (document, tagged) in enumerate(zip(documents, tagger.tag(documents), strict=True)):
            shares = source_opinion(tagged, len(document.sentences))
            said[at + place] = shares.mean() if len(shares) else 0.0
    opinion = anybodys_opinion(sigmoid(logits), said)
    return np.asarray(np.log(opinion / (1 - opinion)))


class MarkedTokens:
    """BABE's words with the word model's log odds by taggers that did not see the sentence.

    Parameters
    ----------
    babe : Bunch
    own : list of list of (start, end, probability)
        Of every sentence's tokens, as from :func:`train_bias.cross_loaded`.

    Attributes
    ----------
    rows : list of (int, int)
        Sentence and token of each word proper.
    logits : ndarray of float64, shape (n_words,)
    truth : ndarray of bool, shape (n_words,)
    """

    def __init__(self, babe: Any, own: list[Any]) -> None:
        self.babe, self.own = babe, own
        self.rows: list[tuple[int, int]] = []
        logits, truth = [], []
        for number, (text, marked, tokens) in enumerate(zip(babe.texts, babe.biased_spans, own, strict=True)):
            for place, (start, end, probability) in enumerate(tokens):
                if text[start].isalpha():
                    self.rows.append((number, place))
                    logits.append(np.log(max(probability, 1e-9) / max(1 - probability, 1e-9)))
                    truth.append(any(start < b and end > a for a, b in marked))
        self.logits, self.truth = np.array(logits), np.array(truth)

    def states(self, states: Sequence[Array]) -> Array:
        """Of the sentences' states those of each word, and behind them the means of its sentence."""
        around = sentence_means(states)
        return np.array([np.concatenate([states[number][1 + place], around[number]]) for number, place in self.rows])

    def cross(self, tracks: Array, folds: Array, C: float = FREE) -> tuple[float, dict[str, Any]]:
        """Threshold of the blend with tracks (n_words, n_tracks), and cross-validated scores."""
        of = folds[[number for number, _ in self.rows]]
        blended = sigmoid(cross_blend(self.logits, tracks, self.truth, of, C))
        thresholds = {fold: best_threshold(self.truth[of != fold], blended[of != fold]) for fold in np.unique(folds)}
        table = [np.zeros(len(tokens)) for tokens in self.own]
        for (number, place), probability in zip(self.rows, blended, strict=True):
            table[number][place] = probability
        found, probabilities = [], []
        for number, tokens in enumerate(self.own):
            (runs,) = loaded_runs(table[number], np.array([[0, len(tokens)]]), thresholds[folds[number]])
            found.append([(tokens[a][0], tokens[b - 1][1], score) for a, b, score in runs])
            probabilities.append([(s, t, p) for (s, t, _), p in zip(tokens, table[number], strict=True)])
        babe = self.babe
        scores = report_loaded(babe.texts, babe.biased_spans, babe.groups, found, probabilities)
        return best_threshold(self.truth, blended), scores


def loaded_parts(share: float, own_weights: Array, sentence_weights: Array, constant: float) -> Parts:
    """What :class:`framing.blend.Blend` holds, from weights of the tracks at the word and over its sentence."""
    # Columns: the five places, the sentence, and whether it is a word at all, which stays as it is.
    shares = np.full(7, share)
    shares[6] = 1
    weight, shift = np.zeros((len(own_weights), 7)), np.zeros(7)
    weight[:, 2], weight[:, 5] = own_weights, sentence_weights
    shift[2] = (share - 1) * LoadedScorer.bundled().intercept + constant
    return {"share": shares, "weight": weight, "shift": shift}


def blend_arrays(name: str, parts: Parts) -> Parts:
    """The arrays that :meth:`framing.blend.Blend.from_arrays` reads."""
    return {f"blend.{name}.{part}": value.astype(np.float32) for part, value in parts.items()}
