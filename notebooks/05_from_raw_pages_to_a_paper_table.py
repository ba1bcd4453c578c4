# %% [markdown]
# # From raw pages to a paper's table
# Web pages in, a corrected share with its interval out. The pages are made here from sample articles; yours come from
# your own archive, since nothing is ever downloaded.

# %%
from html import escape

import framing
from framing.datasets import load_sample

sample = load_sample()
PAGE = (
    "<html><head><title>{title}</title></head><body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav>"
    "<article><h1>{title}</h1>{body}</article><footer>All rights reserved.</footer></body></html>"
)
pages = {}
for key, text, title, lines in zip(sample.ids, sample.texts, sample.titles, sample.structure, strict=True):
    body = "".join(f"<p>{escape(text[start:end])}</p>" for start, end, role, kind in lines if role == "body")
    pages[key] = PAGE.format(title=escape(title or key), body=body)

articles = [{"id": key, **framing.read_html(page).to_article()} for key, page in pages.items()]
docs = list(framing.analyze_many(articles))

# %% [markdown]
# Labels for twelve articles drawn at random. You would make them by hand, without looking at the output; here they are
# those of the sample, moved to where the words stand in the text that was read from the page.

# %%
import random  # noqa: E402

labels = {}
for key in random.Random(1).sample(sample.ids, 12):
    original = sample.texts[sample.ids.index(key)]
    text = next(article["text"] for article in articles if article["id"] == key)
    at, labels[key] = 0, []
    for start, end, label in sample.statements[key]:
        found = text.find(original[start:end], at)
        if found >= 0:
            at = found + end - start
            labels[key].append([found, at, label])
gold = framing.align_labels(docs, labels)
print(f"{len(gold)} statements have labels")

# %% [markdown]
# The table: share of the words that are the outlets' own opinion, or their sources'. `naive` counts the output and
# hides its errors; `ppi` corrects it with the labels. Print the second.

# %%
shares = framing.prevalence(docs, gold, of=["author_opinion", "source_opinion"], size="words", method=["naive", "ppi"])
table = shares[["reading", "method", "share", "low", "high", "articles", "labelled_articles"]]
print(table.round(3).to_string(index=False))

# %% [markdown]
# And the sentence for the methods section: how well the output agrees with the labels.

# %%
agreement = framing.validate(docs, gold, of="label")
print(agreement.iloc[0].to_string())
