"""Sign and parts, sums and dot products, and what is unavailable."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from fractions import Fraction
from functools import reduce

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import number
from minigrad.errors import GradientUnavailable
from minigrad.number import UNAVAILABLE

HALF = Fraction(1, 2)


# --- sign, whole part, fraction -------------------------------------------------------------------


@given(st.fractions())
@example(Fraction(0))
@example(Fraction(-1, 3))
@example(Fraction(-7))
@example(Fraction(10**40, 3))
def test_split_and_join_are_inverse(value: Fraction) -> None:
    sign, whole, fraction = number.split(value)
    assert (sign > 0, sign < 0) == (value > 0, value < 0)
    assert sign in (-1, 0, 1)
    assert whole == math.floor(abs(value))
    assert 0 <= fraction < 1
    assert number.join(sign, whole, fraction) == value


@pytest.mark.parametrize("value", [Fraction(3), Fraction(-(10**30)), Fraction(0)])
def test_whole_numbers_are_integers(value: Fraction) -> None:
    assert number.is_integer(value)
    assert not number.is_integer(value + HALF)


# --- sums and dot products ------------------------------------------------------------------------


@given(st.lists(st.fractions()))
@example([])
@example([Fraction(1, 3)])
@example([Fraction(1, n) for n in (2, 3, 5, 7, 11, 13, 17)])
@example([HALF, -HALF])
def test_total_is_the_sum(values: list[Fraction]) -> None:
    result = number.total(values)
    assert result == sum(values)
    assert type(result) is Fraction


@given(st.lists(st.tuples(st.fractions(), st.fractions())))
@example([])
@example([(Fraction(1, 3), Fraction(3))])
def test_dot_is_the_sum_of_products(pairs: list[tuple[Fraction, Fraction]]) -> None:
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    result = number.dot(xs, ys)
    assert result == sum(map(operator.mul, xs, ys))
    assert type(result) is Fraction


def test_values_of_another_field_are_added_in_order() -> None:
    class Word:
        def __init__(self, text: str) -> None:
            self.text = text

        def __mul__(self, other: object) -> Word:
            return Word(f"({self.text}*{other})")

        def __add__(self, other: Word) -> Word:
            return Word(f"{self.text}+{other.text}")

    a, b, c = Word("a"), Word("b"), Word("c")
    assert number.total((a, b, c)).text == "a+b+c"
    assert number.dot((a, b), (2, HALF)).text == "(a*2)+(b*1/2)"
    assert number.total((HALF, 1)) == Fraction(3, 2)


def test_dot_needs_pairs() -> None:
    for other in ([HALF], [1]):
        with pytest.raises(ValueError, match="as many xs as ys; got 2 and 1"):
            number.dot([HALF, HALF], other)


# --- unavailable ----------------------------------------------------------------------------------


ABSORBED = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("combine", ABSORBED)
@pytest.mark.parametrize("other", [0, HALF, UNAVAILABLE])
def test_unavailable_absorbs_on_either_side(combine: object, other: object) -> None:
    assert combine(UNAVAILABLE, other) is UNAVAILABLE
    assert combine(other, UNAVAILABLE) is UNAVAILABLE


def test_unavailable_absorbs_signs_and_powers() -> None:
    assert -UNAVAILABLE is UNAVAILABLE
    assert UNAVAILABLE**2 is UNAVAILABLE
    assert reduce(operator.add, [HALF, UNAVAILABLE, HALF]) is UNAVAILABLE


@pytest.mark.parametrize("convert", [bool, float, int, lambda u: u == 0, lambda u: u < 0])
def test_unavailable_is_not_looked_into(convert: object) -> None:
    with pytest.raises(GradientUnavailable, match="a base that is not positive"):
        convert(UNAVAILABLE)


def test_there_is_one_unavailable() -> None:
    assert pickle.loads(pickle.dumps(UNAVAILABLE)) is UNAVAILABLE
    assert copy.deepcopy([UNAVAILABLE])[0] is UNAVAILABLE
    assert repr(UNAVAILABLE) == "UNAVAILABLE"
    assert len({UNAVAILABLE: 1}) == 1
