"""Making arrays of Scalars."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from minigrad import Scalar
from minigrad.arrays import array, values
from minigrad.errors import DivisionByZero, DomainError, InvalidNumber, InvalidOperand

F = Fraction


def test_numbers_become_labelled_leaves_and_scalars_stay() -> None:
    s = Scalar(7, "s")
    x = array([[1, s], ["2/3", Decimal("0.1")]], label="w")
    assert x[0, 1] is s
    assert [node.label for node in x.flat] == ["w[0,0]", "s", "w[1,0]", "w[1,1]"]
    assert values(x).tolist() == [[1, 7], [F(2, 3), F(1, 10)]]
    assert x.dtype == object
    assert [node.label for node in array([1, 2], "v")] == ["v[0]", "v[1]"]
    assert array(5, "p")[()].label == "p"
    assert array([1])[0].label == ""
    assert not any(node.is_constant for node in x.flat)


def test_floats_of_every_width_are_read_by_their_own_text() -> None:
    assert values(array([0.1])).tolist() == [F(1, 10)]
    assert values(array(np.array([0.1, 0.7], dtype=np.float32))).tolist() == [F(1, 10), F(7, 10)]
    assert values(array([np.float32(0.1), 0.1, 1])).tolist() == [F(1, 10), F(1, 10), 1]
    assert values(array([np.array([0.1], dtype=np.float16), [2]])).tolist() == [[F(1, 10)], [2]]
    x = array([1])
    assert values(x + np.array([0.1], dtype=np.float32)).tolist() == [F(11, 10)]
    assert values(np.concatenate([x, np.array([0.1], dtype=np.float32)]))[1] == F(1, 10)
    x[:] = np.array([0.1], dtype=np.float32)
    assert values(x).tolist() == [F(1, 10)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ([True], InvalidOperand), ([1j], InvalidOperand), ([None], InvalidOperand), ([[1, 2], [3]], InvalidOperand),
        ({1: 2}, InvalidOperand), (np.array([1j]), InvalidOperand), (np.array(["2020-01-01"], "M8[D]"), InvalidOperand),
        ([np.nan], InvalidNumber), (np.array([np.inf]), InvalidNumber), (["x"], InvalidNumber), ([b"1"], InvalidOperand),
        ((i for i in [1]), InvalidOperand),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(bad: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        array(bad)


def test_a_label_is_a_text() -> None:
    label: Any = 3
    with pytest.raises(InvalidOperand, match=r"expected a text as label; got 3 \(type int\)"):
        array([1], label=label)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    x, plain = array(np.zeros(shape)), np.zeros(shape)
    for function in (
        lambda v: v + 1, lambda v: v.sum(axis=0), lambda v: v.prod(axis=-1), lambda v: v > 0, np.sum, np.ravel,
        np.cumsum, lambda v: np.concatenate([v, v]), lambda v: np.where(v > 0, v, 1), np.transpose,
        lambda v: np.inner(v, v), lambda v: np.tensordot(v, v, v.ndim), lambda v: np.einsum("...i->...", v), np.any,
    ):  # fmt: skip
        found, wanted = function(x), function(plain)
        assert np.shape(found) == np.shape(wanted)
        shown = found if np.asarray(found).dtype == bool else values(found)
        assert np.array_equal(np.asarray(shown).astype(float), wanted)
    with pytest.raises(DomainError, match="maximum"):
        np.max(x)
    with pytest.raises(DivisionByZero):
        np.mean(x)


def test_empty_matrix_products_are_zero() -> None:
    product = array(np.zeros((2, 0))) @ array(np.zeros((0, 3)))
    assert values(product).tolist() == [[0] * 3] * 2


def test_arrays_without_axes() -> None:
    x = array(3, "x")
    assert x.shape == ()
    assert isinstance(x + 1, Scalar)
    assert values(x * array(2)) == 6
    assert values(np.sum(x)) == 3
    assert values(x @ [2] if x.ndim else np.dot(x, [2])).tolist() == [6]
    assert bool(x > 2) is True
    assert x[()].label == "x"
    assert np.maximum(x, 5).data == 5
    x[()] = 0.5
    assert values(x) == F(1, 2)
    assert x.tolist().is_constant
