"""Two programs at a point where their closed forms are too long: what they give, held between bounds.

The numbers of a network with many samples may be far too long to be written down, and its formulas
longer. What the derivative is there, and what was given for it, lies between bounds all the same, by
SymPy's forms of the operators and their derivatives on `minigrad.enclosed`. Bounds that have no number in
common refute; they prove nothing.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from minigrad.enclosed import Enclosed
from minigrad.errors import MinigradError, NotDecided
from minigrad.number_text import format_fraction
from minigrad.rational import OutOfBudget
from minigrad.scalar import Scalar
from minigrad.verify.claims import Claim, Sample, expected
from minigrad.verify.program import Lifted, Program
from minigrad.verify.report import Entry, Verdict
from minigrad.verify.solver import value_at
from minigrad.verify.symbolic import Rules, Unsupported

__all__ = ["Apart", "differing"]


class Apart(NamedTuple):
    """What was given for a component and its derivative, which certainly differ: a number near each."""

    given: Fraction
    derivative: Fraction

    def entry(self, claim: Claim, sample: Sample, k: int, why: str) -> Entry:
        """The entry of component `k`, which is refuted; `why` closed forms did not tell."""
        name, what = sample.names[k], str(claim.kind)
        given, derivative, difference = (
            format_fraction(x, ".6g")
            for x in (self.given, self.derivative, self.given - self.derivative)
        )
        return Entry(
            name,
            Verdict.REFUTED,
            "number",
            "given",
            sample.point.get(name),
            difference=f"about {difference}",
            blame=f"the {what} {'by' if what == 'gradient' else 'at'} {name}",
            point=sample.point,
            message=(
                f"the {what} gives about {given}, the derivative is about {derivative}: their bounds "
                f"have no number in common; in closed form it was not decided: {why}"
            ),
        )


class _Bounded(Program):
    """A Program whose closed forms are enclosed, and compared with nothing.

    Raises NotDecided at a boundary, but for that of operators that are `idle`.
    """

    def __init__(
        self,
        outputs: Sequence[Scalar],
        leaves: Sequence[Scalar],
        rules: Rules,
        idle: Container[int],
    ) -> None:
        self._idle = idle
        super().__init__(outputs, leaves, rules)

    def _solve(self, rules: Rules) -> str:
        values: list[Any] = []
        chain = self.chain
        for node, operands in zip(self.graph.nodes, self.graph.operands, strict=True):
            operator = node.operator
            if operator is None:
                value = node._datum
                values.append(value if isinstance(value, Fraction) else Enclosed.of(value))
                chain.rules.append(None)
                chain.pieces.append(())
                continue
            at = [values[o] for o in operands]
            piece = operator.piece(operator.numbers(at), node.parameters)
            if not operator.is_rational:
                at = [*map(Enclosed.of, at)]
            rule = rules.find(operator, node.parameters, piece, len(operands))
            at += piece[0].numbers if piece else ()
            is_edge = bool(piece and piece[0].boundary) and id(node) not in self._idle
            if is_edge or not rule.holds(at):
                raise NotDecided(f"{operator.name} stands at a boundary, or is not defined")
            values.append(value_at(rule, at))
            chain.rules.append(rule)
            chain.pieces.append(piece)
        chain.values = values
        return ""

    @cached_property
    def numbers(self) -> Lifted:
        """The program at the point where it ran."""
        return _Lifted(self, self.chain.values)


class _Lifted(Lifted):
    """The values of a program that are bounded, as its derivatives are from the outputs down."""

    def gradient(self, seeds: Mapping[int, Any]) -> list[Any]:
        # Else those of exp at a ratio are closed forms, and so are their sums.
        return super().gradient({i: Enclosed.of(seed) for i, seed in seeds.items()})


def differing(claim: Claim, sample: Sample, rules: Rules) -> list[Apart | None]:
    """For each component of `sample`, how what is given certainly differs from the derivative, or None.

    None of them where the sample stands at a boundary, or the bounds say nothing.
    """
    unknown: list[Apart | None] = [None] * len(sample.given)
    asked = [c for run in sample.runs for c in run.trace.comparisons]
    if claim.kind.is_second or sample.lacking or any(c.side == 0 for c in asked):
        return unknown
    try:
        theirs = _Bounded(sample.outputs, sample.leaves, rules, sample.idle)
        ours = _Bounded(sample.given, sample.own_leaves, rules, sample.idle)
        derivatives = expected(claim.kind, theirs, None, claim.count)
    except (ArithmeticError, MinigradError, OutOfBudget, Unsupported, TypeError):
        return unknown
    given = [ours.chain.values[place] for place in ours.outputs]
    return [*map(_apart, given, derivatives)]


def _apart(given: Any, derivative: Any) -> Apart | None:
    """Both, by numbers near them, if they are certainly different."""
    try:
        left, right = Enclosed.of(given), Enclosed.of(derivative)
        (left - right).sign()
        return Apart(left.middle(), right.middle())
    except (AttributeError, MinigradError, TypeError):
        return None
