"""One-sided derivatives at a boundary from first derivatives alone, where these tell.

A node that is moved by an infinitesimal ε moves each of its dependents by t·ε, and by no more than a
multiple of ε². Away from boundaries t follows by the chain rule from SymPy's partial derivatives, which
are found once for all nodes that are asked about. At a boundary SymPy's form of the piece that holds
beside it gives t, if each of its conditions is decided by ε itself and not by what ε² would add, and if
the form is continuous there. Anything else is left to `onesided`, which counts with all powers of ε and
takes ten times as long for each dependent. A node with one user moves the root as that user does, in
proportion.

That t is the one-sided derivative in the direction t of the operands, and these compose: A. Shapiro, On
concepts of directional differentiability, 1990, section 3 (the functions are Lipschitz near the point).
"""

from __future__ import annotations

from typing import Any

from minigrad.backing import Rational, inside, outside
from minigrad.infinitesimal import Infinitesimal, standard_part
from minigrad.number import ONE
from minigrad.rational import Field, OutOfBudget
from minigrad.verify.onesided import LIMIT, OneSided, Walks, rule_beside
from minigrad.verify.solver import Chain, evaluated, numbers_of, raw_terms
from minigrad.verify.symbolic import Rule, Rules

__all__ = ["FirstOrder"]


class _Unclear(Exception):
    """First derivatives do not tell."""


class FirstOrder:
    """One-sided derivatives of the root of `chain`, node after node, from what is found once."""

    def __init__(self, chain: Chain, rules: Rules, walks: Walks | None = None) -> None:
        self.chain = chain
        self.rules = rules
        self.walks = Walks() if walks is None else walks
        self._terms = raw_terms(chain)
        self._partials: dict[int, list[Any]] = {}
        self._turns: dict[tuple[int, tuple[int, ...]], Any] = {}
        self._values = numbers_of(chain.values)
        self._sides: dict[tuple[int, int], Any] = {}

    def one_sided(self, i: int) -> OneSided | None:
        """As `onesided.AllPowers`; None where first derivatives do not tell."""
        try:
            left, right = (self._side(i, sign, through=True) for sign in (-1, 1))
        except _Unclear:
            return None
        return OneSided(-outside(left), outside(right))

    def _side(self, i: int, sign: int, *, through: bool) -> Any:
        """How the root moves when node `i` moves by `sign` times ε: `through` its only user, if any.

        Twice as far in the same direction moves it twice as far.
        """
        if (i, sign) not in self._sides:
            try:
                self._sides[i, sign] = self._through(i, sign) if through else self._walk(i, sign)
            except (_Unclear, ArithmeticError, OutOfBudget):
                self._sides[i, sign] = _Unclear
        found = self._sides[i, sign]
        if found is _Unclear:
            raise _Unclear
        return found

    def _through(self, i: int, sign: int) -> Any:
        users = set(self.chain.graph.users[i])
        if len(users) != 1:
            return self._walk(i, sign)
        (user,) = users
        start = inside(sign * ONE)
        step = self._step(user, {i: start})
        if step is None:
            return start * 0
        if not step:
            return self._walk(i, sign)  # it may move by less than ε
        # Those above were asked first: users of users are not gone through again.
        above = self._side(user, 1 if step > 0 else -1, through=False)
        return above * (step if step > 0 else -step)

    def _walk(self, i: int, sign: int) -> Any:
        start = inside(sign * ONE)
        # What is not listed does not move at all; what has 0 may move by less than ε.
        moves = {i: start}
        for d in self.walks.up(self.chain.graph, i):
            if any(o in moves for o in self.chain.graph.operands[d]):
                move = self._step(d, moves)
                if move is not None:
                    moves[d] = move
        return moves.get(self.chain.graph.root, start * 0)

    def _step(self, d: int, moves: dict[int, Any]) -> Any:
        """How node `d` moves when others move by `moves` times ε; None where not at all."""
        rule = self.chain.rules[d]
        assert rule is not None
        return self._turned(d, moves) if rule.form.boundary else self._along(d, rule, moves)

    def _along(self, d: int, rule: Rule, moves: dict[int, Any]) -> Any:
        partials = self._partials.get(d)
        if partials is None:
            if not (rule.is_rational and rule.is_open):
                raise _Unclear
            partials = self._partials[d] = self._terms(d, inside(ONE))
        move = None
        for k, (operand, partial) in enumerate(
            zip(self.chain.graph.operands[d], partials, strict=True)
        ):
            step = moves.get(operand)
            if step is None or (rule.fold is None and rule.derivatives[k] == 0):
                continue
            if type(partial) is not Rational:
                raise _Unclear
            move = step * partial if move is None else move + step * partial
        return move

    def _turned(self, d: int, moves: dict[int, Any]) -> Any:
        """How a node at its boundary moves: once for each direction, if one operand alone moves."""
        operands = self.chain.graph.operands[d]
        steps = [moves.get(operand) for operand in operands]
        moving = {operand for operand in operands if operand in moves}
        if len(moving) > 1 or not all(steps[k] for k, o in enumerate(operands) if o in moving):
            return self._beside(d, steps)
        step = next(step for step in steps if step)
        directions = tuple(0 if step is None else 1 if step > 0 else -1 for step in steps)
        key = (d, directions)
        if key not in self._turns:
            try:
                self._turns[key] = self._beside(
                    d, [inside(ONE * x) if x else None for x in directions]
                )
            except _Unclear:
                self._turns[key] = _Unclear
        found = self._turns[key]
        if found is _Unclear:
            raise _Unclear
        # Twice as far in the same direction moves it twice as far.
        return None if found is None else found * (step if step > 0 else -step)

    def _beside(self, d: int, steps: list[Any]) -> Any:
        """How a node at its boundary moves when its operands move by `steps` times ε."""
        chain = self.chain
        epsilon = Infinitesimal(Field(1, LIMIT).generators[0])
        here = [chain.values[o] for o in chain.graph.operands[d]]
        at = [
            value if step is None else value + outside(step) * epsilon
            for value, step in zip(here, steps, strict=True)
        ]
        beside = rule_beside(chain.graph.nodes[d], at, self.rules)
        if beside is None:
            raise _Unclear
        rule, moved = beside
        if rule.form.boundary or rule.fold or not rule.is_rational:
            raise _Unclear
        for margin in rule.margins:
            if standard_part(margin(moved) / epsilon) == 0:
                raise _Unclear
        # Where no denominator is 0 the form is smooth, and what ε² adds to its operands adds no more.
        value = chain.values[d]
        if evaluated(rule, [*here, *moved[len(here) :]])[0] != inside(value):
            raise _Unclear
        move = standard_part((rule.value(moved) - value) / epsilon)
        if all(derivative == 0 for derivative in rule.derivatives):
            return None
        return inside(move)
