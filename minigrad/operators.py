"""The operators by name: one table for everything that computes, prints, writes or proves.

    >>> from fractions import Fraction
    >>> OPERATORS["div"].partials(Fraction(2), Fraction(6), Fraction(3))
    (Fraction(1, 3), Fraction(-2, 3))

`minigrad.field_operators` holds the entries that stay within the rational numbers,
`minigrad.elementary_operators` those that lead out of them; what an entry is says `minigrad.entries`.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from minigrad import elementary_operators, field_operators
from minigrad.entries import Domain, Fold, Form, Operator, Parameter, Piece
from minigrad.errors import InvalidOperand, describe

__all__ = [
    "OPERATORS",
    "RATIONAL",
    "Domain",
    "Fold",
    "Form",
    "Operator",
    "Parameter",
    "Piece",
    "check_known",
    "named",
]

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {op.name: op for op in (*field_operators.TABLE, *elementary_operators.TABLE)}
)
"""The table, by name. Read-only; a copy with one entry replaced can be given to who takes a table."""

RATIONAL: Final[Mapping[str, Operator]] = MappingProxyType(
    {name: op for name, op in OPERATORS.items() if op.is_rational}
)
"""The operators that stay within the rational numbers, of which random graphs are made."""


def named(name: str) -> Operator:
    """The operator of that name. Raises InvalidOperand, listing the names, if there is none.

    >>> named("div").symbol
    '/'
    """
    try:
        return OPERATORS[name]
    except (KeyError, TypeError):
        raise InvalidOperand(
            f"expected an operator, one of {', '.join(OPERATORS)}; got {describe(name)}"
        ) from None


def check_known(operator: Operator) -> None:
    """Raise InvalidOperand unless this is the table's own entry, for which its name stands."""
    if OPERATORS.get(operator.name) is not operator:
        raise InvalidOperand(
            f"{operator.name}: only operators of the table can be pickled, copied or written"
        )


def _reduced(operator: Operator) -> tuple[Callable[[str], Operator], tuple[str]]:
    check_known(operator)
    return named, (operator.name,)


copyreg.pickle(Operator, _reduced)
