"""What threads share: one lock, and functions that run once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

__all__ = ["LOCK", "once"]

P = ParamSpec("P")
R = TypeVar("R")

LOCK = threading.RLock()
"""Held while the bundled models are read and while tables of words are read, which grow with the words.

One for all, so that no two threads can wait for each other, whatever one of them calls in between.
"""

if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    # A fork waits until no other thread holds the lock: the copy of a held one would never be let go.
    os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


def once(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function run once for the same arguments, and give all threads the same result.

    Threads that call `functools.cache` at the same time may each get an object of their own, and a word table
    knows its blocks by identity.

    Parameters
    ----------
    function : callable
        Of hashable arguments.

    Examples
    --------
    >>> @once
    ... def make(name):
    ...     return [name]
    >>> make("tide") is make("tide")
    True
    """
    cached: Callable[..., R] = cache(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with LOCK:
            return cached(*args, **kwargs)

    return call
