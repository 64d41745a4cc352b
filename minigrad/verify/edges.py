"""What a function does beside a point where it may change: one-sided derivatives of a whole program.

At a boundary, of a piecewise operator or of a comparison that the program makes, the formula of the
branch taken says nothing of the derivative: `x*x if x != 1 else 1` takes the constant at 1, and its
derivative there is 2. So the program is run infinitely close to the point, on both sides of it along
each argument, and in regions between, and asked for its derivatives there (`beside`).
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from minigrad.graph import topological_order
from minigrad.infinitesimal import Infinitesimal, NotFarEnough, standard_part
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.verify.beside import LIMIT, Beside, Edge, at_boundary, beside
from minigrad.verify.claims import Claim, Kind, Sample, expected
from minigrad.verify.onesided import OneSided
from minigrad.verify.program import Program

__all__ = [
    "conventions",
    "gradients_around",
    "of_branches",
    "one_sided",
    "sums_beside",
]

_MOST_PATTERNS: Final = 16
"""Patterns of signs of which the regions are looked into."""
_SCALES: Final = tuple(Fraction(x) for x in ("1", "1/2", "2", "1/5", "5", "1/40", "40"))
"""How much further each argument goes than the one before."""
_TERMS: Final = 2
"""Terms of the shortest series that first derivatives are read of."""
_SMALLER: Final = 64
"""The power of an infinitesimal that is taken for infinitely smaller than that, in second moves."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class _NotRational(OutOfBudget):
    """A second derivative would have to be found of formulas that are not rational."""

    def __init__(self) -> None:
        super().__init__("second derivatives of functions that are not rational, at a boundary")


def _by_the_shortest_series(
    look: Callable[Concatenate[Edge, _P], _T],
) -> Callable[Concatenate[Edge, _P], _T]:
    """`look` with series of two terms, where these tell first derivatives; else with long ones."""

    @functools.wraps(look)
    def found(edge: Edge, /, *args: _P.args, **options: _P.kwargs) -> _T:
        if not edge.claim.kind.is_second:
            with contextlib.suppress(NotFarEnough):
                return look(edge._replace(length=_TERMS), *args, **options)
        return look(edge, *args, **options)

    return found


@_by_the_shortest_series
def one_sided(edge: Edge) -> list[OneSided]:
    """For each component of the claim, what it is from the left and from the right of the point.

    None stands for a derivative that does not exist. Raises OutOfBudget where that would take too much
    work, or the function cannot be run there.
    """
    count = edge.claim.count
    vector = edge.sample.values[count:]
    if edge.claim.kind is Kind.JVP:
        left, right = (beside(edge, vector, s) for s in (-1, 1))
        return _paired(_slopes(left, edge.sample), _slopes(right, edge.sample))
    axes = [_axis(edge.claim, k) for k in range(count)]
    if edge.claim.kind is Kind.HVP:
        # One run along the vector: beside a kink, derivatives along the axes do not add up to it.
        if not any(vector):
            return [OneSided(ZERO, ZERO)] * count
        return _second_along(edge, [vector])[0]
    if edge.claim.kind.is_second:
        columns = _second_along(edge, axes)
    else:
        columns = [_along_axis(edge, axis) for axis in axes]
    if edge.claim.kind is Kind.VJP:
        return [_weighted(column, vector) for column in columns]
    return [entry for row in zip(*columns, strict=True) for entry in row]


@_by_the_shortest_series
def sums_beside(
    edge: Edge,
    sides: Sequence[OneSided],
    signs: Sequence[int],
    weights: Sequence[Fraction] = (ONE,),
) -> tuple[OneSided, list[Fraction]]:
    """What the components of a gradient, times `signs`, may add up to at a kink: the derivative that way.

    First the one-sided derivatives in that direction; then these, and the sums of the gradients that
    hold in regions next to the point. The regions are those where the partial derivatives, the `sides`,
    are greatest and least, so that where arguments do not meet each other's kinks the extreme sums are
    among them. Of several outputs it is the sum times `weights`.
    """
    along = [Fraction(sign) for sign in signs]
    left, right = (_total(beside(edge, along, sign), weights) for sign in (-1, 1))
    sums = [slope for slope in (left, right) if slope is not None]
    for greatest in (True, False):
        # Steps of different length keep clear of ties between arguments.
        direction = [
            Fraction(97 + 2 * i, 97) * signs[i] * (1 if _is_greater(side) is greatest else -1)
            for i, side in enumerate(sides)
        ]
        found = _gradient_beside(edge, direction, weights)
        if found is not None:
            sums.append(sum([sign * x for sign, x in zip(signs, found, strict=True)], ZERO))
    return OneSided(left, right), sums


