"""One-sided derivatives at a boundary, exactly: the function is run over the ordered field Q(ε).

A piecewise operator on the way to the root stands at its boundary, so no formula holds on both
sides. With ε a positive infinitesimal, the standard part of (f(v ± ε) - f(v)) / ±ε is the one-sided
derivative itself and no approximation of it (A. Robinson, Non-standard Analysis, section 3.3).
SymPy's forms are evaluated, on the pieces that hold there by SymPy's own conditions.

Where a node has one user, which it moves by a multiple c of ε and by nothing else, that user stands for
it: the field Q(ε) is the same for |c|ε, so that its derivative times c is the node's. A chain costs
one step for each node, then, and not one for each pair.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad.infinitesimal import Infinitesimal, standard_part
from minigrad.number_text import short_text
from minigrad.rational import Field, OutOfBudget
from minigrad.scalar import Scalar
from minigrad.verify.report import Entry, Verdict
from minigrad.verify.solver import Chain, value_at
from minigrad.verify.symbolic import Graph, Rule, Rules

__all__ = [
    "LIMIT",
    "AllPowers",
    "OneSided",
    "Walks",
    "boundary_entry",
    "rule_beside",
    "side_text",
    "without_gradient",
]

LIMIT: Final = 100_000
"""Products of terms for one side; and nodes that depend on the one that is moved."""


class OneSided(NamedTuple):
    """The derivatives from the left and from the right; None where there is none."""

    left: Fraction | None
    right: Fraction | None

    @property
    def derivative(self) -> Fraction | None:
        """The derivative, where both sides agree on one."""
        return self.left if self.left == self.right else None


class Walks:
    """The ways up a graph that its one-sided derivatives take: how much they may cost, all together.

    They may visit `most` nodes, and go on until `deadline` by `time.monotonic`.
    """

    def __init__(self, most: float = math.inf, deadline: float = math.inf) -> None:
        self.most = most
        self.deadline = deadline
        self.visited = 0
        self._last: tuple[int, list[int]] = (-1, [])

    def check_time(self) -> None:
        """Raise OutOfBudget after the deadline."""
        if time.monotonic() > self.deadline:
            raise OutOfBudget("the budget of seconds ran out")

    def up(self, graph: Graph, i: int) -> list[int]:
        """The nodes that depend on node `i`, to be visited. Raises OutOfBudget where that is too much."""
        self.check_time()
        # To find them takes time too, so none are looked for when the limit is passed.
        if self.visited <= self.most:
            if self._last[0] != i:
                self._last = i, graph.dependents(i)
            self.visited += len(self._last[1])
        if self.visited > self.most:
            raise OutOfBudget(f"one-sided derivatives visited {self.most:,} nodes already")
        return self._last[1]


class AllPowers:
    """One-sided derivatives of the root of `chain`, node after node, each side found once."""

    def __init__(self, chain: Chain, rules: Rules, walks: Walks | None = None) -> None:
        self.chain = chain
        self.rules = rules
        self.walks = Walks() if walks is None else walks
        self._sides: dict[tuple[int, int], Fraction | OutOfBudget | None] = {}

    def one_sided(self, i: int) -> OneSided:
        """The one-sided derivatives of the root by node `i`, not multiplied by the seed.

        Raises OutOfBudget where that would take too much work, or where SymPy's conditions do not hold
        on the piece that the engine took.
        """
        return OneSided(*(self._side(i, sign, through=True) for sign in (-1, 1)))

    def _side(self, i: int, sign: int, *, through: bool) -> Fraction | None:
        """The derivative in the direction `sign`, `through` the only user of node `i` if there is one."""
        if (i, sign) not in self._sides:
            try:
                c = self._step(i, sign) if through else None
                if c is None:
                    self._sides[i, sign] = self._walk(i, sign)
                elif not c:
                    self._sides[i, sign] = c
                else:
                    user = self.chain.graph.users[i][0]
                    # Those above were asked first: users of users are not gone through again.
                    above = self._side(user, 1 if c > 0 else -1, through=False)
                    self._sides[i, sign] = None if above is None else above * c * sign
            except OutOfBudget as reason:
                self._sides[i, sign] = reason
        found = self._sides[i, sign]
        if isinstance(found, OutOfBudget):
            raise found
        return found

    def _step(self, i: int, sign: int) -> Fraction | None:
        """By how many ε the only user of node `i` moves; None where that does not tell everything."""
        users = set(self.chain.graph.users[i])
        if len(users) != 1:
            return None
        (user,) = users
        self.walks.check_time()
        moved = {i: self.chain.values[i] + sign * _epsilon()}
        try:
            if not _move(self.chain, user, moved, self.rules):
                return None
            step = (moved[user] - self.chain.values[user]) / _epsilon()
            c = standard_part(step)
        except (ZeroDivisionError, OverflowError):
            return None
        return c if isinstance(step, Infinitesimal) and c is not None and step == c else None

    def _walk(self, i: int, sign: int) -> Fraction | None:
        chain, epsilon = self.chain, _epsilon()
        if i == chain.graph.root:
            return Fraction(1)
        dependents = self.walks.up(chain.graph, i)
        if len(dependents) > LIMIT:
            raise OutOfBudget(f"{len(dependents):,} nodes depend on it, over {LIMIT:,}")
        moved: dict[int, Any] = {i: chain.values[i] + sign * epsilon}
        for d in dependents:
            self.walks.check_time()
            try:
                if not _move(chain, d, moved, self.rules):
                    return None  # beyond the end of a domain, as of a root to the left of 0
            except (ZeroDivisionError, OverflowError):
                return None  # beside a jump, as of 1 / (x // 1) to the left of 1
        slope = (moved[chain.graph.root] - chain.values[chain.graph.root]) / (sign * epsilon)
        found: Fraction | None = standard_part(slope)
        return found


def _epsilon() -> Infinitesimal:
    return Infinitesimal(Field(1, LIMIT).generators[0])


def _move(chain: Chain, d: int, moved: dict[int, Any], rules: Rules) -> bool:
    """Put into `moved` where node `d` goes when others have `moved`; False where it is not defined."""
    operands = [moved[o] if o in moved else chain.values[o] for o in chain.graph.operands[d]]
    beside = rule_beside(chain.graph.nodes[d], operands, rules)
    if beside is None:
        return False
    moved[d] = value_at(*beside)
    return True


def rule_beside(
    node: Scalar, operands: Sequence[Any], rules: Rules
) -> tuple[Rule, Sequence[Any]] | None:
    """SymPy's rule of `node` where its operands are moved by infinitesimals, and what it is asked at.

    None where the operator is not defined. Raises OutOfBudget where it cannot be told, or where SymPy's
    conditions do not hold on the piece that the engine took.
    """
    operator = node.operator
    assert operator is not None
    try:
        if not all(domain.holds(*operands, *node.parameters) for domain in operator.domain):
            return None
        piece = operator.piece(operands, node.parameters)
        rule = rules.find(operator, node.parameters, piece, len(operands))
        at = [*operands, *(piece[0].numbers if piece else ())]
        holds = rule.fold is not None or rule.holds(at)
    # Where SymPy's conditions can be asked, its form can.
    except (TypeError, AttributeError) as error:
        raise OutOfBudget(f"{operator.name} cannot be asked there: {error}") from None
    if not holds:
        raise OutOfBudget(f"{operator.name} took another piece beside this point than SymPy")
    return rule, at


def boundary_entry(
    entry: Entry,
    sides: OneSided,
    seed: Fraction,
    convention: Any,
    branches: Sequence[Fraction] = (),
) -> Entry:
    """The verdict on `entry.gradient` where the one-sided derivatives are `sides`, times `seed`.

    `convention` is what the conventions for boundaries make of it, None where there is none; `branches`
    are the derivatives of the formulas that meet here, where the function jumps from one to another.
    """
    found = entry.gradient
    assert found is not None
    left, right = (None if side is None else seed * side for side in sides)
    entry = replace(entry, proof="one-sided", expected=None)
    if left is not None and left == right:
        entry = replace(entry, expected=left)
        if found == left:
            return replace(entry, verdict=Verdict.PROVED)
        says = f"both one-sided derivatives are {short_text(left)}"
        allowed = found == convention
    else:
        says = (
            f"the derivative is {side_text(left)} from the left "
            f"and {side_text(right)} from the right"
        )
        others = [slope for slope in dict.fromkeys(branches) if slope not in (left, right)]
        if others:
            theirs = ", ".join(map(short_text, others))
            says += f", on the branches that meet here {theirs}"
        known = [side for side in (left, right, *branches) if side is not None]
        # Of a jump there may be nothing that a gradient could be compared with.
        between = min(known) <= found <= max(known) if known else convention is None
        allowed = found == convention or between
    if allowed:
        own = "minigrad's convention" if found == convention else "another convention"
        return replace(
            entry, verdict=Verdict.KINK, message=f"{says}; {own} gives {short_text(found)}"
        )
    values = "" if convention is None else f", the convention's value {short_text(convention)}"
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        message=f"{says}{values}; the gradient is {short_text(found)}",
        blame=f"node {entry.label}",
        difference=None if left is None or left != right else short_text(found - left),
    )


def without_gradient(entry: Entry, sides: OneSided) -> Entry:
    """The verdict where the engine says that there is no derivative: the square root at 0."""
    left, right = map(side_text, sides)
    says = f"the derivative is {left} from the left and {right} from the right"
    if sides.derivative is not None:
        return replace(entry, proof="one-sided", message=f"{says}; the engine gives none")
    return replace(
        entry, verdict=Verdict.KINK, proof="one-sided", message=f"{says}; there is no gradient"
    )


def side_text(side: Fraction | None) -> str:
    """A one-sided derivative in a sentence."""
    return "nonexistent" if side is None else short_text(side)
