"""Functions of one and of two arrays, and a check that NumPy finds the same on floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import Scalar
from minigrad.arrays import Array, array, grads, values

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
    "np.gradient": lambda x: np.gradient(x),
    "np.gradient axis": lambda x: np.gradient(x, 0.5, axis=1),
    "np.gradient second": lambda x: np.gradient(x, 0.5, axis=-1, edge_order=2),
    "np.gradient places": lambda x: np.gradient(x, [0, 0.5, 2], axis=1, edge_order=2),
    "np.gradient each": lambda x: np.gradient(x, 2, [0, 0.5, 2]),
    "np.bincount": lambda x: np.bincount([0, 3, 1, 1, 0, 3], weights=x.ravel()),
    "np.bincount long": lambda x: np.bincount([2, 0, 2], x[1], minlength=5),
    "np.polyfit": lambda x: np.polyfit([0, 1, 2], x[0], 1),
    "np.polyfit rows": lambda x: np.polyfit([0, 1, 3], x.T, 2),
    "np.polyfit places": lambda x: np.polyfit(x.ravel(), [1, 2, 0, 1, 0.5, 3], 2, w=[1, 2, 1, 1, 0.5, 1]),
    "np.copysign numbers": lambda x: np.copysign(x, [1, -1, -0.0]),
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
    "sliding_window_view": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
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
    "np.copysign": np.copysign,
    "np.hypot": np.hypot,
    "np.arctan2": np.arctan2,
    "np.logaddexp": np.logaddexp,
    "np.logaddexp2": np.logaddexp2,
    "np.power": lambda x, y: np.power(np.abs(x), y),
}  # fmt: skip

INFIXES = ["add", "subtract", "multiply", "divide", "floor_divide", "remainder"]
