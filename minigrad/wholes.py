"""The whole number that a program makes of a number, and what has to hold for it to be that one.

    >>> from minigrad import Scalar
    >>> x = Scalar("5/2", "x")
    >>> whole(x, "trunc"), [f"{relation} {bound}" for _, relation, bound in asked(x, "trunc")]
    (2, ['>= 2', '< 3'])

`int(x)` has no gradient and needs none: it is constant between jumps, as an `if` is. So a program that
looks up `table[int(x)]`, or steps `round(t / dt)` times, takes a branch by it, as if it had compared
x with the ends of the interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad.field_operators import nearest_piece, ten_to
from minigrad.number import is_integer
from minigrad.scalar import Scalar

__all__ = ["STEPS", "asked", "is_whole", "whole"]

STEPS: Final = ("ceil", "floor", "floordiv", "round")
"""Operators that are constant between jumps."""

Bound = tuple[Scalar, str, Fraction]
"""A node, a relation, and the number to which it has that relation."""


def whole(node: Scalar, how: str) -> int:
    """The number of `node` as an int, by "floor", "ceil", "trunc", or "round" to even at halves."""
    value: Any = node._datum
    if how == "round":
        (nearest,) = nearest_piece(value, 0).numbers
        return int(nearest)
    is_up = how == "ceil" or (how == "trunc" and value < 0)
    found: int = math.ceil(value) if is_up else math.floor(value)
    return found


def is_whole(node: Scalar, *, is_numpy: bool = False) -> bool:
    """Whether `node` stands for an int: computed from what was rounded alone, and that by Python.

    Of NumPy's numbers `round` alone makes ints.
    """
    steps = _steps_below(node)
    if not steps or not is_integer(node._datum):
        return False
    return all(step.operator.name == "round" or not is_numpy for step in steps if step.operator)


def asked(node: Scalar, how: str) -> Iterator[Bound]:
    """What holds of the numbers that `whole` was computed from, and makes it what it is.

    Where these were rounded before, as in `int(np.floor(x))`, it is what holds of what was rounded.
    """
    steps = _steps_below(node)
    if steps is None:
        yield from _interval(node, how, whole(node, how), Fraction(1))
        return
    for step in steps:
        assert step.operator is not None
        x = step.operands[0]
        if step.operator.name == "floordiv":
            yield from _interval(x / step.operands[1], "floor", step._datum, Fraction(1))
        else:
            digits = step.parameters[0] if step.parameters else 0
            yield from _interval(x, step.operator.name, step._datum, 1 / ten_to(digits))


def _interval(node: Scalar, how: str, result: Any, unit: Fraction) -> Iterator[Bound]:
    """Where `node` gives `result`, a multiple of `unit`."""
    if how == "round":
        is_even = not (result / unit) % 2
        low, high = result - unit / 2, result + unit / 2
        ends = (">=", "<=") if is_even else (">", "<")
    elif how == "trunc" and not result:
        low, high, ends = -unit, unit, (">", "<")
    elif how == "ceil" or (how == "trunc" and result < 0):
        low, high, ends = result - unit, result, (">", "<=")
    else:
        low, high, ends = result, result + unit, (">=", "<")
    yield node, ends[0], Fraction(low)
    yield node, ends[1], Fraction(high)


def _steps_below(node: Scalar) -> Sequence[Scalar] | None:
    """The steps that all of `node` is computed from; None where something else of it varies."""
    found: dict[int, Scalar] = {}
    waiting, seen = [node], set()
    while waiting:
        below = waiting.pop()
        if id(below) in seen:
            continue
        seen.add(id(below))
        if below.operator is None:
            if not below.is_constant:
                return None
        elif below.operator.name in STEPS:
            found[id(below)] = below
        else:
            waiting += below.operands
    return [*found.values()]
