"""What threads share: one lock, functions that run once, and what a fork waits for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

__all__ = ["COMPUTING", "LOCK", "once"]

P = ParamSpec("P")
R = TypeVar("R")

_PATIENCE = 10.0
"""Seconds that a fork waits at most. Nothing here computes for so long: what waits longer waits for itself."""


class _Computing:
    """What must not be cut in two by a fork; threads are in it side by side, one of them more than once.

    A fork copies its own thread alone. A lock that another one holds at that moment is never let go in the child,
    and one of these belongs to the library that multiplies matrices: it keeps a lock during every large product,
    so that a child's first one would wait for ever. Therefore a fork waits until no other thread is in here.
    """

    def __init__(self) -> None:
        self._own = threading.local()
        self._begin(0)

    def _begin(self, inside: int) -> None:
        self._changed = threading.Condition()
        self._inside = inside  # threads
        self._forking = False

    @property
    def _depth(self) -> int:
        return getattr(self._own, "depth", 0)

    def __enter__(self) -> None:
        if not self._depth:
            with self._changed:
                while self._forking:
                    self._changed.wait()
                self._inside += 1
        self._own.depth = self._depth + 1

    def __exit__(self, *exception: object) -> None:
        self._own.depth -= 1
        if not self._depth:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        self._changed.acquire()
        self._changed.wait_for(lambda: not self._forking, _PATIENCE)
        self._forking = True  # who comes now waits, lest the fork wait for ever
        self._changed.wait_for(lambda: self._inside == bool(self._depth), _PATIENCE)

    def after_fork_in_parent(self) -> None:
        self._forking = False
        self._changed.notify_all()
        self._changed.release()

    def after_fork_in_child(self) -> None:
        self._begin(bool(self._depth))


COMPUTING = _Computing()
"""Entered, by ``with``, while large matrices are multiplied: where the bundled networks read."""

if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(
        before=COMPUTING.before_fork,
        after_in_parent=COMPUTING.after_fork_in_parent,
        after_in_child=COMPUTING.after_fork_in_child,
    )


class _Lock:
    """A lock that lets its holder in again, and that no other thread holds when a process forks."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        COMPUTING.__enter__()
        self._lock.acquire()

    def __exit__(self, *exception: object) -> None:
        self._lock.release()
        COMPUTING.__exit__()


LOCK = _Lock()
"""Held while the bundled models are read and while tables of words are read, which grow with the words.

One for all, so that no two threads can wait for each other, whatever one of them calls in between.
"""


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
