"""SymPy's expressions as SymPy prints them, several times faster where they are sums.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> text((y + 2 * x) ** 2 / 3 + 1 - x)
    '-x + (2*x + y)**2/3 + 1'

To put the terms of a sum in order, SymPy's printer evaluates each number in them to a complex one of 15
digits, at each of its places. That number counts where two terms have the same powers of the same bases,
which terms with rational coefficients cannot: SymPy would have added them up. So numbers are evaluated
only where they count, and once for all terms. Sums with terms of another kind are left to SymPy.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

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


class _Term(NamedTuple):
    """A term as a product of numbers and of whole powers of what is no number."""

    numbers: list[Any]
    powers: dict[Any, int]


def _ordered(added: Any) -> list[Any] | None:
    """The terms of a sum in the order in which they are printed; None where SymPy is to say it."""
    from sympy import default_sort_key

    terms = [term for term in map(_taken_apart, added.args) if term]
    if len(terms) < len(added.args):
        return None
    numbers_first = sorted(added.args, key=lambda term: not _is_named(term))
    if len(terms) == 2 and _is_difference(*numbers_first):
        return numbers_first
    bases = sorted({base for term in terms for base in term.powers}, key=default_sort_key)
    keys: list[Any] = [tuple([-term.powers.get(base, 0) for base in bases]) for term in terms]
    if len(set(keys)) < len(keys):
        values = [_value(term.numbers) for term in terms]
        if None in values:
            return None
        keys = list(zip(keys, values, strict=True))
    return [
        term for _, term in sorted(zip(keys, added.args, strict=True), key=lambda pair: pair[0])
    ]


def _is_named(term: Any) -> bool:
    return bool(term.is_Number or term.is_NumberSymbol)


def _is_difference(first: Any, second: Any) -> bool:
    """Whether it reads as a number minus something: 1 - x, and not -x + 1."""
    if not (_is_named(first) and first.is_positive and second.is_Mul and len(second.args) == 2):
        return False
    factor = second.args[0]
    return bool(factor.is_Number and factor < 0)


def _taken_apart(term: Any) -> _Term | None:
    """A term's numbers and powers; None for one of another kind."""
    from sympy.core.exprtools import decompose_power

    coefficient, rest = term.as_coeff_Mul()
    numbers, powers = [coefficient], {}
    for factor in rest.args if rest.is_Mul else (rest,):
        if factor.is_number:
            numbers.append(factor)
        elif factor.is_commutative and not factor.is_Order:
            base, exponent = decompose_power(factor)
            powers[base] = exponent
        else:
            return None
    return _Term(numbers, powers)


def _value(numbers: list[Any]) -> float | None:
    """The product of numbers as SymPy rounds it; None where it is not real, or cannot be evaluated."""
    product = complex(1)
    try:
        for number in numbers:
            product *= _evaluated(number)
    except (TypeError, ValueError):
        return None
    return None if product.imag else product.real


# The same roots and exponentials stand in many terms of a closed form, and in many closed forms.
_evaluated = lru_cache(maxsize=4096)(complex)
