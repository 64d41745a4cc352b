from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import Scalar
from minigrad.arrays import Array, array, grads, numpy_namespace, stand_ins, unrounded, values
from minigrad.errors import (
    DivisionByZero,
    DomainError,
    ExactnessLost,
    GradientUnavailable,
    InvalidNumber,
    InvalidOperand,
    NoDerivative,
    TooLarge,
)
from minigrad.exact_numpy.functions import EXACT

F = Fraction

# Powers of two in the denominators: NumPy's floats hold them, and most results, exactly.
VECTOR = np.array([1.5, -0.25, 3.0, 2.0, -4.5, 0.75])
MATRIX = VECTOR.reshape(2, 3)
SQUARE = np.array([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25], [0.0, 1.5, -2.0]])
OTHER = np.array([0.5, 2.0, -1.25, 4.0, 1.0, -3.0])


def is_scalars(result: Any) -> bool:
    if isinstance(result, np.ndarray):
        return isinstance(result, Array) and all(isinstance(item, Scalar) for item in result.flat)
    return isinstance(result, Scalar)


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def projected(results: Any) -> Any:
    """One number from all elements, each with a weight of its own."""
    total: Any = 0
    weight = 1
    for result in as_list(results):
        for item in np.asarray(result).flat:
            total = total + item * weight
            weight += 1
    return total


def check(function: Callable[..., Any], *arguments: np.ndarray, smooth: bool = True) -> None:
    """Shapes and values are those of NumPy on floats; so is the gradient, by central differences."""
    arrays = [array(argument, "xyz"[i]) for i, argument in enumerate(arguments)]
    results, expected = as_list(function(*arrays)), as_list(function(*arguments))
    assert len(results) == len(expected)
    for result, wanted in zip(results, expected, strict=True):
        assert is_scalars(result)
        assert np.shape(result) == np.shape(wanted)
        np.testing.assert_allclose(values(result, dtype=float), wanted, rtol=1e-13, atol=1e-13)
    if not smooth:
        return
    root = projected(results)
    root.backward()
    for i, argument in enumerate(arguments):
        found = grads(arrays[i], dtype=float)
        for place in np.ndindex(argument.shape):
            sides = []
            for step in (2**-16, -(2**-16)):
                moved = [a.copy() for a in arguments]
                moved[i][place] += step
                sides.append(projected(function(*moved)))
            slope = (sides[0] - sides[1]) / 2**-15
            np.testing.assert_allclose(found[place], slope, rtol=1e-6, atol=1e-6)


# --- the table: every function, on one array ------------------------------------------------------

