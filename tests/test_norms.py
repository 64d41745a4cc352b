"""Norms of vectors and matrices of Scalars."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from array_functions import MATRIX, check

from minigrad import Scalar
from minigrad.arrays import array, grads
from minigrad.errors import InvalidOperand
from minigrad.exact_numpy.norms import norm


def test_a_norm_is_a_node_with_a_gradient() -> None:
    x = array([3, 4])
    norm = np.linalg.norm(x)
    norm.backward()
    assert norm.data == 5
    assert grads(x).tolist() == [Fraction(3, 5), Fraction(4, 5)]
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


@pytest.mark.parametrize("order", [None, 2, 1, 3, 4, 0.5, -1, -2, 0, np.inf, -np.inf])
@pytest.mark.parametrize(("axis", "keepdims"), [(0, False), (-1, True), ((1,), False)])
def test_norms_of_vectors_are_numpys(order: Any, axis: Any, keepdims: bool) -> None:
    # Beside 0 the number of entries that are not 0 has no slope but 0.
    check(lambda x: np.linalg.norm(x, order, axis, keepdims), MATRIX)


@pytest.mark.parametrize("order", [None, "fro", 1, -1, np.inf, -np.inf])
@pytest.mark.parametrize(("axis", "keepdims"), [((0, 1), False), ((1, 0), True), ((-1, 0), False)])
def test_norms_of_matrices_are_numpys(order: Any, axis: Any, keepdims: bool) -> None:
    check(lambda x: np.linalg.norm(x, order, axis, keepdims), MATRIX)


def test_a_root_of_any_order_is_exact() -> None:
    # 1**3 + 2**3 + (-3)**3 in size is 36, and 9**(1/2) + 16**(1/2) is 7.
    assert norm(np.array([1, 2, -3]), 3).data == sp.cbrt(36)
    assert norm(np.array([9, -16]), 0.5).data == 49
    # The float 0.1 is a tenth, and its inverse 10.
    assert norm(np.array([1, 1]), 0.1).data == 2**10


@pytest.mark.parametrize(
    ("order", "axis", "says"),
    [
        ("fro", 0, "norm: expected ord to be a number; got 'fro' (type str)"),
        (True, 0, "norm: expected ord to be a number; got True (type bool)"),
        (
            2,
            None,
            "expected ord to be None or, of vectors, a number, or of matrices one of 'fro', 1, -1, inf",
        ),
        ("nuc", (0, 1), "got ord='nuc' (type str) over 2 axes"),
        (-2, (0, 1), "got ord=-2 (type int) over 2 axes"),
    ],
)
def test_other_norms_have_no_exact_form(order: Any, axis: Any, says: str) -> None:
    with pytest.raises(InvalidOperand, match=re.escape(says)):
        norm(array(MATRIX), order, axis)
