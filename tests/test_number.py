from __future__ import annotations

import copy
import math
import operator
import pickle
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import IntEnum
from fractions import Fraction
from functools import reduce

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import exact, number
from minigrad.errors import GradientUnavailable, InvalidNumber, InvalidOperand, TooLarge
from minigrad.number import UNAVAILABLE, format_fraction, parse, to_fraction

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)
SEVENS = Fraction(7 * (10**5000 - 1), 9)
"""The number that is written as five thousand sevens, more than `str` of an int prints."""


class Colour(IntEnum):
    GREEN = 2


class Shouting(float):
    def __repr__(self) -> str:
        return "LOUD"


# --- what is read --------------------------------------------------------------------------------

READ = {
    "int": (-7, Fraction(-7)),
    "int subclass": (Colour.GREEN, Fraction(2)),
    "fraction": (Fraction(-7, 2), Fraction(-7, 2)),
    "float": (3.1, Fraction(31, 10)),
    "float with exponent": (1e-7, Fraction(1, 10**7)),
    "float subclass": (Shouting(0.1), TENTH),
    "largest float": (1.7976931348623157e308, Fraction(17976931348623157 * 10**292)),
    "smallest float": (5e-324, Fraction(5, 10**324)),
    "minus zero": (-0.0, Fraction(0)),
    "decimal": (Decimal("3.10"), Fraction(31, 10)),
    "decimal with exponent": (Decimal("-1.5E+3"), Fraction(-1500)),
    "decimal digits and exponent": (Decimal((1, (1, 2), -5)), Fraction(-12, 10**5)),
    "decimal minus zero": (Decimal("-0E+10"), Fraction(0)),
}

TEXTS = {
    "3.1": Fraction(31, 10),
    "31/10": Fraction(31, 10),
    "-31/10": Fraction(-31, 10),
    "+31 / 10": Fraction(31, 10),
    "62/20": Fraction(31, 10),
    "0/5": Fraction(0),
    "007": Fraction(7),
    "1e-3": Fraction(1, 1000),
    "1E3": Fraction(1000),
    "-1.5e+3": Fraction(-1500),
    ".5": HALF,
    "5.": Fraction(5),
    "5.e1": Fraction(50),
    "1_000.5_0": Fraction(2001, 2),
    "1_0/2_0": HALF,
    "1e1_0": Fraction(10**10),
    " \t-2\n": Fraction(-2),
    "-0": Fraction(0),
    "-0.0e5": Fraction(0),
    "1e-0000000000000000000003": Fraction(1, 1000),
    "1e+0000000000000000000003": Fraction(1000),
    "0e999999999999999999999999": Fraction(0),
    "7" * 5000: SEVENS,
    "0." + "7" * 5000: SEVENS / 10**5000,
    "7" * 5000 + "/" + "7" * 5000: Fraction(1),
    "_".join("7" * 5000): SEVENS,
    "1e5000": Fraction(10**5000),
}


@pytest.mark.parametrize(("value", "expected"), READ.values(), ids=READ)
def test_numbers_are_read_exactly(value: object, expected: Fraction) -> None:
    result = to_fraction(value)
    assert result == expected
    assert type(result) is Fraction
    assert type(result.numerator) is type(result.denominator) is int


@pytest.mark.parametrize(("text", "expected"), TEXTS.items(), ids=[text[:20] for text in TEXTS])
def test_text_is_read_exactly(text: str, expected: Fraction) -> None:
    assert to_fraction(text) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(2.0**60)
