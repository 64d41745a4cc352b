"""NumPy's elementwise functions on Scalars, and the ways in which NumPy calls them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import OTHER, VECTOR

from minigrad import Scalar
from minigrad.arrays import Array, array, values
from minigrad.errors import DomainError, InvalidNumber, InvalidOperand
from minigrad.exact_numpy.ufuncs import call, clip, greatest, least, method, reduce, reduced, trunc


@pytest.mark.parametrize(
    "other", [2, 0.5, 1.5, OTHER, OTHER.astype(np.float32), [1, 2, 3, 2, 5, 6]]
)
@pytest.mark.parametrize("name", ["==", "!=", "<", "<=", ">", ">="])
def test_comparisons_are_numpys_and_plain_bools(name: str, other: Any) -> None:
    code = f"x {name} y"
    for x, y in [(array(VECTOR), other), (other, array(VECTOR))]:
        found = eval(code, {"x": x, "y": y})
        x, y = (
            np.asarray(values(v, float)) if isinstance(v, Array) else np.asarray(v) for v in (x, y)
        )
        assert found.dtype == bool
        assert type(found) is np.ndarray
        assert found.tolist() == eval(code, {"x": x, "y": y}).tolist()


def test_comparisons_with_what_is_no_finite_number() -> None:
    x = array([1, 2])
    assert (x < np.inf).all()
    assert (x > [-np.inf, -np.inf]).all()
    nothing: Any = None
    assert (x == nothing).tolist() == [False, False]
    assert (x != "a").tolist() == [True, True]
    with pytest.raises(InvalidNumber, match="NaN"):
        _ = x < np.nan
    with pytest.raises(InvalidOperand, match="less"):
        _ = x < "a"


def plain(*values: Any) -> Any:
    """A plain array of Scalars and numbers."""
    return np.array(values, dtype=object)


X, Y = Scalar(3, "x"), Scalar(-2, "y")


def test_a_function_of_two_is_a_node_for_each_element() -> None:
    found = call(np.maximum, [plain(X, Y), 0])
    assert [node.operator.name for node in found] == ["maximum"] * 2
    assert [node.data for node in found] == [3, 0]
    assert call(np.maximum, [X, 5]).operands[0] is X
    assert [part.tolist() for part in call(np.divmod, [plain(X, Y), 2])] == [[1, -1], [1, 0]]
    assert call(np.matmul, [plain(X, Y), [1, 2]]).data == -1


def test_a_mask_keeps_what_is_not_computed() -> None:
    out = plain(X, Y)
    mask = [True, False]
    assert call(np.divide, [1, plain(X, Scalar(0))], out=out, where=mask) is out
    assert (out[0].data, out[1]) == (Fraction(1, 3), Y)
    with pytest.raises(
        InvalidOperand, match="divide: expected out= beside where=, to say what stands"
    ):
        call(np.divide, [1, plain(X, Y)], where=mask)


@pytest.mark.parametrize("ufunc", [np.ldexp, np.nextafter, np.bitwise_and])
def test_what_is_not_in_the_table_is_refused_by_name(ufunc: Any) -> None:
    with pytest.raises(InvalidOperand, match=rf"^np\.{ufunc.__name__} has no exact form"):
        call(ufunc, [X, 2])


def test_a_python_function_knows_its_elements() -> None:
    made = np.frompyfunc(lambda a, b: (a, b), 2, 1)
    assert call(made, [plain(X), plain("any")]).tolist() == [(X, "any")]


@pytest.mark.parametrize(("x", "whole"), [("7/2", 3), ("-7/2", -3), (0, 0), (-2, -2)])
def test_a_number_without_its_fraction(x: Any, whole: int) -> None:
    assert trunc(Scalar(x)).data == whole


@pytest.mark.parametrize(("low", "high", "expected"), [(0, 2, 2), (4, 5, 4), (0, 9, 3), (5, 1, 1)])
def test_clipping_is_in_numpys_order(low: int, high: int, expected: int) -> None:
    assert clip(X, low, high).data == expected == np.clip(3, low, high)


def test_the_greatest_and_the_least_are_nodes_and_need_an_element() -> None:
    assert (greatest([Y, X]).data, least([Y, X]).data, greatest([X])) == (3, -2, X)
    for function, name in ((greatest, "maximum"), (least, "minimum")):
        with pytest.raises(
            DomainError, match=f"^{name}: expected one element or more; got none, and no"
        ):
            function([])


@pytest.mark.parametrize(
    ("axis", "keepdims"), [(None, False), (0, False), (1, True), ((0, -1), True), ((), False)]
)
def test_rows_are_those_along_the_axes(axis: Any, keepdims: bool) -> None:
    numbers = np.arange(6).reshape(2, 3)
    found = reduced(sum, [numbers.astype(object)], axis, keepdims=keepdims)
    assert np.array_equal(np.asarray(found, dtype=int), numbers.sum(axis, keepdims=keepdims))


def test_a_mask_of_rows_and_several_arrays() -> None:
    rows = plain(1, 2, 3)
    assert reduced(list, [rows], where=[True, False, True]) == [1, 3]
    assert reduced(lambda a, b: (a, b), [rows, rows * 10]) == ([1, 2, 3], [10, 20, 30])


def test_a_sum_is_one_node_of_all_with_what_it_starts_from() -> None:
    found = reduce("add", plain(X, Y), initial=5)
    assert (found.operator.name, found.data, len(found.operands)) == ("sum", 6, 3)
    assert reduce("multiply", plain(X, Y)).operator.name == "prod"
    assert reduce("maximum", [[]], axis=1, initial=4).tolist()[0].data == 4
    with pytest.raises(InvalidOperand, match="add: expected dtype to be float or None"):
        reduce("add", plain(X), dtype=int)


def test_the_methods_of_a_ufunc() -> None:
    array = plain(X, Y, Scalar(5))
    assert [node.data for node in method(np.add, "accumulate", [array], {})] == [3, 1, 6]
    assert [[n.data for n in row] for row in method(np.multiply, "outer", [array[:2], [1, 10]], {})] == [
        [3, 30], [-2, -20],
    ]  # fmt: skip
    assert method(np.logical_and, "reduce", [array], {})
    method(np.add, "at", [array, [0, 0], [1, 2]], {})
    assert array[0].data == 6
    for ufunc, kind in ((np.exp, "reduce"), (np.less, "accumulate"), (np.nextafter, "reduce")):
        with pytest.raises(
            InvalidOperand, match=rf"^np\.{ufunc.__name__}\.{kind} has no exact form"
        ):
            method(ufunc, kind, [array], {})
