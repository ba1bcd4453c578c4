"""Reading and writing annotations, whichever format they are in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.annotations.annotated import Annotated
from framing.annotations.brat import read_brat, write_brat
from framing.annotations.conll import read_conll
from framing.annotations.doccano import read_doccano, write_doccano
from framing.annotations.inception import read_inception, write_inception
from framing.annotations.jsonl import read_jsonl, read_objects, read_sample_folder, write_jsonl
from framing.annotations.label_studio import read_label_studio, write_label_studio
from framing.annotations.prodigy import read_prodigy, write_prodigy
from framing.exceptions import ArticleError

__all__ = ["FORMATS", "read_annotations", "write_annotations"]

PathLike = str | os.PathLike[str]

FORMATS = ("jsonl", "brat", "label-studio", "doccano", "prodigy", "inception", "inception-json", "conll")
"""Names of the formats; the last is for reading only."""

_ENDINGS = {".xmi": "inception", ".ann": "brat", ".txt": "brat"} | dict.fromkeys(
    (".conll", ".conllu", ".bio", ".iob"), "conll"
)


def read_annotations(
    path: PathLike,
    format: str | None = None,
    *,
    labels: Mapping[str, str | None] | None = None,
    layers: Iterable[str] = (),
) -> list[Annotated]:
    """Read annotated articles.

    Parameters
    ----------
    path : str or path-like
        A file, or a folder of brat or INCEpTION files, or one in the layout of this library's own articles
        (``articles.jsonl`` and ``attributions.jsonl``, ``statements.jsonl``).
    format : str, optional
        One of `FORMATS`; by default seen from the name and the beginning of the file.
    labels : mapping of str to str or None, optional
        Labels of your project and ours, for instance ``{"Speaker": "Source", "Note": None}``; None leaves a label
        out. Ours are Source, Cue, Content, Loaded, author_fact, author_opinion, source_fact, source_opinion and frame.
    layers : iterable of str, default=()
        What was annotated: "attributions", "statements", "loaded", "frames". These are empty instead of None in
        articles where nothing was marked. Articles that this library exported with annotations remember by themselves.

    Returns
    -------
    list of Annotated

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ArticleError
        If something in it cannot be read; the message says what and where.
    ValueError
        If there is no such format or layer, or the format cannot be told.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> doc = Annotated(id="a", text="It leaks, she said.", attributions=[{"cue": [[14, 18]], "content": [[0, 8]]}])
    >>> write_annotations([doc], folder / "brat", format="brat")
    >>> read_annotations(folder / "brat") == [doc]
    True
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"{file} was not found.")
    kind = _known(format, FORMATS) or _guess(file)
    layers = tuple(layers)
    readers: dict[str, Any] = {
        "brat": read_brat,
        "label-studio": read_label_studio,
        "doccano": read_doccano,
        "prodigy": read_prodigy,
        "inception": read_inception,
        "inception-json": read_inception,
        "conll": read_conll,
    }
    if kind == "jsonl":
        docs = read_sample_folder(file) if file.is_dir() else read_jsonl(file)
    else:
        try:
            docs = readers[kind](file, labels)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, ArticleError):
                raise
            raise ArticleError(f"{file} does not follow the format {kind}: {error!r}.") from error
    return [doc.with_layers(layers) for doc in docs]


def write_annotations(docs: Iterable[Annotated], path: PathLike, format: str = "jsonl") -> None:
    """Write annotated articles.

    Parameters
    ----------
    docs : iterable of Annotated
    path : str or path-like
        A file, or for brat and INCEpTION a folder, which is made if need be. What is there under the same name is
        replaced.
    format : str, default="jsonl"
        One of `FORMATS` but ``"conll"``.

    Raises
    ------
    ArticleError
        If the format cannot hold an article's text.
    MissingExtraError
        If INCEpTION's formats are asked for and dkpro-cassis is not installed.
    TypeError
        If something else than `Annotated` is to be written.
    ValueError
        If there is no such format.
    """
    articles = list(docs)
    for doc in articles:
        if not isinstance(doc, Annotated):
            raise TypeError(f"docs must hold Annotated articles. Got {type(doc).__name__} instead.")
    file = Path(path)
    kind = _known(format, FORMATS[:-1]) or FORMATS[0]
    if kind == "brat":
        write_brat(articles, file)
    elif kind.startswith("inception"):
        write_inception(articles, file, ending=".json" if kind == "inception-json" else ".xmi")
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        writers = {
            "jsonl": write_jsonl,
            "label-studio": write_label_studio,
            "doccano": write_doccano,
            "prodigy": write_prodigy,
        }
        writers[kind](articles, file)


def _known(format: str | None, names: Sequence[str]) -> str | None:
    if format is not None and format not in names:
        raise ValueError(f"format must be one of {', '.join(names)}. Got {format!r} instead.")
    return format


def _guess(file: Path) -> str:
    if file.is_dir():
        if (file / "articles.jsonl").is_file():
            return "jsonl"
        for pattern, kind in (("*.ann", "brat"), ("*.xmi", "inception"), ("*.json", "inception-json")):
            if next(file.glob(pattern), None) is not None:
                return kind
    elif file.suffix in _ENDINGS:
        return _ENDINGS[file.suffix]
    elif file.suffix == ".jsonl":
        _, row = next(read_objects(file), ("", {}))
        if "entities" in row or isinstance(row.get("label"), list):
            return "doccano"
        return "prodigy" if "spans" in row or "_task_hash" in row else "jsonl"
    elif file.suffix == ".json":
        whole = json.loads(file.read_bytes())
        if isinstance(whole, list):
            return "label-studio"
        if isinstance(whole, dict) and any(key.startswith("%") for key in whole):
            return "inception-json"
    raise ValueError(f"The format of {file} can't be told from its name; give format=, one of {', '.join(FORMATS)}.")
