"""
An article, marked up
=====================

In a notebook, an analysis shows itself: fact or opinion, who speaks, which frames, and in whose voice. Point at a
passage, or go from number to number with the tabulator key, and its source, cue and content light up together.
"""

# sphinx_gallery_thumbnail_path = "images/article-light.png"
import framing
from framing.datasets import load_sample

sample = load_sample()
text, title, outlet = sample.texts[5], sample.titles[5], sample.outlets[5]
doc = framing.analyze(text, title=title, meta={"outlet": outlet})
doc

# %%
# ``framing report article.txt article.html`` writes the same as a page of its own.
# :doc:`/display` says what every mark means.
