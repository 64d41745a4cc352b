"""Linear systems, products of several matrices, and operands of every kind."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import SQUARE, check, is_scalars

from minigrad.arrays import Array, array, grads, values
from minigrad.errors import InvalidOperand
from minigrad.exact_numpy import contract
from minigrad.exact_numpy.functions import EXACT

F = Fraction


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


def test_factors_and_logarithms_of_determinants() -> None:
    a = array([[4, 2], [2, 5]], "a")
    lower = np.linalg.cholesky(a)
    assert isinstance(lower, Array)
    assert values(lower).tolist() == [[2, 0], [1, 2]]
    assert values(lower @ lower.T).tolist() == values(a).tolist()
    sign, logarithm = np.linalg.slogdet(a)
    assert (sign.data, np.linalg.slogdet(a).logabsdet.data) == (1, logarithm.data)
    logarithm.backward()
    assert grads(a).tolist() == values(np.linalg.inv(a)).tolist()
    # The upper one is that of the transpose, of which the upper triangle is read.
    spoilt = array([[4, 2], [99, 5]])
    assert values(EXACT["linalg.cholesky"](spoilt, upper=True)).tolist() == [[2, 1], [0, 2]]


@pytest.mark.skipif(not hasattr(np, "trapezoid"), reason="NumPy has had trapezoid since 2.0")
def test_the_trapezoidal_rule() -> None:
    y, x = np.array([[1.0, 2, 4], [8, 16, 1]]), np.array([0.0, 1, 3])
    check(lambda a: np.trapezoid(a), y)
    check(lambda a: np.trapezoid(a, x), y)
    check(lambda a: np.trapezoid(a, dx=3, axis=0), y)
    check(lambda a: np.trapezoid([1, 2, 4], a), x)
    check(lambda a: np.trapezoid(y, a, axis=0), x[:2])
    check(lambda a: np.trapezoid(y, a), y)


def test_products_of_several_matrices() -> None:
    check(lambda a: np.linalg.matrix_power(a, 3), SQUARE)
    check(lambda a: np.linalg.multi_dot([a, SQUARE, a]), SQUARE)
    check(lambda a: np.einsum("ii->i", a), SQUARE)
    check(lambda a: np.einsum("ii", a), SQUARE)
    check(lambda a: np.einsum("ii,jj->", a, a), SQUARE)
    check(lambda a: np.trace(a, offset=-1), SQUARE)


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


def test_powers_of_stacks_and_few_products(monkeypatch):
    stack = array([[[1, 2], [3, 4]], [[0, 1], [1, 0]], [[2, 0], [0, 2]]])
    for n in (0, 1, 2, 7):
        found = values(np.linalg.matrix_power(stack, n)).astype(float)
        expected = np.linalg.matrix_power(values(stack).astype(float), n)
        assert found.shape == expected.shape
        assert (found == expected).all()
    with pytest.raises(
        InvalidOperand, match=r"expected square matrices; got an array of shape \(2, 3\)"
    ):
        np.linalg.matrix_power(array([[1, 2, 3], [4, 5, 6]]), 0)
    products = []
    matmul = contract.matmul
    monkeypatch.setattr(contract, "matmul", lambda *xs: products.append(xs) or matmul(*xs))
    np.linalg.matrix_power(array([[1, 1], [0, 1]]), 256)
    assert len(products) == 8


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda x: np.select([x > 0], [x, x]),
            "select: expected as many choices as conditions; got 2 and 1",
        ),
        (lambda x: np.dot(x, x[:1]), "dot: expected as many terms on both sides; got 2 and 1"),
        (lambda x: np.inner(x, x[:1]), "inner: expected as many terms on both sides; got 2 and 1"),
    ],
)
def test_lengths_that_do_not_fit_are_named_with_the_function(call, says):
    with pytest.raises(InvalidOperand, match=says):
        call(array([1, 2]))
