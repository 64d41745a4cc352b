"""How a run ends: with a value, an error, or at its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from runs import ran

import minigrad
from minigrad import Scalar
from minigrad.closed import Closed
from minigrad.errors import DivisionByZero, MinigradError, OutOfTime, TooLarge
from minigrad.near import Near
from minigrad.trace import Trace, run
from minigrad.verify import Verdict, check_gradient

# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [lambda x: x + 1, lambda x: x > 1, lambda x: [x] * 3])
def test_after_the_deadline_a_run_ends(operation: Callable[[Any], Any]) -> None:
    trace = Trace(deadline=time.monotonic() - 1)
    found = run(operation, [trace.leaf(2)], trace)
    assert isinstance(found.error, OutOfTime)
    assert found.trace.out_of_time


def test_a_swallowed_deadline_is_remembered() -> None:
    def function(x: Any) -> Any:
        try:
            return x + 1
        except TimeoutError:
            return 0

    trace = Trace(deadline=0)
    found = run(function, [trace.leaf(2)], trace)
    assert isinstance(found.error, OutOfTime)
    assert trace.out_of_time


@pytest.mark.parametrize("near", [False, True])
def test_every_operation_and_comparison_looks_at_the_time(near: bool) -> None:
    trace = Trace(deadline=0, kind=Near if near else None)
    x = trace.leaf(Fraction(2))
    for operation in (lambda: x * x, lambda: abs(x), lambda: x > 1, lambda: bool(x)):
        with pytest.raises(OutOfTime, match="took longer than its budget"):
            operation()


def test_before_the_deadline_nothing_happens() -> None:
    trace = Trace(deadline=time.monotonic() + 3600)
    found = run(lambda x: x + 1, [trace.leaf(2)], trace)
    assert found.result.data == 3
    assert not trace.out_of_time


def test_an_endless_loop_ends() -> None:
    def function(x: Any) -> Any:
        while x > 0:
            x = x + 1
        return x

    trace = Trace(deadline=time.monotonic() + 0.05)
    assert isinstance(run(function, [trace.leaf(2)], trace).error, OutOfTime)


# --- runs -----------------------------------------------------------------------------------------


def test_a_run_that_raises_says_what() -> None:
    mistake = KeyError("no")

    def function(x: Any) -> Any:
        if x > 1:
            raise mistake
        return x

    found = ran(function, 2)
    assert (found.result, found.error) == (None, mistake)
    assert not found.trace.is_open
    assert [str(c) for c in found.trace.comparisons] == ["x > 1"]
    assert isinstance(ran(lambda x: 1 / (x - 2), 2).error, DivisionByZero)


def test_what_is_no_exception_is_not_caught() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    trace = Trace()
    with pytest.raises(KeyboardInterrupt):
        run(interrupted, [trace.leaf(2)], trace)
    assert not trace.is_open


def test_a_run_has_the_plain_value() -> None:
    found = ran(lambda x, y: (x + 1) ** 2 / y % 3, 2, 5)
    assert found.result.data == Fraction(9, 5)
    found.result.backward()
    assert [x.grad for x in found.arguments] == [Fraction(6, 5), Fraction(-9, 25)]


# --- numbers that are put off ---------------------------------------------------------------------


def held(node: Any) -> Any:
    """What a node holds, without asking for its number."""
    return vars(Scalar)["_number"].__get__(node)


def test_what_may_be_no_ratio_is_computed_when_it_is_asked_for() -> None:
    found = ran(lambda x: [minigrad.exp(x) + 1, x * x, minigrad.exp(x - 2)], 2)
    exponential, square, one = found.result
    assert held(exponential) is held(exponential.operands[0]) is held(one)
    assert held(square) == 4
    assert one.data == 1
    assert held(one) == 1
    assert exponential.data == sp.exp(2) + 1
    assert held(exponential) is not held(ran(minigrad.exp, 1).result)


def test_what_is_compared_is_computed_and_a_domain_is_looked_at() -> None:
    def function(x: Any) -> Any:
        first = minigrad.exp(x)
        return minigrad.log(first - 1) if first > 2 else first

    assert ran(function, 1).result.data == sp.log(sp.E - 1)
    assert ran(lambda x: minigrad.log(1 - minigrad.exp(x)), 1).error is not None
    found = ran(lambda x: 1 / (minigrad.exp(x) - minigrad.exp(x)), 1)
    assert isinstance(found.error, ZeroDivisionError)


def test_a_long_chain_that_was_put_off_is_computed_without_recursion() -> None:
    def function(x: Any) -> Any:
        node = minigrad.sqrt(x)
        for _ in range(5000):
            node = node + 1
        return node

    assert ran(function, 2).result.data == sp.sqrt(2) + 5000


def test_what_has_pieces_is_computed_at_once() -> None:
    found = ran(lambda x: [abs(minigrad.exp(x) - 3), minigrad.relu(minigrad.exp(x))], 2)
    assert all(isinstance(held(node), Closed) for node in found.result)

    def function(x: Any) -> Any:
        y = minigrad.exp(minigrad.exp(minigrad.exp(100 * x)))
        return x + 0 * abs(y - minigrad.exp(minigrad.exp(minigrad.exp(100 * x + x - x))))

    report = check_gradient(function, lambda x: 1)
    assert report.verdict in (Verdict.UNDECIDED, Verdict.KINK, Verdict.PROVED)


def test_a_limit_that_is_met_when_a_number_is_asked_for_is_raised_there() -> None:
    found = ran(lambda x: minigrad.exp(minigrad.exp(minigrad.exp(x) * 10**9) * 10**9), 3)
    assert found.error is None
    with pytest.raises(MinigradError):
        float(found.result)
    caught = ran(lambda x: [minigrad.sqrt(x) ** 10**7 > 1], 3)
    assert isinstance(caught.trace.failure, TooLarge)
