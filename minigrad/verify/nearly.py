"""Equality up to the rounding of floats that a program computed before minigrad saw them.

    >>> third = Fraction("0.3333333333333333")
    >>> is_close(third, Fraction(1, 3)), is_close(third, Fraction("0.33333333333333"))
    (True, False)

Where such floats are in play, the exact difference of a derivative and what was given for it may be
nothing but their rounding, wherever they stand: as a coefficient, as the frequency of a sine, as entries
of a matrix whose columns are orthogonal but for the last digit. So each of these constants is moved a
little, by itself, and the difference is measured against how far that moves it. Whether it could be 0
with constants within the rounding of these is what numerical analysis asks of a backward error (J. H.
Wilkinson, Rounding Errors in Algebraic Processes, chapter 1).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any, Final

from minigrad import reverse
from minigrad.backing import outside
from minigrad.closed import lift, together
from minigrad.enclosed import Enclosed, Numbers
from minigrad.errors import MinigradError
from minigrad.kernels import Evaluation, Kernel, multiplied
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.polynomials import terms
from minigrad.rational import OutOfBudget
from minigrad.scalar import Scalar, literal
from minigrad.verify.claims import Claim, Sample, expected
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Unsupported

__all__ = ["Rounding", "as_float", "is_close", "magnitude", "may_be_rounding", "numerators"]

_ROUNDING: Final = Fraction(16, 2**52)
"""Sixteen units in the last place of a double."""
_MOVE: Final = Fraction(1, 2**30)
"""By how much of itself a constant is moved: little enough for all but the first order to vanish."""
_EXPLAINED: Final = Fraction(4096, 2**52)
"""By how much of itself a constant may be off: standardised data by more than their last digits."""
_REMAINDER: Final = (Fraction(1, 2**60), Fraction(1, 2**44))
"""A constant of this size may be nothing but the rounding of numbers of about 1: the sine of 2*pi."""
_CANCELLED: Final = 2**14
"""How many times as large as a derivative that is not 0 the parts may be that it is left of."""
_GROUPS: Final = 8
"""So many constants are moved one by one; of more, groups, each constant at random up or down."""
_NEAR_BY: Final = 2
"""At how many points besides that of the run a difference must be within the rounding."""
_BITS: Final = (200, 800, 3200)
"""Bits to which closed forms are evaluated, until `_DIGITS` of them are known."""
_DIGITS: Final = 120


def is_close(left: Any, right: Any, least: Fraction = ZERO, rounding: Fraction = _ROUNDING) -> bool:
    """Whether two numbers agree within the rounding of a few double precision operations.

    They are taken for no smaller than `least`, the size of what they were computed from.
    """
    return bool(abs(left - right) <= rounding * max(abs(left), abs(right), least))


def magnitude(node: Scalar) -> Fraction | None:
    """What a relative error of 1 in each number of a graph would do to its root, to first order.

    That is the sum of all numbers, each times the root's derivative by it (N. J. Higham, Accuracy and
    Stability of Numerical Algorithms, 2nd ed., section 3.3, on running error analysis). None where
    it is beyond every float, or not known.

    >>> x = Scalar(3)
    >>> magnitude((x + 1) - x)
    Fraction(5, 1)
    """
    # In closed forms it may take minutes, and a size is no more than a size.
    numbers = Numbers()
    try:
        found = reverse.adjoints(node, partials=numbers.partials)
        terms = [
            (_size if n.operands or n.is_constant else _of_leaf)(adjoint, numbers.of(n))
            for n, adjoint in found.items()
        ]
        return Fraction(math.fsum(terms))
    except (ArithmeticError, MinigradError, ValueError):
        return None


def _of_leaf(adjoint: Any, value: Any) -> float:
    # At 0 an argument shows nothing of what it has to do with the result.
    return max(_size(adjoint, value), abs(as_float(adjoint)))


def _size(x: Any, y: Any) -> float:
    found = abs(as_float(x) * as_float(y))
    # One of them may be beyond every float, and the product not.
    return found if math.isfinite(found) else abs(as_float(outside(x) * outside(y)))


def as_float(number: Any) -> float:
    """A number as a float; infinite where it is beyond every float."""
    try:
        if isinstance(number, Enclosed):
            return float(number.middle())
        return float(literal(outside(number)))
    except OverflowError:
        return math.inf


class Rounding:
    """What the rounding of floats in the programs may explain, at one sample of them."""

    def __init__(self, claim: Claim, sample: Sample) -> None:
        self._claim = claim
        self._sample = sample

    @cached_property
    def _is_possible(self) -> bool:
        return self._sample.may_be_rounded

    @cached_property
    def _of_function(self) -> Fraction | None:
        return _scale(self._claim, self._sample.outputs, self._sample.values)

    def explains(
        self,
        given: Sequence[Scalar],
        found: Fraction | None,
        numbers: Sequence[Any],
        rounding: Fraction = _ROUNDING,
    ) -> bool:
        """Whether `found`, computed from `given`, of what the derivative's program returns, may be one of
        `numbers` but for rounding.
        """
        if found is None or not self._is_possible:
            return False
        if any(is_close(found, x, rounding=rounding) for x in numbers):
            return True
        scale = _larger(self._of_function, given)
        return scale is None or any(is_close(found, x, scale, rounding) for x in numbers)

    def explains_roughly(self, given: Scalar, found: Fraction | None, number: Any) -> bool:
        """As `explains`, where constants may be off by more than their last digits, or stand for 0."""
        if found is None or abs(found - number) < _REMAINDER[1]:
            return True
        return self.explains([given], found, [number], 16 * _EXPLAINED)


def _scale(claim: Claim, outputs: Sequence[Scalar], values: Sequence[Fraction]) -> Fraction | None:
    """The size of derivatives of `outputs` of which a rounding error is a last digit; None if unknown.

    `values` are the numbers of the arguments, and then of the vector. A derivative may be much smaller
    than this, where parts of it cancel.
    """
    sizes = [*map(magnitude, outputs)]
    vector = [abs(value) for value in values[claim.count :]]
    least = min([abs(value) for value in values[: claim.count] if value], default=ONE)
    factor = max([ONE, *vector]) / least ** (2 if claim.kind.is_second else 1)
    return None if None in sizes else sum(filter(None, sizes), ZERO) * factor


def _larger(scale: Fraction | None, given: Sequence[Scalar]) -> Fraction | None:
    """The size of what is given, or a scale that is larger, but not by far; None where one is unknown."""
    sizes = [*map(magnitude, given)]
    if scale is None or None in sizes:
        return None
    own = max(filter(None, sizes), default=ZERO)
    return max(own, min(scale, _CANCELLED * own)) if own else scale


def may_be_rounding(
    claim: Claim, theirs: Program, ours: Program, constants: Sequence[Fraction]
) -> list[bool]:
    """For each component, whether the rounding of constants may be all that keeps it from being right.

    `constants` are those that were rounded. A component is right where the output of `ours` is the
    derivative of those of `theirs`; the two are compared where the programs ran, and at points near by.
    """
    met: list[list[tuple[Fraction, Fraction]]] = [[] for _ in ours.outputs]
    known = set(constants)
    most = _most(claim, theirs, ours, known)
    groups = _moved(theirs, ours, known)
    for elements in _near_by(claim, theirs, ours):
        try:
            here = _differences(claim, theirs, ours, elements)
            moved = [
                _differences(claim, theirs.cut(first), ours.cut(second), elements)
                for first, second in groups
            ]
        except (ArithmeticError, MinigradError, OutOfBudget, Unsupported, ValueError):
            continue
        for k, (difference, *others) in enumerate(zip(here, *moved, strict=True)):
            if difference is None or None in others:
                continue
            reach = sum([abs(other - difference) for other in others]) / _MOVE * _EXPLAINED
            met[k].append((abs(difference), reach if most is None else min(reach, most)))
    return [*map(_is_explained, met)]


def _is_explained(met: Sequence[tuple[Fraction, Fraction]]) -> bool:
    """Whether each difference is within its reach; where all reaches are 0 there is nothing to tell."""
    within = all(difference <= reach for difference, reach in met)
    return within and (not met or any(reach for _, reach in met))


def _near_by(claim: Claim, theirs: Program, ours: Program) -> Iterator[list[Any] | None]:
    """What stands in the place of the leaves: their numbers, and others close to these."""
    if claim.kind.is_second:
        yield None
        return
    yield list(theirs.point)
    for i in range(1, _NEAR_BY + 1):
        rng = Random(i)
        yield [
            None if a or b else x + Fraction(rng.choice((-1, 1)) * rng.randint(10, 20), 997)
            for x, a, b in zip(theirs.point, theirs.exponents, ours.exponents, strict=True)
        ]


def _constants(program: Program, constants: Collection[Fraction]) -> list[tuple[int, Fraction]]:
    """The positions of nodes of a program that are among `constants`, and what they hold."""
    return [
        (i, node._datum)
        for i, node in enumerate(program.graph.nodes)
        if node.is_constant and isinstance(node._datum, Fraction) and node._datum in constants
    ]


def _most(
    claim: Claim, theirs: Program, ours: Program, constants: Collection[Fraction]
) -> Fraction | None:
    """How large a difference may be where a constant that may be 0 explains it; None without any."""
    met = [value for p in (theirs, ours) for _, value in _constants(p, constants)]
    if not any(map(_is_remainder, met)):
        return None
    first, second = ([p.graph.nodes[i] for i in p.outputs] for p in (theirs, ours))
    found = _larger(_scale(claim, first, theirs.point), second)
    # Points near by may have somewhat larger derivatives.
    return None if found is None else 16 * _EXPLAINED * found


def _is_remainder(constant: Fraction) -> bool:
    low, high = _REMAINDER
    return low < abs(constant) < high


def _step(constant: Fraction) -> Fraction:
    """How far a constant is moved."""
    return _MOVE * constant * (2 / _EXPLAINED if _is_remainder(constant) else 1)


def _moved(
    theirs: Program, ours: Program, constants: Collection[Fraction]
) -> list[tuple[dict[int, Fraction], dict[int, Fraction]]]:
    """Which nodes of both programs are moved together, and where to."""
    rng = Random(0)
    places = [
        (which, i, value + rng.choice((-1, 1)) * _step(value))
        for which, program in enumerate((theirs, ours))
        for i, value in _constants(program, constants)
    ]
    groups = [places[k::_GROUPS] for k in range(min(_GROUPS, len(places)))]
    return [
        ({i: x for w, i, x in group if w == 0}, {i: x for w, i, x in group if w == 1})
        for group in groups
    ]


def _differences(
    claim: Claim, theirs: Program, ours: Program, elements: list[Any] | None
) -> list[Fraction | None]:
    """What is given for each component minus the derivative, in numbers; None where one is unknown."""
    derivatives = expected(claim.kind, theirs, elements, claim.count)
    given = ours.results(list(ours.point) if elements is None else elements)
    found: list[Fraction | None] = []
    for pair in zip(given, derivatives, strict=True):
        known = [x for x in map(_evaluated, pair) if x is not None]
        found.append(known[0] - known[1] if len(known) == len(pair) else None)
    return found


def _evaluated(value: Any) -> Fraction | None:
    """A number as a ratio that is close to it; None where none is found."""
    if value is UNAVAILABLE:
        return None
    bounds = None
    for bits in _BITS:
        numbers = Evaluation(bits)
        bounds = numbers.balls.bounds(numbers.of(value))
        if bounds is not None and (bounds[1] - bounds[0]) * 2**_DIGITS <= abs(bounds[0]):
            break
    return None if bounds is None else (bounds[0] + bounds[1]) / 2


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
