"""The bare arithmetic of a program: its operations in a plain loop over lists, and no graph.

    >>> from benchmarks.workloads import WORKLOADS
    >>> tape = record(WORKLOADS["seed"]())
    >>> tape.gradient(tape.start(Fraction))
    [Fraction(-1000, 961), Fraction(-250, 441), Fraction(365, 651)]

A program is recorded once, outside the measurement, as two lists of instructions. What is then
measured is the least that reverse mode can do in Python with the same additions, multiplications
and divisions (Andreas Griewank and Andrea Walther, Evaluating Derivatives, 2nd ed., section 3.2):
the floor to which a library is compared. As in a loop written by hand, no adjoint of a constant is
computed, none that is 0 is passed on, a sum does not multiply by 1, and the first contribution to an
adjoint is stored and not added to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from benchmarks.workloads import Library, Workload

__all__ = ["Start", "Tape", "record"]

# The codes of instructions: of both sweeps, then of the reverse sweep alone, where an operand is a
# constant (the second, but in _MINUS and _UNDER the first) or an exponent is 2.
_ADD, _SUB, _MUL, _DIV, _POW, _RELU = range(6)
_PASS, _MINUS, _SCALE, _OVER, _UNDER, _SQUARE = range(6, 12)

Instruction = tuple[int, int, int, int]
"""Code, the places of the operands (or a place and an exponent), the place of the result."""
Start = tuple[list[Any], dict[int, Any]]
"""The numbers to begin with: of each place, and whole numbers such as exponents."""


@dataclass
class Tape:
    """A program on numbered places, of which the first are its variables."""

    variables: int
    starts: list[Fraction | None]
    """The values of variables and constants; None where a result will be."""
    forward: list[Instruction] = field(default_factory=list)
    reverse: list[Instruction] = field(default_factory=list)
    """In the order of the forward sweep while it is recorded, then turned around."""
    depths: list[int] = field(default_factory=list)
    """The length of the longest path to each place."""

    @property
    def depth(self) -> int:
        """The length of the longest path."""
        return max(self.depths)

    def start(self, number: Callable[[Fraction], Any]) -> Start:
        """The numbers to begin with, made by `number`."""
        whole = {0, 1, 2} | {n for code, _, n, _ in self.forward if code == _POW}
        places = [None if value is None else number(value) for value in self.starts]
        return places, {n: number(Fraction(n)) for n in whole}

    def gradient(self, start: Start) -> list[Any]:
        """The derivative of the last result by each variable."""
        values, whole = start[0].copy(), start[1]
        _evaluate(self.forward, values, whole[0])
        adjoints: list[Any] = [None] * len(values)
        adjoints[self.reverse[0][3]] = whole[1]
        _sweep(self.reverse, values, adjoints, whole)
        return [whole[0] if g is None else g for g in adjoints[: self.variables]]


def _evaluate(instructions: Sequence[Instruction], values: list[Any], zero: Any) -> None:
    for code, i, j, k in instructions:
        if code == _ADD:
            values[k] = values[i] + values[j]
        elif code == _MUL:
            values[k] = values[i] * values[j]
        elif code == _SUB:
            values[k] = values[i] - values[j]
        elif code == _DIV:
            values[k] = values[i] / values[j]
        elif code == _POW:
            values[k] = values[i] ** j
        else:
            values[k] = values[i] if values[i] > zero else zero


def _sweep(  # noqa: C901 - one loop: a call for each instruction would be no floor
    instructions: Sequence[Instruction],
    values: list[Any],
    adjoints: list[Any],
    whole: dict[int, Any],
) -> None:
    zero, two = whole[0], whole[2]
    for code, i, j, k in instructions:
        g = adjoints[k]
        if g is None:
            continue
        if code == _MUL:
            old = adjoints[i]
            adjoints[i] = g * values[j] if old is None else old + g * values[j]
            old = adjoints[j]
            adjoints[j] = g * values[i] if old is None else old + g * values[i]
        elif code == _ADD:
            old = adjoints[i]
            adjoints[i] = g if old is None else old + g
            old = adjoints[j]
            adjoints[j] = g if old is None else old + g
        elif code == _PASS or (code == _RELU and values[i] > zero):
            old = adjoints[i]
            adjoints[i] = g if old is None else old + g
        elif code == _SUB:
            old = adjoints[i]
            adjoints[i] = g if old is None else old + g
            old = adjoints[j]
            adjoints[j] = -g if old is None else old - g
        elif code == _SCALE:
            old = adjoints[i]
            adjoints[i] = g * values[j] if old is None else old + g * values[j]
        elif code == _MINUS:
            old = adjoints[j]
            adjoints[j] = -g if old is None else old - g
        elif code == _SQUARE:
            old = adjoints[i]
            term = g * (two * values[i])
            adjoints[i] = term if old is None else old + term
        elif code == _DIV:
            term = g / values[j]
            old = adjoints[i]
            adjoints[i] = term if old is None else old + term
            term = term * values[k]
            old = adjoints[j]
            adjoints[j] = -term if old is None else old - term
        elif code == _OVER:
            old = adjoints[i]
            adjoints[i] = g / values[j] if old is None else old + g / values[j]
        elif code == _UNDER:
            old = adjoints[j]
            term = g * values[k] / values[j]
            adjoints[j] = -term if old is None else old - term
        elif code == _POW:
            old = adjoints[i]
            term = g * (whole[j] * values[i] ** (j - 1))
            adjoints[i] = term if old is None else old + term


def record(workload: Workload) -> Tape:
    """The tape of a workload."""
    values = workload.values
    tape = Tape(len(values), list(values), depths=[0] * len(values))
    workload.program(_LIBRARY, [_Place(tape, i) for i in range(len(values))])
    tape.reverse.reverse()
    return tape


class _Place:
    """A variable or a result, whose arithmetic is written onto the tape."""

    __slots__ = ("at", "tape")

    def __init__(self, tape: Tape, at: int) -> None:
        self.tape = tape
        self.at = at

    def _write(self, code: int, back: int, i: int, j: int, *operands: int) -> _Place:
        tape = self.tape
        k = len(tape.starts)
        tape.starts.append(None)
        tape.depths.append(1 + max(tape.depths[operand] for operand in operands))
        tape.forward.append((code, i, j, k))
        tape.reverse.append((back, i, j, k))
        return _Place(tape, k)

    def _constant(self, value: Any) -> int:
        self.tape.starts.append(Fraction(value))
        self.tape.depths.append(0)
        return len(self.tape.starts) - 1

    def _binary(self, code: int, constant_code: int, other: Any) -> _Place:
        if isinstance(other, _Place):
            return self._write(code, code, self.at, other.at, self.at, other.at)
        return self._write(code, constant_code, self.at, self._constant(other), self.at)

    def __add__(self, other: Any) -> _Place:
        return self._binary(_ADD, _PASS, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> _Place:
        return self._binary(_SUB, _PASS, other)

    def __rsub__(self, other: Any) -> _Place:
        return self._write(_SUB, _MINUS, self._constant(other), self.at, self.at)

    def __mul__(self, other: Any) -> _Place:
        return self._binary(_MUL, _SCALE, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> _Place:
        return self._binary(_DIV, _OVER, other)

    def __rtruediv__(self, other: Any) -> _Place:
        return self._write(_DIV, _UNDER, self._constant(other), self.at, self.at)

    def __pow__(self, n: int) -> _Place:
        return self._write(_POW, _SQUARE if n == 2 else _POW, self.at, n, self.at)

    def relu(self) -> _Place:
        return self._write(_RELU, _RELU, self.at, self.at, self.at)


def _dot(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    return reduce(add, [x * y for x, y in zip(xs, ys, strict=True)])


_LIBRARY = Library(
    number=lambda value: value,
    sum=lambda xs: reduce(add, xs),
    dot=_dot,
    affine=lambda xs, ys, z: _dot(xs, ys) + z,
    relu=lambda x: x.relu(),
)
