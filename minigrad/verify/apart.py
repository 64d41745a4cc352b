"""Sums whose parts are kept apart: a loss over many samples is no single fraction.

    >>> from minigrad.elementary import call
    >>> from minigrad.rational import Field
    >>> x, y = map(Apart.of, Field(2).generators)
    >>> both = 1 / (1 + call("exp", x)) + 1 / (1 + call("exp", y))
    >>> len(both.parts), (both - 1 / (1 + call("exp", y))).parts == (1 / (1 + call("exp", x))).parts
    (2, True)

Brought to one denominator, a sum of thirty logistic functions of thirty variables has a thousand million
terms. Kept as a sum with one part for each set of functions that occur, it has thirty short parts; if
those of two sums are equal one by one, so are the sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from minigrad.closed import Closed
from minigrad.elementary import call
from minigrad.number import ONE, UNAVAILABLE, total

__all__ = ["Apart", "whole"]


class Apart:
    """A sum of elements of a field, `parts`, by the functions that occur in each; made by `of`.

    Mixes with ints, Fractions and elements of the field, and is lost in UNAVAILABLE. Has no hash: what is
    equal may have other parts.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: dict[frozenset[Any], Any]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, *summands: Any) -> Apart:
        """The sum of these elements."""
        parts: dict[frozenset[Any], Any] = {}
        # An int would be divided as floats are.
        waiting = [Fraction(x) if isinstance(x, int) else x for x in summands]
        while waiting:
            part = waiting.pop()
            key = _functions(part)
            if key in parts:
                # What cancels may belong to another part then.
                waiting.append(parts.pop(key) + part)
            elif isinstance(part, Closed) or part != 0:
                parts[key] = part
        return cls(parts)

    def total(self) -> Any:
        """The sum as one element of the field."""
        return total([*self.parts.values()])

    def elementary(self, name: str, *xs: Any) -> Apart:
        """A function of sums: see `minigrad.elementary.call`."""
        return Apart.of(call(name, *map(whole, xs)))

    def __add__(self, other: Any) -> Any:
        if other is UNAVAILABLE:
            return other
        return Apart.of(*self.parts.values(), *_parts(other))

    __radd__ = __add__

    def __neg__(self) -> Apart:
        return Apart({key: -part for key, part in self.parts.items()})

    def __sub__(self, other: Any) -> Any:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Any:
        if other is UNAVAILABLE:
            return other
        left, right = [*self.parts.values()], [*_parts(other)]
        if len(left) > 1 and len(right) > 1:
            return Apart.of(self.total() * whole(other))
        return Apart.of(*[x * y for x in left for y in right])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * Apart.of(ONE / whole(other))

    def __rtruediv__(self, other: Any) -> Any:
        return Apart.of(ONE / self.total()).__mul__(other)

    def __pow__(self, exponent: int) -> Apart:
        return Apart.of(self.total() ** exponent)

    def __eq__(self, other: object) -> bool:
        return bool(self.total() == whole(other))


def whole(value: Any) -> Any:
    """A sum as one element, and anything else as it is."""
    return value.total() if isinstance(value, Apart) else value


def _parts(value: Any) -> Iterable[Any]:
    return value.parts.values() if isinstance(value, Apart) else (value,)


def _functions(part: Any) -> frozenset[Any]:
    """The kernels of a closed form that are no variables; of a rational function there are none."""
    kernels = part.kernels if isinstance(part, Closed) else ()
    return frozenset([kernel for kernel in kernels if kernel.kind != "x"])
