"""How a run ends: with a value, an error, or at its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from runs import ran

from minigrad.errors import DivisionByZero, OutOfTime
from minigrad.trace import Trace, run

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
    trace = Trace(deadline=0, near=near)
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
