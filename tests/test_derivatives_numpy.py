"""Transforms of functions of NumPy arrays."""

from __future__ import annotations

import copy
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from minigrad import Scalar
from minigrad.derivatives import derivative, grad, hessian, jacobian, value_and_grad
from minigrad.errors import InvalidNumber, InvalidOperand


def test_arrays_of_any_shape() -> None:
    a = np.arange(6).reshape(2, 3)
    gradient = grad(lambda a: (a**2 * np.array([1, 2, 3])).sum())(a)
    assert gradient.dtype == object
    assert gradient.tolist() == [[0, 4, 12], [6, 16, 30]]
    assert type(gradient[0, 0]) is Fraction
    point = grad(lambda a: a[()] ** 2)(np.array(3.0))
    assert (point.shape, point[()]) == ((), 6)
    value, slope = value_and_grad(lambda a: np.array(a.sum()))(a)
    assert (value.shape, value[()], slope.tolist()) == ((), 15, [[1, 1, 1]] * 2)


def test_shapes_of_jacobians_and_hessians() -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(3)
    product = jacobian(lambda a, b: a @ b, argnums=(0, 1))(a, b)
    assert [block.shape for block in product] == [(2, 2, 3), (2, 3)]
    assert product[1].tolist() == a.tolist()
    assert product[0].tolist() == [[[0, 1, 2], [0, 0, 0]], [[0, 0, 0], [0, 1, 2]]]
    assert jacobian(lambda a: a.sum())(a).shape == (2, 3)
    assert jacobian(lambda x: np.array([[x, 2 * x]]))(3).tolist() == [[1, 2]]
    assert jacobian(lambda a: [a.sum(), a[0]])(b)[1].tolist() == [1, 0, 0]
    square = hessian(lambda a: (a[0] * a[1]).sum())(a)
    assert square.shape == (2, 3, 2, 3)
    assert [square[i][j][k][m] for i, j, k, m in [(0, 1, 1, 1), (0, 1, 1, 2), (0, 0, 0, 0)]] == [
        1,
        0,
        0,
    ]
    mixed = hessian(lambda x, a: x * (a * a).sum(), (0, 1))(2, b)
    assert mixed[0][1].tolist() == mixed[1][0].tolist() == [0, 2, 4]
    assert mixed[1][1].tolist() == [[4, 0, 0], [0, 4, 0], [0, 0, 4]]


def test_empty_arrays() -> None:
    empty = np.zeros((0, 2))
    assert grad(lambda a: 7)(empty).shape == (0, 2)
    assert jacobian(lambda a: a)(empty).shape == (0, 2, 0, 2)
    assert jacobian(lambda x: [])(3) == []


def test_floats_of_an_array_are_read_in_decimal() -> None:
    for kind in (np.float16, np.float32, np.float64):
        a = np.array([0.1, 0.2], dtype=kind)
        assert grad(lambda a: a[0] * a[1])(a).tolist() == [Fraction(1, 5), Fraction(1, 10)]


def test_arrays_of_scalars_give_arrays_of_scalars() -> None:
    x, y = Scalar(2), Scalar(3)
    found = grad(lambda a: a[0] ** 2 * a[1])(np.array([x, y]))
    found.sum().backward()
    # d/dx (2xy + x**2) = 2y + 2x.
    assert (x.grad, y.grad) == (10, 4)


def test_a_subclass_of_array_is_kept() -> None:
    class Vector(np.ndarray):
        pass

    def f(a: Any) -> Any:
        assert type(a) is Vector
        return a[0] * a[1]

    found = grad(f)(np.array([2.0, 3.0]).view(Vector))
    assert type(found) is Vector
    assert found.tolist() == [3, 2]


def test_arrays_that_are_read_only_or_in_another_order() -> None:
    a = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    a.flags.writeable = False
    weights = np.arange(6).reshape(2, 3)
    assert grad(lambda a: (a * weights).sum())(a).tolist() == weights.tolist()
    assert grad(lambda a: (a * weights[:, ::2]).sum())(a[:, ::2]).tolist() == [[0, 2], [3, 5]]


