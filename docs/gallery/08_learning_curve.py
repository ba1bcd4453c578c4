"""
How many labels are enough?
===========================

Scores against labelled statements, for a classifier of fact and opinion that learns from labels of your own. Each size
is drawn three times; articles whose statements are learned from are never tested on.
"""

import random

from sklearn.metrics import f1_score

from framing import OpinionClassifier, plots
from framing.datasets import load_sample

sample = load_sample()
labelled = {}  # of each article: statements, and whether they are fact or opinion
for key, text in zip(sample.ids, sample.texts, strict=True):
    labelled[key] = [
        (text[start:end], label.split("_")[1])
        for start, end, label in sample.statements[key]
        if label != "frame"
    ]

sizes, scores = [25, 50, 100, 200, 400], []
for size in sizes:
    scores.append([])
    for draw in range(3):
        luck = random.Random(draw)
        keys = luck.sample(sample.ids, len(sample.ids))
        others = [pair for key in keys[14:] for pair in labelled[key]]
        texts, labels = zip(*luck.sample(others, size), strict=True)
        model = OpinionClassifier().fit(texts, labels)
        tested = [pair for key in keys[:14] for pair in labelled[key]]
        texts, labels = zip(*tested, strict=True)
        found = model.predict(texts)
        scores[-1].append(f1_score(labels, found, average="macro"))

ax = plots.learning_curve(sizes, scores, label="macro-F1 on fourteen other articles")
ax.set_xscale("log", base=2)
_ = ax.set_xticks(sizes, sizes)

# %%
# Still climbing at the right end? Then more labels help. ``framing train`` draws the same curve for your own data:
# :doc:`/training`.
