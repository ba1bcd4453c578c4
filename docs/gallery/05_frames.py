"""
Frames by group
===============

Mean scores of frames, with 95% intervals over articles. From 0.5 on, a frame counts as present in an article.
"""

import framing
from framing import plots
from framing.datasets import load_sample

sample = load_sample()
articles = [
    {"text": text, "title": title, "leaning": leaning}
    for text, title, leaning in zip(
        sample.texts, sample.titles, sample.leanings, strict=True
    )
]
docs = list(framing.analyze_many(articles))
frames = ["political", "economic", "morality"]
ax = plots.frames_by_group(docs, by="leaning", frames=frames)

# %%
# Frames of your own are drawn the same way, ``inventory="mine"``: :doc:`/frames`.
