"""The points for which the programs under check ask.

A `Watch` keeps which sides of each comparison, and of each boundary of a piecewise operator, have been
seen: greater, less, equal. For one that is missing it looks along the coordinates: there the difference
of both sides is a rational function of one variable, whose rational roots are points on the boundary.
Points beside it are taken between its real roots, and those of other boundaries, so that `9 < x < 10` is
seen to hold, and nearer where nothing is defined, so that `log(x) if x > 0.1` is seen on its other side.
What is rounded is looked for where it would be without its rounding.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import sympy as sp

from minigrad.closed import Closed
from minigrad.errors import MinigradError
from minigrad.graph import topological_order
from minigrad.number import ZERO, simplest_between
from minigrad.number_text import format_fraction
from minigrad.places import Place
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.records import Comparison
from minigrad.scalar import Scalar, apply
from minigrad.verify.claims import Sample
from minigrad.verify.points import Point, above_and_below, moved
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules, Unsupported, translate
from minigrad.wholes import STEPS

__all__ = ["Boundary", "Gap", "Site", "Watch", "is_settled", "watched"]

_WORK: Final = 20_000
"""Products of terms to find where one comparison changes along one coordinate."""
_MOST_DEGREE: Final = 24
"""The degree up to which all roots of a polynomial are isolated; beyond it, changes of sign."""
_HIGHEST_DEGREE: Final = 500
"""The degree beyond which nothing is looked for."""
_AXES: Final = 3
"""Along how many coordinates a comparison is followed, from one point."""
_WIDTHS: Final = [sp.Rational(1, 2**bits) for bits in (16, 32, 64, 128)]
"""How closely roots are isolated, one width after the other."""
_CLOSER: Final = (7, 14, 21, 28, 42, 56)
"""How much closer to a boundary, in bits, a point is taken where nothing is defined beside it."""
_CELLS: Final = 100
"""Points between boundaries along several coordinates."""
_CORNERS: Final = 3
"""Points that are on a boundary in every coordinate."""
_FAR: Final = (10, 100)
"""How far from where it would be without its rounding a step is looked for, besides close by."""
_TRIES: Final = 3
"""From how many points a comparison is followed."""


class Site(NamedTuple):
    """What tells one boundary from another: the program, the place, and how often it was passed."""

    program: str
    place: Any
    turn: int


class Boundary(NamedTuple):
    """A place where a program may change: on which side this run was, and of what that is the sign.

    `difference` takes the values of `nodes`; it is 0 on the boundary. `way` is how the run came there:
    the same comparison has a boundary elsewhere after another one had another outcome, or on another
    piece of an operator in what is compared, and the same operator on what another branch computed.
    """

    site: Site
    side: int
    nodes: Sequence[Scalar]
    difference: Callable[[Sequence[Any]], Any]
    way: Any
    comparison: Comparison | None = None

    @property
    def is_step(self) -> bool:
        """Whether it is an end of the interval of a whole number."""
        return self.comparison is not None and self.comparison.is_step


def watched(sample: Sample, rules: Rules) -> Iterator[Boundary]:
    """The boundaries that both programs of a sample passed: comparisons, and pieces of operators."""
    for name, (run, outputs, _) in zip(("function", "derivative"), sample.programs, strict=False):
        yield from _passed(name, run.trace.comparisons, outputs, rules, sample.idle)


def _passed(
    program: str,
    comparisons: Sequence[Comparison],
    outputs: Sequence[Scalar],
    rules: Rules,
    idle: Container[int],
) -> Iterator[Boundary]:
    turns: Counter[Any] = Counter()
    sides = [side for comparison in comparisons for side in (comparison.left, comparison.right)]
    order = topological_order([*outputs, *sides])
    pieces, formulas = _pieces_below(order), _formulas(order)
    answers = 0
    for comparison in comparisons:
        # An operator that raised may stand where another comparison is made, of its result.
        end = (comparison.relation,) if comparison.at_end else ()
        place = (comparison.place, *end)
        site = Site(program, place, turns[place])
        turns[place] += 1
        pair = (comparison.left, comparison.right)
        # Each interval of a whole number has ends of its own.
        cell = (comparison.right._datum,) if comparison.is_step else ()
        way = (answers, *[pieces[id(node)] for node in pair], *cell)
        yield Boundary(site, comparison.side, pair, _difference, way, comparison)
        answers = hash((answers, comparison.holds))
    for node in order:
        if node.operator is None or node.operator.branch is None or id(node) in idle:
            continue
        values = [operand._datum for operand in node.operands]
        way = tuple([hash((pieces[id(x)], formulas[id(x)])) for x in node.operands])
        for difference in _differences(node, values, rules):
            site = Site(program, node.operator, turns[node.operator])
            turns[node.operator] += 1
            try:
                number = difference(values)
                side = (number > 0) - (number < 0)
            except MinigradError:
                continue  # closed forms that grow too large, or are not told apart
            yield Boundary(site, side, node.operands, difference, way)


def _pieces_below(order: Iterable[Scalar]) -> dict[int, int]:
    """For each node, by its id, a number for the pieces that it and those below it are on."""
    found: dict[int, int] = {}
    for node in order:
        below = tuple([found[id(operand)] for operand in node.operands])
        piece: Any = ()
        if node.operator is not None and node.operator.branch is not None:
            piece = node.operator.piece([o._datum for o in node.operands], node.parameters)
        found[id(node)] = hash((piece, below)) if piece or any(below) else 0
    return found


def _formulas(order: Iterable[Scalar]) -> dict[int, int]:
    """For each node, by its id, a number for what it computes, whichever branch of the program did."""
    found: dict[int, int] = {}
    for node in order:
        below = tuple([found[id(operand)] for operand in node.operands])
        constant = node._datum if node.operator is None and not node.label else node.label
        name = node.operator and node.operator.name
        found[id(node)] = hash((name, node.parameters, constant, below))
    return found


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


def _without_steps(nodes: Sequence[Scalar]) -> list[Scalar] | None:
    """The nodes with what is rounded in the place of what it is rounded to; None if nothing is.

    floor(x) < 6 has no boundary along x on the piece where floor(x) is 2: it is where x is 6.
    """
    made: dict[int, Scalar] = {}
    try:
        for node in topological_order(nodes):
            made[id(node)] = _without_step(node, [made[id(operand)] for operand in node.operands])
    except MinigradError:
        return None
    found = [made[id(node)] for node in nodes]
    return None if all(map(operator.is_, found, nodes)) else found


def _without_step(node: Scalar, operands: Sequence[Scalar]) -> Scalar:
    """`node` on other operands; the operand itself where it is rounded."""
    name = "" if node.operator is None else node.operator.name
    if name == "floordiv":
        return apply("div", operands)
    if name in STEPS:
        return operands[0]
    if node.operator is None or all(map(operator.is_, operands, node.operands)):
        return node
    return apply(node.operator, operands, node.parameters)


def is_settled(node: Scalar, leaves: Sequence[Scalar], rules: Rules) -> bool:
    """Whether a node at a boundary stands there whatever the leaves are, as max(x, x) does."""
    values = [operand._datum for operand in node.operands]
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


class Gap(NamedTuple):
    """Two points between which a boundary lies, the argument, by label and number, that differs, and a
    function of that which changes its sign there.
    """

    label: str
    k: int
    ends: Sequence[Point]
    sign: Callable[[Fraction], int]

    @property
    def size(self) -> Fraction:
        """How far from 0 it is."""
        return min(abs(end[self.k]) for end in self.ends)

    def __str__(self) -> str:
        low, high = (end[self.k] for end in self.ends)
        low, high = _halved(self.sign, low, high, _DIGITS)
        return f"{self.label} = {format_fraction((low + high) / 2, '.5g')}"


class Watch:
    """Which sides of each boundary have been seen so far, and where to look for the others.

    `steps` are, by places where whole numbers are made, the lower ends of their intervals.
    """

    def __init__(self, rules: Rules, deadline: float) -> None:
        self.sides: dict[Site, set[int]] = {}
        self.judged: dict[Site, set[int]] = {}
        self.left_out: dict[Site, set[int]] = {}
        self.comparisons: dict[Site, Comparison] = {}
        self.steps: dict[Place, set[Any]] = {}
        self._between: dict[Site, dict[tuple[int, Fraction, Fraction], Gap]] = {}
        self._rules = rules
        self._deadline = deadline
        self._tries: dict[Site, int] = {}
        self._ways_tried: set[tuple[Site, Any]] = set()
        self._crossed: dict[int, set[Interval]] = {}
        self._met: set[Site] = set()
        self._first: Point = ()

    def see(
        self, sample: Sample, *, is_judged: bool = True, is_inside: bool = False
    ) -> list[Boundary]:
        """Take note of a sample; what it passed and is still to be asked for comes back.

        The sides of a sample on which there is no verdict are seen, and not among the `judged`; those of
        one that is inside, at no boundary, are among the `left_out`.
        """
        open_ones = []
        self._first = self._first or sample.values
        for boundary in watched(sample, self._rules):
            sides = self.sides.setdefault(boundary.site, set())
            sides.add(boundary.side)
            judged = self.judged.setdefault(boundary.site, set())
            judged |= {boundary.side} if is_judged else set()
            if is_inside and not is_judged:
                self.left_out.setdefault(boundary.site, set()).add(boundary.side)
            if boundary.comparison is not None:
                self.comparisons.setdefault(boundary.site, boundary.comparison)
                if boundary.is_step and boundary.comparison.relation in (">", ">="):
                    place = boundary.comparison.place
                    self.steps.setdefault(place, set()).add(boundary.comparison.right._datum)
            if self.is_open(boundary.site) or self._is_new(boundary):
                open_ones.append(boundary)
        return open_ones

    def is_open(self, site: Site) -> bool:
        """Whether a side was not seen, or nobody asked where the boundary is, and it is not given up."""
        tries = self._tries.get(site, 0)
        return tries < _TRIES and (len(self.sides[site]) < 3 or not tries)

    def _is_new(self, boundary: Boundary) -> bool:
        """Whether it was not asked for on the way that this run came."""
        return (boundary.site, boundary.way) not in self._ways_tried

    def ask(self, sample: Sample, boundary: Boundary) -> Iterator[Iterator[Point]]:
        """Points on `boundary`, and on both sides of it as far as the next one that is known; of each
        iterator the first that both programs are defined at, those after it are closer to the boundary.
        """
        if not self.is_open(boundary.site) and not self._is_new(boundary):
            return
        self._ways_tried.add((boundary.site, boundary.way))
        self._tries[boundary.site] = self._tries.get(boundary.site, 0) + 1
        own = boundary.site.program == "derivative"
        leaves = sample.own_leaves if own else sample.leaves
        given = (boundary.nodes, _without_steps(boundary.nodes))
        programs = [Program(nodes, leaves, self._rules) for nodes in given if nodes is not None]
        involved = [k for k, place in enumerate(programs[0].leaves) if place is not None]
        found = 0
        for k in involved:
            crossings = self._crossings(programs[0], boundary, k)
            is_step = boundary.is_step
            if not crossings and len(programs) > 1:
                is_step = True
                crossings = self._crossings(programs[1], boundary, k)
            if not crossings:
                continue
            self._met.add(boundary.site)
            yield from self._around(sample, boundary.site, k, crossings)
            is_first = self._tries[boundary.site] == 1
            for low, high in crossings if is_step and is_first else ():
                # Where the rounding is coarse, the step begins or ends further on.
                for distance in _FAR:
                    yield iter([moved(sample.values, {k: low - distance})])
                    yield iter([moved(sample.values, {k: high + distance})])
            found += 1
            if found == _AXES:
                return

    def _around(
        self,
        sample: Sample,
        site: Site,
        k: int,
        crossings: Mapping[Interval, Callable[[Fraction], int]],
    ) -> Iterator[Iterator[Point]]:
        """Points where argument `k` crosses a boundary, and on both sides of that."""
        known = self._crossed.setdefault(k, set())
        known |= set(crossings)
        for (low, high), sign in crossings.items():
            if low < high:
                ends = [moved(sample.values, {k: x}) for x in (low, high)]
                gap = Gap(sample.labels[k], k, ends, sign)
                self._between.setdefault(site, {}).setdefault((k, low, high), gap)
            # Of closed forms the roots are not found: where one is simple, it is this number.
            yield iter([moved(sample.values, {k: _simplest_in(low, high)})])
        for crossing, sign in crossings.items():
            for side, x in zip((-1, 1), _beside(crossing, known), strict=True):
                if x != sample.values[k]:
                    values = _approaching(crossing, side, x, sign)
                    yield (moved(sample.values, {k: value}) for value in values)

    @property
    def not_stood_on(self) -> dict[Site, list[Gap]]:
        """The gaps in which boundaries of the function lie on which no sample stood, next to 0 first."""
        return {
            site: sorted(gaps.values(), key=lambda gap: gap.size)
            for site, gaps in self._between.items()
            if site.program == "function" and 0 not in self.sides[site]
        }

    @property
    def not_found(self) -> list[Site]:
        """Boundaries of the function with samples on both sides that were looked for, and not found."""
        return [
            site
            for site in self._tries
            if site not in self._met and site.program == "function" and self.sides[site] == {-1, 1}
        ]

    def corners(self) -> Iterator[Point]:
        """Points with each coordinate where a boundary was met along it, and beyond all of these: what
        compares whole arrays asks for all of them.
        """
        met = {k: sorted(found) for k, found in self._crossed.items() if found}
        if len(met) < 2:
            return
        exact = {k: [low for low, high in found if low == high] for k, found in met.items()}
        for turn in range(_CORNERS):
            on = {k: found[turn % len(found)] for k, found in exact.items() if found}
            corner = moved(self._first, on)
            yield corner
            # x > 0 and y > 0 and x + y < 1 holds nowhere along a coordinate through points like 2, 3.
            yield from above_and_below(corner)
        yield moved(self._first, {k: _simple_below(found[0][0]) for k, found in met.items()})
        yield moved(self._first, {k: -_simple_below(-found[-1][1]) for k, found in met.items()})

    def cells(self) -> Iterator[Point]:
        """Points between the boundaries along several coordinates, where whole numbers are made: a table
        with several indices has an entry for each of their combinations.
        """
        inner = {k: sorted(low for low, _ in found) for k, found in self._crossed.items()}
        sides = {k: [*map(_third, pairwise(ends))] for k, ends in inner.items() if len(ends) > 1}
        if not self.steps or len(sides) < 2:
            return
        combined = math.prod(map(len, sides.values()))
        rng = random.Random(0)
        every = itertools.product(*sides.values())
        some = (tuple(map(rng.choice, sides.values())) for _ in range(_CELLS))
        for numbers in every if combined <= _CELLS else some:
            yield moved(self._first, dict(zip(sides, numbers, strict=True)))

    def _crossings(
        self, program: Program, boundary: Boundary, k: int
    ) -> dict[Interval, Callable[[Fraction], int]]:
        """Where leaf `k` meets the boundary, each with a function that changes its sign there."""
        point = [program.point[k]]
        (x,) = Field(1, _WORK, deadline=self._deadline, point=point).generators
        elements: list[Any] = [None] * len(program.leaves)
        elements[k] = x
        try:
            difference = boundary.difference(program.results(elements))
        except (OutOfBudget, Unsupported, ArithmeticError, TypeError):
            return {}
        if isinstance(difference, Closed):
            sign = partial(_sign_of_closed, difference)
            return dict.fromkeys(_sign_changes(sign), sign)
        if not isinstance(difference, RationalFunction):
            return {}
        return _real_roots(difference.terms()[0])


_GRID: Final = sorted(
    sign * x
    for sign in (-1, 1)
    for x in (
        *[Fraction(n, 2) for n in (1, 2, 3, 5, 8, 13, 21, 40, 100)],
        *[Fraction(2) ** k for k in (-160, -80, -40, -20, -10, -5, 8, 10, 13, 16, 20, 24, 30)],
        *[ZERO] * (sign > 0),
    )
)
"""Where a boundary that is no root of a polynomial is looked for."""
_HALVINGS: Final = 12
_DIGITS: Final = 24
"""Halvings after which a number is shown."""


def _sign_of_closed(difference: Closed, x: Fraction) -> int:
    """The sign of a closed form in one variable at `x`; 0 where it is not certain."""
    return difference.certain_sign(64, [x]) or 0


def _sign_changes(sign: Callable[[Fraction], int]) -> Iterator[Interval]:
    """Between which numbers a function changes its sign; on a grid, and so not all."""
    signs = [(x, sign(x)) for x in _GRID]
    for (low, before), (high, after) in pairwise((x, s) for x, s in signs if s):
        if before != after:
            yield _halved(sign, low, high, _HALVINGS)


def _closely(sign: Callable[[Fraction], int], low: Fraction, high: Fraction) -> Interval:
    """The same change of sign within narrower ends, which are one if that is a number that is simple."""
    low, high = _halved(sign, low, high, _DIGITS)
    simplest = _simplest_in(low, high)
    return (low, high) if sign(simplest) else (simplest, simplest)


def _halved(sign: Callable[[Fraction], int], low: Fraction, high: Fraction, times: int) -> Interval:
    """Where `sign` changes between two numbers at which it differs, more closely."""
    before = sign(low)
    for _ in range(times):
        middle = (low + high) / 2
        found = sign(middle)
        if not found:
            break
        low, high = (middle, high) if found == before else (low, middle)
    return low, high


def _beside(
    crossing: Interval, known: Iterable[Interval]
) -> tuple[Fraction | None, Fraction | None]:
    """A simple number on either side of a crossing, as far as the next one; None if they touch."""
    low, high = crossing
    marks = sorted(known)
    place = marks.index(crossing)
    below = marks[place - 1][1] if place else None
    above = marks[place + 1][0] if place + 1 < len(marks) else None
    return (
        _simple_below(low) if below is None else _simple_between(below, low),
        -_simple_below(-high) if above is None else _simple_between(high, above),
    )


def _approaching(
    crossing: Interval, side: int, first: Fraction | None, sign: Callable[[Fraction], int]
) -> Iterator[Fraction]:
    """`first`, and numbers on the same side of a crossing that are closer and closer to it."""
    if first is not None:
        yield first
    low, high = crossing
    if low == high:
        distance = side if first is None else first - low
        yield from [low + distance / Fraction(2) ** bits for bits in _CLOSER]
        return
    for before, bits in pairwise((0, *_CLOSER)):
        end = low if side < 0 else high
        low, high = _halved(sign, low, high, bits - before)
        closer = low if side < 0 else high
        if closer != end:
            yield closer


def _real_roots(
    terms: Sequence[tuple[tuple[int, ...], int]],
) -> dict[Interval, Callable[[Fraction], int]]:
    """Where the real roots of a polynomial in one variable lie, and the sign of one that has them once;
    of one of high degree not all.
    """
    degree = max((exponents[0] for exponents, _ in terms), default=0)
    if not 0 < degree <= _HIGHEST_DEGREE:
        return {}
    polynomial = sp.Poly(dict(terms), sp.Symbol("x"))
    if degree > _MOST_DEGREE:
        sign = partial(_sign_of_terms, terms, degree)
        return dict.fromkeys([_closely(sign, *ends) for ends in _sign_changes(sign)], sign)
    simple = polynomial.sqf_part()
    found = _isolated(simple, sorted(map(_ratio, polynomial.ground_roots())))
    return dict.fromkeys(found, partial(_sign_of_polynomial, simple))


def _sign_of_polynomial(polynomial: Any, x: Fraction) -> int:
    return int(sp.sign(polynomial.eval(sp.Rational(x.numerator, x.denominator))))


def _sign_of_terms(terms: Sequence[tuple[tuple[int, ...], int]], degree: int, x: Fraction) -> int:
    """The same of a polynomial by its terms: of a high degree SymPy takes a hundred times as long."""
    top, bottom = x.numerator, x.denominator
    value: int = sum([c * top**e * bottom ** (degree - e) for (e,), c in terms])
    return (value > 0) - (value < 0)


def _isolated(polynomial: Any, roots: Sequence[Fraction]) -> list[Interval]:
    """Where the roots of a square-free polynomial lie, with room between them; the rational are given."""
    rest, x = polynomial, polynomial.gen
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


def _third(ends: Interval) -> Fraction:
    low, high = ends
    return low + (high - low) / 3


def _simplest_in(low: Fraction, high: Fraction) -> Fraction:
    if low == high:
        return low
    return ZERO if low <= 0 <= high else simplest_between(low, high)


def _simple_below(bound: Fraction) -> Fraction:
    return Fraction(math.ceil(bound) - 1)


def _simple_between(low: Fraction, high: Fraction) -> Fraction | None:
    if low >= high:
        return None
    whole = math.floor(low) + 1
    return Fraction(whole) if whole < high else (low + high) / 2
