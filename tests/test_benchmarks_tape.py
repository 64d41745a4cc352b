"""The bare arithmetic: a program written down once, and swept without an engine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from benchmarked import BARE, gradient

from benchmarks.tape import record
from benchmarks.workloads import Workload


def test_the_bare_arithmetic_by_hand() -> None:
    """Each instruction of the tape: constants on either side, powers, relus on both pieces."""

    def program(_library: object, x: Any) -> Any:
        a, b = x
        parts = (
            3 - a,
            a - 3,
            5 / a,
            a / 5,
            7 * a,
            a**3,
            a**2,
            a - b,
            (b - a).relu(),
            (a - b).relu(),
            a * a,
        )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total + 1

    workload = Workload("all", (Fraction(2), Fraction(1, 2)), program)
    # -1 + 1 - 5/a² + 1/5 + 7 + 3a² + 2a + 1 + 0 + 1 + 2a, and -1 - 1
    assert gradient(BARE, workload) == [Fraction(-5, 4) + Fraction(1, 5) + 29, -2]


def test_a_tape_has_the_places_of_the_program() -> None:
    def program(_library: object, x: Any) -> Any:
        a, b = x
        return (a * b + 3) * a

    tape = record(Workload("small", (Fraction(2), Fraction(5)), program))
    assert (tape.variables, len(tape.forward), len(tape.reverse), tape.depth) == (2, 3, 3, 3)
    assert [value for value in tape.starts if value is not None] == [2, 5, 3]
    # d/da of a²b + 3a is 2ab + 3, d/db is a².
    assert tape.gradient(tape.start(Fraction)) == [23, 4]
    # A second gradient from the same start is the same.
    start = tape.start(Fraction)
    assert tape.gradient(start) == tape.gradient(start)


def test_a_variable_that_is_not_used_has_the_derivative_zero() -> None:
    workload = Workload("unused", (Fraction(2), Fraction(5)), lambda _, x: x[0] * x[0])
    assert gradient(BARE, workload) == [4, 0]
