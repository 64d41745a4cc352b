"""Equality on a branch: what a program returned is, or is not, the derivative, for all inputs.

Both sides are brought to the normal form of `minigrad.rational`, with a generator for every
argument, so equality is a decision. Where floats that were rounded before minigrad saw them are in
play, the exact difference may be nothing but their rounding: then every coefficient is compared within
a few units in the last place, and what agrees so far is said to be equal up to rounding, never equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import sympy as sp

from minigrad.number import UNAVAILABLE
from minigrad.rational import Field, OutOfBudget, RationalFunction, default_backend
from minigrad.verify.claims import Claim, expected
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Unsupported, expression_of

__all__ = ["Comparison", "compare", "formula_text", "generators", "is_close"]

_WORK: Final = {"flint": 20_000_000, "sympy": 200_000}
"""Products of terms that the formulas of one branch may take."""

_ROUNDING: Final = Fraction(16, 2**52)
"""Sixteen units in the last place of a double."""
_SHOWN_TERMS: Final = 60
_FACTORED_TERMS: Final = 12


class Comparison(NamedTuple):
    """What came of one component: `equal` is None where that is not decided, and `reason` says why.

    `rounded` is whether the two differ by no more than the rounding of floats in the programs.
    """

    equal: bool | None
    derivative: RationalFunction | None = None
    given: RationalFunction | None = None
    rounded: bool = False
    reason: str = ""


def generators(field: Field, theirs: Program, ours: Program | None = None) -> list[Any]:
    """A generator for each leaf, None for one that reaches an exponent: its number chose a piece."""
    pairs = zip(
        field.generators,
        theirs.exponents,
        (theirs if ours is None else ours).exponents,
        strict=True,
    )
    return [None if a or b else generator for generator, a, b in pairs]


def compare(
    claim: Claim, theirs: Program, ours: Program, deadline: float, *, rounded: bool
) -> list[Comparison]:
    """For each component, whether the outputs of `ours` are the derivatives of those of `theirs`.

    `rounded` says that floats in one of the two were rounded before they were seen.
    """
    field = Field(len(theirs.leaves), _WORK[default_backend()], deadline=deadline)
    elements = generators(field, theirs, ours)
    try:
        derivatives = expected(claim.kind, theirs, elements, claim.count)
        given = ours.results(elements)
        return [
            _compared(field, left, right, rounded=rounded)
            for left, right in zip(derivatives, given, strict=True)
        ]
    except (OutOfBudget, Unsupported) as reason:
        return [Comparison(None, reason=str(reason))] * len(ours.outputs)


def _compared(field: Field, derivative: Any, given: Any, *, rounded: bool) -> Comparison:
    if derivative is UNAVAILABLE:
        return Comparison(None, reason=UNAVAILABLE.reason)
    left, right = field.convert(derivative), field.convert(given)
    assert left is not None
    assert right is not None
    equal = left == right
    close = not equal and rounded and _within_rounding(left, right)
    return Comparison(equal, left, right, close)


def is_close(left: Fraction, right: Fraction) -> bool:
    """Whether two numbers agree within the rounding of a few double precision operations."""
    return abs(left - right) <= _ROUNDING * max(abs(left), abs(right))


def _within_rounding(left: RationalFunction, right: RationalFunction) -> bool:
    """Whether every coefficient of one is close to that of the other, over a common denominator."""
    ours = dict((right.numerator_over(left)).terms()[0])
    theirs = dict((left.numerator_over(right)).terms()[0])
    return all(
        is_close(Fraction(ours.get(key, 0)), Fraction(theirs.get(key, 0)))
        for key in ours.keys() | theirs.keys()
    )


def formula_text(function: RationalFunction, symbols: Sequence[Any]) -> str:
    """A rational function in terms of `symbols`, factored where that is quickly found."""
    terms = function.terms()
    size = len(terms[0]) + len(terms[1])
    if size > _SHOWN_TERMS:
        return f"a rational function of {size:,} terms"
    shown = expression_of(terms, symbols)
    # Factors read better, and take longer to find than the proof took, were there more terms.
    return str(sp.factor(shown) if size <= _FACTORED_TERMS else shown)
