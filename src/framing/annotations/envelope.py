"""What tools have no field for: a note about the article that travels with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framing.annotations.annotated import LAYERS, Annotated
from framing.exceptions import ArticleError

__all__ = ["note_of", "restore"]


def note_of(doc: Annotated, *, frames: bool = True) -> dict[str, Any]:
    """Everything about an article but its text and marks.

    Parameters
    ----------
    doc : Annotated
    frames : bool, default=True
        Whether the frames go along; not where the tool shows them: then only the voices that they come in do.

    Returns
    -------
    dict
        Made of what JSON has a form for; without what is None or empty.
    """
    note: dict[str, Any] = {"id": doc.id, "title": doc.title, "meta": doc.meta, "model": doc.model}
    note = {key: value for key, value in note.items() if value not in (None, {})}
    note["layers"] = list(doc.layers)
    if frames and doc.frames is not None:
        note["frames"] = doc.frames
    elif doc.frames is not None:
        voices = {inventory: found for inventory, found in doc.frames.items() if isinstance(found, dict)}
        if voices:
            note["frame_voices"] = voices
    return note


def restore(text: str, layers: Mapping[str, Any], note: Mapping[str, Any] | None, **known: Any) -> Annotated:
    """An article from its text, what was marked in it, and the note that travelled with it.

    Parameters
    ----------
    text : str
    layers : mapping
        Layers that were read; None where nothing was marked.
    note : mapping or None
        From `note_of`; None for articles that were not exported by this library.
    **known
        Fields for when there is no note.

    Raises
    ------
    ArticleError
        If the note is none of ours, or the annotations are of the wrong form.
    """
    if note is None:
        note = known
    if not isinstance(note, Mapping):
        raise ArticleError(f"The note that framing left with an article was changed: {note!r}.")
    fields = {name: note[name] for name in ("id", "title", "meta", "model") if name in note}
    frames = layers.get("frames")
    if frames is None:
        frames = note.get("frames")
    elif isinstance(voices := note.get("frame_voices"), Mapping):
        frames = {inventory: _voiced(found, voices.get(inventory)) for inventory, found in frames.items()}
    doc = Annotated(text=text, **{**fields, **layers, "frames": frames})
    return doc.with_layers(layer for layer in note.get("layers", ()) if layer in LAYERS)


def _voiced(frames: Sequence[str], voices: Any) -> Any:
    """Frames as a tool shows them with the voices that travelled beside; without any for those that are new."""
    return {frame: voices.get(frame, []) for frame in frames} if isinstance(voices, Mapping) else frames
