"""Nodes that meet plain NumPy arrays."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scalars import INFIX, each_infix

from minigrad import Scalar
from minigrad.operators import OPERATORS

TENTH = Fraction(1, 10)


@each_infix
def test_arrays_are_taken_element_by_element_on_either_side(name: str) -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(3), np.array([[0.1, 2], [-3, 4]], dtype=np.float32)
    exact = [TENTH, Fraction(2), Fraction(-3), Fraction(4)]
    for left, right, values in (
        (x, array, [INFIX[name](Fraction(3), e) for e in exact]),
        (array, x, [INFIX[name](e, Fraction(3)) for e in exact]),
    ):
        result = INFIX[name](left, right)
        assert (type(result), result.shape, result.dtype) == (np.ndarray, (2, 2), object)
        assert [node.data for node in result.flat] == values
        assert all(node.operator is OPERATORS[name] for node in result.flat)


def test_arrays_of_nodes_and_gradients_through_them() -> None:
    np = pytest.importorskip("numpy")
    x, ys = Scalar(3), np.array([Scalar(1), Scalar(2)], dtype=object)
    for result in (x * ys, ys * x):
        total = result.sum()
        total.backward()
        assert (total.data, x.grad, [y.grad for y in ys]) == (9, 3, [3, 3])
        total.zero_grad()


def test_powers_with_arrays() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3)
    assert [node.data for node in x ** np.array([2, -1, 0])] == [9, Fraction(1, 3), 1]
    assert [node.data for node in np.array([2, 0.5]) ** x] == [8, Fraction(1, 8)]


def test_arrays_of_no_numbers_are_refused() -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(1), np.array(["a", "b"])
    for combine in INFIX.values():
        for operands in ((x, array), (array, x)):
            with pytest.raises(TypeError):
                combine(*operands)
    assert not np.any(x == array)
    assert np.all(x != array)
    with pytest.raises(TypeError):
        x < array  # noqa: B015 - to compare raises


def test_numpy_functions_do_not_take_a_node_apart() -> None:
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError):
        np.sin(Scalar(1))
    with pytest.raises(TypeError):
        np.multiply(np.array([1.0, 2.0]), Scalar(1))
