"""Infixes, numbers of every kind and small graphs, as several tests of nodes take them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from minigrad import Scalar

TENTH = Fraction(1, 10)


def derivative(function: Callable[[Scalar], Scalar], at: object) -> Fraction:
    x = Scalar(at)
    function(x).backward()
    return x.grad


def chain(length: int, start: object = 1) -> tuple[Scalar, Scalar]:
    """A leaf, and a node that is that many operators above it."""
    leaf = node = Scalar(start, "leaf")
    for _ in range(length):
        node = -node
    return leaf, node


INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
}

NUMBERS: list[tuple[Any, Fraction]] = [
    *[(2, Fraction(2)), (-3, Fraction(-3)), (True, Fraction(1)), (10**5000, Fraction(10**5000))],
    *[
        (Fraction(-7, 2), Fraction(-7, 2)),
        (Decimal("0.1"), TENTH),
        (0.1, TENTH),
        (2.0, Fraction(2)),
    ],
]


def foreign_numbers() -> Iterator[tuple[Any, Fraction]]:
    """The exact numbers of the libraries that are installed, with what they stand for."""
    third = Fraction(1, 3)
    try:
        import numpy as np

        yield from [(np.int64(2**62), Fraction(2**62)), (np.bool_(True), Fraction(1))]
        yield from [(kind(0.1), TENTH) for kind in (np.float16, np.float32, np.float64)]
        yield np.longdouble("0.1"), TENTH
    except ImportError:
        pass
    try:
        import gmpy2

        yield from [(gmpy2.mpz(3), Fraction(3)), (gmpy2.mpq(1, 3), third)]
    except ImportError:
        pass
    try:
        import flint

        yield from [(flint.fmpz(3), Fraction(3)), (flint.fmpq(1, 3), third)]
    except ImportError:
        pass


each_infix = pytest.mark.parametrize("name", INFIX)
each_number = pytest.mark.parametrize(
    ("value", "exact"),
    [*NUMBERS, *foreign_numbers()],
    ids=lambda value: type(value).__name__ if not isinstance(value, Fraction) else "",
)

COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
