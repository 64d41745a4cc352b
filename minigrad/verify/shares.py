"""How a run is cut into jobs, and how its results come out in order.

A share is an item, or a block of small ones such as random graphs; that does not depend on the number of
workers, and neither does any verdict, since budgets are sizes first. Results are handed on in the order
of the items, whatever the order in which they were found.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from minigrad.verify import jobs
from minigrad.verify.child import Answer, Job
from minigrad.verify.proof import Prover
from minigrad.verify.run import Item, Options, Result, lost, result_of, run
from minigrad.verify.written import written

__all__ = ["Way", "most_seconds", "results", "worthwhile"]

_WORTHWHILE: Final = 32
"""Items from which on it pays to start workers, which costs each of them half a second."""
_BUDGETS: Final = 3
_GRACE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Way:
    """Where and under which limits items are verified.

    By `workers` processes here, none for this process; or by an `executor`. In a worker an item may take
    `seconds`, and `memory` bytes where the system can limit them. Numbers are written `in_full` where
    somebody will read them so; `warn` is told what is not as it should be.
    """

    workers: int = 0
    executor: Executor | None = None
    seconds: float = float("inf")
    memory: int | None = None
    in_full: bool = True
    warn: Callable[[str], None] = lambda text: None


def worthwhile(count: int) -> int:
    """The number of workers that pay for `count` items: one for each processor, none for a few items."""
    return jobs.cores() if count >= _WORTHWHILE and jobs.cores() > 1 else 0


def most_seconds(budget: float) -> float:
    """When an item is stopped that should have stopped itself: its proofs have a budget each."""
    return _BUDGETS * budget + _GRACE


def results(
    entries: Sequence[Item | Result],
    options: Options,
    way: Way,
    known: Mapping[int, Result],
    finished: Callable[[int, Result], None],
) -> Generator[Result, None, None]:
    """The result of each of `entries`, in their order; those that are `known` by number are not run.

    `finished` is told each of the others when it is found. Raises KeyboardInterrupt where an item did.
    """
    todo = {i: e for i, e in enumerate(entries) if isinstance(e, Item) and i not in known}
    given = {i: e for i, e in enumerate(entries) if isinstance(e, Result)}
    waiting = {i: _Found(result) for i, result in {**given, **known}.items()}
    with Prover() as here, contextlib.ExitStack() as stack:
        elsewhere = way.workers or way.executor
        found = _elsewhere(todo, options, way) if elsewhere else _here(todo, here, options)
        stack.callback(found.close)
        for i in range(len(entries)):
            while i not in waiting:
                k, news = next(found)
                waiting[k] = news
                if news.result is not None:
                    finished(k, news.result)
            news = waiting.pop(i)
            if news.interrupted:
                raise KeyboardInterrupt
            sys.stderr.write(news.printed)
            result = news.result
            if result is None:
                result = run(todo[i], here, options)
                finished(i, result)
            yield result


class _Found(NamedTuple):
    """What is known of an item: without a result, that it could not be sent to a worker."""

    result: Result | None
    printed: str = ""
    interrupted: bool = False


def _here(
    todo: Mapping[int, Item], prover: Prover, options: Options
) -> Generator[tuple[int, _Found], None, None]:
    for i, item in todo.items():
        yield i, _Found(run(item, prover, options))


def _elsewhere(
    todo: Mapping[int, Item], options: Options, way: Way
) -> Generator[tuple[int, _Found], None, None]:
    shares = list(_shares(todo))
    each = partial(_answer, options, in_full=way.in_full)
    queue = (Job(Prover, each, [todo[i] for i in share], way.memory) for share in shares)
    found = jobs.run(
        queue, way.executor, workers=way.workers or None, seconds=way.seconds, warn=way.warn
    )
    with contextlib.closing(found):
        for number, answers in found:
            for k, i in enumerate(shares[number]):
                # What cannot be pickled is done here, when its turn comes.
                answer = None if isinstance(answers, Exception) else answers[k]
                yield i, _Found(None) if answer is None else _news(answer, todo[i])


def _shares(todo: Mapping[int, Item]) -> Iterator[list[int]]:
    """The numbers of the items of each share."""
    share: list[int] = []
    for i, item in todo.items():
        if share and len(share) >= min(item.block, todo[share[0]].block):
            yield share
            share = []
        share.append(i)
    if share:
        yield share


def _news(answer: Answer, item: Item) -> _Found:
    if answer.kind == "done":
        return _Found(*answer.value)
    if answer.kind == "lost":
        return _Found(lost(item, answer.message))
    return _Found(None, interrupted=True)


def _answer(options: Options, prover: Prover, item: Item, *, in_full: bool) -> tuple[Result, str]:
    """In the worker: the result of an item, and what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result = result_of(item, prover, options)
    return written(result, in_full=in_full), printed.getvalue()
