"""Equality up to the rounding of floats that a program computed before minigrad saw them.

    >>> third = Fraction("0.3333333333333333")
    >>> is_close(third, Fraction(1, 3)), simplest(third)
    (True, Fraction(1, 3))

Where such floats are in play, the exact difference of two formulas may be nothing but their rounding. Two
things are looked at. Coefficients are compared within a few units in the last place, those of a closed
form as the numbers that they are: 1.3956124250860895 is close to exp(1/3). And constants are read as the
simplest ratios that are so close to them, for an exponent, or what else a function is taken of, is no
coefficient: x**0.3333333333333333 has no term in common with x**(1/3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad import number
from minigrad.closed import lift, together
from minigrad.kernels import Evaluation, Kernel, multiplied
from minigrad.number import ZERO
from minigrad.polynomials import terms
from minigrad.verify.program import Program

__all__ = ["is_close", "numerators", "read_simply", "simplest", "within_rounding"]

_ROUNDING: Final = Fraction(16, 2**52)
"""Sixteen units in the last place of a double."""
_PLAIN: Final = 10**6
"""Denominators up to which a ratio is hardly close to a number by chance."""
_BITS: Final = 200
"""Bits to which coefficients that are closed forms are evaluated."""


def is_close(left: Any, right: Any, least: Fraction = ZERO) -> bool:
    """Whether two numbers agree within the rounding of a few double precision operations.

    They are taken for no smaller than `least`: what they were computed from may have been larger.
    """
    return bool(abs(left - right) <= _ROUNDING * max(abs(left), abs(right), least))


def simplest(value: Fraction) -> Fraction:
    """The ratio of least denominator that is close to `value`; a whole number is its own."""
    if value.denominator == 1:
        return value
    near = abs(value) * _ROUNDING / 2
    return number.simplest_between(value - near, value + near)


def read_simply(program: Program) -> Program:
    """The same program, with the simplest ratios in the place of constants that are close to such."""
    simple: dict[int, Fraction] = {}
    for i, node in enumerate(program.graph.nodes):
        if node.is_constant and isinstance(node._datum, Fraction):
            found = simplest(node._datum)
            # Every number is close to some ratio: that of a measured one is longer than its decimals.
            if found != node._datum and found.denominator <= _PLAIN:
                simple[i] = found
    return program.cut(simple)


def within_rounding(left: Any, right: Any) -> bool:
    """Whether every coefficient of one is close to that of the other, over a common denominator."""
    kernels, theirs, ours = _over_one_denominator(left, right)
    if all(map(_is_variable, kernels)):
        return all(
            is_close(Fraction(ours.get(key, 0)), Fraction(theirs.get(key, 0)))
            for key in ours.keys() | theirs.keys()
        )
    coefficients = _Coefficients(kernels)
    first, second = coefficients.of(theirs), coefficients.of(ours)
    return all(coefficients.are_close(first.get(k), second.get(k)) for k in first | second)


def numerators(left: Any, right: Any) -> tuple[dict[Any, int], dict[Any, int]]:
    """The coefficients of both numerators over a common denominator, by the exponents of one frame."""
    _, first, second = _over_one_denominator(left, right)
    return first, second


def _over_one_denominator(
    left: Any, right: Any
) -> tuple[Sequence[Kernel], dict[Any, int], dict[Any, int]]:
    """The frame of both, and the numerators over a common denominator."""
    first, second = lift(left), lift(right)
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        ours = first.numerator * second.denominator
        theirs = second.numerator * first.denominator
        return (), ({(): ours} if ours else {}), ({(): theirs} if theirs else {})
    swapped = isinstance(first, Fraction)
    kernels, (n, d), (m, e), field = together(*((second, first) if swapped else (first, second)))
    found = dict(terms(multiplied(n, e, field))), dict(terms(multiplied(m, d, field)))
    return kernels, *(found[::-1] if swapped else found)


def _is_variable(kernel: Kernel) -> bool:
    """Whether it is something else at other points."""
    return kernel.kind == "x" or any(getattr(part, "has_variables", False) for part in kernel.parts)


class _Coefficients:
    """What the powers of variable kernels are multiplied by: sums of products of constant ones."""

    def __init__(self, kernels: Sequence[Kernel]) -> None:
        self._kernels = kernels
        self._varies = [*map(_is_variable, kernels)]
        self._numbers = Evaluation(_BITS)

    def of(self, numerator: Mapping[Any, int]) -> dict[Any, list[Any]]:
        """Enclosures of the summands of each coefficient, by the exponents of the variable kernels."""
        found: dict[Any, list[Any]] = {}
        for exponents, coefficient in numerator.items():
            key = tuple([e * varies for e, varies in zip(exponents, self._varies, strict=False)])
            found.setdefault(key, []).append(self._summand(exponents, coefficient))
        return found

    def _summand(self, exponents: Iterable[int], coefficient: int) -> Any:
        balls = self._numbers.balls
        product = balls.ratio(Fraction(coefficient))
        for kernel, e, varies in zip(self._kernels, exponents, self._varies, strict=False):
            if e and not varies:
                product = balls.mul(product, balls.power(self._numbers.of_kernel(kernel), e))
        return product

    def are_close(self, left: Sequence[Any] | None, right: Sequence[Any] | None) -> bool:
        """Whether two such sums agree within the rounding of their greatest summands."""
        sides = [[*map(self._midpoint, side or ())] for side in (left, right)]
        known = [[x for x in side if x is not None] for side in sides]
        if known != sides:
            return False
        one, other = (sum(side, ZERO) for side in known)
        return is_close(one, other, max([abs(x) for side in known for x in side]))

    def _midpoint(self, enclosure: Any) -> Fraction | None:
        found = self._numbers.balls.bounds(enclosure)
        return None if found is None else (found[0] + found[1]) / 2
