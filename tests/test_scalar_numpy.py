"""Nodes that meet plain NumPy arrays."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import pytest
from scalars import INFIX, each_infix

import minigrad
from minigrad import InvalidOperand, Scalar
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
        assert (type(result), result.shape, result.dtype) == (
            type(minigrad.array([])),
            (2, 2),
            object,
        )
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


def test_elementwise_functions_take_a_node_as_they_take_an_array_of_it() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(4, "x")
    assert np.sqrt(x).operator is OPERATORS["sqrt"]
    assert np.exp(x).data == np.exp(minigrad.array([x]))[0].data
    for bound in (0, 0.5, np.float32(0.5), Fraction(1, 2)):
        node = np.maximum(bound, x)
        assert (node.operator, node.operands[1], node.data) == (OPERATORS["maximum"], x, 4)
    product = np.multiply(np.array([0.1, 2], dtype=np.float32), x)
    assert [node.data for node in product] == [Fraction(2, 5), 8]
    assert np.divmod(x, 3) == (1, 1)
    assert np.less(x, 5) is True
    assert np.add.reduce([x, x], axis=0).data == 8


def test_other_functions_take_a_node_as_they_take_an_array_of_it() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(4, "x")
    assert np.clip(x, 0, 3).operator is OPERATORS["minimum"]
    assert np.where(x > 0, x, 0).operator is OPERATORS["where"]
    assert [node.data for node in np.dot(x, [1, 2])] == [4, 8]
    assert (
        np.dot(x, np.array([[1.0, 2.0]])).shape
        == np.dot(minigrad.array([[1, 2]]), x).shape
        == (1, 2)
    )
    assert [node.data for node in np.linspace(0, x, 3)] == [0, 2, 4]
    steps = np.linspace([0, 1], x, 3, axis=1, retstep=True)
    assert [item.shape for item in steps] == [(2, 3), (2,)]
    assert (np.iscomplexobj(x), np.isrealobj(x)) == (False, True)
    assert np.sum(x).data == np.mean(x).data == np.round(x).data == 4
    assert np.stack([x, x]).tolist() == [x, x]
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((), 0, 1)


def test_a_function_without_an_exact_form_is_named() -> None:
    np = pytest.importorskip("numpy")
    for function in (np.frexp, np.angle, np.i0):
        with pytest.raises(InvalidOperand, match=rf"^np\.{function.__name__} has no exact form"):
            function(Scalar(1))


def test_numbers_of_numpy_are_read_by_their_own_digits_on_either_side() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3)
    for name, infix in INFIX.items():
        for number in (np.float32(0.1), np.float64(0.1), np.longdouble("0.1"), np.int64(2)):
            value = Fraction(str(number))
            for node, expected in (
                (infix(number, x), infix(value, Fraction(3))),
                (infix(x, number), infix(Fraction(3), value)),
            ):
                assert (node.operator, node.data) == (OPERATORS[name], expected)
        with pytest.raises(TypeError):
            infix(np.str_("a"), x)
        with pytest.raises(TypeError, match=r"complex128"):
            infix(np.complex128(1j), x)


def test_a_node_is_added_in_place_to_an_array_of_nodes_alone() -> None:
    np = pytest.importorskip("numpy")
    x, nodes, floats = Scalar(3), np.array([Scalar(1), Scalar(2)], dtype=object), np.zeros(2)
    same = nodes
    nodes += x
    assert nodes is same
    assert [node.data for node in nodes] == [4, 5]
    with pytest.raises(
        InvalidOperand, match=r"^add: expected a minigrad\.array .* got an array of"
    ):
        floats += x
    assert floats.tolist() == [0, 0]


def test_functions_that_tell_of_types_take_a_node() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3, "x")
    assert (np.iscomplexobj(x), np.isrealobj(x), np.isreal(x), np.imag(x)) == (False, True, True, 0)
    assert {np.result_type(x, 1.0), np.min_scalar_type(x)} == {np.dtype(object)}
    assert not np.can_cast(x, float)
    assert not np.may_share_memory(x, np.zeros(2))
    np.testing.assert_array_equal([x, x], [3, 3])


def test_masked_arrays_keep_nodes_and_their_masks() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3, "x")
    masked = np.ma.array([1.0, 2.0, 4.0], mask=[False, True, False])
    for product in (masked * x, x * masked):
        assert [node.data for node in product.compressed()] == [3, 12]
    assert minigrad.grad(lambda x: (masked * x).sum())(3) == 5
    with pytest.raises(InvalidOperand, match="argument 0: expected an array without a mask"):
        minigrad.grad(lambda a: (a * a).sum())(masked)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_of_numpy_s_is_refused() -> None:
    np = pytest.importorskip("numpy")
    x, matrix = Scalar(3, "x"), np.matrix([[1.0, 2.0], [3.0, 4.0]])
    for combine in (
        lambda: matrix * x, lambda: x * matrix, lambda: matrix + x, lambda: x - matrix,
        lambda: matrix @ minigrad.array([1, 2]), lambda: np.dot(matrix, x),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"matrix"):
            combine()


def test_what_is_no_number_equals_no_node() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3, "x")
    for other in (np.complex128(1j), np.timedelta64(3), np.str_("3"), np.datetime64("2020-01-01")):
        assert not np.any(other == x)
        assert not np.any(x == other)
        assert np.all(other != x)
        assert np.all(x != other)
        assert x not in [other]
    assert np.array([1j, 3]).tolist() != [x, x]
    for multiply in (lambda: x * np.complex128(1j), lambda: np.complex128(1j) * x):
        with pytest.raises(TypeError):
            multiply()


@pytest.mark.parametrize(
    "time", ["timedelta64(1, 's')", "timedelta64(3)", "datetime64('2020-01-01')"]
)
@pytest.mark.parametrize(
    "combine",
    [
        *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
        *(operator.pow, operator.lt, operator.ge, divmod),
        *("add", "multiply", "float_power", "less", "maximum", "copysign", "heaviside", "logical_and"),
    ],
)  # fmt: skip
def test_a_time_is_no_number(time: str, combine: Any) -> None:
    np = pytest.importorskip("numpy")
    x, other = Scalar(2, "x"), eval(f"np.{time}", {"np": np})
    function = getattr(np, combine) if isinstance(combine, str) else combine
    for pair in ((x, other), (other, x), (minigrad.array([2]), other)):
        with pytest.raises(InvalidOperand, match="expected Scalars and numbers; got"):
            function(*pair)
