"""Piecewise operators on which no result hangs, as the maximum that a softmax subtracts.

exp(x - m) / (exp(x - m) + exp(y - m)) is the same number for every m. With m = max(x, y) it has no kink
where x = y, and its formula is one on both sides: there is nothing to be asked at the tie, nor beside it.
That is seen for each such operator by itself: what it computes becomes a variable, and the nodes above
it formulas in that and in what else they take, up to those in which the variable no longer occurs. If
all ways end there, before they come to a result, the operator is *idle*.

What holds for every value of a variable holds beside a point as well, as long as the value is near, so
that what is computed from it is defined: that is why only operators without jumps are looked at.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from minigrad.closed import Closed, Kernel, power_of
from minigrad.errors import NotDecided, TooLarge
from minigrad.graph import topological_order
from minigrad.number import ZERO
from minigrad.rational import Field, OutOfBudget
from minigrad.scalar import Scalar
from minigrad.signatures import signature
from minigrad.verify.claims import Ran, Sample
from minigrad.verify.solver import value_at
from minigrad.verify.symbolic import Rules, Unsupported

__all__ = ["CONTINUOUS", "Idle"]

CONTINUOUS: Final = ("maximum", "minimum")
"""Operators that are looked at: their pieces meet, so that beside a boundary the value is near."""
_NODES: Final = 400
"""Nodes above one operator that are looked at."""
_ALL_NODES: Final = 6_000
"""The same, for all operators of a graph."""
_OTHERS: Final = 128
"""Variables for what else these take."""
_WORK: Final = 20_000
"""Products of terms that their formulas may take."""


class Idle:
    """Finds idle operators, once for each structure of a graph, whatever the pieces in it."""

    def __init__(self, rules: Rules, deadline: float = math.inf) -> None:
        self._rules = rules
        self._deadline = deadline
        self._known: dict[Any, list[int]] = {}

    def marked(self, sample: Sample) -> Sample:
        """`sample`, with the operators that have no effect on what its programs return or compare."""
        idle: set[int] = set()
        busy: set[int] = set()
        for program in sample.programs:
            free, others = self._of(program)
            idle |= free
            busy |= others
        # What the function does without, a derivative that shares its nodes may need.
        return sample._replace(idle=frozenset(idle - busy))

    def _of(self, program: Ran) -> tuple[set[int], set[int]]:
        """The piecewise operators of a program that are idle, and those that are not."""
        run, outputs, leaves = program
        sides = [side for c in run.trace.comparisons for side in (c.left, c.right)]
        roots = [*outputs, *sides, *run.trace.only_entered(outputs)]
        order = topological_order(roots)
        piecewise = [i for i, node in enumerate(order) if node.operator and node.operator.branch]
        if not any(map(_may_be_idle, map(order.__getitem__, piecewise))):
            return set(), {id(order[i]) for i in piecewise}
        key = signature(roots, leaves, {id(order[i]) for i in piecewise})
        if key not in self._known:
            ends = _Ends(order, roots, self._rules, self._deadline)
            self._known[key] = ends.idle_of(piecewise)
        idle = {id(order[i]) for i in self._known[key]}
        return idle, {id(order[i]) for i in piecewise} - idle


def _may_be_idle(node: Scalar) -> bool:
    """Whether it picks one of several variables: a bound such as that of relu is no such thing."""
    if node.operator is None or node.operator.name not in CONTINUOUS:
        return False
    return not any(operand.is_constant for operand in node.operands)


class _Ends:
    """A graph by places, where nodes that compute the same have one, and what came of its operators."""

    def __init__(
        self, order: Sequence[Scalar], roots: Sequence[Scalar], rules: Rules, deadline: float
    ) -> None:
        self._order = order
        self._rules = rules
        self._deadline = deadline
        self._left = _ALL_NODES
        self._idle: set[int] = set()
        self._place: list[int] = []
        self._operands: list[list[int]] = []
        self._users: list[list[int]] = [[] for _ in order]
        index: dict[int, int] = {}
        known: dict[Any, int] = {}
        for i, node in enumerate(order):
            # A program may ask for the maximum as often as it takes it out.
            operands = [self._place[index[id(operand)]] for operand in node.operands]
            alike = (node.operator, node.parameters, *operands) if node.operator else i
            place = known.setdefault(alike, i)
            index[id(node)] = i
            self._place.append(place)
            self._operands.append(operands)
            for operand in operands if place == i else ():
                self._users[operand].append(i)
        self._results = {self._place[index[id(root)]] for root in roots}

    def idle_of(self, piecewise: Sequence[int]) -> list[int]:
        """Which of these operators are idle."""
        # From the results down: what idle operators alone take is idle.
        for i in reversed(piecewise):
            if self._place[i] != i or not _may_be_idle(self._order[i]):
                continue
            # A formula that is too long, or cannot be made, may matter.
            with suppress(
                NotDecided, OutOfBudget, TooLarge, Unsupported, ArithmeticError, TypeError
            ):
                if not self._has_effect(i):
                    self._idle.add(i)
        return [i for i in piecewise if self._place[i] in self._idle]

    def _has_effect(self, start: int) -> bool:
        """Whether it may have an effect on the results, be it by the piece that another one is on."""
        if start in self._results:
            return True
        variables = _Variables(self._order[start], self._deadline)
        formulas = {start: variables.own}
        waiting, done = [*self._users[start]], set()
        while waiting:
            # What is taken comes before what takes it.
            i = heapq.heappop(waiting)
            if i in done:
                continue
            done.add(i)
            node = self._order[i]
            assert node.operator is not None
            if node.operator.branch is not None:
                if i not in self._idle:
                    return True
                continue
            self._left -= 1
            if len(done) > _NODES or self._left < 0:
                return True
            rule = self._rules.find(node.operator, node.parameters, (), len(node.operands))
            formula = value_at(
                rule,
                [
                    formulas[o] if o in formulas else variables.of(self._order[o])
                    for o in self._operands[i]
                ],
            )
            if not variables.own_is_in(formula):
                continue
            if i in self._results:
                return True
            formulas[i] = formula
            for user in self._users[i]:
                heapq.heappush(waiting, user)
        return not variables.hold_everywhere


class _Point(Sequence[Any]):
    """The numbers of nodes, which may be long and are seldom asked for."""

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, k: Any) -> Any:
        node = self.nodes[k]
        return ZERO if node is None else node._datum


class _Variables:
    """A variable for one node, and one each for others, as they are asked for."""

    def __init__(self, node: Scalar, deadline: float) -> None:
        self._point = _Point([None] * _OTHERS + [node])
        self._field = Field(0, _WORK, deadline=deadline, point=self._point)
        self._others: dict[int, Any] = {}
        # The last of all, so that formulas which reach that far have it.
        self.own = self._made(_OTHERS)

    def _made(self, k: int) -> Any:
        return power_of(Kernel.variable(k), 1, self._field)

    def of(self, node: Scalar) -> Any:
        """The variable of another node, or its number where it is a constant."""
        if node.is_constant:
            return node._datum
        known = self._others.get(id(node))
        if known is None:
            k = len(self._others)
            if k == _OTHERS:
                raise OutOfBudget(f"over {_OTHERS} variables")
            self._point.nodes[k] = node
            known = self._others[id(node)] = self._made(k)
        return known

    def own_is_in(self, formula: Any) -> bool:
        """Whether the variable of the node itself occurs."""
        return isinstance(formula, Closed) and formula.reach > _OTHERS

    @property
    def hold_everywhere(self) -> bool:
        """Whether all signs that the formulas suppose are those of sums of exponentials."""
        return all(f.is_positive and sign > 0 for f, sign in self._field.assumptions.values())