ONE: dict[str, Callable[[Any], Any]] = {
    "positive": lambda x: +x,
    "negative": lambda x: -x,
    "abs": abs,
    "np.abs": np.abs,
    "np.absolute": np.absolute,
    "np.fabs": np.fabs,
    "np.negative": np.negative,
    "np.positive": np.positive,
    "np.square": np.square,
    "np.reciprocal": np.reciprocal,
    "np.sign": np.sign,
    "np.floor": lambda x: np.floor(x / 7),
    "np.ceil": lambda x: np.ceil(x / 7),
    "np.trunc": lambda x: np.trunc(x * 1.3),
    "np.fix": lambda x: np.fix(x * 1.3),
    "np.rint": lambda x: np.rint(x * 1.3),
    "np.round": lambda x: np.round(x / 7, 1),
    "round": lambda x: (x / 3).round(2),
    "np.conjugate": np.conjugate,
    "power": lambda x: x**3,
    "power -2": lambda x: x**-2,
    "power 0": lambda x: x**0,
    "power 2.0": lambda x: x**2.0,
    "np.power": lambda x: np.power(x, 2),
    "np.float_power": lambda x: np.float_power(x, 2),
    "floordiv": lambda x: x // 0.7,
    "mod": lambda x: x % 0.7,
    "divmod": lambda x: divmod(x, 0.7),
    "divmod turned": lambda x: divmod(0.7, x),
    "np.divmod": lambda x: np.divmod(x, 0.7),
    "np.sum": np.sum,
    "np.sum axis": lambda x: np.sum(x, axis=1),
    "np.sum axes": lambda x: np.sum(x, axis=(0, 1), keepdims=True),
    "sum": lambda x: x.sum(),
    "sum -1": lambda x: x.sum(-1),
    "sum keepdims": lambda x: x.sum(axis=0, keepdims=True),
    "sum initial": lambda x: np.sum(x, axis=0, initial=2.5),
    "sum where": lambda x: np.sum(x, axis=0, where=x > 0),
    "sum float": lambda x: x.sum(dtype=float),
    "np.add.reduce": np.add.reduce,
    "np.add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "np.add.reduceat": lambda x: np.add.reduceat(x, [0, 2], axis=1),
    "np.multiply.reduce": lambda x: np.multiply.reduce(x, axis=None),
    "np.subtract.reduce": lambda x: np.subtract.reduce(x, axis=1),
    "np.multiply.outer": lambda x: np.multiply.outer(x, [1, 2.5]),
    "np.mean": np.mean,
    "np.mean axis": lambda x: np.mean(x, axis=0),
    "np.mean where": lambda x: np.mean(x, axis=1, where=x > 0),
    "mean": lambda x: x.mean(axis=1, keepdims=True),
    "np.prod": np.prod,
    "prod": lambda x: x.prod(axis=0),
    "np.average": np.average,
    "np.average weights": lambda x: np.average(x, axis=1, weights=[1, 2, 4]),
    "np.average full": lambda x: np.average(x, weights=abs(x) + 1),
    "np.average returned": lambda x: np.average(x, axis=0, weights=[0.5, 2], returned=True),
    "np.var": np.var,
    "np.var ddof": lambda x: np.var(x, axis=1, ddof=1),
    "var": lambda x: x.var(axis=0, keepdims=True),
    "np.median": np.median,
    "np.median odd": lambda x: np.median(x, axis=1),
    "np.max": np.max,
    "np.min": np.min,
    "np.amax": lambda x: np.amax(x, axis=0),
    "np.amin": lambda x: np.amin(x, axis=1, keepdims=True),
    "max": lambda x: x.max(axis=1),
    "min": lambda x: x.min(),
    "max initial": lambda x: np.max(x, axis=0, initial=1.25),
    "np.maximum.reduce": np.maximum.reduce,
    "np.minimum.accumulate": np.minimum.accumulate,
    "np.ptp": lambda x: np.ptp(x, axis=0),
    "np.cumsum": np.cumsum,
    "cumsum": lambda x: x.cumsum(axis=1),
    "np.cumprod": lambda x: np.cumprod(x, axis=0),
    "cumprod": lambda x: x.cumprod(),
    "np.diff": np.diff,
    "np.diff 2": lambda x: np.diff(x, 2, axis=1, prepend=0.5),
    "np.trace": np.trace,
    "trace": lambda x: x.trace(offset=1),
    "np.clip": lambda x: np.clip(x, -1, 2.5),
    "np.clip low": lambda x: np.clip(x, 0.5, None),
    "np.clip high": lambda x: np.clip(x, None, 0.5),
    "clip": lambda x: x.clip(-1, 1),
    "np.where": lambda x: np.where(x > 0, x * x, 0.5),
    "np.where numbers": lambda x: np.where(x > 0, 1, 0.25) * x,
    "np.select": lambda x: np.select([x > 2.25, x > 0], [x, x * x], 0.5),
    "np.dot list": lambda x: np.dot(x, [1, 2, 0.5]),
    "matmul list": lambda x: x @ [1, 2, 0.5],
    "list matmul": lambda x: [1, 2] @ x,
    "np.einsum one": lambda x: np.einsum("ij->j", x),
    "np.einsum turn": lambda x: np.einsum("ji", x),
    "np.einsum all": lambda x: np.einsum("ij,ij->", x, x),
    "np.einsum self": lambda x: np.einsum("ij,kj->ik", x, x),
    "np.einsum three": lambda x: np.einsum("ij,kj,k->i", x, x, [1, 2]),
    "np.einsum dots": lambda x: np.einsum("...j,j", x, [1, 2, 3]),
    "np.einsum outer": lambda x: np.einsum("ij,k->kij", x, [1, 0.5]),
    "np.einsum lists": lambda x: np.einsum(x, [0, 1], x, [2, 1], [0, 2]),
    "np.sort": lambda x: np.sort(x, axis=1),
    "np.sort flat": lambda x: np.sort(x, axis=None),
    "np.concatenate": lambda x: np.concatenate([x, x * 2, [[1, 2, 0.5]]]),
    "np.concatenate axis": lambda x: np.concatenate((x, x), axis=1, dtype=float),
    "np.stack": lambda x: np.stack([x, x], axis=2),
    "np.hstack": lambda x: np.hstack([x, x]),
    "np.vstack": lambda x: np.vstack([x, [1, 2, 3]]),
    "np.column_stack": lambda x: np.column_stack([x, [1, 2]]),
    "np.block": lambda x: np.block([[x, x], [x, x]]),
    "np.reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape": lambda x: x.reshape(3, -1),
    "np.ravel": np.ravel,
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "flat": lambda x: np.array(list(x.flat)).view(type(x)),
    "np.transpose": np.transpose,
    "T": lambda x: x.T,
    "np.swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "np.moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "np.squeeze": lambda x: np.squeeze(x[:, :1]),
    "np.expand_dims": lambda x: np.expand_dims(x, 1),
    "np.copy": np.copy,
    "copy": lambda x: x.copy(),
    "astype": lambda x: x.astype(float),
    "partition": lambda x: np.partition(x, 1, axis=1)[:, 1],
    "real": lambda x: x.real + np.real(x),
    "imag": lambda x: x.imag + x,
    "astype float32": lambda x: x.astype(np.float32),
    "np.zeros_like": np.zeros_like,
    "np.ones_like": lambda x: np.ones_like(x) * x,
    "np.full_like": lambda x: np.full_like(x, 0.5) + x,
    "np.diag": lambda x: np.diag(x[0]),
    "np.diag of matrix": lambda x: np.diag(x),
    "np.diagonal": np.diagonal,
    "np.tril": np.tril,
    "np.triu": lambda x: np.triu(x, 1),
    "np.roll": lambda x: np.roll(x, 1, axis=1),
    "np.flip": np.flip,
    "np.tile": lambda x: np.tile(x, (2, 1)),
    "np.repeat": lambda x: np.repeat(x, 2, axis=0),
    "np.take": lambda x: np.take(x, [0, 4, 4]),
    "take": lambda x: x.take([1, 0], axis=1),
    "np.append": lambda x: np.append(x, [1, 0.5]),
    "np.insert": lambda x: np.insert(x, 1, 0.5, axis=1),
    "np.delete": lambda x: np.delete(x, 1, axis=1),
    "np.pad": lambda x: np.pad(x, 1),
    "np.pad value": lambda x: np.pad(x, ((0, 1), (0, 0)), constant_values=0.5),
    "np.pad edge": lambda x: np.pad(x, 1, mode="edge"),
    "np.atleast_1d": np.atleast_1d,
    "np.atleast_2d": lambda x: np.atleast_2d(x[0]),
    "np.broadcast_to": lambda x: np.broadcast_to(x, (2, 2, 3)),
    "np.meshgrid": lambda x: np.meshgrid(x[0], x[1]),
    "np.split": lambda x: np.split(x, 3, axis=1),
    "np.nan_to_num": np.nan_to_num,
    "np.kron": lambda x: np.kron(x, [1, 2]),
    "np.cross": lambda x: np.cross(x, [1, 2, 4]),
    "np.convolve": lambda x: np.convolve(x[0], [1, 0.5]),
    "np.polyval": lambda x: np.polyval([1, 2, 3], x),
    "np.vectorize": lambda x: np.vectorize(lambda item: item * item)(x),
    "index": lambda x: x[1],
    "index one": lambda x: x[1, 2],
    "slice": lambda x: x[:, 1:],
    "slice step": lambda x: x[::-1, ::2],
    "newaxis": lambda x: x[:, None],
    "fancy": lambda x: x[[1, 0, 1], [0, 2, 2]],
    "boolean": lambda x: x[x > 0],
    "norm 1": lambda x: np.linalg.norm(x[0], 1),
    "norm inf": lambda x: np.linalg.norm(x[0], np.inf),
    "norm -inf": lambda x: np.linalg.norm(x[0], -np.inf),
    "norm matrix 1": lambda x: np.linalg.norm(x, 1),
    "norm matrix inf": lambda x: np.linalg.norm(x, np.inf),
    "norm axis": lambda x: np.linalg.norm(x, 1, axis=1, keepdims=True),
    "norm squared": lambda x: np.linalg.norm(x) ** 2,
    "norm fourth": lambda x: np.linalg.norm(x[0]) ** 4,
    "norm product": lambda x: np.linalg.norm(x) * np.linalg.norm(x),
    "norm rows": lambda x: np.linalg.norm(x, axis=1),
    "norm columns": lambda x: np.linalg.norm(x, 2, axis=0, keepdims=True),
    "norm all": lambda x: np.linalg.norm(x, keepdims=True),
    "norm frobenius": lambda x: np.linalg.norm(np.stack([x, x * x]), "fro", axis=(0, 2)),
    "norm 3": lambda x: np.linalg.norm(x, 3, axis=1),
    "norm 2.5": lambda x: np.linalg.norm(x[0], 2.5),
    "norm -2": lambda x: np.linalg.norm(x[0], -2),
    "norm 0": lambda x: np.linalg.norm(np.round(x), 0, axis=0),
    "vector_norm": lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True),
    "np.std": np.std,
    "np.std ddof": lambda x: np.std(x, axis=1, ddof=1),
    "np.nanstd": lambda x: np.nanstd(x, axis=0, keepdims=True),
    "std": lambda x: x.std(axis=1),
    "np.nanvar": lambda x: np.nanvar(x, 1),
    "np.exp": np.exp,
    "np.expm1": np.expm1,
    "np.exp2": np.exp2,
    "np.log": lambda x: np.log(x + 5),
    "np.log1p": lambda x: np.log1p(abs(x)),
    "np.log2": lambda x: np.log2(abs(x)),
    "np.log10": lambda x: np.log10(x + 5),
    "np.sqrt": lambda x: np.sqrt(x + 5),
    "np.cbrt": np.cbrt,
    "np.sin": np.sin,
    "np.cos": np.cos,
    "np.tan": np.tan,
    "np.arcsin": lambda x: np.arcsin(x / 7),
    "np.arccos": lambda x: np.arccos(x / 7),
    "np.arctan": np.arctan,
    "np.arctan2": lambda x: np.arctan2(x, [1, -2, 0.5]),
    "np.arctan2 turned": lambda x: np.arctan2(-3, x),
    "np.sinh": np.sinh,
    "np.cosh": np.cosh,
    "np.tanh": np.tanh,
    "np.arcsinh": np.arcsinh,
    "np.arccosh": lambda x: np.arccosh(x + 7),
    "np.arctanh": lambda x: np.arctanh(x / 7),
    "np.hypot": lambda x: np.hypot(x, 1),
    "np.hypot.reduce": lambda x: np.hypot.reduce(x, axis=1),
    "np.logaddexp": lambda x: np.logaddexp(0, x),
    "np.logaddexp2": lambda x: np.logaddexp2(x, 0.5),
    "np.logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1, keepdims=True),
    "np.degrees": np.degrees,
    "np.rad2deg": np.rad2deg,
    "np.radians": np.radians,
    "np.deg2rad": np.deg2rad,
    "power 0.5": lambda x: (x + 5) ** 0.5,
    "np.power 1.5": lambda x: np.power(abs(x), 1.5),
    "np.power base": lambda x: np.power(2, x),
    "rpow": lambda x: 1.5**x,
    "np.float_power -0.5": lambda x: np.float_power(x + 5, -0.5),
    "np.floor whole": lambda x: np.floor(x * 0.3),
    "softmax": lambda x: np.exp(x - x.max(axis=1, keepdims=True)) / np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_array(name: str) -> None:
    check(ONE[name], MATRIX)


