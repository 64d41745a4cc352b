"""Assignment to arrays of Scalars, and functions that write into them."""

from __future__ import annotations

import copy
import hashlib
import pickle
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import MATRIX, is_scalars

from minigrad import Scalar
from minigrad.arrays import Array, array, grads, numpy_namespace, values
from minigrad.errors import InvalidOperand

F = Fraction
BUFFERS = pytest.mark.skipif(sys.version_info < (3, 12), reason="C asks no class for its buffer")


def test_what_is_assigned_becomes_a_scalar() -> None:
    x = array([1, 2, 3, 4])
    s = Scalar(9)
    x[0] = 0.5
    x[1:3] = [7, F(1, 3)]
    x[3] = s
    assert is_scalars(x)
    assert values(x).tolist() == [F(1, 2), 7, F(1, 3), 9]
    assert x[3] is s
    assert x[0].is_constant
    x[x > 5] = 0
    x[[0, 2]] *= 2
    x[-1] += np.float32(0.1)
    assert values(x).tolist() == [1, 0, F(2, 3), F(1, 10)]
    x.flat[1] = 5
    assert x.flat[1] is x[1]
    assert len(x.flat) == 4
    x.put([0], 0.25)
    x.flat[2:] = [6, 7]
    assert values(x).tolist() == [F(1, 4), 5, 6, 7]
    assert is_scalars(x)
    x.flat = [1, 2, 3, 0.5]
    assert values(x).tolist() == [1, 2, 3, F(1, 2)]
    x.fill(0.1)
    assert values(x).tolist() == [F(1, 10)] * 4


def test_in_place_updates_keep_the_array() -> None:
    x = array([1, 2], "x")
    same, leaf = x, x[0]
    x += 1
    x *= [2, 3]
    x -= Scalar(1)
    x /= np.array([2.0, 4.0])
    x **= 2
    assert same is x
    assert values(x).tolist() == [F(9, 4), 4]
    x[0].backward()
    assert leaf.grad == 3  # ((2(l+1) - 1)/2)**2 has the derivative 2l + 1


def test_a_view_writes_into_the_array() -> None:
    x = array([[1, 2], [3, 4]])
    x[0][1] = 0.5
    x.T[0] = 7
    x.reshape(-1)[3] = 1
    assert values(x).tolist() == [[7, F(1, 2)], [7, 1]]
    assert is_scalars(x)


WRITING: dict[str, Callable[[Any], Any]] = {
    "copyto": lambda x: np.copyto(x, 0.5),
    "copyto where": lambda x: np.copyto(x, [1.5, 2, 3], where=[True, False, True]),
    "put": lambda x: np.put(x, [0, 4], [0.25, 8]),
    "place": lambda x: np.place(x, x > 1, [7, 8.5]),
    "putmask": lambda x: np.putmask(x, x < 0, 0.5),
    "put_along_axis": lambda x: np.put_along_axis(x, np.array([[1], [0]]), 9.5, axis=1),
    "fill_diagonal": lambda x: np.fill_diagonal(x, 0.5),
    "add.at": lambda x: np.add.at(x, ([0, 0, 1], [1, 1, 2]), [1, 0.5, 2]),
    "maximum.at": lambda x: np.maximum.at(x, ([0], [1]), 2),
    "out": lambda x: np.add(x, 1, out=x),
    "out numbers": lambda x: np.add(0.25, 0.5, out=x),
    "out where": lambda x: np.divide(1, [[1, 0, 2], [0, 4, 0]], out=x, where=np.array([[1, 0, 1], [0, 1, 0]], bool)),
    "sum out": lambda x: np.sum(x, axis=0, out=x[0]),
    "clip out": lambda x: np.clip(x, 0, 1, out=x),
    "matmul out": lambda x: np.matmul(x[:, :2], x, out=x),
    "sort": lambda x: x.sort(axis=1),
    "iadd": lambda x: x.__iadd__(x),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITING)
