"""Shares of biased sentences in BABE, where the truth is known: naive, adjusted, labels alone, prediction-powered.

    python training/prevalence_babe.py --corpora DIR [--labels 400] [--draws 500]

Every sentence is read by a model that has seen no sentence of its outlet. Then all labels but those of a random part
are hidden, the share is estimated, and compared with the share among all labels; over many draws of the part.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import framing
from framing.datasets import load_babe
from train_bias import sentence_tasks

METHODS = ["naive", "adjusted", "gold", "ppi"]


def read_babe(corpora: Path) -> pd.DataFrame:
    """Sentences with a label, and the probability of bias from models that left their outlet out."""
    babe = load_babe(corpora / "babe")
    task = sentence_tasks(corpora, babe).bias
    _, outlets = np.unique(babe.outlets, return_inverse=True)
    known = task.known
    return pd.DataFrame(
        {
            "article": babe.groups[known],
            "leaning": np.where(babe.leanings[known] == "", "not given", babe.leanings[known]),
            "biased": 1 / (1 + np.exp(-task.cross_logits(outlets))),
            "truth": babe.target[known].astype(float),
        }
    )


def one_draw(table: pd.DataFrame, labels: int, seed: int, by: str | None) -> pd.DataFrame:
    chosen = np.random.default_rng(seed).choice(len(table), labels, replace=False)
    table = table.assign(human=np.nan)
    table.loc[chosen, "human"] = table["truth"].to_numpy()[chosen]
    return framing.prevalence(table, "human", of="biased", by=by, method=METHODS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--labels", type=int, default=400)
    parser.add_argument("--draws", type=int, default=500)
    args = parser.parse_args()
    table = read_babe(args.corpora)
    print(f"{len(table)} sentences of {table['article'].nunique()} articles, {args.labels} labelled")
    truth = {"all": table["truth"].mean(), **table.groupby("leaning")["truth"].mean()}
    found = []
    for seed in range(args.draws):
        for by in (None, "leaning"):
            draw = one_draw(table, args.labels, seed, by).assign(seed=seed)
            found.append(draw if by else draw.assign(leaning="all"))
    rows = pd.concat(found, ignore_index=True)
    rows["truth"] = rows["leaning"].map(truth)
    rows["holds"] = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows["off"] = (rows["share"] - rows["truth"]).abs()
    rows["width"] = rows["high"] - rows["low"]
    first = rows[rows["seed"] == 0]
    print("\n| part | truth | method | first draw | mean error | interval holds the truth | width |")
    print("|---|---|---|---|---|---|---|")
    for (leaning, method), part in rows.groupby(["leaning", "method"]):
        own = first[(first["leaning"] == leaning) & (first["method"] == method)].iloc[0]
        drawn = f"{own['share']:.3f} ({own['low']:.3f} to {own['high']:.3f})"
        print(
            f"| {leaning} | {truth[leaning]:.3f} | {method} | {drawn} "
            f"| {part['off'].mean():.3f} | {part['holds'].mean():.1%} | {part['width'].mean():.3f} |"
        )


if __name__ == "__main__":
    main()
