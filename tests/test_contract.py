"""Sums of products over arrays: one dot node for each element, of the shape that NumPy gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_functions import is_scalars

from minigrad.arrays import array, values
from minigrad.errors import InvalidOperand
from minigrad.exact_numpy.contract import (
    einsum,
    einsum_arguments,
    matmul,
    normal_axes,
    tensordot,
)


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


SUBSCRIPTS = [
    ("ij,jk->ik", (2, 3), (3, 2)), ("ij,jk", (2, 3), (3, 2)), ("ij,ij->", (2, 3), (2, 3)),
    ("ij,kl->ijkl", (2, 1), (1, 2)), ("i,i->i", (3,), (3,)), ("...i,...i->...", (2, 3), (3,)),
    ("...ij,...jk", (2, 2, 3), (3, 2)), ("ii,i->i", (3, 3), (3,)), ("ij,k->k", (2, 2), (2,)),
]  # fmt: skip


@pytest.mark.parametrize(("subscripts", "left", "right"), SUBSCRIPTS)
def test_einsum_is_numpys(subscripts: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a = np.arange(math.prod(left)).reshape(left) - 2
    b = np.arange(math.prod(right)).reshape(right) - 3
    found = np.asarray(einsum(subscripts, [np.asarray(array(a)), np.asarray(array(b))]))
    assert np.array_equal(values(found).astype(int), np.einsum(subscripts, a, b))


def test_each_element_is_one_node() -> None:
    x, y = np.asarray(array([[1, 2], [3, 4]])), np.asarray(array([5, 6]))
    assert {node.operator.name for node in matmul(x, y)} == {"dot"}
    assert einsum("ij,j->", [x, y]).operator.name == "dot"
    assert einsum("ij->", [x]).operator.name == "sum"
    assert {node.operator.name for node in einsum("i,i,i->i", [y, y, y])} == {"prod"}
    # What is only moved stays the node that it was.
    assert einsum("ij->ji", [x])[0, 1] is x[1, 0]
    assert einsum("ii->i", [x])[1] is x[1, 1]


def test_both_forms_of_a_call_to_einsum() -> None:
    x, y = object(), object()
    assert einsum_arguments(["ij,j", x, y]) == ("ij,j", [x, y])
    assert einsum_arguments([x, [0, 1], y, [1]]) == ("AB,B", [x, y])
    assert einsum_arguments([x, [..., 26], y, [26], [...]]) == ("...a,a->...", [x, y])


ONES = np.ones((2, 3), dtype=object)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: matmul(ONES, ONES), "matmul: expected as many terms on both sides; got 3 and 2"),
        (
            lambda: matmul(ONES, ONES[0, :1].reshape(())),
            "matmul: expected arrays of one axis or more; use *",
        ),
        (
            lambda: tensordot(ONES, ONES, 1),
            "tensordot: expected axes of the same lengths; got the shapes (2, 3) and (2, 3) with axes 1",
        ),
        (lambda: einsum("ij,j", [ONES]), "einsum: expected 2 arrays for 'ij,j' (type str); got 1"),
        (lambda: einsum("i", [ONES]), "einsum: expected an array of 1 axes for 'i'; got 2"),
        (
            lambda: einsum("ij->k", [ONES]),
            "each letter of the result occurs once and in an operand; got",
        ),
        (
            lambda: einsum("ij->ii", [ONES]),
            "each letter of the result occurs once and in an operand; got",
        ),
        (lambda: normal_axes([0, -2], 2), "expected each axis once; got [0, -2] (type list)"),
    ],
)
def test_what_does_not_fit_is_explained(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(InvalidOperand, match=re.escape(says)):
        call()


def test_axes_are_counted_from_either_end() -> None:
    assert normal_axes(None, 3) == [0, 1, 2]
    assert normal_axes(-1, 3) == normal_axes(np.int64(2), 3) == [2]
    assert normal_axes((2, -3), 3) == [2, 0]
    with pytest.raises(np.exceptions.AxisError):
        normal_axes(3, 3)
