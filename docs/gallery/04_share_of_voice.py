"""
Share of voice
==============

Whose voice and which kind the words are, one bar for each group of articles.
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
ax = plots.share_of_voice(docs, by="leaning")

# %%
# These are counts of what the models found, their errors included. Before you publish such shares, correct them with a
# hand-labelled sample: :doc:`/findings`.
