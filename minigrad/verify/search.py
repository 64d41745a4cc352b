"""The points at which a hand-written derivative is looked at, if nobody gives any: and those besides.

A derivative can be right almost everywhere and wrong at 0, at a tie, on one branch only, and a check at
random points never sees that. So there are three kinds of points, in this order:

1. generic ones, positive, whole and mixed, drawn from a seed;
2. the hard ones: zeros in each place, in two, and in all; ones and minus ones; equal coordinates; small
   simple values;
3. those that the programs ask for. A `Watch` keeps which sides of each comparison, and of each boundary
   of a piecewise operator, have been seen: greater, less, equal. For one that is missing it looks along
   the coordinates: there the difference of both sides is a rational function of one variable, whose
   rational roots are points on the boundary. Points beside it are taken between its real roots, and those
   of other boundaries, so that `9 < x < 10` is seen to hold.

Nothing is drawn but from the seed, so the same check looks at the same points.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import sympy as sp

from minigrad.closed import Closed
from minigrad.graph import topological_order
from minigrad.number import ONE, ZERO
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.scalar import Scalar
from minigrad.trace import Comparison
from minigrad.verify.claims import Sample
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules, Unsupported, translate

__all__ = ["Site", "Watch", "generic", "halves", "hard", "is_settled", "small", "watched"]

Point = tuple[Fraction, ...]

_WORK: Final = 20_000
"""Products of terms to find where one comparison changes along one coordinate."""
_MOST_DEGREE: Final = 24
_AXES: Final = 3
"""Along how many coordinates a comparison is followed, from one point."""
_WIDTHS: Final = [sp.Rational(1, 2**bits) for bits in (16, 32, 64, 128)]
"""How closely roots are isolated, one width after the other."""
_TRIES: Final = 3
"""From how many points a comparison is followed."""


def generic(count: int, seed: int) -> Iterator[Point]:
    """Points without any structure: positive ratios, different whole numbers, ratios of both signs."""
    rng = random.Random(seed)
    yield tuple(Fraction(rng.randint(2, 40), rng.choice((3, 5, 7, 11))) for _ in range(count))
    yield tuple(Fraction(x) for x in rng.sample(range(2, 12 + 3 * count), count))
    yield tuple(
        Fraction(rng.choice((-1, 1)) * rng.randint(1, 30), rng.choice((1, 2, 3, 7)))
        for _ in range(count)
    )
    yield tuple(Fraction(rng.randint(1, 97), 97 + i) for i in range(count))
    yield tuple(Fraction(-rng.randint(1, 20), rng.choice((1, 3, 4))) for _ in range(count))


def small(count: int, seed: int) -> Iterator[Point]:
    """Points of halves up to 1, mixed: plain numbers for closed forms, and not all of them equal."""
    rng = random.Random(seed)
    for _ in range(4):
        yield tuple(Fraction(rng.choice((-2, -1, 1, 2)), 2) for _ in range(count))


def halves(point: Iterable[Fraction]) -> Point:
    """The point next to it whose coordinates are halves; those that are not 0 stay so.

    An exponential of 26/11 beside one of 4/7 is a polynomial in exp(1/77), of high degree.
    """
    return tuple([Fraction(round(2 * x), 2) or Fraction((x > 0) - (x < 0), 2) for x in point])


def hard(count: int, seed: int) -> Iterator[Point]:
    """Points where derivatives are usually wrong, if anywhere."""
    bases = list(generic(count, seed))
    ratios, wholes, mixed = bases[:3]
    yield (ZERO,) * count
    yield (ONE,) * count
    yield (-ONE,) * count
    yield (Fraction(3),) * count
    yield (Fraction(-1, 2),) * count
    yield tuple(Fraction((-1) ** i) for i in range(count))
    yield tuple(Fraction(i + 1) for i in range(count))
    for k in range(count):
        yield _with(ratios, {k: ZERO})
    if count > 1:
        for k in range(min(count, 8)):
            yield _with(mixed, {k: ZERO, (k + 1) % count: ZERO})
            yield _with(ratios, {k: ratios[(k + 1) % count]})
        yield _with(wholes, {0: -wholes[-1]})
    for k in range(min(count, 8)):
        for value in (ONE, -ONE, Fraction(2), Fraction(1, 2)):
            yield _with(wholes, {k: value})
    yield from bases[3:]


def _with(point: Point, changes: dict[int, Fraction]) -> Point:
    return tuple(changes.get(i, x) for i, x in enumerate(point))


class Site(NamedTuple):
    """What tells one boundary from another: the program, the place, and how often it was passed."""

    program: str
    place: Any
    turn: int


class Boundary(NamedTuple):
    """A place where a program may change: on which side this run was, and of what that is the sign.

    `difference` takes the values of `nodes`; it is 0 on the boundary.
    """

    site: Site
    side: int
    nodes: Sequence[Scalar]
    difference: Callable[[Sequence[Any]], Any]
    comparison: Comparison | None = None


def watched(sample: Sample, rules: Rules) -> Iterator[Boundary]:
    """The boundaries that both programs of a sample passed: comparisons, and pieces of operators."""
    yield from _passed("function", sample.function.trace.comparisons, sample.outputs, rules)
    if sample.derivative is not None:
        comparisons = sample.derivative.trace.comparisons
        yield from _passed("derivative", comparisons, sample.given, rules)


def _passed(
    program: str, comparisons: Sequence[Comparison], outputs: Sequence[Scalar], rules: Rules
) -> Iterator[Boundary]:
    turns: Counter[Any] = Counter()
    for comparison in comparisons:
        # An operator that raised may stand where another comparison is made, of its result.
        end = (comparison.relation,) if comparison.at_end else ()
        place = (comparison.place, *end)
        site = Site(program, place, turns[place])
        turns[place] += 1
        pair = (comparison.left, comparison.right)
        yield Boundary(site, comparison.side, pair, _difference, comparison)
    sides = [side for comparison in comparisons for side in (comparison.left, comparison.right)]
    for node in topological_order([*outputs, *sides]):
        if node.operator is None or node.operator.branch is None:
            continue
        values = [operand._data for operand in node.operands]
        for difference in _differences(node, values, rules):
            site = Site(program, node.operator, turns[node.operator])
            turns[node.operator] += 1
            number = difference(values)
            yield Boundary(site, (number > 0) - (number < 0), node.operands, difference)


def _difference(sides: Sequence[Any]) -> Any:
    left, right = sides
    return left - right


def _with_numbers(
    formula: Callable[[Sequence[Any]], Any], numbers: Sequence[Any], at: Sequence[Any]
) -> Any:
    return formula([*at, *numbers])


def _differences(
    node: Scalar, values: Sequence[Any], rules: Rules
) -> Iterator[Callable[[Sequence[Any]], Any]]:
    """What is 0 where a piecewise operator changes its piece, by SymPy's conditions for the piece."""
    assert node.operator is not None
    piece = node.operator.piece(values, node.parameters)
    rule = rules.find(node.operator, node.parameters, piece, len(values))
    numbers = list(piece[0].numbers)
    for condition in rule.form.conditions:
        if isinstance(condition, sp.Unequality) or not condition.free_symbols & set(rule.symbols):
            continue
        formula = translate(condition.lhs - condition.rhs, rule.arguments)
        yield partial(_with_numbers, formula, numbers)


