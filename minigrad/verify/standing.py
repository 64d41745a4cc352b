"""Where the programs of a sample stand: whether one of them may do something else beside it.

An operator at its boundary may take another piece there, and a comparison of equal numbers another
outcome. Neither does where that holds everywhere, as of max(x, x), nor an operator that is idle.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final

from minigrad.graph import topological_order
from minigrad.rational import Field, OutOfBudget
from minigrad.records import Comparison
from minigrad.scalar import Scalar
from minigrad.signatures import signature
from minigrad.verify import search
from minigrad.verify.beside import at_boundary
from minigrad.verify.claims import Ran, Sample
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules, Unsupported

__all__ = ["Standing"]

_WORK: Final = 50_000
"""Products of terms to see that two sides of a comparison are the same everywhere."""


class Standing:
    """Answers for one sample after the other; what holds everywhere is found out once a formula."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._everywhere: dict[Any, bool] = {}
        self._places: dict[Any, list[int]] = {}

    def is_at_boundary(self, sample: Sample) -> bool:
        """Whether one of the programs may do something else beside a sample than at it."""
        idle = sample.idle
        return any(
            self.is_guarded(program, idle) or self.changing(program.outputs, program.leaves, idle)
            for program in sample.programs
        )

    def changing(
        self, roots: Sequence[Scalar], leaves: Sequence[Scalar], idle: Container[int]
    ) -> set[Scalar]:
        """The nodes whose operators stand at a boundary here, and not everywhere as in max(x, x)."""
        order = topological_order(roots)
        places = [i for i, node in enumerate(order) if id(node) not in idle and at_boundary(node)]
        if not places:
            return set()
        key = signature(roots, leaves, idle)
        if key not in self._places:
            self._places[key] = [
                i for i in places if not search.is_settled(order[i], leaves, self._rules)
            ]
        return {order[i] for i in self._places[key]}

    def is_guarded(self, program: Ran, idle: Container[int]) -> bool:
        """Whether a comparison may have another outcome beside this point, or an operator raise there.

        The sides of the comparison are equal here, and not everywhere, or stand at a boundary themselves.
        """
        run, outputs, leaves = program
        comparisons = run.trace.comparisons
        if any(c.side == 0 and not self._is_identity(c, leaves) for c in comparisons):
            return True
        # Where x // 1 jumps, what is compared with it may be another number on the other side.
        sides = [side for c in comparisons for side in (c.left, c.right)]
        return bool(self.changing([*sides, *run.trace.only_entered(outputs)], leaves, idle))

    def _is_identity(self, comparison: Comparison, leaves: Sequence[Scalar]) -> bool:
        sides = (comparison.left, comparison.right)
        if comparison.left is comparison.right:
            return True
        key = signature(sides, leaves)
        if key not in self._everywhere:
            try:
                generators = Field(len(leaves), _WORK).generators
                left, right = Program(sides, leaves, self._rules).results(generators)
                self._everywhere[key] = bool(left == right)
            except (OutOfBudget, Unsupported, ArithmeticError):
                self._everywhere[key] = False
        return self._everywhere[key]
