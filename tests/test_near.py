"""Runs beside a point."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad import Scalar
from minigrad.errors import DivisionByZero, DomainError, ExactnessLost, OutOfTime
from minigrad.infinitesimal import Infinitesimal
from minigrad.near import Near
from minigrad.rational import Field, OutOfBudget
from minigrad.scalar import apply
from minigrad.trace import Run, Trace, run

HALF = Fraction(1, 2)


def near(function: Callable[..., Any], *values: Callable[[Infinitesimal], Any]) -> Run:
    epsilon = Infinitesimal(Field(1).generators[0])
    trace = Trace(kind=Near)
    names = zip(values, "xyz", strict=False)
    return run(function, [trace.leaf(value(epsilon), name) for value, name in names], trace)


def standard(found: Run) -> tuple[Fraction | None, int]:
    """The standard part of a result and the side of it on which the result lies."""
    assert found.error is None, found.error
    value = found.result._datum
    if isinstance(value, Fraction):
        return value, 0
    part = value.standard_part()
    return part, (value > part) - (value < part)


@pytest.mark.parametrize(
    ("function", "right", "left"),
    [
        (lambda x: x * x if x != 0 else 7, (0, 1), (0, 1)),
        (lambda x: 1 + x if x > 0 else 2 - x, (1, 1), (2, 1)),
        (lambda x: x.relu(), (0, 1), (0, 0)),
        (lambda x: abs(x), (0, 1), (0, 1)),
        (lambda x: x // 1, (0, 0), (-1, 0)),
        (lambda x: (x + 2) // 1, (2, 0), (1, 0)),
        (lambda x: x % 1, (0, 1), (1, -1)),
        (lambda x: round(x + HALF), (1, 0), (0, 0)),
        (lambda x: round(x), (0, 0), (0, 0)),
        (lambda x: x.maximum(0), (0, 1), (0, 0)),
        (lambda x: minigrad.minimum(x, -x), (0, -1), (0, -1)),
        (lambda x: (x - 3) ** 3, (-27, 1), (-27, -1)),
        (lambda x: (x + 2) ** -2, (Fraction(1, 4), -1), (Fraction(1, 4), 1)),
        (lambda x: minigrad.sum([x, x, 5]), (5, 1), (5, -1)),
        (lambda x: minigrad.prod([x, 2, 3]), (0, 1), (0, -1)),
        (lambda x: minigrad.dot([x, 1], [2, x]), (0, 1), (0, -1)),
        (lambda x: minigrad.where(x > 0, x + 1, 9), (1, 1), (9, 0)),
        (lambda x: x / x + x, (1, 1), (1, -1)),
        (lambda x: -x + 3.5, (Fraction(7, 2), -1), (Fraction(7, 2), 1)),
        (lambda x: x * x / x if x else 1, (0, 1), (0, -1)),
    ],
)
def test_branches_and_pieces_beside_zero(
    function: Callable[[Any], Any], right: tuple[Any, int], left: tuple[Any, int]
) -> None:
    above, below = near(function, lambda e: e), near(function, lambda e: -e)
    assert standard(above) == right
    assert standard(below) == left


def test_max_and_in_beside_zero() -> None:
    above, below = (near(lambda x: max(x, 0), v) for v in (lambda e: e, lambda e: -e))
    assert above.result is above.arguments[0]
    assert below.result == 0
    assert type(below.result) is int
    assert near(lambda x: 2 if x in (0, 1) else 3, lambda e: 1 - e).result == 3
    assert near(lambda x: 2 if x in (0, 1) else 3, lambda e: 1 + 0 * e).result == 2


def test_comparisons_beside_a_point_are_recorded() -> None:
    found = near(
        lambda x, y: (x > 1, x == 1, y > x, x < math.inf), lambda e: 1 + e, lambda e: 1 - e
    )
    assert found.result == (True, False, False, True)
    assert [str(c) for c in found.trace.comparisons] == ["x > 1", "x == 1", "y > x"]
    assert [c.side for c in found.trace.comparisons] == [1, 1, -1]


def test_an_argument_may_be_a_number_beside_others() -> None:
    found = near(lambda x, y: x / y, lambda e: 2 + e, lambda e: Fraction(4))
    assert standard(found) == (HALF, 1)


def test_beside_a_point_operators_have_their_domains() -> None:
    assert isinstance(near(lambda x: 1 / (x - x), lambda e: e).error, DivisionByZero)
    assert isinstance(near(lambda x: x // (x * 0), lambda e: e).error, DivisionByZero)
    assert isinstance(near(lambda x: (x - x) ** -1, lambda e: e).error, DivisionByZero)
    for function in (lambda x: Scalar(-2) ** x, lambda x: (1 - x) ** HALF, lambda x: (1 - x).log()):
        assert isinstance(near(function, lambda e: 1 + e).error, DomainError)
    assert isinstance(near(lambda x: (x - x) ** x, lambda e: -e).error, DivisionByZero)


@pytest.mark.parametrize(
    ("function", "right", "left"),
    [
        (lambda x: Scalar(2) ** x, (2, 1), (2, -1)),
        (lambda x: (x - 1) ** 2, (0, 1), (0, 1)),
        (lambda x: (x * x) ** HALF, (1, 1), (1, -1)),
        (lambda x: (x * x - 2 * x + 1).sqrt(), (0, 1), (0, 1)),
        (lambda x: (x - 3) ** Scalar(3), (-8, 1), (-8, -1)),
        (lambda x: x.log(), (0, 1), (0, -1)),
        (lambda x: (x - 1).exp(), (1, 1), (1, -1)),
        (lambda x: apply("ceil", [x]), (2, 0), (1, 0)),
        (lambda x: apply("floor", [x]), (1, 0), (0, 0)),
        (lambda x: apply("sign", [x - 1]), (1, 0), (-1, 0)),
    ],
)
def test_powers_roots_and_steps_beside_1(
    function: Callable[..., Any], right: tuple[int, int], left: tuple[int, int]
) -> None:
    assert standard(near(function, lambda e: 1 + e)) == right
    assert standard(near(function, lambda e: 1 - e)) == left


def test_an_infinite_number_has_no_floor() -> None:
    assert isinstance(near(lambda x: (1 / x) // 1, lambda e: e).error, OverflowError)
    assert standard(near(lambda x: 1 / (1 / x + 1), lambda e: e)) == (0, 1)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (1 / x) // 1,
        lambda x: minigrad.gamma(x),
        lambda x: 1 if minigrad.sin(x) ** 2 + minigrad.cos(x) ** 2 > 1 else 2,
    ],
)
def test_what_could_not_be_computed_is_remembered_though_it_is_swallowed(function: Any) -> None:
    def swallowing(x: Any) -> Any:
        try:
            return function(x)
        except Exception:
            return x

    found = near(swallowing, lambda e: e)
    assert found.error is None
    assert isinstance(found.trace.failure, (OverflowError, OutOfBudget))
    assert near(lambda x: 1 / x, lambda e: 0 * e).trace.failure is None
    assert near(lambda x: minigrad.log(x), lambda e: -e).trace.failure is None


def test_what_is_computed_alike_of_equal_numbers_is_equal() -> None:
    """No series is long enough to show it."""
    for function in (minigrad.exp, minigrad.sin, lambda x: (1 + x.exp()).log()):
        found = near(lambda x, y, f=function: (f(x) >= f(y), f(x) > f(y)), *[lambda e: 1 + e] * 2)
        assert found.result == (True, False)
        other = near(lambda x, y, f=function: f(x) < f(y), lambda e: 1 + e, lambda e: 1 + 2 * e)
        assert other.result == True  # noqa: E712 - a bool, or NumPy's


def test_leaks_and_deadlines_hold_beside_a_point() -> None:
    found = near(lambda x: math.sin(x), lambda e: e)
    assert isinstance(found.error, ExactnessLost)
    assert [leak.node for leak in found.trace.leaks] == ["x"]
    trace = Trace(deadline=0, kind=Near)
    late = run(lambda x: x * x, [trace.leaf(Infinitesimal(Field(1).generators[0]))], trace)
    assert isinstance(late.error, OutOfTime)


def test_a_node_beside_a_point_is_called_by_what_it_is() -> None:
    epsilon = Infinitesimal(Field(1).generators[0])
    trace = Trace(kind=Near)
    assert trace.leaf(epsilon) > 0
    assert trace.leaf(epsilon) * 2 > 0
    assert [str(c) for c in trace.comparisons] == ["an argument > 0", "mul(…) > 0"]