@_by_the_shortest_series
def gradients_around(edge: Edge, weights: Sequence[Fraction]) -> list[list[Fraction]]:
    """The gradients that hold in regions next to the point, of the outputs' sum times `weights`.

    In each region the arguments that meet at boundaries have other signs, and other sizes beside one
    another: a kink within a kink, as that of ||x| - |y||, has a region for each. A narrow one may be
    missed, and of many arguments not all patterns of signs are looked into.
    """
    meeting = _meeting(edge.sample)
    found = []
    for direction in _directions(edge.claim.count, meeting):
        gradient = _gradient_beside(edge, direction, weights)
        found += [] if gradient is None else [gradient]
    return found


def _meeting(sample: Sample) -> list[int]:
    """The arguments, by number, on which it depends what the function does at its boundaries here."""
    equal = [c for c in sample.function.trace.comparisons if c.side == 0]
    sides = [side for c in equal for side in (c.left, c.right)]
    order = topological_order([*sample.outputs, *sides])
    asked = [node for node in order if at_boundary(node) and id(node) not in sample.idle]
    below = {id(node) for node in topological_order([*sides, *asked])}
    return [k for k, leaf in enumerate(sample.leaves) if id(leaf) in below]


def _directions(count: int, meeting: Sequence[int]) -> Iterator[list[Fraction]]:
    """Ways off a point for `count` arguments, with patterns of signs and sizes of those `meeting`."""
    for pattern, scale in itertools.product(_patterns(len(meeting)), _SCALES):
        # By no two as much, lest they stay on a tie.
        direction = [Fraction(103 + k, 103) for k in range(count)]
        for place, (k, sign) in enumerate(zip(meeting, pattern, strict=True)):
            direction[k] *= sign * scale**place
        yield direction


def _patterns(count: int) -> Iterator[tuple[int, ...]]:
    """Patterns of so many signs: all of a few, and some of many, the same ones each time."""
    if 2**count <= _MOST_PATTERNS:
        yield from itertools.product((1, -1), repeat=count)
        return
    rng = random.Random(count)
    yield (1,) * count
    yield (-1,) * count
    for _ in range(_MOST_PATTERNS - 2):
        yield tuple(rng.choices((1, -1), k=count))


def _gradient_beside(
    edge: Edge,
    direction: Sequence[Fraction],
    weights: Sequence[Fraction],
) -> list[Fraction] | None:
    """The gradient that holds in the region in that direction; None where there is none."""
    region = beside(edge, direction, 1)
    if region is None or _total(region, weights) is None:
        return None
    gradient = _gradient_of(region.program, edge.sample, weights)[: edge.claim.count]
    known = [entry for entry in gradient if entry is not None]
    return known if len(known) == len(gradient) else None


@_by_the_shortest_series
def of_branches(edge: Edge, k: int) -> list[Fraction]:
    """Component `k` of a gradient or a Jacobian by the formulas on the left, here, and on the right.

    That is what is left to compare it with where the function jumps; fewer where a formula gives nothing.
    With a derivative on one side it is that of the formula here, if the program compared alike there: it
    may be at the boundary of an operator. Raises OutOfBudget as `one_sided` does.
    """
    output, argument = divmod(k, edge.claim.count)
    weights = [ONE if o == output else ZERO for o in range(len(edge.sample.outputs))]
    axis = _axis(edge.claim, argument)
    left, right = (beside(edge, axis, sign) for sign in (-1, 1))
    here = Program(edge.sample.outputs, edge.sample.leaves, edge.rules)
    programs = [left and left.program, here, right and right.program]
    known = [side for side in (left, right) if side is not None and side.slopes[output] is not None]
    if known:
        programs = [here] if all(side.compares_alike for side in known) else []
    found = [
        _gradient_of(program, edge.sample, weights)[argument]
        for program in programs
        if program is not None
    ]
    return [number for number in found if number is not None]