@example(-5e-324)
def test_a_float_is_read_as_it_is_written(value: float) -> None:
    assert to_fraction(value) == Fraction(repr(value))
    assert float(to_fraction(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(-5e-324)
def test_a_float_is_read_by_its_bits_on_request(value: float) -> None:
    assert to_fraction(value, floats="binary") == Fraction(*value.as_integer_ratio())


@given(st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("1E-6176"))
def test_a_decimal_is_read_exactly(value: Decimal) -> None:
    assert to_fraction(value) == Fraction(*value.as_integer_ratio())


@given(st.fractions())
def test_text_of_fractions_agrees_with_the_standard_library(value: Fraction) -> None:
    assert parse(str(value)) == value


@given(st.from_regex(r"[+-]?[0-9]{0,9}\.?[0-9]{0,9}(e[+-]?[0-9]{1,3})?", fullmatch=True))
@example(".")
@example("e5")
@example(".e5")
@example("")
def test_decimal_text_agrees_with_the_standard_library(text: str) -> None:
    try:
        expected = Fraction(text)
    except ValueError:
        with pytest.raises(InvalidNumber):
            parse(text)
    else:
        assert parse(text) == expected


NUMPY = {
    "float16": ("float16", "0.1", TENTH),
    "float32": ("float32", "0.1", TENTH),
    "float64": ("float64", "0.1", TENTH),
    "longdouble": ("longdouble", "0.1", TENTH),
    "float16 of five digits": ("float16", "0.33325", Fraction(3333, 10**4)),
    "largest float32": ("float32", "3.4028235e38", Fraction(34028235 * 10**31)),
    "int8": ("int8", "-128", Fraction(-128)),
    "int64": ("int64", "4611686018427387904", Fraction(2**62)),
    "uint64": ("uint64", "18446744073709551615", Fraction(2**64 - 1)),
}


@pytest.mark.parametrize(("kind", "text", "expected"), NUMPY.values(), ids=NUMPY)
def test_numpy_scalars_are_read_by_their_own_shortest_text(
    kind: str, text: str, expected: Fraction
) -> None:
    np = pytest.importorskip("numpy")
    result = to_fraction(getattr(np, kind)(text))
    assert result == expected
    assert type(result.numerator) is type(result.denominator) is int


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
@example(16777216.0)
@example(2.0**-149)
def test_a_float32_comes_back_from_its_number(value: float) -> None:
    np = pytest.importorskip("numpy")
    result = to_fraction(np.float32(value))
    assert np.float32(str(Decimal(result.numerator) / Decimal(result.denominator))) == value


def test_numpy_floats_are_read_by_their_bits_on_request() -> None:
    np = pytest.importorskip("numpy")
    # The nearest 24-bit fraction to 1/10 is 13421773 / 2**27.
    assert to_fraction(np.float32(0.1), floats="binary") == Fraction(13421773, 2**27)
    assert to_fraction(np.longdouble(0.5), floats="binary") == HALF


def test_numpy_print_options_change_no_number() -> None:
    np = pytest.importorskip("numpy")
    third = np.float32(1) / np.float32(3)
    with np.printoptions(legacy="1.13", precision=2):
        assert to_fraction(third) == Fraction(33333334, 10**8)


def test_a_longdouble_may_exceed_every_float() -> None:
    np = pytest.importorskip("numpy")
    large = np.longdouble(10) ** 400
    if not np.isfinite(large):
        pytest.skip("longdouble is no wider than float here")
    assert to_fraction(large) == 10**400
    assert exact.ordinate(large) == 10**400


def test_numpy_integers_do_not_wrap_around_afterwards() -> None:
    np = pytest.importorskip("numpy")
    assert to_fraction(np.int64(2**62)) * 4 == 2**64
    assert to_fraction(Fraction(np.int64(2**62))) * 4 == 2**64


def test_numpy_text_is_text() -> None:
    np = pytest.importorskip("numpy")
    assert to_fraction(np.str_("31/10")) == Fraction(31, 10)


def test_gmpy2_numbers_are_read() -> None:
    gmpy2 = pytest.importorskip("gmpy2")
    for value in (gmpy2.mpz(-3), gmpy2.mpq(-6, 4)):
        result = to_fraction(value)
        assert result == Fraction(str(value))
        assert type(result.numerator) is type(result.denominator) is int


def test_sympy_numbers_are_read() -> None:
    sympy = pytest.importorskip("sympy")
    values = [sympy.Integer(-3), sympy.Rational(-6, 4), sympy.S.Half, sympy.S.Zero]
    results = [to_fraction(value) for value in values]
    assert results == [-3, Fraction(-3, 2), HALF, 0]
    assert all(type(result.numerator) is int for result in results)


def test_flint_numbers_are_read() -> None:
    flint = pytest.importorskip("flint")
    results = [to_fraction(flint.fmpz(-3)), to_fraction(flint.fmpq(-6, 4))]
    assert results == [-3, Fraction(-3, 2)]
    assert all(type(result.numerator) is int for result in results)


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
        assert found.denominator <= to_fraction(value, floats=floats).denominator  # type: ignore[arg-type]


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
    found = number._simplest(low, high)
    assert low < found < high
    assert number._simplest(-high, -low) == -found
    for denominator in range(1, found.denominator):
        above = Fraction(math.floor(low * denominator) + 1, denominator)
        assert above >= high


def test_only_floats_have_ways_to_be_read() -> None:
    for value in ("0.3333333333333333", Decimal("0.3333333333333333")):
        for floats in ("decimal", "binary", "simplest"):
            assert to_fraction(value, floats=floats) == Fraction(3333333333333333, 10**16)  # type: ignore[arg-type]
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
    assert exact.operand_value(1 / 3, floats) == third  # type: ignore[arg-type]
    assert exact.ordinate(1 / 3, floats) == third  # type: ignore[arg-type]
    assert exact.ordinate(-math.inf, floats) == -math.inf  # type: ignore[arg-type]
    assert exact.operand_value(True, floats) == 1  # type: ignore[arg-type]


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
    ):
        assert number.has_float_digits(Fraction(text))
    for value in ("1/3", "0.1", "0.333333333333333", "0.333333333333333333", "0", "2", "1e20"):
        assert not number.has_float_digits(Fraction(value))


# --- what is refused -----------------------------------------------------------------------------

MALFORMED = [
    *["", " ", ".", "-", "+", "e5", ".e5", "1e", "1e+", "--1", "+-1", "1 2", "1,5", "1;5", "abc"],
    *["1/0", "1/00", "0/0", "1//2", "1/-2", "1/", "/2", "1.5/2", "1/2.5", "1/2e3", "1/2/3"],
    *["_1", "1_", "1__0", "1_.5", "1._5", "1e_5", "1e5_", "0x10", "0b1", "1f", "1j", "1e5.5", "½"],
    *["１", "٣", "1\u00a0", "\u20091", "1\x00", "\x001", "1\n2", "\ud800", "−1", "1" + "\u0660"],
]


@pytest.mark.parametrize("text", MALFORMED, ids=ascii)
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidNumber, match=r"^expected an int, Fraction, .*; got "):
        to_fraction(text)


