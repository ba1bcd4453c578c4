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
        Forty-four articles of ten topics and many registers, the first sixteen as untidy as web pages
        are, or twenty that are hard for finding who says what.

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
        [start, end, kind, voice].
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
        topics=[row["topic"] for row in rows],
        registers=[row["register"] for row in rows],
        leanings=[row["leaning"] for row in rows],
        splits=[row["split"] for row in rows],
        structure=[row["structure"] for row in rows],
        attributions={row["id"]: row["attributions"] for row in json_lines(folder / "attributions.jsonl")},
        statements={row["id"]: row["segments"] for row in json_lines(folder / "statements.jsonl")},
        frames={row.pop("id"): row for row in json_lines(folder / "frames.jsonl")},
        loaded={row["id"]: row["loaded"] for row in json_lines(folder / "loaded.jsonl")},
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