def _gradient_of(
    program: Program, sample: Sample, weights: Sequence[Fraction]
) -> list[Fraction | None]:
    """What the gradient of a run beside the point tends to at the point; None where it does not."""
    seeds = _seeds(program.outputs, weights)
    limits: list[Fraction | None] = [None] * len(sample.values)
    # By its formulas at the point itself; those of x*|x|/x divide by 0 there, and are asked beside it.
    for at_point in (True, False):
        try:
            lifted = program.over(list(sample.values)) if at_point else program.numbers
            found = lifted.gradient(seeds)
        except (ZeroDivisionError, TypeError):
            continue
        limits = [
            standard_part(slope) if limit is None and slope is not UNAVAILABLE else limit
            for limit, slope in zip(limits, found, strict=True)
        ]
    return limits


def _total(side: Beside | None, weights: Sequence[Fraction]) -> Fraction | None:
    """The derivative of the weighted sum of the outputs on one side; None where one has none."""
    if side is None:
        return None
    total = ZERO
    for slope, weight in zip(side.slopes, weights, strict=True):
        if slope is None and weight:
            return None
        total += weight * (slope or ZERO)
    return total


def _seeds(outputs: Sequence[int], weights: Sequence[Fraction]) -> dict[int, Fraction]:
    seeds: dict[int, Fraction] = {}
    for output, weight in zip(outputs, weights, strict=True):
        seeds[output] = seeds.get(output, ZERO) + weight
    return seeds


def _is_greater(side: OneSided) -> bool:
    """Whether the derivative from the right is the greater one; one that does not exist is no less."""
    if side.left is None or side.right is None:
        return side.left is not None
    return side.right > side.left


def _along_axis(edge: Edge, axis: Sequence[Any]) -> list[OneSided]:
    """The derivatives of each output by one argument."""
    left, right = (beside(edge, axis, sign) for sign in (-1, 1))
    return _paired(_slopes(left, edge.sample), _slopes(right, edge.sample))


def _axis(claim: Claim, k: int) -> list[Any]:
    return [ONE if i == k else ZERO for i in range(claim.count)]


def _slopes(side: Beside | None, sample: Sample) -> list[Fraction | None]:
    return [None] * len(sample.outputs) if side is None else side.slopes


def _second_along(edge: Edge, directions: Sequence[Sequence[Any]]) -> list[list[OneSided]]:
    """For each direction, the derivatives along it of the first derivatives by each argument.

    These are what they are at the point itself, where both sides agree on them, and on either side what
    formulas say that hold infinitely close to it.
    """

    def both(direction: Sequence[Any]) -> list[Beside | None]:
        return [beside(edge, direction, sign) for sign in (-1, 1)]

    known = {
        axis: both(axis) for axis in (tuple(_axis(edge.claim, k)) for k in range(edge.claim.count))
    }
    first = [
        OneSided(*[_slopes(side, edge.sample)[0] for side in pair]).derivative
        for pair in known.values()
    ]
    columns = []
    for direction in directions:
        pair = known.get(tuple(direction)) or both(direction)
        left, right = (
            [_second(edge, side, (direction, sign), i, here) for i, here in enumerate(first)]
            for side, sign in zip(pair, (-1, 1), strict=True)
        )
        columns.append(_paired(left, right))
    return columns


def _second(
    edge: Edge,
    side: Beside | None,
    way: tuple[Sequence[Any], int],
    i: int,
    here: Fraction | None,
) -> Fraction | None:
    """The derivative, one way along a direction, of that by argument `i`, `here` at the point."""
    if side is None or here is None:
        return None
    direction, sign = way
    field = Field(1, LIMIT, deadline=edge.deadline)
    step = sign * field.generators[0]
    elements = _moved(edge.sample, direction, step)
    programs = [side.program]
    if side.may_change and any(length for k, length in enumerate(direction) if k != i):
        # Moved along the direction the point may be on the boundary still: a second move, infinitely
        # smaller than the first, tells whether there is a derivative by argument i.
        smaller = Infinitesimal(field.generators[0]) ** (_SMALLER - 1)
        for turn in (-1, 1):
            crooked = [*direction]
            crooked[i] = crooked[i] + turn * smaller
            moved = beside(edge, crooked, sign)
            if moved is None:
                return None
            programs.append(moved.program)
    try:
        try:
            found = [_value_and_slope(side.program, elements, i, field)]
        except _NotRational:
            if len(programs) > 1:
                raise
            return _second_of_germs(side, sign * Infinitesimal(field.generators[0]), i, here)
        for program in programs[1:]:
            pair = None
            with contextlib.suppress(ZeroDivisionError):
                pair = _value_and_slope(program, elements, i, field)
            found.append(pair or _cancelled(program, edge.sample, way, i, field))
    except ZeroDivisionError:
        return None
    except TypeError as error:
        raise OutOfBudget(f"the formulas beside this point cannot be asked: {error}") from None
    if None in found:
        return None
    own = found[1:] or found
    if any(value != found[0][0] or slope != own[0][1] for value, slope in own):
        return None
    return _limit(own[0][1] - here, step)