NOT_FINITE = [
    (math.nan, "NaN"),
    (math.inf, "infinity"),
    (-math.inf, "infinity"),
    (Decimal("NaN"), "not finite"),
    (Decimal("sNaN123"), "not finite"),
    (Decimal("-Infinity"), "not finite"),
    *[(text, "not finite") for text in ("nan", "-NaN", "inf", "+Infinity", " -oo ")],
]


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
@pytest.mark.parametrize(("value", "name"), NOT_FINITE)
def test_nan_and_infinity_are_refused_by_name(value: object, name: str, floats: str) -> None:
    with pytest.raises(InvalidNumber, match=name):
        to_fraction(value, floats=floats)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "longdouble"])
def test_numpy_nan_and_infinity_are_refused_by_name(kind: str) -> None:
    np = pytest.importorskip("numpy")
    for text, name in (("nan", "NaN"), ("inf", "infinity"), ("-inf", "infinity")):
        with pytest.raises(InvalidNumber, match=name):
            to_fraction(getattr(np, kind)(text))


@pytest.mark.parametrize("value", [None, 1j, b"1", [1], (1, 2), {}, object(), int, Fraction])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(InvalidOperand, match=r"expected an int.*\(type "):
        to_fraction(value)


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_is_no_number(value: object) -> None:
    with pytest.raises(InvalidOperand, match="truth value"):
        to_fraction(value)


def test_other_numpy_types_are_refused() -> None:
    np = pytest.importorskip("numpy")
    times = [np.timedelta64(5), np.timedelta64(5, "s"), np.datetime64("2020")]
    for value in (np.bool_(True), np.complex64(1), np.array(1), np.array([1]), *times):
        with pytest.raises(InvalidOperand):
            to_fraction(value)


def test_inexact_sympy_and_flint_and_gmpy2_numbers_are_refused() -> None:
    sympy = pytest.importorskip("sympy")
    values = [sympy.Float(0.5), sympy.Symbol("x"), sympy.I, sympy.pi, sympy.oo, sympy.nan]
    for value in values:
        with pytest.raises(InvalidOperand):
            to_fraction(value)


def test_intervals_and_big_floats_are_refused() -> None:
    flint, gmpy2 = pytest.importorskip("flint"), pytest.importorskip("gmpy2")
    for value in (flint.arb(1), gmpy2.mpfr("0.5"), gmpy2.mpc(1)):
        with pytest.raises(InvalidOperand):
            to_fraction(value)


# --- limits --------------------------------------------------------------------------------------

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


# --- operands and ordinates ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"), [(True, 1), (False, 0), (2, 2), (0.1, TENTH), (Decimal("0.1"), TENTH)]
)
def test_operand_values(value: object, expected: Fraction) -> None:
    assert exact.operand_value(value) == expected
    assert exact.ordinate(value) == expected


