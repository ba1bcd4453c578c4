"""Draw ``docs/images/findings.png``: six of the figures of ``framing.plots``.

    python training/draw_findings.py [--out docs/images/findings.png]

The first five are of the sample articles, twelve of them labelled, as in ``docs/findings.md``; the last is of two
outlets drawn as in ``simulate_prevalence.py``, whose difference is 10 points in truth.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import framing
from framing import plots
from framing.datasets import load_sample
from simulate_prevalence import two_outlets

_COLORS = 48  # enough for the shades of these figures, and a third of the size


def draw() -> Figure:
    sample = load_sample()
    articles = [
        {"id": key, "text": text, "title": title, "outlet": outlet, "date": day}
        for key, text, title, outlet, day in zip(
            sample.ids, sample.texts, sample.titles, sample.outlets, sample.dates, strict=True
        )
    ]
    docs = list(framing.analyze_many(articles))
    labelled = random.Random(1).sample(sorted(sample.statements), 12)
    gold = framing.align_labels(docs, {key: sample.statements[key] for key in labelled})
    figure = Figure(figsize=(11, 11.5), layout="constrained")
    axes = figure.subplots(3, 2, height_ratios=[1, 1.75, 1.05])
    readings = ["author_opinion", "source_opinion"]
    plots.prevalence(framing.prevalence(docs, gold, of=readings, size="words", method="all"), ax=axes[0, 0])
    plots.validate(framing.validate(docs, gold, of=["label", "voice", "kind"]), ax=axes[0, 1])
    plots.keyness(framing.keyness(docs, by="voice"), most=7, ax=axes[1, 0])
    plots.sources(framing.sources(docs, by="source_type"), ax=axes[1, 1])
    widths = [0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06]
    plan = framing.labels_needed(widths, share=0.15, sensitivity=0.62, specificity=0.97)
    plots.labels_needed(plan, ax=axes[2, 0])
    outlets = two_outlets(np.random.default_rng(0))
    plots.regress(framing.regress(outlets, "human", of="label", on="outlet", method="all"), ax=axes[2, 1])
    for letter, ax in zip("abcdef", axes.flat, strict=True):
        ax.set_title(letter, loc="right", weight="bold")
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/images/findings.png"))
    args = parser.parse_args()
    draw().savefig(args.out, dpi=90)
    from PIL import Image

    with Image.open(args.out) as image:
        image.convert("RGB").quantize(_COLORS).save(args.out, optimize=True)


if __name__ == "__main__":
    main()
