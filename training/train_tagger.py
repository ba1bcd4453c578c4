"""Train the token network on PolNeAR's attributions and the voice × kind statements, jointly.

    python training/train_tagger.py --corpora DIR [--config training/tagger.toml] [--resume]

Writes the PyTorch checkpoint beside ``--work`` and the NumPy model to ``src/framing/models/tagger``.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common import MODELS, write_card
from corpus import IGNORE, Corpus, Document, add_soft_labels, build_corpus
from fit_decoding import fit_decoding
from framing.lexicons import list_lexicons, load_lexicon
from framing.network import Featurizer, Network
from framing.persistence import save_model
from framing.tokens import SHAPE_COUNT, STATEMENT_LABELS, STOPS
from framing.vectors import bundled_vectors
from heads import LinkHead, link_examples, teacher_losses
from tagger_card import LIMITS, SUMMARY

LOOKUPS = ("tables", "shapes", "quotes", "link_distance", "link_between")  # rows are looked up, not multiplied
HERE = Path(__file__).resolve().parent


class Tagger(nn.Module):
    """The network of :mod:`framing.network`, trainable."""

    def __init__(self, config: dict[str, Any], lexicons: int, static: int) -> None:
        super().__init__()
        width = config["width"]
        self.config = config
        size, other = config["word_embedding"], config["affix_embedding"]
        self.tables = nn.ModuleList(
            nn.Embedding(n, d) for n, d in zip(config["buckets"], [size, other, other, other], strict=True)
        )
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.1)
        self.shapes = nn.Embedding(SHAPE_COUNT, 16)
        self.quotes = nn.Embedding(4, width)
        nn.init.normal_(self.quotes.weight, std=0.1)
        self.project = nn.Linear(static + size + 3 * other + 16 + lexicons, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in config["dilations"])
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, 2 * width, 3, padding=d, dilation=d) for d in config["dilations"]
        )
        self.dropout = nn.Dropout(config["dropout"])
        self.statement = nn.Linear(width, len(STATEMENT_LABELS))
        self.cue = nn.Linear(width, 3)
        self.roles = nn.Linear(width, 2)
        self.links = LinkHead(width, config["link_width"], config["link_dilations"], config["dropout"])

    def word_inputs(self, static: Tensor, buckets: Tensor, shape: Tensor, lexicons: Tensor) -> Tensor:
        hashed = [table(buckets[..., i]) for i, table in enumerate(self.tables)]
        return self.project(
            torch.cat([self.dropout(static), *map(self.dropout, hashed), self.shapes(shape), lexicons], -1)
        )

    def trunk(self, inputs: Tensor, quotes: Tensor, mask: Tensor) -> Tensor:
        hidden = (inputs + self.quotes(quotes)) * mask
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            update, gate = convolution(hidden.transpose(1, 2)).transpose(1, 2).chunk(2, -1)
            hidden = norm(hidden + self.dropout(update * torch.sigmoid(gate))) * mask
        return hidden


class Words:
    """Features of every distinct word, as tensors."""

    def __init__(self, words: list[str], featurizer: Featurizer, config: dict[str, Any]) -> None:
        vectors, _ = bundled_vectors().lookup(words)
        # Unit length: the length of a distilled vector says how common the word is, which hashes know too.
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        self.static = torch.tensor(vectors[:, : config["static"]]) * config["static"] ** 0.5
        features = featurizer(words)
        self.buckets = torch.tensor(features.buckets)
        self.shape = torch.tensor(features.shape)
        self.stop = torch.tensor([word in STOPS for word in words])
        self.lexicons = torch.tensor(features.lexicons)

    def inputs(self, model: Tagger, ids: Tensor, drop: float = 0.0) -> Tensor:
        buckets = self.buckets[ids]
        if drop:  # pretend that some words were never seen, as many will be
            unseen = torch.rand(ids.shape) < drop
            buckets = buckets.clone()
            buckets[..., 0][unseen] = torch.randint(0, model.config["buckets"][0], (int(unseen.sum()),))
        return model.word_inputs(self.static[ids], buckets, self.shape[ids], self.lexicons[ids])


def crops(documents: list[Document], length: int, generator: np.random.Generator) -> list[tuple[int, int, int]]:
    """Every document cut into pieces at a random phase."""
    pieces = []
    for number, document in enumerate(documents):
        size = len(document.words)
        start = -int(generator.integers(0, length)) if size > length else 0
        while start < size:
            first, last = max(start, 0), min(start + length, size)
            if last - first >= 8:
                pieces.append((number, first, last))
            start += length
    return pieces


def batch_loss(
    model: Tagger, words: Words, chosen: list[tuple[Document, int, int]], config: dict[str, Any],
    generator: np.random.Generator,
) -> tuple[Tensor, dict[str, float]]:
    length = max(end - start for _, start, end in chosen)
    size = (len(chosen), length)
    ids, quotes = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
    mask = torch.zeros(*size, 1)
    statements, cue = torch.full(size, IGNORE), torch.full(size, IGNORE)
    roles = torch.full((*size, 2), -1.0)
    for row, (document, start, end) in enumerate(chosen):
        piece, at = slice(start, end), slice(0, end - start)
        ids[row, at] = torch.from_numpy(document.words[piece])
        quotes[row, at] = torch.from_numpy(document.quotes[piece])
        mask[row, at] = 1
        statements[row, at] = torch.from_numpy(document.statements[piece])
        cue[row, at] = torch.from_numpy(document.cue[piece])
        roles[row, at, 0] = torch.from_numpy(document.source[piece])
        roles[row, at, 1] = torch.from_numpy(document.content[piece])
    hidden = model.trunk(words.inputs(model, ids, config["word_drop"]), quotes, mask)
    dropped = model.dropout(hidden)
    parts: dict[str, Tensor] = {}
    statement_logits, cue_logits, role_logits = model.statement(dropped), model.cue(dropped), model.roles(dropped)
    if (statements >= 0).any():
        parts["statement"] = F.cross_entropy(
            statement_logits.flatten(0, 1), statements.flatten(), ignore_index=IGNORE,
            label_smoothing=config["label_smoothing"],
        )
    if (cue >= 0).any():
        parts["cue"] = F.cross_entropy(cue_logits.flatten(0, 1), cue.flatten(), ignore_index=IGNORE)
        known = roles >= 0
        parts["roles"] = F.binary_cross_entropy_with_logits(role_logits[known], roles[known])
    scores = cue_logits.detach().softmax(-1)[..., 1]
    linked = link_examples(chosen, scores, config["links_per_crop"], generator)
    if linked is not None:
        counts = torch.stack([ids == 0, words.stop[ids], scores > 0.5], -1).long().cumsum(1)
        sizes = torch.tensor([end - start for _, start, end in chosen])
        logits, real = model.links(dropped, sizes, counts, *linked[:3])
        parts["link"] = F.cross_entropy(logits[real], linked[3][real])
    parts |= teacher_losses(chosen, statement_logits, cue_logits, role_logits)
    weights = config["loss"]
    total = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
    return total, {name: float(value.detach()) for name, value in parts.items()}


def train(
    corpus: Corpus, words: Words, config: dict[str, Any], work: Path, seed: int, resume: bool
) -> Tagger:
    """One-cycle AdamW; the model returned has exponentially averaged weights."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    model = Tagger(config, words.lexicons.shape[1], words.static.shape[1])
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config["average"])
    )
    per_pass = -(-len(crops(corpus.documents, config["crop"], generator)) // config["batch"])
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=config["weight_decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config["rate"], total_steps=int(per_pass * 1.02 + 2) * config["passes"], pct_start=0.2
    )
    checkpoint, first = work / f"tagger-{seed}.pt", 0
    if resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        generator.bit_generator.state = state["generator"]
        torch.set_rng_state(state["torch"])
        first = state["passes"]
    for number in range(first, config["passes"]):
        model.train()
        pieces = crops(corpus.documents, config["crop"], generator)
        order, sums, started = generator.permutation(len(pieces)), {}, time.time()
        for at in range(0, len(order), config["batch"]):
            chosen = [
                (corpus.documents[d], s, e) for d, s, e in (pieces[i] for i in order[at : at + config["batch"]])
            ]
            loss, parts = batch_loss(model, words, chosen, config, generator)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            for name, value in parts.items():
                sums.setdefault(name, []).append(value)
        means = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in sums.items())
        print(f"pass {number + 1}/{config['passes']}: {means} ({time.time() - started:.0f} s)", flush=True)
        work.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "model": model.state_dict(), "average": average.state_dict(),
                "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
                "generator": generator.bit_generator.state, "torch": torch.get_rng_state(),
                "passes": number + 1, "config": config,
            },
            checkpoint,
        )
    return average.module.eval()


