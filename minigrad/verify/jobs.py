"""Jobs on any `concurrent.futures.Executor`: on many cores, or on many machines.

    for number, answers in run(jobs, seconds=20):             # in child processes here, one a core
    for number, answers in run(jobs, executor, seconds=20):   # where the executor has its workers

The executor only says where. What it is given is the watch over a job (`watch`), and the job itself is
done by a child process beside it (`child`), so on every executor alike a part that hangs, dies or eats
memory loses its own answer and nothing else, and it is known which part that was; the child is replaced
and goes on behind it. A thread that watches costs nothing, so without an executor of the caller's there
are threads here: no pool of processes that can break, and nothing that a script without a main guard, or
a daemonic worker, could not do.

A worker of the executor's own that dies takes the watch with it, and no part of the job is to blame: the
job is done again, by the executor if it takes it (a Dask cluster gives it to another worker by itself),
and else here.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Final

from minigrad.verify.child import Answer, Child, Job

__all__ = ["Children", "cores", "run", "watch"]

_AHEAD: Final = 4
"""Jobs that are handed out for each of the workers here, so that none waits for the next."""
_FAR_AHEAD: Final = 1_000
"""Jobs that are handed to an executor of unknown size."""
_ATTEMPTS: Final = 3
_PATIENCE: Final = 60.0
"""Seconds that a child may take to start, besides those of the first part."""
_WAIT: Final = 0.5
"""Seconds of waiting between two chances for Ctrl-C, where waiting cannot be interrupted."""


class Children:
    """Child processes to be used one after the other, by several threads. `close` kills all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._closed = False

    def take(self) -> Child:
        """A child that is idle, or a new one. Raises CancelledError once they are closed."""
        with self._lock:
            if self._closed:
                raise CancelledError
            while self._idle:
                child = self._idle.pop()
                if child.ready:
                    break
                child.close()
            else:
                child = Child(leads=True)
            self._busy.add(child)
            return child

    def give_back(self, child: Child, *, usable: bool) -> None:
        """The end of what `take` began."""
        with self._lock:
            self._busy.discard(child)
            if usable and not self._closed:
                self._idle.append(child)
                return
        child.close()

    def close(self) -> None:
        """Kill them all, also those at work, and start no more."""
        with self._lock:
            self._closed = True
            for child in self._busy:
                child.kill()  # to be closed by who took it
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()


@cache
def _children_of(process: int) -> Children:
    """Those of a process, by its id, that belongs to an executor, and may be asked again or not.

    They end with that process, or when nobody asks for a while. The id is for processes that were
    forked: two cannot ask the same child.
    """
    children = Children()
    atexit.register(children.close)
    return children


def watch(
    packed: bytes, count: int, seconds: float, children: Children | None = None
) -> list[Answer]:
    """The answers to the `count` parts of a packed job, each of which may take `seconds`.

    It is done by a child process; where that is lost, another one goes on with the next part.
    """
    children = children or _children_of(os.getpid())
    answers: list[Answer] = []
    while len(answers) < count:
        child = children.take()
        usable = False
        try:
            child.ask(packed, len(answers))
            while len(answers) < count:
                answers.append(child.receive(seconds, _PATIENCE))
                if answers[-1].kind == "lost":
                    break
            else:
                usable = True
        finally:
            children.give_back(child, usable=usable)
    return answers


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    jobs: Iterable[Job],
    executor: Executor | None = None,
    *,
    workers: int | None = None,
    seconds: float,
    warn: Callable[[str], None] = lambda text: None,
) -> Generator[tuple[int, list[Answer] | Exception], None, None]:
    """The number of each job with the answers to its parts, as they come; for a job that cannot be
    pickled, the error that says so.

    Without an `executor` they are done by `workers` processes here, one for each processor if that is
    None; `warn` is told if an executor fails and its jobs are done here. A part may take `seconds`.

    Closing the generator stops what is at work here, and withdraws what is not yet at work elsewhere.
    """
    pool = _Pool(executor, workers or cores(), seconds, warn)
    todo = enumerate(jobs)
    try:
        while True:
            for number, job in islice(todo, pool.room()):
                try:
                    packed = job.packed()
                except Exception as error:  # pickle raises whatever it meets
                    yield number, error
                else:
                    pool.submit(_Task(number, packed, len(job.parts)))
            if not pool.waiting:
                return
            yield from pool.finished()
    finally:
        pool.close()


class _Task:
    """A packed job on its way."""

    def __init__(self, number: int, packed: bytes, count: int) -> None:
        self.number = number
        self.packed = packed
        self.count = count
        self.attempts = 0


class _Pool:
    """The executor in use, and what was handed to it."""

    def __init__(
        self, executor: Executor | None, workers: int, seconds: float, warn: Callable[[str], None]
    ) -> None:
        self.given = executor
        self.workers = workers
        self.seconds = seconds
        self.warn = warn
        self.waiting: dict[Future[list[Answer]], _Task] = {}
        self.children = Children()
        self.threads: ThreadPoolExecutor | None = None

    def room(self) -> int:
        """How many more jobs to hand out."""
        most = _AHEAD * self.workers if self.given is None else _FAR_AHEAD
        return max(most - len(self.waiting), 0)

    def submit(self, task: _Task) -> None:
        """Hand a job out: to the executor that was given, or once that fails, to processes here."""
        task.attempts += 1
        if self.given is not None:
            try:
                future = self.given.submit(watch, task.packed, task.count, self.seconds)
            except Exception as error:
                self.warn(f"the executor takes no more jobs, they are done here: {_says(error)}")
                self.given = None
            else:
                self.waiting[future] = task
                return
        future = self._here().submit(watch, task.packed, task.count, self.seconds, self.children)
        self.waiting[future] = task

    def _here(self) -> ThreadPoolExecutor:
        if self.threads is None:
            self.threads = ThreadPoolExecutor(self.workers, "minigrad")
        return self.threads

    def finished(self) -> Iterator[tuple[int, list[Answer]]]:
        """Wait until something is, and what that is; what was lost with a worker is handed out again."""
        done, _ = wait(self.waiting, timeout=_WAIT, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda future: self.waiting[future].number):
            task = self.waiting.pop(future)
            try:
                yield task.number, future.result()
            except (BrokenExecutor, CancelledError) as error:
                if task.attempts < _ATTEMPTS:
                    self.submit(task)
                else:
                    yield task.number, _lost(task, error)
            except Exception as error:
                yield task.number, _lost(task, error)

    def close(self) -> None:
        """Withdraw what is not yet at work, and stop what is at work here."""
        for future in self.waiting:
            future.cancel()
        self.children.close()
        if self.threads is not None:
            self.threads.shutdown(wait=True, cancel_futures=True)


def _lost(task: _Task, error: BaseException) -> list[Answer]:
    return [Answer("lost", message=f"its worker failed: {_says(error)}")] * task.count


def _says(error: BaseException) -> str:
    with suppress(Exception):
        return f"{type(error).__name__}: {error}".rstrip(": ")
    return type(error).__name__
