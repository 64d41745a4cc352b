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

CONTINUOUS: Final = ("abs", "maximum", "minimum", "relu")
"""Piecewise operators whose pieces meet: beside a boundary their values are near that on it."""
_NODES: Final = 400
"""Nodes above one operator that are looked at."""
_OTHERS: Final = 128
"""Variables for what else these take."""
_WORK: Final = 20_000
"""Products of terms that their formulas may take."""


class Idle:
    """Finds idle operators, once for each structure of a graph, whatever the pieces in it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[Any, list[int]] = {}

    def marked(self, sample: Sample) -> Sample:
        """`sample`, with the operators that have no effect on what its programs return or compare."""
        return sample._replace(idle=frozenset().union(*map(self._of, sample.programs)))

    def _of(self, program: Ran) -> set[int]:
        run, outputs, leaves = program
        sides = [side for c in run.trace.comparisons for side in (c.left, c.right)]
        roots = [*outputs, *sides, *run.trace.only_entered(outputs)]
        order = topological_order(roots)
        piecewise = [i for i, node in enumerate(order) if node.operator and node.operator.branch]
        if not piecewise:
            return set()
        key = signature(roots, leaves, {id(order[i]) for i in piecewise})
        if key not in self._known:
            self._known[key] = _Ends(order, roots, self._rules).idle_of(piecewise)
        return {id(order[i]) for i in self._known[key]}


class _Ends:
    """A graph by places, where nodes that compute the same have one, and what came of its operators."""

    def __init__(self, order: Sequence[Scalar], roots: Sequence[Scalar], rules: Rules) -> None:
        self._order = order
        self._rules = rules
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
            operator = self._order[i].operator
            if self._place[i] != i or operator is None or operator.name not in CONTINUOUS:
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
        variables = _Variables(self._order[start])
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
            if len(done) > _NODES:
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


class _Variables:
    """A variable for one node, and one each for others, as they are asked for."""

    def __init__(self, node: Scalar) -> None:
        self._point: list[Any] = [ZERO] * _OTHERS
        self._point.append(node._datum)
        self._field = Field(0, _WORK, point=self._point)
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
            self._point[k] = node._datum
            known = self._others[id(node)] = self._made(k)
        return known

    def own_is_in(self, formula: Any) -> bool:
        """Whether the variable of the node itself occurs."""
        return isinstance(formula, Closed) and formula.reach > _OTHERS

    @property
    def hold_everywhere(self) -> bool:
        """Whether all signs that the formulas suppose are those of sums of exponentials."""
        return all(f.is_positive and sign > 0 for f, sign in self._field.assumptions.values())
