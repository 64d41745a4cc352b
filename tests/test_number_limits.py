"""Limits on the size of numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import number
from minigrad.errors import TooLarge
from minigrad.number import to_fraction

TOO_LARGE = (
    r"over the limit of 1,048,576( bits)?; Scalar, apply and from_json take a larger max_bits$"
)
HUGE = {
    "exponent": "1e999999999",
    "negative exponent": "1e-999999999",
    "exponent of 5,000 digits": "1e" + "9" * 5000,
    "negative exponent of 5,000 digits": "1e-" + "9" * 5000,
    "digits": "9" * 400_000,
    "decimals": "0." + "9" * 400_000,
    "denominator": "1/" + "9" * 400_000,
    "digits and exponent": "9" * 200_000 + "e200000",
    "int": 10**400_000,
    "fraction": Fraction(1, 10**400_000),
    "decimal": Decimal("1E+999999"),
}


@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_a_number_beyond_the_limit_is_refused(value: object) -> None:
    with pytest.raises(TooLarge, match=TOO_LARGE):
        to_fraction(value)


def test_the_limit_can_be_raised() -> None:
    assert to_fraction("1e400000", max_bits=2**21) == 10**400_000
    assert to_fraction("1e-400000", max_bits=2**21) == Fraction(1, 10**400_000)


@given(st.integers(), st.integers(1, 80))
@example(2**64, 64)
@example(2**64 - 1, 64)
@example(10**21, 70)
def test_the_limit_is_exact(value: int, max_bits: int) -> None:
    if value.bit_length() <= max_bits:
        assert to_fraction(value, max_bits=max_bits) == value
        assert to_fraction(str(value), max_bits=max_bits) == value
    else:
        for given_as in (value, str(value), Fraction(1, value)):
            with pytest.raises(TooLarge):
                to_fraction(given_as, max_bits=max_bits)


def test_check_size_names_what_is_too_large() -> None:
    assert number.check_size(Fraction(1, 8), 4) == Fraction(1, 8)
    with pytest.raises(TooLarge, match="the seed of 5 bits is over the limit of 4"):
        number.check_size(Fraction(1, 16), 4, "the seed")


@pytest.mark.parametrize(
    ("value", "bits"), [(Fraction(0), 1), (Fraction(-8), 4), (Fraction(1, 16), 5)]
)
def test_bits_are_those_of_the_longer_part(value: Fraction, bits: int) -> None:
    assert number.bits(value) == bits


@given(st.lists(st.fractions().filter(bool)))
def test_product_size_is_a_lower_bound(values: list[Fraction]) -> None:
    top = math.prod(value.numerator for value in values)
    bottom = math.prod(value.denominator for value in values)
    assert number.product_size(values) <= max(top.bit_length(), bottom.bit_length())


def test_factors_of_one_have_no_size() -> None:
    assert number.product_size([Fraction(1), Fraction(-1), Fraction(0)] * 1000) == 0
    assert number.product_size([Fraction(2)] * 1000) == 1000


@given(st.lists(st.integers(1, 2**70), min_size=1, max_size=8), st.integers(1, 400))
@example([2**60] * 8, 100)
@example([2**60, 3**40], 60)
def test_common_size_is_that_of_the_common_denominator(denominators: list[int], limit: int) -> None:
    exact = math.lcm(*denominators).bit_length()
    size = number.common_size(denominators, limit)
    assert (size > limit) == (exact > limit)
    assert size in (0, exact) or limit < size <= exact


def test_common_size_stops_counting_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    lcm = math.lcm
    monkeypatch.setattr(math, "lcm", lambda *xs: calls.append(xs) or lcm(*xs))
    denominators = [3 ** (600 + i) + 1 for i in range(1000)]
    assert 3000 < number.common_size(denominators, 3000) < 5000
    assert len(calls) < 10
