"""Put the trained encoder into the package: blends with the fast models, decoding, scores, three model folders.

    python training/finish_encoder.py --corpora DIR --checkpoint work/encoder-0-best.pt --branch work/branch-0.pt

Reads what ``train_encoder_sentences.py --cross`` left in ``--work``: scores of sentences by branches that had not seen
them (those of the outlets' scheme are reported where they are there). The fast models' scores come from folds as well.
Blends are fitted on these; the scores reported for a fold come from blends fitted on the others. A loaded word is also
read from the token branch's states, which no label of these sentences has formed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from sklearn.cluster import KMeans

from blends import (
    HEADS,
    MarkedTokens,
    Parts,
    bias_parts,
    blend_arrays,
    checkthat_logits,
    cross_blend,
    cross_folds,
    cross_states,
    fit_blend,
    fit_states,
    loaded_parts,
    outlet_blend,
    sentence_means,
    sentence_states,
)
from common import MODELS, line_ranges, write_card
from corpus import Corpus, Document
from export_encoder import OVERLAP, export_arrays, numpy_state
from fit_decoding import ENCODER_GRID, fit_decoding
from framing.codebook import load_inventory
from framing.datasets import load_babe, load_checkthat, load_narrative_frames, load_sample, load_semeval2023_task3
from framing.embedding import StaticEmbedding
from framing.encoder import Encoder, bundled_encoder
from framing.frame_fit import article_rows, calibrate_frames, frame_cuts, learn_frames
from framing.frame_scores import ZERO_SHOT, article_mean
from framing.linear import fit_logistic, out_of_fold, sigmoid
from framing.metrics import expected_calibration_error
from framing.persistence import load_model, save_model
from framing.tokens import encode_text
from soft_labels import Reader, load_encoder, token_states
from train_bias import (
    cross_loaded,
    group_folds,
    report,
    sentence_tasks,
    three_way_f1,
    three_way_logits,
)
from train_encoder import Pieces, checkpoint_home, sentence_meanings
from train_encoder_sentences import TRACKS
from train_frames import report as report_frames

HERE = Path(__file__).resolve().parent
VERSION = "1"
FOLDS_SEED = 0  # the folds stay whatever the encoder's seed
LICENCE = "CC-BY-NC-SA-4.0"
FRAME_C, FRAME_FOLDS = 10.0, 5
MEANING_WEIGHT = 1.5  # log odds that one standard deviation of nearness to the codebook adds
DATA = {
    "words": [{"name": "all-MiniLM-L6-v2: vocabulary and its vectors, fine-tuned", "licence": "Apache-2.0"}],
    "tokens": [
        {"name": "all-MiniLM-L6-v2 (start)", "licence": "Apache-2.0"},
        {"name": "PolNeAR 1.0 (train)", "licence": "none stated"},
        {"name": "statements (train): offsets", "licence": "CC0-1.0"},
        {"name": "NewsDiscourse (train)", "licence": "none stated"},
    ],
    "sentences": [
        {"name": "BABE (SG2)", "licence": "AGPL-3.0 (repository), CC BY-NC-SA (hub copies)"},
        {"name": "CheckThat! 2025 task 1, English, train and dev", "licence": "CC BY-NC-SA 4.0"},
        {"name": "SemEval-2023 task 3, English", "licence": "research use"},
        {"name": "Narrative Frames", "licence": "repository MIT; texts third-party"},
    ],
}
INVENTORIES = ("policy", "narrative")
READ = ("loaded word", "loaded sentence")
"""What regressions on the token branch's states say; their tracks follow those of the sentence branch."""
Array = np.ndarray


def stored_values(file: Path) -> list[Array]:
    """Values of every token, sentence by sentence."""
    with np.load(file) as stored:
        return np.split(stored["values"], np.cumsum(stored["lengths"])[:-1])


