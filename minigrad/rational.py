"""Rational functions over Q in a normal form, so that equality is a decision and not a hope.

    >>> x, y = Field(2).generators
    >>> (x * x - y * y) / (x - y) == x + y
    True

An element is a pair of coprime polynomials with integer coefficients, the denominator's leading one
positive; two elements are equal exactly when their pairs are. Sums and products take gcds of the
parts as early as they can (D. E. Knuth, The Art of Computer Programming, vol. 2, 3rd ed., section
4.5.1, written there for fractions of integers), which keeps what is multiplied small.

The polynomials are python-flint's where it is installed, and SymPy's where it is not: the same
results, some hundred times slower. The work of a field is counted in products of terms, which do
not depend on the machine, and more than its `limit` raises OutOfBudget before it is done.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Final

from minigrad import polynomials
from minigrad.polynomials import Backend, default_backend, derivative, leading, ring

__all__ = [
    "Backend",
    "Field",
    "OutOfBudget",
    "RationalFunction",
    "default_backend",
]

UNLIMITED: Final = 2**62
_FACTORED: Final = 100
"""The degree up to which formulas are shown in factors: SymPy takes less than a second."""


class OutOfBudget(Exception):
    """A proof would need more work than it was given; the message says what outgrew what."""


class Field:
    """The rational functions over Q in `count` generators, and a limit on the work done in it.

    `point` holds the values of the generators, Fractions or closed forms, at which the sign of a formula
    is asked where a root or a logarithm needs it; the signs so found are in `assumptions`.
    `spent` counts products of terms. Raises OutOfBudget from any operation that would bring it over
    `limit`, and after `deadline`, a time of `time.monotonic`, as a backstop.
    """

    def __init__(
        self,
        count: int,
        limit: int = UNLIMITED,
        backend: Backend | None = None,
        deadline: float = math.inf,
        point: Sequence[Any] = (),
    ) -> None:
        self.limit = limit
        self.deadline = deadline
        self.spent = 0
        self.point = point
        self.assumptions: dict[Any, tuple[Any, int]] = {}
        self._is_blind = False
        made = ring(count, backend)
        self._one = made.one
        self.generators = [RationalFunction(self, p, self._one) for p in made.gens]

    def convert(self, value: Any) -> RationalFunction | None:
        """`value` as an element of this field; None if it is neither one nor a rational number."""
        if isinstance(value, RationalFunction):
            return value
        if isinstance(value, (int, Fraction)):
            return RationalFunction(
                self, self._one * value.numerator, self._one * value.denominator
            )
        return None

    def element(self, value: Any) -> Any:
        """`value` as a rational function; a closed form as it is; None for anything else."""
        found = self.convert(value)
        return value if found is None and hasattr(value, "kernels") else found

    def check_point(self, count: int) -> None:
        """Raise OutOfBudget unless the point holds values for the first `count` generators."""
        if count > len(self.point):
            raise OutOfBudget("the sign of a formula was asked for, and no point was given")

    def assume(self, formula: Any, sign: int) -> None:
        """Take note that the work in this field supposes the sign that a formula has at the point."""
        self.assumptions[formula.key] = formula, sign

    @contextmanager
    def blind(self) -> Iterator[None]:
        """While it lasts, comparing or testing an element raises TypeError.

        A rule that looks at its operands is no formula: what it gives for symbols says nothing of
        what it gives for numbers.
        """
        self._is_blind = True
        try:
            yield
        finally:
            self._is_blind = False

    def check_sight(self) -> None:
        """Raise TypeError within `blind`."""
        if self._is_blind:
            raise TypeError(LOOKED)

    def spend(self, left: Any, right: Any) -> None:
        """Count the product or the gcd of two polynomials before it is computed."""
        self.spent += len(left) * len(right)
        if self.spent > self.limit:
            raise OutOfBudget(f"the rational functions outgrew {self.limit:,} products of terms")
        if time.monotonic() > self.deadline:
            raise OutOfBudget("the budget of seconds ran out")


LOOKED: Final = "a formula was asked for a number: an operand was compared or tested"


class RationalFunction:
    """An element of a Field: `numerator / denominator` in normal form. Mixes with ints and Fractions."""

    __slots__ = ("denominator", "field", "numerator")

    def __init__(self, field: Field, numerator: Any, denominator: Any) -> None:
        self.field = field
        self.numerator = numerator
        self.denominator = denominator

    def __add__(self, other: Any) -> RationalFunction:
        right = self.field.convert(other)
        if right is None:
            return NotImplemented
        field, one = self.field, self.field._one
        n, d, m, e = self.numerator, self.denominator, right.numerator, right.denominator
        if d == one and e == one:
            return RationalFunction(field, n + m, one)
        common = _gcd(field, d, e)
        if common == one:
            return RationalFunction(field, _mul(field, n, e) + _mul(field, m, d), _mul(field, d, e))
        left_scale, right_scale = _quo(e, common), _quo(d, common)
        top = _mul(field, n, left_scale) + _mul(field, m, right_scale)
        rest = _gcd(field, top, common)
        return RationalFunction(field, _quo(top, rest), _mul(field, right_scale, _quo(e, rest)))

    __radd__ = __add__

    def __neg__(self) -> RationalFunction:
        return RationalFunction(self.field, -self.numerator, self.denominator)

    def __pos__(self) -> RationalFunction:
        return self

    def __sub__(self, other: Any) -> RationalFunction:
        right = self.field.convert(other)
        return NotImplemented if right is None else self + -right

    def __rsub__(self, other: Any) -> RationalFunction:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> RationalFunction:
        right = self.field.convert(other)
        if right is None:
            return NotImplemented
        field = self.field
        n, d, m, e = self.numerator, self.denominator, right.numerator, right.denominator
        first, second = _gcd(field, n, e), _gcd(field, m, d)
        return RationalFunction(
            field,
            _mul(field, _quo(n, first), _quo(m, second)),
            _mul(field, _quo(d, second), _quo(e, first)),
        )

    __rmul__ = __mul__

    def _inverse(self) -> RationalFunction:
        if self.numerator == 0:
            raise ZeroDivisionError("division by the rational function 0")
        negative = leading(self.numerator) < 0
        n, d = (
            (-self.numerator, -self.denominator) if negative else (self.numerator, self.denominator)
        )
        return RationalFunction(self.field, d, n)

    def __truediv__(self, other: Any) -> RationalFunction:
        right = self.field.convert(other)
        return NotImplemented if right is None else self * right._inverse()

    def __rtruediv__(self, other: Any) -> RationalFunction:
        return self._inverse().__mul__(other)

    def __pow__(self, exponent: int) -> RationalFunction:
        base = self._inverse() if exponent < 0 else self
        field, remaining = self.field, abs(exponent)
        # The parts stay coprime, so their powers need no gcd; squaring by hand keeps the count.
        top = bottom = field._one
        n, d = base.numerator, base.denominator
        while remaining:
            if remaining & 1:
                top, bottom = _mul(field, top, n), _mul(field, bottom, d)
            remaining >>= 1
            if remaining:
                n, d = _mul(field, n, n), _mul(field, d, d)
        return RationalFunction(field, top, bottom)

    def __eq__(self, other: object) -> bool:
        self.field.check_sight()
        right = self.field.convert(other)
        if right is None:
            return NotImplemented
        return bool(self.numerator == right.numerator and self.denominator == right.denominator)

    def __bool__(self) -> bool:
        self.field.check_sight()
        return bool(self.numerator != 0)

    def derivative(self, k: int) -> RationalFunction:
        """The derivative by generator `k`."""
        n, d = self.numerator, self.denominator
        slope = RationalFunction(self.field, derivative(n, k), self.field._one)
        if d == self.field._one:
            return slope
        below = RationalFunction(self.field, d, self.field._one)
        rate = RationalFunction(self.field, derivative(d, k), self.field._one)
        return (slope - self * rate) / below

    def at(self, point: Sequence[Fraction]) -> Fraction:
        """The value where the generators have these values. Raises ZeroDivisionError at a pole.

        >>> x, y = Field(2).generators
        >>> (x / (x + y)).at([Fraction(1, 2), Fraction(1)])
        Fraction(1, 3)
        """
        top, bottom = (_at(part, point) for part in self.terms())
        return top / bottom

    @property
    def size(self) -> int:
        """How many terms numerator and denominator have."""
        return len(self.numerator) + len(self.denominator)

    def expression(self, symbols: Sequence[Any]) -> Any:
        """The SymPy expression, with `symbols` in the place of the generators."""
        import sympy as sp

        top, bottom = (
            sp.Add(
                *[
                    c * sp.Mul(*[s**e for s, e in zip(symbols, exponents, strict=False) if e])
                    for exponents, c in part
                ]
            )
            for part in self.terms()
        )
        return top / bottom

    def factored(self, symbols: Sequence[Any]) -> Any:
        """The SymPy expression in factors, or as it is where the degree is high.

        SymPy's factors take a list of all coefficients, and time that grows with a power of the degree.
        """
        import sympy as sp

        expression = self.expression(symbols)
        degree = max(sum(exponents) for part in self.terms() for exponents, _ in part)
        return sp.factor(expression) if degree <= _FACTORED else expression

    def terms(self) -> tuple[list[tuple[tuple[int, ...], int]], list[tuple[tuple[int, ...], int]]]:
        """Numerator and denominator, each as exponents and coefficient of its terms."""
        return polynomials.terms(self.numerator), polynomials.terms(self.denominator)

    def __repr__(self) -> str:
        return f"({self.numerator})/({self.denominator})"


def _at(terms: Sequence[tuple[tuple[int, ...], int]], point: Sequence[Fraction]) -> Fraction:
    """The value of a polynomial, over the one denominator that all its terms have."""
    highest = [max([e[k] for e, _ in terms], default=0) for k in range(len(point))]
    scale = math.prod([x.denominator**d for x, d in zip(point, highest, strict=True)])
    powers: list[dict[int, int]] = [{} for _ in point]
    total = 0
    for exponents, coefficient in terms:
        for k, e in enumerate(exponents[: len(point)]):
            known = powers[k].get(e)
            if known is None:
                x, d = point[k], highest[k]
                known = powers[k][e] = x.numerator**e * x.denominator ** (d - e)
            coefficient *= known
        total += coefficient
    return Fraction(total, scale)


def _mul(field: Field, left: Any, right: Any) -> Any:
    if left == field._one:
        return right
    if right == field._one:
        return left
    field.spend(left, right)
    return left * right


def _gcd(field: Field, left: Any, right: Any) -> Any:
    one = field._one
    if left == one or right == one:
        return one
    field.spend(left, right)
    if polynomials.are_high(left, right):
        raise OutOfBudget("the rational functions have too high a degree for a normal form")
    return polynomials.gcd(left, right)


def _quo(left: Any, right: Any) -> Any:
    return left if right == 1 else left // right
