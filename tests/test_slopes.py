"""Derivatives of formulas: SymPy's, and what a formula is at a point."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minigrad.closed import lift
from minigrad.elementary import call, of_sympy, pi
from minigrad.rational import Field
from minigrad.slopes import _SLOPES, derivative, evaluated

POINT = [Fraction(3, 7), Fraction(5, 3)]
X, Y = Field(2, point=POINT).generators
symbols = x, y = sp.symbols("x y", positive=True)
VALUES = dict(zip(symbols, (X, Y), strict=True))

# Every kind of kernel, of an argument in both variables; inside the domain near the point.
KERNELS: dict[str, Callable[[Any], Any]] = {
    "exp": sp.exp,
    "log": lambda u: sp.log(1 + u),
    "root": lambda u: sp.root(1 + u * u, 3),
    "sin": sp.sin,
    "cos": lambda u: sp.cos(u / 3),
    "asin": lambda u: sp.asin(u / 9),
    "atan": sp.atan,
    "erf": sp.erf,
    "gamma": sp.gamma,
    "loggamma": sp.loggamma,
    "polygamma": lambda u: sp.polygamma(2, u),
}
ratios = st.fractions(Fraction(1, 3), 2, max_denominator=4)


def test_every_kind_of_kernel_is_tried() -> None:
    assert set(_SLOPES) <= set(KERNELS)


@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=8)
@given(a=ratios, b=ratios)
@example(Fraction(1), Fraction(1))
def test_a_derivative_is_sympys(name: str, a: Fraction, b: Fraction) -> None:
    p, q = (sp.Rational(r.numerator, r.denominator) for r in (a, b))
    u = p * x + q * x * y
    for expression in (KERNELS[name](u), x * KERNELS[name](u) / (y + KERNELS[name](u))):
        formula = of_sympy(expression, VALUES)
        for k, symbol in enumerate(symbols):
            expected = of_sympy(expression.diff(symbol).doit(), VALUES)
            assert derivative(formula, k) == expected


def test_a_kernel_in_a_kernel() -> None:
    # d/dx exp(sin(x²)) = 2x cos(x²) exp(sin(x²)).
    inner = lift(X * X)
    formula = call("exp", call("sin", inner))
    assert derivative(formula, 0) == 2 * X * call("cos", inner) * formula
    assert derivative(formula, 1) == 0


@pytest.mark.parametrize("number", [3, Fraction(1, 3), pi(), call("sqrt", Fraction(2)) + pi()])
def test_the_derivative_of_a_number_is_zero(number: Any) -> None:
    assert derivative(number, 0) == 0
    assert evaluated(number, POINT) == number


def test_the_derivative_of_a_rational_function() -> None:
    assert derivative(X**3 / Y, 0) == 3 * X**2 / Y
    assert derivative(X**3 / Y, 1) == -(X**3) / Y**2


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("at", [POINT, [call("sqrt", Fraction(2)), Fraction(1)]], ids=str)
def test_a_formula_has_sympys_value(name: str, at: list[Any]) -> None:
    expression = KERNELS[name](x + x * y) / (1 + x) + y
    values = dict(zip(symbols, at, strict=True))
    assert evaluated(of_sympy(expression, VALUES), at) == of_sympy(expression, values)


def test_logs_and_roots_are_of_what_is_positive_at_the_point_of_the_field() -> None:
    # At POINT, x - y < 0, and so log|x - y| is kept; elsewhere it may be positive.
    formula = call("log", lift(Y - X)) + call("sqrt", lift(Y - X))
    at = [Fraction(0), Fraction(4)]
    assert evaluated(formula, at) == call("log", Fraction(4)) + 2


def test_a_formula_without_a_value_is_a_division_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        evaluated(call("exp", X) / (X - Y), [Fraction(1), Fraction(1)])
