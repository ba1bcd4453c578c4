"""Write what the trained encoder thinks of every token and sentence of texts: soft labels, for a student to learn.

    python training/soft_labels.py --checkpoint work/encoder-0-best.pt [… more seeds] --out FOLDER --texts FOLDER
    python training/soft_labels.py --bundled --out FOLDER --corpora DIR

``--bundled`` asks the encoder that ships with the package, so that a student can be taught without training a teacher.
A run that was killed goes on where it stopped. ``--texts`` reads the files ``*.txt`` of a folder; ``--corpora`` the
articles that the token network trains on, and those without labels. For each text one ``.npz`` with the text, the
tokens' ranges, their probabilities (mean of the seeds), likely cues with the probability of every token around them to
be source and content, and, from checkpoints, the sentences with their meaning and the probabilities of NewsDiscourse's
types and of speech.
"""

from __future__ import annotations

import argparse
import hashlib
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from common import line_ranges
from corpus import Corpus, Document, build_corpus, unlabelled
from export_encoder import restore_state
from framing.encoder import piece_windows
from framing.models import model_path
from framing.persistence import load_model
from framing.relations import find_cues
from framing.tokens import encode_text
from train_encoder import Batch, Encoder, Pieces, collate

HERE = Path(__file__).resolve().parent

LIKELY = 0.2  # cues from this probability on are stored with their links
OVERLAP = 64
TOGETHER = 48  # texts whose windows are sorted by length and read together


class Reader(NamedTuple):
    """A trained encoder, with all its heads or, as it is bundled, only with those of tokens."""

    model: Encoder
    config: dict[str, Any]
    whole: bool


def load_encoder(checkpoint: Path) -> Reader:
    stored = torch.load(checkpoint, weights_only=False)
    model = Encoder(stored["config"])
    model.load_state_dict(stored["model"])
    return Reader(model.eval(), stored["config"], True)


def bundled_reader() -> Reader:
    words, tokens = (load_model(model_path(name)) for name in ("encoder_words", "encoder"))
    config = tomllib.loads((HERE / "encoder.toml").read_text(encoding="utf-8"))
    model = Encoder(config | tokens.manifest["config"]["encoder"])
    state = restore_state(words.arrays | tokens.arrays)
    lacks, extra = model.load_state_dict({name: torch.from_numpy(part) for name, part in state.items()}, strict=False)
    lacks = [name for name in lacks if not name.startswith(("discourse", "speech", "meaning"))]
    if lacks or extra:
        raise ValueError(f"The bundled encoder does not fit encoder.toml: lacks {lacks}, has {extra} besides.")
    return Reader(model.eval(), config, False)


@torch.no_grad()
def token_states(reader: Reader, documents: Sequence[Document], pieces: Pieces) -> list[torch.Tensor]:
    """States of all tokens, each from the window in which it is not near the edge."""
    room = reader.config["window"] - 2
    windows = [
        (number, *window)
        for number, document in enumerate(documents)
        for window in piece_windows(pieces.sizes[document.words], room, OVERLAP)
    ]
    windows.sort(key=lambda w: int(pieces.sizes[documents[w[0]].words[w[1] : w[2]]].sum()))
    width = reader.model.bert.config.hidden_size
    states = [torch.zeros(len(document.words), width) for document in documents]
    for at in range(0, len(windows), 8):
        part = windows[at : at + 8]
        batch: Batch = collate([(documents[n], a, b) for n, a, b, _, _ in part], pieces, room)
        hidden = reader.model(batch)
        for row, (n, a, _, first, stop) in enumerate(part):
            states[n][first:stop] = hidden[row, first - a : stop - a]
    return states