def test_a_planted_fault_is_found() -> None:
    """The check itself must fail: for a value that is off, and for a lost gradient."""
    with pytest.raises(AssertionError):
        check(lambda x: x + 1 if isinstance(x, Array) else x, MATRIX)
    with pytest.raises(AssertionError):
        check(lambda x: array(values(x)) if isinstance(x, Array) else x, MATRIX)
    with pytest.raises(AssertionError):
        check(lambda x: x.ravel() if isinstance(x, Array) else x, MATRIX)


TWO: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: x // y,
    "remainder": lambda x, y: x % y,
    "np.add": np.add,
    "np.subtract": np.subtract,
    "np.multiply": np.multiply,
    "np.divide": np.divide,
    "np.true_divide": np.true_divide,
    "np.floor_divide": np.floor_divide,
    "np.mod": np.mod,
    "np.maximum": np.maximum,
    "np.minimum": np.minimum,
    "np.fmax": np.fmax,
    "np.fmin": np.fmin,
    "np.dot": np.dot,
    "dot": lambda x, y: np.asarray(x).dot(y) if not isinstance(x, Array) else x.dot(y),
    "np.vdot": np.vdot,
    "np.inner": np.inner,
    "np.outer": np.outer,
    "np.matmul": np.matmul,
    "matmul": lambda x, y: x @ y,
    "np.tensordot": lambda x, y: np.tensordot(x, y, 1),
    "np.einsum": lambda x, y: np.einsum("i,i", x, y),
    "np.einsum outer": lambda x, y: np.einsum("i,j->ij", x, y),
    "np.where": lambda x, y: np.where([True, False, True, False, True, True], x, y),
    "np.concatenate": lambda x, y: np.concatenate([x, y]),
    "np.stack": lambda x, y: np.stack([x, y]),
    "np.append": np.append,
    "np.convolve": np.convolve,
    "np.heaviside": np.heaviside,
    "np.hypot": np.hypot,
    "np.arctan2": np.arctan2,
    "np.logaddexp": np.logaddexp,
    "np.logaddexp2": np.logaddexp2,
    "np.power": lambda x, y: np.power(np.abs(x), y),
}  # fmt: skip