def blend_sentences(corpora: Path, babe: Any, work: Path, frozen: int, seed: int) -> tuple[Parts, dict[str, Any]]:
    """The blend of the three sentence heads, and scores."""
    tasks = sentence_tasks(corpora, babe)
    size = len(babe.texts)
    folds = cross_folds(babe, len(tasks.author_opinion.target))
    files = {name: work / f"cross-{name}-{frozen}-{seed}.npz" for name in folds}
    means = {name: sentence_means(stored_values(file)) for name, file in files.items() if file.exists()}
    scores: dict[str, Any] = {}
    fitted = []
    rows = {"bias": slice(0, size), "opinion": slice(0, size), "author_opinion": slice(size, None)}
    for name in HEADS:
        task, here = getattr(tasks, name), rows[name]
        known, track = task.known, TRACKS.index(name)
        by_article = folds["articles"][here]
        own = task.calibrated(by_article)
        other = means["articles"][here][known, track]
        target, places = task.target[known], by_article[known]
        groups = babe.groups[known] if name != "author_opinion" else np.arange(len(target))
        blended = cross_blend(own, other[:, None], target, places)
        corpus = "checkthat" if name == "author_opinion" else "babe"
        scores[f"{corpus}_{name}_encoder_alone"] = report(f"{name}, encoder", target, other, groups)
        scores[f"{corpus}_{name}_blend"] = report(f"{name}, blend", target, blended, groups)
        share, (weight,), constant = fit_blend(own, other[:, None], target)
        fitted.append((share, weight * np.eye(len(TRACKS) + len(READ))[track], constant))
        if name == "bias" and "outlets" in means:
            near, far = (means[scheme][known, track][:, None] for scheme in ("articles", "outlets"))
            blended = outlet_blend(task, by_article, folds["outlets"], near, far)
            scores["babe_bias_leave_outlet_out_blend"] = report("outlets, blend", target, blended, groups)
        if name == "opinion":
            first = TRACKS.index("factual")
            three = means["articles"][:size][known][:, first : first + 3]
            order = np.argsort(["Entirely factual", "Somewhat", "Expresses"])  # columns in alphabetical order
            three = (three - np.logaddexp.reduce(three, axis=1, keepdims=True))[:, order]
            labels = babe.label_opinion[known]
            scores["babe_three_way_macro_f1_encoder_alone"] = round(three_way_f1(labels, three), 4)
            linear = three_way_logits(task, babe.label_opinion, by_article)
            linear = np.log(sigmoid(linear) / sigmoid(linear).sum(axis=1, keepdims=True))
            scores["babe_three_way_macro_f1_mean"] = round(three_way_f1(labels, linear + three), 4)
            print({name: value for name, value in scores.items() if "three_way" in name}, flush=True)
    test = load_checkthat(corpora / "checkthat2025_en", "dev_test")
    values = sentence_means(stored_values(work / f"dev-test-{frozen}-{seed}.npz"))[:, TRACKS.index("author_opinion")]
    own = checkthat_logits(test.texts)
    blended = share * own + weight * values + constant  # the last head's
    numbers = np.arange(len(own))
    scores["checkthat_dev_test_encoder_alone"] = report("dev_test, encoder", test.target == 1, values, numbers)
    scores["checkthat_dev_test_blend"] = report("dev_test, blend", test.target == 1, blended, numbers)
    return bias_parts(fitted), scores


class Loaded(NamedTuple):
    """The blend of the loaded words' scores.

    Attributes
    ----------
    parts : Parts
        Weights are over the tracks of the branch and then ``READ``.
    read : (ndarray, shape (width, len(READ)), ndarray, shape (len(READ),))
        Weights of the token branch's states at the word and over its sentence, and biases.
    threshold : float
        From which on a word is loaded.
    scores : dict
    """

    parts: Parts
    read: tuple[Array, Array]
    threshold: float
    scores: dict[str, Any]


def blend_loaded(encoder: Encoder, babe: Any, work: Path, frozen: int, seed: int) -> Loaded:
    """Blend the fast model, the branch, and a regression on states of the word and of its sentence."""
    folds = group_folds(babe.groups)
    _, own = cross_loaded(babe.texts, babe.biased_spans, folds)
    values = stored_values(work / f"cross-articles-{frozen}-{seed}.npz")
    marked = MarkedTokens(babe, own)
    column, rows = TRACKS.index("loaded"), marked.states(sentence_states(encoder, babe.texts))
    of_branch = [values[number][1 + place, column] for number, place in marked.rows]
    of_states = cross_states(rows, marked.truth, folds[[number for number, _ in marked.rows]])
    tracks = np.column_stack([of_branch, of_states])
    threshold, scores = marked.cross(tracks, folds)
    share, shares, constant = fit_blend(marked.logits, tracks, marked.truth)
    weights, shift = fit_states(rows, marked.truth)
    here, there = np.zeros((2, len(TRACKS) + len(READ)))
    here[[column, len(TRACKS)]] = shares
    there[len(TRACKS) + 1] = shares[1]
    read = np.column_stack(np.split(weights, 2)), np.array([shift, 0.0])
    return Loaded(loaded_parts(share, here, there, constant), read, threshold, {"babe_loaded_words_blend": scores})


