"""From annotated articles to what the estimators' ``fit`` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.annotations.annotated import LAYERS, Annotated

__all__ = ["TrainingData", "attribution_data", "frame_data", "loaded_data", "statement_data"]


class TrainingData(NamedTuple):
    """What ``fit`` and `sklearn.model_selection.cross_validate` take.

    Attributes
    ----------
    X : list of str
        Texts.
    y : list or ndarray
        Labels, one entry a text.
    groups : ndarray of object
        The article of each text, so that no fold shares one with another; texts that are the same count as one.
    """

    X: list[str]
    y: Any
    groups: NDArray[np.object_]


def attribution_data(docs: Iterable[Annotated]) -> TrainingData:
    """Labels for `framing.AttributionExtractor`.

    Parameters
    ----------
    docs : iterable of Annotated
        Articles whose attributions were not annotated are left out, and so are attributions without a cue or a
        content, which nothing can be learned from.

    Returns
    -------
    TrainingData

    Raises
    ------
    ValueError
        If no article has this layer.

    Examples
    --------
    >>> text = "Engineers said the bridge is safe."
    >>> entry = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 33]]}
    >>> attribution_data([Annotated(text=text, attributions=[entry]), Annotated(text="Rain.")]).X
    ['Engineers said the bridge is safe.']
    """

    def complete(doc: Annotated) -> list[dict[str, Any]]:
        return [entry for entry in doc.attributions or () if entry["cue"] and entry["content"]]

    return _articles(docs, "attributions", complete)


def statement_data(docs: Iterable[Annotated]) -> TrainingData:
    """Labels for `framing.StatementClassifier`.

    Parameters
    ----------
    docs : iterable of Annotated
        Articles whose statements were not annotated are left out.

    Returns
    -------
    TrainingData

    Raises
    ------
    ValueError
        If no article has this layer.
    """
    return _articles(docs, "statements", lambda doc: doc.statements)


def frame_data(docs: Iterable[Annotated], inventory: str, names: Sequence[str]) -> TrainingData:
    """Labels for `framing.FrameClassifier`.

    Parameters
    ----------
    docs : iterable of Annotated
        Articles for which this inventory was not annotated are left out.
    inventory : str
        Key of ``frames``.
    names : sequence of str
        The frames in the classifier's order.

    Returns
    -------
    TrainingData
        ``y`` is an int array of shape (n_articles, n_frames).

    Raises
    ------
    ValueError
        If no article has this inventory, or one has a frame that is not among the names.

    Examples
    --------
    >>> frame_data([Annotated(text="Taxes rise.", frames={"mine": ["cost"]})], "mine", ["cost", "risk"]).y
    array([[1, 0]])
    """
    column = {name: place for place, name in enumerate(names)}

    def row(doc: Annotated) -> list[int]:
        present = (doc.frames or {})[inventory]
        unknown = [name for name in present if name not in column]
        if unknown:
            raise ValueError(f"The article with id {doc.id!r} has the frame {unknown[0]!r}; names are {list(names)}.")
        return [int(name in present) for name in names]

    data = _articles([doc for doc in docs if inventory in (doc.frames or {})], f"frames of {inventory!r}", row)
    return data._replace(y=np.array(data.y))


def loaded_data(docs: Iterable[Annotated]) -> TrainingData:
    """Labels for `framing.LoadedLanguageTagger`, sentence by sentence.

    Parameters
    ----------
    docs : iterable of Annotated
        Articles whose loaded words were not annotated are left out. A span that runs over a sentence's end is cut
        there.

    Returns
    -------
    TrainingData
        ``X`` are the sentences of title and body, ``y`` their spans, counted from the sentence's beginning;
        ``groups`` the articles.

    Raises
    ------
    ValueError
        If no article has this layer.

    Examples
    --------
    >>> doc = Annotated(text="It rained. The shameless mayor left.", loaded=[[15, 24]])
    >>> data = loaded_data([doc])
    >>> data.X, data.y
    (['It rained.', 'The shameless mayor left.'], [[], [(4, 13)]])
    """
    from framing.document import read_document

    whole = _articles(docs, "loaded", lambda doc: doc.loaded)
    X, y, groups = [], [], []
    for text, spans, group in zip(*whole, strict=True):
        kept = [sentence for sentence in read_document(text).sentences if sentence.role != "boilerplate"]
        for start, end in ((sentence.start, sentence.end) for sentence in kept):
            X.append(text[start:end])
            y.append([(max(s, start) - start, min(e, end) - start) for s, e, *_ in spans if s < end and e > start])
            groups.append(group)
    return TrainingData(X, y, np.array(groups, dtype=object))


def _articles(docs: Iterable[Annotated], layer: str, labels: Callable[[Annotated], Any]) -> TrainingData:
    chosen = [doc for doc in docs if layer not in LAYERS or getattr(doc, layer) is not None]
    if not chosen:
        raise ValueError(
            f"None of the articles has annotated {layer}; there is nothing to learn from. In JSON Lines, labels "
            f"stand beside the text, under {layer.split()[0]!r}; of a tool's files, say with --layer (layers=) what "
            "was annotated."
        )
    X = [doc.text for doc in chosen]
    first: dict[str, str] = {}
    groups = [first.setdefault(doc.text, str(place if doc.id is None else doc.id)) for place, doc in enumerate(chosen)]
    return TrainingData(X, [labels(doc) for doc in chosen], np.array(groups, dtype=object))
