# %% [markdown]
# # Comparing outlets
# How much opinion do outlets state in their own voice? Forty-four invented articles of forty outlets, compared by how
# the outlets lean.

# %%
import framing
from framing.datasets import load_sample

sample = load_sample()
articles = [
    {"id": key, "text": text, "title": title, "outlet": outlet, "leaning": leaning}
    for key, text, title, outlet, leaning in zip(
        sample.ids, sample.texts, sample.titles, sample.outlets, sample.leanings, strict=True
    )
]
docs = list(framing.analyze_many(articles))
columns = ["a", "b", "value_a", "value_b", "difference", "low", "high", "p_adjusted"]
result = framing.compare(docs, by="leaning", of="author_opinion")
print(result[columns].round(3).to_string(index=False))

# %% [markdown]
# `value_a` and `value_b` are shares of statements, `low` and `high` the 95% interval of the difference. It comes from
# drawing whole articles again, so seven articles make a wide one, however many statements they have. An interval that
# holds zero says: these articles don't tell.
#
# These are counts of what the models found, errors included. Notebook 5 corrects them with labels.
#
# A picture, with the same kind of interval:

# %%
from framing import plots  # noqa: E402

ax = plots.frames_by_group(docs, by="leaning", frames=["political", "economic", "morality"])

# %% [markdown]
# Which words set the outlets' own voices apart from those of their sources?

# %%
print(framing.keyness(docs, by="voice", top=5).iloc[:, :6].to_string(index=False))

# %% [markdown]
# And a page to look around in: every group, every article.

# %%
report = framing.Report(docs, by="leaning")
report