@torch.no_grad()
def article_meanings(reader: Reader, texts: Sequence[str]) -> Array:
    """Mean meaning of every text's sentences, the first ones counting most, as frame scores weigh them."""
    corpus = Corpus()
    for number, text in enumerate(texts):
        corpus.add(str(number), text)
    pieces = Pieces(list(corpus.index))
    out = []
    for at in range(0, len(texts), 32):
        part: list[Document] = corpus.documents[at : at + 32]
        for document, states in zip(part, token_states(reader, part, pieces), strict=True):
            meaning = reader.model.meaning(states).numpy()
            sentences = [meaning[a:b].mean(axis=0) for a, b in document.sentences.tolist()]
            out.append(article_mean(np.array(sentences)))
    return np.array(out)


def frame_meanings(name: str) -> Array:
    """A direction for every frame, shape (width, n_frames): description and seeds under the encoder before training."""
    corpus, inventory = Corpus(), load_inventory(name)
    for frame in inventory:
        for number, text in enumerate([frame.description, *frame.seeds]):
            corpus.add(f"{frame.name} {number}", text)
    meanings = sentence_meanings(corpus, Pieces(list(corpus.index)), None)
    directions = []
    for frame in inventory:
        parts = [meanings[f"{frame.name} {number}"].astype(np.float64) for number in range(1 + len(frame.seeds))]
        halves = [part.mean(axis=0) for part in (parts[0], np.concatenate(parts[1:]))]
        directions.append(sum(half / np.linalg.norm(half) for half in halves) / 2)
    return np.array(directions - np.mean(directions, axis=0)).T  # what all frames share says nothing


class Frames:
    """Word scores and meanings of an inventory's articles."""

    def __init__(self, name: str, texts: Sequence[str], target: Array, meanings: Array, decide: str) -> None:
        self.target, self.decide = target.astype(bool), decide
        self.rows, self.seeds = article_rows(texts, load_inventory(name))
        self.scale = float(meanings.std(axis=0).mean()) * meanings.shape[1] ** 0.5
        self.meanings = sp.csr_matrix((meanings / self.scale).astype(np.float32))
        # How near an article's meaning is to what the codebook says of a frame: what is left on new topics.
        self.codebook = frame_meanings(name)
        self.nearness = meanings @ self.codebook

    def fit(self, taught: Array, asked: Array) -> tuple[Array, dict[str, Any]]:
        """Log odds of the asked articles, 0 where a frame is decided; and what makes them up."""
        target = self.target[taught]
        prior = self.seeds + ZERO_SHOT["intercept"]  # as framing.FrameClassifier
        near = MEANING_WEIGHT / self.nearness[taught].std(axis=0)
        meant_prior = self.nearness * near
        learned = learn_frames(self.rows[taught], prior[taught], target)
        loose, slope, offsets = learned.loose, learned.slope, learned.shifts
        own = self.rows[asked] @ learned.weights + learned.intercepts + prior[asked]
        meant = out_of_fold(self.meanings[taught], target, FRAME_C, folds=FRAME_FOLDS) + meant_prior[taught]
        meaning_weights, meaning_intercepts = fit_logistic(self.meanings[taught], target, FRAME_C)
        other = self.meanings[asked] @ meaning_weights + meaning_intercepts + meant_prior[asked]
        meaning_slope, meaning_offsets = calibrate_frames(meant, target)
        # Half and half, as neither is better on every topic; the sum is calibrated and decided anew.
        both = (loose * slope + offsets + meant * meaning_slope + meaning_offsets) / 2
        last_slope, last_offsets = calibrate_frames(both, target)
        calibrated = both * last_slope + last_offsets
        cuts = frame_cuts(sigmoid(calibrated), self.decide)
        decided = last_offsets - np.log(cuts / (1 - cuts))
        found = (own * slope + offsets + other * meaning_slope + meaning_offsets) / 2 * last_slope
        constants = slope * (learned.intercepts + ZERO_SHOT["intercept"]) + offsets
        constants = constants + meaning_slope * meaning_intercepts + meaning_offsets
        parts = {
            "share": np.full(target.shape[1], last_slope / 2),  # of the fast model's evidence, which is calibrated
            "weight": (meaning_weights / self.scale + self.codebook * near) * (meaning_slope * last_slope / 2),
            "intercept": constants / 2 * last_slope + decided,
            "probability": sigmoid(found + last_offsets),
        }
        return found + decided, parts

    def cross(self, folds: Array) -> tuple[Array, Array]:
        """Log odds, and probabilities before thresholds, of every article by models that never saw its fold."""
        logits, probability = np.zeros(self.target.shape), np.zeros(self.target.shape)
        for fold in np.unique(folds):
            inside = np.flatnonzero(folds == fold)
            logits[inside], parts = self.fit(np.flatnonzero(folds != fold), inside)
            probability[inside] = parts["probability"]
        return logits, probability


