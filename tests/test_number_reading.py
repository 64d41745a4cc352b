"""Numbers of every kind are read exactly."""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from awkward_numbers import SEVENS, Shouting
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import Scalar, exact
from minigrad.errors import InvalidNumber
from minigrad.number import parse, to_fraction

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


class Colour(IntEnum):
    GREEN = 2


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
    x = Scalar(Fraction(np.int64(2**62), np.int64(3)))
    assert (x * 4).data == Fraction(2**64, 3)


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
