"""Two programs on one branch, compared once as formulas, for all the points that lie on it.

What is to be said of a component is spelt out when it is first shown, and kept: the factors of a formula
may take longer to find than the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sympy as sp

from minigrad.verify import identity
from minigrad.verify.identity import formula_text
from minigrad.verify.program import Lifted, Program

__all__ = ["Branch", "spelt_out"]

_ATTEMPTS: Final = 3
"""How often formulas that were not told apart are compared at a further point."""


@dataclass
class Branch:
    """Both programs on one branch, and what came of comparing them there."""

    theirs: Program
    ours: Program
    compared: list[identity.Comparison]
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    lifted: Lifted | None = None
    numbers: list[Any] | None = None
    attempts: int = 0

    @property
    def is_open(self) -> bool:
        """Whether formulas were found that were not told apart nor alike, and it may be tried again."""
        undecided = any(c.equal is None and c.derivative is not None for c in self.compared)
        return undecided and self.attempts < _ATTEMPTS

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


def spelt_out(formula: Any, labels: Sequence[str]) -> str:
    """A formula in the names of the arguments."""
    return formula_text(formula, [sp.Symbol(label, real=True) for label in labels])