def _second_of_germs(side: Beside, step: Infinitesimal, i: int, here: Fraction) -> Fraction | None:
    """The same of a function that is not rational, by the gradient that the run beside the point has."""
    slope = side.program.numbers.gradient({side.program.outputs[0]: ONE})[i]
    if slope is UNAVAILABLE:
        return None
    found: Fraction | None = standard_part((slope - here) / step)
    return found


def _moved(sample: Sample, direction: Sequence[Any], step: Any) -> list[Any]:
    """The numbers of a sample, moved along a direction."""
    elements: list[Any] = list(sample.values)
    for k, length in enumerate(direction):
        if length:
            elements[k] = elements[k] + length * step
    return elements


def _cancelled(
    program: Program, sample: Sample, way: tuple[Sequence[Any], int], i: int, field: Field
) -> Any:
    """As `_value_and_slope`, of formulas that divide by 0 on the boundary, as x*y/x does where x is 0.

    Argument `i` is a variable until what cancels is gone. None where that leaves a pole.
    """
    direction, sign = way
    wide = Field(2, LIMIT, deadline=field.deadline)
    step, other = wide.generators
    elements = _moved(sample, direction, sign * step)
    elements[i] = elements[i] + other
    found = _value_and_slope(program, elements, i, wide)
    pair = found and tuple([_without_second(function, field) for function in found])
    return None if pair is None or None in pair else pair


def _without_second(function: RationalFunction, field: Field) -> RationalFunction | None:
    """The function of the one variable of `field` that is left where the second is 0; None at a pole."""
    (variable,) = field.generators
    top, bottom = (
        sum([c * variable**e for (e, other), c in part if not other], variable * 0)
        for part in function.terms()
    )
    return top / bottom if bottom else None


def _limit(rise: Any, run: Any) -> Fraction | None:
    """The standard part of a quotient in the one generator, taken for infinitesimal."""
    if not isinstance(rise, RationalFunction):
        raise _NotRational
    return Infinitesimal(rise / run).standard_part()


def _value_and_slope(program: Program, elements: Sequence[Any], i: int, field: Field) -> Any:
    """The output and its derivative by argument `i`; None where there is no derivative.

    Raises OutOfBudget where that is not rational.
    """
    slope = program.over(elements).gradient({program.outputs[0]: ONE})[i]
    if slope is UNAVAILABLE:
        return None
    pair = field.convert(program.results(elements)[0]), field.convert(slope)
    if None in pair:
        raise _NotRational
    return pair


def _paired(left: Sequence[Fraction | None], right: Sequence[Fraction | None]) -> list[OneSided]:
    return [OneSided(*pair) for pair in zip(left, right, strict=True)]


def _weighted(sides: Sequence[OneSided], weights: Sequence[Fraction]) -> OneSided:
    """The sum of one-sided derivatives times weights; None where one that counts is missing."""
    totals: list[Fraction | None] = [ZERO, ZERO]
    for side, weight in zip(sides, weights, strict=True):
        for i, slope in enumerate(side):
            total = totals[i]
            if weight and (slope is None or total is None):
                totals[i] = None
            elif weight and total is not None and slope is not None:
                totals[i] = total + weight * slope
    return OneSided(*totals)


def conventions(claim: Claim, program: Program) -> list[Any]:
    """What the conventions for the boundaries of operators make of each component; None at others.

    A comparison in the program has no convention: the derivative of the branch that it chose is no more
    than that.
    """
    found = expected(claim.kind, program, None, claim.count)
    stands = any(program.at_boundary)
    return [value if stands and value is not UNAVAILABLE else None for value in found]
