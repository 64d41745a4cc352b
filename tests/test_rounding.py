"""Rounding a number of which only bounds are known: as Fractions round, or not at all."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad.errors import NotDecided, TooLarge
from minigrad.rounding import PRECISIONS, Rounding, whole

HALF = Fraction(1, 2)


class Known(Rounding):
    """A ratio of which bounds are told that never meet, and none before there are `least` bits."""

    def __init__(self, value: Fraction, least: int = 0) -> None:
        self.value = value
        self.least = least
        self.asked: list[int] = []

    def bounds(self, bits: int) -> tuple[Fraction, Fraction] | None:
        self.asked.append(bits)
        if bits < self.least:
            return None
        unit = Fraction(1, 2**bits) * max(abs(self.value), 1)
        return self.value - unit, self.value + unit

    def sign(self) -> int:
        return (self.value > 0) - (self.value < 0)

    def text(self) -> str:
        return "the number"

    def __abs__(self) -> Fraction:
        return abs(self.value)

    def __eq__(self, other: object) -> bool:
        return self.value == other

    __hash__ = Rounding.rounded_hash


@given(st.fractions(), st.integers(-3, 5))
@example(Fraction(7), None)
@example(Fraction(-7), 2)
@example(Fraction(10**40), None)
@example(HALF + Fraction(1, 2**3000), None)
@example(-HALF - Fraction(1, 2**3000), None)
def test_a_number_rounds_as_its_fraction_does(q: Fraction, digits: int | None) -> None:
    # What lies on a border itself is for the next tests, whole numbers apart.
    assume(q.denominator == 1 or (2 * q * Fraction(10) ** (digits or 0)).denominator > 1)
    assume(q.denominator > 1 or round(q, digits) == q)
    assert round(Known(q), digits) == round(q, digits)
    assert isinstance(round(Known(q), digits), int if digits is None else Fraction)


@given(st.fractions())
@example(Fraction(0))
@example(Fraction(-3))
@example(Fraction(-1, 3))
@example(3 - Fraction(1, 2**3000))
def test_whole_numbers_around(q: Fraction) -> None:
    assert math.floor(Known(q)) == math.floor(q)
    assert math.ceil(Known(q)) == math.ceil(q)
    assert math.trunc(Known(q)) == int(Known(q)) == int(q)


@given(st.fractions())
@example(Fraction(10**400))
@example(Fraction(-3))
@example(3 - Fraction(1, 2**3000))
def test_a_whole_number_is_one_whatever_it_is_written_as(q: Fraction) -> None:
    expected = q.numerator if q.denominator == 1 else None
    assert whole(Known(q)) == whole(q) == expected
    assert whole(Known(q, least=200)) == expected


def test_what_is_never_bounded_is_not_told_from_a_whole_number() -> None:
    with pytest.raises(NotDecided, match="the number was not told from an int with 8,192 bits"):
        whole(Known(HALF, least=10**6))
    assert whole(object()) is None


@given(st.fractions())
@example(Fraction(2**53 + 1))
@example(2**53 + 1 + Fraction(1, 10**30))
@example(Fraction(1, 2**1080))
@example(Fraction(-(10**300)))
def test_a_float_is_the_nearest(q: Fraction) -> None:
    assert float(Known(q)) == float(q)
    assert hash(Known(q)) == hash(float(q))


@pytest.mark.parametrize("q", [HALF, Fraction(-5, 2), 2**60 + HALF])
def test_a_half_is_not_guessed(q: Fraction) -> None:
    with pytest.raises(NotDecided, match=r"^the number was not rounded with 8,192 bits$"):
        round(Known(q))
    assert math.floor(Known(q)) == math.floor(q)


def test_more_bits_are_taken_as_they_are_needed() -> None:
    easy, near, large = (
        Known(Fraction(1, 3)),
        Known(1 + Fraction(1, 2**500)),
        Known(Fraction(10**90, 7)),
    )
    for number in (easy, near, large):
        math.floor(number)
    assert easy.asked == [64]
    assert near.asked == [64, 128, 256, 512]
    # 10**90 has 299 bits, of which 2 are in the 7.
    assert large.asked == [64, 128 + 297]
    assert easy.settled(round, least=1000) == 0
    assert easy.asked[-1] == 64 + 1000


def test_without_bounds_it_depends_on_the_size() -> None:
    late = Known(Fraction(7, 3), least=PRECISIONS[-2])
    assert math.floor(late) == 2
    with pytest.raises(NotDecided, match="the number was not rounded"):
        math.floor(Known(Fraction(7, 3), least=2**20))
    with pytest.raises(TooLarge, match=r"^the number is too large to be rounded$"):
        math.floor(Known(Fraction(2**1025), least=2**20))


@pytest.mark.parametrize("q", [Fraction(2**1024), Fraction(-(10**400))])
def test_beyond_the_floats(q: Fraction) -> None:
    with pytest.raises(TooLarge, match=r"^the number is too large for a float$"):
        float(Known(q))
    assert hash(Known(q)) == hash(Known(2 * q))


def test_the_class_is_asked_for_bounds_sign_and_text() -> None:
    for ask in (lambda: Rounding().bounds(1), Rounding().sign, Rounding().text):
        asked: Any = ask
        with pytest.raises(NotImplementedError):
            asked()