IRRATIONAL = ("np.arctan2", "np.hypot", "np.logaddexp", "np.logaddexp2", "np.power")

PARTNERS: dict[str, Any] = {
    "float": OTHER,
    "float32": np.array([0.5, 2, 0.1, 4, 1, 0.7], dtype=np.float32),
    "float16": np.array([0.5, 2, 0.1, 4, 1, 0.7], dtype=np.float16),
    "int": np.array([3, -1, 2, 5, 7, 1]),
    "uint8": np.array([3, 1, 2, 5, 7, 1], dtype=np.uint8),
    "bool": np.array([True, True, True, True, True, True]),
    "list": [0.5, 2, -1.25, 4, 1, -3],
    "tuple": (3, F(1, 2), -1, 2, 5, 7),
}


def exact_text(partner: Any) -> Any:
    """The numbers of a partner as their own text gives them: what NumPy shows is what is meant."""
    items = list(partner) if not isinstance(partner, np.ndarray) else list(partner.flat)
    return np.array([F(str(int(i) if isinstance(i, np.bool_) else i)) for i in items], dtype=object)


# The method `dot` of a plain array asks nobody, so there it is not tried on that side.
SIDES = [
    (name, swapped) for name in TWO for swapped in (False, True) if (name, swapped) != ("dot", True)
]


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize(("name", "swapped"), SIDES)
def test_functions_of_two_arrays(name: str, partner: str, swapped: bool) -> None:
    """Beside any partner, on either side, the values are those of NumPy on Fractions."""
    function, other = TWO[name], PARTNERS[partner]
    x = array(VECTOR)
    result = function(other, x) if swapped else function(x, other)
    plain, exact = np.array([F(item) for item in VECTOR.tolist()]), exact_text(other)
    if name in ("np.fmax", "np.fmin", "np.heaviside", *IRRATIONAL):
        floats = VECTOR, exact.astype(float)
        expected = np.array(function(*(floats[::-1] if swapped else floats)))
        np.testing.assert_allclose(values(result, dtype=float), expected, rtol=1e-13)
    else:
        expected = np.array(function(*((exact, plain) if swapped else (plain, exact))))
        assert (
            values(result) == expected if not expected.ndim else (values(result) == expected).all()
        )
    assert is_scalars(result)
    assert np.shape(result) == expected.shape


