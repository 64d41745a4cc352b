"""Closed forms in arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from minigrad import Scalar
from minigrad.arrays import array, values
from minigrad.errors import DomainError, NoDerivative
from minigrad.verify import Verdict, check_gradient


def test_values_are_rational_where_they_can_be_and_closed_forms_elsewhere() -> None:
    x = array([4, 2])
    assert values(np.sqrt(x)).tolist() == [2, sp.sqrt(2)]
    assert values(np.exp(x - 4)).tolist() == [1, sp.exp(-2)]
    assert values(np.log(x)).tolist() == [2 * sp.log(2), sp.log(2)]
    assert values(np.arctan2([1, 0], [1, -1] * x / x)).tolist() == [sp.pi / 4, sp.pi]
    assert values(np.radians(array([90]))).tolist() == [sp.pi / 2]
    assert values(np.std(array([1, 2, 3, 4]))) == sp.sqrt(5) / 2


def test_outside_a_domain_the_operator_and_the_operand_are_named() -> None:
    x = array([4, -2], "x")
    for function in (np.sqrt, np.log, np.arccosh, np.arcsin, lambda x: x**0.5):
        with pytest.raises(DomainError, match=r"x\[[01]\]"):
            function(x)
    with pytest.raises(DomainError, match="atan2"):
        np.arctan2(array([0]), 0)


def test_a_root_at_zero_has_a_value_and_no_derivative() -> None:
    x = array([0, 4], "x")
    y = np.sqrt(x)
    assert values(y).tolist() == [0, 2]
    with pytest.raises(NoDerivative, match="sqrt"):
        y.sum().backward()


PLAIN = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "arcsinh": np.arcsinh, "arctan": np.arctan, "log1p": np.log1p, "expm1": np.expm1,
    "exp2": np.exp2, "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt, "hypot": lambda x: np.hypot(x, x), "arctan2": lambda x: np.arctan2(x, x),
    "arccosh": lambda x: np.arccosh(x + 1),
    "arcsin": lambda x: np.arcsin(x / 4), "arccos": lambda x: np.arccos(x / 4), "arctanh": lambda x: np.arctanh(x / 4),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_arrays_of_objects_ask_the_methods_of_scalars(name: str) -> None:
    """As `np.exp(np.array([x, y]))` does in a program: NumPy calls the method of its own name."""
    point = np.array([0.5, 2.25])
    scalars = np.array([Scalar(item) for item in point])
    found, expected = PLAIN[name](scalars), PLAIN[name](point)
    assert all(isinstance(item, Scalar) for item in found)
    np.testing.assert_allclose([float(item) for item in found], expected, rtol=1e-14)


def test_sinc_and_its_removable_pole() -> None:
    x = np.array([0, 0.5, -1.25, 1, 3.1])
    assert values(np.sinc(array(x)), dtype=float) == pytest.approx(np.sinc(x))

    def slope(x: Any) -> Any:
        return (np.cos(np.pi * x) - np.sinc(x)) / x if x != 0 else 0

    assert check_gradient(lambda x: np.sinc(x), slope).verdict is Verdict.PROVED
    wrong = check_gradient(lambda x: np.sinc(x), lambda x: slope(x) if x != 0 else 1)
    assert (wrong.verdict, wrong.entries[0].expected) == (Verdict.REFUTED, 0)
