"""Second derivatives, transforms and power series of the operators that lead out of the rational numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hard_points import NAMES, agree, digits, exactly, real
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad
from minigrad import grad, hessian, jvp, taylor, vjp
from minigrad.elementary import call
from minigrad.forward import Series
from minigrad.number import ONE, ZERO
from minigrad.operators import OPERATORS

# --- derivatives of derivatives -------------------------------------------------------------------

COMPOSITIONS: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[str, ...]]] = [
    ("a wave", lambda x: x.exp() * x.sin(), lambda x: mpmath.exp(x) * mpmath.sin(x), ("1/3",)),
    ("nested roots", lambda x: (1 + x.sqrt()).sqrt(), lambda x: mpmath.sqrt(1 + mpmath.sqrt(x)), ("2",)),
    ("a power", lambda x: x**x, lambda x: x**x, ("3/2",)),
    ("gelu", lambda x: x.gelu(), lambda x: x * mpmath.ncdf(x), ("-1/2",)),
    ("silu", lambda x: x.silu(), lambda x: x / (1 + mpmath.exp(-x)), ("2",)),
    ("gamma", lambda x: x.gamma(), mpmath.gamma, ("5/2",)),
    ("digamma", lambda x: x.digamma() * x, lambda x: mpmath.digamma(x) * x, ("2",)),
    ("an angle", lambda x, y: x.atan2(y) * y, lambda x, y: mpmath.atan2(x, y) * y, ("1", "-2")),
    ("a length", lambda x, y: x.hypot(y), mpmath.hypot, ("1", "2")),
    ("x to y", lambda x, y: x**y, lambda x, y: x**y, ("2", "3/2")),
    ("logaddexp", lambda x, y: x.logaddexp(2 * y),
     lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(2 * y)), ("1", "1/2")),
    ("inverses", lambda x: x.asin() * x.acos() + x.atanh(),
     lambda x: mpmath.asin(x) * mpmath.acos(x) + mpmath.atanh(x), ("1/3",)),
    ("of a distribution", lambda x, y: minigrad.softmax([x, y, 1])[0].log(),
     lambda x, y: x - mpmath.log(mpmath.exp(x) + mpmath.exp(y) + mpmath.e), ("1/2", "-1")),
]  # fmt: skip


@pytest.mark.parametrize(("what", "ours", "theirs", "at"), COMPOSITIONS, ids=lambda x: str(x)[:16])
def test_second_derivatives_against_mpmath(
    what: str, ours: Callable[..., Any], theirs: Callable[..., Any], at: tuple[str, ...]
) -> None:
    xs = [Fraction(text) for text in at]
    count = len(xs)
    found = hessian(ours, argnums=tuple(range(count)))(*xs)
    for i, j in itertools.product(range(count), repeat=2):
        orders = [0] * count
        orders[i] += 1
        orders[j] += 1
        with mpmath.workdps(60):
            points = tuple(mpmath.mpf(x.numerator) / x.denominator for x in xs)
            single = count == 1
            right = mpmath.diff(theirs, *((points[0], 2) if single else (points, tuple(orders))))
            assert abs(real(found[i][j]) - right) <= mpmath.mpf(10) ** -20 * max(1, abs(right))


@pytest.mark.parametrize(
    ("function", "at", "second"),
    [
        ("exp", 0, "1"), ("sin", 0, "0"), ("log", 2, "-1/4"), ("sqrt", 4, "-1/32"),
        ("cbrt", -8, "1/144"), ("tanh", 0, "0"), ("sigmoid", 0, "0"), ("softplus", 0, "1/4"),
        ("silu", 0, "1/2"), ("asin", "3/5", "75/64"), ("atan", 1, "-1/2"), ("cosh", 0, "1"),
        ("erf", 0, "0"), ("gamma", 1, "EulerGamma**2+pi**2/6"), ("loggamma", 1, "pi**2/6"),
        ("digamma", 1, "-2*zeta(3)"), ("exp2", 0, "log(2)**2"), ("gelu", 0, "2/sqrt(2*pi)"),
        ("acosh", "5/4", "-80/27"), ("asinh", "3/4", "-48/125"), ("atanh", 0, "0"),
        ("log2", 1, "-1/log(2)"), ("tan", 0, "0"),
    ],
)  # fmt: skip
def test_second_derivatives_by_hand(function: str, at: Any, second: str) -> None:
    assert agree(grad(grad(getattr(minigrad, function)))(Fraction(at)), exactly(second))


def test_hessians_at_zeros_of_a_length_raise_nothing() -> None:
    # The convention at 0 is a constant 0, whose derivative is 0.
    assert hessian(minigrad.hypot, argnums=(0, 1))(0, 0) == ((0, 0), (0, 0))


# --- power series ---------------------------------------------------------------------------------

X = sympy.Symbol("x", real=True)
SERIES = {
    "exp": sympy.exp(X), "sin": sympy.sin(X), "cos": sympy.cos(X), "tan": sympy.tan(X),
    "tanh": sympy.tanh(X), "atan": sympy.atan(X), "sinh": sympy.sinh(X), "cosh": sympy.cosh(X),
    "asin": sympy.asin(X), "acos": sympy.acos(X), "asinh": sympy.asinh(X), "atanh": sympy.atanh(X),
    "log1p": sympy.log(1 + X), "expm1": sympy.exp(X) - 1, "exp2": 2**X, "erf": sympy.erf(X),
    "sigmoid": 1 / (1 + sympy.exp(-X)), "softplus": sympy.log(1 + sympy.exp(X)),
    "silu": X / (1 + sympy.exp(-X)), "gelu": X * (1 + sympy.erf(X / sympy.sqrt(2))) / 2,
    "log": sympy.log(X), "log2": sympy.log(X, 2), "log10": sympy.log(X, 10), "sqrt": sympy.sqrt(X),
    "cbrt": X ** sympy.Rational(1, 3), "gamma": sympy.gamma(X), "loggamma": sympy.loggamma(X),
    "digamma": sympy.digamma(X), "acosh": sympy.acosh(X),
}  # fmt: skip
STARTS = {
    "acosh": ["5/4"], "gamma": ["1", "5/2"], "loggamma": ["1", "1/2"], "digamma": ["1"],
    **{name: ["1", "1/3"] for name in ("log", "log2", "log10", "sqrt", "cbrt")},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "at"), [(name, at) for name in SERIES for at in STARTS.get(name, ["0", "1/3"])]
)
def test_taylor_of_every_function_of_one_operand(name: str, at: str) -> None:
    order, x = 4, Fraction(at)
    found = taylor(getattr(minigrad, name), x, order)
    assert len(found) == order + 1
    expression = SERIES[name]
    for k, coefficient in enumerate(found):
        right = expression.subs(X, sympy.Rational(at)) / sympy.factorial(k)
        assert abs(digits(coefficient) - digits(right)) <= sympy.Rational(1, 10**40)
        expression = expression.diff(X)


def test_every_operator_of_one_operand_has_its_series() -> None:
    assert set(SERIES) == {n for n in NAMES if OPERATORS[n].arity == 1} - {
        "polygamma", "sign", "floor", "ceil",
    }  # fmt: skip


KNOWN = {
    "exp": lambda k: Fraction(1, math.factorial(k)),
    "sin": lambda k: Fraction((-1) ** (k // 2) * (k % 2), math.factorial(k)),
    "cos": lambda k: Fraction((-1) ** (k // 2) * (1 - k % 2), math.factorial(k)),
    "log1p": lambda k: Fraction((-1) ** (k + 1), k) if k else ZERO,
    "atan": lambda k: Fraction((-1) ** (k // 2), k) if k % 2 else ZERO,
    "atanh": lambda k: Fraction(1, k) if k % 2 else ZERO,
    "tanh": lambda k: Fraction(
        sympy.bernoulli(k + 1) * 4 ** ((k + 1) // 2) * (4 ** ((k + 1) // 2) - 1)
    ) / math.factorial(k + 1) if k % 2 else ZERO,
}  # fmt: skip
"""The coefficients at 0: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 4.1.24, 4.2.1,
4.3.65, 4.3.66, 4.4.42, 4.5.64 and 4.6.33."""


@pytest.mark.parametrize("name", KNOWN)
def test_twelve_coefficients_at_0(name: str) -> None:
    found = taylor(getattr(minigrad, name), 0, 12)
    assert found == [KNOWN[name](k) for k in range(13)]
    assert all(type(c) is Fraction for c in found)


ANALYTIC = st.lists(st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=6)


@given(ANALYTIC)
@example([ZERO])
@example([ONE, ZERO, ZERO])
def test_identities_of_power_series(coefficients: list[Fraction]) -> None:
    x = Series(coefficients)
    one = [ONE, *[ZERO] * (len(x) - 1)]
    c, s = call("cos", x), call("sin", x)
    assert (c * c + s * s).coefficients == one
    assert (call("exp", x) * call("exp", -x)).coefficients == one
    assert call("log", call("exp", x)).coefficients == coefficients
    assert (call("cosh", x) - call("sinh", x) - call("exp", -x)).coefficients == [ZERO] * len(x)
    root = call("sqrt", x * x + ONE)
    assert (root * root).coefficients == (x * x + ONE).coefficients


def test_series_of_a_power_in_both_operands() -> None:
    # x**y with x = 2 + t and y = 3 + t, and a number for either.
    x, y = Series([Fraction(2), ONE, ZERO, ZERO]), Series([Fraction(3), ONE, ZERO, ZERO])
    z = call("power", x, y)
    logarithm = call("exp", y * call("log", x))
    assert z.coefficients == logarithm.coefficients
    assert call("power", x, Fraction(3)).coefficients == [8, 12, 6, 1]
    assert call("power", Fraction(2), y).coefficients[1] == 8 * call("log", Fraction(2))


def test_series_of_the_polygammas() -> None:
    found = call("polygamma", 1, Series([ONE, ONE, ZERO])).coefficients
    for coefficient, right in zip(found, ["pi**2/6", "-2*zeta(3)", "pi**4/30"], strict=True):
        assert agree(coefficient, exactly(right))


@pytest.mark.parametrize(
    ("fun", "at", "value", "slope"),
    [
        (minigrad.exp, "0", "1", "1"), (minigrad.log, "1/2", "-log(2)", "2"),
        (minigrad.tanh, "0", "0", "1"), (minigrad.sin, "0", "0", "1"),
        (minigrad.sqrt, "9/4", "3/2", "1/3"), (minigrad.exp, "1/2", "exp(1/2)", "exp(1/2)"),
    ],
)  # fmt: skip
def test_pushed_and_pulled(fun: Callable[..., Any], at: str, value: str, slope: str) -> None:
    x = Fraction(at)
    pushed = jvp(fun, (x,), (3,))
    assert agree(pushed[0], exactly(value))
    assert agree(pushed[1], 3 * exactly(slope))
    found, pull = vjp(fun, x)
    assert agree(found, exactly(value))
    assert agree(pull(5)[0], 5 * exactly(slope))
