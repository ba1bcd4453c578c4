"""Work in several processes, with the results in the order of the tasks.

The processes are those of loky, which joblib uses too. `joblib.Parallel` itself would go on however
slowly its results are fetched, send what the tasks share with every one of them, warn on standard
error when it is interrupted, and give everything up when one process is killed.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from framing.exceptions import FramingError

__all__ = ["map_in_order"]

_AHEAD = 4  # tasks that are read ahead for each process
_ATTEMPTS = 3  # for a task whose process dies
_WATCH_SECONDS = 0.5
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")


def map_in_order(
    function: Callable[[Shared, Task], Result],
    shared: Shared,
    tasks: Iterable[Task],
    *,
    n_jobs: int,
    describe: Callable[[Task], str],
) -> Generator[Result, None, None]:
    """Yield ``function(shared, task)`` for every task, in order.

    Only a few tasks for each process are read ahead of the result that is fetched. A process that
    dies is replaced and its tasks are done again.

    Parameters
    ----------
    function : callable
        Of a module, so that other processes find it.
    shared : object
        Goes to each process once, so it must pickle where there are several.
    tasks : iterable
    n_jobs : int
        Processes; -1 for one on each core, -2 for one less. With one, everything happens here.
    describe : callable
        What to call a task in an error message.

    Yields
    ------
    object

    Raises
    ------
    ValueError
        If `n_jobs` is 0.
    FramingError
        If the process of one and the same task dies three times.

    Examples
    --------
    >>> list(map_in_order(pow, 2, [3, 1, 2], n_jobs=1, describe=str))
    [8, 2, 4]
    """
    workers = _processes(n_jobs)
    if workers == 1:
        for task in tasks:
            yield function(shared, task)
        return
    import cloudpickle

    packed = cloudpickle.dumps((function, shared))  # unlike pickle, it takes classes made in a notebook
    coming = iter(tasks)
    ahead: deque[tuple[Task, Future[Result] | None]] = deque()
    deaths = 0
    pool = _Pool(workers, packed)
    try:
        while True:
            ahead.extend((task, None) for task in islice(coming, _AHEAD * workers - len(ahead)))
            if not ahead:
                break
            task = ahead[0][0]
            try:
                # After a death the first task has the machine to itself; so it is found out if it is the cause.
                for place in range(1 if deaths else len(ahead)):
                    waiting, future = ahead[place]
                    ahead[place] = (waiting, future or pool.submit(waiting))
                future = ahead[0][1]
                assert future is not None
                result = future.result()
            except BrokenProcessPool as error:
                deaths += 1
                if deaths == _ATTEMPTS:
                    raise FramingError(
                        f"A worker process died {deaths} times at {describe(task)}, perhaps for lack of memory. "
                        "Go on with fewer jobs or a smaller batch size."
                    ) from error
                ahead = deque((waiting, _kept(future)) for waiting, future in ahead)
                pool.close(kill=True)
                pool = _Pool(workers, packed)
                continue
            ahead.popleft()
            deaths = 0
            yield result
    except BaseException:
        pool.close(kill=True)
        raise
    pool.close(kill=False)


def _kept(future: Future[Result] | None) -> Future[Result] | None:
    """A future that a broken pool brought to an end all the same."""
    if future is not None and future.done() and not isinstance(future.exception(), BrokenProcessPool):
        return future
    return None


def _processes(n_jobs: int) -> int:
    if n_jobs > 0:
        return n_jobs
    if n_jobs == 0:
        raise ValueError("n_jobs must be 1 or more, or -1 for every core. Got 0.")
    from loky import cpu_count

    return max(1, int(cpu_count()) + 1 + n_jobs)


class _Pool:
    """Processes that Ctrl-C leaves alone and that don't outlive this one."""

    def __init__(self, workers: int, packed: bytes) -> None:
        from loky import ProcessPoolExecutor, cpu_count

        threads = str(max(1, cpu_count() // workers))
        with _interrupts_held():
            self._executor = ProcessPoolExecutor(
                workers,
                initializer=_begin,
                initargs=(os.getpid(), packed),
                env={name: os.environ.get(name, threads) for name in _THREADS},
            )

    def submit(self, task: Any) -> Future[Any]:
        with _interrupts_held():  # a process that starts here inherits it, from its first instruction on
            return self._executor.submit(_perform, task)

    def close(self, *, kill: bool) -> None:
        with _interrupts_held():
            self._executor.shutdown(wait=True, kill_workers=kill)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C from this thread, and from threads and processes that it starts, until the end."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker process

_packed = b""


def _begin(parent: int, packed: bytes) -> None:
    global _packed
    _packed = packed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, where it can't be held back

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@lru_cache(maxsize=1)
def _work() -> tuple[Callable[[Any, Any], Any], Any]:
    import pickle

    work: tuple[Callable[[Any, Any], Any], Any] = pickle.loads(_packed)
    return work


def _perform(task: Any) -> Any:
    function, shared = _work()  # here and not when the process begins, so that an error comes back as the task's
    return function(shared, task)
