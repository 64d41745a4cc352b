"""What stands in an array: Scalars and numbers, each kept as the object that it is.

    >>> import numpy as np
    >>> items(np.array([0.1], dtype=np.float32), "sum")[0]
    np.float32(0.1)

NumPy's own way to an array of objects, `astype(object)`, turns a float32 0.1 into the double
0.10000000149011612, and `np.array` of a list makes all its numbers of one kind first. Here each number
keeps its type until it meets a Scalar, which reads it by its own shortest text.

Everything in this module, and in those that work on arrays, is about plain arrays of objects; only
`minigrad.exact_numpy.ndarray` knows the class that they are handed out in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeAlias

import numpy as np

from minigrad import exact
from minigrad.errors import InvalidOperand, describe
from minigrad.number import is_nan
from minigrad.reading import is_running
from minigrad.scalar import Scalar, met

__all__ = [
    "Objects",
    "become_python_s",
    "check_dtype",
    "check_keeps",
    "constant",
    "constants",
    "deliver",
    "filled",
    "items",
    "keeps_exact",
    "mapped",
    "raw",
    "refuse_bytes",
    "scalars_in",
    "target",
    "truth",
    "unsupported",
]

Objects: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_SEQUENCES = (list, tuple, range)


def raw(value: object, where: str) -> Objects:
    """`value` as an array of objects, whatever they are; InvalidOperand for ragged nesting.

    An array of objects comes back as a view, so that writing into the result writes into it.
    """
    if isinstance(value, np.matrix):
        raise InvalidOperand(
            f"{where}: expected an array; got a matrix of NumPy's, whose * is the matrix product: "
            "np.asarray makes an array of it"
        )
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return value.view(np.ndarray)
        result: Objects = np.empty(value.shape, dtype=object)
        result.ravel()[:] = list(value.flat)
        return result
    if isinstance(value, _SEQUENCES):
        return _nested(value, where)
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return raw(np.asarray(value), where)
    single: Objects = np.empty((), dtype=object)
    single[()] = value
    return single


def _nested(values: Any, where: str) -> Objects:
    rows = [raw(value, where) for value in values]
    shapes = {row.shape for row in rows}
    if len(shapes) > 1:
        raise InvalidOperand(
            f"{where}: expected rows of one shape; got the shapes "
            f"{', '.join(str(shape) for shape in sorted(shapes))}"
        )
    result: Objects = np.empty((len(rows), *(shapes.pop() if shapes else ())), dtype=object)
    for i, row in enumerate(rows):
        # An element of an array of objects would take an array without axes as the object.
        result[i] = row if row.ndim else row[()]
    return result


def items(value: object, where: str) -> Objects:
    """`value` as an array of objects, all of them Scalars or numbers; InvalidOperand otherwise.

    Infinities are let through, for comparisons; NaN is InvalidNumber, but for the runs of programs.
    """
    array = raw(value, where)
    known = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    for item in () if known else array.flat:
        if isinstance(item, Scalar) or (is_nan(item) and is_running()):
            continue
        if exact.ordinate(item) is None:
            raise InvalidOperand(
                f"{where}: expected Scalars and numbers; got {describe(item)} among them"
            )
    return array


def constant(value: object, where: str) -> Scalar:
    """A Scalar as it is, and a number as a constant; InvalidOperand for anything else."""
    if isinstance(value, Scalar):
        return value
    found = met(value)
    if found is None:
        raise InvalidOperand(f"{where}: expected a Scalar or a number; got {describe(value)}")
    return found


def constants(value: object, where: str) -> Objects:
    """`value` as an array of Scalars: those in it as they are, its numbers as constants."""
    return filled(raw(value, where), where)


def filled(array: Objects, where: str) -> Objects:
    """`array` itself if all of it are Scalars, else a copy with constants in the place of numbers."""
    numbers = [i for i, item in enumerate(array.flat) if not isinstance(item, Scalar)]
    if not numbers:
        return array
    result = array.copy()
    for i in numbers:
        result.flat[i] = constant(array.flat[i], where)
    return result


def become_python_s(value: object) -> None:
    """Take note that a program takes the Scalars in `value` for numbers of Python's."""
    for item in raw(value, "tolist").flat:
        if isinstance(item, Scalar):
            item._become_python_s()


