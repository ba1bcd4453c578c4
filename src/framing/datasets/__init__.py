"""Load the bundled sample articles, or a corpus from your own copy.

`load_sample` reads articles that ship with the library. Every other loader takes the path of a copy
that you already have, in the layout its authors publish, and returns a `sklearn.utils.Bunch`.
Nothing is ever downloaded.

Every Bunch of a corpus has

- `texts`: list of str;
- `groups`: array that says which rows belong together (same article, event or link), for
  `sklearn.model_selection.GroupKFold`, so that no fold shares an article with another;
- `split`: the part that was read, or None where the corpus comes in one part;
- `licence`, `citation`, `DESCR`: what the corpus states about itself.

Offsets are half-open ranges of code points: `text[start:end]` is the span.
"""

from __future__ import annotations

from framing.datasets.attribution import load_polnear, load_sources
from framing.datasets.bias import load_babe, load_basil, load_checkthat
from framing.datasets.frames import load_gvfc, load_issue_dialogue, load_narrative_frames, load_semeval2023_task3
from framing.datasets.media_frames import load_media_frames
from framing.datasets.mpqa import load_mpqa
from framing.datasets.sample import load_sample
from framing.datasets.statements import load_newsdiscourse, load_statements

__all__ = [
    "load_babe",
    "load_basil",
    "load_checkthat",
    "load_gvfc",
    "load_issue_dialogue",
    "load_media_frames",
    "load_mpqa",
    "load_narrative_frames",
    "load_newsdiscourse",
    "load_polnear",
    "load_sample",
    "load_semeval2023_task3",
    "load_sources",
    "load_statements",
]
