"""Norms, products of matrices and linear systems."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from array_functions import MATRIX, SQUARE, check, is_scalars

from minigrad import Scalar
from minigrad.arrays import Array, array, grads, values

F = Fraction


# --- norms ----------------------------------------------------------------------------------------


def test_a_norm_is_a_node_with_a_gradient() -> None:
    x = array([3, 4])
    norm = np.linalg.norm(x)
    norm.backward()
    assert norm.data == 5
    assert grads(x).tolist() == [F(3, 5), F(4, 5)]
    assert np.linalg.norm(array([1, 1])).data == sp.sqrt(2)


def test_norms_are_compared_exactly() -> None:
    norm, longer = np.linalg.norm(array([3, 4])), np.linalg.norm(array([1, 5]))
    assert norm == 5
    assert norm < longer
    assert longer > np.float32(5.09)
    assert longer < Scalar("5.1")
    assert np.linalg.norm(array([0.1])) == 0.1


def test_the_norm_of_zeros_has_derivative_zero() -> None:
    x = array([0, 0])
    np.linalg.norm(x).backward()
    assert grads(x).tolist() == [0, 0]
    assert np.linalg.norm(array([])).data == 0


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x, f: f(x), "vector_norm"),
        (lambda x, f: f(x, axis=0), "vector_norm"),
        (lambda x, f: f(x, axis=(0, 1), keepdims=True), "vector_norm"),
        (lambda x, f: f(x, axis=1, ord=3), "vector_norm"),
        (lambda x, f: f(x), "matrix_norm"),
        (lambda x, f: f(np.stack([x, x * x]), ord=1), "matrix_norm"),
        (lambda x, f: f(x, ord=np.inf, keepdims=True), "matrix_norm"),
    ],
)
def test_the_norms_that_numpy_2_added(function: Any, name: str) -> None:
    original = getattr(np.linalg, name, None)
    if original is None:
        pytest.skip("NumPy 1 has none")
    check(lambda x: function(x, original), MATRIX)


# --- linear algebra -------------------------------------------------------------------------------


def test_linear_systems_go_to_minigrads_own() -> None:
    a, b = array([[2, 1], [1, 3]], "a"), array([1, 2], "b")
    x = np.linalg.solve(a, b)
    assert isinstance(x, Array)
    assert values(x).tolist() == [F(1, 5), F(3, 5)]
    assert values(np.linalg.solve(a, [1, 2])).tolist() == [F(1, 5), F(3, 5)]
    inverse = np.linalg.inv(a)
    assert isinstance(inverse, Array)
    assert values(inverse).tolist() == [[F(3, 5), F(-1, 5)], [F(-1, 5), F(2, 5)]]
    determinant = np.linalg.det(a)
    determinant.backward()
    assert determinant.data == 5
    assert grads(a).tolist() == [[3, -1], [-1, 2]]
    assert values(np.linalg.matrix_power(a, -1)).tolist() == values(inverse).tolist()


def test_products_of_several_matrices() -> None:
    check(lambda a: np.linalg.matrix_power(a, 3), SQUARE)
    check(lambda a: np.linalg.multi_dot([a, SQUARE, a]), SQUARE)
    check(lambda a: np.einsum("ii->i", a), SQUARE)
    check(lambda a: np.einsum("ii", a), SQUARE)
    check(lambda a: np.einsum("ii,jj->", a, a), SQUARE)
    check(lambda a: np.trace(a, offset=-1), SQUARE)


@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((2, 3), (3,)), ((2,), (2, 3)), ((2, 3), (3, 2)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)),
     ((2, 1, 2, 3), (4, 3, 1)), ((3,), (4, 3, 2))],
)  # fmt: skip
def test_products_of_all_shapes(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a = np.arange(math.prod(left)).reshape(left) - 2
    b = np.arange(math.prod(right)).reshape(right) - 3
    for function in (np.matmul, np.dot):
        for x, y in [(array(a), array(b)), (array(a), b), (a, array(b))]:
            found = function(x, y)
            assert is_scalars(found)
            assert np.array_equal(values(found, dtype=float), function(a, b))


@pytest.mark.parametrize("axes", [0, 1, 2, ([0, 1], [1, 0]), ([1], [0]), (-1, -2)])
def test_tensordot_over_axes(axes: Any) -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)
    if axes == 2:
        b = b.reshape(2, 3)
    found = np.tensordot(array(a), b, axes)
    assert np.array_equal(values(found, dtype=float), np.tensordot(a, b, axes))


def test_two_floats_do_not_meet_without_a_scalar() -> None:
    """0.1 * 3 as floats is 0.30000000000000004; as exact numbers it is 3/10."""
    x = array([1])
    assert values(np.einsum("i,,->i", x, 0.1, 3)).tolist() == [F(3, 10)]
    assert np.multiply(0.1, 3, out=x) is x
    assert values(x).tolist() == [F(3, 10)]
    assert values(np.inner(np.array(0.1).view(), array(3))) == F(3, 10)
    assert values(np.select([x > 5], [x], 0.1)).tolist() == [F(1, 10)]
    assert np.isclose(x, 0.3, rtol=0, atol=0).all()


def test_other_peoples_arrays_are_not_written_into() -> None:
    x, theirs = array([1, 2]), np.array([3, 4], dtype=object)
    joined = np.concatenate([x, theirs])
    np.maximum(x, theirs)
    np.sum(np.stack([theirs, x]))
    assert is_scalars(joined)
    assert theirs.tolist() == [3, 4]
    assert [type(item) for item in theirs] == [int, int]


def test_anything_that_gives_an_array_is_an_operand() -> None:
    class Column:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.array([0.1, 2], dtype=np.float32)

    assert values(array(Column())).tolist() == [F(1, 10), 2]
    assert values(np.add(array([1, 1]), Column())).tolist() == [F(11, 10), 3]


def test_array_equal_of_what_has_no_shape() -> None:
    assert np.array_equal(array([1]), [[1], [2, 3]]) is False
