"""Who says what in a news article, what is fact and what is opinion, in whose voice, in which frame.

    import framing

    doc = framing.analyze(text)
    doc.statements, doc.attributions, doc.frames, doc.bias, doc.summary()

Names are imported when they are first used, so that ``import framing`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.analysis import Analysis, Attribution, Sentence, Span, Statement, to_pandas
    from framing.analyzer import Analyzer, analyze, analyze_many, load
    from framing.attribution import AttributionExtractor
    from framing.bias import BiasClassifier, LoadedLanguageTagger
    from framing.embedding import StaticEmbedding
    from framing.exceptions import ArticleError, FramingError, MissingExtraError, ModelError
    from framing.features import LexiconFeatures, TextFeatures
    from framing.frames import Frame, FrameClassifier, load_inventory
    from framing.models import list_models
    from framing.report import Report
    from framing.statements import Segment, StatementClassifier
    from framing.web import Page, read_html

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Analyzer",
    "ArticleError",
    "Attribution",
    "AttributionExtractor",
    "BiasClassifier",
    "Frame",
    "FrameClassifier",
    "FramingError",
    "LexiconFeatures",
    "LoadedLanguageTagger",
    "MissingExtraError",
    "ModelError",
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
    "analyze",
    "analyze_many",
    "list_models",
    "load",
    "load_inventory",
    "read_html",
    "to_pandas",
]

_HOMES = {
    "framing.analysis": ("Analysis", "Attribution", "Sentence", "Span", "Statement", "to_pandas"),
    "framing.analyzer": ("Analyzer", "analyze", "analyze_many", "load"),
    "framing.attribution": ("AttributionExtractor",),
    "framing.bias": ("BiasClassifier", "LoadedLanguageTagger"),
    "framing.embedding": ("StaticEmbedding",),
    "framing.exceptions": ("ArticleError", "FramingError", "MissingExtraError", "ModelError"),
    "framing.features": ("LexiconFeatures", "TextFeatures"),
    "framing.frames": ("Frame", "FrameClassifier", "load_inventory"),
    "framing.models": ("list_models",),
    "framing.report": ("Report",),
    "framing.statements": ("Segment", "StatementClassifier"),
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
