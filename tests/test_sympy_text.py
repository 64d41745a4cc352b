"""Sums are printed as SymPy prints them, without the numbers in them being evaluated."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.sympy_text import text

X, Y, Z = sp.Symbol("x", real=True), sp.Symbol("x[2]", real=True), sp.Symbol("B", real=True)

atoms = st.one_of(
    st.sampled_from([X, Y, Z, sp.pi, sp.sqrt(2), sp.S.One, sp.exp(sp.S.Half), sp.log(3), sp.I]),
    st.fractions(-9, 9, max_denominator=9).map(lambda q: sp.Rational(q.numerator, q.denominator)),
)


def _combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=4).map(lambda args: sp.Add(*args)),
        st.lists(parts, min_size=2, max_size=3).map(lambda args: sp.Mul(*args)),
        st.builds(lambda base, n: base**n if base else base, parts, st.integers(-3, 3)),
        parts.map(lambda part: part if part.has(sp.I) else sp.exp(part)),
    )


expressions = st.recursive(atoms, _combined, max_leaves=12)


@given(expression=expressions)
@example(expression=1 - X)
@example(expression=1 - X * Y)
@example(expression=-1 - X)
@example(expression=1 - X / 2)
@example(expression=sp.pi - X)
@example(expression=sp.sqrt(2) - sp.sqrt(3) + 2)
@example(expression=sp.sqrt(2) * X - sp.exp(sp.S.Half) * X + Y)
@example(expression=2 * sp.exp(X) + sp.sqrt(3) * sp.exp(2 * X) - sp.exp(X / 2) * sp.exp(Y))
@example(expression=X + sp.I * X)
@example(expression=X + sp.Symbol("n", commutative=False) * X + 1)
@example(expression=X + 1 + sp.O(X**2))
@example(expression=X + sp.sqrt(2) * X)
@example(expression=X + 1 / (1 + sp.sqrt(2)))
@example(expression=X ** sp.Rational(3, 2) + X + 1 / X)
@example(expression=(X + Y) * (X - Z) ** 2 + (X + Y) ** 2 * (X - Z))
def test_a_text_is_sympys(expression: Any) -> None:
    assert text(expression) == str(expression)
    assert text(sp.Ne(expression, 0)) == str(sp.Ne(expression, 0))


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The numbers that are evaluated, as they come."""
    found: list[Any] = []
    complex_ = sp.Expr.__complex__
    monkeypatch.setattr(sp.Expr, "__complex__", lambda self: found.append(self) or complex_(self))
    return found


def test_a_sum_is_put_in_order_without_evaluating_it(evaluated: list[Any]) -> None:
    shown = 3 * X**2 * Y - X / 7 + 2 / Y + 11 + sp.sqrt(2) * Y
    assert text(shown) == "3*x**2*x[2] - x/7 + sqrt(2)*x[2] + 11 + 2/x[2]"
    assert not evaluated


def test_a_number_is_evaluated_once(evaluated: list[Any]) -> None:
    root = sp.root(7, 5)
    shown = root * X + sp.sqrt(11) * root * X + sp.sqrt(11) * root**2 * Y + root**3 * Y
    assert len(text(shown)) > 40
    assert {root, sp.sqrt(11)} <= set(evaluated)
    assert len(evaluated) == len(set(evaluated))
