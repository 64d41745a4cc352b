"""What the variables measure over which two programs are compared.

    >>> from fractions import Fraction
    >>> half = LOGISTIC.of(Fraction(0))
    >>> half, LOGISTIC.back(half), TANH.of(Fraction(0))
    (Fraction(1, 2), Fraction(0, 1), Fraction(0, 1))

A variable stands for what both programs compute (`verify.cuts`), and most measure that itself. What only
activations are taken of, a sigmoid or tanh, is better measured by the value of the activation: its
derivative is a polynomial in that, s*(1 - s) of a sigmoid, however it was written. As formulas in the
argument's exponential, sums over units have as many denominators as there are units, and two steps of an
LSTM outgrow every limit. Since such a function leads from all numbers to those between its ends, and
back, what holds for every number between these holds for every argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from minigrad.closed import lift
from minigrad.elementary import call
from minigrad.verify.cuts import Common, cuts
from minigrad.verify.program import Program

__all__ = ["ITSELF", "LOGISTIC", "TANH", "Scale", "tries"]


class Scale(NamedTuple):
    """What a variable measures of a value: itself, or a function of it with values between `ends`."""

    of: Callable[[Any], Any] = lambda value: value
    back: Callable[[Any], Any] = lambda variable: variable
    ends: tuple[int, ...] = ()

    def known(self, variable: Any) -> set[tuple[Any, int]]:
        """Formulas by their keys, and their signs: the variable is above one end and below the other."""
        return {(lift(variable - x).key, s) for x, s in zip(self.ends, (1, -1), strict=False)}


ITSELF: Final = Scale()
LOGISTIC: Final = Scale(
    lambda value: call("sigmoid", value), lambda v: call("log", v / (1 - v)), (0, 1)
)
TANH: Final = Scale(
    lambda value: call("tanh", value), lambda v: call("log", (1 + v) / (1 - v)) / 2, (-1, 1)
)

_OF_LOGISTIC: Final = {"exp", "sigmoid", "silu", "softplus"}
"""Functions that are rational in the logistic function, or have such derivatives."""


def tries(theirs: Program, ours: Program) -> Iterator[tuple[Sequence[Common], Sequence[Scale]]]:
    """What may be taken for variables, and what each of these is to measure, one after the other."""
    for common in cuts(theirs, ours):
        scales = [_scale(theirs, c) for c in common]
        if any(scale is not ITSELF for scale in scales):
            yield common, scales
        yield common, [ITSELF] * len(common)


def _scale(theirs: Program, common: Common) -> Scale:
    """The function of which all functions are that use what both compute, or itself."""
    graph = theirs.graph
    users = {user for i, _ in common.theirs for user in graph.users[i]}
    names = {
        operator.name
        for user in users
        if (operator := graph.nodes[user].operator) is not None and not operator.is_rational
    }
    if names == {"tanh"}:
        return TANH
    return LOGISTIC if names and names <= _OF_LOGISTIC else ITSELF
