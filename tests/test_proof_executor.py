"""`verify` with an executor: the whole proofs made elsewhere, and the same Report."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from threading import Timer
from typing import Any

import pytest

from minigrad import Scalar, absolute, maximum, reverse
from minigrad import sum as total
from minigrad.errors import InvalidOperand
from minigrad.generate import random_graph
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import Verdict, verify
from minigrad.verify.proof import Method, Prover

LONG = 120.0
METHODS: tuple[Method, ...] = ("auto", "whole")


class Inline(Executor):
    """Does every job at once, in this thread; counts them."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        self.taken += 1
        future: Future[Any] = Future()
        future.set_result(function(*args, **options))
        return future


class FirstIsLast(Inline):
    """Says what came of the first job when it has done the second."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        future = super().submit(function, *args, **options)
        if self.taken == 1:
            self.found, future = future.result(), Future()
            self.first = future
        elif self.taken == 2:
            Timer(0.2, self.first.set_result, [self.found]).start()
        return future


def wrong_gradient() -> Scalar:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = x * y + x
    root.backward()
    x.grad = 7
    return root


def wrong_value() -> Scalar:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    inner = x * y
    root = inner * inner
    root.backward()
    inner._datum = Fraction(5)
    return root


def without_derivative() -> Scalar:
    root = Scalar(-2, "x") ** Scalar(3, "n")
    root.backward()
    return root


def at_a_boundary() -> Scalar:
    x, y = Scalar(0, "x"), Scalar(3, "y")
    return absolute(x) * y + maximum(y, 2) * (x + 1).exp()


GRAPHS = [wrong_gradient, wrong_value, without_derivative, at_a_boundary]


@pytest.mark.parametrize("method", ["auto", "whole", "chain"])
@pytest.mark.parametrize("build", [*GRAPHS, lambda: random_graph(3), lambda: Scalar(1, "x")])
def test_the_report_is_the_same(build: Callable[[], Scalar], method: Method) -> None:
    executor = Inline()
    here = verify(build(), method, seed="3/2", budget=LONG)
    there = verify(build(), method, seed="3/2", budget=LONG, executor=executor)
    assert there == here
    assert str(there) == str(here)
    assert bool(executor.taken) is (method != "chain")


def test_the_report_does_not_depend_on_who_is_first(prover: Prover) -> None:
    xs = [Scalar(i + 2, f"x{i}") for i in range(6)]
    root = total([(x**2 * y + z).sqrt() for x, y, z in zip(xs, xs[1:], xs[2:], strict=False)])
    for method in METHODS:
        here = prover.verify(root, method, budget=LONG)
        executor = FirstIsLast()
        assert prover.verify(root, method, budget=LONG, executor=executor) == here
        assert executor.taken > 1
    assert len(here.conditions) > 4


def test_the_work_is_divided() -> None:
    x = node = Scalar("1/2", "x")
    for k in range(20):
        node = node + x * k
    executor = Inline()
    assert verify(node, executor=executor).verdict is Verdict.PROVED
    assert executor.taken > 3
    with ThreadPoolExecutor(2) as threads:
        assert verify(node, executor=threads) == verify(node)


class Failing(Executor):
    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("the power went"))
        return future


def test_a_lost_worker_costs_the_whole_proofs_and_says_so() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    why = "not found: its worker failed: BrokenExecutor: the power went"
    auto = verify(root, executor=Failing())
    # The chain proof is made here.
    assert {(entry.verdict, entry.proof) for entry in auto.entries} == {(Verdict.PROVED, "chain")}
    assert [f for f in auto.findings if f.startswith("the whole proof of x was ")] == [
        f"the whole proof of x was {why}"
    ]
    whole = verify(root, "whole", executor=Failing())
    assert {(entry.verdict, entry.message) for entry in whole.entries} == {(Verdict.UNDECIDED, why)}


def test_what_other_processes_do_not_know_is_proved_here() -> None:
    planted = replace(OPERATORS["mul"], partials=lambda z, x, y: (x, y))
    executor = Inline()
    root = apply(planted, [Scalar(2, "x"), Scalar(3, "y")])
    assert verify(root, executor=executor) == verify(root)
    assert verify(root).verdict is Verdict.REFUTED

    def doubled(*given: Any, **options: Any) -> Any:
        return {n: 2 * adjoint for n, adjoint in reverse.adjoints(*given, **options).items()}

    with Prover() as prover:
        right = Scalar(2, "x") * 3
        right.backward()
        found = prover.verify(right, executor=executor, sweep=doubled)
    assert found.verdict is Verdict.REFUTED
    assert executor.taken == 0


@pytest.mark.parametrize("executor", [2, "threads", ThreadPoolExecutor])
def test_an_executor_must_be_one(executor: Any) -> None:
    with pytest.raises(InvalidOperand, match=r"expected a concurrent\.futures\.Executor; got "):
        verify(Scalar(1, "x") * 2, executor=executor)