def blend_frames(reader: Reader, corpora: Path) -> tuple[dict[str, dict[str, Array]], dict[str, Any]]:
    """For each inventory what its blend is made of, and scores."""
    policy = load_semeval2023_task3(corpora / "semeval2023_task3")
    narrative = load_narrative_frames(corpora / "narrative_frames")
    data = {
        "policy": Frames("policy", policy.texts, policy.target, article_meanings(reader, policy.texts), "micro_f1"),
        "narrative": Frames(
            "narrative", narrative.texts, narrative.target, article_meanings(reader, narrative.texts), "macro_f1"
        ),
    }
    topics = KMeans(FRAME_FOLDS, n_init=10, random_state=FOLDS_SEED).fit_predict(
        StaticEmbedding().fit_transform(policy.texts)
    )
    random = np.random.default_rng(FOLDS_SEED).permutation(len(policy.texts)) % FRAME_FOLDS
    schemes = {
        ("policy", "semeval_5_random_folds"): random,
        ("policy", "semeval_5_topic_clusters"): topics,
        ("narrative", "narrative_frames_paper_folds"): narrative.test_fold,
    }
    scores: dict[str, Any] = {}
    for (name, title), folds in schemes.items():
        logits, probability = data[name].cross(folds)
        scores[title] = report_frames(title, data[name].target, logits)
        error = expected_calibration_error(data[name].target.ravel(), probability.ravel())
        scores[title]["calibration_error_before_thresholds"] = round(error, 4)
    out = {}
    for name, frames in data.items():
        every = np.arange(len(frames.target))
        _, out[name] = frames.fit(every, every)
    return out, scores


class Tracks(NamedTuple):
    """Weights (width, n_tracks) and biases of all tracks in order.

    Attributes
    ----------
    branch : (ndarray, ndarray)
        Over the sentence branch's states, as it was trained.
    read, meaning : (ndarray, ndarray)
        Over the token branch's states: what ``READ`` names, and what sentences mean for each frame.
    """

    branch: tuple[Array, Array]
    read: tuple[Array, Array]
    meaning: tuple[Array, Array]

    @classmethod
    def of(cls, arrays: Parts) -> Tracks:
        """Those of a bundled sentence branch."""
        weights, biases = arrays["heads.tracks.weight"], arrays["heads.tracks.bias"]
        of_states, of_sentences = np.split(weights, 2)
        first, last = len(TRACKS), len(TRACKS) + len(READ)
        return cls(
            (of_sentences[:, :first], biases[:first]),
            (of_states[:, first:last], biases[first:last]),
            (of_states[:, last:], biases[last:]),
        )

    def joined(self) -> tuple[Array, Array]:
        """Weights (2 * width, n_tracks) over token states and sentence states, and biases."""
        branch, read, meaning = self
        of_states = np.concatenate([np.zeros(branch[0].shape), read[0], meaning[0]], axis=1)
        of_sentences = np.zeros(of_states.shape)
        of_sentences[:, : len(TRACKS)] = branch[0]
        return np.concatenate([of_states, of_sentences]), np.concatenate([branch[1], read[1], meaning[1]])

    def arrays(self) -> Parts:
        """As they are stored."""
        weights, biases = self.joined()
        return {"heads.tracks.weight": weights.astype(np.float32), "heads.tracks.bias": biases.astype(np.float32)}


