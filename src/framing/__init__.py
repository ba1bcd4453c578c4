"""Who says what in a news article, what is fact and what is opinion, in whose voice, in which frame.

    import framing

    doc = framing.analyze(text)
    doc.statements, doc.attributions, doc.frames, doc.bias, doc.summary()

Names are imported when they are first used, so that ``import framing`` costs next to nothing.
"""

# No "from __future__ import annotations" here: that name would hide the module framing.annotations.
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.agreement import validate
    from framing.analysis import Analysis, Attribution, Sentence, Span, Statement, to_pandas
    from framing.analyzer import Analyzer, analyze, analyze_many
    from framing.attribution import AttributionExtractor
    from framing.axes import Axis, FrameAxes, frame_tone
    from framing.bias import BiasClassifier
    from framing.codebook import Frame, load_inventory, roll_up
    from framing.contrasts import compare
    from framing.embedding import StaticEmbedding
    from framing.exceptions import ArticleError, FramingError, MissingExtraError, ModelError
    from framing.features import LexiconFeatures, TextFeatures
    from framing.frames import FrameClassifier
    from framing.gold import align_labels
    from framing.keywords import keyness
    from framing.loaded import LoadedLanguageTagger
    from framing.models import list_models
    from framing.opinion import OpinionClassifier
    from framing.regression import regress
    from framing.report import Report
    from framing.saving import load, save
    from framing.shares import labels_needed, prevalence
    from framing.sourcing import sources
    from framing.statements import Segment, StatementClassifier
    from framing.stories import match_stories
    from framing.units import read_table
    from framing.web import Page, read_html

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Analyzer",
    "ArticleError",
    "Attribution",
    "AttributionExtractor",
    "Axis",
    "BiasClassifier",
    "Frame",
    "FrameAxes",
    "FrameClassifier",
    "FramingError",
    "LexiconFeatures",
    "LoadedLanguageTagger",
    "MissingExtraError",
    "ModelError",
    "OpinionClassifier",
    "Page",
    "Report",
    "Segment",
    "Sentence",
    "Span",
    "Statement",
    "StatementClassifier",
    "StaticEmbedding",
    "TextFeatures",
    "__version__",
    "align_labels",
    "analyze",
    "analyze_many",
    "compare",
    "frame_tone",
    "keyness",
    "labels_needed",
    "list_models",
    "load",
    "load_inventory",
    "match_stories",
    "prevalence",
    "read_html",
    "read_table",
    "regress",
    "roll_up",
    "save",
    "sources",
    "to_pandas",
    "validate",
]

_HOMES = {
    "framing.agreement": ("validate",),
    "framing.analysis": ("Analysis", "Attribution", "Sentence", "Span", "Statement", "to_pandas"),
    "framing.analyzer": ("Analyzer", "analyze", "analyze_many"),
    "framing.attribution": ("AttributionExtractor",),
    "framing.axes": ("Axis", "FrameAxes", "frame_tone"),
    "framing.bias": ("BiasClassifier",),
    "framing.codebook": ("Frame", "load_inventory", "roll_up"),
    "framing.contrasts": ("compare",),
    "framing.embedding": ("StaticEmbedding",),
    "framing.exceptions": ("ArticleError", "FramingError", "MissingExtraError", "ModelError"),
    "framing.features": ("LexiconFeatures", "TextFeatures"),
    "framing.frames": ("FrameClassifier",),
    "framing.gold": ("align_labels",),
    "framing.keywords": ("keyness",),
    "framing.loaded": ("LoadedLanguageTagger",),
    "framing.models": ("list_models",),
    "framing.opinion": ("OpinionClassifier",),
    "framing.regression": ("regress",),
    "framing.report": ("Report",),
    "framing.saving": ("load", "save"),
    "framing.shares": ("labels_needed", "prevalence"),
    "framing.sourcing": ("sources",),
    "framing.statements": ("Segment", "StatementClassifier"),
    "framing.stories": ("match_stories",),
    "framing.units": ("read_table",),
    "framing.web": ("Page", "read_html"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'framing' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
