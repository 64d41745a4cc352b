"""NumPy's functions that pick a piece: NumPy on floats is the judge of values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import check

from minigrad import Scalar
from minigrad.arrays import array, grads, values
from minigrad.errors import InvalidOperand
from minigrad.verify import Verdict, check_gradient

POINT = np.array([[3.0, 0.75, -2.0, 8.0], [1.5, 1.25, 0.25, -4.0], [7.0, -0.25, 2.5, 5.0]])
KNOTS, HEIGHTS = [-1.0, 0.5, 2.0, 4.0], [3.0, -1.0, 0.0, 8.0]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "interp": lambda x: np.interp(x, KNOTS, HEIGHTS),
    "interp with ends": lambda x: np.interp(x, KNOTS, HEIGHTS, left=-7, right=9),
    "interp with one end": lambda x: np.interp(x, KNOTS, HEIGHTS, right=9),
    "piecewise": lambda x: np.piecewise(
        x, [x < 0, x > 2], [lambda z: -z, lambda z: z * z, lambda z: z + 1]
    ),
    "piecewise, of numbers": lambda x: np.piecewise(x, [x < 0, x >= 0], [-1, 1]),
    "piecewise, zero elsewhere": lambda x: np.piecewise(x, [x > 1], [lambda z: 3 * z]),
    "piecewise, with arguments": lambda x: np.piecewise(
        x, [x > 1], [lambda z, a, b=0: a * z + b, lambda z, a, b=0: a], 5, b=2
    ),
    "piecewise, later conditions win": lambda x: np.piecewise(
        x, [x > 0, x > 2], [lambda z: z, lambda z: 10 * z]
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_numpy_s(name: str) -> None:
    check(FUNCTIONS[name], POINT)


def test_gradients_are_those_of_the_pieces() -> None:
    x = array([3, "1/2", 5])
    np.interp(x, [0, 1, 4], [0, 2, 8]).sum().backward()
    assert grads(x).tolist() == [2, 2, 0]


def test_knots_and_heights_have_gradients_too() -> None:
    knots, heights, x = array([0, 2]), array([1, 4]), Scalar(1, "x")
    found = np.interp(x, knots, heights)
    found.backward()
    assert found.data == Fraction(5, 2)
    assert x.grad == Fraction(3, 2)
    assert grads(heights).tolist() == [Fraction(1, 2), Fraction(1, 2)]
    # The line is 1 + 3*(x - a)/(b - a).
    assert grads(knots).tolist() == [Fraction(-3, 4), Fraction(-3, 4)]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: np.interp(x, [1, 2], [1, 2], period=3), "expected period=None; got 3"),
        (lambda x: np.interp(x, [1, 2], [1, 2, 3]), "of one length, not 0; got 2 and 3"),
        (lambda x: np.piecewise(x, [x > 0], [1, 2, 3]), "got 3 for 1"),
    ],
)
def test_what_has_no_exact_form_is_refused_by_name(
    function: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(InvalidOperand, match=message):
        function(array([1, 2]))


def test_a_gradient_through_pieces_is_checked() -> None:
    def table(x: Any) -> Any:
        return np.interp(x, [0, 1, 4], [0, 3, 8])

    def slope(x: Any, first: Any = 3) -> Any:
        return first if 0 < x < 1 else Fraction(5, 3) if 1 <= x < 4 else 0

    assert check_gradient(table, slope).ok
    assert check_gradient(table, lambda x: slope(x, 2)).verdict is Verdict.REFUTED


def test_at_a_knot_the_height_is_given() -> None:
    knots = np.array(KNOTS)
    assert values(np.interp(array(KNOTS), knots, HEIGHTS)).tolist() == HEIGHTS
    assert values(np.interp(array(KNOTS), knots, HEIGHTS, left=7, right=9)).tolist() == HEIGHTS