@pytest.mark.parametrize("value", ["1", None, 1j, [1], object()])
def test_what_is_no_operand_is_left_to_python(value: object) -> None:
    assert exact.operand_value(value) is None
    assert exact.ordinate(value) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, Decimal("inf")])
def test_operands_must_be_finite(value: object) -> None:
    with pytest.raises(InvalidNumber):
        exact.operand_value(value)


@pytest.mark.parametrize("value", [math.nan, Decimal("nan")])
def test_nan_has_no_place_in_an_order(value: object) -> None:
    with pytest.raises(InvalidNumber):
        exact.ordinate(value)


def test_infinities_have_a_place_in_an_order() -> None:
    assert exact.ordinate(math.inf) == exact.ordinate(Decimal("Infinity")) == math.inf
    assert exact.ordinate(-math.inf) == exact.ordinate(Decimal("-Infinity")) == -math.inf


def test_numpy_operands_and_ordinates() -> None:
    np = pytest.importorskip("numpy")
    assert exact.operand_value(np.bool_(True)) == 1
    assert exact.operand_value(np.float32(0.1)) == TENTH
    for kind in (np.float16, np.float32, np.float64, np.longdouble):
        assert exact.ordinate(kind("-inf")) == -math.inf


# --- sign, whole part, fraction ------------------------------------------------------------------


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


# --- text ----------------------------------------------------------------------------------------

BIG = st.builds(lambda head, zeros: head * 10**zeros + 1, st.integers(), st.integers(0, 6000))


@given(BIG, BIG.filter(bool))
@example(-(10**5000), 3)
@example(10**4300, 10**4300 + 1)
@example(-(2**14000), 1)
@example(2**14000 - 1, 2**20000)
def test_exact_text_comes_back_whatever_its_length(top: int, bottom: int) -> None:
    value = Fraction(top, bottom)
    assert parse(number.exact_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(31, 10), "31/10"),
        (Fraction(-3), "-3"),
        (Fraction(0), "0"),
        (-SEVENS, "-" + "7" * 5000),
        (1 / SEVENS, "1/" + "7" * 5000),
        (Fraction(10**60_000), "1" + "0" * 60_000),
    ],
    ids=lambda value: repr(value)[:20] if isinstance(value, str) else "",
)
def test_exact_text(value: Fraction, text: str) -> None:
    assert number.exact_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(-1, 3), "-1/3"),
        (Fraction(10**23), "1" + "0" * 23),
        (Fraction(10**24), "10000000…00000000 (25 digits)"),
        (-SEVENS, "-77777777…77777777 (5,000 digits)"),
        (1 / SEVENS, "1/77777777…77777777 (5,000 digits)"),
    ],
    ids=range(5),
)
def test_short_text(value: Fraction, text: str) -> None:
    assert number.short_text(value) == text


def test_short_text_of_very_few_digits() -> None:
    assert number.short_text(SEVENS, digits=1) == "7…7 (5,000 digits)"


# --- format --------------------------------------------------------------------------------------


@st.composite
def specs(draw: st.DrawFn, kinds: str = "eEfFgG", precisions: str = ".") -> str:
    fill = draw(st.sampled_from(["", "*", "0", "<", "{"]))
    align = draw(st.sampled_from("<>=^")) if fill else draw(st.sampled_from(["", *"<>=^"]))
    flags = [draw(st.sampled_from(options)) for options in (["", *"-+ "], ["", "#"], ["", "0"])]
    width = draw(st.sampled_from(["", "1", "7", "20", "45"]))
    comma = draw(st.sampled_from(["", ","]))
    precision = draw(st.sampled_from(["", ".0", ".1", ".2", ".6", ".17", ".40"]))
    return "".join([fill, align, *flags, width, comma, precision, draw(st.sampled_from(kinds))])


@given(st.floats(allow_nan=False, allow_infinity=False), specs())
@example(0.5, ".0f")
@example(1.5, ".0f")
@example(2.5, ".0f")
@example(0.125, ".2f")
@example(9.5, ".0e")
@example(9.9999995, "g")
@example(999999.5, "g")
@example(100000.0, ".3e")
@example(1e300, ",.2f")
@example(0.0001, "g")
@example(0.00001, "g")
@example(1234567.0, "015,.1f")
@example(-1234567.0, "=+#20,.0G")
def test_a_float_is_formatted_as_python_formats_it(value: float, spec: str) -> None:
    assume(value or math.copysign(1, value) > 0)
    assert format_fraction(Fraction(value), spec) == format(value, spec)


