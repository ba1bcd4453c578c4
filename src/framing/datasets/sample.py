"""The articles that ship with the library."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.datasets.common import json_lines, new_bunch, read_text

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_sample"]


_LAYERS = ("attributions", "statements", "frames", "loaded")


def load_sample(part: str = "plain", annotator: str = "first") -> Bunch:
    """Load the articles that ship with the library.

    They were written for it, outlets included, and are free for any use (CC0).

    Parameters
    ----------
    part : {"plain", "hard"}, default="plain"
        Forty-four articles of ten topics and many registers, the first sixteen as untidy as web pages
        are, or twenty that are hard for finding who says what.
    annotator : {"first", "second"}, default="first"
        Whose annotations. The second pass is independent of the first and measures agreement; it comes with the
        repository and the source distribution only.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `titles` (None where there is none), `outlets`, `dates`,
        `genres`, `topics`, `registers`, `leanings`, `splits` ("train", "dev" or "test") (lists of str);
        `structure`, lists of [start, end, role, kind], one for each line that is not blank.
        Annotations, dicts from id: `attributions`, to a list of dicts with `source`, `cue`, `content`
        (lists of [start, end]), `speaker`, `source_type`, `named`; `statements`, to a list of
        [start, end, label]; `frames`, to a dict with `policy`, a dict from each frame that is present to
        the voices it comes in, and `narrative`, a list of frames; `loaded`, to a list of
        [start, end, kind, voice]. In the second pass a few attributions lack `cue` or `content` (empty lists).
        `licence`, `DESCR`: str.

    Raises
    ------
    ValueError
        If there is no such part or annotator.
    FileNotFoundError
        If the installation lacks the articles, or the second pass over them.

    Examples
    --------
    >>> from framing.datasets import load_sample
    >>> sample = load_sample()
    >>> titles = [line for line in sample.structure[0] if line[2] == "title"]
    >>> [sample.texts[0][start:end] == sample.titles[0] for start, end, *_ in titles]
    [True]
    """
    if part not in ("plain", "hard"):
        raise ValueError(f"part must be 'plain' or 'hard'. Got {part!r} instead.")
    if annotator not in ("first", "second"):
        raise ValueError(f"annotator must be 'first' or 'second'. Got {annotator!r} instead.")
    home = _sample_folder()
    folder = home / part if part == "hard" else home
    rows = list(json_lines(folder / "articles.jsonl"))
    passed = _second_pass(home) if annotator == "second" else folder
    layers = {layer: _by_article(passed / f"{layer}.jsonl", [row["id"] for row in rows]) for layer in _LAYERS}
    return new_bunch(
        texts=[read_text(folder.joinpath(*row["file"].split("/"))) for row in rows],
        ids=[row["id"] for row in rows],
        titles=[row["title"] for row in rows],
        outlets=[row["outlet"] for row in rows],
        dates=[row["date"] for row in rows],
        genres=[row["genre"] for row in rows],
        topics=[row["topic"] for row in rows],
        registers=[row["register"] for row in rows],
        leanings=[row["leaning"] for row in rows],
        splits=[row["split"] for row in rows],
        structure=[row["structure"] for row in rows],
        attributions={name: row["attributions"] for name, row in layers["attributions"].items()},
        statements={name: row["segments"] for name, row in layers["statements"].items()},
        frames=layers["frames"],
        loaded={name: row["loaded"] for name, row in layers["loaded"].items()},
        licence="CC0 1.0",
        DESCR=read_text(home / "README.md"),
    )


def _by_article(path: Path | Traversable, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Rows of one layer by article, of these articles only: the second pass keeps both parts in one file."""
    found = {row.pop("id"): row for row in json_lines(path)}
    return {name: found[name] for name in ids}


def _second_pass(home: Path | Traversable) -> Path | Traversable:
    folder = home / "second"
    if not (folder / "attributions.jsonl").is_file():
        raise FileNotFoundError(
            f"The second pass over the sample articles was not found in {folder}. "
            "It is no part of the wheel: run from a full checkout of the repository or its source distribution."
        )
    return folder


def _sample_folder() -> Path | Traversable:
    packaged = resources.files("framing") / "_sample"
    checkout = Path(__file__).resolve().parents[3] / "datasets"
    for folder in (packaged, checkout):
        if (folder / "articles.jsonl").is_file():
            return folder
    raise FileNotFoundError(
        f"The sample articles were not found in {packaged} nor in {checkout}. "
        "Install newsframing from its wheel, or run from a full checkout of its repository."
    )
