"""Fine-tune the encoder's sentence branch: bias, opinion, the author's opinion, loaded words.

    python training/train_encoder_sentences.py --corpora DIR --checkpoint work/encoder-0-best.pt [--cross] [--frozen 3]

The branch starts as a copy of the token model's last layers; the layers below are shared and stay as they are, because
the token tasks suffer when sentences without context pull at them. While it learns, words that say who is meant
(``identities``) are swapped for one another, and plain forms for informal ones, so that a score follows neither
(counterfactual data augmentation, Kaushik et al. 2020). ``--cross`` also trains a branch for each fold of
BABE (by article, then leaving outlets out) and writes the scores of sentences that a branch has not seen to
``--work``. A branch takes two to three minutes on two cores.
"""

from __future__ import annotations

import argparse
import copy
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blends import cross_folds
from corpus import Corpus
from framing.datasets import load_babe, load_checkthat
from framing.encoder import MASK
from framing.lexicons import load_lexicon
from framing.text import tokenize
from soft_labels import Reader, bundled_reader, load_encoder
from train_encoder import Batch, Pieces, collate

HERE = Path(__file__).resolve().parent
TRACKS = ("bias", "opinion", "author_opinion", "loaded", "factual", "mixed", "opinionated")
THREE_WAY = ("Entirely factual", "Somewhat factual but also opinionated", "Expresses writer’s opinion")


@dataclass
class Sentence:
    """A labelled sentence; -1 where a label is not known."""

    words: np.ndarray
    quotes: np.ndarray
    bias: int = -1
    opinion: int = -1
    three_way: int = -1
    author_opinion: int = -1
    loaded: np.ndarray | None = None
    """Whether each token is marked, where readers marked words; punctuation is left out as -1."""


Sentences = Sequence[Sentence] | Mapping[int, Sentence]


@dataclass
class Packed:
    """Sentences behind one another, as a window of an article."""

    words: np.ndarray
    quotes: np.ndarray
    bounds: list[tuple[int, int]]
    """First token of each sentence, not counting the one before a paragraph, and the token after its last."""


# Forms that say the same in another register.
INFORMAL = (
    ("isn't", "aren't", "ain't"), ("people", "folks"), ("children", "kids"), ("friends", "mates"), ("going", "goin'"),
    ("yes", "yeah"), ("until", "till"), ("because", "'cause"), ("you", "ya"), ("nothing", "nothin'"),
)  # fmt: skip
PRONOUNS = (("he", "she", "they"), ("him", "her", "them"), ("his", "her", "their"), ("himself", "herself"))