@torch.no_grad()
def soft_labels(readers: Sequence[Reader], documents: Sequence[Document], pieces: Pieces) -> list[dict[str, Any]]:
    """Arrays of each document, means over the readers."""
    out: list[dict[str, Any]] = [{} for _ in documents]
    per_reader = [token_states(reader, documents, pieces) for reader in readers]
    for number, document in enumerate(documents):
        heads = [(reader.model, states[number]) for reader, states in zip(readers, per_reader, strict=True)]

        def mean(parts: list[torch.Tensor]) -> np.ndarray:
            return np.asarray(torch.stack(parts).mean(0).numpy())

        cues = mean([model.cue(states).softmax(-1) for model, states in heads])
        found = {tuple(pair) for pair in find_cues(cues, LIKELY).tolist()}
        found |= {(int(cue[0]), int(cue[-1])) for cue, _, _ in document.links}
        at = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
        marks = np.column_stack([document.words == 0, pieces.stops[document.words], cues[:, 1] > 0.5])
        counts = torch.from_numpy(np.cumsum(marks, axis=0, dtype=np.int64))[None]
        links = []
        for first in range(0, len(at), 32):
            chosen = torch.from_numpy(at[first : first + 32])
            rows = torch.zeros(len(chosen), dtype=torch.long)
            scores = []
            for model, states in heads:
                size = torch.tensor([len(states)])
                logits, real = model.links(states[None], size, counts, rows, chosen[:, 0], chosen[:, 1])
                scores.append(logits.softmax(-1) * real[..., None])
            links.append((mean(scores)[..., 1:] * 255).round().astype(np.uint8))
        out[number] = {
            "statements": mean([model.statement(states).softmax(-1) for model, states in heads]).astype(np.float16),
            "cues": cues.astype(np.float16),
            "roles": mean([torch.sigmoid(model.roles(states)) for model, states in heads]).astype(np.float16),
            "link_cues": at.astype(np.int32),
            "links": np.concatenate(links) if links else np.zeros((0, 0, 2), np.uint8),
        }
        if not all(reader.whole for reader in readers):
            continue
        pooled = []
        for _, states in heads:
            sums = torch.cat([torch.zeros(1, states.shape[1]), states.double().cumsum(0).float()])
            limits = torch.from_numpy(document.sentences)
            size = (limits[:, 1:] - limits[:, :1]).clamp(min=1)
            pooled.append((sums[limits[:, 1]] - sums[limits[:, 0]]) / size)
        both = list(zip(heads, pooled, strict=True))
        out[number] |= {
            "sentences": document.sentences.astype(np.int32),
            "types": mean([model.discourse(p).softmax(-1) for (model, _), p in both]).astype(np.float16),
            "speech": mean([torch.sigmoid(model.speech(p)[:, 0]) for (model, _), p in both]).astype(np.float16),
            "meaning": mean([F.normalize(model.meaning(p), dim=-1) for (model, _), p in both]).astype(np.float16),
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    teacher = parser.add_mutually_exclusive_group(required=True)
    teacher.add_argument("--checkpoint", type=Path, nargs="+")
    teacher.add_argument("--bundled", action="store_true", help="the encoder that ships")
    parser.add_argument("--out", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--texts", type=Path)
    source.add_argument("--corpora", type=Path)
    parser.add_argument("--part", default="1/1", help="2/3: every third text from the second on, to run three at once")
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    if args.corpora is not None:
        corpus = build_corpus(args.corpora)
        for name, text in unlabelled(args.corpora):
            corpus.add(name, text)
        names = [hashlib.sha1(d.text.encode()).hexdigest()[:16] for d in corpus.documents]
    else:
        corpus, names = Corpus(), []
        for path in sorted(args.texts.glob("*.txt")):
            text = path.read_text(encoding="utf-8")
            if text.strip():
                corpus.add(path.stem, text)
                names.append(path.stem)
    if not names:
        raise SystemExit(f"{args.texts} holds no .txt files with text.")
    pieces = Pieces(list(corpus.index))
    readers = [bundled_reader()] if args.bundled else [load_encoder(path) for path in args.checkpoint]
    args.out.mkdir(parents=True, exist_ok=True)
    started = time.time()
    number, parts = map(int, args.part.split("/"))
    todo = [i for i in range(number - 1, len(names), parts) if not (args.out / f"{names[i]}.npz").exists()]
    for at in range(0, len(todo), TOGETHER):
        part = todo[at : at + TOGETHER]
        documents = [corpus.documents[i] for i in part]
        for i, document, arrays in zip(part, documents, soft_labels(readers, documents, pieces), strict=True):
            spans = encode_text(document.text, line_ranges(document.text)).spans
            whole = args.out / f"{names[i]}.npz"
            np.savez(whole.with_suffix(".new.npz"), text=np.array(document.text), spans=spans, **arrays)
            whole.with_suffix(".new.npz").replace(whole)
        print(f"{at + len(part)} of {len(todo)} texts ({time.time() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