def meaning_tracks(reader: Reader, frames: dict[str, dict[str, Array]]) -> tuple[Array, Array]:
    """Weights (width, n_frames) of token states, and biases, that say what sentences mean for each frame."""
    meaning, offset = (part.detach().numpy() for part in (reader.model.meaning.weight, reader.model.meaning.bias))
    weights = np.concatenate([parts["weight"] for parts in frames.values()], axis=1)
    return meaning.T @ weights, offset @ weights


def frame_blends(frames: dict[str, dict[str, Array]]) -> tuple[Parts, dict[str, Any]]:
    """Arrays of the frames' blends over their own tracks, and what scores of articles are without evidence."""
    arrays, intercepts = {}, {}
    count, at = sum(len(parts["share"]) for parts in frames.values()), 0
    for name, parts in frames.items():
        size = len(parts["share"])
        # The article's columns are blended; the sentences' stay as they are.
        weight = np.zeros((count, 2 * size))
        weight[at : at + size, :size] = np.eye(size)
        at += size
        shares = np.r_[parts["share"], np.ones(size)]
        arrays |= blend_arrays(name, {"share": shares, "weight": weight, "shift": np.zeros(2 * size)})
        intercepts[name] = {"share": float(parts["share"][0]), "intercept": parts["intercept"].round(5).tolist()}
    return arrays, intercepts


def placed(arrays: Parts, names: Sequence[str], start: int, count: int) -> Parts:
    """Blends over some of the tracks, from ``start`` on, as blends over all ``count`` of them."""
    out = {}
    for name in names:
        weight = arrays[f"blend.{name}.weight"]
        out[f"blend.{name}.weight"] = np.zeros((count, weight.shape[1]), dtype=np.float32)
        out[f"blend.{name}.weight"][start : start + len(weight)] = weight
    return arrays | out


def renew_frames(reader: Reader, corpora: Path, out: Path) -> None:
    """Blend the frames anew, after ``train_frames.py``, and leave the rest of the sentence branch as it is."""
    manifest, arrays = load_model(out / "encoder_sentences")
    frames, scores = blend_frames(reader, corpora)
    tracks = Tracks.of(arrays)._replace(meaning=meaning_tracks(reader, frames)).arrays()
    blends, intercepts = frame_blends(frames)
    arrays |= tracks | placed(blends, INVENTORIES, len(TRACKS) + len(READ), len(tracks["heads.tracks.bias"]))
    settings = {**manifest["config"], "frames": intercepts}
    save(
        out / "encoder_sentences", arrays, DATA["sentences"], settings, {**manifest["scores"], **scores},
        SUMMARIES["sentences"], manifest["seed"],
    )  # fmt: skip