class Swaps:
    """Words that may stand for one another while the branch learns.

    Parameters
    ----------
    corpus : Corpus
        Gets the words that a swap can bring.
    """

    def __init__(self, corpus: Corpus) -> None:
        listed = load_lexicon("identities")
        pronouns = {word for group in PRONOUNS for word in group}
        plain = sorted(word for word in listed if word.isalpha() and word not in pronouns)
        groups = [
            [word for word in plain if word.endswith("s") is plural] for plural in (False, True)
        ]  # a plural for a plural, as far as the spelling shows it
        groups += [list(group) for group in (*PRONOUNS, *INFORMAL)]
        kept = set(corpus.index)
        self.others: dict[int, np.ndarray] = {}
        for cased in (str, str.capitalize):
            for group in groups:
                numbers = np.array([corpus.index.setdefault(cased(w), len(corpus.index)) for w in group])
                for word, number in zip(group, numbers.tolist(), strict=True):
                    if cased(word) in kept:
                        self.others[number] = numbers

    def __call__(self, words: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
        """The words, each that may be swapped being so with probability ``share``."""
        out = words.copy()
        for place, word in enumerate(words.tolist()):
            others = self.others.get(word)
            if others is not None and generator.random() < share:
                out[place] = others[generator.integers(len(others))]
        return out


class Branch(nn.Module):
    """The last layers once more, with a value a token for every track."""

    def __init__(self, reader: Reader, frozen: int, dropout: float) -> None:
        super().__init__()
        self.base = [reader]  # in a list, so that it is no submodule: it is not trained and not saved
        self.frozen = frozen
        self.layers = nn.ModuleList(copy.deepcopy(layer) for layer in reader.model.bert.encoder.layer[frozen:])
        self.dropout = nn.Dropout(dropout)
        self.tracks = nn.Linear(reader.model.bert.config.hidden_size, len(TRACKS))

    def forward(self, batch: Batch) -> Tensor:
        """Values (n_windows, n_tokens, n_tracks)."""
        model = self.base[0].model
        mask = (1.0 - batch.mask[:, None, None, :].float()) * torch.finfo(torch.bfloat16).min
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                states = model.bert.embeddings(inputs_embeds=model.inputs(batch))
                for layer in model.bert.encoder.layer[: self.frozen]:
                    states = layer(states, mask)
            for layer in self.layers:
                states = layer(states, mask)
        states = states.float()
        first = batch.first[..., None].expand(-1, -1, states.shape[-1])
        return self.tracks(self.dropout(states.gather(1, first)))

    def state(self) -> dict[str, np.ndarray]:
        """Arrays under the names that :func:`export_encoder.export_arrays` wants."""
        out = {f"tracks.{name}": value.detach().numpy() for name, value in self.tracks.named_parameters()}
        for number, layer in enumerate(self.layers):
            for name, value in layer.state_dict().items():
                out[f"bert.encoder.layer.{number + self.frozen}.{name}"] = value.float().numpy()
        return out


def read_sentences(corpora: Path) -> tuple[list[Sentence], np.ndarray, Any, Corpus]:
    """All sentences, which part each is of (BABE, CheckThat! train and dev, dev_test)."""
    babe = load_babe(corpora / "babe")
    parts = [load_checkthat(corpora / "checkthat2025_en", split) for split in ("train", "dev", "dev_test")]
    corpus, sentences, origin = Corpus(), [], []

    def add(text: str, part: int, **labels: Any) -> None:
        # Without line breaks: a sentence is one paragraph.
        document = corpus.add(str(len(sentences)), text.replace("\n", " "))
        sentences.append(Sentence(document.words, document.quotes, **labels))
        origin.append(part)

    for text, spans, bias, opinion in zip(
        babe.texts, babe.biased_spans, babe.target, babe.label_opinion, strict=True
    ):
        known = opinion in THREE_WAY
        tokens = tokenize(text.replace("\n", " "))
        marked = np.zeros(len(tokens), dtype=bool)
        for start, end, *_ in spans:
            marked |= (tokens[:, 0] < end) & (tokens[:, 1] > start)
        wordy = np.array([text[s].isalpha() for s, _ in tokens.tolist()], dtype=bool)
        loaded = np.concatenate([[-1], np.where(wordy, marked, -1)])  # the token before the paragraph
        add(
            text, 0, bias=int(bias), opinion=int(opinion != THREE_WAY[0]) if known else -1,
            three_way=THREE_WAY.index(opinion) if known else -1, loaded=loaded,
        )  # fmt: skip
    for number, part in enumerate(parts):
        for text, target in zip(part.texts, part.target, strict=True):
            add(text, 1 if number < 2 else 2, author_opinion=int(target))
    return sentences, np.array(origin), babe, corpus


def pack(
    sentences: Sentences, groups: Sequence[Sequence[int]], generator: np.random.Generator | None
) -> list[Packed]:
    """Windows of sentences; under a generator half of those that follow another one do so in its paragraph."""
    out = []
    for group in groups:
        words, quotes, bounds, at = [], [], [], 0
        for place, number in enumerate(group):
            skip = int(generator is not None and place > 0 and generator.random() < 0.5)
            words.append(sentences[number].words[skip:])
            quotes.append(sentences[number].quotes[skip:])
            at += 1 - skip
            bounds.append((at, at + len(words[-1]) - 1 + skip))
            at = bounds[-1][1]
        out.append(Packed(np.concatenate(words), np.concatenate(quotes), bounds))
    return out


def make_batch(
    sentences: Sentences,
    groups: Sequence[Sequence[int]],
    pieces: Pieces,
    room: int,
    generator: np.random.Generator | None = None,
) -> tuple[Batch, list[Packed]]:
    packed = pack(sentences, groups, generator)
    return collate([(p, 0, len(p.words)) for p in packed], pieces, room), packed  # type: ignore[arg-type]


def branch_loss(
    values: Tensor, packed: Sequence[Packed], groups: Sequence[Sequence[int]], sentences: Sequence[Sentence],
    weights: dict[str, float],
) -> Tensor:  # fmt: skip
    means, loaded, marked, members = [], [], [], []
    for row, (window, group) in enumerate(zip(packed, groups, strict=True)):
        for (start, stop), number in zip(window.bounds, group, strict=True):
            means.append(values[row, start:stop].mean(0))
            members.append(sentences[number])
            if sentences[number].loaded is not None:
                loaded.append(values[row, start:stop, TRACKS.index("loaded")])
                marked.append(torch.from_numpy(sentences[number].loaded[1:]))
    logits = torch.stack(means)
    total = values.new_zeros(())
    for name in ("bias", "opinion", "author_opinion"):
        target = torch.tensor([getattr(sentence, name) for sentence in members])
        known = target >= 0
        if known.any():
            scores = logits[known, TRACKS.index(name)]
            total = total + weights[name] * F.binary_cross_entropy_with_logits(scores, target[known].float())
    target = torch.tensor([sentence.three_way for sentence in members])
    if (target >= 0).any():
        at = TRACKS.index("factual")
        total = total + weights["three_way"] * F.cross_entropy(logits[:, at : at + 3], target, ignore_index=-1)
    if marked:
        scores, truth = torch.cat(loaded), torch.cat(marked)
        known = truth >= 0
        total = total + weights["loaded"] * F.binary_cross_entropy_with_logits(scores[known], truth[known].float())
    return total


def fit_branch(
    reader: Reader, sentences: Sequence[Sentence], chosen: np.ndarray, pieces: Pieces, swaps: Swaps,
    config: dict[str, Any], seed: int,
) -> Branch:  # fmt: skip
    """A branch taught by the chosen sentences."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    branch = Branch(reader, config["frozen"], config["dropout"])
    numbers = np.flatnonzero(chosen)
    room = reader.config["window"] - 2
    size = np.array([int(pieces.sizes[sentence.words].sum()) for sentence in sentences])

    def plan() -> list[list[list[int]]]:
        """Batches of windows of one to a few sentences, in random order."""
        order, at = generator.permutation(numbers).tolist(), 0
        groups: list[list[int]] = []
        while at < len(order):
            group = order[at : at + int(generator.integers(1, config["together"] + 1))]
            while len(group) > 1 and size[group].sum() > room:
                group.pop()
            groups.append(group)
            at += len(group)
        batches: list[list[list[int]]] = []
        groups.sort(key=lambda group: int(size[group].sum()))
        pending: list[list[int]] = []
        for group in groups:
            if pending and (len(pending) + 1) * (size[group].sum() + 2) > config["batch_pieces"]:
                batches.append(pending)
                pending = []
            pending.append(group)
        batches.append(pending)
        return [batches[i] for i in generator.permutation(len(batches))]

    plans = [plan() for _ in range(config["epochs"])]
    steps = sum(map(len, plans))
    warm = config["warmup"] * steps
    optimizer = torch.optim.AdamW(
        [
            {"params": branch.layers.parameters(), "lr": config["rate"]},
            {"params": branch.tracks.parameters(), "lr": config["head_rate"]},
        ],
        weight_decay=config["weight_decay"], fused=True,
    )  # fmt: skip
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max((steps - step) / (steps - warm), 0.01))
    )
    branch.train()
    reader.model.eval()
    for epoch in plans:
        for groups in epoch:
            seen = {
                i: replace(sentences[i], words=swaps(sentences[i].words, config["swap"], generator))
                for group in groups
                for i in group
            }
            batch, packed = make_batch(seen, groups, pieces, room, generator)
            dropped = (torch.rand(batch.pieces.shape) < config["piece_drop"]) & (batch.wordy > 0)
            batch.pieces[dropped] = MASK
            loss = branch_loss(branch(batch), packed, groups, sentences, config["loss"])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(branch.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return branch.eval()


@torch.no_grad()
def read_branch(
    branch: Branch, sentences: Sequence[Sentence], numbers: np.ndarray, pieces: Pieces, room: int
) -> list[np.ndarray]:
    """Values of every token of the numbered sentences, each read alone."""
    out: dict[int, np.ndarray] = {}
    order = sorted(numbers.tolist(), key=lambda i: len(sentences[i].words))
    for at in range(0, len(order), 32):
        part = order[at : at + 32]
        batch, _ = make_batch(sentences, [[i] for i in part], pieces, room)
        values = branch(batch)
        for row, number in enumerate(part):
            out[number] = values[row, : len(sentences[number].words)].numpy()
    return [out[i] for i in numbers.tolist()]


def store(file: Path, values: Sequence[np.ndarray]) -> None:
    np.savez(file, values=np.concatenate(values), lengths=np.array([len(part) for part in values]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--checkpoint", type=Path)
    start.add_argument("--bundled", action="store_true", help="over the encoder that ships")
    parser.add_argument("--config", type=Path, default=HERE / "encoder_sentences.toml")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frozen", type=int, help="instead of the configuration's")
    parser.add_argument("--cross", choices=("articles", "outlets", "both"), help="cross-validate on BABE, too")
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    if args.frozen is not None:
        config["frozen"] = args.frozen
    sentences, origin, babe, corpus = read_sentences(args.corpora)
    swaps = Swaps(corpus)
    pieces = Pieces(list(corpus.index))
    reader = bundled_reader() if args.bundled else load_encoder(args.checkpoint)
    room = reader.config["window"] - 2
    for name, folds in cross_folds(babe, int((origin == 1).sum())).items():
        if args.cross not in (name, "both"):
            continue
        values: list[Any] = [None] * len(folds)
        started = time.time()
        for fold in range(folds.max() + 1):
            chosen = origin < 2
            chosen[: len(folds)] &= folds != fold
            branch = fit_branch(reader, sentences, chosen, pieces, swaps, config, args.seed)
            inside = np.flatnonzero(folds == fold)
            for number, found in zip(inside, read_branch(branch, sentences, inside, pieces, room), strict=True):
                values[number] = found
            print(f"{name}: fold {fold} ({time.time() - started:.0f} s)", flush=True)
        store(args.work / f"cross-{name}-{config['frozen']}-{args.seed}.npz", values)
    branch = fit_branch(reader, sentences, origin < 2, pieces, swaps, config, args.seed)
    values = read_branch(branch, sentences, np.flatnonzero(origin == 2), pieces, room)
    store(args.work / f"dev-test-{config['frozen']}-{args.seed}.npz", values)
    torch.save({"state": branch.state(), "config": config, "tracks": TRACKS}, args.work / f"branch-{args.seed}.pt")


if __name__ == "__main__":
    main()
