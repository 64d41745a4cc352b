from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from math import gcd
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.ratio import Ratio

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]

fractions = st.fractions(max_denominator=60) | st.fractions()
numbers = fractions | st.integers()


def ratio(value: Any) -> Any:
    """A Fraction as a Ratio; an int stays one."""
    return Ratio(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def parts(value: Any) -> tuple[int, int]:
    return value.numerator, value.denominator


@pytest.mark.parametrize("operation", ARITHMETIC)
@given(x=fractions, y=numbers)
@example(x=Fraction(1, 6), y=Fraction(1, 10))
@example(x=Fraction(5, 6), y=Fraction(1, 6))
@example(x=Fraction(5, 6), y=Fraction(-5, 6))
@example(x=Fraction(3), y=Fraction(-4))
@example(x=Fraction(0), y=Fraction(-4, 9))
@example(x=Fraction(2, 3), y=-6)
def test_arithmetic_is_that_of_fractions_on_either_side(
    operation: Callable[[Any, Any], Any], x: Fraction, y: Any
) -> None:
    for left, right in ((x, y), (y, x)):
        if operation is operator.truediv and not right:
            with pytest.raises(ZeroDivisionError):
                operation(ratio(left), ratio(right))
            continue
        found = operation(ratio(left), ratio(right))
        assert type(found) is Ratio
        assert parts(found) == parts(operation(Fraction(left), Fraction(right)))


@pytest.mark.parametrize("holds", COMPARISONS)
@given(x=fractions, y=numbers)
@example(x=Fraction(2), y=2)
@example(x=Fraction(1, 2), y=Fraction(1, 2))
def test_comparisons_are_those_of_fractions(
    holds: Callable[[Any, Any], bool], x: Fraction, y: Any
) -> None:
    assert holds(ratio(x), ratio(y)) is holds(x, y)
    assert holds(ratio(y), ratio(x)) is holds(y, x)


@given(x=fractions, n=st.integers(-6, 6))
def test_powers_are_those_of_fractions(x: Fraction, n: int) -> None:
    if n < 0 and not x:
        with pytest.raises(ZeroDivisionError):
            ratio(x) ** n
    else:
        assert parts(ratio(x) ** n) == parts(x**n)


@given(x=fractions)
def test_signs(x: Fraction) -> None:
    assert parts(-ratio(x)) == parts(-x)
    assert bool(ratio(x)) is bool(x)


@given(top=st.integers(), bottom=st.integers())
def test_any_two_ints_are_reduced(top: int, bottom: int) -> None:
    if not bottom:
        with pytest.raises(ZeroDivisionError):
            Ratio.reduced(top, bottom)
        return
    found = Ratio.reduced(top, bottom)
    assert (gcd(*parts(found)), found.denominator > 0) == (1, True)
    assert found.numerator * bottom == top * found.denominator


@given(x=fractions, y=fractions)
@example(x=Fraction(3), y=Fraction(1, 2))
def test_equal_ratios_have_one_hash(x: Fraction, y: Fraction) -> None:
    assert len({ratio(x), ratio(x + y - y), ratio(y)}) == len({x, y})
    assert len({ratio(x), *([x.numerator] if x.denominator == 1 else [])}) == 1


@pytest.mark.parametrize("other", [0.5, Fraction(1, 2), "1", None, [1]])
def test_nothing_but_ints_mixes_in(other: Any) -> None:
    half = Ratio(1, 2)
    for operation in ARITHMETIC:
        for left, right in ((half, other), (other, half)):
            with pytest.raises(TypeError):
                operation(left, right)
        for compare in COMPARISONS[2:]:
            for left, right in ((half, other), (other, half)):
                with pytest.raises(TypeError):
                    compare(left, right)
    with pytest.raises(TypeError, match="for /"):
        other / half
    assert half != other
    assert repr(half) == "Ratio(1, 2)"
