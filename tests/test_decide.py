"""Equality of formulas: decided, refuted by numbers, or left open; never guessed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from minigrad.closed import Closed, lift
from minigrad.elementary import call, pi
from minigrad.rational import Field
from minigrad.verify import decide
from minigrad.verify.decide import holds, same, sign_texts

HALF = Fraction(1, 2)
POINT = [Fraction(3, 7), Fraction(5, 3)]
X, Y = Field(2, point=POINT).generators
FREE = Field(1).generators[0]


def f(name: str, *xs: Any) -> Any:
    return call(name, *[lift(x) for x in xs])


EQUAL = {
    "rational": ((X * X - Y * Y) / (X - Y), X + Y),
    "normal form": (f("log", X * Y), f("log", X) + f("log", Y)),
    "numbers": (f("sqrt", 5 + 2 * f("sqrt", 6)), f("sqrt", 2) + f("sqrt", 3)),
    # Γ(x) Γ(1 - x) sin(πx) = π (NIST DLMF, 5.5.3), which SymPy knows.
    "SymPy": (f("gamma", X) * f("gamma", 1 - X) * f("sin", pi() * X), lift(pi())),
}
DIFFERENT = {
    "rational": (X / Y, Y / X),
    "numbers": (f("sqrt", 2), Fraction(141421356237309504880, 10**20)),
    "at the point": (f("exp", X), f("exp", Y)),
    "at a point of our own": (f("exp", FREE), f("exp", 2 * FREE)),
    # Equal at the point, and so are the derivatives of orders 1 to 3, but not of order 4.
    "beside the point": ((X - POINT[0]) ** 4 * f("exp", X), Fraction(0)),
}
OPEN = {
    # Each is true, but no normal form shows it.
    "numbers": (f("atan", HALF) + f("atan", Fraction(1, 3)), pi() / 4),
    "formulas": (f("atan", X) + f("atan", 1 / X), pi() / 2),
    # It is not true, but flatter at the point than is looked at.
    "flat": ((X - POINT[0]) ** 5 * f("exp", X), Fraction(0)),
}


@pytest.mark.parametrize(
    ("pairs", "answer"), [(EQUAL, True), (DIFFERENT, False), (OPEN, None)], ids=str
)
def test_two_formulas_are_the_same_or_not_or_it_stays_open(
    pairs: dict[str, Any], answer: Any
) -> None:
    for name, (left, right) in pairs.items():
        assert same(left, right) is answer, name
        assert same(right, left) is answer, name


def test_numbers_refute_before_sympy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> bool:
        raise AssertionError("SymPy was asked")

    monkeypatch.setattr(decide, "_simplifies", asked)
    assert same(f("exp", X), f("exp", Y)) is False
    with pytest.raises(AssertionError, match="SymPy was asked"):
        same(*EQUAL["SymPy"])


def test_a_long_difference_is_not_put_to_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sp, "simplify", lambda expression: sp.Integer(0))
    left, right = OPEN["formulas"]
    assert same(left, right) is True
    zero = left - right
    long = zero * f("exp", sum([X**k for k in range(1, 24)], Y))
    assert isinstance(long, Closed)
    assert same(long, Fraction(0)) is None


def test_signs_hold_where_they_are_certain() -> None:
    signs = [(lift(X - Y), -1), (f("exp", X), 1)]
    assert holds(signs, POINT)
    assert not holds(signs, [Fraction(2), Fraction(1)])
    assert not holds(signs, [Fraction(2), Fraction(2)])
    # A root of 2 less its first digits (OEIS A002193) is positive; 64 bits do not show it.
    near = [f("sqrt", 2), Fraction("1.41421356237309504880168872420969807856967")]
    assert not holds([(lift(X - Y), 1)], near)


def test_signs_are_told_where_they_are_short_and_not_plain() -> None:
    symbols = sp.symbols("x y", real=True)
    long = lift(sum([X**k for k in range(1, 9)], Y))
    positive = f("exp", X) + f("sqrt", X)
    assumptions = [(lift(X - Y), -1), (f("log", X), 1), (long, 1), (positive, 1)]
    assert list(sign_texts(assumptions, symbols)) == ["x - y < 0", "log(x) > 0"]
