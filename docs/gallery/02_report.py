"""
A corpus as a page
==================

Many articles: the corpus as a fabric, groups compared, every article with its strip. Here by how the outlets lean; any
field of the input will do. A click on a column's title sorts.
"""

# sphinx_gallery_thumbnail_path = "images/report-light.png"
import framing
from framing.datasets import load_sample

sample = load_sample()
articles = [
    {"text": text, "title": title, "leaning": leaning}
    for text, title, leaning in zip(
        sample.texts, sample.titles, sample.leanings, strict=True
    )
]
framing.Report(framing.analyze_many(articles), by="leaning")

# %%
# The whole page, with frames, sources and marked texts, comes from ``framing.Report(docs).save("corpus.html")`` or from
# ``framing report articles.jsonl corpus.html --by leaning``. See :doc:`/display`.
