"""One-sided derivatives at a boundary, exactly: the function is run over the ordered field Q(ε).

A piecewise operator on the way to the root stands at its boundary, so no formula holds on both
sides. With ε a positive infinitesimal, the standard part of (f(v ± ε) - f(v)) / ±ε is the one-sided
derivative itself and no approximation of it (A. Robinson, Non-standard Analysis, section 3.3).
SymPy's forms are evaluated, on the pieces that hold there by SymPy's own conditions.
"""

from __future__ import annotations

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
from minigrad.verify.symbolic import Rule, Rules

__all__ = [
    "LIMIT",
    "OneSided",
    "boundary_entry",
    "one_sided",
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


def one_sided(chain: Chain, i: int, rules: Rules) -> OneSided:
    """The one-sided derivatives of the root by node `i`, not multiplied by the seed.

    Raises OutOfBudget where that would take too much work, or where SymPy's conditions do not hold
    on the piece that the engine took.
    """
    dependents = chain.graph.dependents(i)
    if len(dependents) > LIMIT:
        raise OutOfBudget(f"{len(dependents):,} nodes depend on it, over {LIMIT:,}")
    return OneSided(*(_side(chain, i, dependents, rules, sign) for sign in (-1, 1)))


def _side(chain: Chain, i: int, dependents: list[int], rules: Rules, sign: int) -> Fraction | None:
    if i == chain.graph.root:
        return Fraction(1)
    epsilon = Infinitesimal(Field(1, LIMIT).generators[0])
    moved: dict[int, Any] = {i: chain.values[i] + sign * epsilon}
    for d in dependents:
        operands = [moved[o] if o in moved else chain.values[o] for o in chain.graph.operands[d]]
        try:
            beside = rule_beside(chain.graph.nodes[d], operands, rules)
            if beside is None:
                return None  # beyond the end of a domain, as of a root to the left of 0
            moved[d] = value_at(*beside)
        except (ZeroDivisionError, OverflowError):
            return None  # beside a jump, as of 1 / (x // 1) to the left of 1
    slope = (moved[chain.graph.root] - chain.values[chain.graph.root]) / (sign * epsilon)
    found: Fraction | None = standard_part(slope)
    return found


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


def boundary_entry(entry: Entry, sides: OneSided, seed: Fraction, convention: Any) -> Entry:
    """The verdict on `entry.gradient` where the one-sided derivatives are `sides`, times `seed`.

    `convention` is what the conventions for boundaries make of it, None where there is none.
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
        known = [side for side in (left, right) if side is not None]
        # Of a jump there may be nothing that a gradient could be compared with.
        between = not known or min(known) <= found <= max(known)
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
