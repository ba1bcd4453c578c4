"""Word lists as data, and the functions that read them.

Each class is one UTF-8 file ``NAME.txt``: a header of ``#`` comments saying what the class is, where
the idea comes from, licence and date, then one lower-case entry a line, sorted. An entry is a word
or a phrase of up to four words with single spaces; inflected forms are written out. Apostrophes are
straight and hyphens plain, so text has to be lower-cased and its curly apostrophes straightened
before it is looked up. Entries are written as people write them ("don't", "mr.", "prosecutor's
office"); whoever matches tokens should cut the entries with the same tokeniser as the text.

The entries were chosen by the authors of this library from knowledge of the language; no published
word list was copied. The classes follow these papers:

- J. B. Hooper (1975), On assertive predicates. *Syntax and Semantics* 4.
- K. Hyland (2005), *Metadiscourse: Exploring Interaction in Writing*.
- L. Karttunen (1971), Implicative verbs. *Language* 47.
- P. Kiparsky and C. Kiparsky (1970), Fact. *Progress in Linguistics*.
- M. Recasens, C. Danescu-Niculescu-Mizil and D. Jurafsky (2013), Linguistic models for analyzing
  and detecting biased language. *ACL*.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["list_lexicons", "load_lexicon"]

_SUFFIX = ".txt"


def list_lexicons() -> list[str]:
    """Name every word list that ships.

    Returns
    -------
    list of str
        Names in alphabetical order, each fit for `load_lexicon`.

    Examples
    --------
    >>> from framing.lexicons import list_lexicons
    >>> "hedges" in list_lexicons()
    True
    """
    return list(_names())


def load_lexicon(name: str) -> frozenset[str]:
    """Read one word list.

    The file is read once per process; later calls return the same object.

    Parameters
    ----------
    name : str
        One of `list_lexicons()`.

    Returns
    -------
    frozenset of str
        Lower-case words and phrases of up to four words; never empty.

    Raises
    ------
    TypeError
        If `name` is not a string.
    ValueError
        If no list has that name; the message names those that exist.

    Examples
    --------
    >>> from framing.lexicons import load_lexicon
    >>> hedges = load_lexicon("hedges")
    >>> "reportedly" in hedges, "remains to be seen" in hedges, "table" in hedges
    (True, True, False)
    """
    if not isinstance(name, str):
        raise TypeError(
            f"The 'name' parameter of load_lexicon must be a str naming a word list. "
            f"Got {type(name).__name__} instead; list_lexicons() returns the names."
        )
    if name not in _names():
        raise ValueError(
            f"The 'name' parameter of load_lexicon must be one of {', '.join(_names())}. "
            f"Got {name!r} instead."
        )
    return _read(name)


@cache
def _names() -> tuple[str, ...]:
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(file.removesuffix(_SUFFIX) for file in files if file.endswith(_SUFFIX)))


@cache
def _read(name: str) -> frozenset[str]:
    text = resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
