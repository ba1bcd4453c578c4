"""How far a long run has come: its share, the time left, articles and words per second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Progress", "progress_bar"]

_SHARE = "{percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left{postfix}"
_NO_SHARE = "{elapsed} gone{postfix}"


class Progress:
    """Counts finished work, and shows it in a bar if there is one."""

    def __init__(self, bar: Any = None) -> None:
        self._bar = bar
        self._begun = time.perf_counter()
        self._articles = self._words = 0

    def advance(self, *, articles: int, words: int, place: int | None = None) -> None:
        """Add finished articles and their words; `place` is where the run has come to, by default one an article."""
        if self._bar is None:
            return
        self._articles += articles
        self._words += words
        speed = self._words / max(time.perf_counter() - self._begun, 1e-9)
        articles_done = f"{self._articles:,} article{'' if self._articles == 1 else 's'}"
        self._bar.set_postfix_str(f"{articles_done}, {speed:,.0f} words/s", refresh=False)
        self._bar.update(articles if place is None else place - self._bar.n)


@contextmanager
def progress_bar(shown: bool, *, total: int | None = None, done: int = 0) -> Iterator[Progress]:
    """A bar on standard error, if `shown`.

    Parameters
    ----------
    shown : bool
    total : int, optional
        Where the run ends, if that is known; without it there is no time left to be told.
    done : int, default=0
        Where the run begins.

    Yields
    ------
    Progress
    """
    if not shown:
        yield Progress()
        return
    from tqdm import tqdm

    with tqdm(total=total, initial=done, bar_format=_NO_SHARE if total is None else _SHARE) as bar:
        yield Progress(bar)
