"""Norms of vectors and matrices of Scalars: `numpy.linalg.norm` and its kin, as far as they are exact.

    >>> from minigrad import Scalar
    >>> import numpy as np
    >>> x = np.array([[Scalar(3), Scalar(4)], [Scalar(0), Scalar(1)]])
    >>> [row.data for row in norm(x, axis=1)], norm(x).data
    ([Fraction(5, 1), Fraction(1, 1)], sqrt(26))

The Euclidean one is the operator `norm`, one node for each vector, whose derivative at 0 is 0. Those of
order 1 and infinity are made of absolute values, sums and maxima, and any other order p is the p-th
root of a sum of powers. Norms of matrices that take singular values have no exact form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import functions
from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.contract import normal_axes
from minigrad.exact_numpy.items import Objects, constant, constants, mapped
from minigrad.exact_numpy.ufuncs import greatest, least, reduced

__all__ = ["EXACT", "norm"]


def norm(x: Any, *args: Any, **kwargs: Any) -> Any:
    """The norm of all of `x`, or of the vectors along one axis, or of the matrices along two.

    It takes `ord`, `axis` and `keepdims` as NumPy's does. Raises InvalidOperand for an order that has no
    exact form.
    """
    options = dict(zip(("ord", "axis", "keepdims"), args, strict=False)) | kwargs
    order, axis = options.get("ord"), options.get("axis")
    keepdims = bool(options.get("keepdims"))
    array = constants(x, "norm")
    over = normal_axes(axis, array.ndim)
    if axis is not None and not 1 <= len(over) <= 2:
        raise InvalidOperand(f"norm: expected one axis or two; got {describe(axis)}")
    if order is None or (len(over) == 2 and isinstance(order, str) and order == "fro"):
        return reduced(functions.norm, [array], axis, keepdims=keepdims)
    if len(over) == 1:
        return _of_vectors(array, order, axis, keepdims=keepdims)
    if len(over) == 2 and _is_one_of(order, (1, -1, np.inf, -np.inf)):
        return _of_matrices(array, order, over, keepdims=keepdims)
    raise InvalidOperand(
        "norm: expected ord to be None or, of vectors, a number, or of matrices one of 'fro', 1, -1, inf "
        f"and -inf; got ord={describe(order)} over {len(over)} axes"
    )


def _is_one_of(order: Any, known: tuple[Any, ...]) -> bool:
    return isinstance(order, (int, float, np.number)) and order in known


def _of_vectors(array: Objects, order: Any, axis: Any, *, keepdims: bool) -> Any:
    if isinstance(order, (bool, str)) or not isinstance(order, (int, float, np.number)):
        raise InvalidOperand(f"norm: expected ord to be a number; got {describe(order)}")

    def of_one(row: Sequence[Any]) -> Any:
        if order == 2:
            return functions.norm(row)
        if order == 0:
            return functions.sum([1 if x != 0 else 0 for x in row])
        sizes = [abs(x) for x in row]
        if order == 1:
            return functions.sum(sizes)
        if order in (np.inf, -np.inf):
            return greatest(sizes) if order > 0 else least(sizes)
        return functions.sum([size**order for size in sizes]) ** _inverse(order)

    return reduced(of_one, [array], axis, keepdims=keepdims)


def _inverse(order: Any) -> Any:
    """1/p, where a float's own quotient would be rounded."""
    return 1 / constant(order, "norm").data


def _of_matrices(array: Objects, order: Any, over: list[int], *, keepdims: bool) -> Any:
    inside = over[0] if order in (1, -1) else over[1]
    sums = reduced(functions.sum, [mapped(abs, (array,))], inside, keepdims=True)
    return reduced(greatest if order > 0 else least, [sums], over, keepdims=keepdims)


def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, **order: Any) -> Any:
    array = constants(x, "vector_norm")
    over = normal_axes(axis, array.ndim)
    kept = [i for i in range(array.ndim) if i not in over]
    lengths = [array.shape[i] for i in kept]
    rows = array.transpose(kept + over).reshape(*lengths, -1)
    found = constants(norm(rows, order.get("ord", 2), -1), "vector_norm")
    final = [1 if i in over else array.shape[i] for i in range(array.ndim)] if keepdims else lengths
    return found.reshape(final)[()]


def _matrix_norm(x: Any, /, *, keepdims: Any = False, **order: Any) -> Any:
    return norm(x, order.get("ord", "fro"), (-2, -1), keepdims)


EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "linalg.matrix_norm": _matrix_norm,
    "linalg.norm": norm,
    "linalg.vector_norm": _vector_norm,
})  # fmt: skip
"""NumPy's functions of this kind, by name."""
