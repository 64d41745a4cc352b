"""The Array: NumPy's ndarray with Scalars in it, and nothing else.

Elements are nodes, so an Array of dtype object is as good as any other to NumPy's machinery of shapes and
indices. What NumPy would do wrong with objects is taken over by its two protocols, `__array_ufunc__` and
`__array_function__` (NumPy Enhancement Proposals 13 and 18), and by the methods below: sums become one
node, maximum becomes a node at all, what would be a float is refused, and numbers that are put in become
constants.

This module imports NumPy, and is itself imported when the first array is made: see `minigrad.arrays`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.functions import EXACT, exact
from minigrad.exact_numpy.items import (
    Objects,
    check_dtype,
    constants,
    filled,
    keeps_exact,
    truth,
)
from minigrad.exact_numpy.ufuncs import call, method
from minigrad.scalar import Scalar

__all__ = ["Array", "wrapped"]


def wrapped(result: Any) -> Any:
    """`result` with its arrays of Scalars as Arrays; other arrays, and elements, as they are."""
    if isinstance(result, (list, tuple)):
        items = [wrapped(item) for item in result]
        if isinstance(result, list):
            return items
        return type(result)._make(items) if hasattr(result, "_make") else tuple(items)
    if isinstance(result, Array) or not isinstance(result, np.ndarray) or result.dtype != object:
        return result
    return filled(result, "array").view(Array)


class _ForNumPy:
    """A method that NumPy finds on the class, and that no instance seems to have.

    Scalar asks an operand for `__array_ufunc__` to know a NumPy array, and then computes with its
    elements itself. Not finding one, it leaves `scalar + array` to the Array.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __get__(self, instance: object, owner: type) -> Callable[..., Any]:
        if instance is not None:
            raise AttributeError("__array_ufunc__")
        return self.function


def _array_ufunc(
    self: Array, ufunc: np.ufunc, kind: str, *inputs: Any, out: Any = None, **options: Any
) -> Any:
    name = ufunc.__name__
    if kind != "__call__":
        return wrapped(method(ufunc, kind, inputs, {**options, "out": out} if out else options))
    check_dtype(options.pop("dtype", None), name)
    for ignored in ("casting", "order", "subok"):
        options.pop(ignored, None)
    if set(options) - {"where"}:
        raise InvalidOperand(f"{name}: expected out or where; got {', '.join(sorted(options))}")
    result = call(ufunc, inputs, out=out, **options)
    return result if out and len(out) == 1 else wrapped(result)


def _infix(ufunc: Any) -> tuple[Any, Any, Any]:
    """The forward, reflected and in-place method of an infix.

    NumPy's own would leave `array + scalar` to the Scalar, which refuses to be an operand of a ufunc.
    """

    def forward(self: Any, other: Any) -> Any:
        return NotImplemented if _declines(other) else ufunc(self, _shielded(other))

    def reflected(self: Any, other: Any) -> Any:
        return NotImplemented if _declines(other) else ufunc(_shielded(other), self)

    def in_place(self: Any, other: Any) -> Any:
        return NotImplemented if _declines(other) else ufunc(self, _shielded(other), out=(self,))

    return forward, reflected, in_place


def _declines(other: Any) -> bool:
    """Whether `other` is of a class that wants to answer itself, and hides from NumPy's ufuncs."""
    return not isinstance(other, Scalar) and getattr(other, "__array_ufunc__", ...) is None


def _shielded(other: Any) -> Any:
    return constants(other, "array").view(Array) if isinstance(other, Scalar) else other


def _divmod(self: Any, other: Any) -> Any:
    return self // other, self % other


def _rdivmod(self: Any, other: Any) -> Any:
    return other // self, other % self


def _imag(self: Any) -> Any:
    """The imaginary parts: zeros."""
    return wrapped(constants(np.zeros(self.shape, dtype=int), "imag"))


