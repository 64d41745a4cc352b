"""Closed forms as SymPy's expressions, and as text that can be read again."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar, closed_text, sympy_text, tanh
from minigrad.closed import lift
from minigrad.closed_text import expression, factored, short, text, written
from minigrad.elementary import call, of_sympy, pi
from minigrad.exact import parse
from minigrad.polynomials import has_flint
from minigrad.rational import Field

X, Y = Field(2, point=[Fraction(3, 7), Fraction(5, 3)]).generators
symbols = sp.symbols("x y", real=True)
needs_flint = pytest.mark.skipif(not has_flint(), reason="SymPy would take long for the factors")


def f(name: str, *xs: Any) -> Any:
    return call(name, *[x if isinstance(x, int) and name == "polygamma" else lift(x) for x in xs])


NUMBERS = [
    Fraction(-7, 3), pi(), f("sqrt", 2) + 1, 2 * f("exp", Fraction(1, 2)) / (1 + f("log", 3)), f("cos", 1) - f("sin", 2),
    f("power", Fraction(5), Fraction(2, 3)), f("atan", 3) + f("erf", 1), f("gamma", Fraction(1, 3)), f("sqrt", 3 - f("sqrt", 2)),
]  # fmt: skip


@pytest.mark.parametrize("value", NUMBERS, ids=str)
def test_a_number_comes_back_from_its_expression_and_from_its_text(value: Any) -> None:
    assert of_sympy(expression(value)) == value
    assert parse(text(value)) == value
    assert text(value) == str(expression(value))


def test_logarithms_within_a_power_are_not_gathered() -> None:
    """SymPy makes (log(A**7/128) - 2)**a of them, and A**7 is multiplied out when it is read."""
    a = f("sqrt", 5) * f("exp", Fraction(2, 7)) + 3 * f("exp", Fraction(2, 7)) + 2
    base = 7 * f("log", a) - 7 * f("log", 2) - 2
    for value in (
        f("power", base, f("sqrt", 2)),
        f("power", base / 7, f("sqrt", 2)),
        f("power", base, f("sqrt", 2)) * f("exp", f("sqrt", 3)) * f("power", 2, f("sqrt", 2)),
    ):
        assert of_sympy(expression(value)) == value
        assert parse(text(value)) == value
    assert text(f("power", base, f("sqrt", 2))).startswith("(-7*log(2) - 2 + 7*log(2 + ")
    assert text(f("power", pi(), f("sqrt", 2))) == "pi**(sqrt(2))"


@pytest.mark.parametrize("depth", [4, pytest.param(8, marks=needs_flint)])
def test_a_product_of_many_sums_is_read_in_its_factors(depth: int) -> None:
    """The derivative of tanh within tanh has 3**n terms, and written out a hundred times as many signs."""
    x = y = Scalar("1/2", "x")
    with mpmath.workdps(60):
        near, slope = mpmath.mpf(1) / 2, mpmath.mpf(1)
        for _ in range(depth):
            y, near = tanh(y), mpmath.tanh(near)
            slope *= 1 - near**2
        y.backward()
        assert len(str(x.grad)) < 30 * depth**2
        assert abs(mpmath.mpmathify(x.grad.evalf(50)) - slope) < 10**-45
    assert x.grad == of_sympy(x.grad).expression()


def test_a_short_quotient_is_read_as_sums() -> None:
    a = f("exp", 1)
    assert str(expression((a + 1) ** 2)) == "1 + 2*E + exp(2)"


@pytest.mark.parametrize("value", NUMBERS, ids=str)
def test_a_text_that_sympy_is_not_asked_for_comes_back(
    monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    monkeypatch.setattr(closed_text, "_is_modest", lambda _: False)
    monkeypatch.setattr(sympy_text, "text", lambda _: "asked")
    assert parse(text(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        Fraction(10**5000, 3),
        f("exp", Fraction(10**3000, 3)) * 2 + f("sqrt", Fraction(3 * 7**2000)),
        f("exp", f("exp", Fraction(10**4))),
        sum([f("sqrt", p) for p in sp.primerange(900)], Fraction(0)),
        f("power", Fraction(5), Fraction(2, 3)) * 10**2000,
    ],
    ids=["ratio", "numbers", "value", "terms", "power of a root"],
)
def test_what_is_large_is_written_without_sympy(
    monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    def asked(_: Any) -> str:
        raise AssertionError("SymPy was asked")

    monkeypatch.setattr(sympy_text, "text", asked)
    assert parse(text(value)) == value


@given(st.fractions())
def test_a_ratio_is_written_as_one(q: Fraction) -> None:
    assert (text(q), expression(q)) == (str(q), sp.Rational(q.numerator, q.denominator))


def test_a_formula_is_in_its_variables() -> None:
    x, y = symbols
    formula = f("log", X * X + 1) * Y / (1 + f("exp", X))
    assert expression(formula, symbols) == sp.log(x**2 + 1) * y / (1 + sp.exp(x))
    assert text(lift(X * Y + 1), 2) == "x0*x1 + 1"


@pytest.mark.parametrize("point", [[1, 2], [2, 1]])
def test_what_a_logarithm_or_root_is_of_is_shown_as_it_is_positive(point: list[int]) -> None:
    x, y = symbols
    u, v = Field(2, point=list(map(Fraction, point))).generators
    positive, shown = (v - u, y - x) if point[0] < point[1] else (u - v, x - y)
    for base in (positive, -positive):
        assert expression(f("log", base), symbols) == sp.log(shown)
    assert expression(f("sqrt", positive), symbols) == sp.sqrt(shown)


def test_factors_are_shown_if_they_are_short() -> None:
    x, y = symbols
    found = factored(lift((X * X - Y * Y) / 3) * f("exp", X), symbols, 10)
    assert (found.func, sp.expand(found)) == (sp.Mul, sp.expand((x**2 - y**2) * sp.exp(x) / 3))
    assert {x + y} <= set(found.args)
    assert factored(lift((X + Y + 1) * (X - Y)), symbols, 4) is None
    assert factored(lift((X + Y + 1) * (X - Y)), symbols, 6) is not None


def test_what_is_written_is_counted_at_each_of_its_places() -> None:
    # x is 1 over 1, so 2 terms; exp(x) is 1 + 2 over 1; exp(exp(x))*exp(x) is 1 + 4 + 2 over 1.
    assert [written(v, 50) for v in (Fraction(3), lift(X), f("exp", X))] == [1, 2, 4]
    nested = f("exp", f("exp", X) + X)
    assert written(nested, 50) == 8
    assert written(nested, 3) > 3
    for _ in range(10):
        nested = nested + f("atan", nested)
    assert (nested.size < 30, written(nested, 1000) > 1000) == (True, True)


def test_a_text_for_a_message_is_short() -> None:
    assert short(pi() + 1) == "1 + pi"
    # There are 46 primes below 200, and a term below the line.
    many = sum([f("sqrt", p) for p in sp.primerange(200)], Fraction(0))
    assert short(many) == "a closed form of 47 terms"
    long = short(f("sqrt", Fraction(3 * 7**3000)) / 5**900)
    assert len(long) < 100
    assert re.search(r"… \([\d,]+ characters\)$", long)
