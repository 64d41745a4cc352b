"""Nodes and gradients of array functions by hand, and laws that hold exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from array_functions import MATRIX, SQUARE
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.arrays import array, grads, values

F = Fraction


# --- nodes and gradients, by hand -----------------------------------------------------------------


def test_sums_and_products_are_one_node_for_each_element() -> None:
    x, w = array(MATRIX, "x"), [1, 2, 3]
    for result, operator in [
        (np.sum(x), "sum"), (x.sum(axis=0)[1], "sum"), (np.prod(x, axis=1)[0], "prod"),
        (np.dot(x, w)[1], "dot"), ((x @ x.T)[0, 1], "dot"), (np.einsum("ij,ij->i", x, x)[0], "dot"),
        (np.vdot(x, x), "dot"), (np.inner(x, w)[0], "dot"), (np.tensordot(x, x), "dot"),
        (np.linalg.norm(x), "norm"), (np.linalg.norm(x, axis=0)[1], "norm"), (np.logaddexp.reduce(x, 1)[0], "logsumexp"),
        (np.maximum(x, 0)[0, 0], "maximum"), (x.clip(max=1)[0, 0], "minimum"),
        (np.where(x > 0, x, 0)[0, 0], "where"), (np.trace(x), "sum"), (np.abs(x)[0, 0], "abs"),
    ]:  # fmt: skip
        assert result.operator.name == operator
        assert any(operand in set(x.flat) for operand in result.operands)


def test_the_gradient_of_a_quadratic_form() -> None:
    """d(x'Ax)/dx = (A + A')x, and by A it is xx'."""
    a, x = array(SQUARE, "a"), array([1, "1/3", -2], "x")
    (x @ a @ x).backward()
    exact = [F(1), F(1, 3), F(-2)]
    table = [[F(item) for item in row] for row in SQUARE.tolist()]
    assert grads(x).tolist() == [
        sum((table[i][j] + table[j][i]) * exact[j] for j in range(3)) for i in range(3)
    ]
    assert grads(a).tolist() == [[p * q for q in exact] for p in exact]


def test_the_gradient_of_a_variance() -> None:
    """d var/dx_i = 2 (x_i - mean) / n."""
    x = array([1, 2, 6])
    np.var(x).backward()
    assert grads(x).tolist() == [F(2 * (v - 3), 3) for v in (1, 2, 6)]


def test_ties_follow_minigrads_conventions() -> None:
    x, y = array([1, 2]), array([1, 3])
    np.sum(np.maximum(x, y)).backward()
    assert grads(x).tolist() == [F(1, 2), 0]
    assert grads(y).tolist() == [F(1, 2), 1]
    z = array([4, 4])
    z.min().backward()
    assert grads(z).tolist() == [F(1, 2), F(1, 2)]
    w = array([1, 0, -1])
    np.sum(np.abs(w) + np.clip(w, -1, 1)).backward()
    assert grads(w).tolist() == [F(3, 2), 1, F(-1, 2)]


def test_a_tie_of_three_gives_all_of_the_gradient_to_the_three() -> None:
    x = array([2, 2, 2])
    np.max(x).backward()
    assert grads(x).sum() == 1
    assert all(grads(x) > 0)


def test_the_product_with_zeros() -> None:
    x = array([[0, 3, 5], [0, 0, 5]])
    x.prod(axis=1).sum().backward()
    assert grads(x).tolist() == [[15, 0, 0], [0, 0, 0]]


# --- laws -----------------------------------------------------------------------------------------


exact_numbers = st.fractions(min_value=-9, max_value=9, max_denominator=12)


@given(st.lists(st.lists(exact_numbers, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_matrix_products_are_exact(rows: list[list[Fraction]], data: st.DataObject) -> None:
    vector = data.draw(st.lists(exact_numbers, min_size=3, max_size=3))
    a, x = array(rows, "a"), array(vector, "x")
    y = a @ x
    assert values(y).tolist() == [
        sum(p * q for p, q in zip(row, vector, strict=True)) for row in rows
    ]
    y.sum().backward()
    assert grads(x).tolist() == [sum(column) for column in zip(*rows, strict=True)]
    assert grads(a).tolist() == [vector] * len(rows)


@given(st.lists(exact_numbers, min_size=1, max_size=8))
@example([F(1), F(1), F(0)])
def test_sorting_moves_nodes(point: list[Fraction]) -> None:
    x = array(point)
    assert values(np.sort(x)).tolist() == sorted(point)
    assert set(np.sort(x)) == set(x)
    assert np.argmax(x) == point.index(max(point))
    assert np.argsort(x, kind="stable").tolist() == sorted(range(len(point)), key=point.__getitem__)