def _method(name: str) -> Any:
    """The method that is a function of the same name, of this array first."""

    def function(self: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapped(EXACT[name](self, *args, **kwargs))

    function.__name__ = name
    return function


class _Flat:
    """The elements in order, as `array.flat`: what is put in becomes a Scalar."""

    def __init__(self, array: Array) -> None:
        self.base = array

    def __iter__(self) -> Iterator[Any]:
        return iter(self.base.view(np.ndarray).flat)

    def __len__(self) -> int:
        return self.base.size

    def __getitem__(self, key: Any) -> Any:
        return wrapped(self.base.view(np.ndarray).flat[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        new = constants(value, "array")
        self.base.view(np.ndarray).flat[key] = new if new.ndim else new[()]


class Array(np.ndarray[Any, np.dtype[Any]]):
    """An array whose elements are Scalars; made by `minigrad.array`.

    It has the operators, methods and functions of NumPy's arrays of floats, as far as they are exact:
    others raise InvalidOperand, by name. Numbers that are assigned become constants.
    """

    __array_ufunc__ = _ForNumPy(_array_ufunc)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """What a NumPy function gives for arguments of which one is an Array."""
        return wrapped(exact(func)(*args, **kwargs))

    __add__, __radd__, __iadd__ = _infix(np.add)
    __sub__, __rsub__, __isub__ = _infix(np.subtract)
    __mul__, __rmul__, __imul__ = _infix(np.multiply)
    __truediv__, __rtruediv__, __itruediv__ = _infix(np.divide)
    __floordiv__, __rfloordiv__, __ifloordiv__ = _infix(np.floor_divide)
    __mod__, __rmod__, __imod__ = _infix(np.remainder)
    __pow__, __rpow__, __ipow__ = _infix(np.power)
    __matmul__, __rmatmul__, __imatmul__ = _infix(np.matmul)
    __eq__, _, _ = _infix(np.equal)
    __ne__, _, _ = _infix(np.not_equal)
    __lt__, _, _ = _infix(np.less)
    __le__, _, _ = _infix(np.less_equal)
    __gt__, _, _ = _infix(np.greater)
    __ge__, _, _ = _infix(np.greater_equal)
    imag: Any = property(_imag)
    __divmod__: Any = _divmod
    __rdivmod__: Any = _rdivmod
    __hash__ = None

    all: Any = _method("all")
    any: Any = _method("any")
    argmax: Any = _method("argmax")
    argmin: Any = _method("argmin")
    argpartition: Any = _method("argpartition")
    argsort: Any = _method("argsort")
    clip: Any = _method("clip")
    cumprod: Any = _method("cumprod")
    cumsum: Any = _method("cumsum")
    dot: Any = _method("dot")
    max: Any = _method("max")
    mean: Any = _method("mean")
    min: Any = _method("min")
    nonzero: Any = _method("nonzero")
    prod: Any = _method("prod")
    ptp: Any = _method("ptp")
    put: Any = _method("put")
    round: Any = _method("round")
    searchsorted: Any = _method("searchsorted")
    std: Any = _method("std")
    sum: Any = _method("sum")
    trace: Any = _method("trace")
    var: Any = _method("var")

    def __setitem__(self, key: Any, value: Any) -> None:
        plain = self.view(np.ndarray)
        new = constants(value, "array")
        if isinstance(plain[key], np.ndarray):
            plain[key] = new if new.ndim else new[()]
        elif new.size == 1 and new.ndim == 0:
            plain[key] = new[()]
        else:
            # NumPy would put the whole array there as one object.
            raise InvalidOperand(
                f"array: expected one number for one element; got {describe(value)}"
            )

    @property
    def flat(self) -> Any:
        """The elements in order; what is put in becomes a Scalar."""
        return _Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        _Flat(self)[:] = value

    def fill(self, value: Any) -> None:
        """Put one Scalar or number everywhere."""
        self[...] = value

    def astype(self, dtype: Any, *_args: Any, copy: Any = True, **_options: Any) -> Any:
        """The array itself, or a copy, for a float of any width: the exact elements stay.

        Every float has an exact value, so an array of exact numbers is already what was asked for; to
        round it would change values and cut the gradient. `object` gives a plain array of the same
        nodes, `bool` whether they are not 0. Raises InvalidOperand for other types.
        """
        kind = np.dtype(dtype).kind
        if kind == "O":
            return np.array(self.view(np.ndarray), copy=True)
        if kind == "b":
            return truth(self, "astype")
        if not keeps_exact(dtype):
            check_dtype(dtype, "astype")
        return self.copy() if copy else self

    def __deepcopy__(self, memo: dict[int, Any] | None) -> Array:
        # One list of all, so that shared nodes stay shared and nothing recurses along the graph.
        nodes = copy.deepcopy(self.ravel().tolist(), memo)
        result: Objects = np.empty(self.size, dtype=object)
        result[:] = nodes
        return cast(Array, result.reshape(self.shape).view(Array))

    def __repr__(self) -> str:
        text = np.array2string(
            self.view(np.ndarray), separator=", ", prefix="Array(", threshold=60, edgeitems=3
        )
        return f"Array({text})"
