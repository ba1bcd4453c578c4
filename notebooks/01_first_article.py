# %% [markdown]
# # The first article
# Who says what, and which of it is opinion. The article is invented; put your own text in its place.

# %%
import framing
from framing.datasets import load_sample

sample = load_sample()
doc = framing.analyze(sample.texts[5], title=sample.titles[5])
doc  # in a notebook: the article, marked up

# %% [markdown]
# The same in numbers: how the words divide up, by whose voice and by kind.

# %%
for label, share in doc.summary()["share"].items():
    print(f"{label:15} {share:4.0%}  {'█' * round(40 * share)}")

# %% [markdown]
# Who is heard, and how the article lets them speak.

# %%
for found in doc.attributions[:6]:
    print(f"{found.speaker or '(nobody named)'}  —{found.cue}→  {found.content}")

# %% [markdown]
# Where the outlet itself judges, the surest first. Do you agree?

# %%
own = [statement for statement in doc.statements if statement.label == "author_opinion"]
for statement in sorted(own, key=lambda statement: -statement.probability["author_opinion"])[:5]:
    print(f"{statement.probability['author_opinion']:.2f}  {statement.text}")
