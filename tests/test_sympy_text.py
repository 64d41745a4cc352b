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
    st.sampled_from([X, Y, Z, sp.pi, sp.sqrt(2), sp.S.One]),
    st.fractions(-9, 9, max_denominator=9).map(lambda q: sp.Rational(q.numerator, q.denominator)),
)


def _combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=4).map(lambda args: sp.Add(*args)),
        st.lists(parts, min_size=2, max_size=3).map(lambda args: sp.Mul(*args)),
        st.builds(lambda base, n: base**n if base else base, parts, st.integers(-3, 3)),
        parts.map(lambda part: sp.exp(part) if part.is_Symbol else part),
    )


expressions = st.recursive(atoms, _combined, max_leaves=12)


@given(expression=expressions)
@example(expression=1 - X)
@example(expression=1 - X * Y)
@example(expression=-1 - X)
@example(expression=1 - X / 2)
@example(expression=sp.pi - X)
@example(expression=X + sp.sqrt(2) * X)
@example(expression=X + 1 / (1 + sp.sqrt(2)))
@example(expression=X ** sp.Rational(3, 2) + X + 1 / X)
@example(expression=(X + Y) * (X - Z) ** 2 + (X + Y) ** 2 * (X - Z))
def test_a_text_is_sympys(expression: Any) -> None:
    assert text(expression) == str(expression)
    assert text(expression > 0) == str(expression > 0)


def test_a_sum_is_put_in_order_without_evaluating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated = []
    complex_ = sp.Expr.__complex__
    monkeypatch.setattr(
        sp.Expr, "__complex__", lambda self: [evaluated.append(self)] and complex_(self)
    )
    shown = 3 * X**2 * Y - X / 7 + 2 / Y + 11
    assert text(shown) == "3*x**2*x[2] - x/7 + 11 + 2/x[2]"
    assert not evaluated
