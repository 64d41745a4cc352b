from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import workers

from minigrad.verify import jobs
from minigrad.verify.child import Answer, Job
from minigrad.verify.jobs import Children, run, watch

LONG = 60.0

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look into")


def acting(*parts: str) -> Job:
    return Job(workers.nothing, workers.act, parts)


def texts(answers: Sequence[Answer] | Exception) -> list[Any]:
    assert not isinstance(answers, Exception)
    return [answer.value or answer.message for answer in answers]


def found(many: Sequence[Job], executor: Executor | None = None, **options: Any) -> dict[int, Any]:
    settings: dict[str, Any] = {"workers": 2, "seconds": LONG, **options}
    return {number: texts(answers) for number, answers in run(many, executor, **settings)}


@pytest.fixture
def processes() -> Iterator[ProcessPoolExecutor]:
    # Not forked from here: a process of many threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor


# --- in processes here ----------------------------------------------------------------------------


def test_every_job_is_done_once() -> None:
    many = [acting(*(f"{n} {k}" for k in range(n % 4))) for n in range(20)]
    assert found(many) == {n: [f"{n} {k}" for k in range(n % 4)] for n in range(20)}


def test_without_jobs_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(jobs, "Child")
    assert found([]) == {}


def test_what_is_lost_is_one_part_and_the_rest_is_found() -> None:
    found_now = found(
        [
            acting("a", "exit", "b"),
            acting("raise it"),
            acting("c", "kill", "kill", "d"),
            acting("e"),
        ]
    )
    assert found_now == {
        0: ["A", "its process ended with exit status 7", "B"],
        1: ["ValueError: it"],
        2: ["C", *["its process was ended by SIGKILL"] * 2, "D"],
        3: ["E"],
    }


def test_what_hangs_is_stopped_at_its_limit() -> None:
    first, second, third = found([acting("a", "hang", "b")], workers=1, seconds=2.0)[0]
    assert (first, third) == ("A", "B")
    assert second == "it was stopped after 2 s, which is all it may take"


def test_what_cannot_be_pickled_is_given_back() -> None:
    local = Job(workers.nothing, lambda state, part: part, ("x",))
    answers = dict(run([acting("a"), local, acting("b")], workers=1, seconds=LONG))
    assert isinstance(answers.pop(1), Exception)
    assert {n: texts(a) for n, a in answers.items()} == {0: ["A"], 2: ["B"]}


def test_jobs_are_asked_for_when_they_are_needed() -> None:
    asked: list[int] = []

    def endless() -> Iterator[Job]:
        for n in range(10**9):
            asked.append(n)
            yield acting(str(n))

    with closing(run(endless(), workers=1, seconds=LONG)) as answers:
        next(answers)
    assert len(asked) < 10


@linux
def test_leaving_early_ends_every_process(tmp_path: Path) -> None:
    marks = [tmp_path / "first", tmp_path / "second"]
    many = [acting(f"mark {mark}", "hang") for mark in marks]
    with closing(run([*many, acting("quick")], workers=3, seconds=LONG)) as answers:
        assert next(answers)[0] == 2
        assert workers.until(lambda: all(mark.exists() and mark.read_text() for mark in marks))
        ids = [int(mark.read_text()) for mark in marks]
        assert all(map(workers.alive, ids))
    assert not any(map(workers.alive, ids))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("minigrad")]


# --- on an executor of the caller's ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_will_do(kind: str, request: pytest.FixtureRequest) -> None:
    many = [acting("a", "exit", "b"), acting("c")]
    with ThreadPoolExecutor(2) if kind == "threads" else request.getfixturevalue(kind) as executor:
        assert found(many, executor) == {
            0: ["A", "its process ended with exit status 7", "B"],
            1: ["C"],
        }


@linux
def test_a_broken_pool_costs_no_answer(processes: ProcessPoolExecutor, tmp_path: Path) -> None:
    told: list[str] = []
    many = [acting(str(n), f"once {tmp_path / 'once'}" if n == 3 else "x") for n in range(8)]
    answers = found(many, processes, warn=told.append)
    assert answers.pop(3) == ["3", f"ONCE {tmp_path / 'once'}".upper()]
    assert answers == {n: [str(n), "X"] for n in range(8) if n != 3}
    (warning,) = set(told)
    assert warning.startswith(
        "the executor takes no more jobs, they are done here: BrokenProcessPool"
    )