def is_settled(node: Scalar, leaves: Sequence[Scalar], rules: Rules) -> bool:
    """Whether a node at a boundary stands there whatever the leaves are, as max(x, x) does."""
    values = [operand._data for operand in node.operands]
    try:
        generators = Field(len(leaves), _WORK).generators
        program = Program(node.operands, leaves, rules)
        pairs = zip(generators, program.exponents, strict=True)
        operands = program.results([None if is_held else g for g, is_held in pairs])
        zero = [d for d in _differences(node, values, rules) if not d(values)]
        return bool(zero) and not any(difference(operands) for difference in zero)
    except (OutOfBudget, Unsupported, ArithmeticError):
        return False


Interval = tuple[Fraction, Fraction]
"""Where a root lies: on a number, twice the same, or strictly between two."""


class Watch:
    """Which sides of each boundary have been seen so far, and where to look for the others."""

    def __init__(self, rules: Rules, deadline: float) -> None:
        self.sides: dict[Site, set[int]] = {}
        self.judged: dict[Site, set[int]] = {}
        self.comparisons: dict[Site, Comparison] = {}
        self._rules = rules
        self._deadline = deadline
        self._tries: dict[Site, int] = {}
        self._crossed: dict[int, set[Interval]] = {}

    def see(self, sample: Sample, *, is_judged: bool = True) -> list[Boundary]:
        """Take note of a sample; what it passed and is still to be asked for comes back.

        The sides of a sample on which there is no verdict are seen, and not among the `judged`.
        """
        open_ones = []
        for boundary in watched(sample, self._rules):
            sides = self.sides.setdefault(boundary.site, set())
            sides.add(boundary.side)
            judged = self.judged.setdefault(boundary.site, set())
            judged |= {boundary.side} if is_judged else set()
            if boundary.comparison is not None:
                self.comparisons.setdefault(boundary.site, boundary.comparison)
            if self._is_open(boundary.site) and self._tries.get(boundary.site, 0) < _TRIES:
                open_ones.append(boundary)
        return open_ones

    def _is_open(self, site: Site) -> bool:
        """Whether a side was not seen, or nobody asked where the boundary is."""
        return len(self.sides[site]) < 3 or site not in self._tries

    def ask(self, sample: Sample, boundary: Boundary) -> Iterator[Point]:
        """Points on `boundary`, and on both sides of it as far as the next one that is known."""
        if not self._is_open(boundary.site):
            return
        self._tries[boundary.site] = self._tries.get(boundary.site, 0) + 1
        own = boundary.site.program == "derivative"
        program = Program(boundary.nodes, sample.own_leaves if own else sample.leaves, self._rules)
        moved = [k for k, place in enumerate(program.leaves) if place is not None]
        found = 0
        for k in moved:
            crossings = self._crossings(program, boundary, k)
            known = self._crossed.setdefault(k, set())
            known |= set(crossings)
            values = [low for low, high in crossings if low == high]
            values += [x for x in _beside(crossings, known) if x != sample.values[k]]
            yield from (_with(sample.values, {k: value}) for value in values)
            found += bool(crossings)
            if found == _AXES:
                return

    def _crossings(self, program: Program, boundary: Boundary, k: int) -> list[Interval]:
        """Where leaf `k` meets the boundary."""
        point = [program.point[k]]
        (x,) = Field(1, _WORK, deadline=self._deadline, point=point).generators
        elements: list[Any] = [None] * len(program.leaves)
        elements[k] = x
        try:
            difference = boundary.difference(program.results(elements))
        except (OutOfBudget, Unsupported, ArithmeticError, TypeError):
            return []
        if isinstance(difference, Closed):
            return _sign_changes(difference)
        if not isinstance(difference, RationalFunction):
            return []
        return _real_roots(difference.terms()[0])


