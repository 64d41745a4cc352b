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
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.functions import EXACT, exact
from minigrad.exact_numpy.items import (
    Objects,
    become_python_s,
    check_dtype,
    constants,
    filled,
    keeps_exact,
    refuse_bytes,
    truth,
)
from minigrad.exact_numpy.ufuncs import call, method
from minigrad.reading import is_running, refused

__all__ = ["Array", "of_function", "of_ufunc", "wrapped"]


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


class _Told:
    """A block whose refusals are told to who runs the program: it may catch them."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, InvalidOperand):
            refused(error)


def of_ufunc(
    ufunc: np.ufunc, kind: str, inputs: Sequence[Any], *, out: Any = None, **options: Any
) -> Any:
    """What a ufunc of NumPy's, or its method `kind`, gives where an input is an Array or a Scalar.

    Raises InvalidOperand, naming the function, if it has no exact form.
    """
    with _Told():
        return _of_ufunc(ufunc, kind, inputs, out, options)


def _of_ufunc(
    ufunc: np.ufunc, kind: str, inputs: Sequence[Any], out: Any, options: dict[str, Any]
) -> Any:
    name = ufunc.__name__
    if kind == "__call__" and out is None and not options:
        return wrapped(call(ufunc, inputs))
    if kind != "__call__":
        return wrapped(method(ufunc, kind, inputs, {**options, "out": out} if out else options))
    check_dtype(options.pop("dtype", None), name)
    for ignored in ("casting", "order", "subok"):
        options.pop(ignored, None)
    if set(options) - {"where"}:
        raise InvalidOperand(f"{name}: expected out or where; got {', '.join(sorted(options))}")
    result = call(ufunc, inputs, out=out, **options)
    return result if out and len(out) == 1 else wrapped(result)


def of_function(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What any other function of NumPy's gives where an argument is an Array or a Scalar.

    Raises InvalidOperand, naming the function, if it has no exact form.
    """
    with _Told():
        return wrapped(exact(function)(*args, **kwargs))


def _sort(self: Any, axis: Any = -1, **options: Any) -> None:
    self[...] = EXACT["sort"](self, axis, **options)


def _imatmul(self: Any, other: Any) -> Any:
    # NumPy's own says along which axes, as no other caller does.
    return np.matmul(self, other, out=self)


def _imag(self: Any) -> Any:
    """The imaginary parts: zeros."""
    return wrapped(constants(np.zeros(self.shape, dtype=int), "imag"))


def _method(name: str) -> Any:
    """The method that is a function of the same name, of this array first."""

    def function(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _Told():
            return wrapped(EXACT[name](self, *args, **kwargs))

    function.__name__ = name
    return function


def _bytes_by(name: str) -> Any:
    """The method that would read memory, in which an array of objects has addresses."""

    def method(self: Any, *_args: Any, **_options: Any) -> Any:
        refuse_bytes(self, name)

    return method


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

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        """What an elementwise function gives; InvalidOperand, naming it, if it has no exact form."""
        return of_ufunc(ufunc, method, inputs, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """What any other function gives; InvalidOperand, naming it, if it has no exact form."""
        return of_function(func, args, kwargs)

    # From Python 3.12 on `__buffer__` is asked by memoryview and hashlib too: before, nobody is.
    __buffer__: Any = _bytes_by("memoryview()")
    __bytes__: Any = _bytes_by("bytes()")
    data: Any = property(_bytes_by(".data"))

    imag: Any = property(_imag)
    __imatmul__: Any = _imatmul
    sort: Any = _sort
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

    def tobytes(self, order: Any = "C") -> bytes:
        """Those of floats, for a function that minigrad runs, which may want a key; refused elsewhere."""
        if not is_running():
            refuse_bytes(self, "tobytes()")
        return np.array([node._write() for node in self.flat]).reshape(self.shape).tobytes(order)

    def tolist(self) -> Any:
        """The elements in nested lists, where NumPy would have Python's numbers."""
        become_python_s(self)
        return super().tolist()

    def item(self, *place: Any) -> Any:
        """One element, where NumPy would have a number of Python's."""
        become_python_s(self)
        return super().item(*place)

    def astype(self, dtype: Any, *_args: Any, copy: Any = True, **_options: Any) -> Any:
        """The array itself, or a copy, for a float of any width: the exact elements stay.

        Every float has an exact value, so an array of exact numbers is already what was asked for; to
        round it would change values and cut the gradient. `object` gives a plain array of the same
        nodes, `bool` whether they are not 0. In a function that minigrad runs, which may want indices,
        ints are those of `int(x)`. Raises InvalidOperand for other types.
        """
        kind = np.dtype(dtype).kind
        if kind in "iu" and is_running():
            return np.array([int(node) for node in self.flat], dtype).reshape(self.shape)
        if kind == "O":
            return np.array(self.view(np.ndarray), copy=True)
        if kind == "b":
            return truth(self, "astype")
        if not keeps_exact(dtype):
            check_dtype(dtype, "astype")
        return self.copy() if copy else self

    def __deepcopy__(self, memo: dict[int, Any] | None) -> Array:
        # One list of all, so that shared nodes stay shared and nothing recurses along the graph.
        nodes = copy.deepcopy(self.view(np.ndarray).ravel().tolist(), memo)
        result: Objects = np.empty(self.size, dtype=object)
        result[:] = nodes
        return cast(Array, result.reshape(self.shape).view(Array))

    def __repr__(self) -> str:
        text = np.array2string(
            self.view(np.ndarray), separator=", ", prefix="Array(", threshold=60, edgeitems=3
        )
        return f"Array({text})"