def report_storage(stored: Encoder, exact: Encoder) -> None:
    """Print what int8 changes in the statements' probabilities of the sample articles."""
    texts = [encode_text(text, line_ranges(text)) for text in load_sample().texts]
    pairs = zip(stored.read(texts), exact.read(texts), strict=True)
    change = np.concatenate([np.abs(a.statements - b.statements).ravel() for a, b in pairs])
    print(f"int8 changes probabilities by {change.mean():.4f} on average, {change.max():.3f} at most", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="not needed for the sentences' blends alone")
    parser.add_argument("--branch", type=Path, help="the sentence branch, where everything is made anew")
    parser.add_argument("--only", choices=["sentences", "words", "frames"], help="blend these anew and leave the rest")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    if args.only in ("sentences", "words"):
        renew_sentences(args.corpora, args.work, args.out, args.seed, args.only == "sentences")
        return
    if args.checkpoint is None or (args.branch is None and args.only is None):
        parser.error("--checkpoint is needed for frames, and --branch besides where --only is not given")
    reader = load_encoder(args.checkpoint)
    if args.only == "frames":
        renew_frames(reader, args.corpora, args.out)
        return
    stored = torch.load(args.branch, weights_only=False)
    branch, frozen = stored["state"], stored["config"]["frozen"]

    frames, scores = blend_frames(reader, args.corpora)
    of_branch = branch["tracks.weight"].T, branch["tracks.bias"]
    meaning = meaning_tracks(reader, frames)
    unread = np.zeros((len(of_branch[0]), 0)), np.zeros(0)
    tokenizer = (checkpoint_home() / "tokenizer.json").read_text(encoding="utf-8")
    state = numpy_state(reader.model.state_dict())
    arrays = export_arrays(state, branch, Tracks(of_branch, unread, meaning).joined(), tokenizer)
    config = {"window": reader.config["window"], "overlap": OVERLAP, "link_dilations": reader.config["link_dilations"]}
    encoder = Encoder(config, arrays)
    babe = load_babe(args.corpora / "babe")
    sentences, sentence_scores = blend_sentences(args.corpora, babe, args.work, frozen, args.seed)
    loaded = blend_loaded(encoder, babe, args.work, frozen, args.seed)

    tracks = Tracks(of_branch, loaded.read, meaning)
    arrays |= tracks.arrays()
    folders: dict[str, Parts] = {"words": {}, "tokens": {}, "sentences": {}}
    for name, array in arrays.items():
        half = "words" if name.startswith("words") or name == "tokenizer" else "tokens"
        belongs = name.startswith(("graph.branch", "scale.branch", "heads.tracks"))
        folders["sentences" if belongs else half][name] = array
    extra, count = folders["sentences"], len(arrays["heads.tracks.bias"])
    for name, parts in (("bias", sentences), ("loaded", loaded.parts)):
        extra |= placed(blend_arrays(name, parts), [name], 0, count)
    blends, intercepts = frame_blends(frames)
    extra |= placed(blends, INVENTORIES, len(TRACKS) + len(READ), count)

    exact = export_arrays(state, branch, tracks.joined(), tokenizer, exact=True)
    report_storage(encoder, Encoder(config, exact))
    decoding = fit_decoding(encoder, args.corpora, ENCODER_GRID)
    save(args.out / "encoder_words", folders["words"], DATA["words"], {}, {}, SUMMARIES["words"], args.seed)
    save(
        args.out / "encoder", folders["tokens"], DATA["tokens"], {"encoder": config, "decoding": decoding}, {},
        SUMMARIES["tokens"], args.seed,
    )  # fmt: skip
    settings = {
        "blends": ["bias", "loaded", *INVENTORIES], "threshold": round(loaded.threshold, 6), "frames": intercepts
    }  # fmt: skip
    save(
        args.out / "encoder_sentences", extra, DATA["sentences"], settings, scores | sentence_scores | loaded.scores,
        SUMMARIES["sentences"], args.seed,
    )  # fmt: skip


def renew_sentences(corpora: Path, work: Path, home: Path, seed: int, heads: bool) -> None:
    """Blend the bundled sentence branch with fast models trained anew; frames and the branch stay as they are.

    ``heads`` is whether the sentences' scores are blended anew, too, and not only the loaded words'.
    """
    manifest, arrays = load_model(home / "encoder_sentences")
    babe = load_babe(corpora / "babe")
    loaded = blend_loaded(bundled_encoder().encoder, babe, work, 3, seed)
    scores, parts = manifest["scores"] | loaded.scores, {"loaded": loaded.parts}
    if heads:
        parts["bias"], found = blend_sentences(corpora, babe, work, 3, seed)
        scores |= found
    arrays |= Tracks.of(arrays)._replace(read=loaded.read).arrays()
    for name, part in parts.items():
        arrays |= placed(blend_arrays(name, part), [name], 0, len(arrays["heads.tracks.bias"]))
    settings = manifest["config"] | {"threshold": round(loaded.threshold, 6)}
    save(home / "encoder_sentences", arrays, DATA["sentences"], settings, scores, SUMMARIES["sentences"], seed)


LIMITS = (
    "English news of 2010 to 2020, mostly of the United States and of international agencies. Labels of statements are "
    "one pass of annotation by a language model. Windows of 320 word pieces overlap by 64: what stands further away is "
    "not seen."
)
SUMMARIES = {
    "words": "Vectors of the encoder's word pieces (int8), and its tokenizer.",
    "tokens": "The accurate tier's token model: voice and kind of statements, cues, sources and contents.",
    "sentences": "The accurate tier's sentence branch: bias, opinion, the author's opinion, loaded words, frames; and "
    "how each is blended with the fast model of the same name.",
}


def save(
    folder: Path,
    arrays: Parts,
    data: list[Any],
    config: dict[str, Any],
    scores: dict[str, Any],
    summary: str,
    seed: int,
) -> None:
    save_model(
        folder, arrays, name=folder.name, version=VERSION, licence=LICENCE, data=data, seed=seed, scores=scores,
        config=config, card=write_card(folder.name, summary, data, scores, LIMITS),
    )  # fmt: skip


if __name__ == "__main__":
    main()