def test_functions_that_write(name: str) -> None:
    x, plain = array(MATRIX), MATRIX.copy()
    WRITING[name](x)
    WRITING[name](plain)
    assert is_scalars(x)
    assert np.array_equal(values(x, dtype=float), plain)


def test_bools_can_be_written_into_bools() -> None:
    out = np.empty(2, dtype=bool)
    assert np.less(array([1, 2]), 2, out=out) is out
    assert out.tolist() == [True, False]


def test_one_place_takes_one_number() -> None:
    x = array([1, 2])
    with pytest.raises(InvalidOperand, match="one number for one element"):
        x[0] = [1, 2]
    with pytest.raises(InvalidOperand, match="got 'a'"):
        x[0] = "a"
    with pytest.raises(ValueError, match="broadcast"):
        x[:] = [1, 2, 3]
    with pytest.raises(IndexError):
        x[5] = 1
    assert values(x).tolist() == [1, 2]


def test_astype_keeps_what_is_exact() -> None:
    x = array([1, "1/3"], "x")
    for dtype in (float, "float32", np.float64, np.longdouble):
        same = x.astype(dtype)
        assert same is not x
        assert [a is b for a, b in zip(same, x, strict=True)] == [True, True]
    assert x.astype(float, copy=False) is x
    assert isinstance(x.imag, Array)
    plain = x.astype(object)
    assert type(plain) is np.ndarray
    assert plain[0] is x[0]


def test_copies_and_pickles() -> None:
    x = array([[1, 2], [3, 4]], "x")
    y = x * x
    again, shared = copy.deepcopy([y, x])
    assert isinstance(again, Array)
    again.sum().backward()
    assert values(again).tolist() == [[1, 4], [9, 16]]
    assert grads(shared).tolist() == [[2, 4], [6, 8]]
    assert grads(x).tolist() == [[0, 0], [0, 0]]
    restored = pickle.loads(pickle.dumps(y))
    assert isinstance(restored, Array)
    assert values(restored).tolist() == [[1, 4], [9, 16]]
    assert copy.copy(x)[0, 0] is x[0, 0]


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x.tobytes(), lambda x: x.tobytes("C"), bytes, lambda x: x.data, numpy_namespace().frombuffer,
        pytest.param(memoryview, marks=BUFFERS), pytest.param(hashlib.md5, marks=BUFFERS),
    ],
)  # fmt: skip
def test_the_bytes_of_an_array_are_no_numbers(read: Callable[[Any], Any]) -> None:
    for values_ in ([1, 2], [Scalar(1) * 2]):
        with pytest.raises(InvalidOperand, match="expected an array of floats; got one of Scalars"):
            read(array(values_))


def test_bytes_of_floats_are_numpys_own() -> None:
    found = numpy_namespace().frombuffer(np.array([1.5, 2]).tobytes())
    assert found.tolist() == [1.5, 2]


def test_arrays_print_short() -> None:
    assert (
        repr(array([1, "1/2"], "x"))
        == "Array([Scalar('1', label='x[0]'), Scalar('1/2', label='x[1]')])"
    )
    assert len(repr(array(np.zeros(5000)))) < 400
    assert "Scalar" in np.array2string(array([1]))


def test_a_scalar_meets_arrays_in_every_infix() -> None:
    x, s = array([2, 3]), Scalar(3)
    assert values(s**x).tolist() == [9, 27]
    assert values(x**s).tolist() == [8, 27]
    assert [values(part).tolist() for part in divmod(s, x)] == [[1, 1], [1, 0]]
    for found, expected in [
        (s == x, [False, True]),
        (s != x, [True, False]),
        (s < x, [False, False]),
        (s <= x, [False, True]),
        (s > x, [True, False]),
        (x < s, [True, False]),
    ]:
        assert found.tolist() == expected
        assert found.dtype == bool
        assert type(found) is np.ndarray
