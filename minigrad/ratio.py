"""Rational numbers in pure Python, as fast as Python allows: what the engine counts with by default.

    >>> Ratio(31, 10) * 2 - Ratio(1, 5)
    Ratio(6, 1)

`fractions.Fraction` spends most of its time on being general: a constructor that takes anything, and
dispatch on every type of number (0.8 µs for a sum whose arithmetic takes a third of that). A Ratio meets
only its own kind and ints. The arithmetic is Knuth's (D. E. Knuth, The Art of Computer Programming,
volume 2, section 4.5.1): the greatest common divisors are those of small parts, taken before products are
made, and none is taken where a denominator is 1.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import gcd
from typing import Any, Final

__all__ = ["Ratio"]


class Ratio:
    """`numerator / denominator`, two coprime ints, the second positive. Mixes with ints alone.

    The constructor takes the parts as they are: `reduced` makes a Ratio of any two.
    """

    __slots__ = ("denominator", "numerator")

    numerator: int
    denominator: int

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator

    @classmethod
    def reduced(cls, numerator: int, denominator: int) -> Ratio:
        """The quotient of two ints. Raises ZeroDivisionError where there is none.

        >>> Ratio.reduced(6, -4)
        Ratio(-3, 2)
        """
        if not denominator:
            raise ZeroDivisionError(f"{numerator}/0")
        common = gcd(numerator, denominator)
        if denominator < 0:
            common = -common
        return cls(numerator // common, denominator // common)

    def __add__(self, other: Any) -> Ratio:
        if type(other) is Ratio:
            return _sum(self.numerator, self.denominator, other.numerator, other.denominator)
        if type(other) is int:
            return _sum(self.numerator, self.denominator, other, 1)
        return NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Ratio:
        if type(other) is Ratio:
            return _sum(self.numerator, self.denominator, -other.numerator, other.denominator)
        if type(other) is int:
            return _sum(self.numerator, self.denominator, -other, 1)
        return NotImplemented

    def __rsub__(self, other: Any) -> Ratio:
        if type(other) is int:
            return _sum(-self.numerator, self.denominator, other, 1)
        return NotImplemented

    def __mul__(self, other: Any) -> Ratio:
        if type(other) is Ratio:
            c, d = other.numerator, other.denominator
        elif type(other) is int:
            c, d = other, 1
        else:
            return NotImplemented
        a, b = self.numerator, self.denominator
        if d != 1:
            common = gcd(a, d)
            if common != 1:
                a //= common
                d //= common
        if b != 1:
            common = gcd(c, b)
            if common != 1:
                c //= common
                b //= common
        found = _new(Ratio)
        found.numerator = a * c
        found.denominator = b * d
        return found

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Ratio:
        if type(other) is int:
            other = Ratio(other, 1)
        elif type(other) is not Ratio:
            return NotImplemented
        inverse: Ratio = other._inverse()
        return inverse if self.numerator == 1 == self.denominator else self * inverse

    def __rtruediv__(self, other: Any) -> Ratio:
        if type(other) is not int:
            return NotImplemented
        inverse = self._inverse()
        return inverse if other == 1 else inverse * other

    def _inverse(self) -> Ratio:
        top, bottom = self.numerator, self.denominator
        if top > 0:
            return Ratio(bottom, top)
        if not top:
            raise ZeroDivisionError(f"{self!r} has no inverse")
        return Ratio(-bottom, -top)

    def __pow__(self, exponent: int) -> Ratio:
        if exponent >= 0:
            return Ratio(self.numerator**exponent, self.denominator**exponent)
        inverse = self._inverse()
        return inverse if exponent == -1 else inverse**-exponent

    def __neg__(self) -> Ratio:
        return Ratio(-self.numerator, self.denominator)

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __eq__(self, other: object) -> bool:
        if type(other) is Ratio:
            return self.numerator == other.numerator and self.denominator == other.denominator
        if type(other) is int:
            return self.denominator == 1 and self.numerator == other
        return NotImplemented

    def __lt__(self, other: Any) -> Any:
        return self._compared(other, operator.lt)

    def __gt__(self, other: Any) -> Any:
        return self._compared(other, operator.gt)

    def __le__(self, other: Any) -> Any:
        return self._compared(other, operator.le)

    def __ge__(self, other: Any) -> Any:
        return self._compared(other, operator.ge)

    def _compared(self, other: Any, holds: Callable[[int, int], bool]) -> Any:
        if type(other) is Ratio:
            return holds(self.numerator * other.denominator, other.numerator * self.denominator)
        if type(other) is int:
            return holds(self.numerator, other * self.denominator)
        return NotImplemented

    def __hash__(self) -> int:
        # An int that is equal has the same.
        if self.denominator == 1:
            return hash(self.numerator)
        return hash((self.numerator, self.denominator))

    def __repr__(self) -> str:
        return f"Ratio({self.numerator}, {self.denominator})"


def _sum(a: int, b: int, c: int, d: int) -> Ratio:
    """a/b + c/d."""
    if b == d:
        top, bottom, rest = a + c, b, b
    else:
        rest = gcd(b, d)
        scale = b // rest
        top, bottom = a * (d // rest) + c * scale, scale * d
    if rest != 1:
        # No other prime can divide both.
        rest = gcd(top, rest)
        if rest != 1:
            top, bottom = top // rest, bottom // rest
    found = _new(Ratio)
    found.numerator = top
    found.denominator = bottom
    return found


_new: Final = object.__new__  # for arithmetic: a call of the class would call __init__ as well
