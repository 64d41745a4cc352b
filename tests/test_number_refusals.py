"""What is no number is refused by name."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.number import to_fraction

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
    (Decimal("NaN"), r"got Decimal\('NaN'\) \(type Decimal\): NaN is no number"),
    (Decimal("sNaN123"), r"got Decimal\('sNaN123'\) \(type Decimal\): NaN"),
    (Decimal("-Infinity"), r"got Decimal\('-Infinity'\) \(type Decimal\): infinity"),
    *[(text, "not finite") for text in ("nan", "-NaN", "inf", "+Infinity", " -oo ")],
]


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
@pytest.mark.parametrize(("value", "name"), NOT_FINITE)
def test_nan_and_infinity_are_refused_by_name(value: object, name: str, floats: str) -> None:
    with pytest.raises(InvalidNumber, match=name):
        to_fraction(value, floats=floats)


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
