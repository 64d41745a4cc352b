"""Nodes of a run that hold numbers infinitely close to others: a program is asked what it does there.

    >>> from minigrad.infinitesimal import Infinitesimal
    >>> from minigrad.rational import Field
    >>> from minigrad.trace import Trace, run
    >>> trace = Trace(kind=Near)
    >>> x = trace.leaf(2 + Infinitesimal(Field(1).generators[0]), "x")
    >>> run(lambda x: "right" if x > 2 else "left", [x], trace).result
    'right'

Their numbers are elements of an ordered field other than the rationals, or series (see
`minigrad.infinitesimal`), and are computed at once: what is beyond every power is told apart there. What
is computed alike of the same numbers is one number: no series is long enough to show that exp(x) and
exp(y) are equal where x and y are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, cast

from minigrad.backing import Rational, inside
from minigrad.errors import DivisionByZero, DomainError
from minigrad.infinitesimal import Infinitesimal, Unbounded, standard_part
from minigrad.nonfinite import NonFinite
from minigrad.number import ZERO
from minigrad.operators import Operator
from minigrad.scalar import Scalar, literal
from minigrad.trace import Traced

__all__ = ["Near", "identity"]

_EXPONENTIAL: Final = ("cosh", "exp", "exp2", "expm1")
"""Operators that are beyond every power of a large number."""
_UNDEFINED: Final = (DivisionByZero, DomainError, ZeroDivisionError)
"""What an operation raises where it is not defined; anything else says nothing of the function."""


def identity(value: Any) -> Any:
    """What is equal of two numbers that are known to be the same: a series is known by itself alone.

    >>> identity(Fraction(1, 2)) == identity(Fraction(2, 4))
    True
    """
    if isinstance(value, Infinitesimal):
        return tuple(map(tuple, value.function.terms()))
    return value if isinstance(value, (Fraction, Rational)) else ("by id", id(value))


class Near(Traced):
    """A Traced that holds an element of an ordered field: a number infinitely close to another."""

    __slots__ = ()
    _taken = staticmethod(lambda value: value)

    def _read(self) -> Scalar:
        return literal(standard_part(self._datum) or ZERO)

    def _result(
        self,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        max_bits: int,
        data: Fraction | None,
    ) -> Scalar:
        self._trace.check_time()
        if NonFinite in map(type, operands):
            return self._of_nonfinite(operator, operands, parameters)
        try:
            value = self._value(operator, operands, parameters)
        except _UNDEFINED as error:
            return self._instead(operator, error)
        except Exception as error:
            if isinstance(error, Unbounded) and operator.name in _EXPONENTIAL:
                # The program may throw it away, as np.where(x > 0, np.exp(-1 / x), 0) does.
                return NonFinite(math.inf, error)
            self._trace.fail(error)
            raise
        node = cast(Traced, Scalar.__new__(type(self)))
        node._set(value, operator, operands, parameters)
        node._trace = self._trace
        if operator.domain:
            self._trace.inside(node, operator)
        return node

    def _value(
        self, operator: Operator, operands: Sequence[Scalar], parameters: tuple[Any, ...]
    ) -> Any:
        values = [operand._datum for operand in operands]
        alike = (operator, parameters, *map(identity, values))
        known = self._trace.computed.get(alike)
        if known is not None:
            return known[0]
        for domain in operator.domain:
            if not domain.holds(*values, *parameters):
                self._trace.outside(domain, operands)
                error = domain.error(f"{operator.name}: {domain.says}")
                error.operation = (operator, operands, parameters)
                raise error
        piece = operator.piece(values, parameters)
        value = inside(operator.forward(*values, *parameters, *piece))
        # With the values, lest others be made in their place.
        self._trace.computed[alike] = value, values
        return value
