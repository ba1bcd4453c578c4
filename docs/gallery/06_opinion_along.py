"""
Where opinion stands
====================

How much reads as opinion from the first word of an article to its last, in the outlet's own voice and in its sources',
with 95% intervals over articles.
"""

from matplotlib import pyplot as plt

import framing
from framing import plots
from framing.datasets import load_sample

sample = load_sample()
kinds = {"columns, blogs, partisan news": [], "everything else": []}
for doc, genre in zip(framing.analyze_many(sample.texts), sample.genres, strict=True):
    opinionated = any(word in genre for word in ("opinion", "blog", "partisan"))
    kind = "columns, blogs, partisan news" if opinionated else "everything else"
    kinds[kind].append(doc)

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
for ax, (name, docs) in zip(axes, kinds.items(), strict=True):
    plots.opinion_along(docs, steps=6, ax=ax)
    ax.set_title(f"{name}: {len(docs)} articles")

# %%
# The line is a mean of probabilities, so it counts doubt as half an opinion. :doc:`/explanation/numbers` says what the
# probabilities mean.