JUMPS = ("floor_divide", "remainder", "np.floor_divide", "np.mod")


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_arrays_of_scalars(name: str) -> None:
    # At a jump there is no slope; by OTHER, some of VECTOR divide evenly.
    check(TWO[name], VECTOR, OTHER, smooth=name not in JUMPS)


INFIXES = ["add", "subtract", "multiply", "divide", "floor_divide", "remainder"]
NUMBERS: dict[str, Any] = {
    "int": 3, "float": 0.7, "bool": True, "Fraction": F(2, 3), "Decimal": Decimal("0.3"), "big": 10**30,
    "np.float64": np.float64(0.7), "np.float32": np.float32(0.7), "np.float16": np.float16(0.7),
    "np.int64": np.int64(3), "np.uint8": np.uint8(3), "np.bool": np.bool_(True),
    "0-d": np.array(0.7), "0-d float32": np.array(0.7, dtype=np.float32),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("name", INFIXES)
def test_infixes_with_one_number_on_either_side(name: str, kind: str) -> None:
    other = NUMBERS[kind]
    exact = {"bool": F(1), "np.bool": F(1), "Fraction": F(2, 3)}.get(kind) or F(str(other))
    x, plain = array(VECTOR), [F(item) for item in VECTOR.tolist()]
    for result, expected in [
        (TWO[name](x, other), [TWO[name](item, exact) for item in plain]),
        (TWO[name](other, x), [TWO[name](exact, item) for item in plain]),
    ]:
        assert is_scalars(result)
        assert values(result).tolist() == expected


@pytest.mark.parametrize("name", INFIXES)
def test_infixes_with_one_scalar_on_either_side(name: str) -> None:
    x, s = array([2, -3], "x"), Scalar("7/2", "s")
    for result, expected in [
        (TWO[name](x, s), [TWO[name](F(2), F(7, 2)), TWO[name](F(-3), F(7, 2))]),
        (TWO[name](s, x), [TWO[name](F(7, 2), F(2)), TWO[name](F(7, 2), F(-3))]),
    ]:
        assert is_scalars(result)
        assert values(result).tolist() == expected
        assert all(s in item.operands for item in result)


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
    assert (x == None).tolist() == [False, False]  # noqa: E711
    assert (x != "a").tolist() == [True, True]
    with pytest.raises(InvalidNumber, match="NaN"):
        x < np.nan  # noqa: B015
    with pytest.raises(InvalidOperand, match="less"):
        x < "a"  # noqa: B015


ASKING: dict[str, Callable[[Any], Any]] = {
    "isfinite": np.isfinite, "isnan": np.isnan, "isinf": np.isinf, "signbit": np.signbit,
    "logical_not": np.logical_not, "logical_and": lambda x: np.logical_and(x, x > 0),
    "logical_or": lambda x: np.logical_or(x > 0, x), "logical_xor": lambda x: np.logical_xor(x, 1),
    "any": np.any, "all": np.all, "any axis": lambda x: np.any(x, axis=0), "all method": lambda x: x.all(axis=1),
    "logical_or.reduce": np.logical_or.reduce,
    "count_nonzero": np.count_nonzero, "count axis": lambda x: np.count_nonzero(x, axis=1),
    "nonzero": np.nonzero, "nonzero method": lambda x: x.nonzero(), "argwhere": np.argwhere,
    "flatnonzero": np.flatnonzero, "where": lambda x: np.where(x),
    "argmax": np.argmax, "argmin": lambda x: np.argmin(x, axis=1), "argmax method": lambda x: x.argmax(axis=0),
    "argsort": np.argsort, "argsort method": lambda x: x.argsort(axis=0),
    "searchsorted": lambda x: np.searchsorted(np.sort(x[0]), [0.5, 2]),
    "array_equal": lambda x: np.array_equal(x, x.tolist()), "array_equal shape": lambda x: np.array_equal(x, x[0]),
    "array_equal not": lambda x: np.array_equal(x, x + 1), "allclose": lambda x: np.allclose(x, x + 1e-9),
    "allclose not": lambda x: np.allclose(x, x + 0.1), "isclose": lambda x: np.isclose(x, [0, 1.5, 3.00001]),
    "shape": np.shape, "ndim": np.ndim, "size": np.size, "len": len, "contains": lambda x: 3.0 in x,
    "astype": lambda x: x.astype(bool), "zeros_like": lambda x: np.zeros_like(x, dtype=int),
    "full_like": lambda x: np.full_like(x, True, dtype=bool),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKING)
def test_questions_have_numpys_answers(name: str) -> None:
    point = np.array([[0.0, -1.0, 3.0], [0.0, 3.0, 0.0]])
    found, expected = ASKING[name](array(point)), ASKING[name](point)
    for one, wanted in zip(as_list(found), as_list(expected), strict=True):
        assert np.array_equal(one, wanted)
        assert np.asarray(one).dtype == np.asarray(wanted).dtype
        assert not isinstance(one, Array)


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


# --- making ---------------------------------------------------------------------------------------


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
    with pytest.raises(InvalidOperand, match=r"expected a text as label; got 3 \(type int\)"):
        array([1], label=3)  # type: ignore[arg-type]


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


# --- assignment -----------------------------------------------------------------------------------


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


# --- refusals -------------------------------------------------------------------------------------

REFUSED: dict[str, Callable[[Any], Any]] = {
    "sinc": np.sinc, "i0": np.i0, "frexp": np.frexp, "nextafter": lambda x: np.nextafter(x, 1),
    "copysign": lambda x: np.copysign(1, x), "linalg.eig": np.linalg.eig, "linalg.svd": np.linalg.svd,
    "linalg.cond": np.linalg.cond, "fft.fft": np.fft.fft, "bitwise_and": lambda x: x & x,
    "invert": lambda x: ~x, "cov": np.cov, "interp": lambda x: np.interp(x[0], [0, 1], [0, 1]), "unique": np.unique,
    "percentile": lambda x: np.percentile(x, 50), "less.accumulate": np.less.accumulate, "fmod": lambda x: np.fmod(x, 2),
    "linalg.pinv": np.linalg.pinv,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_exact_form_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidOperand, match=rf"np\.{name}.* has no exact form.*expected"):
        REFUSED[name](array(SQUARE))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.std(dtype=int), lambda x: np.std(x, mean=1), lambda x: x.astype(int), lambda x: x.astype(complex), lambda x: x.sum(dtype=int),
        lambda x: np.add(x, 1, dtype=np.int64), lambda x: np.add(x, 1, out=np.zeros(2)), lambda x: x + "a",
        lambda x: x + None, lambda x: x * [1j, 2], lambda x: np.concatenate([x, ["a"]]),
        lambda x: np.concatenate([x, x], dtype=int), lambda x: np.sum(x, out=np.zeros(())), lambda x: x @ 2,
        lambda x: x @ [1, 2, 3], lambda x: np.dot(x, [1]), lambda x: np.einsum("ij,j", x, x), lambda x: np.einsum("i->j", x),
        lambda x: np.einsum("i,i->ii", x, x), lambda x: np.tensordot(x, [1, 2, 3], 1), lambda x: np.add(x, 1, where=[True, False]),
        lambda x: np.pad(x, 1, mode="mean"), lambda x: np.linalg.norm(x, "nuc"), lambda x: np.copyto(np.zeros(2), x),
        lambda x: np.zeros(2).__iadd__(x), lambda x: x * [[1], [2, 3]], lambda x: np.matmul(x, x, axes=[(0,), (0,), ()]),
        lambda x: np.linalg.norm(np.stack([x, x]), 2), lambda x: np.linalg.norm(np.stack([x, x]), "nuc"),
        lambda x: np.linalg.norm(np.stack([x, x])[None], 1), lambda x: np.linalg.norm(x, True), lambda x: np.linalg.norm(x, "fro"),
        lambda x: np.exp(x, out=np.zeros(2)), lambda x: np.sqrt(x, dtype=int), lambda x: np.logaddexp(x, "a"),
        lambda x: np.tensordot(x, x, ([0, 0], [0, 0])),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidOperand, match=r"expected|no exact form"):
        function(array([1, 2]))


