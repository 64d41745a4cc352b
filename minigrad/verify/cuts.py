"""What two programs compute alike, so that they can be compared over it.

A gradient that is written by hand computes on its way what the function computes: the stages of a
Runge-Kutta step, the activations of a layer. As formulas in the arguments these may be longer than any
limit. With a new variable in the place of each, the formulas of both programs are short, and if they are
equal for all values of these variables, then for those that the variables have. The converse does not
hold: what differs may be equal by what the variables stand for.

Two nodes compute the same if they apply the same operator, on the same piece, to what is the same: no
more is asked of them, and nothing is concluded from numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rule

__all__ = ["Common", "cuts"]

_MOST: Final = 120
"""Variables that stand for nodes; each makes all polynomials slower."""
_COMMUTATIVE: Final = {"add", "mul", "sum", "prod"}


class Common(NamedTuple):
    """Where two programs compute the same: the nodes of the one, and those of the other."""

    theirs: tuple[int, ...]
    ours: tuple[int, ...]


def cuts(theirs: Program, ours: Program) -> Iterator[tuple[Common, ...]]:
    """What may be taken for variables, to be tried one after the other: from few on, with more in each.

    The arguments of functions that are not rational come first, as a derivative such as that of the
    sigmoid is often written with the function's value; then what is used more than once; then all of it.
    """
    graph, rules = theirs.graph, theirs.chain.rules
    arguments = {
        operand
        for rule, operands in zip(rules, graph.operands, strict=True)
        if rule is not None and not rule.is_rational
        for operand in operands
    }
    common = _common(theirs, ours)
    first = [c for c in common if not arguments.isdisjoint(c.theirs)]
    rational = [c for c in common if _is_rational(rules[c.theirs[0]])]
    several = [c for c in rational if sum([len(graph.users[i]) for i in c.theirs]) > 1]
    tried: set[tuple[Common, ...]] = {()}
    for chosen in (first, [*first, *several], [*first, *rational], common):
        in_order = tuple(sorted(set(chosen)))
        if in_order not in tried and len(in_order) <= _MOST:
            tried.add(in_order)
            yield in_order


def _is_rational(rule: Rule | None) -> bool:
    return rule is not None and rule.is_rational


def _common(theirs: Program, ours: Program) -> list[Common]:
    """What both programs compute, but for arguments, numbers, and what exponents are computed from."""
    known: dict[Any, int] = {}
    sides: list[dict[int, list[int]]] = []
    for program in (theirs, ours):
        places: dict[int, list[int]] = {}
        for i, found in enumerate(_classes(program, known)):
            # An exponent keeps its number, which chose a piece.
            if program.chain.rules[i] is not None and not program.reaching_exponents[i]:
                places.setdefault(found, []).append(i)
        sides.append(places)
    first, second = sides
    return [Common(tuple(first[k]), tuple(second[k])) for k in first if k in second]


def _classes(program: Program, known: dict[Any, int]) -> list[int]:
    """For each node what it computes, as a number; `known` has those that were met."""
    place = {node: k for k, node in enumerate(program.leaves) if node is not None}
    classes: list[int] = []
    for i, (node, operands, rule, piece) in enumerate(
        zip(
            program.graph.nodes,
            program.graph.operands,
            program.chain.rules,
            program.chain.pieces,
            strict=True,
        )
    ):
        key: Any
        if i in place:
            key = "argument", place[i]
        elif rule is None:
            key = "number", node._data
        else:
            below = [classes[operand] for operand in operands]
            assert node.operator is not None
            if node.operator.name in _COMMUTATIVE:
                below.sort()
            key = rule, piece[0].numbers if piece else (), tuple(below)
        classes.append(known.setdefault(key, len(known)))
    return classes
