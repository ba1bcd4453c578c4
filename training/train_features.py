"""Learn idf weights and names from unlabelled news: ``python training/train_features.py --corpora DIR``."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from common import MODELS, raw_texts, write_card
from framing.lexicons import list_lexicons, load_lexicon
from framing.persistence import save_model
from framing.sentences import split_sentences
from framing.text import tokenize
from framing.vectors import bundled_vectors
from framing.word_rows import (
    BUCKETS,
    ORDINARY_BUCKETS,
    SURFACE,
    letter_groups,
    plain_word,
    surface_classes,
    word_hashes,
)

VERSION = "1"
COMMON = 6000  # words that stand for ordinary news
# Relative lengths of the groups' average rows, chosen by cross-validation on BABE.
LENGTHS = {"words": 1.0, "characters": 1.0, "lexicons": 0.7, "surface": 1.3, "embedding": 0.7}
DATA = [
    {"name": "PolNeAR 1.0, train (unlabelled)", "licence": "none found"},
    {"name": "NewsDiscourse, train (unlabelled)", "licence": "none found"},
    {"name": "SemEval-2023 task 3, English (unlabelled)", "licence": "research use"},
    {"name": "Narrative Frames (unlabelled)", "licence": "repository MIT; texts third-party"},
    {"name": "BASIL (unlabelled)", "licence": "none found"},
]


def idf(document_counts: np.ndarray, documents: int) -> np.ndarray:
    return (np.log((1 + documents) / (1 + document_counts)) + 1).astype(np.float16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS / "features")
    args = parser.parse_args()
    words: dict[str, int] = {}
    sentences: list[np.ndarray] = []
    capitals: Counter[str] = Counter()
    smalls: Counter[str] = Counter()
    for text in raw_texts(args.corpora):
        for start, end in split_sentences(text):
            forms = [text[s:e] for s, e in tokenize(text, start, end).tolist()]
            sentences.append(np.array([words.setdefault(form, len(words)) for form in forms], dtype=np.int64))
            for form in forms[1:]:  # the first word's capital says nothing
                if form[0].isalpha():
                    (capitals if form[0].isupper() else smalls)[plain_word(form)] += 1
    print(f"{len(sentences)} sentences, {sum(map(len, sentences))} tokens, {len(words)} distinct")
    plain = [plain_word(word) for word in words]
    buckets = word_hashes(plain) % BUCKETS
    rows, groups = letter_groups(plain)
    order = np.searchsorted(rows[np.argsort(rows, kind="stable")], np.arange(len(words) + 1))
    groups = groups[np.argsort(rows, kind="stable")]
    word_counts, group_counts = np.zeros(BUCKETS), np.zeros(BUCKETS)
    totals = {"words": 0.0, "characters": 0.0}
    for ids in sentences:
        word_counts[np.unique(buckets[ids])] += 1
        present = [groups[order[i] : order[i + 1]] for i in ids.tolist()]
        if present:
            group_counts[np.unique(np.concatenate(present))] += 1
    word_idf, group_idf = idf(word_counts, len(sentences)), idf(group_counts, len(sentences))

    # Words that are seldom capitalised inside a sentence; any other word with a capital counts as a name.
    ordinary = [word for word, n in smalls.items() if n > capitals[word]]
    ordinary_bits = np.zeros(ORDINARY_BUCKETS, dtype=bool)
    ordinary_bits[word_hashes(ordinary) % ORDINARY_BUCKETS] = True

    lexicons = list_lexicons()
    flags: dict[str, np.ndarray] = {}
    for column, name in enumerate(lexicons):
        for entry in load_lexicon(name):
            if len(tokenize(entry)) == 1:
                flags.setdefault(entry, np.zeros(len(lexicons), dtype=np.uint8))[column] = 1
    entries = sorted(flags)

    # Root mean squared length of each group over sentences, of repeated words' rows added up.
    vectors, weights = bundled_vectors().lookup(list(words))
    weighted = vectors * weights[:, None]
    listed = np.array([flags.get(w.lower(), np.zeros(len(lexicons))) for w in words])
    looks = np.zeros((len(words), len(SURFACE)))
    for row, word in enumerate(words):
        looks[row, surface_classes(word)] = 1
    totals = dict.fromkeys(LENGTHS, 0.0)
    sample = sentences[::20]
    for ids in sample:
        if not len(ids):
            continue
        size = len(ids)
        for name, table in (("lexicons", listed), ("surface", looks), ("embedding", weighted)):
            totals[name] += float((table[ids].sum(0) ** 2).sum() / size)
        totals["words"] += bucket_length(buckets[ids], word_idf) / size
        found = np.concatenate([groups[order[i] : order[i + 1]] for i in ids.tolist()])
        totals["characters"] += bucket_length(found, group_idf) / size
    scales = {name: round(float(length / np.sqrt(totals[name] / len(sample))), 5) for name, length in LENGTHS.items()}
    print(f"scales {scales}; {len(ordinary)} ordinary words; {len(entries)} list entries")
    counts = np.bincount(np.concatenate(sentences), minlength=len(words))
    lower: Counter[str] = Counter()
    for word, count in zip(words, counts.tolist(), strict=True):
        lower[word.lower()] += count
    common = sorted(lower.most_common(COMMON))
    arrays = {
        "common_words": np.array("\n".join(word for word, _ in common)),
        "common_shares": np.array([count for _, count in common], dtype=np.float32) / int(counts.sum()),
        "word_idf": word_idf,
        "character_idf": group_idf,
        "ordinary_bits": np.packbits(ordinary_bits),
        "lexicon_names": np.array("\n".join(lexicons)),
        "lexicon_entries": np.array("\n".join(entries)),
        "lexicon_flags": np.array([flags[entry] for entry in entries]),
    }
    sizes = {"sentences": len(sentences), "distinct_words": len(words)}
    save_model(
        args.out, arrays, name="features", version=VERSION, licence="CC-BY-NC-SA-4.0", data=DATA,
        config={"scales": scales}, scores=sizes,
        card=write_card(
            "features",
            "Inverse document frequencies of hashed words and letter groups over sentences, which words are "
            "mostly names, and the library's own word lists as they were when the models on top were trained.",
            DATA, sizes,
            "English news of 2012 to 2023. Changing this model means training every model that reads it again.",
        ),
    )  # fmt: skip


def bucket_length(found: np.ndarray, weights: np.ndarray) -> float:
    """Squared length of the idf-weighted counts."""
    distinct, counts = np.unique(found, return_counts=True)
    return float(((counts * weights[distinct].astype(np.float64)) ** 2).sum())


if __name__ == "__main__":
    main()
