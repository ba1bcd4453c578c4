"""Coverage of the 95% intervals of `framing.prevalence` where the truth is known, against naive counting.

    python training/simulate_prevalence.py [--runs 1000] [--seed 0] [--share 0.02 …] [--error 0.05 …] [--differences]

A cell is a way to label, a prevalence and an error rate. Each run draws a corpus: every article has its own
propensity (beta, intraclass correlation 0.15) and its own error rate (beta, 0.10); a unit's label is drawn from the one
and its prediction is wrong with the other. Part of the corpus is labelled. Printed as in ``docs/findings.md``: share of
the intervals that hold the prevalence that the corpus was drawn with, mean width of the intervals from labels alone and
of the prediction-powered ones, and how many fewer labels the latter need for the same variance.

With ``--differences`` two outlets of 500 articles with 8 statements each are compared instead. Their shares are 20%
and 30%, and the classifier errs in 10% of the statements of the one and 25% of the other's; 60 articles of each are
labelled.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
import pandas as pd

import framing
from framing.inference import ESTIMATORS, Sample

METHODS = ("naive", "adjusted", "gold", "ppi")


class Design(NamedTuple):
    name: str
    articles: int
    units: int  # in an article
    labelled_articles: int
    labelled_units: int  # in a labelled article


DESIGNS = (
    Design("200 articles of one unit", 3000, 1, 200, 1),
    Design("one of 8 statements in 200 articles", 1000, 8, 200, 1),
    Design("all 8 statements in 50 articles", 1000, 8, 50, 8),
    Design("all 8 statements in 100 articles", 1000, 8, 100, 8),
    Design("all 20 statements in 50 articles", 1000, 20, 50, 20),
)
PREVALENCES = (0.02, 0.05, 0.1, 0.3, 0.6)
ERRORS = (0.05, 0.1, 0.2, 0.4)


def spread(rng: np.random.Generator, mean: float, correlation: float, size: int) -> np.ndarray:
    """Probabilities of articles, beta distributed."""
    total = 1 / correlation - 1
    return rng.beta(mean * total, (1 - mean) * total, size)


def draw(rng: np.random.Generator, design: Design, prevalence: float, error: float) -> Sample:
    shape = (design.articles, design.units)
    y = rng.random(shape) < spread(rng, prevalence, 0.15, design.articles)[:, None]
    f = y ^ (rng.random(shape) < spread(rng, error, 0.10, design.articles)[:, None])
    gold = np.full(shape, np.nan)
    chosen = rng.choice(design.articles, design.labelled_articles, replace=False)
    gold[chosen, : design.labelled_units] = y[chosen, : design.labelled_units]
    n = y.size
    article = np.repeat(np.arange(design.articles), design.units)
    return Sample(f.ravel(), f.ravel().astype(float), gold.ravel(), article, np.ones(n), np.ones(n))


class Cell(NamedTuple):
    coverage: float
    width: float
    variance: float


def simulate(design: Design, prevalence: float, error: float, runs: int, seed: int) -> dict[str, Cell]:
    """Coverage and mean width of the intervals and variance of the estimates of each method."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[float, float, float]]] = {method: [] for method in METHODS}
    for _ in range(runs):
        sample = draw(rng, design, prevalence, error)
        for method in METHODS:
            estimate = ESTIMATORS[method](sample)
            low, high = estimate.interval()
            found[method].append((float(low <= prevalence <= high), high - low, estimate.share))
    out = {}
    for method, rows in found.items():
        covered, width, share = np.array(rows).T
        out[method] = Cell(float(covered.mean()), float(np.nanmean(width)), float(np.nanvar(share)))
    return out


def two_outlets(rng: np.random.Generator) -> pd.DataFrame:
    design = Design("", 500, 8, 60, 8)
    outlets = []
    for outlet, (share, error) in {"Echo": (0.2, 0.1), "Tide": (0.3, 0.25)}.items():
        sample = draw(rng, design, share, error)
        article = [f"{outlet} {number}" for number in sample.article]
        outlets.append(
            pd.DataFrame({"outlet": outlet, "article": article, "label": sample.predicted, "human": sample.gold})
        )
    return pd.concat(outlets, ignore_index=True)


def simulate_differences(runs: int, seed: int) -> None:
    """Coverage and mean of the difference of 10 points between two outlets."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[bool, float]]] = {}
    for _ in range(runs):
        table = two_outlets(rng)
        rows = {
            name: framing.compare(table, by="outlet", of="label", gold=gold, reference="Echo").iloc[0]
            for name, gold in (("compare", None), ("compare, with gold", "human"))
        }
        for _, row in framing.regress(table, "human", of="label", on="outlet", method="all").iterrows():
            if row["term"] == "outlet Tide":
                rows[f"regress, {row['method']}"] = row.rename({"estimate": "difference"})
        for name, row in rows.items():
            found.setdefault(name, []).append((row["low"] <= 0.1 <= row["high"], row["difference"]))
    print("| | coverage | mean difference, in truth 0.100 |")
    print("|---|---|---|")
    for name, values in found.items():
        covered, difference = np.array(values, dtype=float).T
        print(f"| {name} | {covered.mean():.3f} | {difference.mean():.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, nargs="+", default=PREVALENCES)
    parser.add_argument("--error", type=float, nargs="+", default=ERRORS)
    parser.add_argument("--differences", action="store_true")
    args = parser.parse_args()
    if args.differences:
        simulate_differences(args.runs, args.seed)
        return
    print("| labelled | share | error | naive | adjusted | labels alone | prediction-powered | width | labels saved |")
    print("|---|---|---|---|---|---|---|---|---|")
    everywhere: list[dict[str, Cell]] = []
    for design in DESIGNS:
        for prevalence in args.share:
            for error in args.error:
                cell = simulate(design, prevalence, error, args.runs, args.seed)
                everywhere.append(cell)
                coverages = " | ".join(f"{cell[method].coverage:.3f}" for method in METHODS)
                saved = 1 - cell["ppi"].variance / cell["gold"].variance
                print(
                    f"| {design.name} | {prevalence:.0%} | {error:.0%} | {coverages} "
                    f"| {cell['gold'].width:.3f} → {cell['ppi'].width:.3f} | {max(saved, 0.0):.0%} |",
                    flush=True,
                )
    for method in METHODS:
        covered = [cell[method].coverage for cell in everywhere]
        inside = np.mean([0.93 <= value <= 0.97 for value in covered])
        print(f"{method}: {min(covered):.3f} to {max(covered):.3f}; 0.93 to 0.97 in {inside:.0%} of {len(covered)}")


if __name__ == "__main__":
    main()
