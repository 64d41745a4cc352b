"""The operators within the rational numbers: conventions, and how large a result may be."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import Scalar, apply
from minigrad.entries import Piece
from minigrad.errors import (
    TooLarge,
)
from minigrad.field_operators import power_partial, power_size, side
from minigrad.number import ONE, ZERO
from minigrad.operators import OPERATORS, named

HALF = Fraction(1, 2)


def test_second_derivatives_of_a_product_with_zeros() -> None:
    # d2(xyz)/dxdy = z, at x = y = 0 too.
    x, y, z = Scalar(0), Scalar(0), Scalar(5)
    by_x = OPERATORS["prod"].partials(None, x, y, z)[0]
    by_x.backward()
    assert (by_x.data, x.grad, y.grad, z.grad) == (0, 0, 5, 0)


@given(
    st.lists(
        st.sampled_from([Fraction(n) for n in (0, 1, -3)] + [HALF, Fraction(10**40)]), min_size=1
    )
)
@example([ZERO])
@example([ZERO, ZERO, ONE])
def test_the_partials_of_a_product_are_the_products_of_the_others(xs: list[Fraction]) -> None:
    others = [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]
    assert list(OPERATORS["prod"].partials(None, *xs)) == others


CONVENTIONS: list[tuple[str, tuple[Any, ...], Any, tuple[Any, ...]]] = [
    # Operator, operands and parameters; value and partial derivatives.
    ("abs", (0,), 0, (0,)),
    ("relu", (0,), 0, (0,)),
    ("sign", (0,), 0, (0,)),
    ("maximum", (2, 2), 2, (HALF, HALF)),
    ("minimum", (2, 2), 2, (HALF, HALF)),
    ("where", (3, 4, True), 3, (1, 0)),
    ("where", (3, 4, False), 4, (0, 1)),
    ("pow", (0, 0), 1, (0,)),
    ("floordiv", (6, 3), 2, (0, 0)),
    ("mod", (6, 3), 0, (1, -2)),
    ("floor", (2,), 2, (0,)),
    ("ceil", (2,), 2, (0,)),
    # Half to even, as Python rounds.
    ("round", (Fraction(5, 2), 0), 2, (0,)),
    ("round", (Fraction(-7, 2), 0), -4, (0,)),
    ("round", (25, -1), 20, (0,)),
]


@pytest.mark.parametrize(("name", "given", "value", "slopes"), CONVENTIONS)
def test_where_mathematics_leaves_a_choice(
    name: str, given: tuple[Any, ...], value: Any, slopes: tuple[Any, ...]
) -> None:
    operator = named(name)
    xs = [Fraction(x) for x in given[: operator.arity]]
    parameters = given[len(xs) :]
    piece = operator.piece(xs, parameters)
    assert [p.boundary for p in piece] == [name not in ("where", "pow")] * len(piece)
    assert operator.forward(*xs, *parameters, *piece) == value
    assert tuple(operator.partials(value, *xs, *parameters, *piece)) == slopes


def test_a_number_is_on_one_side_of_zero() -> None:
    assert [side(x) for x in (3, -3, 0)] == [
        Piece("positive"), Piece("negative"), Piece("zero", boundary=True),
    ]  # fmt: skip


@given(st.fractions(max_denominator=9), st.integers(-5, 5))
@example(ZERO, 0)
def test_the_derivative_of_a_power(x: Fraction, n: int) -> None:
    assume(x or n >= 1 or n == 0)
    assert power_partial(x, n) == (n * x ** (n - 1) if n else 0)


def test_a_power_that_is_one_is_the_object_that_a_sweep_leaves_out() -> None:
    assert power_partial(Fraction(5), 1) is ONE
    assert power_partial(Fraction(5), 0) is ZERO


@given(st.fractions(max_denominator=99).filter(lambda x: abs(x) > 1), st.integers(-200, 200))
def test_the_size_of_a_power_is_about_its_bits(x: Fraction, n: int) -> None:
    result = x**n
    true = max(result.numerator.bit_length(), result.denominator.bit_length())
    # Above the limit it is no less than the half, and within it nothing is counted.
    assert power_size(2**20, x, n) <= 2 * true + abs(n)
    if true > 100:
        assert power_size(50, x, n) > 50


COPRIME = [Scalar(Fraction(1, 3 ** (60_000 + i) + 1)) for i in range(32)]


@pytest.mark.parametrize("name", ["sum", "dot"])
def test_a_raised_limit_allows_a_wide_sum_of_unlike_denominators(name: str) -> None:
    values = [Fraction(1, 3 ** (3000 + i) + 1) for i in range(32)]
    operands = [Scalar(x) for x in values] + [Scalar(1)] * (32 if name == "dot" else 0)
    message = rf"^{name}\(.*at least [\d…]+ bits is over the limit of 65,536; .*a larger max_bits$"
    with pytest.raises(TooLarge, match=message):
        apply(name, operands, max_bits=2**16)
    assert apply(name, operands, max_bits=2**18).data == reduce(add, values)


@pytest.mark.parametrize("name", ["sum", "dot"])
def test_a_wide_sum_of_like_denominators_is_not_refused(name: str) -> None:
    count = 10_000
    operands = [Scalar(Fraction(1, 3**1000))] * count
    if name == "dot":
        operands += [Scalar(1)] * count
    assert apply(name, operands).data == Fraction(count, 3**1000)


def test_what_would_be_too_large_is_refused_before_it_is_computed() -> None:
    def compute(*_: object) -> None:
        raise AssertionError("it was computed")

    large = Scalar(2**600_000)
    for name, operands, parameters in (
        ("pow", [Scalar(2)], (2**21,)),
        ("pow", [Scalar(HALF)], (-(2**21),)),
        ("power", [Scalar(-2), Scalar(2**21)], ()),
        ("prod", [large, Scalar(1), large], ()),
        ("round", [Scalar(1)], (10**9,)),
        ("sum", COPRIME, ()),
        ("dot", [Scalar(2)] * len(COPRIME) + COPRIME, ()),
    ):
        operator = dataclasses.replace(named(name), forward=compute)
        with pytest.raises(TooLarge):
            apply(operator, operands, parameters)
