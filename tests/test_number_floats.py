"""Computed floats, and the simplest ratio that rounds to one."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from awkward_numbers import Shouting
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import InvalidNumber, TooLarge, exact, number
from minigrad.number import to_fraction

HALF = Fraction(1, 2)


# --- floats met again -----------------------------------------------------------------------------


def test_a_float_met_again_is_read_as_before() -> None:
    for _ in range(2):
        assert to_fraction(0.1) == Fraction(1, 10)
        assert to_fraction(0.1, floats="binary") == Fraction(0.1) != Fraction(1, 10)
        assert exact.operand_value(1 / 3, floats="simplest") == Fraction(1, 3)
        assert to_fraction(1e300) == 10**300
        with pytest.raises(TooLarge):
            to_fraction(1e300, max_bits=30)
        with pytest.raises(InvalidNumber):
            to_fraction(math.nan)


# --- the simplest ratio ---------------------------------------------------------------------------


def simplest(value: object) -> Fraction:
    return to_fraction(value, floats="simplest")


def by_trial(value: float) -> Fraction:
    """The fraction of least denominator that rounds to a float not above 1, by trying them all."""
    for denominator in range(1, 5000):
        for numerator in range(denominator + 1):
            if numerator / denominator == value:
                return Fraction(numerator, denominator)
    raise AssertionError


@given(st.integers(0, 300), st.integers(1, 300))
@example(0, 1)
@example(1, 3)
@example(299, 300)
def test_a_computed_ratio_is_read_as_what_it_was(top: int, bottom: int) -> None:
    assert simplest(top / bottom) == Fraction(top, bottom)
    assert simplest(-top / bottom) == Fraction(-top, bottom)


def test_no_ratio_that_rounds_to_the_same_float_is_simpler() -> None:
    for top, bottom in ((1, 3), (2, 7), (55, 89), (34, 55), (1, 97), (96, 97)):
        value = top / bottom
        assert simplest(value) == by_trial(value) == Fraction(top, bottom)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(0.1 + 0.2)
@example(math.pi)
@example(2.0**53)
@example(2.0**-52)
@example(1 + 2.0**-52)
@example(1 - 2.0**-53)
@example(5e-324)
@example(-1.5e-323)
@example(2.2250738585072014e-308)
@example(2.225073858507201e-308)
@example(1.7976931348623157e308)
@example(-1.7976931348623155e308)
@example(0.0)
@example(-0.0)
@example(123456789.123)
def test_the_simplest_ratio_rounds_back_and_is_no_less_simple(value: float) -> None:
    found = simplest(value)
    assert float(found) == value
    for floats in ("decimal", "binary"):
        assert found.denominator <= to_fraction(value, floats=floats).denominator


@given(st.floats(-1e6, 1e6))
@example(1 / 3)
@example(-2 / 3)
@example(0.30000000000000004)
@example(math.e)
@example(2.0**-40)
def test_the_best_approximation_with_less_does_not_round_back(value: float) -> None:
    """`limit_denominator` finds the closest ratio of any bounded denominator: all others lie further off."""
    found = simplest(value)
    assume(found.denominator > 1)
    closest = Fraction(value).limit_denominator(found.denominator - 1)
    assert float(closest) != value


@given(st.integers(-(2**80), 2**80))
def test_a_whole_number_in_reach_is_taken(value: int) -> None:
    found = simplest(float(value))
    assert found.denominator == 1
    assert float(found) == float(value)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "longdouble"])
def test_the_simplest_ratio_is_by_the_float_s_own_width(kind: str) -> None:
    np = pytest.importorskip("numpy")
    make = getattr(np, kind)
    for top, bottom in ((1, 3), (-2, 7), (3, 11), (0, 1), (5, 1), (22, 7)):
        assert simplest(make(top) / make(bottom)) == Fraction(top, bottom)


EXTREMES = ["smallest_subnormal", "tiny", "eps", "epsneg", "max", "min"]


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "longdouble"])
def test_no_neighbour_is_nearer_to_the_simplest_ratio(kind: str, extreme: str) -> None:
    np = pytest.importorskip("numpy")
    value = getattr(np, kind)(getattr(np.finfo(kind), extreme))
    found, exact = simplest(value), to_fraction(value, floats="binary")
    assert found.denominator <= exact.denominator
    with np.errstate(over="ignore"):
        around = [np.nextafter(value, type(value)(end)) for end in ("-inf", "inf")]
    for other in around:
        if np.isfinite(other):
            beside = to_fraction(other, floats="binary")
            assert abs(found - exact) < abs(found - beside)


@given(st.floats(-65472, 65472, width=16).filter(bool))
@example(2.0**-24)
@example(1 / 1024 + 1 / 2**20)
@example(0.333251953125)
def test_of_a_float16_every_denominator_can_be_tried(value: float) -> None:
    np = pytest.importorskip("numpy")
    narrow = np.float16(value)
    found = simplest(narrow)
    assert np.float16(float(found)) == narrow
    for denominator in range(1, min(found.denominator, 3000)):
        nearest = round(Fraction(value) * denominator)
        assert np.float16(nearest / denominator) != narrow


def test_a_wide_float_s_simplest_ratio_needs_more_digits() -> None:
    np = pytest.importorskip("numpy")
    third = np.longdouble(1) / np.longdouble(3)
    if float(third) == third:
        pytest.skip("longdouble is no wider than float here")
    assert simplest(third) == Fraction(1, 3)
    # As a double it is another number: no third of that width.
    assert simplest(np.longdouble(1 / 3)) != Fraction(1, 3)


@given(st.fractions(0, 5, max_denominator=30), st.fractions(0, 2, max_denominator=30).filter(bool))
@example(Fraction(0), HALF)
@example(Fraction(1), Fraction(1))
@example(Fraction(2), Fraction(1, 7))
@example(Fraction(1, 3), Fraction(1, 6))
def test_the_simplest_ratio_between_two_numbers(low: Fraction, width: Fraction) -> None:
    """Strictly between: the ends are no answer, though they may be simpler."""
    high = low + width
    found = number.simplest_between(low, high)
    assert low < found < high
    assert number.simplest_between(-high, -low) == -found
    for denominator in range(1, found.denominator):
        above = Fraction(math.floor(low * denominator) + 1, denominator)
        assert above >= high


def test_only_floats_have_ways_to_be_read() -> None:
    for value in ("0.3333333333333333", Decimal("0.3333333333333333")):
        for floats in ("decimal", "binary", "simplest"):
            assert to_fraction(value, floats=floats) == Fraction(3333333333333333, 10**16)
    assert to_fraction(7, floats="simplest") == 7


@pytest.mark.parametrize(
    ("floats", "third"),
    [
        ("decimal", Fraction(3333333333333333, 10**16)),
        ("binary", Fraction(6004799503160661, 2**54)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_operands_and_ordinates_are_read_in_the_same_way(floats: str, third: Fraction) -> None:
    assert exact.operand_value(1 / 3, floats) == third
    assert exact.ordinate(1 / 3, floats) == third
    assert exact.ordinate(-math.inf, floats) == -math.inf
    assert exact.operand_value(True, floats) == 1


# --- computed floats ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (1 / 3, True), (0.1 + 0.2, True), (-2 / 3, True), (math.pi, True), (1e-10 / 3, True),
        (0.1, False), (0.5, False), (0.0, False), (-0.0, False), (2.0, False), (1e300, False),
        (3.14159265358979, False), (123456789012345.0, False), (0.000123456789012345, False),
        (1234567890123456.0, True), (2.0**53, True), (1e22, False), (2.0**-10, False), (5e-324, False),
        (2.0**-52, True), (1.7976931348623157e308, True), (math.inf, False), (math.nan, False),
        (1, False), (10**20 + 1, False), (Fraction(1, 3), False), ("0.3333333333333333", False),
        (Decimal("0.3333333333333333"), False), (None, False), (True, False), (1j / 3, False),
        (Shouting(1 / 3), True), (Shouting(0.1), False),
    ],
    ids=repr,
)  # fmt: skip
def test_a_float_of_more_digits_than_it_can_hold_was_computed(value: object, answer: bool) -> None:
    assert number.is_computed_float(value) is answer


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-200, 200))
def test_what_is_written_in_fifteen_digits_was_not_computed(digits: int, exponent: int) -> None:
    assert not number.is_computed_float(float(f"{digits}e{exponent}"))


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "longdouble"])
def test_numpy_s_floats_hold_digits_by_their_width(kind: str) -> None:
    np = pytest.importorskip("numpy")
    make = getattr(np, kind)
    assert number.is_computed_float(make(1) / make(3))
    for text in ("0.1", "0.5", "0", "3", "-12", "1e3"):
        assert not number.is_computed_float(make(text))
    for value in (np.int64(3), np.bool_(True), np.array([1 / 3]), make("inf"), make("nan")):
        assert not number.is_computed_float(value)


def test_a_number_has_the_digits_of_a_float() -> None:
    for text in (
        "0.3333333333333333",
        "-12345678.90123456",
        "3333333333333333e5",
        "1.7976931348623157e308",
        "0.0425531914893617",
        "0.3333333333333",
    ):
        assert number.has_float_digits(Fraction(text))
    for value in ("1/3", "0.1", "0.333333333333", "0.333333333333333333", "0", "2", "1e20"):
        assert not number.has_float_digits(Fraction(value))
