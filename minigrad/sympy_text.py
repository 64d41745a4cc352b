"""SymPy's expressions as SymPy prints them, several times faster where they are sums.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> text((y + 2 * x) ** 2 / 3 + 1 - x)
    '-x + (2*x + y)**2/3 + 1'

To put the terms of a sum in order, SymPy's printer evaluates each number in them to a complex one of 15
digits. That number counts where two terms have the same powers of the same bases, which terms with
rational coefficients cannot: SymPy would have added them up. So such sums are put in order by the powers
alone, and all others are left to SymPy.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["text"]


def text(expression: Any) -> str:
    """`expression` as `str` has it.

    Raises ValueError for a number of more digits than Python prints.
    """
    return str(_printer()().doprint(expression))


@cache
def _printer() -> Any:
    from sympy.printing.str import StrPrinter

    class Printer(StrPrinter):  # type: ignore[misc]  # SymPy has no types, and a base cannot be cast
        def _as_ordered_terms(self, expr: Any, order: Any = None) -> Any:
            found = None if order or self.order else _ordered(expr)
            return super()._as_ordered_terms(expr, order) if found is None else found

    return Printer


def _ordered(added: Any) -> list[Any] | None:
    """The terms of a sum in the order in which they are printed; None where SymPy is to say it."""
    from sympy import default_sort_key

    terms = added.args
    monomials = [_powers(term) for term in terms]
    if None in monomials:
        return None
    numbers_first = sorted(terms, key=lambda term: not term.is_Number)
    if len(terms) == 2 and _is_difference(*numbers_first):
        return numbers_first
    bases = sorted({base for powers in monomials for base in powers or ()}, key=default_sort_key)
    keys = [tuple([-(powers or {}).get(base, 0) for base in bases]) for powers in monomials]
    if len(set(keys)) < len(keys):
        return None
    return [term for _, term in sorted(zip(keys, terms, strict=True), key=lambda pair: pair[0])]


def _is_difference(first: Any, second: Any) -> bool:
    """Whether it reads as a number minus something: 1 - x, and not -x + 1."""
    if not (first.is_Number and first > 0 and second.is_Mul and len(second.args) == 2):
        return False
    factor = second.args[0]
    return bool(factor.is_Number and factor < 0)


def _powers(term: Any) -> dict[Any, int] | None:
    """The powers in a term that is a ratio times whole powers of what is no number."""
    coefficient, rest = term.as_coeff_Mul()
    if not coefficient.is_Rational:
        return None
    powers = {}
    for factor in rest.args if rest.is_Mul else (rest,):
        base, exponent = factor, 1
        if factor.is_Pow and factor.exp.is_Integer:
            base, exponent = factor.base, int(factor.exp)
        if base == 1:
            continue
        if not base.is_Symbol and not (base.is_Add and base.free_symbols):
            return None
        powers[base] = exponent
    return powers
