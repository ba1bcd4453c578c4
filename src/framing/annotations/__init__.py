"""Annotated articles: in and out of annotation tools, into what the estimators learn from, and which to label next.

    from framing.annotations import read_annotations, write_annotations

    docs = read_annotations("gold.jsonl")
    write_annotations(docs, "for_brat", format="brat")

The formats, all without loss for spans and for what ties them together:

- ``jsonl``: this library's own, one article a line (see `Annotated`);
- ``brat``: a folder of brat standoff (Stenetorp et al. 2012);
- ``label-studio``, ``doccano``, ``prodigy``: the JSON that these tools import and export;
- ``inception``, ``inception-json``: a folder of UIMA CAS as XMI or JSON, with ``newsframing[annotation]``;
- ``conll``: token per line with BIO tags, for reading only.
"""

from __future__ import annotations

from framing.annotations.annotated import LAYERS, Annotated
from framing.annotations.files import FORMATS, read_annotations, write_annotations
from framing.annotations.selection import Choice, choose_next
from framing.annotations.training import (
    TrainingData,
    attribution_data,
    frame_data,
    loaded_data,
    statement_data,
)

__all__ = [
    "FORMATS",
    "LAYERS",
    "Annotated",
    "Choice",
    "TrainingData",
    "attribution_data",
    "choose_next",
    "frame_data",
    "loaded_data",
    "read_annotations",
    "statement_data",
    "write_annotations",
]
