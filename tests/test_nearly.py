"""Equality up to the rounding of floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad.scalar import Scalar
from minigrad.verify.arguments import of_shape
from minigrad.verify.claims import Claim, Kind
from minigrad.verify.nearly import may_be_rounding
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

THIRD = Fraction("0.3333333333333333")
TURN = Fraction(repr(2 * math.pi))
# Of an orthogonal matrix, in floats.
COSINE, SINE = (Fraction(repr(f(0.3))) for f in (math.cos, math.sin))
REST = Fraction(repr(math.sin(2 * math.pi)))
SMALL = Fraction("1.054571817646157e-34")
LARGE = Fraction("1428571.4285714286")
CONSTANTS = [THIRD, TURN, COSINE, SINE, REST, SMALL, LARGE]
UNIT = Fraction(1, 2**52)

Function = Callable[..., Any]


def is_explained(
    function: Function,
    gradient: Function,
    at: tuple[Any, ...],
    kind: Kind = Kind.GRADIENT,
    rounded: Sequence[Fraction] = (),
) -> bool:
    """What is said of the first component."""
    leaves, own = ([Scalar(x) for x in at] for _ in range(2))
    claim = Claim(kind, function, gradient, of_shape(function, len(at)))
    outputs = [function(*leaves)]
    given = [x if isinstance(x, Scalar) else Scalar.constant(x) for x in gradient(*own)]
    rules = Rules()
    theirs, ours = Program(outputs, leaves, rules), Program(given, own, rules)
    return may_be_rounding(claim, theirs, ours, rounded or CONSTANTS)[0]


def turned(x: Any, y: Any) -> tuple[Any, Any]:
    return COSINE * x - SINE * y, SINE * x + COSINE * y


def length(x: Any, y: Any) -> Any:
    u, v = turned(x, y)
    return (u * u + v * v) / 2


EXPLAINED = [
    # As a coefficient, and as an exponent.
    (lambda x: x**3 / 3, lambda x: [3 * x * x * THIRD], (2,)),
    (lambda x: x ** Fraction(1, 3), lambda x: [x**THIRD / x / 3], (8,)),
    # Within a function, beside the number that was meant.
    (
        lambda x: minigrad.sin(TURN * x),
        lambda x: [2 * minigrad.pi * minigrad.cos(2 * minigrad.pi * x)],
        (2,),
    ),
    # What should cancel, and does not quite.
    (length, lambda x, y: [x, y], (2, 5)),
    (length, lambda x, y: [x, y], (0, 5)),
    (lambda x, y: 2 * x * y + REST * x, lambda x, y: [2 * y, 2 * x], (2, 5)),
]
"""What holds for constants within the rounding of these."""


@pytest.mark.parametrize(("function", "gradient", "at"), EXPLAINED)
def test_a_difference_that_rounding_makes_is_explained(
    function: Function, gradient: Function, at: tuple[Any, ...]
) -> None:
    assert is_explained(function, gradient, at)


@pytest.mark.parametrize(("function", "gradient", "at"), EXPLAINED)
@pytest.mark.parametrize(
    "fault",
    [
        lambda g, x: g * Fraction(1_000_000_001, 1_000_000_000),
        lambda g, x: -g,
        lambda g, x: g + x / 10**9,
        lambda g, x: g + Fraction(1, 10**9),
    ],
)
def test_an_error_is_not_put_down_to_rounding(
    function: Function, gradient: Function, at: tuple[Any, ...], fault: Function
) -> None:
    def wrong(*xs: Any) -> list[Any]:
        first, *rest = gradient(*xs)
        return [fault(first, xs[0]), *rest]

    assert not is_explained(function, wrong, at)


def test_some_thousand_units_in_the_last_place_are_the_limit() -> None:
    function = lambda x: THIRD * x
    assert is_explained(function, lambda x: [THIRD * (1 + 4000 * UNIT)], (2,))
    assert not is_explained(function, lambda x: [THIRD * (1 + 5000 * UNIT)], (2,))


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_constants_that_pull_in_opposite_directions_are_moved_apart(count: int) -> None:
    # 5*(1/3) and 5/3, both rounded, as often as that.
    five_thirds = Fraction(repr(5 / 3))
    function = lambda x: sum([THIRD * 5 * x * k for k in range(1, count + 1)])
    gradient = lambda x: [sum([five_thirds * k * x / x for k in range(1, count + 1)])]
    assert is_explained(function, gradient, (2,), rounded=[THIRD, five_thirds])


@pytest.mark.parametrize("large", [10**15, 299792458**2, Fraction("333333333333333.3")])
def test_a_large_number_elsewhere_explains_nothing(large: Any) -> None:
    function = lambda x, y: THIRD * x * x + large * y
    assert not is_explained(function, lambda x, y: [-THIRD * x, large], (2, 5))
    assert is_explained(function, lambda x, y: [2 * x / 3, large], (2, 5))


def test_what_cannot_be_evaluated_may_be_explained() -> None:
    function = lambda x: minigrad.exp(LARGE * x)
    gradient = lambda x: [LARGE * (1 + UNIT) * minigrad.exp(LARGE * x)]
    assert is_explained(function, gradient, (2,))


def test_where_all_terms_vanish_other_points_decide() -> None:
    function = lambda x: THIRD * x * x
    assert not is_explained(function, lambda x: [2 * x], (0,))
    assert is_explained(function, lambda x: [2 * x / 3], (0,))


def test_a_small_constant_is_no_remainder_where_nothing_is_large() -> None:
    function = lambda x, y: SMALL * x * y
    assert is_explained(function, lambda x, y: [SMALL * (1 + UNIT) * y, SMALL * x], (2, 5))
    assert not is_explained(function, lambda x, y: [2 * SMALL * y, SMALL * x], (2, 5))


@pytest.mark.parametrize(("factor", "expected"), [(1, True), (2, False)])
def test_second_derivatives_are_compared_where_the_programs_ran(
    factor: int, expected: bool
) -> None:
    hessian = lambda x, y: [factor, 0, 0, factor]
    assert is_explained(length, hessian, (2, 5), Kind.HESSIAN) is expected


def test_what_is_undefined_near_by_is_left_out() -> None:
    # A logarithm that ends within the step to the next point.
    function = lambda x: x * THIRD * minigrad.log(x)
    gradient = lambda x: [minigrad.log(x) / 3 + Fraction(1, 3)]
    assert is_explained(function, gradient, (Fraction(1, 1000),))
    assert not is_explained(function, lambda x: [minigrad.log(x) / 3], (Fraction(1, 1000),))


def test_one_point_at_which_all_terms_vanish_tells_nothing() -> None:
    function = lambda x: THIRD * x * x * minigrad.log(1 - 10_000 * x * x)
    assert not is_explained(function, lambda x: [THIRD * x], (0,))