def truth(value: object, where: str) -> Any:
    """An array of bools: whether each element is not 0, asked with `!=` so that it counts as asked."""
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return value
    if isinstance(value, (bool, np.bool_)):
        return np.asarray(value)
    array = items(value, where)
    result = np.empty(array.shape, dtype=bool)
    result.ravel()[:] = [bool(item != 0) for item in array.flat]
    return result


def scalars_in(value: object) -> bool:
    """Whether a Scalar stands anywhere in lists, tuples and arrays of objects."""
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(item, Scalar) for item in value.flat)
    if isinstance(value, (list, tuple)):
        return any(map(scalars_in, value))
    return isinstance(value, Scalar)


def keeps_exact(dtype: Any) -> bool:
    """Whether a dtype asks for what an exact array has already: a float of any width, or objects."""
    return dtype is None or np.dtype(dtype).kind in "fO"


def check_dtype(dtype: object, where: str) -> None:
    """Raise InvalidOperand for a dtype that exact numbers would have to be rounded to."""
    if not keeps_exact(dtype):
        raise InvalidOperand(
            f"{where}: expected dtype to be float or None, which keep the exact numbers; got "
            f"{describe(dtype)}: read them out with minigrad.values first"
        )


def refuse_bytes(value: object, by: str) -> NoReturn:
    """Raise InvalidOperand where the bytes of an array of Scalars are read; a leak of each of them."""
    for item in raw(value, by).flat:
        if isinstance(item, Scalar):
            item._leave(by)
    raise InvalidOperand(
        f"{by}: expected an array of floats; got one of Scalars, whose bytes are those of addresses and "
        "no numbers: take them of minigrad.values(x, dtype=float)"
    )


def check_keeps(first: object, others: object, where: str) -> None:
    """Raise InvalidOperand where Scalars among `others` would get the type of `first`, an array of ints.

    NumPy cuts what it puts beside or in the place of ints down to ints, and the gradient with it.
    """
    if scalars_in(first) or not scalars_in(others):
        return
    dtype = np.asarray(first).dtype
    if dtype.kind in "biu":
        raise InvalidOperand(
            f"{where}: expected an array of floats, as dtype=float makes it, to go with Scalars; got one "
            f"of {dtype}, to which they would be rounded without gradient"
        )


def deliver(result: Any, out: Any, where: str, *, mask: Any = True) -> Any:
    """`result`, or `out` with the result in it: an array of objects, for a float has no gradient."""
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        return result
    is_plain = isinstance(result, np.ndarray) and result.dtype != object
    if is_plain or isinstance(result, (bool, np.generic)):
        np.copyto(out, result, where=mask)
        return out
    np.copyto(target(out, where), constants(result, where), where=mask)
    return out


def target(out: object, where: str) -> Objects:
    """`out` as the array of objects to write Scalars into; InvalidOperand for any other array."""
    if not isinstance(out, np.ndarray) or out.dtype != object:
        kind = f"an array of {out.dtype}" if isinstance(out, np.ndarray) else describe(out)
        raise InvalidOperand(
            f"{where}: expected a minigrad.array to write Scalars into; got {kind}, "
            "which would keep their rounded values and lose their gradients"
        )
    return out.view(np.ndarray)


def mapped(function: Callable[..., Any], arrays: Iterable[Objects]) -> Any:
    """`function` of the elements of arrays that broadcast; a bare result where no axis is left."""
    arrays = list(arrays)
    # What exact arithmetic sets in the flags of the processor is no overflow.
    with np.errstate(all="ignore"):
        return np.frompyfunc(function, len(arrays), 1)(*arrays)


def unsupported(name: str) -> InvalidOperand:
    """The error for what NumPy can do with floats only; a ufunc of SciPy counts as NumPy's."""
    path = f"np.{name}"
    if "." not in name and not hasattr(np, name):
        path = f"scipy.special.{name}"
    return InvalidOperand(
        f"{path} has no exact form for Scalars: expected + - * / // % **, comparisons, or one of the "
        "exact functions, among them exp, log, sqrt, sin, tanh, sum, mean, std, prod, dot, einsum, "
        "maximum, clip, where, sort, concatenate and linalg.solve; for a float without gradient take "
        f"{path} of minigrad.values(x, dtype=float)"
    )