def test_numpys_own_errors_stay() -> None:
    x = array([1, 2])
    with pytest.raises(np.exceptions.AxisError):
        x.sum(axis=1)
    with pytest.raises(ValueError, match="broadcast"):
        x * [1, 2, 3]
    with pytest.raises(DivisionByZero):
        x / 0
    with pytest.raises(DomainError):
        (-x) ** 0.5
    with pytest.raises(TypeError):
        hash(x)


def test_the_hint_of_a_refusal_works() -> None:
    x = array([0, 4])
    assert np.sinc(values(x, dtype=float))[0] == 1.0


# --- closed forms ---------------------------------------------------------------------------------


def test_values_are_rational_where_they_can_be_and_closed_forms_elsewhere() -> None:
    x = array([4, 2])
    assert values(np.sqrt(x)).tolist() == [2, sp.sqrt(2)]
    assert values(np.exp(x - 4)).tolist() == [1, sp.exp(-2)]
    assert values(np.log(x)).tolist() == [2 * sp.log(2), sp.log(2)]
    assert values(np.arctan2([1, 0], [1, -1] * x / x)).tolist() == [sp.pi / 4, sp.pi]
    assert values(np.radians(array([90]))).tolist() == [sp.pi / 2]
    assert values(np.std(array([1, 2, 3, 4]))) == sp.sqrt(5) / 2


def test_outside_a_domain_the_operator_and_the_operand_are_named() -> None:
    x = array([4, -2], "x")
    for function in (np.sqrt, np.log, np.arccosh, np.arcsin, lambda x: x**0.5):
        with pytest.raises(DomainError, match=r"x\[[01]\]"):
            function(x)
    with pytest.raises(DomainError, match="atan2"):
        np.arctan2(array([0]), 0)


