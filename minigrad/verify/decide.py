"""Equality of two elements of a field: decided by normal form, refuted by numbers, or left open.

Two rational functions are equal exactly when their normal forms are. Closed forms have a normal form too,
but not every relation between exponentials, logarithms and roots is seen in it. So a difference that does
not reduce to 0 is evaluated in intervals, at the point and at others near by: one value that is not 0
refutes for certain. What is neither is put to SymPy, if it is short, and otherwise stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from minigrad.closed import Closed
from minigrad.errors import NotDecided

__all__ = ["UNDECIDED", "holds", "same"]

UNDECIDED: Final = "neither the normal form, nor numbers, nor SymPy told the two apart or alike"

_PRECISIONS: Final = (64, 256, 1024)
_SHORT: Final = 40
"""Operations in an expression up to which SymPy is asked to simplify it."""


def same(left: Any, right: Any) -> bool | None:
    """Whether two elements are equal: as functions, where there are variables. None if not decided."""
    try:
        difference = left - right
        if not isinstance(difference, Closed):
            return bool(difference == 0)
        if not difference.has_variables:
            return difference.sign() == 0
    except NotDecided:
        return None
    if _differs(difference):
        return False
    return True if _simplifies(difference) else None


def _differs(difference: Closed) -> bool:
    """Whether it is certainly not 0 at the point or near it, where the same signs hold."""
    field = difference.field
    assert field is not None
    # Without a point nothing was assumed, and any other shows as well that it is not 0.
    start = field.point or [Fraction(i + 2) for i in range(len(field.generators))]
    return any(
        _excludes_zero(difference, point) and holds(field.assumptions.values(), point)
        for point in _near(start)
    )


def _near(point: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The point, and some beside it, each a little further away."""
    yield point
    for k, step in enumerate((Fraction(1, 1009), Fraction(1, 101), Fraction(1, 11))):
        yield [x + step * Fraction((-1) ** (i + k) * (i + 2), i + 3) for i, x in enumerate(point)]


def _excludes_zero(value: Closed, point: Sequence[Any]) -> bool:
    for bits in _PRECISIONS:
        found = value.bounds(bits, point)
        if found is not None and (found[0] > 0 or found[1] < 0):
            return True
    return False


def holds(assumptions: Iterable[tuple[Any, int]], point: Sequence[Any]) -> bool:
    """Whether formulas certainly have the signs that are assumed of them at `point`."""
    for formula, sign in assumptions:
        found = formula.bounds(_PRECISIONS[0], point)
        if found is None or not (found[0] > 0 if sign > 0 else found[1] < 0):
            return False
    return True


def _simplifies(difference: Closed) -> bool:
    """Whether SymPy finds that a short difference is 0."""
    assert difference.field is not None
    symbols = [sp.Symbol(f"x{i}", real=True) for i in range(len(difference.field.generators))]
    expression = difference.expression(symbols)
    return bool(expression.count_ops() <= _SHORT and sp.simplify(expression) == 0)
