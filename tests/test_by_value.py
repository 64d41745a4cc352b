"""Comparisons by exact value, and conversions to Python's own numbers."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st
from scalars import COMPARISONS, each_number

from minigrad import InvalidNumber, InvalidOperand, Scalar
from minigrad.backing import inside
from minigrad.by_value import ByValue

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
    assert bool(value == Scalar(exact)) is True
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
def test_a_node_never_equals_what_is_no_number(other: Any) -> None:
    assert Scalar(1) != other
    assert other != Scalar(1)
    with pytest.raises(TypeError, match="not supported between"):
        operator.lt(Scalar(1), other)


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
    third, x = sp.Rational(1, 3), Scalar(Fraction(1, 3))
    more = Scalar(Fraction(1, 3) + Fraction(1, 10**30))
    assert (x == third, third == x) == (True, True)
    assert (bool(more > third), bool(third < more)) == (True, True)


def test_other_sympy_values_are_unequal_and_not_ordered() -> None:
    for value in (sp.Symbol("y"), sp.I, sp.exp(sp.Symbol("y"))):
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


class Number(ByValue):
    """The least that can be compared by value."""

    __slots__ = ("_datum", "_number")

    def __init__(self, data: Any, *, as_fraction: bool = False) -> None:
        self._datum = data
        self._number = data if as_fraction else inside(data)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("kinds", [(False, False), (True, False), (False, True)])
@given(st.fractions(max_denominator=9), st.fractions(max_denominator=9))
@example(HALF, HALF)
def test_numbers_are_compared_whatever_arithmetic_holds_them(
    compare: Any, kinds: tuple[bool, bool], x: Fraction, y: Fraction
) -> None:
    left, right = (Number(v, as_fraction=kind) for v, kind in zip((x, y), kinds, strict=True))
    assert compare(left, right) is compare(x, y)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_closed_forms_are_compared_with_ratios_and_with_each_other(compare: Any) -> None:
    root = Scalar(2).sqrt()
    # 1.41421356237309504880168872420969807856967187537694… (OEIS A002193), cut off, and rounded up.
    for ratio, order in (("1.4142135623730950488", 1), ("1.4142135623730950489", -1)):
        assert compare(root, Scalar(ratio)) is compare(order, 0)
        assert compare(Scalar(ratio), root) is compare(0, order)
    assert compare(root * root, 2) is compare(0, 0)
    assert compare(Scalar(8).sqrt(), 2 * root) is compare(0, 0)


def test_an_array_is_compared_item_by_item_whatever_is_in_it() -> None:
    np = pytest.importorskip("numpy")
    array = np.array([2, "2", None, Scalar(2), Fraction(5, 2)], dtype=object)
    for same, other in (
        (Scalar(2) == array, Scalar(2) != array),
        (array == Scalar(2), array != Scalar(2)),
    ):
        assert same.tolist() == [True, False, False, True, False]
        assert other.tolist() == [False, True, True, False, True]
    with pytest.raises(
        InvalidOperand, match=r"expected Scalars and numbers; got '2' \(type str\) among them$"
    ):
        _ = Scalar(2) <= array


def test_sympy_gets_the_exact_value() -> None:
    assert sp.sympify(Scalar("1/3")) == sp.Rational(1, 3)
    assert sp.sympify(Scalar(2).sqrt()) == sp.sqrt(2)