@given(st.fractions(max_denominator=10**6), st.integers(0, 20))
@example(Fraction(1, 3), 3)
@example(Fraction(2, 3), 0)
@example(Fraction(-1, 8), 2)
@example(Fraction(-3, 8), 2)
@example(Fraction(-1, 1000), 2)
def test_fixed_point_is_rounded_once_half_to_even(value: Fraction, places: int) -> None:
    with localcontext(prec=200):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        expected = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        percent = (exact * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    assert format_fraction(value, f".{places}f") == f"{expected:f}"
    assert format_fraction(value, f".{places}%") == f"{percent:f}%"


@given(st.fractions().filter(bool), st.integers(0, 12))
@example(Fraction(999_999, 10**6), 2)
@example(Fraction(10**40 - 1), 5)
@example(Fraction(1, 3**100), 0)
def test_scientific_is_within_half_a_unit_of_its_last_digit(value: Fraction, places: int) -> None:
    text = format_fraction(value, f".{places}e")
    mantissa, exponent = text.split("e")
    assert abs(Fraction(text) - value) <= Fraction(10) ** (int(exponent) - places) / 2
    assert 1 <= abs(Fraction(mantissa)) < 10
    assert len(mantissa.lstrip("-")) == (places + 2 if places else 1)


FORMATTED = [
    (Fraction(1, 3), "", "1/3"),
    (Fraction(1, 3), "s", "1/3"),
    (Fraction(1, 3), "8", "     1/3"),
    (Fraction(1, 3), "8s", "1/3     "),
    (Fraction(-1, 3), "*^8", "**-1/3**"),
    (Fraction(1, 3), "+", "+1/3"),
    (Fraction(1, 3), " ", " 1/3"),
    (Fraction(-1, 3), "+", "-1/3"),
    (Fraction(1234567), ",", "1,234,567"),
    (Fraction(-1234567, 2345678), "+,", "-1,234,567/2,345,678"),
    (Fraction(1, 3), ".3", "0.333"),
    (Fraction(1, 3), ".0%", "33%"),
    (Fraction(200, 3), "+08.2f", "+0066.67"),
    (Fraction(10**400), ".2e", "1.00e+400"),
    (Fraction(10**400 + 1), ".0f", "1" + "0" * 399 + "1"),
    (Fraction(1, 10**400), ".3g", "1e-400"),
    (SEVENS, ".2e", "7.78e+4999"),
    (SEVENS, "", "7" * 5000),
]


@pytest.mark.parametrize(("value", "spec", "text"), FORMATTED, ids=range(len(FORMATTED)))
def test_formatted(value: Fraction, spec: str, text: str) -> None:
    assert format_fraction(value, spec) == text


@pytest.mark.parametrize(
    "spec", ["d", "x", "n", "z", "_", ".f", "10.3q", "f3", "010", "=10", "#", "0s", "3,,f", "é"]
)
def test_other_formats_are_refused(spec: str) -> None:
    with pytest.raises(InvalidNumber, match=r"expected a format such as .*; got "):
        format_fraction(HALF, spec)


# --- sums and dot products -----------------------------------------------------------------------


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
        with pytest.raises(ValueError, match="zip"):
            number.dot([HALF, HALF], other)


# --- unavailable ---------------------------------------------------------------------------------

ABSORBED = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("combine", ABSORBED)
@pytest.mark.parametrize("other", [0, HALF, UNAVAILABLE])
def test_unavailable_absorbs_on_either_side(combine: object, other: object) -> None:
    assert combine(UNAVAILABLE, other) is UNAVAILABLE  # type: ignore[operator]
    assert combine(other, UNAVAILABLE) is UNAVAILABLE  # type: ignore[operator]


def test_unavailable_absorbs_signs_and_powers() -> None:
    assert -UNAVAILABLE is UNAVAILABLE
    assert UNAVAILABLE**2 is UNAVAILABLE
    assert reduce(operator.add, [HALF, UNAVAILABLE, HALF]) is UNAVAILABLE


@pytest.mark.parametrize("convert", [bool, float, int, lambda u: u == 0, lambda u: u < 0])
def test_unavailable_is_not_looked_into(convert: object) -> None:
    with pytest.raises(GradientUnavailable, match="a base that is not positive"):
        convert(UNAVAILABLE)  # type: ignore[operator]


def test_there_is_one_unavailable() -> None:
    assert pickle.loads(pickle.dumps(UNAVAILABLE)) is UNAVAILABLE
    assert copy.deepcopy([UNAVAILABLE])[0] is UNAVAILABLE
    assert repr(UNAVAILABLE) == "UNAVAILABLE"
    assert len({UNAVAILABLE: 1}) == 1
