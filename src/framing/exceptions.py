"""Errors that `framing` raises on purpose.

The tree, with the built-in class that each one also is::

    FramingError
    ├── ArticleError        (ValueError)   an input record that can't be analysed or read back
    ├── ModelError                         a model that is missing, damaged or of another format
    └── MissingExtraError   (ImportError)  an optional dependency that isn't installed

Catch `FramingError` to catch all of them. Arguments of the wrong type raise the built-in
`TypeError`, files that can't be opened the built-in `OSError`.
"""

from __future__ import annotations

__all__ = ["ArticleError", "FramingError", "MissingExtraError", "ModelError"]


class FramingError(Exception):
    """Base class of every error in this module."""


class ArticleError(FramingError, ValueError):
    """An input record can't be analysed, or a stored analysis can't be read back."""


class ModelError(FramingError):
    """A model is missing, damaged, of another format, or doesn't fit where it is used."""


class MissingExtraError(FramingError, ImportError):
    """An optional dependency isn't installed; the message names the extra that brings it."""
