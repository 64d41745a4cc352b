"""What two programs compute alike, so that they can be compared over it.

A gradient that is written by hand computes on its way what the function computes: the stages of a
Runge-Kutta step, the activations of a layer. As formulas in the arguments these may be longer than any
limit. With a new variable in the place of each, the formulas of both programs are short, and if they are
equal for all values of these variables, then for those that the variables have. The converse does not
hold: what differs may be equal by what the variables stand for.

Two nodes compute the same, but for a factor, if their formulas say so where these are short, and else if
they apply the same operator, on the same piece, to what is the same. Nothing is concluded from numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

from minigrad.errors import NotDecided
from minigrad.number import ONE
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rule, Unsupported

__all__ = ["Common", "cuts"]

_MOST: Final = 120
"""Variables that stand for nodes; each makes all polynomials slower."""
_SHORT: Final = 40
"""Terms of a formula up to which it is looked at."""
_WORK: Final = 200_000
"""Products of terms that the formulas of one program may take."""
_COMMUTATIVE: Final = {"add", "mul", "sum", "prod"}

_Scaled: TypeAlias = tuple[int, Fraction]
"""The number of a class, and by which factor a node is that; or a node's place, and that factor."""


class Common(NamedTuple):
    """Where two programs compute the same: nodes of the one and of the other, each with its factor."""

    theirs: tuple[_Scaled, ...]
    ours: tuple[_Scaled, ...]


def cuts(theirs: Program, ours: Program) -> Iterator[tuple[Common, ...]]:
    """What may be taken for variables, to be tried one after the other: from few on, with more in each.

    Rational arguments of functions that are not come first, as a derivative such as that of the sigmoid
    is often written with the function's value; then what is used more than once, with and without what
    is computed from one of them alone, such as a power of a distance; then all of it.
    """
    graph, rules = theirs.graph, theirs.chain.rules
    arguments = {
        operand
        for rule, operands in zip(rules, graph.operands, strict=True)
        if rule is not None and not rule.is_rational
        for operand in operands
    }
    common = _common(theirs, ours)
    rational = [c for c in common if _is_rational(rules[c.theirs[0][0]])]
    first = [c for c in rational if any(i in arguments for i, _ in c.theirs)]
    several = [c for c in rational if sum([len(graph.users[i]) for i, _ in c.theirs]) > 1]
    in_either = [c for c in rational if c in several or _is_used_again(ours, c)]
    apart = _apart(theirs, in_either)
    tried: set[tuple[Common, ...]] = {()}
    for chosen in (first, [*first, *several], [*first, *apart], rational, common):
        in_order = tuple(sorted(set(chosen)))
        if in_order not in tried and len(in_order) <= _MOST:
            tried.add(in_order)
            yield in_order


def _is_used_again(ours: Program, common: Common) -> bool:
    return sum([len(ours.graph.users[i]) for i, _ in common.ours]) > 1


def _apart(theirs: Program, chosen: Sequence[Common]) -> list[Common]:
    """Those of `chosen` that are not computed from a single other one, which variables would hide."""
    number = {i: k for k, common in enumerate(chosen) for i, _ in common.theirs}
    leaves = {place: -1 - k for k, place in enumerate(theirs.leaves) if place is not None}
    kept: set[int] = set()
    below: list[set[int]] = []
    for i, operands in enumerate(theirs.graph.operands):
        found = {leaves[i]} if i in leaves else set().union(*[below[o] for o in operands])
        if i in number and (len(found) != 1 or min(found) < 0):
            found = {number[i]}
            kept |= found
        below.append(found)
    return [common for k, common in enumerate(chosen) if k in kept]


def _is_rational(rule: Rule | None) -> bool:
    return rule is not None and rule.is_rational


def _common(theirs: Program, ours: Program) -> list[Common]:
    """What both programs compute, but for arguments, numbers, and what exponents are computed from."""
    field = Field(len(theirs.leaves))
    # Multiples of these are no news.
    known = {_key(field, x)[0]: k for k, x in enumerate([ONE, *field.generators])}
    plain = len(known)
    sides: list[dict[int, list[_Scaled]]] = []
    for program in (theirs, ours):
        places: dict[int, list[_Scaled]] = {}
        for i, (found, factor) in enumerate(_classes(program, known)):
            # An exponent keeps its number, which chose a piece.
            is_free = program.chain.rules[i] is not None and not program.reaching_exponents[i]
            if found >= plain and is_free:
                places.setdefault(found, []).append((i, factor))
        sides.append(places)
    first, second = sides
    return [Common(tuple(first[k]), tuple(second[k])) for k in first if k in second]


def _classes(program: Program, known: dict[Any, int]) -> list[_Scaled]:
    """What each node computes; `known` has the classes that were met."""
    field = Field(len(program.leaves), _WORK)
    place = {node: k for k, node in enumerate(program.leaves) if node is not None}
    formulas: list[Any] = []
    classes: list[_Scaled] = []
    for i, (node, rule) in enumerate(zip(program.graph.nodes, program.chain.rules, strict=True)):
        formula = (
            field.generators[place[i]] if i in place else _formula(program, i, field, formulas)
        )
        formulas.append(formula)
        key: Any
        factor = ONE
        if formula is not None:
            key, factor = _key(field, formula)
        elif rule is None:
            # As it is written: of closed forms it may not be decided whether they are equal.
            key = "number", getattr(node._datum, "key", node._datum)
        else:
            below = [classes[operand] for operand in program.graph.operands[i]]
            assert node.operator is not None
            if node.operator.name in _COMMUTATIVE:
                below.sort()
            piece = program.chain.pieces[i]
            key = rule, piece[0].numbers if piece else (), tuple(below)
        classes.append((known.setdefault(key, len(known)), factor))
    return classes


def _formula(program: Program, i: int, field: Field, formulas: list[Any]) -> Any:
    """Node `i` in the generators of `field`, if that is rational, short, and true beside this point."""
    rule = program.chain.rules[i]
    if rule is None:
        number = program.graph.nodes[i]._datum
        return number if isinstance(number, Fraction) else None
    if not rule.is_rational or rule.form.boundary:
        return None
    if any(formulas[operand] is None for operand in program.graph.operands[i]):
        return None
    try:
        found = field.element(program.computed(i, formulas))
    except (NotDecided, OutOfBudget, Unsupported, ZeroDivisionError):
        return None
    is_short = isinstance(found, (int, Fraction)) or found.size <= _SHORT
    return found if is_short else None


def _key(field: Field, formula: Any) -> tuple[Any, Fraction]:
    """What multiples of a formula have in common, and by which factor it is that."""
    function = field.convert(formula)
    assert isinstance(function, RationalFunction)
    top, bottom = function.terms()
    if not top:
        return _key(field, ONE)[0], Fraction(0)
    factor = Fraction(top[0][1], bottom[0][1])
    sides = [tuple([(e, Fraction(c, part[0][1])) for e, c in part]) for part in (top, bottom)]
    return tuple(sides), factor
