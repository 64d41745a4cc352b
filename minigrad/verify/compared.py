"""Two programs on one branch, compared once as formulas, for all the points that lie on it.

What is to be said of a component is spelt out when it is first shown, and kept: the factors of a formula
may take longer to find than the proof. At most points of a branch the comparison is all that is needed;
where numbers are, the programs are read at that point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final

import sympy as sp

from minigrad.verify import decide, identity
from minigrad.verify.claims import Claim, Sample, expected
from minigrad.verify.identity import formula_text
from minigrad.verify.program import Lifted, Program
from minigrad.verify.symbolic import Rules

__all__ = ["Branch", "Visit", "spelt_out"]

_ATTEMPTS: Final = 3
"""How often formulas that were not told apart are compared at a further point."""


@dataclass
class Branch:
    """What came of comparing two programs on one branch; `pieces` are those that they take on it.

    `held` are the arguments that reach an exponent, by their places, with the numbers that were put in
    for them: at others the formulas are others.
    """

    compared: list[identity.Comparison] = field(default_factory=list)
    pieces: tuple[Any, ...] = ()
    held: tuple[tuple[int, Any], ...] = ()
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    attempts: int = 0

    @property
    def is_open(self) -> bool:
        """Whether formulas were found that were not told apart nor alike, and it may be tried again."""
        undecided = any(c.equal is None and c.derivative is not None for c in self.compared)
        return undecided and self.attempts < _ATTEMPTS

    def holds_at(self, values: Sequence[Any]) -> bool:
        """Whether this is the branch of the point with these numbers, where the steps are the same."""
        return all(values[k] == x for k, x in self.held) and decide.holds(self.assumed, values)

    @property
    def assumed(self) -> tuple[tuple[Any, int], ...]:
        """Formulas, with the signs that they have on this branch."""
        return self.compared[0].assumed if self.compared else ()

    def text(self, what: str, k: int, spelt: Callable[[], str]) -> str:
        """What is to be said of component `k`, spelt out once: factors take longer than the proof."""
        if (what, k) not in self.texts:
            self.texts[what, k] = spelt()
        return self.texts[what, k]

    def derivative(self, k: int, labels: Sequence[str]) -> str:
        """The derivative of component `k`; empty where there is no formula."""
        formula = self.compared[k].derivative
        return (
            ""
            if formula is None
            else self.text("derivative", k, lambda: spelt_out(formula, labels))
        )

    def difference(self, k: int, labels: Sequence[str]) -> str:
        """What was given for component `k` minus the derivative; empty where there are no formulas."""
        wrong, true = self.compared[k].given, self.compared[k].derivative
        if wrong is None or true is None:
            return ""
        return self.text("difference", k, lambda: spelt_out(wrong - true, labels))


@dataclass
class Visit:
    """A sample on its branch; what both programs are at this point is found out where it is asked for."""

    claim: Claim
    sample: Sample
    rules: Rules
    branch: Branch
    is_compared: bool = False
    """Whether the programs were compared at this point."""
    _lifted: Lifted | None = field(default=None, init=False)

    @cached_property
    def theirs(self) -> Program:
        """The function's program."""
        return Program(self.sample.outputs, self.sample.leaves, self.rules)

    @cached_property
    def ours(self) -> Program:
        """The derivative's program."""
        return Program(self.sample.given, self.sample.own_leaves, self.rules)

    @property
    def complaint(self) -> str:
        """What SymPy does not agree with about the values and pieces here, if anything."""
        return self.theirs.complaint or self.ours.complaint

    @property
    def pieces(self) -> tuple[Any, ...]:
        """The pieces that the programs take."""
        return tuple([tuple(filter(None, p.chain.pieces)) for p in (self.theirs, self.ours)])

    @cached_property
    def numbers(self) -> list[Any]:
        """What the derivative should give."""
        return expected(self.claim.kind, self.theirs, None, self.claim.count)

    def uses(self, k: int) -> list[Any]:
        """What each use of an argument adds to component `k` of a gradient, as formulas."""
        if self._lifted is None:
            field = self.branch.compared[k].field
            assert field is not None
            generators = identity.generators(field, self.theirs, self.ours)
            self._lifted = self.theirs.over(generators)
        return self._lifted.contributions(k % self.claim.count, k // self.claim.count)

    def derivative(self, k: int) -> str:
        """As of the branch, in the names of the arguments."""
        return self.branch.derivative(k, self.sample.labels)


def spelt_out(formula: Any, labels: Sequence[str]) -> str:
    """A formula in the names of the arguments."""
    return formula_text(formula, _symbols(tuple(labels)))


@lru_cache(maxsize=8)
def _symbols(labels: tuple[str, ...]) -> list[Any]:
    return [sp.Symbol(label, real=True) for label in labels]
