"""Equality on a branch: what a program returned is, or is not, the derivative, for all inputs.

Both sides are brought to the normal form of `minigrad.rational`, with a generator for every
argument, and compared as `verify.decide` says: of rational functions that is a decision. Where that is
too long, it is tried with more generators, for what both programs compute (`verify.cuts`). Where floats
that were rounded before minigrad saw them are in play, the exact difference may be nothing but their
rounding (`verify.nearly`): what that explains is said to be equal up to rounding, never equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad import sympy_text
from minigrad.closed import Closed, lift
from minigrad.closed_text import factored, written
from minigrad.errors import NotDecided, TooLarge
from minigrad.number import UNAVAILABLE, product
from minigrad.number_text import short_text
from minigrad.polynomials import terms
from minigrad.rational import Field, OutOfBudget, default_backend
from minigrad.verify.apart import Apart, whole
from minigrad.verify.claims import Claim, expected
from minigrad.verify.cuts import Common
from minigrad.verify.decide import UNDECIDED, same
from minigrad.verify.nearly import may_be_rounding
from minigrad.verify.program import Program
from minigrad.verify.scales import Scale, tries
from minigrad.verify.symbolic import Unsupported

__all__ = ["Comparison", "compare", "formula_text", "generators", "held"]

_WORK: Final = {"flint": 20_000_000, "sympy": 200_000}
"""Products of terms that the formulas of one branch may take."""

_SHOWN_TERMS: Final = 60
_WRITTEN_TERMS: Final = 1_000
_FACTORED_TERMS: Final = 12
_MOST_TERMS: Final = 400
"""Terms of a closed form up to which it is factored, to be shown if its factors are short."""


class Comparison(NamedTuple):
    """What came of one component: `equal` is None where that is not decided, and `reason` says why.

    `rounded` is whether the two differ by no more than the rounding of floats in the programs, and
    `assumed` are formulas with the signs that they must have for the answer to hold, and `field` that of
    all formulas of the branch.
    """

    equal: bool | None
    derivative: Any = None
    given: Any = None
    rounded: bool = False
    reason: str = ""
    assumed: tuple[tuple[Any, int], ...] = ()
    field: Field | None = None


def held(theirs: Program, ours: Program | None = None) -> list[bool]:
    """For each leaf, whether it reaches an exponent, and keeps its number: that chose a piece."""
    others = (theirs if ours is None else ours).exponents
    return [a or b for a, b in zip(theirs.exponents, others, strict=True)]


def generators(field: Field, theirs: Program, ours: Program | None = None) -> list[Any]:
    """A generator for each leaf, None for one that is held; the field may have more."""
    pairs = zip(field.generators, held(theirs, ours), strict=False)
    return [None if is_held else generator for generator, is_held in pairs]


def compare(
    claim: Claim,
    theirs: Program,
    ours: Program,
    deadline: float,
    *,
    rounded: Sequence[Fraction] = (),
) -> list[Comparison]:
    """For each component, whether the outputs of `ours` are the derivatives of those of `theirs`.

    `rounded` are constants that floats were rounded to before they were seen.
    """
    count = len(theirs.leaves)
    field = Field(count, _WORK[default_backend()], deadline=deadline, point=theirs.point)
    found = _compared_in(field, claim, theirs, ours)
    for common, scales in () if claim.kind.is_second or _is_decided(found) else tries(theirs, ours):
        try:
            again = _compared_over(common, scales, claim, theirs, ours, deadline)
        except (NotDecided, OutOfBudget, TooLarge, Unsupported, ZeroDivisionError):
            continue
        found = [a if a.equal and c.equal is None else c for a, c in zip(again, found, strict=True)]
        if _is_decided(found):
            break
    if rounded and any(comparison.equal is False for comparison in found):
        close = may_be_rounding(claim, theirs, ours, rounded)
        found = [
            c._replace(rounded=c.equal is False and is_close)
            for c, is_close in zip(found, close, strict=True)
        ]
    assumed = {formula.key: (formula, sign) for c in found for formula, sign in c.assumed}
    return [comparison._replace(assumed=tuple(assumed.values())) for comparison in found]


def _is_decided(found: Sequence[Comparison]) -> bool:
    """Whether all components are known to be equal or not, as far as they can be."""
    return all(c.equal is not None or c.reason == UNAVAILABLE.reason for c in found)


def _compared_over(
    common: Sequence[Common],
    scales: Sequence[Scale],
    claim: Claim,
    theirs: Program,
    ours: Program,
    deadline: float,
) -> list[Comparison]:
    """The comparison with variables for what both programs compute; open where that decides nothing.

    Raises OutOfBudget, NotDecided, TooLarge, Unsupported or ZeroDivisionError where it cannot be made.
    """
    work = _WORK[default_backend()]
    first = [c.theirs[0] for c in common]
    at = [theirs.graph.nodes[i]._datum / factor for i, factor in first]
    point = [*theirs.point, *[s.of(value) for s, value in zip(scales, at, strict=True)]]
    field = Field(len(point), work, deadline=deadline, point=point)
    variables = field.generators[len(theirs.leaves) :]
    measured = [Apart.of(s.back(x)) for s, x in zip(scales, variables, strict=True)]
    pairs = [*zip(common, measured, strict=True)]
    found = _compared_in(
        field,
        claim,
        theirs.cut({i: factor * variable for c, variable in pairs for i, factor in c.theirs}),
        ours.cut({i: factor * variable for c, variable in pairs for i, factor in c.ours}),
        apart=True,
    )
    if not any(comparison.equal for comparison in found):
        return [Comparison(None)] * len(found)
    known = set().union(*[s.known(x) for s, x in zip(scales, variables, strict=True)])
    supposed = [(f, sign) for f, sign in found[0].assumed if (f.key, sign) not in known]
    # At other points it is asked for again, of the arguments that they have.
    arguments = Field(len(theirs.leaves), work, deadline=deadline, point=theirs.point)
    elements = generators(arguments, theirs, ours)
    asked = {
        kernel.base for formula, _ in supposed for kernel in formula.kernels if kernel.kind == "x"
    }
    values = [
        *elements,
        *[
            scale.of(theirs.node(i, elements) / factor) if k in asked else None
            for k, ((i, factor), scale) in enumerate(zip(first, scales, strict=True), len(elements))
        ],
    ]
    assumed = [(_in_terms_of(values, formula), sign) for formula, sign in supposed]
    # The normal form of what a node computes supposes signs as well: sqrt(x**2) is x for x > 0.
    assumed += arguments.assumptions.values()
    formulas = tuple([(f, sign) for f, sign in assumed if not isinstance(f, Fraction)])
    # The formulas themselves are in variables that have no name.
    return [Comparison(comparison.equal or None, assumed=formulas) for comparison in found]


def _in_terms_of(values: Sequence[Any], formula: Any) -> Any:
    """A rational formula with `values` in the place of its variables. Raises Unsupported for others."""
    if any(kernel.kind != "x" for kernel in formula.kernels):
        raise Unsupported("the sign of a formula that is not rational")
    places = [values[kernel.base] for kernel in formula.kernels]
    top, bottom = (
        sum(
            [
                c * product([x**e for x, e in zip(places, exponents, strict=True)])
                for exponents, c in terms(part)
            ]
        )
        for part in (formula.top, formula.bottom)
    )
    return lift(top / bottom)


def _compared_in(
    field: Field,
    claim: Claim,
    theirs: Program,
    ours: Program,
    *,
    apart: bool = False,
) -> list[Comparison]:
    """The comparison of formulas in the generators of `field`; in sums kept `apart` where asked for."""
    elements = generators(field, theirs, ours)
    if apart:
        elements = [None if element is None else Apart.of(element) for element in elements]
    try:
        derivatives = expected(claim.kind, theirs, elements, claim.count)
        given = ours.results(elements)
        found = [
            _compared(field, left, right) for left, right in zip(derivatives, given, strict=True)
        ]
        assumed = tuple(field.assumptions.values())
        return [comparison._replace(assumed=assumed, field=field) for comparison in found]
    except (NotDecided, OutOfBudget, Unsupported) as reason:
        return [Comparison(None, reason=str(reason))] * len(ours.outputs)


def _compared(field: Field, derivative: Any, given: Any) -> Comparison:
    if derivative is UNAVAILABLE:
        return Comparison(None, reason=UNAVAILABLE.reason)
    if isinstance(derivative, Apart) and not (derivative - given).parts:
        # As single fractions they might be too long.
        return Comparison(equal=True)
    left, right = field.element(whole(derivative)), field.element(whole(given))
    equal = same(left, right)
    return Comparison(equal, left, right, reason=UNDECIDED if equal is None else "")


def formula_text(function: Any, symbols: Sequence[Any]) -> str:
    """A formula in terms of `symbols`, factored where that is quickly found."""
    if isinstance(function, Fraction):
        return short_text(function)
    long = f"a formula of {function.size:,} terms"
    if isinstance(function, Closed):
        if function.size > _MOST_TERMS or written(function, _WRITTEN_TERMS) > _WRITTEN_TERMS:
            return long
        found = factored(function, symbols, _SHOWN_TERMS)
        return long if found is None else sympy_text.text(found)
    if function.size > _SHOWN_TERMS:
        return long
    # Factors read better, and take longer to find than the proof took, were there more terms.
    spelt = function.factored if function.size <= _FACTORED_TERMS else function.expression
    return sympy_text.text(spelt(symbols))
