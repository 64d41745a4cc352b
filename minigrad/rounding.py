"""How a real number rounds of which bounds are known to any precision.

    >>> class Third(Rounding):
    ...     def bounds(self, bits):
    ...         return Fraction(2**bits // 3, 2**bits), Fraction(2**bits // 3 + 1, 2**bits)
    ...
    ...     def sign(self):
    ...         return 1
    >>> float(Third()), round(Third(), 2), math.ceil(Third())
    (0.3333333333333333, Fraction(33, 100), 1)

What is rounded is a bound below and one above; once both round alike, so does what is between them. A
number that lies on the border itself, a half for instance, is left to algebra.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from minigrad.errors import NotDecided, TooLarge

__all__ = ["PRECISIONS", "Rounding", "whole"]

PRECISIONS: Final = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
"""The bits at which a sign is asked for, one after the other."""
_LARGE: Final = 2**1024
"""No float is larger."""


class Rounding:
    """The methods that round, for a class with `bounds`, `sign`, `text` and comparisons."""

    def bounds(self, bits: int) -> tuple[Fraction, Fraction] | None:
        """Rational numbers below and above, from `bits` bits; None where there are none yet."""
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    def sign(self) -> int:
        """1, -1 or 0."""
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    def text(self) -> str:
        """A short text for a message."""
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    def settled(self, answer: Callable[[Fraction], Any], least: int = 0) -> Any:
        """What `answer` says of bounds below and above, at `least` bits, once it says the same of both.

        Raises NotDecided where it does not, up to many more bits than that and than there are before
        the point, and TooLarge where there are more than four million of those.
        """
        number: Any = self
        found, whole = None, 0
        for bits in PRECISIONS:
            found = self.bounds(bits + least + whole)
            if found is not None:
                low, high = map(answer, found)
                if low == high:
                    return low
                whole = abs(math.floor(found[0])).bit_length()
        if found is None and abs(number) > _LARGE:
            raise TooLarge(f"{self.text()} is too large to be rounded")
        nearest = round(found[0]) if found else 0
        if found and number == nearest:
            return answer(Fraction(nearest))
        raise NotDecided(f"{self.text()} was not rounded with {PRECISIONS[-1]:,} bits")

    def whole(self) -> int | None:
        """The int that it is, whatever it is written as; None where it is none.

        Raises NotDecided where neither bounds nor algebra tell.
        """
        number: Any = self
        before = 0
        for bits in PRECISIONS:
            found = self.bounds(bits + before)
            if found is not None:
                nearest = math.ceil(found[0])
                if nearest > found[1]:
                    return None
                if found[1] - found[0] < 1:
                    return nearest if number == nearest else None
                before = abs(nearest).bit_length()
        raise NotDecided(f"{self.text()} was not told from an int with {PRECISIONS[-1]:,} bits")

    def __float__(self) -> float:
        value: float = self.settled(_nearest_float)
        if math.isinf(value):
            raise TooLarge(f"{self.text()} is too large for a float")
        return value

    def __floor__(self) -> int:
        value: int = self.settled(math.floor)
        return value

    def __ceil__(self) -> int:
        value: int = self.settled(math.ceil)
        return value

    def __trunc__(self) -> int:
        return math.floor(self) if self.sign() > 0 else math.ceil(self)

    __int__ = __trunc__

    def __round__(self, digits: int | None = None) -> Any:
        """The nearest number of so many decimals: an int without `digits`, else a Fraction."""
        return self.settled(lambda x: round(x, digits))

    def rounded_hash(self) -> int:
        """A hash by value: equal numbers may be written in several ways, but they round alike."""
        try:
            return hash(float(self))
        except ArithmeticError:
            return hash(Rounding)


def whole(value: Any) -> int | None:
    """The int that a number of any kind is; None where it is none.

    >>> whole(Fraction(3)), whole(Fraction(3, 2))
    (3, None)
    """
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else None
    return value.whole() if hasattr(value, "whole") else None


def _nearest_float(ratio: Fraction) -> float:
    try:
        return float(ratio)
    except OverflowError:
        return math.inf if ratio > 0 else -math.inf
