"""Equality up to the rounding of floats."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from minigrad import exact
from minigrad.elementary import call
from minigrad.rational import Field
from minigrad.scalar import Scalar
from minigrad.verify.nearly import is_close, read_simply, simplest, within_rounding
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

THIRD = Fraction("0.3333333333333333")
# exp(1/3), as Python rounds it
POWER = Fraction("1.3956124250860895")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (THIRD, Fraction(1, 3)),
        (-THIRD, Fraction(-1, 3)),
        (Fraction("0.30000000000000004"), Fraction(3, 10)),
        (Fraction(1 / 3), Fraction(1, 3)),
        (Fraction("1e-12"), Fraction("1e-12")),
        (Fraction(0), Fraction(0)),
        (Fraction(10**30 + 1), Fraction(10**30 + 1)),
    ],
)
def test_the_simplest_ratio_is_close(value: Fraction, expected: Fraction) -> None:
    assert simplest(value) == expected
    assert is_close(expected, value)


def test_a_written_number_is_not_taken_for_a_simpler_one() -> None:
    assert simplest(Fraction("2.0000000001")) != 2


def test_a_program_of_measured_numbers_is_read_as_it_is() -> None:
    x = Scalar(2, "x")
    program = Program([x * Fraction("0.7718281828459047") + x * Fraction(1, 3)], [x], Rules())
    assert not read_simply(program).cuts


def made(text: str, x: Any) -> Any:
    return {
        "third*x": lambda: THIRD * x,
        "x/3": lambda: x / 3,
        "power*x": lambda: POWER * x,
        "exp(1/3)*x": lambda: exact.to_exact("exp(1/3)") * x,
        "exp(1/3)*exp(x)": lambda: exact.to_exact("exp(1/3)") * call("exp", x),
        "power*exp(x)": lambda: POWER * call("exp", x),
        "exp(1/3)*x + x": lambda: exact.to_exact("exp(1/3)") * x + x,
        "(power + 1)*x": lambda: (POWER + 1) * x,
        "1/(exp(1/3) + x)": lambda: 1 / (exact.to_exact("exp(1/3)") + x),
        "1/(power + x)": lambda: 1 / (POWER + x),
        "rest": lambda: (exact.to_exact("exp(1/3)") - POWER) * x + call("exp", x),
        "exp(x)": lambda: call("exp", x),
    }[text]()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("third*x", "x/3", True),
        ("power*x", "exp(1/3)*x", True),
        ("exp(1/3)*x", "power*x", True),
        ("exp(1/3)*exp(x)", "power*exp(x)", True),
        ("exp(1/3)*x + x", "(power + 1)*x", True),
        ("1/(power + x)", "1/(exp(1/3) + x)", True),
        ("rest", "exp(x)", True),
        ("exp(1/3)*x", "x/3", False),
        ("exp(1/3)*exp(x)", "exp(1/3)*x", False),
        ("exp(x)", "exp(1/3)*exp(x)", False),
    ],
)
def test_coefficients_are_compared_as_the_numbers_that_they_are(
    left: str, right: str, expected: bool
) -> None:
    (x,) = Field(1, point=[Fraction(2)]).generators
    assert within_rounding(made(left, x), made(right, x)) is expected


def test_a_program_is_read_with_the_simplest_ratios() -> None:
    x = Scalar(2, "x")
    program = Program([x**THIRD * THIRD], [x], Rules())
    (generator,) = Field(1, point=[Fraction(2)]).generators
    (found,) = read_simply(program).results([generator])
    assert found == call("power", generator, Fraction(1, 3)) / 3
    assert (
        program.results([Fraction(8)])
        != read_simply(program).results([Fraction(8)])
        == [Fraction(2, 3)]
    )
