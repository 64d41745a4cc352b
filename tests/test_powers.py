"""Exponentials, logarithms and roots of ratios, by the laws that they have."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import TooLarge
from minigrad.powers import HALF, exp, log, power, root

positive = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50)
exponents = st.fractions(min_value=-3, max_value=3, max_denominator=6)


@given(positive, positive)
def test_the_logarithm_of_a_product_is_the_sum(x: Fraction, y: Fraction) -> None:
    assert log(x * y) == log(x) + log(y)
    assert exp(log(x)) == x


@given(positive, exponents, exponents)
def test_exponents_add_up(x: Fraction, p: Fraction, q: Fraction) -> None:
    assert power(x, p) * power(x, q) == power(x, p + q)
    assert exp(p) * exp(q) == exp(p + q)


def test_a_root_is_a_ratio_where_there_is_one_and_in_lowest_terms_elsewhere() -> None:
    assert root(Fraction(4, 9), HALF) == Fraction(2, 3)
    assert str(root(Fraction(12), HALF)) == "2*sqrt(3)"
    # (1 + sqrt(2))**2 is 3 + 2*sqrt(2).
    two = root(Fraction(2), HALF)
    assert root(3 + 2 * two, HALF) == 1 + two


def test_a_power_that_would_not_fit_is_refused() -> None:
    with pytest.raises(TooLarge, match="a power with the exponent 1,000,000,000"):
        power(Fraction(3), Fraction(10**9))
    assert power(Fraction(0), HALF) == 0
