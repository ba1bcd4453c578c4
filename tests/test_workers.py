"""Work spread over processes. What workers run is made inside the tests, so that it travels by value."""

from __future__ import annotations

import os
import signal
import time
from itertools import count

import pytest

from framing.exceptions import FramingError
from framing.workers import map_in_order


def results(function, shared, tasks, n_jobs=2):
    return list(map_in_order(function, shared, tasks, n_jobs=n_jobs, describe=lambda task: f"task {task}"))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_have_the_order_of_the_tasks(n_jobs):
    def slow_when_even(pause, task):
        time.sleep(0 if task % 2 else pause)
        return task * 10

    assert results(slow_when_even, 0.01, range(20), n_jobs) == list(range(0, 200, 10))


def test_no_tasks():
    assert results(pow, 2, []) == []


def test_the_work_happens_elsewhere_and_in_as_many_processes_as_told():
    def where(pause, task):
        time.sleep(pause)
        return os.getpid()

    found = set(results(where, 0.1, range(8)))
    assert len(found) <= 2
    assert os.getpid() not in found


def test_one_process_is_this_one():
    assert set(results(lambda shared, task: os.getpid(), None, range(3), n_jobs=1)) == {os.getpid()}


def test_what_is_shared_goes_to_a_process_once():
    class Shared:
        def __init__(self):
            self.calls = 0

        def next_call(self):
            self.calls += 1
            return os.getpid(), self.calls

    calls = results(lambda shared, task: shared.next_call(), Shared(), range(12))
    for pid in {pid for pid, _ in calls}:
        assert [call for who, call in calls if who == pid] == list(range(1, 1 + sum(who == pid for who, _ in calls)))


def test_an_error_of_the_work_is_raised_as_it_is():
    def fail(shared, task):
        raise LookupError(f"no {task}")

    with pytest.raises(LookupError, match="no 3"):
        results(fail, None, [3])


def test_what_is_shared_and_does_not_unpickle_is_the_error_of_a_task():
    class Unreadable:
        def __reduce__(self):
            return int, ("not a number",)

    with pytest.raises(ValueError, match="not a number"):
        results(lambda shared, task: task, Unreadable(), [1])


@pytest.mark.parametrize(("n_jobs", "ahead"), [(1, 1), (2, 8)])
def test_tasks_are_read_only_a_little_ahead_of_the_results(n_jobs, ahead):
    read = []
    endless = (read.append(number) or number for number in count())
    stream = map_in_order(pow, 1, endless, n_jobs=n_jobs, describe=str)
    for fetched in range(1, 4):
        assert next(stream) == 1
        time.sleep(0.05)  # whoever would read on had the time
        assert len(read) <= ahead + fetched
    stream.close()


def test_a_process_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path):
    def die_once(marker, task):
        if task == 5 and not os.path.exists(marker):
            open(marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    assert results(die_once, str(tmp_path / "died"), range(30)) == list(range(30))
    assert (tmp_path / "died").exists()


def test_a_task_that_kills_its_process_every_time_is_named():
    def die(shared, task):
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    stream = map_in_order(die, None, range(10), n_jobs=2, describe=lambda task: f"task {task}")
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(FramingError, match=r"died 3 times at task 3, perhaps for lack of memory\. Go on with fewer"):
        next(stream)


def test_processes_let_ctrl_c_be_the_affair_of_the_one_that_started_them():
    def interrupt(shared, task):
        os.kill(os.getpid(), signal.SIGINT)
        return task

    assert results(interrupt, None, range(6)) == list(range(6))


def test_this_process_hears_ctrl_c_as_before():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    results(pow, 2, range(3))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_processes_end_with_a_stream_that_nobody_reads_on():
    stream = map_in_order(lambda shared, task: os.getpid(), None, count(), n_jobs=2, describe=str)
    pid = next(stream)
    stream.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_processes_are_none():
    with pytest.raises(ValueError, match="n_jobs must be 1 or more"):
        results(pow, 2, [1], n_jobs=0)


def test_less_than_no_processes_are_counted_from_the_cores(monkeypatch):
    import loky

    monkeypatch.setattr(loky, "cpu_count", lambda: 1)
    assert set(results(lambda shared, task: os.getpid(), None, range(3), n_jobs=-1)) == {os.getpid()}
