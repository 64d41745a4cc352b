"""Comparisons by exact value, and conversions to Python's own numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scalars import COMPARISONS, each_number

from minigrad import InvalidNumber, Scalar

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


@pytest.mark.parametrize("compare", COMPARISONS)
@given(st.fractions(max_denominator=9), st.fractions(max_denominator=9))
@example(HALF, HALF)
def test_comparisons_are_by_exact_value(compare: Any, x: Fraction, y: Fraction) -> None:
    assert compare(Scalar(x), Scalar(y)) is compare(x, y)
    assert compare(Scalar(x), y) is compare(x, y)
    assert compare(x, Scalar(y)) is compare(x, y)


@each_number
def test_a_node_equals_the_number_it_was_read_from(value: Any, exact: Fraction) -> None:
    assert (Scalar(exact) == value) is True
    assert (value == Scalar(exact)) is True
    assert not Scalar(exact) < value
    assert Scalar(exact + 1) > value


@pytest.mark.parametrize("infinity", [math.inf, Decimal("Infinity")])
def test_infinities_are_beyond_every_node(infinity: Any) -> None:
    x = Scalar(10**400)
    assert x < infinity
    assert infinity > x
    assert x > -infinity
    assert -infinity <= x
    assert x != infinity
    assert (x == -infinity) is False


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("nan", [math.nan, Decimal("nan")])
def test_comparing_with_nan_is_refused(compare: Any, nan: Any) -> None:
    with pytest.raises(InvalidNumber):
        compare(Scalar(1), nan)


@pytest.mark.parametrize("other", ["1", None, [1], 1j])
def test_a_node_never_equals_what_is_no_number(other: object) -> None:
    assert Scalar(1) != other
    assert other != Scalar(1)
    with pytest.raises(TypeError, match="not supported between"):
        Scalar(1) < other  # type: ignore[operator]  # noqa: B015


def test_hash_is_by_identity() -> None:
    x, y = Scalar(2), Scalar(2)
    assert x == y
    assert len({x, y, x}) == 2
    assert {x: "x", y: "y"}[x] == "x"


@given(st.fractions(min_value=-(10**300), max_value=10**300))
@example(Fraction(0))
@example(Fraction(1, 3))
@example(Fraction(-7, 2))
def test_conversions_are_those_of_the_value(x: Fraction) -> None:
    node = Scalar(x)
    assert bool(node) is bool(x)
    assert int(node) == int(x)
    assert float(node) == float(x)
    assert math.floor(node) == math.floor(x)
    assert math.ceil(node) == math.ceil(x)
    assert math.trunc(node) == math.trunc(x)


def test_a_float_is_correctly_rounded() -> None:
    assert float(Scalar("1/3")) == 1 / 3
    # Half way between two floats, and just above it.
    assert float(Scalar(2**53 + 1)) == 2.0**53
    assert float(Scalar(2**53 + 1 + Fraction(1, 10**30))) == 2.0**53 + 2
    with pytest.raises(OverflowError):
        float(Scalar(10**400))


def test_sympy_compares_with_the_exact_value() -> None:
    sympy = pytest.importorskip("sympy")
    third, x = sympy.Rational(1, 3), Scalar(Fraction(1, 3))
    more = Scalar(Fraction(1, 3) + Fraction(1, 10**30))
    assert (x == third, third == x) == (True, True)
    assert (bool(more > third), bool(third < more)) == (True, True)


def test_other_sympy_values_are_unequal_and_not_ordered() -> None:
    sympy = pytest.importorskip("sympy")
    for value in (sympy.Symbol("y"), sympy.I, sympy.exp(sympy.Symbol("y"))):
        assert (Scalar(2) == value, Scalar(2) != value) == (False, True)
        with pytest.raises(TypeError):
            _ = Scalar(2) < value


def test_comparisons_with_arrays() -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(2), np.array([1, 2, 3])
    for compare in COMPARISONS:
        expected = compare(2, array).tolist()
        for result, values in (
            (compare(x, array), expected),
            (compare(array, x), compare(array, 2).tolist()),
        ):
            assert result.dtype == bool
            assert result.tolist() == values
