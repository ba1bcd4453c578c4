"""
Do the probabilities hold?
==========================

Of the statements that are called opinion with a probability of .8, eight in ten should be. On the diagonal they are;
above it the models say too little. The larger a dot, the more statements. The labels are those of the sample articles,
which the models that ship have not learned from.
"""

import framing
from framing import plots
from framing.datasets import load_sample

sample = load_sample()
docs = {}
for key, text in zip(sample.ids, sample.texts, strict=True):
    docs[key] = framing.analyze(text, id=key)
gold = framing.align_labels(docs.values(), sample.statements)

was_opinion, probability = [], []
for row in gold.itertuples():
    read = docs[row.id].statements[row.statement].probability
    was_opinion.append(row.gold.endswith("opinion"))
    probability.append(read["author_opinion"] + read["source_opinion"])
label = f"{len(gold):,} statements"
ax = plots.reliability(was_opinion, probability, label=label)

# %%
# Check this on texts of your own before you rely on it; :doc:`/explanation/validation` has the figures for public
# corpora.