_GRID: Final = sorted(
    Fraction(s * n, 2) for n in (0, 1, 2, 3, 5, 8, 13, 21, 40, 100) for s in (-1, 1)
)
"""Where a boundary that is no root of a polynomial is looked for."""
_HALVINGS: Final = 12


def _sign_changes(difference: Closed) -> list[Interval]:
    """Between which numbers a closed form in one variable changes its sign; on a grid, and so not all."""
    signs = [(x, difference.certain_sign(64, [x])) for x in dict.fromkeys(_GRID)]
    found = []
    for (low, before), (high, after) in pairwise((x, s) for x, s in signs if s):
        if before == after:
            continue
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            sign = difference.certain_sign(64, [middle])
            if not sign:
                break
            low, high = (middle, high) if sign == before else (low, middle)
        found.append((low, high))
    return found


def _beside(crossings: Sequence[Interval], known: Iterable[Interval]) -> Iterator[Fraction]:
    """A simple number between each crossing and the known ones next to it, on either side."""
    marks = sorted(known)
    for crossing in crossings:
        place = marks.index(crossing)
        if place == 0:
            yield _simple_below(crossing[0])
        if place == len(marks) - 1:
            yield -_simple_below(-crossing[1])
        for low, high in pairwise(marks[max(place - 1, 0) : place + 2]):
            between = _simple_between(low[1], high[0])
            if between is not None:
                yield between


def _real_roots(terms: Sequence[tuple[tuple[int, ...], int]]) -> list[Interval]:
    """Where the real roots of a polynomial in one variable lie; none of one of high degree."""
    degree = max((exponents[0] for exponents, _ in terms), default=0)
    if not 0 < degree <= _MOST_DEGREE:
        return []
    polynomial = sp.Poly(dict(terms), sp.Symbol("x"))
    return _isolated(polynomial, sorted(map(_ratio, polynomial.ground_roots())))


def _isolated(polynomial: Any, roots: Sequence[Fraction]) -> list[Interval]:
    """Where the real roots of a polynomial lie, with room between them; rational ones are given."""
    rest, x = polynomial.sqf_part(), polynomial.gen
    for root in roots:
        rest = rest.quo(sp.Poly(root.denominator * x - root.numerator, x))
    found: list[Interval] = []
    for width in _WIDTHS:
        around = rest.intervals(eps=width, sqf=True)
        found = sorted([(r, r) for r in roots] + [(_ratio(a), _ratio(b)) for a, b in around])
        if all(a[1] < b[0] for a, b in pairwise(found)):
            break
    return found


def _ratio(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _simple_below(bound: Fraction) -> Fraction:
    return Fraction(math.ceil(bound) - 1)


def _simple_between(low: Fraction, high: Fraction) -> Fraction | None:
    if low >= high:
        return None
    whole = math.floor(low) + 1
    return Fraction(whole) if whole < high else (low + high) / 2