def test_a_root_at_zero_has_a_value_and_no_derivative() -> None:
    x = array([0, 4], "x")
    y = np.sqrt(x)
    assert values(y).tolist() == [0, 2]
    with pytest.raises(NoDerivative, match="sqrt"):
        y.sum().backward()


PLAIN = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "arcsinh": np.arcsinh, "arctan": np.arctan, "log1p": np.log1p, "expm1": np.expm1,
    "exp2": np.exp2, "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt, "hypot": lambda x: np.hypot(x, x), "arctan2": lambda x: np.arctan2(x, x),
    "arccosh": lambda x: np.arccosh(x + 1),
    "arcsin": lambda x: np.arcsin(x / 4), "arccos": lambda x: np.arccos(x / 4), "arctanh": lambda x: np.arctanh(x / 4),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_arrays_of_objects_ask_the_methods_of_scalars(name: str) -> None:
    """As `np.exp(np.array([x, y]))` does in a program: NumPy calls the method of its own name."""
    point = np.array([0.5, 2.25])
    scalars = np.array([Scalar(item) for item in point])
    found, expected = PLAIN[name](scalars), PLAIN[name](point)
    assert all(isinstance(item, Scalar) for item in found)
    np.testing.assert_allclose([float(item) for item in found], expected, rtol=1e-14)


# --- norms ----------------------------------------------------------------------------------------


def test_a_norm_is_a_node_with_a_gradient() -> None:
    x = array([3, 4])
    norm = np.linalg.norm(x)
    norm.backward()
    assert norm.data == 5
    assert grads(x).tolist() == [F(3, 5), F(4, 5)]
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


def test_products_of_several_matrices() -> None:
    check(lambda a: np.linalg.matrix_power(a, 3), SQUARE)
    check(lambda a: np.linalg.multi_dot([a, SQUARE, a]), SQUARE)
    check(lambda a: np.einsum("ii->i", a), SQUARE)
    check(lambda a: np.einsum("ii", a), SQUARE)
    check(lambda a: np.einsum("ii,jj->", a, a), SQUARE)
    check(lambda a: np.trace(a, offset=-1), SQUARE)


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


# --- conversions ----------------------------------------------------------------------------------


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


def test_asarray_is_a_plain_array_of_the_same_nodes() -> None:
    x = array([1, 2])
    plain = np.asarray(x)
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


def test_arrays_print_short() -> None:
    assert (
        repr(array([1, "1/2"], "x"))
        == "Array([Scalar('1', label='x[0]'), Scalar('1/2', label='x[1]')])"
    )
    assert len(repr(array(np.zeros(5000)))) < 400
    assert "Scalar" in np.array2string(array([1]))


def test_values_and_grads_keep_the_structure() -> None:
    x = array([[1, "1/3"]])
    (x * x).sum().backward()
    assert values(x).tolist() == [[1, F(1, 3)]]
    assert type(values(x)) is np.ndarray
    assert values(x, dtype=float).dtype == np.float64
    assert grads(x, dtype=np.float64).tolist() == [[2.0, 2 / 3]]
    assert values([x[0, 0], [x[0, 1], 5]]) == [1, [F(1, 3), 5]]
    assert values((x[0, 1],), dtype=float) == (1 / 3,)
    assert values(Scalar(3)) == 3
    assert isinstance(values(Scalar(3), dtype=float), float)
    assert grads(x[0, 1]) == F(2, 3)
    assert values([]) == []


@given(st.fractions(), st.fractions())
@example(F(1, 3), F(2**53 + 1))
def test_floats_are_correctly_rounded(p: Fraction, q: Fraction) -> None:
    """The nearest float: no neighbour is closer to the exact value."""
    for exact, found in zip([p, q], values(array([p, q]), dtype=float).tolist(), strict=True):
        near = [abs(F(math.nextafter(found, side)) - exact) for side in (-math.inf, math.inf)]
        assert abs(F(found) - exact) <= min(near)


def test_what_values_and_grads_refuse() -> None:
    with pytest.raises(InvalidOperand, match="values: expected Scalars and numbers; got 'a'"):
        values(["a"])
    with pytest.raises(InvalidOperand, match="grads: expected Scalars; got 3"):
        grads([3])
    with pytest.raises(InvalidOperand, match="dtype to be None or float"):
        values(array([1]), dtype=int)
    with pytest.raises(GradientUnavailable, match="constant"):
        grads(np.zeros_like(array([1])))
    with pytest.raises(TooLarge, match="'big' is beyond every float"):
        values(Scalar(10**400, "big"), dtype=float)


# --- the elements' own class ----------------------------------------------------------------------


def traced(point: Any) -> tuple[Any, Any]:
    trace = pytest.importorskip("minigrad.trace").Trace()
    result = np.empty(np.shape(point), dtype=object)
    for place, item in np.ndenumerate(point):
        result[place] = trace.leaf(item)
    return trace, array(result)