class Scripted(Executor):
    """Does what `script` says with each job in turn: an error to raise, or to give as its outcome."""

    def __init__(self, *script: Exception | None, at_submit: bool = False) -> None:
        self.script = list(script)
        self.at_submit = at_submit
        self.taken = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        error = self.script.pop(0) if self.script else None
        if error is not None and self.at_submit:
            raise error
        self.taken += 1
        future: Future[Any] = Future()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(function(*args, **options))
        return future


def test_an_executor_that_takes_nothing_is_done_without() -> None:
    told: list[str] = []
    executor = Scripted(RuntimeError("cannot schedule new futures"), at_submit=True)
    assert found([acting("a"), acting("b")], executor, warn=told.append) == {0: ["A"], 1: ["B"]}
    assert executor.taken == 0
    assert told == [
        "the executor takes no more jobs, they are done here: "
        "RuntimeError: cannot schedule new futures"
    ]


def test_a_job_that_was_lost_with_its_worker_is_handed_out_again() -> None:
    executor = Scripted(BrokenExecutor("gone"), None, BrokenExecutor("gone"))
    assert found([acting("a"), acting("b")], executor) == {0: ["A"], 1: ["B"]}
    assert executor.taken == 4


def test_it_is_not_handed_out_for_ever() -> None:
    executor = Scripted(*[BrokenExecutor("gone")] * 9)
    assert found([acting("a", "b")], executor) == {
        0: ["its worker failed: BrokenExecutor: gone"] * 2
    }
    assert executor.taken == 3


def test_a_worker_that_fails_otherwise_has_its_reason() -> None:
    executor = Scripted(ModuleNotFoundError("No module named 'minigrad'"), None)
    assert found([acting("a"), acting("b")], executor) == {
        0: ["its worker failed: ModuleNotFoundError: No module named 'minigrad'"],
        1: ["B"],
    }


def test_leaving_early_withdraws_what_has_not_begun() -> None:
    class Never(Executor):
        def __init__(self) -> None:
            self.futures: list[Future[Any]] = []

        def submit(self, function: Any, /, *args: Any, **options: Any) -> Future[Any]:
            self.futures.append(Future())
            if len(self.futures) == 1:
                self.futures[0].set_result(function(*args, **options))
            return self.futures[-1]

    executor = Never()
    with closing(run([acting("a"), acting("b")], executor, seconds=LONG)) as answers:
        assert next(answers)[0] == 0
    assert executor.futures[1].cancelled()


# --- the children ---------------------------------------------------------------------------------


def test_children_are_used_again_until_they_are_closed() -> None:
    children = Children()
    first = children.take()
    children.give_back(first, usable=True)
    assert children.take() is first
    other = children.take()
    assert other is not first
    children.give_back(other, usable=False)
    assert other.process.poll() is not None
    children.close()
    first.process.wait(30)
    children.give_back(first, usable=True)
    with pytest.raises(jobs.CancelledError):
        children.take()


def test_an_idle_child_that_died_is_not_taken() -> None:
    children = Children()
    child = children.take()
    children.give_back(child, usable=True)
    child.process.send_signal(signal.SIGTERM)
    child.process.wait()
    other = children.take()
    assert other is not child
    children.give_back(other, usable=False)
    children.close()


def test_a_watch_keeps_to_the_children_that_it_was_given() -> None:
    children = Children()
    packed = acting("a", "b").packed()
    assert [watch(packed, 2, LONG, children)[k].value for k in (0, 1)] == ["A", "B"]
    children.close()
    with pytest.raises(jobs.CancelledError):
        watch(packed, 2, LONG, children)


def test_the_cores_are_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= jobs.cores() <= (os.cpu_count() or 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 5, 7}, raising=False)
    assert jobs.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert jobs.cores() == 1