def test_numpy_is_imported_for_arrays_only() -> None:
    program = """
import sys
from minigrad.derivatives import *
assert hessian(lambda d: d["x"] * d["y"][0])({"x": 2, "y": [3]})["x"]["y"] == [1]
assert jvp(lambda x: [x], ([2],), ([1],))[1] == [[1]] and taylor(lambda x: x, 1, 1) == [1, 1]
assert "numpy" not in sys.modules and "sympy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_array_arrives_as_one_on_which_numpy_is_exact() -> None:
    def distance(x: Any) -> Any:
        return np.sqrt(np.sum(np.maximum(x, 0) ** 2))

    given = np.array([3, 4, -1, 0])
    assert grad(distance)(given).tolist() == [Fraction(3, 5), Fraction(4, 5), 0, 0]
    assert type(grad(distance)(given)) is np.ndarray
    # A node for each element, with one half at a tie, and not the operand that NumPy picks.
    assert grad(lambda x: np.maximum(x, 0).sum())(np.zeros(2)).tolist() == [Fraction(1, 2)] * 2
    assert given.dtype == int


def test_transforms_within_transforms_give_exact_arrays() -> None:
    def cubes(w: Any) -> Any:
        return np.sum(w**3) * w[0]

    given = np.array([1, 2, 3])
    w0, w1, w2 = sp.symbols("w0:3")
    f = (w0**3 + w1**3 + w2**3) * w0
    at = {w0: 1, w1: 2, w2: 3}
    det = sp.hessian(f, (w0, w1, w2)).det()
    assert grad(lambda w: np.linalg.det(hessian(cubes)(w)))(given).tolist() == [
        Fraction(int(sp.diff(det, w).subs(at))) for w in (w0, w1, w2)
    ]
    rows = [sp.diff(f, w) for w in (w0, w1, w2)]
    mean = sum(rows) / 3
    variance = sum((row - mean) ** 2 for row in rows) / 3
    assert grad(lambda w: np.var(grad(cubes)(w)))(given).tolist() == [
        Fraction(int(sp.diff(variance, w).subs(at))) for w in (w0, w1, w2)
    ]


def test_an_array_without_axes_may_stand_in_an_array() -> None:
    assert jacobian(lambda x: np.array([x, x**2]))(np.array(3.0)).tolist() == [1, 6]
    assert grad(lambda x: np.array(x) ** 2)(np.array(3.0)) == 6


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda x: copy.deepcopy([x, {"x": x}])[1]["x"]],
)
def test_a_function_may_copy_its_arguments(copied):
    assert grad(lambda x: copied(x) * x)(3) == 6
    assert grad(lambda p: copied(p)["w"] ** 2)({"w": 3}) == {"w": 6}
    assert grad(lambda v: (copied(v) ** 2).sum())(np.array([1.0, 2])).tolist() == [2, 4]


def test_nan_is_compared_with_as_floats_are():
    nan = float("nan")
    assert grad(lambda x: x if x < nan or x == nan or x >= nan else 2 * x)(3) == 2
    assert grad(lambda x: x if x != nan else 2 * x)(3) == 1
    assert grad(lambda v: np.where(v < np.nan, v, 2 * v).sum())(np.array([1.0, 2])).tolist() == [
        2,
        2,
    ]
    with pytest.raises(InvalidNumber):
        Scalar(3) < nan  # noqa: B015 - it raises


NANS = {
    "sort": np.sort, "unique": np.unique, "argsort": np.argsort, "argmax": np.argmax, "median": np.median,
    "partition": lambda v: np.partition(v, 1), "searchsorted": lambda v: np.searchsorted([0.0, 2], v),
    "interp": lambda v: np.interp(v, [0, 4], [0, 8]), "percentile": lambda v: np.percentile(v, 50),
    "lexsort": lambda v: np.lexsort((v,)), "method": lambda v: v.sort(),
}  # fmt: skip


@pytest.mark.parametrize("ordered", NANS.values(), ids=NANS)
def test_nan_has_no_place_in_an_order(ordered):
    def function(v):
        ordered(np.where(v > 0, v, np.nan))
        return v.sum()

    with pytest.raises(InvalidOperand, match="got NaN among them"):
        grad(function)(np.array([3.0, -1, 2]))
    assert grad(function)(np.array([3.0, 1, 2])).tolist() == [1, 1, 1]


def test_an_order_of_derivatives_may_be_an_int_of_numpy_s():
    assert derivative(lambda x: x**3, np.int64(2))(2) == 12
    for order in (True, 1.0, -1, "1", np.array([1, 2]), np.array(1)):
        with pytest.raises(InvalidOperand, match="expected n to be an int that is not negative"):
            derivative(lambda x: x**3, order)


def test_interp_at_its_last_place_has_the_slope_before_it():
    found = [grad(lambda x: np.interp(x, [0, 1, 2], [0, 1, 4]))(at) for at in (-1, 0, 1, 2, 3)]
    assert found == [0, 1, 3, 3, 0]
