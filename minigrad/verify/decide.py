"""Equality of two elements of a field: decided by normal form, refuted by numbers, or left open.

Two rational functions are equal exactly when their normal forms are. Closed forms have a normal form too,
but not every relation between exponentials, logarithms and roots is seen in it. So a difference that does
not reduce to 0 is evaluated in intervals, and so are its derivatives at the point: one that is not 0
refutes for certain. What is neither is put to SymPy, if it is short, and otherwise stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from minigrad import slopes
from minigrad.closed import Closed, lift
from minigrad.closed_text import written
from minigrad.errors import NotDecided
from minigrad.rational import OutOfBudget
from minigrad.verify.symbolic import relation_text

__all__ = ["UNDECIDED", "holds", "same", "sign_texts"]

UNDECIDED: Final = "neither the normal form, nor numbers, nor SymPy told the two apart or alike"

_PRECISIONS: Final = (64, 256, 1024)
_ORDER: Final = 5
"""Up to (and without) which order the derivatives of a difference are looked at."""
_DERIVED: Final = 300
"""Terms of a formula up to which its derivatives are looked at."""
_MOST: Final = 40
"""Derivatives of one order whose derivatives are looked at."""
_SHOWN_TERMS: Final = 8
"""Terms of a formula up to which its sign is spelt out."""
_WRITTEN: Final = 60
"""The same, with the terms inside kernels."""
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
    """Whether it is certainly not 0 at the point, or infinitely close to it.

    That is so where a derivative of it is not 0 there. A point at some distance might lie on another
    branch, or outside the domain that the claim is made for.
    """
    field = difference.field
    assert field is not None
    # Without a point nothing was assumed, and any other shows as well that it is not 0.
    point = field.point or [Fraction(i + 2) for i in range(len(field.generators))]
    layer: list[Any] = [difference]
    for _ in range(_ORDER):
        if any(_excludes_zero(formula, point) for formula in layer):
            return True
        if len(layer) > _MOST or any(f.size > _DERIVED for f in layer if isinstance(f, Closed)):
            return False
        try:
            layer = [slopes.derivative(f, k) for f in layer for k in range(len(point))]
        except (ArithmeticError, OutOfBudget):
            return False
        layer = [
            formula for formula in layer if not (isinstance(formula, Fraction) and not formula)
        ]
    return False


def _excludes_zero(formula: Any, point: Sequence[Any]) -> bool:
    value = lift(formula)
    if not isinstance(value, Closed):
        return bool(value)
    return any(value.certain_sign(bits, point) for bits in _PRECISIONS)


def holds(assumptions: Iterable[tuple[Any, int]], point: Sequence[Any]) -> bool:
    """Whether formulas certainly have the signs that are assumed of them at `point`."""
    return all(formula.certain_sign(_PRECISIONS[0], point) == sign for formula, sign in assumptions)


def sign_texts(assumptions: Iterable[tuple[Any, int]], symbols: Sequence[Any]) -> Iterator[str]:
    """The signs that are assumed of formulas, as conditions on `symbols`; of those that are short."""
    for formula, sign in assumptions:
        is_short = formula.size <= _SHOWN_TERMS and written(formula, _WRITTEN) <= _WRITTEN
        if is_short and not (formula.is_positive and sign > 0):
            shown = formula.expression(symbols)
            found = shown > 0 if sign > 0 else shown < 0
            if found not in (sp.true, sp.false):
                yield relation_text(found)


def _simplifies(difference: Closed) -> bool:
    """Whether SymPy finds that a short difference is 0."""
    assert difference.field is not None
    if difference.size > _SHORT:
        return False
    symbols = [sp.Symbol(f"x{i}", real=True) for i in range(len(difference.field.generators))]
    expression = difference.expression(symbols)
    return bool(expression.count_ops() <= _SHORT and sp.simplify(expression) == 0)
