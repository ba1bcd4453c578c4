"""Learning curve of frames from few labels: ``python training/frames_curve.py --corpora DIR``.

Headlines on gun violence (GVFC), one frame each. :class:`framing.FrameClassifier`, which starts from the codebook,
against TF-IDF with logistic regression, trained on the same labels and tested on the same headlines: draws of
training sets from a fixed half, accuracy on the other half. Writes the plot and prints the numbers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from framing import FrameClassifier
from framing.datasets import load_gvfc

mpl.use("Agg")
from matplotlib import pyplot

SIZES = (0, 10, 20, 40, 80, 150, 300)
DRAWS, SEED = 6, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("docs/images/frames-learning-curve.png"))
    args = parser.parse_args()
    bunch = load_gvfc(args.corpora / "gvfc")
    texts, truth = np.array(bunch.texts, dtype=object), np.array(bunch.target, dtype=str)
    ours, theirs = (np.full((DRAWS, len(SIZES)), np.nan) for _ in range(2))
    for draw in range(DRAWS):
        order = np.random.default_rng(SEED + draw).permutation(len(texts))
        asked = order[len(order) // 2 :]
        for column, size in enumerate(SIZES):
            taught = order[:size]
            model = FrameClassifier("gun_violence", multilabel=False, across_topics=False, min_words=0)
            if size:
                model.fit(texts[taught], truth[taught])
                rival = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10.0, max_iter=1000))
                rival.fit(texts[taught], truth[taught])
                theirs[draw, column] = (rival.predict(texts[asked]) == truth[asked]).mean()
            ours[draw, column] = (model.predict(texts[asked]) == truth[asked]).mean()
        print(f"draw {draw}: {ours[draw].round(3)} {theirs[draw].round(3)}", flush=True)
    majority = max((truth == name).mean() for name in np.unique(truth))
    figure, plot = pyplot.subplots(figsize=(5.5, 3.5), layout="constrained")
    for values, label, mark in ((ours, "FrameClassifier", "o-"), (theirs, "TF-IDF, logistic regression", "s--")):
        plot.errorbar(SIZES, values.mean(axis=0), values.std(axis=0), fmt=mark, capsize=3, markersize=4, label=label)
        print(label, dict(zip(SIZES, values.mean(axis=0).round(3).tolist(), strict=True)))
    plot.axhline(majority, color="grey", linewidth=1, linestyle=":", label="most frequent frame")
    plot.set(xlabel="labelled headlines", ylabel="accuracy, nine frames", ylim=(0, 0.8))
    plot.legend(loc="lower right", frameon=False)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(args.out, dpi=110)


if __name__ == "__main__":
    main()
