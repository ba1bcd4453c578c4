"""Threads and processes: who shares an analyzer or an estimator gets what each would get alone."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import framing
from framing import linear, network
from framing.once import LOCK, once
from framing.word_rows import bundled_features

THREADS = 4


@pytest.fixture(autouse=True)
def frequent_switches():
    """Threads take turns so often that what can go wrong between them does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def invented(seed, count=40):
    """Words that no table has seen."""
    random = np.random.default_rng(seed)
    return ["".join(random.choice(list("bdfgklmnprstvaeiou"), size=9)) for _ in range(count)]


def article(seed):
    words = invented(seed)
    return (
        f"The {words[0]} of {words[1].title()} said on Monday that {' '.join(words[2:20])} would fail.\n\n"
        f"“{' '.join(words[20:30])},” {words[30].title()} told reporters. Critics fear {' '.join(words[31:])}."
    )


def in_threads(action, tasks):
    """Results of tasks that all threads begin at the same time."""
    barrier = Barrier(THREADS)

    def run(part):
        barrier.wait(60)
        return [action(task) for task in part]

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(run, [tasks[number::THREADS] for number in range(THREADS)]))
    return [parts[at % THREADS][at // THREADS] for at in range(len(tasks))]


def run_script(script):
    """Output of a script in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script)],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


def test_threads_that_share_an_analyzer_get_what_each_gets_alone(monkeypatch):
    texts = [article(seed) for seed in range(48)]
    analyzer = framing.Analyzer()
    alone = [analyzer.analyze(text).to_json() for text in texts]
    monkeypatch.setattr(network, "_WORD_CACHE", 150)  # emptied every few articles
    framing.analyzer._word_table()._limit, limit = 150, framing.analyzer._word_table()._limit
    try:
        assert in_threads(lambda text: analyzer.analyze(text).to_json(), texts) == alone
    finally:
        framing.analyzer._word_table()._limit = limit


def test_threads_read_one_table_of_words():
    table = linear.WordTable([Letters()], bundled_features(), limit=100)

    def lengths(seed):
        words = invented(seed)
        return table.read(words).values(table.blocks[0])[:, 0].tolist() == [row_of(word) for word in words]

    assert all(in_threads(lengths, list(range(80))))


class Letters:
    """A block whose number tells words apart."""

    width = 1

    def columns(self, rows):
        return rows.content.sum(axis=1).astype(np.float32)


def row_of(word):
    return float(Letters().columns(bundled_features().rows([word]))[0, 0])


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("FrameClassifier", "predict_proba"),
        ("BiasClassifier", "predict_proba"),
        ("OpinionClassifier", "predict_proba"),
        ("LoadedLanguageTagger", "predict_proba"),
        ("StatementClassifier", "predict"),
        ("AttributionExtractor", "predict"),
    ],
)
def test_threads_that_share_an_estimator_get_what_each_gets_alone(name, method):
    texts = [article(seed) for seed in range(100, 116)]
    make = getattr(framing, name)
    alone = [np.array(getattr(make(), method)([text]), dtype=object).tolist() for text in texts]
    shared = make()  # has not read anything yet
    assert in_threads(lambda text: np.array(getattr(shared, method)([text]), dtype=object).tolist(), texts) == alone


def test_threads_may_all_be_the_first():
    found = run_script("""
        import sys
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier
        import framing

        sys.setswitchinterval(1e-5)
        barrier = Barrier(4)

        def first(number):
            barrier.wait(60)
            return framing.analyze("Critics fear the dam will fail.").to_json()

        with ThreadPoolExecutor(4) as pool:
            records = set(pool.map(first, range(4)))
        print(len(records), framing.analyze("Critics fear the dam will fail.").to_json() in records)
    """)
    assert found == ["1", "True"]


def test_what_runs_once_gives_all_threads_one_object():
    made = []

    @once
    def make(name):
        made.append(name)
        return object()

    assert len(set(map(id, in_threads(lambda _: make("tide"), list(range(40)))))) == 1
    assert made == ["tide"]


FORKS = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")


_IS_FREE = """
        import os, threading, time
        from framing.once import COMPUTING, LOCK

        def use(finished):
            with LOCK:
                finished.set()

        def is_free():
            finished = threading.Event()  # another thread: the lock lets its holder in again
            threading.Thread(target=use, args=(finished,), daemon=True).start()
            return finished.wait(10)
"""


@FORKS
def test_a_fork_waits_until_nothing_is_computed():
    assert run_script(_IS_FREE + """
        def hold(taken, done):
            with COMPUTING, LOCK:  # and one within the other
                taken.set()
                time.sleep(0.2)
                done.append(True)

        for _ in range(3):
            taken, done = threading.Event(), []
            threading.Thread(target=hold, args=(taken, done)).start()
            taken.wait()
            child = os.fork()
            if child == 0:
                os._exit(0 if done and is_free() else 1)
            print(os.waitpid(child, 0)[1], is_free())
    """) == ["0", "True"] * 3  # fmt: skip


@FORKS
def test_who_computes_may_fork():
    assert run_script(_IS_FREE + """
        with COMPUTING, LOCK:
            child = os.fork()
        free = is_free()
        if child == 0:
            os._exit(0 if free else 1)
        print(os.waitpid(child, 0)[1], free)
    """) == ["0", "True"]  # fmt: skip


@FORKS
def test_forks_of_several_threads_do_not_wait_for_each_other():
    assert run_script("""
        import os, sys, threading
        from framing.once import COMPUTING

        sys.setswitchinterval(1e-5)
        ends = []

        def fork_and_compute():
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    with COMPUTING:
                        os._exit(0)
                with COMPUTING:
                    ends.append(os.waitpid(child, 0)[1])

        threads = [threading.Thread(target=fork_and_compute) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        print(len(ends), any(ends))
    """) == ["80", "False"]  # fmt: skip


_IN_A_CHILD = """
    import multiprocessing, sys, threading
    import framing

    TEXTS = [f"Mara Lindqvist of the {{word}} said the dam would fail." for word in ("tarn", "brook", "quarry", "weir")]

    def read(text):
        return framing.analyze(text).to_json()

    def keep_reading(stop):
        number = 0
        while not stop.is_set():
            number += 1
            framing.analyze(f"Officials said dorval{{number}} was shut.")

    if __name__ == "__main__":
        alone = [read(text) for text in TEXTS]
        stop = threading.Event()
        busy = threading.Thread(target=keep_reading, args=(stop,), daemon=True)
        if {threads}:
            busy.start()
        for _ in range({times}):  # a fork in the midst of a product stops a child once in a while, not always
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print(pool.map_async(read, TEXTS).get(60) == alone)
        stop.set()
        if {threads}:
            busy.join()
"""


@pytest.mark.parametrize(("method", "threads", "times"), [("fork", True, 8), ("spawn", False, 1)])
def test_child_processes_read_as_their_parent_does(tmp_path, method, threads, times):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    script = tmp_path / "reading.py"  # what is spawned imports its parent's file
    script.write_text(
        textwrap.dedent(_IN_A_CHILD).format(method=method, threads=threads, times=times), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(script)], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split() == [b"True"] * times


def test_the_lock_is_free_when_nothing_is_read():
    def use():
        with LOCK:
            return True

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the lock lets its holder in again
        assert pool.submit(use).result(10)
