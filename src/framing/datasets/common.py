"""What the loaders share: what a corpus says about itself, finding and reading its files, and the Bunch."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = [
    "Corpus",
    "PathLike",
    "Spans",
    "column",
    "copy_of",
    "corpus_bunch",
    "existing",
    "find",
    "find_file",
    "indicators",
    "join_sentences",
    "json_lines",
    "listing",
    "new_bunch",
    "read_beside",
    "read_text",
    "table_rows",
]

PathLike = str | os.PathLike[str]
Spans = list[list[int]]


@dataclass(frozen=True)
class Corpus:
    """What a corpus says about itself, and where it can be had; `layout` finishes "… was not found; expected …"."""

    name: str
    layout: str  # finishes the sentence "… was not found; expected …"
    licence: str
    citation: str
    home: str

    @property
    def get(self) -> str:
        """Where a copy can be had, for messages."""
        return f"{self.name}: {self.home}. Nothing is downloaded for you."


def new_bunch(**fields: Any) -> Bunch:
    """A Bunch of these fields."""
    # scikit-learn takes a second to import, and inference never needs a Bunch.
    from sklearn.utils import Bunch

    return Bunch(**fields)


def corpus_bunch(corpus: Corpus, split: str | None, **fields: Any) -> Bunch:
    """A Bunch of these fields and of what the corpus says about itself."""
    descr = f"{corpus.name}\n\n{corpus.citation}\n\nLicence: {corpus.licence}\n"
    return new_bunch(**fields, split=split, licence=corpus.licence, citation=corpus.citation, DESCR=descr)


def copy_of(path: PathLike, corpus: Corpus) -> Path:
    """The path of a user's copy.

    Raises
    ------
    TypeError
        If it is no path.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"The 'path' parameter must be a str or path-like object that leads to a copy of "
            f"{corpus.name}. Got {type(path).__name__} instead."
        )
    return Path(path)


def existing(path: Path, corpus: Corpus) -> Path:
    """The path itself.

    Raises
    ------
    FileNotFoundError
        If there is nothing; the message says what was expected and where to get it.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} was not found; {corpus.layout}. {corpus.get}")
    return path


def find(path: PathLike, corpus: Corpus, *candidates: str) -> Path:
    """The first of `candidates` that exists below `path`."""
    root = copy_of(path, corpus)
    for candidate in candidates:
        if (root / candidate).exists():
            return root / candidate
    looked = " or ".join(str(root / candidate) for candidate in candidates)
    raise FileNotFoundError(f"{looked} was not found; {corpus.layout}. {corpus.get}")


def find_file(path: PathLike, corpus: Corpus, name: str) -> Path:
    """`path` itself if it is a file, else the file `name` in it or in its folder `data`."""
    root = copy_of(path, corpus)
    return root if root.is_file() else find(root, corpus, name, f"data/{name}")


def listing(folder: Path, ending: str, corpus: Corpus) -> list[Path]:
    """Files with this ending in a folder, at least one, by name."""
    files = sorted(existing(folder, corpus).glob(f"*{ending}"))
    if not files:
        raise FileNotFoundError(f"{folder} has no *{ending} files; {corpus.layout}. {corpus.get}")
    return files


def read_text(file: Path | Traversable) -> str:
    """Text of a file in UTF-8, line ends as they are."""
    # Bytes, because text mode turns \r\n into \n and shifts every later offset.
    return file.read_bytes().decode("utf-8")


def read_beside(file: Path, ending: str, corpus: Corpus) -> str:
    """Text of the file that differs in its ending only."""
    return read_text(existing(file.with_suffix(ending), corpus))


def json_lines(file: Path | Traversable) -> Iterator[dict[str, Any]]:
    """Objects of a JSON Lines file."""
    # Not splitlines: it also splits at U+2028 and U+0085, which JSON allows inside strings.
    return (json.loads(line) for line in read_text(file).split("\n") if line.strip())


def table_rows(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Rows of a table with a heading; UTF-8, or what spreadsheets on Windows write."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    before = csv.field_size_limit(max(len(text), 1))  # an article may be longer than the limit
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    finally:
        csv.field_size_limit(before)


def column(rows: Iterable[dict[str, Any]], key: str) -> np.ndarray:
    """One field of every row, as an array of objects."""
    return np.array([row[key] for row in rows], dtype=object)


def indicators(frames: Sequence[Sequence[str]], names: Sequence[str]) -> np.ndarray:
    """Which of the names each row has, bool array of shape (n_rows, n_names)."""
    column = {name: i for i, name in enumerate(names)}
    target = np.zeros((len(frames), len(names)), dtype=bool)
    for row, labels in enumerate(frames):
        target[row, [column[label] for label in labels]] = True
    return target


def join_sentences(title: str, paragraphs: Iterable[Sequence[str]]) -> tuple[str, Spans]:
    """Text of an article, and the place of each sentence in it."""
    parts = [title]
    place = len(title)
    sentences: Spans = []
    for paragraph in paragraphs:
        gap = "\n\n"
        for sentence in paragraph:
            parts += [gap, sentence]
            sentences.append([place + len(gap), place + len(gap) + len(sentence)])
            place = sentences[-1][1]
            gap = " "
    return "".join(parts), sentences