@pytest.mark.parametrize("name", ONE)
def test_no_function_leaves_exact_arithmetic_or_the_class(name: str) -> None:
    """The trace records a leak before it raises; it sees comparisons only where NumPy makes some."""
    trace, x = traced(MATRIX)
    results = as_list(ONE[name](x))
    assert trace.leaks == []
    known = {"np.zeros_like", "np.sign", "norm 0"}
    if name not in known:
        nodes = [node for result in results for node in np.asarray(result).flat]
        assert any(isinstance(node, type(x[0, 0])) for node in nodes)


@pytest.mark.parametrize(
    "name", [*INFIXES, "np.maximum", "np.dot", "np.vdot", "np.matmul", "np.einsum", "np.concatenate", "np.outer"]
)  # fmt: skip
def test_arithmetic_makes_no_comparison(name: str) -> None:
    trace, x = traced(VECTOR)
    TWO[name](x, OTHER)
    TWO[name](OTHER, x)
    assert trace.comparisons == []
    assert trace.leaks == []


def test_comparisons_are_recorded_at_the_programs_line() -> None:
    trace, x = traced([1, 2])
    np.where(x > 1, x, 0)
    assert [(comparison.relation, comparison.holds) for comparison in trace.comparisons] == [
        (">", False),
        (">", True),
    ]
    assert {comparison.place.file for comparison in trace.comparisons} == {__file__}
    np.any(x)
    assert trace.comparisons[-1].relation == "!="


def test_computed_floats_beside_an_array_are_noted() -> None:
    trace, x = traced([1, 2])
    x * (1 / 3) + np.array([2 / 3, 0.5])
    assert [rounded.text for rounded in trace.rounded] == [
        "0.3333333333333333",
        "0.6666666666666666",
    ]


def test_values_of_a_run_under_watch_are_refused() -> None:
    trace, x = traced([1, 2])
    for read in (values, grads):
        with pytest.raises(ExactnessLost, match="no gradient"):
            read(x)
    # A program may swallow the error, and is found out all the same.
    assert [leak.by for leak in trace.leaks] == ["minigrad.values()", "minigrad.grads()"]


# --- the stand-in for numpy -----------------------------------------------------------------------

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
        ("np.einsum('i,i', x, [s, 2])", 23),
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
        "np.full_like([1, 2], 3)",
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
    ],
)  # fmt: skip
def test_the_stand_in_does_not_round(expression: str, expected: Any) -> None:
    x = array([3, 4])
    found = eval(expression, {"np": npx, "x": x, "s": Scalar(5), "plain": np.asarray(x)})
    assert is_scalars(found)
    difference = np.asarray(values(found)) - np.asarray(expected)
    assert all(abs(sp.N(item, 40)) < 1e-30 for item in np.ravel(difference))


def test_arrays_of_floats_that_were_never_rounded_become_exact() -> None:
    found = unrounded(np.array([[1.0, 0.0, 0.25]]))
    assert isinstance(found, Array)
    assert found.mean().data == F(5, 12)
    for other in (
        np.array([1 / 3]),
        np.array([1, 2]),
        np.array([np.inf]),
        np.array([]),
        np.zeros(5000),
        1.5,
        "a",
        [0.5],
    ):
        assert unrounded(other) is other


def test_the_modules_that_have_a_stand_in() -> None:
    found = stand_ins()
    assert found[math].pi.data == sp.pi
    assert found[np] is npx
    assert found[np.linalg] is npx.linalg
    code = "import math, sys, minigrad.arrays; print(len(minigrad.arrays.stand_ins()), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["1", "False"]


def test_the_stand_in_looks_each_attribute_up_once() -> None:
    assert npx.sum is npx.sum
    assert "sum" in vars(npx)
    assert npx.ndarray is np.ndarray
    assert npx.linalg is npx.linalg
    assert "zeros" in dir(npx)
    assert npx.__name__ == "numpy"
    with pytest.raises(AttributeError):
        npx.nothing  # noqa: B018


@pytest.mark.parametrize(
    "expression", ["np.array([s], dtype=int)", "np.full(2, s, dtype=int)", "np.asarray(x, dtype='i8')",
                   "np.linspace(s, 2, 3, dtype=int)", "np.arange(s, dtype=int)", "np.arange(0, s, 0)", "np.sinc(s)"],
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


def test_asarray_of_an_array_is_the_array() -> None:
    x = array([1, 2])
    assert npx.asarray(x) is x
    assert npx.array(x) is not x
    assert npx.array(x)[0] is x[0]


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


# --- the layout -----------------------------------------------------------------------------------


def test_numpy_is_imported_when_the_first_array_is_made() -> None:
    code = "import sys, minigrad.arrays; print('numpy' in sys.modules); minigrad.arrays.array([1]); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("name", EXACT)
def test_every_name_of_the_table_is_numpys(name: str) -> None:
    later = {
        "concat",
        "cumulative_prod",
        "cumulative_sum",
        "matrix_transpose",
        "unstack",
        "row_stack",
        "fix",
    }
    found: Any = np
    for part in name.split("."):
        found = getattr(found, part, None)
    assert callable(found) or name in later or name.startswith("linalg.")


def test_the_class_is_an_attribute_of_the_module() -> None:
    import minigrad.arrays

    assert issubclass(minigrad.arrays.Array, np.ndarray)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        minigrad.arrays.nothing  # noqa: B018
