"""What the estimators share: the check of their input, and what they tell scikit-learn of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_paired", "check_range", "check_texts", "check_weights", "text_tags"]


def check_texts(X: Iterable[Any], name: str = "X") -> list[str]:
    """Texts as a list, whatever sequence they came in.

    Parameters
    ----------
    X : array-like of str, shape (n_texts,)
        List, tuple, NumPy array, pandas or polars Series.
    name : str
        Name of the parameter, for the message.

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        If ``X`` is one string, a table, or holds anything else than strings.

    Examples
    --------
    >>> check_texts(("One.", "Two."))
    ['One.', 'Two.']
    """
    if isinstance(X, (str, bytes)):
        raise TypeError(
            f"{name} must be a sequence of texts, not one {type(X).__name__}. Put the text in a list: [text]."
        )
    if isinstance(X, (Mapping, Set)) or len(getattr(X, "shape", (0,))) != 1:  # they would give keys or columns
        raise TypeError(
            f"{name} must be a sequence of texts, in one dimension and in order. Got {type(X).__name__} instead; "
            "of a table pass one column, as in table['text']."
        )
    try:
        texts = list(X)
    except TypeError:
        raise TypeError(f"{name} must be a sequence of texts. Got {type(X).__name__} instead.") from None
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"{name} must hold only strings. Got {type(text).__name__} at position {place}; "
                "drop missing texts or replace them with ''."
            )
    return [str(text) for text in texts]


def check_paired(texts: Sequence[str], y: Iterable[Any]) -> list[Any]:
    """Labels as a list, one entry a text.

    Raises
    ------
    ValueError
        If there are more or fewer, or one is missing.
    """
    rows = list(y)
    for place, row in enumerate(rows):
        if row is None or type(row).__name__ == "NAType" or (isinstance(row, (float, np.floating)) and np.isnan(row)):
            raise ValueError(
                f"y has no label but {row!r} for the text at position {place}; leave such texts out of X and y."
            )
    if len(rows) != len(texts):
        raise ValueError(f"X has {len(texts)} texts, y has labels of {len(rows)}; they must go together.")
    return rows


def check_range(start: int, end: int, text: str, place: int) -> None:
    """Whether a label's range lies in its text, the one at position ``place``.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"y has the range [{start}, {end}) for the text at position {place}, which has {len(text)} characters."
        )


def check_weights(texts: Sequence[str], sample_weight: Any) -> NDArray[np.float64]:
    """Weights of texts, all 1 by default.

    Raises
    ------
    ValueError
        If there are more or fewer than texts, or one is negative or no number.
    """
    if sample_weight is None:
        return np.ones(len(texts))
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (len(texts),):
        raise ValueError(
            f"sample_weight must have one number for each of {len(texts)} texts. Got an array of shape {weights.shape}."
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("sample_weight must hold numbers from 0 on. Replace what is missing or negative.")
    return weights


def text_tags(tags: Any) -> Any:
    """Tags of an estimator that reads a sequence of texts and works unfitted, on its bundled model."""
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    tags.requires_fit = False
    return tags