def lexicon_table() -> tuple[list[str], np.ndarray]:
    """Single-word entries of all lexicons with their memberships."""
    names = list_lexicons()
    index: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for entry in load_lexicon(name):
            if " " not in entry:
                index.setdefault(entry.rstrip("."), []).append(number)
    entries = sorted(index)
    flags = np.zeros((len(entries), len(names)), dtype=np.uint8)
    for row, entry in enumerate(entries):
        flags[row, index[entry]] = 1
    return entries, flags


def export(model: Tagger, featurizer: Featurizer) -> dict[str, np.ndarray]:
    """Arrays of the NumPy model; convolutions as (3, width, 2 * width) so that a token is a row."""
    arrays = {"lexicon_entries": np.array("\n".join(featurizer.entries)), "lexicon_flags": featurizer.flags}
    for name, value in model.state_dict().items():
        name = name.removeprefix("links.")
        array = value.numpy().astype(np.float32)
        if array.ndim == 3:
            array = array.transpose(2, 1, 0)
        elif array.ndim == 2 and not name.startswith(LOOKUPS):
            array = array.T
        if name.startswith("tables"):
            array = array.astype(np.float16)
        arrays[name] = np.ascontiguousarray(array)
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=HERE / "tagger.toml")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="checkpoints")
    parser.add_argument("--out", type=Path, default=MODELS / "tagger")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--soft", type=Path, help="soft labels of a teacher, as soft_labels.py --corpora writes them")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    corpus = build_corpus(args.corpora)
    if args.soft is not None:
        add_soft_labels(corpus, args.soft)
    print(f"{len(corpus.documents)} texts, {sum(len(d.words) for d in corpus.documents)} tokens", flush=True)
    featurizer = Featurizer(config["buckets"], *lexicon_table())
    words = Words(list(corpus.index), featurizer, config)
    model = train(corpus, words, config, args.work, args.seed, args.resume)
    data = [
        {"name": "PolNeAR 1.0 (train)", "licence": "none stated"},
        {"name": "statements (train): offsets", "licence": "CC0-1.0"},
        {"name": "all-MiniLM-L6-v2 (through the static embedding)", "licence": "Apache-2.0"},
    ]
    arrays = export(model, featurizer)
    decoding = fit_decoding(Network(config, arrays, bundled_vectors()), args.corpora)
    save_model(
        args.out, arrays, name="tagger", version="1", licence="CC-BY-NC-SA-4.0", data=data, seed=args.seed,
        config={"network": config, "decoding": decoding}, card=write_card("tagger", SUMMARY, data, {}, LIMITS),
    )  # fmt: skip


if __name__ == "__main__":
    main()
