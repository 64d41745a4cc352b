"""Constant functions and unused arguments."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Scalar
from minigrad.derivatives import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_grad,
    vjp,
)
from minigrad.errors import LeftGraphWarning


@pytest.mark.parametrize("constant", [7, 0.5, Fraction(1, 3), Decimal("1.5"), np.float32(0.1)])
def test_a_constant_function_has_derivative_zero(constant: Any) -> None:
    f = lambda x: constant
    for found in [
        grad(f)(3),
        hessian(f)(3),
        jacobian(f)(3),
        derivative(f, 2)(3),
        hvp(f, (3,), (1,)),
    ]:
        assert found == 0
        assert type(found) is Fraction
    value, pull = vjp(f, 3)
    assert (
        value
        == taylor(f, 3, 1)[0]
        == (Fraction(1, 10) if constant == np.float32(0.1) else constant)
    )
    assert pull(1) == (0,)
    assert jvp(f, (3,), (1,))[1] == taylor(f, 3, 1)[1] == 0


def test_an_unused_argument_has_derivative_zero() -> None:
    assert grad(lambda xs, y: xs[0] * y, (0, 1))([2, 3], 5) == ([5, 0], 2)
    assert jacobian(lambda xs: [xs[1], 4])([2, 3]) == [[0, 1], [0, 0]]


def test_the_identity() -> None:
    assert value_and_grad(lambda x: x)(3) == (3, 1)
    assert jacobian(lambda xs: xs)([2, 3]) == [[1, 0], [0, 1]]
    assert jacobian(lambda x: [x, x])(2) == [1, 1]
    assert taylor(lambda x: x, 3, 2) == [3, 1, 0]
    assert hessian(lambda x: x)(3) == 0
    assert vjp(lambda x: (x, x), 2)[1]((3, 4)) == (7,)


def test_what_leaves_the_scalars_is_constant() -> None:
    assert grad(lambda x: x * x.data)(3) == 3
    with pytest.warns(LeftGraphWarning, match="^grad: a float was made of a Scalar"):
        assert grad(lambda x: float(x) * x)(3) == 3


@pytest.mark.parametrize(
    "function",
    [
        math.exp,
        lambda x: math.sqrt(x * x),
        lambda x: np.array([x], dtype=float)[0],
        lambda x: f"{float(x)}",
    ],
)
def test_a_float_of_what_is_differentiated_is_told_with_its_line(function: Any) -> None:
    with pytest.warns(LeftGraphWarning, match="is a constant") as warned:
        value_and_grad(lambda x: x + 0 * float(function(x)))(2)
    assert {Path(warning.filename).name for warning in warned} >= {Path(__file__).name}


def test_a_float_of_a_constant_or_of_what_is_not_differentiated_is_none() -> None:
    x = Scalar(3)
    assert grad(lambda y: y * float(Scalar.constant(2)))(1) == 2
    assert float(x) == 3
    # After an error as well.
    with pytest.raises(KeyError):
        grad(lambda y: {}[y])(1)
    assert float(x * x) == 9
