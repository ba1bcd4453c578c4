"""The articles that ship with the library."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from framing.datasets.common import json_lines, new_bunch, read_text

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["load_sample"]

def load_sample(part: str = "plain") -> Bunch:
    """Load the articles that ship with the library.

    They were written for it, outlets included, and are free for any use (CC0).

    Parameters
    ----------
    part : {"plain", "hard"}, default="plain"
        Sixteen articles as untidy as web pages are, or twenty that are hard for finding who says what.

    Returns
    -------
    Bunch
        By article: `texts`, `ids`, `titles` (None where there is none), `outlets`, `dates`,
        `genres` (lists of str); `structure`, lists of [start, end, role, kind], one for each line
        that is not blank.
        For the articles that were annotated: `attributions`, dict from id to a list of dicts with
        `source`, `cue`, `content` (lists of [start, end]), `speaker`, `source_type`, `named`;
        `statements`, dict from id to a list of [start, end, label].
        `licence`, `DESCR`: str.

    Raises
    ------
    ValueError
        If there is no such part.
    FileNotFoundError
        If the installation lacks the articles.

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
    home = _sample_folder()
    folder = home / part if part == "hard" else home
    rows = list(json_lines(folder / "articles.jsonl"))
    return new_bunch(
        texts=[read_text(folder.joinpath(*row["file"].split("/"))) for row in rows],
        ids=[row["id"] for row in rows],
        titles=[row["title"] for row in rows],
        outlets=[row["outlet"] for row in rows],
        dates=[row["date"] for row in rows],
        genres=[row["genre"] for row in rows],
        structure=[row["structure"] for row in rows],
        attributions={row["id"]: row["attributions"] for row in json_lines(folder / "attributions.jsonl")},
        statements={row["id"]: row["segments"] for row in json_lines(folder / "statements.jsonl")},
        licence="CC0 1.0",
        DESCR=read_text(home / "README.md"),
    )


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
