"""The stand-in for numpy."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from array_functions import is_scalars

from minigrad import Scalar
from minigrad.arrays import Array, array, as_constants, grads, numpy_namespace, stand_ins, values
from minigrad.errors import InvalidOperand

F = Fraction

npx: Any = numpy_namespace()


def test_a_gradient_is_written_into_zeros() -> None:
    x = array([3, 4], "x")
    g = npx.zeros(2)
    for i in range(2):
        g[i] = x[i] * x[i]
    g += 1
    g.sum().backward()
    assert isinstance(g, Array)
    assert values(g).tolist() == [10, 17]
    assert grads(x).tolist() == [6, 8]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("np.zeros(2)", [0, 0]), ("np.zeros((1, 2), dtype=np.float32)", [[0, 0]]), ("np.ones(2)", [1, 1]),
        ("np.empty(2)", [0, 0]), ("np.full(2, 0.1)", [F(1, 10)] * 2), ("np.eye(2)", [[1, 0], [0, 1]]),
        ("np.identity(2)", [[1, 0], [0, 1]]), ("np.zeros_like([0.5, 2])", [0, 0]), ("np.zeros_like(x)", [0, 0]),
        ("np.ones_like(np.array([0.5]))", [1]), ("np.empty_like(x)", [0, 0]), ("np.full_like(x, 0.1)", [F(1, 10)] * 2),
        ("np.full_like([1.5, 2], s)", [5, 5]), ("np.full(2, s)", [5, 5]), ("np.full(2, x)", [3, 4]),
        ("np.array([0.1, 2])", [F(1, 10), 2]), ("np.array([0.1], dtype=np.float32)", [F(1, 10)]),
        ("np.array([s, 2])", [5, 2]), ("np.array([s, 2], dtype=float)", [5, 2]), ("np.array([x, x])", [[3, 4]] * 2),
        ("np.array([[s, 1], x])", [[5, 1], [3, 4]]), ("np.array(x, ndmin=2)", [[3, 4]]), ("np.asarray([s, 0.1])", [5, F(1, 10)]),
        ("np.asarray(x, dtype=float)", [3, 4]), ("np.asarray(plain)", [3, 4]), ("np.ascontiguousarray(x.T)", [3, 4]),
        ("np.asanyarray([s])", [5]), ("np.asfarray([s])", [5]), ("np.linspace(s, 6, 3)", [5, F(11, 2), 6]),
        ("np.linspace(0, s, 2, endpoint=False)", [0, F(5, 2)]), ("np.arange(s)", [0, 1, 2, 3, 4]),
        ("np.arange(s, 6, 0.5)", [5, F(11, 2)]), ("np.arange(1, s, step=2)", [1, 3]), ("np.arange(s, 3, -1)", [5, 4]),
        ("np.sum([s, s])", 10), ("np.maximum(s, 7)", 7), ("np.square(s)", 25), ("np.abs(-s)", 5), ("np.dot([s, 1], [2, 3])", 13),
        ("np.concatenate([x, [s]])", [3, 4, 5]), ("np.concatenate(([s], [1, 2]))", [5, 1, 2]), ("np.stack([s, s])", [5, 5]),
        ("np.where(s > 2, s, 0)", 5), ("np.add.reduce([s, 1])", 6), ("np.add.outer([s], [1, 2])", [[6, 7]]),
        ("np.linalg.norm([s, 2], 1)", 7), ("np.linalg.norm([s, 2]) ** 2", 29), ("np.clip(s, 0, 1)", 1),
        ("np.mean([x, x], axis=0)", [3, 4]), ("np.hstack([s, x])", [5, 3, 4]), ("np.outer(x, [s, 1])", [[15, 3], [20, 4]]),
        ("np.vstack((x, x))", [[3, 4]] * 2), ("np.diag([s, 1])", [[5, 0], [0, 1]]), ("np.shape(s)", ()),
        ("np.einsum('i,i', x, [s, 2])", 23), ("np.fromiter((s * i for i in range(3)), dtype=float)", [0, 5, 10]),
        ("np.fromiter((i / 2 for i in range(2)), float)", [0, F(1, 2)]), ("np.fromiter(iter(x), float, 1)", [3]),
        ("np.fromiter(iter(x), float, count=2)", [3, 4]), ("np.require([s, 1], float, ['C', 'W'])", [5, 1]), ("np.require(x, requirements='O')", [3, 4]),
        ("np.require([0.5], dtype=float)", [F(1, 2)]), ("np.vectorize(lambda t: t * s, otypes=[float])([1, 2])", [5, 10]),
        ("np.vectorize(lambda t: t if t > 3 else 0, otypes='d')(x)", [0, 4]), ("np.vectorize(lambda t: 0.5, otypes=[float])([1])", [F(1, 2)]),
        ("np.vectorize(otypes=[float])(lambda t: t * s)([1, 2])", [5, 10]), ("np.vectorize(lambda t: t * t)(x)", [9, 16]),
        ("np.vectorize(lambda t: (1, t * s), otypes=[int, float])([1, 2])[1]", [5, 10]), ("np.vectorize(abs, [float])(s)", 5),
        ("np.vectorize(lambda r: r.sum(), otypes=[float], signature='(n)->()')([x, x])", [7, 7]),
    ],
)  # fmt: skip
def test_the_stand_in_makes_exact_arrays(expression: str, expected: Any) -> None:
    x = array([3, 4])
    found = eval(expression, {"np": npx, "x": x, "s": Scalar(5), "plain": np.asarray(x)})
    if isinstance(found, tuple):
        assert found == expected
    else:
        assert is_scalars(found)
        exact = values(found)
        assert (exact.tolist() if isinstance(exact, np.ndarray) else exact) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "np.zeros(2, dtype=int)", "np.zeros(2, bool)", "np.ones(2, dtype='i4')", "np.full(2, 3)", "np.array([1, 2])",
        "np.array(['a'])", "np.asarray([True])", "np.arange(3)", "np.arange(0, 1, 0.25)", "np.linspace(0, 1, 5)", "np.eye(2, dtype=int)",
        "np.zeros_like([1, 2])", "np.empty_like([1, 2], dtype=int) * 0", "np.sqrt([4.0, 9])", "np.exp(0)", "np.inf", "np.sin(1 / 3)", "np.exp(1j)", "np.floor(2.5)", "np.float64(2.5)", "np.int64(3)",
        "np.zeros(2, dtype=complex)", "np.array([1j])", "np.sum([0.5, 2])", "np.linalg.norm([3.0, 4.0])", "np.add.identity", "np.newaxis",
        "np.full_like([1, 2], 3)", "np.finfo(float).eps", "np.finfo(np.float32).max", "np.fromiter(range(3), int)", "np.require([1, 2])",
        "np.vectorize(lambda t: t + 1)([1, 2])", "np.vectorize(lambda t: t, otypes=[int])([1.5])", "np.vectorize(lambda t: (t, t), otypes=[int, int])([1])[0]",
    ],
)  # fmt: skip
def test_the_stand_in_leaves_the_rest_to_numpy(expression: str) -> None:
    found, expected = eval(expression, {"np": npx}), eval(expression, {"np": np})
    assert type(found) is type(expected)
    assert np.array_equal(found, expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("np.pi", sp.pi), ("np.e", sp.E), ("np.euler_gamma", sp.EulerGamma), ("np.sqrt(2)", sp.sqrt(2)), ("np.log(2 * np.pi)", sp.log(2 * sp.pi)),
        ("np.exp([0, 1])", [1, sp.E]), ("np.sqrt(np.array([4, 2]))", [2, sp.sqrt(2)]), ("np.hypot(1, [[1], [2]])", [[sp.sqrt(2)], [sp.sqrt(5)]]),
        ("np.logaddexp(0, 0)", sp.log(2)), ("np.power(2, 0.5 * s)", 4 * sp.sqrt(2)), ("np.exp(s)", sp.exp(5)), ("np.floor(np.asarray([s / 2]))", [2]),
        ("np.logaddexp(plain, 0)[0]", sp.log(1 + sp.exp(3))), ("np.sign(plain)", [1, 1]), ("np.log1p(np.float32(0.5))", sp.log(sp.Rational(3, 2))),
        ("np.degrees(0.7)", 126 / sp.pi),
    ],
)  # fmt: skip
def test_the_stand_in_does_not_round(expression: str, expected: Any) -> None:
    x = array([3, 4])
    found = eval(expression, {"np": npx, "x": x, "s": Scalar(5), "plain": np.asarray(x)})
    assert is_scalars(found)
    difference = np.asarray(values(found)) - np.asarray(expected)
    assert all(abs(sp.N(item, 40)) < 1e-30 for item in np.ravel(difference))


def test_arrays_of_floats_become_exact() -> None:
    found = as_constants(np.array([[1.0, 0.0, 0.25]]))
    assert isinstance(found, Array)
    assert found.mean().data == F(5, 12)
    assert values(as_constants(np.array([1 / 3])))[0] == F("0.3333333333333333")
    for other in (
        np.array([1, 2]),
        np.array([np.inf]),
        np.array([]),
        np.zeros(5000),
        1.5,
        "a",
        [0.5],
    ):
        assert as_constants(other) is other


def test_the_modules_that_have_a_stand_in() -> None:
    found = stand_ins()
    assert found[math].pi.data == sp.pi
    assert found[np] is npx
    assert found[np.linalg] is npx.linalg
    code = "import math, sys, minigrad.arrays; print(len(minigrad.arrays.stand_ins()), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["2", "False"]


def test_the_stand_in_looks_each_attribute_up_once() -> None:
    assert npx.sum is npx.sum
    assert "sum" in vars(npx)
    assert npx.ndarray is np.ndarray
    assert npx.linalg is npx.linalg
    assert "zeros" in dir(npx)
    assert npx.__name__ == "numpy"
    with pytest.raises(AttributeError):
        _ = npx.nothing


@pytest.mark.parametrize(
    "expression", ["np.array([s], dtype=int)", "np.full(2, s, dtype=int)", "np.asarray(x, dtype='i8')",
                   "np.linspace(s, 2, 3, dtype=int)", "np.arange(s, dtype=int)", "np.arange(0, s, 0)", "np.fromiter([s], int)", "np.fromiter([s], float, 2)", "np.require([s], int)", "np.nextafter(s, 1)"],
)  # fmt: skip
def test_the_stand_in_rounds_no_scalar(expression: str) -> None:
    with pytest.raises(InvalidOperand, match="expected"):
        eval(expression, {"np": npx, "s": Scalar(5), "x": array([1])})


def test_the_stand_in_keeps_arrays_that_are_empty_or_mixed() -> None:
    assert isinstance(npx.array(array([])), Array)
    mixed = np.array([Scalar(1), 2], dtype=object)
    assert is_scalars(npx.array(mixed))
    assert is_scalars(npx.asarray(mixed))
    assert repr(npx.sum) == repr(np.sum)
    assert npx.full(2, 1, dtype=object).tolist() == [1, 1]


def test_limits_of_floats_are_those_that_an_array_stands_for() -> None:
    x = array([1, 2])
    for dtype in (x.dtype, object, x[0], float):
        assert npx.finfo(dtype).eps == np.finfo(float).eps
    with pytest.raises(ValueError, match="not inexact"):
        npx.finfo(int)


def test_a_required_array_of_its_own_is_written_into_alone() -> None:
    x = array([1, 2])
    found = npx.require(x, requirements=["O", "W"])
    found[0] = 7
    assert (found[0].data, x[0].data) == (7, 1)
    assert npx.require(x) is x


def test_asarray_of_an_array_is_the_array() -> None:
    x = array([1, 2])
    assert npx.asarray(x) is x
    assert npx.array(x) is not x
    assert npx.array(x)[0] is x[0]


INTS = np.array([0, 1])
CUTTING: dict[str, Callable[[Any], Any]] = {
    "ediff1d": lambda x: npx.ediff1d(INTS, to_end=x),
    "full_like": lambda x: npx.full_like(INTS, x[0]),
    "full_like list": lambda x: npx.full_like([0, 0], x),
    "full_like bools": lambda x: npx.full_like(x > 0, x[0]),
    "full_like dtype": lambda x: npx.full_like(x, x[0], dtype=int),
    "insert": lambda x: npx.insert(INTS, 1, x[1]),
    "insert list": lambda x: npx.insert(arr=[0, 0], obj=[0, 1], values=x),
    "pad": lambda x: npx.pad(INTS, (1, 0), constant_values=x),
    "piecewise": lambda x: npx.piecewise(INTS, [INTS == 0, x > 5], [2.5, x[1]]),
    "piecewise function": lambda x: npx.piecewise(INTS, [x > 0], [lambda k, s: k * s], x[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CUTTING)
def test_an_array_of_ints_takes_no_scalar_where_numpy_would_cut_it(name: str) -> None:
    with pytest.raises(
        InvalidOperand, match=rf"^{name.split()[0]}: expected .*rounded|expected dtype"
    ):
        CUTTING[name](array([1.5, 2]))


def test_an_array_of_floats_takes_scalars_there() -> None:
    x, zeros = array([1.5, 2]), np.zeros(2)
    assert values(npx.full_like(zeros, x[0])).tolist() == [1.5, 1.5]
    assert values(npx.full_like(INTS, x[0], dtype=float)).tolist() == [1.5, 1.5]
    assert values(npx.insert(zeros, 1, x[1])).tolist() == [0, 2, 0]
    assert values(npx.ediff1d(zeros, to_end=x)).tolist() == [0, 1.5, 2]
    assert values(npx.pad(zeros, (1, 0), constant_values=x[0])).tolist() == [1.5, 0, 0]
    assert values(npx.piecewise(zeros, [INTS == 0], [x[0], x[1]])).tolist() == [1.5, 2]
    assert values(npx.insert(x, 1, 3)).tolist() == [1.5, 3, 2]


@pytest.mark.parametrize(
    "kind", [1.0, float, object, np.float32, np.dtype("f4"), np.array([1.0]).dtype]
)
def test_the_limits_of_floats_are_those_of_numpy(kind: Any) -> None:
    expected = np.finfo(float if kind is object else kind)
    assert numpy_namespace().finfo(kind).eps == expected.eps
