"""The text and the formats of exact numbers."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from awkward_numbers import SEVENS
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import number_text
from minigrad.errors import InvalidNumber
from minigrad.number import parse
from minigrad.number_text import format_fraction

HALF = Fraction(1, 2)


# --- text -----------------------------------------------------------------------------------------


BIG = st.builds(lambda head, zeros: head * 10**zeros + 1, st.integers(), st.integers(0, 6000))


@given(BIG, BIG.filter(bool))
@example(-(10**5000), 3)
@example(10**4300, 10**4300 + 1)
@example(-(2**14000), 1)
@example(2**14000 - 1, 2**20000)
def test_exact_text_comes_back_whatever_its_length(top: int, bottom: int) -> None:
    value = Fraction(top, bottom)
    assert parse(number_text.exact_text(value)) == value


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
    assert number_text.exact_text(value) == text


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
    assert number_text.short_text(value) == text


def test_short_text_of_very_few_digits() -> None:
    assert number_text.short_text(SEVENS, digits=1) == "7…7 (5,000 digits)"


# --- format ---------------------------------------------------------------------------------------


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
