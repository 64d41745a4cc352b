"""Derivatives known by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from minigrad.derivatives import derivative, grad, hessian, taylor, value_and_grad


def test_the_rosenbrock_function() -> None:
    def rosenbrock(x: Any, y: Any) -> Any:
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    both = (0, 1)
    assert value_and_grad(rosenbrock, both)(1, 1) == (0, (0, 0))
    assert grad(rosenbrock, both)(2, 3) == (802, -200)
    assert hessian(rosenbrock, both)(1, 1) == ((802, -400), (-400, 200))


@pytest.mark.parametrize("n", range(7))
def test_the_geometric_series(n: int) -> None:
    assert taylor(lambda x: 1 / (1 - x), 0, n) == [1] * (n + 1)
    assert derivative(lambda x: 1 / (1 - x), n)(0) == math.factorial(n)


def test_a_power_series_in_a_direction() -> None:
    # f(1 + t, 2 - t) = (1 + t)**2 * (2 - t) = 2 + 3t - t**3.
    assert taylor(lambda t: (1 + t) ** 2 * (2 - t), 0, 4) == [2, 3, 0, -1, 0]


def test_curves_have_their_structure() -> None:
    curve = lambda t: {"p": [t, t**2], "q": 7}
    assert derivative(curve)(3) == {"p": [1, 6], "q": 0}
    assert taylor(curve, 3, 2) == [
        {"p": [3, 9], "q": 7},
        {"p": [1, 6], "q": 0},
        {"p": [0, 1], "q": 0},
    ]
